//! What a command would do, as data: shown, hashed, approved, logged and carried out as one and the same value.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::affected::AffectedUser;
use super::difference;
use super::effect::{
    Detail, Effect, GroupAbsent, GroupPresent, LeastApproval, Listed, PlanContext, UserOutcome, Whom,
};
use super::impact::Impact;
use super::presence::Presence;
use super::scope::Scope;
use super::until::Until;
use crate::basics::roles::Person;
use crate::basics::text::hex;
use crate::card::Block;
use crate::center::Snapshot;
use crate::email::Email;
use crate::words::Risk;

/// The whole of what a request would change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What happens, in one sentence: "Remove `john.doe` and create it again with a temporary password."
    pub what: String,
    /// How much it can do, by its effects ([`crate::assess`]); no command says its own.
    pub risk: Risk,
    /// The users it is about.
    pub about: Vec<AffectedUser>,
    /// Logins of further people whom it concerns, such as those in a group that it freezes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub concerned: BTreeSet<String>,
    /// What stands out among its effects, the worst first ([`crate::assess`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub highlights: Vec<String>,
    /// Names that the policy has and the contact center doesn't, folded ([`crate::basics::text::name_key`]).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unknown: BTreeSet<String>,
    /// What the card shows of it above the steps: what differs, or whom it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
    /// In the order in which they are carried out.
    pub steps: Vec<Step>,
    /// What to notice before saying yes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What can't be restored, each as a noun phrase, such as "own queue; tasks waiting in it": what is before the first `;`, `:` or
    /// `,` is on the card.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
    /// Other ways to the same end, for anyone who decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// The world the plan was made from. Another world makes another plan, and an approval falls with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Snapshot>,
    /// Paths of the hierarchy groups of users that are not among `before`: nothing else of them was read.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
    /// Their security profiles.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub security_profiles: BTreeSet<String>,
    /// Anyone who confirms gets a temporary password to pass on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub makes_password: bool,
    /// Emails that the requester gets to copy when all is done, where the desk sends none itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    /// Commands to continue with once it is done, in other systems.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<String>,
    /// The rows of the file that it was made from, for the file of results.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Row>,
}

/// A row of a file of users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// As a spreadsheet counts.
    pub number: usize,
    pub login: String,
    /// The part of the plan that it became; none when nothing is done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<u32>,
    /// Why nothing is done about it, such as `skipped: the same`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub said: String,
}

/// One step: an effect, and the effect that takes it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// In the imperative: "Remove the user".
    pub title: String,
    pub effect: Effect,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Effect>,
    /// The part it belongs to. Parts are carried out side by side, and one that fails is rolled back without the others.
    #[serde(default, skip_serializing_if = "is_first")]
    pub part: u32,
    /// From here on its part can't be undone: later failures are fixed forward or by a person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pivot: bool,
}

fn is_first(part: &u32) -> bool {
    *part == 0
}

impl Step {
    /// A step of the first part that cannot be rolled back, but is no pivot either.
    pub fn new(title: impl Into<String>, effect: impl Into<Effect>) -> Step {
        Step { title: title.into(), effect: effect.into(), undo: None, part: 0, pivot: false }
    }

    pub fn undone_by(mut self, undo: impl Into<Effect>) -> Step {
        self.undo = Some(undo.into());
        self
    }

    /// What takes it back, if that is an effect of this kind.
    pub fn undo_as<T: Listed>(&self) -> Option<&T> {
        self.undo.as_ref()?.get()
    }

    pub fn of_part(mut self, part: u32) -> Step {
        self.part = part;
        self
    }

    pub fn pivot(mut self) -> Step {
        self.pivot = true;
        self
    }
}

/// The SHA-256 of a plan's canonical JSON (RFC 8785), in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanDigest(pub String);

impl PlanDigest {
    /// The first six characters, which requester and approver both see. Where these are digits it is longer, because six digits are
    /// a code.
    pub fn short(&self) -> &str {
        let first_letter = self.0.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(self.0.len());
        self.0.get(..6.max(first_letter + 1)).unwrap_or(&self.0)
    }
}

impl fmt::Display for PlanDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short())
    }
}

