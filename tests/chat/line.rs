//! The line to Discord's gateway breaks in every way, also in the middle of a request and while someone asks.

use std::time::Duration;

use fake_discord::{Connection, FaultKind, Gate};
use serde_json::json;

use crate::scene::{MESSAGE, Scene, WRITES};
use crate::support::server::{CHANNEL, GUILD};
use crate::support::{LIMIT, in_time};

/// Each of them is answered by a resume.
const DROPS: [Connection; 6] = [
    Connection::Reconnect,
    Connection::Close(1001),
    Connection::Close(4000),
    Connection::Abort,
    Connection::InvalidSession { resumable: true },
    Connection::Close(4008),
];

#[tokio::test]
async fn a_dropped_line_is_resumed_and_what_came_meanwhile_is_answered() {
    let scene = Scene::open().await;
    for (i, drop) in DROPS.into_iter().enumerate() {
        let no = i as u64 + 1;
        let before = scene.writes().await;
        let resumes = scene.server.fake.look(|world| world.gateway().resumes.len());
        // In the middle of a request: the confirmation is being drawn.
        scene.reset(no).await;
        let gate = Gate::closed();
        scene.fault("PATCH", MESSAGE, FaultKind::WaitBefore(gate.clone()));
        scene.press("helpdesk", no, "Confirm").await;
        gate.reached(LIMIT).await.unwrap();
        assert_eq!(scene.server.fake.gateway(drop), 1, "{drop:?}");
        // It may be sent while no one listens, and is replayed then.
        let asked = scene.slash("supervisor", "desk approve", &[("request", (no as i64).into())]).await;
        scene.server.wait("a resume", |world| (world.gateway().resumes.len() > resumes).then_some(())).await;
        gate.open();
        let outcome = asked.outcome(LIMIT).await.unwrap();
        assert_eq!(outcome.failed, None, "{drop:?}");
        scene.is_done(no).await;
        assert_eq!(scene.writes().await - before, WRITES, "{drop:?}");
    }
    scene.server.fake.look(|world| {
        assert_eq!(world.gateway().identifies.len(), 1, "every session was resumed");
        assert!(world.gateway().resumes.iter().all(|resume| resume.accepted));
    });
    scene.ends().await;
}

#[tokio::test]
async fn where_the_session_is_gone_the_desk_introduces_itself_again() {
    for drop in [Connection::InvalidSession { resumable: false }, Connection::Close(4009)] {
        let scene = Scene::open().await;
        scene.reset(1).await;
        scene.confirms(1).await;
        scene.server.fake.gateway(drop);
        scene
            .server
            .wait("another identify", |world| {
                (world.gateway().identifies.len() == 2 && world.gateway().live == 1).then_some(())
            })
            .await;
        scene.press("supervisor", 1, "Approve").await;
        scene.is_done(1).await;
        assert_eq!(scene.writes().await, WRITES, "{drop:?}");
        scene.ends().await;
    }
}

/// Waits until the desk's health is so.
async fn becomes(scene: &Scene, ready: bool) {
    let health = scene.server.desk().desk.health.clone();
    // The library takes its own time, seconds of it.
    let mut look = tokio::time::interval(Duration::from_millis(20));
    in_time(async {
        while health.status().is_ready() != ready {
            look.tick().await;
        }
    })
    .await;
    let lines = health.status().lines();
    assert_eq!(lines, if ready { "ok" } else { "degraded\ndiscord_not_connected" });
}

/// The gateway is out: the connection breaks and can't be taken up again, or it falls silent.
async fn the_gateway_is_out(breaks: bool) {
    let scene = Scene::with(|setup| setup.fake.heartbeat = Duration::from_millis(300)).await;
    becomes(&scene, true).await;
    scene.server.fake.gateway_is_out(true);
    if breaks {
        scene.server.fake.gateway(Connection::Abort);
    }
    becomes(&scene, false).await;
    scene.server.fake.gateway_is_out(false);
    becomes(&scene, true).await;
    assert!(scene.says("helpdesk", "desk whoami", &[]).await.text().contains("helpdesk"));
    scene.ends().await;
}

#[tokio::test]
async fn a_desk_that_does_not_hear_discord_is_not_ready_until_it_does() {
    tokio::join!(the_gateway_is_out(true), the_gateway_is_out(false));
}

#[tokio::test]
async fn the_address_of_the_gateway_is_asked_for_again_and_a_stop_does_not_wait_for_it() {
    for answers_within in [Some(Duration::from_millis(150)), None] {
        let scene = Scene::with(|setup| setup.answers_within = answers_within).await;
        let gate = Gate::closed();
        scene.fault("GET", "/gateway", FaultKind::WaitBefore(gate.clone()));
        // The API accepts the token, so the desk builds another client.
        scene.server.fake.gateway(Connection::Close(4004));
        gate.reached(LIMIT).await.unwrap();
        if answers_within.is_some() {
            scene
                .server
                .wait("another session", |world| {
                    (world.gateway().identifies.len() == 2 && world.gateway().live == 1).then_some(())
                })
                .await;
        }
        let ended = tokio::time::timeout(Duration::from_secs(5), scene.ends()).await;
        assert!(ended.is_ok(), "it waits for an answer that doesn't come");
    }
}

