use std::collections::BTreeSet;

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::{Person, Role};
use desk_core::policy::{Policy, Rule};
use desk_core::policy_tools::lint::{Weight, lint};

/// A rule as a configuration file would have it, with what every rule needs.
fn rule(extra: serde_json::Value) -> Rule {
    let mut all = serde_json::json!({ "name": "a rule", "roles": ["l1"] });
    let (all_map, extra) = (all.as_object_mut().unwrap(), extra.as_object().unwrap().clone());
    all_map.extend(extra);
    serde_json::from_value(all).unwrap()
}

fn said(rules: Vec<Rule>) -> Vec<(usize, Weight, String)> {
    said_of(rules, vec![])
}

/// With more people, by their roles.
fn said_of(rules: Vec<Rule>, others: Vec<&[Role]>) -> Vec<(usize, Weight, String)> {
    let mary: &[Role] = &[Role::L1, Role::Supervisor];
    let people: Vec<Person> = std::iter::once(mary)
        .chain(others)
        .enumerate()
        .map(|(number, roles)| Person {
            id: PersonId::new(Platform::Console, (number + 1).to_string()).unwrap(),
            name: if number == 0 { "mary".to_owned() } else { format!("p{number}") },
            roles: roles.iter().copied().collect(),
            login: None,
            also: BTreeSet::new(),
        })
        .collect();
    let mut rules = rules;
    rules.push(rule(
        serde_json::json!({ "name": "decides", "commands": ["desk *"], "roles": ["supervisor"] }),
    ));
    let found = lint(&Policy { rules }, &people, &BTreeSet::new(), &desk_commands::all());
    found.into_iter().map(|finding| (finding.rule, finding.weight, finding.message)).collect()
}

#[test]
fn a_rule_below_a_broader_one_is_an_error_and_one_beside_it_is_not() {
    let wide =
        rule(serde_json::json!({ "name": "wide", "commands": ["connect *"], "risk": ["change", "read"] }));
    let narrow =
        rule(serde_json::json!({ "name": "narrow", "commands": ["connect edit"], "risk": ["change"] }));
    assert_eq!(said(vec![narrow.clone(), wide.clone()]), []);
    let found = said(vec![wide.clone(), narrow.clone()]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].0 == 1 && found[0].1 == Weight::Error && found[0].2.contains("`wide` comes first"),
        "{found:?}"
    );
    for beside in [
        serde_json::json!({ "name": "n", "commands": ["connect edit"], "risk": ["change"], "roles": ["l1", "supervisor"] }),
        serde_json::json!({ "name": "n", "commands": ["connect edit"], "risk": ["sensitive"] }),
        serde_json::json!({ "name": "n", "commands": ["desk help"], "risk": ["read"] }),
        serde_json::json!({ "name": "n", "commands": ["connect edit"], "risk": ["change"], "private": true }),
        // It changes nothing that could not be undone.
        serde_json::json!({ "name": "n", "commands": ["connect export"], "confirm": false }),
    ] {
        assert_eq!(said(vec![wide.clone(), rule(beside.clone())]), [], "{beside}");
    }
    let only_then = rule(
        serde_json::json!({ "name": "by day", "commands": ["connect *"], "risk": ["change", "read"], "hours": ["Mon-Fri 08:00-18:00 UTC"] }),
    );
    assert_eq!(said(vec![only_then, narrow]), []);
}

