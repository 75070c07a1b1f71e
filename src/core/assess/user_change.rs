//! What becomes of each user by a plan, all its steps together: who is made, removed or changed, and into what.

use std::collections::{BTreeMap, BTreeSet};

use crate::center::{Named, Profile};
use crate::plan::effect::PasswordKnown;
use crate::plan::{AffectedUser, Plan, UserOutcome};
use crate::user::changes;

/// What becomes of one user by a plan, all its steps together.
#[derive(Clone, Debug)]
pub struct UserChange<'p> {
    pub login: &'p str,
    /// As the user is; nothing for one who isn't there.
    pub before: Option<&'p Profile>,
    /// As the user will be; nothing for one who is removed.
    pub after: Option<Profile>,
    /// The plan makes the user, and doesn't only change them.
    pub is_made: bool,
    /// The user is made in the place of one who was removed.
    pub returns: bool,
    /// Someone else gets to know a password of the user, or sets one.
    pub opens: bool,
}

/// What becomes of each user by those steps of a plan that count, in the order in which they turn up; only of users whose
/// login is wanted.
pub fn user_changes<'p>(
    plan: &'p Plan,
    counts: impl Fn(usize) -> bool,
    wanted: impl Fn(&str) -> bool,
) -> Vec<UserChange<'p>> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut changes: Vec<UserChange<'p>> = Vec::new();
    let mut of = |login: &'p str, user_id: Option<&str>, change: &mut dyn FnMut(&mut UserChange<'p>)| {
        if !wanted(login) {
            return;
        }
        let place = *places.entry(login).or_insert_with(|| {
            // A user who is made has none before, though the plan may know one who was removed under the login.
            let found = user_id.and_then(|id| {
                let mut users = plan.before.iter().map(|snapshot| &snapshot.user);
                let by_login =
                    || plan.before.iter().map(|snapshot| &snapshot.user).find(|user| user.login == login);
                users.find(|user| !id.is_empty() && user.id == id).or_else(by_login)
            });
            let before = found.map(|user| &user.profile);
            changes.push(UserChange {
                login,
                before,
                after: before.cloned(),
                is_made: false,
                returns: false,
                opens: false,
            });
            changes.len() - 1
        });
        if let Some(one) = changes.get_mut(place) {
            change(one);
        }
    };
    for (number, step) in plan.steps.iter().enumerate() {
        if !counts(number) {
            continue;
        }
        match step.effect.user_outcome() {
            UserOutcome::Removed { login, user_id } => of(login, user_id, &mut |one| one.after = None),
            UserOutcome::Made { login, profile, returns, password } => of(login, None, &mut |one| {
                one.after = Some(profile.clone());
                one.is_made = true;
                one.returns |= returns;
                one.opens |= password != PasswordKnown::ToNoOne;
            }),
            UserOutcome::Set { login, user_id, field } => of(login, Some(user_id), &mut |one| {
                if let Some(after) = &mut one.after {
                    changes::apply(after, field);
                }
            }),
            UserOutcome::SetBeside { login } => of(login, Some(""), &mut |_| {}),
            UserOutcome::Opened { login } => of(login, Some(""), &mut |one| one.opens = true),
            UserOutcome::AllOpened => {
                for AffectedUser { login, user_id, .. } in &plan.about {
                    of(login, Some(user_id), &mut |one| one.opens = true);
                }
            }
            UserOutcome::Unchanged => {}
        }
    }
    changes
}

impl UserChange<'_> {
    pub fn profiles_before(&self) -> &[Named] {
        self.before.map(|before| before.security_profiles.as_slice()).unwrap_or_default()
    }

    pub fn profiles_after(&self) -> &[Named] {
        self.after.as_ref().map(|after| after.security_profiles.as_slice()).unwrap_or_default()
    }

    /// Security profiles that the user has afterwards and hasn't now.
    pub fn granted(&self) -> impl Iterator<Item = &Named> {
        let has = |one: &&Named| self.profiles_before().iter().all(|had| had.id != one.id);
        self.profiles_after().iter().filter(has)
    }

    /// Whether the user stays and other security profiles are set for them.
    pub fn other_profiles(&self) -> bool {
        let ids = |all: &'_ [Named]| all.iter().map(|one| one.id.clone()).collect::<BTreeSet<_>>();
        self.before.is_some()
            && self.after.is_some()
            && ids(self.profiles_before()) != ids(self.profiles_after())
    }

    pub fn email_before(&self) -> Option<&str> {
        self.before?.identity.email.as_deref()
    }

    pub fn email_after(&self) -> Option<&str> {
        self.after.as_ref()?.identity.email.as_deref()
    }

    /// Whether another address decides afterwards who can sign in as a user who is there.
    pub fn other_email(&self) -> bool {
        self.before.is_some() && self.after.is_some() && self.email_before() != self.email_after()
    }

    pub fn is_new(&self) -> bool {
        self.before.is_none() && self.after.is_some()
    }
}
