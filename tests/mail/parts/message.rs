//! An email as mail servers take it.

use connect_desk::systems::mail::message::{Sealed, seal};
use desk_core::basics::problem::Problem;
use desk_core::email::RenderedEmail;
use lettre::message::Mailbox;

fn sealed(subject: &str, text: &str) -> Sealed {
    sealed_to("john.doe@example.com", subject, text).unwrap()
}

fn sealed_to(to: &str, subject: &str, text: &str) -> Result<Sealed, Problem> {
    let from: Mailbox = "Help desk <desk@example.org>".parse().unwrap();
    let cc: Mailbox = "copies@example.org".parse().unwrap();
    let mail = RenderedEmail {
        to: to.to_owned(),
        cc: Vec::new(),
        subject: subject.to_owned(),
        text: text.to_owned(),
    };
    seal(&from, Some(&cc), &mail, "7.1.abc", "2026-11-20T09:00:00Z".parse().unwrap())
}

#[test]
fn a_domain_with_other_letters_is_sent_as_every_server_takes_it() {
    let Sealed { envelope, bytes, .. } =
        sealed_to("john@m\u{fc}nchen.example", "Hello", "Dear John").unwrap();
    assert_eq!(envelope.to()[0].to_string(), "john@xn--mnchen-3ya.example");
    assert!(bytes.is_ascii());
    assert!(sealed_to("john@-\u{fc}_.example", "Hello", "Dear John").is_err());
}

#[test]
fn a_message_has_its_headers_and_goes_to_the_copies_as_well() {
    let Sealed { envelope, bytes, .. } = sealed("Hello", "Dear John,\nbye\n");
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
