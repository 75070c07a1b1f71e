use crate::support::Story;

#[tokio::test]
async fn account_all_roles_and_login_are_shown() {
    let mut story = Story::begin().await;
    plays! { story:
        ("john", "/desk whoami", "`console:1007`", "Roles agent Login `john.doe` Channel `1`"),
        ("oncall", "/desk whoami", "l1 and oncall"),
    }
}

#[tokio::test]
async fn somebody_without_a_role_is_nobody_to_the_desk() {
    let mut config = connect_desk::practice::config().unwrap();
    for person in &mut config.people {
        if person.name == "john" {
            person.roles.clear();
        }
    }
    let mut story = Story::with(|options| options.config = Some(config)).await;
    story.tells("john", "/desk whoami", &["You don't have a role here"]).await;
}
