//! The log and the configuration of each version are there (`tests/versions/<version>`), and this version opens, verifies and reads
//! them. The folder of a released version is never written again: what a version has written stays as it is.
//!
//! `ACCEPT=1 cargo test -p connect-desk --test laws versions::` writes the folder of the version in Cargo.toml, until CHANGELOG.md has
//! a section for that version: at its end, and after a new kind of line or effect. Where a kind is in no folder even then, give
//! [`rare`] a request that has it, or an example to a command that plans it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::Duration;

use connect_desk::clock::ScriptClock;
use connect_desk::practice::{Options, Practice};
use connect_desk::store::{self, Store};
use desk_core::basics::ids::{Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Role;
use desk_core::center::IdentityType;
use desk_core::email::{Email, EmailKind};
use desk_core::log::{
    Append, By, Draft, Event, Line, LogReader as _, Outcome, Query, RequestLog as _, Verification,
};
use desk_core::plan::effect::{EmailSent, ExportGiven, ProficienciesAre};
use desk_core::plan::{Direction, Plan, Step};
use desk_core::policy::Requirements;
use desk_core::policy::rule_set::{RuleChange, StartedBy};
use desk_core::request::{Phase, Request};
use desk_core::words::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::cases::place;
use crate::driver::{examples, identity, prepare, press_on, requester, says};
use crate::support::desks::events::{planned, requested};
use crate::support::{Story, in_time, options, untiring_config};

/// What a folder has of a state folder. The rest is built again from the log.
const FILES: [&str; 3] = ["log.jsonl", "log.pub", "head"];

/// The keys of every folder's log, which protect nothing. They are the same, so that what is written is, too.
const KEYS: [&str; 2] = ["log.key", "seal.key"];

const RENEW: &str =
    "`ACCEPT=1 cargo test -p connect-desk --test laws versions::` writes them for this version.";

/// A log without a line, with which each begins.
const EMPTY: &str = "empty";

/// The configurations that a version could read.
const CONFIGS: [(&str, &str); 2] =
    [("practice.toml", "src/bot/practice.toml"), ("example.toml", "config.example.toml")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn versions() -> PathBuf {
    root().join("tests/versions")
}

/// Whether this version was released: the changelog has a section for it.
fn is_released() -> bool {
    let log = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let mut sections = log.lines().filter_map(|line| line.strip_prefix("## "));
    sections.any(|title| title.split_whitespace().next() == Some(env!("CARGO_PKG_VERSION")))
}

/// Writes the folder of this version, unless it was released.
fn add() {
    let (own, empty) = (versions().join(env!("CARGO_PKG_VERSION")), versions().join(EMPTY));
    let made = tempfile::tempdir().unwrap();
    if !empty.exists() {
        opened(made.path()).close().unwrap();
        std::fs::create_dir_all(&empty).unwrap();
        for name in FILES.iter().chain(&KEYS) {
            std::fs::copy(made.path().join(name), empty.join(name)).unwrap();
        }
    }
    let made = tempfile::tempdir().unwrap();
    if !own.exists() || !is_released() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(written(made.path()));
        std::fs::create_dir_all(&own).unwrap();
        for name in FILES {
            std::fs::copy(made.path().join(name), own.join(name)).unwrap();
        }
        for (name, from) in CONFIGS {
            std::fs::copy(root().join(from), own.join(name)).unwrap();
        }
    }
}

/// The folder of each version, the current one included.
fn folders() -> Vec<PathBuf> {
    static ADDED: Once = Once::new();
    if std::env::var_os("ACCEPT").is_some() {
        ADDED.call_once(add);
    }
    let entries = std::fs::read_dir(versions()).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| !path.ends_with(EMPTY)).collect();
    folders.sort();
    let own = versions().join(env!("CARGO_PKG_VERSION"));
    assert!(folders.contains(&own), "there is no log of this version: see the head of this file");
    folders
}

/// Copies these files into a state folder, where they are for the desk's own account alone.
fn put(names: &[&str], from: &Path, state: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    for name in names {
        let to = state.join(name);
        std::fs::copy(from.join(name), &to).unwrap();
        std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

fn opened(state: &Path) -> Store {
    let clock = Arc::new(ScriptClock::starting_at(start()));
    let options =
        store::Options { name: "practice-desk".to_owned(), secrets_last: Duration::from_secs(3600), clock };
    let store = Store::open(state, options).unwrap();
    assert_eq!(store.unsound(), None);
    store
}

fn start() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().unwrap()
}

/// All effects, by their names in lines.
fn effects(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("effect").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| effects(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| effects(value, found)),
        _ => {}
    }
}

