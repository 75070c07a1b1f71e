use crate::support::Story;

#[tokio::test]
async fn a_custom_status_is_hidden_and_undo_shows_it_again() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story:
        ("supervisor", "☑ /connect status disable Training", "shown → not shown (disabled)", "! Agents in `Training` stay in it", "⇒", "╭ ✓"),
        ("supervisor", "/connect status set aaron.fields Training", "is disabled. Choose another one, or enable it with"),
        ("supervisor", "☑ /connect undo 1", "╭ ✓"),
    }
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn the_two_that_every_instance_has_stay() {
    let mut story = Story::begin().await;
    for name in ["Available", "Offline"] {
        plays! { story: ("supervisor", &format!("/connect status disable {name}"), "so it can't be disabled.", &format!("It can be renamed: `/connect status edit {name} name:…`.")) }
    }
    assert_eq!(story.writes().await, 0);
}
