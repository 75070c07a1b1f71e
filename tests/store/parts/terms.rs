//! How line numbers are kept in the index.

use connect_desk::store::terms::{decode, encode};

#[test]
fn line_numbers_come_back_as_they_went_in() {
    let lines = [3, 4, 131, 132, 20_000, 3_000_000, u64::MAX];
    assert_eq!(decode(3, &encode(&lines)).unwrap(), lines);
    assert_eq!(decode(3, &[]).unwrap(), [3]);
    assert_eq!(decode(3, &[0x80]), None);
    assert_eq!(decode(3, &[0]), None);
    assert_eq!(decode(u64::MAX, &[1]), None);
}
