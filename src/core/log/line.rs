//! One line of the log: canonical JSON (RFC 8785) of who, when, about whom and what happened.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::basics::ids::{PersonId, Platform, RequestNo};
use crate::basics::problem::Problem;
use crate::basics::roles::{Person, Place, Role};
use crate::plan::Presence;
use crate::plan::{Direction, Plan, PlanDigest};
use crate::policy::Requirements;
use crate::policy::rule_set::RuleChange;
use crate::words::{Args, EMERGENCY};

/// The command that takes authenticators away: anyone who asks for it may have had theirs forgotten.
const RECOVER: &str = "desk recover";

/// The version of the line format, `v` in every line.
pub const VERSION: u8 = 3;

/// A line as it is in the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    pub v: u8,
    /// Its place in the log, from 0: the leaf index of the Merkle tree.
    pub line: u64,
    /// UTC, to the millisecond.
    pub at: Timestamp,
    /// The request it belongs to; none for lines about the desk itself and for commands that only look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestNo>,
    /// Who did it; none for what the desk does by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// The logins it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    #[serde(flatten)]
    pub event: Event,
}

/// A line before it has a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub at: Timestamp,
    pub by: Option<By>,
    pub about: Vec<String>,
    pub event: Event,
}

/// Who did something: the account, and what it was called at the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    pub id: PersonId,
    pub name: String,
}

impl From<&Person> for By {
    fn from(person: &Person) -> By {
        By { id: person.id.clone(), name: person.name.clone() }
    }
}