/// Something of which the first matches whatever the second does, or not.
#[test]
fn a_rule_of_which_a_broader_one_implies_every_condition_can_never_match() {
    let touches = |touches: serde_json::Value| serde_json::json!({ "touches": touches });
    let hours = |hours: &[&str]| serde_json::json!({ "hours": hours });
    for (broader, narrower) in table! {
        (touches(serde_json::json!({ "logins": ["jane.doe", "mei.chen"] })), touches(serde_json::json!({ "logins": ["Jane.Doe"] }))),
        (touches(serde_json::json!({ "security_profiles": ["Admin", "Agent"] })), touches(serde_json::json!({ "security_profiles": ["ADMIN"] }))),
        (touches(serde_json::json!({ "permission_sets": ["A", "B"] })), touches(serde_json::json!({ "permission_sets": ["B"] }))),
        (touches(serde_json::json!({ "groups": ["East"] })), touches(serde_json::json!({ "groups": ["East/North", "east/South"] }))),
        (touches(serde_json::json!({ "people": 3 })), touches(serde_json::json!({ "people": 10 }))),
        (touches(serde_json::json!({ "agents_left": 2 })), touches(serde_json::json!({ "agents_left": 0 }))),
        (touches(serde_json::json!({ "people": 3 })), touches(serde_json::json!({ "people": 3, "groups": ["East"] }))),
        (hours(&["daily 08:00-18:00 UTC"]), hours(&["Mon-Fri 09:00-18:00 UTC"])),
        (hours(&["daily 18:00-12:00 UTC", "daily 12:00-18:00 UTC"]), hours(&["Sat 00:00-24:00 UTC"])),
    } {
        let rules = |first: &serde_json::Value, second: &serde_json::Value| {
            [("first", first), ("second", second)].map(|(name, extra)| {
                let mut all =
                    serde_json::json!({ "name": name, "commands": ["connect edit"], "risk": ["change"] });
                all.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
                rule(all)
            })
        };
        let found = said(rules(&broader, &narrower).to_vec());
        let is_said = matches!(found.as_slice(), [(1, Weight::Error, text)] if text.contains("The rule `second` can never match"));
        assert!(is_said, "{broader} before {narrower}: {found:?}");
        assert_eq!(said(rules(&narrower, &broader).to_vec()), [], "{narrower} before {broader}");
    }
}

#[test]
fn an_undo_that_needs_less_than_the_same_change_is_said() {
    let removing = serde_json::json!({
        "name": "removing", "commands": ["connect remove"], "roles": ["l1"],
        "approvals": 1, "approvers": ["supervisor"], "and": [{ "approvals": 1, "approvers": ["admin"] }], "retype": true,
    });
    let rest = |extra: serde_json::Value| {
        let mut rest = serde_json::json!({
            "name": "rest", "commands": ["connect *"], "risk": ["change", "sensitive", "destructive"],
            "approvals": 2, "approvers": ["supervisor", "admin"], "retype": true,
        });
        rest.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        rest
    };
    let undoing = |extra: serde_json::Value| {
        let mut undoing = removing.clone();
        undoing["name"] = "undoing".into();
        undoing["commands"] = serde_json::json!(["connect undo"]);
        undoing.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        undoing
    };
    let both = serde_json::json!({ "commands": ["connect remove", "connect undo"] });
    let mut as_one = removing.clone();
    as_one.as_object_mut().unwrap().extend(both.as_object().unwrap().clone());
    let none = || serde_json::json!({});
    for (rules, warned) in table! {
        (vec![removing.clone(), rest(none())], true),
        (vec![removing.clone(), rest(serde_json::json!({ "approvers": ["admin"] }))], true),
        (vec![removing.clone(), undoing(none()), rest(none())], false),
        (vec![removing.clone(), undoing(serde_json::json!({ "retype": false })), rest(none())], true),
        (vec![removing.clone(), undoing(serde_json::json!({ "approvals": 2 })), rest(none())], false),
        (vec![removing.clone(), undoing(serde_json::json!({ "risk": ["destructive"] })), rest(none())], true),
        (vec![removing.clone(), undoing(serde_json::json!({ "hours": ["daily 08:00-18:00 UTC"] })), rest(none())], true),
        (vec![as_one.clone(), rest(none())], false),
        // No one can undo it at all.
        (vec![removing.clone()], false),
        (vec![rest(none())], false),
    } {
        let others: Vec<&[Role]> =
            vec![&[Role::Supervisor], &[Role::Supervisor], &[Role::Admin], &[Role::Admin]];
        let desk = serde_json::json!({ "name": "desk", "commands": ["desk *"], "roles": ["admin"] });
        let rules: Vec<Rule> = rules.into_iter().chain([desk]).map(rule).collect();
        let found = said_of(rules.clone(), others);
        let is_said = |text: &String| {
            text.contains(
                "`/connect undo` can do what `/connect remove` does without all that the rule `removing` requires of approvers",
            )
        };
        assert_eq!(found.iter().any(|(_, _, text)| is_said(text)), warned, "{rules:?}: {found:?}");
    }
}

