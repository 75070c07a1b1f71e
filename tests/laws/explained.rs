//! What `/desk why` says is what the desk does then: for any rules, people and plans, what it calls allowed is, with these approvals, and
//! what it calls refused is refused.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use desk_core::basics::ids::{Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Place, Role};
use desk_core::card::{Block, Card, Tone};
use desk_core::center::{Named, Profile, Settings, Snapshot, User};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command, Entry};
use desk_core::log::{By, OpenRequest};
use desk_core::plan::{Plan, Presence, QueueStaffing};
use desk_core::policy::site::{Protected, Site};
use desk_core::policy::{Action, Emergencies, Escalation, Policy, Quorum, Requirements, Rule, Shift, Target};
use desk_core::policy_tools::explain::{Question, explain, needed};
use desk_core::request::emergency;
use desk_core::words::{Args, Risk, Spec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::cases::{self, at, id, person, rule};
use crate::weigh::try_all;

const TOUCH: Command = command!(cases::SPEC, answer);
const SET: Command = command!(SET_SPEC, answer);
const LEVELS: Command = command!(SET_SPEC, answer).that_only_looks(no_arguments);
const SHOW: Command = command!(SHOW_SPEC, answer);

const SET_SPEC: Spec = Spec { risk: Risk::Change, args: &[], ..cases::SPEC };
const SHOW_SPEC: Spec = Spec { risk: Risk::Read, args: &[], ..cases::SPEC };

const COMMANDS: [Entry; 4] = [
    Entry { path: "connect touch", command: TOUCH },
    Entry { path: "connect set", command: SET },
    Entry { path: "connect levels", command: LEVELS },
    Entry { path: "connect show", command: SHOW },
];

async fn answer(_: &Ask<'_>) -> Result<Answer, Problem> {
    Err(Problem::requester("none", "No one asks this."))
}

fn no_arguments(args: &Args) -> bool {
    args.typed().is_empty()
}

const ROLES: [Role; 4] = [Role::L1, Role::Supervisor, Role::Oncall, Role::Admin];
const LOGINS: [&str; 2] = ["john.doe", "jane.doe"];
const PROFILES: [&str; 2] = ["Agent", "Manager"];
const GROUPS: [&str; 3] = ["East", "East/North", "West"];

fn some<T: Clone + std::fmt::Debug + Ord + 'static>(
    all: &[T],
    most: usize,
) -> impl Strategy<Value = BTreeSet<T>> + use<T> {
    subsequence(all.to_vec(), 0..=most).prop_map(|some| some.into_iter().collect())
}

