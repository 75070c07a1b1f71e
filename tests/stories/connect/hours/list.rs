use crate::support::Story;

#[tokio::test]
async fn every_hours_of_operation_is_listed_with_today_and_what_is_to_come() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "✓ /connect hours close \"Basic Hours\" from:2026-12-24 until:2026-12-26 name:Christmas"),
        ("helpdesk", "sim DELETE /_sim/calls"),
        ("helpdesk", "/connect hours list", "Time zone: America/Chicago", "Basic Hours 08:00-18:00 Mon-Fri 08:00-18:00", "`Christmas` in `Basic Hours`: closed 24 Dec 2026 to 26 Dec 2026"),
    }
    let calls = story.sim("GET /_sim/calls").await["operations"].clone();
    assert_eq!(
        calls.as_object().unwrap().values().map(|of| of["calls"].as_u64().unwrap()).sum::<u64>(),
        2,
        "{calls}"
    );
}
