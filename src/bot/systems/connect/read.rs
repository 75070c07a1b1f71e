//! The reading half: users with names beside their ids, and the directory the names come from.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::future::Future;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::Problem;
use desk_core::basics::text;
use desk_core::center::{
    ActiveUser, AgentStatus, Among, ContactCenter, Filter, Found, Instance, Named, Proficiency, Profile,
    QueueNumbers, Snapshot, User, UserName, UserPresence, UsersPage,
};
use futures::future::try_join_all;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::cached::{CachedList, Recent};
use super::call::{absent, read, text};
use super::client::Connect;
use super::convert;
use super::lists::{Listed, Page, all_pages, named, pages};
use crate::systems::apply::Fault;

/// How long a list of names is believed before it is read again. An id that it lacks is looked for immediately.
pub(super) const NAMES_LAST: Duration = Duration::from_secs(60);

/// How long it is believed which statuses are Offline: none is made or removed, and their ids stay when they are renamed.
const STATUSES_LAST: Duration = Duration::from_secs(3600);

/// How long a security profile's permissions are believed: a plan for hundreds of users reads them once or twice, and what
/// is decided on is still what they are at that moment.
const PERMISSIONS_LAST: Duration = Duration::from_secs(5);

/// Users that are read at one time for someone who asks for many.
pub(super) const READS_AT_ONCE: usize = 16;

/// Logins that one search looks for.
const LOGINS_AT_ONCE: usize = 100;

/// The largest page of users that a search gives.
const USERS_A_PAGE: usize = 500;

/// Ids that one search looks for.
const IDS_AT_ONCE: usize = 100;

/// The most logins that are remembered by their ids.
const LOGINS_REMEMBERED: usize = 50_000;

/// Users, queues or routing profiles that one question about who is at work may name.
pub(super) const AT_WORK_AT_ONCE: usize = 100;

/// From so many users on that were read before, it is cheaper to list who was modified since than to read each again.
const WORTH_LISTING: usize = 20;

/// The most users that are compared with words which no name has as they were typed: four pages.
const COMPARED_MAX: usize = 2_000;

/// The most users that are remembered as they were read.
const REMEMBERED: usize = 2_000;

/// Someone who may be at work.
pub(super) struct AtWork {
    pub(super) user_id: String,
    /// Known of anyone who is active.
    routing_profile: Option<String>,
    pub(super) presence: UserPresence,
}

impl AtWork {
    fn of(data: sdk::UserData, offline: &[String]) -> Option<AtWork> {
        let presence = convert::presence(Some(&data), offline);
        let user_id = text(data.user?.id)?;
        let routing_profile = data.routing_profile.and_then(|profile| text(profile.id));
        (routing_profile.is_some() || !presence.active).then_some(AtWork {
            user_id,
            routing_profile,
            presence,
        })
    }
}

/// What DescribeUser promises of every user: an id, an ARN, a login and profiles, and an identity unless a directory keeps it.
/// Of an answer without one of these, nothing that isn't there counts as not set.
struct Described {
    arn: String,
    login: String,
    routing_profile: String,
    security_profiles: Vec<String>,
    user: sdk::User,
}

impl Described {
    fn of(user_id: &str, mut user: sdk::User) -> Option<Described> {
        let is_kept_elsewhere = user.directory_user_id.as_ref().is_some_and(|id| !id.is_empty());
        let is_whole =
            user.id.as_deref() == Some(user_id) && (is_kept_elsewhere || user.identity_info.is_some());
        let described = Described {
            arn: text(user.arn.take())?,
            login: text(user.username.take())?,
            routing_profile: text(user.routing_profile_id.take())?,
            security_profiles: user.security_profile_ids.take().filter(|ids| !ids.is_empty())?,
            user,
        };
        is_whole.then_some(described)
    }
}

/// What a search promises of a user, and the rest of it.
pub(super) struct Summary {
    pub(super) id: String,
    pub(super) login: String,
    pub(super) user: sdk::UserSearchSummary,
}

impl Summary {
    fn all(users: Vec<sdk::UserSearchSummary>) -> Option<Vec<Summary>> {
        let of = |mut user: sdk::UserSearchSummary| {
            Some(Summary { id: text(user.id.take())?, login: text(user.username.take())?, user })
        };
        users.into_iter().map(of).collect()
    }
}

impl Connect {
    /// The names on a shelf, read again when they are old or lack one.
    async fn shelf<F, Names>(
        &self,
        shelf: &CachedList<Named>,
        refresh: bool,
        fetch: F,
    ) -> Result<Arc<Vec<Named>>, Fault>
    where
        F: FnOnce() -> Names,
        Names: Future<Output = Result<Vec<Named>, Fault>>,
    {
        let lasts = if refresh { Duration::ZERO } else { NAMES_LAST };
        self.shelved(shelf, lasts, fetch).await
    }