fn names(all: &[&'static str], most: usize) -> impl Strategy<Value = BTreeSet<String>> + use<> {
    some(all, most).prop_map(|names| names.into_iter().map(str::to_owned).collect())
}

fn target() -> impl Strategy<Value = Target> {
    let names = (names(&LOGINS, 2), names(&PROFILES, 2), names(&GROUPS, 2));
    let numbers = (prop::option::weighted(0.3, 1..4usize), prop::option::weighted(0.3, 0..3usize));
    let some = (names, numbers, 0..32u8).prop_map(|((logins, profiles, groups), (people, left), keys)| {
        let key = |number: u8| keys & (1 << number) != 0;
        Target {
            logins: if key(0) { logins } else { BTreeSet::new() },
            security_profiles: if key(1) { profiles } else { BTreeSet::new() },
            groups: if key(2) { groups } else { BTreeSet::new() },
            permission_sets: BTreeSet::new(),
            people: people.filter(|_| key(3)),
            agents_left: left.filter(|_| key(4)),
        }
    });
    prop_oneof![1 => Just(Target::default()), 1 => some]
}

fn some_rule() -> impl Strategy<Value = Rule> {
    let commands = select(vec![
        vec![],
        vec!["connect *".to_owned()],
        vec!["connect touch".to_owned()],
        vec!["connect set".to_owned(), "connect levels".to_owned()],
    ]);
    let what = (commands, some(&Risk::ALL, 3), target());
    let flags = prop::collection::vec(prop::bool::weighted(0.3), 8);
    let approvals = (0..3u8, some(&ROLES, 2), prop::option::weighted(0.3, some(&ROLES, 2)));
    let roles = some(&ROLES, 4);
    (what, flags, approvals, roles).prop_map(|((commands, risk, touches), flags, approvals, roles)| {
        let (approvals, approvers, and) = approvals;
        let hours: Option<&str> = flags[0].then_some("daily 09:00-09:15 UTC");
        Rule {
            commands,
            risk,
            touches,
            roles,
            hours: hours.map(|hours| hours.parse().unwrap()).into_iter().collect(),
            channels: flags[1].then(|| "1".to_owned()).into_iter().collect(),
            private: flags[2],
            deny: flags[3],
            emergency: flags[4],
            confirm: !flags[5],
            caller: flags[6],
            approvals,
            approvers,
            and: and.map(|approvers| Quorum { approvals: 1, approvers }).into_iter().collect(),
            escalate: flags[7].then(|| Escalation { after_minutes: 20, approvers: [Role::Admin].into() }),
            ..rule("")
        }
    })
}

/// A user as they are, or what a plan would make of one.
type Traits = (BTreeSet<String>, Option<&'static str>);

fn traits() -> impl Strategy<Value = Traits> {
    (names(&PROFILES, 1), prop::option::of(select(GROUPS.to_vec())))
}

fn user(login: &str, (profiles, group): &Traits) -> User {
    let named = |name: &str| Named { id: name.to_owned(), name: name.to_owned() };
    let profile = Profile {
        identity: Default::default(),
        routing_profile: named("Basic"),
        security_profiles: profiles.iter().map(|name| named(name)).collect(),
        hierarchy_group: group.map(named),
        settings: Settings::default(),
        tags: BTreeMap::new(),
        directory_user_id: None,
    };
    User { id: login.to_owned(), arn: String::new(), login: login.to_owned(), profile, modified: None }
}

#[derive(Clone, Debug)]
struct Case {
    policy: Policy,
    site: Site,
    entry: usize,
    roles: BTreeSet<Role>,
    place: Place,
    minutes: i64,
    /// An earlier emergency of theirs that was not reviewed.
    unreviewed: bool,
    unknown: BTreeSet<String>,
    user: User,
    risk: Risk,
    /// What the plan adds, how many other users it is about, and how many agents it leaves in a queue.
    adds: Traits,
    others: usize,
    left: Option<usize>,
}

fn case() -> impl Strategy<Value = Case> {
    let rules = prop::collection::vec(some_rule(), 1..5).prop_map(|mut rules| {
        rules.iter_mut().enumerate().for_each(|(i, rule)| rule.name = format!("rule {i}"));
        Policy { rules }
    });
    let site = (names(&LOGINS, 1), names(&PROFILES, 1), 0..3u8, any::<bool>()).prop_map(
        |(logins, security_profiles, shift, is_protected)| {
            let who = id(Platform::Console, if shift == 1 { 1 } else { 2 });
            let shift =
                (shift > 0).then(|| Shift { person: who, hours: "daily 09:00-09:30 UTC".parse().unwrap() });
            let emergencies = Emergencies { shifts: shift.into_iter().collect(), ..Emergencies::default() };
            let protected = Protected { logins, security_profiles };
            let protected = if is_protected { protected } else { Protected::default() };
            Site { protected, emergencies, ..Site::default() }
        },
    );
    let place = (select(vec!["1", "2"]), prop::bool::weighted(0.3)).prop_map(|(channel, private)| Place {
        channel: channel.to_owned(),
        private,
        ..cases::place()
    });
    let unknown = prop_oneof![
        4 => Just(BTreeSet::new()),
        1 => names(&["manager", "east"], 2),
    ];
    let asked = (0..COMMANDS.len(), some(&ROLES, 3), place, select(vec![0, 20, 40]), any::<bool>());
    let plan = (select(Risk::ALL.to_vec()), traits(), 0..3usize, prop::option::weighted(0.3, 0..4usize));
    let whom = (select(LOGINS.to_vec()), traits());
    (rules, site, asked, unknown, whom, plan).prop_map(
        |(policy, site, (entry, roles, place, minutes, unreviewed), unknown, (login, has), plan)| {
            let (risk, adds, others, left) = plan;
            let user = user(login, &has);
            Case {
                policy,
                site,
                entry,
                roles,
                place,
                minutes,
                unreviewed,
                unknown,
                user,
                risk,
                adds,
                others,
                left,
            }
        },
    )
}

impl Case {
    fn person(&self) -> Person {
        Person { roles: self.roles.clone(), ..person(1, "someone", &[], None) }
    }

    fn earlier(&self) -> Vec<Arc<OpenRequest>> {
        let by = Some(By::from(&self.person()));
        let earlier = OpenRequest {
            no: RequestNo(1),
            last: 1,
            by,
            asked: at(-60),
            typed: String::new(),
            is_readable: true,
            is_finished: true,
            has_begun: true,
            is_emergency: true,
            review: Some(at(-50)),
            next: None,
            is_deferred: false,
            frozen: None,
            freeze: None,
            temporary: Vec::new(),
            verbs: BTreeSet::new(),
            approved_by: Vec::new(),
            plan: None,
        };
        self.unreviewed.then(|| Arc::new(earlier)).into_iter().collect()
    }

    fn says(&self, emergency: bool, about: bool) -> Card {
        explain(Question {
            policy: &self.policy,
            site: &self.site,
            commands: &COMMANDS,
            command: COMMANDS[self.entry].path,
            person: &self.person(),
            place: &self.place,
            now: at(self.minutes),
            emergency,
            earlier: &self.earlier(),
            unknown: &self.unknown,
            about: about.then_some(&self.user),
        })
        .unwrap()
    }

    fn action(&self, risk: Risk, emergency: bool) -> Action<'_> {
        let command = COMMANDS[self.entry].path;
        Action { command, risk, impact: None, emergency, place: &self.place, now: at(self.minutes) }
    }

    /// Whether it can be typed at all.
    fn may_ask(&self, emergency: bool) -> Result<(), Problem> {
        let risk = COMMANDS[self.entry].command.spec.risk;
        self.policy.rule_for(&self.action(risk, emergency), &self.person()).map(|_| ())
    }

    fn plan(&self) -> Plan {
        let others = (0..self.others).map(|number| format!("other {number}"));
        let logins: Vec<String> = std::iter::once(self.user.login.clone()).chain(others).collect();
        let mut plan = cases::plan(&logins.iter().map(String::as_str).collect::<Vec<_>>());
        plan.before = logins
            .iter()
            .map(|login| Snapshot::bare(User { login: login.clone(), ..self.user.clone() }))
            .collect();
        plan.risk = self.risk;
        plan.security_profiles.clone_from(&self.adds.0);
        plan.groups = self.adds.1.map(str::to_owned).into_iter().collect();
        plan.unknown.clone_from(&self.unknown);
        plan
    }

    /// What the desk finds once it is asked: what the plan needs, or why it is refused.
    fn finds(&self, emergency: bool, protected: &Protected) -> Result<Requirements, Problem> {
        let (person, plan, now) = (self.person(), self.plan(), at(self.minutes));
        self.may_ask(emergency)?;
        if emergency {
            let (accounts, earlier) = (person.accounts(), self.earlier());
            emergency::allowed(&self.site.emergencies, &person, &accounts, &earlier, now)?;
        }
        let queues = self.left.map(|agents| QueueStaffing { queue: "Help Desk".to_owned(), agents });
        let impact = plan.impact(&Presence { queues: queues.into_iter().collect(), ..Presence::default() });
        let action = Action { impact: Some(&impact), ..self.action(self.risk, emergency) };
        self.policy.needs_of(&plan, &action, &person, protected)
    }
}

/// What a card says of plans of this risk, and of those that touch more.
fn said(card: &Card, risk: Risk, urgent: bool) -> (Option<String>, Vec<String>) {
    let (mut row, mut points) = (None, Vec::new());
    for block in &card.blocks {
        match block {
            Block::Facts(facts) => {
                let is_it = |name: &str| {
                    let mut words = name.split(", ").map(str::to_lowercase).peekable();
                    let is_urgent = words.next_if(|word| word == "emergency").is_some();
                    is_urgent == urgent
                        && (urgent && words.peek().is_none() || words.any(|word| word == risk.word()))
                };
                row = facts.iter().find(|(name, _)| is_it(name)).map(|(_, text)| text.clone());
            }
            Block::Points(_, all) => {
                let is_it = |point: &&String| point.contains(", in an emergency: ") == urgent;
                points = all.iter().filter(is_it).cloned().collect();
            }
            _ => {}
        }
    }
    (row, points)
}

#[test]
fn why_promises_what_the_desk_then_does_and_refuses_what_it_refuses() {
    let seen = RefCell::new(BTreeMap::<&str, usize>::new());
    try_all(20_000, case(), |case| {
        let count = |what| *seen.borrow_mut().entry(what).or_default() += 1;
        let entry = &COMMANDS[case.entry];
        let spec = entry.command.spec;
        if spec.risk == Risk::Read {
            prop_assert_eq!(case.says(false, true).tone != Tone::Bad, case.may_ask(false).is_ok());
            count("read");
            return Ok(());
        }
        if case.risk == Risk::Read || entry.risks().all(|risk| risk != case.risk) {
            return Ok(());
        }
        let has_emergencies = !spec.args.is_empty();
        // In one answer for both, or in its own; about the user, or about no one in particular.
        for (emergency, own, about) in [
            (false, true, true),
            (false, true, false),
            (true, true, true),
            (true, false, true),
            (true, false, false),
        ] {
            if emergency && !has_emergencies {
                continue;
            }
            let card = case.says(emergency && own, about);
            let (row, points) = said(&card, case.risk, emergency && !own);
            let says = format!("{card:#?}");
            // Without a user it says what protection adds, but not for whom.
            let protected = if about { case.site.protected.clone() } else { Protected::default() };
            match case.finds(emergency, &protected) {
                Ok(needs) => {
                    prop_assert_ne!(card.tone, Tone::Bad, "{}", says);
                    let words = needed(&needs);
                    let is_said = |text: &String| {
                        text.contains(&words) && text.ends_with(&format!("(rule: {})", needs.rule))
                    };
                    let is_row = row.iter().any(is_said);
                    prop_assert!(is_row || points.iter().any(is_said), "{}: {}", words, says);
                    count(if is_row { "allowed" } else { "allowed by what it touches" });
                    if about && !needs.protected.is_empty() {
                        count("protected");
                    }
                }
                Err(problem) => {
                    let promises = |text: &String| text.starts_with("needs ");
                    let is_refused = |point: &String| {
                        !point.contains(": needs ")
                            && problem.rule.iter().any(|rule| point.ends_with(&format!("(rule: {rule})")))
                    };
                    let by_points = points.iter().any(is_refused);
                    prop_assert!(!row.iter().any(promises) || by_points, "{:?}: {}", problem, says);
                    count(match (card.tone, by_points) {
                        (Tone::Bad, _) => "refused",
                        (_, true) => "refused by what it touches",
                        (_, false) => "refused for this risk",
                    });
                }
            }
        }
        Ok(())
    });
    let seen = seen.into_inner();
    for (what, least) in [
        ("read", 1_000),
        ("allowed", 1_000),
        ("allowed by what it touches", 100),
        ("protected", 100),
        ("refused", 3_000),
        ("refused by what it touches", 20),
        ("refused for this risk", 300),
    ] {
        let often = seen.get(what).copied().unwrap_or_default();
        assert!(often >= least, "{what}: {often} of {seen:?}");
    }
}
