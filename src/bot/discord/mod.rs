//! Discord: people ask with slash commands, decide with buttons, and see cards. The client is serenity.
//!
//! `incoming` turns an interaction into the desk's words, `front` answers it, `cards` keeps the messages of requests right,
//! `draw` makes messages of cards. `gateway` and `endpoint` are the two ways in; nothing behind them knows which one it was.

mod button;
mod cards;
mod connections;
mod digest;
mod draw;
mod endpoint;
mod form;
mod front;
mod gateway;
mod inbox;
mod incoming;
mod people;
mod reply;
mod rest;
mod seen;
mod starts;
mod tree;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Person;
use desk_core::desk::Desk;
use desk_core::ports::{Clock, Inbox, People, Watcher};
use desk_core::request::Phase;
use desk_core::view::digest::Daily;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use serenity::all::{ApplicationId, ChannelId, GuildId};
use serenity::http::{Http, HttpBuilder, Route};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::button::ButtonSigner;
use self::cards::{Cards, ChangeNotifier};
use self::front::InteractionHandler;
use self::inbox::Attachments;
use self::people::{Lately, Members, NEEDED, needed_bits, permissions_in};
use self::rest::{Refusal, Refused, Rest};
use self::seen::RecentIds;
use self::starts::IdentifyBudget;
use crate::config::{Discord as Settings, Transport};
use crate::directory::Directory;
use crate::health::Health;
use crate::private;
use crate::secrets::{self, DISCORD_TOKEN};

/// How long what runs may go on after the desk was told to stop, and how long cards may still be drawn.
const FINISH: Duration = Duration::from_secs(5);
const LAST_CARDS: Duration = Duration::from_secs(3);

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
    /// When the digest is posted, where it is.
    pub digest: Option<Daily>,
}

/// The half that a desk is built on: who people are, what they attach, and the bell that rings for changed requests.
pub struct DiscordBuilder {
    options: Options,
    rest: Rest,
    members: Arc<Members>,
    bell: mpsc::UnboundedReceiver<RequestNo>,
}

/// What a desk is to a Discord server.
pub struct Ports {
    pub people: Arc<dyn People>,
    pub watcher: Arc<dyn Watcher>,
    pub inbox: Arc<dyn Inbox>,
}

/// A joined server.
pub struct Discord {
    options: Options,
    rest: Rest,
    front: Arc<InteractionHandler>,
    cards: Arc<Cards>,
    starts: Arc<IdentifyBudget>,
    digest: Option<Arc<digest::Post>>,
    bell: std::sync::Mutex<Option<mpsc::UnboundedReceiver<RequestNo>>>,
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
    pub fn new(options: Options) -> Result<(DiscordBuilder, Ports), Problem> {
        let attachments = Attachments::new(options.client.clone(), options.settings.api.as_deref())?;
        let application = ApplicationId::new(options.settings.application.get());
        let within = options.answer_within.unwrap_or(rest::ANSWER_WITHIN);
        let rest = Rest::new(Arc::new(http(&options)), application, options.clock.clone(), within);
        let members = Arc::new(Members {
            rest: rest.clone(),
            settings: options.settings.clone(),
            roster: options.roster.clone(),
            lately: Lately::new(options.clock.clone()),
        });
        let (ring, bell) = mpsc::unbounded_channel();
        let halfway = DiscordBuilder { options, rest, members: members.clone(), bell };
        let ports =
            Ports { people: members, watcher: Arc::new(ChangeNotifier(ring)), inbox: Arc::new(attachments) };
        Ok((halfway, ports))
    }

    /// The whole, once the desk stands. `tag` tells this desk's log from another one in a few characters.
    pub fn join(
        self,
        desk: Arc<Desk>,
        directory: Arc<Directory>,
        key: Arc<SecretBox<[u8; 32]>>,
        health: Health,
        tag: String,
        state: &Path,
    ) -> Discord {
        let DiscordBuilder { options, rest, members, bell } = self;
        let marks = Arc::new(ButtonSigner::new(key));
        let cards =
            Arc::new(Cards::new(desk.clone(), rest.clone(), options.settings.clone(), marks.clone(), tag));
        let front = Arc::new(InteractionHandler {
            desk,
            cards: cards.clone(),
            members,
            marks,
            directory,
            settings: options.settings.clone(),
            tasks: TaskTracker::new(),
            seen: Arc::new(RecentIds::open(state, options.clock.as_ref())),
        });
        let starts = Arc::new(IdentifyBudget::new(state, options.clock.clone()));
        let digest = options.digest.clone().map(|daily| Arc::new(digest::Post::new(daily, cards.clone())));
        Discord {
            options,
            rest,
            front,
            cards,
            starts,
            digest,
            bell: std::sync::Mutex::new(Some(bell)),
            listener: std::sync::Mutex::default(),
            health,
            stop: CancellationToken::new(),
        }
    }
}

