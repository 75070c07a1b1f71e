//! Discord: people ask with slash commands, decide with buttons, and see cards. The client is serenity.
//!
//! `incoming` turns an interaction into the desk's words, `front` answers it, `messages` posts and edits what the core has to show,
//! `draw` makes messages of cards. `gateway` and `endpoint` are the two ways in; nothing behind them knows which one it was.

pub mod attached;
pub mod button;
pub mod connections;
pub mod draw;
mod endpoint;
mod form;
mod front;
mod gateway;
pub mod inbox;
mod incoming;
mod messages;
mod parse;
pub mod people;
mod reply;
mod rest;
mod rights;
mod section;
pub mod seen;
pub mod settings;
pub mod starts;
pub mod tree;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::current::Current;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Person;
use desk_core::ports::Clock;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use serenity::all::{ApplicationId, GuildId};
use serenity::http::{Http, HttpBuilder, Route};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::button::ButtonSigner;
use self::front::InteractionHandler;
use self::inbox::Attachments;
use self::messages::Messages;
use self::people::{Lately, Members};
use self::rest::{NO_ROUTE, Refusal, Refused, Rest, TOO_MANY_COMMANDS, token_refused, trouble};
use self::seen::RecentIds;
use self::settings::{Settings, Transport};
use self::starts::IdentifyBudget;
use crate::chats::{Adapter, Joinable, Joined, Ports};
use crate::folder::Writes;

/// How a Discord server is joined.
pub struct Options {
    pub settings: Settings,
    pub token: SecretString,
    pub clock: Arc<dyn Clock>,
    /// Another HTTP client than serenity's own, as tests need it that play Discord behind its own name.
    pub client: Option<reqwest::Client>,
    /// How long a call may take until it counts as lost, where that is not as usual.
    pub answer_within: Option<Duration>,
    /// What the configuration knows of people.
    pub roster: Current<Vec<Person>>,
    /// What signs buttons.
    pub key: Arc<SecretBox<[u8; 32]>>,
}

/// The half that a desk is built on.
pub struct DiscordBuilder {
    options: Options,
    rest: Rest,
    members: Arc<Members>,
    messages: Arc<Messages>,
    attachments: Arc<Attachments>,
}

/// How long after Discord did not take the slash commands it is asked again.
const REGISTER_AGAIN: Duration = Duration::from_secs(600);

/// A joined server.
pub struct Discord {
    options: Options,
    rest: Rest,
    front: Arc<InteractionHandler>,
    starts: Arc<IdentifyBudget>,
    /// Where Discord connects to the desk, once it is bound.
    listener: std::sync::Mutex<Option<TcpListener>>,
    stop: CancellationToken,
    /// When the slash commands are registered that Discord didn't take at the start, by the monotonic clock.
    unregistered: std::sync::Mutex<Option<Duration>>,
    /// The commands for direct messages that were registered last.
    direct: tokio::sync::Mutex<Option<Vec<&'static str>>>,
    /// The file that is there while some are registered.
    has_direct: std::path::PathBuf,
}

/// The client for Discord's API. Over a loopback address serenity's own rate limiter is off, because it would ignore it.
fn http(options: &Options) -> Http {
    let mut builder = HttpBuilder::new(options.token.expose_secret())
        .application_id(ApplicationId::new(options.settings.application.get()))
        .default_allowed_mentions(serenity::builder::CreateAllowedMentions::new());
    if let Some(client) = &options.client {
        builder = builder.client(client.clone());
    }
    if let Some(api) = &options.settings.api {
        builder = builder.proxy(api.clone()).ratelimiter_disabled(true);
    }
    builder.build()
}

impl DiscordBuilder {
    pub fn new(options: Options) -> Result<DiscordBuilder, Problem> {
        let attachments = Attachments::new(
            options.client.clone(),
            options.settings.api.as_deref(),
            inbox::Patience::default(),
        )?;
        let application = ApplicationId::new(options.settings.application.get());
        let within = options.answer_within.unwrap_or(rest::ANSWER_WITHIN);
        let rest = Rest::new(Arc::new(http(&options)), application, options.clock.clone(), within);
        let members = Members {
            rest: rest.clone(),
            settings: options.settings.clone(),
            roster: options.roster.clone(),
            lately: Lately::new(options.clock.clone()),
        };
        let signer = ButtonSigner::new(options.key.clone());
        let messages = Messages::new(rest.clone(), options.settings.clone(), signer);
        Ok(DiscordBuilder {
            options,
            rest,
            members: Arc::new(members),
            messages: Arc::new(messages),
            attachments: Arc::new(attachments),
        })
    }
}

