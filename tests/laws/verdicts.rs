//! Each verdict of `weigh` and its reason, as a table.

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Role};
use desk_core::center::Channel;
use desk_core::log::{Event, Outcome, Verification};
use desk_core::plan::effect::{FactorAbsent, Frozen};
use desk_core::plan::{ActiveAgent, Effect, OnContact, Presence, QueueStaffing, Scope, Step};
use desk_core::policy::{Escalation, Policy, Quorum, Target};
use desk_core::request::freeze::Freeze;

use crate::cases::{World, at, id, person, plan, rule};

fn account(name: &str) -> PersonId {
    people().into_iter().find(|face| face.name == name).unwrap().id
}

fn people() -> Vec<Person> {
    let mut people = vec![
        person(1, "helpdesk", &[Role::L1], Some("mary.major")),
        person(2, "supervisor", &[Role::Supervisor], None),
        person(3, "second", &[Role::Supervisor], None),
        person(4, "admin", &[Role::Admin], None),
        person(5, "deputy", &[Role::Admin], None),
        person(6, "oncall", &[Role::L1, Role::Oncall], None),
        // The site wrote this login with capitals.
        person(7, "target", &[Role::Supervisor], Some("John.Doe")),
    ];
    // The supervisor's telephone.
    let supervisor = &mut people[1];
    supervisor.also = [id(Platform::Discord, 2)].into();
    let phone = Person { name: "phone".to_owned(), ..supervisor.at(&id(Platform::Discord, 2)).unwrap() };
    // The requester's own other account, which knows nothing of the first one and has every role.
    let other = Person {
        id: id(Platform::Slack, 1),
        name: "helpdesk on slack".to_owned(),
        roles: Role::ALL.into(),
        login: Some("MARY.MAJOR".to_owned()),
        also: Default::default(),
    };
    people.extend([phone, other]);
    people
}

/// L1 asks for what one supervisor or, half an hour later, someone on call approves; emergencies are for the latter.
fn policy() -> Policy {
    let mut emergencies = rule("emergencies");
    emergencies.roles = [Role::Oncall].into();
    emergencies.emergency = true;
    let mut two = rule("two groups");
    two.touches = Target { logins: ["mei.chen".to_owned()].into(), ..Target::default() };
    (two.approvals, two.approvers) = (1, [Role::Supervisor].into());
    two.and = vec![Quorum { approvals: 1, approvers: [Role::Supervisor, Role::Admin].into() }];
    let mut one = rule("one supervisor");
    (one.approvals, one.approvers) = (1, [Role::Supervisor].into());
    one.escalate = Some(Escalation { after_minutes: 30, approvers: [Role::Oncall].into() });
    Policy { rules: vec![emergencies, two, one] }
}

/// Someone asked, and confirmed.
fn asked(by: &str, about: &str, emergency: bool) -> World {
    let mut world = World::new(people(), policy());
    asks(&mut world, by, about, emergency);
    world
}

fn asks(world: &mut World, by: &str, about: &str, emergency: bool) {
    let by = world.face(&account(by)).unwrap().clone();
    world.asks(&by, plan(&[about]), emergency).unwrap();
    world.confirms(&by);
}

fn approves(world: &mut World, who: &str) {
    let who = world.face(&account(who)).unwrap().clone();
    world.approves(&who);
}

fn mary() -> World {
    asked("helpdesk", "john.doe", false)
}

fn approved() -> World {
    let mut world = mary();
    approves(&mut world, "supervisor");
    world
}

fn two() -> World {
    asked("helpdesk", "mei.chen", false)
}

fn without(mut world: World, who: &str) -> World {
    let who = account(who);
    world.faces.retain(|face| face.id != who);
    world
}

fn with_roles(mut world: World, who: &str, roles: &[Role]) -> World {
    let who = account(who);
    let face = world.faces.iter_mut().find(|face| face.id == who).unwrap();
    face.roles = roles.iter().copied().collect();
    world
}

