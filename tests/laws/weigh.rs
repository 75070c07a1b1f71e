//! What holds of `weigh` for any people, rules and clicks, beside a model that thinks in people instead of accounts.

use std::collections::BTreeSet;
use std::path::Path;

use connect_desk::config;
use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::{Person, Role};
use desk_core::log::{Event, Outcome, Verification};
use desk_core::policy::{Escalation, Policy, Quorum, Requirements, Rule, Target};
use desk_core::request::approval::{same_person, unmet};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::cases::{World, at, id, plan, rule};
use crate::model::full;

const LOGINS: [&str; 3] = ["john.doe", "jane.doe", "mei.chen"];
const ROLES: [Role; 4] = [Role::L1, Role::Supervisor, Role::Oncall, Role::Admin];
const PLATFORMS: [Platform; 3] = [Platform::Console, Platform::Discord, Platform::Slack];

/// The same cases each time, and how often each property is tried.
pub fn try_all<T: std::fmt::Debug>(
    cases: u32,
    strategy: impl Strategy<Value = T>,
    test: impl Fn(T) -> Result<(), TestCaseError>,
) {
    let config =
        Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(20261120), ..Config::default() };
    if let Err(error) = TestRunner::new(config).run(&strategy, test) {
        panic!("{error}");
    }
}

/// How the accounts of one person are tied together.
#[derive(Clone, Copy, Debug)]
enum Tie {
    /// Each knows all others, as the configuration makes them.
    All,
    /// Only one side of each tie knows it: all others know the first.
    OneSided,
    /// The first and the last know the one between them, and each other not.
    OverAThird,
    /// By the login alone.
    Login,
}

/// A person and their accounts, as the platforms show them.
#[derive(Clone, Debug)]
struct Human {
    faces: Vec<Person>,
    login: Option<String>,
}

fn roles() -> impl Strategy<Value = BTreeSet<Role>> {
    subsequence(ROLES.to_vec(), 0..=ROLES.len()).prop_map(|roles| roles.into_iter().collect())
}

/// Person number `who`; the first three may be users of the contact center, written in either case.
fn human(who: usize) -> impl Strategy<Value = Human> {
    let tie = select(vec![Tie::All, Tie::OneSided, Tie::OverAThird, Tie::Login]);
    let login = LOGINS.get(who).map(|login| (*login).to_owned());
    let cases = (any::<bool>(), any::<bool>());
    (tie, 1..=3usize, roles(), prop::collection::vec(prop::option::weighted(0.2, roles()), 3), cases)
        .prop_map(move |(tie, accounts, roles, extra, (is_user, capitals))| {
            let mut login = login.clone().filter(|_| is_user);
            if capitals {
                login = login.map(|login| login.to_ascii_uppercase());
            }
            if matches!(tie, Tie::Login) && accounts > 1 {
                login.get_or_insert_with(|| format!("no one{who}"));
            }
            let ids: Vec<PersonId> =
                PLATFORMS.iter().take(accounts).map(|platform| id(*platform, 10 + who as u64)).collect();
            let faces = ids.iter().enumerate().map(|(i, account)| {
                let knows = |other: usize| match tie {
                    Tie::All => true,
                    Tie::OneSided => other == 0,
                    Tie::OverAThird => i.abs_diff(other) == 1,
                    Tie::Login => false,
                };
                let also = ids.iter().enumerate().filter(|(other, _)| *other != i && knows(*other));
                let more = extra[i].iter().flatten();
                Person {
                    id: account.clone(),
                    name: format!("person {who} at {account}"),
                    roles: roles.iter().chain(more).copied().collect(),
                    login: login.clone(),
                    also: also.map(|(_, account)| account.clone()).collect(),
                }
            });
            Human { faces: faces.collect(), login: login.clone() }
        })
}

fn groups() -> impl Strategy<Value = Vec<Quorum>> {
    let group = (1..3u8, roles()).prop_map(|(approvals, approvers)| Quorum { approvals, approvers });
    prop::collection::vec(group, 0..3)
}

