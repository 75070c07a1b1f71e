//! What can become of a user of Amazon Connect.

use serde::{Deserialize, Serialize};

use super::kind::{
    About, Detail, EffectKind, EffectNeeds, Nature, PasswordKnown, PlanContext, UserOutcome, Whom,
};
use crate::center::Proficiency;
use crate::profile::{Named, Profile, blank};
use crate::user::{UserField, changes};
use crate::words::Risk;

/// No user has this id. Another user under the same login does not matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserAbsent {
    pub login: String,
    pub user_id: String,
}

impl EffectKind for UserAbsent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&["DeleteUser", "DescribeUser"]);

    fn about(&self) -> About<'_> {
        About::user(
            &self.login,
            UserOutcome::Removed { login: &self.login, user_id: Some(&self.user_id) },
            Risk::Destructive,
        )
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::message(&self.login, "User", "removed")]
    }
}

/// A user with this login and profile exists, and is not the one that was removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserPresent {
    pub login: String,
    pub profile: Box<Profile>,
    /// Not this user: the one that had the login before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
    pub password: Password,
}

/// The first password of a user that is created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Password {
    /// The instance keeps none: people sign in elsewhere.
    Elsewhere,
    /// Made by the adapter and sealed for the requester, who can see it once.
    Sealed,
    /// Made by the adapter and forgotten immediately: the user makes their own by "Forgot password?".
    Forgotten,
    /// As it is in this row of a file that is kept sealed under this name.
    OfFile {
        file: String,
        row: usize,
        /// What the file is in, where someone chose that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        encoding: Option<String>,
    },
}

impl Password {
    fn words(&self) -> String {
        match self {
            Password::Elsewhere => "none here: they sign in with an identity provider".to_owned(),
            Password::Sealed => "temporary, shown once to the requester".to_owned(),
            Password::Forgotten => "random, shown to no one".to_owned(),
            Password::OfFile { row, .. } => format!("from row {row} of the file"),
        }
    }
}

impl EffectKind for UserPresent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&["CreateUser", "SearchUsers", "TagResource"]);

    fn about(&self) -> About<'_> {
        About::user(
            &self.login,
            UserOutcome::Made {
                login: &self.login,
                profile: &self.profile,
                returns: self.instead_of.is_some(),
                password: match self.password {
                    Password::Sealed => PasswordKnown::ToRequester,
                    Password::OfFile { .. } => PasswordKnown::ToAuthor,
                    Password::Elsewhere | Password::Forgotten => PasswordKnown::ToNoOne,
                },
            },
            Risk::Change,
        )
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let login = &self.login;
        let made = if self.instead_of.is_some() { "created again" } else { "created" };
        let mut rows = vec![Detail::message(login, "User", made)];
        rows.extend(
            changes::all_of_profile(&self.profile)
                .iter()
                .map(|(what, set)| Detail::value(login, what, "", set)),
        );
        rows.push(Detail::message(login, "Password", &self.password.words()));
        rows
    }
}

/// What `UserPresent` made of nothing is not there. A user under this login that is not as it was made is someone else's doing
/// and is left alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewUserAbsent {
    pub login: String,
    pub profile: Box<Profile>,
}

impl EffectKind for NewUserAbsent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&["DeleteUser", "SearchUsers"]);

    fn about(&self) -> About<'_> {
        About::user(
            &self.login,
            UserOutcome::Removed { login: &self.login, user_id: None },
            Risk::Destructive,
        )
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::message(&self.login, "User", "removed, if unchanged since it was created")]
    }
}

/// This is so of the user with this id, and the rest of the user is not touched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserHas {
    pub login: String,
    pub user_id: String,
    pub field: UserField,
}

impl UserHas {
    /// What it needs where it is only about the hierarchy group.
    pub const GROUP: EffectNeeds = EffectNeeds::calls(&["UpdateUserHierarchy", "DescribeUser"]);

    /// What it needs where it is only about who someone is.
    pub const IDENTITY: EffectNeeds = EffectNeeds::calls(&["UpdateUserIdentityInfo", "DescribeUser"]);

    /// The part of the user that it sets as it was: what would take it back, or what the plan was made from.
    fn before(&self, undo: Option<&UserHas>, plan: &PlanContext<'_>) -> Option<UserField> {
        if let Some(undo) = undo {
            return Some(undo.field.clone());
        }
        let mut users = plan.before.iter().map(|snapshot| &snapshot.user);
        let user = users.find(|user| user.id == self.user_id && user.login == self.login)?;
        Some(changes::field_of(&user.profile, &self.field))
    }
}

impl EffectKind for UserHas {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[
        "DescribeUser",
        "TagResource",
        "UntagResource",
        "UpdateUserConfig",
        "UpdateUserHierarchy",
        "UpdateUserIdentityInfo",
        "UpdateUserRoutingProfile",
        "UpdateUserSecurityProfiles",
    ]);

    fn about(&self) -> About<'_> {
        About::user(
            &self.login,
            UserOutcome::Set { login: &self.login, user_id: &self.user_id, field: &self.field },
            Risk::Change,
        )
    }

    fn details(&self, undo: Option<&Self>, plan: &PlanContext<'_>) -> Vec<Detail> {
        let known = self.before(undo, plan).map(|before| changes::of_field(&before, &self.field));
        let made = known.unwrap_or_else(|| unknown_before(&self.field));
        made.iter().map(|(what, before, after)| Detail::value(&self.login, what, before, after)).collect()
    }
}

/// What a step sets where no one knows what was there.
fn unknown_before(field: &UserField) -> Vec<changes::Change> {
    let mut made = changes::of_field(&changes::field_of(&blank(), field), field);
    for (_, before, _) in &mut made {
        "unknown".clone_into(before);
    }
    made
}

/// The user with this login has exactly these proficiencies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProficienciesAre {
    pub login: String,
    pub proficiencies: Vec<Proficiency>,
}

impl EffectKind for ProficienciesAre {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[
        "AssociateUserProficiencies",
        "DisassociateUserProficiencies",
        "ListUserProficiencies",
        "SearchUsers",
        "UpdateUserProficiencies",
    ]);

    fn about(&self) -> About<'_> {
        About::user(&self.login, UserOutcome::SetBeside { login: &self.login }, Risk::Change)
    }

    fn details(&self, undo: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let old = undo.map(|undo| undo.proficiencies.as_slice()).unwrap_or_default();
        let made = changes::proficiencies(old, &self.proficiencies);
        if made.is_empty() {
            return vec![Detail::message(&self.login, "Proficiencies", "none")];
        }
        made.iter().map(|(what, before, after)| Detail::value(&self.login, what, before, after)).collect()
    }
}

/// These users, each by id and login, have been read and are sealed under the request and this step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UsersRead {
    pub users: Vec<Named>,
}

impl EffectKind for UsersRead {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["DescribeUser", "ListUserProficiencies", "SearchUserHierarchyGroups"]);

    fn about(&self) -> About<'_> {
        About {
            nature: Nature::Reads(&self.users),
            whom: Whom::NoOne,
            user: UserOutcome::Unchanged,
            risk: Risk::Change,
        }
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let row = |user: &Named| Detail::message(&user.name, "Data", "given to the requester");
        self.users.iter().map(row).collect()
    }
}
