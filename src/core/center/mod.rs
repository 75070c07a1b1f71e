//! The contact center in the words of Amazon Connect, and the reading half of its port.
//!
//! Commands get this trait and nothing else of the outside: they can look, and have no way to act.

mod model;
pub mod names;

pub use model::{
    ActiveUser, AfterContactWork, AgentStatus, Among, AutoAccept, Channel, ContactCenter, ContactState,
    Filter, Found, HeldContact, Identity, IdentityType, Instance, Named, Phone, Proficiency, Profile,
    QueueNumbers, QuickConnect, Settings, Snapshot, StatusKind, User, UserName, UserPresence, UsersPage,
    VoiceEnhancement,
};
