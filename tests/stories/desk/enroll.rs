use desk_core::card::Block;

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
        ("second", "/desk enroll"),
    }
    for _ in 0..5 {
        story.tells("second", "/desk enroll code:000000", &["This code is wrong."]).await;
    }
    story.tells("second", "/desk enroll code:000000", &["Too many wrong codes."]).await;
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
