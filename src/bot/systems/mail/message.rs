//! An email becomes a message as mail servers take it (RFC 5322).

use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::email::RenderedEmail;
use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};

/// From whom and to whom a server takes it, and its bytes.
pub(super) struct Sealed {
    pub envelope: Envelope,
    pub bytes: Vec<u8>,
}

/// Makes the message. `id` is what the email is called for ever, also when a person has it sent once more.
pub(super) fn seal(
    from: &Mailbox,
    cc: Option<&Mailbox>,
    mail: &RenderedEmail,
    id: &str,
    at: Timestamp,
) -> Result<Sealed, Problem> {
    let to: Mailbox = mail.to.parse().map_err(|_| unfit(&mail.to))?;
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
    Ok(Sealed { envelope: message.envelope().clone(), bytes: message.formatted() })
}

fn unfit(to: &str) -> Problem {
    Problem::human("email_address", format!("{} isn't a valid recipient.", code(to)))
        .hint("Set another address with `/connect edit … email:…`.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(subject: &str, text: &str) -> Sealed {
        let from: Mailbox = "Help desk <desk@example.org>".parse().unwrap();
        let cc: Mailbox = "copies@example.org".parse().unwrap();
        let mail = RenderedEmail {
            to: "john.doe@example.com".to_owned(),
            cc: Vec::new(),
            subject: subject.to_owned(),
            text: text.to_owned(),
        };
        seal(&from, Some(&cc), &mail, "7.1.abc", "2026-11-20T09:00:00Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_message_has_its_headers_and_goes_to_the_copies_as_well() {
        let Sealed { envelope, bytes } = sealed("Hello", "Dear John,\nbye\n");
        assert_eq!(envelope.to().len(), 2);
        let text = String::from_utf8(bytes).unwrap();
        for header in [
            "From: \"Help desk\" <desk@example.org>\r\n",
            "To: john.doe@example.com\r\n",
            "Cc: copies@example.org\r\n",
            "Message-ID: <7.1.abc@example.org>\r\n",
            "Date: Fri, 20 Nov 2026 09:00:00 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
        ] {
            assert!(text.contains(header), "{text}");
        }
        assert!(text.ends_with("\r\n\r\nDear John,\r\nbye\r\n"), "{text}");
    }

    #[test]
    fn no_subject_makes_a_header() {
        let text = String::from_utf8(sealed("x\r\nBcc: all@example.org", "y").bytes).unwrap();
        assert!(!text.to_lowercase().contains("\nbcc:"), "{text}");
        let text = String::from_utf8(sealed("Grüße 世界", "Dear José").bytes).unwrap();
        assert!(text.is_ascii(), "{text}");
    }
}
