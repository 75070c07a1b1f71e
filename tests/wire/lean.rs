//! How few calls looks and plans take on an instance that is full by AWS's defaults, and that what is remembered for it is not believed
//! for longer than it may be.

use std::sync::Arc;

use desk_core::center::ContactCenter;
use desk_sim::Seed;
use serde_json::json;

use crate::support::Story;
use crate::{calls, is_done, order};

/// Everything that reads quick connects, queues, groups and profiles.
const OPERATIONS: [&str; 10] = [
    "DescribeQuickConnect",
    "DescribeUserHierarchyGroup",
    "ListQueueQuickConnects",
    "ListQueues",
    "ListQuickConnects",
    "ListRoutingProfileQueues",
    "SearchQuickConnects",
    "SearchRoutingProfiles",
    "SearchUserHierarchyGroups",
    "GetCurrentUserData",
];

async fn counted(story: &mut Story, line: &str) -> Vec<u64> {
    story.sim("DELETE /_sim/calls").await;
    story.says("admin", line).await;
    let mut counts = Vec::new();
    for operation in OPERATIONS {
        counts.push(calls(story, operation).await);
    }
    counts
}

#[tokio::test]
async fn a_hundred_quick_connects_and_fifty_queues_cost_a_call_for_a_hundred() {
    let mut story = Story::with(|options| options.sim.seed = Seed::Large).await;
    // A desk that knows nothing reads what each queue offers, because no search tells; everything else is one call.
    let cold = counted(&mut story, "/connect show agent000007").await;
    assert_eq!(cold, [0, 0, 50, 1, 1, 0, 1, 0, 1, 1], "{OPERATIONS:?}");
    let again = counted(&mut story, "/connect show agent000008").await;
    assert_eq!(again, [0, 0, 0, 0, 1, 0, 0, 0, 1, 1], "{OPERATIONS:?}");
    // What is acted on is read again: the one queue that has the quick connect.
    let plan = counted(&mut story, "/connect remove agent000007 force:true").await;
    assert_eq!(plan, [0, 0, 1, 0, 1, 0, 0, 0, 0, 2], "{OPERATIONS:?}");

    // One that has read its directory has nothing left to read of them.
    let mut story = Story::with(|options| options.sim.seed = Seed::Large).await;
    story.inside().directory.refresh().await.unwrap();
    let warm = counted(&mut story, "/connect show agent000007").await;
    assert_eq!(warm, [0, 0, 0, 0, 1, 0, 0, 0, 0, 1], "{OPERATIONS:?}");
}

#[tokio::test]
async fn ten_people_who_look_at_once_share_what_is_read() {
    let mut story = Story::with(|options| options.sim.seed = Seed::Large).await;
    let center: Arc<dyn ContactCenter> = story.inside().desk.center.clone();
    let logins: Vec<String> = (1..=10).map(|no| format!("agent{no:06}")).collect();
    let users = center.users(&logins).await.unwrap();
    story.sim("DELETE /_sim/calls").await;
    let looks = users.iter().map(|user| center.overview(user));
    let found = futures::future::join_all(looks).await;
    assert_eq!(found.into_iter().map(|found| found.unwrap().quick_connects.len()).sum::<usize>(), 10);
    assert_eq!(calls(&mut story, "ListQueueQuickConnects").await, 50);
    assert_eq!(calls(&mut story, "SearchQuickConnects").await, 1);
    // Anyone who asks while a list is read shares the next one.
    let lists = calls(&mut story, "ListQuickConnects").await;
    assert!(lists <= 2, "{lists} lists for ten people");
}

/// The queues of John Doe's quick connect as `/connect show` has them.
async fn shown(story: &mut Story) -> String {
    let card = story.says("helpdesk", "/connect show john.doe").await;
    let line = card.lines().find(|line| line.contains("John Doe` in")).unwrap_or(&card).to_owned();
    line.split_once(" in ").map(|(_, queues)| queues.trim().to_owned()).unwrap_or(line)
}

