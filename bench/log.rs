//! The log: how long a durable line takes, alone and among many; opening and verifying a million of them.
//!
//! The large log is filled, killed, opened and verified by processes of their own, so that a kill is a kill and memory is
//! that of a fresh process.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use desk_core::basics::ids::{Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Place, Role};
use desk_core::log::{Append, AppendError, RequestLog as _};
use desk_core::log::{By, Draft, Event, Line, Outcome, merkle};
use desk_core::ports::Clock as _;
use tokio::runtime::Handle;

use crate::{median, ms, resident_mb, row};
use connect_desk::clock::SystemClock;
use connect_desk::store::{Options, Store, verify_folder};

/// What the process was started for, when it is one of those that this benchmark starts.
const TASK: &str = "CONNECT_DESK_BENCH_TASK";

/// The bars.
const OF_RAW: f64 = 0.8;
const TIMES_ONE: f64 = 8.0;
const OPEN: Duration = Duration::from_secs(1);
const MEMORY_MB: f64 = 40.0;
/// What one process may have after it wrote the large log: what grows with the log is the engine's own index of its pages.
const WRITER_MB: f64 = 80.0;
const LINES_A_SECOND: f64 = 200_000.0;

pub fn run(out: &mut dyn Write, dir: &Path, quick: bool) -> Result<bool, Problem> {
    let task = std::env::var(TASK).unwrap_or_default();
    let large = dir.join("large");
    if !task.is_empty() {
        child(out, &large, &task, quick)?;
        // The folder is the parent's, so nothing may tidy it up on the way out.
        std::process::exit(0);
    }
    let mut holds = true;
    let one = one_writer(out, &dir.join("one"), quick, &mut holds)?;
    many_writers(out, &dir.join("many"), quick, one, &mut holds)?;
    large_log(out, dir, quick, &mut holds)?;
    Ok(holds)
}

fn open(dir: &Path) -> Result<Store, Problem> {
    let options = Options {
        name: "bench".to_owned(),
        secrets_last: Duration::from_secs(3600),
        clock: Arc::new(SystemClock::default()),
    };
    let store = Store::open(dir, options)?;
    store.unsound().map_or(Ok(store), Err)
}

/// One durable line after the other, beside the same bytes appended to a file and synced; in turns, so that both meet the
/// same disk. Gives the time of one line.
fn one_writer(out: &mut dyn Write, dir: &Path, quick: bool, holds: &mut bool) -> Result<Duration, Problem> {
    let (rounds, lines) = if quick { (6, 100) } else { (14, 300) };
    let store = open(dir)?;
    let mut raw = File::create(dir.join("raw")).map_err(|error| broken(&error))?;
    let (mut stored, mut written) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let began = Instant::now();
        let appended = Handle::current().block_on(request(&store, 1, lines))?;
        stored.push(began.elapsed() / lines);
        let bytes: Vec<Vec<u8>> = appended.iter().map(Line::encode).collect();
        let began = Instant::now();
        for line in &bytes {
            raw.write_all(line).and_then(|()| raw.sync_data()).map_err(|error| broken(&error))?;
        }
        written.push(began.elapsed() / lines);
    }
    store.close()?;
    let (stored, written) = (median(&mut stored), median(&mut written));
    let ratio = written.as_secs_f64() / stored.as_secs_f64();
    let well = ratio >= OF_RAW;
    *holds &= well;
    row(
        out,
        "a durable line, one writer",
        &ms(stored),
        &format!("raw append + fdatasync {}", ms(written)),
        &format!("{ratio:.2} of raw, at least {OF_RAW}"),
        well,
    )?;
    Ok(stored)
}

/// 64 requests at a time, each writing one line after the other.
fn many_writers(
    out: &mut dyn Write,
    dir: &Path,
    quick: bool,
    one: Duration,
    holds: &mut bool,
) -> Result<(), Problem> {
    let (rounds, lines, writers) = if quick { (3, 50, 64) } else { (7, 150, 64) };
    let store = open(dir)?;
    let mut times = Vec::new();
    for _ in 0..rounds {
        let began = Instant::now();
        Handle::current().block_on(async {
            let tasks: Vec<_> = (0..writers)
                .map(|writer| {
                    let store = store.clone();
                    tokio::spawn(async move { request(&store, writer, lines).await.map(drop) })
                })
                .collect();
            for task in tasks {
                task.await.map_err(|error| broken(&error))??;
            }
            Ok::<(), Problem>(())
        })?;
        times.push(began.elapsed() / (lines * u32::try_from(writers).unwrap_or(1)));
    }
    store.close()?;
    let each = median(&mut times);
    let ratio = one.as_secs_f64() / each.as_secs_f64();
    let well = ratio >= TIMES_ONE;
    *holds &= well;
    row(
        out,
        "a durable line, 64 writers",
        &ms(each),
        &format!("one writer {}", ms(one)),
        &format!("{ratio:.1} times as many, at least {TIMES_ONE}"),
        well,
    )
}

