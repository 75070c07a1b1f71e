//! Who has to look is called: immediately after an emergency, again when no one answers, and once for each, whatever crashes.

use std::time::Duration;

use desk_core::basics::ids::Platform;
use desk_core::basics::roles::Role as DeskRole;
use desk_core::policy::{Escalation, Quorum};
use fake_discord::{FaultKind, Gate, Message, Role};

use crate::scene::{MESSAGES, Scene};
use crate::support::LIMIT;
use crate::support::server::{APPROVALS, CHANNEL, GUILD, role_id};

const MINUTE: Duration = Duration::from_secs(60);

/// Approvers are called every ten minutes, and from half an hour on those on call as well.
async fn reminding() -> Scene {
    let scene = Scene::with(|setup| {
        setup.change = |config| {
            let rule = config.policy.rules.iter_mut().rfind(|rule| rule.approvals > 0).unwrap();
            rule.remind_minutes = Some(10);
            rule.escalate = Some(Escalation { after_minutes: 30, approvers: [DeskRole::Oncall].into() });
        }
    })
    .await;
    mentionable(&scene);
    scene
}

/// Roles whose mention calls people.
pub fn mentionable(scene: &Scene) {
    for role in [DeskRole::Supervisor, DeskRole::Admin, DeskRole::Oncall] {
        let (id, name) = (role_id(role), role.word().to_owned());
        scene.server.fake.put_role(GUILD, Role { id, name, permissions: 0, color: 0, mentionable: true });
    }
}

fn roles(roles: &[DeskRole]) -> Vec<u64> {
    let mut ids: Vec<u64> = roles.iter().map(|role| role_id(*role)).collect();
    ids.sort_unstable();
    ids
}

/// The messages of a channel that call someone and are no cards.
fn calls_in(scene: &Scene, channel: u64) -> Vec<Message> {
    scene.server.fake.look(|world| {
        let all = world.messages(channel).into_iter();
        all.filter(|message| message.embeds.is_empty() && !message.pings.is_empty()).cloned().collect()
    })
}

/// Waits for so many calls, and gives whom the last one is to.
async fn called(scene: &Scene, times: usize) -> Vec<u64> {
    scene
        .server
        .wait(&format!("call {times}"), |world| {
            let all = world.messages(CHANNEL).into_iter();
            let calls = all.filter(|message| message.embeds.is_empty() && !message.pings.is_empty());
            (calls.count() >= times).then_some(())
        })
        .await;
    written(scene, times).await;
    let calls = calls_in(scene, CHANNEL);
    assert_eq!(calls.len(), times, "{}", scene.server.screen());
    let mut roles = calls[times - 1].pings.roles.clone();
    roles.sort_unstable();
    assert!(calls[times - 1].pings.users.is_empty() && !calls[times - 1].pings.everyone);
    roles
}

