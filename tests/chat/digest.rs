//! The digest of the day, and calls for emergencies that no one has reviewed.

use std::time::Duration;

use desk_core::basics::ids::Platform;
use desk_core::basics::roles::Role as DeskRole;
use desk_core::view::digest::Daily;
use fake_discord::{FaultKind, Gate, Message, Role};

use crate::scene::{MESSAGES, Scene};
use crate::support::LIMIT;
use crate::support::server::{APPROVALS, CHANNEL, GUILD, role_id, title};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// A server with a digest at 8 o'clock, where emergencies need no code. The desk is started at 9 o'clock, by the test.
async fn closed() -> Scene {
    let scene = Scene::closed(|setup| {
        setup.approvals = true;
        setup.change = |config| {
            config.digest = Some(Daily::new("08:00", "UTC").unwrap());
            config.policy.rules.iter_mut().for_each(|rule| rule.second_factor = false);
        };
    })
    .await;
    for role in [DeskRole::Supervisor, DeskRole::Admin] {
        let (id, name) = (role_id(role), role.word().to_owned());
        scene.server.fake.put_role(GUILD, Role { id, name, permissions: 0, color: 0, mentionable: true });
    }
    scene
}

async fn scene() -> Scene {
    let mut scene = closed().await;
    scene.server.start().await.unwrap();
    scene
}

fn digests(scene: &Scene) -> Vec<Message> {
    scene.server.fake.look(|world| {
        let all = world.all_messages().into_iter();
        all.filter(|message| title(message).contains("Digest of")).cloned().collect()
    })
}

async fn digest_of(scene: &Scene, day: &str) -> Message {
    let wanted = format!("Digest of {day}");
    let read = |world: &fake_discord::World| {
        world.messages(APPROVALS).into_iter().find(|message| title(message).contains(&wanted)).cloned()
    };
    scene.server.wait(&wanted, read).await
}

/// The digest of a day comes within some minutes: what Discord was too slow for is tried again with the next one.
async fn comes(scene: &Scene, day: &str) {
    for _ in 0..10 {
        scene.server.pass(MINUTE).await;
        scene.server.desk().chats.settled().await;
        if digests(scene).iter().any(|message| title(message).contains(day)) {
            return;
        }
    }
    digest_of(scene, day).await;
}

/// Everything that time made due is done.
async fn settles(scene: &mut Scene) {
    scene.server.stop().await.unwrap();
    scene.server.start().await.unwrap();
}

async fn breaks_the_glass(scene: &Scene) {
    let options = [
        ("login", "john.doe".into()),
        ("method", "recreate".into()),
        ("emergency", true.into()),
        ("reason", "locked out".into()),
    ];
    scene.slash("oncall", "connect reset", &options).await;
    scene.server.card_that(1, CHANNEL, "· needs").await;
    scene.press("oncall", 1, "Confirm").await;
    scene.server.card_that(1, CHANNEL, "needs review").await;
}

#[tokio::test]
async fn a_clock_that_was_ahead_costs_no_digest() {
    const YEAR: i64 = 365 * 86_400;
    let mut scene = scene().await;
    comes(&scene, "20 Nov 2026").await;
    scene.server.clock.set_ahead(YEAR);
    comes(&scene, "20 Nov 2027").await;
    scene.server.clock.set_ahead(-YEAR);
    scene.server.pass(24 * HOUR).await;
    comes(&scene, "21 Nov 2026").await;
    settles(&mut scene).await;
    scene.server.pass(24 * HOUR).await;
    comes(&scene, "22 Nov 2026").await;
    assert_eq!(digests(&scene).len(), 4, "{}", scene.server.screen());
}

#[tokio::test]
async fn the_digest_is_posted_once_a_day_over_restarts() {
    let mut scene = scene().await;
    // The desk was down at 8 o'clock.
    scene.server.pass(MINUTE).await;
    let first = digest_of(&scene, "20 Nov 2026").await;
    assert!(first.text().contains("Nothing is open"), "{}", first.text());
    scene
        .slash("helpdesk", "connect reset", &[("login", "john.doe".into()), ("method", "console".into())])
        .await;
    scene.server.card_that(1, CHANNEL, "· needs").await;
    scene.confirms(1).await;
    scene.press("supervisor", 1, "Approve").await;
    scene.server.card_that(1, CHANNEL, "needs a manual step").await;
    assert!(first.pings.roles.is_empty() && !first.is_ephemeral());
    for _ in 0..3 {
        settles(&mut scene).await;
        scene.server.pass(HOUR).await;
    }
    settles(&mut scene).await;
    assert_eq!(digests(&scene).len(), 1, "{}", scene.server.screen());
    // Not before 8 o'clock of the next day.
    scene.server.pass(18 * HOUR).await;
    settles(&mut scene).await;
    assert_eq!(digests(&scene).len(), 1, "{}", scene.server.screen());
    scene.server.pass(3 * HOUR).await;
    let second = digest_of(&scene, "21 Nov 2026").await;
    let (open, waits) = ("1 request is open", " Reset `john.doe`, 24 h ago: needs a manual step");
    assert!(second.text().contains(open) && second.text().contains(waits), "{}", second.text());
    settles(&mut scene).await;
    assert_eq!(digests(&scene).len(), 2, "{}", scene.server.screen());
    scene.ends().await;
}

