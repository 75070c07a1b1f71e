//! The operations that are carried out here: one row each, from which `contract/generate.py` makes the contracts, too.
//!
//! An operation that reads gets the world as reads see it, and one that searches as searches do. One that writes gets the
//! truth and drafts changes; nothing is different until the whole draft is committed.

mod contacts;
mod directory;
mod flows;
mod hierarchy;
mod hours;
mod instance;
mod lists;
mod live;
mod metrics;
mod profile;
mod queues;
mod quick_connects;
mod quotas;
mod routing_profiles;
mod search;
mod security_profiles;
mod statuses;
mod tags;
mod users;

use crate::answer::Outcome;
use crate::call::{Call, Draft};
use crate::world::World;

pub(crate) enum Handler {
    Read(fn(&World, &Call) -> Outcome),
    Search(fn(&World, &Call) -> Outcome),
    Write(fn(&mut Draft<'_>, &Call) -> Outcome),
}

/// What carries out the operation; every operation of the contracts has a row, which a test proves.
pub(crate) fn handler(operation: &str) -> Option<&'static Handler> {
    HANDLERS.iter().find(|(name, _)| *name == operation).map(|(_, handler)| handler)
}

use Handler::{Read, Search, Write};

static HANDLERS: &[(&str, Handler)] = &[
    ("DescribeInstance", Read(instance::describe)),
    ("ListInstances", Read(instance::list_instances)),
    ("DescribeInstanceAttribute", Read(instance::describe_attribute)),
    ("ListInstanceAttributes", Read(instance::list_attributes)),
    ("ListPhoneNumbersV2", Read(instance::list_phone_numbers)),
    ("DescribePredefinedAttribute", Read(instance::describe_predefined)),
    ("ListPredefinedAttributes", Read(instance::list_predefined)),
    ("SearchPredefinedAttributes", Search(instance::search_predefined)),
    ("CreateUser", Write(users::create)),
    ("DeleteUser", Write(users::delete)),
    ("DescribeUser", Read(users::describe)),
    ("ListUsers", Read(users::list)),
    ("SearchUsers", Search(users::search)),
    ("UpdateUserIdentityInfo", Write(profile::identity_info)),
    ("UpdateUserPhoneConfig", Write(profile::phone_config)),
    ("UpdateUserConfig", Write(profile::config)),
    ("UpdateUserRoutingProfile", Write(profile::routing_profile)),
    ("UpdateUserSecurityProfiles", Write(profile::security_profiles)),
    ("UpdateUserHierarchy", Write(profile::hierarchy)),
    ("UpdateUserProficiencies", Write(profile::update_proficiencies)),
    ("AssociateUserProficiencies", Write(profile::associate_proficiencies)),
    ("DisassociateUserProficiencies", Write(profile::disassociate_proficiencies)),
    ("ListUserProficiencies", Read(profile::list_proficiencies)),
    ("CreateRoutingProfile", Write(routing_profiles::create)),
    ("DeleteRoutingProfile", Write(routing_profiles::delete)),
    ("DescribeRoutingProfile", Read(routing_profiles::describe)),
    ("ListRoutingProfiles", Read(routing_profiles::list)),
    ("SearchRoutingProfiles", Search(routing_profiles::search)),
    ("UpdateRoutingProfileName", Write(routing_profiles::update_name)),
    ("UpdateRoutingProfileConcurrency", Write(routing_profiles::update_concurrency)),
    ("UpdateRoutingProfileDefaultOutboundQueue", Write(routing_profiles::update_default_queue)),
    ("UpdateRoutingProfileAgentAvailabilityTimer", Write(routing_profiles::update_timer)),
    ("UpdateRoutingProfileQueues", Write(routing_profiles::update_queues)),
    ("AssociateRoutingProfileQueues", Write(routing_profiles::associate_queues)),
    ("DisassociateRoutingProfileQueues", Write(routing_profiles::disassociate_queues)),
    ("ListRoutingProfileQueues", Read(routing_profiles::list_queues)),
    ("ListRoutingProfileManualAssignmentQueues", Read(routing_profiles::list_manual_queues)),
    ("DescribeSecurityProfile", Read(security_profiles::describe)),
    ("ListSecurityProfiles", Read(security_profiles::list)),
    ("ListSecurityProfilePermissions", Read(security_profiles::list_permissions)),
    ("SearchSecurityProfiles", Search(security_profiles::search)),
    ("DescribeUserHierarchyStructure", Read(hierarchy::describe_structure)),
    ("UpdateUserHierarchyStructure", Write(hierarchy::update_structure)),
    ("CreateUserHierarchyGroup", Write(hierarchy::create_group)),
    ("DeleteUserHierarchyGroup", Write(hierarchy::delete_group)),
    ("DescribeUserHierarchyGroup", Read(hierarchy::describe_group)),
    ("ListUserHierarchyGroups", Read(hierarchy::list_groups)),
    ("SearchUserHierarchyGroups", Search(hierarchy::search_groups)),
    ("UpdateUserHierarchyGroupName", Write(hierarchy::update_group_name)),
    ("CreateAgentStatus", Write(statuses::create)),
    ("DescribeAgentStatus", Read(statuses::describe)),
    ("ListAgentStatuses", Read(statuses::list)),
    ("SearchAgentStatuses", Search(statuses::search)),
    ("UpdateAgentStatus", Write(statuses::update)),
    ("CreateQuickConnect", Write(quick_connects::create)),
    ("DeleteQuickConnect", Write(quick_connects::delete)),
    ("DescribeQuickConnect", Read(quick_connects::describe)),
    ("ListQuickConnects", Read(quick_connects::list)),
    ("SearchQuickConnects", Search(quick_connects::search)),
    ("UpdateQuickConnectConfig", Write(quick_connects::update_config)),
    ("UpdateQuickConnectName", Write(quick_connects::update_name)),
    ("CreateQueue", Write(queues::create)),
    ("DeleteQueue", Write(queues::delete)),
    ("DescribeQueue", Read(queues::describe)),
    ("ListQueues", Read(queues::list)),
    ("SearchQueues", Search(queues::search)),
    ("UpdateQueueName", Write(queues::update_name)),
    ("UpdateQueueStatus", Write(queues::update_status)),
    ("UpdateQueueHoursOfOperation", Write(queues::update_hours)),
    ("UpdateQueueMaxContacts", Write(queues::update_max_contacts)),
    ("UpdateQueueOutboundCallerConfig", Write(queues::update_caller)),
    ("ListQueueQuickConnects", Read(queues::list_quick_connects)),
    ("AssociateQueueQuickConnects", Write(queues::associate_quick_connects)),
    ("DisassociateQueueQuickConnects", Write(queues::disassociate_quick_connects)),
    ("DescribeHoursOfOperation", Read(hours::describe)),
    ("ListHoursOfOperations", Read(hours::list)),
    ("SearchHoursOfOperations", Search(hours::search)),
    ("CreateHoursOfOperationOverride", Write(hours::create_override)),
    ("DeleteHoursOfOperationOverride", Write(hours::delete_override)),
    ("DescribeHoursOfOperationOverride", Read(hours::describe_override)),
    ("ListHoursOfOperationOverrides", Read(hours::list_overrides)),
    ("SearchHoursOfOperationOverrides", Search(hours::search_overrides)),
    ("UpdateHoursOfOperationOverride", Write(hours::update_override)),
    ("GetEffectiveHoursOfOperations", Read(hours::get_effective)),
    ("DescribeContactFlow", Read(flows::describe)),
    ("ListContactFlows", Read(flows::list)),
    ("SearchContactFlows", Search(flows::search)),
    ("GetCurrentUserData", Read(live::current_user_data)),
    ("GetCurrentMetricData", Read(metrics::current_metric_data)),
    ("PutUserStatus", Write(live::put_status)),
    ("DismissUserContact", Write(live::dismiss_contact)),
    ("StartTaskContact", Write(contacts::start_task)),
    ("StopContact", Write(contacts::stop)),
    ("TagResource", Write(tags::tag)),
    ("UntagResource", Write(tags::untag)),
    ("ListTagsForResource", Read(tags::list)),
    ("ResetUserPassword", Write(directory::reset_user_password)),
    ("GetServiceQuota", Read(quotas::get)),
    ("ListServiceQuotas", Read(quotas::list)),
];
