//! A hundred people click on one request immediately, a thousand times over, on the real log: each time one of them decides,
//! the log says who, and everybody else is told what is true.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use connect_desk::practice::Practice;
use desk_core::basics::ids::{Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Role};
use desk_core::basics::span::spoken;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command, Entry};
use desk_core::desk::{Desk, Incoming, Invocation, Reply};
use desk_core::log::{Line, Outcome};
use desk_core::policy::Policy;
use desk_core::request::{Phase, Request};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::town::{InMemoryCenter, RecordingExecutor, desk};
use crate::{cases, support};

const ROUNDS: u64 = 1_000;
const PEOPLE: u64 = 100;

const STILL: Command = command!(cases::SPEC, answer);

async fn answer(_: &Ask<'_>) -> Result<Answer, Problem> {
    Ok(Answer::Plan(cases::plan(&["john.doe"])))
}

/// The first asks, at a second account as well; two may not decide; all others are supervisors.
fn people() -> Vec<Person> {
    (0..PEOPLE)
        .map(|i| {
            let role = match i {
                0 | 1 => Role::L1,
                _ => Role::Supervisor,
            };
            let also = (i == 0).then(|| cases::id(Platform::Discord, 1));
            Person {
                id: cases::id(Platform::Console, i + 1),
                name: format!("p{i}"),
                roles: [role].into(),
                login: (i == 2).then(|| "john.doe".to_owned()),
                also: also.into_iter().collect(),
            }
        })
        .collect()
}

fn policy() -> Policy {
    let mut rule = cases::rule("two supervisors");
    (rule.approvals, rule.approvers) = (2, [Role::Supervisor].into());
    Policy { rules: vec![cases::open(), rule] }
}

async fn say(desk: &Desk, by: Person, line: String) -> Reply {
    desk.handle(Incoming { by, place: cases::place(), said: Invocation::Typed(line) }).await
}

/// Says it, and continues with the request, as a platform does.
async fn click(
    desk: Arc<Desk>,
    by: Person,
    verb: &'static str,
    no: RequestNo,
) -> (Person, &'static str, Reply) {
    let reply = say(&desk, by.clone(), format!("/desk {verb} {}", no.0)).await;
    if let Some(no) = reply.request {
        desk.advance(no).await.unwrap();
    }
    (by, verb, reply)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_clicks_at_once_one_decides_and_the_others_are_told_the_truth() {
    // What counts here is the order of lines and not the disk under them: `tests/store` is about that.
    let memory = std::path::Path::new("/dev/shm");
    let folder =
        if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() };
    let practice = Practice::open(support::options(folder.path(), support::clock())).await.unwrap();
    let (people, deeds) = (people(), Arc::new(RecordingExecutor::default()));
    let town = Arc::new(InMemoryCenter(Mutex::new(people.clone())));
    let log = practice.desk.saga.log.clone();
    let entry = Entry { path: cases::COMMAND, command: STILL };
    let desk = Arc::new(desk(&practice, entry, policy(), town, log.clone(), deeds.clone(), support::clock()));
    let mut ends: BTreeMap<String, u64> = BTreeMap::new();
    for round in 0..ROUNDS {
        let mut dice = StdRng::seed_from_u64(round);
        let asked = say(&desk, people[0].clone(), "/connect touch".to_owned()).await;
        let no = asked.request.unwrap();
        desk.advance(no).await.unwrap();
        // In some rounds hardly anybody is against it, in others many are.
        let against = if round % 3 == 0 { 0.005 } else { dice.random_range(0.02..0.2) };
        let confirmed = round % 2 == 0;
        if confirmed {
            click(desk.clone(), people[0].clone(), "confirm", no).await;
        }
        let mut clicks = tokio::task::JoinSet::new();
        // The requester is among the first ten, so that there is something to decide early on.
        let start = people.len() - dice.random_range(0..10);
        for i in 0..people.len() {
            let by = &people[(start + i) % people.len()];
            let (by, verb) = match (by.name.as_str(), dice.random_bool(against)) {
                ("p0", false) if confirmed => (by.clone(), "approve"),
                ("p0", false) => (by.clone(), "confirm"),
                // At the other account.
                ("p0", true) => (by.at(&cases::id(Platform::Discord, 1)).unwrap(), "cancel"),
                (_, true) => (by.clone(), if dice.random_bool(0.5) { "deny" } else { "cancel" }),
                // Most click on what is not there to be clicked on, as on a card that is behind. Their clicks are no lines, so
                // that the others are at the log immediately.
                (_, false) if i % 3 > 0 => (by.clone(), if i % 2 == 0 { "retry" } else { "done" }),
                (_, false) => (by.clone(), "approve"),
            };
            clicks.spawn(click(desk.clone(), by, verb, no));
        }
        let told = support::in_time(clicks.join_all()).await;
        // Someone may have been refused what would have ended it; then it continues.
        let lines = log.request(no).await.unwrap();
        let request = Request::fold(no, &lines).unwrap();
        let end =
            check(&request, &lines, &told, deeds.0.lock().unwrap().iter().filter(|d| **d == no).count());
        *ends.entry(end).or_default() += 1;
        if !request.is_finished() {
            click(desk.clone(), people[0].clone(), "cancel", no).await;
        }
    }
    for end in ["Completed", "Denied", "Canceled"] {
        assert!(ends.get(end).is_some_and(|n| *n >= ROUNDS / 20), "{ends:?}");
    }
    assert_eq!(deeds.0.lock().unwrap().len() as u64, ends["Completed"]);
    assert!(log.open().await.unwrap().is_empty());
    let report = practice.store.verify().unwrap();
    assert!(report.is_sound(), "{report}");
}

