use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

/// The on-call person with an authenticator whose first code is used.
pub(super) async fn at_night() -> Story {
    let mut story = Story::begin().await;
    story.says("oncall", "phone").await;
    story.says("oncall", "wait 60s").await;
    story
}

/// Someone on call who did immediately what would have needed a supervisor.
pub(super) async fn broken_glass() -> Story {
    let mut story = at_night().await;
    plays! { story:
        ("oncall", "/connect reset john.doe method:recreate emergency:true reason:\"locked out at 3 a.m.\""),
        ("oncall", "/desk confirm 1 code:phone", "completed, needs review"),
    }
    story
}

#[tokio::test]
async fn an_emergency_is_done_at_once_and_waits_for_its_review() {
    let mut story = at_night().await;
    plays! { story:
        ("oncall", "/connect edit john.doe acw:0 emergency:true reason:\"calls are lost\"", "! Emergency: runs without approvals. Supervisors are notified immediately", "authenticator code"),
        ("oncall", "/desk confirm 1 code:phone", "completed, needs review", "by oncall: no one approved it. It must be reviewed."),
        ("supervisor", "/desk requests", "needs a review by a supervisor"),
        ("supervisor", "/desk review 1 justified \"no one else could be reached\"", "john.doe · completed", "Reviewed by supervisor: justified, `no one else could be reached`"),
        ("supervisor", "/desk requests", "No requests are open"),
    }
}

#[tokio::test]
async fn while_one_is_unreviewed_there_is_no_next_one() {
    let mut story = broken_glass().await;
    let again = "/connect edit mei.chen acw:0 emergency:true reason:\"once more\"";
    story.tells("oncall", again, &["Your last emergency #1 has not been reviewed yet."]).await;
    story.tells("supervisor", "/desk review 1 justified", &["Type `/desk review 1 justified \"…\"`."]).await;
    story.says("supervisor", "/desk review 1 justified \"it was\"").await;
    story.says("oncall", "wait 60s").await;
    story.says("oncall", again).await;
    assert_eq!(story.card("oncall", "/desk confirm 3 code:phone").await.tone, Tone::Good);
}

#[tokio::test]
async fn nobody_reviews_their_own_and_nobody_twice() {
    let mut story = Story::ruled(|config| {
        for person in config.people.iter_mut().filter(|person| person.name == "oncall") {
            person.roles.insert(desk_core::basics::roles::Role::Supervisor);
        }
    })
    .await;
    story.says("oncall", "phone").await;
    story.says("oncall", "wait 60s").await;
    story.says("oncall", "/connect edit john.doe acw:0 emergency:true reason:\"calls are lost\"").await;
    story.says("oncall", "/desk confirm 1 code:phone").await;
    let told = story.told("oncall", "/desk review 1 justified \"I say so\"").await;
    assert!(told.contains("You can't review your own emergency."), "{told}");
    story.says("second", "/desk review 1 justified \"it was\"").await;
    story.tells("supervisor", "/desk review 1 justified \"me too\"", &["second reviewed #1 at"]).await;
}

#[tokio::test]
async fn an_emergency_is_for_somebody_on_call_with_a_reason_and_a_code() {
    let mut story =
        Story::begin().await.everywhere(&["Kind::Code", "Kind::Sentence", "the form of a command"]).await;
    plays! { story:
        ("helpdesk", "/connect edit john.doe acw:0 emergency:true reason:\"I want to\"", "n't allow `/connect edit` as an emergency here"),
        ("oncall", "/connect edit john.doe acw:0 emergency:true", "This needs a reason."),
        ("oncall", "☑ /connect edit john.doe acw:0 emergency:true reason:\"calls are lost\"", "you haven't set one up"),
        ("oncall", "phone"),
        ("oncall", "/desk confirm 1", "#1 needs a code from your authenticator."),
        ("oncall", "/desk confirm 1 code:phone", "This code was already used."),
    }
    assert_eq!(story.writes().await, 0);
    story.says("oncall", "wait 30s").await;
    assert!(story.told("oncall", "/desk confirm 1 code:phone").await.contains("needs review"));
}