fn effects_of(plan: &Plan) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    effects(&serde_json::to_value(&plan.steps).unwrap(), &mut found);
    found
}

/// Writes lines, each a second after the one before, under numbers of its own.
struct Writer {
    store: Store,
    lines: i64,
}

impl Writer {
    /// Writes lines, which are sealed together.
    async fn append(&mut self, to: Append, said: Vec<(Option<By>, Vec<String>, Event)>) -> RequestNo {
        let drafts = said.into_iter().map(|(by, about, event)| {
            self.lines += 1;
            Draft { at: start() + SignedDuration::from_secs(self.lines), by, about, event }
        });
        let lines = self.store.append(to, drafts.collect()).await.unwrap();
        lines[0].request.unwrap_or(RequestNo(0))
    }

    /// A request with these events by these people, who are named by their consoles' numbers; 0 is the desk.
    async fn request(&mut self, events: Vec<(u64, Event)>) -> RequestNo {
        let first = self.store.size();
        let said = (first..).zip(events).map(|(line, (who, mut event))| {
            let by = (who > 0)
                .then(|| By { id: format!("console:{who}").parse().unwrap(), name: format!("person {who}") });
            match &mut event {
                Event::Revealed { unsealed } | Event::NotRevealed { unsealed, .. } => *unsealed = line - 1,
                Event::Disregarded { lines, .. } => *lines = vec![line - 1],
                _ => {}
            }
            (by, vec!["john.doe".to_owned()], event)
        });
        self.append(Append::New, said.collect()).await
    }

    /// A request as another log has it.
    async fn copy(&mut self, lines: Vec<Line>) {
        let (first, mut numbers) = (self.store.size(), BTreeMap::new());
        let mut said = Vec::new();
        for (new, line) in (first..).zip(lines) {
            numbers.insert(line.line, new);
            let mut event = line.event;
            if let Event::Revealed { unsealed } | Event::NotRevealed { unsealed, .. } = &mut event {
                *unsealed = numbers[unsealed];
            }
            said.push((line.by, line.about, event));
        }
        self.append(Append::New, said).await;
    }
}

/// Writes a log with every kind of line and every effect into a folder: what is asked, planned and done for examples of commands, and
/// after that requests whose events a desk rarely meets.
async fn written(state: &Path) {
    put(&FILES, &versions().join(EMPTY), state);
    put(&KEYS, &versions().join(EMPTY), state);
    let mut writer = Writer { store: opened(state), lines: 0 };
    let config = connect_desk::practice::config().unwrap();
    let rules = config.rule_set();
    let opened = Event::Opened {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        key: writer.store.verifier(),
        policy: rules.digest(),
    };
    writer.append(Append::Desk, vec![(None, Vec::new(), opened)]).await;
    let starter = StartedBy { user: "desk".to_owned(), uid: Some(998), host: "host".to_owned() };
    let change = RuleChange::between(None, &rules, starter).unwrap();
    writer.append(Append::Desk, vec![(None, Vec::new(), Event::PolicyChanged(Box::new(change)))]).await;
    let (mut left, mut seen) = (Vec::new(), BTreeSet::new());
    for example in examples(false) {
        let story = Story::with(|options| options.sim.identity = identity(example)).await;
        let practice = story.inside();
        prepare(practice, example).await;
        let reply = says(&practice.desk, practice, requester(example), example).await;
        let Some(no) = reply.request else { continue };
        let request = in_time(Box::pin(press_on(&practice.desk, practice, no))).await.unwrap();
        let lines = practice.store.request(no).await.unwrap();
        let bytes: usize = lines.iter().map(|line| line.encode().len()).sum();
        left.extend(request.planned.map(|planned| (effects_of(&planned.plan), lines, bytes, planned.needs)));
    }
    let needs = left[0].3.clone();
    // Those that show the most effects with the fewest bytes.
    loop {
        let new = |effects: &BTreeSet<String>| effects.difference(&seen).count();
        left.retain(|(effects, ..)| new(effects) > 0);
        let best = (0..left.len()).min_by_key(|at| left[*at].2 / new(&left[*at].0));
        let Some(best) = best else { break };
        let (effects, lines, ..) = left.remove(best);
        seen.extend(effects);
        writer.copy(lines).await;
    }
    rare(&mut writer, &needs).await;
    writer.store.close().unwrap();
}