    /// What is on a shelf, if it was read within this time; several who ask at a time wait for one answer.
    pub(super) async fn shelved<T, F, Read>(
        &self,
        shelf: &CachedList<T>,
        lasts: Duration,
        fetch: F,
    ) -> Result<Arc<Vec<T>>, Fault>
    where
        F: FnOnce() -> Read,
        Read: Future<Output = Result<Vec<T>, Fault>>,
    {
        let mut held = shelf.0.lock().await;
        let now = self.caller.clock.monotonic();
        if let Some((read_at, list)) = held.as_ref()
            && now.saturating_sub(*read_at) < lasts
        {
            return Ok(list.clone());
        }
        let list = Arc::new(fetch().await?);
        *held = Some((now, list.clone()));
        Ok(list)
    }

    pub(super) async fn routing_profile_names(&self, refresh: bool) -> Result<Arc<Vec<Named>>, Fault> {
        self.shelf(&self.directory.routing_profiles, refresh, || {
            all_pages!(
                self,
                "ListRoutingProfiles",
                list_routing_profiles,
                1000,
                routing_profile_summary_list,
                |one| named(one.id, one.name)
            )
        })
        .await
    }

    pub(super) async fn security_profile_names(&self, refresh: bool) -> Result<Arc<Vec<Named>>, Fault> {
        self.shelf(&self.directory.security_profiles, refresh, || {
            all_pages!(
                self,
                "ListSecurityProfiles",
                list_security_profiles,
                1000,
                security_profile_summary_list,
                |one| named(one.id, one.name)
            )
        })
        .await
    }

    pub(super) async fn hierarchy_group_names(&self, refresh: bool) -> Result<Arc<Vec<Named>>, Fault> {
        self.shelf(&self.directory.hierarchy_groups, refresh, || {
            all_pages!(
                self,
                "ListUserHierarchyGroups",
                list_user_hierarchy_groups,
                1000,
                user_hierarchy_group_summary_list,
                |one| named(one.id, one.name)
            )
        })
        .await
    }

    /// The ids of the statuses of the type OFFLINE; they may be called anything.
    async fn offline_statuses(&self) -> Result<Arc<Vec<Named>>, Fault> {
        self.shelved(&self.directory.offline_statuses, STATUSES_LAST, || {
            all_pages!(
                self,
                "ListAgentStatuses",
                list_agent_statuses.agent_status_types(sdk::AgentStatusType::Offline),
                1000,
                agent_status_summary_list,
                |one| named(one.id, one.name)
            )
        })
        .await
    }

    /// Every status by its name, as it is now.
    pub(super) async fn status_names(&self) -> Result<Vec<Named>, Fault> {
        all_pages!(self, "ListAgentStatuses", list_agent_statuses, 1000, agent_status_summary_list, |one| {
            named(one.id, one.name)
        })
        .await
    }

    async fn offline_ids(&self) -> Result<Vec<String>, Fault> {
        Ok(self.offline_statuses().await?.iter().map(|status| status.id.clone()).collect())
    }

    /// Everyone who is at work; botocore has no paginator for them.
    pub(super) async fn current_user_data(
        &self,
        filters: sdk::UserDataFilters,
    ) -> Result<Vec<AtWork>, Fault> {
        let offline = self.offline_ids().await?;
        all_pages!(
            self,
            "GetCurrentUserData",
            get_current_user_data.filters(filters.clone()),
            100,
            user_data_list,
            |one| AtWork::of(one, &offline)
        )
        .await
    }

    /// Gives each id its name; a list that lacks one is read again, and what no one knows keeps its id as its name.
    async fn named<F, Names>(&self, ids: &[String], names: F) -> Result<Vec<Named>, Fault>
    where
        F: Fn(bool) -> Names,
        Names: Future<Output = Result<Arc<Vec<Named>>, Fault>>,
    {
        let mut known = names(false).await?;
        if ids.iter().any(|id| !known.iter().any(|named| named.id == *id)) {
            known = names(true).await?;
        }
        Ok(ids
            .iter()
            .map(|id| {
                let named = known.iter().find(|named| named.id == *id).cloned();
                named.unwrap_or_else(|| Named { id: id.clone(), name: id.clone() })
            })
            .collect())
    }

    /// The user with this id, or nothing; with everything that the desk has set lately, which reads may be slow to show.
    pub(super) async fn describe(&self, user_id: &str) -> Result<Option<User>, Fault> {
        let visible = self.caller.patience.visible;
        let mut pauses = self.caller.pauses(visible);
        loop {
            let user = self.described(user_id).await?;
            let now = self.caller.clock.monotonic();
            if self.directory.written.is_in(user_id, user.as_ref(), now, visible) || !pauses.pause().await {
                return Ok(user);
            }
        }
    }

