//! Effects: outcomes to bring about.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::basics::ids::{PersonId, RequestNo};
use crate::center::{Named, Proficiency, Profile};
use crate::email::Email;
use crate::plan::Scope;
use crate::user::UserField;

/// An outcome to bring about. Bringing it about twice is the same as once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// No user has this id. Another user under the same login does not matter.
    UserAbsent { login: String, user_id: String },
    /// A user with this login and profile exists, and is not the one that was removed.
    UserPresent {
        login: String,
        profile: Box<Profile>,
        /// Not this user: the one that stood under the login before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead_of: Option<String>,
        password: Password,
    },
    /// What `UserPresent` made of nothing is not there. A user under this login that is not as it was made is somebody
    /// else's doing and is left alone.
    NewUserAbsent { login: String, profile: Box<Profile> },
    /// This is so of the user with this id, and the rest of the user is not touched.
    UserHas { login: String, user_id: String, facet: UserField },
    /// The user with this login has exactly these proficiencies.
    ProficienciesAre { login: String, proficiencies: Vec<Proficiency> },
    /// No quick connect has this id.
    QuickConnectAbsent { id: String, name: String },
    /// A quick connect with this name leads to the user with this login.
    QuickConnectPresent {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        login: String,
        contact_flow_id: String,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        tags: BTreeMap<String, String>,
    },
    /// A queue offers a quick connect, named by its name because its id may be new.
    QueueOffers { queue_id: String, queue: String, quick_connect: String },
    /// A queue does not offer the quick connect with this id.
    QueueOffersNot { queue_id: String, queue: String, quick_connect_id: String, quick_connect: String },
    /// This letter has left, once.
    EmailSent(Email),
    /// The directory that keeps the password of the user with this login has a new one, which is sealed for the requester.
    DirectoryPassword { login: String },
    /// These users, each by id and login, have been read and lie sealed under the request and this step.
    UsersRead { users: Vec<Named> },
    /// This account has no authenticator.
    FactorAbsent { account: PersonId },
    /// This request, whose lines make no sense, is no longer open.
    RequestQuarantined { request: RequestNo },
    /// Nothing that this covers is changed until a person lifts it.
    Frozen { scope: Scope },
    /// A person does this by hand and says so.
    DoneByHand { instruction: String, link: Option<String> },
}

impl Effect {
    /// Whether it is there when a person says so, and no call brings it about.
    pub fn waits_for_a_person(&self) -> bool {
        matches!(self, Effect::DoneByHand { .. } | Effect::Frozen { .. })
    }

    /// Whether it changes nothing outside of the desk: it needs no yes, and there is nothing to take back.
    pub fn only_reads(&self) -> bool {
        matches!(self, Effect::UsersRead { .. })
    }

    /// The login of the one user it is about, if it is about one.
    pub fn login(&self) -> Option<&str> {
        match self {
            Effect::UserAbsent { login, .. }
            | Effect::UserPresent { login, .. }
            | Effect::NewUserAbsent { login, .. }
            | Effect::UserHas { login, .. }
            | Effect::ProficienciesAre { login, .. }
            | Effect::QuickConnectPresent { login, .. }
            | Effect::DirectoryPassword { login } => Some(login),
            Effect::EmailSent(letter) => Some(&letter.login),
            Effect::QuickConnectAbsent { .. }
            | Effect::QueueOffers { .. }
            | Effect::QueueOffersNot { .. }
            | Effect::UsersRead { .. }
            | Effect::Frozen { .. }
            | Effect::FactorAbsent { .. }
            | Effect::RequestQuarantined { .. }
            | Effect::DoneByHand { .. } => None,
        }
    }
}

/// The first password of a user that is created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Password {
    /// The instance keeps none: people sign in elsewhere.
    Elsewhere,
    /// Made by the adapter and sealed for the requester, who can see it once.
    Sealed,
    /// Made by the adapter and forgotten at once: the user makes their own by "Forgot password?".
    Forgotten,
    /// As it stands in this row of a file that is kept sealed under this name.
    OfFile { file: String, row: usize },
}
