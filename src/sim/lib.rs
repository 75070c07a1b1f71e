//! The practice contact center: Amazon Connect's REST API on loopback, for lessons, for trying things out, and for tests.
//!
//! It also answers for the directory that keeps the passwords of an instance with an existing one, and for Service Quotas.
//!
//! The AWS CLI, boto3 and `aws-sdk-connect` work against it by endpoint URL alone; any credentials will do. It carries out
//! the operations that administer users and everything that they work with. No customer can call it: contacts are only as real as
//! lessons need them. It is no security boundary.

mod answer;
mod answering;
mod call;
mod check;
mod clock;
mod contract;
mod control;
mod error;
mod faults;
mod handling;
mod hours;
mod identity;
mod ids;
pub mod journal;
mod limits;
mod operations;
mod options;
mod page;
mod presence;
mod quota;
mod report;
pub mod salesforce;
mod seed;
mod server;
mod sim;
mod store;
mod world;

pub use clock::{BoxFuture, Clock, ManualClock, SystemClock};
pub use error::SimError;
pub use options::{IdentityType, IdentityTypeError, Limits, Options, Seed, SeedError};
pub use server::bind;
pub use sim::{ConnectionDropped, Sim};
