//! The agent hierarchy: its levels, and its groups as a tree.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::Named;
use crate::basics::problem::Problem;
use crate::basics::text;

/// The most levels that Amazon Connect has.
pub const LEVELS_MAX: usize = 5;

/// The agent hierarchy as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hierarchy {
    /// The names of the levels, from the top.
    pub levels: Vec<String>,
    /// By their paths, so that a group comes before those below it.
    pub groups: Vec<HierarchyGroup>,
}

/// A group of the hierarchy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HierarchyGroup {
    pub id: String,
    pub name: String,
    /// The id of the group above it; none at the top.
    pub parent: Option<String>,
    /// Such as `East/Team 1`.
    pub path: String,
    /// From 1 at the top.
    pub level: usize,
    pub tags: BTreeMap<String, String>,
}

impl HierarchyGroup {
    /// The group with its path as its name.
    pub fn named(&self) -> Named {
        Named { id: self.id.clone(), name: self.path.clone() }
    }

    /// The path of the group above it.
    pub fn parent_path(&self) -> Option<&str> {
        self.parent.as_ref()?;
        self.path.strip_suffix(self.name.as_str())?.strip_suffix('/')
    }
}

impl Hierarchy {
    /// Of the names of levels, and of each group with the ids and names of those above it, from the top down to itself.
    pub fn of(levels: Vec<String>, groups: Vec<(Vec<Named>, BTreeMap<String, String>)>) -> Hierarchy {
        let mut all: Vec<HierarchyGroup> = groups
            .into_iter()
            .filter_map(|(path, tags)| {
                let (own, above) = path.split_last()?;
                Some(HierarchyGroup {
                    id: own.id.clone(),
                    name: own.name.clone(),
                    parent: above.last().map(|parent| parent.id.clone()),
                    path: path.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join("/"),
                    level: path.len(),
                    tags,
                })
            })
            .collect();
        // By their names level by level: `East/A` comes before `East B`.
        let key = |group: &HierarchyGroup| group.path.split('/').map(text::folded).collect::<Vec<_>>();
        all.sort_by_cached_key(|group| (key(group), group.id.clone()));
        Hierarchy { levels, groups: all }
    }

    pub fn group(&self, id: &str) -> Option<&HierarchyGroup> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// The groups directly below a group, or those at the top.
    pub fn children(&self, parent: Option<&str>) -> Vec<&HierarchyGroup> {
        self.groups.iter().filter(|group| group.parent.as_deref() == parent).collect()
    }

    /// The groups below a group at any depth, those above before those below.
    pub fn below(&self, id: &str) -> Vec<&HierarchyGroup> {
        let mut found: Vec<&HierarchyGroup> = Vec::new();
        let mut at = 0;
        let mut parent = id.to_owned();
        loop {
            found.extend(self.children(Some(&parent)));
            let Some(next) = found.get(at) else { return found };
            parent.clone_from(&next.id);
            at += 1;
        }
    }

    /// The group below this parent whose name people can't tell from this one; the one that is written the same comes first.
    pub fn child_named(&self, parent: Option<&str>, name: &str) -> Option<&HierarchyGroup> {
        let same = |group: &&HierarchyGroup| text::same_name(&group.name, name);
        let children = self.children(parent);
        let exact = children.iter().copied().find(|group| group.name == name);
        exact.or_else(|| children.into_iter().find(same))
    }

    /// Every group with its path as its name, to find one by what someone typed.
    pub fn paths(&self) -> Vec<Named> {
        self.groups.iter().map(HierarchyGroup::named).collect()
    }

    /// The group at this path, as it is written.
    pub fn at(&self, path: &str) -> Option<&HierarchyGroup> {
        self.groups.iter().find(|group| group.path == path)
    }
}

/// Reads the hierarchy.
#[async_trait]
pub trait HierarchyReader: Send + Sync {
    /// Costs one call, and one for a hundred groups.
    async fn hierarchy(&self) -> Result<Hierarchy, Problem>;
}
