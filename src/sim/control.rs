//! The control path `/_sim/`: faults to order, settings to change, and the whole world to look at.
//!
//! It is no part of Connect's API. `docs/practice-contact-center.md` describes it for those who use it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::{Refusal, json_response, response};
use crate::contract::{contract, decode, directory, operation, read_query};
use crate::faults::{Count, Fault, FaultKind};
use crate::handling::Channel;
use crate::ids::{Kind, seeded};
use crate::operations::sha256;
use crate::options::Limits;
use crate::report;
use crate::sim::Sim;
use crate::world::{Change, Contact, Detail, Presence, User, World};

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
            // A copy shares everything with the truth, and nobody waits while it is written down.
            let world = sim.store().truth().clone();
            Ok((StatusCode::OK, report::world(&world, ids)))
        }
        (&Method::DELETE, ["world", kind, name]) => remove(sim, kind, name),
        (&Method::GET, ["settings"]) => ok(settings(sim)),
        (&Method::PUT, ["settings"]) => set(sim, &read(body)?),
        (&Method::PUT, ["users", login, "presence"]) => set_presence(sim, login, &read(body)?),
        (&Method::POST, ["login"]) => log_in(sim, &read(body)?),
        _ => Err(Mistake(
            StatusCode::NOT_FOUND,
            format!(
                "There is no {method} /_sim/{path}. There are GET /_sim, GET|POST|DELETE /_sim/faults, GET|DELETE /_sim/calls, \
                 GET /_sim/world, DELETE /_sim/world/KIND/NAME, GET|PUT /_sim/settings, PUT /_sim/users/LOGIN/presence and POST /_sim/login."
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
    let known = |error: &String| [contract(), directory()].iter().any(|one| one.errors.contains_key(error));
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

/// Somebody removes what Connect itself lets them remove only by hand or while nobody uses it.
fn remove(sim: &Sim, kind: &str, name: &str) -> Done {
    let Some((_, of)) = report::KINDS.iter().find(|(called, _)| *called == kind) else {
        let kinds: Vec<&str> = report::KINDS.iter().map(|(called, _)| *called).collect();
        return Err(mistake(format!("There is no kind {kind}. There are {}.", kinds.join(", "))));
    };
    let found = sim.store().truth().resource_named(*of, name).map(|resource| resource.id);
    let Some(id) = found else {
        return Err(Mistake(StatusCode::NOT_FOUND, format!("There is no `{name}` among {kind}.")));
    };
    sim.commit(vec![Change::ResourceGone { kind: *of, id }])?;
    ok(json!({ "removed": name }))
}

fn settings(sim: &Sim) -> Value {
    let lag = sim.store().lag();
    let desk = sim.desk();
    let (rate, burst) = match desk.limiter.limits() {
        Limits::Unthrottled => (None, None),
        Limits::PerOperation { rate, burst } => (Some(rate), Some(burst)),
    };
    json!({
        "name_lingers_ms": desk.rules.name_lingers_ms,
        "lag_ms": u64::try_from(lag.as_millis()).unwrap_or(u64::MAX),
        "unthrottled": rate.is_none(),
        "rate": rate,
        "burst": burst,
        "user_quota": desk.rules.user_quota,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    name_lingers_ms: Option<u32>,
    lag_ms: Option<u32>,
    rate: Option<f64>,
    burst: Option<NonZeroU32>,
    unthrottled: Option<bool>,
    user_quota: Option<usize>,
}

/// What is not sent stays as it is.
fn set(sim: &Sim, wanted: &Settings) -> Done {
    let throttled = wanted.rate.is_some() || wanted.burst.is_some();
    if wanted.unthrottled == Some(true) && throttled {
        return Err(mistake("unthrottled leaves no room for rate and burst."));
    }
    let limits = match (wanted.unthrottled, sim.desk().limiter.limits()) {
        (Some(true), _) => Some(Limits::Unthrottled),
        (None, _) if !throttled => None,
        (_, Limits::PerOperation { rate, burst }) => {
            Some((rate, burst)).map(|stands| changed(stands, wanted))
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
    let mut desk = sim.desk();
    if let Some(lingers) = wanted.name_lingers_ms {
        desk.rules.name_lingers_ms = lingers.into();
    }
    if let Some(quota) = wanted.user_quota {
        desk.rules.user_quota = quota;
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
    /// True is a voice contact.
    Is(bool),
    On(Channel),
}

impl Default for OnContact {
    fn default() -> Self {
        Self::Is(false)
    }
}

fn user<'w>(world: &'w World, login: &str) -> Result<&'w Arc<User>, Mistake> {
    world.user_by_login(login).ok_or_else(|| {
        Mistake(StatusCode::NOT_FOUND, format!("There is no user `{login}`. Logins are case-sensitive."))
    })
}

fn set_presence(sim: &Sim, login: &str, wanted: &SetPresence) -> Done {
    let now_ms = sim.now_ms();
    #[allow(clippy::cast_possible_truncation)]
    // A moment that no i64 holds becomes the last one that it does.
    let since_ms = wanted.since.map_or(now_ms, |seconds| (seconds * 1000.0) as i64);
    let (user_id, presence) = {
        let store = sim.store();
        let world = store.truth();
        let user = user(world, login)?;
        (user.id, presence(world, user, wanted, since_ms)?)
    };
    sim.commit(vec![Change::Presence { user: user_id, presence }])?;
    let presence = report::presence_of(sim.store().truth(), user_id);
    ok(json!({ "login": login, "presence": presence }))
}

fn presence(
    world: &World,
    user: &User,
    wanted: &SetPresence,
    since_ms: i64,
) -> Result<Option<Presence>, Mistake> {
    let channel = match wanted.on_contact {
        OnContact::Is(false) => None,
        OnContact::Is(true) => Some(Channel::Voice),
        OnContact::On(channel) => Some(channel),
    };
    if !wanted.signed_in {
        return match (&wanted.status, channel) {
            (None, None) => Ok(None),
            _ => Err(mistake("Who is signed out has no status and no contact.")),
        };
    }
    let stands = world.presence(user.id);
    let named = |name: &str| {
        let status = world.resource_named(Kind::AgentStatus, name).map(|status| status.id);
        status.ok_or_else(|| mistake(format!("There is no agent status `{name}`.")))
    };
    // When the contact ends, the status comes that was waiting for it.
    let waited_for = stands.filter(|_| channel.is_none()).and_then(|presence| presence.next_status);
    let status = match (&wanted.status, waited_for.or(stands.map(|presence| presence.status))) {
        (Some(name), _) => named(name)?,
        (None, Some(status)) => status,
        (None, None) => named("Available")?,
    };
    let unchanged = stands.filter(|presence| presence.status == status && wanted.since.is_none());
    let contact = channel.map(|channel| {
        let same = stands
            .and_then(|presence| presence.contact.as_ref())
            .filter(|contact| contact.channel == channel);
        same.filter(|_| wanted.since.is_none()).cloned().unwrap_or_else(|| Contact {
            id: seeded("contact", &format!("{} {since_ms}", user.login)),
            channel,
            queue: match world
                .resource(Kind::RoutingProfile, user.routing_profile)
                .map(|profile| &profile.detail)
            {
                Some(Detail::RoutingProfile { default_queue, .. }) => Some(*default_queue),
                _ => None,
            },
            since_ms,
        })
    });
    Ok(Some(Presence {
        status,
        since_ms: unchanged.map_or(since_ms, |presence| presence.since_ms),
        next_status: stands.filter(|_| contact.is_some()).and_then(|presence| presence.next_status),
        contact,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogIn {
    login: String,
    password: String,
}

/// Whether the password is the user's. It signs nobody in.
fn log_in(sim: &Sim, wanted: &LogIn) -> Done {
    let store = sim.store();
    let kept = store.truth().user_by_login(&wanted.login).and_then(|user| user.password_sha256.as_deref());
    if kept == Some(&*sha256(&wanted.password)) {
        return ok(json!({ "login": wanted.login }));
    }
    Err(Mistake(StatusCode::UNAUTHORIZED, "The login and the password do not fit.".to_owned()))
}
