//! Looking at what the people a plan is about are doing, and at the queues that they would leave.

use std::collections::{BTreeMap, BTreeSet};

use crate::basics::problem::Problem;
use crate::center::{ContactCenter, Named, UserPresence};
use crate::plan::Plan;
use crate::plan::{ActiveAgent, OnContact, Presence, QueueStaffing};

/// Looks at the people of a plan. What cannot be seen is said and is in no one's way but the rules'.
pub async fn look(center: &dyn ContactCenter, plan: &Plan) -> Presence {
    match try_look(center, plan).await {
        Ok(live) => live,
        Err(problem) => {
            tracing::warn!(code = problem.code, "can't see who is signed in: {problem}");
            Presence { unknown: true, ..Presence::default() }
        }
    }
}

/// A user whom a plan takes out of queues: to the queues of another routing profile, or to none.
struct Leaver<'a> {
    id: &'a str,
    from: &'a Named,
    to: Option<&'a Named>,
}

async fn try_look(center: &dyn ContactCenter, plan: &Plan) -> Result<Presence, Problem> {
    let ids: Vec<String> = plan
        .about
        .iter()
        .map(|subject| subject.user_id.clone())
        .filter(|id| !id.is_empty() && !plan.only_reads())
        .collect();
    if ids.is_empty() {
        return Ok(Presence::default());
    }
    let mut presences = center.presences(&ids).await?;
    presences.retain(|_, presence| presence.active);
    let removed: BTreeSet<&str> =
        plan.steps.iter().filter_map(|step| step.effect.user_outcome().removed().map(|(_, id)| id)).collect();
    let mut people: Vec<ActiveAgent> = plan
        .about
        .iter()
        .filter_map(|subject| {
            let presence = presences.get(&subject.user_id)?;
            let will_be_disconnected = removed.contains(subject.user_id.as_str());
            Some(at_work(&subject.login, presence, will_be_disconnected))
        })
        .collect();
    people.sort_by(|a, b| b.contact.is_some().cmp(&a.contact.is_some()).then_with(|| a.login.cmp(&b.login)));
    let on_contact = people.iter().filter(|person| person.contact.is_some()).count();
    let signed_in = people.len();
    let queues = left(center, plan, &presences, &removed).await?;
    Ok(Presence { signed_in, on_contact, people, queues, unknown: false })
}

fn at_work(login: &str, presence: &UserPresence, will_be_disconnected: bool) -> ActiveAgent {
    ActiveAgent {
        login: login.to_owned(),
        status: presence.status.clone(),
        status_id: presence.status_id.clone(),
        since: presence.status_since,
        contact: presence
            .contacts
            .first()
            .map(|(channel, since)| OnContact { channel: *channel, since: *since }),
        will_be_disconnected,
    }
}

/// The queues that people who are signed in would leave, and who would stay.
async fn left(
    center: &dyn ContactCenter,
    plan: &Plan,
    presences: &BTreeMap<String, UserPresence>,
    removed: &BTreeSet<&str>,
) -> Result<Vec<QueueStaffing>, Problem> {
    let goes_to =
        |id: &str| plan.steps.iter().find_map(|step| step.effect.user_outcome().routing_profile(id));
    let users = plan.before.iter().map(|snapshot| &snapshot.user);
    let leavers: Vec<Leaver<'_>> = users
        .filter(|user| presences.contains_key(&user.id))
        .filter_map(|user| {
            let to = goes_to(&user.id);
            let leaves = to.is_some() || removed.contains(user.id.as_str());
            leaves.then_some(Leaver { id: &user.id, from: &user.profile.routing_profile, to })
        })
        .collect();
    let mut served: BTreeMap<String, Vec<Named>> = BTreeMap::new();
    let mut leaving: BTreeMap<Named, BTreeSet<&str>> = BTreeMap::new();
    for leaver in &leavers {
        for profile in std::iter::once(leaver.from).chain(leaver.to) {
            if !served.contains_key(&profile.id) {
                served.insert(profile.id.clone(), center.queues_of(profile).await?);
            }
        }
        let stays = leaver.to.and_then(|to| served.get(&to.id)).cloned().unwrap_or_default();
        for queue in served.get(&leaver.from.id).into_iter().flatten().filter(|queue| !stays.contains(queue))
        {
            leaving.entry(queue.clone()).or_default().insert(leaver.id);
        }
    }
    if leaving.is_empty() {
        return Ok(Vec::new());
    }
    let queues: Vec<Named> = leaving.keys().cloned().collect();
    let agents = center.agents_in(&queues).await?;
    for profile in agents.values() {
        if !served.contains_key(&profile.id) {
            served.insert(profile.id.clone(), center.queues_of(profile).await?);
        }
    }
    let serves = |profile: &Named, queue: &Named| {
        served.get(&profile.id).into_iter().flatten().any(|other| other.id == queue.id)
    };
    let mut left: Vec<QueueStaffing> = leaving
        .iter()
        .map(|(queue, leavers)| {
            let stay = agents
                .iter()
                .filter(|(id, profile)| !leavers.contains(id.as_str()) && serves(profile, queue));
            QueueStaffing { queue: queue.name.clone(), agents: stay.count() }
        })
        .collect();
    left.sort_by(|a, b| a.agents.cmp(&b.agents).then_with(|| a.queue.cmp(&b.queue)));
    Ok(left)
}
