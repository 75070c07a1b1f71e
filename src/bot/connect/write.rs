//! The writing half: an effect is brought about, and counts as done when it can be seen. One side of a user counts as set
//! when the service says so: to look each time would cost as many calls again, and bulk edits wait for nothing else.
//!
//! After any doubtful answer the adapter looks before it acts (`crate::apply`). What is not there yet may still be on its way,
//! so a look that finds nothing is followed by another call only where calling twice is the same as once, or where the service
//! refuses the second (a login or a quick connect's name is taken).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::Problem;
use desk_core::basics::secret::Secret;
use desk_core::basics::text::code;
use desk_core::center::{Proficiency, Profile, User};
use desk_core::formats::sheet::{self, Sheet};
use desk_core::plan::{Attempt, Executor, Failure, StepKey};
use desk_core::plan::{Effect, Password};
use desk_core::user::UserField;
use secrecy::ExposeSecret as _;
use tokio::task::JoinSet;

use super::call::{Fault, text};
use super::convert::{self, Configs};
use super::{Connect, body};
use crate::apply::{self, Change, Facts, Provenance, Seen, Tried};

/// The password in a row of a sheet that came with the request.
fn password_of(sheet: &Sheet, row: usize) -> Result<Secret, Problem> {
    let row = sheet.rows.iter().find(|known| known.number == row);
    let password = row.and_then(|row| row.password.as_ref()).ok_or_else(file_gone)?;
    Ok(Secret::new(password.expose_secret().to_owned()))
}

fn file_gone() -> Problem {
    Problem::asker("file_gone", "The file with the users' passwords has expired and was destroyed.")
        .hint("Attach it again with a new request.")
}

/// A call of ours that was acknowledged, or what it came to instead.
pub(super) type Sent = Result<(), Tried>;

/// One step in the contact center.
struct Step<'a> {
    connect: &'a Connect,
    key: StepKey,
    effect: &'a Effect,
}

#[async_trait]
impl Change for Step<'_> {
    async fn act(&self) -> Tried {
        match self.connect.act(self.key, self.effect).await {
            // One side of a user is set whole, and no later step reads it: the service's word is enough.
            Ok(()) if matches!(self.effect, Effect::UserHas { .. }) => Tried::Done(Facts::new()),
            Ok(()) => Tried::Acknowledged,
            Err(tried) => tried,
        }
    }

    async fn look(&self, provenance: Provenance) -> Result<Seen, Problem> {
        self.connect.look(self.effect, provenance).await.map_err(Fault::problem)
    }
}

#[async_trait]
impl Executor for Connect {
    /// On a task of its own, so that calls go on and the quota is spent while the saga writes its lines. A caller that goes
    /// away ends it, as it would without the task.
    async fn apply(&self, key: StepKey, attempt: Attempt, effect: &Effect) -> Result<Facts, Failure> {
        let (connect, effect) = (self.clone(), effect.clone());
        let mut task = JoinSet::new();
        task.spawn(async move { connect.brought_about(key, attempt, &effect).await });
        match task.join_next().await {
            Some(Ok(came)) => came,
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            _ => Err(Failure::Unknown(
                Problem::operator("stopped", "The desk stopped while this was on its way.")
                    .hint("Start it again."),
            )),
        }
    }
}

impl Connect {
    async fn brought_about(&self, key: StepKey, attempt: Attempt, effect: &Effect) -> Result<Facts, Failure> {
        if let Effect::UsersRead { users } = effect {
            return self.read_users(key, users).await;
        }
        apply::apply(&Step { connect: self, key, effect }, attempt, &self.caller.patience).await
    }

