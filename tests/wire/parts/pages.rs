//! Lists that do not end.

use connect_desk::pages::{ITEMS_MAX, PAGES_MAX, Pages, THIN_MAX};

/// How many pages are read of a list whose pages have so many items and these tokens.
fn followed(items: usize, tokens: impl Iterator<Item = String>) -> (usize, bool) {
    let mut pages = Pages::of("ListUsers");
    for (read, token) in tokens.enumerate() {
        match pages.next(items, Some(token)) {
            Ok(Some(_)) => {}
            Ok(None) => return (read + 1, true),
            Err(_) => return (read + 1, false),
        }
    }
    panic!("it is followed for ever")
}

#[test]
fn a_list_that_does_not_end_is_left() {
    let fresh = || (0..).map(|token: u32| token.to_string());
    assert_eq!(followed(100, fresh()), (PAGES_MAX, false));
    assert_eq!(followed(1_000, fresh()), (ITEMS_MAX / 1_000 + 1, false));
    assert_eq!(followed(0, fresh()), (THIN_MAX, false));
    assert_eq!(followed(1, fresh()), (THIN_MAX, false));
    assert_eq!(followed(1, std::iter::repeat("same".to_owned())), (2, false));
    assert_eq!(followed(1, ["a", "b", "c", "a"].map(str::to_owned).into_iter()), (4, false));
    assert_eq!(followed(0, ["a", "b", ""].map(str::to_owned).into_iter()), (3, true));
}
