use crate::support::Story;

#[tokio::test]
async fn removing_explains_and_offers_to_disable() {
    let mut story = Story::begin().await;
    let card = story.card("supervisor", "/connect status remove Training").await;
    let words = card.words();
    assert!(
        words.contains("Amazon Connect can't delete an agent status because reports still use it."),
        "{words}"
    );
    let lines: Vec<&str> = card.actions.iter().filter_map(|one| one.line.as_deref()).collect();
    assert_eq!(lines, ["/connect status disable Training"]);
    story.says("supervisor", lines[0]).await;
    story.says("supervisor", "/desk confirm 1").await;
    let card = story.card("supervisor", "/connect status remove Training").await;
    assert!(card.words().contains("is disabled already"), "{card:?}");
    story.tells("supervisor", "/connect status remove Offline", &["it can't be removed or disabled."]).await;
}
