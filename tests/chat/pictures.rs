//! The cards of docs/discord.md, as people see them: a story is played and its messages are written as pages, which
//! `docs/pictures/shoot` makes pictures of.

use std::path::Path;
use std::time::Duration;

use fake_discord::{Input, Message};

use crate::scene::Scene;
use crate::support::LIMIT;
use crate::support::server::CHANNEL;

/// Six new users, one that exists and differs, one without a profile, and one whose email is no address.
const SHEET: &str = "first name,last name,email address,user login,routing profile name,security_profile_name_1\n\
    Ada,Winter,ada@example.com,ada.winter,Basic Routing Profile,Agent\n\
    Ben,Summer,ben@example.com,ben.summer,Basic Routing Profile,Agent\n\
    Cleo,Hart,cleo@example.com,cleo.hart,Basic Routing Profile,Agent\n\
    Dan,Ortega,dan@example.com,dan.ortega,Basic Routing Profile,Agent\n\
    Eve,Lindt,eve@example.com,eve.lindt,Basic Routing Profile,Agent\n\
    Finn,Moss,finn@example.com,finn.moss,Basic Routing Profile,L1 Support\n\
    John,Dough,,john.doe,,\n";

const TEN: &str = "aaron.fields, abigail.stone, ahmed.farouk, alice.brook, amara.okafor, ben.carter, bruno.silva, \
                   carmen.ortiz, chloe.martin, daniel.weiss";

struct Album {
    scene: Scene,
}

impl Album {
    /// What the desk answers, in private or in public.
    async fn answer(&self, who: &str, path: &str, options: &[(&str, Input)]) -> Message {
        let asked = self.scene.server.person(who).slash(CHANNEL, path, options).await.unwrap();
        asked.outcome(LIMIT).await.unwrap().message.unwrap()
    }

    async fn card(&self, no: u64, text: &str) -> Message {
        self.scene.server.card_that(no, CHANNEL, text).await
    }

    /// Somewhat later, as people see it.
    async fn keep(&self, name: &str, messages: &[&Message]) {
        self.scene.server.pass(Duration::from_secs(130)).await;
        let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
        Album::write(name, self.scene.server.fake.page("help-desk", &ids));
    }

    fn write(name: &str, page: String) {
        let pages = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
        std::fs::create_dir_all(&pages).unwrap();
        std::fs::write(pages.join(format!("{name}.html")), page).unwrap();
    }
}

#[tokio::test]
async fn the_cards_of_the_documentation() {
    let album = Album { scene: Scene::open().await };
    let server = &album.scene.server;
    let (helpdesk, supervisor, john) =
        (server.person("helpdesk"), server.person("supervisor"), server.person("john"));

    // Answers that only the requester sees.
    let in_group = [("hierarchy_group", "Eastern Region".into()), ("include_subgroups", true.into())];
    album.keep("find", &[&album.answer("helpdesk", "connect find", &in_group).await]).await;
    album
        .keep("show", &[&album.answer("helpdesk", "connect show", &[("login", "john.doe".into())]).await])
        .await;
    album.keep("who", &[&album.answer("helpdesk", "connect who", &[]).await]).await;
    album.keep("tree", &[&album.answer("helpdesk", "connect group list", &[]).await]).await;
    album.keep("check", &[&album.answer("supervisor", "connect check", &[]).await]).await;

    // A reset from the request to the password.
    let options = [
        ("login", "mei.chen".into()),
        ("method", "recreate".into()),
        ("reason", "INC-1042 locked out".into()),
    ];
    let pointer = album.answer("helpdesk", "connect reset", &options).await;
    assert!(pointer.text().contains("https://discord.com/channels/"), "{}", pointer.text());
    album.keep("asks", &[&album.card(1, "☐ Confirmation by").await]).await;
    helpdesk.click(album.card(1, "☐ Confirmation by").await.id, "Confirm").await.unwrap();
    let card = album.card(1, "· needs approval").await;
    album.keep("needs", &[&card]).await;
    let refused = john.click(card.id, "Approve").await.unwrap().followed_up(1, LIMIT).await.unwrap();
    album.keep("refused", &[&refused.follow_ups[0]]).await;
    let form = supervisor.click(card.id, "Deny").await.unwrap().outcome(LIMIT).await.unwrap().modal.unwrap();
    Album::write("form", server.fake.page_with_forms("help-desk", &[], &[form]));
    supervisor.click(card.id, "Approve").await.unwrap();
    let done = album.card(1, "· completed").await;
    assert_eq!(done.id, card.id, "it is the same message to the end");
    let asked = helpdesk.click(card.id, "Show password").await.unwrap();
    let secret = asked.outcome(LIMIT).await.unwrap().message.unwrap();
    album.keep("done", &[&album.card(1, "was shown to").await, &secret]).await;

    // Many at a time.
    let options = [
        ("logins", TEN.into()),
        ("acw", 60.into()),
        ("auto_accept", true.into()),
        ("add_security_profile", "L1 Support".into()),
        ("reason", "INC-8 new team".into()),
    ];
    album.answer("helpdesk", "connect edit", &options).await;
    album.keep("edit", &[&album.card(2, "☐ Confirmation by").await]).await;
    album.answer("helpdesk", "connect import", &[("file", Input::file("new.csv", SHEET))]).await;
    album.keep("import", &[&album.card(3, "☐ Confirmation by").await]).await;
    helpdesk.click(album.card(3, "☐ Confirmation by").await.id, "Confirm").await.unwrap();
    album.card(3, "· needs approval").await;
    album.keep("requests", &[&album.answer("supervisor", "desk requests", &[]).await]).await;
}
