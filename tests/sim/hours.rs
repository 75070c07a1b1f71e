//! Hours of operation: overrides, and what holds on a date.

use desk_sim::Seed;
use serde_json::{Value, json};

use crate::support::{Center, DUPLICATE, FULL, MISSING, PARAMETER, REQUEST, condition, each, equals, merged};

async fn basic(center: &Center) -> Value {
    center.ids(json!({ "HoursOfOperationId": "@hours_of_operations/Basic Hours" })).await
}

fn time(text: &str) -> Value {
    let (hours, minutes) = text.split_once(':').unwrap();
    json!({ "Hours": hours.parse::<i64>().unwrap(), "Minutes": minutes.parse::<i64>().unwrap() })
}

fn slot(day: &str, start: &str, end: &str) -> Value {
    json!({ "Day": day, "StartTime": time(start), "EndTime": time(end) })
}

/// An override of this type on these dates.
fn over(name: &str, kind: &str, config: &Value, dates: (&str, &str)) -> Value {
    json!({ "Name": name, "OverrideType": kind, "Config": config, "EffectiveFrom": dates.0, "EffectiveTill": dates.1 })
}

fn recurring(over: Value, pattern: Value) -> Value {
    merged(over, json!({ "RecurrenceConfig": { "RecurrencePattern": pattern } }))
}

fn weekly() -> Value {
    json!({ "Frequency": "WEEKLY", "Interval": 1 })
}

/// The open hours of each date, such as `8:00-18:00`.
async fn open(center: &Center, hours: &Value, from: &str, to: &str) -> Vec<String> {
    let input = merged(hours.clone(), json!({ "FromDate": from, "ToDate": to }));
    let output = center.ok("GetEffectiveHoursOfOperations", input).await;
    let text = |time: &Value| format!("{}:{:02}", time["Hours"], time["Minutes"].as_i64().unwrap());
    let stretches = |date: &Value| {
        let stretches = date["OperationalHours"].as_array().unwrap().iter();
        stretches
            .map(|stretch| format!("{}-{}", text(&stretch["Start"]), text(&stretch["End"])))
            .collect::<Vec<_>>()
            .join(" ")
    };
    output["EffectiveHoursOfOperationList"].as_array().unwrap().iter().map(stretches).collect()
}

/// What holds from Friday to Tuesday (2026-03-06 to 2026-03-10) with these overrides.
async fn with(overrides: &[Value]) -> String {
    let center = Center::guide();
    let hours = basic(&center).await;
    for over in overrides {
        center.ok("CreateHoursOfOperationOverride", merged(hours.clone(), over.clone())).await;
    }
    open(&center, &hours, "2026-03-06", "2026-03-10").await.join(" | ")
}

#[tokio::test]
async fn closed_events_come_before_open_ones_before_temporary_hours_before_the_week() {
    let monday = ("2026-03-09", "2026-03-09");
    let all = ("2026-03-01", "2026-03-31");
    let closed = |config: Value, dates| recurring(over("Closed", "CLOSED", &config, dates), weekly());
    let opened = |config: Value, dates| recurring(over("Open", "OPEN", &config, dates), weekly());
    let half = over("Half", "STANDARD", &json!([slot("MONDAY", "8:00", "12:00")]), monday);
    for (overrides, wanted) in table! {
        (vec![], "8:00-18:00 |  |  | 8:00-18:00 | 8:00-18:00"),
        // Closed now: today, all day.
        (vec![closed(json!([]), monday)], "8:00-18:00 |  |  |  | 8:00-18:00"),
        (vec![closed(json!([slot("MONDAY", "12:00", "16:00")]), all)], "8:00-18:00 |  |  | 8:00-12:00 16:00-18:00 | 8:00-18:00"),
        (vec![closed(json!([{ "StartTime": time("17:00"), "EndTime": time("0:00") }]), all)], "8:00-17:00 |  |  | 8:00-17:00 | 8:00-17:00"),
        (vec![opened(json!([slot("SUNDAY", "10:00", "22:00")]), all)], "8:00-18:00 |  | 10:00-22:00 | 8:00-18:00 | 8:00-18:00"),
        (vec![opened(json!([slot("MONDAY", "18:00", "0:00")]), all)], "8:00-18:00 |  |  | 8:00-0:00 | 8:00-18:00"),
        (vec![half.clone()], "8:00-18:00 |  |  | 8:00-12:00 | 8:00-18:00"),
        // Temporary hours that leave a date of theirs out close it.
        (vec![over("Gone", "STANDARD", &json!([]), ("2026-03-09", "2026-03-10"))], "8:00-18:00 |  |  |  | "),
        (vec![half.clone(), opened(json!([slot("MONDAY", "14:00", "15:00")]), all)], "8:00-18:00 |  |  | 8:00-12:00 14:00-15:00 | 8:00-18:00"),
        (
            vec![
                half,
                opened(json!([slot("MONDAY", "14:00", "15:00")]), all),
                closed(json!([slot("MONDAY", "11:00", "14:30")]), all),
            ],
            "8:00-18:00 |  |  | 8:00-11:00 14:30-15:00 | 8:00-18:00",
        ),
    } {
        assert_eq!(with(&overrides).await, wanted, "{overrides:?}");
    }
}

