//! How the desk behaves on a server: what it calls people, where it listens, and what only one person reads.

use desk_core::basics::problem::Owner;
use desk_core::basics::roles::Role;
use fake_discord::{FaultKind, permission};
use serde_json::json;

use crate::scene::{Scene, told};
use crate::support::LIMIT;
use crate::support::server::{APPROVALS, CHANNEL, ELSEWHERE, GUILD, on_discord};

const THREAD: u64 = 1_100_000_000_000_000_101;
const FORUM: u64 = 1_100_000_000_000_000_006;
const POST: u64 = 1_100_000_000_000_000_102;

#[tokio::test]
async fn people_are_called_as_on_the_server_and_nothing_in_a_nickname_means_anything() {
    let scene = Scene::open().await;
    let person = scene.server.person("second");
    scene.server.fake.set_nick(GUILD, person.id(), "**Lena** `K` @everyone <@&1> [x](https://evil.example)");
    let who = scene.says("second", "desk whoami", &[]).await;
    assert!(who.text().contains("Lena") && who.message.unwrap().pings.is_empty());
    scene.slash("second", "connect edit", &[("login", "emeka.eze".into()), ("acw", 60.into())]).await;
    let card = scene.server.card(1, CHANNEL).await;
    let text = card.text();
    assert!(card.pings.users.is_empty() && !card.pings.everyone, "{text}");
    for live in ["**Lena**", "[x](https"] {
        let is_live = text.match_indices(live).any(|(at, _)| text[..at].matches('`').count() % 2 == 0);
        assert!(!is_live, "{live} is alive in {text}");
    }
    // The history names people as Discord does, and calls no one.
    let history = scene.says("auditor", "desk history", &[("about", "emeka.eze".into())]).await;
    assert!(history.text().contains(&format!("<@{}>", person.id())), "{}", history.text());
    assert!(history.message.unwrap().pings.is_empty());
    // Later, when Discord is asked who that is.
    let refused = scene.says("helpdesk", "desk confirm", &[("request", 1.into())]).await.text();
    assert!(refused.contains(&format!("Only the requester, <@{}>, can", person.id())), "{refused}");
    scene.ends().await;
}

#[tokio::test]
async fn whoever_has_no_nickname_is_called_by_the_name_that_clients_show() {
    let scene = Scene::open().await;
    let roles = [crate::support::server::role_id(Role::L1)];
    let alone = scene.server.fake.add_member(GUILD, 1_100_000_000_000_009_001, "Zoë Müller", &roles);
    let asked = alone.slash(CHANNEL, "desk whoami", &[]).await.unwrap();
    assert!(asked.outcome(LIMIT).await.unwrap().text().contains("Zoë Müller"));
    scene.ends().await;
}

#[tokio::test]
async fn a_key_can_be_typed_on_the_phone_that_shows_it() {
    let scene = Scene::open().await;
    let answer = scene.says("helpdesk", "desk enroll", &[]).await.message.unwrap();
    assert!(answer.is_ephemeral());
    let text = answer.text();
    let key: Vec<&str> = text
        .split(['|', '`'])
        .map(str::trim)
        .filter(|part| {
            let groups: Vec<&str> = part.split(' ').collect();
            groups.len() >= 4
                && groups.iter().all(|group| {
                    group.len() <= 4 && group.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
                })
        })
        .collect();
    let [key] = key[..] else { panic!("{text}") };
    // The authenticator that someone typed it into works.
    let address = format!("otpauth://totp/desk?secret={}", key.replace(' ', ""));
    let phone =
        connect_desk::console::phone::Phone::scan(&desk_core::basics::secret::Secret::new(address)).unwrap();
    let code = scene.code(&phone);
    let works = scene.says("helpdesk", "desk enroll", &[("code", code.as_str().into())]).await.text();
    assert!(works.contains("works"), "{works}");
    scene.ends().await;
}

