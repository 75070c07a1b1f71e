//! Agent statuses, what agents are doing, and putting back what was for a time.

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::center::StatusKind;
use desk_core::plan::StepKey;
use desk_core::plan::effect::{
    ContactDismissed, NOTE, RoutingProfilePutBack, StatusField, StatusHas, StatusPresent, StatusPutBack,
    StatusRef, UserInStatus, facts,
};
use desk_core::words::quoted;

use super::{Apply, OnNotFound, acted, holds, unread};
use crate::systems::apply::{Acted, Facts, Fault, Provenance, Seen, Tried};
use crate::systems::connect::Connect;
use crate::systems::connect::call::{absent, once, text};
use crate::systems::connect::read::AtWork;

#[async_trait]
impl Apply for StatusPresent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let StatusPresent { name, description, enabled, order } = self;
        let order = order.and_then(|at| i32::try_from(at).ok());
        let sent = once!(
            connect,
            "CreateAgentStatus",
            create_agent_status
                .name(name)
                .set_description(description.clone())
                .state(state(*enabled))
                .set_display_order(order),
            |made| text(made.agent_status_id)
        )
        .await;
        acted(sent, OnNotFound::Refused)
    }

    async fn look(&self, connect: &Connect, provenance: Provenance) -> Result<Seen, Fault> {
        let all = connect.statuses().await?;
        let Some(there) = all.into_iter().find(|status| status.name == self.name) else {
            return Ok(Seen::Absent);
        };
        let same = there.description == self.description
            && there.enabled == self.enabled
            && there.kind == StatusKind::Custom;
        let is_ours = match provenance {
            Provenance::Ours => true,
            Provenance::PerhapsOurs => same,
            Provenance::NotOurs => false,
        };
        Ok(match is_ours {
            true => Seen::Holds(Facts::from([(facts::agent_status(&self.name), there.id)])),
            false => Seen::Blocked(
                Problem::human(
                    "status_exists",
                    format!("The agent status {} already exists.", code(&self.name)),
                )
                .hint("Check it with `/connect status list`, and choose another name or edit it."),
            ),
        })
    }
}

#[async_trait]
impl Apply for StatusHas {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let caller = connect.caller.as_ref();
        let sent = caller
            .once(
                "UpdateAgentStatus",
                || {
                    let update = caller.client.update_agent_status().instance_id(&caller.instance_id);
                    let mut update = update.agent_status_id(&self.id);
                    for field in &self.fields {
                        update = match field {
                            StatusField::Name(name) => update.name(name),
                            StatusField::Description(text) => update.description(text),
                            StatusField::Enabled(enabled) => update.state(state(*enabled)),
                            StatusField::Order(0) => update.reset_order_number(true),
                            StatusField::Order(at) => {
                                update.display_order(i32::try_from(*at).unwrap_or(i32::MAX))
                            }
                        };
                    }
                    update.send()
                },
                |_| Some(()),
            )
            .await;
        // The name of a status is never free later, because none can be deleted.
        let sent = sent.map_err(|fault| match fault {
            Fault::Taken(problem) => Fault::Refused(problem),
            fault => fault,
        });
        // The next request reads it, so it has to show. Which place a status gets among the others is the service's word.
        let is_placed = self.fields.iter().any(|field| matches!(field, StatusField::Order(_)));
        acted(sent, OnNotFound::Refused)
            .map(|acted| if is_placed { Acted::Done(Facts::new()) } else { acted })
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let Some(there) = connect.status(&self.id).await? else {
            return Ok(Seen::Gone(
                Problem::human(
                    "status_gone",
                    format!("The agent status {} no longer exists.", code(&self.status)),
                )
                .hint("Check the list with `/connect status list`."),
            ));
        };
        let has = |field: &StatusField| match field {
            StatusField::Name(name) => there.name == *name,
            StatusField::Description(text) => there.description.as_deref().unwrap_or_default() == text,
            StatusField::Enabled(enabled) => there.enabled == *enabled,
            StatusField::Order(at) => there.order.unwrap_or(0) == *at,
        };
        Ok(holds(self.fields.iter().all(has)))
    }
}

