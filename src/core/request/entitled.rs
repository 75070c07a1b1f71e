//! What a verb is to a request: from whom the request takes it as it is now, what has to come with it, what it writes, and why it
//! may be refused. The verbs themselves are rows of one table, in [`super::verb`]; buttons, completion, forms, the commands and
//! the judging of decisions all read the row.

use jiff::Timestamp;

use super::fold::{Planned, Request};
use crate::basics::problem::{Owner, Problem};
use crate::basics::roles::Person;
use crate::basics::secret::Secret;
use crate::basics::span::{self, clock};
use crate::card::Style;
use crate::log::Event;
use crate::request::approval::{self, Moment, Outstanding};
use crate::request::freeze::FROZEN;
use crate::words::{Arg, Kind, Spec};

/// What someone is to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The requester, at whichever of their accounts.
    Requester,
    /// Anyone who may approve its plan.
    Approver,
    /// A supervisor or an admin who has nothing to do with it.
    Leader,
}

pub const EVERYONE: &[Part] = &[Part::Requester, Part::Approver, Part::Leader];
pub const OTHERS: &[Part] = &[Part::Approver, Part::Leader];
pub const NO_ONE: &[Part] = &[];

/// What someone adds to a verb; one member for each [`DecisionArg`] but the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionArgs {
    /// A sentence: a reason or a comment.
    pub reason: Option<String>,
    /// The first characters of the digest that was seen; a decision on another plan is refused.
    pub plan: Option<String>,
    /// The login that was typed once more, where a rule wants it.
    pub login: Option<String>,
    /// A code of the authenticator, or one that was emailed to the caller.
    pub code: Option<Secret>,
    /// One word of the verb's own, such as how a caller was verified.
    pub how: Option<String>,
    /// The moment that the request is put off for.
    pub when: Option<String>,
    /// Where a refused email goes instead.
    pub email: Option<String>,
}

/// What an argument of a verb is to the decision. Its kind says it, whatever the verb calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionArg {
    Request,
    Sentence,
    Plan,
    Login,
    Code,
    Choice,
    Moment,
    Email,
}

impl DecisionArg {
    /// `None` for a kind that decisions don't take. No verb has one of those, nor two of the same.
    pub fn of(arg: &Arg) -> Option<DecisionArg> {
        match arg.kind {
            Kind::Request => Some(DecisionArg::Request),
            Kind::Sentence(_) => Some(DecisionArg::Sentence),
            Kind::Plan => Some(DecisionArg::Plan),
            Kind::Login => Some(DecisionArg::Login),
            Kind::Code => Some(DecisionArg::Code),
            Kind::Choice(_) => Some(DecisionArg::Choice),
            Kind::Text(_) => Some(DecisionArg::Moment),
            Kind::Email(_) => Some(DecisionArg::Email),
            Kind::Word(_)
            | Kind::Name(_)
            | Kind::Exact(_)
            | Kind::Moment(_)
            | Kind::Logins
            | Kind::LoginOrAll
            | Kind::LoginOrRequest
            | Kind::Account
            | Kind::Phone(_)
            | Kind::Flag
            | Kind::Integer(..)
            | Kind::Seconds(..)
            | Kind::Command
            | Kind::File
            | Kind::RoutingProfile
            | Kind::SecurityProfile
            | Kind::HierarchyGroup => None,
        }
    }

    /// Whether a form can ask for it. What is chosen has a button instead, and the card has the request and its plan.
    fn is_asked_for(self) -> bool {
        match self {
            DecisionArg::Sentence
            | DecisionArg::Login
            | DecisionArg::Code
            | DecisionArg::Moment
            | DecisionArg::Email => true,
            DecisionArg::Request | DecisionArg::Plan | DecisionArg::Choice => false,
        }
    }
}

