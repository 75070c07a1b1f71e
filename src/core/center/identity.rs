//! Where an instance keeps who its users are, and what that leaves to set in Amazon Connect. Whatever creates or changes users, and
//! whatever warns of it, asks here.

use serde::{Deserialize, Serialize};

use crate::basics::problem::Problem;
use crate::basics::text::{self, code, name_of, whole};
use crate::profile::{Field, Identity, Profile};

/// Where an instance keeps its users' passwords (DescribeInstance, `IdentityManagementType`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdentityType {
    #[default]
    ConnectManaged,
    Saml,
    ExistingDirectory,
}

/// The longest login where an identity provider signs people in (CreateUser, `Username`).
const LOGIN_SAML_MAX: usize = 64;

impl IdentityType {
    /// Every field that is kept elsewhere with one of the types.
    pub const KEPT_ELSEWHERE: [Field; 3] = [Field::FirstName, Field::LastName, Field::Email];

    /// Whether Amazon Connect itself keeps passwords, so that "Forgot password?" on its login page works.
    pub fn keeps_password(&self) -> bool {
        *self == IdentityType::ConnectManaged
    }

    /// What a new user is created with. The id in a directory is only for a directory of the customer's own: elsewhere it is
    /// another user's, and Amazon Connect gives each its own.
    pub fn to_create(self, mut profile: Profile) -> Profile {
        if self != IdentityType::ExistingDirectory {
            profile.directory_user_id = None;
        }
        profile
    }

    /// As templates of emails tell them apart.
    pub fn word(self) -> &'static str {
        match self {
            IdentityType::ConnectManaged => "password",
            IdentityType::Saml => "saml",
            IdentityType::ExistingDirectory => "directory",
        }
    }

    /// What users sign in with, as a sentence has it.
    pub fn sign_in(self) -> &'static str {
        match self {
            IdentityType::ConnectManaged => "passwords that Amazon Connect keeps",
            IdentityType::Saml => "SAML",
            IdentityType::ExistingDirectory => "passwords that an existing directory keeps",
        }
    }

    /// Whether the field can be set here, of a user who is created or of one who exists. With SAML there is no email, and a
    /// directory keeps names and emails of those who exist.
    pub fn sets(self, field: Field, of_new: bool) -> bool {
        match self {
            IdentityType::ConnectManaged => true,
            IdentityType::Saml => field != Field::Email,
            IdentityType::ExistingDirectory => of_new || !Self::KEPT_ELSEWHERE.contains(&field),
        }
    }

    /// Refuses a user whose new profile has something else than the old one in a field that can't be set here; `old` is nothing for a
    /// user who is created.
    pub fn check(self, login: &str, old: Option<&Profile>, new: &Profile) -> Result<(), Problem> {
        let is_changed = |field: &Field| old.and_then(|old| field.get(old)) != field.get(new);
        let wrong: Vec<String> = Self::KEPT_ELSEWHERE
            .into_iter()
            .filter(|field| !self.sets(*field, old.is_none()) && is_changed(field))
            .map(Field::title)
            .collect();
        if wrong.is_empty() {
            return Ok(());
        }
        let (message, hint) = match self {
            IdentityType::Saml => (
                "This contact center signs people in by SAML and keeps no email.".to_owned(),
                "Set it at the identity provider; `secondary_email:…` can be set here.",
            ),
            IdentityType::ExistingDirectory | IdentityType::ConnectManaged => (
                format!(
                    "The {} of {} can be changed only in the directory that this contact center uses.",
                    text::list(&wrong, "and"),
                    whole(login)
                ),
                "Change it there; `secondary_email:…` and `mobile:…` can be set here.",
            ),
        };
        Err(Problem::requester("identity_elsewhere", message).hint(hint))
    }

    /// Refuses a login that no user can be created with (CreateUser, `Username`). Users who exist may have others.
    ///
    /// With SAML an `@` needs no email address around it: Salesforce provisions `alias@userid@orgid`.
    pub fn check_new_login(self, login: &str) -> Result<(), Problem> {
        let refused = |what: &str, message: String| {
            Err(Problem::requester(what, message).hint("Choose another one, such as `john.doe`."))
        };
        if let Some(odd) = login.chars().find(|c| !(c.is_ascii_alphanumeric() || "_-.@".contains(*c))) {
            return refused(
                "login_characters",
                format!(
                    "The login {} contains {}. A new login can have only letters, digits and `. _ - @`.",
                    code(login),
                    name_of(odd)
                ),
            );
        }
        if self != IdentityType::Saml && login.contains('@') && !has_form_of_email(login) {
            return refused(
                "login_address",
                format!("The login {} has an `@` and isn't an email address.", code(login)),
            );
        }
        let length = login.chars().count();
        if self == IdentityType::Saml && length > LOGIN_SAML_MAX {
            return refused(
                "login_too_long",
                format!(
                    "The login {} has {length} characters; with SAML it has at most {LOGIN_SAML_MAX}.",
                    code(login)
                ),
            );
        }
        Ok(())
    }
}

fn has_form_of_email(login: &str) -> bool {
    let Some((name, domain)) = login.split_once('@') else { return false };
    let has_dot =
        domain.rsplit_once('.').is_some_and(|(before, after)| !before.is_empty() && !after.is_empty());
    !name.is_empty() && !domain.contains('@') && has_dot
}

impl Identity {
    /// The address that emails about the account go to. With SAML there is only the secondary one.
    pub fn reached(&self, kept: IdentityType) -> Option<&str> {
        let (email, secondary) = (self.email.as_deref(), self.secondary_email.as_deref());
        match kept {
            IdentityType::ConnectManaged => email,
            IdentityType::Saml | IdentityType::ExistingDirectory => email.or(secondary),
        }
    }
}