#[tokio::test]
async fn events_recur_by_week_month_and_year() {
    let center = Center::guide();
    for (pattern, config, wanted) in table! {
        (json!({ "Frequency": "WEEKLY", "Interval": 2 }), json!([slot("SATURDAY", "9:00", "10:00")]), "01-03 01-17 01-31 02-14 02-28 03-14 03-28"),
        (json!({ "Frequency": "MONTHLY", "Interval": 1, "ByMonthDay": [-1] }), json!([{ "StartTime": time("1:00"), "EndTime": time("2:00") }]), "01-31 02-28 03-31"),
        (json!({ "Frequency": "MONTHLY", "Interval": 2, "ByMonthDay": [31] }), json!([{ "StartTime": time("1:00"), "EndTime": time("2:00") }]), "01-31 03-31"),
        (json!({ "Frequency": "MONTHLY", "Interval": 1, "ByWeekdayOccurrence": [2] }), json!([slot("TUESDAY", "1:00", "2:00")]), "01-13 02-10 03-10"),
        (json!({ "Frequency": "MONTHLY", "Interval": 1, "ByWeekdayOccurrence": [-1] }), json!([slot("FRIDAY", "1:00", "2:00")]), "01-30 02-27 03-27"),
        (json!({ "Frequency": "YEARLY", "Interval": 1, "ByMonth": [2], "ByMonthDay": [14] }), json!([{ "StartTime": time("1:00"), "EndTime": time("2:00") }]), "02-14"),
        (json!({ "Frequency": "YEARLY", "Interval": 1, "ByMonth": [3], "ByWeekdayOccurrence": [1] }), json!([slot("MONDAY", "1:00", "2:00")]), "03-02"),
    } {
        let hours = json!({ "HoursOfOperationId": "@hours_of_operations/Basic Hours" });
        let event = recurring(over("Event", "OPEN", &config, ("2026-01-01", "2026-03-31")), pattern.clone());
        let made = center.ok("CreateHoursOfOperationOverride", merged(hours.clone(), event)).await;
        let input = merged(hours.clone(), json!({ "FromDate": "2025-12-15", "ToDate": "2026-04-15" }));
        let output = center.ok("GetEffectiveHoursOfOperations", input).await;
        let dates = each(&output["EffectiveOverrideHoursList"], "Date")
            .into_iter()
            .map(|date| date.strip_prefix("2026-").unwrap().to_owned());
        assert_eq!(dates.collect::<Vec<_>>().join(" "), wanted, "{pattern}");
        center
            .ok(
                "DeleteHoursOfOperationOverride",
                merged(hours, json!({ "HoursOfOperationOverrideId": made["HoursOfOperationOverrideId"] })),
            )
            .await;
    }
}

