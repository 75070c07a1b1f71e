//! Private answers that get lost on their way, in every way there is: what the log says of a secret is what is known, and
//! anyone who did not get their answer can ask again.

use std::time::Duration;

use desk_core::basics::ids::RequestNo;
use desk_core::log::Event;
use desk_core::request::Seen;
use fake_discord::{FaultKind, Gate, Input, Message, Scope};
use serde_json::json;

use crate::scene::{CALLBACK, FOLLOW_UP, MEMBER, MESSAGE, MESSAGES, ORIGINAL, Scene};
use crate::support::server::{CHANNEL, Way};
use crate::support::{LIMIT, copy_folder, in_time};

/// What can be known of an answer that was lost in some way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Shown,
    NotShown,
    Nothing,
}

fn refuses(status: u16, code: u32) -> FaultKind {
    FaultKind::Answer { status, body: json!({ "message": "No.", "code": code }).to_string() }
}

/// Every way to lose the answer to a call, and what can be known of it when the desk can look afterwards, and when it can't.
fn losses() -> Vec<(FaultKind, Known, Known)> {
    use Known::{NotShown, Nothing, Shown};
    let throttled = FaultKind::TooManyRequests { retry_after: Duration::from_millis(5), scope: Scope::User };
    vec![
        (FaultKind::FailBefore(500), Nothing, Nothing),
        (FaultKind::FailAfter(502), Shown, Nothing),
        (FaultKind::DropBefore, Nothing, Nothing),
        (FaultKind::DropAfter, Shown, Nothing),
        (FaultKind::CutBody, Shown, Nothing),
        (FaultKind::WaitBefore(Gate::closed()), Nothing, Nothing),
        (FaultKind::WaitAfter(Gate::closed()), Shown, Nothing),
        (throttled, NotShown, NotShown),
        (refuses(404, 10_008), NotShown, NotShown),
        (refuses(404, 10_015), NotShown, NotShown),
        (refuses(401, 50_027), NotShown, NotShown),
        (refuses(401, 0), NotShown, NotShown),
        (refuses(403, 50_001), NotShown, NotShown),
        (refuses(400, 50_035), NotShown, NotShown),
    ]
}

async fn impatient(way_in: Way) -> Scene {
    Scene::with(|setup| {
        setup.way_in = way_in;
        setup.answers_within = Some(Duration::from_millis(150));
        setup.change = crate::support::untiring;
    })
    .await
}

/// What the log says of the last time that the password was unsealed, once it says something.
async fn logged(scene: &Scene, no: u64) -> Known {
    let log = &scene.server.desk().desk.saga.log;
    in_time(async {
        loop {
            let lines = log.request(RequestNo(no)).await.unwrap();
            match lines.iter().rev().map(|line| &line.event).find(|event| {
                matches!(event, Event::Unsealed | Event::Revealed { .. } | Event::NotRevealed { .. })
            }) {
                Some(Event::Revealed { .. }) => return Known::Shown,
                Some(Event::NotRevealed { unknown: false, .. }) => return Known::NotShown,
                Some(Event::NotRevealed { unknown: true, .. }) => return Known::Nothing,
                _ => tokio::task::yield_now().await,
            }
        }
    })
    .await
}

/// Who sees the password, as far as Discord shows it to anybody.
fn readers(scene: &Scene, password: &str) -> Vec<Option<u64>> {
    scene.server.fake.look(|world| {
        let all = world.all_messages().into_iter();
        all.filter(|message| message.text().contains(password)).map(|message| message.ephemeral_for).collect()
    })
}

async fn sealed(scene: &Scene, no: u64) -> Option<String> {
    let secret = scene.server.desk().desk.vault.unseal(RequestNo(no)).await.unwrap();
    secret.map(|secret| secret.show().to_owned())
}

