//! Quick connects that lead to a user: they go first, so that no one can transfer to a ghost, and come back last.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::whole;
use desk_core::center::{FlowInfo, Named, QuickConnect, Snapshot, User};
use desk_core::command::Ask;
use desk_core::plan::Step;
use desk_core::plan::effect::{
    Destination, OfferedQuickConnect, QueueOffersAll, QueueOffersNone, QuickConnectAbsent,
    QuickConnectPresent,
};

/// The flows through which quick connects of users can lead. They are read only where there is a quick connect.
#[derive(Default)]
pub(crate) struct Flows(Vec<FlowInfo>);

impl Flows {
    pub(crate) async fn of(ask: &Ask<'_>, quick_connects: &[QuickConnect]) -> Result<Flows, Problem> {
        match quick_connects {
            [] => Ok(Flows::default()),
            _ => ask.center.flows().await.map(Flows),
        }
    }

    /// Why a quick connect can't be created as it was.
    pub(crate) fn why_not(&self, quick_connect: &QuickConnect) -> Option<String> {
        let flow = self.0.iter().find(|flow| flow.id == quick_connect.contact_flow_id);
        match flow {
            Some(flow) if flow.is_usable() && flow.of_type == FlowInfo::AGENT_TRANSFER => None,
            Some(flow) => Some(format!("its flow {} is archived or was never published", whole(&flow.name))),
            None => Some("its flow is gone".to_owned()),
        }
    }

    fn present(&self, quick_connect: &QuickConnect, user: &User) -> QuickConnectPresent {
        let flow = self.0.iter().find(|flow| flow.id == quick_connect.contact_flow_id);
        QuickConnectPresent {
            name: quick_connect.name.clone(),
            description: quick_connect.description.clone(),
            destination: Destination::User {
                login: user.login.clone(),
                contact_flow_id: quick_connect.contact_flow_id.clone(),
                flow: flow.map(|flow| flow.name.clone()),
            },
            tags: quick_connect.tags.clone(),
        }
    }

    /// After the user is again: the same quick connects under new ids, in the same queues.
    pub(crate) fn put_back(&self, quick_connect: &QuickConnect, user: &User) -> Vec<Step> {
        let name = whole(&quick_connect.name);
        let again = self.present(quick_connect, user);
        let mut steps = vec![Step::new(format!("Create the quick connect {name} again"), again)];
        steps.extend(quick_connect.queues.iter().map(|queue| {
            let title = format!("Put the quick connect {name} back into the queue {}", whole(&queue.name));
            Step::new(title, offers(&quick_connect.name, queue))
        }));
        steps
    }
}

/// What becomes of the quick connects of a user who is removed.
#[derive(Default)]
pub(crate) struct TakenOut {
    /// Before the user goes: each of these can be rolled back.
    pub before: Vec<Step>,
    /// After that: those that can't be created again. No contact comes through a flow that doesn't work.
    pub after: Vec<Step>,
    /// Once the user is created again.
    pub again: Vec<Step>,
    /// What can't be restored.
    pub lost: Vec<String>,
}

impl TakenOut {
    pub(crate) fn of(snapshot: &Snapshot, flows: &Flows) -> TakenOut {
        let mut out = TakenOut::default();
        for one in &snapshot.quick_connects {
            let name = whole(&one.name);
            let gone = QuickConnectAbsent { id: one.id.clone(), name: one.name.clone() };
            let gone = Step::new(format!("Remove the quick connect {name}"), gone);
            let queues = one.queues.iter().map(|queue| out_of_queue(&one.id, &one.name, queue));
            match flows.why_not(one) {
                None => {
                    out.before.extend(queues);
                    out.before.push(gone.undone_by(flows.present(one, &snapshot.user)));
                    out.again.extend(flows.put_back(one, &snapshot.user));
                }
                Some(why) => {
                    out.after.extend(queues);
                    out.after.push(gone);
                    out.lost.push(format!("quick connect {name}; {why}, so it can't be created again"));
                }
            }
        }
        out
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
