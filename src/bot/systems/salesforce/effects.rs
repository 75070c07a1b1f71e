//! Each effect of Salesforce as a call of the file that knows its subject.
//!
//! An undo rolls back what its own step did: the step's line in the log has the id of the assignment that it made, or says that
//! everything was so before, and then nothing is rolled back.

use std::sync::Arc;

use desk_core::basics::problem::Problem;
use desk_core::center::Named;
use desk_core::log::{Event, RequestLog};
use desk_core::plan::effect::{
    CallCenterIs, PermissionSetAbsent, PermissionSetPresent, SalesforceEffect, SalesforceFrozen, facts,
};
use desk_core::plan::{Attempt, Direction, Failure, StepKey};

use super::client::Salesforce;
use super::ids::RecordId;
use crate::systems::apply::Facts;

/// Brings the effects of Salesforce about, where the site has it.
pub(crate) struct SalesforceEffects {
    pub(crate) org: Option<Salesforce>,
    pub(crate) log: Arc<dyn RequestLog>,
}

impl SalesforceEffects {
    /// Brings an effect about.
    pub(crate) async fn apply(
        &self,
        key: StepKey,
        attempt: Attempt,
        effect: &SalesforceEffect,
    ) -> Result<Facts, Failure> {
        let org = self.org.as_ref().ok_or_else(|| {
            Failure::Refused(
                Problem::operator("salesforce_none", "Salesforce isn't set up here.")
                    .hint("Add [salesforce] as shown in config.example.toml, and restart the desk."),
            )
        })?;
        let before = match key.direction {
            Direction::Forward => Facts::new(),
            Direction::Back => self.facts_of_the_step(key).await.map_err(Failure::Unknown)?,
        };
        if before.contains_key(facts::ALREADY) {
            return Ok(Facts::new());
        }
        match effect {
            SalesforceEffect::PermissionSetPresent(PermissionSetPresent {
                user_id, set, expires, ..
            }) => org.assign(attempt, &id(user_id)?, &id(&set.id)?, *expires).await,
            SalesforceEffect::PermissionSetAbsent(PermissionSetAbsent {
                user_id,
                set,
                assignment_id,
                ..
            }) => {
                let row = before
                    .get(facts::ASSIGNMENT)
                    .or(assignment_id.as_ref())
                    .map(|row| id(row))
                    .transpose()?;
                org.revoke(attempt, &id(user_id)?, &id(&set.id)?, row.as_ref()).await
            }
            SalesforceEffect::CallCenterIs(CallCenterIs { user_id, center, instead_of, .. }) => {
                let [center, instead_of] = [record(center)?, record(instead_of)?];
                org.move_to(attempt, &id(user_id)?, instead_of.as_ref(), center.as_ref()).await
            }
            SalesforceEffect::SalesforceFrozen(SalesforceFrozen { user_id, frozen, .. }) => {
                org.freeze(attempt, &id(user_id)?, *frozen).await
            }
        }
    }

    /// What a step said when it was done; nothing where no one knows whether it was.
    async fn facts_of_the_step(&self, key: StepKey) -> Result<Facts, Problem> {
        let lines = self.log.request(key.request).await?;
        let facts = lines.into_iter().rev().find_map(|line| match line.event {
            Event::Done { step, facts } if step == key.step => Some(facts),
            _ => None,
        });
        Ok(facts.unwrap_or_default())
    }
}

fn record(named: &Option<Named>) -> Result<Option<RecordId>, Failure> {
    named.as_ref().map(|named| id(&named.id)).transpose()
}

fn id(text: &str) -> Result<RecordId, Failure> {
    RecordId::parse(text).ok_or_else(|| {
        Failure::Refused(
            Problem::operator("salesforce_id", "The plan has an invalid Salesforce id.")
                .hint("Report this as a bug in connect-desk."),
        )
    })
}
