//! The reading half: users with names beside their ids, and the directory the names come from.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::center::{
    ContactCenter, Filter, Found, Instance, Named, Presence, Proficiency, Profile, QuickConnect, Snapshot,
    User, UserName, UsersPage,
};
use desk_core::problem::Problem;
use desk_core::text;
use futures::future::try_join_all;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;

use super::Connect;
use super::call::Fault;
use super::convert;

/// How long a list of names is believed before it is read again. An id that it lacks is looked for at once.
const NAMES_LAST: Duration = Duration::from_secs(60);

/// How long a security profile's permissions are believed: a plan for hundreds of users reads them once or twice, and what
/// is decided on is still what they are at that moment.
const PERMISSIONS_LAST: Duration = Duration::from_secs(5);

/// Users that are read at one time for somebody who asks for many.
const READS_AT_ONCE: usize = 16;

/// Logins that one search looks for.
const LOGINS_AT_ONCE: usize = 100;

/// Users, or queues, that one question about who is at work may name.
const AT_WORK_AT_ONCE: usize = 100;

/// From so many users on that were read before, it is cheaper to list who was modified since than to read each again.
const WORTH_LISTING: usize = 20;

/// The most users that are compared with words which no name has as they were typed: four pages.
const COMPARED_MAX: usize = 2_000;

/// The most users that are remembered as they were read.
const REMEMBERED: usize = 2_000;

/// Lists of names, read when first needed.
#[derive(Default)]
pub(super) struct Directory {
    routing_profiles: Shelf<Named>,
    security_profiles: Shelf<Named>,
    hierarchy_groups: Shelf<Named>,
    offline_statuses: Shelf<Named>,
    instance: tokio::sync::OnceCell<Instance>,
    /// The queues of each routing profile.
    queues_of: Mutex<HashMap<String, Arc<Shelf<Named>>>>,
    /// What each security profile allows.
    permissions: Mutex<HashMap<String, Arc<Shelf<String>>>>,
    /// Users by their ids as they were read for many at once: good while their modification time is this one.
    users: Mutex<HashMap<String, User>>,
    /// The paths of groups, with the modification time of the group that they were read at.
    paths: Mutex<HashMap<String, (Duration, Named)>>,
    /// Quick connects that lead to users: what they say is valid while their modification time is this.
    quick_connects: Mutex<HashMap<String, (Timestamp, Lead)>>,
}

/// A list and when it was read.
struct Shelf<T>(tokio::sync::Mutex<Option<(Duration, Arc<Vec<T>>)>>);

impl<T> Default for Shelf<T> {
    fn default() -> Shelf<T> {
        Shelf(tokio::sync::Mutex::new(None))
    }
}

/// A quick connect, and the user it leads to.
#[derive(Clone)]
struct Lead {
    user_id: String,
    quick_connect: QuickConnect,
}

/// Reads all pages: `fetch` gets a token and gives a page and the next token.
async fn pages<T, F, Page>(mut fetch: F) -> Result<Vec<T>, Fault>
where
    F: FnMut(Option<String>) -> Page,
    Page: Future<Output = Result<(Vec<T>, Option<String>), Fault>>,
{
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let (page, next) = fetch(token).await?;
        all.extend(page);
        match next.filter(|next| !next.is_empty()) {
            Some(next) => token = Some(next),
            None => return Ok(all),
        }
    }
}

