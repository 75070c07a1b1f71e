//! What no Discord client would send, and people and roles that are gone before their request is done.

use desk_core::basics::roles::Role;
use desk_core::log::Outcome as Ended;
use desk_core::request::Phase;
use fake_discord::{FaultKind, Input};
use serde_json::json;

use crate::scene::{MEMBER, Scene, WRITES};
use crate::support::LIMIT;
use crate::support::server::{APPROVALS, CHANNEL, GUILD, role_id};

const OTHER_GUILD: u64 = 1_200_000_000_000_000_000;

#[tokio::test]
async fn options_that_no_client_would_send_are_refused_in_private() {
    let scene = Scene::open().await;
    let person = scene.server.person("helpdesk");
    let login = || ("login", Input::from("john.doe"));
    let raw = |kind, value| Input::Raw { kind, value };
    let cases: Vec<(&str, Vec<(&str, Input)>)> = vec![
        ("connect reset", vec![login(), ("method", "magic".into())]),
        ("connect reset", vec![("login", "x".repeat(5_000).into())]),
        ("connect reset", vec![login(), ("reason", "r".repeat(5_999).into())]),
        ("connect reset", vec![("login", 7.into())]),
        ("connect reset", vec![("login", true.into())]),
        ("connect reset", vec![("login", raw(3, json!(7)))]),
        ("connect reset", vec![("login", raw(3, json!({ "a": 1 })))]),
        ("connect reset", vec![("login", raw(99, json!("john.doe")))]),
        ("connect reset", vec![("login", raw(6, json!("1")))]),
        ("connect reset", vec![login(), ("force", "perhaps".into())]),
        ("connect reset", vec![]),
        ("connect reset", vec![login(), ("spoon", "bent".into())]),
        ("connect reset", vec![login(), login()]),
        ("connect reset", vec![("login", "john\u{0}.doe".into())]),
        ("connect reset", vec![("login", "john\n.doe".into())]),
        ("connect reset", vec![("login", "\u{202e}eod.nhoj".into())]),
        ("connect reset", vec![("login", "@everyone <@&1100000000000000012> `x` **b**".into())]),
        ("connect reset", vec![("login", "".into())]),
        ("connect vanish", vec![login()]),
        ("connect", vec![]),
        ("", vec![]),
        ("desk approve", vec![("request", (-1).into())]),
        ("desk approve", vec![("request", i64::MAX.into())]),
        ("desk approve", vec![("request", 1.5.into())]),
        ("desk approve", vec![("request", "one".into())]),
    ];
    for (name, options) in &cases {
        let asked = person.slash_raw(CHANNEL, name, options).await;
        let outcome = asked.outcome(LIMIT).await.unwrap();
        let what = format!("/{name} {options:.80?}");
        assert_eq!(outcome.failed, None, "{what}");
        let answer = outcome.message.unwrap_or_else(|| panic!("{what}: no answer"));
        assert!(answer.is_ephemeral() && answer.pings.is_empty(), "{what}");
        assert!(answer.text().len() > 20 && !answer.text().contains('\u{202e}'), "{what}: {}", answer.text());
    }
    assert_eq!(scene.writes().await, 0);
    for message in
        scene.server.fake.look(|world| world.messages(CHANNEL).into_iter().cloned().collect::<Vec<_>>())
    {
        assert!(message.pings.is_empty(), "{}", message.text());
    }
    scene.runs_anew().await;
    scene.ends().await;
}

#[tokio::test]
async fn what_people_write_never_pings_and_shows_as_it_is() {
    let scene = Scene::open().await;
    let why = "@everyone @here <@&1100000000000000012> <@1100000000000001002> **bold** `code` ||hidden|| [x](https://evil.example) \u{202e}";
    scene
        .slash(
            "helpdesk",
            "connect reset",
            &[("login", "john.doe".into()), ("method", "recreate".into()), ("reason", why.into())],
        )
        .await;
    let card = scene.server.card(1, CHANNEL).await;
    assert!(card.pings.users.is_empty() && !card.pings.everyone);
    let text = card.text();
    assert!(!text.contains('\u{202e}') && text.contains("@everyone"), "{text}");
    for live in ["**bold**", "||hidden||", "[x](https"] {
        let there = text.match_indices(live).any(|(at, _)| {
            // Between backticks nothing means anything.
            text[..at].matches('`').count() % 2 == 0
        });
        assert!(!there, "{live} is alive in {text}");
    }
    assert!(card.content.is_empty() && card.pings.roles.is_empty(), "{}", card.content);
    // The approvers are notified when it is their turn, and no one else.
    scene.confirms(1).await;
    let call = scene
        .server
        .wait("the notification of approvers", |world| {
            world.messages(CHANNEL).into_iter().find(|message| message.content.contains("<@&")).cloned()
        })
        .await;
    assert!(call.content.matches("<@&").count() == 2, "{}", call.content);
    assert!(call.pings.users.is_empty() && !call.pings.everyone, "{:?}", call.pings);
    scene.ends().await;
}

