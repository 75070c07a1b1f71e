//! Follows a list from page to page, and gives up on one that doesn't end.

use std::collections::HashSet;

use desk_core::basics::problem::Problem;

/// Pages of one list. At 500 users a page that is more users than an instance has.
pub const PAGES_MAX: usize = 250;

/// Items of one list.
pub const ITEMS_MAX: usize = 100_000;

/// So many pages may be thin or empty, as a filter leaves them. From then on they have to hold this many items on average:
/// what gives one by one costs the quota of an operation and gets nowhere.
pub const THIN_MAX: usize = 20;
const ITEMS_MIN: usize = 25;

/// Where one list has been followed to.
pub struct Pages {
    operation: &'static str,
    seen: HashSet<String>,
    items: usize,
}

impl Pages {
    pub fn of(operation: &'static str) -> Pages {
        Pages { operation, seen: HashSet::new(), items: 0 }
    }

    /// Takes note of a page with so many items. Gives the token of the next one, and nothing at the end of the list.
    pub fn next(&mut self, items: usize, token: Option<String>) -> Result<Option<String>, Problem> {
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
