//! The training is what newcomers type line by line, so every answer in it is the desk's own.

use crate::{run, text};

#[test]
fn the_training_is_answered_as_it_is_written() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("training");
    let out = run(&["play", "--script", "docs/training.md", "--fresh", "--state", folder.to_str().unwrap()]);
    assert!(out.status.success(), "{}{}", text(&out.stdout), text(&out.stderr));
}
