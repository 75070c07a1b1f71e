//! The contact center in the words of Amazon Connect, and the reading half of its port.
//!
//! Commands get this trait and nothing else of the outside: they can look, and have no way to act.

mod hierarchy;
pub mod hours;
mod identity;
mod model;
pub mod names;
pub mod orphans;
mod routing;
pub mod security;
mod whole;

pub use hierarchy::{Hierarchy, HierarchyGroup, HierarchyReader, LEVELS_MAX};
pub use hours::{
    EffectiveDay, Frequency, HoursOfOperation, HoursOverride, HoursReader, OverrideKind, OverrideSlot,
    PlacedOverride, Recurrence, Span, date_words,
};
pub use identity::IdentityType;
pub use model::{
    ActiveUser, AgentStatus, Among, ContactCenter, ContactState, Filter, Found, HeldContact, Instance,
    PROFICIENCIES_MAX, Proficiency, QueueNumbers, QuickConnect, Snapshot, StatusKind, User, UserName,
    UserPresence, UsersPage,
};
pub use routing::{
    FlowInfo, LeadsTo, OutboundCaller, PAIRS_AT_ONCE, PAIRS_MAX, QUICK_CONNECTS_AT_ONCE,
    QUICK_CONNECTS_OF_QUEUE, QueueInfo, QuickConnectInfo, RoutedQueue, Routing, RoutingProfileInfo, Slots,
};
pub use security::{Restrictions, SecurityProfileSummary, SecurityReader};
pub use whole::{UserSummary, WholeReader};

pub use crate::profile::{
    AfterContactWork, AutoAccept, Channel, Identity, Named, Phone, Profile, Settings, VoiceEnhancement,
};
