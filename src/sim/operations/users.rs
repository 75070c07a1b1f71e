//! Users as a whole: create, delete, describe, list.

use std::sync::{Arc, LazyLock};

use regex::Regex;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Ask, Draft, nothing, optional, referred, stamped, written};
use crate::answer::{Outcome, Refusal};
use crate::handling::{ChannelConfigs, Handling, PhoneConfig};
use crate::ids::{Id, Kind, seeded};
use crate::options::IdentityType;
use crate::page::Page;
use crate::world::{Change, IdentityInfo, Tags, User, World};

/// The pattern of SecondaryEmail in the API's documentation; the model has none.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,63}$")
        .expect("the pattern is part of the program")
});
/// Logins are of these characters, which the documentation says for SAML only but every console asks for.
static LOGIN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[a-zA-Z0-9_.@-]+$").expect("the pattern is part of the program"));
/// A login with an @ has the form of an address.
static LOGIN_WITH_AT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[^@]+@[^@]+\.[^@]+$").expect("the pattern is part of the program"));
/// The longest login where an identity provider signs people in.
const LONGEST_SAML_LOGIN: usize = 64;
const LONGEST_ADDRESS: usize = 265;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateUser {
    username: String,
    password: Option<String>,
    #[serde(default)]
    identity_info: IdentityInfo,
    phone_config: Option<PhoneConfig>,
    directory_user_id: Option<String>,
    security_profile_ids: Vec<String>,
    routing_profile_id: String,
    hierarchy_group_id: Option<String>,
    #[serde(flatten)]
    configs: ChannelConfigs,
    #[serde(default)]
    tags: Tags,
}

pub(super) fn create(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let wanted: CreateUser = ask.read()?;
    let world = draft.world;
    let identity = world.instance.identity;
    check_login(&wanted.username, identity)?;
    check_password(wanted.password.as_deref(), identity)?;
    if identity != IdentityType::ExistingDirectory {
        for (name, value) in
            [("FirstName", &wanted.identity_info.first_name), ("LastName", &wanted.identity_info.last_name)]
        {
            if value.as_deref().unwrap_or_default().is_empty() {
                return Err(Refusal::invalid_request(format!(
                    "IdentityInfo.{name} is required on a {identity} instance."
                )));
            }
        }
    }
    if identity == IdentityType::Saml && wanted.directory_user_id.is_some() {
        return Err(Refusal::invalid_request("DirectoryUserId cannot be set on a SAML instance."));
    }
    let identity_info = checked_identity(wanted.identity_info, identity)?;
    let handling = Handling::created(wanted.phone_config, wanted.configs)?;
    let routing_profile =
        referred(world, Kind::RoutingProfile, "RoutingProfileId", &wanted.routing_profile_id)?;
    let security_profiles = security_profiles(world, &wanted.security_profile_ids)?;
    let hierarchy_group = wanted
        .hierarchy_group_id
        .map(|group| referred(world, Kind::HierarchyGroup, "HierarchyGroupId", &group))
        .transpose()?;

    let lingers = |at_ms: i64| at_ms.saturating_add(draft.rules.name_lingers_ms) > draft.now_ms;
    if world.user_by_login(&wanted.username).is_some()
        || world.removed_at(&wanted.username).is_some_and(lingers)
    {
        return Err(Refusal::duplicate("There is a user with this Username."));
    }
    if world.user_count() >= draft.rules.user_quota {
        return Err(Refusal::limit_exceeded("The instance is full: its quota of users is reached."));
    }

    let id = draft.ids.next();
    // Connect keeps its own logins in a directory too, which gives each of them an id.
    let own_directory = || (identity == IdentityType::ConnectManaged).then(|| directory_id(id));
    draft.put_user(User {
        id,
        login: wanted.username.into(),
        identity: identity_info,
        password_sha256: wanted.password.map(|password| sha256(&password).into()),
        directory_user_id: wanted.directory_user_id.or_else(own_directory),
        routing_profile,
        security_profiles,
        hierarchy_group,
        handling: Arc::new(handling),
        tags: wanted.tags,
        proficiencies: Vec::new(),
        modified_ms: draft.now_ms,
    });
    Ok(json!({ "UserId": id, "UserArn": world.instance.names.arn(Kind::User, id) }))
}

fn check_login(login: &str, identity: IdentityType) -> Result<(), Refusal> {
    if !LOGIN.is_match(login) {
        return Err(Refusal::invalid_parameter(
            "Username must be of letters, digits and the characters _ - . @ only.",
        ));
    }
    if login.contains('@') && !LOGIN_WITH_AT.is_match(login) {
        return Err(Refusal::invalid_parameter(
            "Username may hold an @ only in the form of an email address.",
        ));
    }
    if identity == IdentityType::Saml && login.len() > LONGEST_SAML_LOGIN {
        return Err(Refusal::invalid_parameter(format!(
            "Username must have at most {LONGEST_SAML_LOGIN} characters."
        )));
    }
    Ok(())
}

