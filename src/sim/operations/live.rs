//! Who is at work: the status and the contacts of those who are signed in. Who is signed out does not appear.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::hierarchy;
use crate::answer::{Outcome, Refusal, nothing, optional, timestamp};
use crate::call::{Call, Draft, found};
use crate::handling::Channel;
use crate::ids::{Id, Kind};
use crate::page::Page;
use crate::presence::{active_slots, status_type};
use crate::world::{
    Change, Contact, ContactState, Detail, Presence, Resource, RoutingProfile, StatusType, User, World,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CurrentUserData {
    filters: Filters,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filters {
    queues: Option<Vec<String>>,
    routing_profiles: Option<Vec<String>>,
    agents: Option<Vec<String>>,
    user_hierarchy_groups: Option<Vec<String>>,
    contact_filter: Option<ContactFilter>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContactFilter {
    #[serde(default)]
    contact_states: Vec<ContactState>,
}

/// The one resource filter that a request may have.
enum Wanted {
    Everybody,
    Queues(BTreeSet<Id>),
    RoutingProfiles(BTreeSet<Id>),
    Agents(BTreeSet<Id>),
    HierarchyGroup(Id),
}

impl Wanted {
    fn read(world: &World, filters: &Filters) -> Result<Self, Refusal> {
        let ids = |kind: Kind, texts: &[String]| -> Result<BTreeSet<Id>, Refusal> {
            texts.iter().map(|text| found(world, kind, text).map(|resource| resource.id)).collect()
        };
        let users = |texts: &[String]| -> Result<BTreeSet<Id>, Refusal> {
            let id = |text: &String| {
                world.instance.names.id(Kind::User, text).filter(|id| world.user(*id).is_some())
            };
            let id =
                |text| id(text).ok_or_else(|| Refusal::not_found("There is no user with one of these ids."));
            texts.iter().map(id).collect()
        };
        match (&filters.queues, &filters.routing_profiles, &filters.agents, &filters.user_hierarchy_groups) {
            (Some(queues), None, None, None) => Ok(Self::Queues(ids(Kind::Queue, queues)?)),
            (None, Some(profiles), None, None) => {
                Ok(Self::RoutingProfiles(ids(Kind::RoutingProfile, profiles)?))
            }
            (None, None, Some(agents), None) => Ok(Self::Agents(users(agents)?)),
            (None, None, None, Some(groups)) => {
                let group = ids(Kind::HierarchyGroup, groups)?.into_iter().next();
                group
                    .map(Self::HierarchyGroup)
                    .ok_or_else(|| Refusal::internal("The contract asks for one group."))
            }
            (None, None, None, None) if filters.contact_filter.is_some() => Ok(Self::Everybody),
            (None, None, None, None) => Err(Refusal::invalid_parameter("Filters must hold one filter.")),
            _ => Err(Refusal::invalid_parameter(
                "Filters may hold only one of Queues, RoutingProfiles, Agents and UserHierarchyGroups.",
            )),
        }
    }

    fn fits(&self, world: &World, user: &User) -> bool {
        match self {
            Self::Everybody => true,
            Self::Queues(queues) => served_queues(world, user).any(|queue| queues.contains(&queue)),
            Self::RoutingProfiles(profiles) => profiles.contains(&user.routing_profile),
            Self::Agents(agents) => agents.contains(&user.id),
            Self::HierarchyGroup(group) => {
                let path = user.hierarchy_group.map(|own| world.hierarchy_path(own)).unwrap_or_default();
                path.iter().any(|above| above.id == *group)
            }
        }
    }
}

fn served_queues<'w>(world: &'w World, user: &User) -> impl Iterator<Item = Id> + use<'w> {
    let profile = world.routing_profile_of(user);
    profile.into_iter().flat_map(|profile| &profile.queues).map(|routed| routed.pair.queue)
}

pub(super) fn current_user_data(world: &World, call: &Call) -> Outcome {
    let CurrentUserData { filters } = call.read()?;
    let wanted = Wanted::read(world, &filters)?;
    let states = filters.contact_filter.unwrap_or_default().contact_states;
    let in_state = |user: &User| {
        let mut held = world.contacts_of(user.id).filter_map(|contact| contact.held());
        states.is_empty() || held.any(|(_, state)| states.contains(&state))
    };
    let page = Page::of(call, world)?;
    let mut active: Vec<(&User, &Presence)> = world
        .presences()
        .filter_map(|(id, presence)| Some((&**world.user(id)?, presence)))
        .filter(|(user, _)| in_state(user) && wanted.fits(world, user))
        .collect();
    active.sort_by_key(|(user, _)| &user.login);
    let count = active.len();
    let (listed, next) =
        page.cut(active.into_iter().map(|(user, presence)| (&*user.login, (user, presence))));
    let listed: Vec<_> =
        listed.into_iter().map(|(user, presence)| user_data(world, user, presence)).collect();
    let mut output = json!({ "UserDataList": listed, "ApproximateTotalCount": count });
    optional(&mut output, "NextToken", next);
    Ok(output)
}

fn user_data(world: &World, user: &User, presence: &Presence) -> Value {
    let names = &world.instance.names;
    let channels = world.routing_profile_of(user).into_iter().flat_map(|profile: &RoutingProfile| {
        profile.concurrencies.iter().map(|concurrency| (concurrency.channel, concurrency.slots()))
    });
    let slots: BTreeMap<Channel, i64> = channels.collect();
    let busy = |channel: &Channel| active_slots(world, user.id, *channel);
    let active: BTreeMap<_, _> = slots.keys().map(|channel| (*channel, busy(channel))).collect();
    let available: BTreeMap<_, _> =
        slots.iter().map(|(channel, all)| (*channel, (all - busy(channel)).max(0))).collect();
    let mut data = json!({
        "User": { "Id": user.id, "Arn": names.arn(Kind::User, user.id) },
        "RoutingProfile": { "Id": user.routing_profile, "Arn": names.arn(Kind::RoutingProfile, user.routing_profile) },
        "Status": {
            "StatusStartTimestamp": timestamp(presence.since_ms),
            "StatusArn": names.arn(Kind::AgentStatus, presence.status),
            "StatusName": world.name_of(Kind::AgentStatus, presence.status),
        },
        "MaxSlotsByChannel": slots,
        "ActiveSlotsByChannel": active,
        "AvailableSlotsByChannel": available,
        "Contacts": world.contacts_of(user.id).map(|contact| contact_data(world, contact)).collect::<Vec<_>>(),
    });
    if let Some(group) = user.hierarchy_group {
        let reference =
            |group: &Resource| json!({ "Id": group.id, "Arn": names.arn(Kind::HierarchyGroup, group.id) });
        optional(&mut data, "HierarchyPath", Some(hierarchy::path(&world.hierarchy_path(group), reference)));
    }
    optional(
        &mut data,
        "NextStatus",
        presence.next_status.map(|status| world.name_of(Kind::AgentStatus, status)),
    );
    data
}

fn contact_data(world: &World, contact: &Contact) -> Value {
    let names = &world.instance.names;
    let mut data = json!({
        "ContactId": contact.id,
        "Channel": contact.channel,
        "InitiationMethod": contact.initiation,
        "AgentContactState": contact.held().map(|(_, state)| state),
        "StateStartTimestamp": timestamp(contact.since_ms),
    });
    let connected = matches!(contact.held(), Some((_, ContactState::Connected | ContactState::OnHold)));
    optional(&mut data, "ConnectedToAgentTimestamp", connected.then(|| timestamp(contact.since_ms)));
    let queue = contact.queue.map(|id| {
        let is_agents_own = world.user(id).is_some();
        let arn = if is_agents_own { names.agent_queue_arn(id) } else { names.arn(Kind::Queue, id) };
        json!({ "Id": id, "Arn": arn })
    });
    optional(&mut data, "Queue", queue);
    data
}

/// Sets the status of a user who is signed in. While they have a contact it waits for its end, unless it is Available,
/// which cancels the status that waits. Missed contacts and after contact work do not keep it waiting, as AWS documents: they
/// are cleared.
pub(super) fn put_status(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let world = draft.world;
    let user = call.user(world)?;
    let status = call.resource(world, Kind::AgentStatus, "AgentStatusId")?;
    if matches!(status.detail, Detail::AgentStatus { enabled: false, .. }) {
        return Err(Refusal::invalid_parameter("The agent status is disabled."));
    }
    let Some(presence) = world.presence(user.id) else {
        return Err(Refusal::invalid_request("The user is not signed in, and a status signs no one in."));
    };
    let held: Vec<_> = world.contacts_of(user.id).collect();
    let is_routable = status_type(world, status.id) == StatusType::Routable;
    let clears = |contact: &&Arc<Contact>| match contact.held() {
        Some((_, ContactState::Ended)) => !is_routable,
        Some((_, ContactState::Missed)) => {
            held.iter().all(|contact| matches!(contact.held(), Some((_, ContactState::Missed))))
        }
        _ => false,
    };
    let cleared: Vec<Id> = held.iter().copied().filter(clears).map(|contact| contact.id).collect();
    let waits = cleared.len() < held.len() && !is_routable;
    // An agent who was Available all along, on a contact, stays Available since then.
    let same = cleared.len() < held.len() && presence.status == status.id;
    let presence = if waits {
        Presence { next_status: Some(status.id), ..presence.clone() }
    } else {
        let since_ms = if same { presence.since_ms } else { draft.now_ms };
        Presence { status: status.id, since_ms, next_status: None }
    };
    draft.changes.extend(cleared.into_iter().map(|id| Change::ContactGone { id }));
    draft.changes.push(Change::Presence { user: user.id, presence: Some(presence) });
    nothing()
}

/// Clears a contact that an agent missed, rejected, cannot get rid of, or has after contact work for.
pub(super) fn dismiss_contact(draft: &mut Draft<'_>, call: &Call) -> Outcome {
    let user = call.user(draft.world)?.id;
    let id: Option<Id> = call.text("ContactId").unwrap_or_default().parse().ok();
    let contact = id.and_then(|id| draft.world.contact(id));
    let held = contact.and_then(|contact| contact.held()).filter(|(agent, _)| *agent == user);
    let (Some(contact), Some((_, state))) = (contact, held) else {
        return Err(Refusal::not_found("The user has no contact with this id."));
    };
    use ContactState::{Ended, Error, Missed, Rejected};
    if !matches!(state, Missed | Error | Ended | Rejected) {
        return Err(Refusal::invalid_request(
            "Only a contact in the state MISSED, ERROR, ENDED or REJECTED can be dismissed.",
        ));
    }
    draft.clear(user, &[contact.id]);
    nothing()
}
