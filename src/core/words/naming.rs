//! What an argument names, from which every platform completes it.

/// Things that have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    /// By login.
    User,
    RoutingProfile,
    SecurityProfile,
    /// By path.
    HierarchyGroup,
    Queue,
    QuickConnect,
    AgentStatus,
    Hours,
    /// A flow that contacts can be sent to.
    Flow,
    /// A flow by which a contact is transferred to an agent or a queue.
    TransferFlow,
    /// An attribute and its value, up to the level: `Language:Spanish=`.
    Proficiency,
    /// The key of a tag.
    TagKey,
    /// Of hours of operation.
    Override,
}

impl Thing {
    /// What it is called in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Thing::User => "user",
            Thing::RoutingProfile => "routing profile",
            Thing::SecurityProfile => "security profile",
            Thing::HierarchyGroup => "hierarchy group",
            Thing::Queue => "queue",
            Thing::QuickConnect => "quick connect",
            Thing::AgentStatus => "agent status",
            Thing::Hours => "hours of operation",
            Thing::Flow | Thing::TransferFlow => "flow",
            Thing::Proficiency => "proficiency",
            Thing::TagKey => "tag",
            Thing::Override => "override",
        }
    }

    /// What has things of this kind that may be removed from it.
    pub fn holder(self) -> Option<Thing> {
        match self {
            Thing::SecurityProfile | Thing::TagKey => Some(Thing::User),
            Thing::Queue => Some(Thing::RoutingProfile),
            Thing::QuickConnect => Some(Thing::Queue),
            Thing::Override => Some(Thing::Hours),
            Thing::User
            | Thing::RoutingProfile
            | Thing::HierarchyGroup
            | Thing::AgentStatus
            | Thing::Hours
            | Thing::Flow
            | Thing::TransferFlow
            | Thing::Proficiency => None,
        }
    }
}

/// Which of the things of a kind completion offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offers {
    All,
    /// Those that [`Thing::holder`] has, which another argument names.
    Held,
    /// Users that the desk removed, newest first.
    Removed,
    /// None: it is typed again against habit.
    Nothing,
}

/// What an argument names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Naming {
    pub thing: Thing,
    /// It may name several.
    pub several: bool,
    pub offers: Offers,
}

impl Naming {
    pub(super) const fn one(thing: Thing) -> Option<Naming> {
        Some(Naming { thing, several: false, offers: Offers::All })
    }

    pub(super) const fn several(thing: Thing) -> Option<Naming> {
        Some(Naming { thing, several: true, offers: Offers::All })
    }

    fn separates(self, c: char) -> bool {
        match self.thing {
            Thing::User => matches!(c, ',' | ';') || c.is_whitespace(),
            // Their names have commas.
            Thing::HierarchyGroup | Thing::Hours => c == ';',
            Thing::SecurityProfile | Thing::TagKey => c == ',',
            _ => matches!(c, ',' | ';'),
        }
    }

    /// What is typed before the last one of a list, and the last one.
    pub fn last(self, typed: &str) -> (&str, &str) {
        let behind = typed.char_indices().rev().find(|(_, c)| self.several && self.separates(*c));
        let cut = behind.map_or(0, |(at, c)| at + c.len_utf8());
        let (before, last) = typed.split_at_checked(cut).unwrap_or(("", typed));
        (before, last.trim_start())
    }

    /// The names of a list.
    pub fn each(self, typed: &str) -> impl Iterator<Item = &str> {
        typed.split(move |c| self.several && self.separates(c)).map(str::trim).filter(|name| !name.is_empty())
    }
}
