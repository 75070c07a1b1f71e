//! Who may ask for what, and which yes it needs: a list of rules, the first that matches decides, none means no.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use regex::Regex;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::basics::hours::Hours;
use crate::basics::problem::Problem;
use crate::basics::roles::{self, Person, Place, Role};
use crate::basics::text::{self, code};
use crate::plan::{Impact, LeastApproval, Plan};
use crate::policy::site::Protected;
use crate::words::{Args, REASON, Risk};

/// The rules of a site, from the top.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Policy {
    pub rules: Vec<Rule>,
}

/// One rule. A list that is empty matches everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// A sentence that says what the rule is for; it is shown with every decision of the rule.
    pub name: String,
    /// Commands such as `connect reset`, or all below a word as `connect *`.
    #[serde(default, deserialize_with = "filled", skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    #[serde(default, deserialize_with = "filled", skip_serializing_if = "BTreeSet::is_empty")]
    pub risk: BTreeSet<Risk>,
    /// Who may ask. Never empty: a rule opens nothing to everybody by leaving a word out.
    pub roles: BTreeSet<Role>,
    /// Channel ids in which it may be asked.
    #[serde(default, deserialize_with = "filled", skip_serializing_if = "BTreeSet::is_empty")]
    pub channels: BTreeSet<String>,
    /// It may also be asked in a direct message, where no one else reads along. A rule that denies in every channel denies there too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// When it holds; any of these.
    #[serde(default, deserialize_with = "filled", skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Hours>,
    /// What the plan has to touch. Before there is a plan a rule that allows may match, and one that refuses does not; neither
    /// matches a command that only reads.
    #[serde(default, deserialize_with = "filled", skip_serializing_if = "Target::is_empty")]
    pub touches: Target,
    /// It is about emergencies and nothing else; emergencies match no other rule that allows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub emergency: bool,
    /// The rule refuses what it matches.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deny: bool,
    /// The requester says yes to the plan before anything else.
    #[serde(default = "yes")]
    pub confirm: bool,
    /// A reason must come with the request; a text is the pattern (regex) of which something has to stand in it.
    #[serde(default, skip_serializing_if = "Reason::is_none")]
    pub reason: Reason,
    /// How many other people must approve.
    #[serde(default)]
    pub approvals: u8,
    /// From which roles they come.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub approvers: BTreeSet<Role>,
    /// Further approvals, by other people, from these roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub and: Vec<Quorum>,
    /// An approver types the login that the plan is about, or the number of its users, so that no one approves by habit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retype: bool,
    /// Anyone who says yes gives a code of their authenticator with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_factor: bool,
    /// How the caller was verified is written down before anybody approves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub caller: bool,
    /// How long a plan waits for its approvals, in minutes.
    #[serde(default = "one_hour")]
    pub expires_minutes: u32,
    /// After so many minutes, and again after as many, the approvers are called once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_minutes: Option<u32>,
    /// Who may approve as well when no one has for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Escalation>,
}

/// So many approvals from these roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    pub approvals: u8,
    pub approvers: BTreeSet<Role>,
}

/// The next group to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    pub after_minutes: u32,
    pub approvers: BTreeSet<Role>,
}

/// Whether a reason must come with a request, and of what kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reason {
    Wanted(bool),
    /// Something in it has to match this pattern (regex), such as a ticket's number.
    Like(String),
}

impl Default for Reason {
    fn default() -> Reason {
        Reason::Wanted(false)
    }
}

impl Reason {
    pub fn is_none(&self) -> bool {
        *self == Reason::Wanted(false)
    }

    /// Refuses a reason that is missing or not of the kind that the rule wants.
    pub fn check(&self, path: &str, args: &Args, rule: &str) -> Result<(), Problem> {
        let reason = args.text(REASON.name);
        if self.takes(reason) {
            return Ok(());
        }
        let how = format!("Add `reason:\"…\"` to `/{path}`.");
        let problem = match (self, reason) {
            (Reason::Like(pattern), Some(reason)) => Problem::requester(
                "reason_unlike",
                format!("The reason {} must include something that matches {}.", code(reason), code(pattern)),
            )
            .hint("Add what the policy requires, such as a ticket number."),
            (Reason::Like(pattern), None) => Problem::requester(
                "reason_missing",
                format!("This needs a reason that includes something that matches {}.", code(pattern)),
            )
            .hint(how),
            _ => Problem::requester("reason_missing", "This needs a reason.").hint(how),
        };
        Err(problem.rule(rule))
    }

