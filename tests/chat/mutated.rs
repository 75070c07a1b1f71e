//! Interactions of every kind with something in them changed, by both ways in: what can't be read is refused, nothing breaks, and
//! nothing is done that its person did not do.

use std::panic;
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use connect_desk::config::Config;
use desk_core::basics::ids::RequestNo;
use desk_core::log::{Line, Query};
use fake_discord::{Asked, Input, Modal};
use serde_json::{Value, json};

use crate::buttons::reasons;
use crate::scene::Scene;
use crate::support::server::{CHANNEL, Way};
use crate::support::{LIMIT, in_time};

/// So many changed bodies of each kind, by each way in.
const OF_EACH: usize = 50;

const KINDS: [&str; 11] = [
    "asks",
    "asks in private",
    "looks",
    "types",
    "attaches",
    "confirms",
    "approves",
    "opens a form",
    "sends a form",
    "sends the form of a command",
    "wants someone else's password",
];

/// Counts what panics on this thread from now on.
fn panics() -> impl Fn() -> usize {
    static PANICS: Mutex<Vec<ThreadId>> = Mutex::new(Vec::new());
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(thread::current().id());
            before(info);
        }));
    });
    let this = thread::current().id();
    let count = move || {
        let all = PANICS.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|thread| **thread == this).count()
    };
    let before = count();
    move || count() - before
}

/// The same numbers at every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

/// What says who someone is and where.
const IDENTITY: [&str; 4] = ["/guild_id", "/member", "/member/user", "/user"];

fn odd_values() -> Vec<Value> {
    let deep = (0..100).fold(json!(0), |inner, _| json!([inner]));
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("0"),
        json!("../../../channels/1"),
        json!("x".repeat(6_000)),
        json!("\u{202e}\u{0}😀 @everyone ` \" \\ {}"),
        json!("99999999999999999999999"),
        json!([]),
        json!({}),
        json!([{ "type": 4, "custom_id": "reason", "value": "mine" }]),
        deep,
    ]
}

/// Changes one place in a body, and gives where it was. Who someone is on the server is Discord's word, so that is left out or
/// made unreadable, and not changed to someone else.
fn change(body: &mut Value, dice: &mut Dice) -> String {
    let mut at = String::new();
    loop {
        let keys: Vec<String> = match body.pointer(&at) {
            Some(Value::Object(members)) => members.keys().cloned().collect(),
            Some(Value::Array(items)) => (0..items.len()).map(|i| i.to_string()).collect(),
            _ => Vec::new(),
        };
        if keys.is_empty() || (!at.is_empty() && dice.roll(3) == 0) {
            break;
        }
        at = format!("{at}/{}", keys[dice.roll(keys.len())]);
    }
    let is_identity = ["/member", "/user", "/guild_id"].iter().any(|start| at.starts_with(start));
    let (parent, key) = at.rsplit_once('/').unwrap();
    let (parent, key) = (parent.to_owned(), key.to_owned());
    let place = body.pointer_mut(&at).unwrap();
    match (dice.roll(6), place) {
        (0, _) => match body.pointer_mut(&parent).unwrap() {
            Value::Object(members) => drop(members.remove(&key)),
            Value::Array(items) => drop(items.remove(key.parse().unwrap())),
            _ => unreachable!("only these have members"),
        },
        (1, Value::String(text)) if !is_identity && !text.is_empty() => {
            let mut letters: Vec<char> = text.chars().collect();
            let place = dice.roll(letters.len());
            letters[place] = ['0', '7', 'a', ':', ' ', '\u{e9}'][dice.roll(6)];
            *text = letters.into_iter().collect();
        }
        (1, Value::Number(number)) => *number = (number.as_i64().unwrap_or_default() + 1).into(),
        (1 | 2, Value::Array(items)) if !items.is_empty() => {
            let again = items[dice.roll(items.len())].clone();
            items.push(again);
        }
        (2, place) => *place = json!([place.clone()]),
        (_, place) => {
            let mut values = odd_values();
            *place = values.swap_remove(dice.roll(values.len()));
        }
    }
    at
}

/// What people have on their screens.
struct Screens {
    deny: Modal,
    reset: Modal,
    password: String,
    confirm: Button,
    approve: Button,
    deny_button: Button,
    show: Button,
}

/// A message and the button on it.
type Button = (u64, String);

