use crate::support::Story;

#[tokio::test]
async fn two_weeks_are_shown_as_amazon_connect_says() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect hours show \"basic hours\"", "Time zone `America/Chicago`, now 03:00", "Sat 21 Nov 2026 closed", "Thu 3 Dec 2026 08:00-18:00"),
        ("helpdesk", "/connect hours show \"Basik Hours\"", "Did you mean `/connect hours show Basic Hours`?"),
    }
}

/// The desk's own reading of overrides is the one that the service has, whatever their kinds.
#[tokio::test]
async fn overrides_of_every_kind_are_read_as_the_service_reads_them() {
    let story = Story::with(|options| options.sim.seed = "untidy".parse().unwrap()).await;
    let center = story.inside().desk.center.clone();
    let (from, till) = ("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap());
    let mut overridden = 0;
    for hours in center.hours().await.unwrap() {
        let own = center.overrides_of(&hours.id).await.unwrap();
        for day in center.effective(&hours.id, from, till).await.unwrap() {
            let overrides = own.iter().map(|one| &one.of);
            let open = desk_core::center::hours::effective(&hours, overrides, day.date);
            assert_eq!(open, day.open, "{} on {}", hours.name, day.date);
            overridden += usize::from(!day.by.is_empty());
        }
    }
    assert!(overridden > 0, "the untidy world has overrides");
}
