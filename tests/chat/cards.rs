//! Cards that someone deletes, channels that are closed, and clicks of people who may not, come late, or come together.

use std::time::Duration;

use desk_core::basics::roles::Role as DeskRole;
use desk_core::log::Outcome as Ended;
use desk_core::request::Phase;
use fake_discord::{FaultKind, Gate, Role, permission};

use crate::scene::{MESSAGE, MESSAGES, ORIGINAL, Scene, WRITES, told};
use crate::support::server::{APPROVALS, CHANNEL, ELSEWHERE, GUILD, is_card, role_id};
use crate::support::{LIMIT, in_time};

#[tokio::test]
async fn a_deleted_card_comes_back_while_there_is_something_to_do_with_it() {
    let scene = Scene::open().await;
    let first = scene.reset(1).await;
    scene.server.fake.delete_message(first.id);
    scene.says("helpdesk", "desk confirm", &[("request", 1.into())]).await;
    let second = scene.server.card_that(1, CHANNEL, "☑ Confirmed by").await;
    assert_ne!(first.id, second.id);
    scene.server.fake.delete_message(second.id);
    scene.says("supervisor", "desk approve", &[("request", 1.into())]).await;
    let third = scene.server.card_that(1, CHANNEL, "· completed").await;
    assert_eq!(scene.writes().await, WRITES);
    scene.is_done(1).await;

    // A look at what is open finds out, and its links lead to what is there.
    scene.reset(2).await;
    let deleted = scene.cards(2, CHANNEL)[0].id;
    scene.server.fake.delete_message(deleted);
    let list = scene.says("helpdesk", "desk requests", &[]).await.text();
    let card = scene.server.card(2, CHANNEL).await;
    assert!(list.contains(&card.id.to_string()) && !list.contains(&deleted.to_string()), "{list}");
    scene.server.fake.delete_message(card.id);
    scene.says("helpdesk", "desk show", &[("request", 2.into())]).await;
    assert_eq!(scene.cards(2, CHANNEL).len(), 1);

    // What has ended is in the log; its card does not come back.
    scene.server.fake.delete_message(third.id);
    scene.says("helpdesk", "desk reveal", &[("request", 1.into())]).await;
    scene.reset(3).await;
    assert!(scene.cards(1, CHANNEL).is_empty());
    scene.ends().await;
}

#[tokio::test]
async fn a_press_leaves_the_message_that_was_pressed_as_things_are_and_others_as_they_were() {
    let scene = Scene::with(|setup| setup.change = crate::buttons::in_private).await;
    let message = |id: u64| scene.server.fake.look(|world| world.message(id).cloned()).unwrap();
    let shows = async |id: u64, text: &'static str| {
        scene
            .server
            .wait(text, |world| world.message(id).filter(|message| message.text().contains(text)).cloned())
            .await
    };
    let why = || ("reason", fake_discord::Input::from("x"));
    let reset = [("login", "john.doe".into()), ("method", "recreate".into()), why()];
    let (helpdesk, supervisor) = (scene.server.person("helpdesk"), scene.server.person("supervisor"));
    // A copy in a direct message and one in the channel, both for one person's eyes, while another one decides.
    let asked = helpdesk.slash_raw(helpdesk.dm(), "connect reset", &reset).await;
    let own = asked.outcome(LIMIT).await.unwrap().message.unwrap();
    helpdesk.click(own.id, "Confirm").await.unwrap();
    shows(own.id, "· needs approval").await;
    let copy = scene.says("supervisor", "desk show", &[("request", 1.into())]).await.message.unwrap();
    let mut copies = Vec::new();
    for label in ["Approve", "Deny", "Details"] {
        copies.push((
            label,
            scene.says("second", "desk show", &[("request", 1.into())]).await.message.unwrap(),
        ));
        assert!(copy.button(label).is_some());
    }
    supervisor.click(copy.id, "Approve").await.unwrap();
    shows(copy.id, "· completed").await;
    for (label, copy) in copies {
        assert!(message(copy.id).text().contains("· needs approval"));
        let asked = scene.server.person("second").click(copy.id, label).await.unwrap();
        told(&asked).await;
        assert!(shows(copy.id, "· completed").await.button("Approve").is_none(), "{label}");
    }
    told(&helpdesk.click(own.id, "Cancel").await.unwrap()).await;
    shows(own.id, "· completed").await;

    // What a button of another request does leaves the card that it was sent from alone.
    for no in [2, 3] {
        scene.slash("helpdesk", "connect reset", &reset).await;
        scene.server.card_that(no, CHANNEL, "· needs").await;
        scene.confirms(no).await;
    }
    let (one, other) = (scene.cards(2, CHANNEL)[0].clone(), scene.cards(3, CHANNEL)[0].clone());
    let form = supervisor.click(one.id, "Deny").await.unwrap().outcome(LIMIT).await.unwrap().modal.unwrap();
    let form = fake_discord::Modal { message: Some(other.id), ..form };
    let sent = supervisor.submit(&form, &[("reason", "no")]).await.unwrap();
    assert!(told(&sent).await.contains("· denied"));
    scene.server.card_that(2, CHANNEL, "· denied").await;
    scene.server.desk().chats.settled().await;
    assert_eq!((message(other.id).text(), message(other.id).buttons()), (other.text(), other.buttons()));
    scene.ends().await;
}