    /// As one read shows it.
    async fn described(&self, user_id: &str) -> Result<Option<User>, Fault> {
        let described = read!(self, "DescribeUser", describe_user.user_id(user_id), |output| {
            Described::of(user_id, output.user?)
        });
        match absent(described.await)? {
            Some(user) => self.with_names(user_id, user).await.map(Some),
            None => Ok(None),
        }
    }

    /// Many users at a time. Those that were read a while ago and not modified since are not read again.
    pub(super) async fn describe_all(&self, ids: &BTreeSet<String>) -> Result<Vec<Option<User>>, Fault> {
        let mut known = self.unmodified(ids).await?;
        // Few at one time, because other people's calls wait in the same queue.
        let reads: Vec<_> =
            ids.iter().filter(|id| !known.contains_key(*id)).map(|id| self.describe(id)).collect();
        let read: Vec<Option<User>> = stream::iter(reads).buffered(READS_AT_ONCE).try_collect().await?;
        if ids.len() >= WORTH_LISTING {
            let mut users = self.directory.users.lock().unwrap_or_else(PoisonError::into_inner);
            if users.len() + read.len() > REMEMBERED {
                users.clear();
            }
            users.extend(read.iter().flatten().map(|user| (user.id.clone(), user.clone())));
        }
        let mut all = read;
        all.extend(std::mem::take(&mut known).into_values().map(Some));
        all.sort_by(|a, b| {
            let id = |user: &Option<User>| user.as_ref().map(|user| user.id.clone());
            id(a).cmp(&id(b))
        });
        Ok(all)
    }

    /// Those of these users that are remembered and were not modified since, by ListUsers, which gives a thousand at a time.
    async fn unmodified(&self, ids: &BTreeSet<String>) -> Result<HashMap<String, User>, Fault> {
        let remembered: HashMap<String, User> = {
            let users = self.directory.users.lock().unwrap_or_else(PoisonError::into_inner);
            let ids = ids.iter().filter(|id| !self.directory.written.is_awaited(id));
            ids.filter_map(|id| users.get(id).map(|user| (id.clone(), user.clone()))).collect()
        };
        let mut unmodified = HashMap::new();
        if remembered.len() < WORTH_LISTING {
            return Ok(unmodified);
        }
        let caller = self.caller.as_ref();
        let list = pages(
            caller,
            "ListUsers",
            |token| {
                let list = caller.client.list_users().instance_id(&caller.instance_id);
                list.max_results(1_000).set_next_token(token).send()
            },
            |page| Some(Page { items: page.user_summary_list?, next: page.next_token, total: None }),
            // A page costs a call as a read does, so the list is left where it costs more than it saves.
            |read| read.pages >= remembered.len() / 2,
        );
        for summary in list.await?.items {
            let Some(user) = summary.id.as_ref().and_then(|id| remembered.get(id)) else { continue };
            let modified = summary.last_modified_time.as_ref().and_then(convert::timestamp);
            if modified.is_some() && modified == user.modified {
                unmodified.insert(user.id.clone(), user.clone());
            }
        }
        Ok(unmodified)
    }

    async fn with_names(&self, user_id: &str, described: Described) -> Result<User, Fault> {
        let Described { arn, login, routing_profile, security_profiles, user } = described;
        let settings = convert::settings(&user);
        let routing = self
            .named(std::slice::from_ref(&routing_profile), |refresh| self.routing_profile_names(refresh))
            .await?;
        let mut security =
            self.named(&security_profiles, |refresh| self.security_profile_names(refresh)).await?;
        security.sort_by(|a, b| a.name.cmp(&b.name));
        let hierarchy_group = match user.hierarchy_group_id.as_deref().filter(|id| !id.is_empty()) {
            Some(id) => Some(self.path_of(id).await?),
            None => None,
        };
        let unnamed = Named { id: routing_profile.clone(), name: routing_profile };
        Ok(User {
            id: user_id.to_owned(),
            arn,
            login,
            profile: Profile {
                identity: convert::identity(user.identity_info.as_ref()),
                routing_profile: routing.into_iter().next().unwrap_or(unnamed),
                security_profiles: security,
                hierarchy_group,
                settings,
                tags: convert::tags(user.tags.as_ref()),
                directory_user_id: text(user.directory_user_id),
            },
            modified: user.last_modified_time.as_ref().and_then(convert::timestamp),
        })
    }

    /// The user with exactly this login, found by search and read by id.
    pub(super) async fn by_login(&self, login: &str) -> Result<Option<User>, Fault> {
        let condition = string("Username", login, sdk::StringComparisonType::Exact);
        let criteria = sdk::UserSearchCriteria::builder().string_condition(condition).build();
        let (users, _) = self.search_page(criteria, None, 10).await?;
        let id = users.into_iter().find(|user| user.login == login).map(|user| user.id);
        let user = match id {
            // A search may still show a user that is gone, or under a login it no longer has.
            Some(id) => self.describe(&id).await?.filter(|user| user.login == login),
            None => None,
        };
        if let Some(learner) = &self.learner {
            let name = user.as_ref().map(|user| user.profile.identity.full_name());
            learner.learn(login, name.as_deref());
        }
        Ok(user)
    }

