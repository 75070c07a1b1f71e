//! Requests of the log, judged once more by other rules: which would be refused now, which would need no one else, and
//! which would still wait. A pure function of the requests and the rules.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::basics::ids::RequestNo;
use crate::basics::roles::{self, Person, Role};
use crate::basics::text::{code, list};
use crate::command::Entry;
use crate::log::{By, Event, Line};
use crate::policy::rule_set::RuleSet;
use crate::policy::{Action, Requirements};
use crate::policy_tools::explain;
use crate::request::approval::{may_approve, same_person, unmet};
use crate::request::emergency;
use crate::request::{Planned, Request, StepState};

/// What became of a request by the other rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It would be refused.
    Refused,
    /// It would need no one else, and needed someone.
    Alone,
    /// It was carried out, and would still wait for an approval.
    Lacking,
    /// It was refused, and would be accepted.
    Opened,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Refused => "would be refused",
            Verdict::Alone => "would need no approval",
            Verdict::Lacking => "would need more approvals",
            Verdict::Opened => "would be allowed",
        }
    }
}

/// A request that would go another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// None of one that was refused before it had a number.
    pub no: Option<RequestNo>,
    pub command: String,
    pub who: String,
    pub at: Timestamp,
    pub verdict: Verdict,
    pub before: String,
    pub now: String,
}

/// What came of all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// How many were compared.
    pub compared: usize,
    /// How many never came to a plan, so that there was nothing to compare.
    pub without_plan: usize,
    pub differences: Vec<Difference>,
    /// Those that go the same way and need more than before, less, or something else.
    pub stricter: usize,
    pub looser: usize,
    pub otherwise: usize,
    /// Refusals of people whose roles only their platform knows, so that no one can tell what they would be now.
    pub untold: usize,
}

/// The rules to judge by, and who people are by the same configuration.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    pub rules: &'a RuleSet,
    pub people: &'a [Person],
    pub commands: &'a [Entry],
}

impl Replay {
    /// How many would go another way or need something else.
    pub fn changed(&self) -> usize {
        self.differences.len() + self.stricter + self.looser + self.otherwise
    }

    /// How many of these there are.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.differences.iter().filter(|one| one.verdict == verdict).count()
    }

    /// Judges a request by the rules, at the moment and place and with the roles with which it was asked.
    pub fn judge(&mut self, request: &Request, candidate: &Candidate<'_>) {
        let Some(planned) = &request.planned else {
            self.without_plan += 1;
            return;
        };
        self.compared += 1;
        let requester = candidate.person(&request.by, &request.roles);
        let needs = match candidate.needs(request, planned, &requester) {
            Ok(needs) => needs,
            Err(why) => return self.differs(request, planned, Verdict::Refused, why),
        };
        if planned.needs.approvals_needed() > 0 && needs.approvals_needed() == 0 {
            return self.differs(request, planned, Verdict::Alone, others(&needs));
        }
        let went_through = request.steps.iter().any(|state| *state != StepState::Todo);
        let missing =
            candidate.missing(request, &Planned { needs: needs.clone(), ..planned.clone() }, &requester);
        if went_through && !missing.is_empty() {
            let now = format!("{}; missing: {}", others(&needs), list(&missing, "and"));
            return self.differs(request, planned, Verdict::Lacking, now);
        }
        match (harder(&planned.needs, &needs), harder(&needs, &planned.needs)) {
            (true, false) => self.stricter += 1,
            (false, true) => self.looser += 1,
            (true, true) => self.otherwise += 1,
            (false, false) if same(&planned.needs, &needs) => {}
            (false, false) => self.otherwise += 1,
        }
    }

    /// Looks whether a refusal without a request would be one today. The log does not say which roles were refused, so
    /// those of the configuration are taken.
    pub fn judge_refusal(&mut self, line: &Line, candidate: &Candidate<'_>) {
        let (Event::Refused { command, args, place: Some(place), problem }, None, Some(by)) =
            (&line.event, line.request, &line.by)
        else {
            return;
        };
        let by_rules = ["no_rule", "denied_by_rule"].contains(&problem.code.as_str());
        let entry = candidate.commands.iter().find(|entry| entry.path == command);
        let (true, Some(entry)) = (by_rules, entry) else { return };
        let Some(person) = candidate.people.iter().find_map(|person| person.at(&by.id)) else {
            self.untold += 1;
            return;
        };
        self.compared += 1;
        let matter = Action {
            command: entry.path,
            risk: entry.command.spec().risk,
            impact: None,
            emergency: args.flag(crate::words::EMERGENCY.name),
            place,
            now: line.at,
        };
        if let Ok(rule) = candidate.rules.rules.rule_for(&matter, &person) {
            self.differences.push(Difference {
                no: None,
                command: command.clone(),
                who: by.name.clone(),
                at: line.at,
                verdict: Verdict::Opened,
                before: "refused".to_owned(),
                now: format!("allowed by the rule {}", code(&rule.name)),
            });
        }
    }

    fn differs(&mut self, request: &Request, planned: &Planned, verdict: Verdict, now: String) {
        self.differences.push(Difference {
            no: Some(request.no),
            command: request.command.clone(),
            who: request.by.name.clone(),
            at: request.asked,
            verdict,
            before: others(&planned.needs),
            now,
        });
    }
}

