//! The reading half of what routes contacts: quick connects, queues, routing profiles and flows.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::Problem;
use desk_core::center::{
    Channel, FlowInfo, LeadsTo, Named, OutboundCaller, QueueInfo, QuickConnectInfo, RoutedQueue, Routing,
    RoutingProfileInfo, Slots,
};

use super::cached::Served;
use super::call::{absent, read, text};
use super::client::Connect;
use super::convert;
use super::lists::{all_pages, named};
use super::read::NAMES_LAST;
use crate::systems::apply::Fault;

/// The largest page of a search.
const FOUND_A_PAGE: i32 = 500;

fn whole(number: Option<i64>) -> u64 {
    number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
}

/// A number that the answer has.
fn some(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

fn leads_to(config: sdk::QuickConnectConfig) -> Option<LeadsTo> {
    Some(match config.quick_connect_type {
        sdk::QuickConnectType::User => {
            let config = config.user_config?;
            LeadsTo::User {
                user_id: text(Some(config.user_id))?,
                flow_id: text(Some(config.contact_flow_id))?,
            }
        }
        sdk::QuickConnectType::Queue => {
            let config = config.queue_config?;
            LeadsTo::Queue {
                queue_id: text(Some(config.queue_id))?,
                flow_id: text(Some(config.contact_flow_id))?,
            }
        }
        sdk::QuickConnectType::PhoneNumber => LeadsTo::Number(text(Some(config.phone_config?.phone_number))?),
        sdk::QuickConnectType::Flow => {
            LeadsTo::Flow { flow_id: text(Some(config.flow_config?.contact_flow_id))? }
        }
        other => LeadsTo::Elsewhere(other.as_str().to_owned()),
    })
}

pub(super) fn quick_connect(one: sdk::QuickConnect) -> Option<QuickConnectInfo> {
    Some(QuickConnectInfo {
        id: text(one.quick_connect_id)?,
        name: text(one.name)?,
        description: text(one.description),
        leads_to: leads_to(one.quick_connect_config?)?,
        tags: convert::tags(one.tags.as_ref()),
    })
}

fn queue(one: sdk::Queue) -> Option<QueueInfo> {
    let caller = one.outbound_caller_config.map(|caller| OutboundCaller {
        name: text(caller.outbound_caller_id_name),
        number_id: text(caller.outbound_caller_id_number_id),
        flow_id: text(caller.outbound_flow_id),
    });
    Some(QueueInfo {
        id: text(one.queue_id)?,
        name: text(one.name)?,
        description: text(one.description),
        hours_id: text(one.hours_of_operation_id),
        max_contacts: one.max_contacts.map(some),
        enabled: one.status? == sdk::QueueStatus::Enabled,
        caller: caller.unwrap_or_default(),
        tags: convert::tags(one.tags.as_ref()),
    })
}

/// Nothing for a channel that the desk doesn't know.
fn slots(one: sdk::MediaConcurrency) -> Option<Slots> {
    let any_channel = one.cross_channel_behavior.map(|behavior| behavior.behavior_type);
    let workloads = one.workload_type_concurrencies.unwrap_or_default();
    Some(Slots {
        channel: convert::channel(&one.channel)?,
        slots: some(one.concurrency),
        any_channel: any_channel.map(|behavior| behavior == sdk::BehaviorType::RouteAnyChannel),
        workloads: workloads.into_iter().map(|one| (one.workload_type, some(one.concurrency))).collect(),
    })
}

fn routing_profile(one: sdk::RoutingProfile) -> Option<RoutingProfileInfo> {
    let channels = one.media_concurrencies?;
    let unknown = channels.iter().filter(|one| convert::channel(&one.channel).is_none());
    let other_channels = unknown.map(|one| one.channel.as_str().to_owned()).collect();
    let mut slots: Vec<Slots> = channels.into_iter().filter_map(slots).collect();
    slots.sort_by_key(|slots| slots.channel);
    Some(RoutingProfileInfo {
        id: text(one.routing_profile_id)?,
        name: text(one.name)?,
        description: text(one.description),
        default_queue_id: text(one.default_outbound_queue_id),
        slots,
        other_channels,
        queue_ids: one.associated_queue_ids.unwrap_or_default(),
        manual_queue_ids: one.associated_manual_assignment_queue_ids.unwrap_or_default(),
        users: whole(one.number_of_associated_users),
        pairs: whole(one.number_of_associated_queues),
        is_default: one.is_default,
        counts_inbound_only: one.agent_availability_timer
            == Some(sdk::AgentAvailabilityTimer::TimeSinceLastInbound),
        tags: convert::tags(one.tags.as_ref()),
    })
}

impl Connect {
    /// The queues of a routing profile, by their names.
    pub(super) async fn queues_served_by(&self, profile_id: &str) -> Result<Vec<Named>, Fault> {
        let (served, names) = futures::try_join!(self.served_by_all(), self.queue_names())?;
        let queues = served.iter().find(|(id, _)| id == profile_id).map(|(_, queues)| queues);
        let mut named: Vec<Named> =
            names.iter().filter(|queue| queues.is_some_and(|ids| ids.contains(&queue.id))).cloned().collect();
        named.sort();
        Ok(named)
    }

    async fn served_by_all(&self) -> Result<Arc<Vec<Served>>, Fault> {
        let read = || {
            all_pages!(
                self,
                "SearchRoutingProfiles",
                search_routing_profiles,
                500,
                routing_profiles,
                |profile| {
                    let queues = profile.associated_queue_ids.unwrap_or_default();
                    Some((text(profile.routing_profile_id)?, queues.into_iter().collect()))
                }
            )
        };
        self.shelved(&self.directory.served, NAMES_LAST, read).await
    }

    /// The standard queues' names, a minute old at most.
    pub(super) async fn queue_names(&self) -> Result<Arc<Vec<Named>>, Fault> {
        self.shelved(&self.directory.queues, NAMES_LAST, || self.standard_queues()).await
    }

    pub(super) async fn described_quick_connect(&self, id: &str) -> Result<Option<QuickConnectInfo>, Fault> {
        let describe =
            read!(self, "DescribeQuickConnect", describe_quick_connect.quick_connect_id(id), |output| {
                quick_connect(output.quick_connect?)
            });
        absent(describe.await)
    }

    pub(super) async fn described_queue(&self, id: &str) -> Result<Option<QueueInfo>, Fault> {
        let describe =
            read!(self, "DescribeQueue", describe_queue.queue_id(id), |output| queue(output.queue?));
        absent(describe.await)
    }

    pub(super) async fn described_profile(&self, id: &str) -> Result<Option<RoutingProfileInfo>, Fault> {
        let describe = read!(
            self,
            "DescribeRoutingProfile",
            describe_routing_profile.routing_profile_id(id),
            |output| { routing_profile(output.routing_profile?) }
        );
        absent(describe.await)
    }

    /// What a routing profile serves; nothing where there is no such profile.
    pub(super) async fn pairs_of(&self, id: &str) -> Result<Option<Vec<RoutedQueue>>, Fault> {
        let list = all_pages!(
            self,
            "ListRoutingProfileQueues",
            list_routing_profile_queues.routing_profile_id(id),
            100,
            routing_profile_queue_config_summary_list,
            |one| match convert::channel(&one.channel) {
                Some(channel) => pair(channel, one).map(Some),
                None => Some(None),
            }
        );
        // Pairs in a channel that the desk doesn't know are no concern of it.
        Ok(absent(list.await)?.map(|all| all.into_iter().flatten().collect()))
    }

    /// The id of the thing with exactly this name, among all that there are now.
    pub(super) async fn quick_connect_id(&self, name: &str) -> Result<Option<String>, Fault> {
        Ok(id_of(&self.quick_connect_names().await?, name))
    }

    pub(super) async fn queue_id(&self, name: &str) -> Result<Option<String>, Fault> {
        Ok(id_of(&self.standard_queues().await?, name))
    }

    pub(super) async fn profile_id(&self, name: &str) -> Result<Option<String>, Fault> {
        Ok(id_of(&self.routing_profile_names(true).await?, name))
    }

    /// Names and queues of routing profiles are read again the next time.
    pub(super) async fn forget_profiles(&self) {
        *self.directory.routing_profiles.0.lock().await = None;
        *self.directory.served.0.lock().await = None;
    }

    /// What a queue offers now; it is remembered.
    pub(super) async fn names_of_offered(&self, queue_id: &str) -> Result<Vec<Named>, Fault> {
        let asked = self.directory.offers.ask();
        let list = all_pages!(
            self,
            "ListQueueQuickConnects",
            list_queue_quick_connects.queue_id(queue_id),
            100,
            quick_connect_summary_list,
            |one| named(one.id, one.name)
        );
        let offered = list.await?;
        let ids = Arc::new(offered.iter().map(|one| one.id.clone()).collect());
        self.directory.offers.learn(queue_id, asked, self.caller.clock.monotonic(), Some(ids));
        Ok(offered)
    }
}

/// A queue that a routing profile serves.
fn pair(channel: Channel, one: sdk::RoutingProfileQueueConfigSummary) -> Option<RoutedQueue> {
    // A queue that is gone has no name.
    let name = text(Some(one.queue_name)).unwrap_or_else(|| one.queue_id.clone());
    let (priority, delay) = (some(one.priority), some(one.delay));
    Some(RoutedQueue { queue: named(Some(one.queue_id), Some(name))?, channel, priority, delay })
}

fn id_of(all: &[Named], name: &str) -> Option<String> {
    all.iter().find(|one| one.name == name).map(|one| one.id.clone())
}

#[async_trait]
impl Routing for Connect {
    async fn all_quick_connects(&self) -> Result<Vec<QuickConnectInfo>, Problem> {
        self.known_quick_connects().await.map_err(Fault::problem)
    }

    async fn quick_connect_with_id(&self, id: &str) -> Result<Option<QuickConnectInfo>, Problem> {
        self.described_quick_connect(id).await.map_err(Fault::problem)
    }

    async fn all_queues(&self) -> Result<Vec<QueueInfo>, Problem> {
        let search = all_pages!(self, "SearchQueues", search_queues, FOUND_A_PAGE, queues, queue);
        let mut all = search.await?;
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    async fn queue_with_id(&self, id: &str) -> Result<Option<QueueInfo>, Problem> {
        self.described_queue(id).await.map_err(Fault::problem)
    }

    async fn offered_by(&self, queue_id: &str) -> Result<Vec<Named>, Problem> {
        self.names_of_offered(queue_id).await.map_err(Fault::problem)
    }

    async fn all_routing_profiles(&self) -> Result<Vec<RoutingProfileInfo>, Problem> {
        let search = all_pages!(
            self,
            "SearchRoutingProfiles",
            search_routing_profiles,
            FOUND_A_PAGE,
            routing_profiles,
            routing_profile
        );
        let mut all = search.await?;
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    async fn routing_profile_with_id(&self, id: &str) -> Result<Option<RoutingProfileInfo>, Problem> {
        self.described_profile(id).await.map_err(Fault::problem)
    }

    async fn routing_profile_list(&self) -> Result<Vec<Named>, Problem> {
        self.routing_profile_names(true).await.map(|names| names.to_vec()).map_err(Fault::problem)
    }

    async fn served_by(&self, routing_profile_id: &str) -> Result<Vec<RoutedQueue>, Problem> {
        self.pairs_of(routing_profile_id).await.map(Option::unwrap_or_default).map_err(Fault::problem)
    }

    async fn taken_by_hand(&self, routing_profile_id: &str) -> Result<Vec<(Named, Channel)>, Problem> {
        let list = all_pages!(
            self,
            "ListRoutingProfileManualAssignmentQueues",
            list_routing_profile_manual_assignment_queues.routing_profile_id(routing_profile_id),
            100,
            routing_profile_manual_assignment_queue_config_summary_list,
            |one| match convert::channel(&one.channel) {
                Some(channel) => Some(Some((named(Some(one.queue_id), Some(one.queue_name))?, channel))),
                None => Some(None),
            }
        );
        Ok(list.await?.into_iter().flatten().collect())
    }

    async fn flows(&self) -> Result<Vec<FlowInfo>, Problem> {
        let list = all_pages!(
            self,
            "ListContactFlows",
            list_contact_flows,
            1000,
            contact_flow_summary_list,
            |one| {
                Some(FlowInfo {
                    id: text(one.id)?,
                    name: text(one.name)?,
                    of_type: one.contact_flow_type?.as_str().to_owned(),
                    archived: one.contact_flow_state == Some(sdk::ContactFlowState::Archived),
                    published: one.contact_flow_status != Some(sdk::ContactFlowStatus::Saved),
                })
            }
        );
        Ok(list.await?)
    }

    async fn hours_of_operation(&self) -> Result<Vec<Named>, Problem> {
        let list = all_pages!(
            self,
            "ListHoursOfOperations",
            list_hours_of_operations,
            1000,
            hours_of_operation_summary_list,
            |one| named(one.id, one.name)
        );
        Ok(list.await?)
    }
}
