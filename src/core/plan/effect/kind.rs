//! What an effect says of itself. Whatever the desk has to know of a change follows from these answers, so that nothing else
//! needs to know which effects there are.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::basics::ids::PersonId;
use crate::center::{Named, Profile, Snapshot};
use crate::email::Email;
use crate::plan::{AffectedUser, Scope, Until};
use crate::user::UserField;
use crate::words::Risk;

/// An outcome in one outside system. Bringing it about twice is the same as once.
pub trait EffectKind: Clone + PartialEq + Serialize + DeserializeOwned {
    /// What is the same whatever values it has.
    const NEEDS: EffectNeeds;

    /// How it comes to be, whom it is about, what becomes of a user, and its risk.
    fn about(&self) -> About<'_>;

    /// What it does, a row for each thing. `undo` is what takes it back, where that is an effect of the same kind; `plan` is
    /// what the plan says beside its steps.
    fn details(&self, undo: Option<&Self>, plan: &PlanContext<'_>) -> Vec<Detail>;

    /// What a card has to name before anyone decides, where that isn't what its details set: its title has these.
    fn named(&self) -> Option<Vec<String>> {
        None
    }

    /// The paths of the hierarchy groups that it makes, changes or removes, which rules and freezes ask for.
    fn groups(&self) -> Vec<String> {
        Vec::new()
    }

    /// The Salesforce permission set that it gives or takes away, by which rules tell such effects apart.
    fn permission_set(&self) -> Option<&str> {
        None
    }

    /// Whether `/connect undo` can revert it although its step has no undo of its own.
    fn is_undone_without_one(&self) -> bool {
        false
    }
}

/// What every effect of a kind needs, whatever values it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectNeeds {
    /// The operations of AWS that bring it about and look whether it is there, for the IAM policy. The first brings it about.
    pub operations: &'static [&'static str],
    /// Who has to approve it, whatever the rules say.
    pub approval: LeastApproval,
}

impl EffectNeeds {
    /// What no rule has to know of.
    pub const fn calls(operations: &'static [&'static str]) -> EffectNeeds {
        EffectNeeds { operations, approval: LeastApproval::Rule }
    }

    /// What happens within the desk.
    pub const fn approved_by(approval: LeastApproval) -> EffectNeeds {
        EffectNeeds { operations: &[], approval }
    }
}

/// Whose approval no rule lifts; the more, the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeastApproval {
    /// What the rules say.
    Rule,
    AnAdmin,
    TwoAdmins,
}

/// What the desk asks of every effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct About<'e> {
    /// How it comes to be.
    pub nature: Nature<'e>,
    /// Whom it is about.
    pub whom: Whom<'e>,
    /// What becomes of a user of the contact center.
    pub user: UserOutcome<'e>,
    /// How much it can do, no matter to whom.
    pub risk: Risk,
}

impl<'e> About<'e> {
    /// A change of something that is no one's.
    pub fn thing(risk: Risk) -> About<'e> {
        About { nature: Nature::Changes, whom: Whom::NoOne, user: UserOutcome::Unchanged, risk }
    }

    /// A change for the user with this login.
    pub fn user(login: &'e str, user: UserOutcome<'e>, risk: Risk) -> About<'e> {
        About { nature: Nature::Changes, whom: Whom::User(login), user, risk }
    }
}

