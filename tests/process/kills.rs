//! The real process is killed at random moments of `recreate` and started again: no one is lost, no one is doubled, no
//! acknowledged line is missing, and the log verifies.

use std::io::{BufRead as _, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use desk_core::basics::ids::RequestNo;
use desk_core::log::{Event, LogReader as _, Outcome};
use desk_core::request::{Phase, Request};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;

use crate::{binary, finish, log, play, types};

const KILLS: usize = 100;
const LOGIN: &str = "john.doe";

fn start(folder: &Path) -> Child {
    play(folder, &["--unthrottled", "--name-lingers", "50"])
}

/// What people type to bring the request to its end, whatever it needs still.
fn type_lines(child: &mut Child, open: Option<RequestNo>, next: RequestNo) {
    let no = open.unwrap_or(next).0;
    let mut lines = String::new();
    if open.is_none() {
        lines.push_str(&format!("/connect reset {LOGIN} method:recreate\n"));
    }
    lines.push_str(&format!("/desk confirm {no}\n@supervisor /desk approve {no}\n"));
    types(child, &lines);
    drop(child.stdin.take());
}

/// What the log says after a death.
struct Found {
    open: Option<RequestNo>,
    next: RequestNo,
    done: usize,
}

/// Opens the log as a starting desk would, verifies it, and checks every acknowledgement that was seen on the screen.
async fn look(folder: &Path, screen: &str) -> Found {
    if !folder.join("state/desk/log.jsonl").exists() {
        return Found { open: None, next: RequestNo(1), done: 0 };
    }
    let store = log(folder);
    let mut done = 0;
    let mut next = 1;
    loop {
        let lines = store.request(RequestNo(next)).await.unwrap();
        if lines.is_empty() {
            break;
        }
        let no = RequestNo(next);
        let request = Request::fold(no, &lines).unwrap();
        assert_ne!(screen_says(screen, no), Some("not possible"), "{screen}");
        match screen_says(screen, no) {
            Some("completed") => assert!(
                lines
                    .iter()
                    .any(|line| matches!(line.event, Event::Finished { outcome: Outcome::Completed })),
                "{no} was said to be done, and is not in the log"
            ),
            Some("needs") => assert!(request.planned.is_some(), "{no} was shown as waiting, and has no plan"),
            _ => {}
        }
        if matches!(request.phase, Phase::Finished { outcome: Outcome::Completed, .. }) {
            done += 1;
        }
        next += 1;
    }
    // What was shown has a number in the log.
    for (at, _) in screen.match_indices("╰─ #") {
        let number: String = screen[at + "╰─ #".len()..].chars().take_while(char::is_ascii_digit).collect();
        assert!(number.parse::<u64>().unwrap() < next, "request {number} was shown, and is not in the log");
    }
    let open = store.open().await.unwrap();
    assert!(open.len() <= 1, "one request was doubled: {open:?}");
    store.close().unwrap();
    Found { open: open.first().copied(), next: RequestNo(next), done }
}

/// The last thing the screen said of a request.
fn screen_says(screen: &str, no: RequestNo) -> Option<&'static str> {
    let its = |card: &&str| card.contains(&format!("╰─ {no} "));
    let (_, end) = screen.split("╭─ ").filter(its).last()?.lines().next()?.split_once(" · ")?;
    ["completed", "needs attention", "needs", "not possible"].into_iter().find(|word| end.starts_with(word))
}

/// The world as the practice contact center kept it, without ids, times and what the password hashes to.
async fn world(folder: &Path) -> Value {
    let mut world = world_in(&folder.join("state/world.json")).await;
    for user in world["users"].as_object_mut().unwrap().values_mut() {
        user.as_object_mut().unwrap().remove("password_sha256");
    }
    world
}

pub async fn world_in(file: &Path) -> Value {
    let options = desk_sim::Options {
        state: Some(file.to_owned()),
        deterministic_ids: true,
        limits: desk_sim::Limits::Unthrottled,
        ..Default::default()
    };
    let sim = desk_sim::Sim::open(options).unwrap();
    let request = http::Request::get("/_sim/world?ids=false").body(bytes::Bytes::new()).unwrap();
    let answer = sim.handle(request).await.unwrap();
    serde_json::from_slice(answer.body()).unwrap()
}

