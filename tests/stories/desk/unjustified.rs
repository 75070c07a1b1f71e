use insta::assert_snapshot;

use super::justified::{at_night, broken_glass};

#[tokio::test]
async fn that_it_was_not_right_is_written_down_with_a_sentence() {
    let mut story = broken_glass().await;
    story.says("supervisor", "/desk unjustified 1 \"I was awake and at hand\"").await;
    let history = story.told("auditor", "/desk history 1").await;
    assert!(history.contains("I was awake and at hand"), "{history}");
    assert_snapshot!(story.says("supervisor", "/desk requests").await, @"
    ╭─ · No request is open ───────────────────────────────────────────────────────╮
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn it_is_for_supervisors_and_for_emergencies() {
    let mut story = broken_glass().await;
    let told = story.told("helpdesk", "/desk unjustified 1 \"no\"").await;
    assert!(told.contains("A rule refuses this."), "{told}");
    story.says("helpdesk", "/connect edit mei.chen acw:60").await;
    story.says("helpdesk", "/desk confirm 2").await;
    let told = story.told("supervisor", "/desk unjustified 2 \"no\"").await;
    assert!(told.contains("#2 was done at"), "{told}");
}

#[tokio::test]
async fn one_person_has_three_in_thirty_days() {
    let mut story = at_night().await;
    let asked =
        |acw: u32| format!("/connect edit john.doe acw:{acw} emergency:true reason:\"calls are lost\"");
    for no in 1..=3 {
        story.says("oncall", &asked(no)).await;
        story.says("oncall", &format!("/desk confirm {no} code:phone")).await;
        story.says("supervisor", &format!("/desk unjustified {no} \"it could have waited\"")).await;
        story.says("helpdesk", "wait 24h").await;
    }
    let told = story.told("oncall", &asked(4)).await;
    assert!(told.contains("3 emergencies"), "{told}");
    story.says("helpdesk", "wait 720h").await;
    let told = story.told("oncall", &asked(4)).await;
    assert!(!told.contains("3 emergencies") && told.contains("waits"), "{told}");
}
