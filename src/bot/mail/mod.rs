//! Letters: written from the site's templates, and sent by SMTP or Amazon SES where the site has one of them.
//!
//! `templates` has the words, `message` makes the mail that servers take, `smtp` and `ses` carry it, and `post` sees to it
//! that each letter leaves once.

mod codes;
mod message;
mod post;
mod ses;
mod smtp;
mod templates;

use std::path::PathBuf;
use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use desk_core::basics::problem::Problem;
use desk_core::email::{Delivery, Email, EmailKind, EmailTemplates, Mail};
use lettre::message::Mailbox;
use sha2::{Digest as _, Sha256};

pub use codes::Codes;
pub use post::EmailSender;
pub use templates::{SOURCE_MAX, Templates, VARIABLES};

/// What a site says about its letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub organisation: String,
    pub sign_off: String,
    /// Whom readers turn to, as it stands in a sentence: "the help desk at 555-0100".
    pub helpdesk: String,
    /// Where people sign in, when it is not the address of the contact center.
    pub login_url: Option<String>,
    /// Gets a copy of each letter.
    pub cc: Option<Mailbox>,
    pub templates: Templates,
    /// How letters leave; where there is none, requesters get them to copy.
    pub outgoing: Option<Outgoing>,
    pub patience: Patience,
}

/// The sender, and what carries the letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    pub from: Mailbox,
    pub by: Way,
}

/// What carries letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
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
    /// A file with the certificates (PEM) of a private authority that is trusted beside the system's.
    pub ca_file: Option<PathBuf>,
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

/// How long the desk tries to send a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For each exchange with the server. RFC 5321 allows a server minutes; a help desk does not.
    pub exchange: Duration,
    /// While the server cannot be reached or puts letters off; servers that greylist take 5 minutes and more.
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
            organisation: "your organisation".to_owned(),
            sign_off: "Your help desk".to_owned(),
            helpdesk: "the help desk".to_owned(),
            login_url: None,
            cc: None,
            templates: Templates::default(),
            outgoing: None,
            patience: Patience::default(),
        }
    }
}

impl Settings {
    /// Whether Amazon SES is somewhere else than at AWS.
    pub(crate) fn is_practised(&self) -> bool {
        matches!(self.outgoing.as_ref().map(|outgoing| &outgoing.by), Some(Way::Ses(ses)) if ses.endpoint.is_some())
    }
}

/// The site's letters, and what carries them.
pub struct Mailer {
    settings: Settings,
    carrier: Option<MailTransport>,
}

enum MailTransport {
    Smtp(smtp::Smtp),
    Ses(ses::Ses),
}

impl Mailer {
    /// Reads the password and certificates that the settings name. Nothing is connected yet.
    ///
    /// `credentials` are for Amazon SES; without them AWS's default chain finds some.
    pub async fn open(
        settings: Settings,
        credentials: Option<SharedCredentialsProvider>,
    ) -> Result<Mailer, Problem> {
        let carrier = match settings.outgoing.as_ref().map(|outgoing| &outgoing.by) {
            None => None,
            Some(Way::Smtp(smtp)) => Some(MailTransport::Smtp(smtp::Smtp::open(smtp, settings.patience)?)),
            Some(Way::Ses(ses)) => {
                Some(MailTransport::Ses(ses::Ses::open(ses, credentials, settings.patience).await))
            }
        };
        Ok(Mailer { settings, carrier })
    }
}

impl Mailer {
    /// A letter in its words; the values name what stands in it beside what the site says about itself.
    fn written(&self, kind: EmailKind, to: &str, own: &[(&str, &str)]) -> Result<Mail, Problem> {
        let Settings { organisation, sign_off, helpdesk, cc, templates, .. } = &self.settings;
        let mut values =
            vec![("organisation", organisation.as_str()), ("sign_off", sign_off), ("helpdesk", helpdesk)];
        values.extend(own);
        let written = templates.write(kind, &values).map_err(|message| {
            let kind = kind.word();
            Problem::operator(
                "letter_template",
                format!("The template of the letter {kind} does not work: {message}."),
            )
            .hint("Correct it, try it with `connect-desk check`, and start the desk again.")
        })?;
        Ok(Mail {
            to: to.to_owned(),
            cc: cc.iter().map(Mailbox::to_string).collect(),
            subject: written.subject,
            text: written.text,
        })
    }
}

impl EmailTemplates for Mailer {
    fn delivery(&self) -> Delivery {
        match self.carrier {
            Some(_) => Delivery::Sent,
            None => Delivery::HandedOver,
        }
    }

    fn template(&self, kind: EmailKind) -> String {
        let Settings { organisation, sign_off, helpdesk, login_url, cc, templates, outgoing, .. } =
            &self.settings;
        let (subject, text) = templates.source(kind);
        let from = outgoing.as_ref().map(|outgoing| outgoing.from.to_string()).unwrap_or_default();
        let cc = cc.as_ref().map(Mailbox::to_string).unwrap_or_default();
        let mut hasher = Sha256::new();
        let login_url = login_url.as_deref().unwrap_or_default();
        for part in [subject, text, organisation, sign_off, helpdesk, login_url, &from, &cc] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let mut mark = desk_core::basics::text::hex(&hasher.finalize());
        mark.truncate(16);
        mark
    }

    fn write(&self, letter: &Email) -> Result<Mail, Problem> {
        let website = self.settings.login_url.as_deref().or(letter.website.as_deref()).unwrap_or_default();
        let own = [("login", letter.login.as_str()), ("name", &letter.name), ("website", website)];
        self.written(letter.kind, &letter.to, &own)
    }
}