/// One verb: everything that is known of it.
pub struct Row {
    /// The words of its command, such as `desk approve`.
    pub path: &'static str,
    pub spec: Spec,
    /// From whom the request takes it as it is now; from no one, and it is not offered.
    pub takes: fn(&Situation<'_>) -> &'static [Part],
    /// Why it is refused, where there is more to say than how the request is and who may; none where this person may.
    pub refusal: fn(&DecisionContext<'_>, Entitlement) -> Option<Refusal>,
    /// What is checked once this person may, in this order.
    pub checks: &'static [Check],
    /// The lines that it adds to the log.
    pub events: fn(&DecisionContext<'_>, &DecisionArgs) -> Result<Vec<Event>, Refusal>,
    /// The request waits for anyone who may use it. What can wait itself, such as denying and canceling, is no one's turn.
    pub takes_further: bool,
    pub place: ButtonPlace,
    /// Its buttons on the card, while the request takes it.
    pub buttons: fn(&Situation<'_>) -> Vec<ButtonText>,
}

impl Row {
    /// The last word of its command.
    pub fn word(&self) -> &'static str {
        self.path.rsplit(' ').next().unwrap_or(self.path)
    }

    /// Whether someone may use it on a request as it is.
    pub fn is_taken(&self, now: &Situation<'_>) -> bool {
        !(self.takes)(now).is_empty()
    }

    /// The arguments that a form can ask for.
    pub fn asked_for(&self) -> impl Iterator<Item = &'static Arg> {
        let is_asked_for = |arg: &&Arg| DecisionArg::of(arg).is_some_and(DecisionArg::is_asked_for);
        self.spec.args.iter().filter(is_asked_for)
    }
}

/// Where on a card the buttons of a verb are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ButtonPlace {
    /// Among the first.
    Decision,
    /// Beside the password, also while it is not known yet whether it was seen.
    Password,
    /// After everything that takes the request further.
    End,
    /// With the review of an emergency.
    Review,
}

pub struct ButtonText {
    pub label: &'static str,
    pub style: Style,
    /// What it adds to the verb, such as `rollback`; empty for the verb alone, for which a form may open.
    pub how: &'static str,
    /// It is in the menu "More".
    pub more: bool,
}

pub fn button(label: &'static str, style: Style) -> Vec<ButtonText> {
    vec![ButtonText { label, style, how: "", more: false }]
}

/// What is checked of a decision once this person may decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It names no other plan than the present one.
    SamePlan,
    /// The login is typed once more, where the rule wants it.
    Retyped,
    /// A code of an authenticator comes along, where the rule wants it. It is used up when the decision counts.
    SecondFactor,
    /// A sentence comes along.
    Sentence,
    /// No freeze covers the request, and where it is the requester's, they may still ask for it.
    StillAllowed,
    /// A code can be emailed to the caller, where one is to be.
    CallerAddress,
    /// A refused email may go to the address that comes along.
    OtherAddress,
}

/// Why a decision counts for nothing.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// No one may, as the request is now: it is too early or too late.
    NotNow,
    /// This person has said it already.
    Repeated(Problem),
    /// It lacks something with which it can be said again, for which a form asks.
    Needs(DecisionArg, Problem),
    /// It can't be done, and there is no harm in having tried.
    Impossible(Problem),
    /// This person tried what they may not, which belongs in the log.
    Forbidden(Problem),
    /// It can't be judged at present.
    Unavailable(Problem),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        match problem.owner {
            Owner::Requester => Refusal::Forbidden(problem),
            _ => Refusal::Unavailable(problem),
        }
    }
}

/// A request as it is now, as far as it decides who may do what.
pub struct Situation<'a> {
    pub request: &'a Request,
    pub at: Moment,
    /// What is missing, as long as approvals are taken.
    pub missing: Vec<Outstanding>,
}

impl<'a> Situation<'a> {
    pub fn of(request: &'a Request, at: Moment) -> Situation<'a> {
        let missing = match &request.planned {
            Some(planned) if request.takes_approvals() => {
                approval::missing_by_lines(request, planned, at.now)
            }
            _ => Vec::new(),
        };
        Situation { request, at, missing }
    }

    pub fn planned(&self) -> Option<&'a Planned> {
        self.request.planned.as_ref()
    }

    /// Whether the requester has yet to confirm it: before that it is no one else's turn.
    pub fn needs_confirmation(&self) -> bool {
        self.missing.contains(&Outstanding::Confirmation)
    }

    /// Whether the requester has confirmed it and approvals are missing. They can be refused also before it is the turn of those who
    /// approve, such as while the caller is not verified.
    pub fn can_be_denied(&self) -> bool {
        !self.needs_confirmation()
            && self.missing.iter().any(|missing| matches!(missing, Outstanding::Approvals(_)))
    }

    /// Whether its plan needs the approval of others at all.
    pub fn needs_approvals(&self) -> bool {
        self.planned().is_some_and(|planned| planned.needs.approvals_needed() > 0)
    }

    /// Whether the approvals are no longer valid, so that the requester alone sets nothing going again.
    pub fn is_late(&self) -> bool {
        self.planned().is_some_and(|planned| {
            planned.needs.approvals_needed() > 0 && self.at.is_over(approval::expires(self.request, planned))
        })
    }

