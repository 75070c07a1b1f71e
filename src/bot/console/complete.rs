//! Completion by Tab: commands and their options from the list of commands, names from the directory, numbers of requests
//! from the log.

use std::sync::Arc;

use desk_core::command::Entry;
use desk_core::words::{Arg, Kind, Spec, quoted, split};
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::{Hint, Hinter};
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

use crate::directory::{List, Names};

/// The most names that are offered at a time.
const NAMES_MAX: usize = 100;

/// What can be completed.
pub(super) struct FormFields {
    pub(super) commands: Vec<Entry>,
    pub(super) names: Arc<Names>,
    pub(super) people: Vec<String>,
    /// The requests that a verb can be used on now; those of an empty verb are all that are open.
    pub(super) requests: Vec<(&'static str, Vec<u64>)>,
    /// The line that Enter sends when nothing is typed.
    pub(super) offer: Option<String>,
}

impl Helper for FormFields {}
impl Highlighter for FormFields {}

/// A line that Enter sends: shown behind the prompt, and taken over by the right arrow for who wants to change it.
pub(super) struct Offer {
    shown: String,
    line: String,
}

impl Hint for Offer {
    fn display(&self) -> &str {
        &self.shown
    }

    fn completion(&self) -> Option<&str> {
        Some(&self.line)
    }
}

impl Hinter for FormFields {
    type Hint = Offer;

    fn hint(&self, line: &str, _: usize, _: &Context<'_>) -> Option<Offer> {
        let line = self.offer.as_ref().filter(|_| line.is_empty())?.clone();
        Some(Offer { shown: format!("Enter sends {line}"), line })
    }
}

impl Validator for FormFields {}

impl Completer for FormFields {
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

impl FormFields {
    /// Where the completed text starts, in bytes, and what may stand there.
    pub(super) fn candidates(&self, before: &str) -> (usize, Vec<String>) {
        let start = word_start(before);
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
        let typed = spoken.trim_start().trim_start_matches('/').to_lowercase();
        let found = self
            .commands
            .iter()
            .find(|entry| typed.strip_prefix(entry.path).is_some_and(|rest| rest.starts_with(' ')));
        let Some(entry) = found else {
            let slash = if spoken.trim_start().starts_with('/') { "/" } else { "" };
            let begin = before.len() - spoken.trim_start().len();
            let paths = self.commands.iter().map(|entry| entry.path).filter(|path| path.starts_with(&typed));
            return (begin, paths.map(|path| format!("{slash}{path} ")).collect());
        };
        let spec = entry.command.spec();
        if let Some((name, value)) = word.split_once(':') {
            let Some(arg) = spec.arg(&name.to_lowercase()) else { return (start, Vec::new()) };
            let value = value.trim_start_matches('"');
            // Of a list the last part is completed; what is before it stays.
            let (before, last) = match arg.kind {
                Kind::Text(_) if listed_in(arg).is_some() => {
                    value.rfind(',').map_or(("", value), |comma| value.split_at(comma + 1))
                }
                _ => ("", value),
            };
            let values = match listed_in(arg) {
                Some(list) => self.in_list(list, last.trim_start()),
                None => self.values(entry.path, arg.kind, last),
            };
            let end = if arg.kind == Kind::File { "" } else { " " };
            let blank = if before.is_empty() { "" } else { " " };
            let whole = values.into_iter().map(|value| format!("{before}{blank}{value}"));
            return (start, whole.map(|value| format!("{}:{}{end}", arg.name, quoted(&value))).collect());
        }
        let mut candidates = options(spec, before, word);
        for arg in spec.args.iter().filter(|arg| arg.placed) {
            // A position takes names only as they are typed without quotes.
            let values = match listed_in(arg) {
                Some(list) => self.in_list(list, word),
                None => self.values(entry.path, arg.kind, word),
            };
            let values = values.into_iter();
            let end = if arg.kind == Kind::File { "" } else { " " };
            candidates.extend(values.map(|value| format!("{}{end}", quoted(&value))));
        }
        (start, candidates)
    }

    /// Tab continues with what is there, so only what begins so is offered, whatever its case.
    fn named(&self, kind: Kind, start: &str) -> Vec<String> {
        let suggested = self.names.suggest(kind, start, NAMES_MAX).into_iter();
        suggested.map(|suggestion| suggestion.value).filter(|name| begins(name, start)).collect()
    }

    fn in_list(&self, list: List, start: &str) -> Vec<String> {
        let suggested = self.names.suggest_in(list, start.trim_start_matches('"'), NAMES_MAX).into_iter();
        suggested
            .map(|found| found.value)
            .filter(|name| begins(name, start.trim_start_matches('"')))
            .collect()
    }

