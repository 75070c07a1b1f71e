//! The real serenity, by both ways in.

use std::time::Duration;

use fake_discord::{ClientRefuses, Connection, Fault, FaultKind, Input, Options, Scope};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn a_command_is_answered_privately_and_its_button_changes_the_answer() {
    let (fake, ann, bob) = opened().await;
    let bot = start(plain(&fake)).await;
    let options = [("login", "john.doe".into()), ("way", "mail".into())];
    let asked = ann.slash(CHANNEL, "connect reset", &options).await.unwrap();
    let answer = asked.outcome(LIMIT).await.unwrap().message.unwrap();
    assert_eq!(answer.content, format!("reset john.doe with 1 roles <@{ANN}>"));
    assert!(answer.is_ephemeral() && answer.pings.is_empty(), "mentions are off: {answer:?}");
    assert_eq!(ann.sees(CHANNEL).len(), 1);
    assert!(bob.sees(CHANNEL).is_empty(), "a private answer is the asker's alone");
    assert_eq!(bob.click(answer.id, "Yes").await.err(), Some(ClientRefuses::NoSuchMessage(answer.id)));
    assert_eq!(ann.click(answer.id, "Off").await.err(), Some(ClientRefuses::Disabled("Off".into())));
    assert_eq!(ann.click(answer.id, "Guide").await.err(), Some(ClientRefuses::Link("Guide".into())));
    let clicked = ann.click(answer.id, "Yes").await.unwrap().outcome(LIMIT).await.unwrap();
    assert_eq!(clicked.message.unwrap().content, "decided");
    let stands = ann.sees(CHANNEL).pop().unwrap();
    assert!(stands.buttons().is_empty() && stands.edits == 1 && stands.is_ephemeral());
    assert_eq!(ann.click(answer.id, "yes").await.err(), Some(ClientRefuses::NoSuchComponent("yes".into())));
    fake.look(|world| assert!(world.unknown_routes().is_empty() && world.refusals().is_empty()));
    bot.stop().await;
}

#[tokio::test]
async fn options_complete_as_they_are_typed() {
    let (fake, ann, _) = opened().await;
    let bot = start(plain(&fake)).await;
    let choices = ann.autocomplete(CHANNEL, "connect reset", &[("login", "joh")], "login").await.unwrap();
    assert_eq!(choices.len(), 25);
    assert_eq!((&*choices[3].name, &choices[3].value), ("joh3", &json!("joh-3")));
    bot.stop().await;
}

#[tokio::test]
async fn a_deferred_answer_is_filled_and_followed() {
    let (fake, ann, bob) = opened().await;
    let bot = start(plain(&fake)).await;
    let asked = ann.slash(CHANNEL, "connect slow", &[]).await.unwrap();
    let outcome = asked.followed_up(1, LIMIT).await.unwrap();
    let answer = outcome.message.unwrap();
    assert_eq!((&*answer.content, answer.is_ephemeral(), answer.edits), ("done", true, 0));
    assert_eq!(outcome.follow_ups[0].content, "and more");
    assert!(bob.sees(CHANNEL).is_empty());
    let times = outcome.times;
    assert!(times.sent < times.acknowledged && times.acknowledged < times.answered);
    bot.stop().await;
}

#[tokio::test]
async fn a_form_is_opened_by_a_command_and_by_a_button() {
    let (fake, ann, _) = opened().await;
    let bot = start(plain(&fake)).await;
    let asked = ann.slash(CHANNEL, "connect ask", &[]).await.unwrap();
    let modal = asked.outcome(LIMIT).await.unwrap().modal.unwrap();
    assert_eq!((&*modal.title, &*modal.inputs[0].label), ("Why?", "Reason"));
    let least = ClientRefuses::Length { option: "Reason".into(), least: 5, most: 50, length: 2 };
    assert_eq!(ann.submit(&modal, &[("Reason", "so")]).await.err(), Some(least));
    assert_eq!(ann.submit(&modal, &[]).await.err(), Some(ClientRefuses::MissingInput("Reason".into())));
    let sent = ann.submit(&modal, &[("reason", "it was lost")]).await.unwrap();
    assert_eq!(sent.outcome(LIMIT).await.unwrap().text(), "because it was lost");

    let card = ann.slash(CHANNEL, "connect reset", &[("login", "ann".into())]).await.unwrap();
    let card = card.outcome(LIMIT).await.unwrap().message.unwrap();
    let modal = ann.click(card.id, "Why").await.unwrap().outcome(LIMIT).await.unwrap().modal.unwrap();
    assert_eq!(modal.message, Some(card.id));
    let sent = ann.submit(&modal, &[("Reason", "it was lost")]).await.unwrap();
    assert_eq!(sent.outcome(LIMIT).await.unwrap().text(), "because it was lost");
    bot.stop().await;
}