    /// Whether it is held back by others: someone else stopped it, or it may not continue as it is. A freeze ends without a word on it.
    pub fn is_held_by_others(&self) -> bool {
        let hold = self.request.held.as_ref();
        hold.is_some_and(|hold| !hold.by_requester && hold.problem.code != FROZEN)
    }

    /// Who may leave it as it is although something of it was done: others, and the requester where it needed no others.
    pub fn closers(&self) -> &'static [Part] {
        if self.needs_approvals() { OTHERS } else { EVERYONE }
    }
}

/// Someone about to use a verb on a request.
pub struct DecisionContext<'a> {
    pub row: &'static Row,
    pub situation: Situation<'a>,
    /// The requester, with their roles of now.
    pub requester: &'a Person,
    pub by: &'a Person,
    /// What comes with the verb, once someone uses it.
    pub args: Option<&'a DecisionArgs>,
    /// The caller's address, masked, where a code is to be emailed to it.
    pub emailed_to: Option<String>,
}

/// Whether someone may use a verb.
#[derive(Clone, Copy, Debug)]
pub enum Entitlement {
    Yes,
    /// Only these may, and this person is none of them.
    Others(&'static [Part]),
    NoOne,
}

impl<'a> DecisionContext<'a> {
    pub fn request(&self) -> &'a Request {
        self.situation.request
    }

    pub fn planned(&self) -> Option<&'a Planned> {
        self.situation.planned()
    }

    pub fn now(&self) -> Timestamp {
        self.situation.at.now
    }

    pub fn is_requester(&self) -> bool {
        is_requester(self.request(), self.requester, self.by)
    }

    /// Whether the plan is about this person.
    pub fn is_about_them(&self) -> bool {
        self.planned().is_some_and(|planned| planned.plan.concerns(self.by))
    }

    /// Whether this person may approve the plan.
    pub fn approver(&self) -> Result<(), Problem> {
        let Some(planned) = self.planned() else { return Ok(()) };
        approval::may_approve(planned, &self.request().by, self.requester, self.by, self.now())
    }

    fn is(&self, part: Part) -> bool {
        match (part, self.planned()) {
            (Part::Requester, _) => self.is_requester(),
            (_, None) => false,
            (Part::Approver, Some(_)) => self.approver().is_ok(),
            (Part::Leader, Some(planned)) => {
                approval::may_lead(planned, &self.request().by, self.requester, self.by)
            }
        }
    }

    /// Whether this person may use the verb on the request as it is now, or why not.
    pub fn may(&self) -> Result<(), Refusal> {
        let parts = (self.row.takes)(&self.situation);
        let entitlement = match parts {
            [] => Entitlement::NoOne,
            parts if parts.iter().any(|part| self.is(*part)) => Entitlement::Yes,
            parts => Entitlement::Others(parts),
        };
        match ((self.row.refusal)(self, entitlement), entitlement) {
            (Some(refusal), _) => Err(refusal),
            (None, Entitlement::Yes) => Ok(()),
            (None, Entitlement::NoOne) => Err(Refusal::NotNow),
            (None, Entitlement::Others(_)) => Err(self.not_an_approver()),
        }
    }

    /// What anyone who may not is told where the verb has nothing of its own to say.
    pub fn not_an_approver(&self) -> Refusal {
        let message = format!("You can't {} {}.", self.row.word(), self.request().no);
        let problem = Problem::requester("not_entitled", message).hint(self.ask_a_leader());
        Refusal::Forbidden(self.approver().err().unwrap_or(problem))
    }

    /// This person has said it already, then.
    pub fn repeated(&self, word: &str, at: Timestamp) -> Refusal {
        let message = format!("You {word} {} at {}.", self.request().no, clock(at, self.now()));
        Refusal::Repeated(Problem::requester(&format!("{word}_already"), message))
    }

    /// Whom to ask in their place: someone else, where they are one themselves.
    pub fn ask_a_leader(&self) -> &'static str {
        match self.by.leads() {
            true => "Ask another supervisor or an admin.",
            false => "Ask a supervisor or an admin.",
        }
    }

    pub fn not_the_requester(&self, what: &str) -> Problem {
        let request = self.request();
        let requester = span::person(&request.by.id, &request.by.name);
        let message = format!("Only the requester, {requester}, can {what} {}.", request.no);
        Problem::requester("not_the_requester", message)
    }
}

/// Whether this is the requester, at whichever of their accounts.
pub fn is_requester(request: &Request, requester: &Person, by: &Person) -> bool {
    by.id == request.by.id || approval::same_person(by, requester)
}