impl By {
    /// A person of whom nothing but the account is known: they are gone, or were not asked for.
    pub fn as_person(&self) -> Person {
        Person {
            id: self.id.clone(),
            name: self.name.clone(),
            roles: Default::default(),
            login: None,
            also: Default::default(),
        }
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every step was carried out.
    Completed,
    /// A step failed and what had been done before was rolled back.
    RolledBack,
    /// Some parts were carried out, others failed and were rolled back.
    PartiallyCompleted,
    Denied,
    Canceled,
    Expired,
    /// It could not be planned, or no longer: nothing was changed.
    Refused,
    /// A person closed it after it was stuck.
    Abandoned,
}

/// What happened. Past participles, in the order in which a request meets them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum Event {
    /// The desk started.
    Opened {
        version: String,
        key: String,
        policy: String,
    },
    /// The desk started by other rules than the last time, or by the first that this log has.
    PolicyChanged(Box<RuleChange>),
    /// A command that only looks was answered.
    Answered {
        command: String,
        args: Args,
        place: Place,
        rule: String,
    },
    /// A request was accepted.
    Requested {
        command: String,
        args: Args,
        place: Place,
        roles: Vec<Role>,
        rule: String,
    },
    /// The digest of this day was posted on a platform.
    Digested {
        platform: Platform,
        day: Date,
    },
    /// Someone was refused, or a request could not be planned.
    Refused {
        command: String,
        args: Args,
        place: Option<Place>,
        problem: Problem,
    },
    Planned {
        plan: Box<Plan>,
        digest: PlanDigest,
        needs: Requirements,
        /// What the people it is about were doing then.
        #[serde(default, skip_serializing_if = "Presence::is_empty")]
        live: Presence,
        expires: Timestamp,
        /// A request with the same plan that was open then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        same_as: Option<RequestNo>,
    },
    Confirmed {
        digest: PlanDigest,
    },
    Approved {
        digest: PlanDigest,
        roles: Vec<Role>,
        /// What the approver says about it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        comment: String,
    },
    Denied {
        digest: PlanDigest,
        reason: String,
    },
    Canceled,
    /// An approver wants something else first: back to the requester with a sentence. Approvals are no longer valid.
    ChangesRequested {
        digest: PlanDigest,
        reason: String,
    },
    /// How the caller was verified on whose behalf it is asked; never with the code.
    CallerVerified {
        how: Verification,
        note: String,
    },
    /// A code for the caller is emailed to this address on file, of which only a part is told; never with the code.
    CodeEmailed {
        to: String,
    },
    /// It runs no sooner than this, whatever approvals it has; or, with `contact`, as soon as no one it is about is on a
    /// contact, and not at all after this.
    Deferred {
        until: Timestamp,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        contact: bool,
        /// The deadline of its approvals from then on, set by someone who may: an approver, or the requester of what needs no
        /// approvals.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Timestamp>,
    },
    /// Nothing further begins: someone stopped it, or it may not continue now. Calls that were under way are finished.
    Held {
        problem: Problem,
        /// It is the requester's doing, so waiting for its end keeps no approval valid.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_requester: bool,
        /// What it needs from now on, where the policy changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        needs: Option<Box<Requirements>>,
    },
    /// It continues: a person said so, or what held it is over.
    Resumed,
    /// A person wants what was done to be undone, as far as it can be.
    RollbackRequested,
    /// The approvers were called once more.
    Reminded,
    /// Those who have to look were called on a platform, by a message that this names: which reminder, or the review.
    Notified {
        platform: Platform,
        what: String,
    },
    /// The approvals given so far are no longer valid.
    Voided {
        digest: PlanDigest,
        why: Vec<String>,
    },
    Started {
        step: u32,
        direction: Direction,
    },
    Done {
        step: u32,
        facts: BTreeMap<String, String>,
    },
    /// The step's effect is certain not to have happened, or (`unknown`) no one can tell.
    Failed {
        step: u32,
        direction: Direction,
        unknown: bool,
        problem: Problem,
    },
    Undone {
        step: u32,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        facts: BTreeMap<String, String>,
    },
    /// Neither going on nor going back is safe without a person.
    Stuck {
        step: u32,
        direction: Direction,
        problem: Problem,
    },
    /// An email that was refused goes to this address instead of the one in the plan, by the word of someone who may say so.
    Readdressed {
        step: u32,
        to: String,
    },
    /// A person asked to continue.
    Retried,
    /// The account has an authenticator that works.
    Enrolled {
        /// No admin had approved that it may, so anyone who held the account was believed.
        first_use: bool,
    },
    /// The request's card is in a channel as this message, which later steps edit.
    Shown {
        platform: Platform,
        channel: String,
        message: String,
    },
    /// The temporary password was unsealed, to be shown to the person entitled to it. It rests sealed until that is known.
    Unsealed,
    /// The chat platform took the message with the password that line `unsealed` was written for.
    Revealed {
        unsealed: u64,
    },
    /// The message was not taken, or (`unknown`) no one can tell, so the password may have been seen.
    NotRevealed {
        unsealed: u64,
        unknown: bool,
    },
    Finished {
        outcome: Outcome,
    },
    /// It is an emergency that began, or that ended unreviewed: someone has to say whether it was right.
    ToReview,
    Reviewed {
        justified: bool,
        reason: String,
        /// It had not ended yet, and stays open until it does.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        before_end: bool,
    },
    /// The clock was set: it went so many seconds further than the time that passed, or less far.
    ClockJumped {
        seconds: i64,
    },
    /// The process ended before it could tell anyone that these lines of the request were recorded, or told that it does not know.
    /// They don't count until their authors say them again. `open` is whether the request is open without them.
    Disregarded {
        lines: Vec<u64>,
        open: bool,
    },
    /// The desk can't make sense of this request's lines. They stay in the log, and the request is no longer open. `by` is the request
    /// that was approved for it.
    Quarantined {
        by: RequestNo,
    },
    /// A line that this version can't read: its event, and why. Only reading makes one; it is never written.
    #[serde(skip)]
    Unreadable {
        word: String,
        why: String,
    },
}

/// How it was made sure that a caller is who they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// A code was sent to the address on file and read back.
    EmailCode,
    /// They were called at the number on file.
    CalledBack,
    /// Their manager said so in chat.
    Manager,
}

impl Verification {
    pub const ALL: [Verification; 3] =
        [Verification::EmailCode, Verification::CalledBack, Verification::Manager];

    pub fn word(self) -> &'static str {
        match self {
            Verification::EmailCode => "email_code",
            Verification::CalledBack => "called_back",
            Verification::Manager => "manager",
        }
    }

    /// As a sentence continues after "the caller was verified by".
    pub fn said(self) -> &'static str {
        match self {
            Verification::EmailCode => "a code emailed to the address on file",
            Verification::CalledBack => "a call to the number on file",
            Verification::Manager => "their manager",
        }
    }
}

/// What is known of an event by its kind.
struct EventKind {
    /// The word for it in the log.
    word: &'static str,
    /// Whether a verdict on the request may be another one for the worse after it: not after a further yes, a refused click, a
    /// call, or a word on where its card is.
    turns: bool,
    /// Whether the request is open after it; `None` when it does not change that.
    opens: Option<bool>,
    author: Author,
}