    /// At most `limit` users in as many pages as that takes, and how many there are.
    async fn search_page(
        &self,
        criteria: sdk::UserSearchCriteria,
        filter: Option<sdk::UserSearchFilter>,
        limit: usize,
    ) -> Result<(Vec<Summary>, usize), Fault> {
        let size = limit.clamp(1, USERS_A_PAGE);
        let mut found =
            self.search_until(Some(criteria), filter, size, |read| read.items.len() >= limit).await?;
        let total = found.total.unwrap_or_default().max(found.items.len());
        found.items.truncate(limit);
        Ok((found.items, total))
    }

    /// Users who match one of these, and how many there are.
    async fn any_of(&self, any_of: Vec<sdk::UserSearchCriteria>) -> Result<(Vec<Summary>, usize), Fault> {
        let criteria = sdk::UserSearchCriteria::builder().set_or_conditions(Some(any_of)).build();
        self.search_page(criteria, None, RESEMBLING_MAX).await
    }

    /// Pages of users, to the last or until what was read is enough.
    async fn search_until(
        &self,
        criteria: Option<sdk::UserSearchCriteria>,
        filter: Option<sdk::UserSearchFilter>,
        size: usize,
        enough: impl Fn(&Listed<Summary>) -> bool,
    ) -> Result<Listed<Summary>, Fault> {
        let caller = self.caller.as_ref();
        let criteria = criteria.filter(|criteria| *criteria != sdk::UserSearchCriteria::builder().build());
        let size = i32::try_from(size).unwrap_or(i32::MAX);
        pages(
            caller,
            "SearchUsers",
            |token| {
                let search = caller.client.search_users().instance_id(&caller.instance_id);
                let search = search.set_search_filter(filter.clone()).set_search_criteria(criteria.clone());
                search.max_results(size).set_next_token(token).send()
            },
            |output| {
                let total = output.approximate_total_count.and_then(|total| usize::try_from(total).ok());
                Some(Page { items: Summary::all(output.users?)?, next: output.next_token, total })
            },
            enough,
        )
        .await
    }

    pub(super) async fn standard_queues(&self) -> Result<Vec<Named>, Fault> {
        all_pages!(
            self,
            "ListQueues",
            list_queues.queue_types(sdk::QueueType::Standard),
            1000,
            queue_summary_list,
            |one| named(one.id, one.name)
        )
        .await
    }

    pub(super) async fn quick_connect_names(&self) -> Result<Vec<Named>, Fault> {
        all_pages!(self, "ListQuickConnects", list_quick_connects, 1000, quick_connect_summary_list, |one| {
            named(one.id, one.name)
        })
        .await
    }

    pub(super) async fn proficiencies_of(&self, user_id: &str) -> Result<Vec<Proficiency>, Fault> {
        // Levels begin at 1; the SDK reads an absent one as 0.
        let proficiency = |one: sdk::UserProficiency| {
            Some(Proficiency {
                attribute: text(Some(one.attribute_name))?,
                value: text(Some(one.attribute_value))?,
                level: Some(one.level).filter(|level| *level > 0.0)?,
            })
        };
        let mut all = all_pages!(
            self,
            "ListUserProficiencies",
            list_user_proficiencies.user_id(user_id),
            100,
            user_proficiency_list,
            proficiency
        )
        .await?;
        all.sort_by(|a: &Proficiency, b| (&a.attribute, &a.value).cmp(&(&b.attribute, &b.value)));
        Ok(all)
    }

    /// The instance, as it is now.
    pub(super) async fn read_instance(&self) -> Result<Instance, Problem> {
        let instance = read!(self, "DescribeInstance", describe_instance, |output| output.instance).await;
        convert::instance(instance?).ok_or_else(|| {
            Problem::operator("instance_unknown", "The desk doesn't support the instance's identity type.")
                .hint("Check the instance id in the configuration, or update connect-desk.")
        })
    }

