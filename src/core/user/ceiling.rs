//! The most that each role may grant. No rule of a site lifts it; anyone who needs more needs another role.
//!
//! From the help desk guide's appendix "Security Profile Permissions": a role gives what its own column has, and no more.
//! The names are those of ListSecurityProfilePermissions.

use std::collections::BTreeSet;

use crate::basics::roles::{self, Role};

/// What an agent works with: "CCP - All Access".
const CONTACT_CONTROL_PANEL: &[&str] = &[
    "BasicAgentAccess",
    "OutboundCallAccess",
    "AudioDeviceSettings.Access",
    "RestrictTaskCreation.Access",
    "VideoContact.Access",
    "VoiceId.Access",
];

/// "User Administration": the column L1 Support.
const USERS: &[&str] = &["Users.Create", "Users.View", "Users.Edit", "Users.Delete"];

/// The column Supervisor, without what agents have.
const SUPERVISION: &[&str] = &[
    "RoutingPolicies.*",
    "TransferDestinations.Create",
    "TransferDestinations.Edit",
    "TransferDestinations.View",
    "HoursOfOperation.Create",
    "HoursOfOperation.Edit",
    "HoursOfOperation.View",
    "Queues.Create",
    "Queues.Edit",
    "Queues.View",
    "PhoneNumbers.View",
    "Prompts.Create",
    "Prompts.Edit",
    "Prompts.View",
    "ContactFlows.Create",
    "ContactFlows.Edit",
    "ContactFlows.Publish",
    "ContactFlows.View",
    "Users.*",
    "AgentStates.*",
    "AccessMetrics",
    "ContactSearch.View",
    "ContactSearchWithCharacteristics.View",
    "ContactSearchWithKeywords.View",
    "ContactAttributes.View",
    "ContactLensSpeechAnalytics.View",
    "LoginLogoutReport.View",
    "Rules.*",
    "ManagerListenIn",
    "MetricsReports.*",
    "HistoricalChanges.View",
];

/// The permissions a role may give; one that ends in `*` is every permission that begins so.
fn of(role: Role) -> Vec<&'static [&'static str]> {
    match role {
        Role::Agent | Role::Auditor => Vec::new(),
        // Breaking the glass gives a way past an approval, not more than the help desk may give.
        Role::L1 | Role::Oncall => vec![CONTACT_CONTROL_PANEL, USERS],
        Role::Supervisor => vec![CONTACT_CONTROL_PANEL, SUPERVISION],
        Role::Admin => vec![&["*"]],
    }
}

fn gives(role: Role, permission: &str) -> bool {
    of(role).into_iter().flatten().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => permission.starts_with(start),
        None => *pattern == permission,
    })
}

/// The permissions that none of these roles may give, in alphabetical order.
pub fn beyond<'a>(roles: &BTreeSet<Role>, permissions: &'a [String]) -> BTreeSet<&'a str> {
    let above = |permission: &&String| !roles.iter().any(|role| gives(*role, permission));
    permissions.iter().filter(above).map(String::as_str).collect()
}

/// The permissions that an agent doesn't have, in alphabetical order.
pub fn beyond_agent(permissions: &[String]) -> BTreeSet<&str> {
    permissions.iter().map(String::as_str).filter(|one| !CONTACT_CONTROL_PANEL.contains(one)).collect()
}

/// Whether anyone who has this permission changes users, or what they may do.
pub fn administers(permission: &str) -> bool {
    let of = ["Users.", "SecurityProfiles."].iter().any(|start| permission.starts_with(start));
    of && !permission.ends_with(".View")
}

/// Whether anyone who has this permission decides what security profiles allow, and so what everyone may do.
pub fn manages_rights(permission: &str) -> bool {
    permission.starts_with("SecurityProfiles.") && !permission.ends_with(".View")
}

/// The roles that may give all of these permissions: "supervisor or admin".
pub fn who_could(permissions: &[String]) -> String {
    let all = |role: &Role| permissions.iter().all(|permission| gives(*role, permission));
    roles::words(Role::ALL.iter().filter(|role| all(role)))
}
