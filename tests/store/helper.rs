//! A store in a folder of its own, under a stopped clock, and lines to write into it.

use desk_core::plan::effect::DirectoryPassword;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connect_desk::clock::ScriptClock;
use connect_desk::store::{ENGINES, EngineKind, Hooks, Options, ShowFilter, Store};
use desk_core::basics::ids::RequestNo;
use desk_core::basics::roles::Role;
use desk_core::log::{Append, By, Draft, Event, Line, Outcome, RequestLog as _};
use desk_core::plan::{Direction, Plan, Step};
use desk_core::ports::Vault as _;
use desk_core::words::{Args, Risk};

use crate::desks::events::{needs_nothing, planned, requested};

pub use crate::desks::copy_folder;

/// The longest that anything here may take.
pub const LONG: Duration = Duration::from_secs(60);

/// The clock of the store, which only moves when told to.
pub fn clock() -> Arc<ScriptClock> {
    Arc::new(ScriptClock::starting_at("2026-11-20T03:14:00Z".parse().unwrap()))
}

pub fn options() -> Options {
    options_with(clock())
}

pub fn options_with(clock: Arc<ScriptClock>) -> Options {
    Options { name: "test-desk".to_owned(), secrets_last: Duration::from_secs(24 * 3600), clock }
}

pub fn open(dir: &Path) -> Store {
    Store::open(dir, options()).unwrap()
}

pub fn open_sound(dir: &Path) -> Store {
    let store = open(dir);
    assert_eq!(store.unsound(), None);
    store
}

/// A sound store over an engine.
pub fn open_on(dir: &Path, engine: &'static EngineKind) -> Store {
    open_at(dir, engine, clock())
}

/// The same by this clock.
pub fn open_at(dir: &Path, engine: &'static EngineKind, clock: Arc<ScriptClock>) -> Store {
    let hooks = Hooks { engine, ..Hooks::default() };
    let store = Store::open_watched(dir, options_with(clock), hooks).unwrap();
    assert_eq!(store.unsound(), None, "{engine:?}");
    store
}

pub fn open_watched(dir: &Path, hooks: Hooks) -> Store {
    Store::open_watched(dir, options(), hooks).unwrap()
}

pub fn draft(login: &str, by: Option<u64>, event: Event) -> Draft {
    Draft {
        at: "2026-11-20T03:14:00Z".parse().unwrap(),
        by: by.map(|id| By { id: format!("console:{id}").parse().unwrap(), name: format!("person {id}") }),
        about: vec![login.to_owned()],
        event,
    }
}

pub fn asked() -> Event {
    requested("connect reset", Args::default(), &[Role::L1], "the rule")
}

pub fn done(note: &str) -> Event {
    Event::Done { step: 0, facts: [("note".to_owned(), note.to_owned())].into() }
}

pub fn finished() -> Event {
    Event::Finished { outcome: Outcome::Completed }
}

/// A request that has set a temporary password, which is sealed; gives the password.
pub async fn set_password(store: &Store, login: &str) -> (RequestNo, String) {
    let first = ask(store, login, 1001).await;
    let no = first.request.unwrap();
    let mut plan = Plan { risk: Risk::Sensitive, ..Plan::new("Set a password.") };
    plan.steps.push(Step::new("Set it", DirectoryPassword { login: login.to_owned() }));
    plan.makes_password = true;
    let planned = planned(&plan, needs_nothing(), first.at);
    let started = Event::Started { step: 0, direction: Direction::Forward };
    let drafts = [planned, started].map(|event| draft(login, None, event)).to_vec();
    let lines = store.append(Append::To { no, after: first.line }, drafts).await.unwrap();
    let password = store.temporary_password(no).await.unwrap();
    let drafts = [done("set"), finished()].map(|event| draft(login, None, event)).to_vec();
    store.append(Append::To { no, after: lines[1].line }, drafts).await.unwrap();
    (no, password.show().to_owned())
}

/// A new request about a login, asked by a person.
pub async fn ask(store: &Store, login: &str, by: u64) -> Line {
    store.append(Append::New, vec![draft(login, Some(by), asked())]).await.unwrap().remove(0)
}

/// One more line of a request.
pub async fn add(store: &Store, after: &Line, event: Event) -> Line {
    let to = Append::To { no: after.request.unwrap(), after: after.line };
    store.append(to, vec![draft(&after.about[0], None, event)]).await.unwrap().remove(0)
}

/// A log with so many lines: requests of four lines each, by three people about five users, the last one in eight left open.
pub async fn fill(store: &Store, lines: u64) -> Vec<Line> {
    let mut out = Vec::new();
    let mut request = 0;
    while (out.len() as u64) < lines {
        request += 1;
        let first = ask(store, &format!("user{}", request % 5), 1000 + request % 3).await;
        let second = add(store, &first, done(&"x".repeat((request % 7) as usize * 40))).await;
        let third = add(store, &second, Event::Undone { step: 0, facts: Default::default() }).await;
        out.extend([first, second, third.clone()]);
        if request % 8 != 0 {
            out.push(add(store, &third, finished()).await);
        }
    }
    out
}

pub fn numbers(lines: &[Line]) -> Vec<u64> {
    lines.iter().map(|line| line.line).collect()
}

/// sled has moved no value to a file of its own, which it would never sync.
pub fn no_blobs(dir: &Path) {
    let blobs: Vec<_> = std::fs::read_dir(dir.join("db/sled/blobs")).unwrap().collect();
    assert!(blobs.is_empty(), "{blobs:?}");
}

/// The engines that keep what is put there.
pub fn lasting() -> impl Iterator<Item = &'static EngineKind> {
    ENGINES.iter().filter(|engine| engine.lasts)
}

/// The lines of a folder as a program reads them, and what is said of damaged ones.
pub fn json(dir: &Path) -> (Vec<String>, String) {
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let filter = ShowFilter { json: true, ..ShowFilter::default() };
    connect_desk::store::show(dir, &filter, &mut out, &mut errors).unwrap();
    let lines = String::from_utf8_lossy(&out).lines().map(str::to_owned).collect();
    (lines, String::from_utf8(errors).unwrap())
}

/// Numbers that look random and are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: u64) -> u64 {
        // Steele and others' SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

pub fn no(number: u64) -> RequestNo {
    RequestNo(number)
}

/// A folder where writing and syncing are quick, for what does not depend on a disk.
pub fn quick() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}