impl Discord {
    /// Makes sure that the desk can work there at all, and that its commands are registered as they are. Where Discord
    /// connects to the desk, the port is bound from then on.
    pub async fn check(&self) -> Result<(), Problem> {
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

    /// Serves people until told to stop, or until the desk cannot go on; then whatever runs is finished or parked.
    pub async fn serve(&self) -> Result<(), Problem> {
        let bell = self.bell.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let last_bell = CancellationToken::new();
        let mut drawing = JoinSet::new();
        if let Some(bell) = bell {
            drawing.spawn(self.cards.clone().draw_all(bell, last_bell.clone()));
        }
        let (cards, stop) = (self.cards.clone(), self.stop.clone());
        drawing.spawn(async move {
            if let Err(problem) = cards.draw_at_start(&stop).await {
                tracing::error!(code = problem.code, "cards could not be drawn at the start: {problem}");
            }
        });
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
        let ended = tokio::select! {
            ended = way_in => ended,
            () = self.rest.revoked() => Err(token_refused()),
        };
        self.stop.cancel();
        self.park(drawing, last_bell).await;
        ended
    }

    /// Tells [`Discord::serve`] to end.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits a little for what runs and for its cards, and says on the cards of what does not end that it goes on later.
    async fn park(&self, mut drawing: JoinSet<()>, last_bell: CancellationToken) {
        self.front.tasks.close();
        let finished = tokio::time::timeout(FINISH, self.front.tasks.wait()).await.is_ok();
        last_bell.cancel();
        let last_cards = async {
            while drawing.join_next().await.is_some() {}
            if !finished {
                self.draw_parked().await;
            }
        };
        if tokio::time::timeout(LAST_CARDS, last_cards).await.is_err() {
            tracing::warn!("Discord is slow: some cards are drawn only at the next start");
        }
    }

    async fn draw_parked(&self) {
        let note = "The desk was stopped in the middle of this. Nothing is lost: it goes on when it is started again.";
        for no in self.front.desk.bench.log.open().await.unwrap_or_default() {
            let request = self.front.desk.request(no).await;
            if request.is_ok_and(|request| request.phase == Phase::Running && request.held.is_none()) {
                self.cards.draw_with(no, note).await;
            }
        }
    }

    /// How many limits serenity keeps at present, for tests.
    #[doc(hidden)]
    pub async fn limits_kept(&self) -> usize {
        match &self.rest.http.ratelimiter {
            Some(limiter) => limiter.routes().read().await.len(),
            None => 0,
        }
    }

    /// Returns when nothing runs for anybody, for tests.
    #[doc(hidden)]
    pub async fn settled(&self) {
        while !self.front.tasks.is_empty() {
            tokio::task::yield_now().await;
        }
    }

    /// Takes on what time or a start made due. To be called now and then.
    pub async fn tick(&self) {
        let desk = &self.front.desk;
        if desk.bench.log.unsound().is_some() || self.stop.is_cancelled() {
            return;
        }
        let behind = self.cards.behind();
        if !behind.is_empty() {
            let cards = self.cards.clone();
            self.front.tasks.spawn(async move {
                for no in behind {
                    cards.draw(no).await;
                }
            });
        }
        if let Err(problem) = desk.destroy_shown().await {
            tracing::error!(code = problem.code, "passwords that were shown cannot be destroyed: {problem}");
        }
        let due = match desk.due().await {
            Ok(due) => due,
            Err(problem) => {
                tracing::error!(code = problem.code, "open requests cannot be looked through: {problem}");
                return;
            }
        };
        let news = desk.news();
        if !news.is_empty() {
            let cards = self.cards.clone();
            self.front.tasks.spawn(async move {
                for said in news {
                    cards.tell(&said).await;
                }
            });
        }
        for no in due {
            let desk = desk.clone();
            self.front.tasks.spawn(async move {
                if let Err(problem) = desk.advance(no).await {
                    tracing::warn!(code = problem.code, request = no.0, "a request cannot go on: {problem}");
                }
            });
        }
        if let Some(digest) = self.digest.clone() {
            self.front.tasks.spawn(async move { digest.tick().await });
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

fn token_refused() -> Problem {
    Problem::operator("discord_token", "Discord refuses the bot's token: it was reset or is mistyped.").hint(
        "Make a new one in the developer portal under Bot, Reset Token, put it where the old one is, and start again.",
    )
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
