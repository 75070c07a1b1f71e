//! Limits on people: so many turns a minute for each person and command, whichever of their accounts they use.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use desk_core::basics::ids::PersonId;
use desk_core::basics::roles::Person;
use desk_core::ports::{Clock, RateLimited, RateLimits};
use desk_core::request::Verb;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::clock::Ticks;

/// How often one person may say one command in a minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerMinute {
    /// Any command that asks or looks.
    pub commands: NonZeroU32,
    /// Any word on a request, such as an approval: working through a list of cards is no flood.
    pub decisions: NonZeroU32,
    /// Commands with a limit of their own, by their words.
    pub of: BTreeMap<String, NonZeroU32>,
}

impl Default for PerMinute {
    fn default() -> PerMinute {
        const TWENTY: NonZeroU32 = NonZeroU32::new(20).expect("twenty is not zero");
        const SIXTY: NonZeroU32 = NonZeroU32::new(60).expect("sixty is not zero");
        PerMinute { commands: TWENTY, decisions: SIXTY, of: BTreeMap::new() }
    }
}

impl PerMinute {
    /// As often as anybody can: for measuring and for tests.
    pub fn unlimited() -> PerMinute {
        PerMinute { commands: NonZeroU32::MAX, decisions: NonZeroU32::MAX, of: BTreeMap::new() }
    }

    /// Those that are not as usual, by what they are of.
    pub fn given(&self) -> BTreeMap<String, u32> {
        let (PerMinute { commands, decisions, of }, usual) = (self, PerMinute::default());
        let mut given: BTreeMap<String, u32> =
            of.iter().map(|(path, limit)| (path.clone(), limit.get())).collect();
        for (name, limit, usual) in
            [("commands", commands, usual.commands), ("decisions", decisions, usual.decisions)]
        {
            if *limit != usual {
                given.insert(name.to_owned(), limit.get());
            }
        }
        given
    }

    fn limit(&self, command: &str) -> NonZeroU32 {
        // Reading what one decides on is part of deciding.
        let decides = Verb::of_command(command).is_some()
            || [desk_core::policy::DETAILS, desk_core::policy::SHOW].contains(&command);
        let usual = if decides { self.decisions } else { self.commands };
        self.of.get(command).copied().unwrap_or(usual)
    }
}

/// A person, by the first of their accounts, and a command.
type Key = (PersonId, String);
type Buckets = RateLimiter<Key, DashMapStateStore<Key>, Ticks, NoOpMiddleware<Nanos>>;

/// The buckets of everybody.
pub struct PersonRateLimiter {
    limits: PerMinute,
    clock: Arc<dyn Clock>,
    /// One limiter for each number that some command has.
    buckets: BTreeMap<NonZeroU32, Buckets>,
    /// Whose flood has its line of this minute.
    told: Buckets,
    /// The minute of the clock in which full buckets were last forgotten.
    cleared: AtomicU64,
}

impl PersonRateLimiter {
    pub fn new(limits: PerMinute, clock: Arc<dyn Clock>) -> PersonRateLimiter {
        let bucket = |limit| RateLimiter::dashmap_with_clock(Quota::per_minute(limit), Ticks(clock.clone()));
        let usual = [limits.commands, limits.decisions];
        let numbers: BTreeSet<NonZeroU32> = limits.of.values().copied().chain(usual).collect();
        PersonRateLimiter {
            buckets: numbers.into_iter().map(|limit| (limit, bucket(limit))).collect(),
            told: bucket(NonZeroU32::MIN),
            limits,
            cleared: AtomicU64::new(0),
            clock,
        }
    }

    /// Forgets who has asked nothing for so long that their bucket is full again, so that the buckets are those of the last
    /// minute.
    fn clear(&self) {
        let minute = self.clock.monotonic().as_secs() / 60;
        if self.cleared.swap(minute, Ordering::Relaxed) != minute {
            for buckets in self.buckets.values().chain([&self.told]) {
                buckets.retain_recent();
                buckets.shrink_to_fit();
            }
        }
    }

    /// How many people and commands have a bucket that is not full, or was not at the last look.
    pub fn kept(&self) -> usize {
        self.buckets.values().chain([&self.told]).map(RateLimiter::len).sum()
    }
}

impl RateLimits for PersonRateLimiter {
    fn take(&self, by: &Person, command: &str) -> Result<(), RateLimited> {
        self.clear();
        let limit = self.limits.limit(command);
        let Some(buckets) = self.buckets.get(&limit) else { return Ok(()) };
        let person = by.accounts().into_iter().min().unwrap_or_else(|| by.id.clone());
        let key = (person, command.to_owned());
        let Err(not_yet) = buckets.check_key(&key) else { return Ok(()) };
        let wait = not_yet.wait_time_from(Nanos::from(self.clock.monotonic()));
        Err(RateLimited { per_minute: limit.get(), wait, is_first: self.told.check_key(&key).is_ok() })
    }
}

impl std::fmt::Debug for PersonRateLimiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonRateLimiter").field("limits", &self.limits).field("kept", &self.kept()).finish()
    }
}
