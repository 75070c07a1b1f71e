//! What is counted, as it is printed.

use std::time::Duration;

use connect_desk::metrics::{Family, Gauge, count, observe, page};

#[test]
fn what_is_counted_is_printed_as_prometheus_reads_it() {
    count(Family::Steps, &[("result", "a \"b\"\\\n")]);
    observe(Family::Append, &[], Duration::from_millis(2));
    let gauge =
        Gauge { name: "degraded", help: "Why.", values: vec![(vec![("reason", "x".to_owned())], 1.0)] };
    let page = page(&[gauge, Gauge::one("up", "Up.", 0.5)]);
    for line in [
        "connect_desk_steps_total{result=\"a \\\"b\\\"\\\\\\n\"} 1",
        "# TYPE connect_desk_log_append_seconds histogram",
        // Other tests of this process may count here, too.
        "connect_desk_log_append_seconds_bucket{le=\"0.001\"} ",
        "connect_desk_log_append_seconds_bucket{le=\"0.0025\"} ",
        "connect_desk_log_append_seconds_bucket{le=\"+Inf\"} ",
        "connect_desk_log_append_seconds_count ",
        "connect_desk_degraded{reason=\"x\"} 1",
        "connect_desk_up 0.5",
    ] {
        assert!(page.lines().any(|printed| printed.starts_with(line)), "{line} is not in\n{page}");
    }
    let families = [
        "commands_total",
        "requests_total",
        "approval_seconds",
        "steps_total",
        "emergency_reviews_total",
        "aws_calls_total",
        "log_append_seconds",
        "log_append_failures_total",
    ];
    let gauges = 2;
    assert_eq!(page.matches("# HELP ").count(), families.len() + gauges, "{page}");
    for name in families {
        assert!(page.contains(&format!("# HELP connect_desk_{name} ")), "{name}");
    }
}