/// What a desk rarely writes, and no example.
async fn rare(writer: &mut Writer, needs: &Requirements) {
    let problem = || Problem::human("a_problem", "Something is wrong.").hint("Do something about it.");
    let asked = |args: Args| requested("connect edit", args, &[Role::L1], &needs.rule);
    let step = |title: &str| {
        let effect = || ProficienciesAre { login: "john.doe".to_owned(), proficiencies: Vec::new() };
        Step::new(title, effect()).undone_by(effect())
    };
    let plan = |steps: Vec<Step>| Plan { steps, ..Plan::new("Change something.") };
    let expires = start() + SignedDuration::from_hours(1);
    let begins = |plan: &Plan, events: Vec<(u64, Event)>| {
        let begin = [(1001, asked(Args::default())), (0, planned(plan, needs.clone(), expires))];
        begin.into_iter().chain(events).collect::<Vec<_>>()
    };
    let two = plan(vec![step("One"), step("Two")]);
    let digest = || two.digest();
    let begun = |step, direction| (0, Event::Started { step, direction });
    let done = |step| (0, Event::Done { step, facts: [("note".to_owned(), "text".to_owned())].into() });
    let finished = |outcome| (0, Event::Finished { outcome });
    let confirmed = || (1001, Event::Confirmed { digest: digest() });
    let (forward, back) = (Direction::Forward, Direction::Back);
    let shown =
        Event::Shown { platform: Platform::Discord, channel: "1".to_owned(), message: "2".to_owned() };
    let denied = Event::Denied { digest: digest(), reason: "no".to_owned() };
    // It is talked over, held, fails and is rolled back.
    let failed = |problem| Event::Failed { step: 1, direction: forward, unknown: false, problem };
    let no = writer
        .request(begins(
            &two,
            vec![
                (0, shown),
                (0, Event::CodeEmailed { to: "j…@example.com".to_owned() }),
                (
                    1002,
                    Event::CallerVerified { how: Verification::CalledBack, note: "at their desk".to_owned() },
                ),
                confirmed(),
                (1002, Event::ChangesRequested { digest: digest(), reason: "a ticket".to_owned() }),
                confirmed(),
                (0, Event::Voided { digest: digest(), why: vec!["The plan changed.".to_owned()] }),
                confirmed(),
                (0, Event::Reminded),
                (0, Event::Notified { platform: Platform::Discord, what: "reminder 1".to_owned() }),
                (
                    1002,
                    Event::Approved {
                        digest: digest(),
                        roles: vec![Role::Supervisor],
                        comment: "seen".to_owned(),
                    },
                ),
                (1002, Event::Deferred { until: expires, contact: true, expires: Some(expires) }),
                begun(0, forward),
                done(0),
                (
                    0,
                    Event::Held {
                        problem: problem(),
                        by_requester: false,
                        needs: Some(Box::new(needs.clone())),
                        unmet: needs.and.clone(),
                    },
                ),
                (1002, Event::Resumed),
                begun(1, forward),
                (0, failed(problem())),
                begun(0, back),
                (0, Event::Undone { step: 0, facts: Default::default() }),
                finished(Outcome::RolledBack),
            ],
        ))
        .await;
    writer
        .request(begins(
            &two,
            vec![
                confirmed(),
                begun(0, forward),
                done(0),
                (
                    1001,
                    Event::Held { problem: problem(), by_requester: true, needs: None, unmet: Vec::new() },
                ),
                (1002, Event::RollbackRequested),
                begun(0, back),
                (0, Event::Undone { step: 0, facts: Default::default() }),
                finished(Outcome::RolledBack),
            ],
        ))
        .await;
    let email = Email {
        kind: EmailKind::Credentials,
        to: "john.doe@example.com".to_owned(),
        login: "john.doe".to_owned(),
        name: "John Doe".to_owned(),
        website: Some("https://example.my.connect.aws".to_owned()),
        sign_in: IdentityType::ConnectManaged,
        template: "0123456789abcdef".to_owned(),
    };
    let mails = plan(vec![Step::new("Email John Doe", EmailSent(email))]);
    let refused = || Problem::human("email_refused", "The address was refused.").hint("Correct it.");
    let not_sent = Event::Failed { step: 0, direction: forward, unknown: false, problem: refused() };
    writer
        .request(begins(
            &mails,
            vec![
                (1001, Event::Confirmed { digest: mails.digest() }),
                begun(0, forward),
                (0, not_sent),
                (0, Event::Stuck { step: 0, direction: forward, problem: refused() }),
                (1001, Event::Readdressed { step: 0, to: "j.doe@example.com".to_owned() }),
                (1001, Event::Retried),
                done(0),
                finished(Outcome::Completed),
            ],
        ))
        .await;
    let password = Plan { makes_password: true, ..plan(vec![step("Set a password")]) };
    writer
        .request(begins(
            &password,
            vec![
                (1001, Event::Confirmed { digest: password.digest() }),
                begun(0, forward),
                done(0),
                finished(Outcome::Completed),
                (1001, Event::Unsealed),
                (0, Event::NotRevealed { unsealed: 0, unknown: false }),
                (1001, Event::Unsealed),
                (0, Event::Revealed { unsealed: 0 }),
            ],
        ))
        .await;
    let emergency = serde_json::from_value(json!({ "emergency": true })).unwrap();
    let review = Event::Reviewed { justified: true, reason: "it was".to_owned(), before_end: true };
    writer
        .request(vec![
            (1004, asked(emergency)),
            (0, planned(&two, needs.clone(), expires)),
            confirmed(),
            begun(0, forward),
            (0, Event::ToReview),
            (1002, review),
            done(0),
        ])
        .await;
    let over = vec![(1002, denied), finished(Outcome::Denied)];
    writer.request(begins(&two, over)).await;
    writer
        .request(vec![(1001, asked(Args::default())), (1001, Event::Canceled), finished(Outcome::Canceled)])
        .await;
    let unread = Event::Disregarded { lines: Vec::new(), open: true };
    writer.request(begins(&two, vec![confirmed(), (0, unread)])).await;
    writer.request(vec![(1001, asked(Args::default())), (1008, Event::Quarantined { by: no })]).await;
    let given = ExportGiven {
        to: ["console:1002".parse().unwrap()].into(),
        folder: Some("/srv/exports".to_owned()),
        file: "users-2026-11-20.csv".to_owned(),
        format: "csv".to_owned(),
    };
    let export = plan(vec![Step::new("Export users", given)]);
    writer.request(begins(&export, vec![])).await;
    // And one that waits.
    writer.request(begins(&two, vec![confirmed()])).await;
    let by = || Some(By { id: "console:1001".parse().unwrap(), name: "helpdesk".to_owned() });
    let looked = Event::Answered {
        command: "connect show".to_owned(),
        args: Args::default(),
        place: place(),
        rule: needs.rule.clone(),
    };
    let not_allowed = Event::Refused {
        command: "connect edit".to_owned(),
        args: Args::default(),
        place: Some(place()),
        problem: problem(),
    };
    for (by, event) in [
        (by(), looked),
        (by(), not_allowed),
        (by(), Event::Enrolled { first_use: true }),
        (None, Event::ClockJumped { seconds: -3_600 }),
        (None, Event::Digested { platform: Platform::Discord, day: "2026-11-20".parse().unwrap() }),
    ] {
        writer.append(Append::Desk, vec![(by, Vec::new(), event)]).await;
    }
}

