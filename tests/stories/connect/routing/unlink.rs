use crate::support::Story;

const WHO: &str = "second";

#[tokio::test]
async fn more_than_ten_pairs_go_in_batches_and_come_back_with_their_priorities() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let line = "/connect routing unlink \"Resource Coordinator Profile\" \
                queues:\"Resource Coordination,Help Desk,Supervisor Escalations\"";
    story.tells(WHO, line, &["It has no queues after that"]).await;
    plays! { story: (WHO, &format!("✓ {line}"), "· completed") }
    let calls = story.sim("GET /_sim/calls").await["operations"].clone();
    assert_eq!(calls["DisassociateRoutingProfileQueues"]["writes"], 2, "{calls}");
    story.carries_out(WHO, "/connect undo 2").await;
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn only_what_is_served_can_be_taken_out() {
    let mut story = Story::begin().await;
    plays! { story:
        (WHO, "/connect routing unlink \"Basic Routing Profile\" queues:Callback", "No queue of this routing profile `Callback`."),
        (WHO, "/connect routing unlink \"Basic Routing Profile\" queues:BasicQueue channels:task", "doesn't have these queues in these channels"),
    }
}
