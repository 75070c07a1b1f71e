//! Discord: people ask with slash commands, decide with buttons, and see cards. The client is serenity.
//!
//! `incoming` turns an interaction into the desk's words, `front` answers it, `messages` posts and edits what the core has to show,
//! `draw` makes messages of cards. `gateway` and `endpoint` are the two ways in; nothing behind them knows which one it was.

mod button;
mod connections;
mod draw;
mod endpoint;
mod form;
mod front;
mod gateway;
mod inbox;
mod incoming;
mod messages;
mod people;
mod reply;
mod rest;
mod seen;
mod starts;
mod tree;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Person;
use desk_core::ports::Clock;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use serenity::all::{ApplicationId, ChannelId, GuildId};
use serenity::http::{Http, HttpBuilder, Route};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::button::ButtonSigner;
use self::front::InteractionHandler;
use self::inbox::Attachments;
use self::messages::Messages;
use self::people::{Lately, Members, NEEDED, needed_bits, permissions_in};
use self::rest::{Refusal, Refused, Rest, token_refused};
use self::seen::RecentIds;
use self::starts::IdentifyBudget;
use crate::chats::{Adapter, Joinable, Joined, Ports};
use crate::config::{Discord as Settings, Transport};
use crate::health::Health;
use crate::private;
use crate::secrets::{self, DISCORD_TOKEN};

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
    pub roster: Vec<Person>,
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

/// A joined server.
pub struct Discord {
    options: Options,
    rest: Rest,
    front: Arc<InteractionHandler>,
    starts: Arc<IdentifyBudget>,
    /// Where Discord connects to the desk, once it is bound.
    listener: std::sync::Mutex<Option<TcpListener>>,
    health: Health,
    stop: CancellationToken,
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
        let attachments = Attachments::new(options.client.clone(), options.settings.api.as_deref())?;
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
        });
        let starts = Arc::new(IdentifyBudget::new(&to.state, options.clock.clone()));
        let (listener, health, stop) = (std::sync::Mutex::default(), to.health, to.stop);
        Arc::new(Discord { options, rest, front, starts, listener, health, stop })
    }
}

impl Discord {
    /// Looks whether the bot is there, and may do what it has to in every channel.
    async fn check_rights(&self) -> Result<(), Problem> {
        let settings = &self.options.settings;
        let me =
            self.rest.get(Route::UserMe).await.map_err(|refusal| trouble(&refusal, "check the token"))?;
        let me = me["id"].as_str().unwrap_or_default().to_owned();
        let guild_id = GuildId::new(settings.guild.get());
        let guild = match self.rest.get(Route::Guild { guild_id }).await {
            Err(refusal) if matches!(refusal.kind, Refused::Gone | Refused::Permission) => {
                return Err(Problem::operator("discord_not_there", format!("The bot is not on the server {}.", settings.guild))
                    .hint("Run `connect-desk invite --config FILE` and open the link, or correct `guild` under [discord]."));
            }
            guild => guild.map_err(|refusal| trouble(&refusal, "look at the server"))?,
        };
        let user: u64 = me.parse().unwrap_or(1);
        let member = self
            .rest
            .member(settings.guild.get(), user)
            .await
            .map_err(|refusal| trouble(&refusal, "look at its own roles"))?;
        let roles: Vec<String> = member
            .as_ref()
            .and_then(|member| member["roles"].as_array())
            .into_iter()
            .flatten()
            .filter_map(|role| role.as_str().map(str::to_owned))
            .collect();
        for channel in settings.channels.iter().chain(&settings.approvals_channel) {
            let route = Route::Channel { channel_id: ChannelId::new(channel.get()) };
            let there = match self.rest.get(route).await {
                Err(refusal) if refusal.kind == Refused::Gone => {
                    return Err(Problem::operator(
                        "discord_channel",
                        format!("There is no channel {channel}."),
                    )
                    .hint("Correct `channels` and `approvals_channel` under [discord]."));
                }
                Err(refusal) if refusal.kind == Refused::Permission => None,
                there => Some(there.map_err(|refusal| trouble(&refusal, "look at its channels"))?),
            };
            let has = there.map_or(0, |channel| {
                permissions_in(settings.guild.get(), &me, &roles, &guild["roles"], &channel)
            });
            let missing: Vec<&str> =
                NEEDED.iter().filter(|(_, bit)| has & bit == 0).map(|(name, _)| *name).collect();
            if !missing.is_empty() {
                return Err(Problem::operator(
                    "discord_permission",
                    format!("In the channel {channel} the bot lacks: {}.", missing.join(", ")),
                )
                .hint("Give its role these permissions in the channel's settings, under Permissions."));
            }
        }
        self.warn_of_silent_roles(&guild["roles"]);
        Ok(())
    }

