//! Parsing of a typed line as tired people type it: straight and curly quotes, `key:value`, positions, extra blanks.

use super::args::Args;
use super::spec::{Kind, Spec};
use crate::problem::Problem;
use crate::text::{self, code};

/// A command that was found and its checked arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The words of the command, such as `connect reset`.
    pub path: String,
    pub args: Args,
}

/// The longest line that is read, in characters.
const LINE_MAX: usize = 4_000;

/// One word of a line; `quoted` when any part of it stood in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub quoted: bool,
    /// Where an unquoted colon stands in `text`, in bytes: the word may be a `key:value`.
    pub colon: Option<usize>,
}

/// Splits a line into words at blanks outside quotes. An apostrophe inside a word is a letter (`O'Brien`).
pub fn split(line: &str) -> Result<Vec<Word>, Problem> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut closing: Option<char> = None;
    for c in line.chars() {
        if let Some(close) = closing {
            if closes(close, c) {
                closing = None;
            } else if let Some(word) = word.as_mut() {
                word.text.push(c);
            }
            continue;
        }
        let at_start = word.as_ref().is_none_or(|w| w.text.is_empty() || w.colon == Some(w.text.len() - 1));
        if c.is_whitespace() {
            words.extend(word.take());
        } else if let (true, Some(close)) = (at_start, closing_of(c)) {
            word.get_or_insert_with(|| Word { text: String::new(), quoted: false, colon: None }).quoted =
                true;
            closing = Some(close);
        } else {
            let word = word.get_or_insert_with(|| Word { text: String::new(), quoted: false, colon: None });
            if c == ':' && word.colon.is_none() && !word.quoted {
                word.colon = Some(word.text.len());
            }
            word.text.push(c);
        }
    }
    if closing.is_some() {
        return Err(Problem::asker("quote_open", "A quote is opened and never closed.")
            .next("Close it, or leave the quotes out when the text has no blanks."));
    }
    words.extend(word);
    Ok(words)
}

/// The quote that ends what this one opens, if it opens anything at the start of a word.
fn closing_of(open: char) -> Option<char> {
    match open {
        '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{ff02}' => Some('"'),
        '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' => Some('\''),
        '\u{ab}' | '\u{bb}' => Some('\u{bb}'),
        _ => None,
    }
}

/// Whether `c` ends a quote that waits for the family of `close`: phones mix straight and curly ones.
fn closes(close: char, c: char) -> bool {
    match close {
        '\u{bb}' => c == '\u{bb}' || c == '\u{ab}',
        family => closing_of(c) == Some(family),
    }
}

/// Finds the command and checks its arguments. `commands` gives each command's words and spec.
pub fn parse<'a>(
    line: &str,
    commands: impl Iterator<Item = (&'a str, &'a Spec)> + Clone,
) -> Result<Parsed, Problem> {
    if line.chars().count() > LINE_MAX {
        return Err(Problem::asker(
            "line_too_long",
            format!("The line has more than {LINE_MAX} characters."),
        )
        .next("Send it in smaller parts."));
    }
    let mut words = split(line)?;
    if let Some(first) = words.first_mut()
        && let Some(rest) = first.text.strip_prefix('/')
    {
        first.text = rest.to_owned();
        first.colon = None;
    }
    words.retain(|word| word.quoted || !word.text.is_empty());
    let (path, spec, used) = command_of(&words, commands)?;
    let raw = arguments_of(path, spec, words.split_off(used))?;
    Ok(Parsed { path: path.to_owned(), args: Args::check(path, spec, raw)? })
}

