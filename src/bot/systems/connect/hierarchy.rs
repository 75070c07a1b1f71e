//! Reading the agent hierarchy: one search for a hundred groups, or for one with everything above it. Alone are read those that are
//! acted on, and those that no search shows yet.

use std::sync::PoisonError;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_connect::operation::describe_user_hierarchy_structure::DescribeUserHierarchyStructureOutput;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::Problem;
use desk_core::center::{Hierarchy, HierarchyReader, Named};

use super::Connect;
use super::call::{absent, read, text};
use super::convert;
use super::lists::{all_pages, named};
use super::read::{NAMES_LAST, string};
use crate::systems::apply::Fault;

/// The level of a group that the search may find as well, on which the hierarchy is built. The console doesn't show it.
const FOUNDATION: &str = "0";

/// The most groups that a search gives at one time.
const PAGE: i32 = 100;

/// After so many groups within the time that a path is believed, the next one is read with all others.
const ONE_BY_ONE: usize = 2;

/// The groups from the top down to this one.
pub(super) fn path_to(group: &sdk::HierarchyGroup) -> Option<Vec<Named>> {
    let own = named(group.id.clone(), group.name.clone())?;
    let mut path = Vec::new();
    if let Some(above) = &group.hierarchy_path {
        let levels =
            [&above.level_one, &above.level_two, &above.level_three, &above.level_four, &above.level_five];
        for level in levels.into_iter().flatten() {
            path.push(named(level.id.clone(), level.name.clone())?);
        }
    }
    // Whether the path includes the group itself is not documented. Two groups below each other may have one name, so they are
    // told apart by their ids.
    if path.last().is_none_or(|last| last.id != own.id) {
        path.push(own);
    }
    Some(path)
}

/// The path in words.
pub(super) fn in_words(path: &[Named]) -> String {
    path.iter().map(|group| group.name.as_str()).collect::<Vec<_>>().join("/")
}

/// A group with its path as its name.
fn as_name(path: &[Named]) -> Option<Named> {
    Some(Named { id: path.last()?.id.clone(), name: in_words(path) })
}

impl Connect {
    /// The group with its path as its name; one that is gone has its id for a name.
    pub(super) async fn path_of(&self, group_id: &str) -> Result<Named, Fault> {
        if let Some(path) = self.known_path(group_id) {
            return Ok(path);
        }
        // One reader at a time, so that anyone who waits finds what the one before read with it.
        let mut missed = self.directory.missed_paths.lock().await;
        if let Some(path) = self.known_path(group_id) {
            return Ok(path);
        }
        let now = self.caller.clock.monotonic();
        missed.retain(|at| now.saturating_sub(*at) < NAMES_LAST);
        let only = (missed.len() < ONE_BY_ONE).then_some(group_id);
        missed.push(now);
        self.read_paths(only, now).await?;
        if let Some(path) = self.known_path(group_id) {
            return Ok(path);
        }
        // A search may not show a new group yet.
        let path = self.group(group_id).await?.and_then(|path| as_name(&path));
        let path = path.unwrap_or_else(|| Named { id: group_id.to_owned(), name: group_id.to_owned() });
        self.learn_path(path.clone(), now);
        Ok(path)
    }

    /// Every group with its path.
    pub(super) async fn all_paths(&self) -> Result<Vec<Named>, Fault> {
        self.read_paths(None, self.caller.clock.monotonic()).await
    }

    fn known_path(&self, group_id: &str) -> Option<Named> {
        let now = self.caller.clock.monotonic();
        let paths = self.directory.paths.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, path) = paths.get(group_id)?;
        (now.saturating_sub(*read_at) < NAMES_LAST).then(|| path.clone())
    }

    fn learn_path(&self, path: Named, now: Duration) {
        let mut paths = self.directory.paths.lock().unwrap_or_else(PoisonError::into_inner);
        paths.insert(path.id.clone(), (now, path));
    }

    /// One group or all of them.
    async fn read_paths(&self, only: Option<&str>, now: Duration) -> Result<Vec<Named>, Fault> {
        let criteria = only.map(|id| {
            let is = string("resourceID", id, sdk::StringComparisonType::Exact);
            sdk::UserHierarchyGroupSearchCriteria::builder().string_condition(is).build()
        });
        let search = all_pages!(
            self,
            "SearchUserHierarchyGroups",
            search_user_hierarchy_groups.set_search_criteria(criteria.clone()),
            PAGE,
            user_hierarchy_groups,
            // The group on which the hierarchy is built has no name.
            |group| Some(path_to(&group).and_then(|path| as_name(&path)))
        );
        let found = search.await?;
        let found: Vec<Named> = found.into_iter().flatten().collect();
        for path in &found {
            self.learn_path(path.clone(), now);
        }
        Ok(found)
    }

    /// The names of the levels, from the top.
    pub(super) async fn levels(&self) -> Result<Vec<String>, Fault> {
        let levels = |output: DescribeUserHierarchyStructureOutput| {
            let of = output.hierarchy_structure?;
            let levels = [of.level_one, of.level_two, of.level_three, of.level_four, of.level_five];
            levels.into_iter().flatten().map(|level| text(level.name)).collect()
        };
        read!(self, "DescribeUserHierarchyStructure", describe_user_hierarchy_structure, levels).await
    }

    /// The group with this id, and those above it.
    pub(super) async fn group(&self, id: &str) -> Result<Option<Vec<Named>>, Fault> {
        let describe = read!(
            self,
            "DescribeUserHierarchyGroup",
            describe_user_hierarchy_group.hierarchy_group_id(id),
            |output| path_to(&output.hierarchy_group?)
        );
        absent(describe.await)
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
}

#[async_trait]
impl HierarchyReader for Connect {
    async fn hierarchy(&self) -> Result<Hierarchy, Problem> {
        let search = all_pages!(
            self,
            "SearchUserHierarchyGroups",
            search_user_hierarchy_groups,
            PAGE,
            user_hierarchy_groups,
            |group| match group.level_id.as_deref() {
                Some(FOUNDATION) => Some(None),
                _ => Some(Some((path_to(&group)?, convert::tags(group.tags.as_ref())))),
            }
        );
        let (levels, groups) = futures::try_join!(self.levels(), search)?;
        Ok(Hierarchy::of(levels, groups.into_iter().flatten().collect()))
    }
}
