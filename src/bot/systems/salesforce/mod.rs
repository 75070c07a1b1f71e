//! Salesforce, where agents have a softphone: its REST API, for the few things that a help desk does there.
//!
//! `sign_in` and `call` are the way in, `faults` says what an answer means. What can be done is one file each: `users` finds
//! and reads, `permission_sets`, `call_centers` and `logins` look at one thing and change it. Practice and tests point it at
//! `desk_sim::salesforce`; nothing else differs.

mod before;
pub mod call;
mod call_centers;
mod client;
mod effects;
pub mod faults;
mod http;
mod ids;
mod logins;
mod org;
mod parse;
mod permission_sets;
mod section;
mod settings;
pub mod sign_in;
pub mod soql;
mod users;

pub(crate) use effects::SalesforceEffects;
pub(crate) use settings::VARIABLES;

pub use call::Usage;
pub use call_centers::CallCenter;
pub use client::Salesforce;
pub use ids::RecordId;
pub use permission_sets::{Assignment, PermissionSet};
pub use settings::{Patience, Settings, SignIn, Site, UserField, UserRule};
pub use users::{Agent, Found, Status, User};