/// Who is behind an event, where a line of it has a person's name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Author {
    /// The person, whose word counts only if they were told that it was recorded: what it is called, and how they repeat it.
    Person(&'static str, &'static str),
    /// The person, who tried something: it stays, whatever they were told.
    Evidence,
    /// The desk, by itself or together with what a person said.
    Desk,
}

impl Event {
    /// What is known of each kind of event. What a match over all of them would ask is a member of [`EventKind`] instead.
    fn kind(&self) -> EventKind {
        use Author::{Desk, Evidence, Person};
        const WORSE: bool = true;
        const NO_WORSE: bool = false;
        let kind = |word, turns, opens, author| EventKind { word, turns, opens, author };
        match self {
            Event::Opened { .. } => kind("opened", WORSE, None, Desk),
            Event::PolicyChanged(_) => kind("policy_changed", WORSE, None, Desk),
            Event::Answered { .. } => kind("answered", WORSE, None, Desk),
            Event::Requested { .. } => kind("requested", WORSE, Some(true), Person("request", "Ask again")),
            Event::Digested { .. } => kind("digested", WORSE, None, Desk),
            Event::Refused { .. } => kind("refused", NO_WORSE, None, Evidence),
            Event::Planned { .. } => kind("planned", WORSE, None, Desk),
            Event::Confirmed { .. } => {
                kind("confirmed", NO_WORSE, None, Person("confirmation", "Confirm again"))
            }
            Event::Approved { .. } => kind("approved", NO_WORSE, None, Person("approval", "Approve again")),
            Event::Denied { .. } => kind("denied", WORSE, None, Person("denial", "Deny again")),
            Event::Canceled => kind("canceled", WORSE, None, Person("cancellation", "Cancel again")),
            Event::ChangesRequested { .. } => {
                kind("changes_requested", WORSE, None, Person("request for changes", "Request them again"))
            }
            Event::CallerVerified { .. } => {
                kind("caller_verified", NO_WORSE, None, Person("caller verification", "Verify again"))
            }
            Event::CodeEmailed { .. } => {
                kind("code_emailed", NO_WORSE, None, Person("caller verification", "Verify again"))
            }
            Event::Deferred { .. } => kind("deferred", WORSE, None, Person("deferral", "Defer again")),
            Event::Held { .. } => kind("held", WORSE, None, Person("stop", "Stop it again")),
            Event::Resumed => kind("resumed", WORSE, None, Person("retry", "Retry again")),
            Event::RollbackRequested => {
                kind("rollback_requested", WORSE, None, Person("rollback", "Roll it back again"))
            }
            Event::Reminded => kind("reminded", NO_WORSE, None, Desk),
            Event::Notified { .. } => kind("notified", NO_WORSE, None, Desk),
            Event::Voided { .. } => kind("voided", WORSE, None, Desk),
            Event::Started { .. } => kind("started", WORSE, None, Desk),
            Event::Done { .. } => kind("done", WORSE, None, Person("completion of a step", "Repeat it")),
            Event::Failed { .. } => kind("failed", WORSE, None, Desk),
            Event::Undone { .. } => kind("undone", WORSE, None, Desk),
            Event::Stuck { .. } => kind("stuck", WORSE, None, Desk),
            Event::Readdressed { .. } => kind("readdressed", WORSE, None, Person("retry", "Retry again")),
            Event::Retried => kind("retried", WORSE, None, Person("retry", "Retry again")),
            Event::Enrolled { .. } => kind("enrolled", WORSE, None, Desk),
            Event::Shown { .. } => kind("shown", NO_WORSE, None, Desk),
            Event::Unsealed => kind("unsealed", WORSE, None, Evidence),
            Event::Revealed { .. } => kind("revealed", WORSE, None, Desk),
            Event::NotRevealed { .. } => kind("not_revealed", WORSE, None, Desk),
            Event::Finished { .. } => kind("finished", WORSE, Some(false), Desk),
            Event::ToReview => kind("to_review", WORSE, Some(true), Desk),
            Event::Reviewed { before_end, .. } => {
                let opens = (!before_end).then_some(false);
                kind("reviewed", WORSE, opens, Person("review", "Review again"))
            }
            Event::ClockJumped { .. } => kind("clock_jumped", WORSE, None, Desk),
            Event::Disregarded { open, .. } => kind("disregarded", WORSE, Some(*open), Desk),
            Event::Quarantined { .. } => kind("quarantined", WORSE, Some(false), Desk),
            Event::Unreadable { .. } => kind("unreadable", WORSE, None, Desk),
        }
    }

