use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn agents_are_put_into_a_group_with_the_guides_warning() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "✓ /connect group link \"Leads East\" john.doe logins:grace.lee,olga.novak", "Put 2 agents into the hierarchy group `Eastern Region/Case Investigation East/Leads East`.", "Removing an agent from a hierarchy group affects historical reports.", "`grace.lee` is already in `Eastern Region/Case Investigation East/Leads East`.", "⇒"),
        ("helpdesk", "/connect group link \"Leads East\" john.doe", "`john.doe` is already in `Eastern Region/Case Investigation East/Leads East`, so there is nothing"),
    }
}

#[tokio::test]
async fn all_that_match_are_put_into_a_group_each_on_their_own_and_how_long_it_takes_is_said() {
    let mut story = Story::with(|options| options.throttled = true).await;
    let told = story.told("admin", "/connect group link \"Desk Support\" matching:\"hierarchy_group:'Eastern Region' include_subgroups\"").await;
    assert!(told.contains("Put 18 agents into the hierarchy group"), "{told}");
    story.tells("admin", "/desk details 1", &["at 2 a second: this takes about 9 s."]).await;
}

#[tokio::test]
async fn an_agent_who_is_not_there_and_a_group_that_is_not_there_are_refused() {
    let mut story = Story::begin().await;
    for (typed, message) in [
        ("\"Leads East\" jon.doe", "No user `jon.doe`."),
        ("\"Leeds East\" john.doe", "No hierarchy group `Leeds East`."),
        ("\"Leads East\"", "`login`, `logins` or `matching` is missing"),
        ("\"Leads East\" matching:\"login:xyz.at.all\"", "No users match"),
    ] {
        let card = story.card("helpdesk", &format!("/connect group link {typed}")).await;
        assert_eq!(card.tone, Tone::Bad, "{typed}");
        assert!(card.words().contains(message), "{typed}: {}", card.words());
    }
    assert_eq!(story.writes().await, 0);
}
