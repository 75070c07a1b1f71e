//! What the section about email is asked.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::policy::Policy;

use super::mailer::Mailer;
use super::settings::{MailService, Settings};
use super::smtp;
use crate::clock::SystemClock;
use crate::report::{FoundOnHost, Level};
use crate::section::{Found, Section};

#[async_trait]
impl Section for Settings {
    fn name(&self) -> &'static str {
        "email"
    }

    fn placeholders(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        &[
            ("from", "helpdesk@example.org", "Use the address that your emails come from."),
            ("cc", "helpdesk-copies@example.org", "Use a mailbox of yours, or remove it."),
            ("organization", "Example Health", "Use the name of your organization."),
            ("helpdesk", "the help desk at extension 4357", "Say how your users reach the help desk."),
            ("login_url", "https://example.my.connect.aws", "Use your users' sign-in page, or remove it."),
            ("host", "smtp.example.org", "Use your SMTP server, or remove [email.smtp]."),
            ("tenant", "\"example.org\"", "Use the id of your tenant, or one of its domains."),
            ("token_url", "microsoftonline.com/example.org/", "Use the token endpoint of your provider."),
            ("client_id", "11111111-2222-3333-4444-555555555555", "Use the id of your app registration."),
        ]
    }

    fn files(&self) -> Vec<&Path> {
        let authorities = match self.outgoing.as_ref().map(|outgoing| &outgoing.by) {
            Some(MailService::Smtp(smtp)) => smtp.ca_file.as_deref(),
            Some(MailService::Ses(_)) | None => None,
        };
        self.template_files.iter().map(|file| file.as_path()).chain(authorities).collect()
    }

    fn examine_host(&self) -> Vec<FoundOnHost> {
        match self.outgoing.as_ref().map(|outgoing| &outgoing.by) {
            Some(MailService::Smtp(smtp)) => smtp::examine_host(smtp),
            Some(MailService::Ses(_)) | None => Vec::new(),
        }
    }

    async fn examine(&self, _: &Policy) -> Vec<Found> {
        if self.outgoing.is_none() {
            let said = "The desk can't send email. Requesters get the text to copy.";
            return vec![(Level::Ok, Ok(said.to_owned()))];
        }
        match Mailer::open(self.clone(), None, Arc::new(SystemClock::default())).await {
            Ok(mailer) => mailer.examine().await,
            Err(problem) => vec![(Level::Failure, Err(problem))],
        }
    }

    fn silent(&self) -> Problem {
        Problem::operator("email_silent", "The email server doesn't answer.")
            .hint("Check [email.smtp] or [email.ses], and this host's network.")
    }
}