#[test]
fn the_log_and_the_configuration_of_every_version_are_read() {
    for folder in folders() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state/desk");
        std::fs::create_dir_all(&state).unwrap();
        put(&FILES, &folder, &state);
        put(&KEYS, &versions().join(EMPTY), &state);
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        let sound = store::verify_folder(&state, &[], None, &mut out).unwrap();
        assert!(sound, "{}: {}", folder.display(), String::from_utf8_lossy(&out));
        let before = std::fs::read(state.join("log.jsonl")).unwrap();
        let mut shown = Vec::new();
        assert!(store::show(&state, &Default::default(), &mut shown, &mut errors).unwrap());
        assert!(errors.is_empty(), "{}", String::from_utf8_lossy(&errors));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(in_time(Box::pin(projected(&dir.path().join("state"), &folder))));
        let after = std::fs::read(state.join("log.jsonl")).unwrap();
        assert!(after.starts_with(&before), "what was written stays");
        for (name, _) in CONFIGS {
            let text = std::fs::read_to_string(folder.join(name)).unwrap();
            let read = connect_desk::config::parse(Path::new(name), &text, &desk_commands::all());
            read.unwrap_or_else(|errors| panic!("{}: {errors}", folder.join(name).display()));
        }
    }
}

/// A desk over the folder reads every request, and takes on what is open.
async fn projected(state: &Path, folder: &Path) {
    let clock = Arc::new(ScriptClock::starting_at(start() + SignedDuration::from_mins(30)));
    let options = Options { config: Some(untiring_config()), ..options(state, clock) };
    let practice = Practice::open(options).await.unwrap();
    assert_eq!(practice.store.unsound(), None);
    let report = practice.store.verify().unwrap();
    assert!(report.is_sound(), "{report}");
    let all = Query { limit: usize::MAX, ..Query::default() };
    let lines = practice.store.history(&all).await.unwrap();
    let unread = lines.iter().find(|line| matches!(line.event, Event::Unreadable { .. }));
    assert_eq!(unread, None, "{}", folder.display());
    let numbers: BTreeSet<RequestNo> = lines.iter().filter_map(|line| line.request).collect();
    let mut open = 0;
    for no in numbers {
        let lines = practice.store.request(no).await.unwrap();
        let request =
            Request::fold(no, &lines).unwrap_or_else(|line| panic!("{}: {line:?}", folder.display()));
        let card = practice.desk.card(no).await.unwrap();
        assert!(!card.title.is_empty(), "{request:?}");
        open += usize::from(!matches!(request.phase, Phase::Finished { .. }));
        let told = says(&practice.desk, &practice, "admin", &format!("/desk history {}", no.0)).await;
        assert!(told.card.words().contains(&request.command), "{no}: {:?}", told.card);
    }
    assert!(open > 0, "a desk that was upgraded has something to take on");
    for no in practice.store.open().await.unwrap() {
        practice.desk.advance(no).await.unwrap();
    }
    practice.close().await.unwrap();
}

