//! Users: created, removed, and set part by part.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::{Problem, System};
use desk_core::basics::secret::Secret;
use desk_core::basics::text::code;
use desk_core::center::{Proficiency, Profile};
use desk_core::formats::sheet::{self, Sheet};
use desk_core::plan::StepKey;
use desk_core::plan::effect::{
    NewUserAbsent, Password, ProficienciesAre, UserAbsent, UserHas, UserPresent, UsersRead, facts,
};
use desk_core::user::UserField;
use secrecy::ExposeSecret as _;

use super::{
    Apply, HIERARCHY_GROUP, OnNotFound, USER, acted, further, holds, holds_whole, not_built, unread,
};
use crate::systems::apply::{Acted, Facts, Fault, Provenance, Seen, Tried};
use crate::systems::connect::cached::Thing;
use crate::systems::connect::call::{once, text};
use crate::systems::connect::convert::{self, Configs, with_configs};
use crate::systems::connect::{Connect, body};

#[async_trait]
impl Apply for UserAbsent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        connect.delete_user(&self.user_id).await
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let gone = connect.describe(&self.user_id).await?.is_none();
        if gone && let Some(learner) = &connect.learner {
            learner.learn(&self.login, None);
        }
        Ok(holds(gone))
    }
}

#[async_trait]
impl Apply for UserPresent {
    async fn act(&self, connect: &Connect, key: StepKey) -> Tried {
        connect.create_user(key, &self.login, &self.profile, &self.password).await
    }

    async fn look(&self, connect: &Connect, provenance: Provenance) -> Result<Seen, Fault> {
        connect.look_for_user(&self.login, &self.profile, self.instead_of.as_deref(), provenance).await
    }

    fn makes(&self) -> Option<Thing> {
        Some((USER, self.login.clone()))
    }
}

#[async_trait]
impl Apply for NewUserAbsent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        match connect.by_login(&self.login).await.map_err(unread)? {
            None => Ok(Acted::Acknowledged(System::AMAZON_CONNECT)),
            Some(user) if convert::covers(&self.profile, &user.profile) => {
                connect.delete_user(&user.id).await
            }
            Some(_) => Err(Fault::Refused(not_ours(&self.login))),
        }
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        match connect.by_login(&self.login).await? {
            None => Ok(Seen::Holds(Facts::new())),
            Some(user) if convert::covers(&self.profile, &user.profile) => Ok(Seen::Absent),
            Some(_) => Ok(Seen::Blocked(not_ours(&self.login))),
        }
    }

    fn leans_on(&self) -> Vec<Thing> {
        vec![(USER, self.login.clone())]
    }
}

#[async_trait]
impl Apply for UserHas {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        // One part of a user is set whole, and anyone who reads it next waits for it: the service's word is enough.
        connect.set_field(&self.login, &self.user_id, &self.field).await.map(|_| Acted::Done(Facts::new()))
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        match (connect.describe(&self.user_id).await?, &self.field) {
            (Some(user), UserField::Tags(_)) => Ok(holds_whole(convert::has(&user.profile, &self.field))),
            (Some(user), _) => Ok(holds(convert::has(&user.profile, &self.field))),
            (None, _) => Ok(Seen::Gone(gone(&self.login))),
        }
    }

    fn leans_on(&self) -> Vec<Thing> {
        match &self.field {
            UserField::HierarchyGroup(Some(group)) => vec![(HIERARCHY_GROUP, group.name.clone())],
            _ => Vec::new(),
        }
    }
}

#[async_trait]
impl Apply for ProficienciesAre {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        connect.set_proficiencies(&self.login, &self.proficiencies).await
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let Some(user) = connect.by_login(&self.login).await? else { return Ok(Seen::Absent) };
        Ok(holds_whole(same_proficiencies(&connect.proficiencies_of(&user.id).await?, &self.proficiencies)))
    }

    fn leans_on(&self) -> Vec<Thing> {
        vec![(USER, self.login.clone())]
    }
}

#[async_trait]
impl Apply for UsersRead {
    async fn act(&self, connect: &Connect, key: StepKey) -> Tried {
        connect.read_users(key, &self.users).await
    }

