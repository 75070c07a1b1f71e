//! Reading security profiles.

use std::sync::PoisonError;
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::center::{Named, Restrictions, SecurityProfileSummary, SecurityReader};

use super::Connect;
use super::call::{absent, read, text};
use super::convert;
use super::lists::all_pages;
use crate::systems::apply::Fault;

/// How long it is believed what a profile restricts: no more than a warning hangs on it.
const RESTRICTIONS_LAST: Duration = Duration::from_secs(10);

#[async_trait]
impl SecurityReader for Connect {
    async fn security_profile_summaries(&self) -> Result<Vec<SecurityProfileSummary>, Problem> {
        let search = all_pages!(
            self,
            "SearchSecurityProfiles",
            search_security_profiles,
            100,
            security_profiles,
            |profile| {
                Some(SecurityProfileSummary {
                    id: text(profile.id)?,
                    name: text(profile.security_profile_name)?,
                    description: text(profile.description),
                })
            }
        );
        let mut all = search.await?;
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    async fn restrictions(&self, profile: &Named) -> Result<Option<Restrictions>, Problem> {
        let shelf = {
            let mut shelves = self.directory.restrictions.lock().unwrap_or_else(PoisonError::into_inner);
            shelves.entry(profile.id.clone()).or_default().clone()
        };
        let read = || async { Ok(absent(self.read_restrictions(&profile.id).await)?.into_iter().collect()) };
        let found = self.shelved(&shelf, RESTRICTIONS_LAST, read).await?;
        Ok(found.first().cloned())
    }
}

impl Connect {
    async fn read_restrictions(&self, id: &str) -> Result<Restrictions, Fault> {
        read!(self, "DescribeSecurityProfile", describe_security_profile.security_profile_id(id), |output| {
            let profile = output.security_profile.filter(|profile| profile.id.is_some())?;
            let kinds = |all: Option<Vec<String>>| all.into_iter().flatten().collect();
            Some(Restrictions {
                tags: convert::tags(profile.allowed_access_control_tags.as_ref()),
                tag_restricted: kinds(profile.tag_restricted_resources),
                hierarchy_restricted: kinds(profile.hierarchy_restricted_resources),
                hierarchy_group: text(profile.allowed_access_control_hierarchy_group_id),
                data_tables: profile.granular_access_control_configuration.is_some(),
            })
        })
        .await
    }
}