/// What the lines say came of it, after everything that was told was found to be so.
fn check(request: &Request, lines: &[Line], told: &[(Person, &'static str, Reply)], done: usize) -> String {
    let tell = || lines.iter().map(|line| format!("{} {:?}\n", line.line, line.event)).collect::<String>();
    let said = |word: &str| lines.iter().filter(|line| line.event.word() == word).collect::<Vec<_>>();
    let by = |word: &str, name: &str| {
        said(word).iter().filter(|line| line.by.as_ref().is_some_and(|by| by.name == name)).count()
    };
    // One decision: it was carried out, or someone ended it, and never both.
    let decided = [said("started").len(), said("denied").len(), said("canceled").len()];
    let finished = said("finished").len();
    let outcome = match &request.phase {
        Phase::Finished { outcome, .. } => Some(*outcome),
        _ => None,
    };
    assert_eq!(
        (decided.iter().sum::<usize>(), finished),
        if outcome.is_some() { (1, 1) } else { (0, 0) },
        "{}",
        tell()
    );
    assert_eq!(done, decided[0], "{}", tell());
    assert_eq!(said("done").len(), decided[0], "{}", tell());
    match outcome {
        Some(Outcome::Completed) => assert!(request.approvals.len() >= 2 && request.confirmed.is_some()),
        Some(Outcome::Denied) => assert_eq!(decided[1], 1),
        Some(Outcome::Canceled) => assert_eq!(decided[2], 1),
        None => assert!(
            request.confirmed.is_none() || request.approvals.len() < 2,
            "it waits for nothing: {}",
            tell()
        ),
        other => panic!("{other:?}: {}", tell()),
    }
    for (person, verb, reply) in told {
        let (name, mut line) = (person.name.as_str(), request_history(verb));
        // Anyone who cancels what has begun stops it, and it ends with the step that is under way.
        if *verb == "cancel" && by("held", name) > 0 {
            line = "held";
        }
        let text = spoken(&reply.card.words());
        let tell = || format!("{name} {verb} was told {text}\n{}", tell());
        if reply.request.is_some() {
            assert_eq!(by(line, name), 1, "a yes or no that is in no line: {}", tell());
            continue;
        }
        assert_eq!(by(line, name), 0, "a line that no one was told of: {}", tell());
        let no = request.no;
        if text.contains("denied #") {
            assert!(
                outcome == Some(Outcome::Denied)
                    && text.contains(&format!("{} denied {no}", to(name, &name_of(&said("denied"))))),
                "{}",
                tell()
            );
        } else if text.contains("canceled #") {
            assert!(
                outcome == Some(Outcome::Canceled)
                    && text.contains(&format!("{} canceled {no}", to(name, &name_of(&said("canceled"))))),
                "{}",
                tell()
            );
        } else if text.contains("completed at") {
            assert_eq!(outcome, Some(Outcome::Completed), "{}", tell());
            assert!(
                request.approvals.iter().all(|yes| text.contains(&yes.by.name) || yes.by.name == name),
                "{}",
                tell()
            );
        } else if text.contains("is about to run") {
            // Too late to be needed, and too early to be told that it is done.
            assert!(matches!(*verb, "retry" | "done" | "approve"), "{}", tell());
        } else if text.contains("still needs") {
            let enough = *verb == "approve" && text.contains("still needs the requester's confirmation.");
            assert!(matches!(*verb, "retry" | "done") || enough, "{}", tell());
        } else if text.contains("is running.") {
            assert_eq!(outcome, Some(Outcome::Completed), "{}", tell());
        } else {
            // Anyone who may not is told so, and the log keeps it.
            let may_not = ["own request", "about yourself", "decide on this", "Only the requester, p0"];
            assert!(may_not.iter().any(|word| text.contains(word)), "{}", tell());
            assert!(matches!(name, "p0" | "p1" | "p2") || *verb == "confirm", "{}", tell());
            assert_eq!(by("refused", name), 1, "{}", tell());
        }
    }
    outcome.map_or("nothing".to_owned(), |outcome| format!("{outcome:?}"))
}

/// What someone is called to a reader.
fn to(reader: &str, name: &str) -> String {
    if reader == name { "You".to_owned() } else { name.to_owned() }
}

fn request_history(verb: &str) -> &'static str {
    match verb {
        "confirm" => "confirmed",
        "approve" => "approved",
        "deny" => "denied",
        "retry" => "retried",
        "done" => "done",
        _ => "canceled",
    }
}

fn name_of(lines: &[&Line]) -> String {
    lines.first().and_then(|line| line.by.as_ref()).map(|by| by.name.clone()).unwrap_or_default()
}
