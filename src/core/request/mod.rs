//! A request as the fold of its lines. A line that may not follow the ones before it is an error, not a surprise.

pub mod approval;
mod deferral;
pub mod emergency;
pub mod entitled;
pub mod export;
mod fold;
pub mod freeze;
mod open;
pub mod verb;

pub use entitled::DecisionArgs;
pub use fold::{
    Approval, Deferral, First, Hold, IllegalLine, PartMove, Phase, Planned, Request, Retyped, Review,
    SHOWN_AGAIN, Seen, StepState, Unrecorded, Unsealed,
};
pub use open::{by_freeze, is_due, is_to_be_told, overdue, temporary};
pub use verb::{Decision, Verb};
