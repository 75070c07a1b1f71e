//! The control path `/_sim/`: faults to order, settings to change, and the whole world to look at.
//!
//! It is no part of Connect's API. `docs/practice-contact-center.md` describes it for those who use it.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::{Refusal, json_response, response};
use crate::contract::{contract, contracts, decode, operation, read_query};
use crate::faults::{Count, Fault, FaultKind};
use crate::handling::Channel;
use crate::ids::Kind;
use crate::options::Limits;
use crate::presence::without_contacts;
use crate::quota::QUOTAS;
use crate::report;
use crate::sim::Sim;
use crate::world::{Change, Contact, ContactState, Presence, Stage, User, World, password_hash};

/// Why a control request is not carried out.
struct Mistake(StatusCode, String);

type Done = Result<(StatusCode, Bytes), Mistake>;

impl From<Refusal> for Mistake {
    fn from(refusal: Refusal) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, refusal.message)
    }
}

fn mistake(message: impl Into<String>) -> Mistake {
    Mistake(StatusCode::BAD_REQUEST, message.into())
}

fn ok(value: Value) -> Done {
    done(StatusCode::OK, &value)
}

fn done(status: StatusCode, value: &Value) -> Done {
    Ok((status, Bytes::from(value.to_string())))
}

pub(crate) fn answer(sim: &Sim, request: &Request<Bytes>) -> Response<Bytes> {
    match route(sim, request) {
        Ok((status, body)) => response(status, body),
        Err(Mistake(status, message)) => json_response(status, &json!({ "message": message })),
    }
}