fn and(mut world: World, who: &[&str]) -> World {
    for who in who {
        approves(&mut world, who);
    }
    world
}

fn then(mut world: World, by: &str, event: Event) -> World {
    let by = world.face(&account(by)).unwrap().clone();
    world.say(Some(&by), 3, event);
    world
}

fn after(mut world: World, minutes: i64) -> World {
    world.now = at(minutes);
    world
}

/// So many minutes have passed since the plan was made, whatever the clock says.
fn passed(mut world: World, minutes: i64) -> World {
    world.passed = Some(at(minutes));
    world
}

/// Someone froze everything.
fn frozen(mut world: World, by: &str) -> World {
    let by = desk_core::log::By::from(world.face(&account(by)).unwrap());
    let (no, scope) = (desk_core::basics::ids::RequestNo(2), desk_core::plan::Scope::Everything);
    world.frozen = Some(Freeze { no, scope, by, reason: String::new(), since: at(0) });
    world
}

fn ruled(mut world: World, change: impl FnOnce(&mut Policy)) -> World {
    change(&mut world.policy);
    world
}

const UNCONFIRMED: &str = "waits for the requester's confirmation and 1 approval from supervisor";
const NOT_YET: &str = "waits for 1 approval from supervisor";
const LATER: &str = "waits for 1 approval from supervisor or oncall";
const CHANGED: &str = "void: the policy for this changed";

