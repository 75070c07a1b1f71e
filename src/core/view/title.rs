//! What a card is called: verb, object and state, such as "Reset `mei.chen` · needs approval".

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::basics::span::person;
use crate::basics::text::{capital, code, count, list, plain};
use crate::card::Tone;
use crate::log::Outcome;
use crate::plan::Direction;
use crate::plan::effect::{AGENT_SET, GroupNamed, QueueOffersNone};
use crate::request::approval::{self, Outstanding};
use crate::request::freeze::Freeze;
use crate::request::{Phase, Request, StepState};

/// Logins that a title names; more are counted.
const NAMED: usize = 3;

/// The longest name in a title, in characters.
const NAME_MAX: usize = 40;

/// Arguments that name what a command is about where that is no user, the first that is given. A `name` is that of something new,
/// or else it comes after what has it.
const OBJECTS: [&str; 7] =
    ["status", "routing_profile", "quick_connect", "group", "profile", "account", "name"];

pub(super) fn title(request: &Request, now: Timestamp) -> String {
    let review = match request.is_finished() && request.needs_review() {
        true => ", needs review",
        false => "",
    };
    format!("{} · {}{review}", subject(request), state(request, now))
}

/// Which request it is, and what it does to whom: "#1 Reset `john.doe`".
pub(crate) fn named(request: &Request) -> String {
    format!("{} {}", request.no, subject(request))
}

