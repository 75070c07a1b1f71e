//! How requests begin in tests.

#![allow(dead_code, reason = "each test target uses a part of it")]

use desk_core::basics::ids::Platform;
use desk_core::basics::roles::{Place, Role};
use desk_core::log::Event;
use desk_core::plan::Plan;
use desk_core::policy::Requirements;
use desk_core::words::Args;
use jiff::Timestamp;

/// A channel at the console.
pub fn place() -> Place {
    Place { platform: Platform::Console, channel: "1".to_owned(), private: false, parent: None }
}

pub fn requested(command: &str, args: Args, roles: &[Role], rule: &str) -> Event {
    let (command, rule) = (command.to_owned(), rule.to_owned());
    Event::Requested { command, args, place: place(), roles: roles.to_vec(), rule }
}

pub fn planned(plan: &Plan, needs: Requirements, expires: Timestamp) -> Event {
    let (plan, digest) = (Box::new(plan.clone()), plan.digest());
    Event::Planned { plan, digest, needs, live: Default::default(), expires, same_as: None }
}

/// What a rule wants that wants nothing.
pub fn needs_nothing() -> Requirements {
    let needs = r#"{"rule":"a rule","confirm":false,"approvals":0,"expires_minutes":60}"#;
    serde_json::from_str(needs).unwrap()
}
