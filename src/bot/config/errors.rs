//! What is wrong in a configuration file, in sentences.

use std::fmt;
use std::path::{Path, PathBuf};

/// Mistakes in a configuration file, each with its line.
#[derive(Debug)]
pub struct ConfigErrors {
    pub(super) file: PathBuf,
    pub errors: Vec<(Option<usize>, String)>,
    /// What is not wrong but worth a thought, each with its line.
    pub warnings: Vec<(usize, String)>,
    /// How many rules were read.
    pub rules: usize,
}

impl ConfigErrors {
    /// The file could not be understood at all.
    pub(super) fn unread(file: &Path, line: Option<usize>, message: String) -> ConfigErrors {
        ConfigErrors { file: file.to_owned(), errors: vec![(line, message)], warnings: Vec::new(), rules: 0 }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (line, message)) in self.errors.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            match line {
                Some(line) => write!(f, "{}, line {line}: {message}", self.file.display())?,
                None => write!(f, "{}: {message}", self.file.display())?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// The parser's words as a sentence with a next step.
pub(super) fn said(message: &str) -> String {
    let message = message.trim();
    if let Some(field) = message.strip_prefix("missing field ") {
        let field = field.trim_matches('`');
        let sections = ["contact_center", "state"];
        return if sections.contains(&field) {
            format!("The section [{field}] is missing. Add it as shown in config.example.toml.")
        } else {
            format!("The key `{field}` is missing. Add it as shown in config.example.toml.")
        };
    }
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        return format!("There is an {message}. Correct or remove it.");
    }
    format!("Invalid configuration: {}. Compare it with config.example.toml.", message.trim_end_matches('.'))
}
