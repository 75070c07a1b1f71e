use crate::support::Story;

const WHO: &str = "second";

#[tokio::test]
async fn hours_limits_and_names_change_with_a_supervisors_approval_and_come_back() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let line = "/connect queue edit \"Help Desk\" new_name:\"Agent help\" hours:\"Around the Clock\" max_contacts:20 caller_id_name:Help";
    plays! { story: (WHO, line, "Contact limit: no limit → 20", "1 approval from supervisor or admin") }
    plays! { story: (WHO, &format!("✓ {line}"), "· completed") }
    let there = story.world().await["queues"]["Agent help"].clone();
    assert_eq!(
        (&there["hours"], &there["max_contacts"]),
        (&"Around the Clock".into(), &20.into()),
        "{there}"
    );
    plays! { story: (WHO, "✓ /connect undo 2", "· completed") }
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn a_description_is_never_cleared_and_what_is_wrong_is_said() {
    let mut story = Story::begin().await;
    answers! { story: WHO, "/connect queue edit \"Help Desk\"";
        ("description:none", "can't clear a queue's description"),
        ("max_contacts:many", "isn't a number"),
        ("new_name:Callback", "The queue `Callback` already exists."),
        ("hours:Basc", "No hours of operation `Basc`."),
        ("", "No change is given."),
    }
    plays! { story: (WHO, "/connect queue edit \"Help Desk\" max_contacts:none", "is already set that way") }
}

#[tokio::test]
async fn a_queue_whose_hours_are_gone_gets_others() {
    let mut story = Story::begin().await;
    story.sim("DELETE /_sim/world/hours_of_operations/Basic%20Hours").await;
    story.tells(WHO, "/connect queue show Callback", &["It has no hours of operation."]).await;
    plays! { story: (WHO, "✓ /connect queue edit Callback hours:\"Around the Clock\"", "· completed") }
    assert_eq!(story.world().await["queues"]["Callback"]["hours"], "Around the Clock");
}

#[tokio::test]
async fn approvals_that_are_reset_say_what_is_different_now() {
    let mut story = Story::begin().await;
    let card = story.card("second", "/connect queue edit Callback max_contacts:20").await;
    let no = card.request.unwrap().0;
    story.says("second", &format!("/desk confirm {no}")).await;
    story.carries_out("second", "/connect queue edit Callback max_contacts:30").await;
    plays! { story: ("supervisor", &format!("/desk approve {no}"), "Queue Callback: contact limit was `no limit`, is now `30`") }
}

#[tokio::test]
async fn titles_name_what_is_changed() {
    for (line, title) in table! {
        ("queue add Vacc hours:\"Basic Hours\"", "Add queue `Vacc`"),
        ("quick add Vacc queue:Callback", "Add quick connect `Vacc`"),
        ("quick add file:quick.csv", "Add quick connects from a file"),
        ("status edit Break name:Pause", "Edit agent status `Break`"),
        ("hours close \"Basic Hours\" name:Flood", "Close hours of operation `Basic Hours`"),
        ("routing add Vacc like:\"Basic Routing Profile\"", "Add routing profile `Vacc`"),
        ("group unlink john.doe", "Remove `john.doe` from their hierarchy group"),
        ("group levels Desk level:1", "Set hierarchy level `Desk`"),
        ("group rename \"Tracers East\" \"Tracers Northeast\"", "Rename hierarchy group `Tracers East`"),
        ("group rename \"Leads East\" \"Western Region/Case Investigation West/Leads East\"", "Move hierarchy group `Leads East`"),
        ("group unlink group:\"Tracers East\"", "Remove 7 users from group `Tracers East`"),
        ("tasks omar.aziz", "Set up `omar.aziz` for tasks"),
        ("tasks john.doe send:Test", "Send `john.doe` a test task"),
        // Lists, in which only the plan tells names with commas from several names.
        ("group add \"North; South; Eastern Region\"", "Add 2 hierarchy groups ·"),
        ("group add \"North; Eastern Region\"", "Add hierarchy group `North`"),
        ("queue disable \"Callback,Help Desk\"", "Disable 2 queues ·"),
        ("queue link Callback,BasicQueue quick_connects:\"Mei Chen\"", "Add quick connects to 2 queues ·"),
        ("quick remove \"Food bank,Mei Chen\"", "Remove 2 quick connects ·"),
        ("quick remove \"Food bank\"", "Remove quick connect `Food bank`"),
        ("quick add users:jose.garcia,omar.aziz", "Add quick connects for `jose.garcia` and `omar.aziz`"),
        ("hours close all from:\"2026-11-23 13:00\" until:15:00 name:Meeting", "Close all hours of operation ·"),
    } {
        let sheet = "Name,Type,Destination\nPoison,number,+15550100222\n";
        let mut story = Story::with_files(&[("quick.csv", sheet.as_bytes())]).await;
        let card = story.card("second", &format!("/connect {line}")).await;
        assert!(card.title.starts_with(title), "{line}: {}", card.title);
    }
}
