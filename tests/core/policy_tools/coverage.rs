use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Role};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command, Entry};
use desk_core::policy::rule_set::RuleSet;
use desk_core::policy_tools::coverage::{Roster, Span, coverage};
use desk_core::policy_tools::explain::anybody;
use desk_core::words::{EMERGENCY, Risk, Spec};
use serde_json::{Value, json};

use super::rule;

const RESET: Command = command!(SPEC, answer);

const SPEC: Spec = Spec {
    about: "",
    help: "",
    risk: Risk::Sensitive,
    also: &[],
    args: &[EMERGENCY],
    examples: &[],
    operations: &[],
};

async fn answer(_: &Ask<'_>) -> Result<Answer, Problem> {
    Err(Problem::requester("none", "No one asks this."))
}

const COMMANDS: [Entry; 1] = [Entry { path: "connect reset", command: RESET }];

fn person(id: &str, roles: &[Role]) -> Person {
    Person {
        name: format!("p{id}"),
        ..anybody(roles.iter().copied(), format!("console:{id}").parse().unwrap())
    }
}

/// What is said of `connect reset`, as `what @ from-to, from-to` in hours of the week. Everyone may use `/desk approve`.
fn said(mut rules: Value, people: &[Person], mapped: &[Role], shifts: Value) -> Vec<String> {
    let approve = json!({ "name": "approve", "commands": ["desk approve"], "roles": Role::ALL });
    rules.as_array_mut().unwrap().push(approve);
    let rules = RuleSet {
        rules: serde_json::from_value(rules).unwrap(),
        emergency: serde_json::from_value(
            json!({ "shifts": shifts, "per_person": 3, "in_all": 9, "pass_freeze": false }),
        )
        .unwrap(),
        ..RuleSet::default()
    };
    let mapped = mapped.iter().copied().collect();
    let monday = "2026-01-05T00:00:00Z".parse().unwrap();
    let groups = coverage(&rules, Roster { people, mapped: &mapped }, &COMMANDS, monday);
    assert_eq!(groups.len(), 1);
    let hours = |span: &Span| format!("{}-{}", f64::from(span.from) / 60.0, f64::from(span.to) / 60.0);
    let line = |(what, spans): (String, Vec<Span>)| {
        format!("{what} @ {}", spans.iter().map(hours).collect::<Vec<_>>().join(", "))
    };
    groups.into_iter().flat_map(|group| group.gaps).map(line).collect()
}

#[test]
fn hours_without_a_rule_have_nobody_to_ask_also_over_the_weekend() {
    let crew = [person("1", &[Role::L1]), person("2", &[Role::Supervisor])];
    let day = rule(json!({ "hours": ["Mon-Fri 08:15-18:00 UTC"] }));
    let nights = "no one can use it @ 18-32.25, 42-56.25, 66-80.25, 90-104.25, 114-8.25";
    assert_eq!(said(json!([day]), &crew, &[], json!([])), [nights]);
    let all = rule(json!({}));
    assert_eq!(said(json!([day, all]), &crew, &[], json!([])), Vec::<String>::new());
    let no = rule(json!({ "name": "no", "deny": true, "hours": ["Sat 00:00-24:00 UTC"] }));
    assert_eq!(said(json!([no, all]), &crew, &[], json!([])), ["no one can use it @ 120-144"]);
    let change = rule(json!({ "risk": ["change"] }));
    assert_eq!(
        said(json!([change]), &crew, &[], json!([])),
        ["no one can use it for a sensitive plan @ 0-168"]
    );
}

#[test]
fn a_role_that_nobody_has_approves_nothing_and_one_of_the_platform_does() {
    let l1 = [person("1", &[Role::L1])];
    assert_eq!(
        said(json!([rule(json!({}))]), &l1, &[], json!([])),
        ["there are too few people to approve a plan (rule: r) @ 0-168"]
    );
    assert_eq!(said(json!([rule(json!({}))]), &l1, &[Role::Supervisor], json!([])), Vec::<String>::new());
    let two = json!([rule(json!({ "approvals": 2 }))]);
    let one = [person("1", &[Role::L1]), person("2", &[Role::Supervisor])];
    assert_eq!(
        said(two, &one, &[], json!([])),
        ["there are too few people to approve a plan (rule: r) @ 0-168"]
    );
}

#[test]
fn a_sole_approver_has_nobody_for_what_they_ask_themselves() {
    let rules = json!([rule(json!({ "roles": ["l1", "supervisor"] }))]);
    let crew = [person("1", &[Role::L1]), person("2", &[Role::Supervisor])];
    assert_eq!(
        said(rules.clone(), &crew, &[], json!([])),
        ["`p2` has too few others to approve a plan (rule: r) @ 0-168"]
    );
    assert_eq!(said(rules, &crew, &[Role::Supervisor], json!([])), Vec::<String>::new());
}

