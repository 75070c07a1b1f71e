//! Templates: what they may name, and what a value may do in them.

use connect_desk::systems::mail::Templates;
use desk_core::email::EmailKind;

const VALUES: [(&str, &str); 7] = [
    ("helpdesk", "the help desk"),
    ("login", "John.Doe"),
    ("name", "John Doe"),
    ("organization", "Example Health"),
    ("sign_in", "password"),
    ("sign_off", "Your team"),
    ("website", "https://example.my.connect.aws"),
];

#[test]
fn every_email_that_is_shipped_names_the_user_and_where_to_turn() {
    let templates = Templates::default();
    for kind in EmailKind::ALL {
        let values =
            VALUES.iter().copied().chain((kind == EmailKind::CallerCode).then_some(("code", "123456")));
        let written = templates.write(kind, &values.collect::<Vec<_>>()).unwrap();
        assert!(!written.subject.is_empty() && !written.subject.contains('\n'), "{kind:?}");
        assert!(written.text.contains("John.Doe") && written.text.contains("the help desk"), "{kind:?}");
        assert!(written.text.ends_with("Your team\n"), "{kind:?}");
        assert!(written.text.lines().all(|line| line.len() < 200), "{kind:?}");
    }
    let credentials = templates.write(EmailKind::Credentials, &VALUES).unwrap().text;
    assert!(credentials.contains("User ID (case sensitive): John.Doe"));
    assert!(credentials.contains("Login URL: https://example.my.connect.aws"));
}

#[test]
fn what_is_wrong_with_a_template_is_said() {
    let table = [
        ("Dear {{ name }}", "first line is not `Subject:`"),
        ("Subject:\n\nDear", "first line is not `Subject:`"),
        ("Subject: Hello", "no text after"),
        ("Subject: Hello\n\n{{ logn }}", "the variable `logn` doesn't exist. Did you mean `login`?"),
        ("Subject: {{ password }}\n\nDear", "the variable `password` doesn't exist"),
        ("Subject: Hello\n\n{% if name %}", "syntax error"),
        ("Subject: Hello\n\n{{ name | nosuch }}", "unknown filter"),
    ];
    for (source, message) in table {
        let said = Templates::default().replace(EmailKind::Credentials, source).unwrap_err();
        assert!(said.contains(message), "{source}: {said}");
    }
}

#[test]
fn only_the_email_to_a_caller_has_a_code_and_not_in_its_subject() {
    let mut templates = Templates::default();
    let in_text = "Subject: Hello\n\n{{ code }}";
    assert!(templates.replace(EmailKind::CallerCode, in_text).is_ok());
    assert!(
        templates
            .replace(EmailKind::Credentials, in_text)
            .unwrap_err()
            .contains("the variable `code` doesn't exist")
    );
    for source in ["Subject: Hello\n\nDear {{ name }}", "Subject: {{ code }}\n\n{{ code }}"] {
        let said = templates.replace(EmailKind::CallerCode, source).unwrap_err();
        assert_eq!(said, "`code` must be in its text, and not in its subject");
    }
}

#[test]
fn no_value_makes_a_line_of_its_own() {
    let mut templates = Templates::default();
    templates.replace(EmailKind::Credentials, "Subject: For {{ name }}\r\n\r\nDear {{ name }}").unwrap();
    let mut values = VALUES;
    values[2].1 = "x\r\nBcc: everybody@example.org\r\n\r\nhello";
    let written = templates.write(EmailKind::Credentials, &values).unwrap();
    assert_eq!(written.subject, "For x··Bcc: everybody@example.org····hello");
    assert_eq!(written.text, "Dear x··Bcc: everybody@example.org····hello\n");
}
