//! An approval is an approval to one plan: whatever differs in it makes another digest, and nothing is carried out on an old yes.

use desk_core::plan::LeastApproval;
use std::sync::{Arc, Mutex};

use connect_desk::practice::Practice;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Role};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command, Entry};
use desk_core::desk::{Incoming, Invocation, saga};
use desk_core::log::{By, Draft, Event, LogReader as _, Outcome};
use desk_core::plan::{Plan, PlanDigest};
use desk_core::policy::{Policy, Requirements};
use desk_core::request::approval::Verdict;
use desk_core::request::{Phase, Request};
use serde::Deserialize as _;
use serde_json::Value;

use crate::cases::{self, World};
use crate::driver::{examples, identity, prepare, requester};
use crate::memory::Memory;
use crate::support::{self, Story};
use crate::town::{InMemoryCenter, RecordingExecutor, desk};

/// Gives every way in which a value may differ in one place, as the place and what is there instead: a leaf has another value, or
/// something is gone, twice, or swapped.
fn changed(at: &str, value: &Value, give: &mut dyn FnMut(&str, Value)) {
    for other in instead(value) {
        give(at, other);
    }
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                changed(&format!("{at}/{i}"), item, give);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                changed(&format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), member, give);
            }
        }
        _ => {}
    }
}

/// What may be there instead of a value that is not the same further inside.
fn instead(value: &Value) -> Vec<Value> {
    let one = |text: &str| Value::String(text.to_owned());
    match value {
        Value::Null => vec![Value::Bool(false), one("x"), Value::from(1)],
        Value::Bool(yes) => vec![Value::Bool(!yes)],
        Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(n), _) => vec![Value::from(n + 1), Value::from(n - 1), Value::Null],
            (_, Some(n)) => vec![Value::from(n + 0.5), Value::Null],
            _ => Vec::new(),
        },
        Value::String(text) => {
            let mut others = vec![one(&format!("{text}x")), one(&format!(" {text}")), Value::Null];
            if !text.is_empty() {
                let shorter = text.char_indices().next_back().map_or("", |(last, _)| &text[..last]);
                others.extend(["", &text.to_uppercase(), shorter].map(one));
            }
            // Of words that only some are taken.
            others.extend(["change", "sensitive", "sealed", "forgotten", "VOICE", "CHAT"].map(one));
            others
        }
        Value::Array(items) => {
            let with = |change: &dyn Fn(&mut Vec<Value>)| {
                let mut items = items.clone();
                change(&mut items);
                Value::Array(items)
            };
            let gone = (0..items.len()).map(|i| with(&|items| drop(items.remove(i))));
            let twice = (0..items.len()).map(|i| with(&|items| items.insert(i, items[i].clone())));
            let swapped = (1..items.len()).map(|i| with(&|items| items.swap(i - 1, i)));
            gone.chain(twice).chain(swapped).collect()
        }
        Value::Object(members) => {
            let without = |key: &String| {
                let mut members = members.clone();
                members.remove(key);
                members
            };
            let gone = members.keys().map(|key| Value::Object(without(key)));
            let renamed = members.iter().map(|(key, member)| {
                let mut others = without(key);
                others.insert(format!("{key}x"), member.clone());
                Value::Object(others)
            });
            gone.chain(renamed).collect()
        }
    }
}

/// Members that a plan leaves out when they say nothing, as they are when they do.
fn full(plan: &Plan) -> Vec<Value> {
    let value = serde_json::to_value(plan).unwrap();
    let added = [
        ("warnings", serde_json::json!(["look"])),
        ("lost", serde_json::json!(["a thing"])),
        ("others", serde_json::json!(["another way"])),
        ("makes_password", Value::Bool(true)),
        ("makes_password", Value::Bool(false)),
        ("rows", serde_json::json!([{ "number": 2, "login": "a", "part": 0 }])),
    ];
    let mut all: Vec<Value> = added
        .into_iter()
        .map(|(key, member)| {
            let mut value = value.clone();
            value[key] = member;
            value
        })
        .collect();
    for i in 0..plan.steps.len() {
        for (key, member) in [("pivot", Value::Bool(true)), ("part", Value::from(7))] {
            let mut value = value.clone();
            value["steps"][i][key] = member;
            all.push(value);
        }
    }
    all
}