#[tokio::test]
async fn a_request_goes_on_without_its_channel() {
    let scene = Scene::with(|setup| setup.approvals = true).await;
    scene.reset(1).await;
    scene.confirms(1).await;
    scene.server.card_that(1, APPROVALS, "· needs").await;
    scene.server.fake.delete_channel(CHANNEL);
    scene.press_in(APPROVALS, "supervisor", 1, "Approve").await;
    scene.server.card_that(1, APPROVALS, "· completed").await;
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
            world.message(card.id).is_some_and(|card| card.text().contains("☑ Confirmed by")).then_some(())
        })
        .await;
    let approved = scene.says("supervisor", "desk approve", &[("request", 1.into())]).await;
    assert!(approved.text().contains("· completed"), "{}", approved.text());
    assert_eq!(scene.writes().await, WRITES);

    // As soon as it may write again the next card is there.
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
    assert!(confirmed.text().contains("☑ Confirmed by"), "{}", confirmed.text());
    let done = scene.says("supervisor", "desk approve", &[("request", 1.into())]).await;
    assert!(done.text().contains("· completed"), "{}", done.text());
    assert!(scene.cards(1, CHANNEL)[0].text().contains("· needs"));
    scene.server.fake.set_bot_permissions(CHANNEL, permission::ORDINARY);
    scene.server.stop().await.unwrap();
    scene.server.start().await.unwrap();
    scene.is_done(1).await;
    scene.ends().await;
}

fn refuses(status: u16, code: u32) -> FaultKind {
    let body = serde_json::json!({ "message": "No.", "code": code }).to_string();
    FaultKind::Answer { status, body }
}

/// What the requester sees after a press: a message of the channel, or an answer for them alone, with these words.
fn is_told(scene: &Scene, no: u64, asked: &fake_discord::Asked, text: &str) -> bool {
    let answers = asked.now().unwrap().follow_ups;
    let link = format!("/{APPROVALS}/");
    assert!(
        answers.iter().all(|answer| answer.is_ephemeral() && !answer.text().contains(&link)),
        "{answers:?}"
    );
    let cards = scene.cards(no, CHANNEL);
    answers.iter().chain(&cards).any(|message| message.text().contains(text))
}

/// In the end there is one card with buttons, and it shows the request as it is.
async fn is_caught_up_with(scene: &Scene, no: u64, message: &str, what: &str) {
    for _ in 0..5 {
        scene.server.pass(Duration::from_secs(61)).await;
        scene.server.desk().chats.settled().await;
    }
    let cards = scene.cards(no, CHANNEL);
    let alive: Vec<_> = cards.iter().filter(|card| !card.buttons().is_empty()).collect();
    assert!(alive.len() == 1 && alive[0].text().contains(message), "{what}\n{}", scene.server.screen());
}

