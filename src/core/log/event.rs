//! What happened, as a line of the log says it, and what is known of each kind of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::by::{By, for_others};
use crate::basics::ids::{Platform, RequestNo};
use crate::basics::problem::Problem;
use crate::basics::roles::{Place, Role};
use crate::basics::text::{list, quoted, second, span};
use crate::plan::{Direction, Plan, PlanDigest, Presence, Step};
use crate::policy::rule_set::RuleChange;
use crate::policy::{Quorum, Requirements};
use crate::words::{Args, EMERGENCY};

/// The command that takes authenticators away: the person who asks for it may have had theirs forgotten.
pub(super) const RECOVER: &str = "desk recover";

/// Characters of a text that a line in words repeats.
const SAID: usize = 1_000;

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

impl Outcome {
    /// Its word in numbers and files, and how people are told.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Outcome::Completed => ("completed", "completed"),
            Outcome::RolledBack => ("rolled_back", "rolled back"),
            Outcome::PartiallyCompleted => ("partially_completed", "partially completed"),
            Outcome::Denied => ("denied", "denied"),
            Outcome::Canceled => ("canceled", "canceled"),
            Outcome::Expired => ("expired", "expired"),
            Outcome::Refused => ("refused", "not possible"),
            Outcome::Abandoned => ("abandoned", "abandoned"),
        }
    }

    /// The same word as in the log.
    pub fn word(self) -> &'static str {
        self.words().0
    }

    /// How a request ended, in a word or two.
    pub fn said(self) -> &'static str {
        self.words().1
    }
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
        /// What it does to whom, as its command says it in a title.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        subject: String,
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
        /// The groups whose approval is missing. That an approver left or lost their role is in no other line.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unmet: Vec<Quorum>,
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
        /// No admin had approved that it may, so the person who held the account was believed.
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
struct EventKind<'a> {
    /// The word for it in the log.
    word: &'static str,
    /// Whether a verdict on the request may be another one for the worse after it: not after a further yes, a refused click, a
    /// call, or a word on where its card is.
    turns: bool,
    /// Whether the request is open after it; `None` when it does not change that.
    opens: Option<bool>,
    author: Author,
    counted: Option<Counted<'a>>,
}

