//! Queues: made, removed while they are as they were made, and set part by part.

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::System;
use desk_core::center::QueueInfo;
use desk_core::plan::StepKey;
use desk_core::plan::effect::{NewQueueAbsent, QueueField, QueueHas, QueuePresent};

use super::{Apply, OnNotFound, acted, holds, name_taken, not_as_made, thing_gone, unread};
use crate::systems::apply::{Acted, Facts, Fault, Provenance, Seen, Tried};
use crate::systems::connect::Connect;
use crate::systems::connect::call::text;

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
        let caller = connect.caller.as_ref();
        let sent = caller
            .once(
                "CreateQueue",
                || {
                    caller
                        .client
                        .create_queue()
                        .instance_id(&caller.instance_id)
                        .name(&self.name)
                        .set_description(self.description.clone())
                        .hours_of_operation_id(&self.hours.id)
                        .set_max_contacts(self.max_contacts.and_then(|most| i32::try_from(most).ok()))
                        .set_outbound_caller_config(caller_config.clone())
                        .set_quick_connect_ids(quick_connects.clone())
                        .send()
                },
                |made| text(made.queue_id),
            )
            .await;
        acted(sent, OnNotFound::NotYet)
    }

    async fn look(&self, connect: &Connect, provenance: Provenance) -> Result<Seen, Fault> {
        let Some(there) = connect.queue_called(&self.name).await? else { return Ok(Seen::Absent) };
        if provenance == Provenance::NotOurs || !self.is_as_made(&there) {
            return Ok(Seen::Blocked(not_as_made("queue", &self.name)));
        }
        Ok(Seen::Holds(Facts::from([("queue id".to_owned(), there.id)])))
    }
}

#[async_trait]
impl Apply for NewQueueAbsent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let caller = connect.caller.as_ref();
        let there = match connect.made_queue(self).await.map_err(unread)? {
            None => return Ok(Acted::Acknowledged(System::AMAZON_CONNECT)),
            Some(there) if self.made.is_as_made(&there) => there,
            Some(_) => return Err(Fault::Refused(not_as_made("queue", &self.made.name))),
        };
        let sent = caller
            .once(
                "DeleteQueue",
                || {
                    let delete = caller.client.delete_queue().instance_id(&caller.instance_id);
                    delete.queue_id(&there.id).send()
                },
                |_| Some(()),
            )
            .await;
        acted(sent, OnNotFound::Fine)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        Ok(match connect.made_queue(self).await? {
            None => holds(true),
            Some(there) if self.made.is_as_made(&there) => holds(false),
            Some(_) => Seen::Blocked(not_as_made("queue", &self.made.name)),
        })
    }
}

#[async_trait]
impl Apply for QueueHas {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let caller = connect.caller.as_ref();
        let (client, instance, id) = (&caller.client, &caller.instance_id, &self.queue_id);
        let sent = match &self.field {
            QueueField::Name(name) => {
                let update =
                    || client.update_queue_name().instance_id(instance).queue_id(id).name(name).send();
                let sent = caller.once("UpdateQueueName", update, |_| Some(())).await;
                return name_taken(acted(sent, OnNotFound::Refused));
            }
            QueueField::Description(text) => {
                let update =
                    || client.update_queue_name().instance_id(instance).queue_id(id).description(text).send();
                caller.once("UpdateQueueName", update, |_| Some(())).await
            }
            QueueField::Hours(hours) => {
                let update = || {
                    let update = client.update_queue_hours_of_operation().instance_id(instance).queue_id(id);
                    update.hours_of_operation_id(&hours.id).send()
                };
                caller.once("UpdateQueueHoursOfOperation", update, |_| Some(())).await
            }
            QueueField::MaxContacts(most) => {
                let most = most.and_then(|most| i32::try_from(most).ok());
                let update = || {
                    let update = client.update_queue_max_contacts().instance_id(instance).queue_id(id);
                    update.set_max_contacts(most).send()
                };
                caller.once("UpdateQueueMaxContacts", update, |_| Some(())).await
            }
            QueueField::Caller(shown) => {
                let config = sdk::OutboundCallerConfig::builder()
                    .set_outbound_caller_id_name(shown.name.clone())
                    .set_outbound_caller_id_number_id(shown.number_id.clone())
                    .set_outbound_flow_id(shown.flow_id.clone())
                    .build();
                let update = || {
                    let update = client.update_queue_outbound_caller_config().instance_id(instance);
                    update.queue_id(id).outbound_caller_config(config.clone()).send()
                };
                caller.once("UpdateQueueOutboundCallerConfig", update, |_| Some(())).await
            }
            QueueField::Enabled(enabled) => {
                let status = if *enabled { sdk::QueueStatus::Enabled } else { sdk::QueueStatus::Disabled };
                let update = || {
                    let update = client.update_queue_status().instance_id(instance).queue_id(id);
                    update.status(status.clone()).send()
                };
                caller.once("UpdateQueueStatus", update, |_| Some(())).await
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
