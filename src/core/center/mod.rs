//! The contact center in the words of Amazon Connect, and the reading half of its port.
//!
//! Commands get this trait and nothing else of the outside: they can look, and have no way to act.

mod hierarchy;
pub mod hours;
mod model;
mod named;
pub mod names;
pub mod orphans;
mod routing;
pub mod security;
mod whole;

pub use hierarchy::{Hierarchy, HierarchyGroup, HierarchyReader, LEVELS_MAX, Membership};
pub use hours::{
    EffectiveDay, Frequency, HoursOfOperation, HoursOverride, HoursReader, OverrideKind, OverrideSlot,
    PlacedOverride, Recurrence, Span, date_words,
};
pub use model::{
    ActiveUser, AfterContactWork, AgentStatus, Among, AutoAccept, ContactCenter, ContactState, Filter, Found,
    HeldContact, Identity, IdentityType, Instance, Phone, Proficiency, Profile, QueueNumbers, QuickConnect,
    Settings, Snapshot, StatusKind, User, UserName, UserPresence, UsersPage, VoiceEnhancement,
};
pub use named::{Channel, Named};
pub use routing::{
    FlowInfo, LeadsTo, OutboundCaller, PAIRS_AT_ONCE, PAIRS_MAX, QUICK_CONNECTS_AT_ONCE,
    QUICK_CONNECTS_OF_QUEUE, QueueInfo, QuickConnectInfo, RoutedQueue, Routing, RoutingProfileInfo, Slots,
};
pub use security::{Restrictions, SecurityProfileSummary, SecurityReader};
pub use whole::{UserSummary, WholeReader};
