use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn nothing_is_changed_while_it_holds_and_whoever_is_stopped_is_told_why() {
    let mut story = Story::begin().await;
    story.says("supervisor", "/desk freeze all reason:\"audit in progress\"").await;
    assert_snapshot!(story.says("supervisor", "/desk confirm 1").await, @"
    ╭─ ? #1 freeze everything holds ───────────────────────────────────────────────╮
    │ Freeze everything: nothing that touches it is changed until somebody lifts   │
    │ this.                                                                        │
    │                                                                              │
    │ Asked by   `supervisor` at 09:00 UTC                                         │
    │ Reason     `audit in progress`                                            │
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
    │ `supervisor` froze everything at 20 Nov 2026 09:00 UTC (#1):                 │
    │ `audit in progress`. Ask them; `/desk unfreeze 1` lifts it.               │
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
async fn what_waits_is_held_and_continues_by_itself_when_it_is_lifted() {
    // The console looks at what waits with every line, Discord with the click: the freeze is noticed at another moment there.
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("admin", "/desk freeze john.doe").await;
    story.says("admin", "/desk confirm 2").await;
    assert_snapshot!(story.says("supervisor", "/desk approve 1").await, @"
    ╭─ ? #1 reset `john.doe` is held ──────────────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │                                                                              │
    │ Asked by     `helpdesk` at 09:00 UTC                                         │
    │ Confirmed    09:00 UTC                                                       │
    │ Approved by  `supervisor` (supervisor) at 09:00 UTC                          │
    │                                                                              │
    │ ! Held: `admin` froze `john.doe` at 20 Nov 2026 09:00 UTC (#2). Ask them;    │
    │   `/desk unfreeze 2` lifts it. It continues by itself once it may, until     │
    │   10:00 UTC.                                                                 │
    │                                                                              │
    │ Then 9 steps run at once; from step 4 on there is no way back.               │
    │                                                                              │
    │ ○ 1. Take the quick connect `John Doe` out of the queue `Callback`           │
    │ ○ 2. Take the quick connect `John Doe` out of the queue `Case Investigation` │
    │ ○ 3. Remove the quick connect `John Doe`                                     │
    │ ○ 4. Remove `john.doe`; from here on there is no way back                    │
    │ ○ 5. Create `john.doe` again with a temporary password                       │
    │ ○ 6. Give back 2 proficiencies                                               │
    │ ○ 7. Create the quick connect `John Doe` again                               │
    │ ○ 8. Put the quick connect `John Doe` back into the queue `Callback`         │
    │ ○ 9. Put the quick connect `John Doe` back into the queue                    │
    │   `Case Investigation`                                                       │
    │                                                                              │
    │ Afterwards the requester gets an email to copy.                              │
    │                                                                              │
    │ This does not come back:                                                     │
    │ · the user's id and ARN, and everything that refers to them                         │
    │ · the agent's own queue, and tasks waiting in it                             │
    │ · the agent activity audit; past metrics keep the old id in reports    │
    │ · the password, sessions and saved reports                                   │
    │                                                                              │
    │ → /desk details 1   /desk cancel 1                                           │
    ╰─ plan 79c844 · rule: what touches sign-in or cannot be undone needs a supe… ─╯
    ");
    assert_eq!(story.writes().await, 0);
    story.says("admin", "restart").await;
    assert_eq!(story.writes().await, 0);
    story.says("admin", "/desk unfreeze 2").await;
    let told = story.told("supervisor", "/desk requests").await;
    assert!(told.contains("#1 reset `john.doe` is done"), "{told}");
    assert!(story.writes().await > 0);
    let history = story.told("auditor", "/desk history 1").await;
    assert!(history.contains("held: admin froze john.doe") && history.contains("resumed"), "{history}");
}

#[tokio::test]
async fn what_is_held_by_a_freeze_expires_as_it_would_have() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("admin", "/desk freeze all").await;
    story.says("admin", "/desk confirm 2").await;
    story.says("supervisor", "/desk approve 1").await;
    let told = story.told("helpdesk", "wait 61m").await;
    assert!(told.contains("#1 reset `john.doe` expired"), "{told}");
    story.says("admin", "/desk unfreeze 2").await;
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn nothing_is_retried_marked_as_done_or_shown_while_it_holds() {
    let frozen = "`admin` froze everything";
    let mut story = super::retry::stuck().await;
    story.says("helpdesk", "/connect reset aaron.fields method:console").await;
    story.says("helpdesk", "/desk confirm 2").await;
    story.says("supervisor", "/desk approve 2").await;
    story.sim("DELETE /_sim/faults").await;
    story.says("helpdesk", "/connect reset mei.chen method:recreate").await;
    story.says("helpdesk", "/desk confirm 3").await;
    story.says("supervisor", "/desk approve 3").await;
    story.says("admin", "/desk freeze all").await;
    story.says("admin", "/desk confirm 4").await;
    let after = story.writes().await;
    // What is retried is held, and continues when it is lifted.
    let told = story.told("supervisor", "/desk retry 1").await;
    assert!(told.contains("is held") && told.contains(frozen), "{told}");
    for (who, line) in
        [("helpdesk", "/desk done 2"), ("second", "/desk done 2"), ("helpdesk", "/desk reveal 3")]
    {
        let told = story.told(who, line).await;
        assert!(told.contains(frozen) && told.contains("`/desk unfreeze 4`"), "{line}: {told}");
    }
    assert_eq!(story.writes().await, after);
    story.says("admin", "/desk unfreeze 4").await;
    let told = story.told("helpdesk", "/desk reveal 3").await;
    assert!(told.contains("Temporary password for `mei.chen`"), "{told}");
    assert_eq!(story.card("second", "/desk done 2").await.tone, Tone::Good);
    let history = story.told("auditor", "/desk history 1").await;
    assert!(history.contains("finished: completed"), "{history}");
}

#[tokio::test]
async fn it_is_not_for_everybody() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/desk freeze all").await;
    assert!(told.contains("A policy rule denies this."), "{told}");
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
    // Nor are the groups themselves changed: renamed, moved, removed, or given one more.
    for line in [
        "/connect group rename \"Tracers East\" \"Tracers Northeast\"",
        "/connect group rename \"Leads East\" \"Western Region/Leads East\"",
        "/connect group rename \"Eastern Region\" \"The East\"",
        "/connect group add \"Eastern Region/Training\"",
        "/connect group remove \"Leads East\"",
    ] {
        let told = story.told("supervisor", line).await;
        assert!(told.contains("froze the group `Eastern Region`"), "{line}: {told}");
    }
    assert_eq!(story.writes().await, 0);
    let told = story.told("helpdesk", "/connect edit ben.carter acw:90").await;
    assert!(told.contains("Needs the requester's confirmation"), "{told}");
}

#[tokio::test]
async fn a_login_that_nobody_has_is_not_frozen() {
    let mut story = Story::begin().await.everywhere(&["Kind::LoginOrAll"]).await;
    let told = story.told("supervisor", "/desk freeze john.do").await;
    assert!(told.contains("Did you mean `/desk freeze john.doe`?"), "{told}");
    assert!(!story.told("supervisor", "/desk requests").await.contains("freeze"));
    // Somebody who cannot ask the contact center can still stop everything.
    story
        .says(
            "supervisor",
            "sim POST /_sim/faults {\"operation\":\"SearchUsers\",\"fault\":\"fail_before\",\"times\":1000}",
        )
        .await;
    assert!(story.told("supervisor", "/desk freeze john.doe").await.contains("freeze `john.doe` waits"));
}
