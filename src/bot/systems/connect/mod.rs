//! Amazon Connect through aws-sdk-connect: the one implementation of the contact-center port.
//!
//! `read` looks, `effects` brings effects about; both go through [`call::Caller`], which knows the quota, the retries and
//! what a fault means. Practice and tests point its endpoint at `connect-desk sim`; nothing else differs.

mod bare;
pub mod body;
mod cached;
mod call;
mod client;
mod convert;
mod effects;
mod export;
mod hierarchy;
mod hours;
mod limits;
mod lists;
mod live;
mod patience;
mod probe;
mod quick_connects;
mod read;
mod ready;
pub mod refusals;
mod routing;
mod security;
mod whole;

pub use client::{Connect, Options};
pub(crate) use effects::AsApply;
pub use limits::{Buckets, Limit, Limits};
pub use patience::Patience;
pub(crate) use probe::Tried;
pub use ready::NotReady;
pub(crate) use whole::QUOTAS_NOT_ALLOWED;
