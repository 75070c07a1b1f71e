//! Security profiles: what their holders may do, and whom and what they may see.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::Named;
use crate::basics::problem::Problem;

/// A security profile as a search gives it: without what it restricts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityProfileSummary {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
}

/// What a security profile limits. Two profiles with the same permissions may see different users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restrictions {
    /// Only what has these tags is seen.
    pub tags: BTreeMap<String, String>,
    /// The kinds of things that are limited by tags.
    pub tag_restricted: BTreeSet<String>,
    /// The kinds of things that are limited by the hierarchy.
    pub hierarchy_restricted: BTreeSet<String>,
    /// The id of the hierarchy group whose agents are seen.
    pub hierarchy_group: Option<String>,
    /// It also limits data tables by their values, which only the admin website shows.
    pub data_tables: bool,
}

/// Reads security profiles, beside their names and permissions.
#[async_trait]
pub trait SecurityReader: Send + Sync {
    /// By name. Costs one call for a hundred.
    async fn security_profile_summaries(&self) -> Result<Vec<SecurityProfileSummary>, Problem>;

    /// What a profile limits; none where there is no such profile. Costs a call, unless it is known and was not modified since.
    async fn restrictions(&self, profile: &Named) -> Result<Option<Restrictions>, Problem>;
}

/// What a permission is called in the admin website, as far as it is known: the area, and what may be done there.
pub fn in_words(permission: &str) -> (String, String) {
    let known = ALONE.iter().find(|(name, ..)| *name == permission);
    if let Some((_, area, action)) = known {
        return ((*area).to_owned(), (*action).to_owned());
    }
    let Some((area, action)) = permission.split_once('.') else {
        return (spaced(permission), "allowed".to_owned());
    };
    let named = AREAS.iter().find(|(name, _)| *name == area);
    let area = named.map_or_else(|| spaced(area), |(_, words)| (*words).to_owned());
    (area, spaced(action).to_lowercase())
}

/// `EnableAndDisable` as `Enable and disable`.
fn spaced(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
            out.push(' ');
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
        before = c;
    }
    out
}

/// Permissions that are a word of their own.
const ALONE: [(&str, &str, &str); 6] = [
    ("BasicAgentAccess", "Contact Control Panel (CCP)", "access"),
    ("OutboundCallAccess", "Contact Control Panel (CCP)", "make outbound calls"),
    ("AccessMetrics", "Metrics", "access"),
    ("ManagerListenIn", "Manager monitor", "listen in"),
    ("ManagerBargeIn", "Manager monitor", "barge in"),
    ("GraphTrends", "Metrics", "graph trends"),
];

/// What areas are called in the admin website, where their name alone doesn't tell.
const AREAS: [(&str, &str); 18] = [
    ("AgentStates", "Agent status"),
    ("AgentGrouping", "Agent hierarchy"),
    ("AudioDeviceSettings", "CCP: audio device settings"),
    ("CallRecordings", "Recorded conversations"),
    ("ContactFlows", "Flows"),
    ("ContactFlowModules", "Flow modules"),
    ("ContactLensSpeechAnalytics", "Contact Lens: conversational analytics"),
    ("ContactSearchWithCharacteristics", "Contact search by conversation characteristics"),
    ("ContactSearchWithKeywords", "Contact search by keywords"),
    ("HistoricalChanges", "Historical changes"),
    ("HoursOfOperation", "Hours of operation"),
    ("LoginLogoutReport", "Login/logout report"),
    ("MetricsReports", "Saved reports"),
    ("RestrictTaskCreation", "CCP: task creation"),
    ("RoutingPolicies", "Routing profiles"),
    ("TransferDestinations", "Quick connects"),
    ("VideoContact", "CCP: video calls"),
    ("VoiceId", "CCP: Voice ID"),
];
