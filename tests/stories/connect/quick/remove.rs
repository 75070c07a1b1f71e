use crate::support::Story;

const WHO: &str = "second";

#[tokio::test]
async fn it_leaves_its_queues_first_and_undo_puts_it_back_into_them() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story: (WHO, "☑ /connect quick remove \"Help desk,Food bank\"", "Remove 2 quick connects.", "⇒", "· completed") }
    let there = story.world().await;
    assert!(there["quick_connects"]["Help desk"].is_null() && there["quick_connects"]["Food bank"].is_null());
    plays! { story: (WHO, "✓ /connect undo 1", "· completed") }
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn orphans_are_cleaned_up_and_what_does_not_come_back_is_said() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    let told = story.told(WHO, "/connect quick remove orphans:gone").await;
    assert!(told.contains("Lost: quick connect `Former agent`, quick connect `Former queue`, ids"), "{told}");
    story.tells(WHO, "/desk details 1", &["the user is gone, so it can't be created again"]).await;
    plays! { story: (WHO, "✓ /connect quick remove orphans:gone", "· completed") }
    let there = story.world().await["quick_connects"].clone();
    assert!(there["Former agent"].is_null() && there["Former queue"].is_null());
    assert!(!there["Lost number"].is_null(), "it leads somewhere");
    plays! { story: (WHO, "/connect quick list orphans:true", "≠is gone") }
}

#[tokio::test]
async fn names_that_no_one_has_and_two_ways_at_once_are_refused() {
    let mut story = Story::begin().await;
    answers! { story: WHO, "/connect quick remove";
        ("\"Food bnak\"", "Did you mean"),
        ("\"Food bank\" orphans:all", "You named quick connects in two different ways."),
    }
}