    async fn look(&self, _: &Connect, _: Provenance) -> Result<Seen, Fault> {
        Ok(Seen::Absent)
    }

    fn leaves_traces(&self) -> bool {
        false
    }
}

impl Connect {
    async fn look_for_user(
        &self,
        login: &str,
        wanted: &Profile,
        instead_of: Option<&str>,
        provenance: Provenance,
    ) -> Result<Seen, Fault> {
        let Some(user) = self.by_login(login).await? else { return Ok(Seen::Absent) };
        if instead_of == Some(user.id.as_str()) {
            return Ok(Seen::Absent);
        }
        let (holds, who) = match provenance {
            Provenance::Ours => (true, ""),
            Provenance::PerhapsOurs => (
                convert::covers(wanted, &user.profile),
                "and not as planned: it was changed or created outside of this request",
            ),
            Provenance::NotOurs => (false, "and this request is not known to have created it"),
        };
        if holds {
            return Ok(Seen::Holds(Facts::from([(facts::USER_ID.to_owned(), user.id)])));
        }
        Ok(Seen::Blocked(
            Problem::human("user_stands", format!("The user {} exists, {who}.", code(login)))
                .hint("Compare it with this plan in the admin website, then retry or cancel."),
        ))
    }

    async fn delete_user(&self, user_id: &str) -> Tried {
        let sent = once!(self, "DeleteUser", delete_user.user_id(user_id)).await;
        acted(sent, OnNotFound::Fine)
    }

    async fn create_user(&self, key: StepKey, login: &str, profile: &Profile, password: &Password) -> Tried {
        // Users of one sheet are created side by side, and the sheet is open as long as one of them is on its way.
        let mut open = None;
        let vault = self.vault().map_err(Fault::Refused);
        let password = match password {
            // Sealed on disk before it is sent, so a crash cannot leave a user whose password no one can learn.
            Password::Sealed => Some(vault?.temporary_password(key.request).await.map_err(Fault::Refused)?),
            Password::Forgotten => Some(vault?.forgotten_password().await.map_err(Fault::Refused)?),
            Password::OfFile { file, row, encoding } => {
                let sheet = self.sheet(file, encoding.as_deref()).await.map_err(Fault::Refused)?;
                let sheet = open.insert(sheet);
                Some(password_of(sheet, *row).map_err(Fault::Refused)?)
            }
            Password::Elsewhere => None,
        };
        let configs = Configs::of(&profile.settings).map_err(not_built)?;
        let security: Vec<String> = profile.security_profiles.iter().map(|named| named.id.clone()).collect();
        let tags = convert::tags_out(&profile.tags);
        let caller = self.caller.as_ref();
        let sent = caller
            .once(
                "CreateUser",
                || {
                    let request = caller
                        .client
                        .create_user()
                        .instance_id(&caller.instance_id)
                        .username(login)
                        .set_password(password.as_ref().map(|password| password.show().to_owned()))
                        .identity_info(convert::identity_out(&profile.identity))
                        .set_security_profile_ids(Some(security.clone()))
                        .routing_profile_id(&profile.routing_profile.id)
                        .set_hierarchy_group_id(
                            profile.hierarchy_group.as_ref().map(|group| group.id.clone()),
                        )
                        .set_directory_user_id(profile.directory_user_id.clone())
                        .set_tags(std::clone::Clone::clone(&tags));
                    with_configs!(request, configs).customize().mutate_request(body::state_zeros).send()
                },
                |made| text(made.user_id),
            )
            .await;
        acted(sent, OnNotFound::Refused)
    }

    /// The sheet that is kept under this name. Other steps that have it open share it; no one keeps it longer than that.
    async fn sheet(&self, file: &str, encoding: Option<&str>) -> Result<Arc<Sheet>, Problem> {
        let wanted = format!("{file} {}", encoding.unwrap_or_default());
        let mut open = self.sheet.lock().await;
        if let (name, Some(sheet)) = (&open.0, open.1.upgrade())
            && *name == wanted
        {
            return Ok(sheet);
        }
        let bytes = self.vault()?.file(file).await?.ok_or_else(file_gone)?;
        let sheet = Arc::new(sheet::read_some(&bytes, encoding)?);
        *open = (wanted, Arc::downgrade(&sheet));
        Ok(sheet)
    }

