//! Who may ask for what, and which yes it needs: a list of rules, the first that matches decides, none means no.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::plan::hex;
use crate::problem::Problem;
use crate::roles::{self, Person, Place, Role};
use crate::text::{self, code};
use crate::words::Risk;

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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub risk: BTreeSet<Risk>,
    /// Who may ask. Never empty: a rule opens nothing to everybody by leaving a word out.
    pub roles: BTreeSet<Role>,
    /// Channel ids in which it may be asked.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub channels: BTreeSet<String>,
    /// It may also be asked in a direct message, where nobody else reads along.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// The rule refuses what it matches.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deny: bool,
    /// The requester says yes to the plan before anything else.
    #[serde(default = "yes")]
    pub confirm: bool,
    /// A reason must come with the request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reason: bool,
    /// How many other people must approve.
    #[serde(default)]
    pub approvals: u8,
    /// From which roles they come.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub approvers: BTreeSet<Role>,
    /// An approver types the login that the plan is about, so that nobody approves by habit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retype: bool,
    /// How long a plan waits for its yeses, in minutes.
    #[serde(default = "one_hour")]
    pub expires_minutes: u32,
}

fn yes() -> bool {
    true
}

fn one_hour() -> u32 {
    60
}

/// What a plan needs before it may be carried out; it is logged with the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// The rule that says so.
    pub rule: String,
    pub confirm: bool,
    pub approvals: u8,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub approvers: BTreeSet<Role>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retype: bool,
    pub expires_minutes: u32,
    /// The protected users that the plan is about, on whose account it wants two approvals.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub protected: BTreeSet<String>,
}

/// How many other people must approve what is about a protected user, whatever rule applies.
const PROTECTED_APPROVALS: u8 = 2;

impl Needs {
    /// The same for a plan about these protected users, if any. Where the rule asks nobody, supervisors and admins approve.
    pub fn protecting(mut self, protected: BTreeSet<String>) -> Needs {
        if protected.is_empty() {
            return self;
        }
        self.approvals = self.approvals.max(PROTECTED_APPROVALS);
        if self.approvers.is_empty() {
            self.approvers = BTreeSet::from([Role::Supervisor, Role::Admin]);
        }
        self.protected = protected;
        self
    }
}

/// What is asked, as far as rules can tell.
#[derive(Clone, Copy, Debug)]
pub struct Matter<'a> {
    /// The words of the command.
    pub command: &'a str,
    /// The risk of the plan; before there is a plan, the most the command can do, and lower risks match as well.
    pub risk: Risk,
    pub planned: bool,
    pub place: &'a Place,
}

impl Rule {
    fn matches(&self, matter: &Matter<'_>) -> bool {
        let command = self.commands.is_empty()
            || self.commands.iter().any(|pattern| match pattern.strip_suffix(" *") {
                Some(start) => matter.command.strip_prefix(start).is_some_and(|rest| rest.starts_with(' ')),
                None => pattern == matter.command,
            });
        let risk = self.risk.is_empty()
            || self.risk.iter().any(
                |risk| {
                    if matter.planned { *risk == matter.risk } else { *risk <= matter.risk }
                },
            );
        let place = if matter.place.private {
            self.private
        } else {
            self.channels.is_empty() || self.channels.contains(&matter.place.channel)
        };
        command && risk && place
    }

    fn needs(&self) -> Needs {
        Needs {
            rule: self.name.clone(),
            confirm: self.confirm,
            approvals: self.approvals,
            approvers: self.approvers.clone(),
            retype: self.retype,
            expires_minutes: self.expires_minutes,
            protected: BTreeSet::new(),
        }
    }
}

impl Policy {
    /// The first rule that lets this person ask this, or a refusal that says which rule refused and who could.
    pub fn rule_for(&self, matter: &Matter<'_>, person: &Person) -> Result<&Rule, Problem> {
        for rule in self.rules.iter().filter(|rule| rule.matches(matter)) {
            if !person.has_any(&rule.roles) {
                continue;
            }
            if rule.deny {
                return Err(Problem::asker("denied_by_rule", "A rule refuses this.")
                    .next(format!("Ask {}.", self.who_could(matter)))
                    .rule(&rule.name));
            }
            return Ok(rule);
        }
        let command = code(&format!("/{}", matter.command));
        let mine = if person.roles.is_empty() {
            "You have no role at the desk".to_owned()
        } else {
            format!("Your roles ({}) do not allow", roles::words(&person.roles).replace(" or ", " and "))
        };
        let says = if person.roles.is_empty() {
            format!("{mine}, so you may not use {command}.")
        } else {
            format!("{mine} {command} here.")
        };
        Err(Problem::asker("no_rule", says).next(format!("Ask {}.", self.who_could(matter))))
    }

