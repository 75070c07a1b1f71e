use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn it_runs_no_sooner_than_then() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    story.tells("helpdesk", "/desk defer 1 2h", &["☐ Starts at 11:00 UTC · expires 12:00 UTC"]).await;
    let told = story.told("helpdesk", "/desk confirm 1").await;
    assert!(told.contains("☐ Starts at 11:00 UTC · expires 12:00 UTC"), "{told}");
    story.says("helpdesk", "wait 119m").await;
    assert_eq!(story.writes().await, 0);
    story.says("helpdesk", "restart").await;
    story.says("helpdesk", "wait 2m").await;
    story.tells("auditor", "/desk history 1", &["finished"]).await;
    assert_eq!(story.writes().await, 1);
}

#[tokio::test]
async fn only_a_moment_within_a_week_will_do() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    for when in ["soon", "25:00", "+8:00", "9999h", "8d", "0m", "-5m", "2026-11-19T18:00"] {
        plays! { story: ("helpdesk", &format!("/desk defer 1 {when}"), "isn't a valid time") }
    }
    for (when, starts) in [
        ("2H", "11:00 UTC"),
        ("1d", "21 Nov 2026 09:00 UTC"),
        ("8:30", "21 Nov 2026 08:30 UTC"),
        ("2026-11-23T06:00", "23 Nov 2026 06:00 UTC"),
    ] {
        plays! { story: ("helpdesk", &format!("/desk defer 1 {when}"), &format!("Starts at {starts}")) }
    }
    let told = story.told("oncall", "/desk defer 1 2h").await;
    assert!(told.contains("decide") || told.contains("no one"), "{told}");
}

#[tokio::test]
async fn an_emergency_waits_for_no_time_and_a_leader_cancels_what_needs_no_approval() {
    let mut story = super::review::at_night().await;
    story.says("oncall", "/connect edit john.doe acw:0 emergency:true reason:\"calls are lost\"").await;
    plays! { story: ("oncall", "/desk defer 1 6d", "An emergency runs immediately, so it can't be delayed.") }
    // The end of a contact is waited for no longer than the request lasts anyway.
    let waits = ["Starts when the contact ends · expires 10:01 UTC"];
    story.tells("oncall", "/desk defer 1 contact", &waits).await;
    story.says("helpdesk", "/connect edit mei.chen acw:60").await;
    story.tells("helpdesk", "/desk defer 2 3h", &["Starts at"]).await;
    for (no, other) in [(1, "helpdesk"), (2, "oncall")] {
        let told = story.told(other, &format!("/desk cancel {no}")).await;
        assert!(told.contains("or a supervisor or admin can cancel") && !told.contains("deny"), "{told}");
        story.tells("supervisor", &format!("/desk cancel {no}"), &["canceled", "Nothing was changed."]).await;
    }
}

#[tokio::test]
async fn it_is_not_put_off_to_a_time_at_which_another_rule_holds() {
    let mut story = Story::ruled(|config| {
        let rules = &mut config.policy.rules;
        let of_edits = rules.iter().filter(|rule| rule.is_about("connect edit") && !rule.emergency);
        let mut by_day: Vec<_> = of_edits.cloned().collect();
        for rule in &mut by_day {
            rule.name += " by day";
            rule.hours = vec!["Mon-Fri 08:00-18:00 UTC".parse().unwrap()];
        }
        rules.splice(0..0, by_day);
    })
    .await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    let said = " by day` holds only at these hours: Mon-Fri 08:00-18:00 UTC.";
    story.tells("helpdesk", "/desk defer 1 22:00", &["Another rule applies then", said]).await;
    story.tells("helpdesk", "/desk defer 1 17:00", &["Starts at 17:00 UTC"]).await;
}

#[tokio::test]
async fn the_requester_puts_off_within_the_deadline_and_an_approver_sets_another() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "☑ /connect reset mei.chen method:console") }
    for when in ["167h", "60m", "22:00"] {
        plays! { story: ("helpdesk", &format!("/desk defer 1 {when}"), "#1 and its approvals expire at 10:00 UTC, before that time.", &format!("Ask an approver for `/desk defer 1 {when}`.")) }
    }
    // Within the deadline, which stays what it was.
    plays! { story:
        ("helpdesk", "/desk defer 1 30m", "☐ Starts at 09:30 UTC · expires 10:00 UTC"),
        // The end of a contact is waited for no longer than that.
        ("helpdesk", "/desk defer 1 contact", "☐ Starts when the contact ends · expires 10:00 UTC"),
        ("second", "/desk defer 1 22:00", "☐ Starts at 22:00 UTC · expires 23:00 UTC"),
        ("supervisor", "/desk approve 1"),
        ("helpdesk", "wait 12h"),
        ("helpdesk", "/desk history 1", "≠started"),
        ("helpdesk", "wait 90m"),
        ("helpdesk", "/desk history 1", "started", "approvals expire 2026-11-20 23:00:00"),
    }
}

