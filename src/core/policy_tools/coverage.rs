//! At which hours of the week a command has no one to ask it, or no one to say yes to it. A pure function of the rules and
//! the people; it knows who has which role, not who is awake, but for those on call.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::basics::hours::Hours;
use crate::basics::ids::{PersonId, Platform};
use crate::basics::roles::{Person, Place, Role};
use crate::basics::text::code;
use crate::command::Entry;
use crate::plan::Impact;
use crate::policy::Shift;
use crate::policy::rule_set::RuleSet;
use crate::policy::{APPROVE, Action, Policy, Requirements, Rule};
use crate::policy_tools::explain::{self, anybody};
use crate::request::approval::unmet;
use crate::words::{EMERGENCY, Risk};

/// The hours of a week are looked at in steps of so many minutes.
const STEP: u16 = 15;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// So many steps are a week.
const STEPS: u16 = 7 * 24 * 60 / STEP;

/// Everybody whom the rules could be about.
#[derive(Clone, Copy)]
pub struct Roster<'a> {
    /// Those that the configuration names.
    pub people: &'a [Person],
    /// Roles that a chat platform gives to others, of whom no one knows how many they are.
    pub mapped: &'a BTreeSet<Role>,
}

/// Commands for which the same is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub commands: Vec<&'static str>,
    /// What is wrong, and when; empty when nothing is.
    pub gaps: Vec<(String, Vec<Span>)>,
}

/// A part of the week, in minutes from Monday 00:00 UTC. `to` is not included and may be before `from`, over the weekend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: u16,
    pub to: u16,
}

impl Span {
    /// The whole week.
    pub const WEEK: Span = Span { from: 0, to: STEPS * STEP };

    /// Whether it is shorter than a day.
    pub fn is_short(self) -> bool {
        (self.to + Span::WEEK.to - self.from) % Span::WEEK.to < DAY
    }

    /// Its minutes of the day.
    pub fn of_day(self) -> (u16, u16) {
        (self.from % DAY, self.to % DAY)
    }
}

