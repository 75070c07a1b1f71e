//! What a look, a click, a completion and a tick cost with few and with many open requests, over a log of many lines.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use desk_core::basics::ids::Platform;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Place};
use desk_core::desk::{Incoming, Invocation, Reply};
use desk_core::log::{Append, Draft, Event, RequestLog as _};
use desk_core::ports::Clock as _;
use desk_core::request::{Phase, Verb};

use crate::{median, ms, row};
use connect_desk::clock::SystemClock;
use connect_desk::config::Config;
use connect_desk::practice::{self, Options, Practice, Unwatched};
use connect_desk::rate_limits::PerMinute;
use connect_desk::systems::connect::Patience;

const FEW: usize = 10;
const MANY: usize = 1_000;

/// So many a completion answers with in both worlds: what is measured is what is open, not how long the answer is.
const SUGGESTED: usize = FEW;

/// How much more anything may cost with many than with few.
const TIMES: f64 = 1.5;

/// How long a start may take until the log is open.
const OPEN: Duration = Duration::from_secs(1);

/// So many lines are appended at a time.
const AT_ONCE: u64 = 4_000;

/// So many users there are, so that no two requests are about the same one.
const USERS: u32 = 2_000;

struct World {
    asked: AtomicU32,
    practice: Practice,
    helpdesk: Person,
    supervisor: Person,
    opened: Duration,
}

impl World {
    async fn open(folder: &Path) -> Result<World, Problem> {
        let config = Config { turns: PerMinute::unlimited(), ..practice::config()? };
        let began = Instant::now();
        let practice = Practice::open(Options {
            state: folder.to_owned(),
            config: Some(config),
            clock: Arc::new(SystemClock::default()),
            throttled: false,
            sim: desk_sim::Options { seed: desk_sim::Seed::Users(USERS), ..desk_sim::Options::default() },
            patience: Patience::default(),
            watcher: Arc::new(Unwatched),
            files: ".".into(),
        })
        .await?;
        let opened = began.elapsed();
        let person = |name: &str| {
            let found = practice.people.iter().find(|person| person.name == name).cloned();
            found.ok_or_else(|| Problem::operator("bench", format!("There is no {name}.")))
        };
        let (helpdesk, supervisor) = (person("helpdesk")?, person("supervisor")?);
        Ok(World { asked: AtomicU32::new(0), practice, helpdesk, supervisor, opened })
    }

    async fn says(&self, by: &Person, line: &str) -> Reply {
        let place =
            Place { platform: Platform::Console, channel: "1".to_owned(), private: false, parent: None };
        let said = Invocation::Typed(line.to_owned());
        self.practice.desk.handle(Incoming { by: by.clone(), place, said }).await
    }

    /// One more request that waits for an approval. Of some users the requester may ask nothing; those are passed over.
    async fn asks(&self) -> Result<u64, Problem> {
        let desk = &self.practice.desk;
        let mut last = None;
        for _ in 0..USERS {
            let user = self.asked.fetch_add(1, Ordering::Relaxed) % USERS;
            let reply =
                self.says(&self.helpdesk, &format!("/connect reset agent{user:06} method:console")).await;
            let Some(no) = reply.request else {
                last = Some(reply.card);
                continue;
            };
            desk.advance(no).await?;
            self.says(&self.helpdesk, &format!("/desk confirm {}", no.0)).await;
            desk.advance(no).await?;
            if desk.request(no).await?.phase == Phase::Waiting {
                return Ok(no.0);
            }
        }
        Err(Problem::operator("bench", format!("No request was taken: {last:?}")))
    }

    /// Lines that belong to no request, until there are so many.
    async fn fill(&self, lines: u64) -> Result<(), Problem> {
        let (store, at) = (&self.practice.store, SystemClock::default().now());
        while store.size() < lines {
            let draft = Draft { at, by: None, about: Vec::new(), event: Event::ClockJumped { seconds: 60 } };
            let drafts = vec![draft; usize::try_from(AT_ONCE.min(lines - store.size())).unwrap_or_default()];
            store.append(Append::Desk, drafts).await.map_err(|error| {
                Problem::operator("bench", format!("The log can't be filled ({error:?})."))
            })?;
        }
        Ok(())
    }

    /// How long a look, a click, a completion and a tick take.
    async fn times(&self, times: &mut [Vec<Duration>; 4]) -> Result<(), Problem> {
        let desk = &self.practice.desk;
        let began = Instant::now();
        std::hint::black_box(self.says(&self.supervisor, "/desk whoami").await);
        times[0].push(began.elapsed());

        let no = self.asks().await?;
        let began = Instant::now();
        let reply = self.says(&self.supervisor, &format!("/desk approve {no}")).await;
        times[1].push(began.elapsed());
        if reply.request.is_none() {
            return Err(Problem::operator("bench", format!("It was not approved: {:?}", reply.card)));
        }
        if let Some(no) = reply.request {
            desk.advance(no).await?;
            self.says(&self.helpdesk, &format!("/desk done {no}", no = no.0)).await;
            desk.advance(no).await?;
        }

        let began = Instant::now();
        std::hint::black_box(desk.offered(Some(Verb::Approve), &self.supervisor, "", SUGGESTED).await?);
        times[2].push(began.elapsed());

        let began = Instant::now();
        std::hint::black_box(desk.due().await?);
        times[3].push(began.elapsed());
        Ok(())
    }
}

pub async fn run(out: &mut dyn Write, folder: &Path, quick: bool) -> Result<bool, Problem> {
    let (lines, rounds) = if quick { (20_000, 20) } else { (1_000_000, 200) };
    let mut worlds = Vec::new();
    for (name, open) in [("few", FEW), ("many", MANY)] {
        let folder = folder.join(name);
        let world = World::open(&folder).await?;
        world.fill(lines).await?;
        for _ in 0..open {
            world.asks().await?;
        }
        let asked = world.asked.into_inner();
        world.practice.close().await?;
        let world = World::open(&folder).await?;
        world.asked.store(asked, Ordering::Relaxed);
        // What every start does once.
        world.practice.desk.due().await?;
        worlds.push((world, <[Vec<Duration>; 4]>::default()));
    }
    for _ in 0..rounds {
        for (world, times) in &mut worlds {
            world.times(times).await?;
        }
    }
    let mut sound = true;
    if let [(few_world, few), (many_world, many)] = worlds.as_mut_slice() {
        let names =
            ["a look (/desk whoami)", "a click (/desk approve)", "a completion (/desk approve …)", "a tick"];
        for (i, name) in names.into_iter().enumerate() {
            let (few, many) = (median(&mut few[i]), median(&mut many[i]));
            let ratio = many.as_secs_f64() / few.as_secs_f64();
            let (what, bar) =
                (format!("{name}, {MANY} open, {lines} lines"), format!("{ratio:.2}, at most {TIMES}"));
            let holds = ratio <= TIMES;
            row(out, &what, &ms(many), &format!("{FEW} open {}", ms(few)), &bar, holds)?;
            sound &= holds;
        }
        for (world, open) in [(few_world, FEW), (many_world, MANY)] {
            let holds = world.opened < OPEN;
            row(out, &format!("a start, {open} open"), &ms(world.opened), "", "under 1 s", holds)?;
            sound &= holds;
        }
    }
    for (world, _) in worlds {
        world.practice.close().await?;
    }
    Ok(sound)
}
