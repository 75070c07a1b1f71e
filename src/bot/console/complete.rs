//! Completion by Tab: commands and their options from the list of commands, and what may be meant by a value as on every platform.

use desk_core::chat::Choice;
use desk_core::command::Entry;
use desk_core::words::{self, Arg, Kind, Spec, quoted, split};
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::{Hint, Hinter};
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

/// A value that is being typed.
pub struct Asked<'a> {
    /// Who is said to speak, where that is someone else.
    pub(super) speaker: Option<&'a str>,
    pub(super) path: &'static str,
    pub option: &'a str,
    pub typed: &'a str,
    /// The options that are typed already.
    pub given: Vec<(String, String)>,
}

/// What can be completed.
pub struct TabCompletion {
    pub commands: Vec<Entry>,
    pub people: Vec<String>,
    /// What may be meant by a value.
    pub suggest: Box<dyn Fn(Asked<'_>) -> Vec<Choice> + Send>,
    /// The line that Enter sends when nothing is typed.
    pub offer: Option<String>,
}

impl Helper for TabCompletion {}
impl Highlighter for TabCompletion {}

/// A line that Enter sends: shown behind the prompt, and taken over by the right arrow for who wants to change it.
pub struct Offer {
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

impl Hinter for TabCompletion {
    type Hint = Offer;

    fn hint(&self, line: &str, _: usize, _: &Context<'_>) -> Option<Offer> {
        let line = self.offer.as_ref().filter(|_| line.is_empty())?.clone();
        Some(Offer { shown: format!("Enter sends {line}"), line })
    }
}

impl Validator for TabCompletion {}

impl Completer for TabCompletion {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = line.get(..pos).unwrap_or(line);
        let (start, candidates) = self.candidates(before);
        let pairs = candidates
            .into_iter()
            .map(|choice| Pair { display: choice.label, replacement: choice.value })
            .collect();
        Ok((start, pairs))
    }
}

impl TabCompletion {
    /// Where the completed text starts, in bytes, and what may be there.
    pub fn candidates(&self, before: &str) -> (usize, Vec<Choice>) {
        let start = word_start(before);
        let word = before.get(start..).unwrap_or_default();
        if let Some(name) = word.strip_prefix('@').filter(|_| start == 0) {
            return (0, starting(&self.people, name).map(|person| bare(format!("@{person} "))).collect());
        }
        if before.starts_with("as ") {
            return (start, starting(&self.people, word).map(|person| bare(person.to_owned())).collect());
        }
        // A person in front of the line says who speaks; the command begins after it.
        let (speaker, spoken) = match before.strip_prefix('@').and_then(|rest| rest.split_once(' ')) {
            Some((name, rest)) => (Some(name), rest),
            None => (None, before),
        };
        let typed = spoken.trim_start().trim_start_matches('/').to_lowercase();
        let found = self
            .commands
            .iter()
            .find(|entry| typed.strip_prefix(entry.path).is_some_and(|rest| rest.starts_with(' ')));
        let Some(entry) = found else {
            let slash = if spoken.trim_start().starts_with('/') { "/" } else { "" };
            let begin = before.len() - spoken.trim_start().len();
            let paths = self.commands.iter().map(|entry| entry.path).filter(|path| path.starts_with(&typed));
            return (begin, paths.map(|path| bare(format!("{slash}{path} "))).collect());
        };
        let spec = entry.command.spec;
        // The word that is being typed says nothing yet.
        let rest = spoken.get(..spoken.len() - word.len()).unwrap_or_default();
        let line = std::iter::once((entry.path, spec));
        let given = words::read(rest, line).map(|reading| reading.options().to_vec()).unwrap_or_default();
        let values = |arg: &Arg, typed: &str| -> Vec<Choice> {
            let given = given.iter().filter(|(name, _)| name != arg.name).cloned().collect();
            let asked = Asked { speaker, path: entry.path, option: arg.name, typed, given };
            self.values(arg, asked)
        };
        if let Some((name, value)) = word.split_once(':') {
            let Some(arg) = spec.arg(&name.to_lowercase()) else { return (start, Vec::new()) };
            let value = value.trim_start_matches('"');
            let whole = |choice: Choice| Choice {
                value: format!("{}:{}{}", arg.name, quoted(&choice.value), end(arg, &choice)),
                label: choice.label,
            };
            return (start, values(arg, value).into_iter().map(whole).collect());
        }
        let mut candidates = options(spec, before, word);
        let is_free = |arg: &&Arg| arg.kind == Kind::Logins || given.iter().all(|(name, _)| name != arg.name);
        for arg in spec.args.iter().filter(|arg| arg.placed).filter(is_free) {
            let whole = |choice: Choice| Choice {
                value: format!("{}{}", quoted(&choice.value), end(arg, &choice)),
                label: choice.label,
            };
            for choice in values(arg, word.trim_start_matches('"')).into_iter().map(whole) {
                if !candidates.contains(&choice) {
                    candidates.push(choice);
                }
            }
        }
        (start, candidates)
    }

    fn values(&self, arg: &Arg, asked: Asked<'_>) -> Vec<Choice> {
        let typed = asked.typed;
        match arg.kind {
            Kind::Choice(words) => {
                let words = words.iter().filter(|(word, _)| begins(word, typed));
                let label = |word: &str, about: &str| match about {
                    "" => word.to_owned(),
                    about => format!("{word} ({about})"),
                };
                words
                    .map(|(word, about)| Choice { label: label(word, about), value: (*word).to_owned() })
                    .collect()
            }
            Kind::Flag => {
                let words = ["true", "false"].into_iter().filter(|word| begins(word, typed));
                words.map(|word| bare(word.to_owned())).collect()
            }
            Kind::File => paths(typed).into_iter().map(bare).collect(),
            _ if arg.completes() => (self.suggest)(asked),
            _ => Vec::new(),
        }
    }
}

/// What is behind a value: nothing where more of it may follow.
fn end(arg: &Arg, choice: &Choice) -> &'static str {
    if arg.kind == Kind::File || choice.value.ends_with('=') { "" } else { " " }
}

/// A text that is shown as it is typed.
fn bare(value: String) -> Choice {
    Choice { label: value.trim_end().to_owned(), value }
}

/// The options that are not yet in the line, and begin so.
fn options(spec: &Spec, before: &str, word: &str) -> Vec<Choice> {
    let absent = |arg: &&Arg| begins(arg.name, word) && !before.contains(&format!("{}:", arg.name));
    spec.args
        .iter()
        .filter(absent)
        .map(|arg| bare(format!("{}{}", arg.name, if arg.kind == Kind::Flag { " " } else { ":" })))
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
