use serde_json::json;

use crate::support::Story;

#[tokio::test]
async fn an_emergency_closes_today_and_is_ended_or_undone() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story:
        ("supervisor", "/connect hours close \"Basic Hours\" reason:\"INC-1 the building is evacuated\"", "Close `Basic Hours` (America/Chicago) on 20 Nov 2026.", "Fri 20 Nov 2026 08:00-18:00 closed", "Contacts already in a queue stay there"),
        ("supervisor", "/desk confirm 1"),
        ("second", "/desk approve 1", "╭ ✓"),
        ("helpdesk", "/connect hours show \"Basic Hours\"", "Fri 20 Nov 2026 closed Closed 20 Nov 2026"),
        ("supervisor", "/connect hours close \"Basic Hours\"", "`Basic Hours` is closed at that time anyway"),
        ("supervisor", "☑ /connect undo 1"),
    }
    assert_eq!(story.world().await, before);
}

#[tokio::test]
async fn today_is_the_day_on_which_it_was_asked() {
    let mut story = Story::begin().await;
    // 20 minutes before midnight there.
    story.says("supervisor", "wait 1240m").await;
    story.says("supervisor", "/connect hours close \"Around the Clock\" reason:\"INC-1 a storm\"").await;
    story.says("supervisor", "/desk confirm 1").await;
    story.says("supervisor", "wait 25m").await;
    story.tells("second", "/desk approve 1", &["not possible", "21 Nov 2026 00:00 is over."]).await;
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn a_day_that_the_card_has_no_room_for_is_in_its_details() {
    let mut story = Story::begin().await.everywhere(&["Kind::Moment"]).await;
    plays! { story: ("supervisor", "/connect hours close \"Basic Hours\" from:2026-12-18 until:2026-12-30 name:Storm", "more in Details", "≠Wed 30 Dec 2026") }
    let told = story.told("supervisor", "/desk details 1").await;
    for day in ["Fri 18 Dec 2026", "Tue 22 Dec 2026", "Wed 30 Dec 2026"] {
        assert!(told.contains(&format!("`{day}` · `08:00-18:00` · `closed`")), "{day}: {told}");
    }
}

#[tokio::test]
async fn a_time_over_several_days_is_closed_in_pieces_and_opens_by_itself() {
    let mut story = Story::begin().await;
    let told = story.told("supervisor", "/connect hours close \"Around the Clock\" from:\"2026-12-24 15:00\" until:\"2026-12-26 12:00\" name:Christmas").await;
    assert!(told.contains("from 24 Dec 2026 15:00 to 26 Dec 2026 12:00"), "{told}");
    for row in [
        "Now: open all day Date Then",
        "Thu 24 Dec 2026 00:00-15:00",
        "Fri 25 Dec 2026 closed",
        "Sat 26 Dec 2026 12:00-24:00",
    ] {
        assert!(told.contains(row), "{row}: {told}");
    }
    story.says("supervisor", "/desk confirm 1").await;
    story.says("second", "/desk approve 1").await;
    let center = story.inside().desk.center.clone();
    let hours =
        center.hours().await.unwrap().into_iter().find(|hours| hours.name == "Around the Clock").unwrap();
    let days = center
        .effective(&hours.id, "2026-12-24".parse().unwrap(), "2026-12-27".parse().unwrap())
        .await
        .unwrap();
    let open: Vec<String> = days.iter().map(|day| desk_core::center::hours::spans(&day.open)).collect();
    assert_eq!(open, ["00:00-15:00", "closed", "12:00-24:00", "open all day"]);
}

#[tokio::test]
async fn another_override_in_the_same_time_is_said_and_a_name_is_not_used_twice() {
    let mut story = Story::begin().await;
    let center = story.inside().desk.center.clone();
    let hours = center.hours().await.unwrap().into_iter().find(|hours| hours.name == "Basic Hours").unwrap();
    let body = json!({
        "Name": "Short day", "EffectiveFrom": "2026-12-24", "EffectiveTill": "2026-12-24",
        "Config": [{"Day": "THURSDAY", "StartTime": {"Hours": 8, "Minutes": 0}, "EndTime": {"Hours": 12, "Minutes": 0}}],
    });
    let id = story.inside().sim.instance_id().to_owned();
    plays! { story:
        ("helpdesk", &format!("sim PUT /hours-of-operations/{id}/{}/overrides {body}", hours.id)),
        ("supervisor", "/connect hours close \"Basic Hours\" from:\"2026-12-24 10:00\"", "Thu 24 Dec 2026 08:00-12:00 08:00-10:00", "has another override in this time, `Short day`", "closing has precedence over it."),
        ("supervisor", "/connect hours close \"Basic Hours\" from:2026-12-24 name:\"short day\"", "`Basic Hours` has an override `Short day` already"),
    }
}

#[tokio::test]
async fn times_that_make_no_sense_are_refused() {
    let mut story = Story::begin().await;
    answers! { story: "supervisor", "/connect hours close \"Basic Hours\"";
        ("from:yesterday", "`yesterday` isn't a date or a time."),
        ("from:2026-13-01", "isn't a date or a time."),
        ("from:2026-02-30", "isn't a date or a time."),
        ("from:25:00", "isn't a date or a time."),
        ("until:2026-11-19", "before it starts"),
        ("from:2026-11-18 until:2026-11-19", "is over."),
        ("from:\"2026-12-24 15:00\" until:13:00", "before it starts."),
        ("from:2026-11-20 until:2028-11-20", "more than 366 days."),
        ("from:2026-11-21", "is closed at that time anyway"),
    }
    plays! { story: ("supervisor", "/connect hours close \"Basik Hours\"", "No hours of operation `Basik Hours`.") }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn fifty_overrides_are_as_many_as_there_can_be() {
    let mut story = Story::begin().await;
    let center = story.inside().desk.center.clone();
    let hours = center.hours().await.unwrap().into_iter().find(|hours| hours.name == "Basic Hours").unwrap();
    let id = story.inside().sim.instance_id().to_owned();
    for day in 0..50 {
        let date = jiff::civil::date(2025, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        let body = json!({ "Name": format!("Old {day}"), "EffectiveFrom": date, "EffectiveTill": date, "Config": [] });
        story.sim(&format!("PUT /hours-of-operations/{id}/{}/overrides {body}", hours.id)).await;
    }
    plays! { story: ("supervisor", "/connect hours close \"Basic Hours\"", "`Basic Hours` has 50 overrides. The limit is 50.") }
}

#[tokio::test]
async fn whoever_is_on_call_closes_in_an_emergency_and_the_help_desk_does_not() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect hours close \"Basic Hours\"", "A policy rule denies this. Ask someone with the role supervisor or admin."),
        ("oncall", "/connect hours close \"Basic Hours\" emergency:true reason:\"INC-9 fire\"", "Close hours of operation"),
    }
}