async fn button(scene: &Scene, no: u64, label: &str) -> Button {
    let card = scene.server.card(no, CHANNEL).await;
    (card.id, card.button(label).unwrap().custom_id.unwrap())
}

/// Every rule wants a reason, and a request that one person approved still waits for another.
fn two_approvals(config: &mut Config) {
    reasons(config);
    for rule in config.policy.rules.iter_mut().filter(|rule| rule.approvals > 0) {
        rule.approvals = 2;
    }
}

/// Four requests: the first is done and has a password that no one has seen, and the others wait for a press.
async fn screens(scene: &Scene) -> Screens {
    let reset =
        [("login", Input::from("john.doe")), ("method", "recreate".into()), ("reason", "INC-1".into())];
    for no in 1..=4 {
        scene.slash("helpdesk", "connect reset", &reset).await;
        scene.server.card_that(no, CHANNEL, "· needs").await;
        if no == 1 {
            scene.confirms(no).await;
            scene.press("second", no, "Approve").await;
            scene.server.desk().chats.settled().await;
            scene.runs_from_confirmed(no).await;
        }
    }
    for no in [3, 4] {
        scene.confirms(no).await;
    }
    let deny = scene.press("second", 4, "Deny").await.outcome(LIMIT).await.unwrap().modal.unwrap();
    let asked = scene.slash("helpdesk", "connect reset", &reset[..2]).await;
    let reset = asked.outcome(LIMIT).await.unwrap().modal.unwrap();
    scene.server.desk().chats.settled().await;
    // Forms that are opened from now on don't take this one's place.
    scene.server.fake.advance(Duration::from_millis(1));
    let password = scene.server.desk().desk.vault.unseal(RequestNo(1)).await.unwrap().unwrap();
    Screens {
        deny,
        reset,
        password: password.show().to_owned(),
        confirm: button(scene, 2, "Confirm").await,
        approve: button(scene, 3, "Approve").await,
        deny_button: button(scene, 4, "Deny").await,
        show: button(scene, 1, "Show password").await,
    }
}

/// One interaction of this kind.
async fn made(scene: &Scene, kind: &str, screens: &Screens) -> Asked {
    let person = |who: &str| scene.server.person(who).clone();
    let press = async |who: &str, (message, id): &Button| person(who).click_raw(*message, id).await;
    let login = || ("login", Input::from("john.doe"));
    let reset = || [login(), ("method", "recreate".into()), ("reason", "INC-1".into())];
    match kind {
        "asks" => person("helpdesk").slash_raw(CHANNEL, "connect reset", &reset()).await,
        "asks in private" => {
            let dm = person("helpdesk").dm();
            person("helpdesk").slash_raw(dm, "connect reset", &reset()).await
        }
        "looks" => person("helpdesk").slash_raw(CHANNEL, "connect show", &[login()]).await,
        "types" => {
            let typed = [("login", "jo")];
            person("helpdesk").autocompletes(CHANNEL, "connect show", &typed, "login").await.unwrap()
        }
        "attaches" => {
            let options = [("file", Input::file("users.csv", "login\n"))];
            person("john").slash_raw(CHANNEL, "connect import", &options).await
        }
        "confirms" => press("helpdesk", &screens.confirm).await,
        "approves" => press("supervisor", &screens.approve).await,
        "opens a form" => press("second", &screens.deny_button).await,
        "sends a form" => person("second").submit(&screens.deny, &[("reason", "not now")]).await.unwrap(),
        "sends the form of a command" => {
            person("helpdesk").submit(&screens.reset, &[("reason", "INC-2")]).await.unwrap()
        }
        "wants someone else's password" => press("supervisor", &screens.show).await,
        other => panic!("{other}"),
    }
}

/// Whether someone did what this line says, or it follows from nothing that anybody did.
fn is_somebodys_doing(line: &Line, prepared: u64) -> bool {
    let by = line.by.as_ref().map(|by| by.name.as_str());
    let no = line.request.map(|no| no.0);
    match (line.event.word(), by, no) {
        _ if line.line < prepared => true,
        ("confirmed", by, no) => (by, no) == (Some("helpdesk"), Some(2)),
        // Once that is confirmed, it is its approvers' turn.
        ("notified", None, no) => no == Some(2),
        ("approved", by, no) => (by, no) == (Some("supervisor"), Some(3)),
        ("denied", by, no) => (by, no) == (Some("second"), Some(4)),
        ("finished", _, Some(4)) => true,
        ("requested", by, _) => by == Some("helpdesk"),
        ("planned", ..) => line.about == ["john.doe"],
        // A request that nothing could be planned for ends.
        ("finished", _, Some(no)) => no > 4,
        ("refused" | "answered" | "shown", ..) => true,
        _ => false,
    }
}