impl Candidate<'_> {
    /// Someone with the roles that the log gives them and what else the configuration says of them.
    fn person(&self, by: &By, roles: &[Role]) -> Person {
        let known = self.people.iter().find_map(|person| person.at(&by.id));
        let (login, also) = known.map(|person| (person.login, person.also)).unwrap_or_default();
        Person {
            id: by.id.clone(),
            name: by.name.clone(),
            roles: roles.iter().copied().collect(),
            login,
            also,
        }
    }

    /// What the plan would need, or why it would be refused.
    fn needs(
        &self,
        request: &Request,
        planned: &Planned,
        requester: &Person,
    ) -> Result<Requirements, String> {
        let impact = planned.plan.impact(&planned.live);
        let matter = Action {
            command: &request.command,
            risk: planned.plan.risk,
            impact: Some(&impact),
            emergency: request.is_emergency(),
            place: &request.place,
            now: request.asked,
        };
        // How many emergencies there were is left out: other rules would have let others happen.
        if request.is_emergency() {
            let accounts = requester.accounts();
            emergency::allowed(&self.rules.emergency, requester, &accounts, &[], request.asked)
                .map_err(|problem| problem.message)?;
        }
        let needs =
            self.rules.rules.needs_of(&planned.plan, &matter, requester, &self.rules.protected).map_err(
                |problem| match problem.rule {
                    Some(rule) => format!("refused by the rule {}", code(&rule)),
                    None => "no rule allows it".to_owned(),
                },
            )?;
        if !needs.reason.takes(request.args.text("reason")) {
            return Err(format!("the rule {} needs a different reason", code(&needs.rule)));
        }
        Ok(needs)
    }

    /// Whose approval would be missing, counting those that were given as weighing would count them.
    fn missing(&self, request: &Request, planned: &Planned, requester: &Person) -> Vec<String> {
        let last = request.approvals.iter().map(|approval| approval.at).max().unwrap_or(planned.at);
        let mut counted: Vec<Person> = Vec::new();
        for approval in &request.approvals {
            let person = self.person(&approval.by, &approval.roles);
            let may = may_approve(planned, &request.by, requester, &person, last).is_ok();
            if may && !counted.iter().any(|other| same_person(other, &person)) {
                counted.push(person);
            }
        }
        let roles: Vec<_> = counted.iter().map(|person| &person.roles).collect();
        unmet(&planned.needs.groups(planned.at, last), &roles)
            .iter()
            .map(|group| format!("{} from {}", group.approvals, roles::words(&group.approvers)))
            .collect()
    }
}

/// The approvals of others in words.
fn others(needs: &Requirements) -> String {
    let groups = explain::approvals(needs);
    if groups.is_empty() { "no approval".to_owned() } else { list(&groups, "and") }
}

/// Whether the second asks more of anybody in some way.
fn harder(before: &Requirements, now: &Requirements) -> bool {
    let more = |was: bool, is: bool| is && !was;
    more(before.confirm, now.confirm)
        || more(before.second_factor, now.second_factor)
        || more(before.caller, now.caller)
        || more(before.retype, now.retype)
        || more(!before.reason.is_none(), !now.reason.is_none())
        || now.approvals_needed() > before.approvals_needed()
        || now.approvals_needed() > 0 && now.expires_minutes < before.expires_minutes
        || loses_an_approver(before, now)
}

