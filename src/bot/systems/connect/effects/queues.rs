//! Queues: made, removed while they are as they were made, and set part by part.

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::System;
use desk_core::center::QueueInfo;
use desk_core::plan::StepKey;
use desk_core::plan::effect::{NewQueueAbsent, QueueField, QueueHas, QueuePresent, facts};

use super::{
    Apply, OnNotFound, QUEUE, QUICK_CONNECT, acted, holds, name_taken, not_as_made, thing_gone, unread,
};
use crate::systems::apply::{Acted, Facts, Fault, Provenance, Seen, Tried};
use crate::systems::connect::Connect;
use crate::systems::connect::cached::Thing;
use crate::systems::connect::call::{once, text};

#[async_trait]
impl Apply for QueuePresent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let quick_connects = match self.quick_connects.as_slice() {
            [] => None,
            names => Some(connect.quick_connect_ids(names).await?),
        };
        let caller_config = self
            .caller_id_name
            .as_ref()
            .map(|name| sdk::OutboundCallerConfig::builder().outbound_caller_id_name(name).build());
        let sent = once!(
            connect,
            "CreateQueue",
            create_queue
                .name(&self.name)
                .set_description(self.description.clone())
                .hours_of_operation_id(&self.hours.id)
                .set_max_contacts(self.max_contacts.and_then(|most| i32::try_from(most).ok()))
                .set_outbound_caller_config(caller_config.clone())
                .set_quick_connect_ids(quick_connects.clone()),
            |made| text(made.queue_id)
        )
        .await;
        acted(sent, OnNotFound::NotYet)
    }

    async fn look(&self, connect: &Connect, provenance: Provenance) -> Result<Seen, Fault> {
        let Some(there) = connect.queue_called(&self.name).await? else { return Ok(Seen::Absent) };
        if provenance == Provenance::NotOurs || !self.is_as_made(&there) {
            return Ok(Seen::Blocked(not_as_made("queue", &self.name)));
        }
        Ok(Seen::Holds(Facts::from([(facts::QUEUE_ID.to_owned(), there.id)])))
    }

    fn makes(&self) -> Option<Thing> {
        Some((QUEUE, self.name.clone()))
    }

    fn leans_on(&self) -> Vec<Thing> {
        self.quick_connects.iter().map(|name| (QUICK_CONNECT, name.clone())).collect()
    }
}

#[async_trait]
impl Apply for NewQueueAbsent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let there = match connect.made_queue(self).await.map_err(unread)? {
            None => return Ok(Acted::Acknowledged(System::AMAZON_CONNECT)),
            Some(there) if self.made.is_as_made(&there) => there,
            Some(_) => return Err(Fault::Refused(not_as_made("queue", &self.made.name))),
        };
        let sent = once!(connect, "DeleteQueue", delete_queue.queue_id(&there.id)).await;
        acted(sent, OnNotFound::Fine)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        Ok(match connect.made_queue(self).await? {
            None => holds(true),
            Some(there) if self.made.is_as_made(&there) => holds(false),
            Some(_) => Seen::Blocked(not_as_made("queue", &self.made.name)),
        })
    }

    fn leans_on(&self) -> Vec<Thing> {
        vec![(QUEUE, self.made.name.clone())]
    }
}

#[async_trait]
impl Apply for QueueHas {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let id = &self.queue_id;
        let sent = match &self.field {
            QueueField::Name(name) => {
                let sent = once!(connect, "UpdateQueueName", update_queue_name.queue_id(id).name(name)).await;
                return name_taken(acted(sent, OnNotFound::Refused));
            }
            QueueField::Description(text) => {
                once!(connect, "UpdateQueueName", update_queue_name.queue_id(id).description(text)).await
            }
            QueueField::Hours(hours) => {
                once!(
                    connect,
                    "UpdateQueueHoursOfOperation",
                    update_queue_hours_of_operation.queue_id(id).hours_of_operation_id(&hours.id)
                )
                .await
            }
            QueueField::MaxContacts(most) => {
                let most = most.and_then(|most| i32::try_from(most).ok());
                once!(
                    connect,
                    "UpdateQueueMaxContacts",
                    update_queue_max_contacts.queue_id(id).set_max_contacts(most)
                )
                .await
            }
            QueueField::Caller(shown) => {
                let config = sdk::OutboundCallerConfig::builder()
                    .set_outbound_caller_id_name(shown.name.clone())
                    .set_outbound_caller_id_number_id(shown.number_id.clone())
                    .set_outbound_flow_id(shown.flow_id.clone())
                    .build();
                once!(
                    connect,
                    "UpdateQueueOutboundCallerConfig",
                    update_queue_outbound_caller_config.queue_id(id).outbound_caller_config(config.clone())
                )
                .await
            }
            QueueField::Enabled(enabled) => {
                let status = if *enabled { sdk::QueueStatus::Enabled } else { sdk::QueueStatus::Disabled };
                once!(connect, "UpdateQueueStatus", update_queue_status.queue_id(id).status(status.clone()))
                    .await
            }
        };
        acted(sent, OnNotFound::Refused)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let Some(there) = connect.described_queue(&self.queue_id).await? else {
            return Ok(Seen::Gone(thing_gone("queue", &self.queue)));
        };
        Ok(holds(self.field.is_set(&there)))
    }
}

impl Connect {
    /// The queue that a plan made: the one with its id, or in the same plan the one with its name.
    async fn made_queue(&self, effect: &NewQueueAbsent) -> Result<Option<QueueInfo>, Fault> {
        match &effect.id {
            Some(id) => self.described_queue(id).await,
            None => self.queue_called(&effect.made.name).await,
        }
    }

    async fn queue_called(&self, name: &str) -> Result<Option<QueueInfo>, Fault> {
        match self.queue_id(name).await? {
            Some(id) => self.described_queue(&id).await,
            None => Ok(None),
        }
    }
}