fn target() -> impl Strategy<Value = Target> {
    let logins = subsequence(LOGINS.to_vec(), 0..=1)
        .prop_map(|logins| logins.into_iter().map(str::to_owned).collect::<BTreeSet<String>>());
    prop_oneof![
        2 => Just(Target::default()),
        1 => logins.prop_map(|logins| Target { logins, ..Target::default() }),
        1 => Just(Target { people: Some(2), ..Target::default() }),
    ]
}

/// Of an emergency or not, in the first quarter of an hour or always, with a further group after twenty minutes or not.
fn some_rule() -> impl Strategy<Value = Rule> {
    let flags = prop::collection::vec(prop::bool::weighted(0.25), 5);
    let escalates = prop::option::weighted(0.3, roles());
    (roles(), groups(), target(), flags, prop::bool::weighted(0.7), escalates).prop_map(
        |(ask, groups, touches, flags, confirm, escalates)| {
            let mut groups = groups.into_iter();
            let first = groups.next();
            let hours = flags[0].then(|| "daily 09:00-09:15 UTC".parse().unwrap());
            Rule {
                roles: ask,
                touches,
                hours: hours.into_iter().collect(),
                emergency: flags[1],
                private: flags[2],
                caller: flags[3],
                deny: flags[4] && flags[2],
                confirm,
                approvals: first.as_ref().map_or(0, |group| group.approvals),
                approvers: first.map(|group| group.approvers).unwrap_or_default(),
                and: groups.collect(),
                escalate: escalates.map(|approvers| Escalation { after_minutes: 20, approvers }),
                ..rule("")
            }
        },
    )
}

fn policy() -> impl Strategy<Value = Policy> {
    prop::collection::vec(some_rule(), 1..5).prop_map(|mut rules| {
        for (i, rule) in rules.iter_mut().enumerate() {
            rule.name = format!("rule {i}");
        }
        Policy { rules }
    })
}

/// What people did, and when it is weighed.
#[derive(Clone, Debug)]
struct Story {
    humans: Vec<Human>,
    policy: Policy,
    protected: BTreeSet<String>,
    requester: (Index, Index),
    about: Vec<&'static str>,
    emergency: bool,
    confirmed: bool,
    caller: bool,
    /// Until when, and whether anyone who said so may set the deadline as well.
    deferred: Option<(i64, bool)>,
    /// Who approved, at which account.
    clicks: Vec<(Index, Index)>,
    now: i64,
}

fn story() -> impl Strategy<Value = Story> {
    let humans = (human(0), human(1), human(2), human(3), human(4), human(5));
    let about = subsequence(LOGINS.to_vec(), 1..=2);
    let protected = subsequence(LOGINS.to_vec(), 0..=1);
    let who = || any::<(Index, Index)>();
    let flags = (prop::bool::weighted(0.2), prop::bool::weighted(0.8), prop::bool::weighted(0.8));
    let deferred = prop::option::weighted(0.2, (1..40i64, any::<bool>()));
    let clicks = prop::collection::vec(who(), 0..10);
    (humans, policy(), about, protected, who(), flags, deferred, clicks, -5..70i64).prop_map(
        |(humans, policy, about, protected, requester, flags, deferred, clicks, now)| {
            let (a, b, c, d, e, f) = humans;
            let (emergency, confirmed, caller) = flags;
            let protected = protected.into_iter().map(str::to_owned).collect();
            let humans = vec![a, b, c, d, e, f];
            Story {
                humans,
                policy,
                protected,
                requester,
                about,
                emergency,
                confirmed,
                caller,
                deferred,
                clicks,
                now,
            }
        },
    )
}

impl Story {
    fn face(&self, (who, account): &(Index, Index)) -> (usize, &Person) {
        let who = who.index(self.humans.len());
        let faces = &self.humans[who].faces;
        (who, &faces[account.index(faces.len())])
    }

    /// The story as lines; `None` when the rules refuse it from the beginning.
    fn told(&self) -> Option<World> {
        self.told_with(self.clicks.iter().map(|click| self.face(click).1).collect())
    }

