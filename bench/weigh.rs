//! Weighing an approval: a plan of 1,000 steps under 1,000 rules of which the last one decides, and what one more rule costs,
//! beside a bare loop that compares a string in every rule.

use desk_core::plan::effect::UserHas;
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use desk_core::basics::ids::{PersonId, Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Place, Role};
use desk_core::center::{Identity, Named, Profile, Snapshot, User};
use desk_core::log::{By, Event, Line, VERSION};
use desk_core::plan::Presence;
use desk_core::plan::{AffectedUser, Plan, Step};
use desk_core::policy::site::Protected;
use desk_core::policy::{Action, Escalation, Policy, Reason, Rule, Target};
use desk_core::request::Request;
use desk_core::request::approval::{Evaluation, Verdict, weigh};
use desk_core::user::UserField;
use desk_core::words::{Args, Risk};
use jiff::Timestamp;

use crate::{median, ms, row};

/// The longest that weighing may take.
const MAY_TAKE: Duration = Duration::from_millis(1);

/// How many rules and steps it has to hold for.
const RULES: usize = 1_000;
const STEPS: u32 = 1_000;

/// One rule among many may cost so many times what one among few does.
const FLAT: f64 = 2.0;

const COMMAND: &str = "connect edit";

pub fn run(out: &mut dyn Write, quick: bool) -> Result<bool, Problem> {
    let times = if quick { 50 } else { 2_000 };
    let mut sound = true;

    let scene = Scene::new(RULES, STEPS)?;
    let (mut took, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..times {
        took.push(scene.weighed()?);
        bare.push(scene.compared());
    }
    let beside = format!("{} bare loop", ms(median(&mut bare)));
    let what = format!("weigh {RULES} rules, {STEPS} steps");
    let middle = median(&mut took);
    row(out, &format!("{what} (median)"), &ms(middle), &beside, "below 1 ms", middle < MAY_TAKE)?;
    // The worst of many is what else the machine is at, so it is beside the worst of as long a loop that does nothing.
    let mut idle: Vec<Duration> = (0..times).map(|_| idle(middle)).collect();
    for (name, share) in [("p99", 99), ("worst", 100)] {
        let of = |times: &[Duration]| times.get((times.len() * share / 100).min(times.len() - 1)).copied();
        idle.sort_unstable();
        let (time, beside) = (of(&took).unwrap_or_default(), of(&idle).unwrap_or_default());
        let holds = time < MAY_TAKE;
        let beside = format!("{} idle loop", ms(beside));
        row(out, &format!("{what} ({name} of {times})"), &ms(time), &beside, "below 1 ms", holds)?;
        sound &= holds;
    }
    sound &= middle < MAY_TAKE;

    // What does not come of the rules is measured with the deciding one alone, and taken off.
    let alone = Scene::new(1, 1)?.middle(times)?;
    let mut first = None;
    for rules in [10, 100, 1_000, 10_000] {
        let scene = Scene::new(rules, 1)?;
        let times = if rules > RULES { times / 10 } else { times };
        let mut bare: Vec<Duration> = (0..times).map(|_| scene.compared()).collect();
        let each = |time: Duration| time.as_secs_f64() * 1e9 / rules as f64;
        let cost = each(scene.middle(times)?.saturating_sub(alone));
        let first = *first.get_or_insert(cost);
        let flat = cost <= first * FLAT;
        let beside = format!("{:.1} ns bare loop", each(median(&mut bare)));
        let bar = format!("at most {FLAT:.0} times that of 10");
        row(out, &format!("one rule among {rules}"), &format!("{cost:.1} ns"), &beside, &bar, flat)?;
        sound &= flat;
    }
    Ok(sound)
}

/// How long a loop takes that ends when this time is over.
fn idle(time: Duration) -> Duration {
    let began = Instant::now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
    began.elapsed()
}

/// Everything that is weighed.
struct Scene {
    request: Request,
    policy: Policy,
    protected: Protected,
    requester: Person,
    voters: [Person; 2],
    now: Timestamp,
}

impl Scene {
    /// An approved plan of so many steps, one a user, under so many rules.
    fn new(rules: usize, steps: u32) -> Result<Scene, Problem> {
        let now = Timestamp::UNIX_EPOCH;
        let policy = Policy { rules: (1..rules).map(other).chain([deciding()]).collect() };
        let protected = Protected {
            logins: (0..5).map(|i| format!("director{i}")).collect(),
            security_profiles: ["Admin".to_owned(), "CallCenterManager".to_owned()].into(),
        };
        let requester = person(1, Role::L1)?;
        let voters = [person(2, Role::Supervisor)?, person(3, Role::Admin)?];
        let plan = plan(steps);
        let place = place();
        let impact = plan.impact(&Presence::default());
        let matter = Action {
            command: COMMAND,
            risk: plan.risk,
            impact: Some(&impact),
            emergency: false,
            place: &place,
            now,
        };
        let needs = policy.needs_of(&plan, &matter, &requester, &protected)?;
        let digest = plan.digest();
        let yes = |roles: &[Role]| Event::Approved {
            digest: digest.clone(),
            roles: roles.to_vec(),
            comment: String::new(),
        };
        let asked = Event::Requested {
            command: COMMAND.to_owned(),
            args: Args::default(),
            place: place.clone(),
            roles: vec![Role::L1],
            rule: needs.rule.clone(),
            subject: String::new(),
        };
        let planned = Event::Planned {
            live: Presence::default(),
            plan: Box::new(plan),
            digest: digest.clone(),
            needs,
            expires: now.checked_add(jiff::SignedDuration::from_hours(1)).unwrap_or(now),
            same_as: None,
        };
        let [first, second] = &voters;
        let said = [
            (&requester, asked),
            (&requester, planned),
            (&requester, Event::Confirmed { digest: digest.clone() }),
            (first, yes(&[Role::Supervisor])),
            (second, yes(&[Role::Admin])),
        ];
        let no = RequestNo(1);
        let lines: Vec<Line> = said
            .into_iter()
            .zip(1..)
            .map(|((by, event), line)| Line {
                v: VERSION,
                line,
                at: now,
                request: Some(no),
                by: Some(By::from(by)),
                about: Vec::new(),
                event,
            })
            .collect();
        let request = Request::fold(no, &lines).map_err(|error| odd(&error.to_string()))?;
        Ok(Scene { request, policy, protected, requester, voters, now })
    }

    /// How long it takes to weigh it once.
    fn weighed(&self) -> Result<Duration, Problem> {
        let live = Presence::default();
        let case = Evaluation {
            live: Some(&live),
            request: &self.request,
            policy: &self.policy,
            protected: &self.protected,
            requester: Some(&self.requester),
            voters: &self.voters,
            answering: None,
            frozen: None,
            blocked_by: None,
            at: self.now.into(),
        };
        let began = Instant::now();
        let verdict = black_box(weigh(black_box(case)));
        let took = began.elapsed();
        match verdict {
            Verdict::Permit(_) => Ok(took),
            other => Err(odd(&format!("weighing gave {other:?}"))),
        }
    }

    fn middle(&self, times: usize) -> Result<Duration, Problem> {
        let mut took = (0..times).map(|_| self.weighed()).collect::<Result<Vec<Duration>, Problem>>()?;
        Ok(median(&mut took))
    }

    /// How long it takes to look at one text of every rule.
    fn compared(&self) -> Duration {
        let wanted = black_box(COMMAND);
        let began = Instant::now();
        black_box(self.policy.rules.iter().filter(|rule| rule.name == wanted).count());
        began.elapsed()
    }
}

/// A rule that does not match, each for another reason: it is about another command, risk, channel or user, about
/// emergencies, at other hours, or for other people.
fn other(i: usize) -> Rule {
    let rule = Rule {
        name: format!("rule {i}"),
        commands: vec!["connect *".to_owned()],
        risk: [Risk::Change, Risk::Sensitive].into(),
        reason: Reason::Like("INC-[0-9]+".to_owned()),
        ..deciding()
    };
    match i % 7 {
        0 => Rule { commands: vec!["desk *".to_owned(), "connect add".to_owned()], ..rule },
        1 => Rule { risk: [Risk::Destructive].into(), ..rule },
        2 => Rule { channels: [format!("{i}")].into(), ..rule },
        3 => {
            let logins = [format!("no one{i}"), format!("no one.else{i}")].into();
            Rule { deny: true, touches: Target { logins, ..Target::default() }, ..rule }
        }
        4 => Rule { emergency: true, ..rule },
        // The hours are over by the time of the measurement, 1 January 1970 at midnight.
        5 => Rule { hours: "Mon-Fri 08:00-18:00 Europe/Berlin".parse().into_iter().collect(), ..rule },
        _ => Rule { roles: [Role::Auditor].into(), ..rule },
    }
}

/// The last rule: it wants the approval of two groups.
fn deciding() -> Rule {
    Rule {
        name: "two people".to_owned(),
        commands: Vec::new(),
        risk: Default::default(),
        roles: [Role::L1].into(),
        channels: Default::default(),
        private: false,
        hours: Vec::new(),
        touches: Target::default(),
        emergency: false,
        deny: false,
        confirm: true,
        reason: Reason::default(),
        approvals: 1,
        approvers: [Role::Supervisor].into(),
        and: vec![desk_core::policy::Quorum { approvals: 1, approvers: [Role::Admin].into() }],
        retype: false,
        second_factor: false,
        caller: false,
        expires_minutes: 60,
        remind_minutes: None,
        escalate: Some(Escalation { after_minutes: 30, approvers: [Role::Oncall].into() }),
    }
}

fn plan(steps: u32) -> Plan {
    let named = |name: &str| Named { id: format!("id of {name}"), name: name.to_owned() };
    let mut plan = Plan { risk: Risk::Sensitive, ..Plan::new("Edit users.") };
    for i in 0..steps {
        let (login, user_id) = (format!("agent{i}"), format!("user-{i}"));
        let profile = Profile {
            identity: Identity::default(),
            routing_profile: named("Basic Routing Profile"),
            security_profiles: vec![named("Agent"), named("QualityAnalyst")],
            hierarchy_group: Some(named(&format!("East/Team {}", i % 20))),
            settings: Default::default(),
            tags: Default::default(),
            directory_user_id: None,
        };
        let field = UserField::SecurityProfiles(vec![named("Agent"), named("Team Lead")]);
        let effect = UserHas { login: login.clone(), user_id: user_id.clone(), field };
        plan.steps.push(Step::new("Set the security profiles", effect).of_part(i));
        plan.about.push(AffectedUser { login: login.clone(), user_id: user_id.clone(), name: String::new() });
        let user = User { id: user_id, arn: String::new(), login, profile, modified: None };
        plan.before.push(Snapshot::bare(user));
    }
    plan
}

fn person(id: u64, role: Role) -> Result<Person, Problem> {
    let id = PersonId::new(Platform::Console, id.to_string()).map_err(|message| odd(&message))?;
    let login = Some(format!("login{}", id.id()));
    Ok(Person {
        name: login.clone().unwrap_or_default(),
        id,
        roles: [role].into(),
        login,
        also: Default::default(),
    })
}

fn place() -> Place {
    Place { platform: Platform::Console, channel: "1".to_owned(), private: false, parent: None }
}

fn odd(message: &str) -> Problem {
    Problem::operator("bench", format!("The measurement is wrong: {message}."))
        .hint("Report this as a bug in connect-desk.")
}
