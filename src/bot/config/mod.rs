//! The desk's configuration: one TOML file, every mistake named with its line before anything starts.

mod checks;
mod digest;
mod letters;
mod operations;
mod people;
mod platforms;
mod read;
mod salesforce;

pub use operations::{Format, Monitoring, ProgramLog};
pub(crate) use read::A_MONDAY;
pub use read::{Config, ConfigErrors, ContactCenter, Discord, Transport, parse, read};
pub use salesforce::Salesforce;

/// The version of the form of the file, which it may say as `version`.
pub const VERSION: u32 = 1;