async fn is_destroyed(scene: &Scene, no: u64) {
    in_time(async {
        while sealed(scene, no).await.is_some() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// The requester asks for the password while answers get lost; then for as long as it may be asked for again.
async fn a_password_is_lost(
    scene: &Scene,
    no: u64,
    method: &str,
    loss: FaultKind,
    expected: Known,
) -> String {
    let what = format!("#{no} {method} {loss:?}");
    scene.reset(no).await;
    scene.runs(no).await;
    let password = sealed(scene, no).await.unwrap();
    let helpdesk = scene.server.person("helpdesk").id();
    scene.faults(method, ORIGINAL, u32::MAX, loss);
    let asked = scene.press("helpdesk", no, "Show password").await;
    asked.acknowledged(LIMIT).await.unwrap();
    let known = logged(scene, no).await;
    scene.server.fake.clear_faults();
    assert_eq!(known, expected, "{what}");
    let readers_now = readers(scene, &password);
    assert!(readers_now.iter().all(|reader| *reader == Some(helpdesk)), "{what}: someone else reads it");
    match known {
        Known::Shown => {
            assert_eq!(readers_now.len(), 1, "{what}: the log says more than is known");
            let message = format!("The temporary password was shown to <@{helpdesk}>");
            scene.server.card_that(no, CHANNEL, &message).await;
            is_destroyed(scene, no).await;
            return password;
        }
        Known::NotShown => {
            assert!(readers_now.is_empty(), "{what}: the log says less than is known");
            let message = format!("is waiting for <@{helpdesk}>, to be shown once");
            scene.server.card_that(no, CHANNEL, &message).await;
        }
        Known::Nothing => {
            let message = format!("It is unknown whether <@{helpdesk}> saw");
            scene.server.card_that(no, CHANNEL, &message).await;
        }
    }
    // It is still there, for the same person and no one else.
    assert_eq!(sealed(scene, no).await.as_ref(), Some(&password), "{what}");
    let refused = scene.press("supervisor", no, "Show password").await.outcome(LIMIT).await.unwrap();
    assert!(
        refused.text().contains(&format!("Only the requester, <@{helpdesk}>, can")),
        "{what}: {}",
        refused.text()
    );
    let again = scene.press("helpdesk", no, "Show password").await.outcome(LIMIT).await.unwrap();
    assert!(again.text().contains(&password), "{what}: {}", again.text());
    assert_eq!(logged(scene, no).await, Known::Shown, "{what}");
    is_destroyed(scene, no).await;
    let lines = scene.server.desk().desk.saga.log.request(RequestNo(no)).await.unwrap();
    let unsealed = lines.iter().filter(|line| line.event == Event::Unsealed).count();
    assert_eq!(unsealed, 2, "{what}: each time is a line");
    password
}

#[tokio::test]
async fn a_password_stays_sealed_until_it_is_known_that_it_was_shown() {
    let scene = impatient(Way::Gateway).await;
    let (mut no, mut passwords) = (0, Vec::new());
    for (loss, when_it_can_look, when_it_cannot) in losses() {
        for (method, expected) in [("PATCH", when_it_can_look), ("*", when_it_cannot)] {
            no += 1;
            passwords.push(a_password_is_lost(&scene, no, method, loss.clone(), expected).await);
        }
    }
    let folder = scene.server.folder();
    passwords.iter().for_each(|password| crate::support::nowhere_below(&folder, password));
    scene.ends().await;
}

#[tokio::test]
async fn a_password_stays_sealed_over_http_too() {
    let scene = impatient(Way::Http).await;
    for (no, (loss, _, expected)) in (1..).zip(losses()) {
        a_password_is_lost(&scene, no, "*", loss, expected).await;
    }
    scene.ends().await;
}

#[tokio::test]
async fn a_password_that_may_have_been_seen_is_shown_again_for_a_quarter_of_an_hour() {
    let mut scene = impatient(Way::Gateway).await;
    // The desk is killed while the message is under way, so no one can tell what became of it.
    scene.reset(1).await;
    scene.runs(1).await;
    let password = sealed(&scene, 1).await.unwrap();
    let gate = Gate::closed();
    scene.faults("PATCH", ORIGINAL, u32::MAX, FaultKind::WaitAfter(gate.clone()));
    scene.press("helpdesk", 1, "Show password").await;
    gate.reached(LIMIT).await.unwrap();
    scene.server.kill().await;
    scene.server.fake.clear_faults();
    scene.server.start().await.unwrap();
    // Asked for immediately it is refused, because the first message may still come.
    let early = scene.press("helpdesk", 1, "Show password").await.outcome(LIMIT).await.unwrap();
    assert!(early.text().contains("is being shown to you right now"), "{}", early.text());
    scene.server.pass(Duration::from_secs(61)).await;
    scene.faults("*", ORIGINAL, u32::MAX, FaultKind::FailBefore(500));
    let lost = scene.press("helpdesk", 1, "Show password").await;
    lost.acknowledged(LIMIT).await.unwrap();
    assert_eq!(logged(&scene, 1).await, Known::Nothing);
    scene.server.fake.clear_faults();
    // The quarter of an hour began with the first message, and asking again does not make it longer.
    scene.server.pass(Duration::from_secs(13 * 60)).await;
    let again = scene.press("helpdesk", 1, "Show password").await.outcome(LIMIT).await.unwrap();
    assert!(again.text().contains(&password), "{}", again.text());
    is_destroyed(&scene, 1).await;

    // After that it is gone, and everybody is told that no one knows whether it was seen.
    scene.reset(2).await;
    scene.runs(2).await;
    scene.faults("*", ORIGINAL, u32::MAX, FaultKind::FailBefore(500));
    scene.press("helpdesk", 2, "Show password").await;
    assert_eq!(logged(&scene, 2).await, Known::Nothing);
    scene.server.fake.clear_faults();
    let card = scene.server.card_that(2, CHANNEL, "It can be shown again until").await;
    let show = card.button("Show password").unwrap().custom_id.unwrap();
    scene.server.pass(Duration::from_secs(15 * 60)).await;
    is_destroyed(&scene, 2).await;
    let card = scene.server.card_that(2, CHANNEL, "It was destroyed.").await;
    assert!(card.button("Show password").is_none());
    let late = scene.server.person("helpdesk").click_raw(card.id, &show).await.outcome(LIMIT).await.unwrap();
    assert!(late.text().contains("It was destroyed."), "{}", late.text());
    assert!(matches!(
        scene.server.request(2).await.seen(desk_core::ports::Clock::now(&*scene.server.clock)),
        Seen::Gone { known: false, .. }
    ));
    scene.ends().await;
}

#[tokio::test]
async fn a_password_that_is_gone_stays_gone_when_an_older_engine_is_put_back() {
    let mut scene = impatient(Way::Gateway).await;
    let mut passwords = Vec::new();
    for no in 1..=3 {
        scene.reset(no).await;
        scene.runs(no).await;
        passwords.push(sealed(&scene, no).await.unwrap());
    }
    scene.server.stop().await.unwrap();
    let (engine, older) = (scene.server.folder().join("db"), scene.folder().join("older"));
    copy_folder(&engine, &older);
    scene.server.start().await.unwrap();
    // The first is seen; the second may have been, and its time is over; the third is looked at by no one for a day.
    let shown = scene.press("helpdesk", 1, "Show password").await.outcome(LIMIT).await.unwrap();
    assert!(shown.text().contains(&passwords[0]), "{}", shown.text());
    scene.faults("*", ORIGINAL, u32::MAX, FaultKind::FailBefore(500));
    scene.press("helpdesk", 2, "Show password").await.acknowledged(LIMIT).await.unwrap();
    assert_eq!(logged(&scene, 2).await, Known::Nothing);
    scene.server.fake.clear_faults();
    scene.server.pass(Duration::from_secs(15 * 60)).await;
    for (hours, gone) in [(0, &[1, 2][..]), (25, &[1, 2, 3])] {
        scene.server.pass(Duration::from_secs(hours * 3600)).await;
        scene.server.stop().await.unwrap();
        std::fs::remove_dir_all(&engine).unwrap();
        copy_folder(&older, &engine);
        scene.server.start().await.unwrap();
        for no in gone {
            assert_eq!(sealed(&scene, *no).await, None, "#{no} is sealed again after {hours} h");
            let options = [("request", i64::try_from(*no).unwrap().into())];
            let again = scene.says("helpdesk", "desk reveal", &options).await.text();
            let message = match *no {
                1 => "was already shown to <@",
                2 => "It was destroyed.",
                _ => "has expired and was destroyed",
            };
            assert!(again.contains(message), "#{no} after {hours} h: {again}");
        }
        let seen = scene.server.fake.look(|world| {
            let all = world.all_messages().into_iter();
            all.filter(|message| passwords.iter().any(|one| message.text().contains(one))).count()
        });
        assert_eq!(seen, 1, "one password was shown, once");
    }
    scene.ends().await;
}

/// Every fault that was ordered has met its call, and what came of it is over.
async fn met(scene: &Scene) {
    in_time(async {
        while scene.server.fake.faults_outstanding() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    scene.server.desk().chats.settled().await;
}

/// A private answer: how it is asked for, and what is in it when it is whole.
struct Private {
    name: &'static str,
    options: Vec<(&'static str, Input)>,
    is_whole: fn(&Message) -> bool,
}

#[tokio::test]
async fn every_private_answer_that_got_lost_can_be_asked_for_again() {
    let scene = Scene::with(|setup| {
        setup.answers_within = Some(Duration::from_millis(150));
        setup.change = |config| {
            crate::support::untiring(config);
            config.systems.email = Default::default();
        };
    })
    .await;
    scene.says("helpdesk", "connect export", &[]).await;
    scene.runs(1).await;
    let send = [("login", "john.doe".into()), ("email", "first_login".into())];
    scene.says("helpdesk", "connect send", &send).await;
    scene.press("helpdesk", 2, "Confirm").await;
    scene.server.card_that(2, CHANNEL, "to copy and send").await;
    let has_file = |message: &Message| !message.attachments.is_empty();
    let answers = [
        Private { name: "desk enroll", options: vec![], is_whole: has_file },
        Private { name: "desk file", options: vec![("request", 1.into())], is_whole: has_file },
        Private {
            name: "desk email",
            options: vec![("request", 2.into())],
            is_whole: |message| message.text().contains("Subject"),
        },
        Private {
            name: "connect show",
            options: vec![("login", "john.doe".into())],
            is_whole: |message| message.text().contains("John Doe"),
        },
        Private {
            name: "desk approve",
            options: vec![("request", 1.into())],
            is_whole: |message| message.text().contains("#1"),
        },
    ];
    let helpdesk = scene.server.person("helpdesk").id();
    for answer in &answers {
        for (loss, ..) in losses() {
            let what = format!("/{} {loss:?}", answer.name);
            // The text gets there, and what comes after it is lost; then everything is.
            for nth in [2, 1] {
                let fault = fake_discord::Fault::on("*", ORIGINAL, loss.clone());
                scene.server.fake.fault(fault.nth(nth).times(u32::MAX));
                let asked = scene.slash("helpdesk", answer.name, &answer.options).await;
                asked.acknowledged(LIMIT).await.unwrap();
                // A question that is answered after this one was dealt with, because they are dealt with in turn.
                scene.server.desk().chats.settled().await;
                scene.server.fake.clear_faults();
                let first = asked.now().unwrap();
                let whole = first.message.as_ref().is_some_and(answer.is_whole);
                let says = |text: &str| {
                    ["Ask again.", "Tell the desk's operator."].iter().any(|one| text.contains(one))
                };
                let told =
                    first.follow_ups.iter().any(|message| says(&message.text())) || says(&first.text());
                assert!(whole || told, "{what}: neither the answer nor a word on it\n{first:?}");
                let again = scene.says("helpdesk", answer.name, &answer.options).await;
                scene.server.desk().chats.settled().await;
                let again = scene.server.fake.look(|world| {
                    let id = again.message.as_ref().unwrap().id;
                    world.message(id).cloned().unwrap()
                });
                assert!((answer.is_whole)(&again), "{what}: {}", again.text());
                assert_eq!(again.ephemeral_for, Some(helpdesk), "{what}");
            }
        }
    }
    scene.ends().await;
}

#[tokio::test]
async fn what_discord_would_refuse_again_is_not_asked_for_again() {
    let scene = Scene::open().await;
    scene.server.fake.fault(fake_discord::Fault::on("PATCH", ORIGINAL, refuses(413, 40_005)).nth(2));
    let asked = scene.slash("helpdesk", "desk enroll", &[]).await;
    let told = asked.followed_up(1, LIMIT).await.unwrap().follow_ups.pop().unwrap().text();
    assert!(told.contains("(code 40005)") && told.contains("Tell the desk's operator."), "{told}");
    assert!(!told.contains("Ask again"), "{told}");
    scene.ends().await;
}

#[tokio::test]
async fn an_answer_of_one_sentence_is_looked_for_like_any_other() {
    let scene = impatient(Way::Gateway).await;
    for (loss, is_shown) in [(FaultKind::FailBefore(500), false), (FaultKind::FailAfter(502), true)] {
        scene.faults("PATCH", ORIGINAL, u32::MAX, loss.clone());
        let asked = scene.asks("john.doe").await;
        asked.acknowledged(LIMIT).await.unwrap();
        scene.server.desk().chats.settled().await;
        scene.server.fake.clear_faults();
        let seen = asked.now().unwrap();
        assert_eq!(seen.text().contains("https://discord.com/"), is_shown, "{loss:?}: {seen:?}");
        let told = seen.text().contains("Ask again.");
        assert_eq!(told, !is_shown, "{loss:?}: {seen:?}");
    }
    scene.ends().await;
}

#[tokio::test]
async fn a_refusal_of_an_interactions_own_token_is_that_interactions() {
    let scene = impatient(Way::Gateway).await;
    let mut no = 0;
    for (status, code) in [(401, 0), (401, 50_027), (403, 0), (403, 50_001), (404, 0), (404, 10_015)] {
        for (method, path) in [("POST", CALLBACK), ("PATCH", ORIGINAL), ("POST", FOLLOW_UP)] {
            no += 1;
            scene.reset(no).await;
            scene.confirms(no).await;
            scene.fault(method, path, refuses(status, code));
            // A refused click has an answer beside the card; a secret would have one of its own.
            scene.press("helpdesk", no, "Approve").await;
            scene.slash("helpdesk", "desk enroll", &[]).await;
            met(&scene).await;
            let lives = scene.says("helpdesk", "desk whoami", &[]).await;
            assert!(lives.text().contains("helpdesk"), "{method} {path} {status} {code}: {}", lives.text());
        }
    }
    // A 401 where the bot's own token is used is believed only when Discord says so of the token itself.
    for (method, path) in [("POST", MESSAGES), ("PATCH", MESSAGE), ("GET", MEMBER)] {
        scene.fault(method, path, refuses(401, 0));
        no += 1;
        scene.asks("john.doe").await.outcome(LIMIT).await.unwrap();
        scene.server.desk().chats.settled().await;
        scene.says("helpdesk", "desk confirm", &[("request", i64::try_from(no).unwrap().into())]).await;
        met(&scene).await;
        assert!(
            scene.says("helpdesk", "desk whoami", &[]).await.text().contains("helpdesk"),
            "{method} {path}"
        );
    }
    scene.ends().await;
}