#[test]
fn each_verdict_has_its_reason() {
    let unconfirmed = {
        let mut world = World::new(people(), policy());
        let by = world.faces[0].clone();
        world.asks(&by, plan(&["john.doe"]), false).unwrap();
        world
    };
    let caller = |said: bool| {
        let mut world = World::new(people(), policy());
        world.policy.rules[2].caller = true;
        asks(&mut world, "helpdesk", "john.doe", false);
        let world = and(world, &["supervisor"]);
        let word = Event::CallerVerified { how: Verification::CalledBack, note: String::new() };
        if said { then(world, "helpdesk", word) } else { world }
    };
    let protected = |by: &str, emergency: bool| {
        let mut world = World::new(people(), policy());
        world.protected.logins = ["JOHN.DOE".to_owned()].into();
        asks(&mut world, by, "john.doe", emergency);
        world
    };
    let does = |effect: Effect, concerned: &[&str]| {
        let mut world = World::new(people(), policy());
        let mut plan = plan(&[]);
        plan.steps.push(Step::new("Do it", effect));
        plan.concerned = concerned.iter().map(|login| (*login).to_owned()).collect();
        let by = world.faces[0].clone();
        world.asks(&by, plan, false).unwrap();
        world.confirms(&by);
        world
    };
    let put_off = |until: i64, contact, expires: Option<i64>| Event::Deferred {
        until: at(until),
        contact,
        expires: expires.map(at),
    };
    let own = then(approved(), "helpdesk", put_off(50, false, None));
    let deferred = then(approved(), "second", put_off(90, false, Some(150)));
    let contact = then(approved(), "second", put_off(90, true, Some(90)));
    let factor_of = |account| does(FactorAbsent { account }.into(), &[]);
    let factor = || factor_of(id(Platform::Console, 9));
    // Supervisors who are admins as well, so that nothing but whom it concerns keeps them from it.
    let phone_factor = || {
        let world = factor_of(id(Platform::Discord, 2));
        let world = with_roles(world, "supervisor", &[Role::Supervisor, Role::Admin]);
        with_roles(world, "phone", &[Role::Supervisor, Role::Admin])
    };
    let freeze = |scope, concerned: &[&str]| does(Frozen { scope }.into(), concerned);
    let seen = |mut world: World, live: Option<Presence>| {
        world.live = live;
        world
    };
    let on_contact = |will_be_disconnected: bool| Presence {
        signed_in: 1,
        on_contact: 1,
        people: vec![ActiveAgent {
            login: "john.doe".to_owned(),
            status: None,
            status_id: None,
            since: None,
            contact: Some(OnContact { channel: Channel::Voice, since: None }),
            will_be_disconnected,
        }],
        ..Presence::default()
    };
    let left = |agents: usize| Presence {
        queues: vec![QueueStaffing { queue: "Billing".to_owned(), agents }],
        ..Presence::default()
    };
    let thin = |live: Presence| {
        let mut world = World::new(people(), policy());
        let mut strict = world.policy.rules[2].clone();
        strict.touches.agents_left = Some(2);
        strict.approvals = 2;
        world.policy.rules.insert(2, strict);
        world.lived = left(3);
        asks(&mut world, "helpdesk", "john.doe", false);
        seen(and(world, &["supervisor"]), Some(live))
    };
    // From half past nine on another rule holds.
    let by_day = || {
        let mut world = World::new(people(), policy());
        let mut day = rule("by day");
        day.hours = vec!["daily 08:00-09:30 UTC".parse().unwrap()];
        world.policy.rules.insert(2, day);
        asks(&mut world, "helpdesk", "john.doe", false);
        world
    };
    // Supervisors need two approvals.
    let of_l1 = || {
        let mut world = World::new(people(), policy());
        let mut theirs = world.policy.rules[2].clone();
        (theirs.roles, theirs.approvals) = ([Role::Supervisor].into(), 2);
        world.policy.rules.insert(2, theirs);
        asks(&mut world, "helpdesk", "john.doe", false);
        world
    };
    let blocked_by = |mut world: World| {
        world.blocked_by = Some(Problem::requester("emergencies_used_up", "That was the last one."));
        world
    };
    let ended = |world, outcome| then(world, "helpdesk", Event::Finished { outcome });
    let table = table! {
        // Approvals.
        ("everything is there", approved(), "go"),
        ("no one confirmed", and(unconfirmed.clone(), &["supervisor"]), "waits for the requester's confirmation"),
        ("no one said anything", unconfirmed.clone(), UNCONFIRMED),
        ("no one approved", mary(), NOT_YET),
        ("the requester approved", and(mary(), &["helpdesk"]), NOT_YET),
        ("the requester's other account approved", and(mary(), &["helpdesk on slack"]), NOT_YET),
        ("the affected user approved", and(mary(), &["target"]), NOT_YET),
        ("someone without the role approved", and(mary(), &["admin"]), NOT_YET),
        ("an approver left", without(approved(), "supervisor"), NOT_YET),
        ("an approver lost the role", with_roles(approved(), "supervisor", &[Role::Agent]), NOT_YET),
        ("another approver lost the role", with_roles(approved(), "second", &[]), "go"),
        // Groups.
        ("one of two groups", and(two(), &["admin"]), NOT_YET),
        ("one person for two groups", and(two(), &["supervisor"]), "waits for 1 approval from supervisor or admin"),
        ("one person twice", and(two(), &["supervisor", "supervisor"]), "waits for 1 approval from supervisor or admin"),
        ("one person with two accounts", and(two(), &["supervisor", "phone"]), "waits for 1 approval from supervisor or admin"),
        ("both groups", and(two(), &["supervisor", "admin"]), "go"),
        ("both groups the other way round", and(two(), &["admin", "supervisor"]), "go"),
        ("two supervisors fill both", and(two(), &["second", "supervisor"]), "go"),
        ("two admins do not", and(two(), &["admin", "deputy"]), NOT_YET),
        // Time.
        ("a minute before it expires", after(approved(), 59), "go"),
        ("when it expires", after(approved(), 60), "expired"),
        ("expired before anybody looked", after(mary(), 600), "expired"),
        ("the clock jumped back", after(approved(), -600), "go"),
        ("expired, and then the clock jumped back", ended(after(approved(), 1), Outcome::Expired), "waits"),
        ("on call before it is their turn", after(and(mary(), &["oncall"]), 30), NOT_YET),
        // Half an hour after it was confirmed, which was a minute after it was planned.
        ("on call when it is", after(and(mary(), &["oncall"]), 31), "go"),
        ("on call before anyone confirmed", after(and(unconfirmed.clone(), &["oncall"]), 59), UNCONFIRMED),
        ("on call, and the clock jumped back", after(and(mary(), &["oncall"]), -1), NOT_YET),
        ("no one when it is their turn", after(mary(), 31), LATER),
        ("put off by the requester", after(own.clone(), 49), "waits for 20 Nov 2026 09:50 UTC"),
        ("put off by the requester until now", after(own.clone(), 50), "go"),
        ("put off by the requester, who moves no deadline", after(own, 60), "expired"),
        ("put off by an approver", after(deferred.clone(), 89), "waits for 20 Nov 2026 10:30 UTC"),
        ("put off by an approver until now", after(deferred.clone(), 90), "go"),
        ("put off by an approver, who set the deadline", after(deferred.clone(), 149), "go"),
        ("put off by an approver and expired", after(deferred, 150), "expired"),
        ("set back, and the time has passed all the same", passed(after(approved(), -600), 60), "expired"),
        ("set back, and the time has not passed", passed(after(approved(), -600), 59), "go"),
        // What people are doing.
        ("no one looked at them yet", seen(approved(), None), "look"),
        ("no one looked, and a yes is missing", seen(mary(), None), NOT_YET),
        ("on a contact, which continues", seen(approved(), Some(on_contact(false))), "go"),
        ("on a contact that is cut off, and was not on the card", seen(approved(), Some(on_contact(true))), "void: `john.doe` will be disconnected: on a voice contact"),
        ("until the contact ends", seen(contact.clone(), Some(on_contact(false))), "waits for the end of the contact, 20 Nov 2026 10:30 UTC at the latest"),
        (
            "until the contact ends, which no one can see",
            seen(contact.clone(), Some(Presence { unknown: true, ..Presence::default() })),
            "waits for the end of the contact, 20 Nov 2026 10:30 UTC at the latest",
        ),
        ("until the contact ends, and no one looked", seen(contact.clone(), None), "look"),
        ("the contact has ended", contact.clone(), "go"),
        ("the contact has ended, but too late", after(contact, 90), "expired"),
        ("as many agents left as the rule lets be", thin(left(3)), "go"),
        ("fewer agents left", thin(left(2)), "void: 2 agents would be left in queue `Billing`"),
        ("no one can see who is left", thin(Presence { unknown: true, ..Presence::default() }), CHANGED),
        // What is in the way.
        ("a freeze", frozen(approved(), "admin"), "held: frozen"),
        ("a freeze, and a yes is missing", frozen(mary(), "admin"), "held: frozen"),
        ("a freeze of what has expired", after(frozen(approved(), "admin"), 60), "expired"),
        ("the requester is gone", without(approved(), "helpdesk"), "refused: requester_gone"),
        ("the requester has no role", with_roles(approved(), "helpdesk", &[]), "refused: no_rule"),
        ("a rule refuses it", ruled(approved(), |policy| policy.rules[2].deny = true), "refused: denied_by_rule"),
        ("there is no rule", ruled(approved(), |policy| policy.rules.clear()), "refused: no_rule"),
        ("it needs more now", ruled(approved(), |policy| policy.rules[2].approvals = 2), CHANGED),
        ("it needs less now", ruled(mary(), |policy| policy.rules[2].approvals = 0), CHANGED),
        ("others approve now", ruled(approved(), |p| p.rules[2].approvers = [Role::Admin].into()), CHANGED),
        ("the requester has another role now", with_roles(of_l1(), "helpdesk", &[Role::Supervisor]), "void: the requester's roles changed"),
        ("a rule of another name", ruled(approved(), |policy| policy.rules[2].name.push('!')), CHANGED),
        ("its rule holds no longer at this time", after(by_day(), 59), "void: the rule `by day` holds only at these hours: daily 08:00-09:30 UTC"),
        ("a code is wanted now", ruled(approved(), |policy| policy.rules[2].second_factor = true), CHANGED),
        // Callers, protected users, second factors.
        ("no one verified the caller", caller(false), "waits for caller verification"),
        ("someone did", caller(true), "go"),
        ("one yes for a protected user", and(protected("helpdesk", false), &["second"]), NOT_YET),
        ("two approvals for a protected user", and(protected("helpdesk", false), &["second", "supervisor"]), "go"),
        (
            "someone became protected",
            {
                let mut world = approved();
                world.protected.logins = ["john.doe".to_owned()].into();
                world
            },
            CHANGED,
        ),
        ("a second factor goes, by rule alone", and(factor(), &["supervisor"]), "waits for 2 approvals from admin"),
        ("a second factor goes, one admin", and(factor(), &["admin"]), "waits for 1 approval from admin"),
        ("a second factor goes, two admins", and(factor(), &["admin", "deputy"]), "go"),
        // Whom it concerns beyond the users of the plan.
        ("one's own second factor", and(factor_of(account("deputy")), &["admin", "deputy"]), "waits for 1 approval from admin"),
        ("someone else's second factor", and(factor_of(account("target")), &["admin", "deputy"]), "go"),
        ("a freeze of someone else", and(freeze(Scope::Login("mei.chen".to_owned()), &[]), &["second"]), "go"),
        ("a freeze of oneself", and(freeze(Scope::Login("john.DOE".to_owned()), &[]), &["target"]), NOT_YET),
        ("a freeze of one's group", and(freeze(Scope::Group("East".to_owned()), &["john.doe"]), &["target"]), NOT_YET),
        ("a freeze of another group", and(freeze(Scope::Group("East".to_owned()), &["mei.chen"]), &["target"]), "go"),
        ("a freeze of everything", and(freeze(Scope::Everything, &[]), &["target"]), "go"),
        ("the second factor of one's telephone, from either account", and(phone_factor(), &["supervisor", "phone"]), "waits for 2 approvals from admin"),
        // Emergencies.
        ("an emergency needs no one else", asked("oncall", "john.doe", true), "go"),
        ("the same without hurry", asked("oncall", "john.doe", false), NOT_YET),
        ("no longer on call", with_roles(asked("oncall", "john.doe", true), "oncall", &[Role::L1]), "refused: no_rule"),
        ("an emergency that may not be", blocked_by(asked("oncall", "john.doe", true)), "refused: emergencies_used_up"),
        ("an emergency about a protected user", protected("oncall", true), "waits for 2 approvals from supervisor or admin"),
        // What has ended stays so, whatever it has.
        ("denied", ended(approved(), Outcome::Denied), "waits"),
        ("canceled", ended(approved(), Outcome::Canceled), "waits"),
        ("done", ended(approved(), Outcome::Completed), "waits"),
    };
    for (what, world, message) in &table {
        assert_eq!(world.verdict(), *message, "{what}");
        assert_eq!(world.verdict(), *message, "{what}, weighed twice");
    }
}

