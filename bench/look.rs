//! A command that only looks, from text to card, its line on disk; beside the same calls to the contact center alone.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use desk_core::basics::ids::Platform;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Place;
use desk_core::center::names;
use desk_core::desk::{Incoming, Invocation};

use crate::{median, ms, resident_mb, row};
use connect_desk::clock::SystemClock;
use connect_desk::config::Config;
use connect_desk::console::draw::{Paper, draw};
use connect_desk::practice::{self, Options, Practice, Unwatched};
use connect_desk::rate_limits::PerMinute;
use connect_desk::systems::connect::Patience;

/// What the desk may add to the contact center's own answer.
const MAY_ADD: Duration = Duration::from_millis(1);

/// What an idle desk may take, in MB.
const MAY_TAKE_MB: f64 = 40.0;

pub async fn run(out: &mut dyn Write, folder: &Path, quick: bool) -> Result<bool, Problem> {
    let config = Config { turns: PerMinute::unlimited(), ..practice::config()? };
    let practice = Practice::open(Options {
        state: folder.to_owned(),
        config: Some(config),
        clock: Arc::new(SystemClock::default()),
        throttled: false,
        sim: desk_sim::Options::default(),
        patience: Patience::default(),
        watcher: Arc::new(Unwatched),
        files: ".".into(),
    })
    .await?;
    let desk = &practice.desk;
    let Some(by) = practice.people.first().cloned() else { return Ok(false) };
    let place = Place { platform: Platform::Console, channel: "1".to_owned(), private: false, parent: None };
    let rounds = if quick { 50 } else { 500 };
    let (mut whole, mut calls) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let began = Instant::now();
        let center = desk.center.as_ref();
        let user = names::user(center, "jane.doe").await?;
        center.snapshot(&user).await?;
        center.presence(&user.id).await?;
        calls.push(began.elapsed());

        let began = Instant::now();
        let said = Invocation::Typed("/connect show jane.doe".to_owned());
        let reply = desk.handle(Incoming { by: by.clone(), place: place.clone(), said }).await;
        std::hint::black_box(draw(&reply.card, Paper::PLAIN));
        whole.push(began.elapsed());
    }
    let (whole, calls) = (median(&mut whole), median(&mut calls));
    let added = whole.saturating_sub(calls);
    let fast = added < MAY_ADD;
    row(
        out,
        "a look, text to card, line on disk (median)",
        &ms(whole),
        &format!("{} contact center alone", ms(calls)),
        "adds less than 1 ms",
        fast,
    )?;
    row(
        out,
        "  what the desk adds",
        &ms(added),
        &format!("ratio {:.2}", whole.as_secs_f64() / calls.as_secs_f64()),
        "",
        fast,
    )?;
    let small = match resident_mb() {
        Some(mb) => {
            let small = mb < MAY_TAKE_MB;
            row(
                out,
                "resident memory, practice world inside",
                &format!("{mb:.1} MB"),
                "",
                "below 40 MB",
                small,
            )?;
            small
        }
        None => true,
    };
    Ok(fast && small)
}
