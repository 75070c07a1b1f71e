//! A secret is in no plan, no line, no file and no public card.

use desk_core::card::Block;

use crate::driver::{APPROVER, REQUESTER, press_on};
use crate::support::{Story, in_time, nowhere_below};

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

    drop(desk);
    story.says(REQUESTER, "restart").await;
    // The practice contact center's own world has to know its users' passwords.
    nowhere_below(&story.folder().join("state").join("desk"), &secret);
}
