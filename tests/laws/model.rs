//! Ten thousand histories of people, rules, clicks, restarts and moving clocks against a model of the rules that shares no
//! code with them: no history ends with an effect that the model forbids.

use desk_core::plan::effect::ProficienciesAre;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_desk::clock::ScriptClock;
use connect_desk::practice::Practice;
use desk_core::basics::ids::{PersonId, Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Role};
use desk_core::center::User;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command, Entry};
use desk_core::desk::{Desk, Incoming, Invocation};
use desk_core::log::{Line, LogReader as _};
use desk_core::plan::{AffectedUser, Plan, Step};
use desk_core::policy::{Policy, Quorum, Reason, Rule, Target};
use desk_core::ports::Clock as _;
use desk_core::words::{Arg, Kind, Risk, Spec};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::memory::Memory;
use crate::support;
use crate::support::desks::place;
use crate::town::{InMemoryCenter, RecordingExecutor, as_before, desk};

const HISTORIES: u64 = 10_000;
const MOVES: usize = 24;
const LOGINS: [&str; 3] = ["john.doe", "jane.doe", "mei.chen"];
const SOME: [Role; 4] = [Role::L1, Role::Supervisor, Role::Oncall, Role::Admin];

const TOUCH: Command = command!(SPEC, answer);

const SPEC: Spec = Spec {
    about: "Touch a user",
    help: "",
    risk: Risk::Destructive,
    also: &[],
    args: &[
        Arg::required("login", Kind::Login, "Whom"),
        Arg::optional("reason", Kind::Text(100), "Why"),
        Arg::optional("emergency", Kind::Flag, "Immediately"),
    ],
    examples: &["/connect touch john.doe"],
    operations: &["DescribeUser"],
};

tokio::task_local! {
    /// How often the world has changed.
    static WORLD: Arc<Mutex<u32>>;
    /// The users, who never change.
    static USERS: Vec<User>;
}

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let login = ask.args.word("login").to_owned();
    let world = WORLD.with(|world| *world.lock().unwrap());
    let effect = ProficienciesAre { login: login.clone(), proficiencies: Vec::new() };
    let mut plan = Plan::new(format!("Touch {login} in world {world}."));
    plan.before.extend(USERS.with(|users| as_before(users, &login)));
    plan.about.push(AffectedUser { login, user_id: String::new(), name: String::new() });
    plan.steps.push(Step::new("Touch", effect));
    Ok(Answer::Plan(plan))
}

