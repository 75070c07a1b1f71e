//! Reading security profiles.

use std::sync::PoisonError;
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::center::{Named, Restrictions, SecurityProfileSummary, SecurityReader};

use super::Connect;
use super::call::text;
use super::convert;
use super::read::pages;
use crate::systems::apply::Fault;

/// How long it is believed what a profile restricts: no more than a warning hangs on it.
const RESTRICTIONS_LAST: Duration = Duration::from_secs(10);

#[async_trait]
impl SecurityReader for Connect {
    async fn security_profile_summaries(&self) -> Result<Vec<SecurityProfileSummary>, Problem> {
        let caller = self.caller.as_ref();
        let found = pages(
            caller,
            "SearchSecurityProfiles",
            |token| {
                let search = caller.client.search_security_profiles().instance_id(&caller.instance_id);
                search.max_results(100).set_next_token(token).send()
            },
            |output| {
                let profiles = output.security_profiles?.into_iter().map(|profile| {
                    Some(SecurityProfileSummary {
                        id: text(profile.id)?,
                        name: text(profile.security_profile_name)?,
                        description: text(profile.description),
                    })
                });
                Some((profiles.collect::<Option<Vec<_>>>()?, output.next_token))
            },
        );
        let mut all = found.await.map_err(Fault::problem)?;
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    async fn restrictions(&self, profile: &Named) -> Result<Option<Restrictions>, Problem> {
        let shelf = {
            let mut shelves = self.directory.restrictions.lock().unwrap_or_else(PoisonError::into_inner);
            shelves.entry(profile.id.clone()).or_default().clone()
        };
        let read = || async {
            match self.read_restrictions(&profile.id).await {
                Ok(found) => Ok(vec![found]),
                Err(Fault::NotFound(_)) => Ok(Vec::new()),
                Err(fault) => Err(fault),
            }
        };
        let found = self.shelved(&shelf, RESTRICTIONS_LAST, read).await.map_err(Fault::problem)?;
        Ok(found.first().cloned())
    }
}

impl Connect {
    async fn read_restrictions(&self, id: &str) -> Result<Restrictions, Fault> {
        let caller = self.caller.as_ref();
        caller
            .read(
                "DescribeSecurityProfile",
                || {
                    let describe = caller.client.describe_security_profile();
                    describe.instance_id(&caller.instance_id).security_profile_id(id).send()
                },
                |output| {
                    let profile = output.security_profile.filter(|profile| profile.id.is_some())?;
                    let kinds = |all: Option<Vec<String>>| all.into_iter().flatten().collect();
                    Some(Restrictions {
                        tags: convert::tags(profile.allowed_access_control_tags.as_ref()),
                        tag_restricted: kinds(profile.tag_restricted_resources),
                        hierarchy_restricted: kinds(profile.hierarchy_restricted_resources),
                        hierarchy_group: text(profile.allowed_access_control_hierarchy_group_id),
                        data_tables: profile.granular_access_control_configuration.is_some(),
                    })
                },
            )
            .await
    }
}