    /// The same with these approvals.
    fn told_with(&self, approvals: Vec<&Person>) -> Option<World> {
        let faces = self.humans.iter().flat_map(|human| human.faces.iter().cloned()).collect();
        let mut world = World::new(faces, self.policy.clone());
        world.protected.logins = self.protected.clone();
        let (_, by) = self.face(&self.requester);
        world.asks(by, plan(&self.about), self.emergency).ok()?;
        if self.caller {
            let word = Event::CallerVerified { how: Verification::CalledBack, note: String::new() };
            world.say(Some(by), 1, word);
        }
        if let Some((until, sets)) = self.deferred {
            let expires = sets.then(|| at(until + 60));
            world.say(Some(by), 1, Event::Deferred { until: at(until), contact: false, expires });
        }
        if self.confirmed {
            world.confirms(by);
        }
        for face in approvals {
            world.approves(face);
        }
        world.now = at(self.now);
        Some(world)
    }

    fn is_target(&self, human: &Human) -> bool {
        let about = |login: &String| self.about.iter().any(|about| about.eq_ignore_ascii_case(login));
        human.login.iter().any(about)
    }

    /// What the model says: the first word of the verdict.
    fn model(&self, world: &World) -> &'static str {
        let planned = world.request().planned.unwrap();
        let needs: &Requirements = &planned.needs;
        let ends = match self.deferred {
            Some((until, true)) => until + 60,
            _ => 60,
        };
        if self.now >= ends {
            return "expired";
        }
        let (requester, by) = self.face(&self.requester);
        match world.needs(&planned.plan, self.emergency, by, world.now) {
            Err(_) => return "refused:",
            Ok(now) if now != *needs => return "void:",
            Ok(_) => {}
        }
        // It is the turn of those who approve once it is confirmed and the caller verified, which is a minute after it was planned.
        let comes_first = needs.confirm && !self.confirmed || needs.caller && !self.caller;
        let later = i64::from(self.confirmed || needs.caller);
        let turn_since = (!comes_first).then_some(later);
        let has_waited =
            |minutes: u32| turn_since.is_some_and(|since| self.now - since >= i64::from(minutes));
        let escalated = needs.escalate.as_ref().filter(|next| has_waited(next.after_minutes));
        let first = (needs.approvals, needs.approvers.clone());
        let rest = needs.and.iter().map(|group| (group.approvals, group.approvers.clone()));
        let mut groups: Vec<(u8, BTreeSet<Role>)> = std::iter::once(first).chain(rest).collect();
        for (_, approvers) in &mut groups {
            approvers.extend(escalated.iter().flat_map(|next| &next.approvers));
        }
        let approvals: Vec<BTreeSet<Role>> = self
            .humans
            .iter()
            .enumerate()
            .filter(|(who, human)| *who != requester && !self.is_target(human))
            .map(|(who, _)| {
                let said =
                    self.clicks.iter().map(|click| self.face(click)).filter(|(other, _)| *other == who);
                said.flat_map(|(_, face)| face.roles.iter().copied()).collect()
            })
            .collect();
        let there = full(&groups, &approvals.iter().collect::<Vec<_>>());
        let waits = needs.confirm && !self.confirmed
            || needs.caller && !self.caller
            || self.deferred.is_some_and(|(until, _)| self.now < until);
        if there && !waits { "go" } else { "waits" }
    }
}

fn word(verdict: &str) -> &str {
    verdict.split(' ').next().unwrap_or_default()
}

#[test]
fn weigh_says_what_a_model_of_people_says_in_any_order_of_clicks() {
    let seen = std::cell::RefCell::new(std::collections::BTreeMap::<String, usize>::new());
    try_all(4_000, (story(), any::<Index>()), |(mut story, turn)| {
        let Some(world) = story.told() else { return Ok(()) };
        let verdict = world.verdict();
        prop_assert_eq!(word(&verdict), story.model(&world));
        prop_assert_eq!(&world.verdict(), &verdict, "it is weighed twice");
        let approved = if story.clicks.is_empty() { "" } else { " after clicks" };
        *seen.borrow_mut().entry(format!("{}{approved}", word(&verdict))).or_default() += 1;
        story.clicks.reverse();
        prop_assert_eq!(&story.told().unwrap().verdict(), &verdict, "the other way round");
        if !story.clicks.is_empty() {
            let by = turn.index(story.clicks.len());
            story.clicks.rotate_left(by);
            prop_assert_eq!(&story.told().unwrap().verdict(), &verdict, "in another order");
        }
        Ok(())
    });
    // Stories of one kind alone would show little.
    for (verdict, least) in [
        ("go after clicks", 150),
        ("waits after clicks", 500),
        ("void: after clicks", 50),
        ("refused: after clicks", 50),
    ] {
        assert!(seen.borrow().get(verdict).is_some_and(|n| *n >= least), "{verdict}: {:?}", seen.borrow());
    }
}

