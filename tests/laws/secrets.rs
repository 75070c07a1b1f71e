//! A secret is in no plan, no line, no file and no public card.

use std::path::Path;

use desk_core::card::Block;

use crate::driver::{APPROVER, REQUESTER, press_on};
use crate::support::{Story, in_time};

#[tokio::test]
async fn a_temporary_password_is_nowhere_but_on_the_one_card() {
    let mut story = Story::begin().await;
    let card = story.card(REQUESTER, "/connect reset john.doe method:recreate").await;
    let no = card.request.unwrap();
    let desk = story.inside().desk.clone();
    in_time(press_on(&desk, story.inside(), no)).await.unwrap();

    let refused = story.says(APPROVER, &format!("/desk reveal {}", no.0)).await;
    assert!(refused.contains("Only the requester, helpdesk, can"), "{refused}");
    let card = story.card(REQUESTER, &format!("/desk reveal {}", no.0)).await;
    assert!(card.private);
    let secret = card
        .blocks
        .iter()
        .find_map(|block| match block {
            Block::Secret { value, .. } => Some(value.show().to_owned()),
            _ => None,
        })
        .expect("the card shows the password");
    assert!(secret.chars().count() >= 20, "it is long enough");
    assert!(!format!("{card:?}").contains(&secret), "debug output hides it");
    assert!(!serde_json::to_string(&card).unwrap().contains(&secret), "a serialized card hides it");

    let login = story.sim(&format!(r#"POST /_sim/login {{"login":"john.doe","password":"{secret}"}}"#)).await;
    assert_ne!(login, serde_json::Value::Null, "it opens the door");
    let again = story.says(REQUESTER, &format!("/desk reveal {}", no.0)).await;
    assert!(again.contains("was already shown to helpdesk"), "{again}");

    for line in desk.saga.log.request(no).await.unwrap() {
        let bytes = line.encode();
        assert!(!contains(&bytes, secret.as_bytes()), "line {} holds the password", line.line);
    }
    drop(desk);
    story.says(REQUESTER, "restart").await;
    let state = story.folder().to_owned();
    for file in files(&state) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!contains(&bytes, secret.as_bytes()), "{} holds the password", file.display());
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Every file of the desk; the practice contact center's own world has to know its users' passwords.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let world = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("world.json"));
        if path.is_dir() {
            found.extend(files(&path));
        } else if !world {
            found.push(path);
        }
    }
    found
}
