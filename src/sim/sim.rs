//! One practice contact center: what it holds, and what the control path and the operations share of it.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use crate::answer::Refusal;
use crate::call::Rules;
use crate::clock::Clock;
use crate::error::SimError;
use crate::faults::{Calls, Faults};
use crate::ids::{DIRECTORY_ID, IdSource, Names, seeded};
use crate::journal::{Header, Journal};
use crate::limits::Limiter;
use crate::options::{IdentityType, Limits, Options, Seed};
use crate::quota::{QUOTAS, Quota, Quotas};
use crate::seed::{self, SEED_VERSION};
use crate::store::Store;
use crate::world::{Change, World};

/// How long a page token can be used, which the API documents for some operations.
const TOKEN_LIVES: Duration = Duration::from_secs(5 * 60);
/// How much room a seed above the quota leaves.
const ROOM: usize = 500;

/// A practice contact center. Clones are handles on the same one.
#[derive(Clone)]
pub struct Sim(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    names: Names,
    seed: Seed,
    state: Option<PathBuf>,
    deterministic_ids: bool,
    exposed: bool,
    store: RwLock<Store>,
    desk: Mutex<Desk>,
}

/// What the control path sets and shows.
pub(crate) struct Desk {
    pub(crate) rules: Rules,
    pub(crate) limiter: Limiter,
    pub(crate) faults: Faults,
    pub(crate) calls: Calls,
    pub(crate) answered: u64,
}

/// The request is to get no answer: anyone who serves the connection closes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection was dropped by an ordered fault")]
pub struct ConnectionDropped;

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { names, seed, state, .. } = &*self.0;
        f.debug_struct("Sim")
            .field("instance", &names.instance_id)
            .field("seed", seed)
            .field("state", state)
            .finish()
    }
}

impl Sim {
    /// Opens a practice contact center: a new one from the seed, or the one that the state file keeps.
    ///
    /// # Errors
    ///
    /// Where the state file is in use, damaged, of another format or out of reach, or the rate is not a possible one.
    pub fn open(options: Options) -> Result<Self, SimError> {
        let Options {
            state,
            seed,
            identity,
            limits,
            lag,
            name_lingers,
            user_quota,
            deterministic_ids,
            exposed,
            clock,
        } = options;
        let now_ms = clock.now_ms();
        let limiter = Limiter::new(limits, Arc::clone(&clock))?;
        let mut header = Header::new(SEED_VERSION, seed.to_string(), identity, now_ms);
        let mut opened = state.as_deref().map(|path| Journal::open(path, &header)).transpose()?;
        if let Some(opened) = &opened {
            header = opened.header.clone();
        }
        let seed: Seed = header.seed.parse().map_err(|error: crate::SeedError| SimError::Damaged {
            path: state.clone().unwrap_or_default(),
            line: 1,
            reason: error.to_string(),
        })?;
        let mut world = seed::build(seed, header.identity, header.born_ms);
        let milliseconds = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let rules = Rules {
            name_lingers_ms: milliseconds(name_lingers),
            token_lives_ms: milliseconds(TOKEN_LIVES),
            quotas: quotas(&world, usize::try_from(user_quota).unwrap_or(usize::MAX)),
        };
        let mut given = 0;
        if let Some(opened) = &mut opened {
            let records = std::mem::take(&mut opened.records);
            for record in opened.journal.compact(&header, records, now_ms, |id| world.has(id))? {
                given = given.max(record.ids);
                record.changes.iter().for_each(|change| world.apply(change));
            }
        }
        let ids = if deterministic_ids { IdSource::Counted(given) } else { IdSource::Random };
        let names = world.instance.names.clone();
        let mut store = Store::new(world, opened.map(|opened| opened.journal), ids);
        store.set_lag(lag);
        let desk = Desk { rules, limiter, faults: Faults::default(), calls: Calls::default(), answered: 0 };
        let (store, desk) = (RwLock::new(store), Mutex::new(desk));
        Ok(Self(Arc::new(Inner { clock, names, seed, state, deterministic_ids, exposed, store, desk })))
    }

    /// The id of the instance, which every call but ListInstances has to name.
    pub fn instance_id(&self) -> String {
        self.0.names.instance_id.to_string()
    }

    /// The ARN of the instance.
    pub fn instance_arn(&self) -> &str {
        &self.0.names.instance_arn
    }

    /// The id of the directory that keeps the passwords, where the instance has one.
    pub fn directory_id(&self) -> Option<&'static str> {
        let identity = self.store().truth().instance.identity;
        (identity == IdentityType::ExistingDirectory).then_some(DIRECTORY_ID)
    }

    /// The seed that the world was made from; a state file keeps its own.
    pub fn seed(&self) -> Seed {
        self.0.seed
    }

    pub(crate) fn names(&self) -> &Names {
        &self.0.names
    }

    /// The id that the answer to a request carries.
    pub(crate) fn request_id(&self) -> String {
        if !self.0.deterministic_ids {
            return IdSource::Random.next().to_string();
        }
        let mut desk = self.desk();
        desk.answered += 1;
        seeded("request", &desk.answered.to_string()).to_string()
    }

    pub(crate) fn is_exposed(&self) -> bool {
        self.0.exposed
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.0.clock.now_ms()
    }

    // A panic while a lock is held would be a defect; what it guards is changed in one step and stays whole.
    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn store(&self) -> RwLockReadGuard<'_, Store> {
        self.0.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn store_mut(&self) -> RwLockWriteGuard<'_, Store> {
        self.0.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_limits(&self, limits: Limits) -> Result<(), SimError> {
        let limiter = Limiter::new(limits, Arc::clone(&self.0.clock))?;
        self.desk().limiter = limiter;
        Ok(())
    }

    /// Makes changes that no operation makes: who comes and goes.
    pub(crate) fn commit(&self, changes: Vec<Change>) -> Result<(), Refusal> {
        let mut store = self.store_mut();
        let ids = store.ids;
        store.commit(self.now_ms(), ids, changes).map_err(unwritten)
    }
}

/// AWS's defaults, or what the seed holds where that is more.
fn quotas(world: &World, user_quota: usize) -> Quotas {
    let mut quotas = Quotas::default();
    for row in &QUOTAS {
        let held = row.kind.map_or(0, |kind| world.resources(kind).len());
        quotas.set(row.quota, row.default.max(held));
    }
    let users = world.user_count();
    quotas.set(Quota::Users, if users > user_quota { users + ROOM } else { user_quota });
    quotas
}

pub(crate) fn unwritten(error: std::io::Error) -> Refusal {
    tracing::error!(%error, "the state file could not be written, so nothing was changed");
    Refusal::internal("The state file cannot be written, so nothing was changed.")
}
