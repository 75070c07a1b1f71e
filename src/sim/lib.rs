//! The practice contact center: Amazon Connect's REST API on loopback, for lessons, for trying things out, and for tests.
//!
//! Beside it answers the directory that keeps the passwords of an instance with an existing one.
//!
//! The AWS CLI, boto3 and `aws-sdk-connect` work against it by endpoint URL alone; any credentials will do. It carries out
//! the operations that administer users and what belongs to them. It handles no contacts, and it is no security boundary.

mod answer;
mod check;
mod clock;
mod contract;
mod control;
mod error;
mod faults;
mod handling;
mod ids;
mod journal;
mod limits;
mod operations;
mod options;
mod page;
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
