//! Routing profiles: made, removed while they are as they were made, set part by part, and the queues that they serve.

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::System;
use desk_core::center::{RoutedQueue, RoutingProfileInfo};
use desk_core::plan::StepKey;
use desk_core::plan::effect::{
    ChannelSlots, NewRoutingProfileAbsent, Pair, ProfileServes, ProfileServesNot, RoutingProfileField,
    RoutingProfileHas, RoutingProfilePresent, facts,
};

use super::{
    Apply, OnNotFound, QUEUE, ROUTING_PROFILE, acted, further, holds, holds_whole, missing, name_taken,
    not_as_made, not_built, thing_gone, unread,
};
use crate::systems::apply::{Acted, Facts, Fault, Provenance, Seen, Tried};
use crate::systems::connect::Connect;
use crate::systems::connect::cached::Thing;
use crate::systems::connect::call::{once, text};
use crate::systems::connect::convert;

#[async_trait]
impl Apply for RoutingProfilePresent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let channels = concurrencies(&self.channels)?;
        let pairs = match self.pairs.as_slice() {
            [] => None,
            pairs => Some(connect.configs(pairs).await?),
        };
        let sent = once!(
            connect,
            "CreateRoutingProfile",
            create_routing_profile
                .name(&self.name)
                .description(&self.description)
                .default_outbound_queue_id(&self.default_queue.id)
                .set_media_concurrencies(Some(channels.clone()))
                .set_queue_configs(pairs.clone()),
            |made| text(made.routing_profile_id)
        )
        .await;
        let tried = acted(sent, OnNotFound::NotYet);
        connect.forget_profiles().await;
        tried
    }

    async fn look(&self, connect: &Connect, provenance: Provenance) -> Result<Seen, Fault> {
        let Some(there) = connect.profile_called(&self.name).await? else { return Ok(Seen::Absent) };
        if provenance == Provenance::NotOurs || !self.is_as_made(&there) {
            return Ok(Seen::Blocked(not_as_made("routing profile", &self.name)));
        }
        Ok(Seen::Holds(Facts::from([(facts::ROUTING_PROFILE_ID.to_owned(), there.id)])))
    }

    fn makes(&self) -> Option<Thing> {
        Some((ROUTING_PROFILE, self.name.clone()))
    }

    fn leans_on(&self) -> Vec<Thing> {
        queues_of(&self.pairs)
    }
}

#[async_trait]
impl Apply for NewRoutingProfileAbsent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let there = match connect.made_profile(self).await.map_err(unread)? {
            None => return Ok(Acted::Acknowledged(System::AMAZON_CONNECT)),
            Some(there) if self.made.is_as_made(&there) => there,
            Some(_) => return Err(Fault::Refused(not_as_made("routing profile", &self.made.name))),
        };
        let sent =
            once!(connect, "DeleteRoutingProfile", delete_routing_profile.routing_profile_id(&there.id))
                .await;
        let tried = acted(sent, OnNotFound::Fine);
        connect.forget_profiles().await;
        tried
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        Ok(match connect.made_profile(self).await? {
            None => holds(true),
            Some(there) if self.made.is_as_made(&there) => holds(false),
            Some(_) => Seen::Blocked(not_as_made("routing profile", &self.made.name)),
        })
    }

    fn leans_on(&self) -> Vec<Thing> {
        vec![(ROUTING_PROFILE, self.made.name.clone())]
    }
}