/// A large log: filled and killed, opened after that and again, verified.
fn large_log(out: &mut dyn Write, dir: &Path, quick: bool, holds: &mut bool) -> Result<(), Problem> {
    let what = if quick { "100,000 lines" } else { "1,000,000 lines" };
    let mut filling = start(dir, "fill", quick)?;
    let filled = answer(&mut filling)?;
    filling.kill().and_then(|()| filling.wait()).map_err(|error| broken(&error))?;
    let memory = number(&filled, 1);
    let small = memory < WRITER_MB;
    *holds &= small;
    row(out, &format!("memory after writing {what}"), &format!("{memory:.0} MB"), "", "under 80 MB", small)?;
    for when in ["after a kill", "after a clean stop"] {
        let mut opening = start(dir, "open", quick)?;
        let opened = answer(&mut opening)?;
        opening.wait().map_err(|error| broken(&error))?;
        let took = Duration::from_secs_f64(number(&opened, 0));
        let memory = number(&opened, 1);
        let well = took < OPEN;
        let small = memory < MEMORY_MB;
        *holds &= well && small;
        row(out, &format!("opening {what} {when}"), &ms(took), "", "under 1 s", well)?;
        row(out, "  memory then", &format!("{memory:.0} MB"), "", "under 40 MB", small)?;
    }
    let mut verifying = start(dir, "verify", quick)?;
    let verified = answer(&mut verifying)?;
    verifying.wait().map_err(|error| broken(&error))?;
    let lines = number(&filled, 0);
    let speed = lines / number(&verified, 0);
    let alone = lines / number(&verified, 2);
    let well = speed > LINES_A_SECOND;
    *holds &= well;
    row(
        out,
        &format!("verifying {what}"),
        &format!("{speed:.0} lines/s"),
        &format!("SHA-256 alone {alone:.0} lines/s"),
        "over 200,000 lines/s",
        well,
    )?;
    let memory = number(&verified, 1);
    let small = memory < MEMORY_MB;
    *holds &= small;
    row(out, "  memory at most", &format!("{memory:.0} MB"), "", "under 40 MB", small)
}

fn start(dir: &Path, task: &str, quick: bool) -> Result<Child, Problem> {
    let mut command = Command::new(std::env::current_exe().map_err(|error| broken(&error))?);
    command.args(["log", "--folder"]).arg(dir.parent().unwrap_or(dir)).env(TASK, task).stdout(Stdio::piped());
    if quick {
        command.arg("--quick");
    }
    command.spawn().map_err(|error| broken(&error))
}

/// The line of numbers that a child says.
fn answer(child: &mut Child) -> Result<Vec<f64>, Problem> {
    let mut line = String::new();
    if let Some(said) = child.stdout.take() {
        BufReader::new(said).read_line(&mut line).map_err(|error| broken(&error))?;
    }
    let numbers: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers.is_empty() {
        true => Err(Problem::operator("bench", "A process that measures ended without a result.")),
        false => Ok(numbers),
    }
}

fn number(numbers: &[f64], place: usize) -> f64 {
    numbers.get(place).copied().unwrap_or(f64::NAN)
}