#[tokio::test]
async fn a_thread_is_part_of_its_channel() {
    let scene = Scene::with(|setup| {
        setup.change = |config| {
            for rule in &mut config.policy.rules {
                rule.channels = [CHANNEL.to_string()].into();
            }
        };
    })
    .await;
    scene.server.fake.add_thread(GUILD, CHANNEL, THREAD, "john is locked out");
    scene.server.fake.add_thread(GUILD, ELSEWHERE, POST, "lunch today");
    let person = scene.server.person("helpdesk");
    let options = [("login", "emeka.eze".into()), ("acw", 60.into())];
    person.slash(THREAD, "connect edit", &options).await.unwrap();
    let card = scene.server.card(1, THREAD).await;
    assert!(scene.cards(1, CHANNEL).is_empty(), "the card is where it was asked for");
    // Buttons work there, and the policy of the channel still holds when it is weighed again.
    person.click(card.id, "Confirm").await.unwrap();
    crate::support::in_time(async {
        while !scene.server.request(1).await.is_finished() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let request = scene.server.request(1).await;
    assert!(request.shown.contains_key(&on_discord(THREAD)));
    assert_eq!(request.place.home(), CHANNEL.to_string());

    let asked = person.slash(POST, "desk whoami", &[]).await.unwrap();
    let refused = asked.outcome(LIMIT).await.unwrap().text();
    assert!(refused.contains("channel") && !refused.contains("helpdesk"), "{refused}");
    scene.ends().await;
}

#[tokio::test]
async fn a_forum_is_asked_in_by_its_posts() {
    let mut scene = Scene::closed(|setup| {
        setup.approvals = true;
        setup.change = |config| {
            let discord = config.chats.discord.as_mut().unwrap();
            discord.channels.insert(std::num::NonZeroU64::new(FORUM).unwrap());
        };
    })
    .await;
    scene.server.fake.add_channel_of_kind(GUILD, FORUM, "help", 15);
    scene.server.fake.add_thread(GUILD, FORUM, POST, "emeka moved");
    scene.server.start().await.unwrap();
    let person = scene.server.person("helpdesk");
    person.slash(POST, "connect edit", &[("login", "emeka.eze".into()), ("acw", 60.into())]).await.unwrap();
    scene.server.card(1, POST).await;
    // Without the right to write in posts it can't.
    scene.server.stop().await.unwrap();
    scene.server.fake.take_permission(FORUM, permission::SEND_MESSAGES_IN_THREADS);
    let problem = scene.server.start().await.unwrap_err();
    assert_eq!(problem.code, "discord_permission");
    assert!(problem.to_string().contains("Send Messages in Threads"), "{problem}");
    scene.server.fake.set_bot_permissions(FORUM, permission::ORDINARY);
    scene.server.start().await.unwrap();
    scene.ends().await;
}

#[tokio::test]
async fn a_thread_has_the_permissions_of_its_channel() {
    const THREADS: u64 = permission::SEND_MESSAGES_IN_THREADS;
    for (in_thread, lost, missing) in [
        // In a channel the desk works without the right to write in its threads.
        (false, THREADS, None),
        (false, permission::SEND_MESSAGES, Some("Send Messages.")),
        (true, permission::SEND_MESSAGES, None),
        (true, THREADS, Some("Send Messages in Threads.")),
        (true, permission::EMBED_LINKS, Some("Embed Links.")),
    ] {
        let mut scene = Scene::closed(|_| {}).await;
        if in_thread {
            scene.server.fake.delete_channel(CHANNEL);
            scene.server.fake.add_thread(GUILD, ELSEWHERE, CHANNEL, "desk");
        }
        scene.server.fake.take_permission(if in_thread { ELSEWHERE } else { CHANNEL }, lost);
        match (scene.server.start().await, missing) {
            (Ok(()), None) => {
                scene.reset(1).await;
                scene.ends().await;
            }
            (Err(problem), Some(missing)) => {
                let said = problem.to_string();
                assert!(problem.code == "discord_permission" && said.contains(missing), "{said}");
            }
            (started, missing) => panic!("{in_thread} {lost}: {started:?} {missing:?}"),
        }
    }
}

#[tokio::test]
async fn a_channel_that_can_hold_no_card_is_said_at_the_start() {
    for (kind, approvals, wrong) in [
        (4, false, Some("a category")),
        (14, false, Some("not a channel for messages")),
        (15, true, Some("each card would need its own post")),
        (15, false, Some("can't hold the digest and notices")),
        (5, false, None),
        (2, false, None),
    ] {
        let mut scene = Scene::closed(|setup| setup.approvals = approvals).await;
        let channel = if approvals { APPROVALS } else { CHANNEL };
        scene.server.fake.delete_channel(channel);
        scene.server.fake.add_channel_of_kind(GUILD, channel, "desk", kind);
        match (scene.server.start().await, wrong) {
            (Ok(()), None) => scene.ends().await,
            (Err(problem), Some(wrong)) => {
                assert_eq!(
                    (problem.code.as_str(), &problem.owner),
                    ("discord_channel_kind", &Owner::Operator)
                );
                let said = problem.to_string();
                assert!(said.contains(wrong) && said.contains(&channel.to_string()), "{kind}: {said}");
                assert!(said.contains("under [discord]"), "{said}");
            }
            (started, wrong) => panic!("{kind}: {started:?} {wrong:?}"),
        }
    }
}

/// The names of the commands that are registered for direct messages.
fn direct(scene: &Scene) -> Vec<String> {
    scene.server.fake.look(|world| {
        let all = world.commands(None).iter();
        all.flat_map(|command| {
            let top = command["name"].as_str().unwrap().to_owned();
            let below = command["options"].as_array().cloned().unwrap_or_default();
            below.into_iter().map(move |one| format!("{top} {}", one["name"].as_str().unwrap()))
        })
        .collect()
    })
}

#[tokio::test]
async fn what_a_rule_allows_in_direct_messages_can_be_chosen_there_and_nothing_else() {
    let mut scene = Scene::with(|setup| {
        setup.change = |config| {
            let about_itself = config.policy.rules.iter_mut().find(|rule| rule.is_about("desk whoami"));
            about_itself.unwrap().private = true;
        };
    })
    .await;
    let person = scene.server.person("helpdesk");
    let mut commands = direct(&scene);
    commands.sort();
    assert_eq!(commands, ["connect guide", "desk help", "desk whoami", "desk why"]);
    let who = person.slash(person.dm(), "desk whoami", &[]).await.unwrap().outcome(LIMIT).await.unwrap();
    assert!(who.text().contains("helpdesk"), "{}", who.text());
    let edit = person.slash(person.dm(), "connect edit", &[("login", "emeka.eze".into())]).await;
    assert!(edit.is_err(), "it is not offered");
    // On the server nothing is there twice.
    assert_eq!(scene.server.fake.look(|world| world.commands(None)[0]["contexts"].clone()), json!([1]));

    // Nothing is written again, and all of it goes when no rule allows any.
    let writes = |scene: &Scene| {
        scene.server.fake.look(|world| {
            let puts = world.requests().filter(|it| it.method == "PUT" && it.path.ends_with("/commands"));
            puts.filter(|it| !it.path.contains("guilds")).count()
        })
    };
    assert_eq!(writes(&scene), 1);
    scene.server.stop().await.unwrap();
    scene.server.start().await.unwrap();
    assert_eq!(writes(&scene), 1);
    scene.server.stop().await.unwrap();
    scene.server.config.policy.rules.iter_mut().for_each(|rule| rule.private = false);
    scene.server.start().await.unwrap();
    assert_eq!((direct(&scene).len(), writes(&scene)), (0, 2));
    scene.ends().await;
}

#[tokio::test]
async fn commands_for_direct_messages_that_discord_did_not_hear_of_are_registered_later() {
    let scene = Scene::open().await;
    let policy = &scene.server.desk().desk.policy;
    let mut changed = (*policy.get()).clone();
    changed.rules.iter_mut().find(|rule| rule.is_about("desk whoami")).unwrap().private = true;
    policy.set(changed);
    let commands = "/applications/*/commands";
    scene.faults("*", commands, u32::MAX, FaultKind::FailBefore(503));
    scene.server.desk().chats.tick().await;
    assert_eq!(direct(&scene).len(), 0);
    scene.server.fake.clear_faults();
    scene.server.desk().chats.tick().await;
    assert!(direct(&scene).contains(&"desk whoami".to_owned()));
    scene.ends().await;
}

#[tokio::test]
async fn a_desk_without_direct_messages_registers_nothing_for_them() {
    let scene = Scene::open().await;
    scene.server.fake.look(|world| {
        let asked =
            world.requests().filter(|it| it.path.ends_with("/commands") && !it.path.contains("guilds"));
        assert_eq!(asked.count(), 0);
    });
    scene.ends().await;
}

#[tokio::test]
async fn nobody_else_reads_that_someone_has_no_role() {
    let scene = Scene::open().await;
    let helpdesk = scene.server.person("helpdesk");
    scene.reset(1).await;
    scene.confirms(1).await;
    scene.server.fake.set_roles(GUILD, helpdesk.id(), &[]);
    // The requester alone is told so.
    let refused = scene.says("helpdesk", "connect reset", &[("login", "john.doe".into())]).await;
    assert!(refused.text().contains("You don't have a role"), "{}", refused.text());
    assert!(refused.message.unwrap().is_ephemeral());
    scene.press_if_there("supervisor", 1, "Approve").await;
    let card = scene.server.card_that(1, CHANNEL, "isn't allowed to request this").await;
    for message in scene.server.fake.look(|world| {
        let all = world.messages(CHANNEL).into_iter().filter(|message| message.ephemeral_for.is_none());
        all.map(|message| message.text()).collect::<Vec<_>>()
    }) {
        assert!(!message.contains("You have no role"), "{message}");
    }
    assert!(card.text().contains("helpdesk"), "{}", card.text());
    // Anyone who presses a button without the role is told beside the card.
    let stranger = scene.server.fake.add_member(GUILD, 1_100_000_000_000_009_002, "stranger", &[]);
    scene.server.fake.set_roles(GUILD, helpdesk.id(), &[crate::support::server::role_id(Role::L1)]);
    scene.reset(2).await;
    let card = scene.server.card(2, CHANNEL).await;
    let click = stranger.click(card.id, "Confirm").await.unwrap();
    told(&click).await;
    scene.ends().await;
}

#[tokio::test]
async fn choices_are_words_for_people() {
    let scene = Scene::open().await;
    scene.server.fake.look(|world| {
        let mut labels = Vec::new();
        let mut left: Vec<serde_json::Value> = world.commands(Some(GUILD)).to_vec();
        while let Some(item) = left.pop() {
            left.extend(item["options"].as_array().cloned().unwrap_or_default());
            for choice in item["choices"].as_array().into_iter().flatten() {
                labels.push((
                    choice["name"].as_str().unwrap().to_owned(),
                    choice["value"].as_str().unwrap().to_owned(),
                ));
            }
        }
        assert!(labels.len() > 20, "{}", labels.len());
        for (label, value) in &labels {
            assert!(!label.contains('_') && label.chars().count() <= 100, "{label}");
            assert!(label.starts_with(|c: char| c.is_uppercase() || c.is_numeric()), "{label}");
            let word = label.split(':').next().unwrap().to_lowercase().replace(' ', "_");
            assert_eq!(word, *value, "the label is the word that is logged");
        }
    });
    scene.ends().await;
}

#[tokio::test]
async fn requests_are_links_to_their_cards_here_and_buttons_elsewhere() {
    let scene = Scene::with(|setup| setup.approvals = true).await;
    scene.asks("john.doe").await;
    let card = scene.server.card_that(1, CHANNEL, "john.doe").await;
    let list = scene.says("helpdesk", "desk requests", &[]).await.message.unwrap();
    let link = format!("[#1](https://discord.com/channels/{GUILD}/{CHANNEL}/{})", card.id);
    assert!(list.is_ephemeral() && list.text().contains(&link), "{}", list.text());
    assert!(list.text().contains("Waiting for you (1)"), "{}", list.text());
    // In the other channel its own card is linked, where it has one, or else shown by a button.
    let person = scene.server.person("supervisor");
    let asked = person.slash(APPROVALS, "desk requests", &[]).await.unwrap();
    let list = asked.outcome(LIMIT).await.unwrap().message.unwrap();
    assert!(!list.text().contains(&format!("/{CHANNEL}/")), "{}", list.text());
    match list.button("#1") {
        Some(_) => {
            let shown = person.click(list.id, "#1").await.unwrap();
            let shown = shown.followed_up(1, LIMIT).await.unwrap().follow_ups.pop().unwrap();
            assert!(shown.is_ephemeral() && shown.text().contains("john.doe"), "{}", shown.text());
        }
        None => assert!(list.text().contains(&format!("/{APPROVALS}/")), "{}", list.text()),
    }
    // The card again, here, with buttons that work.
    let shown = scene.says("helpdesk", "desk show", &[("request", 1.into())]).await.message.unwrap();
    assert!(shown.is_ephemeral(), "{}", shown.text());
    scene.server.person("helpdesk").click(shown.id, "Confirm").await.unwrap();
    scene.server.card_that(1, CHANNEL, "onfirmed").await;
    scene.ends().await;
}
