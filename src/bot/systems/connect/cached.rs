//! Lists of names and what else was read lately, shared by the adapter's clones.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use desk_core::center::{Instance, Named, QuickConnectInfo, Restrictions, User};
use jiff::Timestamp;

/// Lists of names, read when first needed.
#[derive(Default)]
pub(super) struct Directory {
    pub(super) routing_profiles: CachedList<Named>,
    pub(super) security_profiles: CachedList<Named>,
    pub(super) hierarchy_groups: CachedList<Named>,
    pub(super) offline_statuses: CachedList<Named>,
    pub(super) instance: tokio::sync::OnceCell<Instance>,
    pub(super) queues: CachedList<Named>,
    /// The queues of each routing profile.
    pub(super) served: CachedList<Served>,
    /// What each security profile allows.
    pub(super) permissions: Mutex<HashMap<String, Arc<CachedList<String>>>>,
    /// What each security profile restricts.
    pub(super) restrictions: Mutex<HashMap<String, Arc<CachedList<Restrictions>>>>,
    /// Users by their ids as they were read for many at a time: good while their modification time is this one.
    pub(super) users: Mutex<HashMap<String, User>>,
    /// Logins by the ids of their users.
    pub(super) logins: Mutex<HashMap<String, String>>,
    /// The paths of groups, and when they were read.
    pub(super) paths: Mutex<HashMap<String, (Duration, Named)>>,
    /// When a path was looked for that was not known.
    pub(super) missed_paths: tokio::sync::Mutex<Vec<Duration>>,
    /// Quick connects: what they say is valid while their modification time is this.
    pub(super) quick_connects: Mutex<HashMap<String, (Option<Timestamp>, QuickConnectInfo)>>,
    /// Held by anyone who reads quick connects that are not known.
    pub(super) reading_quick_connects: tokio::sync::Mutex<()>,
    pub(super) listed_quick_connects: Shared<Vec<Listed>>,
    pub(super) offers: Offers,
}

/// A quick connect as a list has it.
#[derive(Clone)]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) modified: Option<Timestamp>,
}

/// What several may want to know at one time. No one gets what was read before they asked, and those who ask while it is read
/// share the next reading.
#[derive(Default)]
pub(super) struct Shared<T> {
    turn: AtomicU64,
    read: tokio::sync::Mutex<Option<(u64, Arc<T>)>>,
}

impl<T> Shared<T> {
    pub(super) async fn get<F, Read, E>(&self, fetch: F) -> Result<Arc<T>, E>
    where
        F: FnOnce() -> Read,
        Read: Future<Output = Result<T, E>>,
    {
        let asked = self.turn.fetch_add(1, Ordering::SeqCst);
        let mut read = self.read.lock().await;
        if let Some((began, value)) = read.as_ref()
            && *began > asked
        {
            return Ok(value.clone());
        }
        let began = self.turn.fetch_add(1, Ordering::SeqCst);
        let value = Arc::new(fetch().await?);
        *read = Some((began, value.clone()));
        Ok(value)
    }
}

/// What was read of a queue a while ago and may matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recent {
    /// It is good enough to be looked at.
    Believed,
    /// It is acted on, so it is read again.
    ReadAgain,
}

/// What queues offer, as it was read.
#[derive(Default)]
pub(super) struct Offers {
    turn: AtomicU64,
    /// Held by anyone who reads what is not known.
    pub(super) reading: tokio::sync::Mutex<()>,
    known: Mutex<HashMap<String, Offer>>,
}

/// What one queue offers; nothing while that is changed.
struct Offer {
    asked: u64,
    at: Duration,
    quick_connects: Option<Arc<BTreeSet<String>>>,
}

impl Offers {
    /// Begins a reading or a change, which are told apart by when they began.
    pub(super) fn ask(&self) -> u64 {
        self.turn.fetch_add(1, Ordering::SeqCst)
    }

    /// Takes in what was read, unless something began later.
    pub(super) fn learn(
        &self,
        queue_id: &str,
        asked: u64,
        at: Duration,
        read: Option<Arc<BTreeSet<String>>>,
    ) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.get(queue_id).is_none_or(|before| before.asked < asked) {
            known.insert(queue_id.to_owned(), Offer { asked, at, quick_connects: read });
        }
    }

    /// What a queue offers, if it was read within this time.
    pub(super) fn remembered(
        &self,
        queue_id: &str,
        now: Duration,
        lasts: Duration,
    ) -> Option<Arc<BTreeSet<String>>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let offer = known.get(queue_id).filter(|offer| now.saturating_sub(offer.at) < lasts)?;
        offer.quick_connects.clone()
    }
}

/// A routing profile's id, and those of its queues.
pub(super) type Served = (String, BTreeSet<String>);

/// A list and when it was read.
pub(super) struct CachedList<T>(pub(super) tokio::sync::Mutex<Option<(Duration, Arc<Vec<T>>)>>);

impl<T> Default for CachedList<T> {
    fn default() -> CachedList<T> {
        CachedList(tokio::sync::Mutex::new(None))
    }
}
