//! The agent hierarchy: its levels, and its groups.

use async_trait::async_trait;
use aws_sdk_connect::types as sdk;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, list};
use desk_core::center::Named;
use desk_core::plan::StepKey;
use desk_core::plan::effect::{GroupAbsent, GroupNamed, GroupPresent, HierarchyLevels, facts, group_path};

use super::{Apply, HIERARCHY_GROUP, OnNotFound, acted, holds, missing, not_built, unread};
use crate::systems::apply::{Acted, Facts, Fault, Provenance, Seen, Tried};
use crate::systems::connect::cached::Thing;
use crate::systems::connect::call::{once, text};
use crate::systems::connect::hierarchy::in_words;
use crate::systems::connect::{Connect, convert};

#[async_trait]
impl Apply for HierarchyLevels {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let levels = connect.levels().await.map_err(unread)?;
        if levels == self.levels {
            return Ok(Acted::Done(Facts::new()));
        }
        // The structure is one value for everyone: what is sent replaces what someone else made of it meanwhile.
        if levels != self.instead_of {
            return Err(Fault::Refused(others(&levels)));
        }
        let mut named =
            self.levels.iter().map(|name| sdk::HierarchyLevelUpdate::builder().name(name).build());
        let mut next = || named.next().transpose().map_err(not_built);
        let structure = sdk::HierarchyStructureUpdate::builder()
            .set_level_one(next()?)
            .set_level_two(next()?)
            .set_level_three(next()?)
            .set_level_four(next()?)
            .set_level_five(next()?)
            .build();
        let sent = once!(
            connect,
            "UpdateUserHierarchyStructure",
            update_user_hierarchy_structure.hierarchy_structure(structure.clone())
        )
        .await;
        acted(sent, OnNotFound::Refused)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        let levels = connect.levels().await?;
        if levels == self.levels {
            return Ok(Seen::Holds(Facts::new()));
        }
        Ok(if levels == self.instead_of { Seen::Absent } else { Seen::Blocked(others(&levels)) })
    }
}

fn others(levels: &[String]) -> Problem {
    let names: Vec<String> = levels.iter().map(|name| code(name)).collect();
    let are = if names.is_empty() { "there are none".to_owned() } else { list(&names, "and") };
    Problem::human(
        "levels_changed",
        format!("Someone changed the levels of the hierarchy in the meantime: {are}."),
    )
    .hint("Check them with `/connect group list`, and make a new request.")
}

#[async_trait]
impl Apply for GroupPresent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let parent = match (&self.parent_id, &self.parent) {
            (Some(id), _) => Some(id.clone()),
            (None, Some(path)) => {
                let found = connect.group_at(path).await.map_err(unread)?;
                Some(found.ok_or_else(|| Fault::NotYet(missing(HIERARCHY_GROUP, path)))?)
            }
            (None, None) => None,
        };
        let tags = convert::tags_out(&self.tags);
        let sent = once!(
            connect,
            "CreateUserHierarchyGroup",
            create_user_hierarchy_group
                .name(&self.group)
                .set_tags(std::clone::Clone::clone(&tags))
                .set_parent_group_id(parent.clone()),
            |made| text(made.hierarchy_group_id)
        )
        .await;
        connect.forget_groups().await;
        match sent {
            Ok(id) => Ok(Acted::Done(Facts::from([(facts::GROUP_ID.to_owned(), id)]))),
            Err(Fault::NotFound(problem)) if self.parent_id.is_none() => Err(Fault::NotYet(problem)),
            Err(Fault::NotFound(problem)) => Err(Fault::Refused(problem)),
            Err(fault) => Err(fault),
        }
    }

    async fn look(&self, connect: &Connect, provenance: Provenance) -> Result<Seen, Fault> {
        let found =
            connect.group_below(self.parent.as_deref(), self.parent_id.as_deref(), &self.group).await?;
        Ok(match (found, provenance) {
            (None, _) => Seen::Absent,
            (Some(id), Provenance::Ours | Provenance::PerhapsOurs) => {
                Seen::Holds(Facts::from([(facts::GROUP_ID.to_owned(), id)]))
            }
            (Some(_), Provenance::NotOurs) => Seen::Blocked(taken(&self.path())),
        })
    }

    fn makes(&self) -> Option<Thing> {
        Some((HIERARCHY_GROUP, self.path()))
    }

    fn leans_on(&self) -> Vec<Thing> {
        self.parent.iter().map(|path| (HIERARCHY_GROUP, path.clone())).collect()
    }
}

