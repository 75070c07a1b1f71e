use crate::support::Story;

#[tokio::test]
async fn a_group_is_shown_with_its_agents_and_the_groups_below_it() {
    let mut story = Story::begin().await;
    let card = story.card("helpdesk", "/connect group show \"case investigation east\"").await;
    assert!(card.private);
    let words = card.words();
    for part in [
        "`Eastern Region/Case Investigation East`",
        "2 (`Team`)",
        "1, 9 with the groups below",
        "2 groups below it",
        "`Eastern Region/Case Investigation East/Leads East`",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

#[tokio::test]
async fn who_would_see_others_is_said_of_a_group_that_a_security_profile_is_limited_to() {
    let mut story = Story::with(|options| options.sim.seed = "untidy".parse().unwrap()).await;
    let world = story.world().await;
    let profiles = world["security_profiles"].as_object().unwrap();
    let limited: Vec<&String> = profiles
        .iter()
        .filter(|(_, profile)| profile.to_string().contains("AllowedAccessControlHierarchyGroupId"))
        .map(|(name, _)| name)
        .collect();
    assert!(!limited.is_empty(), "the untidy world has a profile that is limited to a group");
    let mut said = String::new();
    for group in world["hierarchy_groups"].as_object().unwrap().values() {
        let path: Vec<&str> = group["path"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
        said += &story.told("helpdesk", &format!("/connect group show \"{}\"", path.join("/"))).await;
    }
    for name in limited {
        assert!(
            said.contains(&format!("The security profile `{name}` is limited to agents in")),
            "{name}: {said}"
        );
    }
}
