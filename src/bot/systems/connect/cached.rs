//! Lists of names and what else was read lately, shared by the adapter's clones.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use desk_core::basics::ids::RequestNo;
use desk_core::center::{Instance, Named, Profile, QuickConnectInfo, Restrictions, User};
use desk_core::profile::blank;
use desk_core::user::{UserField, changes};
use jiff::Timestamp;

use super::convert;

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
    pub(super) written: Written,
    pub(super) made: Made,
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

/// How long a user that was modified since the desk set something is read again for it. Then what differs is someone else's, or what
/// the service made of it.
const MODIFIED_SINCE: Duration = Duration::from_secs(15);

/// Something that a plan makes: its kind, and its name.
pub(super) type Thing = (&'static str, String);

/// The kind of what a request made before the desk was started: which things it were is not known.
const ANY: &str = "";

fn is_any(thing: &Thing) -> bool {
    thing.0 == ANY
}

/// What each request made a moment ago. Calls that need it may not see it yet.
#[derive(Default)]
pub(super) struct Made {
    things: Mutex<Vec<(RequestNo, Thing, Duration)>>,
    /// When the first of these questions was asked: what was done before that is known from the log alone.
    since: OnceLock<Timestamp>,
}

/// A moment by both clocks.
#[derive(Clone, Copy)]
pub(super) struct Now {
    pub(super) time: Timestamp,
    pub(super) monotonic: Duration,
}

impl Made {
    pub(super) fn learn(&self, by: RequestNo, thing: Thing, now: Now, visible: Duration) {
        let mut made = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|(_, _, at)| now.monotonic < *at + visible);
        made.push((by, thing, now.monotonic));
    }

    /// The first of these things that this request made so recently that it may not be visible. Of what it did before the desk was
    /// started, the last of which is given, each may be that.
    pub(super) fn recently(
        &self,
        by: RequestNo,
        things: Vec<Thing>,
        done_before: Option<Timestamp>,
        now: Now,
        visible: Duration,
    ) -> Option<Thing> {
        let since = *self.since.get_or_init(|| now.time);
        let mut made = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: Duration| now.monotonic < at + visible;
        let ago = done_before.filter(|at| *at < since).map(|at| now.time.duration_since(at));
        if let Some(ago) = ago.and_then(|ago| Duration::try_from(ago).ok()).filter(|ago| *ago < visible)
            && !made.iter().any(|(request, thing, _)| *request == by && is_any(thing))
        {
            made.push((by, (ANY, String::new()), now.monotonic.saturating_sub(ago)));
        }
        let is_made = |thing: &Thing| {
            made.iter().any(|(request, made, at)| {
                *request == by && (made == thing || is_any(made)) && is_recent(*at)
            })
        };
        things.into_iter().find(is_made)
    }
}

/// What the desk set for users and no read has shown yet. The next request plans on what it reads, and most calls set a whole field
/// of a user, so a read from before would undo what was just set.
#[derive(Default)]
pub(super) struct Written(Mutex<HashMap<String, Vec<Write>>>);

/// A field of a user as the desk set it.
struct Write {
    field: UserField,
    sent: Timestamp,
    /// On [`desk_core::ports::Clock::monotonic`].
    at: Duration,
}

impl Written {
    /// Takes in what the service has acknowledged.
    pub(super) fn learn(
        &self,
        user_id: &str,
        field: &UserField,
        sent: Timestamp,
        at: Duration,
        visible: Duration,
    ) {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.retain(|_, writes| {
            writes.retain(|write| at < write.at + visible);
            !writes.is_empty()
        });
        let writes = written.entry(user_id.to_owned()).or_default();
        let before = writes.iter().position(|write| changes::call(&write.field) == changes::call(field));
        let field = match before.map(|before| writes.swap_remove(before)) {
            Some(before) => after(before.field, field),
            None => field.clone(),
        };
        writes.push(Write { field, sent, at });
    }

    /// Forgets what was set of this field, which may be something else by now.
    pub(super) fn forget(&self, user_id: &str, field: &UserField) {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(writes) = written.get_mut(user_id) {
            writes.retain(|write| changes::call(&write.field) != changes::call(field));
        }
    }

    pub(super) fn is_awaited(&self, user_id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(user_id)
    }

    /// Whether a read of the user, or of one who is gone, shows all that was set, or it is no longer waited for.
    pub(super) fn is_in(&self, user_id: &str, user: Option<&User>, now: Duration, visible: Duration) -> bool {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(writes) = written.get_mut(user_id) else { return true };
        writes.retain(|write| {
            user.is_some_and(|user| {
                let is_modified = user.modified.is_some_and(|modified| modified >= write.sent);
                let patience = if is_modified { MODIFIED_SINCE.min(visible) } else { visible };
                !convert::has(&user.profile, &write.field) && now < write.at + patience
            })
        });
        let is_in = writes.is_empty();
        if is_in {
            written.remove(user_id);
        }
        is_in
    }
}

/// What a field of a user is when this was set after that.
fn after(before: UserField, set: &UserField) -> UserField {
    match (before, set) {
        (UserField::Tags(mut tags), UserField::Tags(set)) => {
            tags.extend(set.clone());
            UserField::Tags(tags)
        }
        (UserField::Settings(settings), UserField::Settings(_)) => {
            let mut profile = Profile { settings, ..blank() };
            changes::apply(&mut profile, set);
            UserField::Settings(profile.settings)
        }
        _ => set.clone(),
    }
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
