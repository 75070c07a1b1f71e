//! Which operations the desk's credentials allow, tried without effect: only what reads is called, for one item, or for one that no
//! instance has. An operation that writes is never called.

use std::collections::BTreeSet;

use aws_sdk_connect::types::UserDataFilters;
use desk_core::basics::problem::Problem;

use super::client::Connect;
use crate::aws::Answer;

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    Allowed,
    NotAllowed,
    /// It writes, or is not known here.
    Untried,
    /// The answer says nothing about rights.
    Unknown(Problem),
}

/// An id that nothing has.
const NOTHING: &str = "00000000-0000-4000-8000-000000000000";

impl Connect {
    /// Tries each of these operations of Amazon Connect, as `DescribeUser`.
    pub(crate) async fn probe(&self, operations: &BTreeSet<&'static str>) -> Vec<(&'static str, Tried)> {
        let mut tried = Vec::new();
        for operation in operations {
            tried.push((*operation, self.try_one(operation).await));
        }
        tried
    }

    async fn try_one(&self, operation: &'static str) -> Tried {
        let caller = self.caller.as_ref();
        let (client, instance) = (&caller.client, caller.instance_id.as_str());
        macro_rules! try_it {
            ($call:expr) => {{
                let sent = caller.send(operation, || $call.send(), |_| Some(())).await;
                match sent {
                    Ok(()) => Tried::Allowed,
                    // It looked at what was asked for, so it is allowed to.
                    Err((Answer::Refused { .. } | Answer::Throttled, _)) => Tried::Allowed,
                    Err((Answer::NotAllowed { .. }, _)) => Tried::NotAllowed,
                    Err((_, problem)) => Tried::Unknown(problem),
                }
            }};
        }
        match operation {
            "DescribeInstance" => try_it!(client.describe_instance().instance_id(instance)),
            "DescribeUser" => try_it!(client.describe_user().instance_id(instance).user_id(NOTHING)),
            "DescribeUserHierarchyGroup" => {
                try_it!(
                    client.describe_user_hierarchy_group().instance_id(instance).hierarchy_group_id(NOTHING)
                )
            }
            "DescribeQuickConnect" => {
                try_it!(client.describe_quick_connect().instance_id(instance).quick_connect_id(NOTHING))
            }
            "GetCurrentUserData" => {
                let nothing = UserDataFilters::builder().queues(NOTHING).build();
                try_it!(client.get_current_user_data().instance_id(instance).filters(nothing.clone()))
            }
            "ListAgentStatuses" => try_it!(client.list_agent_statuses().instance_id(instance).max_results(1)),
            "ListContactFlows" => try_it!(client.list_contact_flows().instance_id(instance).max_results(1)),
            "ListQueueQuickConnects" => {
                try_it!(client.list_queue_quick_connects().instance_id(instance).queue_id(NOTHING))
            }
            "ListQueues" => try_it!(client.list_queues().instance_id(instance).max_results(1)),
            "ListQuickConnects" => try_it!(client.list_quick_connects().instance_id(instance).max_results(1)),
            "ListRoutingProfileQueues" => {
                try_it!(
                    client.list_routing_profile_queues().instance_id(instance).routing_profile_id(NOTHING)
                )
            }
            "ListRoutingProfiles" => {
                try_it!(client.list_routing_profiles().instance_id(instance).max_results(1))
            }
            "ListSecurityProfilePermissions" => {
                try_it!(
                    client
                        .list_security_profile_permissions()
                        .instance_id(instance)
                        .security_profile_id(NOTHING)
                )
            }
            "ListSecurityProfiles" => {
                try_it!(client.list_security_profiles().instance_id(instance).max_results(1))
            }
            "ListUserHierarchyGroups" => {
                try_it!(client.list_user_hierarchy_groups().instance_id(instance).max_results(1))
            }
            "ListUserProficiencies" => {
                try_it!(client.list_user_proficiencies().instance_id(instance).user_id(NOTHING))
            }
            "ListUsers" => try_it!(client.list_users().instance_id(instance).max_results(1)),
            "SearchUsers" => try_it!(client.search_users().instance_id(instance).max_results(1)),
            _ => Tried::Untried,
        }
    }
}