/// Waits until the log says that the call was made: this reminder, or the one for a review.
async fn written(scene: &Scene, times: usize) {
    // The first one tells approvers that it is their turn; of a desk that was down meanwhile, it is a reminder of the review.
    let what = format!("reminder {} of ", times - 1);
    let first = ["approval of ", "review reminder "];
    let is_first = |called: &str| times == 1 && first.iter().any(|what| called.starts_with(what));
    let is_it = |called: &str| called == "its review" || is_first(called) || called.contains(&what);
    crate::support::in_time(async {
        while !scene
            .server
            .request(1)
            .await
            .called
            .get(&Platform::Discord)
            .map(String::as_str)
            .is_some_and(is_it)
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Restarts the desk, and lets it draw whatever there is.
async fn restarts(scene: &mut Scene, after: Duration) {
    scene.server.stop().await.unwrap();
    scene.server.fake.advance(after);
    scene.server.clock.advance(after);
    scene.server.start().await.unwrap();
    another(scene).await;
}

/// Someone else is asked about meanwhile, so that there is time for a call that should not be.
async fn another(scene: &Scene) {
    let asked = scene.asks("mei.chen").await.outcome(LIMIT).await.unwrap().text();
    let no: u64 = asked.split([':', '#']).nth(1).and_then(|no| no.parse().ok()).unwrap();
    scene.server.card_that(no, CHANNEL, "· needs").await;
    scene.says("helpdesk", "desk cancel", &[("request", (no as i64).into())]).await;
    scene.server.card_that(no, CHANNEL, "· canceled").await;
}

#[tokio::test]
async fn approvers_are_called_again_and_then_the_next_group_as_well() {
    let mut scene = reminding().await;
    scene.reset(1).await;
    assert_eq!(calls_in(&scene, CHANNEL).len(), 0, "it is no one else's turn before the requester confirms");
    scene.confirms(1).await;
    assert_eq!(called(&scene, 1).await, roles(&[DeskRole::Supervisor, DeskRole::Admin]));
    scene.server.pass(9 * MINUTE).await;
    scene.server.pass(MINUTE).await;
    let first = [DeskRole::Supervisor, DeskRole::Admin];
    assert_eq!(called(&scene, 2).await, roles(&first));
    // No one is called twice for the same, neither by a tick nor by a start.
    scene.server.pass(MINUTE).await;
    restarts(&mut scene, MINUTE).await;
    assert_eq!(called(&scene, 2).await, roles(&first));
    scene.server.pass(8 * MINUTE).await;
    assert_eq!(called(&scene, 3).await, roles(&first));
    scene.server.pass(10 * MINUTE).await;
    let all = [DeskRole::Supervisor, DeskRole::Admin, DeskRole::Oncall];
    assert_eq!(called(&scene, 4).await, roles(&all));
    // Anyone who was called last may answer.
    scene.press("oncall", 1, "Approve").await;
    scene.is_done(1).await;
    scene.server.pass(30 * MINUTE).await;
    assert_eq!(calls_in(&scene, CHANNEL).len(), 4);
    scene.ends().await;
}

#[tokio::test]
async fn the_group_whose_approval_is_missing_is_called_and_no_other() {
    let scene = Scene::with(|setup| {
        setup.change = |config| {
            let rule = config.policy.rules.iter_mut().rfind(|rule| rule.approvals > 0).unwrap();
            rule.approvers = [DeskRole::Supervisor].into();
            rule.and = vec![Quorum { approvals: 1, approvers: [DeskRole::Admin].into() }];
            rule.remind_minutes = Some(10);
        }
    })
    .await;
    mentionable(&scene);
    scene.reset(1).await;
    scene.confirms(1).await;
    // As many approvals as the rule requires, but both are of one group.
    for who in ["supervisor", "second"] {
        scene.says(who, "desk approve", &[("request", 1.into())]).await;
    }
    scene.server.pass(9 * MINUTE).await;
    scene.server.pass(MINUTE).await;
    assert_eq!(called(&scene, 2).await, roles(&[DeskRole::Admin]));
    scene.press("admin", 1, "Approve").await;
    scene.is_done(1).await;
    scene.ends().await;
}

/// Nothing that a killed desk was at reaches Discord any more: what waited for the call that hangs would make it now.
async fn is_killed(scene: &mut Scene) {
    scene.faults("*", "**", u32::MAX, FaultKind::DropBefore);
    scene.server.kill().await;
    scene.server.fake.clear_faults();
}

/// The desk is killed while the call of the first reminder is on its way, and started again so much later.
async fn killed_at_the_call(kind: impl FnOnce(Gate) -> FaultKind, later: Duration) -> Scene {
    let mut scene = reminding().await;
    scene.reset(1).await;
    scene.confirms(1).await;
    called(&scene, 1).await;
    let gate = Gate::closed();
    scene.fault("POST", MESSAGES, kind(gate.clone()));
    scene.server.pass(10 * MINUTE).await;
    gate.reached(LIMIT).await.unwrap();
    assert!(scene.server.request(1).await.reminded.is_some(), "the line comes before the call");
    is_killed(&mut scene).await;
    scene.server.fake.advance(later);
    scene.server.clock.advance(later);
    scene.server.start().await.unwrap();
    scene
}

#[tokio::test]
async fn a_kill_before_the_call_loses_none_and_one_after_it_makes_no_second() {
    for later in [Duration::ZERO, 5 * MINUTE] {
        let scene = killed_at_the_call(FaultKind::WaitBefore, later).await;
        called(&scene, 2).await;
        another(&scene).await;
        called(&scene, 2).await;
        scene.ends().await;
    }
    // It is on Discord, and the desk never learned it.
    let scene = killed_at_the_call(FaultKind::WaitAfter, Duration::ZERO).await;
    called(&scene, 2).await;
    another(&scene).await;
    called(&scene, 2).await;
    scene.ends().await;
}

#[tokio::test]
async fn what_is_asked_in_a_direct_message_is_decided_where_approvers_read() {
    for approvals in [false, true] {
        let scene = Scene::with(|setup| {
            setup.approvals = approvals;
            setup.change = |config| {
                let rules = config.policy.rules.iter_mut();
                rules.for_each(|rule| (rule.private, rule.second_factor) = (true, false));
            };
        })
        .await;
        mentionable(&scene);
        let channel = if approvals { APPROVALS } else { CHANNEL };
        let approvers = roles(&[DeskRole::Supervisor, DeskRole::Admin]);
        let sorted = |message: &Message| {
            let mut ids = message.pings.roles.clone();
            ids.sort_unstable();
            ids
        };
        // A request that needs an approval, once its requester has confirmed it.
        let helpdesk = scene.server.person("helpdesk");
        let options = [("login", "john.doe".into()), ("method", "recreate".into())];
        let asked = helpdesk.slash_raw(helpdesk.dm(), "connect reset", &options).await;
        let asked = asked.outcome(LIMIT).await.unwrap().message.unwrap();
        assert!(scene.cards(1, channel).is_empty(), "it is no one else's turn");
        helpdesk.click(asked.id, "Confirm").await.unwrap();
        let card = scene.server.card_that(1, channel, "☑ Confirmed by").await;
        assert_eq!(sorted(&card), approvers);
        scene.press_in(channel, "supervisor", 1, "Approve").await;
        scene.server.card_that(1, channel, "· completed").await;
        // An emergency, which is reviewed afterwards.
        let oncall = scene.server.person("oncall");
        let options = [
            ("login", "mei.chen".into()),
            ("acw", 60.into()),
            ("emergency", true.into()),
            ("reason", "calls are lost".into()),
        ];
        let asked = oncall.slash_raw(oncall.dm(), "connect edit", &options).await;
        let asked = asked.outcome(LIMIT).await.unwrap().message.unwrap();
        oncall.click(asked.id, "Confirm").await.unwrap();
        scene.server.card_that(2, channel, "needs review").await;
        let call = scene
            .server
            .wait("the call", |world| {
                let all = world.messages(channel).into_iter();
                let mut calls = all.filter(|message| message.embeds.is_empty() && !message.pings.is_empty());
                calls.next().cloned()
            })
            .await;
        assert_eq!(sorted(&call), approvers);
        // Only its reader has what is in a direct message.
        for person in [helpdesk, oncall] {
            let dm = person.dm();
            let all = scene.server.fake.look(|world| world.messages(dm).len());
            let own = scene.server.fake.look(|world| {
                world.messages(dm).into_iter().filter(|message| message.is_ephemeral()).count()
            });
            assert_eq!(all, own, "{}", scene.server.screen());
        }
        scene.ends().await;
    }
}

#[tokio::test]
async fn where_discord_knows_no_approver_no_one_is_called_and_the_log_claims_nothing() {
    let scene = Scene::with(|setup| {
        setup.change = |config| {
            let discord = config.chats.discord.as_mut().unwrap();
            discord.roles.retain(|_, role| ![DeskRole::Supervisor, DeskRole::Admin].contains(role));
        };
    })
    .await;
    scene.reset(1).await;
    scene.confirms(1).await;
    another(&scene).await;
    let texts = scene.server.fake.look(|world| {
        world
            .messages(CHANNEL)
            .into_iter()
            .filter(|message| message.embeds.is_empty() && !message.is_ephemeral())
            .count()
    });
    assert_eq!((texts, scene.server.request(1).await.called.len()), (0, 0), "{}", scene.server.screen());
    scene.server.card_that(1, CHANNEL, "Approvers couldn't be notified on Discord.").await;
    scene.ends().await;
}

/// Someone on call breaks the glass.
async fn emergency(scene: &Scene) {
    let phone = scene.phone("oncall").await;
    let options = [
        ("login", "john.doe".into()),
        ("acw", 60.into()),
        ("emergency", true.into()),
        ("reason", "calls are lost".into()),
    ];
    scene.slash("oncall", "connect edit", &options).await;
    scene.server.card_that(1, CHANNEL, "Emergency").await;
    let form = scene.press("oncall", 1, "Confirm").await.outcome(LIMIT).await.unwrap().modal.unwrap();
    let code = scene.code(&phone);
    scene.server.person("oncall").submit(&form, &[("code", &code)]).await.unwrap();
    scene.server.card_that(1, CHANNEL, "needs review").await;
}

#[tokio::test]
async fn whom_an_emergency_went_past_is_called_at_once_and_once() {
    let mut scene = Scene::open().await;
    mentionable(&scene);
    emergency(&scene).await;
    let skipped = [DeskRole::Supervisor, DeskRole::Admin];
    assert_eq!(called(&scene, 1).await, roles(&skipped));
    let call = &calls_in(&scene, CHANNEL)[0];
    assert!(
        call.content.contains("#1") && call.content.contains("https://discord.com/channels/"),
        "{}",
        call.content
    );
    restarts(&mut scene, Duration::ZERO).await;
    restarts(&mut scene, 30 * MINUTE).await;
    assert_eq!(called(&scene, 1).await, roles(&skipped));
    assert!(scene.server.request(1).await.needs_review());
    let options =
        [("request", 1.into()), ("outcome", "justified".into()), ("reason", "no one was there".into())];
    scene.says("supervisor", "desk review", &options).await;
    scene.server.card_that(1, CHANNEL, "· completed").await;
    assert_eq!(calls_in(&scene, CHANNEL).len(), 1);
    scene.ends().await;
}

#[tokio::test]
async fn they_are_called_in_the_approvers_channel_where_there_is_one() {
    let scene = Scene::with(|setup| setup.approvals = true).await;
    mentionable(&scene);
    emergency(&scene).await;
    scene
        .server
        .wait("the call", |world| {
            let all = world.messages(APPROVALS).into_iter();
            let mut calls = all.filter(|message| message.embeds.is_empty() && !message.pings.is_empty());
            calls.next().map(|_| ())
        })
        .await;
    written(&scene, 1).await;
    assert_eq!((calls_in(&scene, APPROVALS).len(), calls_in(&scene, CHANNEL).len()), (1, 0));
    scene.ends().await;
}

#[tokio::test]
async fn an_emergency_whose_call_was_killed_does_not_pass_unseen() {
    let mut scene = Scene::open().await;
    mentionable(&scene);
    let gate = Gate::closed();
    let phone = scene.phone("oncall").await;
    let options = [
        ("login", "john.doe".into()),
        ("acw", 60.into()),
        ("emergency", true.into()),
        ("reason", "calls are lost".into()),
    ];
    scene.slash("oncall", "connect edit", &options).await;
    scene.server.card_that(1, CHANNEL, "Emergency").await;
    let form = scene.press("oncall", 1, "Confirm").await.outcome(LIMIT).await.unwrap().modal.unwrap();
    scene.fault("POST", MESSAGES, FaultKind::WaitBefore(gate.clone()));
    let code = scene.code(&phone);
    scene.server.person("oncall").submit(&form, &[("code", &code)]).await.unwrap();
    gate.reached(LIMIT).await.unwrap();
    assert!(scene.server.request(1).await.needs_review(), "it is due from its first step on");
    is_killed(&mut scene).await;
    // No one starts it again before the morning.
    let night = Duration::from_secs(6 * 3600);
    scene.server.fake.advance(night);
    scene.server.clock.advance(night);
    scene.server.start().await.unwrap();
    assert_eq!(called(&scene, 1).await, roles(&[DeskRole::Supervisor, DeskRole::Admin]));
    scene.ends().await;
}

#[tokio::test]
async fn a_clock_that_was_set_is_said_where_approvers_read_it_and_once() {
    let scene = Scene::open().await;
    scene.reset(1).await;
    scene.server.clock.set_ahead(-7_200);
    let said = "The clock was set back by 2 h.";
    for _ in 0..2 {
        scene.server.pass(MINUTE).await;
        scene
            .server
            .wait(said, |world| {
                world
                    .messages(CHANNEL)
                    .into_iter()
                    .find(|message| message.content.starts_with(said))
                    .map(|_| ())
            })
            .await;
    }
    let times = scene.server.fake.look(|world| {
        world.messages(CHANNEL).into_iter().filter(|message| message.content.starts_with(said)).count()
    });
    assert_eq!(times, 1);
    scene.ends().await;
}

/// The next message that calls someone and has these words: the accounts and the roles.
async fn call_that(scene: &Scene, words: &str) -> (Vec<u64>, Vec<u64>) {
    let call = scene
        .server
        .wait(words, |world| {
            let all = world.messages(CHANNEL).into_iter();
            let mut calls = all.filter(|message| message.embeds.is_empty() && !message.pings.is_empty());
            calls.find(|message| message.text().contains(words)).cloned()
        })
        .await;
    let (mut users, mut roles) = (call.pings.users.clone(), call.pings.roles.clone());
    users.sort_unstable();
    roles.sort_unstable();
    (users, roles)
}

#[tokio::test]
async fn who_agreed_is_called_when_it_is_reset_later_or_not_done_at_all_and_leaders_when_it_is_stuck() {
    let mut scene = reminding().await;
    let account = |scene: &Scene, name: &str| scene.server.person(name).id();
    let mut both = vec![account(&scene, "helpdesk"), account(&scene, "supervisor")];
    both.sort_unstable();
    scene.reset(1).await;
    scene.confirms(1).await;
    assert_eq!(called(&scene, 1).await, roles(&[DeskRole::Supervisor, DeskRole::Admin]));
    let until = [("request", 1.into()), ("when", "2h".into())];
    scene.says("supervisor", "desk defer", &until).await;
    scene.says("supervisor", "desk approve", &[("request", 1.into())]).await;
    scene.server.card_that(1, CHANNEL, "· scheduled").await;
    scene.world("john.doe routing_profile:\"Contact Tracers Profile\"").await;
    scene.server.pass(121 * MINUTE).await;
    assert_eq!(call_that(&scene, "needs confirmation. Approvals were reset").await, (both.clone(), vec![]));
    // Once, also over a restart; then only the requester is reminded, whose turn it is.
    let calls = calls_in(&scene, CHANNEL).len();
    restarts(&mut scene, MINUTE).await;
    assert_eq!(calls_in(&scene, CHANNEL).len(), calls, "{}", scene.server.screen());
    scene.server.pass(10 * MINUTE).await;
    scene.server.desk().chats.settled().await;
    crate::support::in_time(async {
        while calls_in(&scene, CHANNEL).len() == calls {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let last = calls_in(&scene, CHANNEL).pop().unwrap();
    assert_eq!((last.pings.users, last.pings.roles), (vec![account(&scene, "helpdesk")], vec![]));
    scene.server.pass(50 * MINUTE).await;
    assert_eq!(call_that(&scene, "· expired. Approvals were reset").await, (both, vec![]));
    scene.ends().await;
}

#[tokio::test]
async fn leaders_are_called_when_what_is_to_be_restored_can_not_be() {
    for is_gone in [false, true] {
        let scene = reminding().await;
        let options = [
            ("until", "1h".into()),
            ("login", "john.doe".into()),
            ("routing_profile", "Basic Routing Profile".into()),
        ];
        scene.says("supervisor", "connect until", &options).await;
        scene.press("supervisor", 1, "Confirm").await;
        scene.server.card_that(1, CHANNEL, "· in effect").await;
        let supervisor = scene.server.person("supervisor").id();
        if is_gone {
            scene.server.fake.remove_member(GUILD, supervisor);
        } else {
            let fault = serde_json::json!({
                "operation": "UpdateUserRoutingProfile", "fault": "fail_before", "times": 1_000,
                "error": "InvalidRequestException", "status": 400,
            });
            scene.sim(&format!("POST /_sim/faults {fault}")).await;
        }
        scene.server.pass(61 * MINUTE).await;
        let leaders = roles(&[DeskRole::Supervisor, DeskRole::Admin]);
        let (title, users) = match is_gone {
            true => ("· on hold", vec![]),
            false => ("· needs attention", vec![supervisor]),
        };
        assert_eq!(call_that(&scene, title).await, (users, leaders));
        scene.ends().await;
    }
}
