use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn nothing_is_changed_while_it_holds_and_whoever_is_stopped_is_told_why() {
    let mut story = Story::begin().await;
    story.says("supervisor", "/desk freeze all reason:\"an audit is going on\"").await;
    assert_snapshot!(story.says("supervisor", "/desk confirm 1").await, @"
    ╭─ ? #1 freeze everything holds ───────────────────────────────────────────────╮
    │ Freeze everything: nothing that touches it is changed until somebody lifts   │
    │ this.                                                                        │
    │                                                                              │
    │ Asked by   `supervisor` at 09:00 UTC                                         │
    │ Reason     `an audit is going on`                                            │
    │ Confirmed  09:00 UTC                                                         │
    │                                                                              │
    │ Nothing that touches everything is changed until somebody lifts this.        │
    │                                                                              │
    │ → /desk unfreeze 1                                                           │
    ╰─ plan b4a652 · rule: supervisors may freeze, and review emergencies ─────────╯
    ");
    assert_snapshot!(story.says("helpdesk", "/connect edit john.doe acw:60").await, @"
    ╭─ ✗ #2 edit `john.doe` cannot be done ────────────────────────────────────────╮
    │ Asked by  `helpdesk` at 09:00 UTC                                            │
    │ Ended     09:00 UTC                                                          │
    │                                                                              │
    │ `supervisor` froze everything at 09:00 UTC (#1): `an audit is going on`. Ask │
    │ them; `/desk unfreeze 1` lifts it.                                           │
    │                                                                              │
    │ Nothing was changed.                                                         │
    ╰──────────────────────────────────────────────────────────────────────────────╯
    ");
    let told = story.told("helpdesk", "/connect show john.doe").await;
    assert!(told.contains("John Doe"), "{told}");
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn it_holds_for_one_user_and_through_a_restart() {
    let mut story = Story::begin().await;
    story.says("supervisor", "/desk freeze john.doe").await;
    story.says("supervisor", "/desk confirm 1").await;
    story.says("supervisor", "restart").await;
    let told = story.told("helpdesk", "/connect edit john.doe acw:60").await;
    assert!(told.contains("`supervisor` froze `john.doe`"), "{told}");
    let told = story.told("helpdesk", "/connect edit mei.chen acw:60").await;
    assert!(told.contains("Needs the requester's confirmation"), "{told}");
}

#[tokio::test]
async fn a_freeze_after_the_yes_stops_what_waits() {
    // The console looks at what waits with every line, Discord with the click: the freeze is noticed at another moment there.
    let mut story = Story::begin().await.at_the_console().await;
    story.says("helpdesk", "/connect reset john.doe way:recreate").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("admin", "/desk freeze john.doe").await;
    story.says("admin", "/desk confirm 2").await;
    let told = story.told("supervisor", "/desk approve 1").await;
    assert!(told.contains("`admin` froze `john.doe`"), "{told}");
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn it_is_not_for_everybody() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/desk freeze all").await;
    assert!(told.contains("A rule refuses this."), "{told}");
    let told = story.told("supervisor", "/desk freeze floor:2").await;
    assert!(told.contains("has no option") || told.contains("is nothing to freeze"), "{told}");
}

#[tokio::test]
async fn it_holds_for_a_group_and_those_below_it() {
    let mut story = Story::begin().await;
    let told = story.told("supervisor", "/desk freeze group:\"Eastern Region\" reason:\"a move\"").await;
    assert!(told.contains("Freeze the group `Eastern Region`"), "{told}");
    story.says("supervisor", "/desk confirm 1").await;
    // Aaron is two groups below it.
    let told = story.told("helpdesk", "/connect edit aaron.fields acw:60").await;
    assert!(told.contains("`supervisor` froze the group `Eastern Region`"), "{told}");
    // Whoever would come into it is stopped as well.
    let told = story.told("helpdesk", "/connect edit ben.carter hierarchy_group:\"Tracers East\"").await;
    assert!(told.contains("froze the group `Eastern Region`"), "{told}");
    let told = story.told("helpdesk", "/connect edit ben.carter acw:90").await;
    assert!(told.contains("Needs the requester's confirmation"), "{told}");
}

#[tokio::test]
async fn a_login_that_nobody_has_is_not_frozen() {
    let mut story = Story::begin().await;
    let told = story.told("supervisor", "/desk freeze john.do").await;
    assert!(told.contains("Did you mean `/desk freeze john.doe`?"), "{told}");
    assert!(!story.told("supervisor", "/desk requests").await.contains("freeze"));
    // Somebody who cannot ask the contact center can still stop everything.
    story.says("supervisor", "sim POST /_sim/faults {\"operation\":\"SearchUsers\",\"fault\":\"fail_before\",\"times\":1000}").await;
    assert!(story.told("supervisor", "/desk freeze john.doe").await.contains("freeze `john.doe` waits"));
}
