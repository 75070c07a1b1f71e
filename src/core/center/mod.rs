//! The contact center in the words of Amazon Connect, and the reading half of its port.
//!
//! Commands get this trait and nothing else of the outside: they can look, and have no way to act.

mod model;
pub mod names;
pub mod orphans;

pub use model::{
    AfterContactWork, AutoAccept, Channel, ContactCenter, Filter, Found, Identity, IdentityType, Instance,
    Named, Phone, Proficiency, Profile, QuickConnect, Settings, Snapshot, User, UserName, UserPresence,
    UsersPage, VoiceEnhancement,
};
