//! Overrides of hours of operation.

use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::center::{HoursOverride, Named, PlacedOverride};
use desk_core::plan::StepKey;
use desk_core::plan::effect::{OverrideAbsent, OverrideEnds, OverridePresent};

use super::{Apply, OnNotFound, acted, holds, not_built, unread};
use crate::systems::apply::{Acted, Facts, Fault, Provenance, Seen, Tried};
use crate::systems::connect::Connect;
use crate::systems::connect::call::{once, text};
use crate::systems::connect::hours::Parts;

/// The fact of a step that has the id of the override that it made.
const OVERRIDE_ID: &str = "override id";

#[async_trait]
impl Apply for OverridePresent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let wanted = &self.wanted;
        let Parts { kind, config, recurrence } = Parts::of(wanted).map_err(not_built)?;
        let sent = once!(
            connect,
            "CreateHoursOfOperationOverride",
            create_hours_of_operation_override
                .hours_of_operation_id(&self.hours.id)
                .name(&wanted.name)
                .set_description(wanted.description.clone())
                .set_config(Some(config.clone()))
                .effective_from(wanted.from.to_string())
                .effective_till(wanted.till.to_string())
                .set_recurrence_config(recurrence.clone())
                .override_type(kind.clone()),
            |made| text(made.hours_of_operation_override_id)
        )
        .await;
        match sent {
            Ok(id) => Ok(Acted::Done(Facts::from([(OVERRIDE_ID.to_owned(), id)]))),
            Err(Fault::NotFound(problem)) => Err(Fault::Refused(problem)),
            Err(fault) => Err(fault),
        }
    }

    async fn look(&self, connect: &Connect, provenance: Provenance) -> Result<Seen, Fault> {
        let Some(found) = named(connect, &self.hours, &self.wanted).await? else { return Ok(Seen::Absent) };
        let is_ours = found.of == self.wanted && !matches!(provenance, Provenance::NotOurs);
        Ok(match is_ours {
            true => Seen::Holds(Facts::from([(OVERRIDE_ID.to_owned(), found.id)])),
            false => Seen::Blocked(other(&self.hours, &self.wanted)),
        })
    }
}

/// The override of the same name.
async fn named(
    connect: &Connect,
    hours: &Named,
    wanted: &HoursOverride,
) -> Result<Option<PlacedOverride>, Fault> {
    let all = connect.overrides(&hours.id).await?;
    Ok(all.into_iter().find(|one| one.of.name == wanted.name))
}

#[async_trait]
impl Apply for OverrideAbsent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let id = match &self.id {
            Some(id) => id.clone(),
            None => match named(connect, &self.hours, &self.gone).await.map_err(unread)? {
                None => return Ok(Acted::Done(Facts::new())),
                Some(found) if found.of == self.gone => found.id,
                Some(_) => return Err(Fault::Refused(other(&self.hours, &self.gone))),
            },
        };
        let sent = once!(
            connect,
            "DeleteHoursOfOperationOverride",
            delete_hours_of_operation_override
                .hours_of_operation_id(&self.hours.id)
                .hours_of_operation_override_id(&id)
        )
        .await;
        acted(sent, OnNotFound::Fine)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        match &self.id {
            Some(id) => {
                let all = connect.overrides(&self.hours.id).await?;
                Ok(holds(all.iter().all(|one| one.id != *id)))
            }
            None => Ok(match named(connect, &self.hours, &self.gone).await? {
                None => Seen::Holds(Facts::new()),
                Some(found) if found.of == self.gone => Seen::Absent,
                Some(_) => Seen::Blocked(other(&self.hours, &self.gone)),
            }),
        }
    }
}

#[async_trait]
impl Apply for OverrideEnds {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let sent = once!(
            connect,
            "UpdateHoursOfOperationOverride",
            update_hours_of_operation_override
                .hours_of_operation_id(&self.hours.id)
                .hours_of_operation_override_id(&self.id)
                .effective_till(self.till.to_string())
        )
        .await;
        acted(sent, OnNotFound::Refused)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let all = connect.overrides(&self.hours.id).await?;
        Ok(match all.iter().find(|one| one.id == self.id) {
            Some(found) => holds(found.of.till == self.till),
            None => Seen::Gone(
                Problem::human(
                    "override_gone",
                    format!(
                        "The override {} of {} no longer exists.",
                        code(&self.name),
                        code(&self.hours.name)
                    ),
                )
                .hint("Check the hours with `/connect hours show`."),
            ),
        })
    }
}

fn other(hours: &Named, wanted: &HoursOverride) -> Problem {
    let message = format!("{} now has another override {}.", code(&hours.name), code(&wanted.name));
    Problem::human("override_exists", message)
        .hint("Check it with `/connect hours show`, and make a new request.")
}