#[async_trait]
impl Apply for GroupAbsent {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let Some(id) = self.found(connect).await.map_err(unread)? else {
            return Ok(Acted::Done(Facts::new()));
        };
        let sent =
            once!(connect, "DeleteUserHierarchyGroup", delete_user_hierarchy_group.hierarchy_group_id(&id))
                .await;
        connect.forget_groups().await;
        acted(sent, OnNotFound::Fine)
    }

    async fn look(&self, connect: &Connect, _: Provenance) -> Result<Seen, Fault> {
        Ok(holds(match &self.id {
            Some(id) => connect.group(id).await?.is_none(),
            None => self.found(connect).await?.is_none(),
        }))
    }

    fn leans_on(&self) -> Vec<Thing> {
        vec![(HIERARCHY_GROUP, self.path())]
    }
}

trait Find {
    async fn found(&self, connect: &Connect) -> Result<Option<String>, Fault>;
}

impl Find for GroupAbsent {
    /// The group that is to go.
    async fn found(&self, connect: &Connect) -> Result<Option<String>, Fault> {
        match &self.id {
            Some(id) => Ok(Some(id.clone())),
            None => connect.group_below(self.parent.as_deref(), self.parent_id.as_deref(), &self.group).await,
        }
    }
}

#[async_trait]
impl Apply for GroupNamed {
    async fn act(&self, connect: &Connect, _: StepKey) -> Tried {
        let sent = once!(
            connect,
            "UpdateUserHierarchyGroupName",
            update_user_hierarchy_group_name.hierarchy_group_id(&self.id).name(&self.group)
        )
        .await;
        connect.forget_groups().await;
        acted(sent, OnNotFound::Refused)
    }

    async fn look(&self, connect: &Connect, provenance: Provenance) -> Result<Seen, Fault> {
        let path = group_path(self.parent.as_deref(), &self.instead_of);
        let Some(found) = connect.group(&self.id).await? else { return Ok(Seen::Gone(gone(&path))) };
        let is_so = found.last().is_some_and(|group| group.name == self.group);
        Ok(match (is_so, provenance) {
            (true, _) => Seen::Holds(Facts::new()),
            // Another group has the name.
            (false, Provenance::NotOurs) => {
                Seen::Blocked(taken(&group_path(self.parent.as_deref(), &self.group)))
            }
            (false, _) => Seen::Absent,
        })
    }
}

impl Connect {
    /// The id of a group: one without is the one at its path, which an earlier step made.
    pub(super) async fn group_id(&self, group: &Named) -> Result<String, Fault> {
        if !group.id.is_empty() {
            return Ok(group.id.clone());
        }
        let found = self.group_at(&group.name).await.map_err(unread)?;
        found.ok_or_else(|| Fault::NotYet(missing(HIERARCHY_GROUP, &group.name)))
    }

    /// The id of the group of this name directly below a parent, which is known by its id or by its path.
    async fn group_below(
        &self,
        parent: Option<&str>,
        parent_id: Option<&str>,
        name: &str,
    ) -> Result<Option<String>, Fault> {
        let names = self.hierarchy_group_names(true).await?;
        for named in names.iter().filter(|named| named.name == name) {
            let Some(path) = self.group(&named.id).await? else { continue };
            let Some((_, above)) = path.split_last() else { continue };
            let is_below = match (parent_id, parent) {
                (Some(id), _) => above.last().is_some_and(|last| last.id == id),
                (None, Some(parent)) => in_words(above) == parent,
                (None, None) => above.is_empty(),
            };
            if is_below {
                return Ok(Some(named.id.clone()));
            }
        }
        Ok(None)
    }
}

fn taken(path: &str) -> Problem {
    Problem::human(
        "group_exists",
        format!("Someone created the hierarchy group {} in the meantime.", code(path)),
    )
    .hint("Check it with `/connect group show`, and make a new request.")
}

fn gone(path: &str) -> Problem {
    Problem::human("group_gone", format!("The hierarchy group {} no longer exists.", code(path)))
        .hint("Check the hierarchy with `/connect group list`.")
}