    /// Whether the effect holds, and where something else is in its place, that it must not be touched.
    async fn look(&self, effect: &Effect, provenance: Provenance) -> Result<Seen, Fault> {
        let holds = |holds: bool| if holds { Seen::Holds(Facts::new()) } else { Seen::Absent };
        // What takes several calls may be there in part.
        let holds_whole = |holds: bool| if holds { Seen::Holds(Facts::new()) } else { Seen::Unclear };
        match effect {
            Effect::UserAbsent { login, user_id } => {
                let gone = self.describe(user_id).await?.is_none();
                if gone {
                    self.learns.no_user(login);
                }
                Ok(holds(gone))
            }
            Effect::UserPresent { login, profile, instead_of, .. } => {
                self.look_for_user(login, profile, instead_of.as_deref(), provenance).await
            }
            Effect::NewUserAbsent { login, profile } => match self.by_login(login).await? {
                None => Ok(Seen::Holds(Facts::new())),
                Some(user) if convert::covers(profile, &user.profile) => Ok(Seen::Absent),
                Some(_) => Ok(Seen::Blocked(not_ours(login))),
            },
            Effect::UserHas { login, user_id, facet } => match (self.describe(user_id).await?, facet) {
                (Some(user), UserField::Tags(_)) => Ok(holds_whole(convert::has(&user.profile, facet))),
                (Some(user), _) => Ok(holds(convert::has(&user.profile, facet))),
                (None, _) => Ok(Seen::Gone(gone(login))),
            },
            Effect::ProficienciesAre { login, proficiencies } => {
                let Some(user) = self.by_login(login).await? else { return Ok(Seen::Absent) };
                Ok(holds_whole(same_proficiencies(&self.proficiencies_of(&user.id).await?, proficiencies)))
            }
            Effect::QuickConnectAbsent { id, .. } => Ok(holds(self.quick_connect(id).await?.is_none())),
            Effect::QuickConnectPresent { name, login, .. } => {
                let Some(user) = self.by_login(login).await? else { return Ok(Seen::Absent) };
                let named = self.quick_connects_named(name).await?;
                match named.iter().find(|(_, leads_to)| *leads_to == user.id) {
                    Some((found, _)) => {
                        Ok(Seen::Holds(Facts::from([(format!("quick connect {name}"), found.id.clone())])))
                    }
                    None => Ok(Seen::Absent),
                }
            }
            Effect::QueueOffers { queue_id, quick_connect, .. } => {
                let offered = self.queue_offers(queue_id).await?;
                let named = self.quick_connects_named(quick_connect).await?;
                Ok(holds(named.iter().any(|(found, _)| offered.contains(&found.id))))
            }
            Effect::QueueOffersNot { queue_id, quick_connect_id, .. } => {
                Ok(holds(!self.queue_offers(queue_id).await?.contains(quick_connect_id)))
            }
            // Nothing in the contact center shows it; the person's word in the log does.
            Effect::DoneByHand { .. }
            | Effect::Frozen { .. }
            | Effect::FactorAbsent { .. }
            | Effect::RequestQuarantined { .. }
            | Effect::EmailSent(_)
            | Effect::DirectoryPassword { .. }
            | Effect::UsersRead { .. } => Ok(Seen::Unclear),
        }
    }

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
                "but not as it was to be: somebody changed it or was quicker",
            ),
            Provenance::NotOurs => (false, "made by somebody else in the meantime"),
        };
        if holds {
            return Ok(Seen::Holds(Facts::from([("user id".to_owned(), user.id)])));
        }
        Ok(Seen::Blocked(
            Problem::human("user_stands", format!("There is a user {} again, {who}.", code(login)))
                .hint("Compare it with this plan in the admin website, and give up or try again."),
        ))
    }

    async fn quick_connect(&self, id: &str) -> Result<Option<sdk::QuickConnect>, Fault> {
        let caller = self.caller.as_ref();
        let output = caller
            .read(
                "DescribeQuickConnect",
                || {
                    let describe = caller.client.describe_quick_connect();
                    describe.instance_id(&caller.instance_id).quick_connect_id(id).send()
                },
                |output| output.quick_connect,
            )
            .await;
        match output {
            Ok(found) => Ok(Some(found)),
            Err(Fault::NotFound(_)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Makes the calls that bring the effect about.
    async fn act(&self, key: StepKey, effect: &Effect) -> Sent {
        match effect {
            Effect::UserAbsent { user_id, .. } => self.delete_user(user_id).await,
            Effect::UserPresent { login, profile, password, .. } => {
                self.create_user(key, login, profile, password).await
            }
            Effect::NewUserAbsent { login, profile } => match self.by_login(login).await.map_err(unread)? {
                None => Ok(()),
                Some(user) if convert::covers(profile, &user.profile) => self.delete_user(&user.id).await,
                Some(_) => Err(Tried::Refused(not_ours(login))),
            },
            Effect::UserHas { login, user_id, facet } => self.set_facet(login, user_id, facet).await,
            Effect::ProficienciesAre { login, proficiencies } => {
                self.set_proficiencies(login, proficiencies).await
            }
            Effect::QuickConnectAbsent { id, .. } => {
                let caller = self.caller.as_ref();
                let sent = caller
                    .once(
                        "DeleteQuickConnect",
                        || {
                            caller
                                .client
                                .delete_quick_connect()
                                .instance_id(&caller.instance_id)
                                .quick_connect_id(id)
                                .send()
                        },
                        |_| Some(()),
                    )
                    .await;
                acted(sent, OnNotFound::Fine)
            }
            Effect::QuickConnectPresent { name, description, login, contact_flow_id, tags } => {
                let user = self.user_now(login).await?;
                let config = sdk::UserQuickConnectConfig::builder()
                    .user_id(&user.id)
                    .contact_flow_id(contact_flow_id)
                    .build()
                    .map_err(not_built)?;
                let config = sdk::QuickConnectConfig::builder()
                    .quick_connect_type(sdk::QuickConnectType::User)
                    .user_config(config)
                    .build()
                    .map_err(not_built)?;
                let tags = (!tags.is_empty()).then(|| tags.clone().into_iter().collect());
                let caller = self.caller.as_ref();
                let sent = caller
                    .once(
                        "CreateQuickConnect",
                        || {
                            caller
                                .client
                                .create_quick_connect()
                                .instance_id(&caller.instance_id)
                                .name(name)
                                .set_description(description.clone())
                                .quick_connect_config(config.clone())
                                .set_tags(std::clone::Clone::clone(&tags))
                                .send()
                        },
                        |made| text(made.quick_connect_id),
                    )
                    .await;
                acted(sent, OnNotFound::NotYet)
            }
            Effect::QueueOffers { queue_id, quick_connect, .. } => {
                let named = self.quick_connects_named(quick_connect).await.map_err(unread)?;
                let Some((found, _)) = named.first() else {
                    return Err(Tried::NotYet(missing("quick connect", quick_connect)));
                };
                let caller = self.caller.as_ref();
                let sent = caller
                    .once(
                        "AssociateQueueQuickConnects",
                        || {
                            caller
                                .client
                                .associate_queue_quick_connects()
                                .instance_id(&caller.instance_id)
                                .queue_id(queue_id)
                                .quick_connect_ids(&found.id)
                                .send()
                        },
                        |_| Some(()),
                    )
                    .await;
                acted(sent, OnNotFound::NotYet)
            }
            Effect::QueueOffersNot { queue_id, quick_connect_id, .. } => {
                let caller = self.caller.as_ref();
                let sent = caller
                    .once(
                        "DisassociateQueueQuickConnects",
                        || {
                            caller
                                .client
                                .disassociate_queue_quick_connects()
                                .instance_id(&caller.instance_id)
                                .queue_id(queue_id)
                                .quick_connect_ids(quick_connect_id)
                                .send()
                        },
                        |_| Some(()),
                    )
                    .await;
                acted(sent, OnNotFound::Fine)
            }
            Effect::DoneByHand { .. }
            | Effect::Frozen { .. }
            | Effect::FactorAbsent { .. }
            | Effect::RequestQuarantined { .. }
            | Effect::EmailSent(_)
            | Effect::DirectoryPassword { .. }
            | Effect::UsersRead { .. } => Err(Tried::Refused(
                Problem::operator("other_hands", "A step that is none of the contact center's came to it.")
                    .hint("Report this as a fault of connect-desk."),
            )),
        }
    }

    /// The user under the login, or what its absence means for a step that needs it: it may not be visible yet.
    async fn user_now(&self, login: &str) -> Result<User, Tried> {
        let user = self.by_login(login).await.map_err(unread)?;
        user.ok_or_else(|| Tried::NotYet(missing("user", login)))
    }

    async fn delete_user(&self, user_id: &str) -> Sent {
        let caller = self.caller.as_ref();
        let sent = caller
            .once(
                "DeleteUser",
                || caller.client.delete_user().instance_id(&caller.instance_id).user_id(user_id).send(),
                |_| Some(()),
            )
            .await;
        acted(sent, OnNotFound::Fine)
    }

    async fn create_user(&self, key: StepKey, login: &str, profile: &Profile, password: &Password) -> Sent {
        // Users of one sheet are created side by side, and the sheet is open as long as one of them is on its way.
        let mut open = None;
        let password = match password {
            // Sealed on disk before it is sent, so a crash cannot leave a user whose password nobody can learn.
            Password::Sealed => {
                Some(self.vault.temporary_password(key.request).await.map_err(Tried::Refused)?)
            }
            Password::Forgotten => Some(self.vault.forgotten_password().await.map_err(Tried::Refused)?),
            Password::OfFile { file, row } => {
                let sheet = open.insert(self.sheet(file).await.map_err(Tried::Refused)?);
                Some(password_of(sheet, *row).map_err(Tried::Refused)?)
            }
            Password::Elsewhere => None,
        };
        let configs = Configs::of(&profile.settings).map_err(not_built)?;
        let security: Vec<String> = profile.security_profiles.iter().map(|named| named.id.clone()).collect();
        let tags = (!profile.tags.is_empty()).then(|| profile.tags.clone().into_iter().collect());
        let caller = self.caller.as_ref();
        let sent = caller
            .once(
                "CreateUser",
                || {
                    caller
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
                        .set_auto_accept_configs(configs.auto_accept.clone())
                        .set_after_contact_work_configs(configs.after_contact_work.clone())
                        .set_phone_number_configs(configs.phone_number.clone())
                        .set_persistent_connection_configs(configs.persistent_connection.clone())
                        .set_voice_enhancement_configs(configs.voice_enhancement.clone())
                        .set_tags(std::clone::Clone::clone(&tags))
                        .customize()
                        .mutate_request(body::state_zeros)
                        .send()
                },
                |made| text(made.user_id),
            )
            .await;
        acted(sent, OnNotFound::Refused)
    }

    /// The sheet that is kept under this name. Whoever else has it open shares it; nobody keeps it longer than that.
    async fn sheet(&self, file: &str) -> Result<Arc<Sheet>, Problem> {
        let mut open = self.sheet.lock().await;
        if let (name, Some(sheet)) = (&open.0, open.1.upgrade())
            && name == file
        {
            return Ok(sheet);
        }
        let bytes = self.vault.file(file).await?.ok_or_else(file_gone)?;
        let sheet = Arc::new(sheet::read(&bytes)?);
        *open = (file.to_owned(), Arc::downgrade(&sheet));
        Ok(sheet)
    }

    /// One call for each side of a user, but for tags, which are set and taken off by different ones.
    pub(super) async fn set_facet(&self, login: &str, user_id: &str, facet: &UserField) -> Sent {
        let caller = self.caller.as_ref();
        let (client, instance) = (&caller.client, &caller.instance_id);
        match facet {
            UserField::Identity(identity) => {
                let info = convert::identity_out(identity);
                let sent = caller
                    .once(
                        "UpdateUserIdentityInfo",
                        || {
                            let update =
                                client.update_user_identity_info().instance_id(instance).user_id(user_id);
                            update.identity_info(info.clone()).send()
                        },
                        |_| Some(()),
                    )
                    .await;
                acted(sent, OnNotFound::Refused)
            }
            UserField::RoutingProfile(profile) => {
                let sent = caller
                    .once(
                        "UpdateUserRoutingProfile",
                        || {
                            let update =
                                client.update_user_routing_profile().instance_id(instance).user_id(user_id);
                            update.routing_profile_id(&profile.id).send()
                        },
                        |_| Some(()),
                    )
                    .await;
                acted(sent, OnNotFound::Refused)
            }
            UserField::SecurityProfiles(profiles) => {
                let ids: Vec<String> = profiles.iter().map(|profile| profile.id.clone()).collect();
                let sent = caller
                    .once(
                        "UpdateUserSecurityProfiles",
                        || {
                            let update =
                                client.update_user_security_profiles().instance_id(instance).user_id(user_id);
                            update.set_security_profile_ids(Some(ids.clone())).send()
                        },
                        |_| Some(()),
                    )
                    .await;
                acted(sent, OnNotFound::Refused)
            }
            UserField::HierarchyGroup(group) => {
                let sent = caller
                    .once(
                        "UpdateUserHierarchy",
                        || {
                            let update =
                                client.update_user_hierarchy().instance_id(instance).user_id(user_id);
                            update.set_hierarchy_group_id(group.as_ref().map(|group| group.id.clone())).send()
                        },
                        |_| Some(()),
                    )
                    .await;
                acted(sent, OnNotFound::Refused)
            }
            UserField::Settings(settings) => {
                let configs = Configs::of(settings).map_err(not_built)?;
                let sent = caller
                    .once(
                        "UpdateUserConfig",
                        || {
                            client
                                .update_user_config()
                                .instance_id(instance)
                                .user_id(user_id)
                                .set_auto_accept_configs(configs.auto_accept.clone())
                                .set_after_contact_work_configs(configs.after_contact_work.clone())
                                .set_phone_number_configs(configs.phone_number.clone())
                                .set_persistent_connection_configs(configs.persistent_connection.clone())
                                .set_voice_enhancement_configs(configs.voice_enhancement.clone())
                                .customize()
                                .mutate_request(body::state_zeros)
                                .send()
                        },
                        |_| Some(()),
                    )
                    .await;
                acted(sent, OnNotFound::Refused)
            }
            UserField::Tags(tags) => self.set_tags(login, user_id, tags).await,
        }
    }

    async fn set_tags(&self, login: &str, user_id: &str, tags: &BTreeMap<String, Option<String>>) -> Sent {
        let user = self.describe(user_id).await.map_err(unread)?;
        let user = user.ok_or_else(|| Tried::Refused(gone(login)))?;
        let stands = &user.profile.tags;
        let set: HashMap<String, String> = tags
            .iter()
            .filter_map(|(key, value)| value.clone().map(|value| (key.clone(), value)))
            .filter(|(key, value)| stands.get(key) != Some(value))
            .collect();
        let off: Vec<String> = tags
            .iter()
            .filter(|(key, value)| value.is_none() && stands.contains_key(*key))
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
        Ok(())
    }

    /// Brings the list to what is wanted with as few calls as that takes.
    async fn set_proficiencies(&self, login: &str, wanted: &[Proficiency]) -> Sent {
        let user = self.user_now(login).await?;
        let stands = self.proficiencies_of(&user.id).await.map_err(unread)?;
        let same = |a: &Proficiency, b: &Proficiency| a.attribute == b.attribute && a.value == b.value;
        let caller = self.caller.as_ref();
        let mut gone = Vec::new();
        for old in stands.iter().filter(|old| !wanted.iter().any(|new| same(old, new))) {
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
            match stands.iter().find(|old| same(old, new)) {
                None => added.push(item),
                Some(old) if old.level != new.level => changed.push(item),
                Some(_) => {}
            }
        }
        let mut changed_before = false;
        if !gone.is_empty() {
            let sent = caller
                .once(
                    "DisassociateUserProficiencies",
                    || {
                        caller
                            .client
                            .disassociate_user_proficiencies()
                            .instance_id(&caller.instance_id)
                            .user_id(&user.id)
                            .set_user_proficiencies(Some(gone.clone()))
                            .send()
                    },
                    |_| Some(()),
                )
                .await;
            acted(sent, OnNotFound::NotYet)?;
            changed_before = true;
        }
        if !added.is_empty() {
            let sent = caller
                .once(
                    "AssociateUserProficiencies",
                    || {
                        caller
                            .client
                            .associate_user_proficiencies()
                            .instance_id(&caller.instance_id)
                            .user_id(&user.id)
                            .set_user_proficiencies(Some(added.clone()))
                            .send()
                    },
                    |_| Some(()),
                )
                .await;
            further(changed_before, acted(sent, OnNotFound::NotYet))?;
            changed_before = true;
        }
        if !changed.is_empty() {
            let sent = caller
                .once(
                    "UpdateUserProficiencies",
                    || {
                        caller
                            .client
                            .update_user_proficiencies()
                            .instance_id(&caller.instance_id)
                            .user_id(&user.id)
                            .set_user_proficiencies(Some(changed.clone()))
                            .send()
                    },
                    |_| Some(()),
                )
                .await;
            return further(changed_before, acted(sent, OnNotFound::NotYet));
        }
        Ok(())
    }
}

/// What it means for a call that the thing it names does not exist.
#[derive(Clone, Copy)]
enum OnNotFound {
    /// It was to go.
    Fine,
    /// It was made by an earlier step and may not be visible yet.
    NotYet,
    /// A reference of the plan is gone; another call will not bring it back.
    Refused,
}

fn acted<T>(sent: Result<T, Fault>, gone: OnNotFound) -> Sent {
    match (sent, gone) {
        (Ok(_), _) | (Err(Fault::NotFound(_)), OnNotFound::Fine) => Ok(()),
        (Err(Fault::NotFound(problem)), OnNotFound::NotYet) => Err(Tried::NotYet(problem)),
        (Err(Fault::NotFound(problem)), OnNotFound::Refused) => Err(Tried::Refused(problem)),
        (Err(Fault::Duplicate(problem)), _) => Err(Tried::Taken(problem)),
        (Err(Fault::Doubtful(problem)), _) => Err(Tried::Unknown(problem)),
        (Err(Fault::Refused(problem)), _) => Err(Tried::Refused(problem)),
    }
}

/// One more call of an effect that takes several: whatever this one came to, the calls before it changed something.
fn further(changed_before: bool, sent: Sent) -> Sent {
    sent.map_err(|tried| if changed_before { tried.after_a_change() } else { tried })
}

/// A step could not read what it needs: nothing was called, and the next try may succeed.
fn unread(fault: Fault) -> Tried {
    match fault {
        Fault::Refused(problem) => Tried::Refused(problem),
        fault => Tried::NotYet(fault.problem()),
    }
}

fn missing(kind: &str, name: &str) -> Problem {
    Problem::contact_center("not_visible", format!("The {kind} {} cannot be seen (yet).", code(name)))
        .hint("Wait some minutes and try again.")
}

fn gone(login: &str) -> Problem {
    Problem::human("user_gone", format!("The user {} is gone, so nothing of it can be set.", code(login)))
        .hint("Look for it with `/connect find`, and ask again if it stands under another id.")
}

fn not_ours(login: &str) -> Problem {
    Problem::human(
        "user_stands",
        format!("The user {} is not as it was made; somebody changed it or made it anew.", code(login)),
    )
    .hint("Look at it in the admin website, and remove it with `/connect remove` if nobody needs it.")
}

fn not_built(error: aws_smithy_types::error::operation::BuildError) -> Tried {
    tracing::error!(%error, "a request could not be put together");
    Tried::Refused(
        Problem::operator("not_built", "A request to Amazon Connect could not be put together.")
            .hint("The desk's own log has the details; report them as a fault of connect-desk."),
    )
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