#[tokio::test]
async fn a_digest_after_days_without_the_desk_says_what_the_last_one_could_not() {
    let mut scene = scene().await;
    scene.server.pass(MINUTE).await;
    digest_of(&scene, "20 Nov 2026").await;
    breaks_the_glass(&scene).await;
    scene.server.pass(HOUR).await;
    scene.server.stop().await.unwrap();
    scene.server.fake.advance(72 * HOUR);
    scene.server.clock.advance(72 * HOUR);
    scene.server.start().await.unwrap();
    scene.server.pass(MINUTE).await;
    let digest = digest_of(&scene, "23 Nov 2026").await;
    // It became a day old while the desk was down.
    assert_eq!(digest.pings.roles, [role_id(DeskRole::Supervisor), role_id(DeskRole::Admin)]);
    scene.ends().await;
}

#[tokio::test]
async fn a_crash_between_the_digest_and_its_line_makes_no_second_one() {
    let mut scene = closed().await;
    let gate = Gate::closed();
    scene.fault("POST", MESSAGES, FaultKind::WaitAfter(gate.clone()));
    scene.server.start().await.unwrap();
    scene.server.pass(MINUTE).await;
    gate.reached(LIMIT).await.unwrap();
    assert_eq!(digests(&scene).len(), 1);
    scene.server.kill().await;
    gate.open();
    scene.server.start().await.unwrap();
    scene.server.pass(MINUTE).await;
    settles(&mut scene).await;
    assert_eq!(digests(&scene).len(), 1, "{}", scene.server.screen());
    // The line is there now, so no one asks Discord again.
    let last = scene.server.desk().desk.last_digest(Platform::Discord).await.unwrap();
    assert_eq!(last.unwrap().0.to_string(), "2026-11-20");
    scene.ends().await;
}

#[tokio::test]
async fn a_digest_that_discord_does_not_take_now_is_posted_later() {
    let mut scene = closed().await;
    scene.faults("POST", MESSAGES, 5, FaultKind::FailBefore(503));
    scene.server.start().await.unwrap();
    scene.server.pass(MINUTE).await;
    settles(&mut scene).await;
    scene.server.pass(MINUTE).await;
    digest_of(&scene, "20 Nov 2026").await;
    settles(&mut scene).await;
    assert_eq!(digests(&scene).len(), 1, "{}", scene.server.screen());
    scene.ends().await;
}

#[tokio::test]
async fn an_emergency_that_nobody_reviews_calls_supervisors_and_then_admins() {
    let mut scene = scene().await;
    let (supervisor, admin) = (role_id(DeskRole::Supervisor), role_id(DeskRole::Admin));
    breaks_the_glass(&scene).await;
    let calls = |scene: &Scene| -> Vec<Vec<u64>> {
        scene.server.fake.look(|world| {
            let all = world.messages(APPROVALS).into_iter();
            let calls = all.filter(|message| message.embeds.is_empty() && !message.pings.roles.is_empty());
            calls.map(|message| message.pings.roles.to_vec()).collect()
        })
    };
    let waited = async |scene: &Scene, n: usize| {
        let read = |world: &fake_discord::World| {
            let all = world.messages(APPROVALS).into_iter();
            let calls = all.filter(|message| message.embeds.is_empty() && !message.pings.roles.is_empty());
            (calls.count() >= n).then_some(())
        };
        scene.server.wait(&format!("{n} calls"), read).await;
        // And until the log says so, because a reminder that comes between is written with the next tick.
        let what = if n == 1 { "its review".to_owned() } else { format!("review reminder {} of ", n - 1) };
        crate::support::in_time(async {
            while !scene
                .server
                .request(1)
                .await
                .called
                .get(&Platform::Discord)
                .is_some_and(|called| called.starts_with(&what))
            {
                tokio::task::yield_now().await;
            }
        })
        .await;
    };
    waited(&scene, 1).await;
    assert_eq!(calls(&scene), [[supervisor, admin]], "everybody who was skipped is told immediately");
    scene.server.pass(59 * MINUTE).await;
    settles(&mut scene).await;
    assert_eq!(calls(&scene).len(), 1);
    scene.server.pass(2 * MINUTE).await;
    waited(&scene, 2).await;
    assert_eq!(calls(&scene)[1], [supervisor]);
    // A restart calls no one again.
    settles(&mut scene).await;
    scene.server.pass(Duration::from_secs(10)).await;
    settles(&mut scene).await;
    assert_eq!(calls(&scene).len(), 2, "{}", scene.server.screen());
    scene.server.pass(60 * MINUTE).await;
    waited(&scene, 3).await;
    assert_eq!(calls(&scene)[2], [supervisor]);
    // After a day the admins are called as well, and the digest calls both, once.
    scene.server.pass(23 * HOUR).await;
    waited(&scene, 4).await;
    assert_eq!(calls(&scene)[3], [supervisor, admin]);
    let digest = digest_of(&scene, "21 Nov 2026").await;
    assert_eq!(digest.pings.roles, [supervisor, admin]);
    assert!(digest.text().contains("Emergencies to review"), "{}", digest.text());
    scene.server.pass(24 * HOUR).await;
    assert!(digest_of(&scene, "22 Nov 2026").await.pings.roles.is_empty(), "it was called about once");
    waited(&scene, 5).await;

    // No one is called once it is reviewed.
    let review = [("request", 1.into()), ("outcome", "justified".into()), ("reason", "it was".into())];
    scene.says("supervisor", "desk review", &review).await;
    settles(&mut scene).await;
    let so_far = calls(&scene).len();
    scene.server.pass(3 * HOUR).await;
    settles(&mut scene).await;
    assert_eq!(calls(&scene).len(), so_far, "{}", scene.server.screen());
    let reminded = scene.server.request(1).await.reminded.map(|(times, _)| times);
    assert_eq!(reminded, Some(4));
    scene.ends().await;
}