/// How an effect comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature<'e> {
    /// The desk changes something.
    Changes,
    /// The desk reads these users for the requester and changes nothing: there is nothing to approve by default or to roll back.
    Reads(&'e [Named]),
    /// This email leaves, once; no one can ask whether it did, and nothing takes it back.
    Sends(&'e Email),
    /// A person does it and says so.
    Manual { instruction: &'e str, link: Option<&'e str> },
    /// Nothing that this covers is changed until a person says so.
    Freezes(&'e Scope),
    /// Time passes: what comes after it in its part begins then.
    Waits(Until),
}

/// Whom an effect is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom<'e> {
    /// No one that can be told from the effect.
    NoOne,
    /// The user with this login.
    User(&'e str),
    /// The person with this account.
    Account(&'e PersonId),
    /// Everyone whom this covers.
    Covered(&'e Scope),
}

/// What becomes of a user of the contact center.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UserOutcome<'e> {
    /// Users stay as they are.
    Unchanged,
    /// The user is removed. Without an id it is one that the request itself made.
    Removed { login: &'e str, user_id: Option<&'e str> },
    /// The user is made with this profile.
    Made {
        login: &'e str,
        profile: &'e Profile,
        /// In the place of one who was removed.
        returns: bool,
        password: PasswordKnown,
    },
    /// This part of the user is set.
    Set { login: &'e str, user_id: &'e str, field: &'e UserField },
    /// Something of the user is set that their profile doesn't have.
    SetBeside { login: &'e str },
    /// The user has a new password, which is sealed for the requester.
    Opened { login: &'e str },
    /// A person does something to everyone the plan is about, and may get to sign in as them.
    AllOpened,
}

impl<'e> UserOutcome<'e> {
    /// The profile or part of one that a user would have, with their login.
    pub fn security_profiles(self) -> Option<(&'e str, &'e [Named])> {
        match self {
            UserOutcome::Made { login, profile, .. } => Some((login, &profile.security_profiles)),
            UserOutcome::Set { login, field: UserField::SecurityProfiles(all), .. } => Some((login, all)),
            UserOutcome::Set { .. }
            | UserOutcome::Unchanged
            | UserOutcome::Removed { .. }
            | UserOutcome::SetBeside { .. }
            | UserOutcome::Opened { .. }
            | UserOutcome::AllOpened => None,
        }
    }

    /// The hierarchy group that a user would be in.
    pub fn hierarchy_group(self) -> Option<&'e Named> {
        match self {
            UserOutcome::Made { profile, .. } => profile.hierarchy_group.as_ref(),
            UserOutcome::Set { field: UserField::HierarchyGroup(group), .. } => group.as_ref(),
            UserOutcome::Set { .. }
            | UserOutcome::Unchanged
            | UserOutcome::Removed { .. }
            | UserOutcome::SetBeside { .. }
            | UserOutcome::Opened { .. }
            | UserOutcome::AllOpened => None,
        }
    }

    /// The routing profile that is set for the user with this id.
    pub fn routing_profile(self, id: &str) -> Option<&'e Named> {
        if let UserOutcome::Set { user_id, field: UserField::RoutingProfile(new), .. } = self
            && user_id == id
        {
            return Some(new);
        }
        None
    }

    /// The login and id of a user who is there and is removed.
    pub fn removed(self) -> Option<(&'e str, &'e str)> {
        match self {
            UserOutcome::Removed { login, user_id: Some(id) } => Some((login, id)),
            UserOutcome::Removed { user_id: None, .. }
            | UserOutcome::Unchanged
            | UserOutcome::Made { .. }
            | UserOutcome::Set { .. }
            | UserOutcome::SetBeside { .. }
            | UserOutcome::Opened { .. }
            | UserOutcome::AllOpened => None,
        }
    }

    /// The login of a user who is made.
    pub fn made(self) -> Option<&'e str> {
        if let UserOutcome::Made { login, .. } = self { Some(login) } else { None }
    }

    pub fn is_made(self) -> bool {
        self.made().is_some()
    }

    /// Whether a password is sealed for the requester.
    pub fn seals_password(self) -> bool {
        match self {
            UserOutcome::Made { password, .. } => password == PasswordKnown::ToRequester,
            UserOutcome::Opened { .. } => true,
            UserOutcome::Unchanged
            | UserOutcome::Removed { .. }
            | UserOutcome::Set { .. }
            | UserOutcome::SetBeside { .. }
            | UserOutcome::AllOpened => false,
        }
    }
}

/// Who gets to know the password of a user who is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordKnown {
    ToNoOne,
    /// It is sealed for them.
    ToRequester,
    /// The one who wrote the file knows it.
    ToAuthor,
}

/// What a plan says beside its steps.
#[derive(Clone, Copy, Debug)]
pub struct PlanContext<'p> {
    /// The users it is about.
    pub about: &'p [AffectedUser],
    /// The users as they are.
    pub before: &'p [Snapshot],
}

/// One thing that an effect does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The user that it is done to; empty where it is none.
    pub login: String,
    pub what: String,
    /// Empty where there is nothing before.
    pub before: String,
    pub after: String,
    /// The last two are words of the desk and no values.
    pub message: bool,
}

impl Detail {
    /// A value that is set.
    pub fn value(login: &str, what: &str, before: &str, after: &str) -> Detail {
        let [login, what, before, after] = [login, what, before, after].map(str::to_owned);
        Detail { login, what, before, after, message: false }
    }

    /// The same for what is removed again: what it was is before.
    pub fn removed(self) -> Detail {
        Detail { before: self.after, after: "removed".to_owned(), ..self }
    }

    /// Something that happens, in the desk's own words.
    pub fn message(login: &str, what: &str, after: &str) -> Detail {
        Detail { message: true, ..Detail::value(login, what, "", after) }
    }
}
