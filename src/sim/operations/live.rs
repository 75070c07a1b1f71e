//! Who is at work: the status of those who are signed in. Who is signed out does not appear.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::catalog::hierarchy_path;
use super::{Ask, Draft, found, nothing, optional, timestamp};
use crate::answer::{Outcome, Refusal};
use crate::handling::Channel;
use crate::ids::{Id, Kind};
use crate::page::Page;
use crate::world::{Change, Contact, Detail, Presence, Resource, User, World};

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
    contact_states: Vec<String>,
}

/// The state of every contact here: nobody in a practice contact center holds, misses or rejects one.
const CONTACT_STATE: &str = "CONNECTED";

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

fn routing<'w>(world: &'w World, user: &User) -> Option<&'w Detail> {
    world.resource(Kind::RoutingProfile, user.routing_profile).map(|profile| &profile.detail)
}

fn served_queues<'w>(world: &'w World, user: &User) -> impl Iterator<Item = Id> + use<'w> {
    let queues = match routing(world, user) {
        Some(Detail::RoutingProfile { queues, .. }) => queues.as_slice(),
        _ => &[],
    };
    queues.iter().map(|routed| routed.queue)
}

pub(super) fn current_user_data(world: &World, ask: &Ask) -> Outcome {
    let CurrentUserData { filters } = ask.read()?;
    let wanted = Wanted::read(world, &filters)?;
    let states = filters.contact_filter.unwrap_or_default().contact_states;
    let in_state = |presence: &Presence| {
        states.is_empty() || presence.contact.is_some() && states.iter().any(|state| state == CONTACT_STATE)
    };
    let page = Page::of(ask, world)?;
    let mut active: Vec<(&User, &Presence)> = world
        .presences()
        .filter_map(|(id, presence)| Some((&**world.user(id)?, presence)))
        .filter(|(user, presence)| in_state(presence) && wanted.fits(world, user))
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
    let mut slots: BTreeMap<Channel, i64> = BTreeMap::new();
    if let Some(Detail::RoutingProfile { concurrency, .. }) = routing(world, user) {
        slots.clone_from(concurrency);
    }
    let busy = |channel: &Channel| {
        i64::from(presence.contact.as_ref().is_some_and(|contact| contact.channel == *channel))
    };
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
        "Contacts": presence.contact.iter().map(|contact| contact_data(world, contact)).collect::<Vec<_>>(),
    });
    if let Some(group) = user.hierarchy_group {
        let reference =
            |group: &Resource| json!({ "Id": group.id, "Arn": names.arn(Kind::HierarchyGroup, group.id) });
        optional(&mut data, "HierarchyPath", Some(hierarchy_path(&world.hierarchy_path(group), reference)));
    }
    optional(
        &mut data,
        "NextStatus",
        presence.next_status.map(|status| world.name_of(Kind::AgentStatus, status)),
    );
    data
}

fn contact_data(world: &World, contact: &Contact) -> Value {
    let initiation = if contact.channel == Channel::Voice { "INBOUND" } else { "API" };
    let mut data = json!({
        "ContactId": contact.id,
        "Channel": contact.channel,
        "InitiationMethod": initiation,
        "AgentContactState": CONTACT_STATE,
        "StateStartTimestamp": timestamp(contact.since_ms),
        "ConnectedToAgentTimestamp": timestamp(contact.since_ms),
    });
    let queue = contact.queue.map(|id| json!({ "Id": id, "Arn": world.instance.names.arn(Kind::Queue, id) }));
    optional(&mut data, "Queue", queue);
    data
}

/// Sets the status of somebody who is signed in; while they have a contact, it is the status that comes after it.
pub(super) fn put_status(draft: &mut Draft<'_>, ask: &Ask) -> Outcome {
    let user = ask.user(draft.world)?;
    let status = ask.resource(draft.world, Kind::AgentStatus, "AgentStatusId")?.id;
    let Some(presence) = draft.world.presence(user.id) else {
        return Err(Refusal::invalid_request("The user is not signed in, and a status signs nobody in."));
    };
    let mut presence = presence.clone();
    if presence.contact.is_some() {
        presence.next_status = Some(status);
    } else {
        presence = Presence { status, since_ms: draft.now_ms, next_status: None, contact: None };
    }
    draft.changes.push(Change::Presence { user: user.id, presence: Some(presence) });
    nothing()
}
