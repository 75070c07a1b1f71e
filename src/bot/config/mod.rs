//! The desk's configuration: one TOML file, every mistake named with its line before anything starts.

mod checks;
mod digest;
mod email;
mod operations;
mod people;
mod platforms;
mod read;
mod salesforce;
mod schedule;

pub use operations::{Format, Monitoring, ProgramLog, VERSION};
pub(crate) use read::A_MONDAY;
pub use read::{Config, ConfigErrors, ContactCenter, Discord, Transport, parse, read};
pub use salesforce::Salesforce;
