//! What several commands are made of: whom they mean, and parts of plans.

use desk_core::command::Ask;
use desk_core::plan::Plan;

pub(crate) mod ccp_log;
pub(crate) mod edit_plan;
pub(crate) mod filter;
pub(crate) mod letters;
pub(crate) mod people;
pub(crate) mod profile;
pub(crate) mod quick_connects;
pub(crate) mod remove_plan;
pub(crate) mod request_history;
pub(crate) mod restoration;
pub(crate) mod revert;
pub(crate) mod salesforce;
pub(crate) mod users;

/// A part of a plan: what is done about one user. Parts are carried out side by side, and one that fails is undone alone.
pub(crate) trait Part {
    /// Adds its steps, and all that has to be said about them, to the plan as this part.
    fn add_to(self, ask: &Ask<'_>, plan: &mut Plan, part: u32);
}
