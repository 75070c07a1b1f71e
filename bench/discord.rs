//! The desk on a fake Discord, as a process of its own, beside a bot that answers "ok" and is one as well.

use std::io::Write;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_connect::config::{Credentials, SharedCredentialsProvider};
use desk_core::basics::problem::Problem;
use desk_core::center::names;
use fake_discord::{Asked, ClockChoice, FakeDiscord, FakeError, Id, Person};
use serenity::all::{
    ClientBuilder, Context, CreateInteractionResponse, CreateInteractionResponseMessage, EventHandler,
    GatewayIntents, HttpBuilder, Interaction,
};
use tokio::process::{Child, Command};

use crate::{median, ms, row};
use connect_desk::clock::SystemClock;
use connect_desk::systems::connect::{self, Connect, Limit, Limits, Patience};

const APPLICATION: Id = 1_100_000_000_000_000_001;
const GUILD: Id = 1_100_000_000_000_000_002;
const CHANNEL: Id = 1_100_000_000_000_000_003;
const ROLE: Id = 1_100_000_000_000_000_011;
const ANN: Id = 1_100_000_000_000_001_001;
const TOKEN: &str = "fake.discord.token";

/// No wait of a measurement is longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The acknowledgement may take so many times as long as the bare bot's.
const ACKNOWLEDGED: f64 = 2.0;
/// What an answer may take beyond the bare bot's, one fdatasync and the contact center's own time.
const BEYOND: Duration = Duration::from_micros(500);
const BURST: usize = 2_000;
/// A burst: so many a second, which is fifty times what Discord lets a bot send.
const BURST_RATE: f64 = 1_000.0;
const BURST_P99: Duration = Duration::from_millis(20);
const COMPLETED_P99: Duration = Duration::from_millis(5);
const MANY: usize = 50_000;
const IDLE_MB: f64 = 40.0;
const CACHE_MB: f64 = 60.0;

