use desk_core::basics::ids::RequestNo;
use desk_core::basics::roles::{Person, Role};
use desk_core::log::{By, Draft, Event, Line};
use desk_core::plan::effect::DoneByHand;
use desk_core::plan::{AffectedUser, Direction, Effect, Plan, Step};
use desk_core::policy::Action;
use desk_core::policy::rule_set::RuleSet;
use desk_core::policy_tools::explain;
use desk_core::policy_tools::replay::{Candidate, Replay, Verdict};
use desk_core::request::Request;
use desk_core::words::{Args, Risk};
use serde_json::{Value, json};

use super::rule;
use crate::events::{place, planned, requested};

const HOUR: &str = "2026-11-20T09:00:00Z";

fn by(id: u64) -> By {
    By { id: format!("console:{id}").parse().unwrap(), name: format!("p{id}") }
}

fn candidate(rules: Value) -> RuleSet {
    RuleSet { rules: serde_json::from_value(rules).unwrap(), ..RuleSet::default() }
}

/// A request of 1 with the role l1 by these rules, approved by these people with these roles and then begun.
fn request(rules: &RuleSet, args: Value, approved: &[(u64, Role)], begun: bool) -> Request {
    let place = place();
    let args: Args = serde_json::from_value(args).unwrap();
    let mut plan = Plan { risk: Risk::Sensitive, ..Plan::new("Edit") };
    plan.about.push(AffectedUser {
        login: "john.doe".to_owned(),
        user_id: "u".to_owned(),
        name: String::new(),
    });
    let effect: Effect = DoneByHand { instruction: "Do it".to_owned(), link: None }.into();
    plan.steps.push(serde_json::from_value::<Step>(json!({ "title": "Do", "effect": effect })).unwrap());
    let (digest, at) = (plan.digest(), HOUR.parse().unwrap());
    let who = Person { roles: [Role::L1].into(), ..explain::anybody([], by(1).id) };
    let impact = plan.impact(&Default::default());
    let (command, risk, emergency) = ("connect edit", Risk::Sensitive, args.flag("emergency"));
    let matter = Action { command, risk, impact: Some(&impact), emergency, place: &place, now: at };
    let needs = rules.rules.needs_of(&plan, &matter, &who, &rules.protected).unwrap();
    let mut events = vec![(1, requested(command, args, &[Role::L1], "r")), (1, planned(&plan, needs, at))];
    for (id, role) in approved {
        events.push((
            *id,
            Event::Approved { digest: digest.clone(), roles: vec![*role], comment: String::new() },
        ));
    }
    if begun {
        events.push((1, Event::Started { step: 0, direction: Direction::Forward }));
    }
    let lines: Vec<Line> = (1..)
        .zip(events)
        .map(|(n, (id, event))| {
            Draft { at, by: Some(by(id)), about: Vec::new(), event }.at_line(n, Some(RequestNo(7)))
        })
        .collect();
    Request::fold(RequestNo(7), &lines).unwrap()
}

fn judged(request: &Request, rules: &RuleSet, people: &[Person]) -> Replay {
    let mut replay = Replay::default();
    replay.judge(request, &Candidate { rules, people, commands: &[] });
    replay
}

#[test]
fn a_request_goes_the_same_way_by_the_same_rules() {
    let rules = candidate(json!([rule(json!({}))]));
    let asked = request(&rules, json!({}), &[(2, Role::Supervisor)], true);
    let replay = judged(&asked, &rules, &[]);
    assert_eq!((replay.compared, replay.changed()), (1, 0));
    let renamed = candidate(json!([rule(json!({ "name": "another name" }))]));
    assert_eq!(judged(&asked, &renamed, &[]).changed(), 0, "a name decides nothing");
}

