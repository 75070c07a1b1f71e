//! Quick connects, and the queues that offer them.
//!
//! A list says which there are and when each was changed; it is read each time. What they are is remembered as long as that time
//! is the same, and read by search, a hundred at a time. What a queue offers no search tells: that costs a call for each queue, so it
//! is remembered too, and read again only for the queues that matter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use aws_sdk_connect::types as sdk;
use desk_core::center::{LeadsTo, Named, Proficiency, QuickConnect, QuickConnectInfo, Snapshot, User};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::cached::{Listed, Recent};
use super::call::{absent, text};
use super::client::Connect;
use super::convert;
use super::lists::all_pages;
use super::read::{READS_AT_ONCE, string};
use super::routing::quick_connect;
use crate::systems::apply::Fault;

/// Up to so many quick connects are looked for by their ids, which costs one call; of more, all are read.
const BY_ID: usize = 20;

/// How long it is believed that a queue doesn't offer a quick connect. The directory reads it again before that.
const OFFERS_LAST: Duration = Duration::from_secs(20 * 60);

impl Connect {
    /// Proficiencies and quick connects of these users, in their order.
    pub(super) async fn snapshots_of(&self, users: &[User], recent: Recent) -> Result<Vec<Snapshot>, Fault> {
        let proficiencies = users.iter().map(|user| self.proficiencies_of(&user.id));
        let proficiencies = stream::iter(proficiencies.collect::<Vec<_>>()).buffered(READS_AT_ONCE);
        let proficiencies = proficiencies.try_collect::<Vec<Vec<Proficiency>>>();
        let (proficiencies, known) = futures::try_join!(proficiencies, self.known_quick_connects())?;
        let mut of: BTreeMap<&str, Vec<QuickConnect>> =
            users.iter().map(|user| (user.id.as_str(), Vec::new())).collect();
        for (user_id, quick_connect) in known.into_iter().filter_map(to_user) {
            if let Some(quick_connects) = of.get_mut(user_id.as_str()) {
                quick_connects.push(quick_connect);
            }
        }
        let wanted: BTreeSet<String> = of.values().flatten().map(|one| one.id.clone()).collect();
        let offers = self.queues_that_offer(&wanted, recent).await?;
        let snapshot = |(user, proficiencies): (&User, Vec<Proficiency>)| {
            let mut quick_connects = of.get(user.id.as_str()).cloned().unwrap_or_default();
            quick_connects.sort_by(|a, b| a.name.cmp(&b.name));
            for one in &mut quick_connects {
                let has = offers.iter().filter(|(_, offered)| offered.contains(&one.id));
                one.queues = has.map(|(queue, _)| queue.clone()).collect();
            }
            Snapshot { proficiencies, quick_connects, ..Snapshot::bare(user.clone()) }
        };
        Ok(users.iter().zip(proficiencies).map(snapshot).collect())
    }

