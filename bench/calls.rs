//! The calls that each command makes until it answers, on an instance that is full by AWS's defaults, beside the fewest that the API
//! allows: of a desk that was started a moment ago and knows nothing, and of one that has read its directory.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use desk_core::basics::ids::{Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Place;
use desk_core::desk::{Incoming, Invocation};
use desk_core::request::Phase;

use crate::row;
use connect_desk::clock::SystemClock;
use connect_desk::connect::Patience;
use connect_desk::practice::{self, Options, Practice, Unwatched};
use connect_desk::turns::PerMinute;

/// The most calls, as a multiple of the fewest.
const MAY_CALL: f64 = 1.2;

/// A command, and the fewest calls with which the API answers it.
struct Measured {
    line: &'static str,
    /// Of a desk that knows nothing: operation, and how often.
    cold: &'static [(&'static str, u64)],
    /// Of one that knows what the instance consists of, and nothing of single users.
    warm: &'static [(&'static str, u64)],
}

/// A user by their login, with the names of what they have.
const USER: [(&str, u64); 5] = [
    ("SearchUsers", 1),
    ("DescribeUser", 1),
    ("ListRoutingProfiles", 1),
    ("ListSecurityProfiles", 1),
    ("SearchUserHierarchyGroups", 1),
];

/// Amazon Connect's own sums: 500 users on a page of SearchUsers, 100 on one of GetCurrentUserData, 1,000 on one of a list. What a queue offers
/// can be had of one queue at a time.
#[rustfmt::skip]
const COMMANDS: &[Measured] = &[
    Measured {
        line: "/connect show agent000007",
        cold: &[USER[0], USER[1], USER[2], USER[3], USER[4], ("GetCurrentUserData", 1), ("ListAgentStatuses", 1), ("ListUserProficiencies", 1), ("SearchQuickConnects", 1), ("ListQueues", 1), ("ListQueueQuickConnects", 50)],
        warm: &[USER[0], USER[1], USER[4], ("GetCurrentUserData", 1), ("ListAgentStatuses", 1), ("ListUserProficiencies", 1), ("SearchQuickConnects", 1)],
    },
    Measured {
        line: "/connect find agent",
        cold: &[USER[0], USER[2], USER[3], ("ListUserHierarchyGroups", 1)],
        warm: &[USER[0], USER[2], USER[3], ("ListUserHierarchyGroups", 1)],
    },
    Measured {
        line: "/connect diagnose agent000007",
        cold: &[USER[0], USER[1], USER[2], USER[3], USER[4], ("DescribeInstance", 1), ("GetCurrentUserData", 1), ("ListAgentStatuses", 1), ("ListSecurityProfilePermissions", 1)],
        warm: &[USER[0], USER[1], USER[4], ("DescribeInstance", 1), ("GetCurrentUserData", 1), ("ListAgentStatuses", 1), ("ListSecurityProfilePermissions", 1)],
    },
];

pub async fn run(out: &mut dyn Write, folder: &Path) -> Result<bool, Problem> {
    let mut sound = true;
    for (no, measured) in COMMANDS.iter().enumerate() {
        for (kind, warm, least) in [("cold", false, measured.cold), ("warm", true, measured.warm)] {
            let calls = calls_of(&folder.join(format!("{no}-{kind}")), measured.line, warm).await?;
            let (made, fewest) = (calls.values().sum::<u64>(), least.iter().map(|(_, n)| n).sum::<u64>());
            let ratio = made as f64 / fewest as f64;
            let holds = ratio <= MAY_CALL + f64::EPSILON;
            let what = format!("{}, {kind}", measured.line.chars().take(44).collect::<String>());
            let bar = format!("ratio {ratio:.2}, at most {MAY_CALL}");
            row(out, &what, &format!("{made} calls"), &format!("{fewest} at least"), &bar, holds)?;
            if std::env::var_os("DESK_BENCH_CALLS").is_some() {
                writeln!(out, "  {calls:?}").map_err(|error| broken(&error.to_string()))?;
            }
            sound &= holds;
        }
    }
    Ok(sound)
}

/// What is called from the line to the answer: a card, or a plan that waits for someone's yes.
async fn calls_of(folder: &Path, line: &str, warm: bool) -> Result<BTreeMap<String, u64>, Problem> {
    let mut config = practice::config()?;
    config.turns = PerMinute::unlimited();
    let practice = Practice::open(Options {
        state: folder.to_owned(),
        config: Some(config),
        clock: Arc::new(SystemClock::default()),
        throttled: false,
        sim: desk_sim::Options { seed: desk_sim::Seed::Large, ..desk_sim::Options::default() },
        patience: Patience::default(),
        watcher: Arc::new(Unwatched),
        files: folder.to_owned(),
    })
    .await?;
    if warm {
        practice.directory.refresh().await?;
    }
    control(&practice, http::Method::DELETE).await?;
    let by = practice.people.iter().find(|person| person.name == "admin").cloned();
    let by = by.ok_or_else(|| broken("there is no admin"))?;
    let place = Place { platform: Platform::Console, channel: "1".to_owned(), private: false };
    let said = Invocation::Typed(line.to_owned());
    let reply = practice.desk.handle(Incoming { by, place, said }).await;
    if let Some(RequestNo(no)) = reply.request {
        practice.desk.advance(RequestNo(no)).await?;
        let request = practice.desk.request(RequestNo(no)).await?;
        if request.phase != Phase::Waiting {
            return Err(broken(&format!("{line} is {}", request.phase.word())));
        }
    } else if reply.card.words().contains("That does not work") {
        return Err(broken(&format!("{line}: {}", reply.card.words())));
    }
    let calls = control(&practice, http::Method::GET).await?;
    let operations = calls["operations"].as_object().into_iter().flatten();
    let count = |value: &serde_json::Value| value["calls"].as_u64().unwrap_or_default();
    let calls = operations.map(|(operation, value)| (operation.clone(), count(value))).collect();
    practice.close().await?;
    Ok(calls)
}

async fn control(practice: &Practice, method: http::Method) -> Result<serde_json::Value, Problem> {
    let request = http::Request::builder().method(method).uri("/_sim/calls").body(bytes::Bytes::new());
    let request = request.map_err(|error| broken(&error.to_string()))?;
    let answer = practice.sim.handle(request).await.map_err(|error| broken(&error.to_string()))?;
    serde_json::from_slice(answer.body()).or(Ok(serde_json::Value::Null))
}

fn broken(why: &str) -> Problem {
    Problem::operator("bench", format!("The calls can't be counted ({why})."))
        .hint("Report this as a fault of connect-desk.")
}