    /// The word for the event in the log.
    pub fn word(&self) -> &'static str {
        self.kind().word
    }

    /// See [`EventKind::turns`].
    pub fn turns(&self) -> bool {
        self.kind().turns
    }

    /// Whether the request is open after this line; `None` when the line does not change it.
    ///
    /// The index of open requests is this function over all lines, so verification can rebuild it.
    pub fn opens(&self) -> Option<bool> {
        self.kind().opens
    }

    /// What a person's word on a request is called, and how they are asked to repeat it; none for an event that comes with one, and
    /// for what the desk does.
    pub fn to_repeat(&self) -> Option<(&'static str, &'static str)> {
        match self.kind().author {
            Author::Person(what, again) => Some((what, again)),
            Author::Evidence | Author::Desk => None,
        }
    }

    /// The step of the plan that it is about.
    pub fn step(&self) -> Option<u32> {
        let (Event::Started { step, .. }
        | Event::Done { step, .. }
        | Event::Failed { step, .. }
        | Event::Undone { step, .. }
        | Event::Readdressed { step, .. }
        | Event::Stuck { step, .. }) = self
        else {
            return None;
        };
        Some(*step)
    }

    /// Whether it may make it the turn of those who approve: how long they took is counted from the last such line.
    pub fn asks_approvers(&self) -> bool {
        matches!(
            self,
            Event::Planned { .. }
                | Event::Confirmed { .. }
                | Event::CallerVerified { .. }
                | Event::Held { needs: Some(_), .. }
        )
    }

    /// Whether the line has the rules in full by which the desk goes from then on.
    pub fn tells_rules(&self) -> bool {
        matches!(self, Event::PolicyChanged(_))
    }

    /// Whether the line is one of those that tell which accounts have an authenticator: one was enrolled, or someone asked to
    /// have one forgotten.
    pub fn tells_factors(&self) -> bool {
        let asks = matches!(self, Event::Requested { command, .. } if command == RECOVER);
        asks || matches!(self, Event::Enrolled { .. })
    }

    /// Whether the line is a plan that makes a temporary password, so that the log tells which requests have one.
    pub fn plans_password(&self) -> bool {
        matches!(self, Event::Planned { plan, .. } if plan.makes_password)
    }

    /// Whether the line asks for something as an emergency, so that the log tells how many there were.
    pub fn asks_emergency(&self) -> bool {
        matches!(self, Event::Requested { args, .. } if args.flag(EMERGENCY.name))
    }

    /// Reads an event by its word first: in a line its data come first, in alphabetical order, and nothing says what they are.
    fn read(word: &str, data: Option<&RawValue>) -> Result<Event, String> {
        let mut value = format!(r#"{{"event":{}"#, serde_json::Value::from(word));
        if let Some(data) = data {
            value.push_str(r#","data":"#);
            value.push_str(data.get());
        }
        value.push('}');
        serde_json::from_str(&value).map_err(|error| error.to_string())
    }
}

impl Draft {
    /// The line at this place in the log.
    pub fn at_line(self, line: u64, request: Option<RequestNo>) -> Line {
        let Draft { at, by, about, event } = self;
        Line { v: VERSION, line, at: to_millisecond(at), request, by, about, event }
    }
}

/// Lines carry milliseconds: finer clocks differ between machines and say nothing to people.
fn to_millisecond(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

impl Line {
    /// The bytes that are stored and hashed.
    pub fn encode(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self)
            .expect("a line has string keys and finite numbers, which is all that canonical JSON asks")
    }

    /// Reads a line's bytes; the error names what is wrong, not where.
    pub fn decode(bytes: &[u8]) -> Result<Line, String> {
        let read: Read<'_> = members(bytes)?;
        let Read { v, line, at, request, by, about, event, data } = read;
        if v != VERSION {
            return Err(format!("its line format is version {v}, and this program uses version {VERSION}"));
        }
        let event = Event::read(&event, data)?;
        Ok(Line { v, line, at, request, by, about, event })
    }

    /// Reads as much of a line as this version can: what a newer version wrote becomes [`Event::Unreadable`].
    pub fn read(bytes: &[u8]) -> Result<Line, String> {
        Line::decode(bytes).or_else(|why| {
            let header = Header::decode(bytes)?;
            let at = header.at.parse().map_err(|_| why.clone())?;
            Ok(Line {
                v: header.v,
                line: header.line,
                at,
                request: header.request,
                by: None,
                about: header.about.iter().map(|login| login.clone().into_owned()).collect(),
                event: Event::Unreadable { word: header.event.into_owned(), why },
            })
        })
    }

    /// Whether it is a person's word on a request: it counts only if that person was told that it was recorded. That a password may
    /// have been seen is no such word, and stays.
    pub fn is_decision(&self) -> bool {
        self.by.is_some() && self.request.is_some() && self.event.kind().author != Author::Evidence
    }
}

/// Reads members by their names: serde would take a list of them in their order as well.
fn members<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    if bytes.first() != Some(&b'{') {
        return Err("it is no JSON object".to_owned());
    }
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

/// A line as it is read, with what happened still to be read.
#[derive(Deserialize)]
struct Read<'a> {
    v: u8,
    line: u64,
    at: Timestamp,
    #[serde(default)]
    request: Option<RequestNo>,
    #[serde(default)]
    by: Option<By>,
    #[serde(default)]
    about: Vec<String>,
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
}