#[test]
fn a_lost_role_takes_exactly_the_yes_of_its_account() {
    try_all(4_000, (story(), any::<Index>()), |(story, which)| {
        if story.clicks.is_empty() || story.told().is_none() {
            return Ok(());
        }
        let (who, lost) = story.face(which.get(&story.clicks));
        if who == story.face(&story.requester).0 {
            return Ok(());
        }
        let mut world = story.told().unwrap();
        let face = world.faces.iter_mut().find(|face| face.id == lost.id).unwrap();
        face.roles.clear();
        let others = story.clicks.iter().map(|click| story.face(click).1).filter(|face| face.id != lost.id);
        prop_assert_eq!(world.verdict(), story.told_with(others.collect()).unwrap().verdict());
        // Who is gone altogether is missing in the same way.
        world.faces.retain(|face| face.id != lost.id);
        let others = story.clicks.iter().map(|click| story.face(click).1).filter(|face| face.id != lost.id);
        prop_assert_eq!(world.verdict(), story.told_with(others.collect()).unwrap().verdict());
        Ok(())
    });
}

#[test]
fn a_rule_that_refuses_grants_nothing_wherever_it_stands() {
    let refused = std::cell::Cell::new(0);
    try_all(4_000, (story(), some_rule(), any::<Index>()), |(mut story, mut rule, place)| {
        let Some(before) = story.told() else {
            // What no one could ask stays so.
            rule.deny = true;
            story.policy.rules.insert(place.index(story.policy.rules.len() + 1), rule);
            prop_assert!(story.told().is_none(), "a rule that refuses let someone ask");
            return Ok(());
        };
        (rule.deny, rule.name) = (true, "refused".to_owned());
        let mut after = before.clone();
        let at = place.index(after.policy.rules.len() + 1);
        after.policy.rules.insert(at, rule.clone());
        let went = before.verdict() == "go";
        prop_assert!(went || after.verdict() != "go", "it waited, and a refusing rule let it go");
        // Anyone who asks under it: they need what they needed, or may not ask at all.
        let plan = before.request().planned.unwrap().plan;
        for face in &before.faces {
            let needed = before.needs(&plan, story.emergency, face, before.now);
            let needs = after.needs(&plan, story.emergency, face, before.now);
            match (needed, needs) {
                (_, Err(_)) => refused.set(refused.get() + 1),
                (Err(_), Ok(needs)) => prop_assert!(false, "{} may ask now: {needs:?}", face.name),
                (Ok(needed), Ok(needs)) => prop_assert_eq!(needed, needs),
            }
        }
        // The same when it is planned under the new rules.
        story.policy = after.policy;
        if let Some(again) = story.told() {
            prop_assert!(went || again.verdict() != "go", "planned again, it went");
        }
        Ok(())
    });
    assert!(refused.get() > 1_000, "{} refusals", refused.get());
}

#[test]
fn what_has_ended_never_goes_whatever_the_clock_says() {
    let outcomes = vec![Outcome::Expired, Outcome::Denied, Outcome::Canceled, Outcome::Refused];
    try_all(2_000, (story(), select(outcomes), -10_000..10_000i64), |(story, outcome, now)| {
        let Some(mut world) = story.told() else { return Ok(()) };
        world.say(None, 60, Event::Finished { outcome });
        world.now = at(now);
        prop_assert_eq!(world.verdict(), "waits");
        Ok(())
    });
}