fn check_password(password: Option<&str>, identity: IdentityType) -> Result<(), Refusal> {
    match (identity, password) {
        (IdentityType::ConnectManaged, None) => {
            Err(Refusal::invalid_request("Password is required on a CONNECT_MANAGED instance."))
        }
        (IdentityType::Saml | IdentityType::ExistingDirectory, Some(_)) => {
            Err(Refusal::invalid_request(format!("Password cannot be set on a {identity} instance.")))
        }
        _ => Ok(()),
    }
}

/// The identity as it is kept: an empty text is none.
pub(super) fn checked_identity(info: IdentityInfo, identity: IdentityType) -> Result<IdentityInfo, Refusal> {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let info = IdentityInfo {
        first_name: filled(info.first_name),
        last_name: filled(info.last_name),
        email: filled(info.email),
        secondary_email: filled(info.secondary_email),
        mobile: info.mobile,
    };
    if let Some(email) = &info.email {
        if identity == IdentityType::Saml {
            return Err(Refusal::invalid_request("IdentityInfo.Email cannot be set on a SAML instance."));
        }
        // The model has no pattern for Email; what no mail can be sent to is refused all the same.
        let parts = email.rsplit_once('@');
        let sendable = parts.is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty());
        if !sendable || email.chars().any(char::is_whitespace) {
            return Err(Refusal::invalid_parameter("IdentityInfo.Email must be an email address."));
        }
    }
    if info
        .secondary_email
        .as_ref()
        .is_some_and(|email| email.len() > LONGEST_ADDRESS || !ADDRESS.is_match(email))
    {
        return Err(Refusal::invalid_parameter("IdentityInfo.SecondaryEmail must be an email address."));
    }
    Ok(info)
}

pub(super) fn security_profiles(world: &World, texts: &[String]) -> Result<Vec<Id>, Refusal> {
    let mut profiles = Vec::with_capacity(texts.len());
    for text in texts {
        let id = referred(world, Kind::SecurityProfile, "SecurityProfileIds", text)?;
        if profiles.contains(&id) {
            return Err(Refusal::invalid_parameter("SecurityProfileIds names a security profile twice."));
        }
        profiles.push(id);
    }
    Ok(profiles)
}

pub(crate) fn directory_id(user: Id) -> String {
    seeded("directory user", &user.to_string()).to_string()
}

pub(crate) fn sha256(password: &str) -> String {
    Sha256::digest(password.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The user is gone, their own queue with them; quick connects to them stay and lead nowhere, as AWS documents.
pub(super) fn delete(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let user = ask.user(draft.world)?;
    draft.changes.push(Change::UserGone { id: user.id, login: Arc::clone(&user.login), at_ms: draft.now_ms });
    nothing()
}

pub(super) fn describe(world: &World, ask: &Ask) -> Outcome {
    let user = ask.user(world)?;
    let mut described = common(world, user, 1);
    optional(&mut described, "IdentityInfo", Some(written(&user.identity)));
    Ok(json!({ "User": stamped(described, user.modified_ms) }))
}

/// What DescribeUser and SearchUsers both show. `acw_unit` is how many of the answer's units make a second.
pub(super) fn common(world: &World, user: &User, acw_unit: i64) -> Value {
    let mut object = written(&*user.handling);
    for (name, value) in [
        ("Id", json!(user.id)),
        ("Arn", json!(world.instance.names.arn(Kind::User, user.id))),
        ("Username", json!(user.login)),
        ("PhoneConfig", written(&user.handling.phone_view(acw_unit))),
        ("SecurityProfileIds", json!(user.security_profiles)),
        ("RoutingProfileId", json!(user.routing_profile)),
        ("Tags", json!(user.tags)),
    ] {
        optional(&mut object, name, Some(value));
    }
    optional(&mut object, "DirectoryUserId", user.directory_user_id.as_deref());
    optional(&mut object, "HierarchyGroupId", user.hierarchy_group.map(|group| json!(group)));
    object
}

pub(super) fn list(world: &World, ask: &Ask) -> Outcome {
    let page = Page::of(ask, world)?;
    let users = world.users_after(page.after());
    let (users, next) = page.cut(users.map(|user| (&*user.login, user)));
    let summary = |user: &Arc<User>| {
        let arn = world.instance.names.arn(Kind::User, user.id);
        stamped(json!({ "Id": user.id, "Arn": arn, "Username": user.login }), user.modified_ms)
    };
    let mut output = json!({ "UserSummaryList": users.into_iter().map(summary).collect::<Vec<_>>() });
    optional(&mut output, "NextToken", next);
    Ok(output)
}
