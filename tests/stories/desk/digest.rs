use insta::assert_snapshot;

use super::review::broken_glass;
use crate::support::Story;

#[tokio::test]
async fn the_digest_says_what_is_open_and_for_whom_it_waits() {
    let mut story = broken_glass().await;
    story.says("supervisor", "/desk freeze fatima.haddad \"her devices were stolen\"").await;
    story.says("supervisor", "/desk confirm 2").await;
    story.says("helpdesk", "/connect reset mei.chen method:console").await;
    story.says("helpdesk", "wait 20m").await;
    story.says("oncall", "/connect reset mei.chen method:recreate").await;
    story.says("oncall", "/desk confirm 4").await;
    story.says("supervisor", "/desk defer 4 22:00").await;
    assert_snapshot!(story.says("supervisor", "/desk digest").await, @"
    ╭─ · Digest of 20 Nov 2026 09:21 UTC ──────────────────────────────────────────╮
    │ 2 requests are open:                                                         │
    │ #3 Reset `mei.chen`, 20 min ago: needs confirmation by helpdesk and 1        │
    │    approval from supervisor or admin                                         │
    │ #4 Reset `mei.chen`, 0 s ago: needs 1 approval from supervisor or admin;     │
    │    scheduled for 22:00 UTC                                                   │
    │                                                                              │
    │ Freezes in effect:                                                           │
    │ #2 `fatima.haddad`, 20 min ago by supervisor                                 │
    │                                                                              │
    │ Emergencies to review:                                                       │
    │ #1 Reset `john.doe` by oncall, 20 min ago                                    │
    │                                                                              │
    │ Temporary passwords not shown yet:                                           │
    │ #1 Reset `john.doe` for oncall, destroyed in 23 h                            │
    │                                                                              │
    │ → /desk show <number>                                                        │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn a_yes_in_a_hurry_is_counted_and_stands_in_the_history() {
    let mut story = Story::begin().await;
    for (no, who, thinks) in
        [(1, "supervisor", "2s"), (2, "second", "40s"), (3, "second", "1s"), (4, "second", "3s")]
    {
        story
            .says("helpdesk", &format!("/connect reset john.doe method:console reason:\"round {no}\""))
            .await;
        // Approvers are asked once it is confirmed.
        story.says("helpdesk", "wait 60s").await;
        story.says("helpdesk", &format!("/desk confirm {no}")).await;
        story.says("helpdesk", &format!("wait {thinks}")).await;
        story.says(who, &format!("/desk approve {no}")).await;
        story.says("helpdesk", &format!("/desk done {no}")).await;
    }
    plays! { story:
        ("admin", "/desk digest", "#1 by supervisor, 2 s after being asked #3 by second, 1 s", "Very quick: supervisor 1 of 1 and second 1 of 3. The median of 4 approvals is 3 s."),
        ("auditor", "/desk history 1", "2 s after being asked"),
        ("auditor", "/desk history 4", "≠after being asked"),
        // A day later it is no news any more.
        ("helpdesk", "wait 25h"),
        ("admin", "/desk digest", "Nothing is open"),
    }
}

#[tokio::test]
async fn a_password_that_nobody_fetches_is_named_until_it_is_fetched_or_destroyed() {
    let mut story = Story::begin().await;
    for (no, login) in [(1, "john.doe"), (2, "mei.chen")] {
        story.says("helpdesk", &format!("/connect reset {login} method:recreate")).await;
        story.says("helpdesk", &format!("/desk confirm {no}")).await;
        story.says("helpdesk", "wait 1m").await;
        story.says("supervisor", &format!("/desk approve {no}")).await;
    }
    plays! { story:
        ("oncall", "/desk digest", "#1 Reset `john.doe` for helpdesk, destroyed in 23 h", "#2 Reset `mei.chen` for helpdesk, destroyed in 23 h"),
        ("helpdesk", "/desk reveal 1"),
        ("oncall", "/desk digest", "≠#1 Reset", "#2 Reset `mei.chen`"),
        ("helpdesk", "wait 24h"),
        ("oncall", "/desk digest", "Nothing is open"),
    }
}

#[tokio::test]
async fn of_many_open_requests_the_oldest_are_listed_and_the_rest_is_counted() {
    let mut story = Story::begin().await;
    for _ in 0..13 {
        story.says("helpdesk", "/connect reset john.doe method:recreate").await;
        story.says("helpdesk", "wait 1m").await;
    }
    plays! { story: ("supervisor", "/desk digest", "13 requests are open", "#10 Reset", "and 3 more", "≠#11") }
}

#[tokio::test]
async fn the_digest_is_for_those_who_answer_for_others() {
    let mut story = Story::begin().await;
    for who in ["helpdesk", "john", "auditor"] {
        plays! { story: (who, "/desk digest", "That didn't work") }
    }
    for who in ["supervisor", "admin", "oncall"] {
        plays! { story: (who, "/desk digest", "Nothing is open") }
    }
}