#[tokio::test]
async fn a_press_on_a_card_that_cannot_be_edited_is_answered_and_the_card_is_caught_up_with() {
    let scene = Scene::with(|setup| {
        setup.approvals = true;
        setup.change = crate::support::untiring;
    })
    .await;
    let mut no = 0;
    for (status, code) in
        [(400, 50_083), (403, 50_001), (403, 50_013), (403, 50_005), (403, 0), (400, 50_035)]
    {
        // What Discord refuses beside the edit: a new card, the edit by the press itself, or both.
        for also in [
            &[][..],
            &[("POST", MESSAGES)],
            &[("PATCH", ORIGINAL)],
            &[("POST", MESSAGES), ("PATCH", ORIGINAL)],
        ] {
            no += 1;
            let what = format!("#{no}: {status} {code} and {also:?}");
            scene.reset(no).await;
            for (method, path) in also.iter().chain(&[("PATCH", MESSAGE)]) {
                scene.faults(method, path, u32::MAX, refuses(status, code));
            }
            let asked = scene.press("helpdesk", no, "Confirm").await;
            asked.acknowledged(LIMIT).await.unwrap();
            scene.server.desk().chats.settled().await;
            assert!(is_told(&scene, no, &asked, "☑ Confirmed by"), "{what}\n{}", scene.server.screen());
            scene.server.fake.clear_faults();
            is_caught_up_with(&scene, no, "☑ Confirmed by", &what).await;
            scene.server.card_that(no, APPROVALS, "· needs approval").await;
            scene.press("supervisor", no, "Approve").await;
            scene.server.card_that(no, CHANNEL, "· completed").await;
        }
    }
    scene.ends().await;
}

#[tokio::test]
async fn in_an_archived_thread_a_new_card_opens_it_and_the_old_one_says_where_it_is() {
    let scene = Scene::open().await;
    let old = scene.reset(1).await;
    let confirm = old.button("Confirm").unwrap().custom_id.unwrap();
    scene.server.fake.set_thread(CHANNEL, true, false);
    scene.press("helpdesk", 1, "Confirm").await;
    let new = scene
        .server
        .wait("a new card", |world| {
            let mut others = world.messages(CHANNEL).into_iter().filter(|message| message.id != old.id);
            others.find(|message| message.text().contains("☑ Confirmed by")).cloned()
        })
        .await;
    let left = scene
        .server
        .wait("the old card's last word", |world| {
            world.message(old.id).filter(|message| message.buttons().is_empty()).cloned()
        })
        .await;
    assert!(
        left.text().contains(&format!(
            "The card of #1 is here now: https://discord.com/channels/{GUILD}/{CHANNEL}/{}",
            new.id
        )),
        "{}",
        left.text()
    );
    // A screen that is behind still has its buttons.
    let late = scene.server.person("helpdesk").click_raw(old.id, &confirm).await;
    assert!(told(&late).await.contains("You confirmed #1"));

    // A locked thread can't be opened: the person is told, and the card is right as soon as it is open.
    scene.server.fake.set_thread(CHANNEL, true, true);
    let asked = scene.press("supervisor", 1, "Approve").await;
    let answer = told(&asked).await;
    assert!(answer.contains("· completed") || answer.contains("· running"), "{answer}");
    scene.server.desk().chats.settled().await;
    assert_eq!(scene.writes().await, WRITES);
    scene.server.fake.set_thread(CHANNEL, false, false);
    is_caught_up_with(&scene, 1, "· completed", "unlocked").await;
    scene.ends().await;
}

#[tokio::test]
async fn who_asks_is_never_sent_to_a_channel_that_they_may_not_see() {
    let scene = Scene::with(|setup| setup.approvals = true).await;
    scene.server.fake.take_permission(CHANNEL, permission::SEND_MESSAGES);
    for no in 1..=2_u64 {
        let asked = scene.asks("john.doe").await;
        let answer = asked.outcome(LIMIT).await.unwrap();
        assert!(!answer.text().contains(&APPROVALS.to_string()), "{}", answer.text());
        assert!(answer.text().contains("only you see this card"), "{}", answer.text());
        // What they do with it is answered where they are, and so is what approvers do where these are.
        let confirmed = scene.says("helpdesk", "desk confirm", &[("request", no.cast_signed().into())]).await;
        assert!(!confirmed.text().contains(&APPROVALS.to_string()), "{}", confirmed.text());
        // A card that was refused somewhere is drawn everywhere a little later.
        scene.server.pass(Duration::from_secs(30)).await;
        scene.server.card_that(no, APPROVALS, "· needs approval").await;
        scene.press_in(APPROVALS, "supervisor", no, "Approve").await;
        scene.server.card_that(no, APPROVALS, "· completed").await;
    }
    for message in
        scene.server.fake.look(|world| world.all_messages().into_iter().cloned().collect::<Vec<_>>())
    {
        let elsewhere = if message.channel == APPROVALS { CHANNEL } else { APPROVALS };
        assert!(!message.text().contains(&format!("/{elsewhere}/")), "{}", message.text());
    }
    scene.ends().await;
}