/// What it does to whom: "Reset `john.doe`", "Edit 10 users", "Disable queue `Help Desk`".
pub fn subject(request: &Request) -> String {
    if let Some(scope) = Freeze::scope_of(request) {
        return format!("Freeze {scope}");
    }
    let logins = request.about();
    let whom = match logins.len() {
        0 => String::new(),
        n if n > NAMED => count(n, "user"),
        _ => list(&logins.iter().map(|login| short(login)).collect::<Vec<_>>(), "and"),
    };
    // Before there is a plan, and where it has nothing to do, it isn't known who they are.
    let users = if whom.is_empty() { "users" } else { &whom };
    let agents = if whom.is_empty() { "agents" } else { &whom };
    let args = &request.args;
    let object = || {
        // An option such as `hours` of a queue is among others; of its own command it is the object.
        let own = request.command.split(' ').nth(1).filter(|noun| ["queue", "hours"].contains(noun));
        let named = own.iter().chain(&OBJECTS).find_map(|name| args.text(name));
        named.map_or_else(|| whom.clone(), short)
    };
    let words: Vec<&str> = request.command.split(' ').collect();
    let said = match words.as_slice() {
        ["connect", "until"] => format!("Temporarily change {users}"),
        ["connect", "send"] => format!("Email {users}"),
        ["connect", "dismiss"] => format!("Dismiss the contact of {users}"),
        ["connect", "tasks"] if args.get("send").is_some() => format!("Send {agents} a test task"),
        ["connect", "tasks"] => format!("Set up {agents} for tasks"),
        ["connect", "export"] => "Export users".to_owned(),
        ["connect", "undo"] => {
            let no = args.request("request").map(|no| no.to_string()).unwrap_or_default();
            let mut things = things(request).into_iter();
            let of = match (things.next(), things.next()) {
                (Some(only), None) if whom.is_empty() => short(&only),
                _ => whom,
            };
            if of.is_empty() { format!("Undo {no}") } else { format!("Undo {no} for {of}") }
        }
        ["connect", "add"] if whom.is_empty() => "Add a user".to_owned(),
        ["connect", verb] => format!("{} {users}", capital(verb)),
        ["connect", "group", "levels"] => format!("Set hierarchy level {}", object()),
        ["connect", "group", "link"] => format!("Add {agents} to group {}", object()),
        ["connect", "group", "unlink"] => match args.text("group") {
            Some(group) => format!("Remove {agents} from group {}", short(group)),
            None => format!("Remove {agents} from their hierarchy group"),
        },
        ["connect", "group", "rename"] if moves(request) => format!("Move hierarchy group {}", object()),
        ["connect", noun @ "group", verb @ ("add" | "remove")]
        | ["connect", noun @ "queue", verb @ ("enable" | "disable")]
        | ["connect", noun @ "hours", verb @ ("open" | "close")] => {
            format!("{} {}", capital(verb), listed(request, noun, noun))
        }
        ["connect", "queue", "link"] => {
            format!("Add quick connects to {}", listed(request, "queue", "queue"))
        }
        ["connect", "queue", "unlink"] => {
            format!("Remove quick connects from {}", listed(request, "queue", "queue"))
        }
        ["connect", "quick", "add"] if args.get("file").is_some() => {
            "Add quick connects from a file".to_owned()
        }
        ["connect", "quick", "add"] if args.get("users").is_some() => {
            format!("Add quick connects for {users}")
        }
        ["connect", noun @ "quick", "remove"] => match args.text("orphans") {
            Some("gone") => "Remove broken quick connects".to_owned(),
            Some("unlinked") => "Remove unused quick connects".to_owned(),
            Some(_) => "Remove broken and unused quick connects".to_owned(),
            None => format!("Remove {}", listed(request, noun, "name")),
        },
        ["connect", "routing", "link"] => format!("Add queues to routing profile {}", object()),
        ["connect", "routing", "unlink"] => format!("Remove queues from routing profile {}", object()),
        ["connect", "status", "set"] => format!("Set the status of {agents}"),
        ["connect", "status", "order"] => format!("Move agent status {}", object()),
        ["connect", noun, verb] => format!("{} {} {}", capital(verb), noun_of(noun), object()),
        ["desk", "freeze"] => format!("Freeze {}", Freeze::asked(args)),
        ["desk", "recover"] => format!("Reset the authenticator of {}", object()),
        ["log", "quarantine"] => match args.request("request") {
            Some(no) => format!("Quarantine {no}"),
            None => "Quarantine".to_owned(),
        },
        ["salesforce", "grant"] => format!("Grant {} to {users} in Salesforce", set(request)),
        ["salesforce", "revoke"] => format!("Revoke {} from {users} in Salesforce", set(request)),
        ["salesforce", "join"] => format!("Add {users} to a Salesforce call center"),
        ["salesforce", "leave"] => format!("Remove {users} from a Salesforce call center"),
        ["salesforce", verb] => format!("{} {users} in Salesforce", capital(verb)),
        [.., verb] => format!("{} {whom}", capital(verb)),
        [] => whom,
    };
    said.trim_end().to_owned()
}

/// What a list of names stands for: "queue `Help Desk`", "2 queues". Names may have commas, so only the plan says how many they are.
fn listed(request: &Request, noun: &str, option: &str) -> String {
    let (typed, one) = (request.args.word(option), noun_of(noun));
    let several = if one == "hours of operation" { one.to_owned() } else { format!("{one}s") };
    if typed.eq_ignore_ascii_case("all") {
        return format!("all {several}");
    }
    // `group remove` has an option for more groups.
    if !typed.contains([',', ';', '\n']) && request.args.get("groups").is_none() {
        return format!("{one} {}", short(typed));
    }
    let things = things(request);
    match (things.len(), things.first()) {
        (1, Some(only)) => format!("{one} {}", short(only)),
        (0, _) => several,
        (n, _) => format!("{n} {several}"),
    }
}

/// The names of what its plan changes beside users.
fn things(request: &Request) -> BTreeSet<String> {
    let steps = request.plan().into_iter().flat_map(|plan| &plan.steps);
    // What is removed is removed from its queues first.
    let own = steps.filter(|step| !step.effect.is::<QueueOffersNone>());
    own.filter_map(|step| step.effect.named()?.into_iter().next()).collect()
}

