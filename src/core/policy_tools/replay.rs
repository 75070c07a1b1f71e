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
            risk: entry.command.spec.risk,
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
        if needs.reason.check(&request.command, &request.args, &needs.rule).is_err() {
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
        unmet(&planned.groups(last), &roles)
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