#[tokio::test]
async fn overrides_that_cannot_be_meant_are_refused() {
    let center = Center::guide();
    let hours = basic(&center).await;
    let date = ("2026-03-09", "2026-03-09");
    let taken = over("Taken", "STANDARD", &json!([]), ("2026-03-20", "2026-03-25"));
    center.ok("CreateHoursOfOperationOverride", merged(hours.clone(), taken)).await;
    let before = center.world().await;
    let standard = |config: Value| over("New", "STANDARD", &config, date);
    let monthly = |more: Value| {
        recurring(
            over("New", "CLOSED", &json!([]), date),
            merged(json!({ "Frequency": "MONTHLY", "Interval": 1 }), more),
        )
    };
    center
        .refuses("CreateHoursOfOperationOverride", &hours, table! {
        (over("Taken", "STANDARD", &json!([]), date), DUPLICATE),
        (over("", "STANDARD", &json!([]), date), PARAMETER),
        (over("Cafe\u{301}", "STANDARD", &json!([]), date), PARAMETER),
        (over("New", "STANDARD", &json!([]), ("2026-03-09", "2026-03-08")), PARAMETER),
        (over("New", "STANDARD", &json!([]), ("2026-02-30", "2026-03-08")), PARAMETER),
        (over("New", "STANDARD", &json!([]), ("9.3.2026", "2026-03-09")), PARAMETER),
        (over("New", "STANDARD", &json!([]), ("2026-03-01", "2026-03-20")), PARAMETER),
        (standard(json!([slot("MONDAY", "12:00", "8:00")])), PARAMETER),
        (standard(json!([slot("MONDAY", "8:00", "12:00"), slot("MONDAY", "11:59", "13:00")])), PARAMETER),
        (standard(json!([{ "StartTime": time("8:00"), "EndTime": time("9:00") }])), PARAMETER),
        (standard(json!([{ "Day": "MONDAY" }])), PARAMETER),
        (standard(json!([{ "Day": "MONDAY", "StartTime": time("8:00") }])), PARAMETER),
        (standard(json!([slot("MONDAY", "24:00", "9:00")])), PARAMETER),
        (standard(json!([slot("FUNDAY", "8:00", "9:00")])), PARAMETER),
        (standard(json!(vec![json!({}); 101])), PARAMETER),
        (recurring(standard(json!([])), weekly()), PARAMETER),
        // OPEN and CLOSED are recurring events, and an open one says when.
        (over("New", "CLOSED", &json!([]), date), PARAMETER),
        (recurring(over("New", "OPEN", &json!([]), date), weekly()), PARAMETER),
        (recurring(over("New", "CLOSED", &json!([]), date), json!({ "Frequency": "WEEKLY", "Interval": 7 })), PARAMETER),
        (recurring(over("New", "CLOSED", &json!([]), date), json!({ "Frequency": "WEEKLY", "Interval": 1, "ByMonthDay": [1] })), PARAMETER),
        (monthly(json!({})), PARAMETER),
        (monthly(json!({ "ByMonth": [3], "ByMonthDay": [1] })), PARAMETER),
        (monthly(json!({ "ByMonthDay": [1, 2] })), PARAMETER),
        (monthly(json!({ "ByMonthDay": [0] })), PARAMETER),
        (monthly(json!({ "ByMonthDay": [32] })), PARAMETER),
        (monthly(json!({ "ByWeekdayOccurrence": [2] })), PARAMETER),
        (monthly(json!({ "ByMonthDay": [1], "ByWeekdayOccurrence": [2] })), PARAMETER),
        (monthly(json!({ "Frequency": "YEARLY", "ByMonthDay": [1] })), PARAMETER),
        (merged(standard(json!([])), json!({ "EffectiveTill": null })), REQUEST),
        (merged(standard(json!([])), json!({ "HoursOfOperationId": "nothing" })), MISSING),
    })
        .await;
    for (from, to) in
        [("2026-03-09", "2026-03-08"), ("2026-01-01", "2027-01-03"), ("2026-02-30", "2026-03-01")]
    {
        let input = merged(hours.clone(), json!({ "FromDate": from, "ToDate": to }));
        assert_eq!(center.refused("GetEffectiveHoursOfOperations", input).await, PARAMETER, "{from} {to}");
    }
    assert_eq!(center.world().await, before);
}

