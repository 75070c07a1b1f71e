//! Completion by Tab: commands and their options from the list of commands, logins from the directory.

use std::sync::Arc;

use desk_core::command::Entry;
use desk_core::words::Kind;
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

use crate::directory::Names;

/// The most logins that are offered at once.
const LOGINS_MAX: usize = 100;

/// What can be completed.
pub(super) struct Words {
    pub(super) commands: Vec<Entry>,
    pub(super) names: Arc<Names>,
    pub(super) people: Vec<String>,
}

impl Helper for Words {}
impl Highlighter for Words {}
impl Hinter for Words {
    type Hint = String;
}
impl Validator for Words {}

impl Completer for Words {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = line.get(..pos).unwrap_or(line);
        let (start, candidates) = self.candidates(before);
        let pairs = candidates
            .into_iter()
            .map(|replacement| Pair { display: replacement.trim_end().to_owned(), replacement })
            .collect();
        Ok((start, pairs))
    }
}

impl Words {
    /// Where the completed text starts, in bytes, and what may stand there.
    pub(super) fn candidates(&self, before: &str) -> (usize, Vec<String>) {
        let start = before.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
        let word = before.get(start..).unwrap_or_default();
        if let Some(name) = word.strip_prefix('@').filter(|_| start == 0) {
            return (0, starting(&self.people, name).map(|person| format!("@{person} ")).collect());
        }
        if before.starts_with("as ") {
            return (start, starting(&self.people, word).map(str::to_owned).collect());
        }
        // A person in front of the line says who speaks; the command begins after it.
        let spoken =
            before.strip_prefix('@').and_then(|rest| rest.split_once(' ')).map_or(before, |(_, rest)| rest);
        let typed = spoken.trim_start().trim_start_matches('/');
        let found = self
            .commands
            .iter()
            .find(|entry| typed.strip_prefix(entry.path).is_some_and(|rest| rest.starts_with(' ')));
        let Some(entry) = found else {
            let slash = if spoken.trim_start().starts_with('/') { "/" } else { "" };
            let begin = before.len() - spoken.trim_start().len();
            let paths = self.commands.iter().map(|entry| entry.path).filter(|path| path.starts_with(typed));
            return (begin, paths.map(|path| format!("{slash}{path} ")).collect());
        };
        let spec = entry.command.spec();
        if let Some((name, value)) = word.split_once(':') {
            let Some(arg) = spec.arg(name) else { return (start, Vec::new()) };
            let values = self.values(arg.kind, value);
            let end = if arg.kind == Kind::File { "" } else { " " };
            return (start, values.into_iter().map(|value| format!("{name}:{value}{end}")).collect());
        }
        let mut candidates: Vec<String> = Vec::new();
        for arg in spec.args {
            if matches!(arg.kind, Kind::Login) {
                candidates.extend(self.logins(word).map(|login| format!("{login} ")));
            }
            if arg.kind == Kind::File && !before.contains(&format!("{}:", arg.name)) {
                candidates.extend(paths(word));
            }
            if arg.name.starts_with(word) && !before.contains(&format!("{}:", arg.name)) {
                let end = if arg.kind == Kind::Flag { " " } else { ":" };
                candidates.push(format!("{}{end}", arg.name));
            }
            if let Kind::Choice(words) = arg.kind
                && !word.is_empty()
            {
                candidates.extend(
                    words.iter().filter(|choice| choice.starts_with(word)).map(|choice| format!("{choice} ")),
                );
            }
        }
        if spec.args.iter().any(|arg| arg.kind == Kind::Command) {
            candidates.extend(
                self.commands.iter().map(|entry| entry.path.to_owned()).filter(|path| path.starts_with(word)),
            );
        }
        (start, candidates)
    }

    /// Tab goes on with what stands there, so only what begins exactly so is offered.
    fn logins(&self, start: &str) -> impl Iterator<Item = String> {
        let suggested = self.names.suggest(Kind::Login, start, LOGINS_MAX).into_iter();
        suggested.map(|suggestion| suggestion.value).filter(move |login| login.starts_with(start))
    }

    fn values(&self, kind: Kind, start: &str) -> Vec<String> {
        match kind {
            Kind::Login => self.logins(start).collect(),
            Kind::Choice(words) => {
                words.iter().filter(|word| word.starts_with(start)).map(|word| (*word).to_owned()).collect()
            }
            Kind::Flag => vec!["true".to_owned(), "false".to_owned()],
            Kind::File => paths(start),
            _ => Vec::new(),
        }
    }
}

/// Files and folders whose paths begin so; a path with blanks would need quotes and is left to who types it.
fn paths(start: &str) -> Vec<String> {
    let cut = start.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, name) = start.split_at_checked(cut).unwrap_or_default();
    let entries = std::fs::read_dir(if folder.is_empty() { "." } else { folder });
    let mut found: Vec<String> = entries
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let known = entry.file_name().into_string().ok()?;
            let fits = known.starts_with(name) && (known.starts_with('.') == name.starts_with('.'));
            let end = if entry.path().is_dir() { "/" } else { " " };
            (fits && !known.contains(char::is_whitespace)).then(|| format!("{folder}{known}{end}"))
        })
        .collect();
    found.sort();
    found
}

fn starting<'a>(words: &'a [String], start: &str) -> impl Iterator<Item = &'a str> {
    words.iter().map(String::as_str).filter(move |word| word.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::directory::Learns as _;

    #[test]
    fn commands_options_and_logins_complete() {
        let (names, learner) = Names::learning(Arc::new(SystemClock::default()));
        learner.user_is("jane.doe", "Jane Doe");
        learner.user_is("john.doe", "John Doe");
        let words = Words { commands: desk_commands::all(), names, people: vec!["supervisor".to_owned()] };
        assert_eq!(words.candidates("/connect rese"), (0, vec!["/connect reset ".to_owned()]));
        assert_eq!(words.candidates("/connect reset jo"), (15, vec!["john.doe ".to_owned()]));
        assert_eq!(words.candidates("/connect reset john.doe way:r").1, ["way:recreate "]);
        assert_eq!(words.candidates("@sup").1, ["@supervisor "]);
        assert_eq!(words.candidates("@supervisor /desk app"), (12, vec!["/desk approve ".to_owned()]));
    }
}