/// What a line adds to the desk's numbers.
#[derive(Clone, Copy, Debug)]
pub enum Counted<'a> {
    /// A command was asked for, and this came of it at first.
    Asked(&'a str, &'static str),
    /// An approval of this plan.
    Approval(&'a PlanDigest),
    Step(&'static str),
    /// An emergency was reviewed, and was justified or not.
    Review(bool),
    End(Outcome),
}

impl<'a> EventKind<'a> {
    fn counted(self, counted: Counted<'a>) -> EventKind<'a> {
        EventKind { counted: Some(counted), ..self }
    }
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
    fn kind(&self) -> EventKind<'_> {
        use Author::{Desk, Evidence, Person};
        const WORSE: bool = true;
        const NO_WORSE: bool = false;
        let kind = |word, turns, opens, author| EventKind { word, turns, opens, author, counted: None };
        match self {
            Event::Opened { .. } => kind("opened", WORSE, None, Desk),
            Event::PolicyChanged(_) => kind("policy_changed", WORSE, None, Desk),
            Event::Answered { command, .. } => {
                kind("answered", WORSE, None, Desk).counted(Counted::Asked(command, "answered"))
            }
            Event::Requested { command, .. } => {
                kind("requested", WORSE, Some(true), Person("request", "Ask again"))
                    .counted(Counted::Asked(command, "accepted"))
            }
            Event::Digested { .. } => kind("digested", WORSE, None, Desk),
            Event::Refused { command, .. } => {
                kind("refused", NO_WORSE, None, Evidence).counted(Counted::Asked(command, "refused"))
            }
            Event::Planned { .. } => kind("planned", WORSE, None, Desk),
            Event::Confirmed { .. } => {
                kind("confirmed", NO_WORSE, None, Person("confirmation", "Confirm again"))
            }
            Event::Approved { digest, .. } => {
                kind("approved", NO_WORSE, None, Person("approval", "Approve again"))
                    .counted(Counted::Approval(digest))
            }
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
            Event::Done { .. } => kind("done", WORSE, None, Person("completion of a step", "Repeat it"))
                .counted(Counted::Step("done")),
            Event::Failed { unknown, .. } => {
                let word = if *unknown { "unknown" } else { "failed" };
                kind("failed", WORSE, None, Desk).counted(Counted::Step(word))
            }
            Event::Undone { .. } => kind("undone", WORSE, None, Desk).counted(Counted::Step("undone")),
            Event::Stuck { .. } => kind("stuck", WORSE, None, Desk).counted(Counted::Step("stuck")),
            Event::Readdressed { .. } => kind("readdressed", WORSE, None, Person("retry", "Retry again")),
            Event::Retried => kind("retried", WORSE, None, Person("retry", "Retry again")),
            Event::Enrolled { .. } => kind("enrolled", WORSE, None, Desk),
            Event::Shown { .. } => kind("shown", NO_WORSE, None, Desk),
            Event::Unsealed => kind("unsealed", WORSE, None, Evidence),
            Event::Revealed { .. } => kind("revealed", WORSE, None, Desk),
            Event::NotRevealed { .. } => kind("not_revealed", WORSE, None, Desk),
            Event::Finished { outcome } => {
                kind("finished", WORSE, Some(false), Desk).counted(Counted::End(*outcome))
            }
            Event::ToReview => kind("to_review", WORSE, Some(true), Desk),
            Event::Reviewed { before_end, justified, .. } => {
                let opens = (!before_end).then_some(false);
                kind("reviewed", WORSE, opens, Person("review", "Review again"))
                    .counted(Counted::Review(*justified))
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

    pub fn counted(&self) -> Option<Counted<'_>> {
        self.kind().counted
    }

    /// What a person's word on a request is called, and how they are asked to repeat it; none for an event that comes with one, and
    /// for what the desk does.
    pub fn to_repeat(&self) -> Option<(&'static str, &'static str)> {
        match self.kind().author {
            Author::Person(what, again) => Some((what, again)),
            Author::Evidence | Author::Desk => None,
        }
    }

    /// Whether a line of it that has a person's name is that person's word on a request.
    pub(super) fn is_word(&self) -> bool {
        self.kind().author != Author::Evidence
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

    /// It in words, of a line with this person and these logins, whose request has these steps. Every text that people or systems may
    /// have written is in quotation marks, so that none is taken for what the log says.
    pub(super) fn said(&self, by: Option<&By>, about: &[String], steps: &[Step]) -> String {
        let quoted = |text: &str| quoted(text, SAID);
        let step_at = |step: &u32| usize::try_from(*step).ok().and_then(|step| steps.get(step));
        let step = |step: &u32| match step_at(step) {
            Some(Step { title, .. }) => format!("{}. {}", step + 1, quoted(title)),
            None => format!("step {}", step + 1),
        };
        match self {
            Event::Opened { version, key, policy } => {
                let [version, policy, key] = [version, policy, key].map(|text| quoted(text));
                format!("started the desk, version {version}, policy {policy}, key {key}")
            }
            Event::PolicyChanged(change) => {
                let started_by = quoted(&change.started_by.to_string());
                let summary = quoted(&change.summary(3));
                format!("policy {} from now on, started by {started_by}: {summary}", change.after)
            }
            Event::Answered { command, .. } => {
                format!("was answered: {}", quoted(format!("/{command} {}", about.join(", ")).trim_end()))
            }
            Event::Requested { command, args, .. } => {
                format!("requested: {}", quoted(format!("/{command} {}", args.typed()).trim_end()))
            }
            Event::Refused { command, problem, .. } => {
                let problem = match by {
                    Some(by) => for_others(problem.clone(), by),
                    None => problem.clone(),
                };
                format!("was refused {}: {}", quoted(&format!("/{command}")), quoted(&problem.message))
            }
            Event::Planned { digest, plan, .. } => format!("planned {digest}: {}", quoted(&plan.what)),
            Event::Confirmed { digest } => format!("confirmed plan {digest}"),
            Event::Approved { digest, comment, .. } if comment.is_empty() => {
                format!("approved plan {digest}")
            }
            Event::Approved { digest, comment, .. } => {
                format!("approved plan {digest}: {}", quoted(comment))
            }
            Event::Denied { digest, reason } if reason.is_empty() => format!("denied plan {digest}"),
            Event::Denied { digest, reason } => format!("denied plan {digest}: {}", quoted(reason)),
            Event::Canceled => "canceled".to_owned(),
            Event::Voided { digest, why } => {
                format!("reset the approvals of plan {digest}: {}", quoted(&why.join("; ")))
            }
            Event::Started { step: i, direction } => match direction {
                Direction::Forward => format!("started {}", step(i)),
                Direction::Back => format!("started to roll back {}", step(i)),
            },
            Event::Done { step: i, facts } => {
                let word = match (by, step_at(i)) {
                    (None, _) => "done",
                    (Some(_), Some(step)) if step.effect.freezes().is_some() => "lifted",
                    (Some(_), _) => "marked as done:",
                };
                format!("{word} {}{}", step(i), reported(facts))
            }
            Event::Failed { step: i, problem, unknown: true, direction } => {
                format!(
                    "outcome unknown of {}{}: {}",
                    step(i),
                    direction.backward(),
                    quoted(&problem.message)
                )
            }
            Event::Failed { step: i, problem, direction, .. } => match direction {
                Direction::Forward => format!("failed {}: {}", step(i), quoted(&problem.message)),
                Direction::Back => {
                    format!("failed to roll back {}: {}", step(i), quoted(&problem.message))
                }
            },
            Event::Undone { step: i, facts } => format!("rolled back {}{}", step(i), reported(facts)),
            Event::Stuck { step: i, problem, direction } => {
                format!(
                    "needs attention at {}{}: {}",
                    step(i),
                    direction.backward(),
                    quoted(&problem.message)
                )
            }
            Event::Readdressed { step: i, to } => {
                format!("sends {} to {} instead", step(i), quoted(to))
            }
            Event::Retried => "retried".to_owned(),
            Event::Shown { platform, channel, message } => {
                let [channel, message] = [channel, message].map(|text| quoted(text));
                format!("card is in channel {channel} of {} as message {message}", platform.word())
            }
            Event::Unsealed => "requested the temporary password".to_owned(),
            Event::Revealed { unsealed } => format!("temporary password of line {unsealed} shown"),
            Event::NotRevealed { unsealed, unknown: false } => {
                format!(
                    "temporary password of line {unsealed} not shown: the chat platform refused the message"
                )
            }
            Event::NotRevealed { unsealed, unknown: true } => {
                format!(
                    "temporary password of line {unsealed} may have been shown: the chat platform did not confirm it"
                )
            }
            Event::ChangesRequested { digest, reason } => {
                format!("requested changes to plan {digest}: {}", quoted(reason))
            }
            Event::CallerVerified { how, note } if note.is_empty() => {
                format!("verified the caller by {}", how.said())
            }
            Event::CallerVerified { how, note } => {
                format!("verified the caller by {}: {}", how.said(), quoted(note))
            }
            Event::Deferred { until, contact, expires } => {
                let deadline =
                    expires.map(|at| format!("; approvals expire {}", second(at))).unwrap_or_default();
                match contact {
                    true => format!("deferred until the contact ends, {} at the latest", second(*until)),
                    false => format!("deferred until {}{deadline}", second(*until)),
                }
            }
            Event::Held { problem, .. } => format!("held: {}", quoted(&problem.message)),
            Event::Resumed => "resumed".to_owned(),
            Event::RollbackRequested => "requested a rollback".to_owned(),
            Event::ClockJumped { seconds } => {
                let way = if *seconds < 0 { "back" } else { "ahead" };
                // A second is lost between the two clocks, so that two hours may be 7,199 seconds.
                let seconds = seconds.saturating_abs();
                let seconds = if seconds < 120 { seconds } else { seconds.saturating_add(30) / 60 * 60 };
                format!("the clock of this machine was set {way} by {}", span(seconds))
            }
            Event::Reminded => "sent a reminder".to_owned(),
            Event::Notified { platform, what } => {
                format!("notified people on {} about {}", platform.word(), quoted(what))
            }
            Event::CodeEmailed { to } => format!("emailed the caller a code at {}", quoted(to)),
            Event::Digested { platform, day } => format!("posted the digest of {day} on {}", platform.word()),
            Event::Enrolled { first_use: false } => "enrolled an authenticator".to_owned(),
            Event::Enrolled { first_use: true } => {
                "enrolled an authenticator, without anyone's approval".to_owned()
            }
            Event::Disregarded { lines, .. } => {
                let lines: Vec<String> = lines.iter().map(|line| format!("line {line}")).collect();
                format!("not valid until repeated: {}", list(&lines, "and"))
            }
            Event::Quarantined { by } => format!("quarantined by {by}"),
            Event::Unreadable { why, .. } => format!("can't be read: {}", quoted(why)),
            Event::ToReview => "needs a review".to_owned(),
            Event::Reviewed { justified, reason, .. } => {
                let word = if *justified { "justified" } else { "not justified" };
                format!("reviewed, {word}: {}", quoted(reason))
            }
            Event::Finished { outcome } => format!("finished: {}", outcome.said()),
        }
    }

    /// Reads an event by its word first: in a line its data come first, in alphabetical order, and nothing says what they are.
    pub(super) fn read(word: &str, data: Option<&RawValue>) -> Result<Event, String> {
        let mut value = format!(r#"{{"event":{}"#, serde_json::Value::from(word));
        if let Some(data) = data {
            value.push_str(r#","data":"#);
            value.push_str(data.get());
        }
        value.push('}');
        serde_json::from_str(&value).map_err(|error| error.to_string())
    }
}

/// What a step reported, after its title.
fn reported(facts: &BTreeMap<String, String>) -> String {
    let facts: Vec<String> = facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
    if facts.is_empty() { String::new() } else { format!(": {}", quoted(&facts.join(", "), SAID)) }
}