#[tokio::test]
async fn a_hundred_kills_lose_nobody_and_double_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut random = StdRng::seed_from_u64(20_261_120);

    // One run in peace says how long one takes, and how the world is to look after every reset.
    let began = Instant::now();
    let mut child = start(folder);
    type_lines(&mut child, None, RequestNo(1));
    let screen = finish(child);
    let mut whole = began.elapsed();
    assert_eq!(screen_says(&screen, RequestNo(1)), Some("completed"), "{screen}");
    let expected = world(folder).await;

    let mut found = look(folder, &screen).await;
    let mut resumed = 0;
    let mut kills = 0;
    while kills < KILLS {
        let mut child = start(folder);
        type_lines(&mut child, found.open, found.next);
        resumed += usize::from(found.open.is_some());
        let moment = whole.mul_f64(random.random_range(0.0..1.1));
        let mut screen = String::new();
        let ended = wait(&mut child, moment);
        if !ended {
            child.kill().unwrap();
            kills += 1;
        }
        // A start takes longer as the log grows, and on a busy machine: the moments follow, or all kills would come too early.
        whole = whole.mul_f64(if ended { 0.5 } else { 1.1 });
        child.stdout.take().unwrap().read_to_string(&mut screen).unwrap();
        child.wait().unwrap();
        found = look(folder, &screen).await;
        if found.open.is_none() {
            assert_eq!(world(folder).await, expected, "after {kills} kills, with nothing open");
        }
    }
    let mut child = start(folder);
    type_lines(&mut child, found.open, found.next);
    let screen = finish(child);
    let found = look(folder, &screen).await;
    assert_eq!(found.open, None, "{screen}");
    assert_eq!(world(folder).await, expected, "after the last start");
    assert!(
        resumed > 10 && found.done > 5,
        "the kills missed the resets: {resumed} resumed, {} done",
        found.done
    );
}

/// Lets the child run until the moment, or until it ends by itself.
#[allow(clippy::disallowed_methods)] // The moment of a kill is real time: that is what is random here.
fn wait(child: &mut Child, moment: Duration) -> bool {
    let until = Instant::now() + moment;
    while Instant::now() < until {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

/// The practice contact center in a process of its own, and the real client for it.
async fn serve(state: &Path) -> (Child, aws_sdk_connect::Client, String) {
    let mut child = Command::new(binary())
        .args(["sim", "--listen", "127.0.0.1:0", "--unthrottled", "--state", state.to_str().unwrap()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.next().unwrap().unwrap();
    // Practice Amazon Connect is at http://127.0.0.1:…, instance ….
    let (_, said) = said.split_once(" is at ").unwrap();
    let (endpoint, instance) = said.trim_end_matches('.').split_once(", instance ").unwrap();
    let config = aws_sdk_connect::Config::builder()
        .behavior_version(aws_sdk_connect::config::BehaviorVersion::v2026_01_12())
        .region(aws_sdk_connect::config::Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .retry_config(aws_sdk_connect::config::retry::RetryConfig::disabled())
        .credentials_provider(aws_sdk_connect::config::Credentials::new(
            "practice", "practice", None, None, "practice",
        ))
        .build();
    (child, aws_sdk_connect::Client::from_conf(config), instance.to_owned())
}

#[tokio::test]
async fn a_killed_practice_contact_center_keeps_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("world.json");
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..3 {
        let (mut child, client, instance) = serve(&state).await;
        let profiles = client.list_routing_profiles().instance_id(&instance).send().await.unwrap();
        let routing = profiles.routing_profile_summary_list()[0].id().unwrap().to_owned();
        let profiles = client.list_security_profiles().instance_id(&instance).send().await.unwrap();
        let security = profiles.security_profile_summary_list()[0].id().unwrap().to_owned();
        let create = |login: &str| {
            client
                .create_user()
                .instance_id(&instance)
                .username(login)
                .password("Practice-Desk-1")
                .identity_info(
                    aws_sdk_connect::types::UserIdentityInfo::builder()
                        .first_name("A")
                        .last_name("B")
                        .build(),
                )
                .routing_profile_id(&routing)
                .security_profile_ids(&security)
                .send()
        };
        for number in 0..20 {
            let login = format!("agent.{round}.{number}");
            create(&login).await.unwrap();
            acknowledged.push(login);
        }
        // The kill comes while one more is on its way.
        let last = format!("agent.{round}.last");
        let on_its_way = create(&last);
        let kill = async {
            tokio::task::yield_now().await;
            child.kill().unwrap();
        };
        let (answer, ()) = tokio::join!(on_its_way, kill);
        if answer.is_ok() {
            acknowledged.push(last);
        }
        child.wait().unwrap();
    }
    let world = world_in(&state).await;
    for login in &acknowledged {
        assert_eq!(world["users"][login]["password"], "set", "{login}");
    }
}
