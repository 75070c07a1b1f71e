use crate::support::Story;

#[tokio::test]
async fn a_disabled_one_says_so_and_the_places_come_first() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "☑ /connect status disable Training"),
        ("supervisor", "☑ /connect status order 1 Lunch"),
        ("auditor", "/connect status list", "didn't work"),
    }
    let told = story.told("helpdesk", "/connect status list").await;
    assert!(told.contains("custom · disabled"), "{told}");
    assert!(told.find("Lunch") < told.find("Available"), "{told}");
}