    /// Whether this reason will do; one with a pattern that is none takes nothing.
    fn takes(&self, reason: Option<&str>) -> bool {
        match (self, reason) {
            (Reason::Wanted(false), _) => true,
            (_, None) => false,
            (Reason::Wanted(true), Some(_)) => true,
            (Reason::Like(pattern), Some(reason)) => {
                Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(reason))
            }
        }
    }
}

/// The most combinations of names that are tried.
const EXAMPLES_MAX: usize = 100;

/// What a rule wants a plan to touch: everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Target {
    /// One of these users.
    #[serde(deserialize_with = "filled", skip_serializing_if = "BTreeSet::is_empty")]
    pub logins: BTreeSet<String>,
    /// Someone who has, or would get, one of these.
    #[serde(deserialize_with = "filled", skip_serializing_if = "BTreeSet::is_empty")]
    pub security_profiles: BTreeSet<String>,
    /// Someone in, or going to, one of these hierarchy groups or a group below it.
    #[serde(deserialize_with = "filled", skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
    /// One of these Salesforce permission sets, given or taken away.
    #[serde(deserialize_with = "filled", skip_serializing_if = "BTreeSet::is_empty")]
    pub permission_sets: BTreeSet<String>,
    /// At least so many people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<usize>,
    /// A queue that someone would leave, with at most so many agents signed in to it afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agents_left: Option<usize>,
}

impl Target {
    pub fn is_empty(&self) -> bool {
        *self == Target::default()
    }

    /// What it matches beside what is touched already, to try rules with: each of its names by itself, which may be what a rule before
    /// it names as well. Of many names not every combination is tried, so that a check of long lists ends soon.
    pub fn examples(&self, already: &Impact) -> Vec<Impact> {
        type Adds = fn(&mut Impact, &str);
        let adds: [(&BTreeSet<String>, Adds); 4] = [
            (&self.logins, |impact, name| Impact::add(&mut impact.logins, [name])),
            (&self.security_profiles, |impact, name| Impact::add(&mut impact.security_profiles, [name])),
            (&self.permission_sets, |impact, name| Impact::add(&mut impact.permission_sets, [name])),
            (&self.groups, Impact::add_group),
        ];
        let wanted: Vec<(Vec<&String>, Adds)> = adds
            .into_iter()
            .filter(|(names, _)| !names.is_empty())
            .map(|(names, add)| (names.iter().collect(), add))
            .collect();
        let lengths = || wanted.iter().map(|(names, _)| names.len());
        let combinations = lengths().fold(1, usize::saturating_mul);
        let is_each = combinations <= EXAMPLES_MAX;
        let number = if is_each { combinations } else { lengths().max().unwrap_or(1) };
        let example = |number: usize| {
            let (mut impact, mut rest) = (already.clone(), number);
            for (names, add) in &wanted {
                let at = if is_each { rest % names.len() } else { number % names.len() };
                rest /= names.len();
                names.get(at).into_iter().for_each(|name| add(&mut impact, name));
            }
            impact.agents_left = self.agents_left.or(impact.agents_left);
            let more = self.people.unwrap_or_default().saturating_sub(impact.logins.len());
            impact.logins.extend((0..more).map(|i| format!("user {i}")));
            impact
        };
        (0..number).map(example).collect()
    }

    /// Whether it matches everything that the other one does: what each of its keys wants follows from what that key of the other one
    /// wants.
    pub fn covers(&self, other: &Target) -> bool {
        let Target { logins, security_profiles, groups, permission_sets, people, agents_left } = self;
        // One of several names is wanted, so each of the other's has to be among them.
        let any_of =
            |wanted: &BTreeSet<String>, theirs: &BTreeSet<String>, is_one: fn(&str, &str) -> bool| {
                let is_wanted = |name: &String| wanted.iter().any(|one| is_one(name, one));
                wanted.is_empty() || !theirs.is_empty() && theirs.iter().all(is_wanted)
            };
        let is_below: fn(&str, &str) -> bool =
            |path, group| text::is_within(&text::path_key(path), &text::path_key(group));
        any_of(logins, &other.logins, text::same_name)
            && any_of(security_profiles, &other.security_profiles, text::same_name)
            && any_of(groups, &other.groups, is_below)
            && any_of(permission_sets, &other.permission_sets, text::same_name)
            && people.is_none_or(|least| other.people.is_some_and(|theirs| theirs >= least))
            && agents_left.is_none_or(|most| other.agents_left.is_some_and(|theirs| theirs <= most))
    }

