use desk_core::basics::roles::Role;
use desk_core::policy::rule_set::{Principal, RuleChange, RuleSet, StartedBy};
use desk_core::policy::schedule::{Schedule, ScheduleRecord, Times};
use desk_core::policy::{Policy, Rule};
use serde_json::{Value, json};

use crate::events::place;

fn set(rules: Value) -> RuleSet {
    RuleSet { rules: serde_json::from_value(rules).unwrap(), ..RuleSet::default() }
}

fn starter() -> StartedBy {
    StartedBy { user: "desk".to_owned(), uid: Some(998), host: "host".to_owned() }
}

/// What the log says of the change from one to the other; nothing where they are the same.
fn difference(before: &RuleSet, after: &RuleSet) -> Vec<String> {
    let before = RuleChange::between(None, before, starter());
    RuleChange::between(before.as_ref(), after, starter()).map(|change| change.difference).unwrap_or_default()
}

#[test]
fn what_differs_is_said_rule_by_rule() {
    let a = json!({ "name": "a", "roles": ["l1"], "approvals": 1, "approvers": ["supervisor"] });
    let b = json!({ "name": "b", "roles": ["l1"] });
    let c = json!({ "name": "c", "roles": ["admin"] });
    let mut stricter = a.clone();
    stricter["approvals"] = json!(2);
    stricter["approvers"] = json!(["admin"]);
    stricter["hours"] = json!(["Mon-Fri 08:00-18:00 UTC"]);
    let table = table! {
        (json!([a, b, c]), json!([a, b, c]), vec![]),
        (json!([a, b, c]), json!([a, c]), vec!["The rule `b` was removed."]),
        (json!([a]), json!([c, a]), vec!["The rule `c` was added at position 1: approvals `0`, confirm `true`, expires minutes `60`, roles `admin`."]),
        (json!([a, b, c]), json!([c, a, b]), vec!["The rule `c` moved from position 3 to position 1."]),
        (json!([a, b, c]), json!([b, c, a]), vec!["The rule `a` moved from position 1 to position 3."]),
        (
            json!([a]),
            json!([stricter]),
            vec![
                "The rule `a`: approvals `1` became `2`.",
                "The rule `a`: approvers without `supervisor`, with `admin` now.",
                "The rule `a`: hours nothing became `Mon-Fri 08:00-18:00 UTC`.",
            ],
        ),
    };
    for (before, after, message) in table {
        assert_eq!(difference(&set(before.clone()), &set(after.clone())), message, "{before} {after}");
    }
}

#[test]
fn what_decides_beside_the_rules_is_said_too() {
    let before = RuleSet::default();
    let mut after = before.clone();
    after.protected.logins.insert("mary.major".to_owned());
    after.emergency.per_person = 9;
    let standing = Principal { roles: [Role::Admin].into(), ..Principal::default() };
    after.people.insert("console:1001".parse().unwrap(), standing.clone());
    after.platform_roles.insert("discord:12".to_owned(), Role::Supervisor);
    let message = difference(&before, &after);
    let all = message.join("\n");
    for word in [
        "per person `3` became `9`",
        "`console:1001`",
        "admin",
        "mary.major",
        "platform roles `discord:12` nothing became `supervisor`",
    ] {
        assert!(all.contains(word), "{word}: {all}");
    }
    let mut promoted = after.clone();
    promoted.people.get_mut(&"console:1001".parse().unwrap()).unwrap().roles.insert(Role::L1);
    assert_eq!(difference(&after, &promoted), ["people `console:1001` roles with `l1` now."]);
}

/// A change of a configuration.
type Edit = fn(&mut connect_desk::config::Config);