    /// `part` says when a field has a word.
    async fn search_as_written(
        &self,
        filter: &Filter,
        limit: usize,
        part: fn(&str, &str) -> Vec<sdk::UserSearchCriteria>,
    ) -> Result<(Vec<Found>, usize), Fault> {
        let mut all_of = Vec::new();
        if let Some(login) = &filter.login {
            all_of.push(part_of("Username", login));
        }
        let words = |text: &Option<String>, fields: &[&str]| {
            let mut words = Vec::new();
            for word in text.iter().flat_map(|text| text.split_whitespace()) {
                let any: Vec<_> = fields.iter().flat_map(|field| part(field, word)).collect();
                if any.is_empty() {
                    continue;
                }
                words.push(sdk::UserSearchCriteria::builder().set_or_conditions(Some(any)).build());
            }
            words
        };
        all_of.extend(words(&filter.text, &["Username", "FirstName", "LastName"]));
        all_of.extend(words(&filter.name, &["FirstName", "LastName"]));
        let exact = |field: &str, id: &str| {
            let condition = string(field, id, sdk::StringComparisonType::Exact);
            sdk::UserSearchCriteria::builder().string_condition(condition).build()
        };
        if let Some(profile) = &filter.routing_profile {
            all_of.push(exact("RoutingProfileId", &profile.id));
        }
        if let Some(profile) = &filter.security_profile {
            all_of.push(exact("SecurityProfileId", &profile.id));
        }
        if let Some(group) = &filter.hierarchy_group {
            let children = if filter.include_subgroups {
                sdk::HierarchyGroupMatchType::WithChildGroups
            } else {
                sdk::HierarchyGroupMatchType::Exact
            };
            let condition = sdk::HierarchyGroupCondition::builder()
                .value(&group.id)
                .hierarchy_group_match_type(children)
                .build();
            all_of.push(sdk::UserSearchCriteria::builder().hierarchy_group_condition(condition).build());
        }
        let criteria = match <[_; 1]>::try_from(all_of) {
            Ok([one]) => one,
            Err(several) if several.is_empty() => sdk::UserSearchCriteria::builder().build(),
            Err(several) => sdk::UserSearchCriteria::builder().set_and_conditions(Some(several)).build(),
        };
        let tag = filter.tag.as_ref().map(|(key, value)| {
            let condition = sdk::TagCondition::builder().tag_key(key).tag_value(value).build();
            let tags = sdk::ControlPlaneTagFilter::builder().tag_condition(condition).build();
            sdk::UserSearchFilter::builder().tag_filter(tags).build()
        });
        let (users, total) = self.search_page(criteria, tag, limit).await?;
        Ok((self.found_of(users).await?, total))
    }

    /// What a search gives of users, with names beside their ids, by their logins.
    async fn found_of(&self, users: Vec<Summary>) -> Result<Vec<Found>, Fault> {
        let routing = self.routing_profile_names(false).await?;
        let security = self.security_profile_names(false).await?;
        let groups = self.hierarchy_group_names(false).await?;
        let name = |names: &[Named], id: &str| {
            names
                .iter()
                .find(|named| named.id == id)
                .map_or_else(|| id.to_owned(), |named| named.name.clone())
        };
        let mut found: Vec<Found> = users
            .into_iter()
            .map(|Summary { id, login, user }| {
                let identity = user.identity_info;
                let first = identity.as_ref().and_then(|info| info.first_name.clone());
                let last = identity.as_ref().and_then(|info| info.last_name.clone());
                let mut security_profiles: Vec<String> =
                    user.security_profile_ids.iter().flatten().map(|id| name(&security, id)).collect();
                security_profiles.sort();
                Found {
                    id,
                    login,
                    first_name: first.unwrap_or_default(),
                    last_name: last.unwrap_or_default(),
                    routing_profile: name(&routing, user.routing_profile_id.as_deref().unwrap_or_default()),
                    security_profiles,
                    hierarchy_group: user
                        .hierarchy_group_id
                        .filter(|id| !id.is_empty())
                        .map(|id| name(&groups, &id)),
                }
            })
            .collect();
        found.sort_by(|a, b| a.login.cmp(&b.login));
        Ok(found)
    }

    /// Every user, where that takes fewer calls than this; the first page tells.
    async fn everyone_within(&self, calls: usize) -> Result<Option<Vec<Summary>>, Fault> {
        if calls <= 1 {
            return Ok(None);
        }
        let too_many = |read: &Listed<_>| read.total.is_none_or(|all| all.div_ceil(USERS_A_PAGE) >= calls);
        let found = self.search_until(None, None, USERS_A_PAGE, too_many).await?;
        Ok(found.is_whole.then_some(found.items))
    }

