use crate::support::Story;

#[tokio::test]
async fn a_part_of_a_name_is_enough() {
    let mut story = Story::begin().await;
    story.tells("helpdesk", "/connect find doe", &["2 users match", "john.doe · John Doe"]).await;
    story.tells("helpdesk", "/connect find jane doe", &["1 user matches", "jane.doe"]).await;
}

#[tokio::test]
async fn every_filter_of_the_console_is_there_by_name() {
    let mut story = Story::begin()
        .await
        .everywhere(&[
            "Block::Table",
            "Kind::Integer",
            "Kind::RoutingProfile",
            "Kind::SecurityProfile",
            "Kind::Text",
            "Kind::Word",
        ])
        .await;
    let table = [
        ("login:john", "john.doe", "jane.doe"),
        ("name:\"o'brien\"", "patrick.obrien", "john.doe"),
        ("routing_profile:\"contact tracers profile\"", "mei.chen", "john.doe"),
        ("security_profile:admin", "jane.doe", "john.doe"),
        ("hierarchy_group:\"Tracers East\"", "mei.chen", "john.doe"),
        ("hierarchy_group:\"Eastern Region\" include_subgroups limit:100", "mei.chen", "no.such"),
        ("tag:site=east limit:100", "john.doe", "no.such"),
    ];
    for (filter, there, not_there) in table {
        let card = story.told("helpdesk", &format!("/connect find {filter}")).await;
        assert!(card.contains(there), "{filter}: {card}");
        assert!(!card.contains(not_there), "{filter}: {card}");
    }
    plays! { story: ("helpdesk", "/connect find hierarchy_group:\"Eastern Region\" limit:100", "≠mei.chen") }
}

#[tokio::test]
async fn names_that_are_wrong_are_answered_with_the_nearest() {
    let mut story = Story::begin().await;
    answers! { story: "helpdesk", "/connect find";
        ("routing_profile:\"Contact Tracer Profle\"", "Did you mean `/connect find routing_profile:\"Contact Tracers Profile\"`?"),
        ("security_profile:Agnet", "Did you mean `/connect find security_profile:Agent`?"),
        ("hierarchy_group:\"Eastern Regoin\"", "Did you mean `/connect find hierarchy_group:\"Eastern Region\"`?"),
        ("tag:east", "Type it as `tag:key=value`"),
        ("include_subgroups", "`include_subgroups` needs a hierarchy group."),
        ("limit:0", "isn't a whole number from 1 to 500"),
    }
}

#[tokio::test]
async fn nobody_and_too_many_are_said() {
    let mut story = Story::begin().await;
    story.tells("helpdesk", "/connect find xyzzy", &["No users match", "Use fewer or shorter words."]).await;
    story.tells("helpdesk", "/connect find limit:2", &["first 2 of"]).await;
}
