//! The desk's configuration: one TOML file, every mistake named with its line before anything starts.

mod checks;
mod digest;
mod discord;
mod email;
mod operations;
mod outside;
mod people;
mod read;
mod salesforce;
mod schedule;

pub use discord::{Discord, Transport};
pub use operations::{Format, Monitoring, ProgramLog, VERSION};
pub use outside::{ChatSections, Systems};
pub(crate) use read::A_MONDAY;
pub use read::{Config, ConfigErrors, ContactCenter, parse, read};
pub use salesforce::Salesforce;
