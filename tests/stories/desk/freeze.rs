use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn nothing_is_changed_while_it_holds_and_whoever_is_stopped_is_told_why() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "☑ /desk freeze all reason:\"audit in progress\"", "· in effect", "Freeze everything: no changes until the freeze is lifted.", "`audit in progress`"),
        ("helpdesk", "/connect edit john.doe acw:60", "`supervisor` froze everything at", "(#1): `audit in progress`. Ask them to lift it with `/desk unfreeze 1`."),
        ("helpdesk", "/connect show john.doe", "John Doe"),
    }
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
    story.tells("helpdesk", "/connect edit mei.chen acw:60", &["☐ Your confirmation"]).await;
}

#[tokio::test]
async fn what_waits_is_held_and_continues_by_itself_when_it_is_lifted() {
    // The console looks at what waits with every line, Discord with the click: the freeze is noticed at another moment there.
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    story.says("helpdesk", "/desk confirm 1").await;
    plays! { story: ("admin", "☑ /desk freeze john.doe") }
    assert_snapshot!(story.says("supervisor", "/desk approve 1").await, @"
    ╭─ ? Reset john.doe · on hold ─────────────────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ On hold: `admin` froze `john.doe` at 20 Nov 2026 09:00 UTC (#2). It resumes  │
    │ by itself if that ends before 10:00 UTC.                                     │
    │                                                                              │
    │ ☑ Confirmed by helpdesk · 09:00 UTC                                          │
    │ ☑ Approved by supervisor (supervisor) · 09:00 UTC                            │
    │                                                                              │
    │ ! Can't be undone after step 4 of 9. Lost: user id and ARN, own queue,       │
    │   activity audit, password.                                                  │
    │                                                                              │
    │ → /desk details 1   /desk cancel 1                                           │
    ╰─ #1 · plan 220c05 ───────────────────────────────────────────────────────────╯
    ");
    assert_eq!(story.writes().await, 0);
    story.says("admin", "restart").await;
    assert_eq!(story.writes().await, 0);
    story.says("admin", "/desk unfreeze 2").await;
    plays! { story: ("supervisor", "/desk requests", "Reset john.doe · completed") }
    assert!(story.writes().await > 0);
    story.tells("auditor", "/desk history 1", &["held: \"'admin' froze 'john.doe'", "resumed"]).await;
}

#[tokio::test]
async fn what_is_held_by_a_freeze_expires_as_it_would_have() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "☑ /connect reset john.doe method:recreate"),
        ("admin", "✓ /desk freeze all"),
        ("helpdesk", "wait 61m", "Reset john.doe · expired"),
        ("admin", "/desk unfreeze 2"),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn nothing_is_retried_marked_as_done_or_shown_while_it_holds() {
    let frozen = "admin froze everything";
    let mut story = super::retry::stuck().await;
    plays! { story:
        ("helpdesk", "✓ /connect reset aaron.fields method:console"),
        ("helpdesk", "sim DELETE /_sim/faults"),
        ("helpdesk", "✓ /connect reset mei.chen method:recreate"),
        ("admin", "☑ /desk freeze all"),
    }
    let after = story.writes().await;
    // What is retried is held, and continues when it is lifted.
    plays! { story: ("supervisor", "/desk retry 1", "on hold", "`admin` froze everything") }
    for (who, line) in
        [("helpdesk", "/desk done 2"), ("second", "/desk done 2"), ("helpdesk", "/desk reveal 3")]
    {
        plays! { story: (who, line, frozen, "`/desk unfreeze 4`.") }
    }
    assert_eq!(story.writes().await, after);
    story.says("admin", "/desk unfreeze 4").await;
    plays! { story: ("helpdesk", "/desk reveal 3", "Temporary password for mei.chen") }
    assert_eq!(story.card("second", "/desk done 2").await.tone, Tone::Good);
    story.tells("auditor", "/desk history 1", &["finished: completed"]).await;
}

#[tokio::test]
async fn it_is_not_for_everybody() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "/desk freeze all", "A policy rule denies this.") }
    let told = story.told("supervisor", "/desk freeze floor:2").await;
    assert!(told.contains("has no option") || told.contains("can't be frozen"), "{told}");
}

#[tokio::test]
async fn it_holds_for_a_group_and_those_below_it() {
    let mut story = Story::begin().await;
    // A group that could be removed.
    story.carries_out("admin", "/connect group add \"Eastern Region/Training\"").await;
    let before = story.writes().await;
    assert!(before > 0);
    plays! { story:
        ("supervisor", "☑ /desk freeze group:\"Eastern Region\" reason:\"a move\"", "Freeze the group `Eastern Region`", "⇒"),
        // Aaron is two groups below it.
        ("helpdesk", "/connect edit aaron.fields acw:60", "`supervisor` froze the group `Eastern Region`"),
        // Anyone who would come into it is stopped as well.
        ("helpdesk", "/connect edit ben.carter hierarchy_group:\"Tracers East\"", "froze the group `Eastern Region`"),
    }
    // Nor are the groups themselves changed: renamed, moved, removed, or given one more.
    for line in [
        "/connect group rename \"Tracers East\" \"Tracers Northeast\"",
        "/connect group rename \"Leads East\" \"Western Region/Leads East\"",
        "/connect group rename \"Eastern Region\" \"The East\"",
        "/connect group add \"Eastern Region/Night\"",
        "/connect group remove \"Eastern Region/Training\"",
    ] {
        plays! { story: ("admin", line, "froze the group `Eastern Region`") }
    }
    assert_eq!(story.writes().await, before);
    story.tells("helpdesk", "/connect edit ben.carter acw:90", &["☐ Your confirmation"]).await;
}

#[tokio::test]
async fn a_login_that_nobody_has_is_not_frozen() {
    let mut story = Story::begin().await.everywhere(&["Kind::LoginOrAll"]).await;
    plays! { story: ("supervisor", "/desk freeze john.do", "Did you mean `/desk freeze john.doe`?") }
    assert!(!story.told("supervisor", "/desk requests").await.contains("freeze"));
    // Someone who cannot ask the contact center can still stop everything.
    plays! { story: ("supervisor", "sim POST /_sim/faults {\"operation\":\"SearchUsers\",\"fault\":\"fail_before\",\"times\":1000}") }
    assert!(story.told("supervisor", "/desk freeze john.doe").await.contains("Freeze john.doe · needs"));
}
