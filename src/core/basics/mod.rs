//! What everything else is made of: text, ids, problems, people's roles and hours.

pub mod address;
pub mod clean;
pub mod current;
pub mod hours;
pub mod ids;
pub mod logins;
pub mod numbers;
pub mod problem;
pub mod roles;
pub mod secret;
pub mod span;
pub mod text;