    /// The logins of users by their ids. They never change, so each is looked for once: a hundred in a call, or everyone, five
    /// hundred in a call, where that takes fewer.
    pub(super) async fn logins_of(&self, ids: &[String]) -> Result<HashMap<String, String>, Fault> {
        let known = |ids: &mut Vec<String>| -> HashMap<String, String> {
            let logins = self.directory.logins.lock().unwrap_or_else(PoisonError::into_inner);
            let mut known = HashMap::new();
            ids.retain(|id| match logins.get(id) {
                Some(login) => known.insert(id.clone(), login.clone()).is_some(),
                None => true,
            });
            known
        };
        let mut missing = ids.to_vec();
        let mut all = known(&mut missing);
        if missing.is_empty() {
            return Ok(all);
        }
        let by_id = missing.len().div_ceil(IDS_AT_ONCE);
        let found = match self.everyone_within(by_id).await? {
            Some(everyone) => everyone,
            None => {
                let mut found = Vec::new();
                for some in missing.chunks(IDS_AT_ONCE) {
                    found.extend(self.search_page(with_ids(some), None, usize::MAX).await?.0);
                }
                found
            }
        };
        let mut logins = self.directory.logins.lock().unwrap_or_else(PoisonError::into_inner);
        if logins.len() + found.len() > LOGINS_REMEMBERED {
            logins.clear();
        }
        logins.extend(found.iter().map(|user| (user.id.clone(), user.login.clone())));
        all.extend(found.into_iter().map(|user| (user.id, user.login)));
        Ok(all)
    }
}

/// The users with any of these ids.
fn with_ids(ids: &[String]) -> sdk::UserSearchCriteria {
    let any_of = ids.iter().map(|id| {
        let condition = string("resourceId", id, sdk::StringComparisonType::Exact);
        sdk::UserSearchCriteria::builder().string_condition(condition).build()
    });
    sdk::UserSearchCriteria::builder().set_or_conditions(Some(any_of.collect())).build()
}

pub(super) fn string(
    field: &str,
    value: &str,
    comparison: sdk::StringComparisonType,
) -> sdk::StringCondition {
    sdk::StringCondition::builder().field_name(field).value(value).comparison_type(comparison).build()
}

/// Users whose field contains the text. "Contains" takes 2 to 25 characters; a shorter text has to stand at the start.
fn part_of(field: &str, text: &str) -> sdk::UserSearchCriteria {
    let comparison = match text.chars().count() {
        2..=25 => sdk::StringComparisonType::Contains,
        _ => sdk::StringComparisonType::StartsWith,
    };
    sdk::UserSearchCriteria::builder().string_condition(string(field, text, comparison)).build()
}

/// The characters at the end of a login by which it is looked for among many that begin alike.
const TAIL: usize = 4;

/// Users that one typed login is compared with.
const RESEMBLING_MAX: usize = 100;

/// The same with straight and with curly quotes, which people cannot tell apart.
fn part_as_written(field: &str, word: &str) -> Vec<sdk::UserSearchCriteria> {
    let straight = word.replace(['\u{2018}', '\u{2019}', '\u{b4}', '`'], "'");
    let curly = straight.replace('\'', "\u{2019}");
    let mut spellings = vec![word.to_owned(), straight, curly];
    spellings.sort_unstable();
    spellings.dedup();
    spellings.iter().map(|spelling| part_of(field, spelling)).collect()
}

/// Users whose field begins with the same letter as the word, with or without an accent. Logins have none.
fn begins_alike(field: &str, word: &str) -> Vec<sdk::UserSearchCriteria> {
    let Some(letter) = text::folded(word).chars().next() else { return Vec::new() };
    let is_accented = |c: &char| field != "Username" && text::folded(&c.to_string()).starts_with(letter);
    // The small letters with accents of Latin-1 and Latin Extended-A.
    let accented = ('\u{df}'..='\u{17f}').filter(|c| c.is_lowercase()).filter(is_accented);
    let letters = std::iter::once(letter).chain(accented);
    letters
        .map(|letter| {
            let condition = string(field, &letter.to_string(), sdk::StringComparisonType::StartsWith);
            sdk::UserSearchCriteria::builder().string_condition(condition).build()
        })
        .collect()
}

/// Users under this login whatever its case, and some whose logins continue after it. A short one is at the start of very
/// many, so it is looked for as it is written.
fn under(login: &str) -> sdk::UserSearchCriteria {
    const SHORT: usize = 4;
    let comparison = match login.chars().count() < SHORT {
        true => sdk::StringComparisonType::Exact,
        false => sdk::StringComparisonType::StartsWith,
    };
    sdk::UserSearchCriteria::builder().string_condition(string("Username", login, comparison)).build()
}

#[async_trait]
impl ContactCenter for Connect {
    async fn instance(&self) -> Result<Instance, Problem> {
        self.directory.instance.get_or_try_init(|| self.read_instance()).await.cloned()
    }

    async fn user(&self, login: &str) -> Result<Option<User>, Problem> {
        self.by_login(login).await.map_err(Fault::problem)
    }

