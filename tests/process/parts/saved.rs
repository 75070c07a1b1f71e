//! Files of cards at the console.

use std::fs;

use connect_desk::console::saved::save;
use desk_core::card::{Block, Card, Tone};
use jiff::Timestamp;

#[test]
fn a_file_is_saved_for_its_owner_alone_and_inside_the_folder() {
    let state = tempfile::tempdir().unwrap();
    let block = Block::File { name: "../../a b.csv".to_owned(), text: "row".to_owned() };
    let card = Card::new(Tone::Plain, "A file").block(block);
    let now: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
    let said = save(&card, state.path(), now);
    assert_eq!(
        said,
        ["`../../a b.csv` is saved in the state folder as `files/20261120-090000-.._.._a_b.csv`."]
    );
    let path = state.path().join("files/20261120-090000-.._.._a_b.csv");
    assert_eq!(fs::read_to_string(&path).unwrap(), "row");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