    /// What a plan of this risk needs, by the rule that lets this person ask it.
    ///
    /// A plan that only looks has nothing to confirm. A rule that wants other people's yes for it gets that all the same.
    pub fn needs(&self, matter: &Matter<'_>, person: &Person) -> Result<Needs, Problem> {
        let needs = self.rule_for(matter, person)?.needs();
        Ok(Needs { confirm: needs.confirm && matter.risk != Risk::Look, ..needs })
    }

    /// The people who could ask this: "a supervisor or admin", "somebody in another channel", or "the desk's operator for a rule".
    pub fn who_could(&self, matter: &Matter<'_>) -> String {
        let anywhere = |rule: &&Rule| {
            let mut without_place = (*rule).clone();
            without_place.channels.clear();
            without_place.private = true;
            !rule.deny && without_place.matches(matter)
        };
        let here: BTreeSet<Role> = self
            .rules
            .iter()
            .filter(|rule| !rule.deny && rule.matches(matter))
            .flat_map(|rule| rule.roles.iter().copied())
            .collect();
        if !here.is_empty() {
            return format!("somebody with the role {}", roles::words(&here));
        }
        let elsewhere: BTreeSet<&str> = self
            .rules
            .iter()
            .filter(anywhere)
            .flat_map(|rule| rule.channels.iter().map(String::as_str))
            .collect();
        if matter.place.private && self.rules.iter().any(|rule| anywhere(&rule)) {
            return "in a channel of the desk; direct messages are closed for this".to_owned();
        }
        if elsewhere.is_empty() {
            return "the desk's operator: no rule allows it to anybody".to_owned();
        }
        let channels: Vec<String> = elsewhere.into_iter().map(code).collect();
        format!("in channel {}", text::list(&channels, "or"))
    }

    /// The first twelve characters of the SHA-256 of the rules' canonical JSON: the log says by which rules it ran.
    pub fn digest(&self) -> String {
        use sha2::Digest as _;
        let bytes = serde_json_canonicalizer::to_vec(self)
            .expect("rules have string keys and whole numbers, which is all that canonical JSON asks");
        hex(&sha2::Sha256::digest(bytes)).chars().take(12).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{PersonId, Platform};

    fn rule(name: &str, commands: &[&str], risk: &[Risk], roles: &[Role]) -> Rule {
        Rule {
            name: name.to_owned(),
            commands: commands.iter().map(|c| (*c).to_owned()).collect(),
            risk: risk.iter().copied().collect(),
            roles: roles.iter().copied().collect(),
            channels: BTreeSet::new(),
            private: false,
            deny: false,
            confirm: true,
            reason: false,
            approvals: 0,
            approvers: BTreeSet::new(),
            retype: false,
            expires_minutes: 60,
        }
    }

    fn person(roles: &[Role]) -> Person {
        Person {
            id: PersonId::new(Platform::Console, "1").unwrap(),
            name: "somebody".to_owned(),
            roles: roles.iter().copied().collect(),
            login: None,
        }
    }

    fn place() -> Place {
        Place { platform: Platform::Console, channel: "1".to_owned(), private: false }
    }

    #[test]
    fn the_first_matching_rule_decides_and_none_means_no() {
        let place = place();
        let reset = |risk, planned| Matter { command: "connect reset", risk, planned, place: &place };
        let mut refuse = rule("nobody on agents' day", &["connect *"], &[], &[Role::L1]);
        refuse.deny = true;
        let allow = rule("l1 looks", &[], &[Risk::Look], &[Role::L1]);
        let open = Policy { rules: vec![allow.clone(), refuse.clone()] };
        let shut = Policy { rules: vec![refuse, allow] };
        assert!(open.rule_for(&reset(Risk::Look, true), &person(&[Role::L1])).is_ok());
        assert_eq!(
            shut.rule_for(&reset(Risk::Look, true), &person(&[Role::L1])).unwrap_err().code,
            "denied_by_rule"
        );
        assert_eq!(
            open.rule_for(&reset(Risk::Change, true), &person(&[Role::Agent])).unwrap_err().code,
            "no_rule"
        );
        assert!(Policy::default().rule_for(&reset(Risk::Look, true), &person(&Role::ALL)).is_err());
    }

    #[test]
    fn before_the_plan_a_rule_for_a_lower_risk_lets_one_ask() {
        let place = place();
        let policy = Policy { rules: vec![rule("l1 changes", &[], &[Risk::Change], &[Role::L1])] };
        let mut matter =
            Matter { command: "connect reset", risk: Risk::Destructive, planned: false, place: &place };
        assert!(policy.rule_for(&matter, &person(&[Role::L1])).is_ok());
        matter.planned = true;
        assert!(policy.rule_for(&matter, &person(&[Role::L1])).is_err());
    }
}
