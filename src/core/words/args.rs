//! The arguments of one call, checked against the command's spec.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::spec::{Arg, Kind, Need, Spec};
use crate::ids::{self, RequestNo};
use crate::problem::Problem;
use crate::text::{self, code};

/// One argument's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Flag(bool),
    Integer(i64),
    Text(String),
}

/// Checked arguments by name. What a command's spec requires is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Args(BTreeMap<String, Value>);

impl Args {
    /// Checks raw values (by argument name) against the spec of the command at `path`.
    pub fn check(path: &str, spec: &Spec, raw: Vec<(String, String)>) -> Result<Args, Problem> {
        let mut args = BTreeMap::new();
        for (name, value) in raw {
            let Some(arg) = spec.arg(&name) else {
                let near = text::nearest(&name, spec.args.iter().map(|arg| arg.name));
                let says = format!("`/{path}` has no option {}.", code(&name));
                let hint = text::did_you_mean(&near).unwrap_or_default();
                return Err(Problem::asker("option_unknown", join(says, hint)).next(usage(path, spec)));
            };
            if args.contains_key(arg.name) {
                return Err(Problem::asker("option_twice", format!("{} is given twice.", code(arg.name)))
                    .next(usage(path, spec)));
            }
            args.insert(arg.name.to_owned(), value_of(arg, &value)?);
        }
        let missing: Vec<String> = spec
            .args
            .iter()
            .filter(|arg| arg.need == Need::Required && !args.contains_key(arg.name))
            .map(|arg| code(arg.name))
            .collect();
        if !missing.is_empty() {
            let verb = if missing.len() == 1 { "is" } else { "are" };
            return Err(Problem::asker(
                "option_missing",
                format!("{} {verb} missing.", text::list(&missing, "and")),
            )
            .next(usage(path, spec)));
        }
        Ok(Args(args))
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A required text argument; empty when the spec does not have it.
    pub fn word(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Value::Flag(true)))
    }

    /// What was said of a flag; nothing when it was left out.
    pub fn said(&self, name: &str) -> Option<bool> {
        match self.0.get(name) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.0.get(name) {
            Some(Value::Integer(n)) => Some(*n),
            _ => None,
        }
    }

    pub fn request(&self, name: &str) -> Option<RequestNo> {
        self.integer(name).and_then(|n| u64::try_from(n).ok()).map(RequestNo)
    }

    /// The name under which an attached file is kept, which is the SHA-256 of its bytes, and what people call it.
    pub fn file(&self, name: &str) -> Option<(&str, &str)> {
        let (shown, kept) = self.text(name)?.rsplit_once('#')?;
        Some((kept, shown))
    }

    /// The same without what is nobody else's business.
    pub fn without(&self, name: &str) -> Args {
        let mut rest = self.clone();
        rest.0.remove(name);
        rest
    }

    /// Says something else in place of what was said.
    pub(crate) fn replace(&mut self, name: &str, text: String) {
        self.0.insert(name.to_owned(), Value::Text(text));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each argument by its name, as [`Args::check`] takes it.
    pub fn options(&self) -> Vec<(String, String)> {
        let text = |value: &Value| match value {
            Value::Flag(flag) => flag.to_string(),
            Value::Integer(n) => n.to_string(),
            Value::Text(text) => text.clone(),
        };
        self.0.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// The arguments as somebody would type them, in alphabetical order.
    pub fn typed(&self) -> String {
        let words: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| match value {
                Value::Flag(flag) => format!("{name}:{flag}"),
                Value::Integer(n) => format!("{name}:{n}"),
                Value::Text(text) if text.contains(char::is_whitespace) => format!("{name}:\"{text}\""),
                Value::Text(text) => format!("{name}:{text}"),
            })
            .collect();
        words.join(" ")
    }
}

fn usage(path: &str, spec: &Spec) -> String {
    format!("Type {}.", code_usage(&spec.usage(path)))
}

/// A usage line is ours, so it may be longer than what is quoted of a person's text.
fn code_usage(line: &str) -> String {
    format!("`{line}`")
}

fn join(says: String, hint: String) -> String {
    if hint.is_empty() { says } else { format!("{says} {hint}") }
}

fn value_of(arg: &Arg, raw: &str) -> Result<Value, Problem> {
    let raw = raw.trim();
    match arg.kind {
        Kind::Login => ids::login(raw).map(Value::Text),
        Kind::Text(max) => within(arg, raw, usize::from(max)),
        Kind::RoutingProfile | Kind::SecurityProfile => within(arg, raw, 127),
        Kind::HierarchyGroup => within(arg, raw, 600),
        Kind::File => within(arg, raw, 2_000),
        Kind::Command => within(arg, raw.trim_start_matches('/'), 100),
        Kind::Choice(words) => {
            let lower = raw.to_lowercase();
            if let Some(word) = words.iter().find(|word| **word == lower) {
                return Ok(Value::Text((*word).to_owned()));
            }
            let near = text::nearest(&lower, words.iter().copied());
            let all: Vec<String> = words.iter().map(|word| code(word)).collect();
            let hint =
                text::did_you_mean(&near).unwrap_or_else(|| format!("Choose {}.", text::list(&all, "or")));
            Err(Problem::asker("choice_unknown", format!("{} is no {}.", code(raw), code(arg.name)))
                .next(hint))
        }
        Kind::Flag => match raw.to_lowercase().as_str() {
            "" | "true" | "yes" | "on" => Ok(Value::Flag(true)),
            "false" | "no" | "off" => Ok(Value::Flag(false)),
            _ => Err(Problem::asker(
                "flag",
                format!("{} is neither yes nor no for {}.", code(raw), code(arg.name)),
            )
            .next(format!("Type `{}:true` or leave it out.", arg.name))),
        },
        Kind::Integer(min, max) => match raw.parse::<i64>() {
            Ok(n) if (min..=max).contains(&n) => Ok(Value::Integer(n)),
            _ => Err(Problem::asker(
                "integer",
                format!("{} is not a {} between {min} and {max}.", code(raw), arg.name),
            )
            .next(format!("Type a whole number, such as `{}:{min}`.", arg.name))),
        },
        Kind::Request => match raw.trim_start_matches('#').parse::<i64>() {
            Ok(n) if n > 0 => Ok(Value::Integer(n)),
            _ => Err(Problem::asker(
                "request_number",
                format!("{} is not the number of a request.", code(raw)),
            )
            .next("Type a number such as `7`; `/desk requests` lists the open ones.")),
        },
    }
}

fn within(arg: &Arg, raw: &str, max: usize) -> Result<Value, Problem> {
    let length = raw.chars().count();
    if raw.is_empty() {
        return Err(Problem::asker("option_empty", format!("{} is empty.", code(arg.name)))
            .next(format!("Type `{}:…` with a value, or leave it out.", arg.name)));
    }
    if length > max {
        return Err(Problem::asker(
            "option_too_long",
            format!("{} has {length} characters; it takes at most {max}.", code(arg.name)),
        )
        .next("Say it in fewer words."));
    }
    if let Some(odd) = raw.chars().find(|c| c.is_control()) {
        return Err(Problem::asker(
            "option_characters",
            format!("{} contains {}.", code(arg.name), text::name_of(odd)),
        )
        .next("Type it on one line."));
    }
    Ok(Value::Text(raw.to_owned()))
}
