use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn it_takes_two_admins_whatever_the_rules_say() {
    let mut story = Story::begin().await;
    story.says("oncall", "phone").await;
    let asked = "/desk recover account:console:1004 reason:\"new phone; verified in person\"";
    story.says("helpdesk", asked).await;
    let told = story.told("helpdesk", "/desk confirm 1").await;
    assert!(told.contains("2 approvals from admin"), "{told}");
    let told = story.told("supervisor", "/desk approve 1").await;
    assert!(told.contains("can't decide on this"), "{told}");
    let told = story.told("admin", "/desk approve 1").await;
    assert!(told.contains("1 approval from admin"), "{told}");
    assert_eq!(story.card("deputy", "/desk approve 1").await.tone, Tone::Good);
    story.tells("oncall", "/desk enroll", &["Scan this with your authenticator"]).await;
}

#[tokio::test]
async fn nobody_recovers_an_account_that_is_not_there() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/desk recover account:console:9").await;
    assert!(told.contains("No account `console:9`."), "{told}");
    story.tells("helpdesk", "/desk recover account:mary", &["No person `mary` in the log."]).await;
}
