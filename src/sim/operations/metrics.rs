//! Real-time metrics of queues and routing profiles, counted from who is at work and what waits.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::lists::page;
use crate::answer::{Outcome, Refusal, optional, timestamp, written};
use crate::call::{Call, found};
use crate::handling::Channel;
use crate::ids::{Id, Kind};
use crate::presence::{active_slots, is_free_for, status_type};
use crate::world::{Contact, ContactState, Presence, Stage, StatusType, User, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CurrentMetricData {
    filters: Filters,
    #[serde(default)]
    groupings: Vec<Grouping>,
    current_metrics: Vec<Metric>,
    #[serde(default)]
    sort_criteria: Vec<Sort>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Filters {
    queues: Vec<String>,
    channels: Vec<Channel>,
    routing_profiles: Vec<String>,
    agent_statuses: Vec<String>,
    routing_step_expressions: Vec<String>,
    subtypes: Vec<String>,
    validation_test_types: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Grouping {
    Queue,
    Channel,
    RoutingProfile,
    AgentStatus,
    RoutingStepExpression,
    Subtype,
    ValidationTestType,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    #[serde(skip_serializing)]
    metric_id: Option<String>,
    unit: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Name {
    AgentsOnline,
    AgentsAvailable,
    AgentsOnCall,
    AgentsOnContact,
    AgentsNonProductive,
    AgentsAfterContactWork,
    AgentsError,
    AgentsStaffed,
    ContactsInQueue,
    OldestContactAge,
    ContactsScheduled,
    SlotsActive,
    SlotsAvailable,
    EstimatedWaitTime,
}

impl Name {
    fn unit(self) -> &'static str {
        match self {
            Self::OldestContactAge | Self::EstimatedWaitTime => "SECONDS",
            _ => "COUNT",
        }
    }

    fn is_of_contacts(self) -> bool {
        matches!(self, Self::ContactsInQueue | Self::OldestContactAge | Self::ContactsScheduled)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sort {
    sort_by_metric: Option<Name>,
    sort_order: Option<String>,
}

fn wrong(message: &str) -> Refusal {
    Refusal::invalid_parameter(message)
}

impl CurrentMetricData {
    /// The rules that the API's documentation has for filters, groupings and metrics together.
    fn check(&self) -> Result<(), Refusal> {
        let (filters, groupings) = (&self.filters, &self.groupings);
        if filters.queues.is_empty() == filters.routing_profiles.is_empty() {
            return Err(wrong("Filters must hold either Queues or RoutingProfiles."));
        }
        let unknown = [&filters.routing_step_expressions, &filters.subtypes, &filters.validation_test_types];
        if unknown.into_iter().any(|filter| !filter.is_empty()) {
            return Err(wrong(
                "The instance has no routing steps, subtypes and validation tests to filter by.",
            ));
        }
        use Grouping::{AgentStatus, Channel, Queue, RoutingProfile};
        if groupings.iter().any(|grouping| ![AgentStatus, Channel, Queue, RoutingProfile].contains(grouping))
        {
            return Err(wrong(
                "The instance has no routing steps, subtypes and validation tests to group by.",
            ));
        }
        if groupings.len() == 2 && groupings[0] == groupings[1] {
            return Err(wrong("Groupings names a dimension twice."));
        }
        if !filters.agent_statuses.is_empty() && filters.queues.is_empty() {
            return Err(wrong("A filter by AgentStatuses needs one by Queues."));
        }
        if self.current_metrics.is_empty() {
            return Err(wrong("CurrentMetrics must hold a metric."));
        }
        let names = self.names()?;
        if groupings.contains(&AgentStatus) {
            if groupings[0] != Queue || filters.queues.is_empty() {
                return Err(wrong("Grouping by AGENT_STATUS needs QUEUE before it and a filter by Queues."));
            }
            if names.iter().any(|name| *name != Name::AgentsOnline) {
                return Err(wrong("Grouping by AGENT_STATUS has the metric AGENTS_ONLINE only."));
            }
        }
        let by_contacts = names.iter().any(|name| name.is_of_contacts());
        if groupings.contains(&RoutingProfile) && by_contacts && filters.routing_profiles.is_empty() {
            return Err(wrong(
                "Contacts are grouped by ROUTING_PROFILE with a filter by RoutingProfiles only.",
            ));
        }
        let estimates = names.contains(&Name::EstimatedWaitTime);
        if estimates && (filters.channels.is_empty() || *groupings != [Queue, Channel]) {
            return Err(wrong("ESTIMATED_WAIT_TIME needs filters by Queues and Channels, grouped by both."));
        }
        let sorts_by = self.sort_criteria.first().and_then(|sort| sort.sort_by_metric);
        if matches!(sorts_by, Some(Name::SlotsActive | Name::SlotsAvailable)) {
            return Err(wrong("Results are not sorted by slots."));
        }
        Ok(())
    }

    fn names(&self) -> Result<Vec<Name>, Refusal> {
        let name = |metric: &Metric| {
            let name = metric.name.ok_or_else(|| wrong("A metric must be named by Name here."))?;
            if metric.metric_id.is_some() {
                return Err(wrong("A metric is named by Name or by MetricId."));
            }
            if metric.unit.as_ref().is_some_and(|unit| unit != name.unit()) {
                return Err(wrong("A metric has another Unit."));
            }
            Ok(name)
        };
        self.current_metrics.iter().map(name).collect()
    }
}

/// What one result is about; nothing means all that the filter lets through.
#[derive(Clone, Default)]
struct Scope {
    queue: Option<Id>,
    channel: Option<Channel>,
    routing_profile: Option<Id>,
    status: Option<Id>,
}

/// What the filter lets through.
struct Filtered<'w> {
    world: &'w World,
    now_ms: i64,
    queues: BTreeSet<Id>,
    routing_profiles: BTreeSet<Id>,
    channels: Vec<Channel>,
    statuses: BTreeSet<Id>,
}

impl Filtered<'_> {
    fn queue_fits(&self, scope: &Scope, queue: Id) -> bool {
        scope.queue.map_or(self.queues.is_empty() || self.queues.contains(&queue), |wanted| wanted == queue)
    }

    fn channel_fits(&self, scope: &Scope, channel: Channel) -> bool {
        scope.channel.map_or(self.channels.contains(&channel), |wanted| wanted == channel)
    }

    fn profile_fits(&self, scope: &Scope, profile: Id) -> bool {
        let all = self.routing_profiles.is_empty() || self.routing_profiles.contains(&profile);
        scope.routing_profile.map_or(all, |wanted| wanted == profile)
    }

    /// The agents at work who serve what the result is about.
    fn agents(&self, scope: &Scope) -> Vec<(&User, &Presence)> {
        let serves = |user: &User| {
            self.world.routing_profile_of(user).is_some_and(|profile| {
                profile.queues.iter().any(|routed| {
                    let pair = routed.pair;
                    self.queue_fits(scope, pair.queue)
                        && self.channel_fits(scope, pair.channel)
                        && profile.slots(pair.channel) > 0
                })
            })
        };
        let in_status = |presence: &Presence| {
            let all = self.statuses.is_empty() || self.statuses.contains(&presence.status);
            scope.status.map_or(all, |wanted| wanted == presence.status)
        };
        let at_work =
            self.world.presences().filter_map(|(id, presence)| Some((&**self.world.user(id)?, presence)));
        let online =
            at_work.filter(|(_, presence)| status_type(self.world, presence.status) != StatusType::Offline);
        let of_scope = online.filter(|(user, presence)| {
            in_status(presence) && self.profile_fits(scope, user.routing_profile) && serves(user)
        });
        of_scope.collect()
    }

    /// The contacts that no agent has yet. Agents' own queues are not covered.
    fn contacts(&self, scope: &Scope) -> Vec<&Arc<Contact>> {
        let profiles = self.world.resources(Kind::RoutingProfile);
        let served = |queue: Id| {
            let all = self.routing_profiles.is_empty() && scope.routing_profile.is_none();
            all || profiles.iter().any(|resource| {
                self.profile_fits(scope, resource.id)
                    && resource
                        .routing_profile()
                        .is_some_and(|profile| profile.queues.iter().any(|routed| routed.pair.queue == queue))
            })
        };
        let of_scope = self.world.contacts().filter(|contact| {
            contact.held().is_none()
                && self.channel_fits(scope, contact.channel)
                && contact.queue.is_some_and(|queue| {
                    self.world.user(queue).is_none() && self.queue_fits(scope, queue) && served(queue)
                })
        });
        of_scope.collect()
    }

    /// The metrics of one result; nothing where there is nothing to count.
    fn measured(&self, scope: &Scope, names: &[Name], grouped: bool) -> Option<Vec<Option<f64>>> {
        let agents = self.agents(scope);
        // A status has agents and no contacts.
        let contacts = if scope.status.is_some() { Vec::new() } else { self.contacts(scope) };
        if agents.is_empty() && contacts.is_empty() {
            return None;
        }
        Some(names.iter().map(|name| self.value(*name, scope, &agents, &contacts, grouped)).collect())
    }

    fn value(
        &self,
        name: Name,
        scope: &Scope,
        agents: &[(&User, &Presence)],
        contacts: &[&Arc<Contact>],
        grouped: bool,
    ) -> Option<f64> {
        use ContactState::{Connected, Connecting, Ended, Error, Missed, OnHold, Paused, Rejected};
        let world = self.world;
        let channels = || Channel::ALL.into_iter().filter(|channel| self.channel_fits(scope, *channel));
        let with_state = |states: &[ContactState]| {
            let has = |user: &User| {
                let mut held = world.contacts_of(user.id).filter_map(|contact| contact.held());
                held.any(|(_, state)| states.contains(&state))
            };
            agents.iter().filter(|(user, _)| has(user)).count()
        };
        let in_status = |wanted: StatusType| {
            agents.iter().filter(|(_, presence)| status_type(world, presence.status) == wanted).count()
        };
        let slots = |of: &dyn Fn(&User, Channel) -> i64| {
            let sum: i64 =
                agents.iter().map(|(user, _)| channels().map(|channel| of(user, channel)).sum::<i64>()).sum();
            usize::try_from(sum).unwrap_or_default()
        };
        let most =
            |user: &User, channel| world.routing_profile_of(user).map_or(0, |profile| profile.slots(channel));
        let count = match name {
            Name::AgentsOnline => agents.len(),
            Name::AgentsAvailable => {
                let is_free = |user: &User| channels().any(|channel| is_free_for(world, user, channel));
                agents.iter().filter(|(user, _)| is_free(user)).count()
            }
            Name::AgentsOnCall | Name::AgentsOnContact => {
                with_state(&[Connected, Connecting, OnHold, Paused, Ended])
            }
            Name::AgentsNonProductive => in_status(StatusType::Custom),
            Name::AgentsStaffed => in_status(StatusType::Routable),
            Name::AgentsAfterContactWork => with_state(&[Ended]),
            Name::AgentsError => with_state(&[Error, Missed, Rejected]),
            Name::ContactsInQueue => {
                contacts.iter().filter(|contact| contact.stage == Stage::Waiting).count()
            }
            Name::ContactsScheduled => {
                contacts.iter().filter(|contact| matches!(contact.stage, Stage::Scheduled(_))).count()
            }
            Name::SlotsActive => slots(&|user, channel| active_slots(world, user.id, channel)),
            Name::SlotsAvailable => {
                slots(&|user, channel| (most(user, channel) - active_slots(world, user.id, channel)).max(0))
            }
            Name::OldestContactAge => {
                let waiting = contacts.iter().filter(|contact| contact.stage == Stage::Waiting);
                let oldest_ms =
                    waiting.map(|contact| (self.now_ms - contact.since_ms).max(0)).max().unwrap_or(0);
                // In seconds only where there are groupings, as AWS documents.
                usize::try_from(if grouped { oldest_ms / 1000 } else { oldest_ms }).unwrap_or_default()
            }
            Name::EstimatedWaitTime => return None,
        };
        #[allow(clippy::cast_precision_loss)]
        // Counts of people and contacts are far below what a float counts exactly.
        Some(count as f64)
    }
}

pub(super) fn current_metric_data(world: &World, call: &Call) -> Outcome {
    let asked: CurrentMetricData = call.read()?;
    asked.check()?;
    let names = asked.names()?;
    let ids = |kind: Kind, texts: &[String]| -> Result<BTreeSet<Id>, Refusal> {
        texts.iter().map(|text| found(world, kind, text).map(|resource| resource.id)).collect()
    };
    let filters = &asked.filters;
    let filtered = Filtered {
        world,
        now_ms: call.now_ms,
        queues: ids(Kind::Queue, &filters.queues)?,
        routing_profiles: ids(Kind::RoutingProfile, &filters.routing_profiles)?,
        channels: if filters.channels.is_empty() { Channel::ALL.to_vec() } else { filters.channels.clone() },
        statuses: ids(Kind::AgentStatus, &filters.agent_statuses)?,
    };
    let mut scopes = vec![Scope::default()];
    for grouping in &asked.groupings {
        scopes = scopes.into_iter().flat_map(|scope| filtered.divided(&scope, *grouping)).collect();
    }
    let grouped = !asked.groupings.is_empty();
    let sort = asked.sort_criteria.first();
    let sorts_by = [sort.and_then(|sort| sort.sort_by_metric).unwrap_or(Name::AgentsOnline)];
    let mut results: Vec<(f64, Value)> = Vec::new();
    for scope in scopes {
        let Some(values) = filtered.measured(&scope, &names, grouped) else { continue };
        let key = filtered.measured(&scope, &sorts_by, grouped).and_then(|values| values[0]).unwrap_or(0.0);
        results.push((key, filtered.result(&scope, &asked.current_metrics, &names, &values)));
    }
    let ascending = sort.is_some_and(|sort| sort.sort_order.as_deref() == Some("ASCENDING"));
    results
        .sort_by(|(one, _), (other, _)| if ascending { one.total_cmp(other) } else { other.total_cmp(one) });
    let count = results.len();
    let results = results.into_iter().enumerate().map(|(at, (_, result))| (format!("{at:08}"), result));
    let mut output = page(world, call, "MetricResults", results, |result| result)?;
    optional(&mut output, "DataSnapshotTime", Some(timestamp(call.now_ms)));
    optional(&mut output, "ApproximateTotalCount", Some(count));
    Ok(output)
}

impl Filtered<'_> {
    /// The parts of a scope by one dimension.
    fn divided(&self, scope: &Scope, by: Grouping) -> Vec<Scope> {
        let every = |kind: Kind, chosen: &BTreeSet<Id>| -> Vec<Id> {
            let all = self.world.resources(kind).into_iter().map(|resource| resource.id);
            all.filter(|id| chosen.is_empty() || chosen.contains(id)).collect()
        };
        let part = |change: &dyn Fn(&mut Scope)| {
            let mut part = scope.clone();
            change(&mut part);
            part
        };
        match by {
            Grouping::Queue => {
                let queues = every(Kind::Queue, &self.queues);
                queues.into_iter().map(|id| part(&|scope| scope.queue = Some(id))).collect()
            }
            Grouping::RoutingProfile => {
                let profiles = every(Kind::RoutingProfile, &self.routing_profiles);
                profiles.into_iter().map(|id| part(&|scope| scope.routing_profile = Some(id))).collect()
            }
            Grouping::AgentStatus => {
                let statuses = every(Kind::AgentStatus, &self.statuses);
                statuses.into_iter().map(|id| part(&|scope| scope.status = Some(id))).collect()
            }
            _ => self.channels.iter().map(|channel| part(&|scope| scope.channel = Some(*channel))).collect(),
        }
    }

    fn result(&self, scope: &Scope, metrics: &[Metric], names: &[Name], values: &[Option<f64>]) -> Value {
        let named = &self.world.instance.names;
        let reference = |kind: Kind, id: Id| json!({ "Id": id, "Arn": named.arn(kind, id) });
        let mut dimensions = json!({});
        optional(&mut dimensions, "Queue", scope.queue.map(|id| reference(Kind::Queue, id)));
        optional(&mut dimensions, "Channel", scope.channel.map(|channel| written(&channel)));
        let profile = scope.routing_profile.map(|id| reference(Kind::RoutingProfile, id));
        optional(&mut dimensions, "RoutingProfile", profile);
        optional(&mut dimensions, "AgentStatus", scope.status.map(|id| reference(Kind::AgentStatus, id)));
        let collection = |((metric, name), value): ((&Metric, &Name), &Option<f64>)| {
            let unit = Some(name.unit().to_owned());
            let mut data = json!({ "Metric": Metric { unit, ..metric.clone() } });
            optional(&mut data, "Value", *value);
            data
        };
        let collections: Vec<_> = metrics.iter().zip(names).zip(values).map(collection).collect();
        let mut result = json!({ "Collections": collections });
        optional(&mut result, "Dimensions", Some(dimensions).filter(|dimensions| *dimensions != json!({})));
        result
    }
}