    /// Sets a field of a user. What is remembered of the user ends with it: times of change are too coarse to tell.
    pub(in crate::systems::connect) async fn set_field(
        &self,
        login: &str,
        user_id: &str,
        field: &UserField,
    ) -> Tried {
        let (clock, written) = (&self.caller.clock, &self.directory.written);
        let sent = clock.now();
        let tried = self.send_field(login, user_id, field).await;
        self.directory.users.lock().unwrap_or_else(PoisonError::into_inner).remove(user_id);
        match &tried {
            Ok(_) => written.learn(user_id, field, sent, clock.monotonic(), self.caller.patience.visible),
            Err(Fault::Unknown(_)) => written.forget(user_id, field),
            Err(_) => {}
        }
        tried
    }

    /// One call for each field of a user, but for tags, which are set and taken off by different ones.
    async fn send_field(&self, login: &str, user_id: &str, field: &UserField) -> Tried {
        let sent = match field {
            UserField::Identity(identity) => {
                let info = convert::identity_out(identity);
                once!(
                    self,
                    "UpdateUserIdentityInfo",
                    update_user_identity_info.user_id(user_id).identity_info(info.clone())
                )
                .await
            }
            UserField::RoutingProfile(profile) => {
                once!(
                    self,
                    "UpdateUserRoutingProfile",
                    update_user_routing_profile.user_id(user_id).routing_profile_id(&profile.id)
                )
                .await
            }
            UserField::SecurityProfiles(profiles) => {
                let ids: Vec<String> = profiles.iter().map(|profile| profile.id.clone()).collect();
                once!(
                    self,
                    "UpdateUserSecurityProfiles",
                    update_user_security_profiles
                        .user_id(user_id)
                        .set_security_profile_ids(Some(ids.clone()))
                )
                .await
            }
            UserField::HierarchyGroup(group) => {
                let id = match group {
                    Some(group) => Some(self.group_id(group).await?),
                    None => None,
                };
                once!(
                    self,
                    "UpdateUserHierarchy",
                    update_user_hierarchy.user_id(user_id).set_hierarchy_group_id(id.clone())
                )
                .await
            }
            UserField::Settings(settings) => {
                let configs = Configs::of(settings).map_err(not_built)?;
                let caller = self.caller.as_ref();
                let update = || {
                    let update = caller.client.update_user_config().instance_id(&caller.instance_id);
                    let update = with_configs!(update.user_id(user_id), configs);
                    update.customize().mutate_request(body::state_zeros).send()
                };
                caller.once("UpdateUserConfig", update, |_| Some(())).await
            }
            UserField::Tags(tags) => return self.set_tags(login, user_id, tags).await,
        };
        acted(sent, OnNotFound::Refused)
    }

    async fn set_tags(&self, login: &str, user_id: &str, tags: &BTreeMap<String, Option<String>>) -> Tried {
        let user = self.describe(user_id).await.map_err(unread)?;
        let user = user.ok_or_else(|| Fault::Refused(gone(login)))?;
        let existing = &user.profile.tags;
        let set: HashMap<String, String> = tags
            .iter()
            .filter_map(|(key, value)| value.clone().map(|value| (key.clone(), value)))
            .filter(|(key, value)| existing.get(key) != Some(value))
            .collect();
        let off: Vec<String> = tags
            .iter()
            .filter(|(key, value)| value.is_none() && existing.contains_key(*key))
            .map(|(key, _)| key.clone())
            .collect();
        let caller = self.caller.as_ref();
        let mut changed_before = false;
        if !set.is_empty() {
            let sent = caller
                .once(
                    "TagResource",
                    || {
                        caller
                            .client
                            .tag_resource()
                            .resource_arn(&user.arn)
                            .set_tags(Some(set.clone()))
                            .send()
                    },
                    |_| Some(()),
                )
                .await;
            acted(sent, OnNotFound::Refused)?;
            changed_before = true;
        }
        if !off.is_empty() {
            let sent = caller
                .once(
                    "UntagResource",
                    || {
                        let untag = caller.client.untag_resource().resource_arn(&user.arn);
                        untag.set_tag_keys(Some(off.clone())).send()
                    },
                    |_| Some(()),
                )
                .await;
            return further(changed_before, acted(sent, OnNotFound::Refused));
        }
        Ok(Acted::Acknowledged(System::AMAZON_CONNECT))
    }

