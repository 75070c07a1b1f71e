//! Cards that somebody deletes, channels that are closed, and clicks of people who may not, come late, or come together.

use std::time::Duration;

use desk_core::log::Outcome as Ended;
use desk_core::request::Phase;
use desk_core::roles::Role as DeskRole;
use fake_discord::{FaultKind, Gate, Role, permission};

use crate::scene::{MESSAGE, Scene, WRITES, told};
use crate::support::LIMIT;
use crate::support::server::{APPROVALS, CHANNEL, ELSEWHERE, GUILD, role_id};

#[tokio::test]
async fn a_deleted_card_comes_back_while_there_is_something_to_do_with_it() {
    let scene = Scene::open().await;
    let first = scene.reset(1).await;
    scene.server.fake.delete_message(first.id);
    scene.says("helpdesk", "desk confirm", &[("request", 1.into())]).await;
    let second = scene.server.card_that(1, CHANNEL, "**Confirmed**").await;
    assert_ne!(first.id, second.id);
    scene.server.fake.delete_message(second.id);
    scene.says("supervisor", "desk approve", &[("request", 1.into())]).await;
    let third = scene.server.card_that(1, CHANNEL, "is done").await;
    assert_eq!(scene.writes().await, WRITES);
    scene.is_done(1).await;

    // What has ended is in the log; its card does not come back.
    scene.server.fake.delete_message(third.id);
    scene.says("helpdesk", "desk reveal", &[("request", 1.into())]).await;
    scene.reset(2).await;
    assert!(scene.cards(1, CHANNEL).is_empty());
    scene.ends().await;
}

#[tokio::test]
async fn a_request_goes_on_without_its_channel() {
    let scene = Scene::with(|setup| setup.approvals = true).await;
    scene.reset(1).await;
    scene.confirms(1).await;
    scene.server.card_that(1, APPROVALS, "waits").await;
    scene.server.fake.delete_channel(CHANNEL);
    scene.press_in(APPROVALS, "supervisor", 1, "Approve").await;
    scene.server.card_that(1, APPROVALS, "is done").await;
    assert_eq!(scene.writes().await, WRITES);
    scene.ends().await;
}

#[tokio::test]
async fn where_the_desk_may_not_write_the_requester_gets_the_card_in_private_and_it_works() {
    let scene = Scene::open().await;
    let fake = &scene.server.fake;
    fake.take_permission(CHANNEL, permission::SEND_MESSAGES);
    let asked = scene.asks("john.doe").await;
    let card = asked.outcome(LIMIT).await.unwrap();
    assert!(card.text().contains("only you see this card. Tell the desk's operator."), "{}", card.text());
    // Its buttons change it where it is.
    let card = card.message.unwrap();
    assert!(card.is_ephemeral());
    scene.server.person("helpdesk").click(card.id, "Confirm").await.unwrap();
    scene
        .server
        .wait("the private card", |world| {
            world.message(card.id).is_some_and(|card| card.text().contains("**Confirmed**")).then_some(())
        })
        .await;
    let approved = scene.says("supervisor", "desk approve", &[("request", 1.into())]).await;
    assert!(approved.text().contains("is done"), "{}", approved.text());
    assert_eq!(scene.writes().await, WRITES);

    // As soon as it may write again the next card stands there.
    fake.set_bot_permissions(CHANNEL, permission::ORDINARY);
    scene.reset(2).await;
    scene.ends().await;
}

#[tokio::test]
async fn a_card_that_may_not_be_edited_is_caught_up_with() {
    let mut scene = Scene::open().await;
    scene.reset(1).await;
    scene.server.fake.set_bot_permissions(CHANNEL, 0);
    let confirmed = scene.says("helpdesk", "desk confirm", &[("request", 1.into())]).await;
    assert!(confirmed.text().contains("**Confirmed**"), "{}", confirmed.text());
    let done = scene.says("supervisor", "desk approve", &[("request", 1.into())]).await;
    assert!(done.text().contains("is done"), "{}", done.text());
    assert!(scene.cards(1, CHANNEL)[0].text().contains("waits"));
    scene.server.fake.set_bot_permissions(CHANNEL, permission::ORDINARY);
    scene.server.stop().await.unwrap();
    scene.server.start().await.unwrap();
    scene.is_done(1).await;
    scene.ends().await;
}

