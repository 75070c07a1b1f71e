//! What the desk needs from the outside, beside the contact center's reading half ([`crate::center`]), the log
//! ([`crate::log`]) and what carries effects out ([`crate::plan`]).

mod clock;
pub mod health;
mod inbox;
mod people;
mod salesforce;
mod secrets;

pub use clock::{CLOCK_SLACK, Clock, is_ahead, is_over};
pub use inbox::{Inbox, IncomingFile, NoInbox};
pub use people::{People, RateLimited, RateLimits, Watcher};
pub use salesforce::{
    CallCenter, HeldSet, PermissionSet, SalesforceOrg, SalesforceUser, own_salesforce_user,
};
pub use secrets::{
    CODE_LASTS, CODE_TRIES, CODES_EMAILED, Caller, CallerCodes, Enrolled, Factors, Files, Vault,
};
