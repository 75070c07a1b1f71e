//! Where the desk keeps what it knows, and for how long: `[state]`, `[secrets]`, `[authenticators]` and the log's name.

use std::path::PathBuf;

use desk_core::basics::text::code;
use serde::Deserialize;
use toml::Spanned;

use super::checks::{Checks, line_of};
use crate::private;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StateFile {
    pub(super) folder: Spanned<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AuthenticatorsFile {
    pub(super) first_use: bool,
}

impl Default for AuthenticatorsFile {
    fn default() -> AuthenticatorsFile {
        AuthenticatorsFile { first_use: true }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SecretsFile {
    pub(super) expire_hours: Spanned<u32>,
}

impl Default for SecretsFile {
    fn default() -> SecretsFile {
        SecretsFile { expire_hours: Spanned::new(0..0, 24) }
    }
}

impl Checks<'_> {
    pub(super) fn folder(&mut self, folder: Spanned<PathBuf>) -> PathBuf {
        if folder.get_ref().as_os_str().is_empty() {
            self.wrong(
                folder.span(),
                "The state folder is empty. Set a path, such as `/var/lib/connect-desk`.",
            );
        } else if self.folder.is_some() {
            match private::open_to_others(folder.get_ref()) {
                Err(problem) => self.wrong(folder.span(), problem.to_string()),
                Ok(open) => self.warnings.extend(open.first().map(|(path, mode)| {
                    let message = format!(
                        "Other accounts can read {} (mode {mode:04o}). The desk makes it private when it starts. Check who could read it.",
                        path.display()
                    );
                    (line_of(self.text, &folder.span()), message)
                })),
            }
        }
        folder.into_inner()
    }

    pub(super) fn log_name(&mut self, name: Spanned<String>) -> String {
        let fits =
            !name.get_ref().is_empty() && !name.get_ref().contains(|c: char| c.is_whitespace() || c == '+');
        if !fits {
            let message = format!(
                "{} is not a valid log name. Use a name without spaces and plus signs, such as `desk.example.com`.",
                code(name.get_ref())
            );
            self.wrong(name.span(), message);
        }
        name.into_inner()
    }

    pub(super) fn hours(&mut self, hours: Spanned<u32>) -> u32 {
        if !(1..=720).contains(hours.get_ref()) {
            self.wrong(
                hours.span(),
                "A temporary password can be kept from 1 to 720 hours. Use 24 if in doubt.",
            );
        }
        hours.into_inner()
    }
}
