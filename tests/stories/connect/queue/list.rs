use crate::support::Story;

#[tokio::test]
async fn a_list_fits_a_phone_and_takes_a_call_of_each_kind() {
    let mut story = Story::begin().await;
    story.tells("second", "/connect queue list", &["9 queues"]).await;
    let calls = story.sim("GET /_sim/calls").await;
    assert_eq!(calls["calls"], 3, "{calls}");
}

#[tokio::test]
async fn queues_that_no_one_serves_are_found() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    story.sim("DELETE /_sim/world/hours_of_operations/Vaccination%20Hours").await;
    let told = story.card("second", "/connect queue list orphans:true").await.words();
    for (name, why) in [
        ("Overflow", "in no routing profile"),
        ("Winter Campaign", "disabled"),
        ("Vaccination", "no hours of operation"),
    ] {
        let after =
            told.split(&format!("{name}\n")).nth(1).unwrap_or_else(|| panic!("{name} is not found: {told}"));
        assert!(after.lines().next().is_some_and(|line| line.contains(why)), "{name}: {told}");
    }
    assert!(!told.contains("Help Desk"), "{told}");
}