#[test]
fn a_gap_of_the_schedule_leaves_nobody_before_and_after_the_escalation() {
    let crew = [person("1", &[Role::L1]), person("2", &[Role::Supervisor]), person("3", &[Role::Oncall])];
    let night = json!([{ "person": "console:3", "hours": "Mon-Thu 18:00-08:00 UTC" }]);
    let at_once = rule(json!({ "approvers": ["oncall"] }));
    let found = said(json!([at_once]), &crew, &[], night.clone());
    assert_eq!(found, ["there are too few people to approve a plan (rule: r) @ 32-42, 56-66, 80-90, 104-18"]);
    let later = rule(
        json!({ "approvers": ["oncall"], "escalate": { "after_minutes": 30, "approvers": ["supervisor"] } }),
    );
    let found = said(json!([later]), &crew, &[], night.clone());
    assert_eq!(
        found,
        [
            "for the first 30 min there are too few people to approve a plan (rule: r) @ 32-42, 56-66, 80-90, 104-18"
        ]
    );
    let discord = json!([{ "person": "discord:7", "hours": "daily 00:00-24:00 UTC" }]);
    let at_once = rule(json!({ "approvers": ["oncall"] }));
    assert_eq!(said(json!([at_once]), &crew, &[Role::Oncall], discord), Vec::<String>::new());
}

#[test]
fn who_may_not_use_the_command_at_that_time_and_in_any_place_approves_nothing() {
    let crew = [person("1", &[Role::L1]), person("2", &[Role::Supervisor]), person("3", &[Role::Auditor])];
    let approve = |roles: &[Role], more: Value| {
        let mut rule = json!({ "name": "approves", "commands": ["desk approve"], "roles": roles });
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    let day = json!({ "hours": ["daily 08:00-18:00 UTC"] });
    let deny = json!({ "deny": true });
    let nights = "there are too few people to approve a plan (rule: r) @ 18-32, 42-56, 66-80, 90-104, 114-128, 138-152, 162-8";
    let always = "there are too few people to approve a plan (rule: r) @ 0-168";
    for (approvers, rules, found) in table! {
        ("supervisor", vec![approve(&[Role::Supervisor], day.clone()), approve(&[Role::Supervisor], deny.clone())], Some(nights)),
        ("auditor", vec![approve(&[Role::Auditor], deny.clone())], Some(always)),
        ("supervisor", vec![approve(&[Role::Auditor], deny.clone())], None),
        // In one channel, or in direct messages, is enough.
        ("supervisor", vec![approve(&[Role::Supervisor], json!({ "channels": ["7"] })), approve(&[Role::Supervisor], deny.clone())], None),
        ("supervisor", vec![approve(&[Role::Supervisor], json!({ "channels": ["7"], "private": true })), approve(&[Role::Supervisor], json!({ "deny": true, "channels": ["1"] }))], None),
    } {
        let rules = rules.into_iter().chain([rule(json!({ "approvers": [approvers] }))]).collect::<Vec<_>>();
        let said = said(json!(rules), &crew, &[], json!([]));
        assert_eq!(said, found.into_iter().collect::<Vec<_>>(), "{rules:?}");
    }
}

#[test]
fn an_emergency_needs_somebody_on_call() {
    let crew = [person("1", &[Role::L1]), person("2", &[Role::Supervisor]), person("3", &[Role::Oncall])];
    let glass = json!({ "name": "glass", "roles": ["oncall"], "emergency": true });
    let rules = json!([glass, rule(json!({}))]);
    let day = json!([{ "person": "console:3", "hours": "daily 06:00-24:00 UTC" }]);
    let found = said(rules.clone(), &crew, &[], day);
    let gap = "no one is on call, so no emergency requests are possible @ 0-6, 24-30, 48-54, 72-78, 96-102, 120-126, 144-150";
    assert_eq!(found, [gap]);
    assert_eq!(said(rules, &crew, &[], json!([])), Vec::<String>::new());
    assert_eq!(said(json!([rule(json!({}))]), &crew, &[], json!([])), Vec::<String>::new(), "none is meant");
}

#[test]
fn rules_for_what_a_plan_touches_are_looked_at_by_themselves() {
    let crew = [person("1", &[Role::L1]), person("2", &[Role::Supervisor])];
    let many = rule(json!({ "name": "many", "touches": { "people": 10 }, "approvers": ["admin"] }));
    assert_eq!(
        said(json!([many, rule(json!({}))]), &crew, &[], json!([])),
        ["there are too few people to approve a plan that affects 10 or more people (rule: many) @ 0-168"]
    );
}
