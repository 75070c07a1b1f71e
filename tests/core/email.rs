//! What callers of `email` rely on.

use desk_core::email::name_for_email;

#[test]
fn a_name_carries_no_message() {
    for name in [
        "Mei Chen",
        "Zoë O'Hara",
        "María José de la Cruz García",
        "Dr. J. R. Müller-Lüdenscheidt",
        "李小龍",
        "",
    ] {
        assert_eq!(name_for_email(name), name);
    }
    for prose in [
        "Your account is locked, visit evil.example now",
        "https://evil.example",
        "Call 555 0100",
        "www.evil.example",
        "a@evil.example",
        "Call ０８００ ５５５０１９９ now",
        "Call ٠٨٠٠",
        "evil。com visit",
        "evil․com visit",
        "evil．com visit",
        "evil.\u{200b}com",
        "one two three four five six seven",
        &"x".repeat(61),
    ] {
        assert_eq!(name_for_email(prose), "", "{prose}");
    }
}