impl Joinable for DiscordBuilder {
    fn ports(&self) -> Ports {
        Ports { people: self.members.clone(), inbox: self.attachments.clone(), chat: self.messages.clone() }
    }

    fn join(self: Box<Self>, to: Joined) -> Arc<dyn Adapter> {
        let DiscordBuilder { options, rest, members, messages, .. } = *self;
        let front = Arc::new(InteractionHandler {
            desk: to.desk,
            cards: to.cards,
            members,
            messages,
            directory: to.directory,
            settings: options.settings.clone(),
            tasks: to.tasks,
            seen: Arc::new(RecentIds::open(&to.state, options.clock.as_ref())),
            forms: tokio::sync::Mutex::default(),
        });
        let starts = Arc::new(IdentifyBudget::new(&to.state, options.clock.clone()));
        let (listener, unregistered, stop) =
            (std::sync::Mutex::default(), std::sync::Mutex::default(), to.stop);
        let (direct, has_direct) = (tokio::sync::Mutex::default(), to.state.join("discord-direct-messages"));
        Arc::new(Discord { options, rest, front, starts, listener, stop, unregistered, direct, has_direct })
    }
}

impl Discord {
    /// Looks whether the bot is there, and may do what it has to in every channel.
    async fn check_rights(&self) -> Result<(), Problem> {
        let settings = &self.options.settings;
        let found = rights::look(&self.rest, settings).await?;
        if let Some(problem) = found.channels.into_iter().find_map(|(_, problem)| problem) {
            return Err(problem);
        }
        for problem in found.threads {
            tracing::warn!(code = problem.code, "{problem}");
        }
        // Approvers are notified by their role, which Discord does silently when not everyone may mention it.
        let approvers =
            self.front.desk.policy.get().rules.iter().flat_map(|rule| rule.all_approvers()).collect();
        for problem in rights::amiss(settings, &approvers, &found.roles, found.mentions_all) {
            tracing::warn!(code = problem.code, "{problem}");
        }
        if !approvers.is_empty() && people::callable(settings, &approvers).is_empty() {
            tracing::warn!("no one is notified on Discord: no role under [discord.roles] is an approver's");
        }
        Ok(())
    }

    /// Writes the slash commands only when they are others than those that it has: Discord takes 200 new ones a day. Until it takes them,
    /// those of an earlier version will do.
    async fn register(&self) -> Result<(), Problem> {
        let guild_id = GuildId::new(self.options.settings.guild.get());
        let route = Route::GuildCommands { application_id: self.rest.application, guild_id };
        let wanted = tree::tree(&self.front.desk.commands);
        let current = match self.rest.get(route).await {
            Err(refusal) if refusal.kind == Refused::NoRoute => serde_json::Value::Null,
            current => current.map_err(|refusal| trouble(&refusal, "read its commands"))?,
        };
        let written = match tree::is_same(&wanted, &current) {
            true => return Ok(()),
            false => self.rest.put(route, &wanted).await,
        };
        match written {
            Err(refusal)
                if current.as_array().is_some_and(|commands| !commands.is_empty())
                    && (refusal.kind == Refused::Later || refusal.code == TOO_MANY_COMMANDS) =>
            {
                tracing::warn!("the slash commands are those of an earlier version, because {refusal}");
                let due = self.options.clock.monotonic() + REGISTER_AGAIN;
                *self.unregistered.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(due);
            }
            written => {
                written.map_err(|refusal| trouble(&refusal, "register its commands"))?;
                tracing::info!("the slash commands were registered");
            }
        }
        Ok(())
    }

