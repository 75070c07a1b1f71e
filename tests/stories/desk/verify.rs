use desk_core::card::Tone;

use crate::support::Story;

/// Where what touches sign-in wants a word on the caller.
async fn careful() -> Story {
    careful_for("helpdesk").await
}

async fn careful_for(who: &str) -> Story {
    let mut story = Story::ruled(|config| {
        config.policy.rules.iter_mut().for_each(|rule| rule.caller = rule.approvals > 0)
    })
    .await;
    plays! { story: (who, "☑ /connect reset john.doe method:recreate") }
    story
}

#[tokio::test]
async fn nobody_approves_before_it_is_written_down_how_the_caller_was_verified() {
    let mut story = careful().await;
    let told = story.told("supervisor", "/desk approve 1").await;
    assert!(told.contains("The caller of #1 has not been verified yet."), "{told}");
    story.says("helpdesk", "/desk verify 1 called_back reason:\"the number on file\"").await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
    story.tells("auditor", "/desk history 1", &["the number on file"]).await;
}

#[tokio::test]
async fn before_that_it_can_be_denied_with_a_button_as_well() {
    let mut story = careful().await;
    plays! { story:
        ("supervisor", "/desk show 1", "/desk deny 1", "≠/desk approve 1"),
        ("supervisor", "/desk deny 1 \"no one called\"", "· denied"),
        ("helpdesk", "/connect reset mei.chen method:recreate", "≠/desk deny"),
    }
}

#[tokio::test]
async fn a_managers_word_is_the_managers() {
    let mut story = careful().await;
    let told = story.told("helpdesk", "/desk verify 1 manager").await;
    assert!(told.contains("Only the manager can record this."), "{told}");
    plays! { story: ("oncall", "/desk verify 1 manager", "Ask a supervisor or an admin to type `/desk verify 1 manager`.") }
    let mut led = careful_for("supervisor").await;
    let told = led.told("supervisor", "/desk verify 1 manager").await;
    assert!(
        told.contains(
            "You can't record this for your own request. Ask another supervisor or an admin to type"
        ),
        "{told}"
    );
    story.tells("oncall", "/desk verify 1 called_back", &["Only the requester, helpdesk, can"]).await;
    story.says("second", "/desk verify 1 manager").await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
}

#[tokio::test]
async fn the_caller_is_verified_once() {
    let mut story = careful().await;
    plays! { story:
        ("supervisor", "/desk requests", "Waiting for you (1)"),
        ("supervisor", "/desk verify 1", "As their manager, type `/desk verify 1 manager`."),
        ("helpdesk", "/desk verify 1 called_back reason:\"extension 2201\"", "needs approval"),
        ("helpdesk", "/desk verify 1 called_back reason:\"changed my mind\"", "The caller of #1 was already verified by a call to the number on file, says helpdesk."),
        ("helpdesk", "/desk requests", "Nothing is waiting for you."),
        // Unless an approver wants another one.
        ("supervisor", "/desk request-changes 1 \"call them back\"", "needs confirmation"),
        ("helpdesk", "/desk verify 1 called_back reason:\"they answered\"", "they answered", "≠2201"),
        ("helpdesk", "/desk confirm 1", "needs approval"),
        ("helpdesk", "/desk verify 1", "was already verified"),
        ("supervisor", "/desk approve 1", "╭ ✓", "they answered"),
    }
}

#[tokio::test]
async fn no_code_is_mailed_where_the_desk_sends_no_mail() {
    let mut story = careful().await;
    plays! { story:
        ("helpdesk", "/desk verify 1 email_code", "The desk can't send email, so it can't send a code."),
        ("helpdesk", "/desk verify 1 code:123456", "There is no code for #1, or it was already used."),
        ("supervisor", "/desk verify 1 email_code", "Only the requester, helpdesk, can"),
        ("auditor", "/desk history 1", "≠123456"),
    }
}

#[tokio::test]
async fn before_the_caller_is_verified_it_is_no_ones_turn_to_approve() {
    let mut story = Story::ruled(|config| {
        let rule = config.policy.rules.last_mut().unwrap();
        (rule.caller, rule.confirm, rule.remind_minutes) = (true, false, Some(10));
        let approvers = [desk_core::basics::roles::Role::Oncall].into();
        rule.escalate = Some(desk_core::policy::Escalation { after_minutes: 20, approvers });
    })
    .await;
    plays! { story:
        ("helpdesk", "/connect export", "20 min after the caller verification also oncall"),
        ("helpdesk", "wait 25m", "≠notified"),
        ("helpdesk", "/desk verify 1", "needs approval", "from 09:45"),
        ("oncall", "/desk approve 1", "can't decide on this"),
        ("helpdesk", "wait 10m", "needs approval: approvers were notified again."),
        ("helpdesk", "wait 10m"),
        ("oncall", "/desk approve 1", "╭ ✓"),
    }
}
