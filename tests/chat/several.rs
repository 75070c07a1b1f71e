//! Two platforms immediately, Discord and paper: one request, the people of both, a card on each, and each notified once.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use desk_core::basics::ids::Platform;
use desk_core::card::Card;
use desk_core::chat::Message;
use desk_core::log::Outcome;
use desk_core::request::Phase;

use crate::scene::{Scene, WRITES};
use crate::support::FILES;
use crate::support::desks::typed;
use crate::support::paper::Paper;
use crate::support::server::CHANNEL;

const MINUTE: Duration = Duration::from_secs(60);

async fn both() -> (Scene, Arc<Paper>) {
    let paper = Paper::new(&connect_desk::practice::config().unwrap(), true, Path::new(FILES));
    let on = paper.clone();
    let scene = Scene::with(move |setup| {
        setup.paper = Some(on);
        setup.change = |config| {
            let rule = config.policy.rules.iter_mut().rfind(|rule| rule.approvals > 0).unwrap();
            rule.remind_minutes = Some(10);
        };
    })
    .await;
    (scene, paper)
}

/// The card on paper, once its title has these words.
async fn card_that(paper: &Paper, title: &str) -> Card {
    crate::support::in_time(async {
        loop {
            let mut cards = paper.cards(1).into_iter();
            if let Some((_, card)) = cards.find(|(_, card)| card.title.contains(title)) {
                return card;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

fn notifications(paper: &Paper) -> usize {
    let is_it = |message: &Message| matches!(message, Message::Text { notify, .. } if !notify.is_empty());
    paper.sheets().iter().filter(|sheet| is_it(&sheet.message)).count()
}

fn on_discord(scene: &Scene) -> usize {
    scene.server.fake.look(|world| {
        let all = world.messages(CHANNEL).into_iter();
        all.filter(|message| message.embeds.is_empty() && message.content.contains("<@&")).count()
    })
}

#[tokio::test]
async fn what_is_asked_on_one_platform_is_approved_on_another_and_current_on_both() {
    let (mut scene, paper) = both().await;
    scene.reset(1).await;
    scene.confirms(1).await;
    card_that(&paper, "· needs").await;
    assert_eq!(paper.cards(1).len(), 1, "it belongs where approvers read, once");

    // On Discord the card was there already, so its approvers are notified beside it once it is their turn.
    scene.server.desk().chats.settled().await;
    assert_eq!((on_discord(&scene), notifications(&paper)), (1, 0), "{}", scene.server.screen());

    // A reminder notifies each platform once, also over a restart.
    scene.server.pass(9 * MINUTE).await;
    scene.server.pass(MINUTE).await;
    crate::support::in_time(async {
        let is_reminder = |what: &String| what.contains("reminder");
        while scene.server.request(1).await.called.values().filter(|what| is_reminder(what)).count() < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    scene.server.stop().await.unwrap();
    scene.server.start().await.unwrap();
    scene.server.pass(MINUTE).await;
    scene.server.desk().chats.settled().await;
    assert_eq!((on_discord(&scene), notifications(&paper)), (2, 1), "{}", scene.server.screen());

    // The requester decides on neither platform about their own request.
    let refused = paper.says("helpdesk", "/desk approve 1").await;
    assert!(!refused.title.contains("· completed"), "{refused:?}");
    paper.says("supervisor", "/desk approve 1").await;
    scene.is_done(1).await;
    card_that(&paper, "· completed").await;
    assert_eq!(scene.writes().await, WRITES);
    let request = scene.server.request(1).await;
    assert_eq!(request.by.id.platform(), Platform::Discord);
    assert_eq!(request.approvals[0].by.id.platform(), Platform::Slack);
    assert_eq!(paper.cards(1).len(), 1);
    scene.ends().await;
}

#[tokio::test]
async fn a_platform_that_ends_is_named_and_the_others_continue() {
    let (mut scene, paper) = both().await;
    scene.server.fake.revoke_token();
    let desk = scene.server.desk().desk.clone();
    crate::support::in_time(async {
        while !desk.health.status().lines().contains("discord_token") {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let card = paper.says("helpdesk", "/connect show john.doe").await;
    assert!(card.title.contains("John Doe"), "{card:?}");
    scene.server.stop().await.unwrap();
}

#[tokio::test]
async fn without_a_platform_due_requests_expire_all_the_same() {
    let scene = Scene::with(|setup| {
        setup.change = |config| {
            config.chats.discord = None;
            config.people = connect_desk::practice::config().unwrap().people;
        };
    })
    .await;
    let desk = scene.server.desk().desk.clone();
    let heard = typed(&scene.server.config.people, "helpdesk", "/connect reset john.doe method:recreate");
    let no = desk.handle(heard).await.request.unwrap();
    desk.advance(no).await.unwrap();
    scene.server.pass(61 * MINUTE).await;
    scene.server.desk().chats.settled().await;
    assert!(matches!(scene.phase(no.0).await, Phase::Finished { outcome: Outcome::Expired, .. }));
    scene.ends().await;
}
