use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn a_custom_status_is_hidden_and_undo_shows_it_again() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    story
        .tells(
            "supervisor",
            "/connect status disable Training",
            &["shown → not shown (disabled)", "! Agents in `Training` stay in it"],
        )
        .await;
    assert_eq!(story.card("supervisor", "/desk confirm 1").await.tone, Tone::Good);
    let told = story.told("supervisor", "/connect status set aaron.fields Training").await;
    assert!(told.contains("is disabled. Choose another one, or enable it with"), "{told}");
    story.says("supervisor", "/connect undo 1").await;
    assert_eq!(story.card("supervisor", "/desk confirm 2").await.tone, Tone::Good);
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn the_two_that_every_instance_has_stay() {
    let mut story = Story::begin().await;
    for name in ["Available", "Offline"] {
        let told = story.told("supervisor", &format!("/connect status disable {name}")).await;
        assert!(told.contains("so it can't be disabled."), "{told}");
        assert!(
            told.contains(&format!("It can be renamed: `/connect status edit {name} name:…`.")),
            "{told}"
        );
    }
    assert_eq!(story.writes().await, 0);
}