#[tokio::test]
async fn what_an_approver_put_off_only_an_approver_moves_forward() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "☑ /connect reset mei.chen method:console"),
        ("helpdesk", "/desk defer 1 30m", "Starts at 09:30 UTC"),
        ("helpdesk", "/desk defer 1 20m", "Starts at 09:20 UTC"),
        ("second", "/desk defer 1 22:00", "Starts at 22:00 UTC"),
        ("helpdesk", "/desk defer 1 now", "only an approver can have it run sooner", "Ask an approver for `/desk defer 1 now`."),
        ("helpdesk", "/desk defer 1 contact", "only an approver"),
        // Later is theirs, and changes nothing about that.
        ("helpdesk", "/desk defer 1 22:30", "Starts at 22:30 UTC · expires 23:00 UTC"),
        ("helpdesk", "/desk defer 1 21:00", "only an approver"),
        ("second", "/desk defer 1 contact", "Starts when the contact ends"),
        ("helpdesk", "/desk defer 1 now", "only an approver"),
        ("supervisor", "/desk approve 1"),
        ("second", "/desk defer 1 now", "needs a manual step"),
    }
}

#[tokio::test]
async fn cards_say_the_day_of_what_was_another_day() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("second", "/desk defer 1 30h").await;
    story.says("helpdesk", "wait 20h").await;
    assert_snapshot!(story.says("supervisor", "/desk approve 1").await, @"
    ╭─ ? Reset john.doe · scheduled ───────────────────────────────────────────────╮
    │ Set a temporary password for `John Doe` (`john.doe`) manually.               │
    │                                                                              │
    │ Requested by  helpdesk · 20 Nov 2026 09:00 UTC                               │
    │                                                                              │
    │ ☑ Confirmed by helpdesk · 20 Nov 2026 09:00 UTC                              │
    │ ☑ Approved by supervisor (supervisor) · 05:00 UTC                            │
    │ ☐ Starts at 15:00 UTC · expires 16:00 UTC                                    │
    │                                                                              │
    │ ! The reset signs `john.doe` out everywhere immediately.                     │
    │                                                                              │
    │ → /desk details 1   /desk cancel 1                                           │
    ╰─ #1 · plan d3b718 ───────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn who_agreed_to_what_is_reset_at_its_start_is_told_and_the_card_says_why_it_expired() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect remove john.doe").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("supervisor", "/desk defer 1 18:00").await;
    story.tells("supervisor", "/desk approve 1", &["scheduled"]).await;
    story.says("helpdesk", "wait 1h").await;
    plays! { story: ("helpdesk", "☑ /connect edit john.doe acw:60") }
    let why = "Approvals were reset: after contact work (voice, chat, task and email): 300 s became 60 s.";
    let told = story.told("helpdesk", "wait 8h").await;
    let notified = "Remove john.doe · needs confirmation: the requester and approvers were notified.";
    assert!(told.contains(&format!("{notified} {why}")), "{told}");
    let told = story.told("helpdesk", "wait 10m").await;
    assert!(!told.contains("notified"), "{told}");
    story.tells("helpdesk", "wait 51m", &["expired: the requester and approvers were notified", why]).await;
    story.tells("helpdesk", "/desk show 1", &["expired", "Approvals were reset: after contact work"]).await;
}

#[tokio::test]
async fn while_it_waits_for_the_end_of_a_contact_an_approver_who_is_none_any_more_is_replaced() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "world john.doe takes_a_call"),
        ("helpdesk", "/connect edit john.doe email:jd@example.com"),
        ("helpdesk", "/desk defer 1 contact"),
        ("helpdesk", "/desk confirm 1"),
        ("supervisor", "/desk approve 1", "scheduled"),
    }
    let mut config = connect_desk::practice::config().unwrap();
    let supervisor = config.people.iter_mut().find(|person| person.name == "supervisor").unwrap();
    supervisor.roles = [desk_core::basics::roles::Role::L1].into();
    story.reopened("2026-11-20T09:01:00Z", |options| options.config = Some(config)).await;
    plays! { story:
        ("helpdesk", "wait 1m"),
        ("helpdesk", "/desk show 1", "Approvals were reset: an approver can no longer approve it.", "☐ Your confirmation ☐ 1 approval"),
        ("helpdesk", "/desk confirm 1"),
        ("second", "/desk approve 1", "scheduled"),
        ("helpdesk", "world john.doe hangs_up"),
        ("helpdesk", "wait 1m", "╭ ✓"),
    }
}
