//! What a command would do, as data: shown, hashed, approved, logged and carried out as one and the same value.

mod affected;
mod difference;
pub mod effect;
mod executor;
mod impact;
mod presence;
mod scope;
mod until;
mod value;

pub use affected::AffectedUser;
pub use effect::{Effect, LeastApproval, Nature, Password, PlanContext, UserOutcome, Whom};
pub use executor::{Attempt, Direction, Executor, Facts, Failure, StepKey};
pub use impact::Impact;
pub use presence::{ActiveAgent, OnContact, Presence, QueueStaffing};
pub use scope::Scope;
pub use until::Until;
pub use value::{Plan, PlanDigest, Row, Step};
