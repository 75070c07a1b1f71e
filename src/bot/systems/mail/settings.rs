//! What a site says about its emails, and how they leave.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::Mailbox;

use super::templates::Templates;
use crate::secrets::variables;

variables! {
    /// The password for the mail server.
    SMTP_PASSWORD = "CONNECT_DESK_SMTP_PASSWORD";
    /// The client secret with which the desk gets access tokens for the mail server.
    SMTP_CLIENT_SECRET = "CONNECT_DESK_SMTP_CLIENT_SECRET";
}

/// What a site says about its emails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub organization: String,
    pub sign_off: String,
    /// Whom readers turn to, as it is in a sentence: "the help desk at 555-0100".
    pub helpdesk: String,
    /// Where people sign in, when it is not the address of the contact center.
    pub login_url: Option<String>,
    /// Gets a copy of each letter.
    pub cc: Option<Mailbox>,
    pub templates: Templates,
    /// The files that they came from.
    pub template_files: Vec<PathBuf>,
    /// How emails leave; where there is none, requesters get them to copy.
    pub outgoing: Option<Outgoing>,
    pub patience: Patience,
}

/// The sender, and what carries the emails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    pub from: Mailbox,
    pub by: MailService,
}

/// What carries emails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailService {
    Smtp(SmtpSettings),
    Ses(SesSettings),
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub username: Option<String>,
    /// A file with the password and nothing else; the environment variable `CONNECT_DESK_SMTP_PASSWORD` goes before it.
    pub password_file: Option<PathBuf>,
    /// How the desk gets access tokens, where the server takes those instead of a password.
    pub oauth2: Option<OAuth2Settings>,
    /// A file with the certificates (PEM) of a private authority that is trusted beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// Access tokens by client credentials (XOAUTH2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth2Settings {
    pub token_url: String,
    pub client_id: String,
    /// A file with the client secret and nothing else; the environment variable `CONNECT_DESK_SMTP_CLIENT_SECRET` goes before it.
    pub client_secret_file: Option<PathBuf>,
    pub scope: String,
}

/// How the line to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// It begins in clear and is encrypted before anything is said (RFC 3207); without that nothing is sent.
    #[default]
    Starttls,
    /// From the first byte (RFC 8314).
    Implicit,
    /// Not at all; only to this machine.
    None,
}

/// Amazon SES.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SesSettings {
    pub region: String,
    /// Another endpoint than AWS's own, for tests.
    pub endpoint: Option<String>,
    pub configuration_set: Option<String>,
}

/// How long the desk tries to send an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For each exchange with the server. RFC 5321 allows a server minutes; a help desk does not.
    pub exchange: Duration,
    /// While the server cannot be reached or puts emails off; servers that greylist take 5 minutes and more.
    pub trouble: Duration,
    /// Makes the pauses between tries the same in every run.
    pub jitter_seed: Option<u64>,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            exchange: Duration::from_secs(30),
            trouble: Duration::from_secs(15 * 60),
            jitter_seed: None,
        }
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            organization: "your organization".to_owned(),
            sign_off: "Your help desk".to_owned(),
            helpdesk: "the help desk".to_owned(),
            login_url: None,
            cc: None,
            templates: Templates::default(),
            template_files: Vec::new(),
            outgoing: None,
            patience: Patience::default(),
        }
    }
}

impl Settings {
    /// Whether emails go no further than this machine, to a server that is in for the real one.
    pub(crate) fn stays_here(&self) -> bool {
        match self.outgoing.as_ref().map(|outgoing| &outgoing.by) {
            Some(MailService::Smtp(smtp)) => ["localhost", "127.0.0.1", "::1"].contains(&smtp.host.as_str()),
            Some(MailService::Ses(_)) => self.is_practised(),
            None => false,
        }
    }

    /// Whether Amazon SES is somewhere else than at AWS.
    pub(crate) fn is_practised(&self) -> bool {
        matches!(self.outgoing.as_ref().map(|outgoing| &outgoing.by), Some(MailService::Ses(ses)) if ses.endpoint.is_some())
    }
}
