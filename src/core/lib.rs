//! Words and rules of the desk: commands, roles, policy, plans, approvals, the log and the saga.
//!
//! Nothing here knows a chat platform, AWS, a disk, a runtime or a clock. Those are behind the traits in [`ports`], [`center`],
//! [`log`] and [`plan`]; the adapters are in the `connect-desk` package. A room uses the rooms above it in this list and no other.

pub mod basics;

pub mod card;
pub mod ports;

pub mod words;

pub mod profile;

pub mod center;

pub mod email;
pub mod user;

pub mod formats;

pub mod plan;

pub mod policy;

pub mod log;

pub mod request;

pub mod assess;

pub mod command;

pub mod view;

pub mod policy_tools;

pub mod desk;

pub mod chat;
