//! Emails: written from the site's templates, and sent by SMTP or Amazon SES where the site has one of them.
//!
//! `templates` has the words, `message` makes the mail that servers take, `smtp` and `ses` carry it, and `sender` sees to it
//! that each email leaves once.

mod codes;
mod mailer;
pub mod message;
mod parse;
mod section;
mod sender;
mod ses;
mod settings;
mod smtp;
mod templates;
mod token;

pub(crate) use settings::VARIABLES;

pub use codes::Codes;
pub use mailer::Mailer;
pub use sender::EmailSender;
pub use settings::{
    MailService, OAuth2Settings, Outgoing, Patience, SesSettings, Settings, SmtpSettings, Tls,
};
pub use templates::{SOURCE_MAX, Templates};
