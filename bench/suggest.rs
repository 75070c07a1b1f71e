//! What the directory suggests over 100,000 users, beside a plain scan for the typed text over the same logins and names.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use desk_core::basics::problem::Problem;
use desk_core::words::Thing;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::{ms, resident_mb, row};
use connect_desk::clock::SystemClock;
use connect_desk::directory::Names;
use connect_desk::practice::{Options, Practice, Unwatched};
use connect_desk::systems::connect::Patience;

/// How many users are searched.
const USERS: usize = 100_000;

/// As many suggestions as Discord takes.
const LIMIT: usize = 25;

/// The longest that one suggestion in a hundred may take.
const MAY_TAKE: Duration = Duration::from_millis(2);

/// What the names may take, in MB.
const MAY_TAKE_MB: f64 = 60.0;

/// How many users the practice contact center has whose calls are counted.
const READ_USERS: u32 = 5_000;

const SYLLABLES: [&str; 40] = [
    "an", "be", "ka", "ri", "jo", "ma", "el", "ste", "to", "lu", "sa", "ne", "vi", "ha", "mi", "da", "gre",
    "ro", "pe", "ol", "cla", "ju", "ti", "no", "wei", "xi", "zá", "mü", "łu", "fré", "ñe", "kho", "ing",
    "son", "ler", "mann", "ova", "ski", "ez", "tan",
];

pub async fn run(out: &mut dyn Write, folder: &Path, quick: bool) -> Result<bool, Problem> {
    let before = resident_mb();
    let mut dice = StdRng::seed_from_u64(7);
    let names = Names::of_users((0..USERS).map(|no| person(&mut dice, no)));
    let after = resident_mb();
    let mut sound = true;
    if let (Some(before), Some(after)) = (before, after) {
        let small = after - before < MAY_TAKE_MB;
        let (took, people) = (format!("{:.1} MB", after - before), format!("{USERS} users"));
        row(out, "resident memory of the names", &took, &people, "below 60 MB", small)?;
        sound &= small;
    }

    let mut dice = StdRng::seed_from_u64(7);
    let people: Vec<(String, String)> = (0..USERS).map(|no| person(&mut dice, no)).collect();
    let plain: Vec<String> =
        people.iter().map(|(login, name)| format!("{login} {name}").to_lowercase()).collect();
    let (mut all, mut all_plain) = (Vec::new(), Vec::new());
    for (kind, make) in KINDS {
        let (mut times, mut plain_times) = (Vec::new(), Vec::new());
        for _ in 0..if quick { 50 } else { 500 } {
            let Some((login, name)) = people.choose(&mut dice) else { continue };
            let typed: String = make(login, name, &mut dice).chars().take(20).collect();
            let began = Instant::now();
            std::hint::black_box(names.suggest(Thing::User, &typed, LIMIT));
            times.push(began.elapsed());

            let typed = typed.to_lowercase();
            let began = Instant::now();
            let found = plain.iter().filter(|user| user.contains(&typed)).take(LIMIT);
            std::hint::black_box(found.count());
            plain_times.push(began.elapsed());
        }
        all.extend(times.iter().copied());
        all_plain.extend(plain_times.iter().copied());
        sound &= figures(out, &format!("suggest, {kind}"), &mut times, &mut plain_times)?;
    }
    sound &= figures(out, "suggest, all of these", &mut all, &mut all_plain)?;
    drop((names, people, plain));
    Ok(refresh(out, folder).await? && sound)
}

/// The middle and the hundredth slowest beside the same of the scan.
fn figures(
    out: &mut dyn Write,
    what: &str,
    times: &mut [Duration],
    plain: &mut [Duration],
) -> Result<bool, Problem> {
    times.sort_unstable();
    plain.sort_unstable();
    let mut sound = true;
    for (name, share, bar) in [("p50", 50, None), ("p99", 99, Some(MAY_TAKE))] {
        let at = |times: &[Duration]| times.get(times.len() * share / 100).copied().unwrap_or_default();
        let (took, scan) = (at(times), at(plain));
        let ratio = took.as_secs_f64() / scan.as_secs_f64();
        let holds = bar.is_none_or(|bar| took < bar);
        let beside = format!("{} scan, ratio {ratio:.2}", ms(scan));
        let bar = if bar.is_some() { "below 2 ms" } else { "" };
        row(out, &format!("{what} ({name})"), &ms(took), &beside, bar, holds)?;
        sound &= holds;
    }
    Ok(sound)
}

type Make = fn(&str, &str, &mut StdRng) -> String;

