//! The operations that a command names, from which the policy for AWS is printed, are those that it calls: none is missing, and none idle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use connect_desk::config::Config;
use connect_desk::practice::Practice;
use desk_core::basics::ids::RequestNo;
use desk_core::log::Outcome;
use desk_core::plan::effect::ProficienciesAre;
use desk_core::plan::{Attempt, Direction, Effect, Executor, StepKey};
use desk_core::request::Request;
use serde_json::json;

use crate::crashes::{control, outcome};
use crate::driver::{examples, identity, prepare, press_on, requester, says, side_by_side};
use crate::support::{FILES, clock, in_time, options, untiring_config};

/// Lines of one command in one world.
#[derive(Clone, Copy)]
struct Drive {
    /// What was done before, by other commands.
    before: &'static [&'static str],
    lines: &'static [&'static str],
    /// The operation that fails, so that what is done is rolled back.
    fails: Option<&'static str>,
}

const fn says_after(before: &'static [&'static str], lines: &'static [&'static str]) -> Drive {
    Drive { before, lines, fails: None }
}

/// Where the examples don't lead. In all of them John Doe works at present.
const PATHS: &[Drive] = &[
    says_after(&[], &[EVERYTHING]),
    says_after(&[], &[PROFICIENT]),
    // What is remembered of many users is looked over immediately.
    says_after(&[], &[MANY, MANY]),
    says_after(&[], &[STAFF, STAFF]),
    says_after(&[], &["/connect import skilled.csv"]),
    says_after(&[], &["/connect import moved.csv update:true"]),
    says_after(&["/connect status edit Meeting name:Huddle"], &["/connect undo 1"]),
    says_after(&["/connect status set john.doe Training"], &["/connect undo 1"]),
    says_after(&[], &["/connect find hierarchy_group:\"Eastern Region\" include_subgroups"]),
    says_after(&[], &["/connect reset john.doe method:recreate force:true"]),
    Drive { fails: Some("DeleteUser"), ..says_after(&[], &[REMOVED]) },
    says_after(&[EVERYTHING], &["/connect undo 1"]),
    says_after(&[PROFICIENT], &["/connect undo 1"]),
    says_after(&[REMOVED], &["/connect undo 1"]),
    says_after(&[REMOVED, "/connect restore john.doe"], &["/connect undo 2"]),
    says_after(&[REMOVED], &["/connect restore john.doe"]),
    says_after(&[], &[OTHER_USER]),
    says_after(&[], &["/connect tasks hugo.berg queue:\"Help Desk\""]),
    says_after(&[OTHER_USER], &[ROUTED_BACK]),
    says_after(&["/connect quick remove \"Food bank\""], &[ROUTED_BACK]),
    says_after(&["/connect quick edit \"Food bank\" number:+15550100299 description:Open"], &[ROUTED_BACK]),
    says_after(
        &[
            "/connect queue edit \"Help Desk\" hours:\"Around the Clock\" max_contacts:20 caller_id_name:Help new_name:Help",
        ],
        &[ROUTED_BACK],
    ),
    says_after(&["/connect queue disable \"Contact Tracing Spanish\""], &[ROUTED_BACK]),
    says_after(&["/connect queue unlink \"Callback\" quick_connects:\"John Doe\""], &[ROUTED_BACK]),
    says_after(&["/connect routing add Weekend like:\"Resource Coordinator Profile\""], &[ROUTED_BACK]),
    says_after(
        &["/connect routing edit \"Basic Routing Profile\" task:3 default_queue:Callback new_name:Basics"],
        &[ROUTED_BACK],
    ),
    says_after(
        &["/connect routing link \"Basic Routing Profile\" queues:BasicQueue priority:3"],
        &[ROUTED_BACK],
    ),
    says_after(&["/connect routing unlink \"Basic Routing Profile\" queues:BasicQueue"], &[ROUTED_BACK]),
    says_after(&[], &["/connect until 4h john.doe routing_profile:\"Contact Tracers Profile\""]),
    says_after(&[], &[MANY_UNTIL, MANY_UNTIL]),
    says_after(
        &[],
        &[
            LINKED,
            "/connect group link Coordinators matching:\"hierarchy_group:'Western Region' include_subgroups\"",
        ],
    ),
    says_after(&[], &[UNLINKED, UNLINKED]),
    says_after(&[], &["/connect group unlink group:\"Tracers East\""]),
    says_after(&["/connect group levels Seat"], &["/connect undo 1 reason:groups"]),
    says_after(&["/connect group rename \"Tracers East\" Tracers"], &["/connect undo 1 reason:groups"]),
    says_after(
        &["/connect group add \"Northern Region\"", "/connect group remove \"Northern Region\""],
        &["/connect undo 2 reason:groups"],
    ),
    says_after(&[CLOSED, "/connect hours open \"Basic Hours\""], &["/connect undo 2 reason:hours"]),
];

