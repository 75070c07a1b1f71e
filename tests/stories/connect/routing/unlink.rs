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

/// A queue that no longer exists has only its id left in the profiles that served it.
#[tokio::test]
async fn a_queue_that_is_gone_is_found_left_out_of_copies_and_removed_for_good() {
    let mut story = Story::begin().await;
    story.sim("DELETE /_sim/world/queues/Help%20Desk").await;
    let shown = story.card(WHO, "/connect routing show \"Resource Coordinator Profile\"").await;
    assert!(shown.words().contains("no longer exists."), "{}", shown.words());
    let fix = shown.actions.iter().find_map(|one| one.line.clone()).unwrap();
    assert!(fix.starts_with("/connect routing unlink \"Resource Coordinator Profile\" queues:"), "{fix}");
    plays! { story:
        (WHO, "/connect routing list orphans:true", "no longer exists", "/connect routing unlink"),
        (WHO, "/connect check", "routing profile has a queue that no longer exists"),
        (WHO, "/connect routing add Copy like:\"Resource Coordinator Profile\"", "1 queue of `Resource Coordinator Profile` no longer exists, so it is left out."),
        (WHO, &format!("✓ {fix}"), "· completed", "≠/connect undo"),
        (WHO, "/connect undo 2", "no longer exists.", "≠was changed since"),
        (WHO, "/connect routing list orphans:true", "≠no longer exists"),
    }
}
