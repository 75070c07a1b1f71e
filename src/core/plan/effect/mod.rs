//! Every effect, by the outside system that it is brought about in.
//!
//! To add one, write its struct with [`EffectKind`], and its name in the list of `list.rs`; the adapter of its system doesn't compile
//! until it can bring it about.

mod desk;
mod directory;
mod enums;
mod hierarchy;
mod hours;
mod kind;
mod list;
mod mail;
mod queues;
mod quick_connects;
mod routing_profiles;
mod salesforce;
mod statuses;
mod tasks;
mod temporary;
mod users;

pub use desk::{DoneByHand, ExportGiven, FactorAbsent, Frozen, RequestQuarantined};
pub use directory::DirectoryPassword;
pub use hierarchy::{GroupAbsent, GroupNamed, GroupPresent, HierarchyLevels, path as group_path};
pub use hours::{OverrideAbsent, OverrideEnds, OverridePresent};
pub use kind::{
    Detail, EffectKind, EffectNeeds, LeastApproval, Nature, PasswordKnown, PlanContext, UserOutcome, Whom,
};
pub use list::{ConnectEffect, DeskEffect, DirectoryEffect, Effect, Listed, MailEffect, SalesforceEffect};
pub use mail::EmailSent;
pub use queues::{NewQueueAbsent, QueueField, QueueHas, QueuePresent};
pub use quick_connects::{
    Destination, NewQuickConnectAbsent, QueueOffers, QueueOffersAll, QueueOffersNone, QueueOffersNot,
    QuickConnectAbsent, QuickConnectField, QuickConnectHas, QuickConnectPresent,
};
pub use routing_profiles::{
    ChannelSlots, NewRoutingProfileAbsent, Pair, ProfileServes, ProfileServesNot, RoutingProfileField,
    RoutingProfileHas, RoutingProfilePresent,
};
pub use salesforce::{CallCenterIs, PermissionSetAbsent, PermissionSetPresent, SalesforceFrozen};
pub use statuses::{ContactDismissed, NOTE, StatusField, StatusHas, StatusPresent, StatusRef, UserInStatus};
pub use tasks::TaskSent;
pub use temporary::{RoutingProfilePutBack, StatusPutBack, TimePassed};
pub use users::{NewUserAbsent, Password, ProficienciesAre, UserAbsent, UserHas, UserPresent, UsersRead};