#[async_trait]
impl Apply for RoutingProfileHas {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let id = &self.profile_id;
        let sent = match &self.field {
            RoutingProfileField::Name(name) => {
                let sent = once!(
                    connect,
                    "UpdateRoutingProfileName",
                    update_routing_profile_name.routing_profile_id(id).name(name)
                )
                .await;
                connect.forget_profiles().await;
                return name_taken(acted(sent, OnNotFound::Refused));
            }
            RoutingProfileField::Description(text) => {
                once!(
                    connect,
                    "UpdateRoutingProfileName",
                    update_routing_profile_name.routing_profile_id(id).description(text)
                )
                .await
            }
            RoutingProfileField::DefaultQueue(queue) => {
                once!(
                    connect,
                    "UpdateRoutingProfileDefaultOutboundQueue",
                    update_routing_profile_default_outbound_queue
                        .routing_profile_id(id)
                        .default_outbound_queue_id(&queue.id)
                )
                .await
            }
            RoutingProfileField::Channels(channels) => {
                let channels = concurrencies(channels)?;
                once!(
                    connect,
                    "UpdateRoutingProfileConcurrency",
                    update_routing_profile_concurrency
                        .routing_profile_id(id)
                        .set_media_concurrencies(Some(channels.clone()))
                )
                .await
            }
        };
        acted(sent, OnNotFound::Refused)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let Some(there) = connect.described_profile(&self.profile_id).await? else {
            return Ok(Seen::Gone(thing_gone("routing profile", &self.profile)));
        };
        Ok(holds(self.field.is_set(&there)))
    }
}

#[async_trait]
impl Apply for ProfileServes {
    /// New pairs are associated and others updated. Plans keep the two apart, so that one call does it.
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let (id, there) = connect.served(self.profile_id.as_deref(), &self.profile).await.map_err(unread)?;
        let (old, new): (Vec<Pair>, Vec<Pair>) =
            self.pairs.iter().cloned().partition(|pair| there.iter().any(|one| pair.is(one)));
        let mut changed_before = false;
        if !new.is_empty() {
            let configs = connect.configs(&new).await?;
            let sent = once!(
                connect,
                "AssociateRoutingProfileQueues",
                associate_routing_profile_queues
                    .routing_profile_id(&id)
                    .set_queue_configs(Some(configs.clone()))
            )
            .await;
            connect.forget_profiles().await;
            acted(sent, OnNotFound::NotYet)?;
            changed_before = true;
        }
        if !old.is_empty() {
            let configs = connect.configs(&old).await?;
            let sent = once!(
                connect,
                "UpdateRoutingProfileQueues",
                update_routing_profile_queues
                    .routing_profile_id(&id)
                    .set_queue_configs(Some(configs.clone()))
            )
            .await;
            return further(changed_before, acted(sent, OnNotFound::NotYet));
        }
        Ok(Acted::Acknowledged(System::AMAZON_CONNECT))
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let there = match connect.served(self.profile_id.as_deref(), &self.profile).await {
            Ok((_, there)) => there,
            Err(Fault::Refused(problem)) => return Ok(Seen::Gone(problem)),
            Err(Fault::NotFound(_)) => return Ok(Seen::Absent),
            Err(fault) => return Err(fault),
        };
        Ok(holds_whole(self.pairs.iter().all(|pair| pair.is_served(&there))))
    }

    fn leans_on(&self) -> Vec<Thing> {
        let mut things = queues_of(&self.pairs);
        things.push((ROUTING_PROFILE, self.profile.clone()));
        things
    }
}

#[async_trait]
impl Apply for ProfileServesNot {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let (id, there) = connect.served(self.profile_id.as_deref(), &self.profile).await.map_err(unread)?;
        let gone = there.iter().filter(|one| self.pairs.iter().any(|pair| pair.is(one)));
        let references: Result<Vec<_>, _> = gone
            .map(|one| {
                let reference = sdk::RoutingProfileQueueReference::builder().queue_id(&one.queue.id);
                reference.channel(convert::channel_out(one.channel)).build()
            })
            .collect();
        let references = references.map_err(not_built)?;
        if references.is_empty() {
            return Ok(Acted::Acknowledged(System::AMAZON_CONNECT));
        }
        let sent = once!(
            connect,
            "DisassociateRoutingProfileQueues",
            disassociate_routing_profile_queues
                .routing_profile_id(&id)
                .set_queue_references(Some(references.clone()))
        )
        .await;
        connect.forget_profiles().await;
        acted(sent, OnNotFound::NotYet)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let there = match connect.served(self.profile_id.as_deref(), &self.profile).await {
            Ok((_, there)) => there,
            // A profile that is gone serves nothing.
            Err(Fault::Refused(_) | Fault::NotFound(_)) => return Ok(holds(true)),
            Err(fault) => return Err(fault),
        };
        Ok(holds(!self.pairs.iter().any(|pair| there.iter().any(|one| pair.is(one)))))
    }

    fn leans_on(&self) -> Vec<Thing> {
        let mut things = queues_of(&self.pairs);
        things.push((ROUTING_PROFILE, self.profile.clone()));
        things
    }
}

