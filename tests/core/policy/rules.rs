use std::collections::BTreeSet;

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::{Person, Place, Role};
use desk_core::plan::Impact;
use desk_core::policy::{Action, Policy, Rule};
use desk_core::words::Risk;
use jiff::Timestamp;

fn rule(name: &str, commands: &[&str], risk: &[Risk], roles: &[Role]) -> Rule {
    let all: Rule = serde_json::from_value(serde_json::json!({ "name": name, "roles": ["l1"] })).unwrap();
    Rule {
        commands: commands.iter().map(|c| (*c).to_owned()).collect(),
        risk: risk.iter().copied().collect(),
        roles: roles.iter().copied().collect(),
        ..all
    }
}

fn person(roles: &[Role]) -> Person {
    Person {
        id: PersonId::new(Platform::Console, "1").unwrap(),
        name: "someone".to_owned(),
        roles: roles.iter().copied().collect(),
        login: None,
        also: BTreeSet::new(),
    }
}

fn place() -> Place {
    Place { platform: Platform::Console, channel: "1".to_owned(), private: false, parent: None }
}

fn asked(risk: Risk, place: &Place) -> Action<'_> {
    let now = Timestamp::UNIX_EPOCH;
    Action { command: "connect reset", risk, impact: None, emergency: false, place, now }
}

#[test]
fn the_first_matching_rule_decides_and_none_means_no() {
    let place = place();
    let impact = Impact::default();
    let reset = |risk| Action { impact: Some(&impact), ..asked(risk, &place) };
    let mut refuse = rule("no one on agents' day", &["connect *"], &[], &[Role::L1]);
    refuse.deny = true;
    let allow = rule("l1 looks", &[], &[Risk::Read], &[Role::L1]);
    let open = Policy { rules: vec![allow.clone(), refuse.clone()] };
    let shut = Policy { rules: vec![refuse, allow] };
    assert!(open.rule_for(&reset(Risk::Read), &person(&[Role::L1])).is_ok());
    assert_eq!(shut.rule_for(&reset(Risk::Read), &person(&[Role::L1])).unwrap_err().code, "denied_by_rule");
    assert_eq!(open.rule_for(&reset(Risk::Change), &person(&[Role::Agent])).unwrap_err().code, "no_rule");
    let mut by_day = open.clone();
    by_day.rules.retain(|rule| !rule.deny);
    by_day.rules[0].hours = vec!["Mon-Fri 08:00-18:00 UTC".parse().unwrap()];
    assert_eq!(
        by_day.who_could(&reset(Risk::Read)),
        "someone with the role l1 at these hours: Mon-Fri 08:00-18:00 UTC"
    );
    assert!(Policy::default().rule_for(&reset(Risk::Read), &person(&Role::ALL)).is_err());
}

#[test]
fn before_the_plan_a_rule_for_a_lower_risk_lets_one_ask() {
    let place = place();
    let policy = Policy { rules: vec![rule("l1 changes", &[], &[Risk::Change], &[Role::L1])] };
    let mut matter = asked(Risk::Destructive, &place);
    assert!(policy.rule_for(&matter, &person(&[Role::L1])).is_ok());
    let impact = Impact::default();
    matter.impact = Some(&impact);
    assert!(policy.rule_for(&matter, &person(&[Role::L1])).is_err());
}