    /// Writes the commands for direct messages, where they are others than those that stand. Where no rule allows any, and none
    /// were registered before, Discord is not asked.
    async fn register_direct(&self) -> Result<(), Problem> {
        let paths = tree::direct_paths(&self.front.desk.commands, &self.front.desk.policy.get());
        let none = paths.is_empty();
        let mut registered = self.direct.lock().await;
        if registered.as_ref() == Some(&paths) || none && registered.is_none() && !self.has_direct.exists() {
            return Ok(());
        }
        let wanted = tree::direct(&self.front.desk.commands, &paths);
        let route = Route::Commands { application_id: self.rest.application };
        let writing = async {
            let current = self.rest.get(route).await?;
            if !tree::is_same(&wanted, &current) {
                self.rest.put(route, &wanted).await?;
                tracing::info!("the slash commands for direct messages were registered");
            }
            Ok::<_, Refusal>(())
        };
        let written = writing.await;
        // What Discord doesn't take now it wouldn't take with the next tick either; what it did not hear is said again.
        let is_settled = !matches!(&written, Err(refusal) if refusal.kind == Refused::Later);
        *registered = is_settled.then_some(paths);
        written.map_err(|refusal| trouble(&refusal, "register its commands for direct messages"))?;
        let noted = match none {
            true => std::fs::remove_file(&self.has_direct).or_else(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            }),
            false => Writes::default().create("discord-direct-messages", &self.has_direct).map(drop),
        };
        if let Err(error) = noted {
            tracing::warn!("{} can't be written: {error}", self.has_direct.display());
        }
        Ok(())
    }

    /// How many limits serenity keeps at present, for tests.
    #[doc(hidden)]
    pub async fn limits_kept(&self) -> usize {
        match &self.rest.http.ratelimiter {
            Some(limiter) => limiter.routes().read().await.len(),
            None => 0,
        }
    }
}

#[async_trait]
impl Adapter for Discord {
    /// Makes sure that the desk can work there at all, and that its commands are registered as they are. Where Discord
    /// connects to the desk, the port is bound from then on.
    async fn check(&self) -> Result<(), Problem> {
        if let Transport::Http { listen, .. } = &self.options.settings.way_in {
            let bound = endpoint::bind(*listen).await?;
            *self.listener.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(bound);
        }
        match self.check_rights().await {
            Err(refusal) if refusal.code == NO_ROUTE => {
                tracing::warn!("the desk's permissions on the server can't be checked: {refusal}");
            }
            checked => checked?,
        }
        self.register().await?;
        self.register_direct().await
    }

    async fn serve(&self) -> Result<(), Problem> {
        let way_in = async {
            match &self.options.settings.way_in {
                Transport::Gateway => {
                    gateway::serve(
                        self.front.clone(),
                        || http(&self.options),
                        self.rest.clone(),
                        self.options.settings.gateway.clone(),
                        self.starts.clone(),
                        self.options.clock.clone(),
                        self.stop.clone(),
                    )
                    .await
                }
                Transport::Http { listen, public_key } => {
                    let bound =
                        self.listener.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                    let listener = match bound {
                        Some(listener) => listener,
                        None => endpoint::bind(*listen).await?,
                    };
                    endpoint::serve(
                        self.front.clone(),
                        self.rest.clone(),
                        listener,
                        *public_key,
                        self.options.clock.clone(),
                        self.stop.clone(),
                    )
                    .await
                }
            }
        };
        tokio::select! {
            ended = way_in => ended,
            () = self.rest.revoked() => Err(token_refused()),
        }
    }

    async fn tick(&self) {
        let now = self.options.clock.monotonic();
        let is_due = {
            let mut due = self.unregistered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            due.take_if(|due| *due <= now).is_some()
        };
        if is_due && let Err(problem) = self.register().await {
            tracing::warn!(code = problem.code, "{problem}");
        }
        // The policy may be another one since the start.
        if let Err(problem) = self.register_direct().await {
            tracing::warn!(code = problem.code, "{problem}");
        }
        // serenity keeps an entry for every interaction's own limit and never lets go of it (0.12.5).
        if let Some(limiter) = &self.rest.http.ratelimiter {
            const MANY: usize = 2_000;
            let routes = limiter.routes();
            let mut routes = routes.write().await;
            if routes.len() > MANY {
                routes.clear();
                routes.shrink_to_fit();
            }
        }
    }
}

/// The slash commands as Discord registers them.
pub fn commands() -> serde_json::Value {
    tree::tree(&desk_commands::all())
}

/// The embed that a card becomes, for tests that compare it with what people see.
#[doc(hidden)]
pub fn embed(card: &desk_core::card::Card) -> serde_json::Value {
    let render = draw::RenderOptions { private: card.private, ..draw::RenderOptions::BARE };
    draw::message(card, render).json["embeds"][0].clone()
}