#[tokio::test]
async fn a_card_that_is_never_right_is_tried_less_and_less_often() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    scene.faults("PATCH", MESSAGE, u32::MAX, refuses(403, 50_013));
    scene.faults("POST", MESSAGES, u32::MAX, refuses(403, 50_013));
    // A request that runs has many lines, and not each of them is worth a call that is refused.
    scene.says("helpdesk", "desk confirm", &[("request", 1.into())]).await;
    scene.says("supervisor", "desk approve", &[("request", 1.into())]).await;
    scene.server.desk().chats.settled().await;
    let tries = scene.server.fake.look(|world| world.requests().filter(|it| it.status == 403).count());
    assert!(tries <= 6, "{tries} tries for one request");
    for _ in 0..3 * 24 * 60 {
        scene.server.pass(Duration::from_secs(60)).await;
        scene.server.desk().chats.settled().await;
    }
    let tries = scene.server.fake.look(|world| world.requests().filter(|it| it.status == 403).count());
    assert!((10..100).contains(&tries), "{tries} tries in three days");
    scene.server.fake.clear_faults();
    scene.ends().await;
}

#[tokio::test]
async fn both_copies_show_the_same_and_only_the_approvers_are_called_only_in_their_channel() {
    let scene = Scene::with(|setup| setup.approvals = true).await;
    for role in [DeskRole::Supervisor, DeskRole::Admin] {
        let id = role_id(role);
        let name = role.word().to_owned();
        scene.server.fake.put_role(GUILD, Role { id, name, permissions: 0, color: 0, mentionable: true });
    }
    let approvers = vec![role_id(DeskRole::Supervisor), role_id(DeskRole::Admin)];
    scene.reset(1).await;
    scene.confirms(1).await;
    let copy = scene.server.card_that(1, APPROVALS, "· needs").await;
    assert_eq!(copy.pings.roles, approvers);
    assert!(copy.pings.users.is_empty() && !copy.pings.everyone);
    let same = |message: &'static str| {
        let scene = &scene;
        async move {
            let here = scene.server.card_that(1, CHANNEL, message).await;
            let there = scene.server.card_that(1, APPROVALS, message).await;
            assert_eq!(here.embeds, there.embeds);
            assert_eq!(here.components, there.components);
            assert!(here.pings.is_empty() && here.content.is_empty(), "{}", here.content);
            there
        }
    };
    same("· needs").await;
    same("☑ Confirmed by").await;
    scene.press_in(APPROVALS, "second", 1, "Approve").await;
    let done = same("· completed").await;
    assert!(done.content.is_empty(), "no one is notified any more: {}", done.content);
    assert_eq!(scene.cards(1, APPROVALS).len(), 1);

    // What needs no one's approval is not shown there.
    scene
        .says("helpdesk", "connect reset", &[("login", "unknown.here".into()), ("method", "recreate".into())])
        .await;
    assert!(scene.cards(2, APPROVALS).is_empty());
    scene.ends().await;
}

#[tokio::test]
async fn where_the_approvals_channel_is_the_desks_own_there_is_one_card() {
    let scene = Scene::with(|setup| {
        setup.change = |config| {
            let discord = config.chats.discord.as_mut().unwrap();
            discord.approvals_channel = std::num::NonZeroU64::new(CHANNEL);
        }
    })
    .await;
    let card = scene.reset(1).await;
    assert!(card.content.is_empty(), "it is no one else's turn yet: {}", card.content);
    scene.runs(1).await;
    scene.is_done(1).await;
    scene.ends().await;
}

