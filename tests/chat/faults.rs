//! Discord's API in trouble: every kind of call is met by every kind of fault, and the request ends as it would have.

use std::time::Duration;

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::problem::Owner;
use fake_discord::{FaultKind, Gate, Scope};
use serde_json::json;

use crate::calls::mentionable;
use crate::scene::{CALLBACK, FOLLOW_UP, MEMBER, MESSAGE, MESSAGES, ORIGINAL, Scene, WRITES};
use crate::support::LIMIT;
use crate::support::server::{APPROVALS, CHANNEL, is_card, on_discord};

fn kinds() -> [FaultKind; 6] {
    let retry_after = Duration::from_millis(20);
    [
        FaultKind::TooManyRequests { retry_after, scope: Scope::User },
        FaultKind::TooManyRequests { retry_after, scope: Scope::Global },
        FaultKind::FailBefore(500),
        FaultKind::FailAfter(502),
        FaultKind::DropBefore,
        FaultKind::DropAfter,
    ]
}

const CALLS: [(&str, &str); 7] = [
    ("POST", CALLBACK),
    ("PATCH", ORIGINAL),
    ("POST", FOLLOW_UP),
    ("POST", MESSAGES),
    ("POST", FOR_APPROVERS),
    ("PATCH", MESSAGE),
    ("GET", MEMBER),
];

/// New messages of the approvers' channel.
const FOR_APPROVERS: &str = "/channels/1100000000000000004/messages";

/// The messages about a request that have mentioned roles, with their channels.
fn mentions(scene: &Scene, no: u64) -> Vec<(u64, String)> {
    let about = format!("#{no} ");
    scene.server.fake.look(|world| {
        let all = [CHANNEL, APPROVALS].into_iter().flat_map(|channel| world.messages(channel));
        let all = all.filter(|message| !message.pings.roles.is_empty());
        let of_it = all.filter(|message| is_card(message, no) || message.content.contains(&about));
        of_it.map(|message| (message.channel, message.text())).collect()
    })
}

/// Every message that shows the request shows it as it is, and nothing on one that doesn't can be pressed.
async fn is_shown_everywhere(scene: &Scene, no: u64, text: &str, what: &str) {
    is_shown_in(scene, no, &[CHANNEL, APPROVALS], text).await;
    assert!(!scene.cards(no, APPROVALS).is_empty(), "{what}: {}", scene.server.screen());
}

