//! Figures, each measured beside its baseline in the same run and said as a ratio.

mod bulk;
mod calls;
mod discord;
mod files;
mod log;
mod look;
mod open;
mod suggest;
mod weigh;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use desk_core::basics::problem::Problem;

/// Measures connect-desk, each figure beside its baseline in the same run. Best from a release build.
#[derive(Parser)]
#[command(name = "desk-bench", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    bare: Option<Bare>,
    /// Which part; all of them when left out
    part: Option<Part>,
    /// Fewer rounds and smaller logs, to see that it works
    #[arg(long)]
    quick: bool,
    /// Where to write; a temporary folder when left out
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Bare {
    /// A bot that answers "ok" and nothing else: the baseline of `discord`
    #[command(hide = true)]
    BareBot {
        #[arg(long)]
        api: String,
        #[arg(long)]
        gateway: String,
    },
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Appending to, opening and verifying the log.
    Log,
    /// A command that only looks, and the memory of an idle desk.
    Look,
    /// The shipped program on Discord, beside a bot that answers "ok".
    Discord,
    /// The calls of each command on a full instance, beside the fewest that the API allows.
    Calls,
    /// Exports, imports and edits of many users, beside the quota's own pace.
    Bulk,
    /// Workbooks and logs that people bring.
    Files,
    /// What completion suggests, the memory it takes and the calls it costs.
    Suggest,
    /// Weighing an approval under many rules.
    Weigh,
    /// What anything costs with many open requests, beside the same with few.
    Open,
}

fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "desk-bench: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> Result<bool, Problem> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::operator("bench", format!("No runtime can be started ({error}).")))?;
    runtime.block_on(async {
        match cli.bare {
            Some(Bare::BareBot { api, gateway }) => discord::bare_bot(api, gateway).await.map(|()| true),
            None => run(cli.part, cli.quick, cli.folder).await,
        }
    })
}

/// Measures one part or all, and prints the figures. `false` when a bar is missed.
async fn run(part: Option<Part>, quick: bool, folder: Option<PathBuf>) -> Result<bool, Problem> {
    let folder = match folder {
        Some(folder) => folder,
        None => std::env::temp_dir().join(format!("desk-bench-{}", std::process::id())),
    };
    std::fs::create_dir_all(&folder).map_err(|error| {
        Problem::operator("bench", format!("The folder {} can't be made ({error}).", folder.display()))
            .hint("Choose another with `--folder`.")
    })?;
    let wanted = |which| part.is_none() || part == Some(which);
    let mut sound = true;
    let out = &mut std::io::stdout();
    if wanted(Part::Look) {
        sound &= look::run(out, &folder.join("look"), quick).await?;
    }
    if wanted(Part::Discord) {
        sound &= discord::run(out, &folder.join("discord"), quick).await?;
    }
    if wanted(Part::Calls) {
        sound &= calls::run(out, &folder.join("calls")).await?;
    }
    if wanted(Part::Bulk) {
        sound &= bulk::run(out, &folder.join("bulk"), quick).await?;
    }
    if wanted(Part::Files) {
        sound &= files::run(out, quick)?;
    }
    if wanted(Part::Suggest) {
        sound &= suggest::run(out, &folder.join("suggest"), quick).await?;
    }
    if wanted(Part::Weigh) {
        sound &= weigh::run(out, quick)?;
    }
    if wanted(Part::Open) {
        sound &= open::run(out, &folder.join("open"), quick).await?;
    }
    if wanted(Part::Log) {
        let inside = folder.join("log");
        sound &= tokio::task::spawn_blocking(move || log::run(&mut std::io::stdout(), &inside, quick))
            .await
            .map_err(|error| {
                Problem::operator("bench", format!("The measurement ended early ({error})."))
            })??;
    }
    let _ = std::fs::remove_dir_all(&folder);
    Ok(sound)
}

/// The middle value; 0 of none.
fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Milliseconds with three digits.
fn ms(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1000.0)
}

/// The resident memory of this process in MB, where the system tells (Linux).
fn resident_mb() -> Option<f64> {
    resident_mb_of("self")
}

/// The same of another process, by its number.
fn resident_mb_of(process: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kb: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kb / 1024.0)
}

/// One row of the printed table: what, measured, baseline, bar, and whether it holds.
fn row(
    out: &mut dyn std::io::Write,
    what: &str,
    measured: &str,
    baseline: &str,
    bar: &str,
    holds: bool,
) -> Result<(), Problem> {
    let verdict = if holds { "holds" } else { "MISSED" };
    writeln!(out, "{what:<52} {measured:>16} {baseline:>30}   {bar:<26} {verdict}")
        .map_err(|error| Problem::operator("bench", format!("The figures cannot be printed ({error}).")))
}