/// What has begun: its first step was started, four minutes after it was asked.
fn begun(world: World) -> World {
    let mut world = world;
    let started = Event::Started { step: 0, direction: desk_core::plan::Direction::Forward };
    world.say(None, 4, started);
    world
}

fn says(mut world: World, by: &str, minutes: i64, event: Event) -> World {
    let by = world.face(&account(by)).unwrap().clone();
    world.say(Some(&by), minutes, event);
    world
}

/// Someone stopped it, as the desk writes that down.
fn stopped(world: World, by: &str, minutes: i64) -> World {
    let problem = Problem::requester("stopped", "Someone stopped it.");
    let by_requester = by == "helpdesk";
    says(world, by, minutes, Event::Held { problem, by_requester, needs: None, unmet: Vec::new() })
}

#[test]
fn what_has_begun_is_weighed_before_each_further_step() {
    let running = || begun(approved());
    let held_by_own_freeze = || {
        let mut world = running();
        let problem = Problem::requester("frozen", "The requester froze everything.");
        world.say(None, 5, Event::Held { problem, by_requester: true, needs: None, unmet: Vec::new() });
        world
    };
    let gone = || without(running(), "helpdesk");
    let table = table! {
        ("nothing changed", running(), "go"),
        ("it runs longer than its approvals are valid", after(running(), 6_000), "go"),
        ("a freeze", frozen(running(), "admin"), "held: frozen"),
        ("a rule of another name", ruled(running(), |policy| policy.rules[2].name.push('!')), "go"),
        ("it needs less now", ruled(running(), |policy| policy.rules[2].approvals = 0), "go"),
        ("it needs more now", ruled(running(), |p| p.rules[2].approvals = 2), "held: approvals_missing"),
        ("others approve now", ruled(running(), |p| p.rules[2].approvers = [Role::Admin].into()), "held: approvals_missing"),
        ("a code is wanted now", ruled(running(), |p| p.rules[2].second_factor = true), "held: approvals_missing"),
        ("there is no rule", ruled(running(), |policy| policy.rules.clear()), "held: not_allowed"),
        ("a rule refuses it", ruled(running(), |policy| policy.rules[2].deny = true), "held: not_allowed"),
        ("the hours of its rule are over", ruled(after(running(), 300), |p| { p.rules[2].hours = vec!["daily 09:00-09:30 UTC".parse().unwrap()] }), "go"),
        ("it began outside the hours", ruled(running(), |p| p.rules[2].hours = vec!["daily 10:00-11:00 UTC".parse().unwrap()]), "held: not_allowed"),
        ("the requester has no role", with_roles(running(), "helpdesk", &[]), "held: no_rule"),
        ("the requester is gone", gone(), "held: requester_gone"),
        ("the requester is gone, and a leader resumed it", says(held(gone(), "requester_gone"), "second", 9, Event::Resumed), "go"),
        ("the requester is gone, and the leader as well", without(says(held(gone(), "requester_gone"), "second", 9, Event::Resumed), "second"), "held: requester_gone"),
        ("the requester is gone, and so is the rule", ruled(says(held(gone(), "requester_gone"), "second", 9, Event::Resumed), |policy| policy.rules.clear()), "held: not_allowed"),
        ("the requester is gone, and someone resumed it who may not", says(held(gone(), "requester_gone"), "oncall", 9, Event::Resumed), "held: requester_gone"),
        ("an approver lost the role", with_roles(running(), "supervisor", &[]), "held: approvals_missing"),
        (
            "another one approved instead",
            {
                let world = with_roles(held(running(), "approvals_missing"), "supervisor", &[]);
                and(world, &["second"])
            },
            "go",
        ),
        ("the requester stopped it", stopped(running(), "helpdesk", 5), "held: stopped"),
        ("stopped, and frozen as well", frozen(stopped(running(), "second", 5), "admin"), "held: stopped"),
        ("stopped and resumed", says(stopped(running(), "helpdesk", 5), "helpdesk", 6, Event::Resumed), "go"),
        ("the requester's own freeze, lifted in time", after(held_by_own_freeze(), 59), "go"),
        ("the requester's own freeze, lifted too late", after(held_by_own_freeze(), 60), "held: approvals_expired"),
        ("the same, and the clock was set back", passed(after(held_by_own_freeze(), 5), 60), "held: approvals_expired"),
        ("the same, and an approver resumed it", after(says(held_by_own_freeze(), "second", 70, Event::Resumed), 70), "go"),
        ("it is rolled back, and the requester is gone", says(gone(), "second", 9, Event::RollbackRequested), "go"),
        ("it is rolled back under a freeze", frozen(says(running(), "second", 9, Event::RollbackRequested), "admin"), "held: frozen"),
    };
    for (what, world, message) in &table {
        assert_eq!(world.verdict(), *message, "{what}");
        assert_eq!(world.verdict(), *message, "{what}, weighed twice");
    }
}

/// The desk holds it.
fn held(mut world: World, code: &str) -> World {
    let problem = Problem::requester(code, "It may not continue.");
    world.say(None, 5, Event::Held { problem, by_requester: false, needs: None, unmet: Vec::new() });
    world
}
