//! The contact center in the words of Amazon Connect, and the reading half of its port.
//!
//! Commands get this trait and nothing else of the outside: they can look, and have no way to act.

mod hierarchy;
pub mod hours;
mod model;
mod named;
pub mod names;
pub mod security;

pub use hierarchy::{Hierarchy, HierarchyGroup, HierarchyReader, LEVELS_MAX, Membership};
pub use hours::{
    EffectiveDay, Frequency, HoursOfOperation, HoursOverride, HoursReader, OverrideKind, OverrideSlot,
    PlacedOverride, Recurrence, Span, date_words,
};
pub use model::{
    AfterContactWork, AutoAccept, Channel, ContactCenter, Filter, Found, Identity, IdentityType, Instance,
    Phone, Proficiency, Profile, QuickConnect, Settings, Snapshot, User, UserName, UserPresence, UsersPage,
    VoiceEnhancement,
};
pub use named::Named;
pub use security::{Restrictions, SecurityProfileSummary, SecurityReader};
