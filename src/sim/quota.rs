//! How much of each thing an instance takes, under the names and codes that AWS Service Quotas has for it.

use crate::ids::Kind;

/// A quota of the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quota {
    Users,
    QuickConnects,
    Queues,
    RoutingProfiles,
    SecurityProfiles,
    HierarchyGroups,
    AgentStatuses,
    HoursOfOperations,
    ContactFlows,
    PhoneNumbers,
    Tasks,
    QueuesPerRoutingProfile,
    Proficiencies,
}

/// What is known of a quota.
#[derive(Debug)]
pub(crate) struct QuotaInfo {
    pub(crate) quota: Quota,
    /// What the control path calls it.
    pub(crate) setting: &'static str,
    /// AWS's default for a new instance.
    pub(crate) default: usize,
    /// What AWS calls it.
    pub(crate) name: &'static str,
    /// Its code in Service Quotas, which lacks some.
    pub(crate) code: Option<&'static str>,
    /// What is counted, where it is resources of one kind.
    pub(crate) kind: Option<Kind>,
}

/// AWS's defaults as its administrator guide had them in the autumn of 2026.
#[rustfmt::skip]
pub(crate) static QUOTAS: [QuotaInfo; 13] = [
    row(Quota::Users, "user_quota", 500, "Users per instance", Some("L-9A46857E"), None),
    row(Quota::QuickConnects, "quick_connect_quota", 100, "Quick connects per instance", Some("L-68BBE2E8"), Some(Kind::QuickConnect)),
    row(Quota::Queues, "queue_quota", 100, "Queues per instance", Some("L-19A87C94"), Some(Kind::Queue)),
    row(Quota::RoutingProfiles, "routing_profile_quota", 500, "Routing profiles per instance", Some("L-D3E7BE26"), Some(Kind::RoutingProfile)),
    row(Quota::SecurityProfiles, "security_profile_quota", 100, "Security profiles per instance", Some("L-F325A715"), Some(Kind::SecurityProfile)),
    row(Quota::HierarchyGroups, "hierarchy_group_quota", 500, "User hierarchy groups per instance", Some("L-D68AAAE4"), Some(Kind::HierarchyGroup)),
    row(Quota::AgentStatuses, "agent_status_quota", 50, "Agent status per instance", None, Some(Kind::AgentStatus)),
    row(Quota::HoursOfOperations, "hours_of_operation_quota", 100, "Hours of operation per instance", Some("L-20CD02F7"), Some(Kind::HoursOfOperation)),
    row(Quota::ContactFlows, "contact_flow_quota", 100, "Contact flows per instance", Some("L-22922690"), Some(Kind::ContactFlow)),
    row(Quota::PhoneNumbers, "phone_number_quota", 10, "Phone numbers per instance", Some("L-8F812903"), Some(Kind::PhoneNumber)),
    row(Quota::Tasks, "task_quota", 2_500, "Concurrent active tasks per instance", Some("L-60553137"), None),
    row(Quota::QueuesPerRoutingProfile, "queues_per_routing_profile_quota", 50, "Queues per routing profile per instance", Some("L-516BC0EB"), None),
    row(Quota::Proficiencies, "proficiency_quota", 10, "Proficiencies per agent", Some("L-50375162"), None),
];

// A quota finds its row by its place.
const _: () = {
    let mut at = 0;
    while at < QUOTAS.len() {
        assert!(QUOTAS[at].quota as usize == at, "the rows are in the order of the quotas");
        at += 1;
    }
};

const fn row(
    quota: Quota,
    setting: &'static str,
    default: usize,
    name: &'static str,
    code: Option<&'static str>,
    kind: Option<Kind>,
) -> QuotaInfo {
    QuotaInfo { quota, setting, default, name, code, kind }
}

impl Quota {
    pub(crate) fn info(self) -> &'static QuotaInfo {
        &QUOTAS[self as usize]
    }
}

/// What holds now, quota by quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quotas([usize; QUOTAS.len()]);

impl Default for Quotas {
    fn default() -> Self {
        Self(std::array::from_fn(|at| QUOTAS[at].default))
    }
}

impl Quotas {
    pub(crate) fn of(&self, quota: Quota) -> usize {
        self.0[quota as usize]
    }

    pub(crate) fn set(&mut self, quota: Quota, value: usize) {
        self.0[quota as usize] = value;
    }
}
