//! Every effect, by what it is about, in one list, and what follows from how one comes to be.
//!
//! To add one, write its struct with [`EffectKind`], and its name in the list; the adapter of its system doesn't compile until it can
//! bring it about, nor `/connect undo` until it can revert it.

mod desk;
mod directory;
mod enums;
pub mod facts;
mod hierarchy;
mod hours;
mod kind;
mod mail;
mod queues;
mod quick_connects;
mod routing_profiles;
mod salesforce;
mod statuses;
mod tasks;
mod temporary;
mod users;

pub use desk::*;
pub use directory::*;
pub use hierarchy::*;
pub use hours::*;
pub use kind::{
    About, Detail, EffectKind, EffectNeeds, LeastApproval, Nature, PasswordKnown, PlanContext, UserOutcome,
    Whom,
};
pub use mail::*;
pub use queues::*;
pub use quick_connects::*;
pub use routing_profiles::*;
pub use salesforce::*;
pub use statuses::*;
pub use tasks::*;
pub use temporary::*;
pub use users::*;

use self::enums::effects;
use crate::center::Named;
use crate::email::Email;
use crate::plan::{Scope, Until};
use crate::words::Risk;

/// An effect that is in the list.
pub trait Listed: Sized + Into<Effect> {
    /// The effect, if it is of this kind.
    fn find(effect: &Effect) -> Option<&Self>;
}

/// What takes an effect of this kind; one that takes every kind of a group is handed any of its effects.
pub trait Visitor<E, Out> {
    fn visit(self, effect: &E) -> Out;
}

// Each group has one system that brings its effects about, and one place that reverts them: `/connect undo` matches each kind.
effects! {
    /// Users of Amazon Connect.
    User(UserEffect) {
        UserAbsent,
        UserPresent,
        NewUserAbsent,
        UserHas,
        ProficienciesAre,
    }
    /// Its quick connects, queues and routing profiles.
    Routing(RoutingEffect) {
        QuickConnectAbsent,
        QuickConnectPresent,
        NewQuickConnectAbsent,
        QuickConnectHas,
        QueueOffersAll,
        QueueOffersNone,
        QueuePresent,
        NewQueueAbsent,
        QueueHas,
        RoutingProfilePresent,
        NewRoutingProfileAbsent,
        RoutingProfileHas,
        ProfileServes,
        ProfileServesNot,
    }
    /// Its agent statuses, and the statuses that agents are in.
    Status(StatusEffect) {
        StatusPresent,
        StatusHas,
        UserInStatus,
    }
    /// Its agent hierarchy and hours of operation.
    Center(CenterEffect) {
        HierarchyLevels,
        GroupPresent,
        GroupAbsent,
        GroupNamed,
        OverridePresent,
        OverrideAbsent,
        OverrideEnds,
    }
    /// What is final in it: nothing reverts it.
    Final(FinalEffect) {
        UsersRead,
        TaskSent,
        ContactDismissed,
        RoutingProfilePutBack,
        StatusPutBack,
    }
    /// Email.
    Mail(MailEffect) {
        EmailSent,
    }
    /// The directory that keeps the passwords of users.
    Directory(DirectoryEffect) {
        DirectoryPassword,
    }
    /// Salesforce, where agents have a softphone.
    Salesforce(SalesforceEffect) {
        PermissionSetPresent,
        PermissionSetAbsent,
        CallCenterIs,
        SalesforceFrozen,
    }
    /// The desk itself, and what people do outside of it.
    Desk(DeskEffect) {
        FactorAbsent,
        RequestQuarantined,
        ExportGiven,
        Frozen,
        DoneByHand,
        TimePassed,
    }
}

impl Effect {
    /// The effect, if it is of this kind.
    pub fn get<T: Listed>(&self) -> Option<&T> {
        T::find(self)
    }

    pub fn is<T: Listed>(&self) -> bool {
        self.get::<T>().is_some()
    }

    /// How it comes to be.
    pub fn nature(&self) -> Nature<'_> {
        self.about().nature
    }

    /// Whom it is about.
    pub fn whom(&self) -> Whom<'_> {
        self.about().whom
    }

    /// What becomes of a user of the contact center.
    pub fn user_outcome(&self) -> UserOutcome<'_> {
        self.about().user
    }

    /// How much it can do, no matter to whom.
    pub fn risk(&self) -> Risk {
        self.about().risk
    }
}

/// What an effect restores for a user when a time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored<'e> {
    pub user_id: &'e str,
    /// Such as "routing profile".
    pub what: &'static str,
    /// The id and the name of what is set until then.
    pub temporary: (&'e str, &'e str),
    /// The name of what is restored.
    pub back: &'e str,
}

impl Effect {
    pub fn restored(&self) -> Option<Restored<'_>> {
        let profile = self.get::<RoutingProfilePutBack>().map(|it| Restored {
            user_id: &it.user_id,
            what: "routing profile",
            temporary: (&it.temporary.id, &it.temporary.name),
            back: it.profile().map_or("", |profile| &profile.name),
        });
        let status = self.get::<StatusPutBack>().map(|it| Restored {
            user_id: &it.user_id,
            what: "agent status",
            temporary: (&it.temporary.id, &it.temporary.name),
            back: &it.back.name,
        });
        profile.or(status)
    }
}

/// What follows from how an effect comes to be.
impl Effect {
    /// Whether it is there when a person says so, and no call brings it about.
    pub fn waits_for_a_person(&self) -> bool {
        match self.nature() {
            Nature::Manual { .. } | Nature::Freezes(_) => true,
            Nature::Changes | Nature::Reads(_) | Nature::Sends(_) | Nature::Waits(_) => false,
        }
    }

    /// Whether the desk brings it about by a call: it is neither a person's nor the clock's.
    pub fn is_called(&self) -> bool {
        !self.waits_for_a_person() && self.waits().is_none()
    }

    /// Until when it waits.
    pub fn waits(&self) -> Option<Until> {
        if let Nature::Waits(until) = self.nature() { Some(until) } else { None }
    }

    /// Whether it changes nothing outside of the desk: it needs no approval, and there is nothing to roll back.
    pub fn only_reads(&self) -> bool {
        matches!(self.nature(), Nature::Reads(_))
    }

    /// The users whose data it hands out.
    pub fn read(&self) -> &[Named] {
        if let Nature::Reads(users) = self.nature() { users } else { &[] }
    }

    /// The email that it sends.
    pub fn email(&self) -> Option<&Email> {
        if let Nature::Sends(email) = self.nature() { Some(email) } else { None }
    }

    /// What it freezes.
    pub fn freezes(&self) -> Option<&Scope> {
        if let Nature::Freezes(scope) = self.nature() { Some(scope) } else { None }
    }

    /// The login of the one user it is about, if it is about one.
    pub fn login(&self) -> Option<&str> {
        if let Whom::User(login) = self.whom() { Some(login) } else { None }
    }
}
