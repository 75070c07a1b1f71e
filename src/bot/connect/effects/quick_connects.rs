//! Quick connects, and the queues that offer them.

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::plan::StepKey;
use desk_core::plan::effect::{QueueOffers, QueueOffersNot, QuickConnectAbsent, QuickConnectPresent};

use super::{Apply, OnNotFound, acted, holds, missing, not_built, unread};
use crate::apply::{Facts, Fault, Provenance, Seen, Tried};
use crate::connect::Connect;
use crate::connect::call::text;

#[async_trait]
impl Apply for QuickConnectAbsent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let caller = connect.caller.as_ref();
        let sent = caller
            .once(
                "DeleteQuickConnect",
                || {
                    caller
                        .client
                        .delete_quick_connect()
                        .instance_id(&caller.instance_id)
                        .quick_connect_id(&self.id)
                        .send()
                },
                |_| Some(()),
            )
            .await;
        acted(sent, OnNotFound::Fine)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        Ok(holds(connect.quick_connect(&self.id).await?.is_none()))
    }
}

#[async_trait]
impl Apply for QuickConnectPresent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let QuickConnectPresent { name, description, login, contact_flow_id, tags } = self;
        let user = connect.user_now(login).await?;
        let config = sdk::UserQuickConnectConfig::builder()
            .user_id(&user.id)
            .contact_flow_id(contact_flow_id)
            .build()
            .map_err(not_built)?;
        let config = sdk::QuickConnectConfig::builder()
            .quick_connect_type(sdk::QuickConnectType::User)
            .user_config(config)
            .build()
            .map_err(not_built)?;
        let tags = (!tags.is_empty()).then(|| tags.clone().into_iter().collect());
        let caller = connect.caller.as_ref();
        let sent = caller
            .once(
                "CreateQuickConnect",
                || {
                    caller
                        .client
                        .create_quick_connect()
                        .instance_id(&caller.instance_id)
                        .name(name)
                        .set_description(description.clone())
                        .quick_connect_config(config.clone())
                        .set_tags(std::clone::Clone::clone(&tags))
                        .send()
                },
                |made| text(made.quick_connect_id),
            )
            .await;
        acted(sent, OnNotFound::NotYet)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let Some(user) = connect.by_login(&self.login).await? else { return Ok(Seen::Absent) };
        let named = connect.quick_connects_named(&self.name).await?;
        match named.iter().find(|(_, leads_to)| *leads_to == user.id) {
            Some((found, _)) => {
                Ok(Seen::Holds(Facts::from([(format!("quick connect {}", self.name), found.id.clone())])))
            }
            None => Ok(Seen::Absent),
        }
    }
}

#[async_trait]
impl Apply for QueueOffers {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let named = connect.quick_connects_named(&self.quick_connect).await.map_err(unread)?;
        let Some((found, _)) = named.first() else {
            return Err(Fault::NotYet(missing("quick connect", &self.quick_connect)));
        };
        connect.offers_change(&self.queue_id);
        let caller = connect.caller.as_ref();
        let sent = caller
            .once(
                "AssociateQueueQuickConnects",
                || {
                    caller
                        .client
                        .associate_queue_quick_connects()
                        .instance_id(&caller.instance_id)
                        .queue_id(&self.queue_id)
                        .quick_connect_ids(&found.id)
                        .send()
                },
                |_| Some(()),
            )
            .await;
        acted(sent, OnNotFound::NotYet)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let offered = connect.queue_offers(&self.queue_id).await?;
        let named = connect.quick_connects_named(&self.quick_connect).await?;
        Ok(holds(named.iter().any(|(found, _)| offered.contains(&found.id))))
    }
}

#[async_trait]
impl Apply for QueueOffersNot {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        connect.offers_change(&self.queue_id);
        let caller = connect.caller.as_ref();
        let sent = caller
            .once(
                "DisassociateQueueQuickConnects",
                || {
                    caller
                        .client
                        .disassociate_queue_quick_connects()
                        .instance_id(&caller.instance_id)
                        .queue_id(&self.queue_id)
                        .quick_connect_ids(&self.quick_connect_id)
                        .send()
                },
                |_| Some(()),
            )
            .await;
        acted(sent, OnNotFound::Fine)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        Ok(holds(!connect.queue_offers(&self.queue_id).await?.contains(&self.quick_connect_id)))
    }
}

impl Connect {
    async fn quick_connect(&self, id: &str) -> Result<Option<sdk::QuickConnect>, Fault> {
        let caller = self.caller.as_ref();
        let output = caller
            .read(
                "DescribeQuickConnect",
                || {
                    let describe = caller.client.describe_quick_connect();
                    describe.instance_id(&caller.instance_id).quick_connect_id(id).send()
                },
                |output| output.quick_connect,
            )
            .await;
        match output {
            Ok(found) => Ok(Some(found)),
            Err(Fault::NotFound(_)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}
