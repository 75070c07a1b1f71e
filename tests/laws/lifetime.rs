//! No approval outlives its first deadline by the requester's doing: thousands of histories in which the approver speaks once
//! and the requester says whatever there is to say, while the clock is set to and fro.

use desk_core::plan::effect::{DoneByHand, ProficienciesAre};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connect_desk::clock::ScriptClock;
use connect_desk::practice::Practice;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Role;
use desk_core::center::User;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command, Entry};
use desk_core::desk::{Desk, Incoming, Invocation};
use desk_core::log::{Event, LogReader as _};
use desk_core::plan::{Attempt, Direction, Effect, Executor, Facts, Failure, Plan, Step, StepKey};
use desk_core::policy::Policy;
use desk_core::ports::Clock as _;
use desk_core::words::{Arg, Kind, Risk, Spec};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::cases::{self, person, place, rule};
use crate::memory::Memory;
use crate::support;
use crate::town::{InMemoryCenter, as_before, desk};

const LOGINS: [&str; 3] = ["john.doe", "olga.novak", "mei.chen"];
const HISTORIES: u64 = 3_000;
const MOVES: usize = 30;
const MINUTE: Duration = Duration::from_secs(60);
const VALID: Duration = Duration::from_secs(60 * 60);

tokio::task_local! {
    /// The users, who never change.
    static USERS: Vec<User>;
}

const TOUCH: Command = command!(SPEC, answer);

const SPEC: Spec = Spec {
    about: "Touch a user",
    help: "",
    risk: Risk::Destructive,
    also: &[],
    args: &[Arg::required("login", Kind::Login, "Whom")],
    examples: &["/connect touch john.doe"],
    operations: &["DescribeUser"],
};

/// Three steps one after the other; of what john.doe gets nothing can be undone, and mei.chen gets something manually.
async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let login = ask.args.word("login");
    let mut plan = Plan { steps: Vec::new(), ..cases::plan(&[login]) };
    plan.before.extend(USERS.with(|users| as_before(users, login)));
    for i in 0..3 {
        let effect = ProficienciesAre { login: login.to_owned(), proficiencies: Vec::new() };
        let step = Step::new(format!("Touch {i}"), effect.clone());
        plan.steps.push(match (login, i) {
            ("john.doe", 0) => step.pivot(),
            ("mei.chen", 1) => {
                let by_hand = DoneByHand { instruction: "Do it".to_owned(), link: None };
                Step::new("Manually", by_hand)
            }
            _ => step.undone_by(effect),
        });
    }
    Ok(Answer::Plan(plan))
}

/// Hands that fail now and then, and remember when they were used to go forward.
struct Timed {
    clock: Arc<ScriptClock>,
    dice: Mutex<StdRng>,
    calls: Mutex<Vec<(RequestNo, Duration)>>,
}

#[async_trait]
impl Executor for Timed {
    async fn apply(&self, key: StepKey, _: Attempt, _: &Effect) -> Result<Facts, Failure> {
        if key.direction == Direction::Forward {
            self.calls.lock().unwrap().push((key.request, self.clock.monotonic()));
        }
        match self.dice.lock().unwrap().random_bool(0.3) {
            true => Err(Failure::Refused(Problem::human("x", "It failed.").hint("Look."))),
            false => Ok(Facts::new()),
        }
    }
}

fn policy() -> Policy {
    let mut open = rule("everybody decides");
    (open.commands, open.roles, open.confirm) = (vec!["desk *".to_owned()], Role::ALL.into(), false);
    let mut touch = rule("touch");
    touch.commands = vec!["connect touch".to_owned()];
    (touch.approvals, touch.approvers) = (1, [Role::Admin].into());
    Policy { rules: vec![open, touch] }
}

struct History {
    dice: StdRng,
    clock: Arc<ScriptClock>,
    memory: Arc<Memory>,
    executor: Arc<Timed>,
    town: Arc<InMemoryCenter>,
    /// By how many seconds the clock is wrong.
    set: i64,
    /// When each plan was made, by the time that passed.
    planned: BTreeMap<RequestNo, Duration>,
    seen: usize,
}

impl History {
    fn desk(&self, practice: &Practice) -> Desk {
        let entry = Entry { path: "connect touch", command: TOUCH };
        let (memory, executor) = (self.memory.clone(), self.executor.clone());
        desk(practice, entry, policy(), self.town.clone(), memory, executor, self.clock.clone())
    }

    async fn says(&mut self, desk: &Desk, who: usize, line: &str) {
        let by = self.town.0.lock().unwrap()[who].clone();
        let heard = Incoming { by, place: place(), said: Invocation::Typed(line.to_owned()) };
        if let Some(no) = desk.handle(heard).await.request {
            desk.advance(no).await.unwrap();
        }
        self.look();
    }

