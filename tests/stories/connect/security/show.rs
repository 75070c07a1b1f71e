use crate::support::Story;

#[tokio::test]
async fn permissions_are_said_in_words_and_unknown_ones_as_they_are() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect security show supervisor", "· Security profile Supervisor ╮", "Quick connects: create, edit, view", "Can be assigned by supervisor or admin"),
        ("helpdesk", "/connect security show \"L1 Suport\"", "Did you mean `/connect security show \"L1 Support\"`?"),
    }
}

#[tokio::test]
async fn limits_by_tags_and_hierarchy_are_shown() {
    let mut story = Story::with(|options| options.sim.seed = "untidy".parse().unwrap()).await;
    let profiles = story.world().await["security_profiles"].clone();
    let mut shown = 0;
    for (name, profile) in profiles.as_object().unwrap() {
        if profile["restrictions"].as_object().is_none_or(serde_json::Map::is_empty) {
            continue;
        }
        plays! { story: ("helpdesk", &format!("/connect security show \"{name}\""), "Limited by") }
        shown += 1;
    }
    assert!(shown > 1, "{profiles}");
}
