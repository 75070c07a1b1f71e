//! What is known of requests without reading their lines: enough to find those that a look, a click, a completion or the passing of
//! time is about, so that none of these costs more when more is open.
//!
//! All of it follows from the lines. Anyone who keeps a log keeps this beside it, and may make it again at any time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound::{Excluded, Included};
use std::sync::Arc;

use jiff::Timestamp;

use crate::basics::ids::{PersonId, RequestNo};
use crate::basics::roles::{Person, Role};
use crate::log::By;
use crate::plan::{Effect, PlanDigest, Scope};

/// A freeze that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    pub no: RequestNo,
    pub scope: Scope,
    pub by: By,
    pub reason: String,
    pub since: Timestamp,
}

/// What is set for a user until a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Temporary {
    pub user_id: String,
    pub until: Timestamp,
    /// Nothing restores it then: the request is on hold, or restoring it failed.
    pub is_stopped: bool,
    /// What restores the setting then.
    pub restores: Effect,
}

/// What is known of a request without its lines; [`OpenRequest::of`] makes it of the request.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenRequest {
    pub no: RequestNo,
    /// The number of its last line.
    pub last: u64,
    /// The requester; none where that can't be read.
    pub by: Option<By>,
    pub asked: Timestamp,
    /// The beginning of what was typed.
    pub typed: String,
    pub is_readable: bool,
    pub is_finished: bool,
    pub has_begun: bool,
    pub is_emergency: bool,
    /// It is an emergency that waits for its review: since when, or since its reviewers were notified last.
    pub review: Option<Timestamp>,
    /// From when on time alone may take it further; none while it waits for a person.
    pub next: Option<Timestamp>,
    /// It has approvals and waits for a moment.
    pub is_deferred: bool,
    /// What the freeze that holds it says.
    pub frozen: Option<String>,
    /// The freeze that it is.
    pub freeze: Option<Freeze>,
    /// What it has set for a time that is not over.
    pub temporary: Vec<Temporary>,
    /// What may be said of it sooner or later without a further line, each verb with whom it is taken from.
    pub verbs: BTreeSet<(&'static str, Who)>,
    /// Accounts that have approved it.
    pub approved_by: Vec<PersonId>,
    /// Its plan, while nothing of it has begun.
    pub plan: Option<PlanDigest>,
}

/// From whom a verb is taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Account(PersonId),
    Role(Role),
    /// A supervisor or an admin.
    Leader,
}

