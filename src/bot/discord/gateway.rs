//! The way in that opens no port: the desk connects to Discord's gateway, with no intents, and serenity resumes or
//! re-identifies when the line drops.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use desk_core::basics::ids::Platform;
use desk_core::basics::problem::Problem;
use desk_core::ports::Clock;
use desk_core::ports::health::Health;
use serenity::all::{
    Context, Event, EventHandler, GatewayIntents, Interaction, RawEventHandler, Ready, ResumedEvent,
};
use serenity::client::ClientBuilder;
use serenity::gateway::{ConnectionStage, GatewayError, ShardManager, ShardRunnerMessage};
use serenity::http::{Http, Route};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::draw;
use super::front::InteractionHandler;
use super::incoming::Received;
use super::reply::{First, Reply};
use super::rest::{Rest, token_refused};
use super::starts::IdentifyBudget;
use crate::chats::not_connected;

/// Identifies that Discord must still have left for a start; with fewer the desk waits until they are restored.
const LEFT: u64 = 20;

/// How long the connection may take to end in order. serenity would wait five seconds when it starts again.
const GOODBYE: Duration = Duration::from_secs(1);

/// How often the desk looks whether the library has a session.
const LOOK: Duration = Duration::from_secs(5);

/// How long the library may try to get a session before the desk asks Discord how many tries are left.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the connection is called among what the desk depends on.
const CONNECTION: &str = "discord";

/// What people on Discord say doesn't arrive at present.
fn disconnected() -> Problem {
    Problem::operator(&not_connected(Platform::Discord), "The desk has no connection to Discord's gateway.")
        .hint("It reconnects automatically. If it doesn't, check the network and https://discordstatus.com.")
}

struct Handler {
    front: Arc<InteractionHandler>,
    rest: Rest,
    starts: Arc<IdentifyBudget>,
    /// The first identify of a start was counted before it was sent.
    first: AtomicBool,
    too_many: Arc<Notify>,
    stop: CancellationToken,
}

#[serenity::async_trait]
impl EventHandler for Handler {
    async fn ready(&self, _: Context, _: Ready) {
        if !self.first.swap(false, Ordering::SeqCst) {
            self.starts.note();
            if self.starts.wait() > Duration::ZERO {
                self.too_many.notify_one();
            }
        }
        tracing::info!("the desk is connected to Discord");
        self.front.desk.health.set(CONNECTION, None);
    }

    async fn resume(&self, _: Context, _: ResumedEvent) {
        self.front.desk.health.set(CONNECTION, None);
    }

    async fn interaction_create(&self, _: Context, interaction: Interaction) {
        let Some(incoming) = Received::of(interaction) else { return };
        if !is_token(&incoming.token) {
            tracing::error!(interaction = incoming.id, "an interaction has an invalid token");
            return;
        }
        if self.stop.is_cancelled() || !self.front.seen.is_new(incoming.id) {
            return;
        }
        let reply = Reply::by_call(self.rest.clone(), incoming.id, incoming.token.clone());
        self.front.tasks.track_future(self.front.clone().answer(incoming, reply)).await;
    }
}

#[serenity::async_trait]
impl RawEventHandler for Handler {
    /// An interaction that serenity cannot read would be lost without a word; here it is answered from its raw form.
    async fn raw_event(&self, _: Context, event: Event) {
        let Event::Unknown(unknown) = event else { return };
        if unknown.kind != "INTERACTION_CREATE" {
            return;
        }
        answer_unreadable(&self.front, &self.rest, &unknown.value).await;
    }
}

/// Answers an interaction of which only the id and the token can be read.
pub(super) async fn answer_unreadable(front: &InteractionHandler, rest: &Rest, raw: &serde_json::Value) {
    let Some((id, token)) = id_and_token(raw) else {
        tracing::error!("an interaction has no id or no token, so it can't be answered");
        return;
    };
    if !front.seen.is_new(id) {
        return;
    }
    tracing::error!(
        interaction = id,
        kind = raw["type"].as_u64(),
        "an interaction can't be read: Discord changed its format; look for a newer connect-desk"
    );
    let reply = Reply::by_call(rest.clone(), id, token.to_owned());
    reply.first(unreadable(raw)).await;
}

/// The id and the token with which an interaction is answered, from its raw form. Discord has no id 0, and serenity panics at one.
pub(super) fn id_and_token(raw: &serde_json::Value) -> Option<(u64, &str)> {
    let id = raw["id"].as_str()?.parse().ok().filter(|id| *id > 0)?;
    Some((id, raw["token"].as_str().filter(|token| is_token(token))?))
}