    /// Approvers are called by their role, which Discord does silently when not everybody may mention it.
    fn warn_of_silent_roles(&self, roles: &serde_json::Value) {
        let approvers: std::collections::BTreeSet<_> =
            self.front.desk.policy.rules.iter().flat_map(|rule| rule.all_approvers()).collect();
        for id in people::callable(&self.options.settings, &approvers) {
            let id = id.to_string();
            let role = roles.as_array().into_iter().flatten().find(|role| role["id"] == id.as_str());
            if role.is_none_or(|role| role["mentionable"] != true) {
                tracing::warn!(
                    role = id,
                    "approvers with this role hear nothing of a card that waits for them; switch on \"Allow anyone to \
                     @mention this role\" in its settings"
                );
            }
        }
    }

    /// Writes the slash commands only when they are others than those that stand: Discord takes 200 new ones a day.
    async fn register(&self) -> Result<(), Problem> {
        let guild_id = GuildId::new(self.options.settings.guild.get());
        let route = Route::GuildCommands { application_id: self.rest.application, guild_id };
        let wanted = tree::tree(&self.front.desk.commands);
        let stands = match self.rest.get(route).await {
            Err(refusal) if refusal.kind == Refused::NoRoute => serde_json::Value::Null,
            stands => stands.map_err(|refusal| trouble(&refusal, "read its commands"))?,
        };
        if tree::is_same(&wanted, &stands) {
            return Ok(());
        }
        self.rest.put(route, &wanted).await.map_err(|refusal| trouble(&refusal, "register its commands"))?;
        tracing::info!("the slash commands were registered");
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
                tracing::warn!("the desk's rights on the server cannot be checked: {refusal}");
            }
            checked => checked?,
        }
        self.register().await
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
                        self.health.clone(),
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

/// The link with which somebody who manages the server lets the bot in, with no more permissions than it needs.
pub fn invite(settings: &Settings) -> String {
    format!(
        "https://discord.com/oauth2/authorize?client_id={}&scope=bot%20applications.commands&permissions={}&guild_id={}\
         &disable_guild_select=true",
        settings.application,
        needed_bits(),
        settings.guild
    )
}

/// The token: from the environment, or else from the file that the configuration names.
pub fn token(settings: &Settings) -> Result<SecretString, Problem> {
    let next = "Make one in the developer portal under Bot, Reset Token, and put it into the environment variable \
                DISCORD_TOKEN or into a file that `token_file` under [discord] names.";
    let text = match (secrets::variable(DISCORD_TOKEN), &settings.token_file) {
        (Some(text), _) => text,
        (None, Some(file)) => private::secret(file)?.map_err(|error| {
            Problem::operator(
                "discord_token",
                format!("The bot's token cannot be read from {} ({error}).", file.display()),
            )
            .hint(next)
        })?,
        (None, None) => {
            return Err(Problem::operator("discord_token", "There is no token for the bot.").hint(next));
        }
    };
    let text = text.expose_secret().trim().trim_start_matches("Bot ").to_owned();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Problem::operator("discord_token", "The bot's token is empty or no token.").hint(next));
    }
    Ok(SecretString::from(text))
}

/// The code of the problem that what answers for Discord does not have everything that Discord has.
const NO_ROUTE: &str = "discord_no_route";

/// What a refusal means when the desk cannot start because of it.
fn trouble(refusal: &Refusal, what: &str) -> Problem {
    match refusal.kind {
        Refused::Token => token_refused(),
        Refused::NoRoute => Problem::operator(NO_ROUTE, format!("The desk cannot {what}. {refusal}."))
            .hint("Check `api` under [discord]."),
        Refused::Later => {
            Problem::operator("discord_unreachable", format!("The desk cannot {what}. {refusal}."))
                .hint("Check that this host reaches discord.com, and discordstatus.com; then start again.")
        }
        _ => Problem::operator("discord_refuses", format!("The desk cannot {what}. {refusal}."))
            .hint("Check the ids under [discord], and that the bot was invited with `connect-desk invite`."),
    }
}

/// The slash commands as Discord registers them.
pub fn commands() -> serde_json::Value {
    tree::tree(&desk_commands::all())
}

/// The embed that a card becomes, for tests that compare it with what people see.
#[doc(hidden)]
pub fn embed(card: &desk_core::card::Card) -> serde_json::Value {
    let dress = draw::RenderOptions { marks: None, plan: None, calls: &[], private: card.private };
    draw::message(card, dress).json["embeds"][0].clone()
}