/// The same, where these channels are.
async fn is_shown_in(scene: &Scene, no: u64, channels: &[u64], text: &str) {
    crate::support::in_time(async {
        let is_right =
            |channel: &u64| scene.cards(no, *channel).iter().all(|card| card.text().contains(text));
        while !channels.iter().all(is_right) {
            scene.server.pass(Duration::from_secs(1)).await;
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// A whole story with a click that is refused, during which one call of this kind fails.
async fn story(scene: &Scene, no: u64, method: &str, path: &str, kind: &FaultKind) {
    let what = format!("#{no}: {method} {path} {kind:?}");
    let before = scene.writes().await;
    scene.fault(method, path, kind.clone());
    let asked = scene.asks("john.doe").await;
    scene.server.card_that(no, CHANNEL, "· needs").await;
    let outcome = asked.outcome(LIMIT).await.unwrap();
    assert_eq!(outcome.failed, None, "{what}");
    assert!(
        outcome.text().starts_with(&format!("#{no}: https://discord.com/")),
        "{what}: {}",
        outcome.text()
    );
    scene.confirms(no).await;
    let refused = scene.told("helpdesk", no, "Approve").await;
    assert!(refused.contains("Ask another person with the role supervisor or admin."), "{what}: {refused}");
    scene.runs_from_confirmed(no).await;
    let request = scene.is_done(no).await;
    assert_eq!(request.times_shown(&on_discord(CHANNEL)), 1, "{what}");
    is_shown_everywhere(scene, no, "· completed", &what).await;
    let mentions = mentions(scene, no);
    assert!(mentions.len() == 1 && mentions[0].0 == APPROVALS, "{what}: {mentions:?}");
    assert_eq!(scene.writes().await - before, WRITES, "{what}");
    assert_eq!(scene.server.fake.faults_outstanding(), 0, "{what}: nothing was met");
}

async fn every_call_meets_every_fault(tls: bool) {
    let scene = Scene::with(|setup| (setup.fake.tls, setup.approvals) = (tls, true)).await;
    mentionable(&scene);
    let mut no = 0;
    for kind in kinds() {
        for (method, path) in CALLS {
            no += 1;
            story(&scene, no, method, path, &kind).await;
        }
    }
    let hosts = scene.server.fake.look(|world| world.hosts().keys().cloned().collect::<Vec<_>>());
    assert_eq!(!hosts.is_empty(), tls, "{hosts:?}");
    scene.ends().await;
}

#[tokio::test]
async fn every_call_meets_every_fault_on_the_plain_way() {
    every_call_meets_every_fault(false).await;
}

#[tokio::test]
async fn every_call_meets_every_fault_under_serenitys_own_rate_limiter() {
    every_call_meets_every_fault(true).await;
}

#[tokio::test]
async fn an_acknowledgement_that_comes_too_late_loses_the_answer_and_nothing_else() {
    let scene = Scene::open().await;
    let gate = Gate::closed();
    scene.fault("POST", CALLBACK, FaultKind::WaitBefore(gate.clone()));
    let asked = scene.asks("john.doe").await;
    gate.reached(LIMIT).await.unwrap();
    scene.server.fake.advance(Duration::from_millis(3_001));
    gate.open();
    assert_eq!(asked.outcome(LIMIT).await.unwrap().failed.unwrap(), "The application did not respond");
    // Who sees that tries again, or takes the card, which is all the same.
    scene.server.card_that(1, CHANNEL, "· needs").await;
    scene.runs(1).await;
    assert_eq!(scene.writes().await, WRITES);
    scene.is_done(1).await;
    scene.ends().await;
}

#[tokio::test]
async fn a_card_outlives_the_token_of_its_interaction() {
    for expired in
        [fake_discord::ExpiredToken::InvalidWebhookToken, fake_discord::ExpiredToken::UnknownWebhook]
    {
        let scene = Scene::with(|setup| setup.fake.expired_token = expired).await;
        let gate = Gate::closed();
        scene.fault("PATCH", ORIGINAL, FaultKind::WaitBefore(gate.clone()));
        let asked = scene.asks("john.doe").await;
        gate.reached(LIMIT).await.unwrap();
        scene.server.pass(Duration::from_secs(16 * 60)).await;
        gate.open();
        // The answer is lost with the token, which is another one than the bot's: the desk lives on.
        scene.runs(1).await;
        scene.is_done(1).await;
        assert!(asked.now().unwrap().deferred);
        assert_eq!(scene.writes().await, WRITES);
        scene.ends().await;
    }
}

#[tokio::test]
async fn a_card_that_discord_was_out_of_order_for_is_right_as_soon_as_it_is_back() {
    let scene = Scene::with(|setup| setup.approvals = true).await;
    scene.reset(1).await;
    scene.confirms(1).await;
    scene.faults("PATCH", MESSAGE, u32::MAX, FaultKind::FailBefore(503));
    let asked = scene.press("supervisor", 1, "Approve").await;
    assert!(asked.acknowledged(LIMIT).await.unwrap().failed.is_none());
    scene
        .server
        .wait("the last try of both cards", |world| {
            let tries = world.requests().filter(|request| request.status == 503).count();
            (tries >= 20).then_some(())
        })
        .await;
    crate::support::in_time(async {
        while !scene.server.request(1).await.is_finished() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(!scene.cards(1, CHANNEL)[0].text().contains("· completed"));
    scene.server.fake.clear_faults();
    // Whatever was under way has failed by now, or succeeds; time brings the rest.
    crate::support::in_time(async {
        while [CHANNEL, APPROVALS].iter().any(|at| !scene.cards(1, *at)[0].text().contains("· completed")) {
            scene.server.pass(Duration::from_secs(1)).await;
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(scene.writes().await, WRITES);
    scene.ends().await;
}

#[tokio::test]
async fn tries_to_draw_cards_do_not_pile_up() {
    let scene = Scene::open().await;
    let tries = || scene.server.fake.look(|world| world.requests().filter(|it| it.status == 503).count());
    let first = scene.reset(1).await;
    scene.asks("mei.chen").await;
    scene.server.card_that(2, CHANNEL, "· needs").await;
    scene.faults("PATCH", MESSAGE, u32::MAX, FaultKind::FailBefore(503));
    for no in [1, 2] {
        scene.says("helpdesk", "desk confirm", &[("request", no.into())]).await;
    }
    scene.server.desk().chats.settled().await;
    // One card hangs and the other one fails, while time passes.
    scene.server.fake.clear_faults();
    let gate = Gate::closed();
    let hangs = format!("/channels/*/messages/{}", first.id);
    scene.faults("PATCH", &hangs, u32::MAX, FaultKind::WaitBefore(gate.clone()));
    scene.faults("PATCH", MESSAGE, u32::MAX, FaultKind::FailBefore(503));
    let before = tries();
    for _ in 0..20 {
        scene.server.pass(Duration::from_secs(60)).await;
    }
    gate.reached(LIMIT).await.unwrap();
    gate.open();
    scene.server.card_that(1, CHANNEL, "☑ Confirmed by").await;
    scene.server.desk().chats.settled().await;
    assert!(tries() - before <= 20, "{} tries", tries() - before);
    scene.server.fake.clear_faults();
    is_confirmed(&scene, 2).await;
    scene.ends().await;
}

/// Lets time pass until the card says so.
async fn is_confirmed(scene: &Scene, no: u64) {
    crate::support::in_time(async {
        while !scene.cards(no, CHANNEL).iter().any(|card| card.text().contains("☑ Confirmed by")) {
            scene.server.pass(Duration::from_secs(1)).await;
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn only_discord_itself_says_that_a_person_or_a_message_is_gone() {
    let said = |code: u32| json!({ "message": "Unknown", "code": code }).to_string();
    let page = || "<html>Not here</html>".to_owned();
    let scene = Scene::with(|setup| setup.change = crate::support::untiring).await;
    let people = scene.server.desk().desk.people.clone();
    let id = scene.server.person("supervisor").id().to_string();
    let id = PersonId::new(Platform::Discord, id).unwrap();
    for (status, body, has_left) in [
        (404, said(10_007), true),
        (404, said(10_013), true),
        // The bot is not on its server, or something is between here and Discord.
        (404, said(10_004), false),
        (404, said(0), false),
        (404, page(), false),
        (403, page(), false),
        (401, page(), false),
        (404, String::new(), false),
    ] {
        scene.faults("GET", MEMBER, u32::MAX, FaultKind::Answer { status, body: body.clone() });
        let person = people.person(&id).await;
        scene.server.fake.clear_faults();
        match person {
            Ok(None) => assert!(has_left, "{status} {body}"),
            Err(problem) => {
                let is_theirs = matches!(problem.owner, Owner::Operator | Owner::System(_));
                assert!(!has_left && is_theirs, "{status} {body}: {problem}");
            }
            Ok(Some(person)) => panic!("{status} {body}: {person:?}"),
        }
    }
    let edits = [(404, said(10_008), true), (404, page(), false), (403, page(), false)];
    for (no, (status, body, is_gone)) in (1..).zip(edits) {
        scene.reset(no).await;
        let answer = FaultKind::Answer { status, body: body.clone() };
        scene.faults("PATCH", MESSAGE, if is_gone { 1 } else { u32::MAX }, answer);
        scene.says("helpdesk", "desk confirm", &[("request", i64::try_from(no).unwrap().into())]).await;
        scene.server.desk().chats.settled().await;
        scene.server.fake.clear_faults();
        is_confirmed(&scene, no).await;
        scene.runs_from_confirmed(no).await;
        let request = scene.is_done(no).await;
        assert_eq!(request.times_shown(&on_discord(CHANNEL)), 1 + usize::from(is_gone), "{status} {body}");
    }
    scene.ends().await;
}

#[tokio::test]
async fn a_card_whose_posting_was_never_answered_is_found_again_and_brought_up_to_date() {
    let mut scene = Scene::open().await;
    // Posted each time, as far as Discord is concerned; as far as the desk can tell it never was.
    scene.faults("POST", MESSAGES, u32::MAX, FaultKind::FailAfter(500));
    scene.asks("john.doe").await;
    scene.server.card(1, CHANNEL).await;
    scene.says("helpdesk", "desk confirm", &[("request", 1.into())]).await;
    scene.server.kill().await;
    scene.server.fake.clear_faults();
    scene.server.start().await.unwrap();
    scene.server.card_that(1, CHANNEL, "☑ Confirmed by").await;
    scene.press("supervisor", 1, "Approve").await;
    assert_eq!(scene.is_done(1).await.times_shown(&on_discord(CHANNEL)), 1);
    assert_eq!(scene.writes().await, WRITES);
    scene.ends().await;
}

#[tokio::test]
async fn a_card_for_approvers_whose_posting_was_never_answered_is_settled_whatever_became_of_the_request() {
    for (label, text) in [("Approve", "· completed"), ("Cancel", "· canceled")] {
        for is_killed in [true, false] {
            let what = format!("{label}, killed: {is_killed}");
            let mut scene = Scene::with(|setup| setup.approvals = true).await;
            scene.reset(1).await;
            // Posted each time, as far as Discord is concerned; as far as the desk can tell it never was.
            scene.faults("POST", FOR_APPROVERS, u32::MAX, FaultKind::FailAfter(500));
            scene.confirms(1).await;
            scene.server.card(1, APPROVALS).await;
            let (who, command) = match label {
                "Approve" => ("supervisor", "desk approve"),
                _ => ("helpdesk", "desk cancel"),
            };
            scene.says(who, command, &[("request", 1.into())]).await;
            is_shown_in(&scene, 1, &[CHANNEL], text).await;
            assert!(scene.cards(1, APPROVALS)[0].text().contains("· needs approval"), "{what}");
            if is_killed {
                scene.server.kill().await;
                scene.server.fake.clear_faults();
                scene.server.start().await.unwrap();
            }
            scene.server.fake.clear_faults();
            is_shown_everywhere(&scene, 1, text, &what).await;
            assert_eq!(scene.cards(1, APPROVALS).len(), 1, "{what}");
            scene.ends().await;
        }
    }
}

#[tokio::test]
async fn approvers_are_notified_wherever_discord_takes_it_and_where_it_takes_nothing_the_card_says_so() {
    let scene = Scene::with(|setup| setup.approvals = true).await;
    mentionable(&scene);
    let refused = || FaultKind::Answer {
        status: 403,
        body: json!({ "message": "Missing Permissions", "code": 50_013 }).to_string(),
    };
    let not_notified = "Approvers couldn't be notified on Discord.";
    let status = async || scene.says("admin", "desk status", &[]).await.text();

    // Their own channel takes nothing, so they are notified where it was asked, and it is sound.
    scene.reset(1).await;
    scene.faults("POST", FOR_APPROVERS, u32::MAX, refused());
    scene.confirms(1).await;
    let call = scene
        .server
        .wait("the call", |world| {
            let all = world.messages(CHANNEL).into_iter();
            all.filter(|message| message.content.contains("#1 "))
                .find(|it| !it.pings.roles.is_empty())
                .cloned()
        })
        .await;
    let card = scene.server.card(1, CHANNEL).await;
    assert!(call.content.contains(&card.id.to_string()), "{}", call.content);
    assert!(!status().await.contains("notified"));
    scene.runs_from_confirmed(1).await;
    assert_eq!(mentions(&scene, 1).len(), 1, "{}", scene.server.screen());

    // No channel takes it.
    scene.reset(2).await;
    scene.faults("POST", MESSAGES, u32::MAX, refused());
    scene.confirms(2).await;
    let told = scene.server.card_that(2, CHANNEL, not_notified).await;
    assert!(told.button("Approve").is_some());
    let shown = scene.says("helpdesk", "desk show", &[("request", 2.into())]).await.text();
    assert!(shown.contains(not_notified), "{shown}");
    let said = status().await;
    assert!(said.contains("#2: Discord says: Missing Permissions (code 50013)."), "{said}");
    assert!(scene.server.desk().desk.health.status().lines().contains("request #2 not notified"));
    scene.server.fake.clear_faults();
    scene.server.pass(Duration::from_secs(61)).await;
    scene.server.card_that(2, APPROVALS, "· needs approval").await;
    scene
        .server
        .wait("the card without it", |world| {
            let mut cards = world.messages(CHANNEL).into_iter().filter(|message| is_card(message, 2));
            cards.find(|card| !card.text().contains(not_notified)).map(|_| ())
        })
        .await;
    assert_eq!(mentions(&scene, 2).len(), 1, "{}", scene.server.screen());
    assert!(!status().await.contains("notified"));
    scene.ends().await;
}

#[tokio::test]
async fn what_discord_could_not_answer_for_promises_nothing_and_is_done_when_it_is_said_again() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    let is_honest = |said: &str| {
        assert!(said.contains("Try again in a minute.") && !said.contains("automatically"), "{said}");
    };
    scene.faults("GET", MEMBER, u32::MAX, FaultKind::FailBefore(503));
    let said = scene.told("helpdesk", 1, "Confirm").await;
    assert!(said.contains("Nothing was decided.") && said.contains("(code 0)."), "{said}");
    is_honest(&said);
    let said = scene.asks("mei.chen").await.outcome(LIMIT).await.unwrap().text();
    assert!(said.contains("· not possible") && said.contains("Nothing was changed."), "{said}");
    is_honest(&said);
    scene.server.fake.clear_faults();
    scene.confirms(1).await;
    scene.faults("GET", MEMBER, u32::MAX, FaultKind::FailBefore(503));
    let said = scene.told("supervisor", 1, "Approve").await;
    assert!(said.contains("Nothing was decided."), "{said}");
    is_honest(&said);
    scene.server.fake.clear_faults();
    scene.runs_from_confirmed(1).await;
    scene.is_done(1).await;
    scene.ends().await;
}

#[tokio::test]
async fn a_fault_of_the_desk_is_told_to_whoever_met_it() {
    let scene = Scene::open().await;
    scene.server.break_the_desk(true);
    let outcome = scene.says("helpdesk", "desk whoami", &[]).await;
    assert!(outcome.text().contains("The desk has a fault"), "{}", outcome.text());
    scene.server.break_the_desk(false);
    assert!(!scene.says("helpdesk", "desk whoami", &[]).await.text().contains("fault"));
    scene.ends().await;
}
