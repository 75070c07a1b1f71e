use std::collections::{BTreeMap, BTreeSet};

use desk_core::center::orphans::{Orphan, Parts, Serving, Switched, orphans};
use desk_core::center::{Channel, LeadsTo, Named, QuickConnectInfo};

fn named(id: &str) -> Named {
    Named { id: id.to_owned(), name: id.to_uppercase() }
}

fn switched(id: &str, works: bool) -> Switched {
    Switched { named: named(id), works, hours: Some("hours".to_owned()) }
}

fn quick_connect(id: &str, leads_to: LeadsTo) -> QuickConnectInfo {
    let Named { id, name } = named(id);
    QuickConnectInfo { id, name, description: None, leads_to, tags: BTreeMap::new() }
}

fn to_user(id: &str, user: &str, flow: &str) -> QuickConnectInfo {
    quick_connect(id, LeadsTo::User { user_id: user.to_owned(), flow_id: flow.to_owned() })
}

fn to_queue(id: &str, queue: &str) -> QuickConnectInfo {
    quick_connect(id, LeadsTo::Queue { queue_id: queue.to_owned(), flow_id: "flow".to_owned() })
}

fn ids(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|id| (*id).to_owned()).collect()
}

/// One queue, one profile, one user with a quick connect: nothing to clean up.
fn tidy() -> Parts {
    Parts {
        quick_connects: vec![to_user("qc", "user", "flow"), to_queue("qq", "queue")],
        users: ids(&["user"]),
        queues: vec![switched("queue", true)],
        flows: vec![switched("flow", true)],
        profiles: vec![Serving {
            profile: Some(named("profile")),
            channels: [Channel::Voice].into(),
            users: Some(1),
            queues: ids(&["queue"]),
            pairs: vec![("queue".to_owned(), Channel::Voice)],
            ..Serving::default()
        }],
        offers: Some([("queue".to_owned(), ids(&["qc", "qq"]))].into()),
        hours: Some(ids(&["hours"])),
    }
}

#[test]
fn what_leads_somewhere_and_is_used_is_no_orphan() {
    assert_eq!(orphans(&tidy()), []);
}

#[test]
fn each_kind_of_orphan_is_found_by_the_one_thing_that_is_missing() {
    type Break = fn(&mut Parts);
    let (qc, qq) = (named("qc"), named("qq"));
    let (queue, profile) = (named("queue"), named("profile"));
    let cases: Vec<(Break, Vec<Orphan>)> = vec![
        (|p| p.users.clear(), vec![Orphan::QuickConnectToNoUser { quick_connect: qc.clone() }]),
        (
            |p| p.quick_connects = vec![to_queue("qq", "gone")],
            vec![Orphan::QuickConnectToNoQueue { quick_connect: qq.clone() }],
        ),
        (
            |p| p.queues[0].works = false,
            vec![
                Orphan::QuickConnectToDisabledQueue { quick_connect: qq.clone(), queue: queue.clone() },
                Orphan::ProfileWithoutQueue { profile: profile.clone() },
            ],
        ),
        (
            |p| {
                p.quick_connects.pop();
                p.flows[0].works = false;
            },
            vec![Orphan::QuickConnectThroughDeadFlow {
                quick_connect: qc.clone(),
                flow: Some(named("flow")),
            }],
        ),
        (
            |p| {
                p.quick_connects.pop();
                p.flows.clear();
            },
            vec![Orphan::QuickConnectThroughDeadFlow { quick_connect: qc.clone(), flow: None }],
        ),
        (
            |p| p.offers = Some([("queue".to_owned(), ids(&["qq"]))].into()),
            vec![Orphan::QuickConnectInNoQueue { quick_connect: qc.clone() }],
        ),
        // What was not read is said of nothing.
        (|p| p.offers = None, vec![]),
        (
            |p| p.profiles[0].served = ids(&["gone", "queue"]),
            vec![Orphan::ProfileServesNoQueue { profile: profile.clone(), queues: vec!["gone".to_owned()] }],
        ),
        (
            |p| {
                p.profiles[0].queues.clear();
                p.profiles[0].pairs.clear();
            },
            vec![
                Orphan::QueueInNoProfile { queue: queue.clone() },
                Orphan::ProfileWithoutQueue { profile: profile.clone() },
            ],
        ),
        // One that agents call out of is in use.
        (
            |p| {
                p.queues.push(switched("out", true));
                p.profiles[0].default_outbound_queue = Some("out".to_owned());
            },
            vec![],
        ),
        (
            |p| p.profiles[0].default_outbound_queue = Some("gone".to_owned()),
            vec![Orphan::ProfileWithoutOutboundQueue { profile: profile.clone(), queue: None }],
        ),
        (
            |p| {
                p.queues.push(switched("out", false));
                p.profiles[0].default_outbound_queue = Some("out".to_owned());
            },
            vec![Orphan::ProfileWithoutOutboundQueue { profile: profile.clone(), queue: Some(named("out")) }],
        ),
        (|p| p.hours = Some(ids(&["other"])), vec![Orphan::QueueWithoutHours { queue: queue.clone() }]),
        (|p| p.queues[0].hours = None, vec![Orphan::QueueWithoutHours { queue: queue.clone() }]),
        (
            |p| {
                p.queues[0].hours = None;
                p.hours = None;
            },
            vec![],
        ),
        (
            |p| p.profiles[0].channels = [Channel::Chat].into(),
            vec![Orphan::QueueWithoutChannel {
                queue: queue.clone(),
                profile: profile.clone(),
                channel: Channel::Voice,
            }],
        ),
        (|p| p.profiles[0].users = Some(0), vec![Orphan::ProfileWithoutUser { profile: profile.clone() }]),
        (|p| p.profiles[0].users = None, vec![]),
    ];
    for (no, (break_it, expected)) in cases.into_iter().enumerate() {
        let mut parts = tidy();
        break_it(&mut parts);
        assert_eq!(orphans(&parts), expected, "case {no}");
    }
}
