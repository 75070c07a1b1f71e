//! What the people a request is about are doing, as its card says it and as the desk waits for it.

use connect_desk::config::Config;
use desk_core::basics::roles::Role;
use desk_core::card::Tone;
use desk_core::policy::{Quorum, Target};
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn a_card_says_who_is_on_a_contact_and_the_desk_waits_for_its_end() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "world john.doe takes_a_call"),
        ("helpdesk", "wait 2m"),
        ("helpdesk", "/connect edit john.doe acw:60", "! `john.doe` has been on a voice contact since 09:00 UTC.", "/desk defer 1 contact"),
        ("helpdesk", "/desk defer 1 contact", "☐ Starts when the contact ends · expires 13:02 UTC"),
        ("helpdesk", "/desk confirm 1"),
        ("helpdesk", "restart"),
        ("helpdesk", "wait 1h"),
    }
    assert_eq!(story.writes().await, 0);
    story.says("helpdesk", "world john.doe hangs_up").await;
    story.says("helpdesk", "wait 1m").await;
    assert_eq!(story.writes().await, 1);
    let told = story.told("auditor", "/desk history 1").await;
    let order = [
        "requested: \"/connect edit",
        "deferred until the contact ends",
        "confirmed plan",
        "started 1.",
        "done 1.",
    ];
    let places: Vec<_> = order.iter().map(|word| told.find(word)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{told}");
}

#[tokio::test]
async fn a_contact_that_does_not_end_in_time_is_not_cut_off() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "world john.doe takes_a_call").await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    story.says("helpdesk", "/desk defer 1 contact 2h").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("helpdesk", "wait 119m").await;
    assert!(story.told("helpdesk", "/desk requests").await.contains("#1"));
    story.says("helpdesk", "wait 1m").await;
    story.tells("helpdesk", "/desk history 1", &["expired"]).await;
    assert_eq!(story.writes().await, 0);
    // Anyone who cannot wait says so.
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    story.says("helpdesk", "/desk defer 2 contact").await;
    story.says("helpdesk", "/desk confirm 2").await;
    assert_eq!(story.writes().await, 0);
    story.says("helpdesk", "/desk defer 2 now").await;
    assert_eq!(story.writes().await, 1);
}

#[tokio::test]
async fn a_contact_that_began_after_the_yes_voids_it() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "world john.doe signs_in"),
        ("helpdesk", "☑ /connect reset john.doe method:recreate force", "will be disconnected: active", "⇒"),
        ("helpdesk", "world john.doe takes_a_call"),
        ("supervisor", "/desk approve 1", "Approvals were reset: `john.doe` will be disconnected: on a voice contact"),
    }
    assert_eq!(story.writes().await, 0);
    // Both know it now. Anyone who is cut off knowingly is cut off.
    let card = story.told("helpdesk", "/desk confirm 1").await;
    assert!(card.contains("/desk defer 1 contact"), "{card}");
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
}

#[tokio::test]
async fn somebody_who_signs_out_meanwhile_voids_nothing() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "world john.doe takes_a_call").await;
    let card = story.told("helpdesk", "/connect reset john.doe method:recreate force").await;
    assert!(card.contains("will be disconnected: on a voice contact since 09:00 UTC"), "{card}");
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("helpdesk", "world john.doe signs_out").await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
}

/// A queue that would be left with at most this many agents needs an admin as well.
fn thin_queues(config: &mut Config, agents: usize) {
    let at = config.policy.rules.iter().rposition(|rule| rule.approvals > 0).unwrap();
    let mut strict = config.policy.rules[at].clone();
    strict.name = "a queue that runs dry needs an admin as well".to_owned();
    strict.touches = Target { agents_left: Some(agents), ..Target::default() };
    strict.and = vec![Quorum { approvals: 1, approvers: [Role::Admin].into() }];
    config.policy.rules.insert(at, strict);
}

#[tokio::test]
async fn a_queue_that_would_run_dry_is_said_and_may_need_more() {
    let mut story = Story::ruled(|config| thin_queues(config, 0)).await;
    story.says("helpdesk", "world john.doe signs_in").await;
    assert_snapshot!(story.says("helpdesk", "/connect reset john.doe method:recreate force").await, @"
    ╭─ ? Reset john.doe · needs confirmation ──────────────────────────────────────╮
    │ Remove `John Doe` (`john.doe`) and create it again under the same login with │
    │ a temporary password.                                                        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ ☐ Your confirmation                                                          │
    │ ☐ 1 approval from supervisor or admin · expires 10:00 UTC                    │
    │                                                                              │
    │ ! Can't be undone after step 4 of 9. Lost: user id and ARN, own queue,       │
    │   activity audit, password.                                                  │
    │ ! `john.doe` will be disconnected: active (`Available` since 09:00 UTC), not │
    │   on a contact.                                                              │
    │ ! 3 agents would be left in queue `Case Investigation`, 3 in                 │
    │   `Case Investigation Spanish`, 4 in `Callback`.                             │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan 220c05 ───────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn what_it_needs_is_computed_again_before_it_runs() {
    let mut story = Story::ruled(|config| thin_queues(config, 2)).await;
    plays! { story:
        ("helpdesk", "world john.doe signs_in"),
        ("helpdesk", "☑ /connect reset john.doe method:recreate force", "3 agents would be left in queue `Case Investigation`", "☐ 1 approval from supervisor or admin · expires", "⇒"),
        ("helpdesk", "world aaron.fields signs_out"),
        ("supervisor", "/desk approve 1", "Approvals were reset: 2 agents would be left in queue `Case Investigation`", "☐ 1 approval from supervisor or admin ☐ 1 approval from admin · expires"),
    }
    assert_eq!(story.writes().await, 0);
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("supervisor", "/desk approve 1").await;
    assert_eq!(story.card("admin", "/desk approve 1").await.tone, Tone::Good);
}