fn command_of<'a>(
    words: &[Word],
    commands: impl Iterator<Item = (&'a str, &'a Spec)> + Clone,
) -> Result<(&'a str, &'a Spec, usize), Problem> {
    let typed: Vec<String> = words.iter().map(|word| word.text.to_lowercase()).collect();
    let found = commands
        .clone()
        .filter_map(|(path, spec)| {
            let path_words: Vec<&str> = path.split(' ').collect();
            let fits = typed.len() >= path_words.len()
                && path_words.iter().zip(&typed).all(|(word, typed)| word == typed);
            fits.then_some((path, spec, path_words.len()))
        })
        .max_by_key(|(_, _, used)| *used);
    if let Some(found) = found {
        return Ok(found);
    }
    if typed.is_empty() {
        return Err(Problem::asker("command_empty", "There is no command in that line.")
            .next("Type `/desk help` for a list."));
    }
    // The words of a mistyped command may be fewer or more than were typed, so each length is tried.
    let mut near: Vec<&str> = Vec::new();
    for length in (1..=typed.len().min(3)).rev() {
        let said = typed[..length].join(" ");
        for candidate in text::nearest(&said, commands.clone().map(|(path, _)| path)) {
            if !near.contains(&candidate) {
                near.push(candidate);
            }
        }
    }
    // Somebody who leaves out the first word, as in `reset john.doe`, means the command that ends in it.
    for (path, _) in commands {
        if path.split(' ').next_back() == Some(typed[0].as_str()) && !near.contains(&path) {
            near.insert(0, path);
        }
    }
    near.truncate(3);
    let said = plain_path(&typed);
    let slashed: Vec<String> = near.iter().map(|path| format!("/{path}")).collect();
    let slashed: Vec<&str> = slashed.iter().map(String::as_str).collect();
    let hint = text::did_you_mean(&slashed).unwrap_or_else(|| "Type `/desk help` for a list.".to_owned());
    Err(Problem::asker("command_unknown", format!("There is no command {}.", code(&format!("/{said}"))))
        .next(hint))
}

/// The first words of a line up to what looks like an argument, for repeating a wrong command.
fn plain_path(typed: &[String]) -> String {
    let words: Vec<&str> = typed
        .iter()
        .enumerate()
        .take_while(|(i, word)| *i == 0 || (*i < 2 && word.chars().all(|c| c.is_alphabetic())))
        .map(|(_, word)| word.as_str())
        .collect();
    words.join(" ")
}

/// Gives each word to its argument: `key:value` (also `key: value`) by name, a bare flag by its name, the rest by position.
fn arguments_of(path: &str, spec: &Spec, words: Vec<Word>) -> Result<Vec<(String, String)>, Problem> {
    let mut raw: Vec<(String, String)> = Vec::new();
    let mut positional: Vec<String> = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        if let Some(colon) = word.colon {
            let (key, value) = word.text.split_at(colon);
            let key = key.to_lowercase();
            let mut value = value.trim_start_matches(':').to_owned();
            let known = spec.arg(&key).is_some();
            if known || looks_like_a_name(&key) {
                if value.is_empty() && !word.quoted && known {
                    let is_flag = spec.arg(&key).is_some_and(|arg| arg.kind == Kind::Flag);
                    if !is_flag && let Some(next) = words.next_if(|next| next.quoted || next.colon.is_none())
                    {
                        value = next.text;
                    }
                }
                raw.push((key, value));
                continue;
            }
        }
        let flag = word.text.to_lowercase();
        if !word.quoted && spec.arg(&flag).is_some_and(|arg| arg.kind == Kind::Flag) {
            raw.push((flag, "true".to_owned()));
            continue;
        }
        positional.push(word.text);
    }
    let mut free = spec
        .args
        .iter()
        .filter(|arg| arg.kind != Kind::Flag && !raw.iter().any(|(name, _)| name == arg.name));
    let mut placed: Vec<(String, String)> = Vec::new();
    for value in positional {
        match free.next() {
            Some(arg) => placed.push((arg.name.to_owned(), value)),
            // A command path or a sentence typed without quotes is one value, not a word too many.
            None => match placed.last_mut() {
                Some((name, last)) if takes_words(spec, name) => {
                    last.push(' ');
                    last.push_str(&value);
                }
                _ => {
                    return Err(Problem::asker(
                        "word_too_many",
                        format!("{} is a word too many.", code(&value)),
                    )
                    .next(format!("Type `{}`.", spec.usage(path))));
                }
            },
        }
    }
    placed.append(&mut raw);
    Ok(placed)
}

