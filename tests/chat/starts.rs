//! Starts and stops: what is checked and registered, how often the desk introduces itself, and what a stop waits for.

use std::time::Duration;

use fake_discord::{Connection, FaultKind, Gate, permission};
use serde_json::json;

use crate::scene::{MESSAGE, Scene, WRITES};
use crate::support::LIMIT;
use crate::support::server::{APPROVALS, CHANNEL, GUILD};

const DAY: i64 = 86_400;

fn registrations(scene: &Scene) -> usize {
    scene.server.fake.look(|world| {
        world.requests().filter(|it| it.method == "PUT" && it.path.ends_with("/commands")).count()
    })
}

/// Another server than the desk's.
const OTHER: u64 = GUILD + 1;

fn now(scene: &Scene) -> i64 {
    use desk_core::ports::Clock as _;
    scene.server.clock.now().as_second()
}

#[tokio::test]
async fn commands_are_written_once_and_again_when_they_differ() {
    let mut scene = Scene::open().await;
    assert_eq!(registrations(&scene), 1);
    scene.server.stop().await.unwrap();
    scene.server.start().await.unwrap();
    assert_eq!(registrations(&scene), 1);
    scene.server.stop().await.unwrap();
    let mut commands = json!(scene.server.fake.look(|world| world.commands(Some(GUILD)).to_vec()));
    commands[0]["description"] = json!("Someone else wrote this");
    for command in commands.as_array_mut().unwrap() {
        for own in ["id", "application_id", "version", "guild_id"] {
            command.as_object_mut().unwrap().remove(own);
        }
    }
    scene.server.fake.register(Some(GUILD), &commands).unwrap();
    // On a day with many registrations those of an earlier version serve until Discord takes the new ones.
    let body = json!({ "message": "Max number of daily application command creates has been reached (200)", "code": 30_034 });
    let refused = FaultKind::Answer { status: 400, body: body.to_string() };
    scene.faults("PUT", "/applications/*/guilds/*/commands", u32::MAX, refused);
    scene.server.start().await.unwrap();
    assert!(scene.says("helpdesk", "desk whoami", &[]).await.text().contains("helpdesk"));
    scene.server.fake.clear_faults();
    scene.server.pass(Duration::from_secs(600)).await;
    assert_eq!(registrations(&scene), 3);
    let existing = scene.server.fake.look(|world| json!(world.commands(Some(GUILD))).to_string());
    assert!(!existing.contains("Someone else wrote this"));
    scene.ends().await;
}

#[tokio::test]
async fn what_is_missing_at_a_start_is_said_with_what_to_do() {
    let mut scene = Scene::closed(|setup| setup.approvals = true).await;
    let fake = scene.server.fake.clone();
    fake.set_bot_in_guild(GUILD, false);
    let problem = scene.server.start().await.unwrap_err();
    assert_eq!(problem.code, "discord_not_there");
    assert!(problem.to_string().contains("connect-desk invite"), "{problem}");
    fake.set_bot_in_guild(GUILD, true);

    fake.take_permission(APPROVALS, permission::EMBED_LINKS | permission::ATTACH_FILES);
    let problem = scene.server.start().await.unwrap_err();
    assert_eq!(problem.code, "discord_permission");
    assert!(
        problem.to_string().contains(&format!("the channel {APPROVALS}: Embed Links, Attach Files.")),
        "{problem}"
    );
    fake.set_bot_permissions(APPROVALS, 0);
    assert_eq!(scene.server.start().await.unwrap_err().code, "discord_permission");

    fake.delete_channel(APPROVALS);
    let problem = scene.server.start().await.unwrap_err();
    assert_eq!(problem.code, "discord_channel");
    assert!(problem.to_string().contains(&APPROVALS.to_string()), "{problem}");
    // The same id on a server that isn't the desk's, where the bot is as well.
    fake.add_guild(OTHER, "Another server", 1);
    fake.add_channel(OTHER, APPROVALS, "approvals");
    assert_eq!(scene.server.start().await.unwrap_err().code, "discord_other_server");
    fake.delete_channel(APPROVALS);
    fake.add_channel(GUILD, APPROVALS, "approvals");

    scene.faults("GET", "/users/@me", u32::MAX, FaultKind::FailBefore(503));
    let problem = scene.server.start().await.unwrap_err();
    assert_eq!(problem.code, "discord_unreachable");
    fake.clear_faults();
    scene.server.start().await.unwrap();
    scene.ends().await;
}

#[tokio::test]
async fn two_desks_never_share_a_folder() {
    let mut scene = Scene::open().await;
    let problem = scene.server.start().await.unwrap_err();
    assert_eq!(problem.code, "store_locked");
    // The first one never noticed.
    scene.runs_anew().await;
    scene.ends().await;
}

