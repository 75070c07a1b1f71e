//! One practice contact center: a request comes in, is routed, meets its faults and its quota, is checked, is carried out.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Map, Value};

use crate::answer::{Outcome, Refusal, error_response, json_response, response};
use crate::check::{self, Parts};
use crate::clock::Clock;
use crate::contract::{Contract, DIRECTORY_TARGET, Operation, Route, contract, directory, read_query};
use crate::control;
use crate::error::SimError;
use crate::faults::{Calls, Fault, FaultKind, Faults};
use crate::ids::{IdSource, Names, seeded};
use crate::journal::{Header, Journal};
use crate::limits::Limiter;
use crate::operations::{Ask, DIRECTORY_ID, Draft, Handler, Rules, handler};
use crate::options::{IdentityType, Limits, Options, Seed};
use crate::seed::{self, SEED_VERSION};
use crate::store::Store;
use crate::world::{Change, World};

/// How many quick connects an instance takes, unless its seed holds more.
const QUICK_CONNECT_QUOTA: usize = 100;
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
    answered: u64,
}

/// The request is to get no answer: whoever serves the connection closes it.
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
        let user_quota = usize::try_from(user_quota).unwrap_or(usize::MAX);
        let rules = Rules {
            name_lingers_ms: i64::try_from(name_lingers.as_millis()).unwrap_or(i64::MAX),
            user_quota: if world.user_count() > user_quota { world.user_count() + ROOM } else { user_quota },
            quick_connect_quota: QUICK_CONNECT_QUOTA,
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

    /// Answers one request, on the API's paths or on `/_sim/`.
    ///
    /// # Errors
    ///
    /// `ConnectionDropped` where an ordered fault wants the connection closed without an answer.
    pub async fn handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ConnectionDropped> {
        let path = request.uri().path();
        let mut response = if path == "/_sim" || path.starts_with("/_sim/") {
            control::answer(self, &request)
        } else {
            self.answer(&request).await?
        };
        if let Ok(id) = HeaderValue::from_str(&self.request_id()) {
            response.headers_mut().insert("x-amzn-requestid", id);
        }
        Ok(response)
    }

    fn request_id(&self) -> String {
        if !self.0.deterministic_ids {
            return IdSource::Random.next().to_string();
        }
        let mut desk = self.desk();
        desk.answered += 1;
        seeded("request", &desk.answered.to_string()).to_string()
    }

    async fn answer(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, ConnectionDropped> {
        let (method, path) = (request.method().as_str(), request.uri().path());
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
        let (contract, route) = match target.and_then(|target| target.strip_prefix(DIRECTORY_TARGET)) {
            Some(name) => (directory(), directory().named(name)),
            None => (contract(), contract().route(method, path)),
        };
        let (operation, values) = match route {
            Route::Here(operation, values) => (operation, values),
            Route::Elsewhere(name) => {
                let message =
                    format!("The practice contact center does not carry out {name}. Connect itself does.");
                return Ok(error_response(StatusCode::NOT_IMPLEMENTED, "NotImplementedException", &message));
            }
            Route::Nowhere => {
                let message = format!("Amazon Connect has no operation {method} {path}.");
                return Ok(error_response(StatusCode::NOT_FOUND, "UnknownOperationException", &message));
            }
        };
        let met = {
            let mut desk = self.desk();
            desk.calls.of(&operation.name).calls += 1;
            desk.faults.meet(&operation.name)
        };
        if met.delay > Duration::ZERO {
            self.0.clock.sleep(met.delay).await;
        }
        let kind = met.fault.as_ref().map(|fault| fault.fault);
        if kind == Some(FaultKind::DropBefore) {
            return Err(ConnectionDropped);
        }
        if let Some(fault) = met.fault.as_ref().filter(|fault| fault.fault == FaultKind::FailBefore) {
            return Ok(failed(contract, operation, fault));
        }
        if let Some(fault) = met.fault.as_ref().filter(|fault| fault.fault == FaultKind::SayBefore) {
            return Ok(said(fault));
        }
        if kind == Some(FaultKind::Throttle) || !self.desk().limiter.allows(&operation.name) {
            self.desk().calls.of(&operation.name).throttled += 1;
            return Ok(refused(contract, operation, Refusal::throttled()));
        }
        let query = read_query(request.uri().query().unwrap_or_default());
        let parts = Parts { path: &values, query: &query, headers: request.headers(), body: request.body() };
        let outcome =
            check::read(contract, operation, &parts).and_then(|input| self.carry_out(operation, input));
        match (kind, &met.fault) {
            (Some(FaultKind::DropAfter), _) => Err(ConnectionDropped),
            (Some(FaultKind::FailAfter), Some(fault)) => Ok(failed(contract, operation, fault)),
            (Some(FaultKind::SayAfter), Some(fault)) => Ok(said(fault)),
            (Some(FaultKind::CutAfter), _) => Ok(shown(contract, operation, outcome).map(|body| {
                let half = body.len() / 2;
                body.slice(..half)
            })),
            _ => Ok(shown(contract, operation, outcome)),
        }
    }

    fn carry_out(&self, operation: &'static Operation, input: Map<String, Value>) -> Outcome {
        let instance = input.get("InstanceId").and_then(Value::as_str);
        if instance.is_some_and(|instance| !self.0.names.is_this_instance(instance)) {
            return Err(Refusal::not_found("There is no instance with this id."));
        }
        let ask = Ask { operation, input };
        match handler(&operation.name) {
            Some(Handler::Read(read)) => self.read(|world| read(world, &ask)),
            Some(Handler::Write(write)) => self.write(operation, |draft| write(draft, &ask)),
            None => Err(Refusal::internal("Nobody carries out this operation.")),
        }
    }

    fn read(&self, by: impl FnOnce(&World) -> Outcome) -> Outcome {
        let now_ms = self.now_ms();
        if self.store().is_behind(now_ms) {
            self.store_mut().catch_up(now_ms);
        }
        by(self.store().seen())
    }

    /// Carries out a write on the truth. What it drafts is in the file before it is true, and true before it is answered.
    fn write(&self, operation: &'static Operation, by: impl FnOnce(&mut Draft<'_>) -> Outcome) -> Outcome {
        let rules = self.desk().rules;
        let mut store = self.store_mut();
        let now_ms = self.now_ms();
        store.forget_removed_before(now_ms.saturating_sub(rules.name_lingers_ms));
        let mut draft = Draft { world: store.truth(), now_ms, rules, ids: store.ids, changes: Vec::new() };
        let output = by(&mut draft)?;
        let (ids, changes) = (draft.ids, draft.changes);
        store.commit(now_ms, ids, changes).map_err(unwritten)?;
        self.desk().calls.of(&operation.name).writes += 1;
        Ok(output)
    }
}

