use desk_core::center::Snapshot;
use desk_core::plan::Plan;
use serde_json::{Value, json};

/// A user as a plan saw them.
fn snapshot(login: &str) -> Value {
    json!({
        "user": {
            "id": "1868", "arn": "arn:1868", "login": login, "modified": "2026-11-20T09:00:00Z",
            "profile": {
                "identity": { "first_name": "Ann", "last_name": "Lee", "email": "ann@example.com" },
                "routing_profile": { "id": "r1", "name": "Basic" },
                "security_profiles": [{ "id": "s1", "name": "Agent" }],
                "settings": { "after_contact_work": { "CHAT": { "seconds": 300 } } },
                "tags": { "id": "7", "Site": "east" },
            },
        },
        "proficiencies": [{ "attribute": "Language", "value": "Spanish", "level": 3.0 }],
        "quick_connects": [{ "id": "q1", "name": "Ann", "contact_flow_id": "f", "queues": [{ "id": "a", "name": "A" }] }],
    })
}

fn plan(before: &[&Value]) -> Plan {
    let before = before.iter().map(|one| serde_json::from_value::<Snapshot>((*one).clone()).unwrap());
    Plan { before: before.collect(), ..Plan::new("Change something.") }
}

/// What is said depends on which member differs, and never on the words of a value.
#[test]
fn what_changed_is_said_in_the_words_of_cards_whatever_the_values_are() {
    let old = snapshot("ann");
    for (member, value, said) in table! {
        ("/user/profile/identity/email", json!("ann@learn.example.com"), "email: `ann@example.com` became `ann@learn.example.com`"),
        ("/user/profile/identity/last_name", json!("Warner"), "last name: `Lee` became `Warner`"),
        ("/user/profile/identity/first_name", json!("modified id: arn"), "first name: `Ann` became `modified id: arn`"),
        ("/user/profile/routing_profile", json!({ "id": "r2", "name": "Learning" }), "routing profile: `Basic` became `Learning`"),
        ("/user/profile/routing_profile/id", json!("r2"), "routing profile: `Basic` was replaced by another `Basic`"),
        ("/user/profile/tags/id", json!("8"), "tag id: `7` became `8`"),
        ("/user/profile/tags/Site", json!("none"), "tag Site: `east` became `none`"),
        ("/user/profile/tags", json!({ "id": "7" }), "tag Site: `east` was removed"),
        ("/user/profile/tags", json!({ "id": "7", "Site": "east", "learning": "arn" }), "tag learning: `arn` was added"),
        ("/user/profile/settings/after_contact_work/CHAT/seconds", json!(60), "after contact work (chat): `300 s` became `60 s`"),
        ("/proficiencies/0/level", json!(5.0), "proficiency Language: Spanish: `3` became `5`"),
        ("/quick_connects/0/queues", json!([]), "queues of the quick connect `Ann`: `A` was removed"),
        ("/quick_connects", json!([]), "the quick connect `Ann` was removed"),
        ("/user/id", json!("1869"), "`ann` was removed and created again"),
        ("/user/modified", json!("2026-11-20T10:00:00Z"), "`ann` was saved again with the same settings"),
    } {
        let mut new = old.clone();
        new["user"]["modified"] = json!("2026-11-20T10:00:00Z");
        *new.pointer_mut(member).unwrap() = value;
        assert_eq!(plan(&[&old]).differences(&plan(&[&new])), [said], "{member}");
    }
    // Of several users it is said whose it is.
    let (other, mut new) = (snapshot("bea"), snapshot("bea"));
    new["user"]["profile"]["identity"]["email"] = json!("bea@learn.example.com");
    assert_eq!(
        plan(&[&old, &other]).differences(&plan(&[&old, &new])),
        ["email of `bea`: `ann@example.com` became `bea@learn.example.com`"]
    );
    assert_eq!(
        plan(&[&old, &other]).differences(&plan(&[&snapshot("cem"), &old])),
        ["`bea` is no longer part of it", "`cem` is now part of it"]
    );
}

/// The steps are named only where they differ.
#[test]
fn what_a_card_says_beside_the_steps_is_named() {
    let says = |highlights: &[&str], what: &str| Plan {
        highlights: highlights.iter().map(|one| (*one).to_owned()).collect(),
        ..Plan::new(what)
    };
    let (old, new) = (says(&[], "Change"), says(&["`ann` is the last administrator"], "Change"));
    assert_eq!(old.differences(&new), ["new: `ann` is the last administrator"]);
    assert_eq!(new.differences(&old), ["no longer: `ann` is the last administrator"]);
    assert_eq!(old.differences(&says(&[], "Edit")), ["something else in its plan changed"]);
}
