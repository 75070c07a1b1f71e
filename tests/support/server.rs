//! A desk on a fake Discord: the real client, the real log, the practice contact center, as `connect-desk run` puts them
//! together, and people with a Discord client.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_connect::config::{Credentials, SharedCredentialsProvider};
use connect_desk::chats::Joinable;
use connect_desk::clock::ScriptClock;
use connect_desk::config::Config;
use connect_desk::discord::settings::{Settings, Transport};
use connect_desk::practice::{self, SameClock};
use connect_desk::running::{self, Running};
use connect_desk::systems::connect::{Limits, Patience};
use connect_desk::systems::salesforce::SignIn;
use connect_desk::wiring::ChatOptions;
use desk_core::basics::ids::{ChannelId, PersonId, Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person as DeskPerson, Role};
use desk_core::ports::Clock;
use desk_sim::Sim;
use fake_discord::{FakeDiscord, Id, Message, Person};

use super::paper::{Joins, Paper};
use super::{LIMIT, in_time};

pub const APPLICATION: Id = 1_100_000_000_000_000_001;
pub const GUILD: Id = 1_100_000_000_000_000_002;
pub const CHANNEL: Id = 1_100_000_000_000_000_003;
pub const APPROVALS: Id = 1_100_000_000_000_000_004;
pub const ELSEWHERE: Id = 1_100_000_000_000_000_005;
const FIRST_ROLE: Id = 1_100_000_000_000_000_010;
const FIRST_PERSON: Id = 1_100_000_000_000_001_000;
const TOKEN: &str = "fake.discord.token";

/// How a test wants its server.
pub struct Setup {
    pub fake: fake_discord::Options,
    pub sim: desk_sim::Options,
    /// People and rules; those of the practice desk when there are no others. People become members of the server.
    pub people_and_rules: Option<Config>,
    pub approvals: bool,
    pub way_in: Way,
    /// How long the desk waits for Discord's API, where that is not as usual.
    pub answers_within: Option<Duration>,
    pub change: fn(&mut Config),
    /// A platform beside Discord.
    pub paper: Option<Arc<Paper>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Gateway,
    Http,
}

impl Default for Setup {
    fn default() -> Setup {
        let at = super::clock_start().as_millisecond();
        Setup {
            fake: fake_discord::Options {
                clock: fake_discord::ClockChoice::ManualAt(at),
                ..fake_discord::Options::default()
            },
            sim: desk_sim::Options::default(),
            people_and_rules: None,
            approvals: false,
            way_in: Way::Gateway,
            answers_within: None,
            change: |_| {},
            paper: None,
        }
    }
}

/// The server, the contact center, and the desk between them while it runs.
pub struct Server {
    pub fake: FakeDiscord,
    pub sim: Sim,
    pub clock: Arc<ScriptClock>,
    fragile: Arc<Fragile>,
    pub config: Config,
    pub people: BTreeMap<String, Person>,
    /// With it serenity's own rate limiter is on, and Discord is behind its own name.
    client: Option<reqwest::Client>,
    answers_within: Option<Duration>,
    paper: Option<Arc<Paper>>,
    running: Option<Running>,
    serving: Option<tokio::task::JoinHandle<Result<(), Problem>>>,
    answering: Vec<tokio::task::JoinHandle<()>>,
    pub salesforce: Option<desk_sim::salesforce::Salesforce>,
    way: Way,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.answering.iter().for_each(tokio::task::JoinHandle::abort);
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

/// The clock of a server, which breaks when a test wants to see what a fault in the desk looks like from outside.
pub struct Fragile {
    clock: Arc<ScriptClock>,
    breaks: AtomicBool,
}

#[async_trait::async_trait]
impl Clock for Fragile {
    fn now(&self) -> jiff::Timestamp {
        assert!(!self.breaks.load(Ordering::SeqCst), "a test breaks the clock");
        self.clock.now()
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    async fn sleep(&self, how_long: Duration) {
        self.clock.sleep(how_long).await;
    }
}

/// A channel of the server as the desk knows it.
pub fn on_discord(channel: Id) -> ChannelId {
    ChannelId::new(Platform::Discord, channel.to_string())
}

pub fn role_id(role: Role) -> Id {
    FIRST_ROLE + Role::ALL.iter().position(|known| *known == role).unwrap() as Id
}

impl Server {
    pub async fn open(folder: &Path, setup: Setup) -> Server {
        let mut server = Server::closed(folder, setup).await;
        server.start().await.unwrap();
        server
    }