/// The parts of a line that indexes are made of, read without the rest: verification reads a million of these.
#[derive(Debug, Deserialize)]
pub struct Header<'a> {
    pub v: u8,
    pub line: u64,
    #[serde(borrow)]
    pub at: Cow<'a, str>,
    #[serde(default)]
    pub request: Option<RequestNo>,
    #[serde(default, borrow)]
    pub by: Option<HeaderBy<'a>>,
    #[serde(default)]
    pub about: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    pub event: Cow<'a, str>,
    #[serde(default, borrow)]
    pub data: Option<&'a RawValue>,
}

/// The account in a [`Header`].
#[derive(Debug, Deserialize)]
pub struct HeaderBy<'a> {
    #[serde(borrow)]
    pub id: Cow<'a, str>,
}

impl<'a> Header<'a> {
    pub fn decode(bytes: &'a [u8]) -> Result<Header<'a>, String> {
        members(bytes)
    }

    /// [`Event::tells_rules`] by the event's word.
    pub fn tells_rules(&self) -> bool {
        self.event == "policy_changed"
    }

    /// [`Event::tells_factors`] by the event's word.
    pub fn tells_factors(&self) -> bool {
        #[derive(Deserialize)]
        struct Asked<'a> {
            #[serde(borrow)]
            command: Cow<'a, str>,
        }
        match &*self.event {
            "enrolled" => true,
            "requested" => self.data::<Asked<'_>>().is_some_and(|asked| asked.command == RECOVER),
            _ => false,
        }
    }

    /// [`Event::plans_password`] by the event's word.
    pub fn plans_password(&self) -> bool {
        #[derive(Deserialize)]
        struct Planned {
            plan: Makes,
        }
        #[derive(Deserialize)]
        struct Makes {
            #[serde(default)]
            makes_password: bool,
        }
        self.event == "planned" && self.data::<Planned>().is_some_and(|data| data.plan.makes_password)
    }

    /// [`Event::asks_emergency`] by the event's word.
    pub fn asks_emergency(&self) -> bool {
        #[derive(Deserialize)]
        struct Asked {
            args: Args,
        }
        let may =
            self.event == "requested" && self.data.is_some_and(|data| data.get().contains(EMERGENCY.name));
        may && self.data::<Asked>().is_some_and(|asked| asked.args.flag(EMERGENCY.name))
    }

    /// [`Event::opens`] by the event's word, and for a review by whether the request had ended.
    pub fn opens(&self) -> Option<bool> {
        #[derive(Deserialize)]
        struct Disregarded {
            open: bool,
        }
        match &*self.event {
            "requested" | "to_review" => Some(true),
            "finished" | "quarantined" => Some(false),
            "reviewed" => (!self.is_before_end()).then_some(false),
            "disregarded" => self.data::<Disregarded>().map(|data| data.open),
            _ => None,
        }
    }

    fn is_before_end(&self) -> bool {
        #[derive(Deserialize)]
        struct Review {
            #[serde(default)]
            before_end: bool,
        }
        self.data::<Review>().is_some_and(|review| review.before_end)
    }

    /// A part of what the event says.
    fn data<T: Deserialize<'a>>(&self) -> Option<T> {
        serde_json::from_str(self.data?.get()).ok()
    }
}