#[tokio::test]
async fn pieces_of_a_long_name_fit_and_only_what_applies_on_a_date_is_told() {
    let mut story = Story::begin().await;
    let center = story.inside().desk.center.clone();
    let hours = center.hours().await.unwrap().into_iter().find(|hours| hours.name == "Basic Hours").unwrap();
    let body = json!({
        "Name": "Monday meeting", "EffectiveFrom": "2026-12-07", "EffectiveTill": "2027-01-31",
        "OverrideType": "CLOSED",
        "Config": [{"Day": "MONDAY", "StartTime": {"Hours": 8, "Minutes": 0}, "EndTime": {"Hours": 9, "Minutes": 0}}],
        "RecurrenceConfig": {"RecurrencePattern": {"Frequency": "WEEKLY", "Interval": 1}},
    });
    let id = story.inside().sim.instance_id().to_owned();
    story.sim(&format!("PUT /hours-of-operations/{id}/{}/overrides {body}", hours.id)).await;
    // The 24th is a Thursday, the 28th a Monday.
    for (day, is_told) in [("2026-12-24", false), ("2026-12-28", true)] {
        let line = format!("/connect hours close \"Basic Hours\" from:{day}");
        let told = story.told("supervisor", &line).await;
        assert_eq!(told.contains("`Monday meeting`"), is_told, "{told}");
    }
    let long = "N".repeat(127);
    let line = format!(
        "/connect hours close \"Basic Hours\" from:\"2027-02-01 12:00\" until:2027-02-02 name:{long}"
    );
    plays! { story: ("second", &format!("✓ {line}"), "· completed") }
    let names: Vec<String> =
        center.overrides_of(&hours.id).await.unwrap().into_iter().map(|one| one.of.name).collect();
    assert!(names.contains(&format!("{} (2)", "N".repeat(123))), "{names:?}");
}
