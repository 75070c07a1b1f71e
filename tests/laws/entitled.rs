//! One table says who may say what: whatever it offers to someone is taken from them, whatever it does not offer is refused,
//! and no card has a button that no one may press.

use desk_core::plan::effect::{DoneByHand, EmailSent, ProficienciesAre};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connect_desk::practice::Practice;
use desk_core::basics::ids::{Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Role};
use desk_core::card::Card;
use desk_core::command::{Answer, Ask, Command, Entry};
use desk_core::desk::{Desk, Incoming, Invocation};
use desk_core::email::{Email, EmailKind};
use desk_core::log::{Draft, Event, Line, Outcome, Verification};
use desk_core::plan::{Attempt, Direction, Effect, Executor, Failure, Plan, Step, StepKey};
use desk_core::policy::{Policy, Quorum};
use desk_core::request::approval::{self, Moment};
use desk_core::request::entitled::{self, Check};
use desk_core::request::{Phase, Request, Verb};
use desk_core::{command, view};

use crate::cases::{self, World, at, id, person, plan, rule};
use crate::memory::Memory;
use crate::support;
use crate::town::{InMemoryCenter, RecordingExecutor, desk};

/// Lines of a request, and who is there.
type State = (Vec<Line>, Vec<Person>, Policy);

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
    Event::Held { problem: problem(code), by_requester: false, needs: None, unmet: Vec::new() }
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

/// Hands that remember which way they went.
#[derive(Default)]
struct Ways(Mutex<Vec<Direction>>);

#[async_trait]
impl Executor for Ways {
    async fn apply(&self, key: StepKey, _: Attempt, _: &Effect) -> Result<BTreeMap<String, String>, Failure> {
        self.0.lock().unwrap().push(key.direction);
        Ok(BTreeMap::new())
    }
}

/// A desk at a state, with a memory of its own.
struct Scene {
    desk: Desk,
    memory: Arc<Memory>,
    ways: Arc<Ways>,
    people: Vec<Person>,
}

impl Scene {
    fn at(practice: &Practice, (lines, people, policy): &State) -> Scene {
        // The first line is the desk's own, so that the next one has the number that follows.
        let opened = Event::Opened { version: String::new(), key: String::new(), policy: String::new() };
        let first = Draft { at: at(0), by: None, about: Vec::new(), event: opened }.at_line(0, None);
        let memory = Arc::new(Memory::of(std::iter::once(first).chain(lines.iter().cloned()).collect()));
        let ways = Arc::new(Ways::default());
        let town = Arc::new(InMemoryCenter(Mutex::new(people.clone())));
        let clock = Arc::new(connect_desk::clock::ScriptClock::starting_at(at(20)));
        let entry = Entry { path: cases::COMMAND, command: TOUCH };
        let desk = desk(practice, entry, policy.clone(), town, memory.clone(), ways.clone(), clock);
        Scene { desk, memory, ways, people: people.clone() }
    }

    async fn request(&self) -> Request {
        self.desk.request(RequestNo(1)).await.unwrap()
    }

    async fn card(&self) -> Card {
        view::request_card(&self.request().await, at(20))
    }

    /// How far it is: where, in words, and how often it was planned again because everything was there.
    async fn standing(&self) -> String {
        let request = self.request().await;
        format!("{} {}", view::standing_alone(&request, at(20), &[]), request.voided.len())
    }

    /// Says it, and gives whether it was taken.
    async fn says(&self, by: &Person, line: &str) -> bool {
        let said = Invocation::Typed(line.to_owned());
        let before = self.memory.0.lock().unwrap().len();
        self.desk.handle(Incoming { by: by.clone(), place: cases::place(), said }).await;
        let taken = {
            let lines = self.memory.0.lock().unwrap();
            let mut new = lines[before..].iter().filter(|line| line.by.is_some());
            new.any(|line| line.request.is_some() && !matches!(line.event, Event::Refused { .. }))
        };
        self.desk.advance(RequestNo(1)).await.unwrap();
        taken
    }

    /// What the card offers to type, in its buttons and in its sentences.
    async fn offered(&self) -> Vec<String> {
        let card = self.card().await;
        let buttons = card.actions.iter().map(|action| match &action.line {
            Some(line) => line.clone(),
            None => format!("/{} 1", action.path),
        });
        let words = card.words();
        let spans = words.split('`').skip(1).step_by(2).map(str::to_owned);
        let decides = |line: &String| {
            let verb = line.split(' ').nth(1).and_then(|word| Verb::of_command(&format!("desk {word}")));
            line.starts_with("/desk ") && verb.is_some()
        };
        buttons.chain(spans).filter(decides).collect()
    }
}

