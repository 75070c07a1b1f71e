//! Files that people attach, and files that come with cards.

use fake_discord::{FaultKind, Input, Message};
use serde_json::json;

use crate::scene::{MESSAGE, Scene};
use crate::support::LIMIT;
use crate::support::server::CHANNEL;

/// One new user, one that exists and differs, and a note: the card has two files before and three after.
const SHEET: &str = "first name,last name,email address,user login,routing profile name,security_profile_name_1\n\
                     Ann,One,ann@example.com,Ann.One,basic routing profile,L1 Support\n\
                     John,Dough,,john.doe,,\n";

fn names(message: &Message) -> Vec<&str> {
    message.attachments.iter().map(|file| file.filename.as_str()).collect()
}

fn ids(message: &Message) -> Vec<u64> {
    message.attachments.iter().map(|file| file.id).collect()
}

/// The card once it has so many files.
async fn with_files(scene: &Scene, no: u64, files: usize) -> Message {
    let card = scene.server.card(no, CHANNEL).await;
    scene
        .server
        .wait(&format!("{files} files"), |world| {
            world.message(card.id).filter(|message| message.attachments.len() == files).cloned()
        })
        .await
}

async fn imports(scene: &Scene) {
    let options = [("file", Input::file("users.csv", SHEET))];
    scene.says("helpdesk", "connect import", &options).await;
}

#[tokio::test]
async fn a_card_has_several_files_and_none_is_sent_twice() {
    let scene = Scene::open().await;
    imports(&scene).await;
    let waits = with_files(&scene, 1, 2).await;
    assert_eq!(names(&waits), ["differences.csv", "findings.csv"]);
    scene.runs(1).await;
    let done = with_files(&scene, 1, 3).await;
    assert_eq!(names(&done), ["differences.csv", "findings.csv", "result.csv"]);
    assert_eq!(ids(&done)[..2], ids(&waits), "what is there is not sent again");
    assert!(done.attachments[2].bytes.ends_with(b"3,john.doe,unchanged: differs\r\n"));
    scene.ends().await;
}

#[tokio::test]
async fn a_file_whose_answer_is_lost_is_there_once() {
    for fault in [FaultKind::DropBefore, FaultKind::DropAfter] {
        let scene = Scene::open().await;
        scene.faults("PATCH", MESSAGE, 1, fault.clone());
        imports(&scene).await;
        let waits = with_files(&scene, 1, 2).await;
        assert_eq!(names(&waits), ["differences.csv", "findings.csv"], "{fault:?}");
        scene.ends().await;
    }
}

#[tokio::test]
async fn after_a_restart_the_files_that_stand_stay() {
    let mut scene = Scene::open().await;
    imports(&scene).await;
    let before = with_files(&scene, 1, 2).await;
    scene.server.stop().await.unwrap();
    scene.server.start().await.unwrap();
    scene.confirms(1).await;
    assert_eq!(ids(&with_files(&scene, 1, 2).await), ids(&before));
    scene.ends().await;
}

#[tokio::test]
async fn a_file_that_is_gone_is_asked_for_again() {
    let scene = Scene::open().await;
    let gone = Input::File { filename: "users.csv".to_owned(), bytes: Default::default(), there: false };
    let told = scene.says("helpdesk", "connect import", &[("file", gone)]).await.text();
    assert!(told.contains("Discord no longer has the file, or its address has expired."), "{told}");
    scene.ends().await;
}

#[tokio::test]
async fn nobody_names_a_file_of_the_desks_machine_or_of_another_host() {
    let scene = Scene::open().await;
    for place in
        ["/etc/passwd", "file:///etc/passwd", "https://example.com/attachments/1/2/users.csv", "users.csv"]
    {
        let asked = scene.server.person("helpdesk");
        let asked = asked.slash_raw(CHANNEL, "connect import", &[("file", place.into())]).await;
        let told = asked.outcome(LIMIT).await.unwrap().text();
        assert!(told.contains("This is not a file that was attached on Discord."), "{place}: {told}");
    }
    scene.ends().await;
}