    /// Notes when plans were made. Of several for one request the last one counts: it has reset its approvals.
    fn look(&mut self) {
        let lines = self.memory.0.lock().unwrap();
        for line in &lines[self.seen..] {
            if let (Event::Planned { .. }, Some(no)) = (&line.event, line.request) {
                self.planned.insert(no, self.clock.monotonic());
            }
        }
        self.seen = lines.len();
    }

    fn set_clock(&mut self, seconds: i64) {
        self.clock.set_ahead(seconds - self.set);
        self.set = seconds;
    }

    async fn go(mut self, practice: &Practice) -> (usize, usize) {
        let mut desk = self.desk(practice);
        let login = *LOGINS.choose(&mut self.dice).unwrap();
        if self.dice.random_bool(0.2) {
            // It is planned by a clock that is a year ahead, or behind.
            let year = 365 * 86_400;
            let ahead = self.dice.random_bool(0.5);
            self.set_clock(if ahead { year } else { -year });
        }
        self.says(&desk, 0, &format!("/connect touch {login}")).await;
        self.says(&desk, 0, "/desk confirm 1").await;
        let approves = self.dice.random_range(0..8);
        for turn in 0..MOVES {
            if turn == approves {
                self.says(&desk, 1, "/desk approve 1").await;
            }
            match self.dice.random_range(0..10) {
                0..3 => self.clock.advance(MINUTE * self.dice.random_range(1..40)),
                3 => self.clock.advance(MINUTE * self.dice.random_range(60..20_000)),
                4 => {
                    let seconds = [0, 0, 0, -2_700, -90_000, 2_700, 90_000, 31_536_000];
                    let seconds = *seconds.choose(&mut self.dice).unwrap();
                    self.set_clock(seconds);
                }
                // How long a desk was down is told by its clock alone.
                5 if self.set == 0 => desk = self.desk(practice),
                _ => {
                    let word = [
                        "confirm 1",
                        "defer 1 167h",
                        "defer 1 50m",
                        "defer 1 22:00",
                        "defer 1 contact",
                        "defer 1 contact 100h",
                        "defer 1 now",
                        "verify 1",
                        "retry 1",
                        "retry 1",
                        "done 1",
                        "cancel 1 rollback",
                        "freeze all",
                        "unfreeze 2",
                        "unfreeze 3",
                        "approve 1",
                        "request-changes 1 \"another\"",
                    ];
                    let mut word = *word.choose(&mut self.dice).unwrap();
                    // What has not begun is over when it is canceled, and then there is nothing to see.
                    let began = desk.request(RequestNo(1)).await.unwrap().began.is_some();
                    if began && self.dice.random_bool(0.2) {
                        word = "cancel 1";
                    }
                    self.says(&desk, 0, &format!("/desk {word}")).await;
                }
            }
            for no in self.memory.open().await.unwrap() {
                desk.advance(no).await.unwrap();
                self.look();
            }
            self.check();
        }
        let calls = self.executor.calls.lock().unwrap();
        let late = calls.iter().filter(|(no, at)| *at > self.planned[no] + MINUTE * 30).count();
        (calls.len(), late)
    }

    fn check(&self) {
        for (no, at) in self.executor.calls.lock().unwrap().iter() {
            let age = at.saturating_sub(self.planned[no]);
            let lines = self.memory.0.lock().unwrap();
            let tell =
                || lines.iter().map(|line| format!("{} {:?}\n", line.at, line.event)).collect::<String>();
            assert!(
                age < VALID,
                "a step began {} min after its plan was made:\n{}",
                age.as_secs() / 60,
                tell()
            );
        }
    }
}

#[tokio::test]
async fn no_words_of_the_requester_keep_an_approval_alive() {
    let folder = tempfile::tempdir().unwrap();
    let practice = Practice::open(support::options(folder.path(), support::clock())).await.unwrap();
    let users = practice.desk.center.users(&LOGINS.map(str::to_owned)).await.unwrap();
    let (mut calls, mut late) = (0, 0);
    for seed in 0..HISTORIES {
        let clock = support::clock();
        let dice = StdRng::seed_from_u64(seed);
        let executor = Timed {
            clock: clock.clone(),
            dice: Mutex::new(StdRng::seed_from_u64(!seed)),
            calls: Mutex::default(),
        };
        let people = vec![
            person(1, "helpdesk", &[Role::L1, Role::Supervisor], None),
            person(2, "admin", &[Role::Admin], None),
        ];
        let history = History {
            dice,
            clock,
            memory: Arc::default(),
            executor: Arc::new(executor),
            town: Arc::new(InMemoryCenter(Mutex::new(people))),
            set: 0,
            planned: BTreeMap::new(),
            seen: 0,
        };
        let (all, after_half) = support::in_time(USERS.scope(users.clone(), history.go(&practice))).await;
        calls += all;
        late += after_half;
    }
    // Most of it is carried out, and some of it only in the second half of the hour.
    assert!(calls > 2_000 && late > 300, "{calls} calls, {late} of them late");
}