#[tokio::test]
async fn the_second_click_says_who_was_first() {
    let scene = Scene::open().await;
    let first = scene.reset(1).await;
    let card = scene.confirms(1).await;
    let approve = card.button("Approve").unwrap().custom_id.unwrap();
    let again = scene
        .server
        .person("helpdesk")
        .click_raw(card.id, &first.button("Confirm").unwrap().custom_id.unwrap())
        .await;
    let answer = told(&again).await;
    assert!(answer.contains("You confirmed #1 at <t:"), "{answer}");
    scene.press("supervisor", 1, "Approve").await;
    scene.server.card_that(1, CHANNEL, "· completed").await;
    // The screen of the second supervisor was behind.
    let late = scene.server.person("second").click_raw(card.id, &approve).await;
    let answer = told(&late).await;
    assert!(
        answer.contains("#1 was approved by <@") && answer.contains("> and was completed at <t:"),
        "{answer}"
    );
    assert_eq!(scene.writes().await, WRITES);
    scene.is_done(1).await;
    scene.ends().await;
}

#[tokio::test]
async fn of_two_clicks_at_once_one_counts() {
    let scene = Scene::with(|setup| setup.change = crate::support::untiring).await;
    let (mut approved, mut denied) = (0, 0);
    for no in 1..=50 {
        scene.reset(no).await;
        let card = scene.confirms(no).await;
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
                ["completed", "denied"].iter().any(|end| card.contains(end)).then_some(())
            })
            .await;
        let request = scene.server.request(no).await;
        match request.phase {
            Phase::Finished { outcome: Ended::Completed, .. } => {
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
    scene.reset(1).await;
    let old = scene.confirms(1).await;
    scene.world("john.doe routing_profile:\"Contact Tracers Profile\"").await;
    let before = scene.writes().await;
    scene.press("supervisor", 1, "Approve").await;
    let card = scene.server.card_that(1, CHANNEL, "Approvals were reset").await;
    assert_eq!(old.id, card.id);
    // A screen that still shows the old plan.
    let stale = old.button("Approve").unwrap().custom_id.unwrap();
    let click = scene.server.person("supervisor").click_raw(card.id, &stale).await;
    let answer = told(&click).await;
    assert!(answer.contains("The plan of #1 is now") && answer.contains("Check its card again"), "{answer}");
    assert_eq!(scene.writes().await, before);
    scene.runs(1).await;
    scene.is_done(1).await;
    assert_eq!(scene.writes().await - before, WRITES);
    scene.ends().await;
}

#[tokio::test]
async fn what_the_desk_did_not_make_presses_nothing() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    let card = scene.confirms(1).await;
    let genuine = card.button("Approve").unwrap().custom_id.unwrap();
    let person = scene.server.person("supervisor");
    for forged in [
        genuine.replace(":1:", ":2:"),
        genuine.replace("approve", "confirm"),
        format!("{genuine}A"),
        "1:desk approve:1:b1efe8:AAAAAAAAAAAA".to_owned(),
        "desk approve".to_owned(),
        "😀".to_owned(),
        String::new(),
        "2:desk approve:1:b1efe8:AAAAAAAAAAAA".to_owned(),
    ] {
        let answer = told(&person.click_raw(card.id, &forged).await).await;
        assert!(answer.contains("Take the newest card of the request"), "{forged}: {answer}");
    }
    assert_eq!(scene.phase(1).await, Phase::Waiting);

    // A button that is copied to another message means what it says, to whom it says it.
    let other = scene.reset(2).await;
    let answer = told(&scene.server.person("helpdesk").click_raw(other.id, &genuine).await).await;
    assert!(answer.contains("You can't decide on your own request"), "{answer}");
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
    scene.server.card_that(2, CHANNEL, "· expired").await;
    let old = "1:desk approve:2";
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
    assert!(done.text().contains("· completed"), "{}", done.text());
    gate.open();
    scene.is_done(1).await;
    scene.ends().await;
}

#[tokio::test]
async fn approvers_are_notified_of_what_the_card_shows_already() {
    let scene = Scene::open().await;
    let posted = Gate::closed();
    scene.fault("POST", MESSAGES, FaultKind::WaitAfter(posted.clone()));
    scene.asks("john.doe").await;
    posted.reached(LIMIT).await.unwrap();
    scene.press("helpdesk", 1, "Confirm").await;
    in_time(async {
        while scene.server.request(1).await.confirmed.is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    posted.open();
    let shown = scene
        .server
        .wait("the notification", |world| {
            let all = world.messages(CHANNEL);
            all.iter().find(|message| message.text().contains("needs approval https"))?;
            all.iter().find(|message| is_card(message, 1)).map(|card| card.text())
        })
        .await;
    assert!(shown.contains("☑ Confirmed by"), "{shown}");
    scene.runs_from_confirmed(1).await;
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
