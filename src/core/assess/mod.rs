//! What a plan would do to whom: how much that is, who has to have a word in it, and what stands out. Computed from the plan's
//! effects alone, so that it is the same whichever command made the plan.
//!
//! A plan that its requester may not bring about is refused here: it touches or makes someone who may do more than the
//! requester may give, or gives the requester something.

mod assessor;
pub mod presence;
pub mod record;
pub mod references;
pub mod user_change;

pub use assessor::{Assessor, OPERATIONS, SETTLED, above_ceiling, leaves_no_administrator};
