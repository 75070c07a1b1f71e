use desk_core::card::Tone;

use crate::support::Story;

#[tokio::test]
async fn when_it_is_lifted_everything_goes_on() {
    let mut story = Story::begin().await;
    plays! { story: ("supervisor", "☑ /desk freeze all") }
    assert_eq!(story.card("second", "/desk unfreeze 1").await.tone, Tone::Good);
    plays! { story: ("helpdesk", "☑ /connect edit john.doe acw:60", "╭ ✓") }
}

#[tokio::test]
async fn what_is_no_freeze_is_not_lifted() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect edit john.doe acw:60").await;
    story.tells("helpdesk", "/desk unfreeze 1", &["#1 still needs"]).await;
}

#[tokio::test]
async fn a_freeze_is_lifted_by_who_froze_or_who_leads_and_not_by_whom_it_is_about() {
    let mut story = Story::ruled(|config| {
        let second = config.people.iter_mut().find(|person| person.name == "second").unwrap();
        second.login = Some("john.doe".to_owned());
    })
    .await;
    plays! { story:
        ("admin", "☑ /desk freeze john.doe"),
        ("helpdesk", "/desk unfreeze 1", "Only the requester, admin, or a supervisor or admin can lift #1."),
        ("second", "/desk unfreeze 1", "You can't lift a freeze on yourself."),
    }
    assert!(story.told("helpdesk", "/connect edit john.doe acw:60").await.contains("froze"));
    let told = story.told("supervisor", "/desk unfreeze 1").await;
    assert!(told.contains("Lifted 09:00 UTC by supervisor"), "{told}");
    story.tells("admin", "/desk history 1", &["supervisor · lifted 1. \"Freeze 'john.doe'\""]).await;
    plays! { story: ("admin", "/desk details 1", "supervisor lifted #1 at", "≠Once approved") }
}
