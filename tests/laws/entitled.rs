//! One table says who may say what: whatever it offers to someone is taken from them, whatever it does not offer is refused,
//! and no card has a button that no one may press.

use desk_core::plan::effect::{DoneByHand, EmailSent};
use std::sync::Arc;

use connect_desk::practice::Practice;
use desk_core::basics::ids::{Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Role};
use desk_core::command::{Answer, Ask, Command, Entry};
use desk_core::desk::{Incoming, Invocation};
use desk_core::email::{Email, EmailKind};
use desk_core::log::{Event, Outcome};
use desk_core::plan::{Direction, Effect, Plan, Step};
use desk_core::policy::{Policy, Quorum};
use desk_core::request::approval::Moment;
use desk_core::request::entitled::{self, Check};
use desk_core::request::{Phase, Request, Verb};
use desk_core::{command, view};

use crate::cases::{self, World, at, id, person, plan, rule};
use crate::memory::Memory;
use crate::support;
use crate::town::{InMemoryCenter, RecordingExecutor, desk};

const TOUCH: Command = command!(cases::SPEC, answer);

async fn answer(_: &Ask<'_>) -> Result<Answer, Problem> {
    Ok(Answer::Plan(cases::plan(&["john.doe"])))
}

/// The first asks, also at another account; the last is who it is about, a supervisor.
fn people() -> Vec<Person> {
    let mut first = person(1, "helpdesk", &[Role::L1], None);
    first.also = [id(Platform::Discord, 1)].into();
    let phone = first.at(&id(Platform::Discord, 1)).unwrap();
    vec![
        first,
        phone,
        person(2, "supervisor", &[Role::Supervisor], None),
        person(3, "second", &[Role::Supervisor], None),
        person(4, "admin", &[Role::Admin], None),
        person(5, "oncall", &[Role::L1, Role::Oncall], None),
        person(6, "agent", &[Role::Agent], None),
        person(7, "no one", &[], None),
        person(8, "target", &[Role::Supervisor, Role::Admin], Some("John.Doe")),
    ]
}

/// Rules with as many approvals as there may be, one for each world.
fn rules() -> Vec<(&'static str, Policy)> {
    let mut desk = rule("everybody decides");
    desk.commands = vec!["desk *".to_owned()];
    desk.roles = Role::ALL.into();
    desk.confirm = false;
    let touching = |name: &str| {
        let mut touch = rule(name);
        touch.roles = [Role::L1, Role::Supervisor].into();
        touch
    };
    let mut one = touching("one");
    (one.approvals, one.approvers) = (1, [Role::Supervisor].into());
    let mut two = one.clone();
    two.and = vec![Quorum { approvals: 1, approvers: [Role::Admin, Role::Oncall].into() }];
    let mut caller = one.clone();
    caller.caller = true;
    let mut silent = one.clone();
    silent.confirm = false;
    let all =
        [("none", touching("none")), ("one", one), ("two", two), ("caller", caller), ("silent", silent)];
    all.into_iter().map(|(name, rule)| (name, Policy { rules: vec![desk.clone(), rule] })).collect()
}

fn email(kind: EmailKind) -> Effect {
    EmailSent(Email {
        kind,
        to: "john.doe@example.com".to_owned(),
        login: "john.doe".to_owned(),
        name: String::new(),
        website: None,
        sign_in: Default::default(),
        template: String::new(),
    })
    .into()
}

/// A plan that touches someone twice, does this in between, and makes a password.
fn with(effect: Option<Effect>) -> Plan {
    let mut plan = plan(&["john.doe"]);
    plan.steps.extend(effect.map(|effect| Step::new("Between", effect)));
    let again = plan.steps[0].clone();
    plan.steps.push(again);
    plan.makes_password = true;
    plan
}

fn started(step: u32) -> Event {
    Event::Started { step, direction: Direction::Forward }
}

fn done(step: u32) -> Event {
    Event::Done { step, facts: Default::default() }
}

fn problem(code: &str) -> Problem {
    Problem::human(code, "It went wrong.").hint("Look at it.")
}