/// A press is answered where the person looks, and after a while no message with buttons shows what is no longer so.
async fn a_press_counts_and_shows(scene: &Scene, no: u64, what: &str) {
    let pressed = scene.reset(no).await;
    let confirm = pressed.button("Confirm").unwrap().custom_id.unwrap();
    let helpdesk = scene.server.person("helpdesk");
    let asked = helpdesk.click_raw(pressed.id, &confirm).await;
    asked.acknowledged(LIMIT).await.unwrap();
    let now = |says: &'static str| {
        scene.server.fake.look(|world| {
            let seen = |message: &fake_discord::Message| message.text().contains(says);
            let answers = asked.now().unwrap().follow_ups;
            let private = answers.iter().any(|message| message.is_ephemeral() && seen(message));
            private || world.messages(CHANNEL).into_iter().any(|message| is_card(message, no) && seen(message))
        })
    };
    scene.server.desk().discord.settled().await;
    assert!(now("**Confirmed**"), "{what}: nobody was told\n{}", scene.server.screen());
}

/// No public message shows a request otherwise than it is, with buttons that would say so.
async fn no_card_is_old(scene: &Scene, what: &str) {
    in_time(async {
        loop {
            scene.server.pass(Duration::from_secs(60)).await;
            scene.server.desk().discord.settled().await;
            let old = scene.server.fake.look(|world| {
                let all = world.messages(CHANNEL).into_iter();
                let cards = all.filter(|message| !message.buttons().is_empty());
                cards.filter(|card| !card.text().contains("**Confirmed**")).count()
            });
            if old == 0 {
                return;
            }
            let cards = scene.server.screen();
            assert!(!cards.contains("expired"), "{what}: a card is never right\n{cards}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_press_on_a_card_that_cannot_be_edited_is_answered_and_the_card_is_caught_up_with() {
    let scene = Scene::with(|setup| setup.change = crate::support::untiring).await;
    let refuses = |status: u16, code: u32| FaultKind::Answer {
        status,
        body: serde_json::json!({ "message": "No.", "code": code }).to_string(),
    };
    let mut no = 0;
    for (status, code) in [(400, 50_083), (403, 50_001), (403, 50_013), (403, 50_005), (403, 0)] {
        // What else Discord refuses with it: a new card, the edit by the press itself, both.
        for also in [vec![], vec![("POST", MESSAGES)], vec![("PATCH", ORIGINAL)], vec![("POST", MESSAGES), ("PATCH", ORIGINAL)]] {
            no += 1;
            let what = format!("{status} {code} and {also:?}");
            scene.reset(no).await;
            no += 1;
            scene.asks("john.doe").await;
            scene.server.card_that(no, CHANNEL, "waits").await;
            for (method, path) in also.iter().chain(&[("PATCH", MESSAGE)]) {
                scene.faults(method, path, u32::MAX, refuses(status, code));
            }
            // The first press is on a card that nobody could post anew meanwhile.
            a_press_counts(&scene, no, &what).await;
            scene.server.fake.clear_faults();
            no_card_is_old(&scene, no, &what).await;
        }
    }
    scene.ends().await;
}

#[tokio::test]
async fn both_copies_show_the_same_and_only_the_approvers_are_called_only_in_their_channel() {
    let scene = Scene::with(|setup| setup.approvals = true).await;
    for role in [DeskRole::Supervisor, DeskRole::Admin] {
        let id = role_id(role);
        let name = role.word().to_owned();
        scene.server.fake.put_role(GUILD, Role { id, name, permissions: 0, colour: 0, mentionable: true });
    }
    let approvers = vec![role_id(DeskRole::Supervisor), role_id(DeskRole::Admin)];
    scene.reset(1).await;
    let copy = scene.server.card_that(1, APPROVALS, "waits").await;
    assert_eq!(copy.pings.roles, approvers);
    assert!(copy.pings.users.is_empty() && !copy.pings.everyone);
    let same = |says: &'static str| {
        let scene = &scene;
        async move {
            let here = scene.server.card_that(1, CHANNEL, says).await;
            let there = scene.server.card_that(1, APPROVALS, says).await;
            assert_eq!(here.embeds, there.embeds);
            assert_eq!(here.components, there.components);
            assert!(here.pings.is_empty() && here.content.is_empty(), "{}", here.content);
            there
        }
    };
    same("waits").await;
    scene.press("helpdesk", 1, "Confirm").await;
    same("**Confirmed**").await;
    scene.press_in(APPROVALS, "second", 1, "Approve").await;
    let done = same("is done").await;
    assert!(done.content.is_empty(), "nobody is called any more: {}", done.content);
    assert_eq!(scene.cards(1, APPROVALS).len(), 1);

    // What needs nobody's approval is not shown there.
    scene
        .says("helpdesk", "connect reset", &[("login", "nobody.here".into()), ("way", "recreate".into())])
        .await;
    assert!(scene.cards(2, APPROVALS).is_empty());
    scene.ends().await;
}

#[tokio::test]
async fn where_the_approvals_channel_is_the_desks_own_there_is_one_card() {
    let scene = Scene::with(|setup| {
        setup.change = |config| {
            let discord = config.discord.as_mut().unwrap();
            discord.approvals_channel = std::num::NonZeroU64::new(CHANNEL);
        }
    })
    .await;
    let card = scene.reset(1).await;
    assert!(card.content.contains(&format!("<@&{}>", role_id(DeskRole::Supervisor))), "{}", card.content);
    scene.runs(1).await;
    scene.is_done(1).await;
    scene.ends().await;
}

#[tokio::test]
async fn who_may_not_click_is_told_in_private_who_may() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    for (who, label, says) in [
        (
            "helpdesk",
            "Approve",
            "Nobody decides on their own request. Ask another person with the role supervisor or admin.",
        ),
        ("oncall", "Approve", "Ask another person with the role supervisor or admin."),
        (
            "oncall",
            "Confirm",
            "Only `helpdesk`, who asked, may confirm #1. To approve it, use `/desk approve`.",
        ),
        ("john", "Cancel", "Ask somebody with the role l1, supervisor, oncall or admin."),
        ("helpdesk", "Deny", "To take it back, type `/desk cancel 1`."),
    ] {
        let answer = scene.told(who, 1, label).await.replace('\n', " ");
        assert!(answer.contains(says), "{who} {label}: {answer}");
    }
    assert_eq!(scene.phase(1).await, Phase::Waiting);
    assert_eq!(scene.writes().await, 0);
    scene.ends().await;
}

#[tokio::test]
async fn the_second_click_says_who_was_first() {
    let scene = Scene::open().await;
    let card = scene.reset(1).await;
    let approve = card.button("Approve").unwrap().custom_id.unwrap();
    scene.confirms(1).await;
    let again = scene
        .server
        .person("helpdesk")
        .click_raw(card.id, &card.button("Confirm").unwrap().custom_id.unwrap())
        .await;
    let answer = told(&again).await;
    assert!(answer.contains("You confirmed #1 at 09:00 UTC."), "{answer}");
    scene.press("supervisor", 1, "Approve").await;
    scene.server.card_that(1, CHANNEL, "is done").await;
    // The screen of the second supervisor was behind.
    let late = scene.server.person("second").click_raw(card.id, &approve).await;
    let answer = told(&late).await;
    assert!(answer.contains("supervisor") && answer.contains("09:00 UTC"), "{answer}");
    assert_eq!(scene.writes().await, WRITES);
    scene.is_done(1).await;
    scene.ends().await;
}

#[tokio::test]
async fn of_two_clicks_at_once_one_counts() {
    let scene = Scene::with(|setup| setup.change = crate::support::untiring).await;
    let (mut approved, mut denied) = (0, 0);
    for no in 1..=50 {
        let card = scene.reset(no).await;
        scene.confirms(no).await;
        let (yes, no_) = (scene.server.person("supervisor"), scene.server.person("second"));
        let deny = card.button("Deny").unwrap().custom_id.unwrap();
        let approve = card.button("Approve").unwrap().custom_id.unwrap();
        // Both are looking at the card as it was; the form is open before the other click comes.
        let asked = no_.click_raw(card.id, &deny).await;
        let form = asked.outcome(LIMIT).await.unwrap().modal.unwrap();
        let (yes, no_) = tokio::join!(yes.click_raw(card.id, &approve), async {
            no_.submit(&form, &[("reason", "not today")]).await.unwrap()
        });
        let (yes, no_) = tokio::join!(yes.acknowledged(LIMIT), no_.acknowledged(LIMIT));
        assert_eq!((yes.unwrap().failed, no_.unwrap().failed), (None, None));
        scene
            .server
            .wait("an end", |world| {
                let card = world.message(card.id)?.text();
                ["is done", "was denied"].iter().any(|end| card.contains(end)).then_some(())
            })
            .await;
        let request = scene.server.request(no).await;
        match request.phase {
            Phase::Finished { outcome: Ended::Done, .. } => {
                approved += 1;
                assert!(request.denied.is_none());
            }
            // A no counts until the first step begins.
            Phase::Finished { outcome: Ended::Denied, .. } => denied += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(approved + denied, 50);
    assert_eq!(scene.writes().await, approved * WRITES);
    scene.ends().await;
}

#[tokio::test]
async fn a_yes_to_an_older_plan_is_none() {
    let scene = Scene::open().await;
    let old = scene.reset(1).await;
    scene.confirms(1).await;
    scene.world("john.doe routing_profile:\"Contact Tracers Profile\"").await;
    let before = scene.writes().await;
    scene.press("supervisor", 1, "Approve").await;
    let card = scene.server.card_that(1, CHANNEL, "An earlier yes counts no more").await;
    assert_eq!(old.id, card.id);
    // A screen that still shows the old plan.
    let stale = old.button("Approve").unwrap().custom_id.unwrap();
    let click = scene.server.person("supervisor").click_raw(card.id, &stale).await;
    let answer = told(&click).await;
    assert!(
        answer.contains("The plan of #1 is now") && answer.contains("Look at its card again"),
        "{answer}"
    );
    assert_eq!(scene.writes().await, before);
    scene.runs(1).await;
    scene.is_done(1).await;
    assert_eq!(scene.writes().await - before, WRITES);
    scene.ends().await;
}

#[tokio::test]
async fn what_the_desk_did_not_make_presses_nothing() {
    let scene = Scene::open().await;
    let card = scene.reset(1).await;
    let genuine = card.button("Approve").unwrap().custom_id.unwrap();
    let person = scene.server.person("supervisor");
    for forged in [
        genuine.replace(":1:", ":2:"),
        genuine.replace("approve", "confirm"),
        format!("{genuine}A"),
        "1:approve:1:b1efe8:AAAAAAAAAAAA".to_owned(),
        "approve".to_owned(),
        "😀".to_owned(),
        String::new(),
        "2:approve:1:b1efe8:AAAAAAAAAAAA".to_owned(),
    ] {
        let answer = told(&person.click_raw(card.id, &forged).await).await;
        assert!(answer.contains("Take the newest card of the request"), "{forged}: {answer}");
    }
    assert_eq!(scene.phase(1).await, Phase::Waiting);

    // A button that is copied to another message means what it says, to whom it says it.
    let other = scene.reset(2).await;
    let answer = told(&scene.server.person("helpdesk").click_raw(other.id, &genuine).await).await;
    assert!(answer.contains("Nobody decides on their own request"), "{answer}");
    scene.ends().await;
}

#[tokio::test]
async fn a_button_works_after_a_restart_and_half_an_hour_later() {
    let mut scene = Scene::open().await;
    scene.reset(1).await;
    scene.confirms(1).await;
    scene.server.stop().await.unwrap();
    scene.server.start().await.unwrap();
    scene.server.pass(Duration::from_secs(30 * 60)).await;
    scene.press("supervisor", 1, "Approve").await;
    scene.is_done(1).await;
    assert_eq!(scene.writes().await, WRITES);
    // And an expired one says so.
    scene.reset(2).await;
    scene.server.pass(Duration::from_secs(61 * 60)).await;
    scene.server.card_that(2, CHANNEL, "expired").await;
    let old = "1:approve:2";
    assert!(
        scene.cards(2, CHANNEL)[0].buttons().iter().all(|button| !button
            .custom_id
            .clone()
            .unwrap()
            .starts_with(old))
    );
    scene.ends().await;
}

#[tokio::test]
async fn a_slow_card_never_shows_an_older_state_over_a_newer_one() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    let gate = Gate::closed();
    scene.fault("PATCH", MESSAGE, FaultKind::WaitBefore(gate.clone()));
    scene.press("helpdesk", 1, "Confirm").await;
    gate.reached(LIMIT).await.unwrap();
    let done = scene.says("supervisor", "desk approve", &[("request", 1.into())]).await;
    assert!(done.text().contains("is done"), "{}", done.text());
    gate.open();
    scene.is_done(1).await;
    scene.ends().await;
}

#[tokio::test]
async fn another_channel_is_named_where_the_desk_listens() {
    let scene = Scene::open().await;
    let asked = scene.server.person("helpdesk").slash(ELSEWHERE, "desk whoami", &[]).await.unwrap();
    let answer = asked.outcome(LIMIT).await.unwrap();
    assert!(answer.text().contains(&format!("Ask in channel <#{CHANNEL}>.")), "{}", answer.text());
    assert!(answer.message.unwrap().is_ephemeral());
    scene.ends().await;
}
