use crate::support::Story;

#[tokio::test]
async fn what_one_may_that_the_other_may_not_is_said_both_ways() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect security compare Agent \"L1 Support\"", "Only `L1 Support` allows: · Users: create, delete, edit, view", "≠Only `Agent` allows"),
        ("helpdesk", "/connect security compare Agent agent", "Both are the same security profile."),
    }
}

#[tokio::test]
async fn two_with_the_same_permissions_that_see_different_users_are_told_apart() {
    let mut story = Story::with(|options| options.sim.seed = "untidy".parse().unwrap()).await;
    let profiles = story.world().await["security_profiles"].clone();
    let all: Vec<(&String, &serde_json::Value)> = profiles.as_object().unwrap().iter().collect();
    let mut pairs = 0;
    for (i, (one, a)) in all.iter().enumerate() {
        for (other, b) in all.iter().skip(i + 1) {
            if a["permissions"] != b["permissions"] || a["restrictions"] == b["restrictions"] {
                continue;
            }
            plays! { story: ("helpdesk", &format!("/connect security compare \"{one}\" \"{other}\""), "They have the same permissions", "Users with these profiles have access to different users or resources.") }
            pairs += 1;
        }
    }
    assert!(pairs > 0, "the untidy world has profiles that differ only in what they limit");
}
