//! Quick connects, and the queues that offer them.

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::System;
use desk_core::center::{LeadsTo, Named};
use desk_core::plan::StepKey;
use desk_core::plan::effect::{
    Destination, NewQuickConnectAbsent, QueueOffersAll, QueueOffersNone, QuickConnectAbsent,
    QuickConnectField, QuickConnectHas, QuickConnectPresent, facts,
};

use super::{
    Apply, OnNotFound, QUICK_CONNECT, USER, acted, holds, missing, not_as_made, not_built, thing_gone, unread,
};
use crate::systems::apply::{Acted, Facts, Fault, Provenance, Seen, Tried};
use crate::systems::connect::cached::Thing;
use crate::systems::connect::call::{once, text};
use crate::systems::connect::{Connect, convert};

#[async_trait]
impl Apply for QuickConnectAbsent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        connect.delete_quick_connect(&self.id).await
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        Ok(holds(connect.described_quick_connect(&self.id).await?.is_none()))
    }
}

#[async_trait]
impl Apply for QuickConnectPresent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let QuickConnectPresent { name, description, destination, tags } = self;
        let config = connect.quick_connect_config(destination).await?;
        let tags = convert::tags_out(tags);
        let sent = once!(
            connect,
            "CreateQuickConnect",
            create_quick_connect
                .name(name)
                .set_description(description.clone())
                .quick_connect_config(config.clone())
                .set_tags(std::clone::Clone::clone(&tags)),
            |made| text(made.quick_connect_id)
        )
        .await;
        acted(sent, OnNotFound::NotYet)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        match connect.made_quick_connect(None, self).await? {
            Made::Same(id) => Ok(Seen::Holds(Facts::from([(facts::quick_connect(&self.name), id)]))),
            Made::Absent | Made::Other => Ok(Seen::Absent),
        }
    }

    fn makes(&self) -> Option<Thing> {
        Some((QUICK_CONNECT, self.name.clone()))
    }

    fn leans_on(&self) -> Vec<Thing> {
        user_of(&self.destination)
    }
}

#[async_trait]
impl Apply for NewQuickConnectAbsent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        match connect.made_quick_connect(self.id.as_ref(), &self.made).await.map_err(unread)? {
            Made::Absent => Ok(Acted::Acknowledged(System::AMAZON_CONNECT)),
            Made::Same(id) => connect.delete_quick_connect(&id).await,
            Made::Other => Err(Fault::Refused(not_as_made("quick connect", &self.made.name))),
        }
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        Ok(match connect.made_quick_connect(self.id.as_ref(), &self.made).await? {
            Made::Absent => holds(true),
            Made::Same(_) => holds(false),
            Made::Other => Seen::Blocked(not_as_made("quick connect", &self.made.name)),
        })
    }

    fn leans_on(&self) -> Vec<Thing> {
        let mut things = user_of(&self.made.destination);
        things.push((QUICK_CONNECT, self.made.name.clone()));
        things
    }
}

#[async_trait]
impl Apply for QuickConnectHas {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let sent = match &self.field {
            QuickConnectField::Name(_) | QuickConnectField::Description(_) => {
                let (name, description) = match &self.field {
                    QuickConnectField::Name(name) => (Some(name.clone()), None),
                    QuickConnectField::Description(text) => (None, Some(text.clone().unwrap_or_default())),
                    QuickConnectField::LeadsTo(_) => (None, None),
                };
                once!(
                    connect,
                    "UpdateQuickConnectName",
                    update_quick_connect_name
                        .quick_connect_id(&self.id)
                        .set_name(name.clone())
                        .set_description(description.clone())
                )
                .await
            }
            QuickConnectField::LeadsTo(destination) => {
                let config = connect.quick_connect_config(destination).await?;
                once!(
                    connect,
                    "UpdateQuickConnectConfig",
                    update_quick_connect_config
                        .quick_connect_id(&self.id)
                        .quick_connect_config(config.clone())
                )
                .await
            }
        };
        connect.forget_quick_connect(&self.id);
        acted(sent, OnNotFound::Refused)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let Some(there) = connect.described_quick_connect(&self.id).await? else {
            return Ok(Seen::Gone(thing_gone("quick connect", &self.name)));
        };
        Ok(holds(match &self.field {
            QuickConnectField::Name(name) => there.name == *name,
            QuickConnectField::Description(text) => there.description == *text,
            QuickConnectField::LeadsTo(destination) => {
                connect.leads_there(destination, &there.leads_to).await?
            }
        }))
    }

    fn leans_on(&self) -> Vec<Thing> {
        match &self.field {
            QuickConnectField::LeadsTo(destination) => user_of(destination),
            QuickConnectField::Name(_) | QuickConnectField::Description(_) => Vec::new(),
        }
    }
}

#[async_trait]
impl Apply for QueueOffersAll {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let ids = connect.quick_connect_ids(&self.quick_connects).await?;
        connect.offers_change(&self.queue_id);
        let sent = once!(
            connect,
            "AssociateQueueQuickConnects",
            associate_queue_quick_connects.queue_id(&self.queue_id).set_quick_connect_ids(Some(ids.clone()))
        )
        .await;
        acted(sent, OnNotFound::NotYet)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let offered = connect.names_of_offered(&self.queue_id).await?;
        // Undo finds them by these ids, also under other names.
        let id = |name: &String| {
            let found = offered.iter().find(|one| one.name == *name)?;
            Some((facts::quick_connect(name), found.id.clone()))
        };
        let ids: Option<Facts> = self.quick_connects.iter().map(id).collect();
        Ok(ids.map_or(Seen::Absent, Seen::Holds))
    }

    fn leans_on(&self) -> Vec<Thing> {
        self.quick_connects.iter().map(|name| (QUICK_CONNECT, name.clone())).collect()
    }
}

