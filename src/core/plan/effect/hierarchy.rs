//! The agent hierarchy: its levels, and its groups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kind::{About, Detail, EffectKind, EffectNeeds, PlanContext};
use crate::words::Risk;

/// The levels of the hierarchy have these names, from the top. They are one shared value, so they are set only while they are
/// as they were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HierarchyLevels {
    pub levels: Vec<String>,
    pub instead_of: Vec<String>,
}

impl EffectKind for HierarchyLevels {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["UpdateUserHierarchyStructure", "DescribeUserHierarchyStructure"]);

    fn about(&self) -> About<'_> {
        // A level that is removed is gone from the contacts of its groups, too.
        let risk = if self.levels.len() < self.instead_of.len() { Risk::Destructive } else { Risk::Change };
        About::thing(risk)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let most = self.levels.len().max(self.instead_of.len());
        let at = |levels: &[String], i: usize| levels.get(i).cloned().unwrap_or_default();
        (0..most)
            .map(|i| {
                let after = at(&self.levels, i);
                let after = if after.is_empty() { "removed".to_owned() } else { after };
                Detail::value("", &format!("Level {}", i + 1), &at(&self.instead_of, i), &after)
            })
            .collect()
    }
}

/// There is a group at this path. Its parent is named by its path where it may be new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupPresent {
    pub group: String,
    /// The path of the group above it; none at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The id of the group above it, where that was there when it was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl GroupPresent {
    pub fn path(&self) -> String {
        group_path(self.parent.as_deref(), &self.group)
    }
}

/// The path of a group below a parent.
pub fn group_path(parent: Option<&str>, name: &str) -> String {
    parent.map_or_else(|| name.to_owned(), |parent| format!("{parent}/{name}"))
}

impl EffectKind for GroupPresent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[
        "CreateUserHierarchyGroup",
        "DescribeUserHierarchyGroup",
        "ListUserHierarchyGroups",
        "TagResource",
    ]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let what = format!("Hierarchy group {}", self.path());
        let mut rows = vec![Detail::message("", &what, "created")];
        rows.extend(
            self.tags.iter().map(|(key, tag)| Detail::value("", &format!("{what}: tag {key}"), "", tag)),
        );
        rows
    }

    fn named(&self) -> Option<Vec<String>> {
        let tags = self.tags.iter().flat_map(|(key, value)| [key.clone(), value.clone()]);
        Some([self.path()].into_iter().chain(tags).collect())
    }

    fn groups(&self) -> Vec<String> {
        vec![self.path()]
    }
}

/// There is no group at this path: not the one with this id, or without an id not the one that an earlier step made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupAbsent {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub group: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
}

impl GroupAbsent {
    pub fn path(&self) -> String {
        group_path(self.parent.as_deref(), &self.group)
    }
}

impl EffectKind for GroupAbsent {
    const NEEDS: EffectNeeds = EffectNeeds::calls(&[
        "DeleteUserHierarchyGroup",
        "DescribeUserHierarchyGroup",
        "ListUserHierarchyGroups",
    ]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Destructive)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        vec![Detail::message("", &format!("Hierarchy group {}", self.path()), "removed")]
    }

    fn named(&self) -> Option<Vec<String>> {
        Some(vec![self.path()])
    }

    fn groups(&self) -> Vec<String> {
        vec![self.path()]
    }
}

/// The group with this id has this name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupNamed {
    pub id: String,
    pub group: String,
    pub instead_of: String,
    /// The path of the group above it; none at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

impl EffectKind for GroupNamed {
    const NEEDS: EffectNeeds =
        EffectNeeds::calls(&["UpdateUserHierarchyGroupName", "DescribeUserHierarchyGroup"]);

    fn about(&self) -> About<'_> {
        About::thing(Risk::Change)
    }

    fn details(&self, _: Option<&Self>, _: &PlanContext<'_>) -> Vec<Detail> {
        let parent = self.parent.as_deref();
        let (before, after) = (group_path(parent, &self.instead_of), group_path(parent, &self.group));
        vec![Detail::value("", "Hierarchy group", &before, &after)]
    }

    fn groups(&self) -> Vec<String> {
        let parent = self.parent.as_deref();
        vec![group_path(parent, &self.instead_of), group_path(parent, &self.group)]
    }
}
