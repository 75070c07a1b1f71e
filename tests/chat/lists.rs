//! Lists lead to what they name: a menu opens a row of a table, and a request is a link to its card or a button that shows it.

use std::time::Duration;

use desk_core::log::Query;
use desk_core::view::digest::Daily;
use fake_discord::{Input, Message};

use crate::scene::{Scene, told};
use crate::support::server::{APPROVALS, CHANNEL, GUILD, title};

/// The options of the menu that opens a row.
fn menu(message: &Message) -> Vec<String> {
    let parts = message.components.iter().filter_map(|row| row["components"].as_array()).flatten();
    let menu = parts.filter(|part| part["custom_id"] == "open").flat_map(|part| part["options"].as_array());
    menu.flatten().map(|option| option["label"].as_str().unwrap().to_owned()).collect()
}

/// The logins on a page of users, which are bold.
fn bold(message: &Message) -> Vec<String> {
    let text = message.embeds[0]["description"].as_str().unwrap().to_owned();
    let lines = text.lines().filter_map(|line| line.strip_prefix("**")?.split_once("**"));
    lines.map(|(login, _)| login.replace('\\', "")).collect()
}

#[tokio::test]
async fn a_list_of_users_has_a_menu_that_shows_one_of_the_page() {
    let scene = Scene::open().await;
    let helpdesk = scene.server.person("helpdesk");
    let first = scene.says("helpdesk", "connect find", &[]).await.message.unwrap();
    assert_eq!((menu(&first).len(), menu(&first)), (10, bold(&first)), "{}", first.text());
    helpdesk.click(first.id, "›").await.unwrap();
    let second = scene
        .server
        .wait("the next page", |world| {
            world.message(first.id).filter(|page| bold(page) != bold(&first)).cloned()
        })
        .await;
    assert_eq!((menu(&second).len(), menu(&second)), (10, bold(&second)), "{}", second.text());

    // It is answered beside the list, privately, and is in the log like the command itself.
    let login = menu(&second).pop().unwrap();
    let shown = told(&helpdesk.click(second.id, &login).await.unwrap()).await;
    assert!(shown.contains(&login) && shown.contains("Routing profile"), "{shown}");
    let log = scene.server.desk().desk.saga.log.clone();
    let query = Query { login: Some(login.clone()), limit: 1, ..Query::default() };
    let lines = log.history(&query).await.unwrap();
    assert_eq!(lines[0].by.as_ref().map(|by| by.name.as_str()), Some("helpdesk"), "{lines:?}");
    let kept = scene.server.fake.look(|world| world.message(first.id).cloned()).unwrap();
    assert_eq!(bold(&kept), bold(&second), "the list is still there");

    // Of one user there is nothing to choose.
    let options = [("text", Input::from("mei.chen"))];
    let one = scene.says("helpdesk", "connect find", &options).await.message.unwrap();
    assert_eq!(menu(&one), [""; 0]);
    assert!(told(&helpdesk.click(one.id, "Show mei.chen").await.unwrap()).await.contains("Mei Chen"));
    scene.ends().await;
}

#[tokio::test]
async fn every_list_has_a_menu_of_what_it_lists() {
    let scene = Scene::open().await;
    let supervisor = scene.server.person("supervisor");
    for (list, shown) in [
        ("connect queue list", "Queue"),
        ("connect routing list", "Routing profile"),
        ("connect security list", "Security profile"),
        ("connect group list", "Group"),
    ] {
        let message = scene.says("supervisor", list, &[]).await.message.unwrap();
        let names = menu(&message);
        assert!(names.len() > 1, "{list}: {names:?}\n{}", message.text());
        let name = names.last().unwrap();
        let asked = supervisor.click(message.id, name).await.unwrap();
        let answer = told(&asked).await;
        let last = name.rsplit('/').next().unwrap();
        assert!(answer.starts_with(shown) && answer.replace('\\', "").contains(last), "{list}: {answer}");
    }
    scene.ends().await;
}

