use crate::support::Story;

const WHO: &str = "second";

#[tokio::test]
async fn queues_are_added_in_the_channels_that_are_named_and_existing_ones_are_set() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let line = "/connect routing link \"Basic Routing Profile\" queues:\"Help Desk,BasicQueue\" channels:voice priority:2 delay:30";
    plays! { story: (WHO, line, "`Help Desk` (voice): none → priority 2, after 30 s", "`BasicQueue` (voice): priority 1 → priority 2, after 30 s") }
    plays! { story: (WHO, &format!("✓ {line}"), "· completed") }
    let queues = story.world().await["routing_profiles"]["Basic Routing Profile"]["queues"].clone();
    assert_eq!(queues.as_array().unwrap().len(), 2, "{queues}");
    assert!(
        queues.as_array().unwrap().iter().all(|one| one["priority"] == 2 && one["delay"] == 30),
        "{queues}"
    );
    story.tells(WHO, line, &["serves these queues like that already"]).await;
    story.carries_out(WHO, "/connect undo 2").await;
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn a_full_profile_and_a_lacking_channel_are_refused_with_what_to_do() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    plays! { story:
        (WHO, "/connect routing link \"Everything Profile\" queues:Overflow channels:voice", "has 50 of 50 queue-channel pairs, so"),
        (WHO, "/connect routing link \"Vaccination Profile\" queues:Overflow channels:task", "Turn it on first: `/connect routing edit \"Vaccination Profile\" task:1`."),
    }
    assert_eq!(story.writes().await, 0);
}