/// A summary's id and name, whatever kind of thing it is.
macro_rules! list_of_names {
    ($caller:expr, $operation:literal, $method:ident, $summaries:ident) => {
        pages(|token| async move {
            let caller = $caller;
            let output = caller
                .read($operation, || {
                    caller
                        .client
                        .$method()
                        .instance_id(&caller.instance_id)
                        .max_results(1000)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            let names = output.$summaries.unwrap_or_default().into_iter().filter_map(|summary| {
                Some(Named { id: summary.id?, name: summary.name.unwrap_or_default() })
            });
            Ok((names.collect(), output.next_token))
        })
        .await
    };
}

impl Connect {
    /// The names on a shelf, read again when they are old or lack one.
    async fn shelf<F, Names>(
        &self,
        shelf: &Shelf<Named>,
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

    /// What is on a shelf, if it was read within this time; several who ask at once wait for one answer.
    async fn shelved<T, F, Read>(
        &self,
        shelf: &Shelf<T>,
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

    async fn routing_profile_names(&self, refresh: bool) -> Result<Arc<Vec<Named>>, Fault> {
        self.shelf(&self.directory.routing_profiles, refresh, || async {
            list_of_names!(
                self.caller.as_ref(),
                "ListRoutingProfiles",
                list_routing_profiles,
                routing_profile_summary_list
            )
        })
        .await
    }

    async fn security_profile_names(&self, refresh: bool) -> Result<Arc<Vec<Named>>, Fault> {
        self.shelf(&self.directory.security_profiles, refresh, || async {
            list_of_names!(
                self.caller.as_ref(),
                "ListSecurityProfiles",
                list_security_profiles,
                security_profile_summary_list
            )
        })
        .await
    }

    async fn hierarchy_group_names(&self, refresh: bool) -> Result<Arc<Vec<Named>>, Fault> {
        self.shelf(&self.directory.hierarchy_groups, refresh, || async {
            list_of_names!(
                self.caller.as_ref(),
                "ListUserHierarchyGroups",
                list_user_hierarchy_groups,
                user_hierarchy_group_summary_list
            )
        })
        .await
    }

    /// The ids of the statuses of the type OFFLINE; they may be called anything.
    async fn offline_statuses(&self) -> Result<Arc<Vec<Named>>, Fault> {
        let caller = self.caller.as_ref();
        self.shelf(&self.directory.offline_statuses, false, || async {
            let output = caller
                .read("ListAgentStatuses", || {
                    caller
                        .client
                        .list_agent_statuses()
                        .instance_id(&caller.instance_id)
                        .agent_status_types(sdk::AgentStatusType::Offline)
                        .max_results(1000)
                        .send()
                })
                .await?;
            let names = output.agent_status_summary_list.unwrap_or_default().into_iter();
            Ok(names.filter_map(|s| Some(Named { id: s.id?, name: s.name.unwrap_or_default() })).collect())
        })
        .await
    }

    async fn offline_ids(&self) -> Result<Vec<String>, Fault> {
        Ok(self.offline_statuses().await?.iter().map(|status| status.id.clone()).collect())
    }

    /// All pages of who is at work; botocore and the SDK have no paginator for them.
    async fn current_user_data(&self, filters: sdk::UserDataFilters) -> Result<Vec<sdk::UserData>, Fault> {
        let (caller, filters) = (self.caller.as_ref(), &filters);
        pages(|token| async move {
            let output = caller
                .read("GetCurrentUserData", || {
                    caller
                        .client
                        .get_current_user_data()
                        .instance_id(&caller.instance_id)
                        .filters(filters.clone())
                        .max_results(100)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            Ok((output.user_data_list.unwrap_or_default(), output.next_token))
        })
        .await
    }

    /// Gives each id its name; a list that lacks one is read again, and what nobody knows keeps its id as its name.
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

    /// The user with this id, or nothing.
    pub(super) async fn describe(&self, user_id: &str) -> Result<Option<User>, Fault> {
        let caller = self.caller.as_ref();
        let described = caller
            .read("DescribeUser", || {
                caller.client.describe_user().instance_id(&caller.instance_id).user_id(user_id).send()
            })
            .await;
        let user = match described {
            Ok(output) => output.user,
            Err(Fault::NotFound(_)) => None,
            Err(fault) => return Err(fault),
        };
        match user {
            Some(user) => self.with_names(user).await.map(Some),
            None => Ok(None),
        }
    }

    /// Many users at once. Those that were read a while ago and not modified since are not read again.
    async fn describe_all(&self, ids: &BTreeSet<String>) -> Result<Vec<Option<User>>, Fault> {
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
            ids.iter().filter_map(|id| users.get(id).map(|user| (id.clone(), user.clone()))).collect()
        };
        let mut unmodified = HashMap::new();
        if remembered.len() < WORTH_LISTING {
            return Ok(unmodified);
        }
        let caller = self.caller.as_ref();
        let mut next = None;
        // A page costs a call as a read does, so the list is left where it costs more than it saves.
        for _ in 0..remembered.len() / 2 {
            let page = caller
                .read("ListUsers", || {
                    let list = caller.client.list_users().instance_id(&caller.instance_id);
                    list.max_results(1_000).set_next_token(std::clone::Clone::clone(&next)).send()
                })
                .await?;
            for summary in page.user_summary_list.unwrap_or_default() {
                let Some(user) = summary.id.as_ref().and_then(|id| remembered.get(id)) else { continue };
                let modified = summary.last_modified_time.as_ref().and_then(convert::timestamp);
                if modified.is_some() && modified == user.modified {
                    unmodified.insert(user.id.clone(), user.clone());
                }
            }
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break;
            }
        }
        Ok(unmodified)
    }

    async fn with_names(&self, user: sdk::User) -> Result<User, Fault> {
        let settings = convert::settings(&user);
        let routing = [user.routing_profile_id.clone().unwrap_or_default()];
        let security = user.security_profile_ids.clone().unwrap_or_default();
        let routing_profile = self.named(&routing, |refresh| self.routing_profile_names(refresh)).await?;
        let mut security_profiles =
            self.named(&security, |refresh| self.security_profile_names(refresh)).await?;
        security_profiles.sort_by(|a, b| a.name.cmp(&b.name));
        let hierarchy_group = match user.hierarchy_group_id.as_deref().filter(|id| !id.is_empty()) {
            Some(id) => Some(self.path_of(id).await?),
            None => None,
        };
        let [routing_profile] = <[Named; 1]>::try_from(routing_profile)
            .unwrap_or_else(|_| [Named { id: String::new(), name: String::new() }]);
        Ok(User {
            id: user.id.unwrap_or_default(),
            arn: user.arn.unwrap_or_default(),
            login: user.username.unwrap_or_default(),
            profile: Profile {
                identity: convert::identity(user.identity_info.as_ref()),
                routing_profile,
                security_profiles,
                hierarchy_group,
                settings,
                tags: convert::tags(user.tags.as_ref()),
                directory_user_id: user.directory_user_id.filter(|id| !id.is_empty()),
            },
            modified: user.last_modified_time.as_ref().and_then(convert::timestamp),
        })
    }

    /// The group with its path as its name.
    async fn path_of(&self, group_id: &str) -> Result<Named, Fault> {
        let now = self.caller.clock.monotonic();
        let known =
            self.directory.paths.lock().unwrap_or_else(PoisonError::into_inner).get(group_id).cloned();
        if let Some((read_at, path)) = known
            && now.saturating_sub(read_at) < NAMES_LAST
        {
            return Ok(path);
        }
        let caller = self.caller.as_ref();
        let output = caller
            .read("DescribeUserHierarchyGroup", || {
                caller
                    .client
                    .describe_user_hierarchy_group()
                    .instance_id(&caller.instance_id)
                    .hierarchy_group_id(group_id)
                    .send()
            })
            .await;
        let group = match output {
            Ok(output) => output.hierarchy_group,
            Err(Fault::NotFound(_)) => None,
            Err(fault) => return Err(fault),
        };
        let mut parts: Vec<String> = Vec::new();
        if let Some(group) = &group {
            if let Some(path) = &group.hierarchy_path {
                let levels =
                    [&path.level_one, &path.level_two, &path.level_three, &path.level_four, &path.level_five];
                parts.extend(levels.into_iter().flatten().filter_map(|level| level.name.clone()));
            }
            // Whether the path includes the group itself is not documented.
            if let Some(name) = &group.name
                && parts.last() != Some(name)
            {
                parts.push(name.clone());
            }
        }
        let name = if parts.is_empty() { group_id.to_owned() } else { parts.join("/") };
        let path = Named { id: group_id.to_owned(), name };
        self.directory
            .paths
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(group_id.to_owned(), (now, path.clone()));
        Ok(path)
    }

    /// The user with exactly this login, found by search and read by id.
    pub(super) async fn by_login(&self, login: &str) -> Result<Option<User>, Fault> {
        let condition = string("Username", login, sdk::StringComparisonType::Exact);
        let criteria = sdk::UserSearchCriteria::builder().string_condition(condition).build();
        let (users, _) = self.search_page(criteria, None, 10).await?;
        let id =
            users.into_iter().find(|user| user.username.as_deref() == Some(login)).and_then(|user| user.id);
        let user = match id {
            // A search may still show a user that is gone, or under a login it no longer has.
            Some(id) => self.describe(&id).await?.filter(|user| user.login == login),
            None => None,
        };
        match &user {
            Some(user) => self.learns.user_is(login, &user.profile.identity.full_name()),
            None => self.learns.no_user(login),
        }
        Ok(user)
    }

    /// At most `limit` users in as many pages as that takes, and how many there are.
    async fn search_page(
        &self,
        criteria: sdk::UserSearchCriteria,
        filter: Option<sdk::UserSearchFilter>,
        limit: usize,
    ) -> Result<(Vec<sdk::UserSearchSummary>, usize), Fault> {
        let caller = self.caller.as_ref();
        let criteria = (criteria != sdk::UserSearchCriteria::builder().build()).then_some(criteria);
        let mut users: Vec<sdk::UserSearchSummary> = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let page = i32::try_from(limit.saturating_sub(users.len()).clamp(1, 500)).unwrap_or(500);
            let output = caller
                .read("SearchUsers", || {
                    caller
                        .client
                        .search_users()
                        .instance_id(&caller.instance_id)
                        .max_results(page)
                        .set_next_token(token.clone())
                        .set_search_filter(filter.clone())
                        .set_search_criteria(criteria.clone())
                        .send()
                })
                .await?;
            users.extend(output.users.unwrap_or_default());
            let total = output.approximate_total_count.and_then(|n| usize::try_from(n).ok());
            token = output.next_token.filter(|token| !token.is_empty());
            if token.is_none() || users.len() >= limit {
                let total = total.unwrap_or(users.len()).max(users.len());
                users.truncate(limit);
                return Ok((users, total));
            }
        }
    }

    /// Quick connects that lead to users, each described once as long as it is not modified.
    async fn leads(&self) -> Result<Vec<Lead>, Fault> {
        let caller = self.caller.as_ref();
        let summaries = pages(|token| async move {
            let output = caller
                .read("ListQuickConnects", || {
                    caller
                        .client
                        .list_quick_connects()
                        .instance_id(&caller.instance_id)
                        .quick_connect_types(sdk::QuickConnectType::User)
                        .max_results(1000)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            Ok((output.quick_connect_summary_list.unwrap_or_default(), output.next_token))
        })
        .await?;
        let described = summaries.into_iter().filter_map(|summary| {
            let modified = summary.last_modified_time.as_ref().and_then(convert::timestamp);
            summary.id.map(|id| self.lead(id, modified))
        });
        Ok(try_join_all(described).await?.into_iter().flatten().collect())
    }

    async fn lead(&self, id: String, modified: Option<Timestamp>) -> Result<Option<Lead>, Fault> {
        let cache = &self.directory.quick_connects;
        let known = cache.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some((read_at, lead)) = known
            && Some(read_at) == modified
        {
            return Ok(Some(lead));
        }
        let caller = self.caller.as_ref();
        let output = caller
            .read("DescribeQuickConnect", || {
                caller
                    .client
                    .describe_quick_connect()
                    .instance_id(&caller.instance_id)
                    .quick_connect_id(&id)
                    .send()
            })
            .await;
        let described = match output {
            Ok(output) => output.quick_connect,
            Err(Fault::NotFound(_)) => None,
            Err(fault) => return Err(fault),
        };
        let lead = described.and_then(|described| {
            let config = described.quick_connect_config?.user_config?;
            Some(Lead {
                user_id: config.user_id,
                quick_connect: QuickConnect {
                    id: id.clone(),
                    name: described.name.unwrap_or_default(),
                    description: described.description.filter(|text| !text.is_empty()),
                    contact_flow_id: config.contact_flow_id,
                    tags: convert::tags(described.tags.as_ref()),
                    queues: Vec::new(),
                },
            })
        });
        if let (Some(modified), Some(lead)) = (modified, &lead) {
            cache.lock().unwrap_or_else(PoisonError::into_inner).insert(id, (modified, lead.clone()));
        }
        Ok(lead)
    }

    /// The ids of the quick connects that a queue offers.
    pub(super) async fn queue_offers(&self, queue_id: &str) -> Result<Vec<String>, Fault> {
        let caller = self.caller.as_ref();
        pages(|token| async move {
            let output = caller
                .read("ListQueueQuickConnects", || {
                    caller
                        .client
                        .list_queue_quick_connects()
                        .instance_id(&caller.instance_id)
                        .queue_id(queue_id)
                        .max_results(100)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            let ids = output.quick_connect_summary_list.unwrap_or_default().into_iter().filter_map(|s| s.id);
            Ok((ids.collect(), output.next_token))
        })
        .await
    }

    async fn standard_queues(&self) -> Result<Vec<Named>, Fault> {
        let caller = self.caller.as_ref();
        pages(|token| async move {
            let output = caller
                .read("ListQueues", || {
                    caller
                        .client
                        .list_queues()
                        .instance_id(&caller.instance_id)
                        .queue_types(sdk::QueueType::Standard)
                        .max_results(1000)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            let queues = output
                .queue_summary_list
                .unwrap_or_default()
                .into_iter()
                .filter_map(|queue| Some(Named { id: queue.id?, name: queue.name.unwrap_or_default() }));
            Ok((queues.collect(), output.next_token))
        })
        .await
    }

    async fn agent_transfer_flows(&self) -> Result<Vec<Named>, Fault> {
        let caller = self.caller.as_ref();
        pages(|token| async move {
            let output = caller
                .read("ListContactFlows", || {
                    caller
                        .client
                        .list_contact_flows()
                        .instance_id(&caller.instance_id)
                        .contact_flow_types(sdk::ContactFlowType::AgentTransfer)
                        .max_results(1000)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            let flows = output
                .contact_flow_summary_list
                .unwrap_or_default()
                .into_iter()
                .filter_map(|flow| Some(Named { id: flow.id?, name: flow.name.unwrap_or_default() }));
            Ok((flows.collect(), output.next_token))
        })
        .await
    }

    async fn quick_connect_names(&self) -> Result<Vec<Named>, Fault> {
        let caller = self.caller.as_ref();
        pages(|token| async move {
            let output = caller
                .read("ListQuickConnects", || {
                    caller
                        .client
                        .list_quick_connects()
                        .instance_id(&caller.instance_id)
                        .max_results(1000)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            let named = output
                .quick_connect_summary_list
                .unwrap_or_default()
                .into_iter()
                .filter_map(|one| Some(Named { id: one.id?, name: one.name.unwrap_or_default() }));
            Ok((named.collect(), output.next_token))
        })
        .await
    }

    /// Quick connects of the type USER under this name, with the user each leads to.
    pub(super) async fn quick_connects_named(
        &self,
        name: &str,
    ) -> Result<Vec<(QuickConnect, String)>, Fault> {
        let leads = self.leads().await?;
        Ok(leads
            .into_iter()
            .filter(|lead| lead.quick_connect.name == name)
            .map(|lead| (lead.quick_connect, lead.user_id))
            .collect())
    }

    pub(super) async fn proficiencies_of(&self, user_id: &str) -> Result<Vec<Proficiency>, Fault> {
        let caller = self.caller.as_ref();
        let mut all =
            pages(|token| async move {
                let output = caller
                    .read("ListUserProficiencies", || {
                        caller
                            .client
                            .list_user_proficiencies()
                            .instance_id(&caller.instance_id)
                            .user_id(user_id)
                            .max_results(100)
                            .set_next_token(token.clone())
                            .send()
                    })
                    .await?;
                let page = output.user_proficiency_list.unwrap_or_default().into_iter().map(|p| {
                    Proficiency { attribute: p.attribute_name, value: p.attribute_value, level: p.level }
                });
                Ok((page.collect(), output.next_token))
            })
            .await?;
        all.sort_by(|a: &Proficiency, b| (&a.attribute, &a.value).cmp(&(&b.attribute, &b.value)));
        Ok(all)
    }

    async fn snapshot_of(&self, user: &User) -> Result<Snapshot, Fault> {
        let (proficiencies, leads) = futures::try_join!(self.proficiencies_of(&user.id), self.leads())?;
        let mut quick_connects: Vec<QuickConnect> =
            leads.into_iter().filter(|lead| lead.user_id == user.id).map(|lead| lead.quick_connect).collect();
        quick_connects.sort_by(|a, b| a.name.cmp(&b.name));
        if !quick_connects.is_empty() {
            let mut queues = self.standard_queues().await?;
            queues.sort_by(|a, b| a.name.cmp(&b.name));
            let offers = try_join_all(queues.iter().map(|queue| self.queue_offers(&queue.id))).await?;
            for quick_connect in &mut quick_connects {
                quick_connect.queues = queues
                    .iter()
                    .zip(&offers)
                    .filter(|(_, offered)| offered.contains(&quick_connect.id))
                    .map(|(queue, _)| queue.clone())
                    .collect();
            }
        }
        Ok(Snapshot { user: user.clone(), proficiencies, quick_connects })
    }

    /// Users as people mean them. The service compares letters as they are written, so where no name has the words as they
    /// were typed, those that begin with the same letters are compared here, without regard to accents and quotes.
    async fn search_users(&self, filter: &Filter, limit: usize) -> Result<(Vec<Found>, usize), Fault> {
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
            let children = if filter.with_children {
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
            .map(|user| {
                let identity = user.identity_info;
                let first = identity.as_ref().and_then(|info| info.first_name.clone());
                let last = identity.as_ref().and_then(|info| info.last_name.clone());
                let mut security_profiles: Vec<String> =
                    user.security_profile_ids.iter().flatten().map(|id| name(&security, id)).collect();
                security_profiles.sort();
                Found {
                    id: user.id.unwrap_or_default(),
                    login: user.username.unwrap_or_default(),
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
        Ok((found, total))
    }
}

fn string(field: &str, value: &str, comparison: sdk::StringComparisonType) -> sdk::StringCondition {
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

/// Users under this login whatever its case, and some whose logins go on after it. A short one stands at the start of very
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
        let caller = self.caller.as_ref();
        let read = || async {
            let output = caller
                .read("DescribeInstance", || {
                    caller.client.describe_instance().instance_id(&caller.instance_id).send()
                })
                .await
                .map_err(Fault::problem)?;
            output.instance.and_then(convert::instance).ok_or_else(|| {
                Problem::operator(
                    "instance_unknown",
                    "The instance's identity type is not known to the desk.",
                )
                .next("Check the instance id in the config, and look for a newer connect-desk.")
            })
        };
        self.directory.instance.get_or_try_init(read).await.cloned()
    }

    async fn user(&self, login: &str) -> Result<Option<User>, Problem> {
        self.by_login(login).await.map_err(Fault::problem)
    }

    async fn users(&self, logins: &[String]) -> Result<Vec<User>, Problem> {
        let lower: HashSet<String> = logins.iter().map(|login| login.to_lowercase()).collect();
        let read = async {
            let mut ids = BTreeSet::new();
            for some in logins.chunks(LOGINS_AT_ONCE) {
                let any_of = some.iter().map(|login| under(login)).collect();
                let criteria = sdk::UserSearchCriteria::builder().set_or_conditions(Some(any_of)).build();
                let (found, _) = self.search_page(criteria, None, usize::MAX).await?;
                let is_meant = |user: &sdk::UserSearchSummary| {
                    user.username.as_deref().is_some_and(|login| lower.contains(&login.to_lowercase()))
                };
                ids.extend(found.into_iter().filter(is_meant).filter_map(|user| user.id));
            }
            self.describe_all(&ids).await
        };
        let users = read.await.map_err(Fault::problem)?.into_iter().flatten();
        Ok(users.filter(|user| lower.contains(&user.login.to_lowercase())).collect())
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
        let criteria = sdk::UserSearchCriteria::builder().set_or_conditions(Some(any_of)).build();
        let (users, _) = self.search_page(criteria, None, 100).await.map_err(Fault::problem)?;
        Ok(users.into_iter().filter_map(|user| user.username).collect())
    }

    async fn snapshot(&self, user: &User) -> Result<Snapshot, Problem> {
        self.snapshot_of(user).await.map_err(Fault::problem)
    }

    async fn proficiencies(&self, user: &User) -> Result<Vec<Proficiency>, Problem> {
        self.proficiencies_of(&user.id).await.map_err(Fault::problem)
    }

    async fn presences(&self, user_ids: &[String]) -> Result<BTreeMap<String, Presence>, Problem> {
        let read = async {
            let offline = self.offline_ids().await?;
            let chunks = user_ids.chunks(AT_WORK_AT_ONCE).map(|ids| {
                let filters = sdk::UserDataFilters::builder().set_agents(Some(ids.to_vec())).build();
                self.current_user_data(filters)
            });
            let data = try_join_all(chunks).await?.into_iter().flatten();
            let known = data.filter_map(|data| {
                let id = data.user.as_ref()?.id.clone()?;
                Some((id, convert::presence(Some(&data), &offline)))
            });
            Ok(known.filter(|(id, _)| user_ids.contains(id)).collect())
        };
        read.await.map_err(Fault::problem)
    }

    async fn queues_of(&self, routing_profile: &Named) -> Result<Vec<Named>, Problem> {
        let shelf = {
            let mut shelves = self.directory.queues_of.lock().unwrap_or_else(PoisonError::into_inner);
            shelves.entry(routing_profile.id.clone()).or_default().clone()
        };
        let caller = self.caller.as_ref();
        let fetch = || {
            pages(|token| async move {
                let output = caller
                    .read("ListRoutingProfileQueues", || {
                        caller
                            .client
                            .list_routing_profile_queues()
                            .instance_id(&caller.instance_id)
                            .routing_profile_id(&routing_profile.id)
                            .max_results(100)
                            .set_next_token(token.clone())
                            .send()
                    })
                    .await?;
                let queues = output.routing_profile_queue_config_summary_list.unwrap_or_default();
                let named =
                    queues.into_iter().map(|queue| Named { id: queue.queue_id, name: queue.queue_name });
                Ok((named.collect(), output.next_token))
            })
        };
        let queues = self.shelf(&shelf, false, fetch).await.map_err(Fault::problem)?;
        // A queue is listed once for each channel.
        let once: BTreeSet<Named> = queues.iter().cloned().collect();
        Ok(once.into_iter().collect())
    }

    async fn agents_in(&self, queues: &[Named]) -> Result<BTreeMap<String, Named>, Problem> {
        let read = async {
            let offline = self.offline_ids().await?;
            let mut agents = BTreeMap::new();
            for some in queues.chunks(AT_WORK_AT_ONCE) {
                let ids = some.iter().map(|queue| queue.id.clone()).collect();
                let filters = sdk::UserDataFilters::builder().set_queues(Some(ids)).build();
                for data in self.current_user_data(filters).await? {
                    let active = convert::presence(Some(&data), &offline).active;
                    let id = data.user.and_then(|user| user.id);
                    let profile = data.routing_profile.and_then(|profile| profile.id);
                    if let (Some(id), Some(profile), true) = (id, profile, active) {
                        agents.insert(id, Named { name: profile.clone(), id: profile });
                    }
                }
            }
            Ok(agents)
        };
        read.await.map_err(Fault::problem)
    }

    async fn search(&self, filter: &Filter, limit: usize) -> Result<(Vec<Found>, usize), Problem> {
        self.search_users(filter, limit).await.map_err(Fault::problem)
    }

    async fn users_page(&self, after: Option<&str>) -> Result<UsersPage, Problem> {
        let caller = self.caller.as_ref();
        let output = caller
            .read("SearchUsers", || {
                caller
                    .client
                    .search_users()
                    .instance_id(&caller.instance_id)
                    .max_results(500)
                    .set_next_token(after.map(str::to_owned))
                    .send()
            })
            .await
            .map_err(Fault::problem)?;
        let users = output.users.unwrap_or_default().into_iter().filter_map(|user| {
            let (first, last) =
                user.identity_info.map(|info| (info.first_name, info.last_name)).unwrap_or_default();
            Some(UserName {
                login: user.username?,
                first_name: first.unwrap_or_default(),
                last_name: last.unwrap_or_default(),
            })
        });
        let next = output.next_token.filter(|token| !token.is_empty());
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
        let caller = self.caller.as_ref();
        let shelf = self
            .directory
            .permissions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(security_profile.id.clone())
            .or_default()
            .clone();
        let read = || {
            pages(|token| async move {
                let output = caller
                    .read("ListSecurityProfilePermissions", || {
                        caller
                            .client
                            .list_security_profile_permissions()
                            .instance_id(&caller.instance_id)
                            .security_profile_id(&security_profile.id)
                            .max_results(1000)
                            .set_next_token(token.clone())
                            .send()
                    })
                    .await?;
                Ok((output.permissions.unwrap_or_default(), output.next_token))
            })
        };
        let permissions = self.shelved(&shelf, PERMISSIONS_LAST, read).await.map_err(Fault::problem)?;
        Ok(permissions.to_vec())
    }

    async fn hierarchy_groups(&self) -> Result<Vec<Named>, Problem> {
        self.hierarchy_group_names(false).await.map(|names| names.to_vec()).map_err(Fault::problem)
    }

    async fn queues(&self) -> Result<Vec<Named>, Problem> {
        self.standard_queues().await.map_err(Fault::problem)
    }

    async fn quick_connects(&self) -> Result<Vec<Named>, Problem> {
        self.quick_connect_names().await.map_err(Fault::problem)
    }

    async fn transfer_flows(&self) -> Result<Vec<Named>, Problem> {
        self.agent_transfer_flows().await.map_err(Fault::problem)
    }

    async fn hierarchy_path(&self, group: &Named) -> Result<Named, Problem> {
        self.path_of(&group.id).await.map_err(Fault::problem)
    }
}