#[tokio::test]
async fn who_asked_and_left_gets_nothing_done_any_more() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    scene.confirms(1).await;
    scene.server.fake.remove_member(GUILD, scene.server.person("helpdesk").id());
    scene.press_if_there("supervisor", 1, "Approve").await;
    let card = scene.server.card_that(1, CHANNEL, "· not possible").await;
    assert!(card.text().contains("`helpdesk` is no longer a member"), "{}", card.text());
    assert_eq!(scene.writes().await, 0);
    scene.ends().await;
}

#[tokio::test]
async fn that_an_approval_of_what_is_put_off_no_longer_counts_is_told_hours_before_it_begins() {
    let scene = Scene::open().await;
    let quarter = std::time::Duration::from_secs(16 * 60);
    scene.reset(1).await;
    scene.confirms(1).await;
    let options = [("request", 1.into()), ("when", "18:00".into())];
    scene.says("supervisor", "desk defer", &options).await;
    scene.press("supervisor", 1, "Approve").await;
    scene.server.card_that(1, CHANNEL, "scheduled").await;
    for _ in 0..2 {
        scene.server.pass(quarter).await;
        scene.server.desk().chats.settled().await;
    }
    assert!(scene.server.request(1).await.reset.is_empty(), "no one lost a role");
    let supervisor = scene.server.person("supervisor").id();
    scene.server.fake.set_roles(GUILD, supervisor, &[role_id(Role::L1)]);
    scene.server.pass(quarter).await;
    let card = scene.server.card_that(1, CHANNEL, "Approvals were reset").await;
    assert!(card.text().contains("an approver can no longer approve it"), "{}", card.text());
    assert_eq!(scene.writes().await, 0);
    scene.ends().await;
}

#[tokio::test]
async fn a_yes_of_somebody_who_left_or_lost_the_role_is_asked_for_again() {
    let scene = Scene::open().await;
    let supervisor = scene.server.person("supervisor").id();
    for (no, gone) in [(1, true), (2, false)] {
        scene.reset(no).await;
        scene.press("supervisor", no, "Approve").await;
        scene.server.card_that(no, CHANNEL, "☑ Approved by").await;
        if gone {
            scene.server.fake.remove_member(GUILD, supervisor);
        } else {
            scene.server.fake.set_roles(GUILD, supervisor, &[role_id(Role::L1)]);
        }
        scene.press("helpdesk", no, "Confirm").await;
        let card = scene.server.card_that(no, CHANNEL, "Approvals were reset").await;
        assert!(card.text().contains("an approver can no longer approve it"), "{}", card.text());
        assert_eq!(scene.writes().await, (no - 1) * WRITES);
        let card = scene.confirms(no).await;
        assert!(card.button("Approve").is_some(), "someone else can approve");
        scene.press("second", no, "Approve").await;
        scene.is_done(no).await;
        scene.server.fake.add_member(GUILD, supervisor, "supervisor", &[role_id(Role::Supervisor)]);
    }
    assert_eq!(scene.writes().await, 2 * WRITES);
    scene.ends().await;
}

#[tokio::test]
async fn who_lost_the_role_may_not_ask_nor_have_asked() {
    let scene = Scene::open().await;
    let helpdesk = scene.server.person("helpdesk").id();
    scene.reset(1).await;
    scene.confirms(1).await;
    scene.server.fake.set_roles(GUILD, helpdesk, &[]);
    let refused = scene.says("helpdesk", "connect reset", &[("login", "john.doe".into())]).await;
    assert!(refused.text().contains("You don't have a role here"), "{}", refused.text());
    scene.press_if_there("supervisor", 1, "Approve").await;
    scene.server.card_that(1, CHANNEL, "· not possible").await;
    assert_eq!(scene.writes().await, 0);
    scene.ends().await;
}

