//! The command line: what can be started, and what is said when it cannot.

use std::io::Write as _;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::clock::SystemClock;
use crate::connect::Patience;
use crate::console::{PlayOptions, play};
use crate::policy::{self, Policy};
use crate::running::{self, Running};
use crate::{config, discord, log, reference, secrets, store, wiring};

/// A help desk for Amazon Connect that runs in a chat.
#[derive(Parser)]
#[command(name = "connect-desk", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Join the chat of the configuration and serve it until told to end
    Run {
        /// The configuration file
        #[arg(long)]
        config: PathBuf,
    },
    /// Print the link that lets the bot onto the Discord server, with the permissions it needs and no others
    Invite {
        /// The configuration file
        #[arg(long)]
        config: PathBuf,
    },
    /// Play a help desk in the terminal, with an invented contact center behind it
    Play(Play),
    /// Serve the practice contact center: Amazon Connect's REST API on this machine
    Sim(Sim),
    /// Read and check the approval log
    #[command(subcommand)]
    Log(Log),
    /// Tools for whoever writes the rules
    #[command(subcommand)]
    Policy(Policy),
    /// Check a configuration file without starting anything
    Check {
        /// The file to check
        #[arg(long)]
        config: PathBuf,
    },
    /// Print the reference page of all commands, with the AWS permissions they need
    Reference,
}

#[derive(Args)]
struct Play {
    /// A Markdown transcript to type and compare instead of reading the terminal
    #[arg(long)]
    script: Option<PathBuf>,
    /// Write the answers into the script instead of comparing them
    #[arg(long, requires = "script")]
    accept: bool,
    /// The folder that keeps the practice world and its log
    #[arg(long, default_value = ".connect-desk/play")]
    state: PathBuf,
    /// Begin anew: empty the folder first
    #[arg(long)]
    fresh: bool,
    /// Other people and rules than those of the practice desk
    #[arg(long)]
    config: Option<PathBuf>,
    /// What a new world holds: `guide`, or `users=N`
    #[arg(long, default_value = "guide")]
    seed: desk_sim::Seed,
    /// Where a new instance keeps its passwords: CONNECT_MANAGED, SAML or EXISTING_DIRECTORY
    #[arg(long, default_value = "CONNECT_MANAGED")]
    identity: desk_sim::IdentityType,
    /// No quota: everything goes as fast as it can
    #[arg(long)]
    unthrottled: bool,
    /// For how many milliseconds the login of a removed user stays taken
    #[arg(long, default_value = "5000")]
    name_lingers: u64,
}