#[tokio::test]
async fn a_menu_offers_what_it_offers() {
    let (fake, ann, bob) = opened().await;
    let bot = start(plain(&fake)).await;
    let asked = ann.slash(CHANNEL, "connect pick", &[]).await.unwrap();
    let message = asked.outcome(LIMIT).await.unwrap().message.unwrap();
    let green = ClientRefuses::NotAChoice { option: "colour".into(), value: "green".into() };
    assert_eq!(bob.select(message.id, "colour", &["green"]).await.err(), Some(green));
    let picked = bob.select(message.id, "colour", &["red"]).await.unwrap();
    assert_eq!(picked.outcome(LIMIT).await.unwrap().text(), "decided");
    bot.stop().await;
}

#[tokio::test]
async fn an_attachment_is_downloaded_and_a_file_comes_back() {
    let (fake, ann, _) = opened().await;
    let bot = start(plain(&fake)).await;
    let file = Input::file("users.csv", &b"login\r\n\r\n--x"[..]);
    let asked = ann.slash(CHANNEL, "connect user import", &[("file", file)]).await.unwrap();
    let answer = asked.outcome(LIMIT).await.unwrap().message.unwrap();
    assert_eq!(answer.content, "12 bytes");
    assert_eq!(&answer.attachments[0].bytes[..], b"login\r\n\r\n--x");
    assert_eq!(answer.attachments[0].filename, "échos \"1\".csv");
    let lost = Input::lost_file("users.csv", &b"login"[..]);
    let asked = ann.slash(CHANNEL, "connect user import", &[("file", lost)]).await.unwrap();
    fake.wait_for(LIMIT, |world| world.refusals().iter().any(|it| it.status == 404).then_some(()))
        .await
        .unwrap();
    fake.advance(Duration::from_secs(4));
    let outcome = asked.outcome(LIMIT).await.unwrap();
    assert_eq!(outcome.failed.as_deref(), Some("The application did not respond"));
    bot.stop().await;
}

#[tokio::test]
async fn a_session_is_resumed_and_nothing_is_lost() {
    let (fake, ann, _) = opened().await;
    let mut bot = start(plain(&fake)).await;
    let troubles = [
        Connection::Reconnect,
        Connection::Close(4000),
        Connection::Close(1001),
        Connection::Abort,
        Connection::InvalidSession { resumable: true },
    ];
    for (number, trouble) in troubles.into_iter().enumerate() {
        assert_eq!(fake.gateway(trouble), 1);
        let asked = ann.slash(CHANNEL, "connect reset", &[("login", "ann".into())]).await.unwrap();
        bot.hears(Incoming::Resumed).await;
        let outcome = asked.outcome(LIMIT).await.unwrap();
        assert!(outcome.message.is_some(), "{trouble:?}: {outcome:?}");
        let log = fake.look(|world| world.gateway().clone());
        assert_eq!((log.identifies.len(), log.resumes.len(), log.live), (1, number + 1, 1), "{trouble:?}");
    }
    bot.stop().await;
    fake.wait_for(LIMIT, |world| (world.gateway().live == 0).then_some(())).await.unwrap();
}

#[tokio::test]
async fn a_void_session_is_started_anew() {
    let (fake, ann, _) = opened().await;
    let mut bot = start(plain(&fake)).await;
    fake.gateway(Connection::InvalidSession { resumable: false });
    bot.hears(Incoming::Ready).await;
    assert_eq!(fake.look(|world| world.gateway().identifies.len()), 2);
    let asked = ann.slash(CHANNEL, "connect reset", &[("login", "ann".into())]).await.unwrap();
    assert!(asked.outcome(LIMIT).await.unwrap().message.is_some());
    bot.stop().await;
}

#[tokio::test]
async fn a_revoked_token_ends_the_bot() {
    let (fake, _, _) = opened().await;
    let bot = start(plain(&fake)).await;
    fake.revoke_token();
    let ended = tokio::time::timeout(LIMIT, bot.ended).await.unwrap().unwrap();
    assert!(ended.is_err(), "{ended:?}");
    assert_eq!(fake.look(|world| world.gateway().closed.clone()), [4004]);
}