#[tokio::test]
async fn who_is_not_on_call_now_asks_like_everybody_else() {
    let shift = |config: &mut connect_desk::config::Config| {
        config.site.emergencies.shifts.push(desk_core::policy::Shift {
            person: "console:1004".parse().unwrap(),
            hours: "daily 18:00-08:00 UTC".parse().unwrap(),
        });
    };
    let mut story = Story::ruled(shift).await;
    let asked = "/connect edit john.doe acw:0 emergency:true reason:\"calls are lost\"";
    let told = story.told("oncall", asked).await;
    assert!(told.contains("You are not on call now (20 Nov 2026 09:00 UTC)."), "{told}");
    story.says("oncall", "wait 10h").await;
    story.tells("oncall", asked, &["☐ Your confirmation"]).await;
}

#[tokio::test]
async fn who_has_to_review_it_is_called_again_every_hour() {
    let mut story = broken_glass().await;
    let called = "needs review: approvers were notified again.";
    let told = story.told("oncall", "wait 59m").await;
    assert!(!told.contains(called), "{told}");
    for _ in 0..3 {
        plays! { story: ("oncall", "wait 61m", called) }
    }
    let history = story.told("auditor", "/desk history 1").await;
    assert_eq!(history.matches("sent a reminder").count(), 3, "{history}");
    story.says("supervisor", "/desk review 1 justified \"no one else could be reached\"").await;
    let told = story.told("oncall", "wait 5h").await;
    assert!(!told.contains(called), "{told}");
}

#[tokio::test]
async fn a_reminder_of_a_clock_that_was_ahead_silences_none() {
    let clock = crate::support::clock();
    let of_desk = clock.clone();
    let mut story = Story::with(|options| {
        let mut config = connect_desk::practice::config().unwrap();
        config.policy.rules.iter_mut().for_each(|rule| rule.second_factor = false);
        (options.config, options.clock) = (Some(config), of_desk);
    })
    .await;
    let line = "/connect edit john.doe acw:0 emergency:true reason:\"calls are lost\"";
    story.carries_out("oncall", line).await;
    const YEAR: i64 = 365 * 86_400;
    let mut count = 0;
    for (ahead, minutes) in [(YEAR, 0), (-YEAR, 61), (0, 61)] {
        clock.set_ahead(ahead);
        clock.advance(std::time::Duration::from_secs(minutes * 60));
        story.says("helpdesk", "/desk whoami").await;
        let history = story.told("auditor", "/desk history 1").await;
        count += 1;
        assert_eq!(history.matches("sent a reminder").count(), count, "{history}");
    }
}