#[tokio::test]
async fn a_deleted_role_is_nobodys() {
    let scene = Scene::with(|setup| setup.approvals = true).await;
    scene.reset(1).await;
    scene.confirms(1).await;
    scene.server.fake.delete_role(GUILD, role_id(Role::Supervisor));
    let card = scene.server.card(1, APPROVALS).await;
    let click = scene.server.person("supervisor").click(card.id, "Approve").await.unwrap();
    assert!(crate::scene::told(&click).await.contains("a role here"));
    scene.press_in(APPROVALS, "admin", 1, "Approve").await;
    scene.is_done(1).await;
    // The next card calls those that are left, and Discord takes it.
    scene.reset(2).await;
    scene.confirms(2).await;
    scene.server.card_that(2, APPROVALS, "· needs approval").await;
    scene.ends().await;
}

#[tokio::test]
async fn discord_not_saying_who_somebody_is_keeps_the_request_waiting() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    scene.confirms(1).await;
    scene.faults("GET", MEMBER, u32::MAX, FaultKind::FailBefore(500));
    let approve = scene.slash("supervisor", "desk approve", &[("request", 1.into())]).await;
    let answer = approve.outcome(LIMIT).await.unwrap();
    assert!(answer.text().contains("can't ask Discord about a person's roles"), "{}", answer.text());
    assert_eq!(scene.writes().await, 0);
    scene.server.fake.clear_faults();
    scene.press("supervisor", 1, "Approve").await;
    scene.is_done(1).await;
    assert_eq!(scene.writes().await, WRITES);
    scene.ends().await;
}

#[tokio::test]
async fn another_server_is_told_so() {
    let scene = Scene::open().await;
    let fake = &scene.server.fake;
    let helpdesk = scene.server.person("helpdesk");
    fake.add_guild(OTHER_GUILD, "Elsewhere", helpdesk.id());
    fake.add_channel(OTHER_GUILD, OTHER_GUILD + 1, "desk");
    // The same role id there would mean nothing here.
    fake.add_member(OTHER_GUILD, helpdesk.id(), "helpdesk", &[role_id(Role::L1)]);
    let asked = helpdesk.slash_raw(OTHER_GUILD + 1, "connect reset", &[("login", "john.doe".into())]).await;
    let answer = asked.outcome(LIMIT).await.unwrap();
    assert!(answer.text().contains("This desk serves another server."), "{}", answer.text());
    assert!(answer.message.unwrap().is_ephemeral());
    scene.ends().await;
}

#[tokio::test]
async fn direct_messages_are_for_what_a_rule_allows_in_private() {
    let scene = Scene::with(|setup| {
        setup.change = |config| {
            for rule in &mut config.policy.rules {
                // Everything of the help desk's, but not looking at users.
                rule.private = rule.commands.iter().all(|command| command != "connect *");
            }
        }
    })
    .await;
    let person = scene.server.person("helpdesk");
    let dm = person.dm();
    let shut = person.slash_raw(dm, "connect show", &[("login", "john.doe".into())]).await;
    let shut = shut.outcome(LIMIT).await.unwrap();
    assert!(shut.text().contains("direct message"), "{}", shut.text());

    // The request's card is where it was asked, for one person, and its buttons work there.
    let options = [("login", "john.doe".into()), ("method", "recreate".into())];
    let asked = person.slash_raw(dm, "connect reset", &options).await;
    let card = asked.outcome(LIMIT).await.unwrap().message.unwrap();
    assert!(
        card.text().contains("Reset john.doe · needs") && !card.text().contains("operator"),
        "{}",
        card.text()
    );
    assert!(scene.cards(1, CHANNEL).is_empty());
    person.click(card.id, "Confirm").await.unwrap();
    scene
        .server
        .wait("the private card", |world| {
            world.message(card.id).is_some_and(|card| card.text().contains("☑ Confirmed by")).then_some(())
        })
        .await;
    let done = scene.says("supervisor", "desk approve", &[("request", 1.into())]).await;
    assert!(done.text().contains("· completed"), "{}", done.text());
    assert_eq!(scene.writes().await, WRITES);

    // Someone who is not on the server is no one.
    let stranger = scene.server.fake.add_user(1_300_000_000_000_000_000, "stranger");
    let asked = stranger.slash_raw(stranger.dm(), "desk whoami", &[]).await;
    let answer = asked.outcome(LIMIT).await.unwrap();
    assert!(answer.text().contains("You are not on the server that this desk serves."), "{}", answer.text());
    assert!(matches!(scene.phase(1).await, Phase::Finished { outcome: Ended::Completed, .. }));
    scene.ends().await;
}
