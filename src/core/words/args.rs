//! The arguments of one call, checked against the command's spec.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kind::{self, Checked};
use super::spec::{Arg, Kind, Need, Spec};
use super::split::quoted;
use super::value::Value;
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::secret::Secret;
use crate::basics::text::{self, code};

/// The most bytes of a value that are looked at. No kind of argument takes as many, and what looks at a longer one costs
/// more than it is worth.
const RAW_MAX: usize = 32_000;

/// The arguments that name users, one or a list of them.
pub const LOGINS: [&str; 3] = ["login", "logins", "users"];

/// Checked arguments by name. What a command's spec requires is there.
///
/// A code is kept apart from the others and is neither serialized nor typed again, so that no line of the log holds one. So is
/// what may be a code in the place of something else, where the command takes one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Args {
    values: BTreeMap<String, Value>,
    #[serde(skip)]
    code: Option<Secret>,
    #[serde(skip)]
    like_a_code: BTreeMap<String, Secret>,
}

impl Args {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => self.like_a_code.get(name).map(Secret::show),
        }
    }

    /// The arguments as they are written down: without a code and what may be one, so that they are the same when they are read.
    pub fn written(&self) -> Args {
        Args { values: self.values.clone(), ..Args::default() }
    }

    /// The users whom a line of the log is about, as they were named.
    pub fn about(&self) -> Vec<String> {
        let mut logins: Vec<String> = Vec::new();
        for value in LOGINS.iter().filter_map(|name| self.values.get(*name)) {
            let Value::Text(value) = value else { continue };
            for login in kind::listed(value) {
                if !logins.iter().any(|one| one == login) {
                    logins.push(login.to_owned());
                }
            }
        }
        logins
    }

    /// A required text argument; empty when the spec does not have it.
    pub fn word(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.values.get(name), Some(Value::Flag(true)))
    }

    /// What was said of a flag; nothing when it was left out.
    pub fn said(&self, name: &str) -> Option<bool> {
        match self.values.get(name) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.values.get(name) {
            Some(Value::Integer(n)) => Some(*n),
            _ => None,
        }
    }

    pub fn request(&self, name: &str) -> Option<RequestNo> {
        self.integer(name).and_then(|n| u64::try_from(n).ok()).map(RequestNo)
    }

    /// The six digits of a code, if one came along.
    pub fn code(&self) -> Option<&Secret> {
        self.code.as_ref()
    }

    /// The name under which an attached file is kept, which is the SHA-256 of its bytes, and what people call it.
    pub fn file(&self, name: &str) -> Option<(&str, &str)> {
        let (shown, kept) = self.text(name)?.rsplit_once('#')?;
        Some((kept, shown))
    }

    /// Says something else in place of what was said.
    pub(crate) fn replace(&mut self, name: &str, text: String) {
        self.values.insert(name.to_owned(), Value::Text(text));
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Each argument by its name, as [`Args::check`] takes it.
    pub fn options(&self) -> Vec<(String, String)> {
        self.raw().collect()
    }

    /// The arguments as someone would type them, in alphabetical order.
    pub fn typed(&self) -> String {
        let words: Vec<String> =
            self.raw().map(|(name, value)| format!("{name}:{}", quoted(&value))).collect();
        words.join(" ")
    }

    pub(super) fn raw(&self) -> impl Iterator<Item = (String, String)> {
        self.values.iter().map(|(name, value)| {
            let value = match value {
                Value::Flag(flag) => flag.to_string(),
                Value::Integer(n) => n.to_string(),
                Value::Text(text) => text.clone(),
            };
            (name.clone(), value)
        })
    }
}