    /// Everything but the desk, which [`Server::start`] starts.
    pub async fn closed(folder: &Path, setup: Setup) -> Server {
        std::fs::create_dir_all(folder).unwrap();
        let clock = super::clock();
        let tls = setup.fake.tls;
        let fake = FakeDiscord::open(setup.fake).await.unwrap();
        let sim = Sim::open(desk_sim::Options {
            state: Some(folder.join("world.json")),
            deterministic_ids: true,
            clock: Arc::new(SameClock(clock.clone())),
            limits: desk_sim::Limits::Unthrottled,
            ..setup.sim
        })
        .unwrap();
        let listener = desk_sim::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let served = sim.clone();
        let answering = tokio::spawn(async move {
            let _ = served.serve(listener).await;
        });

        let mut config = setup.people_and_rules.unwrap_or_else(|| practice::config().unwrap());
        let mut salesforce = None;
        let mut answering = vec![answering];
        if let Some(site) = &mut config.systems.salesforce {
            let org = desk_sim::salesforce::Salesforce::open(desk_sim::salesforce::Options {
                clock: Arc::new(SameClock(clock.clone())),
                ..desk_sim::salesforce::Options::default()
            })
            .unwrap();
            let listener = desk_sim::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
            site.settings.login_url = format!("http://{}", listener.local_addr().unwrap());
            site.settings.client_id = desk_sim::salesforce::CLIENT_ID.to_owned();
            let secret = folder.join("salesforce-secret");
            super::write_secret(&secret, desk_sim::salesforce::CLIENT_SECRET);
            site.settings.sign_in = SignIn::ClientCredentials { secret_file: Some(secret) };
            let served = org.clone();
            answering.push(tokio::spawn(async move {
                let _ = served.serve(listener).await;
            }));
            salesforce = Some(org);
        }
        let roles: Vec<(NonZeroU64, Role)> =
            Role::ALL.iter().map(|role| (NonZeroU64::new(role_id(*role)).unwrap(), *role)).collect();
        let mut people = BTreeMap::new();
        fake.add_guild(GUILD, "Help desk", FIRST_PERSON);
        for (id, role) in &roles {
            fake.add_role(GUILD, id.get(), role.word());
        }
        for (channel, name) in [(CHANNEL, "desk"), (APPROVALS, "approvals"), (ELSEWHERE, "lunch")] {
            fake.add_channel(GUILD, channel, name);
        }
        let mut roster = Vec::new();
        for (i, person) in config.people.iter().enumerate() {
            let id = FIRST_PERSON + 1 + i as Id;
            let held: Vec<Id> = person.roles.iter().map(|role| role_id(*role)).collect();
            people.insert(person.name.clone(), fake.add_member(GUILD, id, &person.name, &held));
            let account = PersonId::new(Platform::Discord, id.to_string()).unwrap();
            for shift in &mut config.site.emergencies.shifts {
                if shift.person == person.id {
                    shift.person = account.clone();
                }
            }
            if person.login.is_some() {
                roster.push(DeskPerson {
                    also: Default::default(),
                    id: account,
                    roles: Default::default(),
                    ..person.clone()
                });
            }
        }
        config.people = roster;
        config.contact_center.endpoint = Some(endpoint.clone());
        config.contact_center.directory_endpoint = Some(endpoint);
        config.site.directory = config.site.directory.and(sim.directory_id()).map(str::to_owned);
        config.contact_center.instance_id = sim.instance_id();
        config.limits = Limits { every: None, operations: Default::default() };
        config.state = folder.join("desk");
        let way_in = match setup.way_in {
            Way::Gateway => Transport::Gateway,
            Way::Http => {
                let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
                Transport::Http { listen: port, public_key: key(&fake.public_key()) }
            }
        };
        let token = folder.join("discord-token");
        super::write_secret(&token, TOKEN);
        config.chats.discord = Some(Settings {
            application: NonZeroU64::new(APPLICATION).unwrap(),
            guild: NonZeroU64::new(GUILD).unwrap(),
            token_file: Some(token),
            channels: [NonZeroU64::new(CHANNEL).unwrap()].into(),
            approvals_channel: setup.approvals.then(|| NonZeroU64::new(APPROVALS).unwrap()),
            roles: roles.into_iter().collect(),
            way_in,
            api: (!tls).then(|| fake.api_url()),
            gateway: Some(fake.gateway_url()),
        });
        (setup.change)(&mut config);
        let client = tls.then(|| {
            let certificate =
                reqwest::Certificate::from_pem(fake.certificate_pem().unwrap().as_bytes()).unwrap();
            reqwest::Client::builder()
                .use_rustls_tls()
                .proxy(reqwest::Proxy::all(fake.proxy_url().unwrap()).unwrap())
                .add_root_certificate(certificate)
                .build()
                .unwrap()
        });
        let way = setup.way_in;
        let fragile = Arc::new(Fragile { clock: clock.clone(), breaks: AtomicBool::new(false) });
        Server {
            fake,
            sim,
            clock,
            fragile,
            config,
            people,
            client,
            answers_within: setup.answers_within,
            paper: setup.paper,
            running: None,
            serving: None,
            answering,
            salesforce,
            way,
        }
    }