/// Looks through the week that begins at `monday`, 00:00 UTC.
pub fn coverage(rules: &RuleSet, crew: Roster<'_>, commands: &[Entry], monday: Timestamp) -> Vec<Group> {
    let kinds = kinds(rules, monday);
    let mut groups: Vec<(Gaps, Vec<&'static str>)> = Vec::new();
    for entry in commands {
        let mut gaps = Gaps::new();
        let mut closed: BTreeMap<Risk, BTreeSet<u16>> = BTreeMap::new();
        let mut looked: BTreeMap<ActiveRules, Found> = BTreeMap::new();
        for (at, steps) in &kinds {
            let holding = ActiveRules::of(rules, entry, *at);
            let found = looked
                .entry(holding)
                .or_insert_with_key(|holding| TimeSlot::new(rules, crew, *at, entry, holding).look());
            for risk in explain::risks_of(entry) {
                let is_closed = found.closed.contains(&risk);
                closed.entry(risk).or_default().extend(steps.iter().filter(|_| is_closed));
            }
            for trouble in &found.troubles {
                gaps.entry(trouble.clone()).or_default().extend(steps);
            }
        }
        gaps.extend(nobody_asks(closed));
        // Where no emergency is ever offered, the rules do not mean to.
        gaps.retain(|what, steps| what != NO_EMERGENCY || steps.len() < usize::from(STEPS));
        match groups.iter_mut().find(|(known, _)| *known == gaps) {
            Some((_, commands)) => commands.push(entry.path),
            None => groups.push((gaps, vec![entry.path])),
        }
    }
    let spans = |gaps: Gaps| gaps.into_iter().map(|(what, steps)| (what, spans(&steps))).collect();
    groups.into_iter().map(|(gaps, commands)| Group { commands, gaps: spans(gaps) }).collect()
}

/// What is wrong, and in which steps of the week.
type Gaps = BTreeMap<String, BTreeSet<u16>>;

const NO_EMERGENCY: &str = "no one is on call, so no emergency requests are possible";

/// When a command cannot be asked: for none of its risks, and beyond that for some.
fn nobody_asks(mut closed: BTreeMap<Risk, BTreeSet<u16>>) -> Vec<(String, BTreeSet<u16>)> {
    let mut gaps = Vec::new();
    // What is closed all week is closed by itself, and says nothing of the hours of the rest.
    let always = |steps: &BTreeSet<u16>| steps.len() == usize::from(STEPS);
    if !closed.values().all(always) {
        for (risk, steps) in closed.extract_if(.., |_, steps| always(steps)) {
            gaps.push((no_plan(risk), steps));
        }
    }
    let all = closed.values().cloned().reduce(|all, steps| &all & &steps).unwrap_or_default();
    gaps.extend(closed.iter().map(|(risk, steps)| (no_plan(*risk), steps - &all)));
    gaps.push(("no one can use it".to_owned(), all));
    gaps.retain(|(_, steps)| !steps.is_empty());
    gaps
}

fn no_plan(risk: Risk) -> String {
    format!("no one can use it for a {risk} plan")
}

/// The steps of the week by what holds in them, each kind with one moment of it: there are few.
fn kinds(rules: &RuleSet, monday: Timestamp) -> Vec<(Timestamp, Vec<u16>)> {
    let mut all: Vec<&Hours> = Vec::new();
    let shifts = rules.emergency.shifts.iter().map(|shift| &shift.hours);
    for hours in rules.rules.rules.iter().flat_map(|rule| &rule.hours).chain(shifts) {
        if !all.contains(&hours) {
            all.push(hours);
        }
    }
    let mut kinds: BTreeMap<Vec<bool>, (Timestamp, Vec<u16>)> = BTreeMap::new();
    for step in 0..STEPS {
        let Ok(at) = monday.checked_add(SignedDuration::from_mins(i64::from(step * STEP))) else { break };
        let holds = all.iter().map(|hours| hours.contain(at)).collect();
        kinds.entry(holds).or_insert_with(|| (at, Vec::new())).1.push(step);
    }
    kinds.into_values().collect()
}

/// Steps as spans; what continues over the weekend is one span.
fn spans(steps: &BTreeSet<u16>) -> Vec<Span> {
    if steps.len() == usize::from(STEPS) {
        return vec![Span::WEEK];
    }
    let before = |step: u16| if step == 0 { STEPS - 1 } else { step - 1 };
    let after = |step: u16| (step + 1) % STEPS;
    let starts = steps.iter().filter(|step| !steps.contains(&before(**step)));
    starts
        .map(|start| {
            let mut end = *start;
            while steps.contains(&after(end)) {
                end = after(end);
            }
            Span { from: start * STEP, to: (end + 1) * STEP }
        })
        .collect()
}

/// Which rules and shifts hold at a moment for a command, and for approving what it plans, by their places: where these are the same,
/// all is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ActiveRules {
    rules: Vec<usize>,
    shifts: Vec<usize>,
}

impl ActiveRules {
    fn of(rules: &RuleSet, entry: &Entry, at: Timestamp) -> ActiveRules {
        let holds = |rule: &Rule| rule.hours.is_empty() || rule.hours.iter().any(|hours| hours.contain(at));
        let is_about = |rule: &Rule| rule.is_about(entry.path) || rule.is_about(APPROVE);
        let rule = |(i, rule): (usize, &Rule)| (is_about(rule) && holds(rule)).then_some(i);
        let shift = |(i, shift): (usize, &Shift)| shift.hours.contain(at).then_some(i);
        ActiveRules {
            rules: rules.rules.rules.iter().enumerate().filter_map(rule).collect(),
            shifts: rules.emergency.shifts.iter().enumerate().filter_map(shift).collect(),
        }
    }
}

/// What is wrong at a moment.
struct Found {
    /// The risks of which no one may ask for a plan that touches no one in particular.
    closed: Vec<Risk>,
    /// Who is missing to say yes, or for an emergency.
    troubles: BTreeSet<String>,
}

/// One command at one moment.
struct TimeSlot<'a> {
    rules: &'a RuleSet,
    crew: Roster<'a>,
    at: Timestamp,
    entry: &'a Entry,
    on_shift: Vec<&'a Shift>,
    principals: Vec<Principal>,
    /// Those among them who may use `/desk approve` somewhere.
    approvers: Vec<Principal>,
    /// Wherever it could be asked, with the rules that hold there.
    places: Vec<(Place, Policy)>,
}