#[tokio::test]
async fn a_wrong_token_never_gets_in() {
    let (fake, _, _) = open(Options { token: "another".into(), ..Options::default() }).await;
    let bot = begin(plain(&fake)).await;
    let ended = tokio::time::timeout(LIMIT, bot.ended).await.unwrap().unwrap();
    assert!(format!("{ended:?}").contains("InvalidAuthentication"), "{ended:?}");
}

#[tokio::test]
async fn the_same_interaction_twice_is_refused_the_second_time() {
    let (fake, ann, _) = opened().await;
    let mut bot = start(plain(&fake)).await;
    let asked = ann.slash(CHANNEL, "connect reset", &[("login", "ann".into())]).await.unwrap();
    bot.hears(Incoming::Interaction(asked.id())).await;
    asked.outcome(LIMIT).await.unwrap();
    fake.duplicate(&asked);
    bot.hears(Incoming::Interaction(asked.id())).await;
    bot.hears(Incoming::Refused(40060)).await;
    let known = asked.interaction().unwrap();
    assert_eq!((known.deliveries, &*known.refused), (2, &[40060][..]));
    bot.stop().await;
}

#[tokio::test]
async fn an_interaction_that_serenity_cannot_read_reaches_the_raw_handler() {
    let (fake, ann, _) = opened().await;
    let mut bot = start(plain(&fake)).await;
    let asked = ann
        .slash_with(CHANNEL, "connect reset", &[("login", "ann".into())], |json| {
            json.as_object_mut().unwrap().remove("attachment_size_limit");
        })
        .await;
    bot.hears(Incoming::Unreadable(asked.id())).await;
    fake.dispatch_raw("SOMETHING_NEW", &json!({ "new": true }));
    let asked = ann
        .slash_with(CHANNEL, "connect reset", &[("login", "ann".into())], |json| {
            json["nobody_knows"] = json!({ "this": [1] });
        })
        .await;
    assert!(asked.outcome(LIMIT).await.unwrap().message.is_some());
    bot.stop().await;
}

#[tokio::test]
async fn a_late_answer_is_refused() {
    let (fake, ann, _) = opened().await;
    let mut bot = start(plain(&fake)).await;
    fake.hold();
    let asked = ann.slash(CHANNEL, "connect reset", &[("login", "ann".into())]).await.unwrap();
    fake.advance(Duration::from_secs(4));
    fake.release();
    bot.hears(Incoming::Refused(10062)).await;
    assert!(asked.outcome(LIMIT).await.unwrap().failed.is_some());
    bot.stop().await;
}

#[tokio::test]
async fn the_rate_limiter_works_through_the_proxy_and_nobody_leaves_loopback() {
    let (fake, ann, _) = open(Options { tls: true, ..Options::default() }).await;
    let bot = start(proxied(&fake)).await;
    let kind = FaultKind::TooManyRequests { retry_after: Duration::from_millis(200), scope: Scope::User };
    fake.fault(Fault::on("POST", "/interactions/*/*/callback", kind));
    let asked = ann.slash(CHANNEL, "connect reset", &[("login", "ann".into())]).await.unwrap();
    assert!(asked.outcome(LIMIT).await.unwrap().message.is_some());
    let statuses: Vec<_> = fake.look(|world| {
        assert!(world.requests().all(|request| request.tls));
        assert!(world.left_loopback().is_empty(), "{:?}", world.left_loopback());
        assert_eq!(world.hosts().keys().collect::<Vec<_>>(), ["discord.com:443"]);
        world.requests().filter(|it| it.path.starts_with("/interactions")).map(|it| it.status).collect()
    });
    assert_eq!(statuses, [429, 204]);
    let asked = ann.slash(CHANNEL, "connect slow", &[]).await.unwrap();
    assert_eq!(asked.followed_up(1, LIMIT).await.unwrap().text(), "done");
    bot.stop().await;
}

