//! The reading half of what routes contacts: quick connects, queues, routing profiles and flows.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::Problem;
use desk_core::center::{
    Channel, FlowInfo, LeadsTo, Named, OutboundCaller, QueueInfo, QuickConnectInfo, RoutedQueue, Routing,
    RoutingProfileInfo, Slots,
};

use super::call::text;
use super::client::Connect;
use super::convert;
use super::read::{named, pages};
use crate::systems::apply::Fault;

/// The largest page of quick connects.
const QUICK_CONNECTS_A_PAGE: i32 = 100;

/// The largest page of the other searches.
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

fn absent<T>(read: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(Fault::NotFound(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// All pages of a search, in the order of the names.
macro_rules! searched {
    ($connect:expr, $operation:literal, $field:ident, $page:expr, $of:expr, |$client:ident| $search:expr) => {{
        let caller = $connect.caller.as_ref();
        let $client = &caller.client;
        let mut all = pages(
            caller,
            $operation,
            |token| {
                let search = $search.instance_id(&caller.instance_id);
                search.max_results($page).set_next_token(token).send()
            },
            |output| {
                let found: Option<Vec<_>> = output.$field?.into_iter().map($of).collect();
                Some((found?, output.next_token))
            },
        )
        .await?;
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }};
}

impl Connect {
    pub(super) async fn described_quick_connect(&self, id: &str) -> Result<Option<QuickConnectInfo>, Fault> {
        let caller = self.caller.as_ref();
        let read = caller
            .read(
                "DescribeQuickConnect",
                || {
                    let describe = caller.client.describe_quick_connect();
                    describe.instance_id(&caller.instance_id).quick_connect_id(id).send()
                },
                |output| quick_connect(output.quick_connect?),
            )
            .await;
        absent(read)
    }

    pub(super) async fn described_queue(&self, id: &str) -> Result<Option<QueueInfo>, Fault> {
        let caller = self.caller.as_ref();
        let read = caller
            .read(
                "DescribeQueue",
                || {
                    let describe = caller.client.describe_queue();
                    describe.instance_id(&caller.instance_id).queue_id(id).send()
                },
                |output| queue(output.queue?),
            )
            .await;
        absent(read)
    }

    pub(super) async fn described_profile(&self, id: &str) -> Result<Option<RoutingProfileInfo>, Fault> {
        let caller = self.caller.as_ref();
        let read = caller
            .read(
                "DescribeRoutingProfile",
                || {
                    let describe = caller.client.describe_routing_profile();
                    describe.instance_id(&caller.instance_id).routing_profile_id(id).send()
                },
                |output| routing_profile(output.routing_profile?),
            )
            .await;
        absent(read)
    }

    /// What a routing profile serves; nothing where there is no such profile.
    pub(super) async fn pairs_of(&self, id: &str) -> Result<Option<Vec<RoutedQueue>>, Fault> {
        let caller = self.caller.as_ref();
        let read = pages(
            caller,
            "ListRoutingProfileQueues",
            |token| {
                let list = caller.client.list_routing_profile_queues().instance_id(&caller.instance_id);
                list.routing_profile_id(id).max_results(100).set_next_token(token).send()
            },
            |output| {
                // Pairs in a channel that the desk doesn't know are no concern of it.
                let all = output.routing_profile_queue_config_summary_list?.into_iter();
                let known = all.filter_map(|one| Some((convert::channel(&one.channel)?, one)));
                let pairs = known.map(|(channel, one)| {
                    // A queue that is gone has no name.
                    let name = text(Some(one.queue_name)).unwrap_or_else(|| one.queue_id.clone());
                    Some(RoutedQueue {
                        queue: named(Some(one.queue_id), Some(name))?,
                        channel,
                        priority: some(one.priority),
                        delay: some(one.delay),
                    })
                });
                Some((pairs.collect::<Option<Vec<_>>>()?, output.next_token))
            },
        )
        .await;
        absent(read)
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

    async fn search_quick_connects(&self) -> Result<Vec<QuickConnectInfo>, Fault> {
        searched!(
            self,
            "SearchQuickConnects",
            quick_connects,
            QUICK_CONNECTS_A_PAGE,
            quick_connect,
            |client| { client.search_quick_connects() }
        )
    }

    async fn search_queues(&self) -> Result<Vec<QueueInfo>, Fault> {
        searched!(self, "SearchQueues", queues, FOUND_A_PAGE, queue, |client| client.search_queues())
    }

    async fn search_profiles(&self) -> Result<Vec<RoutingProfileInfo>, Fault> {
        searched!(self, "SearchRoutingProfiles", routing_profiles, FOUND_A_PAGE, routing_profile, |client| {
            client.search_routing_profiles()
        })
    }

    /// What a queue offers now; it is remembered.
    pub(super) async fn names_of_offered(&self, queue_id: &str) -> Result<Vec<Named>, Fault> {
        let caller = self.caller.as_ref();
        let asked = self.directory.offers.ask();
        let offered = pages(
            caller,
            "ListQueueQuickConnects",
            |token| {
                let list = caller.client.list_queue_quick_connects().instance_id(&caller.instance_id);
                list.queue_id(queue_id).max_results(100).set_next_token(token).send()
            },
            |output| {
                let all = output.quick_connect_summary_list?.into_iter();
                let all: Option<Vec<Named>> = all.map(|one| named(one.id, one.name)).collect();
                Some((all?, output.next_token))
            },
        )
        .await?;
        let ids = Arc::new(offered.iter().map(|one| one.id.clone()).collect());
        self.directory.offers.learn(queue_id, asked, caller.clock.monotonic(), Some(ids));
        Ok(offered)
    }

    async fn manual_pairs(&self, id: &str) -> Result<Vec<(Named, Channel)>, Fault> {
        let caller = self.caller.as_ref();
        pages(
            caller,
            "ListRoutingProfileManualAssignmentQueues",
            |token| {
                let list = caller.client.list_routing_profile_manual_assignment_queues();
                let list = list.instance_id(&caller.instance_id).routing_profile_id(id);
                list.max_results(100).set_next_token(token).send()
            },
            |output| {
                let all = output.routing_profile_manual_assignment_queue_config_summary_list?.into_iter();
                let known = all.filter_map(|one| Some((convert::channel(&one.channel)?, one)));
                let all: Option<Vec<_>> = known
                    .map(|(channel, one)| Some((named(Some(one.queue_id), Some(one.queue_name))?, channel)))
                    .collect();
                Some((all?, output.next_token))
            },
        )
        .await
    }

    async fn all_flows(&self) -> Result<Vec<FlowInfo>, Fault> {
        let caller = self.caller.as_ref();
        pages(
            caller,
            "ListContactFlows",
            |token| {
                let list = caller.client.list_contact_flows().instance_id(&caller.instance_id);
                list.max_results(1000).set_next_token(token).send()
            },
            |output| {
                let all = output.contact_flow_summary_list?.into_iter().map(|one| {
                    Some(FlowInfo {
                        id: text(one.id)?,
                        name: text(one.name)?,
                        of_type: one.contact_flow_type?.as_str().to_owned(),
                        archived: one.contact_flow_state == Some(sdk::ContactFlowState::Archived),
                        published: one.contact_flow_status != Some(sdk::ContactFlowStatus::Saved),
                    })
                });
                Some((all.collect::<Option<Vec<_>>>()?, output.next_token))
            },
        )
        .await
    }

    async fn hours_names(&self) -> Result<Vec<Named>, Fault> {
        let caller = self.caller.as_ref();
        pages(
            caller,
            "ListHoursOfOperations",
            |token| {
                let list = caller.client.list_hours_of_operations().instance_id(&caller.instance_id);
                list.max_results(1000).set_next_token(token).send()
            },
            |output| {
                let all = output.hours_of_operation_summary_list?.into_iter();
                let all: Option<Vec<Named>> = all.map(|one| named(one.id, one.name)).collect();
                Some((all?, output.next_token))
            },
        )
        .await
    }

    async fn all_logins(&self) -> Result<BTreeMap<String, String>, Fault> {
        let caller = self.caller.as_ref();
        let all = pages(
            caller,
            "SearchUsers",
            |token| {
                let search = caller.client.search_users().instance_id(&caller.instance_id);
                search.max_results(FOUND_A_PAGE).set_next_token(token).send()
            },
            |output| {
                let users = output.users?.into_iter();
                let users: Option<Vec<Named>> = users.map(|user| named(user.id, user.username)).collect();
                Some((users?, output.next_token))
            },
        )
        .await?;
        Ok(all.into_iter().map(|user| (user.id, user.name)).collect())
    }
}

fn id_of(all: &[Named], name: &str) -> Option<String> {
    all.iter().find(|one| one.name == name).map(|one| one.id.clone())
}

#[async_trait]
impl Routing for Connect {
    async fn all_quick_connects(&self) -> Result<Vec<QuickConnectInfo>, Problem> {
        self.search_quick_connects().await.map_err(Fault::problem)
    }

    async fn quick_connect_with_id(&self, id: &str) -> Result<Option<QuickConnectInfo>, Problem> {
        self.described_quick_connect(id).await.map_err(Fault::problem)
    }

    async fn all_queues(&self) -> Result<Vec<QueueInfo>, Problem> {
        self.search_queues().await.map_err(Fault::problem)
    }

    async fn queue_with_id(&self, id: &str) -> Result<Option<QueueInfo>, Problem> {
        self.described_queue(id).await.map_err(Fault::problem)
    }

    async fn offered_by(&self, queue_id: &str) -> Result<Vec<Named>, Problem> {
        self.names_of_offered(queue_id).await.map_err(Fault::problem)
    }

    async fn all_routing_profiles(&self) -> Result<Vec<RoutingProfileInfo>, Problem> {
        self.search_profiles().await.map_err(Fault::problem)
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
        self.manual_pairs(routing_profile_id).await.map_err(Fault::problem)
    }

    async fn flows(&self) -> Result<Vec<FlowInfo>, Problem> {
        self.all_flows().await.map_err(Fault::problem)
    }

    async fn hours_of_operation(&self) -> Result<Vec<Named>, Problem> {
        self.hours_names().await.map_err(Fault::problem)
    }

    async fn logins(&self) -> Result<BTreeMap<String, String>, Problem> {
        self.all_logins().await.map_err(Fault::problem)
    }
}
