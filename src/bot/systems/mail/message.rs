//! An email becomes a message as mail servers take it (RFC 5322).

use desk_core::basics::address::ascii_domain;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::email::RenderedEmail;
use jiff::Timestamp;
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};

/// From whom and to whom a server takes it, and its bytes.
pub struct Sealed {
    pub envelope: Envelope,
    pub bytes: Vec<u8>,
    /// Who gets a copy. The email is sent without it where a server refuses that.
    pub copy: Option<Address>,
}

impl Sealed {
    /// Whether a refusal of the whole email names who gets the copy.
    pub fn is_of_copy(&self, refusal: &Problem) -> bool {
        let said = refusal.message.to_lowercase();
        self.copy.as_ref().is_some_and(|copy| said.contains(&copy.to_string().to_lowercase()))
    }
}

/// The mailbox with a domain that every server takes; nothing where there is none.
pub fn with_ascii_domain(mailbox: Mailbox) -> Option<Mailbox> {
    let domain = ascii_domain(mailbox.email.domain())?;
    let email = Address::new(mailbox.email.user(), domain).ok()?;
    Some(Mailbox { email, ..mailbox })
}

/// Makes the message. `id` is what the email is called for ever, also when a person has it sent once more.
pub fn seal(
    from: &Mailbox,
    cc: Option<&Mailbox>,
    mail: &RenderedEmail,
    id: &str,
    at: Timestamp,
) -> Result<Sealed, Problem> {
    let to = mail.to.parse().ok().and_then(with_ascii_domain).ok_or_else(|| unfit(&mail.to))?;
    let copy = cc.map(|cc| cc.email.clone()).filter(|copy| *copy != to.email);
    let mut builder = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(&mail.subject)
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .date(at.into())
        .header(ContentType::TEXT_PLAIN)
        // RFC 3834: no one's machine answers it.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    if let Some(cc) = cc {
        builder = builder.cc(cc.clone());
    }
    let message = builder.body(mail.text.clone()).map_err(|_| unfit(&mail.to))?;
    Ok(Sealed { envelope: message.envelope().clone(), bytes: message.formatted(), copy })
}

fn unfit(to: &str) -> Problem {
    Problem::human("email_address", format!("{} isn't a valid recipient.", code(to)))
        .hint("Set another address with `/connect edit … email:…`.")
}
