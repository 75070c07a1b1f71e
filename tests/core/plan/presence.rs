use desk_core::basics::text::when;
use desk_core::center::Channel;
use desk_core::plan::{ActiveAgent, OnContact, Presence};
use jiff::Timestamp;

fn live(logins: &[&str], on_contact: usize) -> Presence {
    let people = logins.iter().enumerate().map(|(i, login)| ActiveAgent {
        login: (*login).to_owned(),
        status: None,
        status_id: None,
        since: None,
        contact: (i < on_contact).then_some(OnContact { channel: Channel::Voice, since: None }),
        will_be_disconnected: true,
    });
    Presence { signed_in: logins.len(), on_contact, people: people.collect(), ..Presence::default() }
}

#[test]
fn several_are_counted_and_the_first_are_named() {
    for (on_contact, wanted) in [
        (1, "Removed users are disconnected: 4 active, 1 on a contact (`a`)."),
        (0, "Removed users are disconnected: 4 active (`a`, `b`, `c` and others)."),
    ] {
        let said = live(&["a", "b", "c", "d"], on_contact).sentences(Timestamp::UNIX_EPOCH, when);
        assert_eq!(said, [(on_contact > 0, wanted.to_owned())]);
    }
}

#[test]
fn who_is_newly_on_a_contact_is_cut_off_newly() {
    let shown = live(&["a", "b"], 1);
    assert!(shown.newly_cut_off(&shown).is_empty());
    let later = live(&["a", "b"], 2);
    assert_eq!(
        later.newly_cut_off(&shown).iter().map(|person| person.login.as_str()).collect::<Vec<_>>(),
        ["b"]
    );
    assert!(shown.newly_cut_off(&later).is_empty(), "someone hung up");
}
