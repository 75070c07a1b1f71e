//! What becomes of an agent's status when contacts come and go.

use std::sync::Arc;

use crate::call::Draft;
use crate::handling::Channel;
use crate::ids::{Id, Kind};
use crate::world::{Change, Contact, ContactState, Detail, Presence, Stage, StatusType, User, World};

/// The type of a status; one that is gone is like a custom one.
pub(crate) fn status_type(world: &World, status: Id) -> StatusType {
    match world.resource(Kind::AgentStatus, status).map(|status| &status.detail) {
        Some(Detail::AgentStatus { status_type, .. }) => *status_type,
        _ => StatusType::Custom,
    }
}

/// How many contacts of the channel the agent has; each holds its slot until it is cleared.
pub(crate) fn active_slots(world: &World, agent: Id, channel: Channel) -> i64 {
    let contacts = world.contacts_of(agent).filter(|contact| contact.channel == channel);
    i64::try_from(contacts.count()).unwrap_or(i64::MAX)
}

/// Whether a contact of the channel can be routed to the user now.
pub(crate) fn is_free_for(world: &World, user: &User, channel: Channel) -> bool {
    let Some(presence) = world.presence(user.id) else { return false };
    let Some(profile) = world.routing_profile_of(user) else { return false };
    let mixes = |contact: &Arc<Contact>| {
        let busy = profile.concurrencies.iter().find(|concurrency| concurrency.channel == contact.channel);
        contact.channel == channel || busy.is_some_and(|busy| busy.routes_any_channel())
    };
    let unanswered = |contact: &Arc<Contact>| {
        use ContactState::{Error, Missed, Rejected};
        matches!(contact.held(), Some((_, Missed | Error | Rejected)))
    };
    status_type(world, presence.status) == StatusType::Routable
        && presence.next_status.is_none()
        && profile.slots(channel) > active_slots(world, user.id, channel)
        && world.contacts_of(user.id).all(|contact| mixes(contact) && !unanswered(contact))
}

/// The presence of an agent who has no contacts any more: the status that waited for that comes.
pub(crate) fn without_contacts(presence: &Presence, now_ms: i64) -> Presence {
    match presence.next_status {
        Some(status) => Presence { status, since_ms: now_ms, next_status: None },
        None => presence.clone(),
    }
}

impl Draft<'_> {
    /// Clears contacts. The agent who had them gets the status that waited, if nothing else keeps it waiting.
    pub(crate) fn clear(&mut self, agent: Id, contacts: &[Id]) {
        let rest = self.world.contacts_of(agent).filter(|contact| !contacts.contains(&contact.id)).count();
        self.changes.extend(contacts.iter().map(|id| Change::ContactGone { id: *id }));
        if rest == 0
            && let Some(presence) = self.world.presence(agent)
        {
            let presence = Some(without_contacts(presence, self.now_ms));
            self.changes.push(Change::Presence { user: agent, presence });
        }
    }

    pub(crate) fn put_contact(&mut self, contact: Contact) {
        self.changes.push(Change::Contact(Arc::new(contact)));
    }

    /// The customer is gone; the agent who had the contact works on it until it is cleared.
    pub(crate) fn disconnect(&mut self, contact: &Contact) {
        match contact.held() {
            Some((agent, ContactState::Connected | ContactState::OnHold | ContactState::Paused)) => {
                let stage = Stage::With(agent, ContactState::Ended);
                self.put_contact(Contact { stage, since_ms: self.now_ms, ..contact.clone() });
            }
            Some((agent, _)) => self.clear(agent, &[contact.id]),
            None => self.changes.push(Change::ContactGone { id: contact.id }),
        }
    }
}
