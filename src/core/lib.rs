//! Words and rules of the desk: commands, roles, policy, plans, approvals, the log and the saga.
//!
//! Nothing here knows a chat platform, AWS, a disk, a runtime or a clock. Those stand behind the traits in
//! [`ports`] and [`center`]; the adapters live in the `connect-desk` package.
//!
//! The modules that do (`flow`, `saga`) use the ones that are pure values, never the other way round.

pub mod address;
pub mod approval;
pub mod card;
pub mod ccplog;
pub mod ceiling;
pub mod center;
pub mod changes;
pub mod command;
pub mod coverage;
pub mod details;
pub mod digest;
pub mod emergency;
pub mod entitled;
pub mod explain;
pub mod export;
pub mod flow;
pub mod freeze;
pub mod health;
pub mod hours;
pub mod ids;
pub mod impact;
pub mod letters;
pub mod lint;
pub mod live;
pub mod log;
pub mod names;
pub mod plan;
pub mod policy;
pub mod ports;
pub mod problem;
pub mod record;
pub mod references;
pub mod replay;
pub mod request;
pub mod roles;
pub mod rule_set;
pub mod saga;
pub mod sheet;
pub mod site;
pub mod text;
pub mod user_change;
pub mod view;
pub mod words;
