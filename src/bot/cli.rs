//! The command line: what can be started, and what is said when it cannot.

use std::io::Write as _;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::{Owner, Problem};
use desk_core::ports::Clock as _;

use crate::clock::SystemClock;
use crate::console::{PlayOptions, play};
use crate::policy::{self, Policy};
use crate::reload::{self, Hangups};
use crate::report::Report;
use crate::running::{self, Running};
use crate::systems::connect::Patience;
use crate::{
    backup, config, doctor, iam, inspect, log, monitoring, practice, reference, secrets, setup, store,
    systemd, telemetry, version, wiring,
};

/// A help desk for Amazon Connect that runs in a chat.
#[derive(Parser)]
#[command(name = "connect-desk", version = version::LONG, max_term_width = 100)]
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
    /// Tools for anyone who writes the rules
    #[command(subcommand)]
    Policy(Policy),
    /// Write a configuration that passes `check`, and say what to do next
    Init(setup::Init),
    /// Check a configuration file and what it names on this host, without a network and without starting anything
    Check {
        /// The file to check
        #[arg(long)]
        config: PathBuf,
        /// Also check everything that `doctor` does, such as whether Amazon SES may send as the sender
        #[arg(long)]
        online: bool,
        /// For programs
        #[arg(long)]
        json: bool,
    },
    /// Check everything that the desk needs: AWS, permissions, Discord, email, Salesforce, clock, disk, backup. It changes nothing
    Doctor {
        /// The configuration file
        #[arg(long)]
        config: PathBuf,
        /// For programs
        #[arg(long)]
        json: bool,
    },
    /// Print the IAM policy for exactly the commands that the configuration allows
    Iam {
        /// The configuration file
        #[arg(long)]
        config: PathBuf,
        /// The number of the AWS account; without it, the policy has the word ACCOUNT in its place
        #[arg(long, value_parser = iam::account)]
        account: Option<String>,
    },
    /// Back up the log, authenticators and kept files; a desk may be running
    Backup {
        /// The file to write, which must not exist
        to: PathBuf,
        #[command(flatten)]
        place: Place,
        /// The keys as well: anyone who has the file can then write in the log's name and read what is sealed
        #[arg(long)]
        with_keys: bool,
    },
    /// Restore a backup; the state folder that is there is put aside
    Restore {
        /// The backup
        from: PathBuf,
        #[command(flatten)]
        place: Place,
        /// A folder with the keys, for a backup without them; those of the folder that is put aside if left out
        #[arg(long)]
        keys: Option<PathBuf>,
        /// A checkpoint that was kept elsewhere; may be given several times
        #[arg(long)]
        checkpoint: Vec<PathBuf>,
        /// Also when lines are lost that the folder or a checkpoint knows
        #[arg(long)]
        behind: bool,
    },
    /// Have a running desk read its configuration again: policy, people, protected users, emergencies, schedules, defaults for new
    /// users, and its own log
    Reload {
        /// The configuration file with which the desk runs
        #[arg(long)]
        config: PathBuf,
    },
    /// Ask a running desk how it is, as a load balancer does; the exit status says whether it is well
    Health {
        /// Where the desk listens for monitoring
        #[arg(long, default_value = "127.0.0.1:9464")]
        address: SocketAddr,
        /// /healthz, /readyz or /livez
        #[arg(long, default_value = "/healthz")]
        path: String,
    },
    /// Print what a shell needs to complete commands and options
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder
    Man {
        /// The folder
        to: PathBuf,
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
    /// Begin again: empty the folder first
    #[arg(long)]
    fresh: bool,
    /// Other people and rules than those of the practice desk
    #[arg(long)]
    config: Option<PathBuf>,
    /// What a new world holds: `guide`, `untidy`, `large`, or `users=N`
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
    /// What a new world holds: `guide`, `untidy`, `large`, or `users=N`
    #[arg(long, default_value = "guide")]
    seed: desk_sim::Seed,
    /// Where a new instance keeps its passwords: CONNECT_MANAGED, SAML or EXISTING_DIRECTORY
    #[arg(long, default_value = "CONNECT_MANAGED")]
    identity: desk_sim::IdentityType,
    /// Requests a second and operation
    #[arg(long, default_value = "2")]
    rate: f64,
    /// Requests of an operation that may come at a time
    #[arg(long, default_value = "5")]
    burst: NonZeroU32,
    /// No limits at all
    #[arg(long, conflicts_with_all = ["rate", "burst"])]
    unthrottled: bool,
    /// For how many milliseconds reads still show what was before a write
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

/// Which state folder.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// The configuration file that names the state folder
    #[arg(long)]
    config: Option<PathBuf>,
    /// The state folder of the desk, or of `connect-desk play`
    #[arg(long)]
    state: Option<PathBuf>,
}

