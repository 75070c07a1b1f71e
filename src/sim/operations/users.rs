//! Users as a whole: create, delete, describe, list.

use std::sync::{Arc, LazyLock};

use regex::Regex;
use serde::Deserialize;
use serde_json::{Value, json};

use super::search::{self, Field};
use crate::answer::{Outcome, Refusal, nothing, optional, stamped, written};
use crate::call::{Call, Draft, normalized, referred};
use crate::handling::{ChannelConfigs, Handling, PhoneConfig};
use crate::ids::{Id, Kind, directory_id};
use crate::options::IdentityType;
use crate::page::Page;
use crate::quota::Quota;
use crate::world::{Change, IdentityInfo, Tags, User, World, password_hash};

const MILLISECONDS: i64 = 1000;

static FIELDS: [Field<User>; 7] = [
    Field::name("Username", |_, user, text| text.passes(&user.login)),
    Field::name("FirstName", |_, user, text| {
        text.passes(user.identity.first_name.as_deref().unwrap_or_default())
    }),
    Field::name("LastName", |_, user, text| {
        text.passes(user.identity.last_name.as_deref().unwrap_or_default())
    }),
    Field::id("RoutingProfileId", Kind::RoutingProfile, |_, user, text| text.passes_id(user.routing_profile)),
    Field::id("SecurityProfileId", Kind::SecurityProfile, |_, user, text| {
        user.security_profiles.iter().any(|id| text.passes_id(*id))
    }),
    Field::id("resourceId", Kind::User, |_, user, text| text.passes_id(user.id)),
    // Older texts of the documentation spell it this way.
    Field::id("ResourceId", Kind::User, |_, user, text| text.passes_id(user.id)),
];

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
/// The longest last name where Connect keeps the logins; the model's own limit is for the others.
const LONGEST_LAST_NAME: usize = 256;

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

pub(super) fn create(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let wanted: CreateUser = call.read()?;
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
    if identity != IdentityType::ExistingDirectory && wanted.directory_user_id.is_some() {
        return Err(Refusal::invalid_request(format!(
            "DirectoryUserId cannot be set on a {identity} instance."
        )));
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
    draft.room(Quota::Users, world.user_count())?;

    let id = draft.ids.next();
    // Connect keeps its own logins in a directory too, which gives each of them an id.
    let own_directory = || (identity == IdentityType::ConnectManaged).then(|| directory_id(id));
    draft.put_user(User {
        id,
        login: wanted.username.into(),
        identity: identity_info,
        password_sha256: wanted.password.map(|password| password_hash(&password).into()),
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
    // With SAML the login is whatever the identity provider sends: Salesforce provisions `alias@userid@orgid`.
    if identity != IdentityType::Saml && login.contains('@') && !LOGIN_WITH_AT.is_match(login) {
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
    for (member, name) in [("FirstName", &info.first_name), ("LastName", &info.last_name)] {
        normalized(&format!("IdentityInfo.{member}"), name.as_deref().unwrap_or_default())?;
    }
    let last_name = info.last_name.as_deref().unwrap_or_default().chars().count();
    if identity == IdentityType::ConnectManaged && last_name > LONGEST_LAST_NAME {
        return Err(Refusal::invalid_parameter(format!(
            "IdentityInfo.LastName must have at most {LONGEST_LAST_NAME} characters on a {identity} instance."
        )));
    }
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

/// The user is gone, and with them their own queue and the contacts that they have; quick connects to them stay and lead nowhere, as AWS documents.
pub(super) fn delete(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let user = call.user(draft.world)?;
    let contacts = draft.world.contacts().filter(|contact| {
        contact.held().is_some_and(|(agent, _)| agent == user.id) || contact.queue == Some(user.id)
    });
    draft.changes.extend(contacts.map(|contact| Change::ContactGone { id: contact.id }));
    draft.changes.push(Change::UserGone { id: user.id, login: Arc::clone(&user.login), at_ms: draft.now_ms });
    nothing()
}

pub(super) fn describe(world: &World, call: &Call) -> Outcome {
    let user = call.user(world)?;
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

pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let page = Page::of(call, world)?;
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

pub(super) fn search(world: &World, call: &Call) -> Outcome {
    let test = search::read(world, call, &FIELDS)?;
    let page = Page::of(call, world)?;
    let by_id = |id: &str| world.instance.names.id(Kind::User, id).and_then(|id| world.user(id));
    let id = test.exact("resourceId").or_else(|| test.exact("ResourceId"));
    let one = test.exact("Username").map(|login| world.user_by_login(login)).or_else(|| id.map(by_id));
    let (found, next, count) = if let Some(one) = one {
        let one: Vec<_> = one.into_iter().filter(|user| test.passes(world, user)).collect();
        let count = one.len();
        let (found, next) = page.cut(one.into_iter().map(|user| (&*user.login, user)));
        (found, next, count)
    } else if test.is_open() {
        let (found, next) = page.cut(world.users_after(page.after()).map(|user| (&*user.login, user)));
        (found, next, world.user_count())
    } else {
        let all: Vec<_> = world.users_after(None).filter(|user| test.passes(world, user)).collect();
        let count = all.len();
        let (found, next) = page.cut(all.into_iter().map(|user| (&*user.login, user)));
        (found, next, count)
    };
    let shown = |user: &Arc<User>| {
        let mut summary = common(world, user, MILLISECONDS);
        let mut identity = json!({});
        optional(&mut identity, "FirstName", user.identity.first_name.as_deref());
        optional(&mut identity, "LastName", user.identity.last_name.as_deref());
        optional(&mut summary, "IdentityInfo", Some(identity));
        summary
    };
    let mut output =
        json!({ "Users": found.into_iter().map(shown).collect::<Vec<_>>(), "ApproximateTotalCount": count });
    optional(&mut output, "NextToken", next);
    Ok(output)
}
