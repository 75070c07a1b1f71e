//! Passwords as they are made, and secrets as they are sealed.

use connect_desk::store::vault::{CLASSES, LENGTH, Sealer, password};
use desk_core::basics::ids::RequestNo;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretBox;

fn sealer(byte: u8) -> Sealer {
    Sealer::new(SecretBox::new(Box::new([byte; 32])), SignedDuration::from_hours(24))
}

#[test]
fn a_password_is_what_amazon_connect_takes_and_people_can_read_aloud() {
    let mut seen = [0usize; 256];
    for _ in 0..2_000 {
        let password = password().unwrap();
        let text = password.show();
        assert_eq!(text.len(), LENGTH);
        assert!(text.bytes().any(|b| b.is_ascii_lowercase()));
        assert!(text.bytes().any(|b| b.is_ascii_uppercase()));
        assert!(text.bytes().any(|b| b.is_ascii_digit()));
        assert!(!text.contains(|c: char| c.is_whitespace() || "0O1lIo".contains(c)));
        text.bytes().for_each(|b| seen[usize::from(b)] += 1);
    }
    for (class, how_many) in CLASSES {
        // So often on average; three tenths off would be six standard deviations and more.
        let mean = 2_000 * how_many / class.len();
        for letter in class {
            let n = seen[usize::from(*letter)];
            assert!(n > mean * 7 / 10 && n < mean * 13 / 10, "{} {n} {mean}", *letter as char);
        }
    }
}

#[test]
fn what_is_sealed_opens_with_its_key_for_its_request_and_unaltered() {
    let now: Timestamp = "2026-11-20T03:14:00Z".parse().unwrap();
    let sealed = sealer(1).seal(RequestNo(7), "hunter2hunter2", now).unwrap();
    assert_eq!(sealer(1).open(RequestNo(7), &sealed).unwrap().show(), "hunter2hunter2");
    assert!(sealer(2).open(RequestNo(7), &sealed).is_err());
    assert!(sealer(1).open(RequestNo(8), &sealed).is_err());
    for i in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[i] ^= 1;
        assert!(sealer(1).open(RequestNo(7), &altered).is_err(), "byte {i}");
    }
    assert!(!sealer(1).is_over(&sealed, now + SignedDuration::from_hours(23)));
    assert!(sealer(1).is_over(&sealed, now + SignedDuration::from_hours(24)));
}
