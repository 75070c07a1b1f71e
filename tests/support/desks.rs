//! Practice desks: how they are opened, what people say to them, and the same with a log and an executor of the test's own.

#![allow(dead_code, reason = "each test target uses a part of it")]

use std::path::Path;
use std::sync::Arc;

use connect_desk::clock::ScriptClock;
use connect_desk::practice::{Options, Practice, Unwatched};
use connect_desk::rate_limits::PerMinute;
use connect_desk::systems::connect::Patience;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Person;
use desk_core::card::Card;
use desk_core::desk::saga::SagaContext;
use desk_core::desk::{Desk, Incoming, Invocation};
use desk_core::log::RequestLog;
use desk_core::plan::Executor;
use jiff::Timestamp;

#[path = "events.rs"]
pub mod events;

pub use events::place;

/// The files that people attach in tests.
pub const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/files");

/// How a test wants its desk opened; everything else is as in `connect-desk play`.
pub fn options(folder: &Path, clock: Arc<ScriptClock>) -> Options {
    Options {
        state: folder.to_owned(),
        config: None,
        clock,
        throttled: false,
        sim: desk_sim::Options::default(),
        // How long anything takes is on its card.
        patience: Patience { jitter_seed: Some(1), ..Patience::default() },
        watcher: Arc::new(Unwatched),
        files: FILES.into(),
    }
}

/// The clock of tests: 9 o'clock in the morning, and it moves only when told to or waited for.
pub fn clock() -> Arc<ScriptClock> {
    Arc::new(ScriptClock::starting_at(clock_start()))
}

pub fn clock_start() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().unwrap()
}

/// People may ask as often as they like.
pub fn untiring(config: &mut connect_desk::config::Config) {
    config.turns = PerMinute::unlimited();
}

/// The practice desk's configuration, where people may ask as often as they like.
pub fn untiring_config() -> connect_desk::config::Config {
    let mut config = connect_desk::practice::config().unwrap();
    untiring(&mut config);
    config
}

/// The person of this name types a line at the console.
pub fn typed(people: &[Person], who: &str, line: &str) -> Incoming {
    let by = people.iter().find(|person| person.name == who).unwrap().clone();
    Incoming { by, place: place(), said: Invocation::Typed(line.to_owned()) }
}

/// A desk over the same practice world with another log or another executor.
pub fn desk_over(practice: &Practice, log: Arc<dyn RequestLog>, executor: Arc<dyn Executor>) -> Desk {
    let desk = &practice.desk;
    Desk {
        commands: desk_commands::all(),
        policy: desk.policy.clone(),
        center: desk.center.clone(),
        salesforce: desk.salesforce.clone(),
        people: desk.people.clone(),
        roster: desk.roster.clone(),
        vault: desk.vault.clone(),
        factors: desk.factors.clone(),
        turns: desk.turns.clone(),
        caller_codes: desk.caller_codes.clone(),
        inbox: desk.inbox.clone(),
        emails: desk.emails.clone(),
        site: desk.site.clone(),
        health: Arc::default(),
        saga: SagaContext { executor, log, clock: desk.saga.clock.clone(), watcher: Arc::new(Unwatched) },
        watch: Default::default(),
    }
}

/// Takes every open request as far as it can go, as after a start.
pub async fn advance_all(desk: &Desk) -> Vec<(RequestNo, Result<Card, Problem>)> {
    let mut came = Vec::new();
    for no in desk.saga.log.open().await.unwrap() {
        came.push((no, desk.advance(no).await));
    }
    came
}

/// Copies a folder with everything below it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &there);
        } else {
            std::fs::copy(&path, there).unwrap();
        }
    }
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
}

/// No file below the folder holds this, as it is.
pub fn nowhere_below(folder: &Path, secret: &(impl AsRef<[u8]> + ?Sized)) {
    let secret = secret.as_ref();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            nowhere_below(&path, secret);
        } else if let Ok(bytes) = std::fs::read(&path) {
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "{} holds a secret", path.display());
        }
    }
}
