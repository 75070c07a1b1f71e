use std::collections::BTreeSet;

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::{Person, Place, Role};
use desk_core::plan::{Impact, LeastApproval};
use desk_core::policy::{Action, Escalation, Policy, Quorum, Rule, Target};
use desk_core::words::Risk;
use jiff::{SignedDuration, Timestamp};

use crate::events::place;

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
        by_day.who_could(&reset(Risk::Read), &person(&[Role::Agent]), &Role::ALL.into()),
        "someone with the role l1 at these hours: Mon-Fri 08:00-18:00 UTC"
    );
    assert!(Policy::default().rule_for(&reset(Risk::Read), &person(&Role::ALL)).is_err());
}

#[test]
fn whom_to_ask_is_no_one_like_the_speaker_and_only_who_is_wanted() {
    let place = place();
    let denies = Rule { deny: true, ..rule("not l1", &[], &[], &[Role::L1]) };
    let allows = |roles: &[Role]| rule("others", &[], &[], roles);
    let all = Role::ALL.as_slice();
    for (roles, among, who) in table! {
        (&[Role::Supervisor, Role::Oncall, Role::Admin][..], all, "someone with the role supervisor or admin"),
        (&[Role::Supervisor, Role::Oncall, Role::Admin][..], &[Role::Admin, Role::L1][..], "someone with the role admin"),
        (&[Role::Oncall][..], all, "someone with only the role oncall"),
        (&[Role::L1][..], all, "the bot's operator: no rule allows it"),
    } {
        let policy = Policy { rules: vec![denies.clone(), allows(roles)] };
        let among = among.iter().copied().collect();
        let speaker = person(&[Role::L1, Role::Oncall]);
        assert_eq!(policy.who_could(&asked(Risk::Read, &place), &speaker, &among), who, "{roles:?}");
    }
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

#[test]
fn a_rule_that_denies_in_every_channel_denies_in_direct_messages_too() {
    let private = Place { private: true, ..place() };
    let open = Rule { private: true, ..rule("open", &[], &[], &[Role::L1]) };
    let denies = Rule { deny: true, ..rule("no one", &["connect reset"], &[], &[Role::L1]) };
    let channels: BTreeSet<String> = ["1".to_owned()].into();
    for (denies, in_channel, in_private) in table! {
        (denies.clone(), false, false),
        (Rule { private: true, ..denies.clone() }, false, false),
        (Rule { channels: channels.clone(), ..denies.clone() }, false, true),
        (Rule { channels, private: true, ..denies }, false, false),
    } {
        let policy = Policy { rules: vec![denies.clone(), open.clone()] };
        let allowed =
            |place: &Place| policy.rule_for(&asked(Risk::Change, place), &person(&[Role::L1])).is_ok();
        assert_eq!((allowed(&place()), allowed(&private)), (in_channel, in_private), "{denies:?}");
    }
    let shut = Policy { rules: vec![Rule { private: false, ..open }] };
    assert!(shut.rule_for(&asked(Risk::Change, &private), &person(&[Role::L1])).is_err());
}

#[test]
fn before_the_plan_a_rule_denies_what_every_plan_would_be_and_nothing_else() {
    use Risk::{Change, Destructive, Read, Sensitive};
    let place = place();
    let open = rule("open", &[], &[], &[Role::L1]);
    for (risks, most, allowed) in table! {
        (vec![Destructive], Destructive, true),
        (vec![Sensitive, Destructive], Destructive, true),
        (vec![Change, Sensitive, Destructive], Destructive, false),
        (vec![Change, Sensitive], Sensitive, false),
        (vec![Change], Sensitive, true),
        (vec![Change], Change, false),
        (vec![Read], Change, true),
        (vec![Read], Read, false),
        (vec![], Change, false),
    } {
        let denies = Rule { deny: true, ..rule("no one", &[], &risks, &[Role::L1]) };
        let policy = Policy { rules: vec![denies, open.clone()] };
        let at_typing = policy.rule_for(&asked(most, &place), &person(&[Role::L1]));
        assert_eq!(at_typing.is_ok(), allowed, "{risks:?} for a command that is {most} at most");
        // What it lets one type it denies once there is such a plan.
        let impact = Impact::default();
        for risk in &risks {
            let planned = Action { impact: Some(&impact), ..asked(*risk, &place) };
            assert!(policy.rule_for(&planned, &person(&[Role::L1])).is_err(), "{risks:?}, {risk}");
        }
    }
}

#[test]
fn a_rule_about_what_plans_touch_neither_opens_nor_denies_what_only_reads() {
    let place = place();
    let touches = Target { groups: ["East".to_owned()].into(), ..Target::default() };
    let opens = Rule { touches, ..rule("about the East", &[], &[], &[Role::L1]) };
    let denies = Rule { deny: true, ..opens.clone() };
    let looks = rule("l1 looks", &[], &[Risk::Read], &[Role::L1]);
    let deciding = |rules: Vec<Rule>, risk| {
        let decided = Policy { rules }.rule_for(&asked(risk, &place), &person(&[Role::L1])).cloned();
        decided.map(|rule| rule.name).map_err(|problem| problem.code)
    };
    assert_eq!(deciding(vec![opens.clone()], Risk::Read), Err("no_rule".to_owned()));
    assert_eq!(deciding(vec![denies, looks.clone()], Risk::Read), Ok("l1 looks".to_owned()));
    assert_eq!(deciding(vec![opens, looks], Risk::Change), Ok("about the East".to_owned()));
}

#[test]
fn what_admins_must_approve_no_one_else_approves_at_any_time() {
    let place = place();
    let every = [Role::Supervisor, Role::L1, Role::Oncall];
    let lax = Rule {
        approvals: 1,
        approvers: every.into(),
        and: vec![Quorum { approvals: 3, approvers: every.into() }],
        escalate: Some(Escalation { after_minutes: 1, approvers: every.into() }),
        ..rule("anyone", &[], &[], &[Role::L1])
    };
    let policy = Policy { rules: vec![lax] };
    let impact = Impact::default();
    let planned = Action { impact: Some(&impact), ..asked(Risk::Sensitive, &place) };
    for (least, approvals) in [(LeastApproval::AnAdmin, 1), (LeastApproval::TwoAdmins, 2)] {
        let needs = policy.needs(&planned, &person(&[Role::L1]), least).unwrap();
        for minutes in [0, 1, 59, 60 * 24 * 365] {
            let now = planned.now + SignedDuration::from_mins(minutes);
            let groups = needs.groups(planned.now, now);
            let admins = Quorum { approvals, approvers: [Role::Admin].into() };
            assert_eq!(groups, [admins], "{least:?} after {minutes} min");
        }
    }
}

/// A check of rules costs so much for each name, and not for each combination of names.
#[test]
fn long_lists_are_tried_name_by_name_and_short_ones_in_every_combination() {
    let names = |word: &str, n: usize| (0..n).map(|i| format!("{word} {i}")).collect::<BTreeSet<String>>();
    let target = |logins, groups, profiles| Target {
        logins: names("user", logins),
        groups: names("group", groups),
        security_profiles: names("profile", profiles),
        ..Target::default()
    };
    for (wanted, tried) in [(target(300, 30, 10), 300), (target(3, 30, 1), 90), (target(0, 0, 0), 1)] {
        let examples = wanted.examples(&Impact::default());
        assert_eq!(examples.len(), tried);
        let has =
            |of: fn(&Impact) -> &BTreeSet<String>, name| examples.iter().any(|it| of(it).contains(name));
        assert!(wanted.logins.iter().all(|name| has(|it| &it.logins, name)));
        assert!(wanted.security_profiles.iter().all(|name| has(|it| &it.security_profiles, name)));
    }
}