fn failed(step: u32) -> Vec<Event> {
    let direction = Direction::Forward;
    let fails = Event::Failed { step, direction, unknown: true, problem: problem("x") };
    vec![started(step), fails, Event::Stuck { step, direction, problem: problem("x") }]
}

fn held(code: &str) -> Event {
    Event::Held { problem: problem(code), by_requester: false, needs: None }
}

/// What was said of a request: by no one, or by the person of this name.
type Lines = Vec<(&'static str, Event)>;

/// Where a request may be, as what was said of it after its plan.
fn states(emergency: bool) -> Vec<(&'static str, Plan, Lines)> {
    let by_desk = |events: Vec<Event>| events.into_iter().map(|event| ("", event)).collect::<Lines>();
    let mut first = Vec::new();
    if emergency {
        first.push(Event::ToReview);
    }
    first.extend([started(0), done(0)]);
    let then = |events: Vec<Event>| by_desk(first.clone().into_iter().chain(events).collect());
    let and = |mut events: Lines, who, event| {
        events.push((who, event));
        events
    };
    let by_hand = || Effect::from(DoneByHand { instruction: "Do it".to_owned(), link: None });
    let ended = |outcome| {
        let review = emergency.then_some(Event::ToReview);
        std::iter::once(Event::Finished { outcome }).chain(review).collect::<Vec<_>>()
    };
    let both = || vec![started(1), done(1)];
    let all_done = || then(both().into_iter().chain(ended(Outcome::Completed)).collect());
    let reviewed = |before_end| Event::Reviewed { justified: true, reason: "it was".to_owned(), before_end };
    let mut states = vec![
        ("waits", with(None), Vec::new()),
        ("waits under a freeze", with(None), by_desk(vec![held("frozen")])),
        ("runs", with(None), then(vec![])),
        ("was stopped", with(None), and(then(vec![]), "supervisor", held("stopped"))),
        ("is frozen", with(None), then(vec![held("frozen")])),
        ("lacks an approval", with(None), then(vec![held("approvals_missing")])),
        ("lost its requester", with(None), then(vec![held("requester_gone")])),
        ("is rolled back", with(None), and(then(vec![]), "supervisor", Event::RollbackRequested)),
        ("is done manually", with(Some(by_hand())), then(vec![started(1)])),
        ("is stuck", with(None), then(failed(1))),
        ("is stuck on an email", with(Some(email(EmailKind::Credentials))), then(failed(1))),
        ("is stuck on a warning", with(Some(email(EmailKind::EmailChanged))), then(failed(1))),
        ("is done", with(None), all_done()),
        ("is shown", with(None), and(all_done(), "helpdesk", Event::Unsealed)),
        // The line before it is put in when it is known.
        (
            "was shown",
            with(None),
            and(and(all_done(), "helpdesk", Event::Unsealed), "", Event::Revealed { unsealed: 0 }),
        ),
        (
            "was canceled",
            with(None),
            by_desk(vec![Event::Canceled, Event::Finished { outcome: Outcome::Canceled }]),
        ),
    ];
    if emergency {
        states.push(("was reviewed early", with(None), and(then(failed(1)), "admin", reviewed(true))));
        states.push(("was reviewed", with(None), and(all_done(), "admin", reviewed(false))));
    }
    states
}

/// What someone types to say this word, with whatever it wants.
fn typed(verb: Verb, request: &Request, by: &Person, requester: bool) -> String {
    let rest = match verb {
        Verb::Review => " justified \"because\"",
        _ if verb.row().checks.contains(&Check::Sentence) => " \"because\"",
        Verb::Verify if !requester && by.leads() => " manager",
        Verb::Verify => " called_back",
        Verb::Defer if request.is_emergency() => " contact",
        Verb::Defer => " 2m",
        Verb::Cancel if request.held.as_ref().is_some_and(|hold| hold.by.is_some()) => " rollback",
        _ => "",
    };
    format!("/{} 1{rest}", verb.row().path)
}

#[tokio::test]
async fn what_is_offered_to_somebody_is_taken_from_them_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let practice = Practice::open(support::options(folder.path(), support::clock())).await.unwrap();
    let (mut taken, mut refused) = (0, 0);
    for (rules, mut policy) in rules() {
        for emergency in [false, true] {
            policy.rules[1].emergency = emergency;
            for (state, plan, said) in states(emergency) {
                // As long as the approvals are valid, and after that.
                for minutes in [10, 100] {
                    let what = format!("{rules} {emergency} {state} after {minutes} min");
                    let mut world = World::new(people(), policy.clone());
                    let helpdesk = world.faces[0].clone();
                    world.asks(&helpdesk, plan.clone(), emergency).unwrap();
                    for (who, event) in &said {
                        let by = people().into_iter().find(|person| person.name == *who);
                        let before = world.lines.last().map_or(0, |line| line.line);
                        let event = match event {
                            Event::Revealed { .. } => Event::Revealed { unsealed: before },
                            event => event.clone(),
                        };
                        world.say(by.as_ref(), 5, event);
                    }
                    let (yes, no) = every_word(&practice, &world, minutes, &what).await;
                    taken += yes;
                    refused += no;
                }
            }
        }
    }
    assert!(taken > 1_000 && refused > 10_000, "{taken} taken, {refused} refused");
}