/// What can be seen and found out after each of them.
async fn nothing_was_done(scene: &Scene, screens: &Screens, writes: u64, prepared: u64) {
    scene.server.desk().chats.settled().await;
    assert_eq!(scene.writes().await, writes, "nothing in the contact center is changed");
    let log = &scene.server.desk().desk.saga.log;
    let lines = log.history(&Query { limit: 100_000, ..Query::default() }).await.unwrap();
    for line in lines {
        assert!(is_somebodys_doing(&line, prepared), "{line:?}");
    }
    let sealed = scene.server.desk().desk.vault.unseal(RequestNo(1)).await.unwrap();
    assert_eq!(sealed.unwrap().show(), screens.password);
    let all: Vec<String> = scene
        .server
        .fake
        .look(|world| world.all_messages().into_iter().map(fake_discord::Message::text).collect());
    for text in all {
        assert!(!text.contains(&screens.password), "{text}");
        assert!(!text.contains("has a fault"), "{text}");
    }
}

async fn mutants(way_in: Way) {
    let scene = Scene::with(|setup| {
        setup.change = two_approvals;
        setup.way_in = way_in;
    })
    .await;
    let panics = panics();
    let screens = screens(&scene).await;
    let (writes, prepared) = (scene.writes().await, scene.server.desk().store.size());
    // What people do from now on reaches the desk changed, and only changed.
    scene.server.fake.hold();
    let mut dice = Dice(0x0009_f1e2_d3c4_b5a6);
    let mut unanswered = Vec::new();
    for kind in KINDS {
        for i in 0..OF_EACH {
            let asked = made(&scene, kind, &screens).await;
            let whole = scene.server.fake.signed_again(&asked, 0).unwrap().body;
            let mut body: Value = serde_json::from_str(&whole).unwrap();
            // The first of each kind is as it was, the next lack a part of who it is, and the others have one or two places changed.
            let places: Vec<String> = match i.checked_sub(1).and_then(|i| IDENTITY.get(i)) {
                Some(at) => {
                    body.pointer_mut(at).into_iter().for_each(|place| *place = Value::Null);
                    vec![(*at).to_owned()]
                }
                None => (0..i.min(1 + i % 2)).map(|_| change(&mut body, &mut dice)).collect(),
            };
            let what = format!("{kind}, {i}: {places:?}");
            match way_in {
                Way::Http => {
                    let answered = in_time(scene.server.fake.send_changed(&asked, &body.to_string())).await;
                    let status = answered.unwrap_or_else(|error| panic!("{what}: {error}")).status;
                    // Another id may be one that was taken before.
                    let is_another = places.iter().any(|at| at == "/id");
                    assert!(matches!(status, 200 | 400) || (status == 409 && is_another), "{what}: {status}");
                }
                Way::Gateway => drop(scene.server.fake.dispatch_raw("INTERACTION_CREATE", &body)),
            }
            let can_be_answered = places.iter().all(|at| !["/id", "/token", "/type"].contains(&at.as_str()));
            unanswered.extend(can_be_answered.then_some((what, asked)));
        }
        // Anyone who can be answered is.
        for (what, asked) in unanswered.drain(..) {
            let outcome = asked.acknowledged(LIMIT).await.unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(outcome.failed, None, "{what}");
        }
        nothing_was_done(&scene, &screens, writes, prepared).await;
        assert_eq!(panics(), 0, "{kind}");
    }
    // What no one changed had its effect, so the ways to it are open.
    let [first, second, third] = [2, 3, 4].map(|no| scene.server.request(no));
    assert!(first.await.confirmed.is_some());
    assert_eq!(second.await.approvals.len(), 1);
    assert!(third.await.denied.is_some());
    scene.ends().await;
}

#[tokio::test]
async fn a_changed_interaction_does_nothing_that_nobody_did() {
    mutants(Way::Gateway).await;
}

#[tokio::test]
async fn a_changed_interaction_does_nothing_over_http_either() {
    mutants(Way::Http).await;
}