fn queues_of(pairs: &[Pair]) -> Vec<Thing> {
    pairs.iter().map(|pair| (QUEUE, pair.queue.clone())).collect()
}

fn concurrencies(all: &[ChannelSlots]) -> Result<Vec<sdk::MediaConcurrency>, Fault> {
    all.iter()
        .map(|one| {
            let behavior = one.any_channel.map(|any| match any {
                true => sdk::BehaviorType::RouteAnyChannel,
                false => sdk::BehaviorType::RouteCurrentChannelOnly,
            });
            let behavior = behavior
                .map(|behavior| sdk::CrossChannelBehavior::builder().behavior_type(behavior).build())
                .transpose()
                .map_err(not_built)?;
            sdk::MediaConcurrency::builder()
                .channel(convert::channel_out(one.channel))
                .concurrency(i32::try_from(one.slots).unwrap_or(i32::MAX))
                .set_cross_channel_behavior(behavior)
                .build()
                .map_err(not_built)
        })
        .collect()
}

impl Connect {
    /// The routing profile that a plan made: the one with its id, or in the same plan the one with its name.
    async fn made_profile(
        &self,
        effect: &NewRoutingProfileAbsent,
    ) -> Result<Option<RoutingProfileInfo>, Fault> {
        match &effect.id {
            Some(id) => self.described_profile(id).await,
            None => self.profile_called(&effect.made.name).await,
        }
    }

    async fn profile_called(&self, name: &str) -> Result<Option<RoutingProfileInfo>, Fault> {
        match self.profile_id(name).await? {
            Some(id) => self.described_profile(&id).await,
            None => Ok(None),
        }
    }

    /// A routing profile's id, and what it serves.
    async fn served(&self, id: Option<&str>, name: &str) -> Result<(String, Vec<RoutedQueue>), Fault> {
        let (id, is_new) = match id {
            Some(id) => (id.to_owned(), false),
            None => {
                let found = self.profile_id(name).await?;
                (found.ok_or_else(|| Fault::NotFound(missing(ROUTING_PROFILE, name)))?, true)
            }
        };
        match self.pairs_of(&id).await? {
            Some(there) => Ok((id, there)),
            None if is_new => Err(Fault::NotFound(missing(ROUTING_PROFILE, name))),
            None => Err(Fault::Refused(thing_gone("routing profile", name))),
        }
    }

    /// Pairs as calls take them. Queues that the plan made are found by their names.
    async fn configs(&self, pairs: &[Pair]) -> Result<Vec<sdk::RoutingProfileQueueConfig>, Fault> {
        let names = match pairs.iter().all(|pair| pair.queue_id.is_some()) {
            true => Vec::new(),
            false => self.standard_queues().await.map_err(unread)?,
        };
        pairs
            .iter()
            .map(|pair| {
                let id = match &pair.queue_id {
                    Some(id) => id,
                    None => {
                        let found = names.iter().find(|one| one.name == pair.queue);
                        &found.ok_or_else(|| Fault::NotYet(missing(QUEUE, &pair.queue)))?.id
                    }
                };
                let reference = sdk::RoutingProfileQueueReference::builder().queue_id(id);
                let reference =
                    reference.channel(convert::channel_out(pair.channel)).build().map_err(not_built)?;
                sdk::RoutingProfileQueueConfig::builder()
                    .queue_reference(reference)
                    .priority(i32::try_from(pair.priority).unwrap_or(i32::MAX))
                    .delay(i32::try_from(pair.delay).unwrap_or(i32::MAX))
                    .build()
                    .map_err(not_built)
            })
            .collect()
    }
}
