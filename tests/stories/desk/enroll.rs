use desk_core::card::{Block, Tone};

use crate::support::Story;

#[tokio::test]
async fn first_a_picture_for_one_pair_of_eyes_then_a_code() {
    let mut story = Story::begin().await;
    let card = story.card("supervisor", "/desk enroll").await;
    assert!(card.private, "someone else reads the secret");
    assert!(card.blocks.iter().any(|block| matches!(block, Block::Scan { .. })), "{card:?}");
    plays! { story:
        ("supervisor", "/desk enroll code:000000", "This code is wrong."),
        ("supervisor", "phone", "Your authenticator works"),
        ("supervisor", "/desk enroll", "You already have an authenticator here."),
        ("auditor", "/desk history person:console:1002", "≠000000"),
    }
}

#[tokio::test]
async fn where_the_first_one_needs_approval_two_admins_let_somebody_enroll() {
    let mut story = Story::ruled(|config| config.first_use = false).await;
    plays! { story:
        ("supervisor", "/desk enroll", "Admins need to approve before you can set up an authenticator."),
        ("helpdesk", "/desk recover account:console:1002 reason:\"her first day as a supervisor\""),
        ("helpdesk", "/desk confirm 1"),
    }
    for admin in ["admin", "deputy"] {
        story.says(admin, "/desk approve 1").await;
    }
    plays! { story: ("supervisor", "/desk enroll", "Scan this with your authenticator") }
    // Of the other way the log tells, too.
    let mut story = Story::begin().await;
    story.says("supervisor", "/desk enroll").await;
    story.says("oncall", "phone").await;
    story.tells("auditor", "/desk history", &["enrolled an authenticator"]).await;
}

#[tokio::test]
async fn fifty_wrong_codes_are_not_tried() {
    let mut story = Story::ruled(|config| {
        config.policy.rules.iter_mut().for_each(|rule| rule.second_factor = rule.approvals > 0);
    })
    .await;
    for who in ["helpdesk", "supervisor"] {
        story.says(who, "phone").await;
    }
    story.says("helpdesk", "wait 60s").await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    story.says("helpdesk", "/desk confirm 1 code:phone").await;
    let mut tried = 0;
    for _ in 0..50 {
        let told = story.told("supervisor", "/desk approve 1 code:000000").await;
        tried += usize::from(told.contains("This code is wrong."));
        assert!(told.contains("This code is wrong.") || told.contains("Too many wrong codes."), "{told}");
    }
    assert!(tried <= 6, "{tried} codes were tried");
    // Not even the right one counts then.
    story.tells("supervisor", "/desk approve 1 code:phone", &["Too many wrong codes."]).await;
    story.says("supervisor", "wait 2m").await;
    assert_eq!(story.card("supervisor", "/desk approve 1 code:phone").await.tone, Tone::Good);
}