/// Which requests are wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup {
    /// Freezes that hold, oldest first.
    Freezes,
    /// Open ones that time may take further, oldest first.
    Due {
        until: Timestamp,
        /// Emergencies whose reviewers were notified last at this moment or earlier.
        reviewed: Timestamp,
        /// And those that were notified later than this, by a clock that was ahead.
        ahead: Timestamp,
        /// Of those that a freeze holds, only where it says none of this.
        freezes: Vec<String>,
    },
    /// Open ones that have approvals and wait for a moment, oldest first.
    Deferred,
    /// Open ones whose lines make no sense, oldest first.
    Unreadable,
    /// Emergencies asked since then, and older ones that are open, oldest first.
    Emergencies { since: Timestamp },
    /// Those on which this person may be able to use a verb now, of the newest ones; of no verb, all that are open or ended lately.
    /// Only those whose label has this text in it, or whose number begins with it. Newest first, from before this number on, and so
    /// many at most.
    For { verb: Option<&'static str>, by: Person, text: String, before: Option<RequestNo>, most: usize },
    /// Those on which this person may be able to use one of these verbs, sooner or later; oldest first, and so many at most.
    Turn { verbs: Vec<&'static str>, by: Person, most: usize },
    /// Open ones that these accounts asked for, oldest first.
    AskedBy(Vec<PersonId>),
    /// Open ones with this plan of which nothing has begun, oldest first.
    SamePlan(PlanDigest),
    /// Those that have set something for this user, by id, until a time; oldest first.
    TemporaryFor(String),
}

/// What a request is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Known,
    Freeze,
    Due(Timestamp),
    Review(Timestamp),
    Deferred,
    Frozen(String),
    Unreadable,
    Emergency(Timestamp),
    OpenEmergency,
    AskedBy(PersonId),
    Plan(PlanDigest),
    TemporaryFor(String),
    Verb(&'static str, Who),
}

/// So many requests that ended last are still known.
const ENDED: usize = 100;

/// So many of the newest requests are looked at for one person and verb.
pub const NEWEST: usize = 200;

/// All that is known of requests, by what they are looked up by.
#[derive(Debug, Default)]
pub struct OpenRequests {
    known: BTreeMap<RequestNo, Arc<OpenRequest>>,
    keys: BTreeSet<(Key, RequestNo)>,
    /// Those that ended last, oldest first.
    ended: VecDeque<RequestNo>,
}

impl OpenRequest {
    /// What it is called where one of several is chosen.
    pub fn label(&self) -> String {
        let by = self.by.as_ref().map(|by| by.name.as_str()).unwrap_or_default();
        format!("{} {} by {by}", self.no, self.typed)
    }

    fn is_called(&self, text: &str) -> bool {
        text.is_empty()
            || self.no.0.to_string().starts_with(text)
            || self.label().to_lowercase().contains(text)
    }

    fn keys(&self, is_open: bool) -> BTreeSet<Key> {
        let mut keys = BTreeSet::from([Key::Known]);
        keys.extend(self.verbs.iter().map(|(verb, who)| Key::Verb(verb, who.clone())));
        if self.is_emergency {
            keys.insert(Key::Emergency(self.asked));
        }
        if is_open {
            keys.extend(self.freeze.as_ref().map(|_| Key::Freeze));
            keys.extend(self.next.map(Key::Due));
            keys.extend(self.review.map(Key::Review));
            keys.extend(self.is_deferred.then_some(Key::Deferred));
            keys.extend(self.frozen.clone().map(Key::Frozen));
            keys.extend((!self.is_readable).then_some(Key::Unreadable));
            keys.extend(self.is_emergency.then_some(Key::OpenEmergency));
            keys.extend(self.by.as_ref().map(|by| Key::AskedBy(by.id.clone())));
            keys.extend(self.plan.clone().map(Key::Plan));
            keys.extend(self.temporary.iter().map(|temporary| Key::TemporaryFor(temporary.user_id.clone())));
        }
        keys
    }

    /// Whether it is certain that this person can't use the verb: no one decides on what they asked, or approves twice.
    fn is_taken_from_others(&self, verb: &str, accounts: &[PersonId]) -> bool {
        let own = self.by.as_ref().is_some_and(|by| accounts.contains(&by.id));
        let takes_own = self.verbs.iter().any(|(known, who)| {
            *known == verb && matches!(who, Who::Account(account) if accounts.contains(account))
        });
        own && !takes_own || verb == "approve" && self.approved_by.iter().any(|id| accounts.contains(id))
    }
}

impl OpenRequests {
    /// Takes what is known of a request now, instead of what was known before.
    pub fn put(&mut self, request: OpenRequest, is_open: bool) {
        let no = request.no;
        self.remove(no);
        if !is_open {
            self.ended.retain(|ended| *ended != no);
            self.ended.push_back(no);
            while self.ended.len() > ENDED {
                // Emergencies count for longer than they are open.
                if let Some(oldest) = self.ended.pop_front()
                    && self.known.get(&oldest).is_some_and(|request| !request.is_emergency)
                {
                    self.remove(oldest);
                }
            }
        }
        self.keys.extend(request.keys(is_open).into_iter().map(|key| (key, no)));
        self.known.insert(no, Arc::new(request));
    }

    fn remove(&mut self, no: RequestNo) {
        let Some(old) = self.known.remove(&no) else { return };
        for is_open in [true, false] {
            for key in old.keys(is_open) {
                self.keys.remove(&(key, no));
            }
        }
    }

    pub fn has(&self, no: RequestNo) -> bool {
        self.known.contains_key(&no)
    }

    /// The requests that are wanted.
    pub fn find(&self, wanted: &Lookup) -> Vec<Arc<OpenRequest>> {
        let numbers: BTreeSet<RequestNo> = match wanted {
            Lookup::Freezes => self.under(Key::Freeze, Key::Freeze).collect(),
            Lookup::Deferred => self.under(Key::Deferred, Key::Deferred).collect(),
            Lookup::Unreadable => self.under(Key::Unreadable, Key::Unreadable).collect(),
            Lookup::Emergencies { since } => self
                .under(Key::Emergency(*since), Key::Emergency(Timestamp::MAX))
                .chain(self.under(Key::OpenEmergency, Key::OpenEmergency))
                .collect(),
            Lookup::Due { until, reviewed, ahead, freezes } => self
                .under(Key::Due(Timestamp::MIN), Key::Due(*until))
                .chain(self.under(Key::Review(Timestamp::MIN), Key::Review(*reviewed)))
                .chain(self.under(Key::Review(*ahead), Key::Review(Timestamp::MAX)))
                .chain(self.frozen_otherwise(freezes))
                .collect(),
            Lookup::For { verb, by, text, before, most } => {
                return self.offered(*verb, by, &text.to_lowercase(), *before, *most);
            }
            Lookup::Turn { verbs, by, most } => return self.turns(verbs, by, *most),
            Lookup::AskedBy(accounts) => {
                let keys = accounts.iter().cloned().map(Key::AskedBy);
                keys.flat_map(|key| self.under(key.clone(), key)).collect()
            }
            Lookup::SamePlan(digest) => {
                self.under(Key::Plan(digest.clone()), Key::Plan(digest.clone())).collect()
            }
            Lookup::TemporaryFor(user) => {
                self.under(Key::TemporaryFor(user.clone()), Key::TemporaryFor(user.clone())).collect()
            }
        };
        numbers.iter().filter_map(|no| self.known.get(no)).cloned().collect()
    }

    fn under(&self, from: Key, to: Key) -> impl DoubleEndedIterator<Item = RequestNo> {
        let range = (Included((from, RequestNo(0))), Included((to, RequestNo(u64::MAX))));
        self.keys.range(range).map(|(_, no)| *no)
    }

    /// Those under a key, newest first, from before this number on.
    fn newest(&self, key: Key, before: RequestNo) -> impl Iterator<Item = RequestNo> {
        let range = (Included((key.clone(), RequestNo(0))), Excluded((key, before)));
        self.keys.range(range).rev().map(|(_, no)| *no)
    }

    /// Those that are held by freezes that say none of this. What says so is passed over as a whole.
    fn frozen_otherwise(&self, freezes: &[String]) -> Vec<RequestNo> {
        let mut found = Vec::new();
        let mut from = (Key::Frozen(String::new()), RequestNo(0));
        while let Some((Key::Frozen(said), _)) = self.keys.range(from..).next() {
            if !freezes.contains(said) {
                found.extend(self.under(Key::Frozen(said.clone()), Key::Frozen(said.clone())));
            }
            from = (Key::Frozen(format!("{said}\0")), RequestNo(0));
        }
        found
    }

    /// Those that one of these verbs may be taken from this person on.
    fn turns(&self, verbs: &[&'static str], by: &Person, most: usize) -> Vec<Arc<OpenRequest>> {
        let accounts = by.accounts();
        let mut found: BTreeSet<RequestNo> = BTreeSet::new();
        for verb in verbs {
            let may = |no: &RequestNo| {
                self.known.get(no).is_some_and(|known| !known.is_taken_from_others(verb, &accounts))
            };
            for key in keys_of(verb, by) {
                found.extend(self.under(key.clone(), key).filter(may).take(most));
            }
        }
        found.iter().take(most).filter_map(|no| self.known.get(no)).cloned().collect()
    }

    fn offered(
        &self,
        verb: Option<&'static str>,
        by: &Person,
        text: &str,
        before: Option<RequestNo>,
        most: usize,
    ) -> Vec<Arc<OpenRequest>> {
        let accounts = by.accounts();
        let keys: Vec<Key> = match verb {
            None => vec![Key::Known],
            Some(verb) => keys_of(verb, by),
        };
        let before = before.unwrap_or(RequestNo(u64::MAX));
        let fits = |no: &RequestNo| {
            self.known.get(no).is_some_and(|known| {
                verb.is_none_or(|verb| !known.is_taken_from_others(verb, &accounts)) && known.is_called(text)
            })
        };
        let found: BTreeSet<RequestNo> = keys
            .into_iter()
            .flat_map(|key| self.newest(key, before).take(NEWEST).filter(fits).take(most))
            .collect();
        found.iter().rev().take(most).filter_map(|no| self.known.get(no)).cloned().collect()
    }
}

/// Under what the requests are listed that a verb may be taken from this person on.
fn keys_of(verb: &'static str, by: &Person) -> Vec<Key> {
    let mine = by.accounts().into_iter().map(Who::Account);
    let roles = by.roles.iter().copied().map(Who::Role);
    let who = mine.chain(roles).chain(by.leads().then_some(Who::Leader));
    who.map(|who| Key::Verb(verb, who)).collect()
}