const OTHER_USER: &str = "/connect quick edit \"Karen White\" user:olga.novak";
const ROUTED_BACK: &str = "/connect undo 1 reason:routing";
const LINKED: &str =
    "/connect group link \"Desk Support\" matching:\"hierarchy_group:'Western Region' include_subgroups\"";
const UNLINKED: &str = "/connect group unlink matching:security_profile:Agent";
const CLOSED: &str = "/connect hours close \"Basic Hours\" from:2026-11-18 until:2026-11-21";

const EVERYTHING: &str = "/connect edit john.doe email:john.doe@example.org auto_accept:true tag:site=west untag:department \
    routing_profile:\"Contact Tracers Profile\" hierarchy_group:\"Tracers East\" add_security_profile:\"L1 Support\"";
const PROFICIENT: &str = "/connect edit john.doe proficiency:Language:French=4";
const REMOVED: &str = "/connect remove john.doe force:true";
const STAFF: &str = "/connect import staff.csv";
const MANY: &str = "/connect edit matching:\"hierarchy_group:'Western Region' include_subgroups\" acw:61";
const MANY_UNTIL: &str = "/connect until 4h matching:\"hierarchy_group:'Western Region' include_subgroups\" routing_profile:\"Basic Routing Profile\"";

/// What AWS asks for as well where something is made with tags.
const ALSO: [(&str, &str); 3] = [
    ("CreateUser", "TagResource"),
    ("CreateQuickConnect", "TagResource"),
    ("CreateUserHierarchyGroup", "TagResource"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_calls_what_it_names_and_nothing_else() {
    let examples = [examples(false), examples(true)].concat();
    let alone = examples.chunks(1).map(|line| says_after(&[], line.to_vec().leak()));
    let drives: Vec<Drive> = alone.chain(PATHS.iter().copied()).collect();
    let operations =
        side_by_side(
            drives,
            |drive| async move { (command_of(drive.lines[0]), in_time(calls_of(drive)).await) },
        );
    let mut called: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (command, operations) in operations.await {
        called.entry(command).or_default().extend(operations);
    }
    let mut wrong = String::new();
    for entry in desk_commands::all() {
        let named = entry.operations();
        let named: BTreeSet<&str> =
            named.iter().map(|name| name.rsplit(':').next().unwrap_or(name)).collect();
        let mut calls: BTreeSet<&str> =
            called.get(entry.path).into_iter().flatten().map(String::as_str).collect();
        let also = ALSO.iter().filter(|(call, _)| calls.contains(call)).map(|(_, also)| *also);
        calls.extend(also.collect::<Vec<_>>());
        for missing in calls.difference(&named) {
            wrong += &format!("/{} calls {missing} and does not name it\n", entry.path);
        }
        for idle in named.difference(&calls) {
            wrong += &format!("/{} names {idle} and never calls it\n", entry.path);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn command_of(line: &str) -> String {
    let commands = desk_commands::all();
    let list = commands.iter().map(|entry| (entry.path, entry.command.spec));
    desk_core::words::parse(line, list).unwrap().path
}

/// Rules that name something of every kind, which is looked up for each plan.
fn config() -> Config {
    let mut config = untiring_config();
    let mut rule = config.policy.rules.last().unwrap().clone();
    rule.name = "the same in the west".to_owned();
    rule.touches.groups = ["Western Region/Contact Tracing West".to_owned()].into();
    config.policy.rules.insert(0, rule);
    config.site.protected.security_profiles = ["Supervisor".to_owned()].into();
    config
}

/// A sheet of everybody.
async fn staff(folder: &Path, practice: &Practice) {
    let users = std::fs::read_to_string(Path::new(FILES).join("users.csv")).unwrap();
    let mut sheet = users.lines().next().unwrap().to_owned();
    let world = control(&practice.sim, "GET", "/_sim/world?ids=false", "").await;
    for login in world["users"].as_object().unwrap().keys() {
        sheet += &format!("\nA,B,{login}@example.com,,{login},Basic Routing Profile,Agent,soft,,no,300");
    }
    std::fs::write(folder.join("staff.csv"), sheet).unwrap();
}

/// Everything that is called: to answer, to carry it out, to look whether a step is, and to roll back what can be.
async fn calls_of(drive: Drive) -> BTreeSet<String> {
    let Drive { before, lines, fails } = drive;
    let (folder, attached, clock) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), clock());
    let open = || {
        let mut options = options(folder.path(), clock.clone());
        options.config = Some(config());
        if lines[0] == STAFF {
            options.files = attached.path().to_owned();
        }
        options.sim.identity = identity(lines[0]);
        Practice::open(options)
    };
    let mut practice = open().await.unwrap();
    if lines[0] == STAFF {
        staff(attached.path(), &practice).await;
    }
    if PATHS.iter().any(|path| path.lines == lines) {
        let at_work = r#"{"signed_in":true,"status":"Available"}"#;
        control(&practice.sim, "PUT", "/_sim/users/john.doe/presence", at_work).await;
    } else {
        prepare(&practice, lines[0]).await;
    }
    for line in before {
        carried_out(&practice, line).await;
    }
    if practice.desk.saga.log.request(RequestNo(1)).await.is_ok_and(|lines| !lines.is_empty()) {
        // What was read before is forgotten.
        practice.close().await.unwrap();
        practice = loop {
            match open().await {
                Ok(practice) => break practice,
                // Connections of its client end by themselves.
                Err(problem) => assert!(problem.message.contains("is in use"), "{problem}"),
            }
            tokio::task::yield_now().await;
        };
    }
    control(&practice.sim, "DELETE", "/_sim/calls", "").await;
    if let Some(operation) = fails {
        let error = "InvalidRequestException";
        let fault = json!({
            "operation": operation, "fault": "fail_before", "times": 100_000, "error": error, "status": 400,
        });
        control(&practice.sim, "POST", "/_sim/faults", &fault.to_string()).await;
    }
    for line in lines {
        let Some(request) = carried_out(&practice, line).await else { continue };
        let ended = outcome(&request);
        assert_eq!(ended == Some(Outcome::RolledBack), fails.is_some(), "{line}: {ended:?}");
        again_and_back(&request, practice.desk.saga.executor.as_ref()).await;
    }
    let calls = control(&practice.sim, "GET", "/_sim/calls", "").await;
    calls["operations"].as_object().unwrap().keys().cloned().collect()
}

async fn carried_out(practice: &Practice, line: &str) -> Option<Request> {
    let reply = says(&practice.desk, practice, requester(line), line).await;
    Some(
        press_on(&practice.desk, practice, reply.request?)
            .await
            .unwrap_or_else(|problem| panic!("{line}: {problem}")),
    )
}

/// Each step once more as after a crash, and back; what cannot be rolled back any more has called what it calls.
async fn again_and_back(request: &Request, executor: &dyn Executor) {
    let Some(plan) = request.plan() else { return };
    let by_calls = || (0..).zip(&plan.steps).filter(|(_, step)| step.effect.is_called());
    let key = |step, direction| StepKey { request: request.no, step, direction, done_before: None };
    for (step, what) in by_calls() {
        let key = key(step, Direction::Forward);
        if let Some(other) = meanwhile(&what.effect) {
            let _ = executor.apply(key, Attempt::First, &other).await;
        }
        let _ = executor.apply(key, Attempt::Again, &what.effect).await;
    }
    for (step, what) in by_calls().collect::<Vec<_>>().into_iter().rev() {
        let Some(undo) = &what.undo else { continue };
        for attempt in [Attempt::First, Attempt::Again] {
            let _ = executor.apply(key(step, Direction::Back), attempt, undo).await;
        }
    }
}

/// What someone else did meanwhile, where that decides which calls a step needs.
fn meanwhile(effect: &Effect) -> Option<Effect> {
    let mut others = effect.get::<ProficienciesAre>()?.clone();
    let mut more = others.proficiencies.first()?.clone();
    for one in &mut others.proficiencies {
        one.level = if one.level > 1.0 { 1.0 } else { 2.0 };
    }
    "Dutch".clone_into(&mut more.value);
    others.proficiencies.push(more);
    Some(others.into())
}
