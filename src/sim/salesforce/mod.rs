//! The practice Salesforce: the part of Salesforce's REST API that the desk uses, on loopback, for lessons and tests.
//!
//! Any client can use it: it issues tokens for signed assertions and client credentials, answers a part of SOQL, and reads and
//! writes users, logins, permission sets, their assignments and call centers by Salesforce's rules. `/_salesforce/` orders
//! faults and shows what happened. It is no security boundary.

mod answer;
mod call;
mod control;
mod ids;
mod org;
mod schema;
mod seed;
mod serving;
mod soql;
mod state;
mod token;

pub use seed::{API_USER, CLIENT_ID, CLIENT_SECRET};
pub use state::{Options, Salesforce};
