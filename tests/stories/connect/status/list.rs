use crate::support::Story;

#[tokio::test]
async fn a_disabled_one_says_so_and_the_places_come_first() {
    let mut story = Story::begin().await;
    story.says("supervisor", "/connect status disable Training").await;
    story.says("supervisor", "/desk confirm 1").await;
    story.says("supervisor", "/connect status order 1 Lunch").await;
    story.says("supervisor", "/desk confirm 2").await;
    let told = story.told("auditor", "/connect status list").await;
    assert!(told.contains("didn't work"), "{told}");
    let told = story.told("helpdesk", "/connect status list").await;
    assert!(told.contains("custom · disabled"), "{told}");
    assert!(told.find("Lunch") < told.find("Available"), "{told}");
}
