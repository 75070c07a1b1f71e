//! Requests folded from real lines, and what `weigh` says of them, for the laws about it.

use desk_core::basics::ids::{PersonId, Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Role};
use desk_core::basics::span::recorded;
use desk_core::log::{By, Draft, Event, Line};
use desk_core::plan::effect::ProficienciesAre;
use desk_core::plan::{AffectedUser, Plan, PlanDigest, Presence, Step};
use desk_core::policy::site::Protected;
use desk_core::policy::{Action, Policy, Requirements, Rule};
use desk_core::request::Request;
use desk_core::request::approval::{Evaluation, Moment, THEIRS, Verdict, missing_words, weigh};
use desk_core::request::freeze::Freeze;
use desk_core::words::{Arg, Args, Kind, Risk, Spec};
use jiff::{SignedDuration, Timestamp};

use crate::support::desks::events::requested;

pub use crate::support::desks::place;

pub const COMMAND: &str = "connect touch";

/// What each law's own command is called with, and each has its own answer.
pub const SPEC: Spec = Spec {
    about: "Touch a user",
    help: "",
    risk: Risk::Destructive,
    also: &[],
    args: &[
        Arg::optional("login", Kind::Login, "Whom"),
        Arg::optional("reason", Kind::Text(100), "Why"),
        Arg::optional("emergency", Kind::Flag, "Immediately"),
    ],
    examples: &["/connect touch john.doe"],
    operations: &["DescribeUser"],
};