/// Has everybody say everything on this request; gives how much was taken, and how much refused.
async fn every_word(practice: &Practice, world: &World, minutes: i64, what: &str) -> (usize, usize) {
    let request = world.request();
    let now = at(minutes);
    let clock = Arc::new(connect_desk::clock::ScriptClock::starting_at(now));
    let requester = world.faces[0].clone();
    let town = Arc::new(InMemoryCenter(std::sync::Mutex::new(people())));
    let (mut taken, mut refused) = (0, 0);
    let mut somebody_may = std::collections::BTreeSet::new();
    for verb in Verb::ALL {
        for by in people() {
            let memory = Arc::new(Memory::of(world.lines.clone()));
            let entry = Entry { path: cases::COMMAND, command: TOUCH };
            let deeds = Arc::new(RecordingExecutor::default());
            let policy = world.policy.clone();
            let desk = desk(practice, entry, policy, town.clone(), memory.clone(), deeds, clock.clone());
            let offered = desk.offered(Some(verb), &by, "", 1).await.unwrap();
            let moment = Moment::from(now);
            let may = verb.may(&request, &requester, &by, moment).is_ok();
            let tell = format!("{what}: {verb:?} of {} {:?}", by.name, by.id);
            assert_eq!(!offered.is_empty(), may, "it is offered or not: {tell}");
            let is_requester = entitled::is_requester(&request, &requester, &by);
            let line = typed(verb, &request, &by, is_requester);
            let expired = request.phase == Phase::Waiting && minutes >= 60;
            let heard = Incoming { by: by.clone(), place: cases::place(), said: Invocation::Typed(line) };
            let before = memory.0.lock().unwrap().len();
            let reply = desk.handle(heard).await;
            let lines = memory.0.lock().unwrap().split_off(before);
            let new = |line: &&desk_core::log::Line| line.request == Some(RequestNo(1)) && line.by.is_some();
            let took = lines.iter().filter(new).any(|line| !matches!(line.event, Event::Refused { .. }));
            // Anyone who comes after the deadline is told that it is over, whatever they would have said.
            if by.roles.is_empty() || expired {
                assert!(!took, "{tell}: {:?}", reply.card);
                continue;
            }
            assert_eq!(took, may, "{tell}: {:?}", reply.card);
            taken += usize::from(took);
            refused += usize::from(!took);
            if took {
                somebody_may.insert(verb.row().path);
            }
        }
    }
    if request.phase != Phase::Waiting || minutes < 60 {
        let card = view::request_card(&request, now);
        for action in card.actions.iter().filter(|action| action.line.is_none()) {
            assert!(somebody_may.contains(action.path.as_str()), "{what}: no one may press {}", action.label);
        }
    }
    let hangs = matches!(request.phase, Phase::Running | Phase::ByHand { .. } | Phase::Stuck { .. });
    assert!(
        !hangs || somebody_may.contains("desk cancel") || request.rolling_back.is_some(),
        "{what}: no one ends it"
    );
    (taken, refused)
}