/// Whether this is a token that stays one part of an address, in which the desk sends it back.
fn is_token(text: &str) -> bool {
    let may_be_in_one = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~+=".contains(&byte);
    text.bytes().all(may_be_in_one) && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// What is said to an interaction that cannot be read.
pub(super) fn unreadable(raw: &serde_json::Value) -> First {
    if raw["type"] == 4 {
        return First::Suggestions(Vec::new());
    }
    First::Say(draw::sentence(
        "The desk could not read what Discord sent, so nothing was done. Try once more; if it happens again, tell the \
         desk's operator.",
    ))
}

/// Runs until told to stop, or until Discord says that it makes no sense to continue.
pub(super) async fn serve(
    front: Arc<InteractionHandler>,
    http: impl Fn() -> Http,
    rest: Rest,
    address: Option<String>,
    starts: Arc<IdentifyBudget>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) -> Result<(), Problem> {
    loop {
        front.desk.health.set(CONNECTION, Some(disconnected()));
        tokio::select! {
            () = wait_for_a_start(&rest, &starts, &clock) => {}
            () = stop.cancelled() => return Ok(()),
        }
        let too_many = Arc::new(Notify::new());
        let handler = || Handler {
            front: front.clone(),
            rest: rest.clone(),
            starts: starts.clone(),
            first: AtomicBool::new(true),
            too_many: too_many.clone(),
            stop: stop.clone(),
        };
        let building = ClientBuilder::new_with_http(http(), GatewayIntents::empty())
            .event_handler(handler())
            .raw_event_handler(handler());
        // It asks Discord for the gateway's address, and waits for the answer without a limit.
        let built = tokio::select! {
            built = rest.in_time(building.into_future()) => built,
            () = stop.cancelled() => return Ok(()),
        };
        let Some(built) = built else {
            tracing::warn!("Discord doesn't say where its gateway is; the desk asks again");
            continue;
        };
        let mut client = built.map_err(|error| {
            Problem::operator(
                "discord_gateway",
                format!("The client for Discord can't be created ({error})."),
            )
        })?;
        if let Some(address) = &address {
            client.ws_url.lock().await.clone_from(address);
        }
        starts.note();
        let shards = client.shard_manager.clone();
        let ended = tokio::select! {
            ended = client.start() => ended,
            () = stop.cancelled() => {
                close(&shards).await;
                return Ok(());
            }
            () = too_many.notified() => {
                tracing::warn!("Discord has ended the session too often lately; the desk waits before it reconnects");
                close(&shards).await;
                continue;
            }
            () = watch(&front.desk.health, &rest, &shards) => {
                tracing::warn!("Discord gives the desk no session, and few tries are left");
                close(&shards).await;
                continue;
            }
        };
        match ended {
            Err(serenity::Error::Gateway(GatewayError::InvalidAuthentication)) => {
                tokio::select! {
                    refused = rest.token_is_refused() => if refused { return Err(token_refused()) },
                    () = stop.cancelled() => return Ok(()),
                }
                tracing::warn!("the gateway rejects a token that Discord's API accepts; the desk reconnects");
            }
            Err(serenity::Error::Gateway(
                GatewayError::InvalidGatewayIntents | GatewayError::DisallowedGatewayIntents,
            )) => {
                return Err(Problem::operator("discord_intents", "Discord rejects a bot without intents.")
                    .hint("Report this as a bug in connect-desk."));
            }
            Err(error) => tracing::warn!(%error, "the connection to Discord broke; the desk reconnects"),
            Ok(()) if stop.is_cancelled() => return Ok(()),
            Ok(()) => tracing::warn!("the connection to Discord ended; the desk reconnects"),
        }
    }
}

/// Waits while recent starts were many, or Discord has few left to give.
async fn wait_for_a_start(rest: &Rest, starts: &IdentifyBudget, clock: &Arc<dyn Clock>) {
    let wait = starts.wait().max(until_there_are_more(rest).await.unwrap_or_default());
    if wait > Duration::ZERO {
        tracing::warn!(
            seconds = wait.as_secs(),
            "the desk was started often lately; it waits, because Discord resets the token of a bot that connects too often"
        );
        clock.sleep(wait).await;
    }
}

/// How long it is until Discord takes identifies again, when it says that few are left.
async fn until_there_are_more(rest: &Rest) -> Option<Duration> {
    let limit = rest.get(Route::GatewayBot).await.ok()?;
    let limit = &limit["session_start_limit"];
    let few = limit["remaining"].as_u64().is_some_and(|left| left < LEFT);
    few.then(|| Duration::from_millis(limit["reset_after"].as_u64().unwrap_or_default()))
}

/// Keeps the desk's health right about the session: of a line that is silent, or that can't be taken up again, serenity tells no
/// one. Returns when there has been no session for a while and few identifies are left: each that is answered with "invalid
/// session" is followed by the next one five seconds later.
async fn watch(health: &Health, rest: &Rest, shards: &ShardManager) {
    let mut every = tokio::time::interval(LOOK);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut without = Duration::ZERO;
    loop {
        every.tick().await;
        let runners = shards.runners.lock().await;
        let has_one = runners.values().any(|runner| runner.stage == ConnectionStage::Connected);
        drop(runners);
        without = if has_one { Duration::ZERO } else { without + LOOK };
        // A session that is taken up again within seconds is no news.
        if has_one || without > LOOK {
            health.set(CONNECTION, (!has_one).then(disconnected));
        }
        if without >= PATIENCE {
            without = Duration::ZERO;
            if until_there_are_more(rest).await.is_some() {
                return;
            }
        }
    }
}

/// Ends the session. After a restart of its own serenity (0.12.5) takes an older shard's end for that of the newer one and
/// lets that live on, unseen; so each is told by its own channel before the rest is cleared away.
async fn close(shards: &ShardManager) {
    for (id, runner) in shards.runners.lock().await.iter() {
        runner.runner_tx.send_to_shard(ShardRunnerMessage::Shutdown(*id, 1000));
    }
    let _ = tokio::time::timeout(GOODBYE, shards.shutdown_all()).await;
}