#[test]
fn every_kind_of_line_and_every_effect_is_in_a_log_of_some_version() {
    let (mut lines, mut plans) = (BTreeSet::new(), BTreeSet::new());
    for folder in folders() {
        for line in std::fs::read_to_string(folder.join("log.jsonl")).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            lines.extend(line["event"].as_str().map(str::to_owned));
            effects(&line, &mut plans);
        }
    }
    let file = |path: &str| syn::parse_file(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap();
    let snake = |name: &str| {
        let mut out = String::new();
        for letter in name.chars() {
            if letter.is_uppercase() && !out.is_empty() {
                out.push('_');
            }
            out.extend(letter.to_lowercase());
        }
        out
    };
    let events = file("src/core/log/event.rs").items.into_iter().find_map(|item| match item {
        syn::Item::Enum(item) if item.ident == "Event" => Some(item.variants),
        _ => None,
    });
    let kinds: BTreeSet<String> = events.unwrap().iter().map(|kind| snake(&kind.ident.to_string())).collect();
    // It is only read.
    let missing: Vec<&String> = kinds.difference(&lines).filter(|kind| *kind != "unreadable").collect();
    assert!(missing.is_empty(), "no log in tests/versions has these lines: {missing:?}. {RENEW}");
    let list = std::fs::read_to_string(root().join("src/core/plan/effect/mod.rs")).unwrap();
    let (_, list) = list.split_once("effects! {").unwrap();
    let (list, _) = list.split_once("\n}\n").unwrap();
    let names = list
        .lines()
        .filter(|line| line.starts_with("        "))
        .map(|line| line.trim().trim_end_matches(','));
    let missing: Vec<String> = names.map(snake).filter(|name| !plans.contains(name)).collect();
    assert!(missing.is_empty(), "no log in tests/versions has these effects: {missing:?}. {RENEW}");
}
