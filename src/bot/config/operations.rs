//! How the desk is watched over: its own log, its port for monitoring, and what is said when it degrades.

use std::net::SocketAddr;
use std::path::PathBuf;

use desk_core::basics::text::code;
use serde::Deserialize;
use toml::Spanned;

use super::checks::Checks;

/// The version of the form of the file, which it may say as `version`.
pub const VERSION: u32 = 1;

/// The program's own log, which is not the approval log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramLog {
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub level: String,
    pub format: Format,
    /// None for standard error.
    pub file: Option<PathBuf>,
}

impl Default for ProgramLog {
    fn default() -> ProgramLog {
        ProgramLog { level: "info".to_owned(), format: Format::Text, file: None }
    }
}

/// How lines of the program's log look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// What machines may ask the desk, and what it tells people of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Monitoring {
    /// Where `/healthz`, `/readyz`, `/livez` and `/metrics` are; nowhere without it.
    pub listen: Option<SocketAddr>,
    /// Whether the desk says on its channels when it degrades and recovers.
    pub announce: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LogFile {
    pub(super) name: Spanned<String>,
    pub(super) level: Option<Spanned<String>>,
    pub(super) format: Format,
    pub(super) target: Option<Spanned<String>>,
}

impl Default for LogFile {
    fn default() -> LogFile {
        LogFile {
            name: Spanned::new(0..0, "connect-desk".to_owned()),
            level: None,
            format: Format::default(),
            target: None,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MonitoringFile {
    listen: Option<Spanned<String>>,
    announce: bool,
}

const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

impl Checks<'_> {
    pub(super) fn program_log(
        &mut self,
        level: Option<Spanned<String>>,
        format: Format,
        target: Option<Spanned<String>>,
    ) -> ProgramLog {
        let mut log = ProgramLog { format, ..ProgramLog::default() };
        if let Some(level) = level {
            if LEVELS.contains(&level.get_ref().as_str()) {
                log.level = level.into_inner();
            } else {
                let message = format!(
                    "{} is not a log level. Use error, warn, info, debug or trace.",
                    code(level.get_ref())
                );
                self.wrong(level.span(), message);
            }
        }
        match target {
            None => {}
            Some(target) if target.get_ref() == "stderr" => {}
            Some(target) if target.get_ref().contains('/') => {
                log.file = Some(PathBuf::from(target.into_inner()))
            }
            Some(target) => {
                let message = format!(
                    "{} is not a valid log target. Use \"stderr\" or the path of a file.",
                    code(target.get_ref())
                );
                self.wrong(target.span(), message);
            }
        }
        log
    }

    pub(super) fn monitoring(&mut self, section: MonitoringFile) -> Monitoring {
        let listen = section.listen.and_then(|text| match text.get_ref().parse() {
            Ok(address) => Some(address),
            Err(_) => {
                let message = format!(
                    "{} is not an address with a port. Use one such as \"127.0.0.1:9464\".",
                    code(text.get_ref())
                );
                self.wrong(text.span(), message);
                None
            }
        });
        Monitoring { listen, announce: section.announce }
    }

    /// The version of the file's form, where it says one.
    pub(super) fn version(&mut self, version: Option<Spanned<u32>>) {
        if let Some(version) = version.filter(|version| *version.get_ref() != VERSION) {
            let message = match *version.get_ref() > VERSION {
                true => format!(
                    "This file is for a newer connect-desk (version {}; this one reads version {}). Install the newer version.",
                    version.get_ref(),
                    VERSION
                ),
                false => format!(
                    "This file has an unknown version, {}. Use `version = {}`.",
                    version.get_ref(),
                    VERSION
                ),
            };
            self.wrong(version.span(), message);
        }
    }
}
