//! What several commands are made of: whom they mean, and parts of plans.

pub(crate) mod edit_plan;
pub(crate) mod filter;
pub(crate) mod letters;
pub(crate) mod people;
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
pub(crate) mod slots;
pub(crate) mod users;
