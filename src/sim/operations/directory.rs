//! The directory behind an EXISTING_DIRECTORY instance: AWS Directory Service, as far as it resets passwords.

use std::sync::Arc;

use crate::answer::{Outcome, Refusal, nothing};
use crate::call::{Call, Draft};
use crate::ids::DIRECTORY_ID;
use crate::options::IdentityType;
use crate::world::{Change, User, password_hash};

/// The least characters of a password.
const SHORTEST_PASSWORD: usize = 7;
/// Of how many kinds (small letters, capitals, digits, others) its characters have to be.
const LEAST_KINDS: usize = 3;

/// The user has this password from now on. Nothing of it can be seen in Connect.
pub(super) fn reset_user_password(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let text = |member| call.text(member).unwrap_or_default();
    let world = draft.world;
    if world.instance.identity != IdentityType::ExistingDirectory || text("DirectoryId") != DIRECTORY_ID {
        return Err(Refusal::new("EntityDoesNotExistException", "There is no directory with this id."));
    }
    let Some(user) = world.user_by_login(text("UserName")) else {
        return Err(Refusal::new("UserDoesNotExistException", "The directory has no user of this name."));
    };
    if !is_strong(text("NewPassword")) {
        return Err(Refusal::new(
            "InvalidPasswordException",
            "The password does not meet the directory's requirements.",
        ));
    }
    let password_sha256 = Some(password_hash(text("NewPassword")).into());
    draft.changes.push(Change::User(Arc::new(User { password_sha256, ..User::clone(user) })));
    nothing()
}

/// Whether Active Directory's own policy would take it.
fn is_strong(password: &str) -> bool {
    let kinds: [fn(char) -> bool; 4] =
        [|c| c.is_lowercase(), |c| c.is_uppercase(), |c| c.is_ascii_digit(), |c| !c.is_alphanumeric()];
    let found = kinds.into_iter().filter(|kind| password.chars().any(kind)).count();
    password.chars().count() >= SHORTEST_PASSWORD && found >= LEAST_KINDS
}