#[test]
fn what_a_configuration_decides_with_is_said_when_it_changes() {
    let before = connect_desk::practice::config().unwrap();
    let edits: [(Edit, &str); 6] = table! {
        (
            |config| {
                config.site.new_users.email_domains.insert("evil.example".to_owned());
            },
            "email domains with `evil.example` now.",
        ),
        (
            |config| config.systems.salesforce.as_mut().unwrap().settings.user.value = "{email}".to_owned(),
            "salesforce user `username {login}@practice.example.com` became `username {email}`.",
        ),
        (|config| config.turns.decisions = std::num::NonZeroU32::MAX, "per minute decisions nothing became `4294967295`."),
        (
            |config| {
                config.turns.of.insert("connect reset".to_owned(), std::num::NonZeroU32::MIN);
            },
            "per minute connect reset nothing became `1`.",
        ),
        (|config| config.first_use = !config.first_use, "first authenticator approved nothing became `true`."),
        (
            |config| {
                config.site.protected.logins.insert("mary.major".to_owned());
            },
            "protected logins nothing became `mary.major`.",
        ),
    };
    for (edit, said) in edits {
        let mut after = before.clone();
        edit(&mut after);
        assert_eq!(difference(&before.rule_set(), &after.rule_set()), [said]);
        assert_ne!(before.rule_set().digest(), after.rule_set().digest(), "{said}");
    }
}

#[test]
fn a_schedule_is_known_by_its_times_and_its_account() {
    let schedule = |at: &str, by: &str| Schedule {
        name: "weekly".to_owned(),
        times: Times::new(at, "daily", "UTC").unwrap(),
        line: "/connect export schedule:weekly".to_owned(),
        by: by.parse().unwrap(),
        place: place(),
        to: ["console:2".parse().unwrap()].into(),
        folder: None,
    };
    let rules = |schedule: &Schedule| RuleSet {
        schedules: [(schedule.name.clone(), ScheduleRecord::from(schedule))].into(),
        ..RuleSet::default()
    };
    let six = schedule("06:00", "console:1");
    let first = RuleChange::between(None, &rules(&six), starter()).unwrap();
    assert!(first.has_schedule(&six));
    for other in [schedule("07:00", "console:1"), schedule("06:00", "console:3")] {
        assert!(!first.has_schedule(&other));
    }
    let change = RuleChange::between(Some(&first), &rules(&schedule("07:00", "console:1")), starter());
    assert_eq!(
        change.unwrap().difference,
        [
            "schedules weekly at `06:00 Mon,Tue,Wed,Thu,Fri,Sat,Sun UTC` became `07:00 Mon,Tue,Wed,Thu,Fri,Sat,Sun UTC`."
        ]
    );
}

#[test]
fn no_change_is_no_line_and_every_change_is_one() {
    let one = set(json!([{ "name": "a", "roles": ["l1"] }]));
    let first = RuleChange::between(None, &one, starter()).unwrap();
    assert_eq!((&first.before, first.difference.len()), (&None, 1));
    assert_eq!(RuleChange::between(Some(&first), &one, starter()), None);
    let two = set(json!([{ "name": "a", "roles": ["l1"], "deny": true }]));
    let change = RuleChange::between(Some(&first), &two, starter()).unwrap();
    assert_eq!(change.before.as_deref(), Some(one.digest().as_str()));
    assert_ne!(change.before, Some(change.after.clone()));
    let back: RuleChange = serde_json::from_str(&serde_json::to_string(&change).unwrap()).unwrap();
    assert_eq!(back, change);
    let mut older = serde_json::to_value(&first).unwrap();
    older["rules"]["rules"][0]["a_key_of_old"] = json!(true);
    let older: RuleChange = serde_json::from_value(older).unwrap();
    let change = RuleChange::between(Some(&older), &one, starter()).unwrap();
    assert_eq!(change.difference, ["The rule `a`: a key of old `true` became nothing."]);
}

#[test]
fn a_thousand_rules_turned_round_are_told_and_fit_a_line() {
    let rule = |i: usize| Rule {
        name: format!("rule {i}"),
        ..serde_json::from_value(json!({ "name": "", "roles": ["l1"] })).unwrap()
    };
    let up = RuleSet { rules: Policy { rules: (0..1000).map(rule).collect() }, ..RuleSet::default() };
    let down = RuleSet { rules: Policy { rules: (0..1000).rev().map(rule).collect() }, ..RuleSet::default() };
    let up = RuleChange::between(None, &up, starter()).unwrap();
    let change = RuleChange::between(Some(&up), &down, starter()).unwrap();
    assert_eq!(change.difference.len(), 999, "one of them stayed");
    assert!(serde_json::to_string(&change).unwrap().len() < 1024 * 1024);
    assert!(change.summary(3).ends_with(" And 996 differences more."), "{}", change.summary(3));
}