impl Plan {
    /// A plan that does nothing yet. Until its effects are assessed it counts as the worst that can be.
    pub fn new(what: impl Into<String>) -> Plan {
        Plan {
            what: what.into(),
            risk: Risk::Destructive,
            about: Vec::new(),
            concerned: BTreeSet::new(),
            highlights: Vec::new(),
            unknown: BTreeSet::new(),
            blocks: Vec::new(),
            steps: Vec::new(),
            warnings: Vec::new(),
            lost: Vec::new(),
            others: Vec::new(),
            before: Vec::new(),
            groups: BTreeSet::new(),
            security_profiles: BTreeSet::new(),
            makes_password: false,
            emails: Vec::new(),
            next: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Says that it affects this user, as they are now: whom a plan is about and what rules, freezes and protection know of them
    /// belong together.
    pub fn affects(&mut self, before: Snapshot) {
        self.about.push(AffectedUser::from(&before.user));
        self.before.push(before);
    }

    /// Logins of users whom it affects and of whom it says nothing: neither how they are nor how it makes them.
    pub fn unread(&self) -> BTreeSet<&str> {
        let of_steps = self.steps.iter().filter_map(|step| step.effect.login());
        let all = self.about.iter().map(|affected| affected.login.as_str()).chain(of_steps);
        let before = self.before.iter().map(|before| before.user.login.as_str());
        let made = self.steps.iter().map(|step| step.effect.user_outcome()).filter_map(UserOutcome::made);
        let known: BTreeSet<&str> = before.chain(made).collect();
        all.filter(|login| !known.contains(login)).collect()
    }

    /// Says once what is said of several users alike.
    pub fn said_once(&mut self) {
        for said in [&mut self.warnings, &mut self.lost, &mut self.others] {
            let mut seen = BTreeSet::new();
            said.retain(|text| seen.insert(text.clone()));
        }
    }

    /// The digest that an approval is given to.
    pub fn digest(&self) -> PlanDigest {
        let bytes = serde_json_canonicalizer::to_vec(self)
            .expect("a plan has string keys and finite numbers, which is all that canonical JSON asks");
        PlanDigest(hex(&Sha256::digest(bytes)))
    }

    /// Whether it reads and nothing else; a plan that only hands over emails does not.
    pub fn only_reads(&self) -> bool {
        !self.steps.is_empty() && self.steps.iter().all(|step| step.effect.only_reads())
    }

    /// Whether everything is as it was asked for already: there is nothing to decide on.
    pub fn changes_nothing(&self) -> bool {
        self.steps.is_empty() && self.emails.is_empty()
    }

    /// Until when what it does lasts, where it puts it back then.
    pub fn lasts(&self) -> Option<Until> {
        self.steps.iter().find_map(|step| step.effect.waits())
    }

    /// Whether another request could undo something of it, once these of its steps are done: a user who was changed, made or removed,
    /// but not one who was removed and made again.
    pub fn could_be_undone(&self, is_done: impl Fn(usize) -> bool) -> bool {
        let mut done: Vec<&Step> =
            self.steps.iter().enumerate().filter(|(at, _)| is_done(*at)).map(|(_, step)| step).collect();
        // What was put back when its time was over is as it was.
        let restored: BTreeSet<u32> =
            done.iter().filter(|step| step.effect.restored().is_some()).map(|step| step.part).collect();
        done.retain(|step| !restored.contains(&step.part));
        // A group that was moved is another one now, and is moved back as it was moved.
        let is_moved = done.iter().any(|step| step.effect.is::<GroupPresent>())
            && done.iter().any(|step| step.effect.is::<GroupAbsent>());
        if is_moved {
            return false;
        }
        let of = |part: u32| done.iter().filter(move |step| step.part == part);
        let made = |part: u32| of(part).any(|step| step.effect.user_outcome().is_made());
        let removed = |part: u32| of(part).any(|step| step.effect.user_outcome().removed().is_some());
        done.iter().any(|step| match step.effect.user_outcome() {
            UserOutcome::Set { .. } | UserOutcome::SetBeside { .. } => step.undo.is_some(),
            UserOutcome::Made { .. } => !removed(step.part),
            UserOutcome::Removed { user_id, .. } => user_id.is_some() && !made(step.part),
            // What isn't about a user, such as a hierarchy group.
            UserOutcome::Unchanged => {
                step.effect.is_undone_without_one()
                    || (step.undo.is_some() && !made(step.part) && !removed(step.part))
            }
            UserOutcome::Opened { .. } | UserOutcome::AllOpened => false,
        })
    }

    pub fn logins(&self) -> Vec<String> {
        self.about.iter().map(|subject| subject.login.clone()).collect()
    }

    /// Whether it is about this person, at whichever of their accounts: their user, a group they are in, or an account of
    /// theirs. Such a person never decides on it.
    pub fn concerns(&self, person: &Person) -> bool {
        let account = |step: &Step| match step.effect.whom() {
            Whom::Account(account) => person.id == *account || person.also.contains(account),
            Whom::Covered(Scope::Login(login)) => person.is_user(login),
            // A command says itself which users its plan is about, and `concerned` has those of a group.
            Whom::Covered(Scope::Group(_) | Scope::Everything) | Whom::User(_) | Whom::NoOne => false,
        };
        self.about.iter().any(|subject| person.is_user(&subject.login))
            || self.concerned.iter().any(|login| person.is_user(login))
            || self.steps.iter().any(account)
    }

    /// Whom and what it touches, as rules ask for it: users as they are and as they would be, and what they are doing.
    pub fn impact(&self, live: &Presence) -> Impact {
        let mut impact =
            Impact { agents_left: live.agents_left(), unknown: self.unknown.clone(), ..Impact::default() };
        Impact::add(&mut impact.logins, self.about.iter().map(|subject| subject.login.as_str()));
        let profiles = self.before.iter().map(|before| &before.user.profile);
        let mut names: BTreeSet<&str> = BTreeSet::new();
        let mut groups: BTreeSet<&str> = BTreeSet::new();
        for step in &self.steps {
            let outcome = step.effect.user_outcome();
            names.extend(
                outcome.security_profiles().iter().flat_map(|(_, all)| *all).map(|one| one.name.as_str()),
            );
            groups.extend(outcome.hierarchy_group().map(|group| group.name.as_str()));
            impact.read += step.effect.read().len();
            Impact::add(&mut impact.permission_sets, step.effect.permission_set());
            step.effect.groups().iter().for_each(|group| impact.add_group(group));
        }
        names.extend(self.security_profiles.iter().map(String::as_str));
        groups.extend(self.groups.iter().map(String::as_str));
        // A thousand users have few profiles and groups among them, so only these are folded.
        for profile in profiles {
            names.extend(profile.security_profiles.iter().map(|named| named.name.as_str()));
            groups.extend(profile.hierarchy_group.iter().map(|group| group.name.as_str()));
        }
        Impact::add(&mut impact.security_profiles, names);
        groups.into_iter().for_each(|group| impact.add_group(group));
        impact
    }

    /// What its effects are told of it.
    pub fn context(&self) -> PlanContext<'_> {
        PlanContext { about: &self.about, before: &self.before }
    }

    /// Whose approval it needs whatever the rules say.
    pub fn least_approval(&self) -> LeastApproval {
        self.steps.iter().map(|step| step.effect.needs().approval).max().unwrap_or(LeastApproval::Rule)
    }

    /// What is different in `newer`, as sentences for people: first in the world it was made from, then in the plan itself.
    pub fn differences(&self, newer: &Plan) -> Vec<String> {
        let world = difference::between(&self.before, &newer.before);
        if !world.is_empty() {
            return world;
        }
        let mut plan = difference::of_steps(&self.rows(), &newer.rows());
        // What the card says beside its steps.
        let said = |plan: &Plan| [plan.highlights.as_slice(), &plan.warnings, &plan.lost].concat();
        let (old, new) = (said(self), said(newer));
        plan.extend(old.iter().filter(|text| !new.contains(text)).map(|gone| format!("no longer: {gone}")));
        plan.extend(new.iter().filter(|text| !old.contains(text)).map(|text| format!("new: {text}")));
        if plan.is_empty() && self != newer {
            plan.push(match (self.steps.len(), newer.steps.len()) {
                _ if self.steps == newer.steps => "something else in its plan changed".to_owned(),
                (old, new) if old == new => "its steps changed".to_owned(),
                (old, new) => format!("{old} became {}", crate::basics::text::count(new, "step")),
            });
        }
        plan
    }

    /// What its steps do, a row for each thing.
    fn rows(&self) -> Vec<Detail> {
        let context = self.context();
        let of_step = |step: &Step| step.effect.details(step.undo.as_ref(), &context);
        self.steps.iter().flat_map(of_step).collect()
    }
}
