//! Who is on, what waits in the queues, and the agent statuses.

use std::collections::BTreeMap;

use aws_sdk_connect::types as sdk;
use desk_core::center::{ActiveUser, AgentStatus, Among, Named, QueueNumbers, StatusKind, UserPresence};
use futures::future::try_join_all;

use super::call::{absent, read, text};
use super::client::Connect;
use super::lists::{Page, all_pages, pages};
use super::read::{AT_WORK_AT_ONCE, AtWork};
use crate::systems::apply::Fault;

/// The numbers that are read of a queue.
const NUMBERS: [sdk::CurrentMetricName; 3] = [
    sdk::CurrentMetricName::ContactsInQueue,
    sdk::CurrentMetricName::OldestContactAge,
    sdk::CurrentMetricName::AgentsAvailable,
];

impl Connect {
    /// Everyone of these who is active, by their logins. The whole instance is asked for by its routing profiles, which takes a call
    /// for a hundred agents, and no call for those who are signed out.
    pub(super) async fn active_users(&self, among: &Among) -> Result<Vec<ActiveUser>, Fault> {
        let by = sdk::UserDataFilters::builder();
        let active = match among {
            Among::Everyone => match self.active_by_profiles(false).await {
                // A routing profile was removed since their names were read.
                Err(Fault::NotFound(_)) => self.active_by_profiles(true).await?,
                active => active?,
            },
            Among::RoutingProfile(one) => {
                self.current_user_data(by.routing_profiles(&one.id).build()).await?
            }
            Among::HierarchyGroup(one) => {
                self.current_user_data(by.user_hierarchy_groups(&one.id).build()).await?
            }
            Among::Queue(one) => self.current_user_data(by.queues(&one.id).build()).await?,
        };
        // Anyone who is on two pages, because the list changed while it was read, is there once.
        let active: BTreeMap<String, UserPresence> = active
            .into_iter()
            .filter(|one| one.presence.active)
            .map(|one| (one.user_id, one.presence))
            .collect();
        let ids: Vec<String> = active.keys().cloned().collect();
        let logins = self.logins_of(&ids).await?;
        let mut users: Vec<ActiveUser> = active
            .into_iter()
            .map(|(id, presence)| {
                let login = logins.get(&id).unwrap_or(&id).clone();
                ActiveUser { id, login, presence }
            })
            .collect();
        users.sort_by(|a, b| a.login.cmp(&b.login));
        Ok(users)
    }

    async fn active_by_profiles(&self, refresh: bool) -> Result<Vec<AtWork>, Fault> {
        let profiles = self.routing_profile_names(refresh).await?;
        let of = |some: &[Named]| {
            let ids = some.iter().map(|profile| profile.id.clone()).collect();
            self.current_user_data(sdk::UserDataFilters::builder().set_routing_profiles(Some(ids)).build())
        };
        let read = try_join_all(profiles.chunks(AT_WORK_AT_ONCE).map(of)).await?;
        Ok(read.into_iter().flatten().collect())
    }

    /// What waits in these queues, in their order.
    pub(super) async fn numbers_of(&self, queues: &[Named]) -> Result<Vec<QueueNumbers>, Fault> {
        let caller = self.caller.as_ref();
        let metric = |name: &sdk::CurrentMetricName| {
            let unit = match name {
                sdk::CurrentMetricName::OldestContactAge => sdk::Unit::Seconds,
                _ => sdk::Unit::Count,
            };
            sdk::CurrentMetric::builder().name(name.clone()).unit(unit).build()
        };
        let metrics: Vec<sdk::CurrentMetric> = NUMBERS.iter().map(metric).collect();
        let mut known: BTreeMap<String, BTreeMap<&'static str, u64>> = BTreeMap::new();
        for some in queues.chunks(AT_WORK_AT_ONCE) {
            let ids: Vec<String> = some.iter().map(|queue| queue.id.clone()).collect();
            let filters = sdk::Filters::builder().set_queues(Some(ids)).build();
            let results = pages(
                caller,
                "GetCurrentMetricData",
                |token| {
                    let data = caller.client.get_current_metric_data().instance_id(&caller.instance_id);
                    // With a grouping the oldest contact's age is in seconds; without, in milliseconds.
                    let data = data.filters(filters.clone()).groupings(sdk::Grouping::Queue);
                    let data = data.set_current_metrics(Some(metrics.clone()));
                    data.max_results(100).set_next_token(token).send()
                },
                |output| {
                    let items = output.metric_results.unwrap_or_default();
                    Some(Page { items, next: output.next_token, total: None })
                },
                |_| false,
            );
            for result in results.await?.items {
                let queue = result.dimensions.and_then(|dimensions| dimensions.queue);
                let Some(id) = queue.and_then(|queue| text(queue.id)) else { continue };
                let numbers = known.entry(id).or_default();
                for data in result.collections.unwrap_or_default() {
                    let name = data.metric.and_then(|metric| metric.name);
                    let name = NUMBERS.iter().find(|known| Some(*known) == name.as_ref());
                    if let (Some(name), Some(value)) = (name, data.value) {
                        numbers.insert(word(name), whole_number(value));
                    }
                }
            }
        }
        let numbers = |queue: &Named| {
            let of = known.get(&queue.id);
            let number = |name| of.and_then(|numbers| numbers.get(word(&name))).copied();
            QueueNumbers {
                queue: queue.clone(),
                waiting: number(sdk::CurrentMetricName::ContactsInQueue),
                oldest: number(sdk::CurrentMetricName::OldestContactAge),
                available: number(sdk::CurrentMetricName::AgentsAvailable),
            }
        };
        Ok(queues.iter().map(numbers).collect())
    }

    /// Every agent status: those with a place by it, then the others by their names.
    pub(super) async fn statuses(&self) -> Result<Vec<AgentStatus>, Fault> {
        let search =
            all_pages!(self, "SearchAgentStatuses", search_agent_statuses, 100, agent_statuses, agent_status);
        let mut all = search.await?;
        all.sort_by_key(|status| (status.order.unwrap_or(u32::MAX), status.name.clone()));
        Ok(all)
    }

    /// The status with this id, as it is now.
    pub(super) async fn status(&self, id: &str) -> Result<Option<AgentStatus>, Fault> {
        let describe =
            read!(self, "DescribeAgentStatus", describe_agent_status.agent_status_id(id), |output| {
                agent_status(output.agent_status?)
            });
        absent(describe.await)
    }
}

/// A status with what every one has; nothing for one of a type that the desk does not know.
fn agent_status(status: sdk::AgentStatus) -> Option<AgentStatus> {
    Some(AgentStatus {
        id: text(status.agent_status_id)?,
        name: text(status.name)?,
        kind: match status.r#type? {
            sdk::AgentStatusType::Routable => StatusKind::Routable,
            sdk::AgentStatusType::Offline => StatusKind::Offline,
            sdk::AgentStatusType::Custom => StatusKind::Custom,
            _ => return None,
        },
        enabled: status.state? == sdk::AgentStatusState::Enabled,
        description: text(status.description),
        order: status.display_order.and_then(|at| u32::try_from(at).ok()),
    })
}

fn word(name: &sdk::CurrentMetricName) -> &'static str {
    match name {
        sdk::CurrentMetricName::ContactsInQueue => "waiting",
        sdk::CurrentMetricName::OldestContactAge => "oldest",
        _ => "available",
    }
}

/// A metric is a whole number in the clothes of a float.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped before")]
fn whole_number(value: f64) -> u64 {
    value.round().clamp(0.0, 9_007_199_254_740_992.0) as u64
}