/// The plan of an example, and all that differ from it in one place, with their digests.
async fn plans(example: &str) -> (Plan, Vec<(Plan, PlanDigest)>) {
    let mut story = Story::with(|options| options.sim.identity = identity(example)).await;
    prepare(story.inside(), example).await;
    let no = story.card(requester(example), example).await.request.unwrap();
    let log = story.inside().desk.saga.log.clone();
    let plan = saga::load(log.as_ref(), no).await.unwrap().plan().unwrap().clone();
    let (value, digest) = (serde_json::to_value(&plan).unwrap(), plan.digest());
    assert_eq!(Plan::deserialize(&value).unwrap(), plan, "{example}");
    let mut others = Vec::new();
    let mut changing = value.clone();
    let mut consider = |at: &str, instead: Value| {
        let before = std::mem::replace(changing.pointer_mut(at).unwrap(), instead);
        let other = Plan::deserialize(&changing);
        *changing.pointer_mut(at).unwrap() = before;
        let Ok(other) = other else { return };
        let its = other.digest();
        let is_same = other == plan;
        assert_eq!(is_same, its == digest, "{example}: {other:?}");
        if !is_same {
            others.push((other, its));
        }
    };
    changed("", &value, &mut consider);
    full(&plan).into_iter().for_each(|value| consider("", value));
    assert!(others.len() > 25, "{example}: {} plans", others.len());
    (plan, others)
}

/// One approval and the requester's own yes.
fn policy() -> Policy {
    let mut rule = cases::rule("one supervisor");
    (rule.approvals, rule.approvers) = (1, [Role::Supervisor].into());
    Policy { rules: vec![cases::open(), rule] }
}

tokio::task_local! {
    /// The plan that this world makes at present.
    static PLAN: Arc<Mutex<Plan>>;
}

const SHAPED: Command = command!(cases::SPEC, answer);

async fn answer(_: &Ask<'_>) -> Result<Answer, Problem> {
    Ok(Answer::Plan(PLAN.with(|plan| plan.lock().unwrap().clone())))
}

#[tokio::test]
async fn a_plan_that_differs_in_anything_is_never_carried_out_on_an_old_yes() {
    let folder = tempfile::tempdir().unwrap();
    let practice = Practice::open(support::options(folder.path(), support::clock())).await.unwrap();
    let (by, approver) =
        (cases::person(1, "by", &[Role::L1], None), cases::person(2, "approver", &[Role::Supervisor], None));
    let (mut folded, mut went) = (0, 0_usize);
    for example in examples(false) {
        let (plan, others) = plans(example).await;
        let approved = approved(&plan, &by, &approver);
        for (i, (other, its)) in others.into_iter().enumerate() {
            old_yes_in_the_fold(example, &approved, &other, its, &approver);
            folded += 1;
            // The whole way from the click to the hands costs more, so it is gone for a part of them.
            // What takes admins does whatever the rule says.
            let takes_admins =
                plan.steps.iter().any(|step| step.effect.needs().approval > LeastApproval::Rule);
            // No command says what comes of its effects.
            let is_same = assessed_as(&other, &plan) == plan;
            if i % 7 == 0 && !plan.only_reads() && !takes_admins && !is_same {
                went +=
                    usize::from(old_yes_in_the_flow(&practice, example, &plan, &other, &by, &approver).await);
            }
        }
    }
    assert!(folded > 5_000 && went > 700, "{folded} {went}");
}

/// A plan, with what is found when its effects are assessed as another plan has it.
fn assessed_as(plan: &Plan, other: &Plan) -> Plan {
    let Plan { risk, concerned, highlights, unknown, about, groups, security_profiles, .. } = other.clone();
    let plan = Plan { risk, concerned, highlights, unknown, ..plan.clone() };
    // Whom a plan affects and says nothing of is read then.
    let is_unread = plan.security_profiles.is_empty() && !plan.unread().is_empty();
    if is_unread { Plan { about, groups, security_profiles, ..plan } } else { plan }
}