    /// Whether everything that is given holds. A name that the contact center doesn't have counts as touched: no one can tell
    /// whom it was meant for, and [`Policy::rule_for`] refuses by such a rule.
    fn matches(&self, impact: &Impact) -> bool {
        let any = |wanted: &BTreeSet<String>, there: &BTreeSet<String>| {
            wanted.is_empty() || wanted.iter().any(|name| there.contains(&*text::name_key(name)))
        };
        let group = |wanted: &String| {
            let wanted = text::path_key(wanted);
            impact.groups.iter().any(|path| text::is_within(path, &wanted))
        };
        any(&self.logins, &impact.logins)
            && (any(&self.security_profiles, &impact.security_profiles) || self.unknown(impact).is_some())
            && (self.groups.is_empty() || self.groups.iter().any(group) || self.unknown(impact).is_some())
            && any(&self.permission_sets, &impact.permission_sets)
            && self.people.is_none_or(|people| impact.logins.len() + impact.read >= people)
            && self.agents_left.is_none_or(|most| impact.agents_left.is_some_and(|left| left <= most))
    }

    /// A name in it that the contact center doesn't have, with the word for what it should be.
    fn unknown(&self, impact: &Impact) -> Option<(&'static str, &String)> {
        if impact.unknown.is_empty() {
            return None;
        }
        let profile =
            self.security_profiles.iter().find(|name| impact.unknown.contains(&*text::name_key(name)));
        let group = self.groups.iter().find(|path| impact.unknown.contains(&text::path_key(path)));
        profile.map(|name| ("security profile", name)).or(group.map(|path| ("hierarchy group", path)))
    }
}

/// Something that is given. Nothing in it would match everything, which is written by leaving it out.
fn filled<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default + PartialEq>(
    from: D,
) -> Result<T, D::Error> {
    let given = T::deserialize(from)?;
    match given == T::default() {
        true => Err(D::Error::custom("An empty value here would match everything. Add to it, or remove it.")),
        false => Ok(given),
    }
}

fn yes() -> bool {
    true
}

fn one_hour() -> u32 {
    60
}

/// What a plan needs before it may be carried out; it is logged with the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirements {
    /// The rule that says so.
    pub rule: String,
    pub confirm: bool,
    pub approvals: u8,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub approvers: BTreeSet<Role>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub and: Vec<Quorum>,
    #[serde(default, skip_serializing_if = "Reason::is_none")]
    pub reason: Reason,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retype: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_factor: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub caller: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub emergency: bool,
    /// Of an emergency: whose yes it would have needed otherwise.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub skipped: BTreeSet<Role>,
    pub expires_minutes: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_minutes: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Escalation>,
    /// The protected users that the plan is about, on whose account it wants two approvals.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub protected: BTreeSet<String>,
}

/// How many other people must approve what is about a protected user, whatever rule applies.
const PROTECTED_APPROVALS: u8 = 2;

/// The command with which people approve what others ask.
pub const APPROVE: &str = "desk approve";

/// The commands whose rules let people read everything that a request does.
const DECIDING: [&str; 2] = [APPROVE, "desk confirm"];

/// The command that shows everything that a request does.
pub const DETAILS: &str = "desk details";

/// The command that shows the card of a request again.
pub const SHOW: &str = "desk show";

impl Requirements {
    /// The same with the approvals that no rule lifts.
    fn at_least(self, least: LeastApproval) -> Requirements {
        let approvals = match least {
            LeastApproval::Rule => return self,
            LeastApproval::AnAdmin => self.approvals.max(1),
            LeastApproval::TwoAdmins => self.approvals.max(2),
        };
        // No one else comes in later either.
        let (approvers, and, escalate) = ([Role::Admin].into(), Vec::new(), None);
        Requirements { approvals, approvers, and, escalate, ..self }
    }

    /// The same for a plan that changes nothing: no one has anything to decide.
    fn for_nothing(self) -> Requirements {
        Requirements {
            confirm: false,
            approvals: 0,
            approvers: BTreeSet::new(),
            and: Vec::new(),
            second_factor: false,
            caller: false,
            escalate: None,
            ..self
        }
    }