#[test]
fn a_quorum_is_met_exactly_when_everybody_can_have_a_seat_of_their_own() {
    let people = prop::collection::vec(roles(), 0..6);
    try_all(10_000, (groups(), groups(), people), |(groups, more, people)| {
        let groups: Vec<Quorum> = groups.into_iter().chain(more).collect();
        let people: Vec<&BTreeSet<Role>> = people.iter().collect();
        let left = unmet(&groups, &people);
        let plain: Vec<(u8, BTreeSet<Role>)> =
            groups.iter().map(|group| (group.approvals, group.approvers.clone())).collect();
        prop_assert_eq!(left.is_empty(), full(&plain, &people));
        // What is said to be missing is no more than what is: fewer further approvals of anybody would not do.
        let seats =
            |groups: &[Quorum]| groups.iter().map(|group| usize::from(group.approvals)).sum::<usize>();
        prop_assert_eq!(seats(&groups) - seats(&left), most(&plain, &people));
        // A role is named just when someone who has it would do.
        let named: BTreeSet<Role> = left.iter().flat_map(|group| &group.approvers).copied().collect();
        for role in Role::ALL {
            let one = BTreeSet::from([role]);
            let with: Vec<&BTreeSet<Role>> = people.iter().copied().chain([&one]).collect();
            prop_assert_eq!(named.contains(&role), seats(&unmet(&groups, &with)) < seats(&left));
        }
        Ok(())
    });
}

/// The most people that can have a seat: every way is tried.
fn most(groups: &[(u8, BTreeSet<Role>)], people: &[&BTreeSet<Role>]) -> usize {
    let Some((first, rest)) = people.split_first() else { return 0 };
    let with = (0..groups.len()).filter(|i| groups[*i].0 > 0 && !groups[*i].1.is_disjoint(first)).map(|i| {
        let mut less = groups.to_vec();
        less[i].0 -= 1;
        1 + most(&less, rest)
    });
    with.max().unwrap_or(0).max(most(groups, rest))
}

#[test]
fn whom_the_configuration_takes_are_people_with_accounts_of_their_own() {
    let practice = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/practice.toml")).unwrap();
    let accounts = ["console:1", "discord:2", "slack:U3", "console:4", "discord:5", "slack:U6"];
    let logins = ["", "", "john.smith", "John.Smith", "jane.smith"];
    let person = (subsequence(accounts.to_vec(), 1..=3), select(logins.to_vec()));
    let taken = std::cell::Cell::new((0, 0));
    try_all(1_500, prop::collection::vec(person, 1..4), |people| {
        let mut text = practice.clone();
        for (accounts, login) in &people {
            let login = if login.is_empty() { String::new() } else { format!("login = \"{login}\"\n") };
            let also: Vec<String> = accounts[1..].iter().map(|account| format!("\"{account}\"")).collect();
            text.push_str(&format!(
                "\n[[person]]\nid = \"{}\"\nname = \"someone\"\nroles = [\"l1\"]\nalso = [{}]\n{login}",
                accounts[0],
                also.join(", ")
            ));
        }
        let mut once = BTreeSet::new();
        let twice = people.iter().any(|(accounts, login)| {
            let names = accounts.iter().map(|account| (*account).to_owned());
            let login = Some(login.to_ascii_lowercase()).filter(|login| !login.is_empty());
            let mut platforms = BTreeSet::new();
            let second = accounts.iter().any(|account| !platforms.insert(account.split(':').next()));
            names.chain(login).fold(second, |twice, name| !once.insert(name) || twice)
        });
        let read = config::parse(Path::new("people.toml"), &text, &desk_commands::all());
        let (yes, no) = taken.get();
        let Ok(read) = read else {
            taken.set((yes, no + 1));
            prop_assert!(twice, "{}", read.unwrap_err());
            return Ok(());
        };
        taken.set((yes + 1, no));
        prop_assert!(!twice, "an account or a login is two people's");
        // Every account knows all others of its person and none of anybody else, so that one step is always enough.
        let faces: Vec<(usize, Person)> = read
            .people
            .iter()
            .enumerate()
            .flat_map(|(who, person)| {
                person.accounts().into_iter().map(move |account| (who, person.at(&account).unwrap()))
            })
            .collect();
        for (a, one) in &faces {
            for (b, other) in &faces {
                prop_assert_eq!(a == b, same_person(one, other), "{:?} {:?}", one, other);
            }
        }
        Ok(())
    });
    let (yes, no) = taken.get();
    assert!(yes > 200 && no > 200, "{yes} taken, {no} refused");
}
