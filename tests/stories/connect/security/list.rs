use crate::support::Story;

#[tokio::test]
async fn every_profile_is_listed_with_its_users() {
    let mut story = Story::begin().await;
    story.sim("DELETE /_sim/calls").await;
    story.tells("helpdesk", "/connect security list", &["6 security profiles", "Agent 33 users"]).await;
    let calls = story.sim("GET /_sim/calls").await["operations"].clone();
    assert_eq!(calls["SearchSecurityProfiles"]["calls"], 1, "{calls}");
    assert_eq!(calls.as_object().unwrap().len(), 2, "{calls}");
}
