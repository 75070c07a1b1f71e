use desk_core::card::{Block, Tone};

use crate::support::Story;

#[tokio::test]
async fn only_who_asked_gets_the_email_and_only_when_all_is_done() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect add Erika Muster email:erika.muster@example.com like:jose.garcia").await;
    story.tells("helpdesk", "/desk email 1", &["has no email to copy"]).await;
    let done = story.card("helpdesk", "/desk confirm 1").await;
    let lines: Vec<_> = done.actions.iter().filter_map(|action| action.line.as_deref()).collect();
    assert_eq!(
        lines,
        [
            "/desk email 1",
            "/salesforce grant Erika.Muster",
            "/salesforce join Erika.Muster",
            "/connect undo 1",
            "/desk details 1"
        ],
        "{done:?}"
    );
    let other = story.card("supervisor", "/desk email 1").await;
    assert!(other.tone == Tone::Bad && other.private, "{other:?}");
    let card = story.card("helpdesk", "/desk email 1").await;
    assert!(card.private, "{card:?}");
    let text = card.blocks.iter().find_map(|block| match block {
        Block::Text(text) => Some(text.as_str()),
        _ => None,
    });
    assert!(text.unwrap().contains("User ID (case sensitive): Erika.Muster"), "{card:?}");
}

#[tokio::test]
async fn several_emails_come_as_one_file() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect reset john.doe email:john@example.net") }
    let card = story.card("helpdesk", "/desk email 1").await;
    let Some(Block::File { name, text }) =
        card.blocks.iter().find(|block| matches!(block, Block::File { .. }))
    else {
        panic!("no file in {card:?}");
    };
    assert_eq!(name, "emails-1.txt");
    assert_eq!(text.matches("\nSubject: ").count(), 2, "{text}");
    assert!(text.starts_with("To: john.doe@example.com\n"), "the warning comes first: {text}");
}

#[tokio::test]
async fn there_is_no_email_of_what_does_not_exist_or_has_none() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/desk email 7").await;
    assert!(told.contains("No request #7"), "{told}");
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.tells("helpdesk", "/desk email 1", &["#1 has no email to copy"]).await;
}