#[tokio::test]
async fn a_burst_is_answered_while_old_things_are_forgotten() {
    let (fake, ann, _) = open(Options { keep: Some(100), ..Options::default() }).await;
    let bot = start(plain(&fake)).await;
    let mut all = Vec::new();
    for _ in 0..2_000 {
        all.push(ann.slash(CHANNEL, "connect reset", &[("login", "ann".into())]).await.unwrap());
    }
    fake.wait_for(LIMIT * 3, |world| {
        (world.request_count() > 2_000 && world.messages(CHANNEL).len() == 100).then_some(())
    })
    .await
    .unwrap();
    fake.look(|world| {
        assert!(world.requests().all(|request| request.status == 204));
        assert_eq!(world.requests().count(), 100);
    });
    bot.stop().await;
}

#[tokio::test]
async fn a_session_that_timed_out_is_started_anew() {
    let (fake, ann, _) = opened().await;
    let mut bot = start(plain(&fake)).await;
    fake.gateway(Connection::Close(4009));
    bot.hears(Incoming::Ready).await;
    let asked = ann.slash(CHANNEL, "connect reset", &[("login", "ann".into())]).await.unwrap();
    assert!(asked.outcome(LIMIT).await.unwrap().message.is_some());
    bot.stop().await;
}

#[tokio::test]
async fn a_refused_resume_is_followed_by_an_identify() {
    let (fake, _, _) = opened().await;
    let mut bot = start(plain(&fake)).await;
    fake.refuse_resumes(1);
    fake.gateway(Connection::Abort);
    bot.hears(Incoming::Ready).await;
    let log = fake.look(|world| world.gateway().clone());
    let accepted: Vec<_> = log.resumes.iter().map(|stamp| stamp.accepted).collect();
    assert_eq!((accepted, log.identifies.len()), (vec![false], 2));
    bot.stop().await;
}

#[tokio::test]
async fn a_global_command_works_in_direct_messages() {
    let (fake, ann, bob) = opened().await;
    fake.register(None, &commands()).unwrap();
    let bot = start(plain(&fake)).await;
    let asked = ann.slash(ann.dm(), "connect pick", &[]).await.unwrap();
    let message = asked.outcome(LIMIT).await.unwrap().message.unwrap();
    assert_eq!(message.channel, ann.dm());
    let no = bob.slash(ann.dm(), "connect pick", &[]).await.err();
    assert_eq!(no, Some(ClientRefuses::NoSuchChannel));
    let picked = ann.select(message.id, "colour", &["red"]).await.unwrap();
    assert_eq!(picked.outcome(LIMIT).await.unwrap().text(), "decided");
    bot.stop().await;
}

#[tokio::test]
async fn a_click_that_is_only_acknowledged_ends_with_the_edit_of_its_message_by_any_way() {
    let (fake, ann, _) = opened().await;
    let http = plain(&fake);
    let channel = serenity::all::ChannelId::new(CHANNEL);
    let button = serenity::all::CreateButton::new("slow").label("Slow");
    let card = serenity::all::CreateMessage::new().content("card").button(button);
    let card = channel.send_message(&http, card).await.unwrap();
    let clicked = ann.click(card.id.get(), "Slow").await.unwrap();
    let token = clicked.interaction().unwrap().token;
    http.create_interaction_response(clicked.id().into(), &token, &json!({ "type": 6 }), vec![])
        .await
        .unwrap();
    assert!(clicked.acknowledged(LIMIT).await.unwrap().deferred);
    let edit = serenity::all::EditMessage::new().content("done");
    channel.edit_message(&http, card.id, edit).await.unwrap();
    let outcome = clicked.outcome(LIMIT).await.unwrap();
    assert_eq!((&*outcome.text(), outcome.deferred), ("done", false));
    assert!(fake.look(|world| world.refusals().is_empty()));
}

/// serenity 0.12.5 does not try to resume a second time: it identifies anew, once its next heartbeat is due and five more
/// seconds have passed, and what happened in between is lost.
#[tokio::test]
async fn a_reconnect_that_finds_nobody_costs_the_session() {
    let (fake, ann, _) = open(Options { heartbeat: Duration::from_millis(700), ..Options::default() }).await;
    let mut bot = start(plain(&fake)).await;
    fake.refuse_connections(1);
    fake.gateway(Connection::Abort);
    let lost = ann.slash(CHANNEL, "connect reset", &[("login", "ann".into())]).await.unwrap();
    bot.hears(Incoming::Ready).await;
    let log = fake.look(|world| world.gateway().clone());
    assert_eq!((log.identifies.len(), log.resumes.len(), log.live), (2, 0, 1));
    fake.advance(Duration::from_secs(4));
    assert!(lost.outcome(LIMIT).await.unwrap().failed.is_some());
    bot.stop().await;
}