pub async fn run(out: &mut dyn Write, folder: &Path, quick: bool) -> Result<bool, Problem> {
    let rounds = if quick { 100 } else { 1_000 };
    let beside = Stage::open(folder.join("bare"), desk_sim::Seed::Guide, 1_000).await?;
    let bot = beside.bare_bot().await?;
    let stage = Stage::open(folder.join("desk"), desk_sim::Seed::Guide, 1_000).await?;
    let desk = stage.desk().await?;
    let center = stage.center().await;
    let mut bare_acks = Vec::new();
    let (mut acks, mut answers, mut calls, mut syncs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let file = std::fs::File::create(folder.join("raw")).map_err(|error| broken(&error))?;
    // In turns, so that whatever else the machine does meets both.
    for _ in 0..rounds {
        bare_acks.push(acknowledged(&beside.looks().await?)?);

        let began = Instant::now();
        let user = names::user(&center, "jane.doe").await?;
        desk_core::center::ContactCenter::snapshot(&center, &user).await?;
        desk_core::center::ContactCenter::presence(&center, &user.id).await?;
        calls.push(began.elapsed());

        let began = Instant::now();
        (&file).write_all(&[b'x'; 400]).and_then(|()| file.sync_data()).map_err(|error| broken(&error))?;
        syncs.push(began.elapsed());

        let asked = stage.looks().await?;
        acks.push(acknowledged(&asked)?);
        answers.push(answered(&asked)?);
    }
    let bare = median(&mut bare_acks);
    let bare_burst = beside.burst().await?;
    drop((bot, beside));
    let (ack, answer) = (median(&mut acks), median(&mut answers));
    let (call, sync) = (median(&mut calls), median(&mut syncs));
    let ratio = ack.as_secs_f64() / bare.as_secs_f64();
    let mut sound = ratio <= ACKNOWLEDGED;
    row(
        out,
        "a command on Discord, event to acknowledgement (median)",
        &ms(ack),
        &format!("{} bare bot, ratio {ratio:.2}", ms(bare)),
        "at most 2.0 times",
        sound,
    )?;
    let may = bare + sync + call + BEYOND;
    let holds = answer <= may;
    sound &= holds;
    row(
        out,
        "  event to the answer of a look (median)",
        &ms(answer),
        &format!("{} bare + sync + center", ms(bare + sync + call)),
        &format!("at most {}", ms(may)),
        holds,
    )?;
    let burst = stage.burst().await?;
    let holds = burst < BURST_P99;
    sound &= holds;
    row(
        out,
        "  acknowledgement in a burst of 2,000 at 1,000/s (p99)",
        &ms(burst),
        &format!("{} bare bot", ms(bare_burst)),
        "below 20 ms",
        holds,
    )?;
    let many = if quick { 2_000 } else { MANY };
    stage.many(many).await?;
    if let Some(mb) = desk.resident_mb() {
        let holds = mb < IDLE_MB;
        sound &= holds;
        row(
            out,
            &format!("  resident memory after {many} interactions"),
            &format!("{mb:.1} MB"),
            "",
            "below 40 MB",
            holds,
        )?;
    }
    let idle = desk.resident_mb();
    drop((desk, stage));

    let users: u32 = if quick { 5_000 } else { 100_000 };
    sound &= completion(out, &folder.join("completion"), users, rounds, idle).await?;
    Ok(sound)
}

/// Completion over a large instance, from event to answer.
async fn completion(
    out: &mut dyn Write,
    folder: &Path,
    users: u32,
    rounds: usize,
    idle: Option<f64>,
) -> Result<bool, Problem> {
    let stage = Stage::open(folder.to_owned(), desk_sim::Seed::Users(users), 1_000).await?;
    let desk = stage.desk().await?;
    let pages = u64::from(users.div_ceil(500));
    let until = Instant::now() + PATIENCE;
    while stage.searches().await? < pages || stage.completes("a").await?.1 == 0 {
        if Instant::now() > until {
            return Err(Problem::operator("bench", "The directory was not read in time."));
        }
    }
    let letters = ["", "a", "e", "an", "ja", "mar", "doe", "smi", "gar", "jonh", "xqz", "jane d", "anna.m"];
    let mut times = Vec::new();
    for _ in 0..rounds.div_ceil(letters.len()) {
        for typed in letters {
            times.push(stage.completes(typed).await?.0);
        }
    }
    let calls = stage.searches().await?;
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    let middle = median(&mut times);
    let mut sound = p99 < COMPLETED_P99;
    row(
        out,
        &format!("completion over {users} users, event to answer (p99)"),
        &ms(p99),
        &format!("{} median", ms(middle)),
        "below 5 ms",
        sound,
    )?;
    if let (Some(mb), Some(idle)) = (desk.resident_mb(), idle) {
        let holds = mb - idle < CACHE_MB;
        sound &= holds;
        row(
            out,
            "  memory of the cache",
            &format!("{:.1} MB", mb - idle),
            &format!("{idle:.1} MB without"),
            "below 60 MB",
            holds,
        )?;
    }
    let a_call = f64::from(users) / (calls.max(1) as f64);
    let holds = calls <= pages;
    row(
        out,
        "  users read by one call of a refresh",
        &format!("{a_call:.0}"),
        &format!("{calls} calls"),
        "500 a call",
        holds,
    )?;
    Ok(sound && holds)
}

/// The fake Discord and the contact center, and a folder for a desk between them.
struct Stage {
    fake: FakeDiscord,
    ann: Person,
    sim: desk_sim::Sim,
    endpoint: String,
    folder: PathBuf,
    answering: tokio::task::JoinHandle<()>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

/// A process that ends with this value.
struct Process(Child);

impl Process {
    fn resident_mb(&self) -> Option<f64> {
        super::resident_mb_of(&self.0.id()?.to_string())
    }
}

impl Stage {
    async fn open(folder: PathBuf, seed: desk_sim::Seed, keep: usize) -> Result<Stage, Problem> {
        std::fs::create_dir_all(&folder).map_err(|error| broken(&error))?;
        let fake = FakeDiscord::open(fake_discord::Options {
            clock: ClockChoice::Real,
            keep: Some(keep * 5),
            ..fake_discord::Options::default()
        })
        .await
        .map_err(|error| odd(&error))?;
        fake.add_guild(GUILD, "Help desk", ANN);
        fake.add_role(GUILD, ROLE, "l1");
        fake.add_channel(GUILD, CHANNEL, "desk");
        let ann = fake.add_member(GUILD, ANN, "ann", &[ROLE]);
        let sim = desk_sim::Sim::open(desk_sim::Options {
            seed,
            limits: desk_sim::Limits::Unthrottled,
            ..desk_sim::Options::default()
        })
        .map_err(|error| broken(&error))?;
        let listener = desk_sim::bind(([127, 0, 0, 1], 0).into()).await.map_err(|error| broken(&error))?;
        let endpoint = format!("http://{}", listener.local_addr().map_err(|error| broken(&error))?);
        let served = sim.clone();
        let answering = tokio::spawn(async move {
            let Err(error) = served.serve(listener).await;
            tracing::error!(%error, "the practice contact center stopped");
        });
        Ok(Stage { fake, ann, sim, endpoint, folder, answering })
    }

    /// Starts `connect-desk run` and waits until it is on the fake Discord.
    async fn desk(&self) -> Result<Process, Problem> {
        let config = self.folder.join("desk.toml");
        let (_, rules) = connect_desk::practice::PRACTICE.split_once("[[rule]]").unwrap_or_default();
        let text = format!(
            "[contact_center]\nregion = \"us-east-1\"\ninstance_id = \"{}\"\nendpoint = \"{}\"\n\
             [limits]\nrate = 1000.0\nburst = 1000\n\
             [limits.people]\nper_minute = 10000\ndecisions = 10000\n\
             [state]\nfolder = \"{}\"\n\
             [discord]\napplication = \"{APPLICATION}\"\nguild = \"{GUILD}\"\nchannels = [\"{CHANNEL}\"]\n\
             api = \"{}\"\ngateway = \"{}\"\n\
             [discord.roles]\nl1 = [\"{ROLE}\"]\nsupervisor = [\"{}\"]\noncall = [\"{}\"]\nadmin = [\"{}\"]\n\
             agent = [\"{}\"]\nauditor = [\"{}\"]\n\
             [[rule]]{rules}",
            self.sim.instance_id(),
            self.endpoint,
            self.folder.join("state").display(),
            self.fake.api_url(),
            self.fake.gateway_url(),
            ROLE + 1,
            ROLE + 2,
            ROLE + 3,
            ROLE + 4,
            ROLE + 5,
        );
        std::fs::write(&config, text).map_err(|error| broken(&error))?;
        let mut command = shipped_program()?;
        command.args(["run", "--config"]).arg(&config);
        self.spawn(command).await
    }

    async fn bare_bot(&self) -> Result<Process, Problem> {
        // The same commands as the desk's, so that the same events come.
        let tree = connect_desk::discord::commands();
        self.fake
            .register(Some(GUILD), &tree)
            .map_err(|refused| Problem::operator("bench", format!("The commands are refused: {refused}.")))?;
        let mut command = this_program()?;
        command.args(["bare-bot", "--api", &self.fake.api_url(), "--gateway", &self.fake.gateway_url()]);
        self.spawn(command).await
    }

    async fn spawn(&self, mut command: Command) -> Result<Process, Problem> {
        command
            .env("DISCORD_TOKEN", TOKEN)
            .env("AWS_ACCESS_KEY_ID", "practice")
            .env("AWS_SECRET_ACCESS_KEY", "practice")
            .env("CONNECT_DESK_LOG", "error")
            .stdout(Stdio::null())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let child = command.spawn().map_err(|error| broken(&error))?;
        let online = |world: &fake_discord::World| (world.gateway().live > 0).then_some(());
        self.fake.wait_for(PATIENCE, online).await.map_err(|error| odd(&error))?;
        Ok(Process(child))
    }

    /// The client with which the desk looks, without the desk.
    async fn center(&self) -> Connect {
        let burst = NonZeroU32::new(1_000).unwrap_or(NonZeroU32::MIN);
        let credentials = Credentials::new("practice", "practice", None, None, "practice");
        Connect::new(
            connect::Options {
                region: "us-east-1".to_owned(),
                instance_id: self.sim.instance_id(),
                endpoint: Some(self.endpoint.clone()),
                limits: Limits {
                    every: Some(Limit { rate: 1_000.0, burst }),
                    operations: Default::default(),
                },
                patience: Patience::default(),
            },
            Some(SharedCredentialsProvider::new(credentials)),
            Arc::new(SystemClock::default()),
        )
        .await
    }

    async fn look(&self, path: &str, login: Option<&str>) -> Result<Asked, Problem> {
        let options: Vec<(&str, fake_discord::Input)> =
            login.iter().map(|login| ("login", (*login).into())).collect();
        self.ann
            .slash(CHANNEL, path, &options)
            .await
            .map_err(|refused| Problem::operator("bench", format!("The client refuses: {refused}.")))
    }

    async fn looks(&self) -> Result<Asked, Problem> {
        let asked = self.look("connect show", Some("jane.doe")).await?;
        asked.outcome(PATIENCE).await.map_err(|error| odd(&error))?;
        Ok(asked)
    }

    /// The time in which 99 of 100 commands of a burst are acknowledged.
    async fn burst(&self) -> Result<Duration, Problem> {
        let began = Instant::now();
        let mut all = Vec::with_capacity(BURST);
        for i in 0..BURST {
            let due = Duration::from_secs_f64(i as f64 / BURST_RATE);
            while began.elapsed() < due {
                tokio::task::yield_now().await;
            }
            all.push(self.look("desk whoami", None).await?);
        }
        let mut acks = Vec::with_capacity(BURST);
        for asked in &all {
            asked.outcome(PATIENCE).await.map_err(|error| odd(&error))?;
            acks.push(acknowledged(asked)?);
        }
        acks.sort_unstable();
        Ok(acks.get(acks.len() * 99 / 100).copied().unwrap_or_default())
    }

    /// So many commands, some immediately.
    async fn many(&self, count: usize) -> Result<(), Problem> {
        const AT_ONCE: usize = 16;
        let mut left = count;
        while left > 0 {
            let some = left.min(AT_ONCE);
            let mut asked = Vec::with_capacity(some);
            for _ in 0..some {
                asked.push(self.look("desk whoami", None).await?);
            }
            for asked in asked {
                asked.outcome(PATIENCE).await.map_err(|error| odd(&error))?;
            }
            left -= some;
        }
        Ok(())
    }

    /// How many pages of users were read so far.
    async fn searches(&self) -> Result<u64, Problem> {
        let calls = connect_desk::console::outside::sim(&self.sim, "GET /_sim/calls").await?;
        let calls: serde_json::Value = serde_json::from_str(&calls).map_err(|error| broken(&error))?;
        Ok(calls["operations"]["SearchUsers"]["calls"].as_u64().unwrap_or_default())
    }

    /// How long a completion takes, and how many suggestions it has.
    async fn completes(&self, typed: &str) -> Result<(Duration, usize), Problem> {
        let asked = self
            .ann
            .autocompletes(CHANNEL, "connect show", &[("login", typed)], "login")
            .await
            .map_err(|error| Problem::operator("bench", format!("The client refuses: {error}.")))?;
        let outcome = asked.outcome(PATIENCE).await.map_err(|error| odd(&error))?;
        Ok((acknowledged(&asked)?, outcome.choices.map_or(0, |choices| choices.len())))
    }
}

fn acknowledged(asked: &Asked) -> Result<Duration, Problem> {
    let times = asked.interaction().map(|asked| asked.times);
    let passed = times.and_then(|times| Some(times.acknowledged?.duration_since(times.sent?)));
    passed.ok_or_else(|| Problem::operator("bench", "An interaction was not acknowledged."))
}

fn answered(asked: &Asked) -> Result<Duration, Problem> {
    let times = asked.interaction().map(|asked| asked.times);
    let passed = times.and_then(|times| Some(times.answered?.duration_since(times.sent?)));
    passed.ok_or_else(|| Problem::operator("bench", "An interaction was not answered."))
}

/// The program that operators get, beside this one.
fn shipped_program() -> Result<Command, Problem> {
    let path = std::env::current_exe().map_err(|error| broken(&error))?.with_file_name("connect-desk");
    match path.exists() {
        true => Ok(Command::new(path)),
        false => Err(Problem::operator("bench", format!("There is no {}.", path.display()))
            .hint("Build it with the same profile: `cargo build --release`.")),
    }
}

fn this_program() -> Result<Command, Problem> {
    std::env::current_exe().map(Command::new).map_err(|error| broken(&error))
}

fn broken(error: &dyn std::error::Error) -> Problem {
    Problem::operator("bench", format!("The measurement cannot be made: {error}."))
}

fn odd(error: &FakeError) -> Problem {
    broken(error)
}

struct AnswersOk;

#[serenity::async_trait]
impl EventHandler for AnswersOk {
    async fn interaction_create(&self, context: Context, interaction: Interaction) {
        let Interaction::Command(command) = interaction else { return };
        let message = CreateInteractionResponseMessage::new().content("ok").ephemeral(true);
        let response = CreateInteractionResponse::Message(message);
        if let Err(error) = command.create_response(&context.http, response).await {
            tracing::error!(%error, "the bare bot cannot answer");
        }
    }
}

/// The least a serenity bot can do.
pub async fn bare_bot(api: String, gateway: String) -> Result<(), Problem> {
    let token = std::env::var("DISCORD_TOKEN").unwrap_or_default();
    let http = HttpBuilder::new(token)
        .application_id(APPLICATION.into())
        .proxy(api)
        .ratelimiter_disabled(true)
        .build();
    let mut client = ClientBuilder::new_with_http(http, GatewayIntents::empty())
        .event_handler(AnswersOk)
        .await
        .map_err(|error| broken(&error))?;
    *client.ws_url.lock().await = gateway;
    client.start().await.map_err(|error| broken(&error))
}
