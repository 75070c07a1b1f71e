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
use desk_core::log::Outcome;
use desk_core::request::Phase;
use jiff::Timestamp;

use crate::row;
use connect_desk::clock::ScriptClock;
use connect_desk::practice::{self, Options, Practice, Unwatched};
use connect_desk::rate_limits::PerMinute;
use connect_desk::systems::connect::Patience;

/// 15:00 UTC on 20 November 2026, in the hours of the practice center.
const FRIDAY: Timestamp = Timestamp::constant(1_795_186_800, 0);

/// The most calls, as a multiple of the fewest.
const MAY_CALL: f64 = 1.2;

/// A command, and the fewest calls with which the API answers it.
struct Measured {
    line: &'static str,
    /// What was done before, and is not counted.
    before: Option<&'static str>,
    /// Operation and how often, of a desk that knows nothing.
    cold: &'static [Calls],
    /// Those among them that one needs not make which has read its directory and knows nothing of single users.
    known: &'static [&'static str],
    /// What that one reads again, because it is acted on.
    acts_on: &'static [Calls],
}

type Calls = (&'static str, u64);

const SEARCH: Calls = ("SearchUsers", 1);
const USER: Calls = ("DescribeUser", 1);
const ROUTING: Calls = ("ListRoutingProfiles", 1);
const SECURITY: Calls = ("ListSecurityProfiles", 1);
const GROUP: Calls = ("SearchUserHierarchyGroups", 1);
const GROUPS: Calls = ("ListUserHierarchyGroups", 1);
const INSTANCE: Calls = ("DescribeInstance", 1);
const WORK: Calls = ("GetCurrentUserData", 1);
const STATUSES: Calls = ("ListAgentStatuses", 1);
const SKILLS: Calls = ("ListUserProficiencies", 1);
const QUICK: Calls = ("SearchQuickConnects", 1);
/// A search may lag, and a list says which quick connects were changed since they were read.
const LISTED: Calls = ("ListQuickConnects", 1);
const QUEUES: Calls = ("ListQueues", 1);
/// No search tells what a queue offers: it can be had of one queue at a time.
const OFFERS: Calls = ("ListQueueQuickConnects", 50);
/// A search with a hundred on a page, of the 506 groups.
const TREE: Calls = ("SearchUserHierarchyGroups", 6);
const LEVELS: Calls = ("DescribeUserHierarchyStructure", 1);
const ALL_QUEUES: Calls = ("SearchQueues", 1);
const PROFILES: Calls = ("SearchRoutingProfiles", 1);
const FLOWS: Calls = ("ListContactFlows", 1);
const RIGHTS: Calls = ("ListSecurityProfilePermissions", 1);

/// What the directory knows.
const NAMES: &[&str] =
    &["ListRoutingProfiles", "ListSecurityProfiles", "SearchUserHierarchyGroups", "ListQueues"];
const NAMES_AND_OFFERS: &[&str] = &[
    "ListRoutingProfiles",
    "ListSecurityProfiles",
    "SearchUserHierarchyGroups",
    "ListQueues",
    "ListQueueQuickConnects",
];

/// Amazon Connect's own sums: 500 users on a page of SearchUsers, 100 on one of GetCurrentUserData, 1,000 on one of a list.
#[rustfmt::skip]
const COMMANDS: &[Measured] = &[
    Measured { before: None, known: NAMES_AND_OFFERS, acts_on: &[],
        line: "/connect show agent000007",
        cold: &[SEARCH, USER, ROUTING, SECURITY, GROUP, WORK, STATUSES, SKILLS, QUICK, QUEUES, OFFERS] },
    Measured { before: None, known: NAMES, acts_on: &[],
        line: "/connect find agent",
        cold: &[SEARCH, ROUTING, SECURITY, GROUPS] },
    Measured { before: None, known: NAMES, acts_on: &[],
        line: "/connect diagnose agent000007",
        cold: &[SEARCH, USER, ROUTING, SECURITY, GROUP, INSTANCE, WORK, STATUSES, RIGHTS] },
    Measured { before: None, known: NAMES_AND_OFFERS, acts_on: &[("ListQueueQuickConnects", 1)],
        line: "/connect remove agent000007 force:true reason:\"INC-1 has left\"",
        cold: &[SEARCH, USER, ROUTING, SECURITY, GROUP, WORK, STATUSES, SKILLS, QUICK, QUEUES, OFFERS, RIGHTS] },
    Measured { before: None, known: NAMES_AND_OFFERS, acts_on: &[("ListQueueQuickConnects", 1)],
        line: "/connect remove agent000011,agent000012,agent000013,agent000014,agent000015,agent000016,agent000017,agent000018,agent000019,agent000020 force:true reason:\"INC-1\"",
        cold: &[SEARCH, ("DescribeUser", 10), ROUTING, SECURITY, ("SearchUserHierarchyGroups", 6), ("GetCurrentUserData", 2), STATUSES, ("ListUserProficiencies", 10), QUICK, QUEUES, OFFERS, ("SearchRoutingProfiles", 1), ("ListSecurityProfilePermissions", 2)] },
    Measured { before: None, known: NAMES, acts_on: &[],
        line: "/connect edit agent000007 acw:61 reason:\"INC-1\"",
        cold: &[SEARCH, USER, ROUTING, SECURITY, GROUP, INSTANCE, WORK, STATUSES, RIGHTS] },
    Measured { before: None, known: NAMES, acts_on: &[],
        line: "/connect edit matching:\"login:agent0001\" acw:61 reason:\"INC-1\"",
        cold: &[SEARCH, ("DescribeUser", 100), ROUTING, SECURITY, ("SearchUserHierarchyGroups", 6), INSTANCE, WORK, STATUSES, ("ListSecurityProfilePermissions", 4)] },
    Measured { before: None, known: NAMES, acts_on: &[],
        line: "/connect reset agent000007 reason:\"INC-1\"",
        cold: &[SEARCH, USER, ROUTING, SECURITY, GROUP, INSTANCE, WORK, STATUSES] },
    Measured { before: None, known: NAMES_AND_OFFERS, acts_on: &[("ListQueueQuickConnects", 1)],
        line: "/connect reset agent000007 method:recreate force:true reason:\"INC-1\"",
        cold: &[SEARCH, USER, ROUTING, SECURITY, GROUP, INSTANCE, WORK, STATUSES, SKILLS, QUICK, QUEUES, OFFERS, RIGHTS] },
    Measured { before: None, known: NAMES, acts_on: &[],
        line: "/connect add Max Muster email:max@example.com like:agent000007 reason:\"INC-1\"",
        cold: &[("SearchUsers", 2), USER, ROUTING, SECURITY, GROUP, INSTANCE, SKILLS, RIGHTS] },
    Measured { before: None, known: NAMES, acts_on: &[],
        line: "/connect export login:agent0001 reason:\"INC-1\"",
        cold: &[("SearchUsers", 2), ROUTING, SECURITY, GROUPS] },
    Measured { before: None, known: NAMES, acts_on: &[],
        line: "/connect import users.csv reason:\"INC-1\"",
        cold: &[SEARCH, ROUTING, SECURITY, INSTANCE, RIGHTS] },
    Measured { before: Some("/connect edit agent000007 acw:61 reason:\"INC-1\""), known: NAMES, acts_on: &[],
        line: "/connect undo 1 reason:\"INC-2\"",
        cold: &[SEARCH, USER, ROUTING, SECURITY, GROUP, INSTANCE, WORK, STATUSES, RIGHTS] },
    Measured { before: Some("/connect remove agent000007 force:true reason:\"INC-1 has left\""), known: NAMES, acts_on: &[QUEUES],
        line: "/connect restore agent000007 reason:\"INC-2\"",
        cold: &[SEARCH, ROUTING, SECURITY, GROUP, INSTANCE, ("ListContactFlows", 1), QUEUES, ("ListQuickConnects", 1), RIGHTS] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect group list",
        cold: &[LEVELS, TREE, SEARCH] },
    Measured { before: None, known: &["ListRoutingProfiles", "ListSecurityProfiles"], acts_on: &[],
        line: "/connect group show \"Group 2.001\"",
        cold: &[("DescribeSecurityProfile", 6), LEVELS, ROUTING, SECURITY, TREE, SEARCH] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect group add \"Group 1.001/New\"",
        cold: &[LEVELS, TREE] },
    Measured { before: None, known: &["ListSecurityProfiles"], acts_on: &[],
        line: "/connect group rename \"Group 5.001\" \"Late team\"",
        cold: &[("DescribeSecurityProfile", 6), LEVELS, SECURITY, TREE] },
    Measured { before: None, known: &["ListRoutingProfiles", "ListSecurityProfiles"], acts_on: &[],
        line: "/connect group link \"Group 5.001\" agent000007",
        cold: &[INSTANCE, USER, LEVELS, WORK, STATUSES, ROUTING, RIGHTS, SECURITY, TREE, SEARCH] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect status list",
        cold: &[("SearchAgentStatuses", 1)] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect status edit \"Status 40\" description:Late",
        cold: &[("SearchAgentStatuses", 1)] },
    Measured { before: None, known: &["SearchQuickConnects"], acts_on: &[],
        line: "/connect quick list",
        cold: &[FLOWS, ALL_QUEUES, LISTED, QUICK, SEARCH] },
    Measured { before: None, known: &["SearchQuickConnects"], acts_on: &[],
        line: "/connect quick list orphans:true",
        cold: &[FLOWS, OFFERS, ALL_QUEUES, LISTED, QUICK, SEARCH] },
    Measured { before: None, known: &["SearchQuickConnects"], acts_on: &[],
        line: "/connect quick add \"Poison control\" number:+15550100222",
        cold: &[FLOWS, QUEUES, LISTED, QUICK] },
    Measured { before: None, known: &["SearchQuickConnects"], acts_on: &[],
        line: "/connect quick remove \"Food bank\"",
        cold: &[("DescribeQuickConnect", 1), FLOWS, OFFERS, ALL_QUEUES, LISTED, QUICK, SEARCH] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect queue list",
        cold: &[("ListHoursOfOperations", 1), ALL_QUEUES, PROFILES] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect queue show \"Queue 40\"",
        cold: &[("DescribeQueue", 1), ("ListHoursOfOperations", 1), ("ListQueueQuickConnects", 1), QUEUES, ("ListRoutingProfileQueues", 10), PROFILES] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect queue edit \"Queue 40\" description:Late",
        cold: &[("DescribeQueue", 1), QUEUES] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect queue link \"Queue 40\" quick_connects:\"Food bank,Help desk\"",
        cold: &[("ListQueueQuickConnects", 1), QUEUES, ("ListQuickConnects", 1)] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect routing list",
        cold: &[ALL_QUEUES, PROFILES] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect routing list orphans:true",
        cold: &[("ListRoutingProfileQueues", 99), ALL_QUEUES, PROFILES] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect routing show \"Profile 050\"",
        cold: &[("DescribeRoutingProfile", 1), ("ListRoutingProfileManualAssignmentQueues", 1), ("ListRoutingProfileQueues", 1), ROUTING, ALL_QUEUES] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect routing edit \"Profile 050\" task:3",
        cold: &[("DescribeRoutingProfile", 1), ROUTING] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect routing link \"Profile 050\" queues:\"Queue 40\" channels:voice",
        cold: &[("DescribeRoutingProfile", 1), QUEUES, ("ListRoutingProfileQueues", 1), ROUTING] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect security list",
        cold: &[("SearchSecurityProfiles", 1), SEARCH] },
    Measured { before: None, known: &["ListRoutingProfiles", "ListSecurityProfiles"], acts_on: &[],
        line: "/connect security show Agent",
        cold: &[("DescribeSecurityProfile", 1), ROUTING, RIGHTS, SECURITY, GROUPS, SEARCH] },
    Measured { before: None, known: &["ListSecurityProfiles"], acts_on: &[],
        line: "/connect security compare Agent \"L1 Support\"",
        cold: &[("DescribeSecurityProfile", 2), ("ListSecurityProfilePermissions", 2), SECURITY] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect hours list",
        cold: &[("SearchHoursOfOperationOverrides", 1), ("SearchHoursOfOperations", 1)] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect hours show \"Basic Hours\"",
        cold: &[("GetEffectiveHoursOfOperations", 2), ("ListHoursOfOperationOverrides", 1), ("SearchHoursOfOperations", 1), ALL_QUEUES] },
    Measured { before: None, known: &[], acts_on: &[],
        line: "/connect hours close \"Basic Hours\" reason:\"INC-1 storm\"",
        cold: &[("GetEffectiveHoursOfOperations", 1), ("ListHoursOfOperationOverrides", 1), ("SearchHoursOfOperations", 1), ALL_QUEUES] },
    Measured { before: None, known: &["ListRoutingProfiles"], acts_on: &[],
        line: "/connect who",
        cold: &[("GetCurrentMetricData", 1), WORK, STATUSES, QUEUES, ROUTING, SEARCH] },
    Measured { before: None, known: &["ListQueues", "ListRoutingProfiles"], acts_on: &[],
        line: "/connect who routing_profile:\"Profile 050\"",
        cold: &[("GetCurrentMetricData", 1), WORK, STATUSES, QUEUES, ROUTING, PROFILES] },
    Measured { before: None, known: &["ListQueueQuickConnects", "ListRoutingProfiles", "ListSecurityProfiles", "SearchQuickConnects"], acts_on: &[],
        line: "/connect check",
        cold: &[INSTANCE, WORK, STATUSES, FLOWS, ("ListHoursOfOperations", 1), ("ListPhoneNumbersV2", 1), OFFERS, ("ListRoutingProfileQueues", 99), ROUTING, ("ListSecurityProfilePermissions", 5), SECURITY, ("ListServiceQuotas", 1), ("SearchAgentStatuses", 1), ALL_QUEUES, QUICK, PROFILES, TREE, ("SearchUsers", 2)] },
    Measured { before: None, known: &["ListRoutingProfiles", "ListSecurityProfiles", "SearchQuickConnects", "SearchUserHierarchyGroups"], acts_on: &[],
        line: "/connect tasks agent000007",
        cold: &[("DescribeQueue", 1), ("DescribeRoutingProfile", 1), USER, WORK, STATUSES, FLOWS, ("ListHoursOfOperations", 1), QUEUES, ("ListRoutingProfileQueues", 1), ROUTING, SECURITY, LISTED, QUICK, GROUP, SEARCH] },
    Measured { before: None, known: &["ListRoutingProfiles", "ListSecurityProfiles", "SearchUserHierarchyGroups"], acts_on: &[],
        line: "/connect until 4h agent000007 routing_profile:\"Profile 050\"",
        cold: &[USER, WORK, STATUSES, ROUTING, RIGHTS, SECURITY, GROUP, SEARCH] },
];

pub async fn run(out: &mut dyn Write, folder: &Path) -> Result<bool, Problem> {
    let mut sound = true;
    for (no, measured) in COMMANDS.iter().enumerate() {
        for (kind, warm) in [("cold", false), ("warm", true)] {
            let calls = calls_of(&folder.join(format!("{no}-{kind}")), measured, warm).await?;
            let needed = measured.cold.iter().filter(|(name, _)| !(warm && measured.known.contains(name)));
            let needed = needed.chain(measured.acts_on.iter().filter(|_| warm));
            let (made, fewest) = (calls.values().sum::<u64>(), needed.map(|(_, n)| n).sum::<u64>());
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
async fn calls_of(folder: &Path, measured: &Measured, warm: bool) -> Result<BTreeMap<String, u64>, Problem> {
    let mut practice = open(folder).await?;
    if let Some(line) = measured.before {
        carried_out(&practice, line).await?;
        // What was read for it is forgotten.
        practice.close().await?;
        practice = open(folder).await?;
    }
    if warm {
        practice.directory.refresh().await?;
    }
    control(&practice, http::Method::DELETE).await?;
    let (request, words) = says(&practice, "admin", measured.line).await?;
    match request {
        Some(no) => {
            practice.desk.advance(no).await?;
            let phase = practice.desk.request(no).await?.phase;
            if phase != Phase::Waiting {
                return Err(broken(&format!("{} is {}", measured.line, phase.word())));
            }
        }
        None if words.contains("does not work") => return Err(broken(&words)),
        None => {}
    }
    let calls = control(&practice, http::Method::GET).await?;
    let operations = calls["operations"].as_object().into_iter().flatten();
    let count = |value: &serde_json::Value| value["calls"].as_u64().unwrap_or_default();
    let calls = operations.map(|(operation, value)| (operation.clone(), count(value))).collect();
    practice.close().await?;
    Ok(calls)
}

async fn open(folder: &Path) -> Result<Practice, Problem> {
    let mut config = practice::config()?;
    config.turns = PerMinute::unlimited();
    std::fs::create_dir_all(folder).map_err(|error| broken(&error.to_string()))?;
    std::fs::write(folder.join("users.csv"), FILE).map_err(|error| broken(&error.to_string()))?;
    Practice::open(Options {
        state: folder.to_owned(),
        config: Some(config),
        // What a command asks depends on whether hours are open.
        clock: Arc::new(ScriptClock::starting_at(FRIDAY)),
        throttled: false,
        sim: desk_sim::Options {
            seed: desk_sim::Seed::Large,
            user_quota: 2_000,
            ..desk_sim::Options::default()
        },
        patience: Patience::default(),
        watcher: Arc::new(Unwatched),
        files: folder.to_owned(),
    })
    .await
}

/// Three new users.
const FILE: &str = "first name,last name,email address,user login,routing profile name,security_profile_name_1|security_profile_name_2\r\n\
    New,One,new1@example.com,new.1,Basic Routing Profile,Agent\r\n\
    New,Two,new2@example.com,new.2,Basic Routing Profile,Agent\r\n\
    New,Three,new3@example.com,new.3,Basic Routing Profile,Agent\r\n";

/// Says a line, and gives the request and the words of the card.
async fn says(practice: &Practice, who: &str, line: &str) -> Result<(Option<RequestNo>, String), Problem> {
    let by = practice.people.iter().find(|person| person.name == who).cloned();
    let by = by.ok_or_else(|| broken("someone is missing"))?;
    let place = Place { platform: Platform::Console, channel: "1".to_owned(), private: false, parent: None };
    let said = Invocation::Typed(line.to_owned());
    let reply = practice.desk.handle(Incoming { by, place, said }).await;
    Ok((reply.request, reply.card.words()))
}

/// Asks, gives every approval immediately, and waits for the end.
async fn carried_out(practice: &Practice, line: &str) -> Result<(), Problem> {
    let (no, words) = says(practice, "admin", line).await?;
    let no = no.ok_or_else(|| broken(&words))?;
    loop {
        practice.desk.advance(no).await?;
        let request = practice.desk.request(no).await?;
        match &request.phase {
            Phase::Finished { outcome: Outcome::Completed, .. } => return Ok(()),
            Phase::Waiting if request.confirmed.is_none() => {
                says(practice, "admin", &format!("/desk confirm {}", no.0)).await?
            }
            Phase::Waiting => says(practice, "supervisor", &format!("/desk approve {}", no.0)).await?,
            phase => return Err(broken(&format!("{line} is {}", phase.word()))),
        };
    }
}

async fn control(practice: &Practice, method: http::Method) -> Result<serde_json::Value, Problem> {
    let request = http::Request::builder().method(method).uri("/_sim/calls").body(bytes::Bytes::new());
    let request = request.map_err(|error| broken(&error.to_string()))?;
    let answer = practice.sim.handle(request).await.map_err(|error| broken(&error.to_string()))?;
    serde_json::from_slice(answer.body()).or(Ok(serde_json::Value::Null))
}

fn broken(why: &str) -> Problem {
    Problem::operator("bench", format!("The calls can't be counted ({why})."))
        .hint("Report this as a bug in connect-desk.")
}
