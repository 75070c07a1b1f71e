//! Reading the agent hierarchy: one search for a hundred groups, and no group by itself but those that are acted on.

use std::sync::PoisonError;

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::Problem;
use desk_core::center::{Hierarchy, HierarchyReader, Membership, Named};

use super::Connect;
use super::call::text;
use super::convert;
use super::read::pages;
use crate::systems::apply::Fault;

/// The level of a group that the search may find as well, on which the hierarchy is built. The console doesn't show it.
const FOUNDATION: &str = "0";

/// The most groups that a search gives at one time.
const PAGE: i32 = 100;

/// The groups from the top down to this one.
pub(super) fn path_to(group: &sdk::HierarchyGroup) -> Option<Vec<Named>> {
    let own = Named { id: text(group.id.clone())?, name: text(group.name.clone())? };
    let mut path = Vec::new();
    if let Some(above) = &group.hierarchy_path {
        let levels =
            [&above.level_one, &above.level_two, &above.level_three, &above.level_four, &above.level_five];
        for level in levels.into_iter().flatten() {
            path.push(Named { id: text(level.id.clone())?, name: text(level.name.clone())? });
        }
    }
    // Whether the path includes the group itself is not documented.
    if path.last().is_none_or(|last| last.id != own.id) {
        path.push(own);
    }
    Some(path)
}

/// The path in words.
pub(super) fn in_words(path: &[Named]) -> String {
    path.iter().map(|group| group.name.as_str()).collect::<Vec<_>>().join("/")
}

impl Connect {
    /// The names of the levels, from the top.
    pub(super) async fn levels(&self) -> Result<Vec<String>, Fault> {
        let caller = self.caller.as_ref();
        caller
            .read(
                "DescribeUserHierarchyStructure",
                || {
                    let describe = caller.client.describe_user_hierarchy_structure();
                    describe.instance_id(&caller.instance_id).send()
                },
                |output| {
                    let structure = output.hierarchy_structure?;
                    let levels = [
                        structure.level_one,
                        structure.level_two,
                        structure.level_three,
                        structure.level_four,
                        structure.level_five,
                    ];
                    let named = levels.into_iter().flatten().map(|level| text(level.name));
                    named.collect::<Option<Vec<String>>>()
                },
            )
            .await
    }

    /// The group with this id, and those above it.
    pub(super) async fn group(&self, id: &str) -> Result<Option<Vec<Named>>, Fault> {
        let caller = self.caller.as_ref();
        let described = caller
            .read(
                "DescribeUserHierarchyGroup",
                || {
                    let describe = caller.client.describe_user_hierarchy_group();
                    describe.instance_id(&caller.instance_id).hierarchy_group_id(id).send()
                },
                |output| path_to(&output.hierarchy_group?),
            )
            .await;
        match described {
            Ok(path) => Ok(Some(path)),
            Err(Fault::NotFound(_)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// The id of the group at a path, read from the list, which shows immediately what a search may not show yet; only groups of its
    /// own name are described.
    pub(super) async fn group_at(&self, path: &str) -> Result<Option<String>, Fault> {
        let names = self.hierarchy_group_names(true).await?;
        for named in names.iter().filter(|named| path.ends_with(named.name.as_str())) {
            let found = self.group(&named.id).await?;
            if found.is_some_and(|found| in_words(&found) == path) {
                return Ok(Some(named.id.clone()));
            }
        }
        Ok(None)
    }

    /// What was read of groups is no longer believed.
    pub(super) async fn forget_groups(&self) {
        self.directory.paths.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.directory.hierarchy_groups.0.lock().await = None;
    }

    async fn read_hierarchy(&self) -> Result<Hierarchy, Fault> {
        let caller = self.caller.as_ref();
        let search = pages(
            caller,
            "SearchUserHierarchyGroups",
            |token| {
                let search = caller.client.search_user_hierarchy_groups().instance_id(&caller.instance_id);
                search.max_results(PAGE).set_next_token(token).send()
            },
            |output| {
                let groups = output.user_hierarchy_groups?.into_iter();
                let shown = groups.filter(|group| group.level_id.as_deref() != Some(FOUNDATION));
                let all = shown.map(|group| Some((path_to(&group)?, convert::tags(group.tags.as_ref()))));
                Some((all.collect::<Option<Vec<_>>>()?, output.next_token))
            },
        );
        let (levels, groups) = futures::try_join!(self.levels(), search)?;
        Ok(Hierarchy::of(levels, groups))
    }

    async fn read_memberships(&self) -> Result<Vec<Membership>, Fault> {
        let everyone = sdk::UserSearchCriteria::builder().build();
        let (users, _) = self.search_page(everyone, None, usize::MAX).await?;
        let mut all: Vec<Membership> = users
            .into_iter()
            .map(|found| Membership {
                login: found.login,
                hierarchy_group: text(found.user.hierarchy_group_id),
                security_profiles: found.user.security_profile_ids.unwrap_or_default(),
            })
            .collect();
        all.sort_by(|a, b| a.login.cmp(&b.login));
        Ok(all)
    }
}

#[async_trait]
impl HierarchyReader for Connect {
    async fn hierarchy(&self) -> Result<Hierarchy, Problem> {
        self.read_hierarchy().await.map_err(Fault::problem)
    }

    async fn memberships(&self) -> Result<Vec<Membership>, Problem> {
        self.read_memberships().await.map_err(Fault::problem)
    }
}
