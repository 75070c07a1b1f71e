use crate::support::Story;

#[tokio::test]
async fn a_status_moves_and_the_others_keep_their_order() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story: ("supervisor", "☑ /connect status order 2 Training", "· Position of `Training`: 5 → 2", "· Position of `Lunch`: 4 → 5", "⇒", "╭ ✓") }
    let all = story.inside().desk.center.agent_statuses().await.unwrap();
    let names: Vec<&str> = all.iter().map(|status| status.name.as_str()).collect();
    assert_eq!(names, ["Available", "Training", "Offline", "Break", "Lunch", "Meeting"]);
    // Only what changes its number is a step.
    story.says("supervisor", "/connect status order 5 Break").await;
    let request = story.inside().desk.request(desk_core::basics::ids::RequestNo(2)).await.unwrap();
    assert_eq!(request.plan().unwrap().steps.len(), 2);
    story.says("supervisor", "/desk cancel 2").await;
    plays! { story: ("supervisor", "☑ /connect undo 1", "╭ ✓") }
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn a_place_that_there_is_not_is_refused() {
    let mut story = Story::begin().await;
    plays! { story: ("supervisor", "/connect status order 7 Lunch", "There is no position 7: the contact center has 6 agent statuses.") }
    let told = story.told("supervisor", "/connect status order 0 Lunch").await;
    assert!(told.contains("from 1 to 50") || told.contains("from 1 to 50"), "{told}");
    plays! { story: ("helpdesk", "/connect status order 1 Lunch", "Ask someone with the role supervisor, oncall or admin.", "only you") }
}
