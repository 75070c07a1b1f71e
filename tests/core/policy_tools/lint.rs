use std::collections::BTreeSet;

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::{Person, Role};
use desk_core::policy::{Policy, Rule};
use desk_core::policy_tools::lint::{Weight, lint};
use serde_json::{Value, json};

/// A rule as a configuration file would have it, with what every rule needs.
fn rule(extra: Value) -> Rule {
    let mut all = json!({ "name": "a rule", "roles": ["l1"] });
    let (all_map, extra) = (all.as_object_mut().unwrap(), extra.as_object().unwrap().clone());
    all_map.extend(extra);
    serde_json::from_value(all).unwrap()
}

fn said(rules: Vec<Rule>) -> Vec<(usize, Weight, String)> {
    let people = [Person {
        id: PersonId::new(Platform::Console, "1").unwrap(),
        name: "mary".to_owned(),
        roles: [Role::L1, Role::Supervisor].into(),
        login: None,
        also: BTreeSet::new(),
    }];
    let mut rules = rules;
    rules.push(rule(json!({ "name": "decides", "commands": ["desk *"], "roles": ["supervisor"] })));
    let found = lint(&Policy { rules }, &people, &BTreeSet::new(), &desk_commands::all());
    found.into_iter().map(|finding| (finding.rule, finding.weight, finding.message)).collect()
}

#[test]
fn a_rule_below_a_broader_one_is_an_error_and_one_beside_it_is_not() {
    let wide = rule(json!({ "name": "wide", "commands": ["connect *"], "risk": ["change", "read"] }));
    let narrow = rule(json!({ "name": "narrow", "commands": ["connect edit"], "risk": ["change"] }));
    assert_eq!(said(vec![narrow.clone(), wide.clone()]), []);
    let found = said(vec![wide.clone(), narrow.clone()]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].0 == 1 && found[0].1 == Weight::Error && found[0].2.contains("`wide` comes first"),
        "{found:?}"
    );
    for beside in [
        json!({ "name": "n", "commands": ["connect edit"], "risk": ["change"], "roles": ["l1", "supervisor"] }),
        json!({ "name": "n", "commands": ["connect edit"], "risk": ["sensitive"] }),
        json!({ "name": "n", "commands": ["desk help"], "risk": ["read"] }),
        json!({ "name": "n", "commands": ["connect edit"], "risk": ["change"], "private": true }),
        // It changes nothing that could not be undone.
        json!({ "name": "n", "commands": ["connect export"], "confirm": false }),
    ] {
        assert_eq!(said(vec![wide.clone(), rule(beside.clone())]), [], "{beside}");
    }
    let only_then = rule(
        json!({ "name": "by day", "commands": ["connect *"], "risk": ["change", "read"], "hours": ["Mon-Fri 08:00-18:00 UTC"] }),
    );
    assert_eq!(said(vec![only_then, narrow]), []);
}

