//! What several commands are made of: whom they mean, and parts of plans.

use desk_core::command::Ask;
use desk_core::plan::Plan;

pub(crate) mod among;
pub(crate) mod ccp_log;
pub(crate) mod center_back;
pub(crate) mod edit_plan;
pub(crate) mod emails;
pub(crate) mod filter;
pub(crate) mod findings;
pub(crate) mod grouping;
pub(crate) mod hierarchy;
pub(crate) mod hours;
pub(crate) mod opens;
pub(crate) mod password_elsewhere;
pub(crate) mod people;
pub(crate) mod presence;
pub(crate) mod profile;
pub(crate) mod queue_links;
pub(crate) mod queue_settings;
pub(crate) mod quick_connects;
pub(crate) mod remove_plan;
pub(crate) mod request_history;
pub(crate) mod restoration;
pub(crate) mod revert;
pub(crate) mod routing;
pub(crate) mod routing_back;
pub(crate) mod salesforce;
pub(crate) mod saml_check;
pub(crate) mod security;
pub(crate) mod set_back;
pub(crate) mod slots;
pub(crate) mod statuses;
pub(crate) mod statuses_back;
pub(crate) mod subject;
pub(crate) mod temporary;
pub(crate) mod time;
pub(crate) mod users;

/// A part of a plan: what is done about one user. Parts are carried out side by side, and one that fails is undone alone.
pub(crate) trait Part {
    /// Adds its steps, and all that has to be said about them, to the plan as this part.
    fn add_to(self, ask: &Ask<'_>, plan: &mut Plan, part: u32);
}
