//! A line as someone would type it, from the values of a command's arguments.

use super::kind;
use super::spec::{Kind, Spec};
use super::split::quoted;

/// The longest line that is offered, in characters: what is longer is nothing that people read before they send it.
const OFFERED_MAX: usize = 1_000;

/// The line that gives these values, without codes; none when no one would read it.
pub(super) fn line(path: &str, spec: &Spec, values: &[(String, String)]) -> Option<String> {
    let mut line = format!("/{path}");
    let value_of = |name: &str| {
        let given =
            values.iter().find(|(given, _)| spec.arg_called(given).is_some_and(|arg| arg.name == name));
        given.map(|(_, value)| value.as_str())
    };
    // Positions are typed as long as none is left out between them.
    let mut placed: Vec<&str> = Vec::new();
    let mut places = spec.args.iter().filter(|arg| arg.placed).peekable();
    while let Some(arg) = places.next() {
        let Some(value) = value_of(arg.name) else { break };
        let is_last = places.peek().is_none_or(|next| value_of(next.name).is_none());
        let words = match arg.kind {
            Kind::Sentence(_) => break,
            // A text without quotes would take what is behind it.
            Kind::Text(_) if !is_last => in_quotes(value),
            Kind::Logins => kind::listed(value).collect::<Vec<_>>().join(" "),
            Kind::Text(_) | Kind::Command if is_plain(value) => value.to_owned(),
            Kind::Request => plain_number(spec, value),
            // In quotes a word is no option's name.
            _ if spec.arg_called(value).is_some() => format!("\"{value}\""),
            _ => quoted(value),
        };
        if words.contains([':', '=']) && !words.starts_with(['"', '\u{ab}', '`']) {
            break;
        }
        line.push(' ');
        line.push_str(&words);
        placed.push(arg.name);
    }
    for (name, value) in values {
        let Some(arg) = spec.arg_called(name).filter(|arg| !placed.contains(&arg.name)) else { continue };
        let typed = match arg.kind {
            // What may be a code is typed by the person alone.
            Kind::Code => continue,
            _ if spec.takes_code() && arg.kind != Kind::Request && kind::is_like_a_code(value) => {
                continue;
            }
            Kind::Flag if value.is_empty() || value == "true" => arg.name.to_owned(),
            Kind::Flag => format!("{}:{value}", arg.name),
            Kind::Sentence(_) => format!("{}:{}", arg.name, in_quotes(value)),
            _ => format!("{}:{}", arg.name, quoted(value)),
        };
        line.push(' ');
        line.push_str(&typed);
    }
    (line.chars().count() <= OFFERED_MAX).then_some(line)
}

/// Six digits alone would be read as a code where the command takes one.
fn plain_number(spec: &Spec, value: &str) -> String {
    let digits = kind::number(value).unwrap_or(value);
    if spec.takes_code() && digits.len() == 6 { format!("#{digits}") } else { digits.to_owned() }
}

/// Words that are read as one text without quotes.
fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value
            .split(' ')
            .all(|word| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "._-@".contains(c)))
}

/// A sentence is always in quotes, so that it ends where it should when someone types more behind it.
fn in_quotes(value: &str) -> String {
    match quoted(value) {
        bare if bare == value => format!("\"{value}\""),
        already => already,
    }
}