    async fn users(&self, logins: &[String]) -> Result<Vec<User>, Problem> {
        let lower: HashSet<String> = logins.iter().map(|login| login.to_lowercase()).collect();
        let mut ids = BTreeSet::new();
        for some in logins.chunks(LOGINS_AT_ONCE) {
            let any_of = some.iter().map(|login| under(login)).collect();
            let criteria = sdk::UserSearchCriteria::builder().set_or_conditions(Some(any_of)).build();
            let (found, _) = self.search_page(criteria, None, usize::MAX).await?;
            let is_meant = |user: &Summary| lower.contains(&user.login.to_lowercase());
            ids.extend(found.into_iter().filter(is_meant).map(|user| user.id));
        }
        let users = self.describe_all(&ids).await?.into_iter().flatten();
        Ok(users.filter(|user| lower.contains(&user.login.to_lowercase())).collect())
    }

    async fn users_with_ids(&self, ids: &[String]) -> Result<Vec<User>, Problem> {
        let ids: BTreeSet<String> = ids.iter().cloned().collect();
        let users = self.describe_all(&ids).await?;
        Ok(users.into_iter().flatten().collect())
    }

    async fn resembling(&self, login: &str) -> Result<Vec<String>, Problem> {
        let start: String = login.chars().take(2).collect();
        let mut parts: Vec<&str> = login.split(['.', '_', '-', '@', ' ']).collect();
        parts.retain(|part| part.chars().count() >= 2);
        parts.truncate(3);
        let starts = |field, text: &str| {
            let condition = string(field, text, sdk::StringComparisonType::StartsWith);
            sdk::UserSearchCriteria::builder().string_condition(condition).build()
        };
        let mut any_of = vec![starts("Username", &start)];
        for part in parts {
            any_of.push(part_of("Username", part));
            let beginning: String = part.chars().take(3).collect();
            any_of.push(starts("FirstName", &beginning));
            any_of.push(starts("LastName", &beginning));
        }
        let (mut users, total) = self.any_of(any_of).await?;
        // Of many that begin alike, those that also end alike, or begin alike up to the end; or none, instead of any of them.
        if total > users.len() {
            let length = login.chars().count();
            let tail: String = login.chars().skip(length.saturating_sub(TAIL)).collect();
            let head: String = login.chars().take(length.saturating_sub(2)).collect();
            users.clear();
            for criteria in [part_of("Username", &tail), starts("Username", &head)] {
                let (some, total) = self.any_of(vec![criteria]).await?;
                users.extend(some.into_iter().filter(|_| total <= RESEMBLING_MAX));
            }
        }
        Ok(users.into_iter().map(|user| user.login).collect())
    }

    async fn snapshots(&self, users: &[User]) -> Result<Vec<Snapshot>, Problem> {
        self.snapshots_of(users, Recent::ReadAgain).await.map_err(Fault::problem)
    }

    async fn overview(&self, user: &User) -> Result<Snapshot, Problem> {
        let mut all = self.snapshots_of(std::slice::from_ref(user), Recent::Believed).await?;
        // One is given for each user.
        Ok(all.pop().unwrap_or_else(|| Snapshot::bare(user.clone())))
    }

    async fn proficiencies(&self, user: &User) -> Result<Vec<Proficiency>, Problem> {
        self.proficiencies_of(&user.id).await.map_err(Fault::problem)
    }

    async fn presences(&self, user_ids: &[String]) -> Result<BTreeMap<String, UserPresence>, Problem> {
        let chunks = user_ids.chunks(AT_WORK_AT_ONCE).map(|ids| {
            let filters = sdk::UserDataFilters::builder().set_agents(Some(ids.to_vec())).build();
            self.current_user_data(filters)
        });
        let known = try_join_all(chunks).await?.into_iter().flatten();
        let known = known.filter(|one| user_ids.contains(&one.user_id));
        Ok(known.map(|one| (one.user_id, one.presence)).collect())
    }

    async fn queues_of(&self, routing_profile: &Named) -> Result<Vec<Named>, Problem> {
        self.queues_served_by(&routing_profile.id).await.map_err(Fault::problem)
    }

    async fn agents_in(&self, queues: &[Named]) -> Result<BTreeMap<String, Named>, Problem> {
        let mut agents = BTreeMap::new();
        for some in queues.chunks(AT_WORK_AT_ONCE) {
            let ids = some.iter().map(|queue| queue.id.clone()).collect();
            let filters = sdk::UserDataFilters::builder().set_queues(Some(ids)).build();
            for one in self.current_user_data(filters).await? {
                if let (Some(profile), true) = (one.routing_profile, one.presence.active) {
                    agents.insert(one.user_id, Named { name: profile.clone(), id: profile });
                }
            }
        }
        Ok(agents)
    }

    async fn active(&self, among: &Among) -> Result<Vec<ActiveUser>, Problem> {
        self.active_users(among).await.map_err(Fault::problem)
    }

    async fn queue_numbers(&self, queues: &[Named]) -> Result<Vec<QueueNumbers>, Problem> {
        self.numbers_of(queues).await.map_err(Fault::problem)
    }

    async fn agent_statuses(&self) -> Result<Vec<AgentStatus>, Problem> {
        self.statuses().await.map_err(Fault::problem)
    }

