use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn the_guides_table_is_shown_and_quick_connects_go_first() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect remove mei.chen reason:\"has left\"", "☐ 1 approval", "Lost: user id, own queue, activity audit, password.", "⇒", "✓ Remove mei.chen · completed", "3 of 3 steps.") }
    let world = story.world().await;
    assert!(world["users"]["mei.chen"].is_null());
    assert!(!world["quick_connects"].to_string().contains("Mei Chen"), "{}", world["quick_connects"]);
}

#[tokio::test]
async fn several_are_removed_each_on_its_own() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect remove mei.chen olga.novak,hugo.berg", "Remove 3 users.", "olga.novak Olga Novák olga.novak@example.com", "hugo.berg Hugo Berg", "⇒", "╭ ✓") }
    let world = story.world().await;
    for login in ["mei.chen", "olga.novak", "hugo.berg"] {
        assert!(world["users"][login].is_null(), "{login}");
    }
}

#[tokio::test]
async fn somebody_who_works_is_not_cut_off_unless_one_insists() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect remove abigail.stone", "`abigail.stone` is active (`Available` since 08:43 UTC, with 1 contact)"),
        ("helpdesk", "/connect remove abigail.stone force", "! `abigail.stone` will be disconnected: on a voice contact since 08:54 UTC."),
    }
}

#[tokio::test]
async fn nobody_removes_themselves() {
    let mut config = connect_desk::practice::config().unwrap();
    let helpdesk = config.people.iter_mut().find(|person| person.name == "helpdesk").unwrap();
    helpdesk.login = Some("tara.singh".to_owned());
    let mut story = Story::with(|options| options.config = Some(config)).await;
    plays! { story: ("helpdesk", "/connect remove olga.novak logins:tara.singh", "You can't remove your own user. Ask someone else to request it.") }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn nobody_who_is_not_there_is_removed() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/connect remove mei.chan").await;
    assert!(told.contains("Did you mean `/connect remove mei.chen`?"), "{told}");
    story.tells("helpdesk", "/connect remove", &["`login` or `logins` is missing."]).await;
}

#[tokio::test]
async fn whoever_leaves_is_frozen_in_salesforce_before_the_removal() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "/connect remove mei.chen salesforce:true", "Can't be fully undone. Lost: user id, own queue") }
    let told = story.told("helpdesk", "/desk details 1").await;
    let at = |part: &str| told.find(part).unwrap_or_else(|| panic!("{part}: {told}"));
    assert!(at("1. Freeze `mei.chen@practice.example.com`") < at("4. Remove `mei.chen`"));
    story.says("helpdesk", "/desk confirm 1").await;
    assert_eq!(story.card("supervisor", "/desk approve 1").await.tone, Tone::Good);
    story.tells("helpdesk", "/salesforce show mei.chen", &["Frozen yes"]).await;
    assert!(story.world().await["users"]["mei.chen"].is_null());
}

#[tokio::test]
async fn of_several_the_guides_table_is_shown_whatever_else_is_done() {
    let mut story = Story::begin().await;
    for more in ["", " salesforce:true"] {
        let line = format!("/connect remove mei.chen hana.sato ahmed.farouk{more}");
        let table = ["Mei Chen", "hana.sato@example.com", "ahmed.farouk"];
        story.tells("helpdesk", &line, &table).await;
    }
}