fn unwritten(error: std::io::Error) -> Refusal {
    tracing::error!(%error, "the state file could not be written, so nothing was changed");
    Refusal::internal("The state file cannot be written, so nothing was changed.")
}

fn failed(contract: &Contract, operation: &Operation, fault: &Fault) -> Response<Bytes> {
    let code = fault.error.as_deref().unwrap_or_else(|| called(operation, "InternalServiceException"));
    let status = fault.status.unwrap_or_else(|| contract.status(code));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    error_response(status, code, "This fault was ordered.")
}

fn said(fault: &Fault) -> Response<Bytes> {
    response(StatusCode::OK, Bytes::from(fault.body.clone().unwrap_or_default()))
}

/// What the operation calls an error: the two instance operations declare no InvalidParameterException, and the directory
/// has names of its own.
fn called(operation: &Operation, code: &'static str) -> &'static str {
    let names: &[&str] = match code {
        "InvalidParameterException" => &[code, "InvalidRequestException", "ValidationException"],
        "InvalidRequestException" => &[code, "ValidationException"],
        "InternalServiceException" => &[code, "ServiceException"],
        _ => &[code],
    };
    let declared = names.iter().find(|name| operation.declares(name));
    declared.or(names.last()).copied().unwrap_or(code)
}

fn refused(contract: &Contract, operation: &Operation, refusal: Refusal) -> Response<Bytes> {
    let code = called(operation, refusal.code);
    let common = ["ThrottlingException", "AccessDeniedException", "ValidationException"];
    debug_assert!(
        operation.declares(code) || common.contains(&code),
        "{} does not declare {code}",
        operation.name
    );
    let status = StatusCode::from_u16(contract.status(code)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    error_response(status, code, &refusal.message)
}

fn shown(contract: &Contract, operation: &Operation, outcome: Outcome) -> Response<Bytes> {
    match outcome {
        Err(refusal) => {
            tracing::debug!(operation = operation.name, refusal = refusal.code, "refused");
            refused(contract, operation, refusal)
        }
        Ok(output) => {
            tracing::debug!(operation = operation.name, "answered");
            #[cfg(debug_assertions)]
            if let Some(shape) = &operation.output {
                let unlike = check::unlike_contract(contract, shape, &output, &operation.name);
                debug_assert!(unlike.is_empty(), "an answer is not what the contract says: {unlike:?}");
            }
            json_response(StatusCode::OK, &output)
        }
    }
}