/// A click, whatever the desk made of it.
#[derive(Clone, Debug)]
struct Click {
    who: usize,
    yes: Yes,
    request: RequestNo,
    world: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Yes {
    Confirm,
    Approve,
}

/// A rule as the model reads it: who, how urgent, and the groups whose yes it wants.
#[derive(Clone, Debug)]
struct ModelRule {
    ask: BTreeSet<Role>,
    login: Option<&'static str>,
    deny: bool,
    emergency: bool,
    confirm: bool,
    groups: Vec<(u8, BTreeSet<Role>)>,
}

impl ModelRule {
    fn real(&self, name: usize) -> Rule {
        let mut groups =
            self.groups.iter().map(|(n, roles)| Quorum { approvals: *n, approvers: roles.clone() });
        let first = groups.next();
        Rule {
            name: format!("rule {name}"),
            commands: vec!["connect touch".to_owned()],
            risk: BTreeSet::new(),
            roles: self.ask.clone(),
            channels: BTreeSet::new(),
            private: false,
            hours: Vec::new(),
            touches: Target {
                logins: self.login.iter().map(|login| (*login).to_owned()).collect(),
                ..Target::default()
            },
            emergency: self.emergency,
            deny: self.deny,
            confirm: self.confirm,
            reason: Reason::default(),
            approvals: first.as_ref().map_or(0, |group| group.approvals),
            approvers: first.map(|group| group.approvers).unwrap_or_default(),
            and: groups.collect(),
            retype: false,
            second_factor: false,
            caller: false,
            expires_minutes: 60,
            remind_minutes: None,
            escalate: None,
        }
    }
}

fn some_roles(dice: &mut StdRng) -> BTreeSet<Role> {
    SOME.iter().filter(|_| dice.random_bool(0.5)).copied().collect()
}

fn some_rules(dice: &mut StdRng) -> Vec<ModelRule> {
    (0..dice.random_range(1..5))
        .map(|_| {
            let emergency = dice.random_bool(0.2);
            let groups = if emergency { 0 } else { dice.random_range(0..3) };
            ModelRule {
                ask: some_roles(dice),
                login: dice.random_bool(0.3).then(|| *LOGINS.choose(dice).unwrap()),
                deny: dice.random_bool(0.15),
                emergency,
                confirm: dice.random_bool(0.7),
                groups: (0..groups).map(|_| (dice.random_range(1..3), some_roles(dice))).collect(),
            }
        })
        .collect()
}

fn policy(rules: &[ModelRule]) -> Policy {
    let open = Rule {
        roles: Role::ALL.into(),
        commands: vec!["desk *".to_owned()],
        confirm: false,
        ..ModelRule {
            ask: BTreeSet::new(),
            login: None,
            deny: false,
            emergency: false,
            confirm: false,
            groups: Vec::new(),
        }
        .real(99)
    };
    Policy {
        rules: std::iter::once(open).chain(rules.iter().enumerate().map(|(i, rule)| rule.real(i))).collect(),
    }
}

/// Whether everybody who clicked can be put on a seat of their own so that every group is full: every way is tried.
pub(crate) fn full(groups: &[(u8, BTreeSet<Role>)], people: &[&BTreeSet<Role>]) -> bool {
    let Some(at) = groups.iter().position(|(n, _)| *n > 0) else { return true };
    (0..people.len()).any(|i| {
        if groups[at].1.is_disjoint(people[i]) {
            return false;
        }
        let mut less = groups.to_vec();
        less[at].0 -= 1;
        let mut rest = people.to_vec();
        rest.remove(i);
        full(&less, &rest)
    })
}

/// One history.
struct History {
    dice: StdRng,
    world: Arc<Mutex<u32>>,
    clock: Arc<ScriptClock>,
    memory: Arc<Memory>,
    deeds: Arc<RecordingExecutor>,
    town: Arc<InMemoryCenter>,
    rules: Vec<ModelRule>,
    clicks: Vec<Click>,
    /// The requester for whom, and whether as an emergency.
    asked: BTreeMap<RequestNo, (usize, &'static str, bool)>,
    ended: BTreeSet<RequestNo>,
    /// Whether nothing of john.doe may be touched.
    frozen: bool,
    checked: usize,
}

impl History {
    fn desk(&self, practice: &Practice) -> Desk {
        desk(
            practice,
            Entry { path: "connect touch", command: TOUCH },
            policy(&self.rules),
            self.town.clone(),
            self.memory.clone(),
            self.deeds.clone(),
            self.clock.clone(),
        )
    }

    fn anyone(&mut self) -> (usize, Person) {
        let people = self.town.0.lock().unwrap().clone();
        let who = self.dice.random_range(0..people.len());
        let accounts = people[who].accounts();
        let account = accounts.choose(&mut self.dice).unwrap();
        (who, people[who].at(account).unwrap())
    }

