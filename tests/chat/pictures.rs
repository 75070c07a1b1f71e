//! The cards of docs/discord.md, as people see them: a story is played and its messages are written as pages, which
//! `docs/pictures/shoot` makes pictures of.

use std::path::Path;

use fake_discord::{Input, Message, Person};

use crate::support::LIMIT;
use crate::support::server::{CHANNEL, Server, Setup};

async fn answer(person: &Person, path: &str, options: &[(&str, Input)]) -> Message {
    let asked = person.slash(CHANNEL, path, options).await.unwrap();
    asked.outcome(LIMIT).await.unwrap().message.unwrap()
}

#[tokio::test]
async fn the_cards_of_the_documentation() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::open(folder.path(), Setup::default()).await;
    let pages = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    std::fs::create_dir_all(&pages).unwrap();
    let write = |name: &str, page: String| std::fs::write(pages.join(format!("{name}.html")), page).unwrap();
    let (helpdesk, supervisor, john) =
        (server.person("helpdesk"), server.person("supervisor"), server.person("john"));

    let found = answer(helpdesk, "connect find", &[("text", "doe".into())]).await;
    let shown = answer(helpdesk, "connect show", &[("login", "john.doe".into())]).await;
    write("look", server.fake.page("help-desk", &[found.id, shown.id]));

    let options =
        [("login", "mei.chen".into()), ("method", "recreate".into()), ("reason", "locked out".into())];
    let pointer = answer(helpdesk, "connect reset", &options).await;
    assert!(pointer.text().contains("https://discord.com/channels/"), "{}", pointer.text());
    let card = server.card_that(1, CHANNEL, "☐ Confirmation by").await;
    write("asks", server.fake.page("help-desk", &[card.id]));

    helpdesk.click(card.id, "Confirm").await.unwrap();
    let card = server.card_that(1, CHANNEL, "· needs approval").await;
    write("needs", server.fake.page("help-desk", &[card.id]));

    let refused = john.click(card.id, "Approve").await.unwrap().followed_up(1, LIMIT).await.unwrap();
    write("refused", server.fake.page("help-desk", &[refused.follow_ups[0].id]));
    let form = supervisor.click(card.id, "Deny").await.unwrap().outcome(LIMIT).await.unwrap().modal.unwrap();
    write("form", server.fake.page_with_forms("help-desk", &[refused.follow_ups[0].id], &[form]));

    supervisor.click(card.id, "Approve").await.unwrap();
    let done = server.card_that(1, CHANNEL, "· completed").await;
    assert_eq!(done.id, card.id, "it is the same message to the end");
    let asked = helpdesk.click(card.id, "Show password").await.unwrap();
    let secret = asked.outcome(LIMIT).await.unwrap().message.unwrap();
    let shown = server.card_that(1, CHANNEL, "was shown to").await;
    write("done", server.fake.page("help-desk", &[shown.id, secret.id]));
}
