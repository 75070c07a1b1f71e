use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn a_frozen_user_is_let_in_again() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/salesforce unfreeze laura.pace").await;
    story.says("helpdesk", "/desk confirm 1").await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
    let told = story.told("helpdesk", "/salesforce unfreeze logins:laura.pace,john.doe").await;
    assert!(
        told.contains("`laura.pace` isn't frozen in Salesforce. `john.doe` isn't frozen in Salesforce."),
        "{told}"
    );
    assert_eq!(story.writes().await, 1);
}
