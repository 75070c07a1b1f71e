//! Which operations the desk's credentials allow, tried without effect: only what reads is called, for one item, or for one that no
//! instance has. An operation that writes is never called.

use std::collections::BTreeSet;

use aws_sdk_connect::types::{CurrentMetric, CurrentMetricName, Filters, Unit, UserDataFilters};
use desk_core::basics::problem::Problem;

use super::client::Connect;
use crate::systems::aws::Answer;

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
        // What reads, by what it has to be told beside the instance: nothing, how many, or the id of one thing.
        macro_rules! reads {
            (
                whole: $($whole:literal $whole_call:ident,)*
                first: $($first:literal $first_call:ident,)*
                one: $($one:literal $one_call:ident $id:ident,)*
            ) => {
                match operation {
                    $($whole => try_it!(client.$whole_call().instance_id(instance)),)*
                    $($first => try_it!(client.$first_call().instance_id(instance).max_results(1)),)*
                    $($one => try_it!(client.$one_call().instance_id(instance).$id(NOTHING)),)*
                    "GetCurrentUserData" => {
                        let nothing = UserDataFilters::builder().queues(NOTHING).build();
                        try_it!(client.get_current_user_data().instance_id(instance).filters(nothing.clone()))
                    }
                    "GetCurrentMetricData" => {
                        let nothing = Filters::builder().queues(NOTHING).build();
                        let metric = CurrentMetric::builder()
                            .name(CurrentMetricName::AgentsAvailable)
                            .unit(Unit::Count)
                            .build();
                        try_it!(
                            client
                                .get_current_metric_data()
                                .instance_id(instance)
                                .filters(nothing.clone())
                                .current_metrics(metric.clone())
                        )
                    }
                    "GetEffectiveHoursOfOperations" => try_it!(
                        client
                            .get_effective_hours_of_operations()
                            .instance_id(instance)
                            .hours_of_operation_id(NOTHING)
                            .from_date("2026-01-01")
                            .to_date("2026-01-01")
                    ),
                    _ => Tried::Untried,
                }
            };
        }
        reads! {
            whole:
                "DescribeInstance" describe_instance,
                "DescribeUserHierarchyStructure" describe_user_hierarchy_structure,
            first:
                "ListAgentStatuses" list_agent_statuses,
                "ListContactFlows" list_contact_flows,
                "ListHoursOfOperations" list_hours_of_operations,
                "ListPhoneNumbersV2" list_phone_numbers_v2,
                "ListQueues" list_queues,
                "ListQuickConnects" list_quick_connects,
                "ListRoutingProfiles" list_routing_profiles,
                "ListSecurityProfiles" list_security_profiles,
                "ListUserHierarchyGroups" list_user_hierarchy_groups,
                "ListUsers" list_users,
                "SearchAgentStatuses" search_agent_statuses,
                "SearchContactFlows" search_contact_flows,
                "SearchHoursOfOperationOverrides" search_hours_of_operation_overrides,
                "SearchHoursOfOperations" search_hours_of_operations,
                "SearchPredefinedAttributes" search_predefined_attributes,
                "SearchQueues" search_queues,
                "SearchQuickConnects" search_quick_connects,
                "SearchRoutingProfiles" search_routing_profiles,
                "SearchSecurityProfiles" search_security_profiles,
                "SearchUserHierarchyGroups" search_user_hierarchy_groups,
                "SearchUsers" search_users,
            one:
                "DescribeAgentStatus" describe_agent_status agent_status_id,
                "DescribeContactFlow" describe_contact_flow contact_flow_id,
                "DescribeHoursOfOperation" describe_hours_of_operation hours_of_operation_id,
                "DescribeQueue" describe_queue queue_id,
                "DescribeQuickConnect" describe_quick_connect quick_connect_id,
                "DescribeRoutingProfile" describe_routing_profile routing_profile_id,
                "DescribeSecurityProfile" describe_security_profile security_profile_id,
                "DescribeUser" describe_user user_id,
                "DescribeUserHierarchyGroup" describe_user_hierarchy_group hierarchy_group_id,
                "ListHoursOfOperationOverrides" list_hours_of_operation_overrides hours_of_operation_id,
                "ListQueueQuickConnects" list_queue_quick_connects queue_id,
                "ListRoutingProfileManualAssignmentQueues" list_routing_profile_manual_assignment_queues routing_profile_id,
                "ListRoutingProfileQueues" list_routing_profile_queues routing_profile_id,
                "ListSecurityProfilePermissions" list_security_profile_permissions security_profile_id,
                "ListUserProficiencies" list_user_proficiencies user_id,
        }
    }
}