/// What a child does, and the numbers it says.
fn child(out: &mut dyn Write, dir: &Path, task: &str, quick: bool) -> Result<(), Problem> {
    let say = |out: &mut dyn Write, numbers: &[f64]| {
        let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
        writeln!(out, "{}", numbers.join(" ")).and_then(|()| out.flush()).map_err(|error| broken(&error))
    };
    let began = Instant::now();
    match task {
        "fill" => {
            let store = open(dir)?;
            Handle::current().block_on(fill(&store, if quick { 100_000 } else { 1_000_000 }))?;
            say(out, &[store.size() as f64, resident_mb().unwrap_or_default()])?;
            // Until the kill.
            std::thread::park_timeout(Duration::from_secs(60));
        }
        "open" => {
            let store = open(dir)?;
            say(out, &[began.elapsed().as_secs_f64(), resident_mb().unwrap_or_default()])?;
            store.close()?;
        }
        _ => {
            let sound = verify_folder(dir, &[], None, &mut std::io::sink())?;
            let took = began.elapsed();
            let memory = resident_mb().unwrap_or_default();
            let lines = if quick { 100_000 } else { 1_000_000 };
            let line = draft(1, true, done(1)).at_line(500_000, Some(RequestNo(70_000))).encode();
            let began = Instant::now();
            for _ in 0..lines {
                std::hint::black_box(merkle::leaf(std::hint::black_box(&line)));
            }
            if sound {
                say(out, &[took.as_secs_f64(), memory, began.elapsed().as_secs_f64()])?;
            }
        }
    }
    Ok(())
}

/// Requests of eight lines about 50,000 users, by twenty people, many at a time.
async fn fill(store: &Store, lines: u64) -> Result<(), Problem> {
    const AT_ONCE: u64 = 128;
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|worker| {
            let store = store.clone();
            tokio::spawn(async move {
                for i in (worker..lines / 8).step_by(AT_ONCE as usize) {
                    let first = write(&store, Append::New, vec![draft(i, true, asked())]).await?;
                    let mut after = first;
                    for step in 0..3 {
                        let drafts = vec![draft(i, step == 0, done(step)), draft(i, false, done(step))];
                        after = next(&store, &after, drafts).await?;
                    }
                    let end = Event::Finished { outcome: Outcome::Completed };
                    next(&store, &after, vec![draft(i, false, end)]).await?;
                }
                Ok::<(), Problem>(())
            })
        })
        .collect();
    for task in tasks {
        task.await.map_err(|error| broken(&error))??;
    }
    Ok(())
}

/// A request of so many lines, one after the other.
async fn request(store: &Store, i: u64, lines: u32) -> Result<Vec<Line>, Problem> {
    let mut last = write(store, Append::New, vec![draft(i, true, asked())]).await?;
    let mut appended = Vec::new();
    for step in 1..lines {
        let line = next(store, &last, vec![draft(i, true, done(u64::from(step)))]).await?;
        appended.push(std::mem::replace(&mut last, line));
    }
    appended.push(last);
    Ok(appended)
}

async fn next(store: &Store, last: &Line, drafts: Vec<Draft>) -> Result<Line, Problem> {
    let no = last.request.unwrap_or(RequestNo(0));
    write(store, Append::To { no, after: last.line }, drafts).await
}

async fn write(store: &Store, to: Append, drafts: Vec<Draft>) -> Result<Line, Problem> {
    let lines = store.append(to, drafts).await.map_err(|error| match error {
        AppendError::Failed(problem) | AppendError::Unknown(problem) => problem,
        AppendError::Conflict => Problem::operator("bench", "Someone else writes into the folder."),
    })?;
    lines.into_iter().last().ok_or_else(|| Problem::operator("bench", "Nothing was written."))
}

/// A line of about 400 bytes.
fn draft(i: u64, person: bool, event: Event) -> Draft {
    let id = format!("discord:{}", 80_351_110_224_678_900 + i % 20);
    let by = id.parse().ok().filter(|_| person).map(|id| By { id, name: "Maria Garcia".to_owned() });
    let about = vec![format!("user.name{}", i * 7919 % 50_000)];
    Draft { at: SystemClock::default().now(), by, about, event }
}

fn asked() -> Event {
    Event::Requested {
        command: "connect reset".to_owned(),
        args: Default::default(),
        place: Place {
            platform: Platform::Discord,
            channel: "1042".to_owned(),
            private: false,
            parent: None,
        },
        roles: vec![Role::L1],
        rule: "l1 may reset users".to_owned(),
        subject: String::new(),
    }
}

fn done(step: u64) -> Event {
    Event::Done { step: step as u32 % 8, facts: [("note".to_owned(), "x".repeat(200))].into() }
}

fn broken(error: &dyn std::fmt::Display) -> Problem {
    Problem::operator("bench", format!("The measurement can't continue ({error})."))
        .hint("Free some space in the folder that `--folder` names.")
}