    /// The standard queues that offer one of these, by name, each with all that it offers.
    async fn queues_that_offer(
        &self,
        wanted: &BTreeSet<String>,
        recent: Recent,
    ) -> Result<Vec<(Named, Arc<BTreeSet<String>>)>, Fault> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut queues = self.queue_names().await?.to_vec();
        queues.sort_by(|a, b| a.name.cmp(&b.name));
        let unread: Vec<&Named> = queues.iter().filter(|queue| self.remembered(queue).is_none()).collect();
        let mut just_read: BTreeMap<String, Arc<BTreeSet<String>>> = BTreeMap::new();
        if !unread.is_empty() {
            // One reader at a time, so that anyone who waits finds what the one before read.
            let _turn = self.directory.offers.reading.lock().await;
            let still = unread.into_iter().filter(|queue| self.remembered(queue).is_none());
            let reads = still
                .map(|queue| async move { Ok((queue.id.clone(), self.offers_or_gone(&queue.id).await?)) });
            just_read = stream::iter(reads.collect::<Vec<_>>()).buffered(READS_AT_ONCE).try_collect().await?;
        }
        let reads = queues.into_iter().map(|queue| {
            let (known, is_new) = match just_read.get(&queue.id) {
                Some(new) => (Some(new.clone()), true),
                None => (self.remembered(&queue), recent == Recent::Believed),
            };
            async move {
                let matters = known.as_ref().is_none_or(|known| !known.is_disjoint(wanted));
                Ok(match known {
                    Some(known) if is_new || !matters => (queue, known),
                    _ => {
                        let now = self.offers_or_gone(&queue.id).await?;
                        (queue, now)
                    }
                })
            }
        });
        let mut all: Vec<(Named, Arc<BTreeSet<String>>)> =
            stream::iter(reads.collect::<Vec<_>>()).buffered(READS_AT_ONCE).try_collect().await?;
        all.retain(|(_, offered)| !offered.is_disjoint(wanted));
        Ok(all)
    }

    fn remembered(&self, queue: &Named) -> Option<Arc<BTreeSet<String>>> {
        self.directory.offers.remembered(&queue.id, self.caller.clock.monotonic(), OFFERS_LAST)
    }

    /// The ids of the quick connects that a queue offers now; it may be gone.
    async fn offers_or_gone(&self, queue_id: &str) -> Result<Arc<BTreeSet<String>>, Fault> {
        let offered = absent(self.names_of_offered(queue_id).await)?;
        Ok(Arc::new(offered.into_iter().flatten().map(|one| one.id).collect()))
    }

    /// What every standard queue offers, by the queues' ids; of which it isn't known is read.
    pub(super) async fn all_offers(
        &self,
        queues: &[Named],
    ) -> Result<BTreeMap<String, BTreeSet<String>>, Fault> {
        let _turn = self.directory.offers.reading.lock().await;
        let reads = queues.iter().map(|queue| async move {
            let offered = match self.remembered(queue) {
                Some(known) => known,
                None => self.offers_or_gone(&queue.id).await?,
            };
            Ok((queue.id.clone(), offered.as_ref().clone()))
        });
        stream::iter(reads.collect::<Vec<_>>()).buffered(READS_AT_ONCE).try_collect().await
    }

    /// What a queue offers is about to change.
    pub(super) fn offers_change(&self, queue_id: &str) {
        let offers = &self.directory.offers;
        offers.learn(queue_id, offers.ask(), self.caller.clock.monotonic(), None);
    }

    /// Every quick connect, by name.
    pub(super) async fn known_quick_connects(&self) -> Result<Vec<QuickConnectInfo>, Fault> {
        let listed = self.directory.listed_quick_connects.get(|| self.list_quick_connects()).await?;
        if !self.unknown(&listed).is_empty() {
            let _turn = self.directory.reading_quick_connects.lock().await;
            let unknown = self.unknown(&listed);
            if !unknown.is_empty() {
                self.search_unknown(&unknown).await?;
            }
            // A search may not show the newest yet.
            for one in self.unknown(&listed) {
                if let Some(known) = self.described_quick_connect(&one.id).await? {
                    self.learn(one, known);
                }
            }
        }
        let known = self.directory.quick_connects.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<QuickConnectInfo> =
            listed.iter().filter_map(|one| known.get(&one.id)).map(|(_, known)| known.clone()).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Those that were changed since they were read, or never read.
    fn unknown(&self, listed: &[Listed]) -> Vec<Listed> {
        let known = self.directory.quick_connects.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = |one: &&Listed| known.get(&one.id).is_some_and(|(read, _)| *read == one.modified);
        listed.iter().filter(|one| !is_known(one)).cloned().collect()
    }

    fn learn(&self, listed: Listed, read: QuickConnectInfo) {
        let mut known = self.directory.quick_connects.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(listed.id, (listed.modified, read));
    }

    /// What is remembered of a quick connect ends when the desk changes it: times of change are too coarse to tell.
    pub(super) fn forget_quick_connect(&self, id: &str) {
        self.directory.quick_connects.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    async fn list_quick_connects(&self) -> Result<Vec<Listed>, Fault> {
        all_pages!(self, "ListQuickConnects", list_quick_connects, 1000, quick_connect_summary_list, |one| {
            let modified = one.last_modified_time.as_ref().and_then(convert::timestamp);
            Some(Listed { id: text(one.id)?, modified })
        })
        .await
    }

    async fn search_unknown(&self, unknown: &[Listed]) -> Result<(), Fault> {
        let is = |one: &Listed| {
            let is = string("resourceID", &one.id, sdk::StringComparisonType::Exact);
            sdk::QuickConnectSearchCriteria::builder().string_condition(is).build()
        };
        let criteria = match unknown {
            [one] => Some(is(one)),
            several if several.len() <= BY_ID => {
                let any_of = several.iter().map(is).collect();
                Some(sdk::QuickConnectSearchCriteria::builder().set_or_conditions(Some(any_of)).build())
            }
            _ => None,
        };
        let found = self.found_quick_connects(criteria).await?;
        for described in found {
            let modified = described.last_modified_time.as_ref().and_then(convert::timestamp);
            let listed = unknown.iter().find(|one| described.quick_connect_id.as_deref() == Some(&one.id));
            if let Some(listed) = listed.filter(|one| one.modified == modified)
                && let Some(known) = quick_connect(described)
            {
                self.learn(listed.clone(), known);
            }
        }
        Ok(())
    }

    /// Quick connects of every kind, whole.
    pub(super) async fn found_quick_connects(
        &self,
        criteria: Option<sdk::QuickConnectSearchCriteria>,
    ) -> Result<Vec<sdk::QuickConnect>, Fault> {
        all_pages!(
            self,
            "SearchQuickConnects",
            search_quick_connects.set_search_criteria(criteria.clone()),
            100,
            quick_connects,
            Some
        )
        .await
    }
}

/// The user that a quick connect leads to, and it without the queues that offer it.
fn to_user(one: QuickConnectInfo) -> Option<(String, QuickConnect)> {
    let LeadsTo::User { user_id, flow_id } = one.leads_to else { return None };
    let QuickConnectInfo { id, name, description, tags, .. } = one;
    Some((
        user_id,
        QuickConnect { id, name, description, contact_flow_id: flow_id, tags, queues: Vec::new() },
    ))
}