#[async_trait]
impl Apply for UserInStatus {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let put = connect.put_status(&self.user_id, &self.status).await;
        put.map_err(|fault| if_disabled(fault, &self.status))
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let Some(there) = connect.in_statuses(&self.user_id).await? else {
            return Ok(match self.status.kind {
                // Anyone without a status takes no contacts, which is what Offline is for.
                StatusKind::Offline => {
                    Seen::Holds(note(&self.login, format!("{} is no longer active.", code(&self.login))))
                }
                StatusKind::Routable | StatusKind::Custom => Seen::Gone(not_active(&self.login)),
            });
        };
        Ok(seen(&self.login, &there, &self.status))
    }
}

#[async_trait]
impl Apply for StatusPutBack {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let there = connect.in_statuses(&self.user_id).await.map_err(unread)?;
        if let Seen::Holds(facts) = put_back(self, there.as_ref()) {
            return Ok(Acted::Done(facts));
        }
        let put = connect.put_status(&self.user_id, &self.back).await;
        let put = put.map_err(|fault| if_disabled(fault, &self.back));
        match there.filter(|there| there.next.as_ref().is_some_and(|next| next.is(&self.temporary))) {
            Some(there) => put.map(|_| Acted::Done(never_applied(self, &there))),
            None => put,
        }
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        Ok(put_back(self, connect.in_statuses(&self.user_id).await?.as_ref()))
    }
}

/// The status until then waited for the end of a contact for the whole time.
fn never_applied(effect: &StatusPutBack, there: &InStatuses) -> Facts {
    let (login, temporary) = (code(&effect.login), code(&effect.temporary.name));
    let after = match there.now.is(&effect.back) {
        true => String::new(),
        false => format!(" {login} changes to {} after their contact.", code(&effect.back.name)),
    };
    note(&effect.login, format!("{login} was still on a contact, so {temporary} never applied.{after}"))
}

/// A status can be disabled between the plan and its end, and Amazon Connect then refuses it.
fn if_disabled(fault: Fault, status: &StatusRef) -> Fault {
    let hint = format!(
        "If the status is disabled, enable it with {}, then retry.",
        code(&format!("/connect status enable {}", quoted(&status.name)))
    );
    match fault {
        Fault::Refused(problem) => Fault::Refused(problem.hint(hint)),
        fault => fault,
    }
}

/// A status as Amazon Connect reports it of an agent. It may have been renamed since the plan was made, so the id says which one it is.
struct Reported {
    id: Option<String>,
    name: String,
}

impl Reported {
    fn is(&self, status: &StatusRef) -> bool {
        self.id.as_ref().map_or(self.name == status.name, |id| *id == status.id)
    }
}

/// The status that an agent is in, and the one that waits for the end of their contact.
struct InStatuses {
    now: Reported,
    next: Option<Reported>,
}

/// What can be seen of a status that is to be put back: it is, or the agent is no longer active, or someone has set another one since, be it
/// for after their contact. What waits for the end of a contact is newer than what they are in.
fn put_back(effect: &StatusPutBack, there: Option<&InStatuses>) -> Seen {
    let login = code(&effect.login);
    let Some(there) = there else {
        let said = format!("{login} is no longer active, so the old status was not restored.");
        return Seen::Holds(note(&effect.login, said));
    };
    match &there.next {
        Some(next) if !next.is(&effect.temporary) && !next.is(&effect.back) => {
            let name = code(&next.name);
            let said = format!("{login} changes to {name} after their contact, which was not changed.");
            Seen::Holds(note(&effect.login, said))
        }
        None if !there.now.is(&effect.temporary) && !there.now.is(&effect.back) => {
            let said = format!("{login} is now in {}, which was not changed.", code(&there.now.name));
            Seen::Holds(note(&effect.login, said))
        }
        _ => seen(&effect.login, there, &effect.back),
    }
}

