//! Emails that the desk writes to people: which there are, what is in them, and how they leave.
//!
//! No email of a plan holds a secret, so it may stand in a plan, in the log and on a card.

use serde::{Deserialize, Serialize};

use crate::basics::clean;
use crate::basics::problem::Problem;
use crate::center::IdentityType;

/// What an email is about. Each has a template that a site may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailKind {
    /// The guide's "Account Setup Email": where to sign in and as whom.
    Credentials,
    /// How to sign in for the first time.
    FirstLogin,
    /// How to set a new password.
    ForgotPassword,
    /// What to do when the mail with the link does not come.
    EmailNotReceived,
    /// To the old address, when another one was set.
    EmailChanged,
    /// A code that a caller reads out; it is in no plan, because it holds one.
    CallerCode,
}

impl EmailKind {
    pub const ALL: [EmailKind; 6] = [
        EmailKind::Credentials,
        EmailKind::FirstLogin,
        EmailKind::ForgotPassword,
        EmailKind::EmailNotReceived,
        EmailKind::EmailChanged,
        EmailKind::CallerCode,
    ];

    /// As the kind is in plans, file names and options.
    pub fn word(self) -> &'static str {
        match self {
            EmailKind::Credentials => "credentials",
            EmailKind::FirstLogin => "first_login",
            EmailKind::ForgotPassword => "forgot_password",
            EmailKind::EmailNotReceived => "email_not_received",
            EmailKind::EmailChanged => "email_changed",
            EmailKind::CallerCode => "caller_code",
        }
    }
}

/// One email to one person, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    pub kind: EmailKind,
    /// The address on file, or the one that a step before this sets.
    pub to: String,
    pub login: String,
    /// First and last name, as [`name_for_email`] lets them through; may be empty.
    pub name: String,
    /// Where to sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// How they sign in, which the words depend on.
    #[serde(default, skip_serializing_if = "IdentityType::keeps_password")]
    pub sign_in: IdentityType,
    /// Of what the email is made, so that another template voids an approval: the first characters of its SHA-256.
    pub template: String,
}

impl Email {
    /// Whether it warns someone of what was done to their account. The requester alone cannot say that it was sent, skip it, or
    /// hold it up. It holds nothing else up either, and an address that takes it not ends it.
    pub fn is_notice(&self) -> bool {
        self.kind == EmailKind::EmailChanged
    }

    /// What it is about and where it goes, in a few words.
    pub fn addressed(&self) -> String {
        let name = if self.name.is_empty() { String::new() } else { format!(" for {}", self.name) };
        format!("{} to {}{name}", self.kind.word(), self.to)
    }
}

/// The codes of problems that say that the addressee's mail server, or the address itself, takes no email: now, later, or while
/// Amazon SES is in its sandbox.
pub const REFUSED: [&str; 4] = ["email_refused", "email_address", "email_not_taken", "email_sandbox"];

/// The most characters of a name in an email, and the most words.
const NAME_MAX: usize = 60;
const WORDS_MAX: usize = 6;

/// A person's name as an email may have it; empty for what could be a message of its own, with an address or a number in it.
/// Anyone who creates a user chooses the name and the address, and the email comes from a sender that people trust. Digits, dots and signs
/// of other scripts and widths count too.
pub fn name_for_email(name: &str) -> &str {
    let name = name.trim();
    let plain = clean::word(name);
    let odd = |c: char| c.is_control() || c.is_numeric() || ":/\\@<>|\"#&=?".contains(c);
    let link = plain.split(['.', '。']).skip(1).any(|rest| rest.starts_with(char::is_alphanumeric));
    let is_name = name.chars().count() <= NAME_MAX
        && name.split_whitespace().count() <= WORDS_MAX
        && !plain.contains(odd)
        && !link;
    if is_name { name } else { "" }
}

/// An email as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedEmail {
    pub to: String,
    pub cc: Vec<String>,
    pub subject: String,
    pub text: String,
}

/// How emails leave the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The desk sends them.
    Sent,
    /// The requester gets them to copy.
    HandedOver,
}

/// The site's emails. Writing one changes nothing.
pub trait EmailTemplates: Send + Sync {
    fn delivery(&self) -> Delivery;

    /// The mark of what a kind of email is made of, for [`Email::template`].
    fn template(&self, kind: EmailKind) -> String;

    /// The email in its words.
    fn write(&self, email: &Email) -> Result<RenderedEmail, Problem>;
}