    /// The same for a plan about these protected users, if any. Where the rule asks no one, supervisors and admins approve.
    pub fn protecting(mut self, protected: BTreeSet<String>) -> Requirements {
        if protected.is_empty() {
            return self;
        }
        let of_others = self.approvals_needed() - self.approvals;
        self.approvals = self.approvals.max(PROTECTED_APPROVALS.saturating_sub(of_others));
        if self.approvers.is_empty() {
            self.approvers = BTreeSet::from([Role::Supervisor, Role::Admin]);
        }
        self.protected = protected;
        self
    }

    /// The groups whose approvals it needs, with those who may answer as well when no one did for a while.
    ///
    /// `since` is when it became their turn.
    pub fn groups(&self, since: Timestamp, now: Timestamp) -> Vec<Quorum> {
        let first = Quorum { approvals: self.approvals, approvers: self.approvers.clone() };
        let mut groups: Vec<Quorum> = std::iter::once(first).chain(self.and.iter().cloned()).collect();
        groups.retain(|group| group.approvals > 0);
        if let Some(escalate) = &self.escalate
            && now.duration_since(since) >= SignedDuration::from_mins(i64::from(escalate.after_minutes))
        {
            for group in &mut groups {
                group.approvers.extend(&escalate.approvers);
            }
        }
        groups
    }

    /// Whether more has to come with each approval than before, or to be known by those who give it.
    pub fn wants_more_of_each(&self, before: &Requirements) -> bool {
        self.second_factor && !before.second_factor
            || self.retype && !before.retype
            || self.caller && !before.caller
    }

    /// How many approvals of others it needs in all.
    pub fn approvals_needed(&self) -> u8 {
        self.and.iter().fold(self.approvals, |sum, group| sum.saturating_add(group.approvals))
    }
}

/// What is asked, as far as rules can tell.
#[derive(Clone, Copy, Debug)]
pub struct Action<'a> {
    /// The words of the command.
    pub command: &'a str,
    /// The risk of the plan; before there is a plan, the most the command can do, and lower risks match as well.
    pub risk: Risk,
    /// What the plan touches, once there is one.
    pub impact: Option<&'a Impact>,
    pub emergency: bool,
    pub place: &'a Place,
    pub now: Timestamp,
}

impl Rule {
    /// Whether it is about this command, whatever else it wants. Anyone who may decide on a request may read all of it.
    pub fn is_about(&self, command: &str) -> bool {
        let names = |command: &str| {
            self.commands.iter().any(|pattern| match pattern.strip_suffix(" *") {
                Some(start) => command.strip_prefix(start).is_some_and(|rest| rest.starts_with(' ')),
                None => pattern == command,
            })
        };
        let decides = || !self.deny && DECIDING.iter().any(|command| names(command));
        self.commands.is_empty() || names(command) || [DETAILS, SHOW].contains(&command) && decides()
    }

    fn matches(&self, matter: &Action<'_>) -> bool {
        // What costs the least to ask comes first, because most rules are about something else.
        self.is_of_kind(matter)
            && self.is_of_risk(matter.risk, matter.impact.is_some())
            && self.is_in_place(matter)
            && self.touches_it(matter)
            && (self.hours.is_empty() || self.hours.iter().any(|hours| hours.contain(matter.now)))
    }

    fn is_of_kind(&self, matter: &Action<'_>) -> bool {
        self.is_about(matter.command) && (self.deny || self.emergency == matter.emergency)
    }

    /// Before there is a plan, a rule that allows one of the risks lets one continue, and one that denies has to deny all of them.
    fn is_of_risk(&self, risk: Risk, is_planned: bool) -> bool {
        match is_planned {
            _ if self.risk.is_empty() => true,
            true => self.risk.contains(&risk),
            false if self.deny => risk.of_plans().all(|risk| self.risk.contains(&risk)),
            false => self.risk.iter().any(|one| *one <= risk),
        }
    }

    /// Whether it holds in a direct message: it says so, or it denies wherever something is asked.
    pub fn holds_in_private(&self) -> bool {
        self.private || self.deny && self.channels.is_empty()
    }

    fn is_in_place(&self, matter: &Action<'_>) -> bool {
        if matter.place.private {
            self.holds_in_private()
        } else {
            self.channels.is_empty() || self.channels.iter().any(|id| id == matter.place.home())
        }
    }

    fn touches_it(&self, matter: &Action<'_>) -> bool {
        match matter.impact {
            _ if self.touches.is_empty() => true,
            // What only reads never has a plan that could touch anything.
            _ if matter.risk == Risk::Read => false,
            Some(impact) => self.touches.matches(impact),
            None => !self.deny,
        }
    }