impl<'a> TimeSlot<'a> {
    fn new(
        rules: &'a RuleSet,
        crew: Roster<'a>,
        at: Timestamp,
        entry: &'a Entry,
        holding: &ActiveRules,
    ) -> TimeSlot<'a> {
        let hold: Vec<&Rule> = holding.rules.iter().filter_map(|i| rules.rules.rules.get(*i)).collect();
        let shifts = &rules.emergency.shifts;
        let (principals, places) = (principals(crew), places(&hold));
        let may_approve = |principal: &&Principal| {
            places.iter().any(|(place, policy)| {
                let (risk, impact, emergency) = (Risk::Read, None, false);
                let approves = Action { command: APPROVE, risk, impact, emergency, place, now: at };
                policy.first_match(&approves, &principal.person).is_some_and(|rule| !rule.deny)
            })
        };
        TimeSlot {
            rules,
            crew,
            at,
            entry,
            on_shift: holding.shifts.iter().filter_map(|i| shifts.get(*i)).collect(),
            approvers: principals.iter().filter(may_approve).cloned().collect(),
            principals,
            places,
        }
    }

    fn look(&self) -> Found {
        let mut found = Found { closed: Vec::new(), troubles: BTreeSet::new() };
        let troubles = &mut found.troubles;
        let spec = self.entry.command.spec;
        let risks = explain::risks_of(self.entry);
        for risk in &risks {
            let mut open = false;
            self.each(*risk, &Impact::default(), false, None, |rule, principal, needs| {
                open = true;
                troubles.extend(self.lacks(rule, principal, needs, ""));
                if *risk != Risk::Read && !self.rules.protected.logins.is_empty() {
                    let needs = needs.clone().protecting(self.rules.protected.logins.clone());
                    troubles.extend(self.lacks(rule, principal, &needs, " about a protected user"));
                }
            });
            found.closed.extend((!open).then_some(*risk));
        }
        for special in &self.rules.rules.rules {
            if special.touches.is_empty() || special.deny || !special.is_about(self.entry.path) {
                continue;
            }
            let examples = special.touches.examples(&Impact::default());
            let label = format!(" that affects {}", explain::target(&special.touches));
            for (risk, impact) in risks.iter().flat_map(|risk| examples.iter().map(move |one| (risk, one))) {
                self.each(*risk, impact, false, Some(special), |rule, principal, needs| {
                    if rule.name == special.name {
                        troubles.extend(self.lacks(rule, principal, needs, &label));
                    }
                });
            }
        }
        if spec.arg(EMERGENCY.name).is_some() {
            let mut offered = false;
            for risk in &risks {
                self.each(*risk, &Impact::default(), true, None, |_, principal, _| {
                    offered |= self.is_on_call(principal);
                });
            }
            if !offered {
                troubles.insert(NO_EMERGENCY.to_owned());
            }
        }
        found
    }

    /// Calls for each way in which a plan of this risk may be asked; only those that could be by one rule, if it is given.
    fn each(
        &self,
        risk: Risk,
        impact: &Impact,
        emergency: bool,
        only: Option<&Rule>,
        mut found: impl FnMut(&Rule, &Principal, &Requirements),
    ) {
        for (place, policy) in &self.places {
            let there =
                |rule: &Rule| rule.channels.is_empty() || rule.channels.iter().any(|id| id == place.home());
            if !only.is_none_or(|rule| there(rule) && (!place.private || rule.holds_in_private())) {
                continue;
            }
            let (command, impact) = (self.entry.path, Some(impact));
            let matter = Action { command, risk, impact, emergency, place, now: self.at };
            for principal in self
                .principals
                .iter()
                .filter(|principal| only.is_none_or(|rule| principal.person.has_any(&rule.roles)))
            {
                let Some(rule) = policy.first_match(&matter, &principal.person) else { continue };
                if let (false, Ok(needs)) =
                    (rule.deny, policy.needs(&matter, &principal.person, self.entry.least_approval()))
                {
                    found(rule, principal, &needs);
                }
            }
        }
    }

    fn on_shift(&self) -> impl Iterator<Item = &Shift> {
        self.on_shift.iter().copied()
    }

    fn is_on_call(&self, principal: &Principal) -> bool {
        let person = &principal.person;
        let known = |shift: &Shift| self.crew.people.iter().any(|person| person.at(&shift.person).is_some());
        person.roles.contains(&Role::Oncall)
            && (self.rules.emergency.shifts.is_empty()
                || match principal.named {
                    true => self.on_shift().any(|shift| person.at(&shift.person).is_some()),
                    // Someone whom only the platform knows.
                    false => self.on_shift().any(|shift| !known(shift)),
                })
    }

    /// What is missing of the approvals for a request, if anything is. `of` says what is special about the plan.
    fn lacks(&self, rule: &Rule, principal: &Principal, needs: &Requirements, of: &str) -> Option<String> {
        if needs.approvals_needed() == 0 {
            return None;
        }
        let later = needs.escalate.as_ref().map_or(0, |next| next.after_minutes);
        let later = self.at.checked_add(SignedDuration::from_mins(i64::from(later))).unwrap_or(self.at);
        let can = |but: Option<&Person>, now: Timestamp| {
            let able = self.able(needs.approvals_needed(), but);
            unmet(&needs.groups(self.at, now), &able.iter().collect::<Vec<_>>()).is_empty()
        };
        let rule = format!("(rule: {})", rule.name);
        if !can(None, later) {
            return Some(format!("there are too few people to approve a plan{of} {rule}"));
        }
        if principal.named && !can(Some(&principal.person), later) {
            let who = code(&principal.person.name);
            return Some(format!("{who} has too few others to approve a plan{of} {rule}"));
        }
        let first = needs.escalate.as_ref().map_or(0, |next| next.after_minutes);
        if !can(None, self.at) {
            return Some(format!(
                "for the first {first} min there are too few people to approve a plan{of} {rule}"
            ));
        }
        if principal.named && !can(Some(&principal.person), self.at) {
            let who = code(&principal.person.name);
            return Some(format!(
                "for the first {first} min {who} has too few others to approve a plan{of} {rule}"
            ));
        }
        None
    }

    /// The roles of everyone who could approve, each apart. Anyone who is not on call by the schedule is not there for `oncall`.
    fn able(&self, wanted: u8, but: Option<&Person>) -> Vec<BTreeSet<Role>> {
        let scheduled = !self.rules.emergency.shifts.is_empty();
        let known = |shift: &&Shift| self.crew.people.iter().any(|person| person.at(&shift.person).is_some());
        let mut able = Vec::new();
        for approver in self.approvers.iter().filter(|one| but.is_none_or(|but| but.id != one.person.id)) {
            let person = &approver.person;
            let mut roles = person.roles.clone();
            let is_oncall = roles.contains(&Role::Oncall) && scheduled;
            if approver.named && is_oncall && !self.on_shift().any(|shift| person.at(&shift.person).is_some())
            {
                roles.remove(&Role::Oncall);
            }
            let many = match approver.named {
                true => 1,
                false if is_oncall => self.on_shift().filter(|shift| !known(shift)).count(),
                false => usize::from(wanted),
            };
            able.extend(std::iter::repeat_n(roles, many));
        }
        able
    }
}

