use crate::support::Story;

#[tokio::test]
async fn a_closing_that_began_earlier_ends_with_yesterday_and_one_of_today_is_removed() {
    let mut story = Story::begin().await;
    plays! { story: ("supervisor", "✓ /connect hours close \"Basic Hours\" from:2026-11-18 until:2026-11-24 name:Storm", "╭ ✓") }
    let closed = story.world().await;
    plays! { story:
        ("supervisor", "✓ /connect hours open \"Basic Hours\"", "Open `Basic Hours` (America/Chicago) again: end `Storm`.", "Now: closed · Then: 08:00-18:00 Date Fri 20 Nov 2026", "⇒", "╭ ✓"),
        ("supervisor", "/desk details 2", "End `Storm` of `Basic Hours` with yesterday"),
    }
    let overrides = story.world().await["hours_of_operations"]["Basic Hours"]["overrides"].clone();
    assert_eq!(overrides[0]["EffectiveTill"], "2026-11-19", "{overrides}");
    plays! { story: ("supervisor", "✓ /connect undo 2", "╭ ✓") }
    assert_eq!(story.world().await, closed);
}

#[tokio::test]
async fn it_opens_when_the_week_has_it_closed() {
    let mut story = Story::begin().await;
    let line =
        "/connect hours open \"Basic Hours\" from:\"2026-11-22 10:00\" until:14:00 name:\"Storm line\"";
    plays! { story:
        ("supervisor", &format!("✓ {line}"), "Sun 22 Nov 2026 closed 10:00-14:00", "⇒", "╭ ✓"),
        ("helpdesk", "/connect hours show \"Basic Hours\"", "Sun 22 Nov 2026 10:00-14:00 Storm line"),
        ("supervisor", line, "has an override `Storm line` already"),
        // A closing of another day keeps nothing closed then.
        ("supervisor", "✓ /connect hours close \"Basic Hours\" from:2026-12-01 until:2026-12-02 name:Ice", "╭ ✓"),
        ("supervisor", "/connect hours open \"Basic Hours\" from:\"2026-11-23 09:00\" until:12:00", "is open at that time anyway", "≠Ice"),
        ("supervisor", "/connect hours open \"Basic Hours\" from:\"2026-12-01 09:00\" until:12:00", "or `Ice` keeps it closed"),
    }
}

#[tokio::test]
async fn what_does_not_close_is_not_ended_without_its_name() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "/connect hours open \"Basic Hours\"", "No override closes it today, so there is nothing to end."),
        ("supervisor", "/connect hours open \"Basic Hours\" end:Christmas", "No override `Christmas`."),
        ("supervisor", "/connect hours open \"Basic Hours\" end:Christmas until:14:00", "`end` ends an override, and a time adds one."),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn a_closing_that_is_over_for_today_is_not_ended() {
    let mut story = Story::begin().await;
    // It is 03:00 there.
    plays! { story:
        ("supervisor", "✓ /connect hours close \"Around the Clock\" from:03:30 until:04:00 name:Short", "╭ ✓"),
        ("supervisor", "wait 2h"),
        ("supervisor", "/connect hours open \"Around the Clock\"", "`Short` of `Around the Clock` is over: closed 20 Nov 2026"),
    }
}

#[tokio::test]
async fn a_closing_of_several_overrides_ends_whole() {
    let mut story = Story::begin().await;
    let hours = "\"Around the Clock\"";
    // Another closing of the same days, which is not a piece of it.
    plays! { story: ("supervisor", &format!("✓ /connect hours close {hours} from:2026-11-22 name:Party"), "╭ ✓") }
    let before = story.world().await;
    let close = format!("✓ /connect hours close {hours} from:10:00 until:\"2026-11-23 12:00\" name:Flood");
    for (end, says) in table! {
        ("", "end `Flood`, `Flood (2)` and `Flood (3)`."),
        (" end:Flood", "end `Flood`, `Flood (2)`"),
    } {
        plays! { story:
            ("supervisor", &close, "╭ ✓"),
            ("supervisor", &format!("✓ /connect hours open {hours}{end}"), says, "⇒", "╭ ✓"),
        }
        assert_eq!(story.world().await, before, "{end}");
    }
    plays! { story:
        ("supervisor", &close, "╭ ✓"),
        ("supervisor", &format!("/connect hours open {hours} end:\"Flood (2)\""), "again: end `Flood (2)`."),
    }
}
