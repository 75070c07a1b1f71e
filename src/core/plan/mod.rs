//! What a command would do, as data: shown, hashed, approved, logged and carried out as one and the same value.

mod effect;
mod executor;
mod impact;
mod presence;
mod scope;
mod value;

pub use effect::{Effect, Password};
pub use executor::{Attempt, Direction, Executor, Failure, StepKey};
pub use impact::Impact;
pub use presence::{ActiveAgent, OnContact, Presence, QueueStaffing};
pub use scope::Scope;
pub use value::{AffectedUser, Plan, PlanDigest, Row, Step};