/// So many minutes after the plan was made: a Friday morning.
pub fn at(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
    start.checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

/// A rule that lets L1 ask for anything and wants nothing but their own yes.
pub fn rule(name: &str) -> Rule {
    serde_json::from_value(serde_json::json!({ "name": name, "roles": ["l1"] })).unwrap()
}

/// A rule that lets everyone have a word in requests.
pub fn open() -> Rule {
    Rule { commands: vec!["desk *".to_owned()], roles: Role::ALL.into(), ..rule("the desk's own") }
}

pub fn person(number: u64, name: &str, roles: &[Role], login: Option<&str>) -> Person {
    Person {
        id: id(Platform::Console, number),
        name: name.to_owned(),
        roles: roles.iter().copied().collect(),
        login: login.map(str::to_owned),
        also: Default::default(),
    }
}

pub fn plan(about: &[&str]) -> Plan {
    let mut plan = Plan { risk: Risk::Sensitive, ..Plan::new("Touch someone.") };
    for login in about {
        let login = (*login).to_owned();
        let effect = ProficienciesAre { login: login.clone(), proficiencies: Vec::new() };
        plan.steps.push(Step::new("Touch", effect));
        plan.about.push(AffectedUser { login, user_id: String::new(), name: String::new() });
    }
    plan
}

pub fn id(platform: Platform, number: u64) -> PersonId {
    let letter = if platform == Platform::Slack { "U" } else { "" };
    PersonId::new(platform, format!("{letter}{number}")).unwrap()
}

/// Everything that is weighed, with the people as their platforms show them, one for each account.
#[derive(Clone, Debug)]
pub struct World {
    pub faces: Vec<Person>,
    pub policy: Policy,
    pub protected: Protected,
    pub blocked_by: Option<Problem>,
    pub frozen: Option<Freeze>,
    /// What people are doing now, if someone looked; and what they did when it was planned.
    pub live: Option<Presence>,
    pub lived: Presence,
    pub lines: Vec<Line>,
    /// Of the plan that is.
    pub digest: Option<PlanDigest>,
    pub now: Timestamp,
    /// What time it is at least by the time that passed, where the clock says less.
    pub passed: Option<Timestamp>,
}

impl World {
    pub fn new(faces: Vec<Person>, policy: Policy) -> World {
        World {
            faces,
            policy,
            protected: Protected::default(),
            blocked_by: None,
            frozen: None,
            live: Some(Presence::default()),
            lived: Presence::default(),
            lines: Vec::new(),
            digest: None,
            now: at(0),
            passed: None,
        }
    }

    pub fn face(&self, id: &PersonId) -> Option<&Person> {
        self.faces.iter().find(|face| face.id == *id)
    }

    /// What this plan would need of this requester, at this moment.
    pub fn needs(
        &self,
        plan: &Plan,
        emergency: bool,
        by: &Person,
        now: Timestamp,
    ) -> Result<Requirements, Problem> {
        let (impact, place) = (plan.impact(&self.lived), place());
        let risk = plan.risk;
        let matter = Action { command: COMMAND, risk, impact: Some(&impact), emergency, place: &place, now };
        self.policy.needs_of(plan, &matter, by, &self.protected)
    }

    /// Someone asks, and it is planned by the rules as they are; or why the rules refuse it.
    pub fn asks(&mut self, by: &Person, plan: Plan, emergency: bool) -> Result<(), Problem> {
        let needs = self.needs(&plan, emergency, by, at(0))?;
        let raw = emergency.then(|| ("emergency".to_owned(), "true".to_owned()));
        let args = Args::check(COMMAND, &SPEC, raw.into_iter().collect())?;
        let roles: Vec<Role> = by.roles.iter().copied().collect();
        let asked = requested(COMMAND, args, &roles, &needs.rule);
        self.say(Some(by), 0, asked);
        self.plans(plan, needs);
        Ok(())
    }

    pub fn plans(&mut self, plan: Plan, needs: Requirements) {
        let digest = plan.digest();
        self.plans_that(plan, digest, needs);
    }

    /// The same for a plan of which the digest is known.
    pub fn plans_that(&mut self, plan: Plan, digest: PlanDigest, needs: Requirements) {
        self.digest = Some(digest.clone());
        let expires = at(i64::from(needs.expires_minutes));
        self.say(
            None,
            0,
            Event::Planned {
                plan: Box::new(plan),
                digest,
                needs,
                live: self.lived.clone(),
                expires,
                same_as: None,
            },
        );
    }

    pub fn say(&mut self, by: Option<&Person>, minutes: i64, event: Event) {
        let draft = Draft { at: at(minutes), by: by.map(By::from), about: Vec::new(), event };
        // Lines are read as they are stored.
        let line = draft.at_line(self.lines.len() as u64 + 1, Some(RequestNo(1)));
        self.lines.push(Line::decode(&line.encode()).unwrap());
    }

    pub fn confirms(&mut self, by: &Person) {
        let digest = self.digest();
        self.say(Some(by), 1, Event::Confirmed { digest });
    }

    pub fn approves(&mut self, by: &Person) {
        let digest = self.digest();
        let roles = by.roles.iter().copied().collect();
        self.say(Some(by), 2, Event::Approved { digest, roles, comment: String::new() });
    }

    fn digest(&self) -> PlanDigest {
        self.digest.clone().unwrap()
    }

    pub fn request(&self) -> Request {
        Request::fold(RequestNo(1), &self.lines).unwrap()
    }

    pub fn weighed(&self) -> Verdict {
        self.weighs(&self.request())
    }

    pub fn weighs(&self, request: &Request) -> Verdict {
        let voters: Vec<Person> =
            request.approvals.iter().filter_map(|yes| self.face(&yes.by.id)).cloned().collect();
        weigh(Evaluation {
            request,
            policy: &self.policy,
            protected: &self.protected,
            requester: self.face(&request.by.id),
            voters: &voters,
            answering: request.answering.as_ref().and_then(|by| self.face(&by.id)),
            frozen: self.frozen.as_ref(),
            blocked_by: self.blocked_by.as_ref(),
            live: self.live.as_ref(),
            at: Moment { now: self.now, passed: self.passed.unwrap_or(self.now) },
        })
    }

    /// What comes of weighing, in words.
    pub fn verdict(&self) -> String {
        match self.weighed() {
            Verdict::Permit(go) => {
                assert_eq!(Some(go.digest()), self.digest.as_ref());
                "go".to_owned()
            }
            Verdict::Waits(missing) if missing.is_empty() => "waits".to_owned(),
            Verdict::Waits(missing) => {
                format!("waits for {}", recorded(&missing_words(&missing, THEIRS, at(0))))
            }
            Verdict::Void(why) => format!("void: {}", why.join("; ")),
            Verdict::Refused(problem) => format!("refused: {}", problem.code),
            Verdict::Held(held) => format!("held: {}", held.problem.code),
            Verdict::Look => "look".to_owned(),
            Verdict::Expired => "expired".to_owned(),
        }
    }
}
