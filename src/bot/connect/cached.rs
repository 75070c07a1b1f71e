//! Lists of names and what else was read lately, shared by the adapter's clones.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_connect::types as sdk;
use desk_core::center::{Instance, Named, QuickConnect, Restrictions, User};
use jiff::Timestamp;

use super::call::text;
use super::convert;

/// Lists of names, read when first needed.
#[derive(Default)]
pub(super) struct Directory {
    pub(super) routing_profiles: CachedList<Named>,
    pub(super) security_profiles: CachedList<Named>,
    pub(super) hierarchy_groups: CachedList<Named>,
    pub(super) offline_statuses: CachedList<Named>,
    pub(super) instance: tokio::sync::OnceCell<Instance>,
    /// The queues of each routing profile.
    pub(super) queues_of: Mutex<HashMap<String, Arc<CachedList<Named>>>>,
    /// What each security profile allows.
    pub(super) permissions: Mutex<HashMap<String, Arc<CachedList<String>>>>,
    /// What each security profile restricts.
    pub(super) restrictions: Mutex<HashMap<String, Arc<CachedList<Restrictions>>>>,
    /// Users by their ids as they were read for many at once: good while their modification time is this one.
    pub(super) users: Mutex<HashMap<String, User>>,
    /// The paths of groups, with the modification time of the group that they were read at.
    pub(super) paths: Mutex<HashMap<String, (Duration, Named)>>,
    /// Quick connects that lead to users: what they say is valid while their modification time is this.
    pub(super) quick_connects: Mutex<HashMap<String, (Timestamp, UserQuickConnect)>>,
}

/// A list and when it was read.
pub(super) struct CachedList<T>(pub(super) tokio::sync::Mutex<Option<(Duration, Arc<Vec<T>>)>>);

impl<T> Default for CachedList<T> {
    fn default() -> CachedList<T> {
        CachedList(tokio::sync::Mutex::new(None))
    }
}

/// A quick connect, and the user it leads to.
#[derive(Clone)]
pub(super) struct UserQuickConnect {
    pub(super) user_id: String,
    pub(super) quick_connect: QuickConnect,
}

impl UserQuickConnect {
    /// Of a quick connect that was listed as one that leads to a user.
    pub(super) fn of(id: &str, described: sdk::QuickConnect) -> Option<UserQuickConnect> {
        let config = described.quick_connect_config?.user_config?;
        let quick_connect = QuickConnect {
            id: id.to_owned(),
            name: text(described.name)?,
            description: text(described.description),
            contact_flow_id: text(Some(config.contact_flow_id))?,
            tags: convert::tags(described.tags.as_ref()),
            queues: Vec::new(),
        };
        Some(UserQuickConnect { user_id: text(Some(config.user_id))?, quick_connect })
    }
}
