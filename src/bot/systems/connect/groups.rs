//! The paths of hierarchy groups, by search: one call gives any group with everything above it, or a hundred of them.

use std::sync::PoisonError;
use std::time::Duration;

use aws_sdk_connect::types as sdk;
use desk_core::center::Named;

use super::client::Connect;
use super::hierarchy::{in_words, path_to};
use super::lists::all_pages;
use super::read::{NAMES_LAST, string};
use crate::systems::apply::Fault;

/// After so many groups within the time that a path is believed, the next one is read with all others.
const ONE_BY_ONE: usize = 2;

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
            100,
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
}

/// A group with its path as its name.
fn as_name(path: &[Named]) -> Option<Named> {
    Some(Named { id: path.last()?.id.clone(), name: in_words(path) })
}
