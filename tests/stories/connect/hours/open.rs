use desk_core::card::Tone;

use crate::support::Story;

async fn done(story: &mut Story, no: u64) {
    let card = story.card("supervisor", &format!("/desk confirm {no}")).await;
    if card.tone == Tone::Asks {
        let card = story.card("second", &format!("/desk approve {no}")).await;
        assert_eq!(card.tone, Tone::Good, "{card:?}");
    }
}

#[tokio::test]
async fn a_closing_that_began_earlier_ends_with_yesterday_and_one_of_today_is_removed() {
    let mut story = Story::begin().await;
    story
        .says(
            "supervisor",
            "/connect hours close \"Basic Hours\" from:2026-11-18 until:2026-11-24 name:Storm",
        )
        .await;
    done(&mut story, 1).await;
    let closed = story.world().await;
    let told = story.told("supervisor", "/connect hours open \"Basic Hours\"").await;
    assert!(told.contains("Open `Basic Hours` (America/Chicago) again: end `Storm`."), "{told}");
    assert!(told.contains("Now: closed · Then: 08:00-18:00 Date Fri 20 Nov 2026"), "{told}");
    story.tells("supervisor", "/desk details 2", &["End `Storm` of `Basic Hours` with yesterday"]).await;
    done(&mut story, 2).await;
    let overrides = story.world().await["hours_of_operations"]["Basic Hours"]["overrides"].clone();
    assert_eq!(overrides[0]["EffectiveTill"], "2026-11-19", "{overrides}");
    story.says("supervisor", "/connect undo 2").await;
    done(&mut story, 3).await;
    assert_eq!(story.world().await, closed);
}

#[tokio::test]
async fn it_opens_when_the_week_has_it_closed() {
    let mut story = Story::begin().await;
    let line =
        "/connect hours open \"Basic Hours\" from:\"2026-11-22 10:00\" until:14:00 name:\"Storm line\"";
    let told = story.told("supervisor", line).await;
    assert!(told.contains("Sun 22 Nov 2026 closed 10:00-14:00"), "{told}");
    done(&mut story, 1).await;
    let told = story.told("helpdesk", "/connect hours show \"Basic Hours\"").await;
    assert!(told.contains("Sun 22 Nov 2026 10:00-14:00 Storm line"), "{told}");
    story.tells("supervisor", line, &["has an override `Storm line` already"]).await;
    let told = story
        .told("supervisor", "/connect hours open \"Basic Hours\" from:\"2026-11-23 09:00\" until:12:00")
        .await;
    assert!(told.contains("is open at that time anyway"), "{told}");
}

#[tokio::test]
async fn what_does_not_close_is_not_ended_without_its_name() {
    let mut story = Story::begin().await;
    let told = story.told("supervisor", "/connect hours open \"Basic Hours\"").await;
    assert!(told.contains("No override closes it today, so there is nothing to end."), "{told}");
    let told = story.told("supervisor", "/connect hours open \"Basic Hours\" end:Christmas").await;
    assert!(told.contains("No override `Christmas`."), "{told}");
    let told =
        story.told("supervisor", "/connect hours open \"Basic Hours\" end:Christmas until:14:00").await;
    assert!(told.contains("`end` ends an override, and a time adds one."), "{told}");
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn a_closing_that_is_over_for_today_is_not_ended() {
    let mut story = Story::begin().await;
    // It is 03:00 there.
    let line = "/connect hours close \"Around the Clock\" from:03:30 until:04:00 name:Short";
    story.says("supervisor", line).await;
    done(&mut story, 1).await;
    story.says("supervisor", "wait 2h").await;
    let told = story.told("supervisor", "/connect hours open \"Around the Clock\"").await;
    assert!(told.contains("`Short` of `Around the Clock` is over: closed 20 Nov 2026"), "{told}");
}

#[tokio::test]
async fn a_closing_of_several_overrides_ends_whole() {
    let mut story = Story::begin().await;
    let hours = "\"Around the Clock\"";
    // Another closing of the same days, which is not a piece of it.
    story.says("supervisor", &format!("/connect hours close {hours} from:2026-11-22 name:Party")).await;
    done(&mut story, 1).await;
    let before = story.world().await;
    let close = format!("/connect hours close {hours} from:10:00 until:\"2026-11-23 12:00\" name:Flood");
    let mut no = 1;
    for (end, says) in
        [("", "end `Flood`, `Flood (2)` and `Flood (3)`."), (" end:Flood", "end `Flood`, `Flood (2)`")]
    {
        story.says("supervisor", &close).await;
        done(&mut story, no + 1).await;
        let told = story.told("supervisor", &format!("/connect hours open {hours}{end}")).await;
        assert!(told.contains(says), "{told}");
        done(&mut story, no + 2).await;
        assert_eq!(story.world().await, before, "{end}");
        no += 2;
    }
    story.says("supervisor", &close).await;
    done(&mut story, no + 1).await;
    let told = story.told("supervisor", &format!("/connect hours open {hours} end:\"Flood (2)\"")).await;
    assert!(told.contains("again: end `Flood (2)`."), "{told}");
}