/// Whether a hierarchy group gets another parent, and not only another name.
fn moves(request: &Request) -> bool {
    let mut steps = request.plan().into_iter().flat_map(|plan| &plan.steps);
    request.args.word("to").contains('/') && !steps.any(|step| step.effect.is::<GroupNamed>())
}

/// The permission set that is granted or revoked, by its exact name as soon as there is a plan.
fn set(request: &Request) -> String {
    let planned =
        request.plan().and_then(|plan| plan.steps.iter().find_map(|step| step.effect.permission_set()));
    short(planned.or_else(|| request.args.text("set")).unwrap_or(AGENT_SET))
}

fn short(name: &str) -> String {
    code(&plain(name, NAME_MAX))
}

fn noun_of(word: &str) -> &str {
    match word {
        "status" => "agent status",
        "quick" => "quick connect",
        "routing" => "routing profile",
        "security" => "security profile",
        "group" => "hierarchy group",
        "hours" => "hours of operation",
        other => other,
    }
}

/// How a request is, in the words that end a title.
pub fn state(request: &Request, now: Timestamp) -> &'static str {
    match &request.phase {
        Phase::Asked => "planning",
        Phase::Waiting | Phase::Running if request.held.is_some() => "on hold",
        Phase::Waiting => waiting(request, now),
        Phase::Running if is_rolling_back(request) => "rolling back",
        Phase::Running if request.rests_until().is_some() => "in effect",
        Phase::Running => "running",
        Phase::ByHand { .. } if Freeze::of(request).is_some() => "in effect",
        Phase::ByHand { .. } => "needs a manual step",
        Phase::Stuck { .. } => "needs attention",
        Phase::Finished { outcome, .. } => match outcome {
            Outcome::Completed if Freeze::scope_of(request).is_some() => "lifted",
            Outcome::PartiallyCompleted if request.rolling_back.is_some() => "partially rolled back",
            outcome => outcome.said(),
        },
    }
}

fn waiting(request: &Request, now: Timestamp) -> &'static str {
    let Some(planned) = &request.planned else { return "planning" };
    let missing = approval::missing_by_lines(request, planned, now);
    let is = |test: fn(&Outstanding) -> bool| missing.iter().any(test);
    if is(|missing| matches!(missing, Outstanding::Confirmation)) {
        "needs confirmation"
    } else if is(|missing| matches!(missing, Outstanding::Caller)) {
        "needs caller verification"
    } else if is(|missing| matches!(missing, Outstanding::Approvals(_))) {
        "needs approval"
    } else if is(Outstanding::is_a_wait) {
        "scheduled"
    } else {
        "starting"
    }
}

pub(super) fn is_rolling_back(request: &Request) -> bool {
    request.rolling_back.is_some() || is_going_back(request)
}

pub(super) fn is_going_back(request: &Request) -> bool {
    request.steps.iter().any(|state| matches!(state, StepState::Undone | StepState::Started(Direction::Back)))
}

pub(super) fn tone(request: &Request) -> Tone {
    match &request.phase {
        Phase::Running if request.held.is_some() => Tone::Alarm,
        Phase::Asked | Phase::Running => Tone::Runs,
        Phase::Waiting | Phase::ByHand { .. } => Tone::Asks,
        Phase::Stuck { .. } => Tone::Alarm,
        Phase::Finished { outcome: Outcome::Completed, .. } => Tone::Good,
        Phase::Finished { outcome: Outcome::Expired | Outcome::Canceled | Outcome::Abandoned, .. } => {
            Tone::Over
        }
        Phase::Finished { .. } => Tone::Bad,
    }
}

/// Where an email goes in place of the address that its step names, and who said so.
pub(super) fn instead(request: &Request, step: usize) -> String {
    let instead = request.readdressed.get(&step);
    instead
        .map(|(by, to)| format!(" (now to {}, by {})", code(to), person(&by.id, &by.name)))
        .unwrap_or_default()
}
