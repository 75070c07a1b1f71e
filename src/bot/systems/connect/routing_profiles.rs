//! Which queues each routing profile serves: one search of all profiles and one list of the queues' names.

use std::sync::Arc;

use desk_core::center::Named;

use super::cached::Served;
use super::call::text;
use super::client::Connect;
use super::lists::all_pages;
use super::read::NAMES_LAST;
use crate::systems::apply::Fault;

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
}
