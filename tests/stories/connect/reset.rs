use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn recreate_says_everything_before_and_gives_everything_back() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    assert_snapshot!(story.says("helpdesk", "/connect reset john.doe way:recreate reason:\"INC-1042\"").await, @"");
    story.says("helpdesk", "/desk confirm 1").await;
    assert_snapshot!(story.says("supervisor", "/desk approve 1").await, @"");
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn by_hand_somebody_does_it_in_the_admin_website_and_says_so() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/connect reset john.doe").await, @"");
    story.says("helpdesk", "/desk confirm 1").await;
    assert_snapshot!(story.says("supervisor", "/desk approve 1").await, @"");
    let done = story.card("helpdesk", "/desk done 1").await;
    assert_eq!(done.tone, Tone::Good, "{done:?}");
    assert_eq!(story.writes().await, 0, "nothing was called");
}

#[tokio::test]
async fn somebody_who_works_is_not_cut_off_unless_one_insists() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "world john.doe signs_in").await;
    assert_snapshot!(story.says("helpdesk", "/connect reset john.doe way:recreate").await, @"");
    let card = story.says("helpdesk", "/connect reset john.doe way:recreate even_if_active").await;
    assert!(card.contains("! `john.doe` is signed in and is thrown out"), "{card}");
    story.says("helpdesk", "/desk confirm 2").await;
    let seen = story.says("supervisor", "/desk requests").await;
    assert!(seen.contains("even_if_active:true"), "{seen}");
    assert_eq!(story.card("supervisor", "/desk approve 2").await.tone, Tone::Good);
}

#[tokio::test]
async fn somebody_who_signs_in_after_the_yes_voids_it() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe way:recreate").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("helpdesk", "world john.doe signs_in").await;
    let card = story.says("supervisor", "/desk approve 1").await;
    assert!(card.contains("cannot be done") && card.contains("is signed in"), "{card}");
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn a_changed_world_voids_the_yes_and_says_what_changed() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe way:recreate").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("helpdesk", "world john.doe routing_profile:\"Contact Tracers Profile\"").await;
    assert_snapshot!(story.says("supervisor", "/desk approve 1").await, @"");
    // The new plan needs its own yeses.
    story.says("helpdesk", "/desk confirm 1").await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
    let world = story.world().await;
    assert_eq!(world["users"]["john.doe"]["routing_profile"], "Contact Tracers Profile");
}

#[tokio::test]
async fn where_passwords_live_elsewhere_it_says_where() {
    for (identity, says) in [
        (desk_sim::IdentityType::Saml, "at the identity provider"),
        (desk_sim::IdentityType::ExistingDirectory, "in the directory"),
    ] {
        let mut story = Story::with(|options| options.sim.identity = identity).await;
        for way in ["", "way:console", "way:recreate"] {
            let card = story.card("helpdesk", &format!("/connect reset john.doe {way}")).await;
            assert_eq!(card.tone, Tone::Bad);
            assert!(format!("{card:?}").contains(says), "{identity} {way}: {card:?}");
        }
    }
}

#[tokio::test]
async fn an_agent_is_told_who_could() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("john", "/connect reset jane.doe way:recreate").await, @"");
}

#[tokio::test]
async fn zero_and_off_come_back_as_they_were() {
    let mut story = Story::begin().await;
    let world = story.world().await;
    let unlimited: Vec<String> = world["users"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, user)| user["phone_config"]["AfterContactWorkTimeLimit"] == 0)
        .map(|(login, _)| login.clone())
        .collect();
    assert!(!unlimited.is_empty(), "the guide's practice world has somebody without a limit");
    for (i, login) in unlimited.iter().enumerate() {
        let no = i + 1;
        story.says("helpdesk", &format!("/connect reset {login} way:recreate even_if_active")).await;
        story.says("helpdesk", &format!("/desk confirm {no}")).await;
        story.says("supervisor", &format!("/desk approve {no}")).await;
        let after = story.world().await;
        assert_eq!(after["users"][login]["channels"], world["users"][login]["channels"], "{login}");
        assert_eq!(after["users"][login]["phone_config"], world["users"][login]["phone_config"], "{login}");
    }
}
