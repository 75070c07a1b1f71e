//! Quick connects that lead to a user: they go first, so that no one can transfer to a ghost, and come back last.

use desk_core::basics::text::whole;
use desk_core::center::{Named, QuickConnect, User};
use desk_core::plan::Step;
use desk_core::plan::effect::{
    Destination, OfferedQuickConnect, QueueOffersAll, QueueOffersNone, QuickConnectAbsent,
    QuickConnectPresent,
};

/// Before the user goes: each of these can be rolled back.
pub(crate) fn take_out(quick_connect: &QuickConnect, user: &User) -> Vec<Step> {
    let name = whole(&quick_connect.name);
    let mut steps: Vec<Step> = quick_connect
        .queues
        .iter()
        .map(|queue| out_of_queue(&quick_connect.id, &quick_connect.name, queue))
        .collect();
    let gone = QuickConnectAbsent { id: quick_connect.id.clone(), name: quick_connect.name.clone() };
    let title = format!("Remove the quick connect {name}");
    steps.push(Step::new(title, gone).undone_by(present(quick_connect, user)));
    steps
}

/// After the user is again: the same quick connects under new ids, in the same queues.
pub(crate) fn put_back(quick_connect: &QuickConnect, user: &User) -> Vec<Step> {
    let name = whole(&quick_connect.name);
    let mut steps =
        vec![Step::new(format!("Create the quick connect {name} again"), present(quick_connect, user))];
    steps.extend(quick_connect.queues.iter().map(|queue| {
        let title = format!("Put the quick connect {name} back into the queue {}", whole(&queue.name));
        Step::new(title, offers(&quick_connect.name, queue))
    }));
    steps
}

fn present(quick_connect: &QuickConnect, user: &User) -> QuickConnectPresent {
    QuickConnectPresent {
        name: quick_connect.name.clone(),
        description: quick_connect.description.clone(),
        destination: Destination::User {
            login: user.login.clone(),
            contact_flow_id: quick_connect.contact_flow_id.clone(),
            flow: None,
        },
        tags: quick_connect.tags.clone(),
    }
}

/// Takes one quick connect out of a queue. It goes back by its name, because it may have been created again.
pub(crate) fn out_of_queue(id: &str, name: &str, queue: &Named) -> Step {
    let title = format!("Remove the quick connect {} from the queue {}", whole(name), whole(&queue.name));
    let out = QueueOffersNone {
        queue_id: queue.id.clone(),
        queue: queue.name.clone(),
        quick_connects: vec![OfferedQuickConnect { id: Some(id.to_owned()), name: name.to_owned() }],
    };
    Step::new(title, out).undone_by(offers(name, queue))
}

fn offers(quick_connect: &str, queue: &Named) -> QueueOffersAll {
    QueueOffersAll {
        queue_id: queue.id.clone(),
        queue: queue.name.clone(),
        quick_connects: vec![quick_connect.to_owned()],
    }
}