    async fn go(mut self, practice: &Practice) -> usize {
        let mut desk = self.desk(practice);
        for _ in 0..MOVES {
            match self.dice.random_range(0..20) {
                0..4 => self.ask(&desk).await,
                4..13 => self.click(&desk).await,
                13 => *self.world.lock().unwrap() += 1,
                14 => {
                    let roles = some_roles(&mut self.dice);
                    let mut people = self.town.0.lock().unwrap();
                    let who = self.dice.random_range(0..people.len());
                    people[who].roles = roles;
                }
                15 => {
                    self.rules = some_rules(&mut self.dice);
                    desk = self.desk(practice);
                }
                16 => self.clock.advance(Duration::from_secs(60 * self.dice.random_range(1..50))),
                17 => self.freeze(&desk).await,
                _ => desk = self.desk(practice),
            }
            for no in self.memory.open().await.unwrap() {
                desk.advance(no).await.unwrap();
            }
            self.check();
        }
        self.checked
    }

    async fn say(&self, desk: &Desk, by: Person, line: String) -> Option<RequestNo> {
        let reply = desk.handle(Incoming { by, place: place(), said: Invocation::Typed(line) }).await;
        if let Some(no) = reply.request {
            desk.advance(no).await.unwrap();
        }
        reply.request
    }

    async fn ask(&mut self, desk: &Desk) {
        let (who, by) = self.anyone();
        let login = *LOGINS.choose(&mut self.dice).unwrap();
        let emergency = self.dice.random_bool(0.25);
        let flag = if emergency { " emergency" } else { "" };
        let next = {
            let lines = self.memory.0.lock().unwrap();
            RequestNo(lines.iter().filter_map(|line| line.request).max().map_or(1, |last| last.0 + 1))
        };
        // Known before the desk continues with it, because it may be carried out immediately.
        self.asked.insert(next, (who, login, emergency));
        if self.say(desk, by, format!("/connect touch {login}{flag}")).await.is_none() {
            self.asked.remove(&next);
        }
        self.check();
    }

    async fn freeze(&mut self, desk: &Desk) {
        let (_, by) = self.anyone();
        let open = self.memory.open().await.unwrap();
        for no in open {
            if !self.asked.contains_key(&no) {
                self.say(desk, by.clone(), format!("/desk unfreeze {}", no.0)).await;
            }
        }
        if self.dice.random_bool(0.5) {
            self.say(desk, by, "/desk freeze john.doe".to_owned()).await;
        }
        self.check();
        let open = self.memory.open().await.unwrap();
        self.frozen = open.iter().any(|no| !self.asked.contains_key(no));
    }

    async fn click(&mut self, desk: &Desk) {
        let numbers: Vec<RequestNo> = self.asked.keys().copied().collect();
        let Some(no) = numbers.choose(&mut self.dice).copied() else { return };
        let (who, by) = self.anyone();
        let world = *self.world.lock().unwrap();
        let verb = ["confirm", "approve", "approve", "approve", "deny", "cancel", "request-changes"]
            .choose(&mut self.dice)
            .copied()
            .unwrap();
        let yes = match verb {
            "confirm" => Some(Yes::Confirm),
            "approve" => Some(Yes::Approve),
            _ => None,
        };
        if let Some(yes) = yes {
            self.clicks.push(Click { who, yes, request: no, world });
        }
        let rest = if verb == "request-changes" { " \"something else\"" } else { "" };
        self.say(desk, by, format!("/desk {verb} {}{rest}", no.0)).await;
        self.check();
        let said = |line: &Line, word: &str| line.request == Some(no) && line.event.word() == word;
        let lines = self.memory.0.lock().unwrap();
        match verb {
            "deny" | "cancel" if lines.last().is_some_and(|line| said(line, "finished")) => {
                self.ended.insert(no);
            }
            "request-changes" if lines.last().is_some_and(|line| said(line, "changes_requested")) => {
                self.clicks.retain(|click| click.request != no);
            }
            _ => {}
        }
    }

