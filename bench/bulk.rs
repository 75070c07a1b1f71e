//! Work on many users, from the command to the end, beside the time that the quota alone takes for the calls that were made
//! and beside a bare client that makes the same calls.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_connect::config::{Credentials, SharedCredentialsProvider};
use desk_core::basics::ids::{Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Place;
use desk_core::center::{Filter, Profile};
use desk_core::desk::{Desk, Incoming, Invocation};
use desk_core::formats::sheet::{self, Catalog};
use desk_core::log::Outcome;
use desk_core::plan::effect::UserHas;
use desk_core::request::{Phase, Request};

use crate::{median, ms, resident_mb, row};
use connect_desk::clock::SystemClock;
use connect_desk::practice::{self, Options, Practice, Unwatched};
use connect_desk::rate_limits::PerMinute;
use connect_desk::systems::connect::{self, Connect, Limit, Limits, Patience};

/// Calls a second of each operation: a hundred times what AWS grants for an export, ten times for what writes, so that a run
/// takes about a minute. What the desk adds to each step weighs as many times more than it would at AWS.
const EXPORT_RATE: f64 = 200.0;
const RATE: f64 = 20.0;
const BURST: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");

/// What the practice contact center lets through at a time, so that it refuses only what is really over the rate.
const SIM_BURST: NonZeroU32 = NonZeroU32::new(50).expect("fifty is not zero");

/// The most that the desk may take, as a multiple of the quota's own time.
const MAY_TAKE: f64 = 1.03;

/// The longest that verifying a file of a thousand rows may take.
const VERIFY_MAY_TAKE: Duration = Duration::from_millis(100);

/// What verifying it a hundred times may add to the memory, in MB.
const VERIFY_MAY_KEEP_MB: f64 = 8.0;

pub async fn run(out: &mut dyn Write, folder: &Path, quick: bool) -> Result<bool, Problem> {
    let some = |whole: u32| if quick { whole / 10 } else { whole };
    let mut sound = export(out, &folder.join("export"), some(10_000)).await?;
    sound &= edit(out, &folder.join("edit"), some(500)).await?;
    sound &= import(out, &folder.join("import"), some(1_000)).await?;
    sound &= verify(out, &folder.join("verify"), if quick { 10 } else { 100 }).await?;
    Ok(sound)
}

/// A practice desk with a quota, and a bare client of its contact center.
struct Bench {
    practice: Practice,
    bare: Connect,
    rate: f64,
}

/// What a run came to: how long it took, and the calls of each operation.
struct Run {
    request: Request,
    took: Duration,
    calls: BTreeMap<String, u64>,
    /// Of these, what was called until there was a plan to say yes to; nothing where no one has to.
    planning: BTreeMap<String, u64>,
    rate: f64,
}

impl Bench {
    async fn open(folder: &Path, seed: desk_sim::Seed, rate: f64) -> Result<Bench, Problem> {
        let mut config = practice::config()?;
        config.limits = Limits { every: Some(Limit { rate, burst: BURST }), operations: BTreeMap::default() };
        config.turns = PerMinute::unlimited();
        let limits = config.limits.clone();
        let region = config.contact_center.region.clone();
        let clock = Arc::new(SystemClock::default());
        let practice = Practice::open(Options {
            state: folder.to_owned(),
            config: Some(config),
            clock: clock.clone(),
            throttled: true,
            sim: desk_sim::Options {
                seed,
                limits: desk_sim::Limits::PerOperation { rate, burst: SIM_BURST },
                user_quota: 20_000,
                ..desk_sim::Options::default()
            },
            patience: Patience::default(),
            watcher: Arc::new(Unwatched),
            files: folder.to_owned(),
        })
        .await?;
        let credentials = Credentials::new("practice", "practice", None, None, "practice");
        let bare = Connect::new(
            connect::Options {
                region,
                instance_id: practice.sim.instance_id(),
                endpoint: Some(practice.endpoint.clone()),
                limits,
                patience: Patience::default(),
            },
            Some(SharedCredentialsProvider::new(credentials)),
            clock,
        )
        .await;
        Ok(Bench { practice, bare, rate })
    }

    /// Asks, gives every approval immediately, and waits for the end.
    async fn run(&self, line: &str) -> Result<Run, Problem> {
        let desk = &self.practice.desk;
        let before = self.calls().await?;
        let began = Instant::now();
        let no = self.says("admin", line).await?;
        let mut planning = BTreeMap::new();
        let request = loop {
            desk.advance(no).await?;
            let request = desk.request(no).await?;
            if planning.is_empty() && request.phase == Phase::Waiting {
                planning = since(&before, self.calls().await?);
            }
            match &request.phase {
                Phase::Finished { outcome: Outcome::Completed, .. } => break request,
                Phase::Waiting if request.confirmed.is_none() => {
                    self.says("admin", &format!("/desk confirm {}", no.0)).await?
                }
                Phase::Waiting => self.says("supervisor", &format!("/desk approve {}", no.0)).await?,
                phase => return Err(broken(&format!("{no} is {}", phase.word()))),
            };
        };
        let took = began.elapsed();
        let calls = since(&before, self.calls().await?);
        Ok(Run { request, took, calls, planning, rate: self.rate })
    }

    async fn says(&self, who: &str, line: &str) -> Result<RequestNo, Problem> {
        let desk: &Desk = &self.practice.desk;
        let by = self.practice.people.iter().find(|person| person.name == who).cloned();
        let by = by.ok_or_else(|| broken("someone is missing"))?;
        let place =
            Place { platform: Platform::Console, channel: "1".to_owned(), private: false, parent: None };
        let reply = desk.handle(Incoming { by, place, said: Invocation::Typed(line.to_owned()) }).await;
        reply.request.ok_or_else(|| broken(&format!("{:?}", reply.card.blocks)))
    }

    async fn calls(&self) -> Result<BTreeMap<String, u64>, Problem> {
        let request = http::Request::get("/_sim/calls")
            .body(bytes::Bytes::new())
            .map_err(|error| broken(&error.to_string()))?;
        let answer = self.practice.sim.handle(request).await.map_err(|error| broken(&error.to_string()))?;
        let calls: serde_json::Value =
            serde_json::from_slice(answer.body()).map_err(|error| broken(&error.to_string()))?;
        let operations = calls["operations"].as_object().into_iter().flatten();
        let count = |value: &serde_json::Value| value["calls"].as_u64().unwrap_or_default();
        Ok(operations.map(|(operation, value)| (operation.clone(), count(value))).collect())
    }

    /// All users' ids, by their logins.
    async fn ids(&self) -> Result<Vec<String>, Problem> {
        let (found, _) = self.practice.desk.center.search(&Filter::default(), usize::MAX).await?;
        Ok(found.into_iter().map(|user| user.id).collect())
    }

    /// Waits until the buckets of the practice contact center are full again.
    async fn rest(&self) {
        let full = Duration::from_secs_f64(f64::from(SIM_BURST.get()) / self.rate);
        self.practice.desk.saga.clock.sleep(full).await;
    }
}

fn broken(why: &str) -> Problem {
    Problem::operator("bench", format!("The measurement can't continue ({why})."))
        .hint("Report this as a bug in connect-desk.")
}

/// The calls of each operation that came after these.
fn since(before: &BTreeMap<String, u64>, mut calls: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    for (operation, count) in before {
        calls.entry(operation.clone()).and_modify(|now| *now -= count);
    }
    calls.retain(|_, count| *count > 0);
    calls
}

/// The time that the busiest bucket takes for its calls after the burst, before the approval and after it: no client is faster,
/// whatever it does side by side.
fn ideal(run: &Run) -> Duration {
    let busiest = |calls: &BTreeMap<String, u64>| {
        let most = calls.values().copied().max().unwrap_or_default();
        Duration::from_secs_f64(most.saturating_sub(u64::from(BURST.get())) as f64 / run.rate)
    };
    busiest(&run.planning) + busiest(&since(&run.planning, run.calls.clone()))
}

/// One line of figures: the desk beside the ideal, and beside the bare client.
fn figures(out: &mut dyn Write, what: &str, run: &Run, bare: Duration) -> Result<bool, Problem> {
    let ideal = ideal(run);
    let ratio = run.took.as_secs_f64() / ideal.as_secs_f64();
    let holds = ratio <= MAY_TAKE;
    let beside = format!("{} quota alone", seconds(ideal));
    row(out, what, &seconds(run.took), &beside, &format!("ratio {ratio:.3}, at most {MAY_TAKE}"), holds)?;
    let ratio = run.took.as_secs_f64() / bare.as_secs_f64();
    // No bar: the bare client shows no one a plan, so it reads and writes immediately.
    writeln!(out, "  beside a bare client that waits for no yes: {}, ratio {ratio:.3}", seconds(bare))
        .map_err(|error| broken(&error.to_string()))?;
    let mut calls: Vec<(&String, &u64)> = run.calls.iter().collect();
    calls.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let calls: Vec<String> = calls.iter().take(5).map(|(name, count)| format!("{count} {name}")).collect();
    let planned = run
        .request
        .planned
        .as_ref()
        .map_or(0.0, |planned| planned.at.duration_since(run.request.asked).as_secs_f64());
    writeln!(out, "  planned after {planned:.2} s; calls: {}", calls.join(", "))
        .map_err(|error| broken(&error.to_string()))?;
    Ok(holds)
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

async fn export(out: &mut dyn Write, folder: &Path, users: u32) -> Result<bool, Problem> {
    let bench = Bench::open(folder, desk_sim::Seed::Users(users), EXPORT_RATE).await?;
    let run = bench.run("/connect export").await?;
    let ids = bench.ids().await?;
    bench.rest().await;
    let began = Instant::now();
    bench.bare.bare(&ids, Vec::new()).await?;
    let bare = began.elapsed();
    let holds = figures(out, &format!("export of {users} users"), &run, bare)?;
    bench.practice.close().await?;
    Ok(holds)
}

async fn edit(out: &mut dyn Write, folder: &Path, users: u32) -> Result<bool, Problem> {
    let bench = Bench::open(folder, desk_sim::Seed::Users(users), RATE).await?;
    let changes = "routing_profile:\"Contact Tracers Profile\" add_security_profile:\"L1 Support\" acw:77";
    let run = bench.run(&format!("/connect edit matching:\"login:agent\" {changes}")).await?;
    let fields: Vec<UserHas> = run
        .request
        .plan()
        .into_iter()
        .flat_map(|plan| plan.steps.iter().filter_map(|step| step.undo.as_ref()?.get().cloned()))
        .collect();
    let edited = run.request.about().len();
    let reads =
        usize::try_from(run.calls.get("DescribeUser").copied().unwrap_or_default()).unwrap_or_default();
    let reads: Vec<String> = bench.ids().await?.into_iter().cycle().take(reads).collect();
    bench.rest().await;
    let began = Instant::now();
    bench.bare.bare(&reads, fields).await?;
    let bare = began.elapsed();
    let holds = figures(out, &format!("edit of {edited} users, three fields of each"), &run, bare)?;
    bench.practice.close().await?;
    Ok(holds)
}

async fn import(out: &mut dyn Write, folder: &Path, users: u32) -> Result<bool, Problem> {
    let bench = Bench::open(folder, desk_sim::Seed::Guide, RATE).await?;
    std::fs::write(folder.join("users.csv"), file(users)).map_err(|error| broken(&error.to_string()))?;
    let run = bench.run("/connect import users.csv").await?;
    let reads = usize::try_from(run.calls.values().copied().max().unwrap_or_default()).unwrap_or_default();
    let reads: Vec<String> = bench.ids().await?.into_iter().cycle().take(reads).collect();
    bench.rest().await;
    let began = Instant::now();
    bench.bare.bare(&reads, Vec::new()).await?;
    let bare = began.elapsed();
    let holds = figures(out, &format!("import of {users} users"), &run, bare)?;
    bench.practice.close().await?;
    Ok(holds)
}

/// New users in the columns of the guide's spreadsheet.
fn file(users: u32) -> String {
    let mut file = "first name,last name,email address,user login,routing profile name,\
                    security_profile_name_1|security_profile_name_2\r\n"
        .to_owned();
    for number in 0..users {
        // Writing to a text does not fail.
        let _ = write!(
            file,
            "New,Number {number},new{number}@example.com,new.{number:05},Basic Routing Profile,Agent\r\n"
        );
    }
    file
}

async fn verify(out: &mut dyn Write, folder: &Path, rounds: usize) -> Result<bool, Problem> {
    let bench = Bench::open(folder, desk_sim::Seed::Guide, RATE).await?;
    let center = &bench.practice.desk.center;
    let identity = center.instance().await?.identity;
    let (routing, security) = (center.routing_profiles().await?, center.security_profiles().await?);
    let mut groups = Vec::new();
    for group in center.hierarchy_groups().await? {
        groups.push(center.hierarchy_path(&group).await?);
    }
    let template = center.user("john.doe").await?.ok_or_else(|| broken("there is no john.doe"))?;
    let users: BTreeMap<String, Profile> =
        (0..500).map(|number| (format!("new.{number:05}"), template.profile.clone())).collect();
    let file = file(1_000);
    let catalog = Catalog {
        identity,
        routing_profiles: &routing,
        security_profiles: &security,
        hierarchy_groups: &groups,
        users: &users,
        defaults: &template.profile.settings,
        skills: &Default::default(),
    };
    let once = || -> Result<Duration, Problem> {
        let began = Instant::now();
        let sheet = sheet::read(file.as_bytes())?;
        std::hint::black_box(sheet::verify(&sheet, &catalog));
        Ok(began.elapsed())
    };
    once()?;
    let before = resident_mb();
    let mut times = (0..rounds).map(|_| once()).collect::<Result<Vec<_>, _>>()?;
    let after = resident_mb();
    let took = median(&mut times);
    let mut holds = took < VERIFY_MAY_TAKE;
    row(out, "verify a file of 1000 rows (median)", &ms(took), "names cached", "below 100 ms", holds)?;
    if let (Some(before), Some(after)) = (before, after) {
        let flat = after - before < VERIFY_MAY_KEEP_MB;
        let grew = format!("{:+.1} MB", after - before);
        row(out, "  memory after as before", &grew, &format!("{rounds} rounds"), "below 8 MB more", flat)?;
        holds &= flat;
    }
    bench.practice.close().await?;
    Ok(holds)
}