/// Checks raw values (by argument name) against the spec of the command at `path`.
pub(super) fn checked(path: &str, spec: &Spec, raw: &[(String, String)]) -> Result<Args, Problem> {
    let mut args = Args::default();
    let takes_code = spec.takes_code();
    for (name, value) in raw {
        let Some(arg) = spec.arg_called(name) else {
            if kind::names_password(name) {
                return Err(kind::no_password());
            }
            let mut near = spec.args_near(name);
            if near.is_empty() && !kind::looks_like_password(value) {
                // However it is called, a value may say what it is. A login is only whom the command is about: anything is one.
                let absent = |arg: &&Arg| raw.iter().all(|(given, _)| given != arg.name);
                let is_meant = |arg: &&Arg| !(arg.kind.names_users() && arg.is_beside());
                let shown = spec.args.iter().filter(absent).filter(is_meant);
                near.extend(shown.filter(|arg| kind::shows(arg, value)).take(1));
            }
            let message = format!("`/{path}` has no option {}.", code(name));
            return Err(Problem::requester("option_unknown", message)
                .hint(usage(path, spec))
                .instead_of(name, near.into_iter().map(|arg| arg.name.to_owned()).collect()));
        };
        let is_there = args.values.contains_key(arg.name) || args.like_a_code.contains_key(arg.name);
        if is_there || (arg.kind == Kind::Code && args.code.is_some()) {
            // Where names of a user are changed, a second login is likely to be a new one.
            let is_new = arg.placed
                && arg.kind == Kind::Login
                && spec.args.iter().any(|arg| matches!(arg.kind, Kind::Name(_)));
            let (also, hint) = match is_new {
                true => (", and it can't be changed", "Keep one, or remove the user and add a new one."),
                false => ("", "Keep one."),
            };
            let message = format!("{} is given twice{also}.", code(arg.name));
            return Err(Problem::requester("option_twice", message).hint(hint));
        }
        if value.len() > RAW_MAX {
            return Err(kind::too_long(arg, value.chars().count()));
        }
        match kind::check(arg, value).map_err(|problem| problem.about(arg.name))? {
            // What people say in their own words was looked through already.
            Checked::Value(Value::Text(text))
                if takes_code && !matches!(arg.kind, Kind::Sentence(_)) && kind::is_like_a_code(&text) =>
            {
                args.like_a_code.insert(arg.name.to_owned(), Secret::new(text));
            }
            Checked::Value(value) => drop(args.values.insert(arg.name.to_owned(), value)),
            Checked::Code(code) => args.code = Some(code),
        }
    }
    let is_there = |name: &str, kind: Kind| match kind {
        Kind::Code => args.code.is_some(),
        _ => args.values.contains_key(name) || args.like_a_code.contains_key(name),
    };
    let missing: Vec<String> = spec
        .args
        .iter()
        .filter(|arg| arg.need == Need::Required && !is_there(arg.name, arg.kind))
        .map(|arg| code(arg.name))
        .collect();
    let one_of = || spec.args.iter().filter(|arg| arg.need == Need::OneOf);
    if missing.is_empty() && one_of().next().is_some() && one_of().all(|arg| !is_there(arg.name, arg.kind)) {
        let names: Vec<String> = one_of().map(|arg| code(arg.name)).collect();
        let message = format!("{} is missing.", text::list(&names, "or"));
        return Err(Problem::requester("option_missing", message).hint(usage(path, spec)));
    }
    if !missing.is_empty() {
        let verb = if missing.len() == 1 { "is" } else { "are" };
        let message = format!("{} {verb} missing.", text::list(&missing, "and"));
        return Err(Problem::requester("option_missing", message).hint(usage(path, spec)));
    }
    Ok(args)
}

/// The longest usage line that a refusal has, in characters.
const USAGE_MAX: usize = 120;

/// How a command is typed: all of it where that is short, or else what comes first and where the rest is.
pub(super) fn usage(path: &str, spec: &Spec) -> String {
    let all = spec.usage(path);
    if all.chars().count() <= USAGE_MAX {
        return format!("Type `{all}`.");
    }
    let placed: Vec<String> = spec.args.iter().filter(|arg| arg.placed).map(Arg::usage).collect();
    format!("Type `/{path} {} …`. `/desk help {path}` lists the options.", placed.join(" "))
}