#[tokio::test]
async fn what_queues_offer_is_not_believed_when_the_desk_changed_it_or_for_longer_than_it_may_be() {
    let mut story = Story::begin().await;
    let center: Arc<dyn ContactCenter> = story.inside().desk.center.clone();
    let before = shown(&mut story).await;
    assert!(before.contains("Callback") && before.contains("Case Investigation"), "{before}");

    // Someone else takes it out of a queue: a plan, which acts on it, sees that, and anyone who looks sees it after a while.
    let id = story.sim("GET /_sim").await["instance_id"].as_str().unwrap().to_owned();
    let world = story.sim("GET /_sim/world").await;
    let queue = world["queues"]["Callback"]["id"].as_str().unwrap().to_owned();
    let quick_connect = world["quick_connects"]["John Doe"]["id"].as_str().unwrap().to_owned();
    let body = json!({"QuickConnectIds": [quick_connect]});
    story.sim(&format!("POST /queues/{id}/{queue}/disassociate-quick-connects {body}")).await;
    let plan = story.told("helpdesk", "/connect remove john.doe").await;
    assert!(!plan.contains("from the queue Callback"), "{plan}");
    story.says("helpdesk", "/desk cancel 1").await;
    let after = shown(&mut story).await;
    assert!(!after.contains("Callback") && after.contains("Case Investigation"), "{after}");

    // Into another queue, which no one acts on: believed for twenty minutes at most.
    let other = world["queues"]["Help Desk"]["id"].as_str().unwrap().to_owned();
    story.sim(&format!("POST /queues/{id}/{other}/associate-quick-connects {body}")).await;
    story.says("helpdesk", "wait 21m").await;
    assert!(shown(&mut story).await.contains("Help Desk"));

    // The desk's own changes are known immediately, also those whose answers were lost.
    order(&mut story, "DisassociateQueueQuickConnects", json!({"fault": "drop_after", "times": 2})).await;
    is_done(&mut story, "/connect remove john.doe").await;
    is_done(&mut story, "/connect restore john.doe").await;
    let back = shown(&mut story).await;
    assert!(back.contains("Help Desk") && back.contains("Case Investigation"), "{back}");

    // A queue that is gone offers nothing and stops no one.
    story.sim("DELETE /_sim/world/queues/Help%20Desk").await;
    let user = center.user("john.doe").await.unwrap().unwrap();
    let queues = center.snapshot(&user).await.unwrap().quick_connects[0].queues.clone();
    assert!(queues.iter().all(|queue| queue.name != "Help Desk"), "{queues:?}");
}

#[tokio::test]
async fn a_search_that_lags_hides_no_quick_connect_and_no_group() {
    let mut story = Story::begin().await;
    story.sim(r#"PUT /_sim/settings {"search_lag_ms": 600000}"#).await;
    let id = story.sim("GET /_sim").await["instance_id"].as_str().unwrap().to_owned();
    let world = story.sim("GET /_sim/world").await;
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let (user, flow) = (
        text(&world["users"]["john.doe"]["id"]),
        text(&world["contact_flows"]["Default agent transfer"]["id"]),
    );
    let config = json!({"QuickConnectType": "USER", "UserConfig": {"UserId": user, "ContactFlowId": flow}});
    let body = json!({"Name": "John at home", "QuickConnectConfig": config});
    story.sim(&format!("PUT /quick-connects/{id} {body}")).await;
    let parent = text(&world["hierarchy_groups"]["Eastern Region"]["id"]);
    let body = json!({"Name": "Night shift", "ParentGroupId": parent});
    let made = story.sim(&format!("PUT /user-hierarchy-groups/{id} {body}")).await;
    let group = text(&made["HierarchyGroupId"]);
    let body = json!({"HierarchyGroupId": group});
    story.sim(&format!("POST /users/{id}/{user}/hierarchy {body}")).await;
    story.says("helpdesk", "wait 1s").await;

    let card = story.says("helpdesk", "/connect show john.doe").await;
    assert!(card.contains("John at home") && card.contains("Eastern Region/Night shift"), "{card}");
    // What is renamed is read again although the search still has the old name.
    let quick_connect = text(&story.sim("GET /_sim/world").await["quick_connects"]["John at home"]["id"]);
    story.says("helpdesk", "wait 2s").await;
    let body = json!({"Name": "John at sea"});
    story.sim(&format!("POST /quick-connects/{id}/{quick_connect}/name {body}")).await;
    let card = story.says("helpdesk", "/connect show john.doe").await;
    assert!(card.contains("John at sea") && !card.contains("John at home"), "{card}");
}