    fn values(&self, path: &str, kind: Kind, start: &str) -> Vec<String> {
        match kind {
            Kind::Logins => self.named(Kind::Login, start),
            Kind::LoginOrAll => {
                let all = begins("all", start).then(|| "all".to_owned());
                all.into_iter().chain(self.named(kind, start)).collect()
            }
            Kind::Choice(words) => {
                words.iter().map(|(word, _)| (*word).to_owned()).filter(|word| begins(word, start)).collect()
            }
            Kind::Flag => vec!["true".to_owned(), "false".to_owned()],
            Kind::File => paths(start),
            Kind::Request => {
                let verb = path.rsplit(' ').next().unwrap_or_default();
                let of = |verb: &str| self.requests.iter().find(|(known, _)| *known == verb);
                let numbers = of(verb).or_else(|| of("")).map(|(_, numbers)| numbers.as_slice());
                let typed = start.trim_start_matches('#');
                let numbers = numbers.unwrap_or_default().iter().map(u64::to_string);
                numbers.filter(|number| number.starts_with(typed)).collect()
            }
            Kind::Command => {
                let paths = self.commands.iter().map(|entry| entry.path.to_owned());
                paths.filter(|path| begins(path, start)).collect()
            }
            kind => self.named(kind, start),
        }
    }
}

/// The list whose names an option takes; one thing has one name in every command.
fn listed_in(arg: &Arg) -> Option<List> {
    if !matches!(arg.kind, Kind::Text(_)) {
        return None;
    }
    match arg.name {
        "queue" | "queues" | "default_queue" => Some(List::Queues),
        "quick_connect" | "quick_connects" => Some(List::QuickConnects),
        "status" | "next" | "next_status" => Some(List::Statuses),
        "hours" => Some(List::Hours),
        _ => None,
    }
}

/// The options that are not yet in the line, and begin so.
fn options(spec: &Spec, before: &str, word: &str) -> Vec<String> {
    let absent = |arg: &&Arg| begins(arg.name, word) && !before.contains(&format!("{}:", arg.name));
    spec.args
        .iter()
        .filter(absent)
        .map(|arg| format!("{}{}", arg.name, if arg.kind == Kind::Flag { " " } else { ":" }))
        .collect()
}

/// Where the word begins that the cursor is in; in an open quote it may have blanks.
fn word_start(before: &str) -> usize {
    let blank = before.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
    if split(before).is_ok() {
        return blank;
    }
    let quote = before.rfind('"').unwrap_or(blank);
    before.get(..quote).and_then(|front| front.rfind(char::is_whitespace)).map_or(0, |blank| blank + 1)
}

fn begins(name: &str, start: &str) -> bool {
    name.to_lowercase().starts_with(&start.to_lowercase())
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
    words.iter().map(String::as_str).filter(move |word| begins(word, start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::directory::NameSink as _;

    #[test]
    fn commands_options_and_logins_complete() {
        let (names, learner) = Names::learning(Arc::new(SystemClock::default()));
        learner.user_is("jane.doe", "Jane Doe");
        learner.user_is("john.doe", "John Doe");
        learner.user_is("John.Smith", "John Smith");
        let words = FormFields {
            commands: desk_commands::all(),
            names,
            people: vec!["supervisor".to_owned()],
            requests: vec![("", vec![3, 12]), ("approve", vec![12])],
            offer: None,
        };
        assert_eq!(words.candidates("/connect rese"), (0, vec!["/connect reset ".to_owned()]));
        assert_eq!(words.candidates("/connect reset john.d"), (15, vec!["john.doe ".to_owned()]));
        assert_eq!(words.candidates("/connect reset john.s").1, ["John.Smith "]);
        assert_eq!(words.candidates("/connect reset john.doe method:r").1, ["method:recreate "]);
        assert_eq!(words.candidates("/connect reset john.doe em").1, ["email:", "emergency "]);
        assert_eq!(words.candidates("@sup").1, ["@supervisor "]);
        assert_eq!(words.candidates("@supervisor /desk app"), (12, vec!["/desk approve ".to_owned()]));
        assert_eq!(words.candidates("/desk approve 1").1, ["12 "]);
        assert_eq!(words.candidates("/connect undo ").1.last().unwrap(), "12 ");
        assert_eq!(words.candidates("/desk help connect/re").1, [""; 0]);
        assert_eq!(words.candidates("/connect edit john.doe routing_profile:\"Basic R"), (23, Vec::new()));
        words.names.read_list(List::Queues, &["Billing East".to_owned(), "Billing West".to_owned()]);
        words.names.read_list(List::Statuses, &["Lunch".to_owned()]);
        assert_eq!(words.candidates("/connect queue show queue:bill").1.len(), 2);
        assert_eq!(
            words.candidates("/connect queue enable queue:\"Billing West,billing e").1,
            ["queue:\"Billing West, Billing East\" "]
        );
        assert_eq!(words.candidates("/connect status set john.doe status:lu").1, ["status:Lunch "]);
        assert_eq!(words.candidates("/desk freeze AL").1.first().map(String::as_str), Some("all "));
    }
}
