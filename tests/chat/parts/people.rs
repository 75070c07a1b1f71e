//! Who a member is: how often Discord is asked, and what they may do in a channel.

use std::sync::Arc;
use std::time::Duration;

use connect_desk::clock::ScriptClock;
use connect_desk::discord::people::{AT_ONCE, LATELY, Lately, needed_bits, permissions_in};
use serde_json::{Value, json};

#[test]
fn a_member_is_asked_about_again_unless_that_is_often_and_was_lately() {
    let clock = Arc::new(ScriptClock::starting_at("2026-11-20T09:00:00Z".parse().unwrap()));
    let lately = Lately::new(clock.clone());
    for _ in 0..AT_ONCE.get() {
        assert_eq!(lately.known(7), None, "it is asked");
        lately.learn(7, None);
    }
    assert_eq!(lately.known(7), Some(None), "too often");
    assert_eq!(lately.known(8), None, "of them nothing is known");
    clock.advance(Duration::from_millis(500));
    assert_eq!(lately.known(7), None, "there is time for another question");
    assert_eq!(lately.known(7), Some(None));
    clock.advance(LATELY);
    for _ in 0..40 {
        assert_eq!(lately.known(7), None, "what was known is too old");
    }
}

#[test]
fn permissions_are_computed_as_discord_does() {
    let roles = json!([
        { "id": "1", "permissions": "3072" },
        { "id": "2", "permissions": "16384" },
        { "id": "3", "permissions": "8" },
    ]);
    let plain = json!({ "permission_overwrites": [] });
    let with = |roles_of: &[&str], channel: &Value| {
        let held: Vec<String> = roles_of.iter().map(|role| (*role).to_owned()).collect();
        permissions_in(1, "9", &held, &roles, channel)
    };
    assert_eq!(with(&[], &plain), 3072);
    assert_eq!(with(&["2"], &plain), 3072 + 16384);
    assert_eq!(with(&["3"], &plain), u64::MAX);
    let closed = json!({ "permission_overwrites": [
        { "id": "1", "allow": "0", "deny": "3072" },
        { "id": "2", "allow": "1024", "deny": "0" },
        { "id": "9", "allow": "0", "deny": "16384" },
    ]});
    assert_eq!(with(&["2"], &closed), 1024);
    assert_eq!(needed_bits(), 52_224 + (1 << 38));
}
