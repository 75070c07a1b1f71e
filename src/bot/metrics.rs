//! What is counted, in the text format that Prometheus reads (version 0.0.4). One process is one desk, so there is one set of numbers.
//!
//! Labels have few values: commands and operations that exist, outcomes and codes. No login, name, address or request number is one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// A family of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    Asked,
    Requests,
    ToApproval,
    Steps,
    Emergencies,
    AwsCalls,
    Append,
    AppendFailures,
}

const PREFIX: &str = "connect_desk_";

/// Upper bounds of the buckets, in seconds.
const APPEND: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0];
const APPROVAL: &[f64] = &[5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 14400.0, 86400.0];

struct About {
    name: &'static str,
    help: &'static str,
    /// None for a counter.
    buckets: Option<&'static [f64]>,
}

impl Family {
    const ALL: [Family; 8] = [
        Family::Asked,
        Family::Requests,
        Family::ToApproval,
        Family::Steps,
        Family::Emergencies,
        Family::AwsCalls,
        Family::Append,
        Family::AppendFailures,
    ];

    const fn about(self) -> About {
        let (name, help, buckets) = match self {
            Family::Asked => {
                ("commands_total", "Commands by first result: answered, accepted or refused.", None)
            }
            Family::Requests => ("requests_total", "Requests that ended, by command and outcome.", None),
            Family::ToApproval => {
                ("approval_seconds", "Time from a plan's card to each approval of it.", Some(APPROVAL))
            }
            Family::Steps => ("steps_total", "Steps of requests by result.", None),
            Family::Emergencies => ("emergency_reviews_total", "Emergencies that were reviewed.", None),
            Family::AwsCalls => {
                ("aws_calls_total", "Calls to AWS by service, operation and what the answer means.", None)
            }
            Family::Append => {
                ("log_append_seconds", "Time until lines of the approval log are on disk.", Some(APPEND))
            }
            Family::AppendFailures => {
                ("log_append_failures_total", "Times the approval log could not be written.", None)
            }
        };
        About { name, help, buckets }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Value {
    count: u64,
    /// Observations in each bucket, and what all of them add up to.
    buckets: Vec<u64>,
    sum: f64,
}

/// A value of a label is a part of the key, written as it is printed.
type Values = BTreeMap<(Family, String), Value>;

static VALUES: LazyLock<Mutex<Values>> = LazyLock::new(Mutex::default);

/// A number as it is at the moment of asking.
pub struct Gauge {
    pub name: &'static str,
    pub help: &'static str,
    /// Labels and the number for them.
    pub values: Vec<(Vec<(&'static str, String)>, f64)>,
}

impl Gauge {
    pub fn one(name: &'static str, help: &'static str, value: f64) -> Gauge {
        Gauge { name, help, values: vec![(Vec::new(), value)] }
    }
}

/// One more of these.
pub fn count(family: Family, labels: &[(&str, &str)]) {
    with(family, labels, |value| value.count += 1);
}

/// It took so long.
pub fn observe(family: Family, labels: &[(&str, &str)], took: Duration) {
    let buckets = family.about().buckets.unwrap_or_default();
    let seconds = took.as_secs_f64();
    with(family, labels, |value| {
        value.count += 1;
        value.sum += seconds;
        value.buckets.resize(buckets.len(), 0);
        for (bound, bucket) in buckets.iter().zip(&mut value.buckets) {
            *bucket += u64::from(seconds <= *bound);
        }
    });
}

fn with(family: Family, labels: &[(&str, &str)], change: impl FnOnce(&mut Value)) {
    let key = (family, written(labels.iter().copied()));
    change(VALUES.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
}

/// Labels as they stand between braces.
fn written<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    labels.map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect::<Vec<_>>().join(",")
}

fn braced(labels: &str) -> String {
    if labels.is_empty() { String::new() } else { format!("{{{labels}}}") }
}

/// Everything that was counted, and these.
pub fn page(gauges: &[Gauge]) -> String {
    let values = VALUES.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut page = String::new();
    let head = |page: &mut String, name: &str, help: &str, kind: &str| {
        let _ = writeln!(page, "# HELP {PREFIX}{name} {help}\n# TYPE {PREFIX}{name} {kind}");
    };
    for family in Family::ALL {
        let About { name, help, buckets } = family.about();
        head(&mut page, name, help, if buckets.is_some() { "histogram" } else { "counter" });
        for ((_, labels), value) in values.iter().filter(|((of, _), _)| *of == family) {
            let Some(buckets) = buckets else {
                let _ = writeln!(page, "{PREFIX}{name}{} {}", braced(labels), value.count);
                continue;
            };
            let comma = if labels.is_empty() { "" } else { "," };
            for (bound, count) in buckets.iter().zip(&value.buckets) {
                let _ = writeln!(page, "{PREFIX}{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {count}");
            }
            let _ = writeln!(page, "{PREFIX}{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {}", value.count);
            let _ = writeln!(page, "{PREFIX}{name}_sum{} {}", braced(labels), value.sum);
            let _ = writeln!(page, "{PREFIX}{name}_count{} {}", braced(labels), value.count);
        }
    }
    for Gauge { name, help, values } in gauges {
        head(&mut page, name, help, "gauge");
        for (labels, value) in values {
            let labels = written(labels.iter().map(|(name, value)| (*name, value.as_str())));
            let _ = writeln!(page, "{PREFIX}{name}{} {value}", braced(&labels));
        }
    }
    page
}