    /// Every role that may answer for it, sooner or later.
    pub fn all_approvers(&self) -> impl Iterator<Item = Role> + '_ {
        let and = self.and.iter().flat_map(|group| &group.approvers);
        let next = self.escalate.iter().flat_map(|next| &next.approvers);
        self.approvers.iter().chain(and).chain(next).copied()
    }

    fn needs(&self) -> Requirements {
        Requirements {
            rule: self.name.clone(),
            confirm: self.confirm,
            approvals: self.approvals,
            approvers: self.approvers.clone(),
            and: self.and.clone(),
            reason: self.reason.clone(),
            retype: self.retype,
            second_factor: self.second_factor,
            caller: self.caller,
            emergency: self.emergency,
            skipped: BTreeSet::new(),
            expires_minutes: self.expires_minutes,
            remind_minutes: self.remind_minutes,
            escalate: self.escalate.clone(),
            protected: BTreeSet::new(),
        }
    }
}

impl Policy {
    /// The first rule that matches this for this person, whether it allows or refuses.
    pub fn first_match(&self, matter: &Action<'_>, person: &Person) -> Option<&Rule> {
        self.rules.iter().find(|rule| person.has_any(&rule.roles) && rule.matches(matter))
    }

    /// Whether there may be a time, a place and a plan at which someone with these roles may ask this command. The risk is that of a
    /// plan, or else the most the command can do.
    pub fn could_allow(&self, command: &str, risk: Risk, is_planned: bool, roles: &BTreeSet<Role>) -> bool {
        let about = self.rules.iter().filter(|rule| {
            !rule.roles.is_disjoint(roles) && rule.is_about(command) && rule.is_of_risk(risk, is_planned)
        });
        // What only reads touches nothing and is no emergency, and a rule that denies sometimes leaves the rest to those below it.
        let mut deciding = about.filter(|rule| match rule.deny {
            false => rule.touches.is_empty() && !rule.emergency || risk != Risk::Read,
            true => rule.touches.is_empty() && rule.hours.is_empty() && rule.channels.is_empty(),
        });
        deciding.next().is_some_and(|rule| !rule.deny)
    }

    /// The first rule that lets this person ask this, or a refusal that says which rule refused and who could.
    pub fn rule_for(&self, matter: &Action<'_>, person: &Person) -> Result<&Rule, Problem> {
        let whom = || format!("Ask {}.", self.who_could(matter, person, &Role::ALL.into()));
        match self.first_match(matter, person) {
            Some(rule) if let Some((kind, name)) = matter.impact.and_then(|t| rule.touches.unknown(t)) => {
                let message = format!(
                    "This rule names the {kind} {}, which doesn't exist in the contact center.",
                    code(name)
                );
                return Err(Problem::operator("policy_name_unknown", message)
                    .hint("Correct the name in the configuration, and restart the desk.")
                    .rule(&rule.name));
            }
            Some(rule) if rule.deny => {
                return Err(Problem::requester("denied_by_rule", "A policy rule denies this.")
                    .hint(whom())
                    .rule(&rule.name));
            }
            Some(rule) => return Ok(rule),
            None => {}
        }
        let mut command = code(&format!("/{}", matter.command));
        if matter.emergency {
            command.push_str(" as an emergency");
        }
        let mine = if person.roles.is_empty() {
            "You don't have a role here".to_owned()
        } else {
            roles::yours(&person.roles, "doesn't allow", "don't allow")
        };
        let message = if person.roles.is_empty() {
            format!("{mine}, so you can't use {command}.")
        } else {
            format!("{mine} {command} here.")
        };
        Err(Problem::requester("no_rule", message).hint(whom()))
    }

    /// What a plan needs: by the rule that lets this person ask it, and by what no rule lifts.
    pub fn needs_of(
        &self,
        plan: &Plan,
        matter: &Action<'_>,
        person: &Person,
        protected: &Protected,
    ) -> Result<Requirements, Problem> {
        let mut needs = self.needs(matter, person, plan.least_approval())?;
        if matter.emergency {
            let ordinary = Action { emergency: false, ..*matter };
            // A rule that refuses skips no one: anyone who would have been asked without it is told as well.
            let allowing =
                |rule: &&Rule| !rule.deny && rule.matches(&ordinary) && person.has_any(&rule.roles);
            needs.skipped =
                self.rules.iter().find(allowing).into_iter().flat_map(Rule::all_approvers).collect();
        }
        if plan.changes_nothing() {
            return Ok(needs.for_nothing());
        }
        Ok(needs.protecting(protected.among(plan)))
    }

