//! What several commands are made of: whom they mean, and parts of plans.

pub(crate) mod center_back;
pub(crate) mod edit_plan;
pub(crate) mod filter;
pub(crate) mod grouping;
pub(crate) mod hierarchy;
pub(crate) mod letters;
pub(crate) mod opening;
pub(crate) mod people;
pub(crate) mod profile;
pub(crate) mod quick_connects;
pub(crate) mod remove_plan;
pub(crate) mod request_history;
pub(crate) mod restoration;
pub(crate) mod revert;
pub(crate) mod salesforce;
pub(crate) mod security;
pub(crate) mod users;