fn looks_like_a_name(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

fn takes_words(spec: &Spec, name: &str) -> bool {
    spec.arg(name).is_some_and(|arg| {
        matches!(
            arg.kind,
            Kind::Text(_)
                | Kind::Command
                | Kind::RoutingProfile
                | Kind::SecurityProfile
                | Kind::HierarchyGroup
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::spec::{Arg, Risk};
    use super::*;

    const RESET: Spec = Spec {
        about: "Give somebody a way back in.",
        help: "",
        risk: Risk::Destructive,
        args: &[
            Arg::required("login", Kind::Login, "Whose password"),
            Arg::optional("way", Kind::Choice(&["console", "recreate"]), "How"),
            Arg::optional("reason", Kind::Text(200), "Why"),
            Arg::optional("even_if_active", Kind::Flag, "Insist"),
        ],
        examples: &[],
        operations: &[],
    };
    const WHY: Spec = Spec {
        about: "May I?",
        help: "",
        risk: Risk::Look,
        args: &[Arg::required("command", Kind::Command, "Which")],
        examples: &[],
        operations: &[],
    };

    fn read(line: &str) -> Result<Parsed, Problem> {
        let commands = [("connect reset", &RESET), ("desk why", &WHY), ("connect show", &WHY)];
        parse(line, commands.into_iter())
    }

    #[test]
    fn what_tired_people_type_is_understood() {
        let same = read("/connect reset john.doe way:recreate reason:\"locked out\"").unwrap();
        for line in [
            "connect reset john.doe recreate \"locked out\"",
            "  /connect   reset  @john.doe  way: recreate  reason: “locked out” ",
            "/Connect Reset login:john.doe reason:'locked out' way:RECREATE",
            "/connect reset john.doe recreate locked out",
            "/ connect reset «john.doe» recreate „locked out“",
        ] {
            assert_eq!(read(line).unwrap(), same, "{line}");
        }
        assert!(read("/connect reset john.doe even_if_active").unwrap().args.flag("even_if_active"));
        assert!(!read("/connect reset john.doe even_if_active:no").unwrap().args.flag("even_if_active"));
        assert_eq!(read("/desk why /connect reset").unwrap().args.word("command"), "connect reset");
        assert_eq!(
            read("connect reset john.doe reason:\"O'Brien: says so\"").unwrap().args.word("reason"),
            "O'Brien: says so"
        );
    }

    #[test]
    fn wrong_words_are_answered_with_the_nearest_right_one() {
        let table = [
            ("/connect rest john.doe", "`/connect reset`"),
            ("/conect reset john.doe", "`/connect reset`"),
            ("reset john.doe", "`/connect reset`"),
            ("/connect reset john.doe wya:recreate", "`way`"),
            ("/connect reset john.doe way:recraete", "`recreate`"),
            ("/connect reset", "`/connect reset <login>"),
            ("/connect reset john.doe way:console way:console", "given twice"),
            ("/connect reset john.doe \"open", "never closed"),
            ("", "/desk help"),
            ("/xyzzy", "/desk help"),
        ];
        for (line, expected) in table {
            let problem = read(line).unwrap_err();
            assert!(problem.to_string().contains(expected), "{line}: {problem}");
        }
    }

    #[test]
    fn any_line_is_parsed_or_refused_without_a_panic() {
        for line in [
            "\"",
            "::::",
            ":",
            "/",
            "/:",
            "a:b:c",
            "“",
            "/connect reset :x",
            "/connect reset login:",
            "𝒳 ß:ß",
        ] {
            let _ = read(line);
        }
    }
}
