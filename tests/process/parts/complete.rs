//! What Tab offers at the console.

use connect_desk::console::complete::{Asked, TabCompletion};
use desk_core::chat::Choice;

/// Completion that offers what it is asked, so that a test sees it.
fn fields() -> TabCompletion {
    let suggest = |asked: Asked<'_>| {
        let given: Vec<String> = asked.given.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let label = format!("{}|{}|{}", asked.option, asked.typed, given.join(","));
        vec![Choice { label, value: "A value".to_owned() }]
    };
    TabCompletion {
        commands: desk_commands::all(),
        people: vec!["supervisor".to_owned()],
        suggest: Box::new(suggest),
        offer: None,
    }
}

fn labels(before: &str) -> Vec<String> {
    fields().candidates(before).1.into_iter().map(|choice| choice.label).collect()
}

fn replaced(before: &str) -> (usize, Vec<String>) {
    let (start, choices) = fields().candidates(before);
    (start, choices.into_iter().map(|choice| choice.value).collect())
}

#[test]
fn commands_people_and_options_complete_whatever_their_case() {
    assert_eq!(replaced("/connect rese"), (0, vec!["/connect reset ".to_owned()]));
    assert_eq!(replaced("/Connect Rese"), (0, vec!["/connect reset ".to_owned()]));
    assert_eq!(replaced("@SUP").1, ["@supervisor "]);
    assert_eq!(replaced("@supervisor /desk app"), (12, vec!["/desk approve ".to_owned()]));
    assert_eq!(replaced("/connect reset john.doe METHOD:R").1, ["method:recreate "]);
    assert_eq!(replaced("/connect reset john.doe EM").1, ["email:", "emergency "]);
    assert_eq!(replaced("/connect reset john.doe force:F").1, ["force:false "]);
    assert_eq!(replaced("/connect nothing x"), (0, Vec::new()));
}

#[test]
fn a_value_is_asked_for_with_what_is_typed_already_and_options_come_first() {
    let first = labels("/connect edit ");
    assert_eq!(first.first().map(String::as_str), Some("login:"));
    assert_eq!(first.last().map(String::as_str), Some("logins||"));
    assert_eq!(
        labels("/connect edit john.doe remove_security_profile:\"Ag"),
        ["remove_security_profile|Ag|login=john.doe"]
    );
    assert_eq!(
        replaced("/connect queue unlink Sales quick_connects:\"One, Tw"),
        (28, vec!["quick_connects:\"A value\" ".to_owned()])
    );
    // A position that is filled is not offered again.
    assert_eq!(
        labels("/connect status set john.doe Lu"),
        ["status|Lu|login=john.doe", "logins|Lu|login=john.doe"]
    );
    assert_eq!(labels("@supervisor /desk approve 1"), ["request|1|"]);
    // What is typed again against habit is not offered.
    assert_eq!(labels("/desk approve 1 login:j"), [""; 0]);
}
