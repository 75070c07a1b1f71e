//! The desk and what goes in and out of it: types without a rule of their own.

use std::sync::Arc;

use super::saga::SagaContext;
use super::watch::Watch;
use crate::basics::current::Current;
use crate::basics::ids::RequestNo;
use crate::basics::roles::{Person, Place};
use crate::card::Card;
use crate::center::ContactCenter;
use crate::command::Entry;
use crate::email::EmailTemplates;
use crate::policy::Policy;
use crate::policy::site::Site;
use crate::ports::health::Health;
use crate::ports::{CallerCodes, Factors, Inbox, People, RateLimits, SalesforceOrg, Vault};
use crate::request::Request;
use crate::view;
use crate::words::Arg;

/// The desk: the commands and rules it goes by, and the ports it works through.
pub struct Desk {
    pub commands: Vec<Entry>,
    pub policy: Current<Policy>,
    pub center: Arc<dyn ContactCenter>,
    /// Where the site has it.
    pub salesforce: Option<Arc<dyn SalesforceOrg>>,
    pub people: Arc<dyn People>,
    /// Those that the configuration names.
    pub roster: Current<Vec<Person>>,
    pub vault: Arc<dyn Vault>,
    pub factors: Arc<dyn Factors>,
    pub turns: Arc<dyn RateLimits>,
    pub caller_codes: Arc<dyn CallerCodes>,
    pub inbox: Arc<dyn Inbox>,
    pub emails: Arc<dyn EmailTemplates>,
    pub site: Current<Site>,
    pub health: Arc<Health>,
    pub saga: SagaContext,
    /// Begins empty.
    pub watch: Watch,
}

/// Something said to the desk.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub by: Person,
    pub place: Place,
    pub said: Invocation,
}

/// How it was said.
#[derive(Clone, Debug)]
pub enum Invocation {
    /// A line as typed.
    Typed(String),
    /// A command chosen from a menu, or a button, with its options by name.
    Chosen { path: String, options: Vec<(String, String)> },
}

/// What the desk says back immediately. When it names a request, the caller continues with [`Desk::advance`]; when it has a receipt,
/// with [`Desk::delivered`].
#[derive(Clone, Debug)]
pub struct Reply {
    pub card: Card,
    pub request: Option<RequestNo>,
    pub receipt: Option<Receipt>,
}

/// The arguments that a form could ask for, and whether nothing continues without them.
#[derive(Clone, Debug)]
pub struct FormFields {
    pub args: Vec<&'static Arg>,
    pub required: bool,
}

impl Reply {
    pub(super) fn only(card: Card) -> Reply {
        Reply { card, request: None, receipt: None }
    }

    pub(super) fn of(request: &Request, now: jiff::Timestamp) -> Reply {
        Reply { card: view::request_card(request, now), request: Some(request.no), receipt: None }
    }
}

/// Under what a platform reports to [`Desk::delivered`] what became of an answer that is shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub(super) no: RequestNo,
    /// The line that says that it was unsealed.
    pub(super) unsealed: u64,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The platform took it.
    Delivered,
    /// It is certain that no one saw it.
    NotDelivered,
    Unknown,
}