fn route(sim: &Sim, request: &Request<Bytes>) -> Done {
    let path = request.uri().path().trim_start_matches("/_sim").trim_matches('/');
    let segments: Vec<_> = path.split('/').map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(|segment| &**segment).collect();
    let (method, body) = (request.method(), request.body());
    match (method, segments.as_slice()) {
        (&Method::GET, [""]) => ok(about(sim)),
        (&Method::GET, ["faults"]) => ok(faults(sim)),
        (&Method::POST, ["faults"]) => order(sim, read(body)?),
        (&Method::DELETE, ["faults"]) => {
            sim.desk().faults.clear();
            ok(faults(sim))
        }
        (&Method::GET, ["calls"]) => ok(calls(sim)),
        (&Method::DELETE, ["calls"]) => {
            sim.desk().calls.reset();
            ok(calls(sim))
        }
        (&Method::GET, ["world"]) => {
            let query = read_query(request.uri().query().unwrap_or_default());
            let ids = !query.iter().any(|(name, value)| name == "ids" && value == "false");
            // A copy shares everything with the truth, and no one waits while it is written down.
            let world = sim.store().truth().clone();
            Ok((StatusCode::OK, report::world(&world, ids)))
        }
        (&Method::DELETE, ["world", kind, name]) => remove(sim, kind, name),
        (&Method::GET, ["settings"]) => ok(settings(sim)),
        (&Method::PUT, ["settings"]) => set(sim, &read(body)?),
        (&Method::PUT, ["users", login, "presence"]) => set_presence(sim, login, &read(body)?),
        (&Method::PUT, ["queues", name, "waiting"]) => set_waiting(sim, name, &read(body)?),
        (&Method::POST, ["login"]) => log_in(sim, &read(body)?),
        _ => Err(Mistake(
            StatusCode::NOT_FOUND,
            format!(
                "There is no {method} /_sim/{path}. There are GET /_sim, GET|POST|DELETE /_sim/faults, GET|DELETE /_sim/calls, \
                 GET /_sim/world, DELETE /_sim/world/KIND/NAME, GET|PUT /_sim/settings, PUT /_sim/users/LOGIN/presence, \
                 PUT /_sim/queues/NAME/waiting and POST /_sim/login."
            ),
        )),
    }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Mistake> {
    serde_json::from_slice(body)
        .map_err(|error| mistake(format!("The body is not what is asked for: {error}.")))
}

fn about(sim: &Sim) -> Value {
    let store = sim.store();
    let instance = &store.truth().instance;
    let source = &contract().source;
    json!({
        "instance_id": sim.instance_id(),
        "instance_arn": sim.instance_arn(),
        "alias": instance.alias,
        "identity": instance.identity,
        "directory_id": sim.directory_id(),
        "seed": sim.seed().to_string(),
        "users": store.truth().user_count(),
        "contract": { "api": source.api, "botocore": source.botocore, "operations": contract().operations.len() },
    })
}

fn faults(sim: &Sim) -> Value {
    json!({ "faults": sim.desk().faults.outstanding() })
}

fn order(sim: &Sim, fault: Fault) -> Done {
    if operation(&fault.operation).is_none() {
        return Err(mistake(format!(
            "There is no operation {} here. Names are like CreateUser.",
            fault.operation
        )));
    }
    if fault.call == 0 || fault.times == 0 {
        return Err(mistake("call and times count from 1."));
    }
    if (fault.fault == FaultKind::Delay) != fault.delay_ms.is_some() {
        return Err(mistake("delay_ms belongs to the fault delay, and has to be there."));
    }
    let says = matches!(fault.fault, FaultKind::SayBefore | FaultKind::SayAfter);
    if says != fault.body.is_some() {
        return Err(mistake("body belongs to the faults say_before and say_after, and has to be there."));
    }
    let answers = matches!(fault.fault, FaultKind::FailBefore | FaultKind::FailAfter);
    if !answers && (fault.error.is_some() || fault.status.is_some()) {
        return Err(mistake("error and status belong to the faults fail_before and fail_after."));
    }
    if fault.status.is_some_and(|status| !(400..600).contains(&status)) {
        return Err(mistake("status must be an HTTP status from 400 to 599."));
    }
    let known = |error: &String| contracts().iter().any(|one| one.errors.contains_key(error));
    if fault.status.is_none() && fault.error.as_ref().is_some_and(|error| !known(error)) {
        return Err(mistake("The API has no such error. Name one that it has, or send its status as well."));
    }
    sim.desk().faults.order(fault);
    done(StatusCode::CREATED, &faults(sim))
}

fn calls(sim: &Sim) -> Value {
    let desk = sim.desk();
    let operations = desk.calls.all();
    let sum = |of: fn(&Count) -> u64| operations.values().map(of).sum::<u64>();
    json!({
        "calls": sum(|count| count.calls),
        "writes": sum(|count| count.writes),
        "throttled": sum(|count| count.throttled),
        "operations": operations,
    })
}

/// Someone removes what Connect itself lets them remove only manually or while no one uses it.
fn remove(sim: &Sim, kind: &str, name: &str) -> Done {
    let Some((_, of)) = report::KINDS.iter().find(|(called, _)| *called == kind) else {
        let kinds: Vec<&str> = report::KINDS.iter().map(|(called, _)| *called).collect();
        return Err(mistake(format!("There is no kind {kind}. There are {}.", kinds.join(", "))));
    };
    let found = report::named(sim.store().truth(), *of, name);
    let Some(id) = found else {
        return Err(Mistake(StatusCode::NOT_FOUND, format!("There is no `{name}` among {kind}.")));
    };
    sim.commit(vec![Change::ResourceGone { kind: *of, id }])?;
    ok(json!({ "removed": name }))
}

fn settings(sim: &Sim) -> Value {
    let (lag, search_lag) = sim.store().lags();
    let desk = sim.desk();
    let (rate, burst) = match desk.limiter.limits() {
        Limits::Unthrottled => (None, None),
        Limits::PerOperation { rate, burst } => (Some(rate), Some(burst)),
    };
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let mut settings = json!({
        "name_lingers_ms": desk.rules.name_lingers_ms,
        "token_lives_ms": desk.rules.token_lives_ms,
        "lag_ms": milliseconds(lag),
        "search_lag_ms": milliseconds(search_lag),
        "unthrottled": rate.is_none(),
        "rate": rate,
        "burst": burst,
    });
    for row in &QUOTAS {
        settings[row.setting] = json!(desk.rules.quotas.of(row.quota));
    }
    settings
}

#[derive(Deserialize)]
struct Settings {
    name_lingers_ms: Option<u32>,
    token_lives_ms: Option<u32>,
    lag_ms: Option<u32>,
    search_lag_ms: Option<u32>,
    rate: Option<f64>,
    burst: Option<NonZeroU32>,
    unthrottled: Option<bool>,
    #[serde(flatten)]
    quotas: BTreeMap<String, usize>,
}

/// What is not sent stays as it is.
fn set(sim: &Sim, wanted: &Settings) -> Done {
    if let Some(unknown) = wanted.quotas.keys().find(|name| QUOTAS.iter().all(|row| row.setting != **name)) {
        return Err(mistake(format!("There is no setting {unknown}. GET /_sim/settings shows them all.")));
    }
    let throttled = wanted.rate.is_some() || wanted.burst.is_some();
    if wanted.unthrottled == Some(true) && throttled {
        return Err(mistake("unthrottled leaves no room for rate and burst."));
    }
    let limits = match (wanted.unthrottled, sim.desk().limiter.limits()) {
        (Some(true), _) => Some(Limits::Unthrottled),
        (None, _) if !throttled => None,
        (_, Limits::PerOperation { rate, burst }) => {
            Some((rate, burst)).map(|existing| changed(existing, wanted))
        }
        (_, Limits::Unthrottled) => match Limits::default() {
            Limits::PerOperation { rate, burst } => Some(changed((rate, burst), wanted)),
            unthrottled @ Limits::Unthrottled => Some(unthrottled),
        },
    };
    if let Some(limits) = limits {
        sim.set_limits(limits).map_err(|error| mistake(error.to_string()))?;
    }
    if let Some(lag) = wanted.lag_ms {
        sim.store_mut().set_lag(Duration::from_millis(lag.into()));
    }
    if let Some(lag) = wanted.search_lag_ms {
        sim.store_mut().set_search_lag(Duration::from_millis(lag.into()));
    }
    let mut desk = sim.desk();
    if let Some(lingers) = wanted.name_lingers_ms {
        desk.rules.name_lingers_ms = lingers.into();
    }
    if let Some(lives) = wanted.token_lives_ms {
        desk.rules.token_lives_ms = lives.into();
    }
    for row in &QUOTAS {
        if let Some(quota) = wanted.quotas.get(row.setting) {
            desk.rules.quotas.set(row.quota, *quota);
        }
    }
    drop(desk);
    ok(settings(sim))
}

fn changed((rate, burst): (f64, NonZeroU32), wanted: &Settings) -> Limits {
    Limits::PerOperation { rate: wanted.rate.unwrap_or(rate), burst: wanted.burst.unwrap_or(burst) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetPresence {
    signed_in: bool,
    status: Option<String>,
    #[serde(default)]
    on_contact: OnContact,
    /// Seconds since the epoch; now, if it is not sent.
    since: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OnContact {
    /// True is a call that is connected.
    Is(bool),
    On(Channel),
    These(Vec<SetContact>),
}

/// A contact as it is ordered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetContact {
    channel: Channel,
    #[serde(default = "connected")]
    state: ContactState,
    since: Option<f64>,
}

fn connected() -> ContactState {
    ContactState::Connected
}

impl Default for OnContact {
    fn default() -> Self {
        Self::Is(false)
    }
}

impl OnContact {
    fn ordered(&self, since: Option<f64>) -> Vec<(Channel, ContactState, Option<f64>)> {
        match self {
            Self::Is(false) => Vec::new(),
            Self::Is(true) => vec![(Channel::Voice, ContactState::Connected, since)],
            Self::On(channel) => vec![(*channel, ContactState::Connected, since)],
            Self::These(contacts) => contacts
                .iter()
                .map(|contact| (contact.channel, contact.state, contact.since.or(since)))
                .collect(),
        }
    }
}

fn user<'w>(world: &'w World, login: &str) -> Result<&'w Arc<User>, Mistake> {
    world.user_by_login(login).ok_or_else(|| {
        Mistake(StatusCode::NOT_FOUND, format!("There is no user `{login}`. Logins are case-sensitive."))
    })
}

#[allow(clippy::cast_possible_truncation)] // A moment that no i64 holds becomes the last one that it does.
fn moment(since: Option<f64>, now_ms: i64) -> i64 {
    since.map_or(now_ms, |seconds| (seconds * 1000.0) as i64)
}

fn set_presence(sim: &Sim, login: &str, wanted: &SetPresence) -> Done {
    let now_ms = sim.now_ms();
    let (user_id, changes) = {
        let store = sim.store();
        let user = user(store.truth(), login)?;
        (user.id, presence(store.truth(), user, wanted, now_ms)?)
    };
    sim.commit(changes)?;
    let presence = report::presence_of(sim.store().truth(), user_id);
    ok(json!({ "login": login, "presence": presence }))
}

fn presence(world: &World, user: &User, wanted: &SetPresence, now_ms: i64) -> Result<Vec<Change>, Mistake> {
    let ordered = wanted.on_contact.ordered(wanted.since);
    let mut held: Vec<&Arc<Contact>> = world.contacts_of(user.id).collect();
    let mut new_ids = world.new_contact_ids();
    let mut changes = Vec::new();
    for ((channel, state, since), id) in ordered.iter().zip(&mut new_ids) {
        let same = |contact: &&&Arc<Contact>| {
            contact.channel == *channel && contact.held() == Some((user.id, *state))
        };
        if since.is_none()
            && let Some(place) = held.iter().position(|contact| same(&contact))
        {
            held.remove(place);
            continue;
        }
        let since_ms = moment(*since, now_ms);
        let queue = world.routing_profile_of(user).map(|profile| profile.default_queue);
        changes.push(Change::Contact(Arc::new(Contact {
            id,
            channel: *channel,
            stage: Stage::With(user.id, *state),
            queue,
            since_ms,
            initiation: report::initiation(*channel).to_owned(),
        })));
    }
    let gone = held.into_iter().map(|contact| Change::ContactGone { id: contact.id });
    changes.splice(0..0, gone);
    let before = world.presence(user.id);
    if !wanted.signed_in {
        if wanted.status.is_some() || !ordered.is_empty() {
            return Err(mistake("Who is signed out has no status and no contact."));
        }
        changes.push(Change::Presence { user: user.id, presence: None });
        return Ok(changes);
    }
    let named = |name: &str| {
        let status = world.resource_named(Kind::AgentStatus, name).map(|status| status.id);
        status.ok_or_else(|| mistake(format!("There is no agent status `{name}`.")))
    };
    let since_ms = moment(wanted.since, now_ms);
    // When the contacts end, the status comes that was waiting for it.
    let ended = before.filter(|_| ordered.is_empty()).map(|presence| without_contacts(presence, since_ms));
    let before = ended.as_ref().or(before);
    let status = match (&wanted.status, before) {
        (Some(name), _) => named(name)?,
        (None, Some(presence)) => presence.status,
        (None, None) => named("Available")?,
    };
    let unchanged = before.filter(|presence| presence.status == status && wanted.since.is_none());
    let presence = Some(Presence {
        status,
        since_ms: unchanged.map_or(since_ms, |presence| presence.since_ms),
        next_status: before.and_then(|presence| presence.next_status),
    });
    changes.push(Change::Presence { user: user.id, presence });
    Ok(changes)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetWaiting {
    contacts: Vec<SetContact>,
}

/// These contacts wait in a queue from now on, and no others.
fn set_waiting(sim: &Sim, name: &str, wanted: &SetWaiting) -> Done {
    let now_ms = sim.now_ms();
    let changes = {
        let store = sim.store();
        let queue =
            store.truth().resource_named(Kind::Queue, name).map(|queue| queue.id).ok_or_else(|| {
                Mistake(
                    StatusCode::NOT_FOUND,
                    format!("There is no queue `{name}`. Names are case-sensitive."),
                )
            })?;
        let waits = |contact: &&Arc<Contact>| contact.queue == Some(queue) && contact.held().is_none();
        let gone =
            store.truth().contacts().filter(waits).map(|contact| Change::ContactGone { id: contact.id });
        let new = wanted.contacts.iter().zip(store.truth().new_contact_ids()).map(|(contact, id)| {
            let since_ms = moment(contact.since, now_ms);
            let initiation = report::initiation(contact.channel).to_owned();
            let (channel, stage) = (contact.channel, Stage::Waiting);
            Change::Contact(Arc::new(Contact {
                id,
                channel,
                stage,
                queue: Some(queue),
                since_ms,
                initiation,
            }))
        });
        gone.chain(new).collect()
    };
    sim.commit(changes)?;
    ok(json!({ "queue": name, "waiting": wanted.contacts.len() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogIn {
    login: String,
    password: String,
}

/// Whether the password is the user's. It signs no one in.
fn log_in(sim: &Sim, wanted: &LogIn) -> Done {
    let store = sim.store();
    let kept = store.truth().user_by_login(&wanted.login).and_then(|user| user.password_sha256.as_deref());
    if kept == Some(&*password_hash(&wanted.password)) {
        return ok(json!({ "login": wanted.login }));
    }
    Err(Mistake(StatusCode::UNAUTHORIZED, "The login and the password do not fit.".to_owned()))
}