#[tokio::test]
async fn an_emergency_that_never_ends_is_due_for_review_all_the_same() {
    let mut story = at_night().await;
    plays! { story: ("oncall", "/connect reset john.doe method:console emergency:true reason:\"locked out at 3 a.m.\"") }
    assert_snapshot!(story.says("oncall", "/desk confirm 1 code:phone").await, @r#"
    ╭─ ? Reset john.doe · needs a manual step ─────────────────────────────────────╮
    │ ! Emergency request by oncall: no one approved it. It must be reviewed.      │
    │ Set a temporary password for `John Doe` (`john.doe`) manually.               │
    │ Open the page of `john.doe`, choose "Reset password", enter a new random     │
    │ password of 20 or more characters and choose "Submit". Tell it to them by    │
    │ phone or in person; they must change it right away. Then press Mark as done. │
    │ https://practice.my.connect.example.com/users/edit?id=1868fba9-c0fc-4233-a51 │
    │ 2-91721722d7a8                                                               │
    │                                                                              │
    │ Requested by  oncall · 09:01 UTC                                             │
    │ Reason        `locked out at 3 a.m.`                                         │
    │                                                                              │
    │ → /desk done 1   /desk review 1 justified   /desk review 1 unjustified       │
    │   /desk details 1   /desk cancel 1                                           │
    ╰─ #1 · plan d3b718 ───────────────────────────────────────────────────────────╯
    "#);
    // It is not over, and there is no next one all the same.
    let next = "/connect edit mei.chen acw:0 emergency:true reason:\"once more\"";
    let told = story.told("oncall", next).await;
    assert!(told.contains("Your last emergency #1 has not been reviewed yet."), "{told}");
    plays! { story: ("supervisor", "/desk digest", "Emergencies to review: #1 Reset `john.doe` by oncall") }
    let called = "approvers were notified again.";
    assert!(story.told("oncall", "wait 61m").await.contains(called));
    // A supervisor closes what hangs, and it still waits for its review, also over a restart.
    let card = story.told("supervisor", "/desk cancel 1").await;
    assert!(card.contains("Reset john.doe · abandoned, needs review"), "{card}");
    story.says("supervisor", "restart").await;
    plays! { story: ("supervisor", "/desk requests", "needs a review by a supervisor") }
    assert!(story.told("supervisor", "log verify").await.contains("The log is valid"));
    story.says("supervisor", "/desk review 1 unjustified \"a supervisor was here\"").await;
    assert!(story.told("supervisor", "/desk requests").await.contains("No requests are open"));
    story.says("oncall", next).await;
    assert_eq!(story.card("oncall", "/desk confirm 3 code:phone").await.tone, Tone::Good);
}

#[tokio::test]
async fn an_emergency_is_reviewed_before_its_end_and_stays_open_until_then() {
    let mut story = at_night().await;
    plays! { story:
        ("oncall", "/connect reset john.doe method:console emergency:true reason:\"locked out at 3 a.m.\""),
        ("oncall", "/desk confirm 1 code:phone"),
        ("oncall", "/desk review 1 justified \"I say so\"", "A policy rule denies this"),
        ("supervisor", "/desk review 1 justified \"no one else could be reached\""),
        ("supervisor", "/desk requests", "1 request is open", "needs a manual step"),
        ("oncall", "/desk done 1", "╭ ✓"),
    }
    assert!(story.told("supervisor", "/desk requests").await.contains("No requests are open"));
}

#[tokio::test]
async fn an_emergency_that_is_stuck_counts_and_is_closed_by_somebody_else() {
    let mut story = at_night().await;
    plays! { story:
        ("oncall", "/connect reset john.doe method:recreate emergency:true reason:\"locked out at 3 a.m.\""),
        ("helpdesk", r#"sim POST /_sim/faults {"operation":"CreateUser","fault":"fail_before","times":1000,"error":"InvalidParameterException","status":400}"#),
        ("oncall", "/desk confirm 1 code:phone", "needs attention", "/desk review 1 justified"),
        ("oncall", "/connect edit mei.chen acw:0 emergency:true reason:\"once more\"", "Your last emergency #1 has not been reviewed yet."),
        ("oncall", "/desk review 1 justified \"I say so\"", "A policy rule denies this"),
        ("admin", "/desk cancel 1"),
        ("supervisor", "/desk review 1 unjustified \"there was time to ask\""),
    }
    assert!(story.told("supervisor", "/desk requests").await.contains("No requests are open"));
}

#[tokio::test]
async fn an_emergency_that_has_not_begun_is_in_the_way_of_the_next_until_it_is_canceled() {
    let mut story = at_night().await;
    let asks = |login: &str| format!("/connect edit {login} acw:0 emergency:true reason:\"calls are lost\"");
    story.says("oncall", &asks("john.doe")).await;
    let told = story.told("oncall", &asks("mei.chen")).await;
    assert!(told.contains("Your emergency #1 is still open.") && told.contains("`/desk cancel 1`"), "{told}");
    story.says("oncall", "/desk cancel 1").await;
    plays! { story: ("oncall", &asks("mei.chen"), "☐ Your confirmation") }
}

#[tokio::test]
async fn that_it_was_not_right_is_written_down_with_a_sentence() {
    let mut story = broken_glass().await;
    story.says("supervisor", "/desk review 1 unjustified \"I was awake and at hand\"").await;
    story.tells("auditor", "/desk history 1", &["I was awake and at hand"]).await;
    story.tells("supervisor", "/desk requests", &["No requests are open"]).await;
}

#[tokio::test]
async fn it_is_for_supervisors_and_for_emergencies() {
    let mut story = broken_glass().await;
    let told = story.told("helpdesk", "/desk review 1 unjustified \"no\"").await;
    assert!(told.contains("A policy rule denies this."), "{told}");
    story.says("helpdesk", "/connect edit mei.chen acw:60").await;
    story.says("helpdesk", "/desk confirm 2").await;
    story.tells("supervisor", "/desk review 2 unjustified \"no\"", &["and was completed at"]).await;
}

#[tokio::test]
async fn one_person_has_three_in_thirty_days() {
    let mut story = at_night().await;
    let asked =
        |acw: u32| format!("/connect edit john.doe acw:{acw} emergency:true reason:\"calls are lost\"");
    for no in 1..=3 {
        story.says("oncall", &asked(no)).await;
        story.says("oncall", &format!("/desk confirm {no} code:phone")).await;
        story.says("supervisor", &format!("/desk review {no} unjustified \"it could have waited\"")).await;
        story.says("helpdesk", "wait 24h").await;
    }
    let told = story.told("oncall", &asked(4)).await;
    assert!(told.contains("for the last 30 days"), "{told}");
    story.says("helpdesk", "wait 720h").await;
    plays! { story: ("oncall", &asked(4), "≠for the last 30 days", "· needs") }
}

#[tokio::test]
async fn an_emergency_that_changed_nothing_is_not_used_up() {
    let mut story = at_night().await;
    let asked = "/connect edit john.doe acw:7 emergency:true reason:\"calls are lost\"";
    for (no, end) in [(1, "/desk cancel 1"), (2, "wait 61m"), (3, "/desk cancel 3"), (4, "wait 61m")] {
        let told = story.told("oncall", asked).await;
        assert!(told.contains(&format!("#{no}")) && told.contains("☐ Your confirmation"), "{told}");
        story.says("oncall", end).await;
    }
    plays! { story: ("oncall", asked, "#5", "≠for the last 30 days") }
}

/// What needs attention is told to those who can say that it continues, also while the review is called for.
#[tokio::test]
async fn an_emergency_that_needs_attention_says_so_beside_its_review() {
    let mut story = at_night().await;
    let both = "the requester and approvers were notified. It is an emergency that has to be reviewed.";
    plays! { story:
        ("oncall", "world john.doe takes_a_call"),
        ("oncall", "/connect reset john.doe method:recreate force:true emergency:true reason:\"locked out\""),
        ("oncall", "/desk defer 1 contact"),
        ("oncall", "/desk confirm 1 code:phone", "scheduled"),
        ("oncall", r#"sim POST /_sim/faults {"operation":"CreateUser","fault":"fail_before","times":1000,"error":"AccessDeniedException","status":403}"#),
        ("oncall", "world john.doe hangs_up"),
        ("oncall", "wait 1m", "needs attention", both),
        ("oncall", "wait 5m", "≠notified"),
    }
    // On a platform that has told some of it, the rest is told to those whom it concerns, and nothing twice.
    let desk = story.inside().desk.clone();
    let no = desk_core::basics::ids::RequestNo(1);
    let platform = desk_core::basics::ids::Platform::Discord;
    let due = async || {
        let (request, now) = (desk.request(no).await.unwrap(), desk.saga.clock.now());
        desk_core::chat::due(&request, &desk.site.get().emergencies, platform, now)
    };
    desk.called(no, platform, "its review").await.unwrap();
    let stuck = due().await.expect("it is stuck");
    assert_eq!(
        (stuck.said().as_str(), stuck.why.as_deref()),
        ("the requester and approvers were notified.", None)
    );
    desk.called(no, platform, &stuck.what).await.unwrap();
    assert!(due().await.is_none(), "once");
    story.says("oncall", "wait 60m").await;
    let reminder = due().await.expect("the review is late");
    assert!(reminder.requester.is_none() && reminder.again, "{}", reminder.said());
    desk.called(no, platform, &reminder.what).await.unwrap();
    assert!(due().await.is_none(), "once");
}
