//! What is wrong in a configuration file, in sentences.

use std::fmt;
use std::path::{Path, PathBuf};

use desk_core::basics::text::{code, did_you_mean, list, nearest};

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
    pub(super) fn unread(file: &Path, errors: Vec<(Option<usize>, String)>) -> ConfigErrors {
        ConfigErrors { file: file.to_owned(), errors, warnings: Vec::new(), rules: 0 }
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

/// The parser's words of what is wrong `at` a place, as a sentence with a next step.
pub(super) fn said(message: &str, at: &str) -> String {
    let message = message.trim();
    if let Some(field) = message.strip_prefix("missing field ") {
        return format!(
            "The key `{}` is missing. Add it as shown in config.example.toml.",
            field.trim_matches('`')
        );
    }
    let unknown = ["unknown field ", "unknown variant "].map(|kind| message.strip_prefix(kind));
    if let Some(rest) = unknown[0].or(unknown[1]) {
        let words: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
        let (found, known) = words.split_first().map_or(("", &[][..]), |(found, known)| (*found, known));
        let what = if unknown[0].is_some() { "There is no key" } else { "There is no value" };
        let near = nearest(found, known.iter().copied());
        let next = did_you_mean(&near).unwrap_or_else(|| {
            let all: Vec<String> = known.iter().map(|word| code(word)).collect();
            format!("Use {}.", list(&all, "or"))
        });
        return format!("{what} {} here. {next}", code(found));
    }
    if message == "duplicate key" {
        return format!("{} is there twice. Keep one of them.", code(at.trim()));
    }
    // Our own sentences say what to do.
    if message.contains(". ") {
        return message.to_owned();
    }
    if message.starts_with("data did not match any variant") {
        return "The value is of a wrong kind. Compare it with config.example.toml.".to_owned();
    }
    let mistyped = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    if let Some((found, expected)) = mistyped.and_then(|rest| rest.rsplit_once(", expected ")) {
        let found = match found {
            "sequence" => "a list",
            "map" => "a table",
            found => found,
        };
        return format!("The value is {found}. Use {}.", kind_in_words(expected));
    }
    format!("Invalid configuration: {}. Compare it with config.example.toml.", message.trim_end_matches('.'))
}

/// A kind of value in the words of TOML, which has other kinds than the parser's.
fn kind_in_words(expected: &str) -> String {
    let up_to = |most: u64| format!("a whole number from 0 to {most}");
    match expected.trim_end_matches('.') {
        "u8" => up_to(u8::MAX.into()),
        "u16" => up_to(u16::MAX.into()),
        "u32" => up_to(u32::MAX.into()),
        "u64" | "usize" => "a whole number from 0 on".to_owned(),
        "a nonzero u32" | "a nonzero usize" => "a whole number from 1 on".to_owned(),
        "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" => "text in quotes".to_owned(),
        "a sequence" => "a list in brackets, such as `[\"…\"]`".to_owned(),
        "a map" => "a table".to_owned(),
        expected if expected.starts_with("struct ") => "a table, as in config.example.toml".to_owned(),
        expected => expected.to_owned(),
    }
}