    /// Starts the desk, as after a crash or a stop.
    pub async fn start(&mut self) -> Result<(), Problem> {
        let credentials = Credentials::new("practice", "practice", None, None, "practice");
        let running = in_time(Running::open(
            self.config.clone(),
            running::Options {
                clock: self.fragile.clone(),
                patience: Patience::default(),
                credentials: Some(SharedCredentialsProvider::new(credentials)),
                chat: ChatOptions {
                    client: self.client.clone(),
                    answers_within: self.answers_within,
                    others: self
                        .paper
                        .iter()
                        .map(|paper| -> Box<dyn Joinable> { Box::new(Joins(paper.clone())) })
                        .collect(),
                },
            },
        ))
        .await?;
        let chats = running.chats.clone();
        let identified = self.fake.look(|world| world.gateway().identifies.len());
        self.serving = Some(tokio::spawn(async move { chats.serve().await }));
        running.chats.tick().await;
        self.running = Some(running);
        if self.config.chats.discord.is_none() {
            return Ok(());
        }
        match self.way {
            Way::Gateway => {
                self.wait("the desk to come online", |world| {
                    (world.gateway().identifies.len() > identified && world.gateway().live > 0).then_some(())
                })
                .await;
            }
            Way::Http => {
                let Some(Settings { way_in: Transport::Http { listen, .. }, .. }) =
                    &self.config.chats.discord
                else {
                    panic!("it listens")
                };
                self.fake.deliver_to(Some(&format!("http://{listen}/interactions"))).unwrap();
                in_time(async {
                    while self.fake.ping_endpoint().await.is_err() {
                        tokio::task::yield_now().await;
                    }
                })
                .await;
            }
        }
        Ok(())
    }

    pub fn desk(&self) -> &Running {
        self.running.as_ref().expect("the desk runs")
    }

    /// Ends the desk as a supervisor of processes does, and waits until it has ended.
    pub async fn stop(&mut self) -> Result<(), Problem> {
        let (Some(running), Some(serving)) = (self.running.take(), self.serving.take()) else {
            return Ok(());
        };
        running.chats.stop();
        let ended = in_time(serving).await.unwrap();
        running.store.close()?;
        ended
    }