#[tokio::test]
async fn a_crash_loop_stays_below_a_thousand_identifies_a_day() {
    let mut scene = Scene::open().await;
    let mut starts = vec![now(&scene)];
    for _ in 0..20 {
        scene.server.kill().await;
        // It crashes a second after each start.
        scene.server.clock.advance(Duration::from_secs(1));
        scene.server.start().await.unwrap();
        starts.push(now(&scene));
    }
    let pauses: Vec<i64> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses[..9].iter().all(|pause| *pause <= 2), "a few starts wait for nothing: {pauses:?}");
    // From here on it continues like this, which is 910 a day and the few at first.
    assert!(pauses[15..].iter().all(|pause| (95..120).contains(pause)), "{pauses:?}");
    let identifies = scene.server.fake.look(|world| world.gateway().identifies.clone());
    assert_eq!(identifies.len(), starts.len(), "each start is one identify");
    scene.server.stop().await.unwrap();

    // A day that has used up its share: the next one waits until the first of them is a day old.
    let first = now(&scene) - DAY + 600;
    let day: Vec<i64> = (0..950).map(|i| first + 80 * i).collect();
    std::fs::write(scene.server.folder().join("discord-starts.json"), json!(day).to_string()).unwrap();
    scene.server.start().await.unwrap();
    assert!(now(&scene) > first + DAY, "{} after {first}", now(&scene));
    scene.runs_anew().await;
    scene.ends().await;
}

#[tokio::test]
async fn a_start_waits_while_discord_has_few_left_to_give() {
    let mut scene = Scene::closed(|_| {}).await;
    let body = json!({
        "url": scene.server.fake.gateway_url(), "shards": 1,
        "session_start_limit": { "total": 1000, "remaining": 3, "reset_after": 7_200_000, "max_concurrency": 1 },
    });
    scene.fault("GET", "/gateway/bot", FaultKind::Answer { status: 200, body: body.to_string() });
    let before = now(&scene);
    scene.server.start().await.unwrap();
    assert!(now(&scene) - before >= 7_200);
    scene.ends().await;
}

#[tokio::test]
async fn sessions_that_are_ended_again_and_again_are_waited_for() {
    let mut scene = Scene::closed(|_| {}).await;
    std::fs::create_dir_all(scene.server.folder()).unwrap();
    // It has come often lately.
    let lately: Vec<i64> = (1..=10).map(|ago| now(&scene) - ago).collect();
    std::fs::write(scene.server.folder().join("discord-starts.json"), json!(lately).to_string()).unwrap();
    scene.server.start().await.unwrap();
    let before = now(&scene);
    scene.server.fake.gateway(Connection::InvalidSession { resumable: false });
    // serenity comes back by itself immediately; the desk then ends that and takes its time.
    scene
        .server
        .wait("a session after a wait", |world| {
            (world.gateway().identifies.len() == 3 && world.gateway().live == 1).then_some(())
        })
        .await;
    assert!(now(&scene) - before >= 10, "{}", now(&scene) - before);
    scene.runs_anew().await;
    scene.ends().await;
}

#[tokio::test]
async fn a_stop_waits_for_the_last_cards() {
    let mut scene = Scene::with(|setup| setup.approvals = true).await;
    scene.reset(1).await;
    scene.confirms(1).await;
    let gate = Gate::closed();
    scene.faults("PATCH", MESSAGE, 2, FaultKind::WaitBefore(gate.clone()));
    scene.press("supervisor", 1, "Approve").await;
    gate.reached(LIMIT).await.unwrap();
    // Whatever the press still does is done by the stop itself.
    let fake = scene.server.fake.clone();
    let opened = tokio::spawn(async move {
        fake.wait_for(LIMIT, |world| (world.gateway().live == 0).then_some(())).await.unwrap();
        gate.open();
    });
    scene.server.stop().await.unwrap();
    opened.await.unwrap();
    for channel in [CHANNEL, APPROVALS] {
        assert!(scene.cards(1, channel)[0].text().contains("· completed"), "{}", scene.server.screen());
    }
    assert_eq!(scene.writes().await, WRITES);
    scene.is_sound();
}

#[tokio::test]
async fn what_serenity_remembers_of_each_interaction_is_swept() {
    let scene = Scene::with(|setup| {
        setup.fake.tls = true;
        setup.fake.keep = Some(100);
    })
    .await;
    let person = scene.server.person("helpdesk");
    for _ in 0..25 {
        let asked =
            (0..100).map(|_| person.autocompletes(CHANNEL, "desk help", &[("command", "desk")], "command"));
        for asked in futures(asked).await {
            assert!(asked.outcome(LIMIT).await.unwrap().choices.is_some());
        }
    }
    assert!(limits_kept(&scene).await > 2_000);
    scene.server.desk().chats.tick().await;
    assert!(limits_kept(&scene).await < 100);
    scene.runs_anew().await;
    scene.ends().await;
}

/// How many limits serenity keeps for the desk at present.
async fn limits_kept(scene: &Scene) -> usize {
    let adapter: &dyn std::any::Any = scene.server.desk().chats.adapters.last().unwrap().as_ref();
    adapter.downcast_ref::<connect_desk::discord::Discord>().unwrap().limits_kept().await
}

async fn futures<E: std::fmt::Debug>(
    all: impl Iterator<Item = impl Future<Output = Result<fake_discord::Asked, E>>>,
) -> Vec<fake_discord::Asked> {
    let mut asked = Vec::new();
    for one in all {
        asked.push(one.await.unwrap());
    }
    asked
}