#[test]
fn what_goes_another_way_is_told_by_what_becomes_of_it() {
    let rules = candidate(json!([rule(json!({}))]));
    let asked = request(&rules, json!({ "reason": "it is late" }), &[(2, Role::Supervisor)], true);
    for (extra, verdict, now) in table! {
        (json!({ "roles": ["admin"] }), Verdict::Refused, "no rule allows it"),
        (json!({ "deny": true }), Verdict::Refused, "refused by the rule `r`"),
        (json!({ "hours": ["daily 10:00-11:00 UTC"] }), Verdict::Refused, "no rule allows it"),
        (json!({ "channels": ["2"] }), Verdict::Refused, "no rule allows it"),
        (json!({ "reason": "INC-[0-9]+" }), Verdict::Refused, "needs a different reason"),
        (json!({ "approvals": 0, "approvers": [] }), Verdict::Alone, "no approval"),
        (json!({ "approvals": 2 }), Verdict::Lacking, "missing: 1 from supervisor"),
        (json!({ "approvers": ["admin"] }), Verdict::Lacking, "missing: 1 from admin"),
        (json!({ "and": [{ "approvals": 1, "approvers": ["admin"] }] }), Verdict::Lacking, "missing: 1 from admin"),
    } {
        let replay = judged(&asked, &candidate(json!([rule(extra.clone())])), &[]);
        let [one] = replay.differences.as_slice() else { panic!("{extra}: {replay:?}") };
        assert!(one.verdict == verdict && one.now.contains(now), "{extra}: {one:?}");
        assert_eq!((one.before.as_str(), one.who.as_str()), ("1 approval from supervisor", "p1"));
    }
}

#[test]
fn what_needs_more_or_less_and_goes_the_same_way_is_counted() {
    let rules = candidate(json!([rule(json!({ "second_factor": true, "expires_minutes": 30 }))]));
    let asked = request(&rules, json!({}), &[(2, Role::Supervisor)], true);
    for (extra, counts) in table! {
        (json!({ "second_factor": true, "expires_minutes": 30, "caller": true }), (1, 0, 0)),
        (json!({ "second_factor": true, "expires_minutes": 20 }), (1, 0, 0)),
        (json!({ "second_factor": false, "expires_minutes": 30 }), (0, 1, 0)),
        (json!({ "second_factor": true, "expires_minutes": 30, "approvers": ["supervisor", "admin"] }), (0, 1, 0)),
        (json!({ "second_factor": false, "expires_minutes": 30, "retype": true }), (0, 0, 1)),
        (json!({ "second_factor": true, "expires_minutes": 30, "remind_minutes": 5 }), (0, 0, 1)),
    } {
        let replay = judged(&asked, &candidate(json!([rule(extra.clone())])), &[]);
        assert_eq!((replay.stricter, replay.looser, replay.otherwise), counts, "{extra}");
        assert!(replay.differences.is_empty(), "{extra}");
    }
}

#[test]
fn a_yes_counts_as_weighing_would_count_it() {
    let rules = candidate(json!([rule(json!({}))]));
    let asked = request(&rules, json!({}), &[(2, Role::Supervisor)], true);
    let known = |id: u64, login: Option<&str>, also: &[u64]| Person {
        login: login.map(str::to_owned),
        also: also.iter().map(|id| by(*id).id).collect(),
        ..explain::anybody([], by(id).id)
    };
    for (people, lacking) in [
        (vec![known(2, None, &[])], 0),
        (vec![known(2, Some("john.doe"), &[])], 1),
        (vec![known(1, None, &[2])], 1),
    ] {
        assert_eq!(judged(&asked, &rules, &people).count(Verdict::Lacking), lacking, "{people:?}");
    }
    let never_begun = request(&rules, json!({}), &[], false);
    assert_eq!(judged(&never_begun, &rules, &[]).changed(), 0, "it waits then and now");
    let free = candidate(json!([rule(json!({ "approvals": 0, "approvers": [] }))]));
    let begun = request(&free, json!({}), &[], true);
    assert_eq!(judged(&begun, &rules, &[]).count(Verdict::Lacking), 1, "no one was asked then");
}

#[test]
fn a_protected_user_needs_two() {
    let rules = candidate(json!([rule(json!({}))]));
    let asked = request(&rules, json!({}), &[(2, Role::Supervisor)], true);
    let mut protecting = rules.clone();
    protecting.protected.logins.insert("john.doe".to_owned());
    assert_eq!(judged(&asked, &protecting, &[]).count(Verdict::Lacking), 1);
}

#[test]
fn an_emergency_of_somebody_off_call_is_refused() {
    let glass = rule(json!({ "emergency": true, "approvals": 0, "approvers": [] }));
    let rules = candidate(json!([glass]));
    let asked = request(&rules, json!({ "emergency": true }), &[], true);
    let replay = judged(&asked, &rules, &[]);
    assert_eq!(replay.count(Verdict::Refused), 1, "l1 is not on call: {replay:?}");
}
