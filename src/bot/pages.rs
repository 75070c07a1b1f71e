//! Follows a list from page to page, and gives up on one that doesn't end.

use std::collections::HashSet;

use desk_core::basics::problem::Problem;

/// Pages of one list. At 500 users a page that is more users than an instance has.
const PAGES_MAX: usize = 250;

/// Items of one list.
const ITEMS_MAX: usize = 100_000;

/// So many pages may be thin or empty, as a filter leaves them. From then on they have to hold this many items on average:
/// what gives one by one costs the quota of an operation and gets nowhere.
const THIN_MAX: usize = 20;
const ITEMS_MIN: usize = 25;

/// Where one list has been followed to.
pub(crate) struct Pages {
    operation: &'static str,
    seen: HashSet<String>,
    items: usize,
}

impl Pages {
    pub(crate) fn of(operation: &'static str) -> Pages {
        Pages { operation, seen: HashSet::new(), items: 0 }
    }

    /// Takes note of a page with so many items. Gives the token of the next one, and nothing at the end of the list.
    pub(crate) fn next(&mut self, items: usize, token: Option<String>) -> Result<Option<String>, Problem> {
        self.items += items;
        let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
        let pages = self.seen.len() + 1;
        let is_thin = pages >= THIN_MAX && self.items < pages * ITEMS_MIN;
        if self.items > ITEMS_MAX || is_thin || pages >= PAGES_MAX {
            return Err(self.endless("the list doesn't end"));
        }
        if !self.seen.insert(token.clone()) {
            return Err(self.endless("a page leads back to an earlier one"));
        }
        Ok(Some(token))
    }

    fn endless(&self, why: &str) -> Problem {
        tracing::error!(operation = self.operation, pages = self.seen.len() + 1, items = self.items, "{why}");
        Problem::contact_center(
            "endless_list",
            format!("Amazon Connect's answers to {} are inconsistent: {why}.", self.operation),
        )
        .hint("Try again in a few minutes. If it continues, open a case with AWS Support.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