/// A request for a plan that has its approval, and what the plan needs.
fn approved(plan: &Plan, by: &Person, approver: &Person) -> (World, PlanDigest, Requirements) {
    let mut world = World::new(vec![by.clone(), approver.clone()], policy());
    world.asks(by, plan.clone(), false).unwrap();
    world.approves(approver);
    let needs = world.request().planned.unwrap().needs;
    (world, plan.digest(), needs)
}

fn old_yes_in_the_fold(
    example: &str,
    approved: &(World, PlanDigest, Requirements),
    other: &Plan,
    its: PlanDigest,
    approver: &Person,
) {
    let (mut world, old, needs) = approved.clone();
    let confirmed = Event::Confirmed { digest: old.clone() };
    world.plans_that(other.clone(), its, needs);
    let request = world.request();
    assert!(request.approvals.is_empty() && request.confirmed.is_none(), "{example}: an old yes is kept");
    assert!(!matches!(world.weighs(&request), Verdict::Permit(_)), "{example}");
    // And none that comes late is taken for one.
    for event in
        [confirmed, Event::Approved { digest: old, roles: vec![Role::Supervisor], comment: String::new() }]
    {
        let draft = Draft { at: cases::at(2), by: Some(By::from(approver)), about: Vec::new(), event };
        let line = draft.at_line(request.last + 1, Some(request.no));
        assert!(request.clone().apply(&line).is_err(), "{example}: a late yes to an older plan");
    }
}

/// Whether the requester may ask for the plan at all.
async fn old_yes_in_the_flow(
    practice: &Practice,
    example: &str,
    plan: &Plan,
    other: &Plan,
    by: &Person,
    approver: &Person,
) -> bool {
    let (memory, deeds) = (Arc::new(Memory::default()), Arc::new(RecordingExecutor::default()));
    let town = Arc::new(InMemoryCenter(Mutex::new(vec![by.clone(), approver.clone()])));
    let entry = Entry { path: cases::COMMAND, command: SHAPED };
    let desk = desk(practice, entry, policy(), town, memory.clone(), deeds.clone(), support::clock());
    let shape = Arc::new(Mutex::new(plan.clone()));
    let story = async {
        let say = async |who: &Person, line: &str| {
            let heard =
                Incoming { by: who.clone(), place: cases::place(), said: Invocation::Typed(line.to_owned()) };
            let reply = desk.handle(heard).await;
            let no = reply.request.unwrap_or_else(|| panic!("{example} {line}: {:?}", reply.card));
            desk.advance(no).await.unwrap();
            no
        };
        let no = say(by, "/connect touch").await;
        if desk.request(no).await.unwrap().is_finished() {
            return false;
        }
        say(approver, "/desk approve 1").await;
        // The world changes in the moment before the last yes.
        *shape.lock().unwrap() = other.clone();
        say(by, "/desk confirm 1").await;
        let lines = memory.request(no).await.unwrap();
        let request = Request::fold(no, &lines).unwrap();
        assert_eq!(*deeds.0.lock().unwrap(), [], "{example}: {other:?}");
        assert!(!lines.iter().any(|line| matches!(line.event, Event::Started { .. })), "{example}");
        assert_eq!(request.voided.len(), 1, "{example}: {request:?}");
        assert!(!request.voided[0].is_empty(), "{example}: no one is told what differs");
        let refused = matches!(request.phase, Phase::Finished { outcome: Outcome::Refused, .. });
        // Where nothing is left to do, there is nothing to decide on.
        let is_over = matches!(request.phase, Phase::Finished { outcome: Outcome::Completed, .. });
        let ended = refused || is_over && other.changes_nothing();
        assert!(ended || request.phase == Phase::Waiting, "{example}: {:?}", request.phase);
        if !refused {
            let planned = request.planned.unwrap();
            assert_eq!(planned.plan, assessed_as(other, &planned.plan));
        }
        true
    };
    PLAN.scope(shape.clone(), story).await
}
