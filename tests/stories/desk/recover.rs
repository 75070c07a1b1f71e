use crate::support::Story;

#[tokio::test]
async fn it_takes_two_admins_whatever_the_rules_say() {
    let mut story = Story::begin().await;
    plays! { story:
        ("oncall", "phone"),
        ("helpdesk", "/desk recover account:console:1004 reason:\"new phone; verified in person\""),
        ("helpdesk", "/desk confirm 1", "2 approvals from admin"),
        ("supervisor", "/desk approve 1", "can't decide on this"),
        ("admin", "/desk approve 1", "1 approval from admin"),
        ("deputy", "/desk approve 1", "╭ ✓"),
        ("oncall", "/desk enroll", "Scan this with your authenticator"),
    }
}

#[tokio::test]
async fn nobody_recovers_an_account_that_is_not_there() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/desk recover account:console:9").await;
    assert!(told.contains("No account `console:9`."), "{told}");
    story.tells("helpdesk", "/desk recover account:mary", &["No person `mary` in the log."]).await;
}
