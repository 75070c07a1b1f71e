//! A practice desk that mails.

use std::path::PathBuf;
use std::time::Duration;

use connect_desk::config::Config;
use connect_desk::practice;
use connect_desk::systems::mail::{MailService, Outgoing, Patience, Settings, SmtpSettings, Tls};

use desk_core::card::Card;

use crate::smtp::{Setup, Smtp, USER};
use crate::support::Story;

/// Someone new with an email: one step in the contact center, then their email.
pub const ADD: &str = "/connect add Erika Muster email:erika.muster@example.com like:jose.garcia";

/// How a desk reaches this server.
pub fn server(smtp: &Smtp, folder: &std::path::Path) -> SmtpSettings {
    let (ca_file, password_file) = smtp.files(folder);
    SmtpSettings {
        host: "localhost".to_owned(),
        port: smtp.port,
        tls: Tls::Starttls,
        username: Some(USER.to_owned()),
        password_file: Some(password_file),
        ca_file: Some(ca_file),
        oauth2: None,
    }
}

/// The practice desk's configuration with a sender.
pub fn config(by: MailService) -> Config {
    let patience = Patience {
        // Long enough for a busy machine, short enough to wait for where a server is silent.
        exchange: Duration::from_secs(3),
        trouble: Duration::from_secs(600),
        jitter_seed: Some(1),
    };
    let from = "Help desk <helpdesk@example.org>".parse().unwrap();
    let email = Settings {
        organization: "Example Health".to_owned(),
        cc: Some("copies@example.org".parse().unwrap()),
        outgoing: Some(Outgoing { from, by }),
        patience,
        ..Settings::default()
    };
    let mut config = practice::config().unwrap();
    config.systems.email = email;
    config
}

/// A folder for what a desk reads.
pub struct Files(tempfile::TempDir);

impl Files {
    pub fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }
}

/// A desk that mails through this server, as `change` has it.
pub async fn desk(smtp: &Smtp, files: &Files, change: impl FnOnce(&mut SmtpSettings)) -> Story {
    let mut settings = server(smtp, &files.path());
    change(&mut settings);
    let config = config(MailService::Smtp(settings));
    Story::with(|options| options.config = Some(config)).await
}

/// A mail server, a folder, and a desk that mails through the server.
pub async fn mailing() -> (Smtp, Files, Story) {
    let (smtp, files) = (Smtp::open(Setup::default()).await, Files::new());
    let story = desk(&smtp, &files, |_| {}).await;
    (smtp, files, story)
}

/// Adds someone; the card at the end.
pub async fn adds(story: &mut Story) -> Card {
    story.says("helpdesk", ADD).await;
    story.card("helpdesk", "/desk confirm 1").await
}

/// Asks, confirms and approves; the card at the end.
pub async fn approved(story: &mut Story, line: &str) -> Card {
    let no = story.card("helpdesk", line).await.request.unwrap().0;
    story.says("helpdesk", &format!("/desk confirm {no}")).await;
    story.card("supervisor", &format!("/desk approve {no}")).await
}