#[tokio::test]
async fn an_override_is_changed_listed_found_and_removed() {
    let center = Center::guide();
    let hours = basic(&center).await;
    let date = ("2026-03-09", "2026-03-09");
    let closing = recurring(over("Water damage", "CLOSED", &json!([]), date), weekly());
    let made = center.ok("CreateHoursOfOperationOverride", merged(hours.clone(), closing.clone())).await;
    let id = merged(hours.clone(), made);
    let described = || async {
        center.ok("DescribeHoursOfOperationOverride", id.clone()).await["HoursOfOperationOverride"].take()
    };
    for (member, value) in closing.as_object().unwrap() {
        assert_eq!(described().await[member], *value, "{member}");
    }
    center
        .ok(
            "UpdateHoursOfOperationOverride",
            merged(id.clone(), json!({ "EffectiveTill": "2026-03-10", "Description": "Ends tomorrow." })),
        )
        .await;
    assert_eq!(open(&center, &hours, "2026-03-09", "2026-03-11").await, ["", "", "8:00-18:00"]);
    // Temporary hours do not recur any more.
    center
        .ok("UpdateHoursOfOperationOverride", merged(id.clone(), json!({ "OverrideType": "STANDARD" })))
        .await;
    assert!(described().await["RecurrenceConfig"].is_null());
    let listed = center.ok("ListHoursOfOperationOverrides", hours.clone()).await;
    assert_eq!(listed["HoursOfOperationOverrideList"], json!([described().await]));
    let too_early = merged(id.clone(), json!({ "EffectiveTill": "2026-03-08" }));
    assert_eq!(center.refused("UpdateHoursOfOperationOverride", too_early).await, PARAMETER);
    // One of other hours is not found under these.
    let other = json!({ "HoursOfOperationId": "@hours_of_operations/Around the Clock" });
    assert_eq!(center.refused("DescribeHoursOfOperationOverride", merged(id.clone(), other)).await, MISSING);
    center.ok("DeleteHoursOfOperationOverride", id.clone()).await;
    assert_eq!(center.refused("DeleteHoursOfOperationOverride", id).await, MISSING);
    for number in 0..50 {
        let day = format!("2027-01-{:02}", number % 28 + 1);
        let event = recurring(over(&format!("Event {number}"), "CLOSED", &json!([]), (&day, &day)), weekly());
        center.ok("CreateHoursOfOperationOverride", merged(hours.clone(), event)).await;
    }
    assert_eq!(center.refused("CreateHoursOfOperationOverride", merged(hours, closing)).await, FULL);
}

#[tokio::test]
async fn one_search_has_the_overrides_of_all_hours() {
    let center = Center::with(|options| options.seed = Seed::Untidy);
    let hours = center.named("hours_of_operations", "Vaccination Hours").await;
    let date = |field: &str, comparison: &str, value: &str| json!({ "DateCondition": { "FieldName": field, "ComparisonType": comparison, "Value": value } });
    for (criteria, wanted) in [
        (json!({}), "First Saturday, Independence Day, New Year 2020"),
        (condition("name", "new year", "STARTS_WITH"), "New Year 2020"),
        (equals("hoursOfOperationId", &hours), "First Saturday, Independence Day, New Year 2020"),
        (date("effectiveTill", "GREATER_THAN_OR_EQUAL_TO", "2026-01-01"), "First Saturday, Independence Day"),
        (date("effectiveTill", "LESS_THAN", "2026-01-01"), "New Year 2020"),
        (date("effectiveFrom", "EQUAL_TO", "2020-01-01"), "New Year 2020"),
    ] {
        let output =
            center.ok("SearchHoursOfOperationOverrides", json!({ "SearchCriteria": criteria })).await;
        assert_eq!(each(&output["HoursOfOperationOverrides"], "Name").join(", "), wanted, "{criteria}");
    }
    for hours in ["Basic Hours", "Vaccination Hours"] {
        let found =
            center.ok("SearchHoursOfOperations", json!({ "SearchCriteria": equals("name", hours) })).await;
        let id = json!({ "HoursOfOperationId": found["HoursOfOperations"][0]["HoursOfOperationId"] });
        let described = center.ok("DescribeHoursOfOperation", id).await;
        assert_eq!(found["HoursOfOperations"][0], described["HoursOfOperation"]);
    }
}
