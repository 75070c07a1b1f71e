//! The paths of hierarchy groups, each of which costs a call, read no more often than they can have changed.

use std::collections::HashMap;
use std::time::Duration;

use desk_core::center::Named;

/// The most paths that one refresh reads; Amazon Connect's own quota is 500 groups.
pub(super) const AT_ONCE: usize = 500;

/// How long a path is believed if nothing speaks against it.
const PATHS_LAST: Duration = Duration::from_secs(24 * 3600);

/// All groups as they were last listed.
#[derive(Default)]
pub(super) struct Groups(HashMap<String, Group>);

struct Group {
    /// Its own name.
    name: String,
    /// Its path, and when that was read.
    path: Option<(String, Duration)>,
}

impl Groups {
    /// Takes in a new list, and says which groups' paths are to be read: first those that have none.
    ///
    /// A group never moves, so its path changes only when it or a group above it is renamed, and both are in the list.
    pub(super) fn list(&mut self, listed: Vec<Named>, now: Duration) -> Vec<Named> {
        let mut old = std::mem::take(&mut self.0);
        let mut renamed = Vec::new();
        for Named { id, name } in listed {
            let before = old.remove(&id);
            let path = before.and_then(|group| {
                if group.name != name {
                    renamed.push(group.name);
                }
                group.path
            });
            self.0.insert(id, Group { name, path });
        }
        let mut unread: Vec<(Option<Duration>, &String, &mut Group)> = Vec::new();
        for (id, group) in &mut self.0 {
            if let Some((path, _)) = &group.path
                && renamed.iter().any(|name| path.contains(name.as_str()))
            {
                group.path = None;
            }
            let read_at = group.path.as_ref().map(|(_, at)| *at);
            if read_at.is_none_or(|at| now.saturating_sub(at) >= PATHS_LAST) {
                unread.push((read_at, id, group));
            }
        }
        unread.sort_by_key(|(read_at, id, _)| (*read_at, *id));
        unread.truncate(AT_ONCE);
        let named =
            |(_, id, group): (_, &String, &mut Group)| Named { id: id.clone(), name: group.name.clone() };
        unread.into_iter().map(named).collect()
    }

    /// A group's path was read. What has gone in the meantime has its id for a path, and nobody wants that offered.
    pub(super) fn is_at(&mut self, path: &Named, now: Duration) {
        if path.name == path.id {
            self.0.remove(&path.id);
        } else if let Some(group) = self.0.get_mut(&path.id) {
            group.path = Some((path.name.clone(), now));
        }
    }

    /// What to offer: paths, and the names of groups whose paths are not known yet.
    pub(super) fn paths(&self) -> Vec<Named> {
        let named = |(id, group): (&String, &Group)| {
            let name = group.path.as_ref().map_or(&group.name, |(path, _)| path);
            Named { id: id.clone(), name: name.clone() }
        };
        self.0.iter().map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn named(names: &[(&str, &str)]) -> Vec<Named> {
        names.iter().map(|(id, name)| Named { id: (*id).to_owned(), name: (*name).to_owned() }).collect()
    }

    fn ids(names: &[Named]) -> Vec<&str> {
        names.iter().map(|named| named.id.as_str()).collect()
    }

    #[test]
    fn a_path_is_read_again_when_it_or_a_group_above_it_was_renamed_and_after_a_day() {
        let mut groups = Groups::default();
        let mut now = Duration::ZERO;
        let listed = named(&[("e", "East"), ("w", "West"), ("e1", "Team 1"), ("w1", "Team 1")]);
        assert_eq!(ids(&groups.list(listed.clone(), now)), ["e", "e1", "w", "w1"]);
        for path in named(&[("e", "East"), ("e1", "East/Team 1"), ("w", "West"), ("w1", "West/Team 1")]) {
            groups.is_at(&path, now);
        }
        assert!(groups.list(listed, now).is_empty());

        let renamed = named(&[("e", "Ost"), ("w", "West"), ("e1", "Team 1"), ("w1", "Team 1")]);
        assert_eq!(ids(&groups.list(renamed.clone(), now)), ["e", "e1"]);
        let mut offered: Vec<String> = groups.paths().into_iter().map(|path| path.name).collect();
        offered.sort();
        assert_eq!(offered, ["Ost", "Team 1", "West", "West/Team 1"]);

        for path in named(&[("e", "Ost"), ("e1", "Ost/Team 1")]) {
            groups.is_at(&path, now);
        }
        now += DAY;
        assert_eq!(groups.list(renamed, now).len(), 4);
    }

    #[test]
    fn groups_that_are_gone_are_not_offered() {
        let mut groups = Groups::default();
        groups.list(named(&[("e", "East"), ("w", "West")]), Duration::ZERO);
        groups.is_at(&named(&[("w", "w")])[0], Duration::ZERO);
        assert_eq!(ids(&groups.paths()), ["e"]);
        groups.list(named(&[("n", "North")]), Duration::ZERO);
        assert_eq!(ids(&groups.paths()), ["n"]);
    }
}
