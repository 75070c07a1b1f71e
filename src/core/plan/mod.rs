//! What a command would do, as data: shown, hashed, approved, logged and carried out as one and the same value.

mod effect;
mod executor;
mod impact;
mod presence;
mod scope;
mod value;

pub use effect::{Effect, Password};
pub use executor::{Attempt, Direction, Failure, Hands, StepKey};
pub use impact::Touched;
pub use presence::{AtWork, Left, Live, OnContact};
pub use scope::Scope;
pub use value::{Plan, PlanDigest, Row, Step, Subject};