#[async_trait]
impl Apply for QueueOffersNone {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let known: Option<Vec<String>> = self.quick_connects.iter().map(|one| one.id.clone()).collect();
        let ids = match known {
            Some(ids) => ids,
            None => offered_of(self, &connect.names_of_offered(&self.queue_id).await.map_err(unread)?),
        };
        if ids.is_empty() {
            return Ok(Acted::Acknowledged(System::AMAZON_CONNECT));
        }
        connect.offers_change(&self.queue_id);
        let sent = once!(
            connect,
            "DisassociateQueueQuickConnects",
            disassociate_queue_quick_connects
                .queue_id(&self.queue_id)
                .set_quick_connect_ids(Some(ids.clone()))
        )
        .await;
        // Of several, one that is gone leaves the others offered.
        let gone = if ids.len() == 1 { OnNotFound::Fine } else { OnNotFound::NotYet };
        acted(sent, gone)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let offered = connect.names_of_offered(&self.queue_id).await?;
        Ok(holds(offered_of(self, &offered).is_empty()))
    }

    fn leans_on(&self) -> Vec<Thing> {
        self.quick_connects.iter().map(|one| (QUICK_CONNECT, one.name.clone())).collect()
    }
}

fn user_of(destination: &Destination) -> Vec<Thing> {
    destination.login().map(|login| (USER, login.to_owned())).into_iter().collect()
}

/// The ids of those that a queue still offers.
fn offered_of(effect: &QueueOffersNone, offered: &[Named]) -> Vec<String> {
    let is_meant = |there: &&Named| effect.quick_connects.iter().any(|one| one.is(there));
    offered.iter().filter(is_meant).map(|there| there.id.clone()).collect()
}

/// What is there under the name of a quick connect that a plan makes.
enum Made {
    Absent,
    /// It, under this id.
    Same(String),
    /// Another one.
    Other,
}

impl Connect {
    /// What a quick connect has to be created with to lead there.
    async fn quick_connect_config(
        &self,
        destination: &Destination,
    ) -> Result<sdk::QuickConnectConfig, Fault> {
        let config = sdk::QuickConnectConfig::builder();
        let config = match destination {
            Destination::User { login, contact_flow_id, .. } => {
                let user = self.user_now(login).await?;
                let there =
                    sdk::UserQuickConnectConfig::builder().user_id(&user.id).contact_flow_id(contact_flow_id);
                let config = config.quick_connect_type(sdk::QuickConnectType::User);
                config.user_config(there.build().map_err(not_built)?)
            }
            Destination::Queue { queue_id, contact_flow_id, .. } => {
                let there = sdk::QueueQuickConnectConfig::builder()
                    .queue_id(queue_id)
                    .contact_flow_id(contact_flow_id);
                let config = config.quick_connect_type(sdk::QuickConnectType::Queue);
                config.queue_config(there.build().map_err(not_built)?)
            }
            Destination::Number { phone_number } => {
                let there = sdk::PhoneNumberQuickConnectConfig::builder().phone_number(phone_number);
                let config = config.quick_connect_type(sdk::QuickConnectType::PhoneNumber);
                config.phone_config(there.build().map_err(not_built)?)
            }
            Destination::Flow { contact_flow_id, .. } => {
                let there = sdk::FlowQuickConnectConfig::builder().contact_flow_id(contact_flow_id);
                let config = config.quick_connect_type(sdk::QuickConnectType::Flow);
                config.flow_config(there.build().map_err(not_built)?)
            }
        };
        config.build().map_err(not_built)
    }

    /// Whether a quick connect leads there, by this flow.
    async fn leads_there(&self, wanted: &Destination, there: &LeadsTo) -> Result<bool, Fault> {
        let user = match wanted.login() {
            Some(login) => self.by_login(login).await?,
            None => None,
        };
        Ok(wanted.leads(there, user.as_ref().map(|user| user.id.as_str())))
    }

    /// By its id, or in the plan that makes it by its name.
    async fn made_quick_connect(
        &self,
        id: Option<&String>,
        wanted: &QuickConnectPresent,
    ) -> Result<Made, Fault> {
        let id = match id {
            Some(id) => Some(id.clone()),
            None => self.quick_connect_id(&wanted.name).await?,
        };
        let Some(id) = id else { return Ok(Made::Absent) };
        let Some(there) = self.described_quick_connect(&id).await? else { return Ok(Made::Absent) };
        let leads_there = self.leads_there(&wanted.destination, &there.leads_to).await?;
        Ok(match there.name == wanted.name && leads_there {
            true => Made::Same(id),
            false => Made::Other,
        })
    }

    async fn delete_quick_connect(&self, id: &str) -> Tried {
        let sent = once!(self, "DeleteQuickConnect", delete_quick_connect.quick_connect_id(id)).await;
        acted(sent, OnNotFound::Fine)
    }

    /// The ids of quick connects with these names, in one call; one that can't be seen yet was made a moment ago.
    pub(super) async fn quick_connect_ids(&self, names: &[String]) -> Result<Vec<String>, Fault> {
        let all = self.quick_connect_names().await.map_err(unread)?;
        let id = |name: &String| {
            let found = all.iter().find(|one| one.name == *name);
            found.map(|one| one.id.clone()).ok_or_else(|| Fault::NotYet(missing(QUICK_CONNECT, name)))
        };
        names.iter().map(id).collect()
    }
}
