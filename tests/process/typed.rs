//! Whatever bytes come in as lines, each is answered and the next one is read.

use std::io::Write as _;

use crate::{finish, play};

#[test]
fn a_line_that_is_no_text_or_too_long_is_answered_and_play_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = play(folder.path(), &["--unthrottled"]);
    let mut lines: Vec<u8> = b"/connect show j\xf6hn.doe\n".to_vec();
    lines.extend(b"\xff\xfe\x00\n");
    lines.extend(b"/connect show \xc3");
    lines.extend(b"\n/connect show ");
    lines.extend(vec![b'x'; 3_000_000]);
    lines.extend(b"\r\n\n/desk whoami\r\n/desk deny ");
    lines.extend(vec![b'"'; 100_000]);
    lines.extend(b"\n/connect show jane.doe");
    let mut stdin = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || stdin.write_all(&lines).unwrap());
    let seen = finish(child);
    writing.join().unwrap();
    assert_eq!(seen.matches("isn't UTF-8 text").count(), 3, "{seen}");
    assert_eq!(seen.matches("has more than").count(), 2, "{seen}");
    assert!(seen.contains("You are `helpdesk`"), "the lines between are heard: {seen}");
    assert!(seen.contains("jane.doe@example.com"), "the last line is heard, also without an end: {seen}");
    assert!(seen.len() < 200_000, "what is too long is not repeated: {} bytes", seen.len());
}