    /// Users by their ids, a hundred a call, with the paths of their groups.
    async fn found(&self, ids: &[String]) -> Result<Vec<Found>, Problem> {
        let mut all = Vec::new();
        for some in ids.chunks(IDS_AT_ONCE) {
            let (users, _) = self.search_page(with_ids(some), None, usize::MAX).await?;
            let mut groups = Vec::new();
            for user in &users {
                let group = user.user.hierarchy_group_id.as_deref().filter(|id| !id.is_empty());
                groups.extend(group.map(|group| (user.id.clone(), group.to_owned())));
            }
            let mut found = self.found_of(users).await?;
            for user in &mut found {
                if let Some((_, group)) = groups.iter().find(|(id, _)| *id == user.id) {
                    user.hierarchy_group = Some(self.path_of(group).await?.name);
                }
            }
            all.extend(found);
        }
        Ok(all)
    }

    /// Users as people mean them. The service compares letters as they are written, so where no name has the words as they
    /// were typed, those that begin with the same letters are compared here, without regard to accents and quotes.
    async fn search(&self, filter: &Filter, limit: usize) -> Result<(Vec<Found>, usize), Problem> {
        let (found, total) = self.search_as_written(filter, limit, part_as_written).await?;
        if !found.is_empty() || (filter.text.is_none() && filter.name.is_none()) {
            return Ok((found, total));
        }
        let (mut found, _) = self.search_as_written(filter, COMPARED_MAX, begins_alike).await?;
        found.retain(|user| {
            let (first, last) = (text::folded(&user.first_name), text::folded(&user.last_name));
            let login = text::folded(&user.login);
            let has = |wanted: &Option<String>, fields: &[&String]| {
                let mut words = wanted.iter().flat_map(|text| text.split_whitespace()).map(text::folded);
                words.all(|word| fields.iter().any(|field| field.contains(&word)))
            };
            has(&filter.text, &[&login, &first, &last]) && has(&filter.name, &[&first, &last])
        });
        let total = found.len();
        found.truncate(limit);
        Ok((found, total))
    }

    async fn users_page(&self, after: Option<&str>) -> Result<UsersPage, Problem> {
        let page = read!(
            self,
            "SearchUsers",
            search_users.max_results(500).set_next_token(after.map(str::to_owned)),
            |output| Some((Summary::all(output.users?)?, output.next_token))
        );
        let (found, next) = page.await?;
        let users = found.into_iter().map(|Summary { login, user, .. }| {
            let (first, last) =
                user.identity_info.map(|info| (info.first_name, info.last_name)).unwrap_or_default();
            UserName { login, first_name: first.unwrap_or_default(), last_name: last.unwrap_or_default() }
        });
        Ok(UsersPage { users: users.collect(), next })
    }

    fn pace(&self, operation: &str) -> Option<f64> {
        self.caller.rate(operation)
    }

    async fn routing_profiles(&self) -> Result<Vec<Named>, Problem> {
        self.routing_profile_names(false).await.map(|names| names.to_vec()).map_err(Fault::problem)
    }

    async fn security_profiles(&self) -> Result<Vec<Named>, Problem> {
        self.security_profile_names(false).await.map(|names| names.to_vec()).map_err(Fault::problem)
    }

    async fn permissions(&self, security_profile: &Named) -> Result<Vec<String>, Problem> {
        let shelf = self
            .directory
            .permissions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(security_profile.id.clone())
            .or_default()
            .clone();
        let read = || {
            all_pages!(
                self,
                "ListSecurityProfilePermissions",
                list_security_profile_permissions.security_profile_id(&security_profile.id),
                1000,
                permissions,
                Some
            )
        };
        let permissions = self.shelved(&shelf, PERMISSIONS_LAST, read).await?;
        Ok(permissions.to_vec())
    }

    async fn hierarchy_groups(&self) -> Result<Vec<Named>, Problem> {
        self.hierarchy_group_names(false).await.map(|names| names.to_vec()).map_err(Fault::problem)
    }

    async fn queues(&self) -> Result<Vec<Named>, Problem> {
        // What is named is looked up as it is now; who needs only names finds them there for a while.
        let read = self.shelved(&self.directory.queues, Duration::ZERO, || self.standard_queues()).await;
        read.map(|queues| queues.to_vec()).map_err(Fault::problem)
    }

    async fn quick_connects(&self) -> Result<Vec<Named>, Problem> {
        self.quick_connect_names().await.map_err(Fault::problem)
    }

    async fn hierarchy_path(&self, group: &Named) -> Result<Named, Problem> {
        self.path_of(&group.id).await.map_err(Fault::problem)
    }

    async fn hierarchy_paths(&self) -> Result<Vec<Named>, Problem> {
        self.all_paths().await.map_err(Fault::problem)
    }
}
