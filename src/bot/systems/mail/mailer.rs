//! What sends an email: the site's templates, its sender and how it is carried, as the configuration has them.

use std::sync::Arc;

use super::settings::{MailService, Settings};
use super::{ses, smtp};
use aws_credential_types::provider::SharedCredentialsProvider;
use desk_core::basics::problem::Problem;
use desk_core::email::{Delivery, Email, EmailKind, EmailTemplates, RenderedEmail};
use desk_core::ports::Clock;
use lettre::message::Mailbox;
use sha2::{Digest as _, Sha256};

use crate::report::Level;

/// The site's emails, and what carries them.
pub struct Mailer {
    pub(super) settings: Settings,
    pub(super) transport: Option<MailTransport>,
}

pub(super) enum MailTransport {
    Smtp(Box<smtp::Smtp>),
    Ses(ses::Ses),
}

impl Mailer {
    /// Reads the password and certificates that the settings name. Nothing is connected yet.
    ///
    /// `credentials` are for Amazon SES; without them AWS's default chain finds some.
    pub async fn open(
        settings: Settings,
        credentials: Option<SharedCredentialsProvider>,
        clock: Arc<dyn Clock>,
    ) -> Result<Mailer, Problem> {
        let transport = match settings.outgoing.as_ref().map(|outgoing| &outgoing.by) {
            None => None,
            Some(MailService::Smtp(smtp)) => {
                Some(MailTransport::Smtp(Box::new(smtp::Smtp::open(smtp, settings.patience, clock)?)))
            }
            Some(MailService::Ses(ses)) => {
                Some(MailTransport::Ses(ses::Ses::open(ses, credentials, settings.patience).await))
            }
        };
        Ok(Mailer { settings, transport })
    }
}

impl Mailer {
    /// An email in its words; the values name what is in it beside what the site says about itself.
    pub(super) fn written(
        &self,
        kind: EmailKind,
        to: &str,
        own: &[(&str, &str)],
    ) -> Result<RenderedEmail, Problem> {
        let Settings { organization, sign_off, helpdesk, cc, templates, .. } = &self.settings;
        let mut values = vec![
            ("organization", organization.as_str()),
            ("sign_off", sign_off),
            ("helpdesk", helpdesk),
            ("sign_in", "password"),
        ];
        values.extend(own);
        let written = templates.write(kind, &values).map_err(|message| {
            let kind = kind.word();
            Problem::operator("email_template", format!("The email template {kind} doesn't work: {message}."))
                .hint("Correct it, test it with `connect-desk check --config FILE`, and restart the desk.")
        })?;
        Ok(RenderedEmail {
            to: to.to_owned(),
            cc: cc.iter().map(Mailbox::to_string).collect(),
            subject: written.subject,
            text: written.text,
        })
    }
}

impl Mailer {
    /// What can be told of the way that emails leave without sending one.
    pub(crate) async fn examine(&self) -> Vec<(Level, Result<String, Problem>)> {
        match (&self.transport, &self.settings.outgoing) {
            (Some(MailTransport::Smtp(smtp)), _) => vec![match smtp.examine().await {
                Ok(said) => (Level::Ok, Ok(said)),
                Err(problem) => (Level::Failure, Err(problem)),
            }],
            (Some(MailTransport::Ses(ses)), Some(outgoing)) => ses.examine(&outgoing.from).await,
            _ => Vec::new(),
        }
    }
}

impl EmailTemplates for Mailer {
    fn delivery(&self) -> Delivery {
        match self.transport {
            Some(_) => Delivery::Sent,
            None => Delivery::HandedOver,
        }
    }

    fn template(&self, kind: EmailKind) -> String {
        let Settings { organization, sign_off, helpdesk, login_url, cc, templates, outgoing, .. } =
            &self.settings;
        let (subject, text) = templates.source(kind);
        let from = outgoing.as_ref().map(|outgoing| outgoing.from.to_string()).unwrap_or_default();
        let cc = cc.as_ref().map(Mailbox::to_string).unwrap_or_default();
        let mut hasher = Sha256::new();
        let login_url = login_url.as_deref().unwrap_or_default();
        for part in [subject, text, organization, sign_off, helpdesk, login_url, &from, &cc] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let mut mark = desk_core::basics::text::hex(&hasher.finalize());
        mark.truncate(16);
        mark
    }

    fn write(&self, email: &Email) -> Result<RenderedEmail, Problem> {
        let website = self.settings.login_url.as_deref().or(email.website.as_deref()).unwrap_or_default();
        let own = [
            ("login", email.login.as_str()),
            ("name", &email.name),
            ("website", website),
            ("sign_in", email.sign_in.word()),
        ];
        self.written(email.kind, &email.to, &own)
    }
}