    /// Brings the list to what is wanted with as few calls as that takes.
    async fn set_proficiencies(&self, login: &str, wanted: &[Proficiency]) -> Tried {
        let user = self.user_now(login).await?;
        let existing = self.proficiencies_of(&user.id).await.map_err(unread)?;
        let same = |a: &Proficiency, b: &Proficiency| a.attribute == b.attribute && a.value == b.value;
        let mut gone = Vec::new();
        for old in existing.iter().filter(|old| !wanted.iter().any(|new| same(old, new))) {
            gone.push(
                sdk::UserProficiencyDisassociate::builder()
                    .attribute_name(&old.attribute)
                    .attribute_value(&old.value)
                    .build()
                    .map_err(not_built)?,
            );
        }
        let mut added = Vec::new();
        let mut changed = Vec::new();
        for new in wanted {
            let item = sdk::UserProficiency::builder()
                .attribute_name(&new.attribute)
                .attribute_value(&new.value)
                .level(new.level)
                .build()
                .map_err(not_built)?;
            match existing.iter().find(|old| same(old, new)) {
                None => added.push(item),
                Some(old) if old.level != new.level => changed.push(item),
                Some(_) => {}
            }
        }
        let mut changed_before = false;
        if !gone.is_empty() {
            let sent = once!(
                self,
                "DisassociateUserProficiencies",
                disassociate_user_proficiencies.user_id(&user.id).set_user_proficiencies(Some(gone.clone()))
            )
            .await;
            acted(sent, OnNotFound::NotYet)?;
            changed_before = true;
        }
        if !added.is_empty() {
            let sent = once!(
                self,
                "AssociateUserProficiencies",
                associate_user_proficiencies.user_id(&user.id).set_user_proficiencies(Some(added.clone()))
            )
            .await;
            further(changed_before, acted(sent, OnNotFound::NotYet))?;
            changed_before = true;
        }
        if !changed.is_empty() {
            let sent = once!(
                self,
                "UpdateUserProficiencies",
                update_user_proficiencies.user_id(&user.id).set_user_proficiencies(Some(changed.clone()))
            )
            .await;
            return further(changed_before, acted(sent, OnNotFound::NotYet));
        }
        Ok(Acted::Acknowledged(System::AMAZON_CONNECT))
    }
}

/// The password in a row of a sheet that came with the request.
fn password_of(sheet: &Sheet, row: usize) -> Result<Secret, Problem> {
    let row = sheet.rows.iter().find(|known| known.number == row);
    let password = row.and_then(|row| row.password.as_ref()).ok_or_else(file_gone)?;
    Ok(Secret::new(password.expose_secret().to_owned()))
}

fn file_gone() -> Problem {
    Problem::requester("file_gone", "The file with the users' passwords has expired and was destroyed.")
        .hint("Attach it to a new request.")
}

fn gone(login: &str) -> Problem {
    Problem::human("user_gone", format!("The user {} no longer exists, so it can't be changed.", code(login)))
        .hint("Look for it with `/connect find`. If it has a new id, make a new request.")
}

fn not_ours(login: &str) -> Problem {
    Problem::human(
        "user_stands",
        format!("The user {} is not as it was created. Someone changed or recreated it.", code(login)),
    )
    .hint("Check it in the admin website, and remove it with `/connect remove` if it isn't needed.")
}

fn same_proficiencies(a: &[Proficiency], b: &[Proficiency]) -> bool {
    let key = |list: &[Proficiency]| {
        let mut keys: Vec<(String, String, u32)> =
            list.iter().map(|p| (p.attribute.clone(), p.value.clone(), p.level.to_bits())).collect();
        keys.sort();
        keys
    };
    key(a) == key(b)
}