#[async_trait]
impl Apply for ContactDismissed {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let sent = once!(
            connect,
            "DismissUserContact",
            dismiss_user_contact.user_id(&self.user_id).contact_id(&self.contact_id)
        )
        .await;
        acted(sent, OnNotFound::Fine)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let there = connect.at_work(&self.user_id).await?;
        let mut held = there.iter().flat_map(|there| &there.presence.held);
        Ok(holds(!held.any(|contact| contact.id == self.contact_id)))
    }
}

#[async_trait]
impl Apply for RoutingProfilePutBack {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        match seen_on_user(self, connect).await.map_err(unread)? {
            Seen::Holds(facts) => Ok(Acted::Done(facts)),
            _ => connect
                .set_field(&self.login, &self.user_id, &self.back)
                .await
                .map(|_| Acted::Done(Facts::new())),
        }
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        seen_on_user(self, connect).await
    }
}

/// What can be seen of a routing profile that is to be put back.
async fn seen_on_user(effect: &RoutingProfilePutBack, connect: &Connect) -> Result<Seen, Fault> {
    let login = code(&effect.login);
    let Some(user) = connect.describe(&effect.user_id).await? else {
        let said = format!("{login} was removed in the meantime, so nothing was restored.");
        return Ok(Seen::Holds(note(&effect.login, said)));
    };
    let now = &user.profile.routing_profile;
    if effect.profile().is_some_and(|back| back.id == now.id) {
        return Ok(Seen::Holds(Facts::new()));
    }
    if now.id == effect.temporary.id {
        return Ok(Seen::Absent);
    }
    let said = format!("{login} now has the routing profile {}, which was not changed.", code(&now.name));
    Ok(Seen::Holds(note(&effect.login, said)))
}

impl Connect {
    async fn put_status(&self, user_id: &str, status: &StatusRef) -> Tried {
        let sent =
            once!(self, "PutUserStatus", put_user_status.user_id(user_id).agent_status_id(&status.id)).await;
        acted(sent, OnNotFound::Refused)
    }

    /// The statuses of the user; nothing for one who has none, or is gone. Only the name of the next one is reported.
    async fn in_statuses(&self, user_id: &str) -> Result<Option<InStatuses>, Fault> {
        let Some(AtWork { presence, .. }) = self.at_work(user_id).await? else { return Ok(None) };
        let next = match presence.next_status {
            Some(name) => {
                let all = self.status_names().await?;
                let id = all.into_iter().find(|status| status.name == name).map(|status| status.id);
                Some(Reported { id, name })
            }
            None => None,
        };
        let name = presence.status.unwrap_or_else(|| "another status".to_owned());
        Ok(Some(InStatuses { now: Reported { id: presence.status_id, name }, next }))
    }

    /// What the user is doing; nothing for one who has no status, or is gone.
    async fn at_work(&self, user_id: &str) -> Result<Option<AtWork>, Fault> {
        let filters = sdk::UserDataFilters::builder().agents(user_id).build();
        let all = absent(self.current_user_data(filters).await)?;
        Ok(all.into_iter().flatten().find(|one| one.user_id == user_id))
    }
}

fn state(enabled: bool) -> sdk::AgentStatusState {
    if enabled { sdk::AgentStatusState::Enabled } else { sdk::AgentStatusState::Disabled }
}

/// Whether an agent is in a status, or changes to it after their contact. Of one who changes to another after it, no.
fn seen(login: &str, there: &InStatuses, status: &StatusRef) -> Seen {
    let is_in = there.now.is(status);
    match &there.next {
        None if is_in => Seen::Holds(Facts::new()),
        Some(next) if next.is(status) && is_in => Seen::Holds(Facts::new()),
        Some(next) if next.is(status) => {
            let said = format!("{} changes to {} after their contact.", code(login), code(&next.name));
            Seen::Holds(note(login, said))
        }
        _ => Seen::Absent,
    }
}

fn note(login: &str, said: String) -> Facts {
    Facts::from([(format!("{NOTE}{login}"), said)])
}

fn not_active(login: &str) -> Problem {
    Problem::human(
        "not_active",
        format!("{} is not active (no status is reported), so no status can be set.", code(login)),
    )
    .hint("Have them sign in first.")
}