#[test]
fn approvers_who_may_not_approve_are_said_also_where_others_may() {
    let two = |approvers: &[&str]| {
        rule(
            serde_json::json!({ "risk": ["change"], "commands": ["connect edit"], "roles": ["agent"], "approvals": 1, "approvers": approvers }),
        )
    };
    let warning = "needs approvals from auditor, who can't use `/desk approve`";
    for (others, warned) in table! {
        (vec![&[Role::Auditor][..]], true),
        // Another role of theirs lets them.
        (vec![&[Role::Auditor, Role::Supervisor][..]], false),
    } {
        let found = said_of(vec![two(&["supervisor", "auditor"])], others);
        assert_eq!(found.iter().any(|(_, _, text)| text.contains(warning)), warned, "{found:?}");
    }
    let denied = rule(
        serde_json::json!({ "name": "no", "commands": ["desk approve"], "roles": ["supervisor"], "deny": true }),
    );
    let found = said(vec![two(&["supervisor"]), denied]);
    assert!(
        found.iter().any(|(_, _, text)| text.contains("needs approvals from supervisor, who can't")),
        "{found:?}"
    );
}

#[test]
fn what_a_rule_lacks_by_itself_is_said() {
    for (extra, message) in table! {
        (serde_json::json!({ "risk": ["change"], "reason": "INC-[" }), "is invalid"),
        (serde_json::json!({ "risk": ["change"], "emergency": true, "roles": ["oncall"] }), "second_factor = true"),
        (serde_json::json!({ "risk": ["change"], "emergency": true, "roles": ["oncall"], "second_factor": true, "reason": true, "approvals": 1, "approvers": ["admin"] }), "which take time"),
        (serde_json::json!({ "risk": ["change"], "escalate": { "after_minutes": 60, "approvers": ["admin"] } }), "already expired"),
        (serde_json::json!({ "risk": ["change"], "and": [{ "approvals": 0, "approvers": ["admin"] }] }), "has no approvals"),
        (serde_json::json!({ "risk": ["change"], "retype": true }), "has `retype` but needs no approvals"),
        (serde_json::json!({ "risk": ["change"], "second_factor": true, "confirm": false }), "has `second_factor` but needs no"),
        (serde_json::json!({ "risk": ["destructive"] }), "one person alone"),
        (
            serde_json::json!({ "risk": ["change"], "approvals": 1, "approvers": ["supervisor"] }),
            "Only `mary` could approve",
        ),
        (
            serde_json::json!({ "risk": ["change"], "approvals": 2, "approvers": ["supervisor"], "roles": ["admin"] }),
            "needs 2 approvals from supervisor, but only 1 person",
        ),
        (
            serde_json::json!({ "risk": ["change"], "and": [{ "approvals": 1, "approvers": ["supervisor"] }] }),
            "Only `mary` could approve",
        ),
        (
            serde_json::json!({ "risk": ["change"], "approvals": 1, "approvers": ["oncall"] }),
            "needs approvals from oncall, who can't use `/desk approve`",
        ),
        (serde_json::json!({ "risk": ["change"], "approvers": ["admin"] }), "`approvers` but no `approvals`"),
        (
            serde_json::json!({ "risk": ["change"], "approvers": ["admin"], "and": [{ "approvals": 1, "approvers": ["admin"] }] }),
            "`approvers` but no `approvals`",
        ),
        (
            serde_json::json!({ "risk": ["change"], "remind_minutes": 5 }),
            "`remind_minutes` but needs no approvals",
        ),
        (
            serde_json::json!({ "risk": ["change"], "escalate": { "after_minutes": 5, "approvers": ["admin"] } }),
            "`escalate` but needs no approvals",
        ),
        (
            serde_json::json!({ "deny": true, "approvals": 1, "approvers": ["admin"], "reason": true }),
            "so `approvals`, `approvers` and `reason` can have no effect",
        ),
        (serde_json::json!({ "risk": ["change"], "reason": "" }), "an empty `reason`"),
        (
            serde_json::json!({ "risk": ["change"], "approvals": 1, "approvers": ["admin"], "remind_minutes": 60 }),
            "reminds after 60 minutes, when its plans have already expired",
        ),
        (serde_json::json!({ "risk": ["change"], "expires_minutes": u32::MAX }), "more than a year"),
        (
            serde_json::json!({ "commands": ["connect show", "connect find", "desk history"], "touches": { "logins": ["jane.doe"] }, "deny": true }),
            "can never match: it has `touches`, and its commands only read",
        ),
        (
            serde_json::json!({ "commands": ["connect show", "connect edit"], "touches": { "logins": ["jane.doe"] }, "deny": true }),
            "it never matches `connect show`, where nothing is planned",
        ),
        (
            serde_json::json!({ "commands": ["connect show"], "risk": ["change"] }),
            "can never match: none of its commands can be `change`.",
        ),
        (
            serde_json::json!({ "commands": ["connect until"], "risk": ["destructive"], "approvals": 1, "approvers": ["admin"] }),
            "can never match: none of its commands can be `destructive`.",
        ),
        (
            serde_json::json!({ "commands": ["connect edit"], "risk": ["read"] }),
            "can never match: none of its commands can be `read`.",
        ),
        (
            serde_json::json!({ "commands": ["connect add"], "emergency": true, "roles": ["oncall"], "second_factor": true, "reason": true }),
            "can never match: none of its commands can be an emergency.",
        ),
        (
            serde_json::json!({ "commands": ["desk recover"], "approvals": 1, "approvers": ["supervisor"], "and": [{ "approvals": 1, "approvers": ["admin"] }] }),
            "Only admins can approve what the rule `a rule` is about, so `approvers` and `and` can have no effect.",
        ),
    } {
        let found = said(vec![rule(extra.clone())]);
        assert!(found.iter().any(|(_, _, text)| text.contains(message)), "{extra}: {found:?}");
    }
}