#[test]
fn what_a_rule_lacks_by_itself_is_said() {
    for (extra, message) in table! {
        (json!({ "risk": ["change"], "reason": "INC-[" }), "is invalid"),
        (json!({ "risk": ["change"], "emergency": true, "roles": ["oncall"] }), "second_factor = true"),
        (json!({ "risk": ["change"], "emergency": true, "roles": ["oncall"], "second_factor": true, "reason": true, "approvals": 1, "approvers": ["admin"] }), "which take time"),
        (json!({ "risk": ["change"], "escalate": { "after_minutes": 60, "approvers": ["admin"] } }), "already expired"),
        (json!({ "risk": ["change"], "and": [{ "approvals": 0, "approvers": ["admin"] }] }), "has no approvals"),
        (json!({ "risk": ["change"], "retype": true }), "has `retype` but needs no approvals"),
        (json!({ "risk": ["change"], "second_factor": true, "confirm": false }), "has `second_factor` but needs no"),
        (json!({ "risk": ["destructive"] }), "one person alone"),
        (json!({ "risk": ["change"], "approvals": 1, "approvers": ["supervisor"] }), "Only `mary` could approve"),
        (json!({ "risk": ["change"], "approvals": 2, "approvers": ["supervisor"], "roles": ["admin"] }), "needs 2 approvals from supervisor, but only 1 person"),
        (json!({ "risk": ["change"], "and": [{ "approvals": 1, "approvers": ["supervisor"] }] }), "Only `mary` could approve"),
        (json!({ "risk": ["change"], "approvals": 1, "approvers": ["l1"] }), "needs approvals from l1, who can't use `/desk approve`"),
        (json!({ "risk": ["change"], "approvers": ["admin"] }), "`approvers` but no `approvals`"),
        (json!({ "risk": ["change"], "approvers": ["admin"], "and": [{ "approvals": 1, "approvers": ["admin"] }] }), "`approvers` but no `approvals`"),
        (json!({ "risk": ["change"], "remind_minutes": 5 }), "`remind_minutes` but needs no approvals"),
        (json!({ "risk": ["change"], "escalate": { "after_minutes": 5, "approvers": ["admin"] } }), "`escalate` but needs no approvals"),
        (json!({ "deny": true, "approvals": 1, "approvers": ["admin"], "reason": true }), "so `approvals`, `approvers` and `reason` can have no effect"),
        (json!({ "risk": ["change"], "reason": "" }), "an empty `reason`"),
        (json!({ "risk": ["change"], "approvals": 1, "approvers": ["admin"], "remind_minutes": 60 }), "reminds after 60 minutes, when its plans have already expired"),
        (json!({ "risk": ["change"], "expires_minutes": u32::MAX }), "more than a year"),
        (
            json!({ "commands": ["connect show", "connect find", "desk history"], "touches": { "logins": ["jane.doe"] }, "deny": true }),
            "can never match: it has `touches`, and its commands only read",
        ),
        (json!({ "commands": ["connect show", "connect edit"], "touches": { "logins": ["jane.doe"] }, "deny": true }), "it never matches `connect show`, where nothing is planned"),
        (json!({ "commands": ["connect show"], "risk": ["change"] }), "can never match: none of its commands can be `change`."),
        (json!({ "commands": ["connect until"], "risk": ["destructive"], "approvals": 1, "approvers": ["admin"] }), "can never match: none of its commands can be `destructive`."),
        (json!({ "commands": ["connect edit"], "risk": ["read"] }), "can never match: none of its commands can be `read`."),
        (json!({ "commands": ["connect add"], "emergency": true, "roles": ["oncall"], "second_factor": true, "reason": true }), "can never match: none of its commands can be an emergency."),
        (
            json!({ "commands": ["desk recover"], "approvals": 1, "approvers": ["supervisor"], "and": [{ "approvals": 1, "approvers": ["admin"] }] }),
            "Only admins can approve what the rule `a rule` is about, so `approvers` and `and` can have no effect.",
        ),
    } {
        let found = said(vec![rule(extra.clone())]);
        assert!(found.iter().any(|(_, _, text)| text.contains(message)), "{extra}: {found:?}");
    }
}

#[test]
fn a_rule_that_denies_holds_in_direct_messages_or_says_what_slips_past_it() {
    let open = |private| json!({ "name": "open", "commands": ["connect *"], "risk": ["change"], "private": private });
    for (denies, private, found) in table! {
        (json!({ "channels": ["7"] }), true, Some("`not here` denies only in its channels, and `open` allows the same")),
        (json!({ "channels": ["7"] }), false, None),
        (json!({ "channels": ["7"], "private": true }), true, None),
        (json!({ "channels": ["7"], "roles": ["admin"] }), true, None),
        (json!({ "channels": ["7"], "commands": ["desk *"] }), true, None),
        // It denies everywhere, so nothing is left below it.
        (json!({ "commands": ["connect *"] }), true, Some("`open` can never match: `not here` comes first")),
    } {
        let mut denying = json!({ "name": "not here", "commands": ["connect edit"], "deny": true });
        denying.as_object_mut().unwrap().extend(denies.as_object().unwrap().clone());
        let said = said(vec![rule(denying), rule(open(private))]);
        match found {
            None => assert_eq!(said, [], "{denies}"),
            Some(text) => assert!(said.len() == 1 && said[0].2.contains(text), "{denies}: {said:?}"),
        }
    }
}
