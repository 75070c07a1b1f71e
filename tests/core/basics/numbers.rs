//! Numbers as a spreadsheet shows them.

use desk_core::basics::numbers::{Scientific, scientific};

#[test]
fn a_number_in_scientific_notation_is_read_where_all_of_it_is_there() {
    let whole = |digits: &str| Some(Scientific::Whole(digits.to_owned()));
    for (typed, read) in [
        ("1.2025550123E+10", whole("12025550123")),
        ("1,2025550123E+10", whole("12025550123")),
        ("1.20256E+10", Some(Scientific::Cut)),
        ("1.2E+10", Some(Scientific::Cut)),
        ("3e2", whole("300")),
        ("3.00E+02", whole("300")),
        ("1.5E+0", Some(Scientific::Cut)),
        ("john.e2", None),
        ("12", None),
        ("e5", None),
    ] {
        assert_eq!(scientific(typed), read, "{typed}");
    }
}
