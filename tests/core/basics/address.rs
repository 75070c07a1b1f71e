//! Email addresses and phone numbers as people type them.

use desk_core::basics::address::{email, phone, secondary_email};

#[test]
fn an_email_has_a_name_and_a_domain() {
    for good in ["john.doe@example.com", " o'brien+desk@mail.example.org ", "john@xn--mller-kva.de"] {
        assert_eq!(email(good).unwrap(), good.trim());
    }
    for (typed, read) in [
        ("john@müller.de", "john@xn--mller-kva.de"),
        ("ｊohn＠example.com", "john@example.com"),
        ("john@example.com\u{200b}", "john@example.com"),
        (&format!("{}@example.com", "j".repeat(64)), &format!("{}@example.com", "j".repeat(64))),
    ] {
        assert_eq!(email(typed).unwrap(), *read);
    }
    for (typed, right) in [
        ("john..doe@example.com", "Did you mean `john.doe@example.com`?"),
        (".john@example.com", "Did you mean `john@example.com`?"),
        ("john.@example.com", "Did you mean `john@example.com`?"),
        ("john@@example.com", "Did you mean `john@example.com`?"),
        ("john@example.com.", "Did you mean `john@example.com`?"),
        ("john@example.com;jane@example.com", "Use one of them, such as `john@example.com`."),
        ("jöhn@example.com", "Use only ASCII letters before the `@`."),
        ("j@exa mple,com", "Use one such as `john.doe@example.com`."),
    ] {
        assert_eq!(email(typed).unwrap_err().hint, right, "{typed}");
    }
    for bad in [
        "https://help.example.com/42",
        "",
        "john.doe",
        "john.doe@",
        "@example.com",
        "john@example",
        "john@example.c",
        "john@.com",
        "a@b@example.com",
        "john@-x.com",
        "john@example.c1",
        "john@[192.168.0.1]",
        "john@exa_mple.com",
        "a\"b@example.com",
        &format!("{}@example.com", "j".repeat(65)),
        &format!("john@{}.com", "x".repeat(64)),
        &format!("john@{}com", "x.".repeat(130)),
        "none",
    ] {
        let problem = email(bad).unwrap_err();
        assert!(problem.hint.contains("john.doe@example.com"), "{bad}");
    }
}

#[test]
fn a_secondary_email_has_fewer_characters() {
    assert_eq!(secondary_email("a.b+c%d-e_1@mail.example.org").unwrap(), "a.b+c%d-e_1@mail.example.org");
    for (bad, odd) in [("o'brien@example.com", "an apostrophe"), ("a!b@example.com", "`!`")] {
        let problem = secondary_email(bad).unwrap_err();
        assert!(
            email(bad).is_ok() && problem.message.ends_with(&format!("contains {odd}.")),
            "{}",
            problem.message
        );
    }
    let problem = secondary_email("a@пример.рф").unwrap_err();
    assert!(problem.message.contains("it ends in `xn--p1ai`"), "{problem:?}");
    assert!(secondary_email("none").unwrap_err().hint.contains("john.doe@example.com"));
}

#[test]
fn a_number_is_brought_into_form_or_refused_with_an_example() {
    for (typed, number) in [
        ("+1 (555) 010-0142", "+15550100142"),
        ("+49 89.123 456", "+4989123456"),
        ("+15550100142", "+15550100142"),
        ("0049 (0)89 123456", "+4989123456"),
        ("tel:+12025550123", "+12025550123"),
        ("＋８１９０１２３４５６７８", "+819012345678"),
        ("\u{202a}+12025550123\u{202c}", "+12025550123"),
    ] {
        assert_eq!(phone(typed).unwrap(), number);
    }
    for (typed, why) in [
        ("555 010 0142", "no country"),
        ("+0123", "begins with 0"),
        ("+1", "2 to 15"),
        ("+1234567890123456", "2 to 15"),
        ("+1555CALLME", "contains `C`"),
        ("", "no digits"),
        ("0", "no country"),
        ("1.20256E+10", "last digits are lost"),
    ] {
        let problem = phone(typed).unwrap_err();
        assert!(problem.message.contains(why) && problem.hint.contains('+'), "{typed}: {problem}");
    }
    assert!(!phone("0").unwrap_err().hint.contains("Germany"));
    for typed in [
        "+1 202-555-0123 (cell)",
        "+1 202 555 0123 x12",
        "whatsapp:+12025550123",
        "+1 202 555 0123; +1 202 555 0124",
        "+1 202 555 0123 +1 202 555 0124",
    ] {
        assert_eq!(phone(typed).unwrap_err().hint, "Did you mean `+12025550123`?", "{typed}");
    }
}

#[test]
fn a_list_of_addresses_is_no_address_and_the_first_of_it_is_suggested() {
    for list in [
        "a@example.com;b@example.com",
        "a@example.com; b@example.com",
        "a@example.com;",
        "a@example.com,b@example.com",
        "a@example.com b@example.com",
    ] {
        let said = email(list).unwrap_err().to_string();
        assert!(said.contains("a@example.com"), "{list}: {said}");
    }
}