#[derive(Args)]
struct Sim {
    /// The address to listen on; only this machine can reach it
    #[arg(long, default_value = "127.0.0.1:4510")]
    listen: SocketAddr,
    /// A file that keeps the world, also through a kill
    #[arg(long)]
    state: Option<PathBuf>,
    /// What a new world holds: `guide`, or `users=N`
    #[arg(long, default_value = "guide")]
    seed: desk_sim::Seed,
    /// Where a new instance keeps its passwords: CONNECT_MANAGED, SAML or EXISTING_DIRECTORY
    #[arg(long, default_value = "CONNECT_MANAGED")]
    identity: desk_sim::IdentityType,
    /// Requests a second and operation
    #[arg(long, default_value = "2")]
    rate: f64,
    /// Requests of an operation that may come at once
    #[arg(long, default_value = "5")]
    burst: NonZeroU32,
    /// No limits at all
    #[arg(long, conflicts_with_all = ["rate", "burst"])]
    unthrottled: bool,
    /// For how many milliseconds reads still show what stood before a write
    #[arg(long, default_value = "0")]
    lag: u64,
    /// For how many milliseconds the login of a removed user stays taken
    #[arg(long, default_value = "5000")]
    name_lingers: u64,
    /// Serve a practice Salesforce as well, on this address; only this machine can reach it
    #[arg(long)]
    salesforce: Option<SocketAddr>,
    /// A file with the certificate (PEM) of the practice Salesforce's app
    #[arg(long, requires = "salesforce")]
    salesforce_certificate: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Log {
    /// Print lines, oldest first
    Show {
        /// The state folder of the desk, or of `connect-desk play`
        #[arg(long)]
        state: PathBuf,
        /// Only the lines of this request
        #[arg(long)]
        request: Option<u64>,
        /// Only lines about this login
        #[arg(long)]
        login: Option<String>,
        /// At most so many lines, the newest
        #[arg(long)]
        limit: Option<usize>,
        /// The bytes that are in the file, one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Check every line, seal and checkpoint, and name what was changed; a desk may be running
    Verify {
        /// The state folder of the desk, or of `connect-desk play`
        #[arg(long)]
        state: PathBuf,
        /// A checkpoint that was kept elsewhere; may be given several times
        #[arg(long)]
        checkpoint: Vec<PathBuf>,
        /// The log's public key, when it was kept elsewhere as well
        #[arg(long)]
        key: Option<String>,
    },
    /// Write what is whole of a damaged log, and what is not, into another folder
    Salvage {
        /// The state folder of the desk, or of `connect-desk play`; nothing in it is changed
        from: PathBuf,
        /// A new folder
        to: PathBuf,
    },
}

/// Whether the program's log may have it, whatever is wanted: serenity's spans hold the tokens of interactions, and the AWS SDK's
/// traces hold users.
fn is_harmless(said: &tracing::Metadata<'_>) -> bool {
    let most = match said.target() {
        target if target.starts_with("serenity") => tracing::Level::WARN,
        target if target.starts_with("aws_smithy_runtime") => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    *said.level() <= most
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let quiet = if matches!(cli.command, Command::Run { .. }) { "warn,connect_desk=info" } else { "error" };
    let wanted = std::env::var("CONNECT_DESK_LOG").unwrap_or_else(|_| quiet.to_owned());
    tracing_subscriber::registry()
        .with(tracing_subscriber::EnvFilter::new(wanted))
        .with(tracing_subscriber::filter::filter_fn(is_harmless))
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .init();
    if matches!(cli.command, Command::Run { .. } | Command::Play(_)) {
        secrets::guard();
    }
    match run(cli) {
        Ok(code) => code,
        // Whoever reads no further, such as `head`, has what they wanted.
        Err(problem) if problem.code == log::PIPE => ExitCode::SUCCESS,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "connect-desk: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Problem> {
    match cli.command {
        Command::Run { config } => {
            let config = read_config(config)?;
            runtime()?.block_on(run_desk(config))?;
        }
        Command::Invite { config } => match read_config(&config)?.discord {
            Some(discord) => print(&discord::invite(&discord)),
            None => {
                return Err(Problem::operator(
                    "nowhere",
                    format!("{} names no Discord server.", config.display()),
                )
                .hint("Add [discord] as config.example.toml shows."));
            }
        },
        Command::Play(options) => {
            let config = options.config.as_deref().map(read_config).transpose()?;
            let sim = desk_sim::Options {
                seed: options.seed,
                identity: options.identity,
                name_lingers: Duration::from_millis(options.name_lingers),
                ..Default::default()
            };
            let options = PlayOptions {
                script: options.script,
                accept: options.accept,
                state: options.state,
                fresh: options.fresh,
                config,
                unthrottled: options.unthrottled,
                sim,
            };
            runtime()?.block_on(play(options))?;
        }
        Command::Sim(options) => runtime()?.block_on(sim(options))?,
        Command::Log(Log::Show { state, request, login, limit, json }) => {
            let filter = store::ShowFilter { request: request.map(RequestNo), login, limit, json };
            let (out, errors) = (&mut std::io::stdout().lock(), &mut std::io::stderr().lock());
            if !store::show(&store::desk_folder(state), &filter, out, errors)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Log(Log::Verify { state, checkpoint, key }) => {
            let kept = checkpoint.iter().map(read_checkpoint).collect::<Result<Vec<_>, _>>()?;
            let out = &mut std::io::stdout().lock();
            if !store::verify_folder(&store::desk_folder(state), &kept, key.as_deref(), out)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Log(Log::Salvage { from, to }) => print(&store::salvage(&store::desk_folder(from), &to)?),
        Command::Policy(tool) => return policy::run(tool, &mut std::io::stdout().lock()),
        Command::Check { config } => {
            let checked = read_config(&config)?;
            print(&format!(
                "{} is sound: {} people, {} rules, policy {}.",
                config.display(),
                checked.people.len(),
                checked.policy.rules.len(),
                checked.rule_set().digest()
            ));
            for (line, message) in &checked.warnings {
                print(&format!("{}, line {line}, a warning: {message}", config.display()));
            }
        }
        Command::Reference => print(reference::page().trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}

fn runtime() -> Result<tokio::runtime::Runtime, Problem> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Problem::operator("runtime", format!("The program cannot start its threads ({error})."))
            .hint("Free some memory or raise the limit on processes.")
    })
}

fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn read_config(path: impl AsRef<std::path::Path>) -> Result<config::Config, Problem> {
    config::read(path.as_ref(), &desk_commands::all())
        .map_err(|errors| Problem::operator("config", errors.to_string()))
}

fn read_checkpoint(path: &PathBuf) -> Result<String, Problem> {
    std::fs::read_to_string(path).map_err(|error| {
        Problem::operator(
            "checkpoint",
            format!("The checkpoint {} cannot be read ({error}).", path.display()),
        )
        .hint("Check its path.")
    })
}

async fn run_desk(config: config::Config) -> Result<(), Problem> {
    running::outlive_hangups()?;
    let discord_token = config.discord.as_ref().map(discord::token).transpose()?;
    let running = Running::open(
        config,
        running::Options {
            clock: Arc::new(SystemClock::default()),
            patience: Patience::default(),
            credentials: None,
            chat: wiring::ChatOptions { discord_token, ..wiring::ChatOptions::default() },
        },
    )
    .await?;
    match running.health.reasons().first() {
        None => print("The desk is open. Ctrl-C ends it."),
        Some(problem) => print(&format!("The desk is open, but degraded: {problem} Ctrl-C ends it.")),
    }
    running.serve().await
}

async fn sim(options: Sim) -> Result<(), Problem> {
    let limits = if options.unthrottled {
        desk_sim::Limits::Unthrottled
    } else {
        if !(0.01..=10_000.0).contains(&options.rate) {
            return Err(Problem::operator("rate", format!("A rate of {} a second cannot be.", options.rate))
                .hint("Choose one between 0.01 and 10000, or `--unthrottled`."));
        }
        desk_sim::Limits::PerOperation { rate: options.rate, burst: options.burst }
    };
    let trouble = |error: desk_sim::SimError| Problem::operator("sim", error.to_string());
    let listener = desk_sim::bind(options.listen).await.map_err(trouble)?;
    let salesforce = match options.salesforce {
        Some(address) => {
            let certificate = options.salesforce_certificate.as_deref();
            Some(practice_salesforce(address, certificate, options.state.as_deref()).await?)
        }
        None => None,
    };
    let sim = desk_sim::Sim::open(desk_sim::Options {
        state: options.state,
        seed: options.seed,
        identity: options.identity,
        limits,
        lag: Duration::from_millis(options.lag),
        name_lingers: Duration::from_millis(options.name_lingers),
        ..Default::default()
    })
    .map_err(trouble)?;
    let address = listener.local_addr().unwrap_or(options.listen);
    print(&format!("Amazon Connect for practice is at http://{address}, instance {}.", sim.instance_id()));
    print(&format!(
        "Try: aws connect list-users --endpoint-url http://{address} --instance-id {} --region us-east-1",
        sim.instance_id()
    ));
    let serving_salesforce = async {
        match salesforce {
            Some((salesforce, listener)) => salesforce.serve(listener).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = sim.serve(listener) => ended.map(|_| ()).map_err(trouble),
        ended = serving_salesforce => ended.map(|_| ()).map_err(trouble),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

/// Opens the practice Salesforce and says how to come in. Its state is kept beside that of the practice contact center.
async fn practice_salesforce(
    address: SocketAddr,
    certificate: Option<&Path>,
    state: Option<&Path>,
) -> Result<(desk_sim::salesforce::Salesforce, tokio::net::TcpListener), Problem> {
    use desk_sim::salesforce::{API_USER, CLIENT_ID, Options, Salesforce};
    let trouble = |error: desk_sim::SimError| Problem::operator("sim", error.to_string());
    let certificate = certificate
        .map(|path| {
            std::fs::read_to_string(path).map_err(|error| {
                Problem::operator(
                    "sim",
                    format!("The certificate {} can't be read ({error}).", path.display()),
                )
                .hint("Check its path.")
            })
        })
        .transpose()?;
    let state = state.map(|path| {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".salesforce");
        PathBuf::from(beside)
    });
    let listener = desk_sim::bind(address).await.map_err(trouble)?;
    let salesforce =
        Salesforce::open(Options { state, certificate, ..Options::default() }).map_err(trouble)?;
    let address = listener.local_addr().unwrap_or(address);
    print(&format!(
        "Salesforce for practice is at http://{address}, consumer key {CLIENT_ID}, user {API_USER}."
    ));
    Ok((salesforce, listener))
}