    /// What a plan of this risk needs, by the rule that lets this person ask it.
    ///
    /// A plan that only looks has nothing to confirm. A rule that wants other people's yes for it gets that all the same.
    pub fn needs(
        &self,
        matter: &Action<'_>,
        person: &Person,
        least: LeastApproval,
    ) -> Result<Requirements, Problem> {
        let needs = self.rule_for(matter, person)?.needs().at_least(least);
        Ok(Requirements { confirm: needs.confirm && matter.risk != Risk::Read, ..needs })
    }

    /// The rule that wants a reason with what is asked. Which rule applies is known only with the plan's risk, and then it is too
    /// late to ask for one, so a reason is wanted when one of those that may apply wants it.
    pub fn wants_reason(&self, asked: &Action<'_>, person: &Person) -> Option<&Rule> {
        // Whom it will touch is not known; a rule that wants a reason for that says so when there is a plan.
        let untouched = Impact::default();
        asked.risk.of_plans().filter(|risk| *risk != Risk::Read).find_map(|risk| {
            let plan = Action { risk, impact: Some(&untouched), ..*asked };
            self.rule_for(&plan, person).ok().filter(|rule| !rule.reason.is_none())
        })
    }

    /// That one of two rules, of which the second holds in the place of the first, holds only at its hours; none where neither has any.
    pub fn only_at_times(&self, was: &str, is: &str) -> Option<String> {
        let with_hours =
            |name: &str| self.rules.iter().find(|rule| rule.name == name && !rule.hours.is_empty());
        let rule = with_hours(was).or_else(|| with_hours(is))?;
        let hours: Vec<String> = rule.hours.iter().map(ToString::to_string).collect();
        Some(format!(
            "the rule {} holds only at these hours: {}",
            text::whole(&rule.name),
            text::list(&hours, "and")
        ))
    }

    /// Whom of these roles to ask, or when or where: "someone with the role supervisor", "someone with the role helpdesk at these hours:
    /// …", "in channel `ops`". A role that the speaker has is named only where it would have to be theirs alone.
    pub fn who_could(&self, matter: &Action<'_>, speaker: &Person, roles: &BTreeSet<Role>) -> String {
        let allows = |rule: &&Rule| !rule.deny && !rule.roles.is_disjoint(roles);
        let anywhere = |rule: &&Rule| {
            let mut without_place = (*rule).clone();
            without_place.channels.clear();
            without_place.hours.clear();
            without_place.private = true;
            allows(rule) && without_place.matches(matter)
        };
        let may = |role: &&Role| {
            let mut theirs =
                self.rules.iter().filter(|rule| rule.matches(matter) && rule.roles.contains(role));
            theirs.next().is_some_and(|rule| !rule.deny)
        };
        let (own, others): (BTreeSet<Role>, BTreeSet<Role>) =
            roles.iter().filter(may).partition(|role| speaker.roles.contains(role));
        if !others.is_empty() {
            return format!("someone with the role {}", roles::words(&others));
        }
        if !own.is_empty() {
            return format!("someone with only the role {}", roles::words(&own));
        }
        let later = |rule: &&Rule| {
            let mut without_hours = (*rule).clone();
            without_hours.hours.clear();
            allows(rule) && !rule.hours.is_empty() && without_hours.matches(matter)
        };
        if let Some(rule) = self.rules.iter().find(later) {
            let hours: Vec<String> = rule.hours.iter().map(ToString::to_string).collect();
            let hours = text::list(&hours, "and");
            let roles = roles::words(rule.roles.intersection(roles));
            return format!("someone with the role {roles} at these hours: {hours}");
        }
        let elsewhere: BTreeSet<&str> = self
            .rules
            .iter()
            .filter(anywhere)
            .flat_map(|rule| rule.channels.iter().map(String::as_str))
            .collect();
        if matter.place.private && self.rules.iter().any(|rule| anywhere(&rule)) {
            return "in one of the desk's channels, not in a direct message".to_owned();
        }
        if elsewhere.is_empty() {
            return "the bot's operator: no rule allows it".to_owned();
        }
        let channels: Vec<String> = elsewhere.into_iter().map(code).collect();
        format!("in channel {}", text::list(&channels, "or"))
    }
}
