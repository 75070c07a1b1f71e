use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn the_guides_table_is_shown_and_quick_connects_go_first() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/connect remove mei.chen reason:\"has left\"").await, @"");
    story.says("helpdesk", "/desk confirm 1").await;
    assert_snapshot!(story.says("supervisor", "/desk approve 1").await, @"");
    let world = story.world().await;
    assert!(world["users"]["mei.chen"].is_null());
    assert!(!world["quick_connects"].to_string().contains("Mei Chen"), "{}", world["quick_connects"]);
}

#[tokio::test]
async fn several_are_removed_each_on_its_own() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/connect remove mei.chen omar.aziz,hugo.berg").await, @"");
    story.says("helpdesk", "/desk confirm 1").await;
    let card = story.card("supervisor", "/desk approve 1").await;
    assert_eq!(card.tone, Tone::Good, "{card:?}");
    let world = story.world().await;
    for login in ["mei.chen", "omar.aziz", "hugo.berg"] {
        assert!(world["users"][login].is_null(), "{login}");
    }
}

#[tokio::test]
async fn somebody_who_works_is_not_cut_off_unless_one_insists() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/connect remove abigail.stone").await;
    assert!(told.contains("`abigail.stone` is signed in (`Available` since 08:43 UTC, with 1 contact)"), "{told}");
    let told = story.told("helpdesk", "/connect remove abigail.stone even_if_active").await;
    assert!(told.contains("! `abigail.stone` is signed in and is thrown out"), "{told}");
}

#[tokio::test]
async fn nobody_removes_themselves() {
    let mut config = connect_desk::practice::config().unwrap();
    let helpdesk = config.people.iter_mut().find(|person| person.name == "helpdesk").unwrap();
    helpdesk.login = Some("tara.singh".to_owned());
    let mut story = Story::with(|options| options.config = Some(config)).await;
    let told = story.told("helpdesk", "/connect remove omar.aziz logins:tara.singh").await;
    assert!(told.contains("Nobody removes their own user. Ask somebody else at the desk."), "{told}");
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn nobody_who_is_not_there_is_removed() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/connect remove mei.chan").await;
    assert!(told.contains("There is no user `mei.chan`. Did you mean `mei.chen`?"), "{told}");
    let told = story.told("helpdesk", "/connect remove").await;
    assert!(told.contains("Nobody is named."), "{told}");
}
