//! What a plan touches, as rules ask for it.

use std::collections::BTreeSet;

use crate::basics::text;

/// What a plan touches. Names are folded ([`text::name_key`]), so that they compare as people see them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    pub logins: BTreeSet<String>,
    pub security_profiles: BTreeSet<String>,
    /// Salesforce permission sets that are given or taken away.
    pub permission_sets: BTreeSet<String>,
    /// Paths.
    pub groups: BTreeSet<String>,
    /// How many users it hands out the data of.
    pub read: usize,
    /// The fewest agents that would stay signed in to a queue that someone leaves.
    pub agents_left: Option<usize>,
    /// Names that the policy has and the contact center doesn't.
    pub unknown: BTreeSet<String>,
}

impl Impact {
    /// Adds names that are folded first; most of a thousand users have few between them.
    pub fn add<'a>(names: &mut BTreeSet<String>, all: impl IntoIterator<Item = &'a str>) {
        for name in all {
            let folded = text::name_key(name);
            if !names.contains(&*folded) {
                names.insert(folded.into_owned());
            }
        }
    }

    /// The same for the paths of groups.
    pub fn add_group(&mut self, path: &str) {
        let folded = text::path_key(path);
        if !self.groups.contains(&folded) {
            self.groups.insert(folded);
        }
    }
}
