//! Every effect, by what it is about.
//!
//! To add one, write its struct with [`EffectKind`], and its name in the list of `list.rs`; the adapter of its system doesn't compile
//! until it can bring it about, nor `/connect undo` until it can revert it.

mod desk;
mod directory;
mod enums;
mod hierarchy;
mod hours;
mod kind;
mod list;
mod mail;
mod queues;
mod quick_connects;
mod routing_profiles;
mod salesforce;
mod statuses;
mod tasks;
mod temporary;
mod users;

pub use desk::*;
pub use directory::*;
pub use hierarchy::*;
pub use hours::*;
pub use kind::{
    Detail, EffectKind, EffectNeeds, LeastApproval, Nature, PasswordKnown, PlanContext, UserOutcome, Whom,
};
pub use list::{
    CenterEffect, DeskEffect, DirectoryEffect, Effect, FinalEffect, Listed, MailEffect, RoutingEffect,
    SalesforceEffect, StatusEffect, UserEffect, Visitor,
};
pub use mail::*;
pub use queues::*;
pub use quick_connects::*;
pub use routing_profiles::*;
pub use salesforce::*;
pub use statuses::*;
pub use tasks::*;
pub use temporary::*;
pub use users::*;