#[test]
fn a_rule_that_denies_holds_in_direct_messages_or_says_what_slips_past_it() {
    let open = |private| serde_json::json!({ "name": "open", "commands": ["connect *"], "risk": ["change"], "private": private });
    for (denies, private, found) in table! {
        (serde_json::json!({ "channels": ["7"] }), true, Some("`not here` denies only in its channels, and `open` allows the same")),
        (serde_json::json!({ "channels": ["7"] }), false, None),
        (serde_json::json!({ "channels": ["7"], "private": true }), true, None),
        (serde_json::json!({ "channels": ["7"], "roles": ["admin"] }), true, None),
        (serde_json::json!({ "channels": ["7"], "commands": ["desk *"] }), true, None),
        // It denies everywhere, so nothing is left below it.
        (serde_json::json!({ "commands": ["connect *"] }), true, Some("`open` can never match: `not here` comes first")),
    } {
        let mut denying =
            serde_json::json!({ "name": "not here", "commands": ["connect edit"], "deny": true });
        denying.as_object_mut().unwrap().extend(denies.as_object().unwrap().clone());
        let said = said(vec![rule(denying), rule(open(private))]);
        match found {
            None => assert_eq!(said, [], "{denies}"),
            Some(text) => assert!(said.len() == 1 && said[0].2.contains(text), "{denies}: {said:?}"),
        }
    }
}