#[tokio::test]
async fn a_form_carries_the_file_along_and_cannot_name_another() {
    let scene = Scene::with(|setup| {
        setup.change = |config| {
            config
                .policy
                .rules
                .iter_mut()
                .for_each(|rule| rule.reason = desk_core::policy::Reason::Wanted(true))
        };
    })
    .await;
    let form = scene.slash("helpdesk", "connect import", &[("file", Input::file("users.csv", SHEET))]).await;
    let modal = form.acknowledged(LIMIT).await.unwrap().modal.expect("it asks for a reason");
    let person = scene.server.person("helpdesk");
    let other = "https://example.com/attachments/1/2/users.csv";
    let field = |name: &str, text: &str| json!({ "type": 1, "components": [{ "type": 4, "custom_id": name, "value": text }] });
    for (name, text) in [("file", other), ("command", "/connect import file:{other}"), ("reason", "another")]
    {
        let told = person.submit_raw(&modal, &json!([field("reason", "a class"), field(name, text)])).await;
        let told = told.outcome(LIMIT).await.unwrap().text();
        assert!(told.contains("is given twice") || told.contains("has no option"), "{name}: {told}");
    }
    person.submit(&modal, &[("reason", "a class")]).await.unwrap();
    scene.server.card_that(1, CHANNEL, "· needs").await;
    let request = scene.server.request(1).await;
    assert_eq!(request.args.text("reason"), Some("a class"));
    assert!(request.args.text("file").unwrap().starts_with("users.csv#"));
    assert_eq!(json!(request.args)["file"].as_str().map(|file| file.contains("http")), Some(false));
    scene.ends().await;
}

/// Sixty new users, the last of them with another profile than the rest.
fn many() -> String {
    let row = |i: usize| {
        let profile = if i == 59 { "L1 Support" } else { "Agent" };
        format!("Ann,One,ann_{i}@example.com,ann.{i:02},Basic Routing Profile,{profile}\n")
    };
    let head = "first name,last name,email address,user login,routing profile name,security_profile_name_1\n";
    std::iter::once(head.to_owned()).chain((0..60).map(row)).collect()
}

#[tokio::test]
async fn whoever_decides_reads_all_of_it_with_or_without_a_file() {
    let scene = Scene::open().await;
    scene.says("helpdesk", "connect import", &[("file", Input::file("users.csv", many()))]).await;
    let card = scene.server.card_that(1, CHANNEL, "· needs").await;
    assert!(card.text().contains("given to `ann.59`"), "{}", card.text());

    // An approver who may not download pages through it, where no one else sees it.
    let supervisor = scene.server.person("supervisor");
    let asked = supervisor.click(card.id, "Details").await.unwrap();
    let mut page = asked.followed_up(1, LIMIT).await.unwrap().follow_ups.pop().unwrap();
    let id = page.id;
    // One who may downloads all of it.
    let whole = scene
        .server
        .wait("the file", |world| world.message(id).filter(|page| !page.attachments.is_empty()).cloned())
        .await;
    assert_eq!(names(&whole), ["plan.csv"]);
    let file = String::from_utf8(whole.attachments[0].bytes.to_vec()).unwrap();
    assert!((0..60).all(|i| file.contains(&format!("ann_{i}@example.com"))), "{file}");
    let mut told = String::new();
    loop {
        assert!(page.is_ephemeral() && page.id == id, "{}", page.text());
        told.push_str(&page.text());
        let title = page.embeds[0]["title"].clone();
        if !page.buttons().iter().any(|button| button.label == "Next") {
            break;
        }
        supervisor.click(id, "Next").await.unwrap();
        page = scene
            .server
            .wait("the next page", |world| {
                world.message(id).filter(|page| page.embeds[0]["title"] != title).cloned()
            })
            .await;
    }
    for i in 0..60 {
        assert!(told.contains(&format!("ann_{i}@example.com")), "{i}: {told}");
    }
    // No one without a part in it does.
    let john = scene.server.person("john").click(card.id, "Details").await.unwrap();
    assert!(crate::scene::told(&john).await.contains("n't allow"));
    // And what was approved is what was read.
    scene.runs(1).await;
    let done = with_files(&scene, 1, 1).await;
    assert_eq!(names(&done), ["result.csv"]);
    scene.ends().await;
}
