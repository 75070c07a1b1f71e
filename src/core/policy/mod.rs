//! Who may ask for what, and which yes it needs: a list of rules, the first that matches decides, none means no.

mod emergencies;
pub mod rule_set;
mod rules;
pub mod schedule;
pub mod site;

pub use emergencies::{Emergencies, Shift, gaps_and_overlaps};
pub use rules::{APPROVE, DETAILS, SHOW};
pub use rules::{Action, Escalation, Policy, Quorum, Reason, Requirements, Rule, Target};