/// What becomes of the policy, or of people, while a request runs, and whether what is missing then is the requester's own.
type Change = (&'static str, bool, fn(&mut [Person], &mut Policy));

fn changes() -> Vec<Change> {
    vec![
        ("nothing", true, |_, _| {}),
        ("a confirmation", true, |_, policy| policy.rules[1].confirm = true),
        ("a caller", true, |_, policy| policy.rules[1].caller = true),
        ("a caller and a group", false, |_, policy| {
            policy.rules[1].caller = true;
            policy.rules[1].and.push(Quorum { approvals: 1, approvers: [Role::Oncall].into() });
        }),
        ("a group", false, |_, policy| {
            policy.rules[1].and.push(Quorum { approvals: 1, approvers: [Role::Oncall].into() });
        }),
        ("more approvals", false, |_, policy| {
            (policy.rules[1].approvals, policy.rules[1].approvers) = (2, [Role::Supervisor].into());
        }),
        ("other approvers", false, |_, policy| {
            (policy.rules[1].approvals, policy.rules[1].approvers) = (1, [Role::Oncall].into());
        }),
        ("no rule", false, |_, policy| drop(policy.rules.remove(1))),
        ("a rule that denies", false, |_, policy| policy.rules[1].deny = true),
        ("a rule for supervisors", false, |_, policy| policy.rules[1].roles = [Role::Supervisor].into()),
        ("no role of who approved it", false, |people, _| {
            people.iter_mut().filter(|person| person.name == "supervisor").for_each(|person| {
                person.roles.clear();
            });
        }),
    ]
}

/// What becomes of the requester meanwhile.
type Departure = (&'static str, fn(&mut Vec<Person>));

fn departures() -> Vec<Departure> {
    vec![
        ("is there", |_| {}),
        ("left", |people| people.retain(|person| person.name != "helpdesk")),
        ("has no role", |people| {
            people.iter_mut().filter(|person| person.name == "helpdesk").for_each(|person| {
                person.roles.clear();
            });
        }),
    ]
}

/// A request of which everything is there that it needs, and of whose two steps the first is done and, with `pivot`, can't be undone.
fn running(policy: &Policy, pivot: bool, stop: &str) -> Vec<Line> {
    let effect = || ProficienciesAre { login: "john.doe".to_owned(), proficiencies: Vec::new() };
    let step = || Step::new("Touch", effect()).undone_by(effect());
    let mut plan = plan(&["john.doe"]);
    plan.steps = vec![if pivot { step().pivot() } else { step() }, step()];
    let mut world = World::new(people(), policy.clone());
    let of = |name: &str| people().into_iter().find(|person| person.name == name).unwrap();
    let (helpdesk, supervisor) = (of("helpdesk"), of("supervisor"));
    world.asks(&helpdesk, plan, false).unwrap();
    let needs = world.request().planned.unwrap().needs;
    if needs.confirm {
        world.confirms(&helpdesk);
    }
    if needs.caller {
        let how = Verification::CalledBack;
        world.say(Some(&helpdesk), 1, Event::CallerVerified { how, note: String::new() });
    }
    if needs.approvals > 0 {
        world.approves(&supervisor);
    }
    if !needs.and.is_empty() {
        world.approves(&of("admin"));
    }
    let mut said: Lines = vec![("", started(0)), ("", done(0))];
    match stop {
        "was stopped" => said.push(("supervisor", held("stopped"))),
        "was stopped and is stuck" => {
            let mut failed = failed(1).into_iter();
            said.extend(failed.next().map(|started| ("", started)));
            said.push(("supervisor", held("stopped")));
            said.extend(failed.map(|event| ("", event)));
        }
        _ => {}
    }
    for (who, event) in said {
        let by = (who == supervisor.name).then_some(&supervisor);
        world.say(by, 5, event);
    }
    world.lines
}

/// Has everyone do what the card offers until it ends.
async fn followed(scene: &Scene, what: &str) -> Outcome {
    let mut all = Vec::new();
    'round: for _ in 0..9 {
        let request = scene.request().await;
        if let Phase::Finished { outcome, .. } = request.phase {
            return outcome;
        }
        let further = |line: &String| {
            let verb = line.split(' ').nth(1).and_then(|word| Verb::of_command(&format!("desk {word}")));
            verb.is_some_and(|verb| verb.row().takes_further)
        };
        let offered = scene.offered().await;
        let mut lines: Vec<&String> = offered.iter().filter(|line| further(line)).collect();
        if lines.is_empty() {
            lines = offered.iter().filter(|line| line.ends_with("rollback")).collect();
        }
        let before = scene.standing().await;
        for line in lines {
            for by in &scene.people {
                if scene.says(by, line).await && scene.standing().await != before {
                    all.push(format!("{}: {line}", by.name));
                    continue 'round;
                }
            }
        }
        panic!("{what}: no one takes it further: {before} {offered:?} {all:?}");
    }
    panic!("{what}: it does not end: {all:?}");
}

/// A request waits for exactly those whose decision takes it further.
async fn waits_for_whom_it_should(practice: &Practice, state: &State, what: &str) {
    let scene = Scene::at(practice, state);
    let (request, before) = (scene.request().await, scene.standing().await);
    let requester = people().remove(0);
    for by in scene.people.iter().filter(|by| !by.roles.is_empty()) {
        let said = Invocation::Typed("/desk requests".to_owned());
        let reply = scene.desk.handle(Incoming { by: by.clone(), place: cases::place(), said }).await;
        let waits = reply.card.words().contains("Waiting for you");
        let mut helps = false;
        for verb in Verb::ALL.into_iter().filter(|verb| verb.row().takes_further) {
            // Before the requester has confirmed it is no one's turn to approve, though they may.
            if verb == Verb::Approve && approval::lacks_confirmation(&request, at(20)) {
                continue;
            }
            let is_requester = entitled::is_requester(&request, &requester, by);
            let then = Scene::at(practice, state);
            let taken = then.says(by, &typed(verb, &request, by, is_requester)).await;
            helps |= taken && then.standing().await != before;
        }
        assert_eq!(waits, helps, "{what}, {} {:?}: {before}", by.name, by.id);
    }
}

#[tokio::test]
async fn what_is_held_is_taken_further_by_whom_its_card_names_and_never_by_its_requester_alone() {
    let folder = tempfile::tempdir().unwrap();
    let practice = Practice::open(support::options(folder.path(), support::clock())).await.unwrap();
    let mut all = 0;
    for (rules, policy) in rules() {
        for (pivot, stop) in
            [(false, ""), (true, ""), (true, "was stopped"), (true, "was stopped and is stuck")]
        {
            for (change, own, changes) in changes() {
                for (departure, departs) in departures() {
                    // Who approves has to know how the caller was verified.
                    let own = own && (change != "a caller" || rules == "none");
                    let what = format!("{rules}, {pivot}, {stop}, {change}, the requester {departure}");
                    let mut state: State = (running(&policy, pivot, stop), people(), policy.clone());
                    changes(&mut state.1, &mut state.2);
                    departs(&mut state.1);
                    let scene = Scene::at(&practice, &state);
                    scene.desk.advance(RequestNo(1)).await.unwrap();
                    if scene.request().await.is_finished() {
                        continue;
                    }
                    all += 1;
                    state.0 = scene.memory.0.lock().unwrap()[1..].to_vec();
                    if pivot && stop.is_empty() {
                        waits_for_whom_it_should(&practice, &state, &what).await;
                    }
                    let words = [
                        ["retry", "confirm", "verify", "cancel rollback", "retry", "done"],
                        ["cancel", "cancel rollback", "retry", "confirm", "verify", "retry"],
                        ["cancel", "retry", "verify", "confirm", "cancel", "cancel rollback"],
                    ];
                    for words in words.iter().filter(|_| !own || departure != "is there" || !stop.is_empty())
                    {
                        let scene = Scene::at(&practice, &state);
                        let faces = state.1.iter().filter(|face| face.name == "helpdesk");
                        for (word, by) in faces.flat_map(|face| words.map(|word| (word, face))) {
                            let (verb, how) = word.split_once(' ').unwrap_or((word, ""));
                            scene.says(by, &format!("/desk {verb} 1 {how}")).await;
                        }
                        let ways = scene.ways.0.lock().unwrap().clone();
                        assert!(
                            !ways.contains(&Direction::Forward),
                            "{what}: the requester alone, by {words:?}"
                        );
                        // Nor do they leave it where no one takes it further.
                        followed(&scene, &format!("{what} after {words:?}")).await;
                    }
                    let ended = followed(&scene, &what).await;
                    let is_undone = !pivot && scene.request().await.rolling_back.is_some();
                    let expected = if is_undone { Outcome::RolledBack } else { Outcome::Completed };
                    assert_eq!(ended, expected, "{what}");
                }
            }
        }
    }
    assert!(all > 200, "{all}");
}

#[tokio::test]
async fn what_waits_is_listed_for_exactly_those_who_take_it_further() {
    let folder = tempfile::tempdir().unwrap();
    let practice = Practice::open(support::options(folder.path(), support::clock())).await.unwrap();
    for (rules, policy) in rules() {
        let lines = running(&policy, false, "");
        let begins = lines.iter().position(|line| line.event.word() == "started").unwrap();
        for said in 2..begins {
            let state: State = (lines[..said].to_vec(), people(), policy.clone());
            waits_for_whom_it_should(&practice, &state, &format!("{rules}, {said} lines")).await;
        }
    }
}