/// What people type, made of someone's login and name.
const KINDS: [(&str, Make); 8] = [
    ("nothing or one letter", |_, _, dice| {
        let letters = " abcdefghijklmnopqrstuvwxyz0123456789.-_@'/";
        letters.chars().nth(dice.random_range(0..letters.len())).map(String::from).unwrap_or_default()
    }),
    ("beginning of a login", |login, _, dice| {
        let length = dice.random_range(1..=login.chars().count());
        login.chars().take(length).collect()
    }),
    ("part of a name", |_, name, dice| {
        let length = name.chars().count();
        let begin = dice.random_range(0..length);
        name.chars().skip(begin).take(dice.random_range(1..=length - begin)).collect()
    }),
    ("words in another order", |_, name, dice| {
        let mut words: Vec<&str> = name.split(' ').collect();
        words.reverse();
        let cut = |word: &&str| {
            let length = dice.random_range(1..=word.chars().count());
            word.chars().take(length).collect::<String>()
        };
        words.iter().map(cut).collect::<Vec<_>>().join(" ")
    }),
    ("letters left out", |login, _, dice| login.chars().filter(|_| dice.random_bool(0.7)).collect()),
    ("two letters swapped", |login, _, dice| {
        let mut letters: Vec<char> = login.chars().collect();
        let at = dice.random_range(0..letters.len() - 1);
        letters.swap(at, at + 1);
        letters.into_iter().collect()
    }),
    ("common letters at random", |_, _, dice| {
        let length = dice.random_range(2..=20);
        let letters = b"aeinorst .";
        (0..length).filter_map(|_| letters.choose(dice).copied().map(char::from)).collect()
    }),
    ("nothing like anybody", |_, _, dice| {
        let length = dice.random_range(3..=20);
        (0..length).map(|_| char::from(dice.random_range(b'a'..=b'z'))).collect()
    }),
];

/// A login and a name as large houses have them: most `first.last`, some with initials or numbers.
fn person(dice: &mut StdRng, no: usize) -> (String, String) {
    let mut word = |most: usize| {
        let count = dice.random_range(2..=most);
        let word: String = (0..count).filter_map(|_| SYLLABLES.choose(dice).copied()).collect();
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    let (first, last) = (word(3), word(4));
    let ascii = |text: &str| -> String {
        text.to_lowercase().chars().filter_map(deunicode::deunicode_char).collect()
    };
    let (f, l) = (ascii(&first), ascii(&last));
    let login = match dice.random_range(0..10) {
        0 => format!("{}{l}{}", f.chars().take(1).collect::<String>(), no % 1000),
        1 => format!("{l}-{f}@example.com"),
        2 => format!("agent{no:06}"),
        3 => format!("{f}_{l}_{}", no % 100),
        _ => format!("{f}.{l}"),
    };
    (login, format!("{first} {last}"))
}

/// The calls that one refresh costs.
async fn refresh(out: &mut dyn Write, folder: &Path) -> Result<bool, Problem> {
    let practice = Practice::open(Options {
        state: folder.to_owned(),
        config: None,
        clock: Arc::new(SystemClock::default()),
        throttled: false,
        sim: desk_sim::Options { seed: desk_sim::Seed::Users(READ_USERS), ..desk_sim::Options::default() },
        patience: Patience::default(),
        watcher: Arc::new(Unwatched),
        files: ".".into(),
    })
    .await?;
    let began = Instant::now();
    practice.directory.refresh().await?;
    let took = began.elapsed();
    let unread = |what: &str| Problem::operator("bench", format!("The calls cannot be counted ({what})."));
    let request = http::Request::get("/_sim/calls")
        .body(bytes::Bytes::new())
        .map_err(|error| unread(&error.to_string()))?;
    let answer = practice.sim.handle(request).await.map_err(|error| unread(&error.to_string()))?;
    let calls: serde_json::Value =
        serde_json::from_slice(answer.body()).map_err(|error| unread(&error.to_string()))?;
    let searches = calls["operations"]["SearchUsers"]["calls"].as_u64().unwrap_or_default();
    let known = practice.directory.names().users();
    let pages = known.div_ceil(500);
    let lean = searches <= pages as u64 && known >= READ_USERS as usize;
    row(
        out,
        "SearchUsers calls for 500 users in a refresh",
        &format!("{:.2}", searches as f64 / pages as f64),
        &format!("{known} users in {}", ms(took)),
        "at most 1",
        lean,
    )?;
    practice.close().await?;
    Ok(lean)
}