/// Anyone who could ask: everybody who is named, and someone for each role that a platform gives.
fn principals(crew: Roster<'_>) -> Vec<Principal> {
    let named = crew.people.iter().map(|person| Principal { person: person.clone(), named: true });
    let others = crew.mapped.iter().filter_map(|role| {
        let person = anybody([*role], PersonId::new(Platform::Console, "0").ok()?);
        Some(Principal { person, named: false })
    });
    named.chain(others).collect()
}

/// Each channel that one of these rules names, one that none names, and a direct message; with the rules that hold there,
/// which are then without hours, because looking at a clock is most of the work.
fn places(rules: &[&Rule]) -> Vec<(Place, Policy)> {
    let named: BTreeSet<&str> = rules.iter().flat_map(|rule| &rule.channels).map(String::as_str).collect();
    let place = |channel: &str, private| {
        let there = |rule: &&&Rule| {
            private && rule.holds_in_private() || rule.channels.is_empty() || rule.channels.contains(channel)
        };
        let without_hours = |rule: &&Rule| Rule { hours: Vec::new(), ..(*rule).clone() };
        let rules = rules.iter().filter(there).map(without_hours).collect();
        (
            Place { platform: Platform::Console, channel: channel.to_owned(), private, parent: None },
            Policy { rules },
        )
    };
    let others = [place("", false), place("", true)];
    named.into_iter().map(|channel| place(channel, false)).chain(others).collect()
}

/// Someone who could ask, or approve.
#[derive(Clone)]
struct Principal {
    person: Person,
    /// The configuration names them, so that it is known who else there is.
    named: bool,
}