#[tokio::test]
async fn a_revoked_token_ends_the_desk_with_what_to_do() {
    // By the gateway, which closes with 4004.
    let mut scene = Scene::open().await;
    scene.server.fake.revoke_token();
    let problem = scene.server.ended().await.unwrap_err();
    assert_eq!(
        (problem.code.as_str(), &problem.owner),
        ("discord_token", &desk_core::basics::problem::Owner::Operator)
    );
    assert!(problem.to_string().contains("Create a new one in the developer portal"), "{problem}");
    scene.is_sound();

    // By the API, which the next answer meets.
    let mut scene = Scene::open().await;
    let body = json!({ "message": "401: Unauthorized", "code": 0 }).to_string();
    scene.faults("*", "**", u32::MAX, FaultKind::Answer { status: 401, body });
    scene.asks("john.doe").await;
    let problem = scene.server.ended().await.unwrap_err();
    assert_eq!(problem.code, "discord_token");
    scene.is_sound();

    // Before it begins.
    let mut scene = Scene::closed(|_| {}).await;
    scene.server.fake.revoke_token();
    assert_eq!(scene.server.start().await.unwrap_err().code, "discord_token");
    scene.server.fake.accept_token("fake.discord.token");
    scene.server.start().await.unwrap();
    scene.ends().await;
}

#[tokio::test]
async fn an_interaction_that_comes_twice_counts_once() {
    let mut scene = Scene::open().await;
    let asked = scene.asks("john.doe").await;
    scene.server.fake.duplicate(&asked);
    scene.server.card_that(1, CHANNEL, "· needs").await;
    scene.server.fake.duplicate(&asked);
    let second = scene.asks("mei.chen").await;
    scene.server.card_that(2, CHANNEL, "· needs").await;
    scene.server.fake.duplicate(&second);
    // Whatever was asked before this has been heard.
    scene.says("helpdesk", "desk whoami", &[]).await;
    let open = scene.server.desk().desk.saga.log.open().await.unwrap();
    assert_eq!(open.len(), 2);
    let confirm = scene.press("helpdesk", 1, "Confirm").await;
    scene.server.fake.duplicate(&confirm);
    scene.server.card_that(1, CHANNEL, "☑ Confirmed by").await;
    assert!(confirm.now().unwrap().follow_ups.is_empty());

    // After a restart the same click meets the log: it was counted.
    scene.server.stop().await.unwrap();
    scene.server.start().await.unwrap();
    scene.server.fake.duplicate(&confirm);
    scene.runs_from_confirmed(1).await;
    assert_eq!(scene.writes().await, WRITES);
    scene.ends().await;
}

#[tokio::test]
async fn late_news_is_answered_too_late_and_done_once() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    scene.server.fake.hold();
    let confirm = scene.press("helpdesk", 1, "Confirm").await;
    scene.server.fake.advance(Duration::from_secs(10));
    scene.server.fake.release();
    assert!(confirm.outcome(LIMIT).await.unwrap().failed.is_some());
    scene.server.card_that(1, CHANNEL, "☑ Confirmed by").await;
    scene.runs_from_confirmed(1).await;
    assert_eq!(scene.writes().await, WRITES);
    scene.ends().await;
}

#[tokio::test]
async fn what_nobody_knows_is_passed_over_and_what_cannot_be_read_is_answered() {
    let scene = Scene::open().await;
    let fake = &scene.server.fake;
    for (kind, data) in [
        ("SOMETHING_NEW", json!({ "guild_id": GUILD.to_string(), "what": [1, 2, { "deep": true }] })),
        ("MESSAGE_CREATE", json!({ "half": "a message" })),
        ("INTERACTION_CREATE", json!({})),
        ("INTERACTION_CREATE", json!({ "id": 5, "token": null })),
        ("INTERACTION_CREATE", json!("nothing")),
    ] {
        fake.dispatch_raw(kind, &data);
    }
    fake.send_frame("this is no JSON");
    fake.send_frame("{\"op\":99,\"d\":null}");
    fake.send_frame("[]");

    let message = "The desk could not read what Discord sent, so nothing was done.";
    for missing in ["attachment_size_limit", "entitlements", "locale", "version"] {
        let person = scene.server.person("helpdesk");
        let asked = person
            .slash_with(CHANNEL, "connect reset", &[("login", "john.doe".into())], |interaction| {
                interaction.as_object_mut().unwrap().remove(missing);
            })
            .await;
        let outcome = asked.outcome(LIMIT).await.unwrap();
        let text = outcome.text();
        let read = text.contains("#");
        assert!(text.contains(message) || read, "{missing}: {text}");
        assert!(outcome.message.unwrap().is_ephemeral());
    }
    let asked = scene
        .server
        .person("helpdesk")
        .slash_with(CHANNEL, "desk whoami", &[], |interaction| {
            interaction["type"] = json!(77);
        })
        .await;
    assert!(asked.outcome(LIMIT).await.unwrap().text().contains(message));

    // Fields that no one knows yet are no hindrance.
    let asked = scene
        .server
        .person("helpdesk")
        .slash_with(CHANNEL, "desk whoami", &[], |interaction| {
            interaction["a_new_field"] = json!({ "with": ["much", "in", "it"] });
            interaction["member"]["banner_colour"] = json!("#123456");
            interaction["data"]["mood"] = json!(7);
        })
        .await;
    assert!(asked.outcome(LIMIT).await.unwrap().text().contains("helpdesk"));
    scene.ends().await;
}