/// Whether someone who could approve may not any longer.
fn loses_an_approver(before: &Requirements, now: &Requirements) -> bool {
    let all = |needs: &Requirements| -> BTreeSet<Role> {
        let groups = needs.groups(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        groups.into_iter().flat_map(|group| group.approvers).collect()
    };
    now.approvals_needed() > 0 && !all(before).is_subset(&all(now))
}

/// Whether they are the same but for the name of the rule.
fn same(before: &Requirements, now: &Requirements) -> bool {
    let named = Requirements { rule: before.rule.clone(), ..now.clone() };
    *before == named
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::basics::ids::Platform;
    use crate::basics::roles::Place;
    use crate::log::Draft;
    use crate::plan::Direction;
    use crate::plan::effect::DoneByHand;
    use crate::plan::{AffectedUser, Effect, Plan, Step};
    use crate::words::{Args, Risk};

    const HOUR: &str = "2026-11-20T09:00:00Z";

    fn by(id: u64) -> By {
        By { id: format!("console:{id}").parse().unwrap(), name: format!("p{id}") }
    }

    fn candidate(rules: Value) -> RuleSet {
        RuleSet { rules: serde_json::from_value(rules).unwrap(), ..RuleSet::default() }
    }

    fn rule(extra: Value) -> Value {
        let mut rule = json!({ "name": "r", "roles": ["l1"], "approvals": 1, "approvers": ["supervisor"] });
        rule.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        rule
    }

    /// A request of 1 with the role l1 by these rules, approved by these people with these roles and then begun.
    fn request(rules: &RuleSet, args: Value, approved: &[(u64, Role)], begun: bool) -> Request {
        let place =
            Place { platform: Platform::Console, channel: "1".to_owned(), private: false, parent: None };
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
        let roles = vec![Role::L1];
        let mut events = vec![
            (
                1,
                Event::Requested {
                    command: command.to_owned(),
                    args,
                    place: place.clone(),
                    roles,
                    rule: "r".to_owned(),
                },
            ),
            (
                1,
                Event::Planned {
                    plan: Box::new(plan),
                    digest: digest.clone(),
                    needs,
                    live: Default::default(),
                    expires: at,
                    same_as: None,
                },
            ),
        ];
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
        for (extra, verdict, now) in [
            (json!({ "roles": ["admin"] }), Verdict::Refused, "no rule allows it"),
            (json!({ "deny": true }), Verdict::Refused, "refused by the rule `r`"),
            (json!({ "hours": ["daily 10:00-11:00 UTC"] }), Verdict::Refused, "no rule allows it"),
            (json!({ "channels": ["2"] }), Verdict::Refused, "no rule allows it"),
            (json!({ "reason": "INC-[0-9]+" }), Verdict::Refused, "needs a different reason"),
            (json!({ "approvals": 0, "approvers": [] }), Verdict::Alone, "no approval"),
            (json!({ "approvals": 2 }), Verdict::Lacking, "missing: 1 from supervisor"),
            (json!({ "approvers": ["admin"] }), Verdict::Lacking, "missing: 1 from admin"),
            (
                json!({ "and": [{ "approvals": 1, "approvers": ["admin"] }] }),
                Verdict::Lacking,
                "missing: 1 from admin",
            ),
        ] {
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
        for (extra, counts) in [
            (json!({ "second_factor": true, "expires_minutes": 30, "caller": true }), (1, 0, 0)),
            (json!({ "second_factor": true, "expires_minutes": 20 }), (1, 0, 0)),
            (json!({ "second_factor": false, "expires_minutes": 30 }), (0, 1, 0)),
            (
                json!({ "second_factor": true, "expires_minutes": 30, "approvers": ["supervisor", "admin"] }),
                (0, 1, 0),
            ),
            (json!({ "second_factor": false, "expires_minutes": 30, "retype": true }), (0, 0, 1)),
            (json!({ "second_factor": true, "expires_minutes": 30, "remind_minutes": 5 }), (0, 0, 1)),
        ] {
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
}
