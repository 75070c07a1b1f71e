//! The words of emails: templates with a subject and a text, checked before anything starts.

use std::collections::BTreeMap;

use desk_core::basics::text::{code, did_you_mean, nearest, plain};
use desk_core::email::EmailKind;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

/// What a template may name.
pub const VARIABLES: [&str; 7] =
    ["helpdesk", "login", "name", "organization", "sign_in", "sign_off", "website"];

/// What the email to a caller may name as well, and no other email.
const CODE: &str = "code";

/// The longest value that is put into an email, and the longest subject, in characters.
const VALUE_MAX: usize = 400;

/// The longest template, in bytes.
pub const SOURCE_MAX: u64 = 64 * 1024;

/// One template for each kind of email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Templates(BTreeMap<EmailKind, Source>);

/// A template as it is in its file: `AffectedUser: …` in the first line, then the text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    subject: String,
    text: String,
}

/// What an email says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub subject: String,
    pub text: String,
}

impl Default for Templates {
    fn default() -> Templates {
        let shipped = |kind| match kind {
            EmailKind::Credentials => include_str!("templates/credentials.txt"),
            EmailKind::FirstLogin => include_str!("templates/first_login.txt"),
            EmailKind::ForgotPassword => include_str!("templates/forgot_password.txt"),
            EmailKind::EmailNotReceived => include_str!("templates/email_not_received.txt"),
            EmailKind::EmailChanged => include_str!("templates/email_changed.txt"),
            EmailKind::CallerCode => include_str!("templates/caller_code.txt"),
        };
        let read =
            |kind| (kind, read(kind, shipped(kind)).expect("a test checks every email that is shipped"));
        Templates(EmailKind::ALL.map(read).into())
    }
}

impl Templates {
    /// Takes another template for a kind of email; the error is a sentence that says what is wrong with it.
    pub fn replace(&mut self, kind: EmailKind, source: &str) -> Result<(), String> {
        self.0.insert(kind, read(kind, source)?);
        Ok(())
    }

    /// What the email of this kind is made of.
    pub(super) fn source(&self, kind: EmailKind) -> (&str, &str) {
        self.0.get(&kind).map(|source| (source.subject.as_str(), source.text.as_str())).unwrap_or_default()
    }

    /// Puts values into a template. Each becomes one line, so none can make a header or a paragraph of its own.
    pub fn write(&self, kind: EmailKind, values: &[(&str, &str)]) -> Result<Written, String> {
        let (subject, text) = self.source(kind);
        let values: BTreeMap<&str, String> =
            values.iter().map(|(name, value)| (*name, plain(value, VALUE_MAX))).collect();
        let subject = render(subject, &values)?;
        Ok(Written {
            subject: plain(subject.trim(), VALUE_MAX),
            text: format!("{}\n", render(text, &values)?.trim_end()),
        })
    }
}

/// What a template of this kind may name.
fn variables(kind: EmailKind) -> Vec<&'static str> {
    let code = (kind == EmailKind::CallerCode).then_some(CODE);
    VARIABLES.into_iter().chain(code).collect()
}

/// Reads and checks a template.
fn read(kind: EmailKind, source: &str) -> Result<Source, String> {
    let source = source.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let (first, text) = source.split_once('\n').unwrap_or((&source, ""));
    let Some(subject) = first.strip_prefix("Subject:").map(str::trim).filter(|subject| !subject.is_empty())
    else {
        return Err("its first line is not `Subject:` and a subject".to_owned());
    };
    let text = text.trim_start_matches('\n');
    if text.trim().is_empty() {
        return Err("there is no text after its first line".to_owned());
    }
    let read = Source { subject: subject.to_owned(), text: text.to_owned() };
    let variables = variables(kind);
    for piece in [&read.subject, &read.text] {
        names_only_what_there_is(piece, &variables)?;
        for value in ["x", ""] {
            let values = variables.iter().map(|name| (*name, value.to_owned())).collect();
            render(piece, &values)?;
        }
    }
    // A subject is shown on locked screens, and a code that is not there can be read to no one.
    let with = |piece: &str, code: &str| {
        let value = |name: &&'static str| if *name == CODE { code } else { "x" }.to_owned();
        render(piece, &variables.iter().map(|name| (*name, value(name))).collect())
    };
    let shows = |piece: &str| Ok::<_, String>(with(piece, "111111")? != with(piece, "222222")?);
    if kind == EmailKind::CallerCode && (!shows(&read.text)? || shows(&read.subject)?) {
        return Err("`code` must be in its text, and not in its subject".to_owned());
    }
    Ok(read)
}

fn names_only_what_there_is(source: &str, variables: &[&'static str]) -> Result<(), String> {
    let environment = environment();
    let template = environment.template_from_str(source).map_err(|error| said(&error))?;
    let mut unknown: Vec<String> = template
        .undeclared_variables(false)
        .into_iter()
        .filter(|name| !variables.contains(&name.as_str()))
        .collect();
    unknown.sort();
    let Some(first) = unknown.first() else { return Ok(()) };
    let hint = did_you_mean(&nearest(first, variables.iter().copied())).unwrap_or_else(|| {
        let all: Vec<String> = variables.iter().map(|name| code(name)).collect();
        format!("There are {}.", all.join(", "))
    });
    Err(format!("the variable {} doesn't exist. {hint}", code(first)).trim_end_matches('.').to_owned())
}

fn render(source: &str, values: &BTreeMap<&str, String>) -> Result<String, String> {
    let values = Value::from_pairs(values.iter().map(|(name, value)| (*name, Value::from(value.as_str()))));
    environment().render_str(source, values).map_err(|error| said(&error))
}

/// Plain text, so nothing is escaped; what is not there is an error, not a blank.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}

fn said(error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!(" in line {line} of its text")).unwrap_or_default();
    let detail = error.detail().map(|detail| format!(": {}", plain(detail, 200))).unwrap_or_default();
    format!("{}{detail}{line}", error.kind())
}