impl Place {
    fn folder(self) -> Result<PathBuf, Problem> {
        match (self.state, self.config) {
            (Some(state), _) => Ok(store::desk_folder(state)),
            (None, Some(config)) => Ok(read_config(config)?.state),
            (None, None) => Err(Problem::requester("no_state", "No state folder is given.")
                .hint("Add `--config` or `--state`.")),
        }
    }
}

#[derive(Subcommand)]
enum Log {
    /// Print lines, oldest first
    Show {
        /// The state folder of the desk, or of `connect-desk play`
        #[arg(long)]
        state: PathBuf,
        /// Only the lines of this request
        #[arg(long, value_parser = request_number)]
        request: Option<RequestNo>,
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

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(
        cli.command,
        Command::Run { .. } | Command::Play(_) | Command::Doctor { .. } | Command::Check { .. }
    ) {
        secrets::guard(&config::variables());
    }
    match run(cli.command) {
        Ok(code) => code,
        // Anyone who reads no further, such as `head`, has what they wanted.
        Err(problem) if problem.code == log::PIPE => ExitCode::SUCCESS,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "connect-desk: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Whether a command line can be understood, `connect-desk` included, and if not why.
#[doc(hidden)]
pub fn understood(line: &[String]) -> Result<(), String> {
    Cli::try_parse_from(line).map(drop).map_err(|error| error.to_string())
}

fn run(command: Command) -> Result<ExitCode, Problem> {
    if !matches!(command, Command::Run { .. }) {
        telemetry::begin(&telemetry::quiet())?;
    }
    match command {
        Command::Run { config: path } => {
            let config = read_config(&path)?;
            telemetry::begin(&config.program_log)?;
            runtime()?.block_on(run_desk(config, path))?;
        }
        Command::Invite { config } => {
            let read = read_config(&config)?;
            if read.chats.all().is_empty() {
                return Err(Problem::operator(
                    "nowhere",
                    format!("{} has no chat platform.", config.display()),
                )
                .hint("Add the section of one, such as [discord], as shown in config.example.toml."));
            }
            for section in read.chats.all() {
                print(&section.invite());
            }
        }
        Command::Play(options) => {
            let config = options.config.as_deref().map(read_config).transpose()?.map(practice::practised);
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
            if !runtime()?.block_on(play(options))? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Sim(options) => runtime()?.block_on(sim(options))?,
        Command::Log(Log::Show { state, request, login, limit, json }) => {
            let filter = store::ShowFilter { request, login, limit, json };
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
        Command::Init(wanted) => {
            setup::init(&wanted, &mut std::io::stdin().lock(), &mut std::io::stdout().lock())?;
        }
        Command::Check { config, online, json } => {
            let mut report = Report::default();
            match online {
                true => runtime()?.block_on(doctor::look(&config, &mut report)),
                false => drop(inspect::check(&config, &mut report)),
            }
            return Ok(report.print(json, &mut std::io::stdout().lock()));
        }
        Command::Doctor { config, json } => {
            let mut report = Report::default();
            runtime()?.block_on(doctor::look(&config, &mut report));
            return Ok(report.print(json, &mut std::io::stdout().lock()));
        }
        Command::Iam { config, account } => {
            print(&iam::policy(&read_config(config)?, account.as_deref()));
            if account.is_none() {
                let _ = writeln!(
                    std::io::stderr(),
                    "connect-desk: This policy allows nothing yet: it has {} where your AWS account's number belongs. Add `--account` with that number.",
                    iam::ACCOUNT
                );
            }
        }
        Command::Backup { to, place, with_keys } => {
            let now = SystemClock::default().now();
            print(&backup::backup(&place.folder()?, &to, with_keys, now)?);
        }
        Command::Restore { from, place, keys, checkpoint, behind } => {
            let checkpoints = checkpoint.iter().map(read_checkpoint).collect::<Result<_, _>>()?;
            let wanted = backup::Restore { from, state: place.folder()?, keys, checkpoints, behind };
            backup::restore(&wanted, &mut std::io::stdout().lock())?;
        }
        Command::Reload { config } => {
            let state = read_config(&config)?.state;
            print(&runtime()?.block_on(reload::ask(&state, &config))?);
        }
        Command::Health { address, path } => {
            let (well, said) = monitoring::ask(address, &path)?;
            print(&said);
            return Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Completions { shell } => {
            // Written whole before it is printed: a reader that goes away is no panic.
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "connect-desk", &mut text);
            let _ = std::io::stdout().write_all(&text);
        }
        Command::Man { to } => {
            let written =
                std::fs::create_dir_all(&to).and_then(|()| clap_mangen::generate_to(Cli::command(), &to));
            written.map_err(|error| {
                Problem::operator(
                    "man",
                    format!("The man pages can't be written to {} ({error}).", to.display()),
                )
                .hint("Choose a folder that you can write to.")
            })?;
        }
        Command::Reference => print(reference::page().trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}

fn runtime() -> Result<tokio::runtime::Runtime, Problem> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Problem::operator("runtime", format!("The program can't start its threads ({error})."))
            .hint("Free some memory or raise the limit on processes.")
    })
}

fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The number of a request as cards have it, `#12`, or without the sign.
fn request_number(text: &str) -> Result<RequestNo, String> {
    let number = text.strip_prefix('#').unwrap_or(text).parse();
    number.map(RequestNo).map_err(|_| "type a number such as 12".to_owned())
}

fn read_config(path: impl AsRef<std::path::Path>) -> Result<config::Config, Problem> {
    config::read(path.as_ref(), &desk_commands::all())
        .map_err(|errors| Problem::operator("config", errors.to_string()))
}

fn read_checkpoint(path: &PathBuf) -> Result<String, Problem> {
    std::fs::read_to_string(path).map_err(|error| {
        Problem::operator("checkpoint", format!("The checkpoint {} can't be read ({error}).", path.display()))
            .hint("Check its path.")
    })
}

async fn run_desk(config: config::Config, path: PathBuf) -> Result<(), Problem> {
    if let Some(problem) = inspect::relative_state(&config) {
        return Err(problem);
    }
    // Before anything takes time: until then SIGHUP ends a process.
    let hangups = Hangups::caught()?;
    let running = Running::open(
        config,
        running::Options {
            clock: Arc::new(SystemClock::default()),
            patience: Patience::default(),
            credentials: None,
            chat: wiring::ChatOptions::default(),
        },
    )
    .await?;
    let reasons = running.health.reasons();
    // What is wrong with the log stays so until someone repairs it and starts the desk again.
    let of_log = reasons.iter().find(|problem| problem.owner == Owner::Log);
    match of_log.or(reasons.first()) {
        None => {
            systemd::ready("open");
            print("Ready. Press Ctrl-C to stop.");
        }
        Some(problem) => {
            let (state, until_then) = match of_log {
                Some(_) => ("Safe mode", "The desk answers questions and changes nothing."),
                None => ("Not ready yet", "The desk keeps trying."),
            };
            systemd::ready(&format!("{}: {problem}", state.to_lowercase()));
            print(&format!("{state}: {problem} {until_then} Press Ctrl-C to stop."));
        }
    }
    running.reloading.note_process(&path);
    running.serve(Some((hangups, path))).await
}

async fn sim(options: Sim) -> Result<(), Problem> {
    let limits = if options.unthrottled {
        desk_sim::Limits::Unthrottled
    } else {
        if !(0.01..=10_000.0).contains(&options.rate) {
            return Err(Problem::operator(
                "rate",
                format!("A rate of {} a second is not allowed.", options.rate),
            )
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
    print(&format!("Practice Amazon Connect is at http://{address}, instance {}.", sim.instance_id()));
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
    print(&format!("Practice Salesforce is at http://{address}, consumer key {CLIENT_ID}, user {API_USER}."));
    Ok((salesforce, listener))
}