#[tokio::test]
async fn a_digest_leads_to_the_cards_of_its_requests() {
    let mut scene = Scene::closed(|setup| {
        setup.approvals = true;
        setup.change = |config| config.digest = Some(Daily::new("08:00", "UTC").unwrap());
    })
    .await;
    scene.server.start().await.unwrap();
    // A reset that someone does manually has a card for approvers, too; a freeze that needs no one else has none there.
    scene
        .slash("helpdesk", "connect reset", &[("login", "john.doe".into()), ("method", "console".into())])
        .await;
    scene.server.card_that(1, CHANNEL, "· needs").await;
    scene.confirms(1).await;
    scene.press("supervisor", 1, "Approve").await;
    let card = scene.server.card_that(1, APPROVALS, "needs a manual step").await;
    scene
        .slash("supervisor", "desk freeze", &[("scope", "mei.chen".into()), ("reason", "an audit".into())])
        .await;
    scene.server.card_that(2, CHANNEL, "· needs").await;
    scene.press("supervisor", 2, "Confirm").await;
    let frozen = scene.server.card_that(2, CHANNEL, "in effect").await;
    scene.server.pass(Duration::from_secs(24 * 3600)).await;
    let digest = scene
        .server
        .wait("the digest of the next day", |world| {
            let mut all = world.messages(APPROVALS).into_iter();
            all.find(|message| title(message).contains("Digest of 21 Nov")).cloned()
        })
        .await;
    let link = |no: u64, channel: u64, id: u64| {
        format!("[#{no}](https://discord.com/channels/{GUILD}/{channel}/{id})")
    };
    let text = digest.text();
    assert!(text.contains(&link(1, APPROVALS, card.id)) && text.contains("**#2** `mei.chen`"), "{text}");
    // What has no card here is shown to who presses, under their own rights.
    let labels: Vec<String> = digest.buttons().into_iter().map(|button| button.label).collect();
    assert_eq!(labels, ["#2"]);
    let press = async |who: &str| told(&scene.server.person(who).click(digest.id, "#2").await.unwrap()).await;
    let shown = press("supervisor").await;
    assert!(shown.contains("Freeze mei.chen") && shown.contains("in effect"), "{shown}");
    assert!(press("john").await.contains("n't allow"));

    // The same for who asks for it, where they ask.
    let text = scene.says("supervisor", "desk digest", &[]).await.text();
    let asked = scene.server.card(1, CHANNEL).await;
    let links = [link(1, CHANNEL, asked.id), link(2, CHANNEL, frozen.id)];
    assert!(links.iter().all(|link| text.contains(link)), "{text}");
    scene.ends().await;
}

#[tokio::test]
async fn only_the_requester_reads_that_the_confirmation_is_theirs() {
    let scene = Scene::open().await;
    let card = scene.reset(1).await;
    let helpdesk = scene.server.person("helpdesk").id();
    let theirs = format!("☐ Confirmation by <@{helpdesk}>");
    assert!(card.text().contains(&theirs), "{}", card.text());
    let show = async |who: &str| scene.says(who, "desk show", &[("request", 1.into())]).await.text();
    let shown = show("helpdesk").await;
    assert!(shown.contains("☐ Your confirmation") && !shown.contains("Confirmation by"), "{shown}");
    let shown = show("supervisor").await;
    assert!(shown.contains(&theirs) && !shown.contains("Your confirmation"), "{shown}");
    let listed = async |who: &str| scene.says(who, "desk requests", &[]).await.text();
    assert!(listed("helpdesk").await.contains("needs your confirmation"));
    let others = listed("supervisor").await;
    assert!(others.contains(&format!("needs confirmation by <@{helpdesk}>")), "{others}");
    // And the password waits for them.
    scene.runs(1).await;
    let card = scene.server.card(1, CHANNEL).await.text();
    assert!(card.contains(&format!("is waiting for <@{helpdesk}>")), "{card}");
    let shown = show("helpdesk").await;
    assert!(shown.contains("is waiting for you"), "{shown}");
    scene.ends().await;
}
