//! Accounts of people, and logins.

use desk_core::basics::ids::{PersonId, Platform, login};

#[test]
fn people_are_ids_and_never_names() {
    for platform in Platform::ALL {
        let good = format!("{}:{}", platform.word(), platform.example());
        assert_eq!(good.parse::<PersonId>().unwrap().to_string(), good);
        assert_eq!(serde_json::to_value(platform).unwrap(), platform.word());
    }
    for bad in [
        "john",
        "discord:john",
        "discord:",
        "slack:john",
        "irc:1",
        "discord:1 2",
        "console:111111111111111111111",
    ] {
        assert!(bad.parse::<PersonId>().is_err(), "{bad}");
    }
}

#[test]
fn logins_that_cannot_be_are_refused_with_the_next_step() {
    assert_eq!(login(" @john.doe ").unwrap(), "john.doe");
    assert_eq!(login("corp\\john_doe-1@example.com").unwrap(), "corp\\john_doe-1@example.com");
    for bad in
        ["", "@", "john/doe", "john\"doe", "john'doe", "john\ndoe", "jöhn", "john doe", &"x".repeat(101)]
    {
        let problem = login(bad).unwrap_err();
        assert!(!problem.hint.is_empty(), "{bad}");
    }
    assert_eq!(login(&"x".repeat(100)).unwrap().len(), 100);
}