    /// Ends the desk without a word, as a kill does: nothing that runs is finished, nothing is drawn.
    pub async fn kill(&mut self) {
        let (Some(running), Some(serving)) = (self.running.take(), self.serving.take()) else { return };
        serving.abort();
        let _ = serving.await;
        let Running { desk, store, directory, chats, health, watched, reloading } = running;
        // serenity's own tasks outlive their client; what reaches them is nothing to a dead desk.
        chats.stop();
        if let Some(paper) = &self.paper {
            paper.leaves();
        }
        drop((desk, directory, chats, health, watched, reloading));
        store.close().unwrap();
        // What it was at in this moment ends by itself; a process would have gone with all of it.
        in_time(async {
            while let Err(problem) = self.try_store() {
                assert_eq!(problem.code, "store_locked");
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    fn try_store(&self) -> Result<(), Problem> {
        let options = connect_desk::store::Options {
            name: self.config.log_name.clone(),
            secrets_last: self.config.secrets_last(),
            clock: self.clock.clone(),
        };
        connect_desk::store::Store::open(&self.config.state, options)?.close()
    }

    /// How the desk ended by itself.
    pub async fn ended(&mut self) -> Result<(), Problem> {
        let serving = self.serving.take().expect("the desk runs");
        let ended = in_time(serving).await.unwrap();
        self.running.take().expect("the desk runs").store.close()?;
        ended
    }

    pub fn person(&self, name: &str) -> &Person {
        self.people.get(name).unwrap_or_else(|| panic!("there is no one called {name}"))
    }

    /// Whenever the desk asks what time it is, it comes to grief, until it is fixed.
    pub fn break_the_desk(&self, broken: bool) {
        self.fragile.breaks.store(broken, Ordering::SeqCst);
    }

    /// Lets time pass for everybody.
    pub async fn pass(&self, time: Duration) {
        self.fake.advance(time);
        self.clock.advance(time);
        self.desk().chats.tick().await;
    }

    pub async fn wait<T>(&self, what: &str, read: impl Fn(&fake_discord::World) -> Option<T>) -> T {
        let found = self.fake.wait_for(LIMIT, read).await;
        found.unwrap_or_else(|_| panic!("waited in vain for {what}:\n{}", self.screen()))
    }

    /// The message that shows a request's card in a channel, once it is there.
    pub async fn card(&self, no: u64, channel: Id) -> Message {
        self.wait(&format!("the card of #{no}"), |world| {
            world.messages(channel).into_iter().rfind(|message| is_card(message, no)).cloned()
        })
        .await
    }

    /// The same, once it says so and the desk knows it, which is a moment after Discord has it.
    pub async fn card_that(&self, no: u64, channel: Id, text: &str) -> Message {
        let card = self
            .wait(&format!("the card of #{no} that says {text:?}"), |world| {
                world
                    .messages(channel)
                    .into_iter()
                    .find(|message| is_card(message, no) && message.text().contains(text))
                    .cloned()
            })
            .await;
        // A desk that is a process of its own can't be asked.
        if self.running.is_some() {
            in_time(async {
                while !self.request(no).await.shown.contains_key(&on_discord(channel)) {
                    tokio::task::yield_now().await;
                }
            })
            .await;
        }
        card
    }

    pub async fn request(&self, no: u64) -> desk_core::request::Request {
        self.desk().desk.request(RequestNo(no)).await.unwrap()
    }

    /// Everything that is on the server, for a message about what is missing.
    pub fn screen(&self) -> String {
        self.fake.look(|world| {
            let all = world.all_messages();
            all.iter().map(|message| format!("--- {}\n{}\n", message.channel, message.text())).collect()
        })
    }

    pub fn folder(&self) -> PathBuf {
        self.config.state.clone()
    }
}

/// Whether everybody sees the request in this message.
pub fn is_card(message: &Message, no: u64) -> bool {
    let footer = message.embeds.first().and_then(|embed| embed.pointer("/footer/text"));
    let footer = footer.and_then(|text| text.as_str()).unwrap_or_default();
    footer.split(" · ").next() == Some(&format!("#{no}")) && !message.is_ephemeral()
}

/// The title of a message's card; empty for other messages.
pub fn title(message: &Message) -> String {
    message
        .embeds
        .first()
        .and_then(|embed| embed.get("title"))
        .and_then(|title| title.as_str())
        .unwrap_or_default()
        .to_owned()
}

fn key(hex: &str) -> [u8; 32] {
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    }
    key
}