    /// Every deed so far is one that the model allows.
    fn check(&mut self) {
        let deeds = self.deeds.0.lock().unwrap().clone();
        let (now, people) = (self.clock.now(), self.town.0.lock().unwrap().clone());
        for no in deeds.iter().skip(self.checked) {
            let (requester, login, emergency) = self.asked[no];
            let tell = format!(
                "{no} of {requester} about {login} at {now}: {:?} {:?} {people:?}",
                self.rules, self.clicks
            );
            assert!(!self.ended.contains(no), "it was denied or canceled: {tell}");
            assert_eq!(deeds.iter().filter(|other| *other == no).count(), 1, "it was done twice: {tell}");
            let roles = &people[requester].roles;
            let rule = self
                .rules
                .iter()
                .filter(|rule| rule.deny || rule.emergency == emergency)
                .filter(|rule| rule.login.is_none_or(|only| only == login))
                .find(|rule| !rule.ask.is_disjoint(roles));
            let rule = rule.unwrap_or_else(|| panic!("no one may ask it: {tell}"));
            assert!(!rule.deny, "a rule refuses it: {tell}");
            let world = *self.world.lock().unwrap();
            let given = |yes: Yes| {
                self.clicks
                    .iter()
                    .filter(move |click| click.yes == yes && click.request == *no && click.world == world)
            };
            if rule.confirm {
                assert!(
                    given(Yes::Confirm).any(|click| click.who == requester),
                    "no one confirmed it: {tell}"
                );
            }
            let subject = |who: usize| people[who].login.as_deref() == Some(login);
            let voters: BTreeSet<usize> = given(Yes::Approve)
                .map(|click| click.who)
                .filter(|who| *who != requester && !subject(*who))
                .collect();
            let voters: Vec<&BTreeSet<Role>> = voters.iter().map(|who| &people[*who].roles).collect();
            assert!(full(&rule.groups, &voters), "too few approved it: {tell}");
            if login == "john.doe" {
                assert!(!self.frozen, "john.doe is frozen: {tell}");
            }
            if emergency {
                assert!(roles.contains(&Role::Oncall), "an emergency of someone not on call: {tell}");
            }
        }
        self.checked = deeds.len();
    }
}

fn people(dice: &mut StdRng) -> Vec<Person> {
    let mut logins: Vec<Option<String>> = LOGINS.iter().map(|login| Some((*login).to_owned())).collect();
    logins.extend([None, None]);
    (0..5)
        .map(|i| {
            let id = |platform, n: usize| PersonId::new(platform, n.to_string()).unwrap();
            let also = match dice.random_bool(0.5) {
                true => [id(Platform::Discord, 100 + i)].into(),
                false => BTreeSet::new(),
            };
            Person {
                id: id(Platform::Console, 1 + i),
                name: format!("person{i}"),
                roles: some_roles(dice),
                login: logins[i].clone(),
                also,
            }
        })
        .collect()
}

#[tokio::test]
async fn no_history_ends_with_an_effect_that_the_model_forbids() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = support::options(folder.path(), support::clock());
    options.config = Some(support::untiring_config());
    let practice = Practice::open(options).await.unwrap();
    let users = practice.desk.center.users(&LOGINS.map(str::to_owned)).await.unwrap();
    let mut deeds = 0;
    for seed in 0..HISTORIES {
        let mut dice = StdRng::seed_from_u64(seed);
        let town = Arc::new(InMemoryCenter(Mutex::new(people(&mut dice))));
        let rules = some_rules(&mut dice);
        let world = Arc::new(Mutex::new(0));
        let history = History {
            dice,
            world: world.clone(),
            clock: support::clock(),
            memory: Arc::default(),
            deeds: Arc::default(),
            town,
            rules,
            clicks: Vec::new(),
            asked: BTreeMap::new(),
            ended: BTreeSet::new(),
            frozen: false,
            checked: 0,
        };
        deeds += WORLD.scope(world, USERS.scope(users.clone(), history.go(&practice))).await;
    }
    // Histories in which nothing is ever done would show nothing.
    assert!(deeds > usize::try_from(HISTORIES / 4).unwrap(), "{deeds} deeds in {HISTORIES} histories");
}
