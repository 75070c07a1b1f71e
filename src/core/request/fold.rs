//! A request as the fold of its lines. A line that may not follow the ones before it is an error, not a surprise.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::basics::ids::{ChannelId, Platform, RequestNo};
use crate::basics::problem::Problem;
use crate::basics::roles::{Person, Place, Role};
use crate::email::{self, Email};
use crate::log::{By, Event, Line, Outcome, Verification};
use crate::plan::Attempt;
use crate::plan::Direction;
use crate::plan::Presence;
use crate::plan::Scope;
use crate::plan::effect::{EmailSent, NOTE};
use crate::plan::{Effect, Plan, PlanDigest, Step};
use crate::policy::{Quorum, Requirements};
use crate::words::Args;

/// Where a request is.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Accepted, not planned yet.
    Asked,
    /// Planned; needs its approvals.
    Waiting,
    /// Being carried out, forward or back.
    Running,
    /// A person has to do this step and say so.
    ByHand {
        step: usize,
    },
    /// A person has to look.
    Stuck {
        step: usize,
        direction: Direction,
        problem: Problem,
    },
    Finished {
        outcome: Outcome,
        at: Timestamp,
        by: Option<By>,
    },
}

/// Where one step of the plan is.
#[derive(Clone, Debug, PartialEq)]
pub enum StepState {
    Todo,
    /// A line says it was begun; whether it took effect is unknown until it is settled.
    Started(Direction),
    Done,
    /// `unknown`: it may have happened. A failed undo leaves the step done.
    Failed {
        direction: Direction,
        unknown: bool,
    },
    Undone,
}

/// What comes next in one part of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartMove {
    Step(usize, Direction),
    /// A person has to look at this step.
    Stuck(usize, Direction),
    /// Every step of it is done, or else everything that was done is rolled back.
    Ended {
        done: bool,
    },
}

/// A plan and what it needs, as logged.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    pub plan: Plan,
    pub digest: PlanDigest,
    pub needs: Requirements,
    /// What the people it is about were doing when it was made.
    pub live: Presence,
    pub at: Timestamp,
    /// Since when it is the turn of those who approve: since it was planned, and everything that comes first was there
    /// ([`Request::comes_first`]). Reminders and the next group count from then.
    pub turn_since: Option<Timestamp>,
    pub expires: Timestamp,
    /// A request with the same plan that was open when it was made.
    pub same_as: Option<RequestNo>,
}

impl Planned {
    /// The groups whose approvals it needs, with those who may answer as well when no one did for a while.
    pub fn groups(&self, now: Timestamp) -> Vec<Quorum> {
        self.needs.groups(self.turn_since.unwrap_or(Timestamp::MAX), now)
    }

    /// What each approver types again, where the rule wants it. A plan that names no user, such as that of a queue, has nothing for it.
    pub fn to_retype(&self) -> Option<Retyped> {
        let read: usize = self.plan.steps.iter().map(|step| step.effect.read().len()).sum();
        let frozen = self.plan.steps.iter().find_map(|step| match step.effect.freezes()? {
            Scope::Login(login) => Some(Retyped::Login(login.clone())),
            Scope::Group(_) | Scope::Everything => None,
        });
        match (self.plan.about.as_slice(), read) {
            _ if !self.needs.retype => None,
            ([], 0) => frozen,
            ([one], 0) => Some(Retyped::Login(one.login.clone())),
            (several, read) => Some(Retyped::Users(several.len() + read)),
        }
    }
}

/// What an approver types again, so that they have read whom they decide on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retyped {
    Login(String),
    /// How many users it reads or changes, where they are several.
    Users(usize),
}

/// Until when a request is put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deferral {
    pub until: Timestamp,
    /// It waits for the end of a contact, at most until then.
    pub contact: bool,
    /// The person who put it off set the deadline, too: an approver, or the requester of what needs no approvals. It holds for a new plan as well.
    pub sets_deadline: bool,
}

/// What the requester does before it is the turn of those who approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// Their own confirmation.
    Confirmation,
    /// That the caller was verified.
    Caller,
}

/// Why nothing further of a request begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    /// Who stopped it; none where the desk did, and then it continues by itself once it may.
    pub by: Option<By>,
    pub at: Timestamp,
    pub problem: Problem,
    /// It is the requester's doing, so waiting for its end keeps no approval valid.
    pub by_requester: bool,
    /// The groups whose approval is missing.
    pub unmet: Vec<Quorum>,
}

/// An approval of the present plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    pub by: By,
    pub at: Timestamp,
    /// The roles it was given with; none for the requester's own confirmation.
    pub roles: Vec<Role>,
    /// What the person who gave it says about it.
    pub comment: String,
}

/// A request as its lines tell it.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub no: RequestNo,
    pub command: String,
    pub args: Args,
    /// What it does to whom, as its command said it before there was a plan.
    pub subject: String,
    pub by: By,
    /// The requester's roles when it was asked.
    pub roles: Vec<Role>,
    pub place: Place,
    pub asked: Timestamp,
    pub planned: Option<Planned>,
    pub confirmed: Option<Approval>,
    pub approvals: Vec<Approval>,
    pub denied: Option<(By, String)>,
    /// What an approver wants first, until the requester confirms again.
    pub returned: Option<(By, String)>,
    /// How the caller was verified: by whom, how, and what was noted.
    pub caller: Option<(By, Verification, String)>,
    /// What it was put off for.
    pub deferred: Option<Deferral>,
    /// How often those who have to answer for this plan were called again, and when last.
    pub reminded: Option<(u32, Timestamp)>,
    /// For what those who have to look were called last, on each platform.
    pub called: BTreeMap<Platform, String>,
    /// When its first step began.
    pub began: Option<Timestamp>,
    /// Why nothing further begins at present.
    pub held: Option<Hold>,
    /// Who wants it undone, as far as it can be.
    pub rolling_back: Option<By>,
    /// Who said last that it should continue. They answer for it when the requester may no longer ask.
    pub answering: Option<By>,
    /// Of an emergency that has begun: what was said of it, once someone did.
    pub review: Option<Review>,
    /// Why earlier approvals are no longer valid, newest last.
    pub voided: Vec<Vec<String>>,
    /// Who had confirmed or approved what was reset last, and not just before: those don't look at its card any more.
    pub reset: Vec<By>,
    /// What people said that may have been told to them as not recorded, and that they have not said again.
    pub unrecorded: Vec<Unrecorded>,
    /// The requester may have been told that the request was not recorded, so it needs their confirmation whatever the rule says.
    pub is_doubtful: bool,
    /// Why it could not be planned or carried out.
    pub refusal: Option<Problem>,
    pub steps: Vec<StepState>,
    /// Steps whose last try was refused, as far as no try before may have happened.
    refused: BTreeSet<usize>,
    /// Steps with a try that may have happened.
    doubted: BTreeSet<usize>,
    /// When one of its steps was done last.
    pub done_at: Option<Timestamp>,
    /// When each wait that has begun ends, by the place of its step.
    waits: BTreeMap<usize, Timestamp>,
    /// The steps of each part, in order, and the parts in which there is something to do. A plan may have thousands of
    /// parts, so a line looks at the part it is about and at no other.
    steps_of: BTreeMap<u32, Vec<usize>>,
    at_work: BTreeSet<u32>,
    /// What the steps reported, such as the id of a new user.
    pub facts: BTreeMap<String, String>,
    /// The last failure of each step that has one, for anyone who looks.
    pub failures: BTreeMap<u32, Problem>,
    /// Where refused emails go instead of the address in the plan, by the place of their step, and who said so.
    pub readdressed: BTreeMap<usize, (By, String)>,
    /// Whom the temporary password was shown to, as far as that is known.
    pub revealed: Option<(By, Timestamp)>,
    /// The times that it was unsealed and may have been seen, by the number of their line.
    pub unsealed: BTreeMap<u64, Unsealed>,
    /// The messages that show its card, one a channel, by their ids.
    pub shown: BTreeMap<ChannelId, String>,
    /// The messages that showed it before those, oldest first.
    pub shown_before: Vec<(ChannelId, String)>,
    pub phase: Phase,
    /// The number of its last line in the log.
    pub last: u64,
    /// The latest time among the lines since it was planned.
    pub latest: Timestamp,
    /// The number of the last line after which a verdict on it may be another one for the worse. Further approvals, refused clicks,
    /// calls and where its card is make none worse.
    pub last_adverse_line: u64,
}

/// One time that the temporary password was unsealed.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsealed {
    pub by: By,
    pub at: Timestamp,
    /// No line says yet what became of the message.
    pub under_way: bool,
}

/// Whether the temporary password of a request was seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    No,
    /// It is on its way to the requester's screen.
    UnderWay,
    /// No one can tell. The requester can see it again until then.
    Maybe {
        by: By,
        at: Timestamp,
        until: Timestamp,
    },
    /// It was, or (not `known`) may have been, and is destroyed.
    Gone {
        by: By,
        at: Timestamp,
        known: bool,
    },
}

/// For how long a person who confirmed or approved a request looks at what comes of it.
const LOOKING: SignedDuration = SignedDuration::from_mins(1);

/// For how long a temporary password that may have been seen can be shown again.
pub const SHOWN_AGAIN: SignedDuration = SignedDuration::from_mins(15);

/// How long a message takes at most until it is known what became of it, unless the desk was stopped meanwhile.
const UNDER_WAY: SignedDuration = SignedDuration::from_mins(1);

/// What is said of an emergency afterwards.
#[derive(Clone, Debug, PartialEq)]
pub enum Review {
    /// Since then.
    Due(Timestamp),
    Given {
        by: By,
        at: Timestamp,
        justified: bool,
        reason: String,
    },
}

/// What someone said that does not count, because they may not know that it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrecorded {
    pub by: By,
    pub at: Timestamp,
    /// The word for it in the log, such as `approved`.
    pub event: &'static str,
    /// What it is called, and how its author is asked to repeat it.
    pub what: &'static str,
    pub again: &'static str,
}

/// A line that cannot follow the ones before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} has `{event}` for request {no}, which is invalid while it is {phase}")]
pub struct IllegalLine {
    pub line: u64,
    pub no: RequestNo,
    pub event: &'static str,
    pub phase: &'static str,
}

impl Phase {
    pub fn word(&self) -> &'static str {
        match self {
            Phase::Asked => "asked",
            Phase::Waiting => "waiting",
            Phase::Running => "running",
            Phase::ByHand { .. } => "waiting for a manual step",
            Phase::Stuck { .. } => "stuck",
            Phase::Finished { .. } => "finished",
        }
    }
}

impl Request {
    /// Folds the lines of one request, oldest first.
    pub fn fold(no: RequestNo, lines: &[Line]) -> Result<Request, IllegalLine> {
        let disregarded: BTreeSet<u64> = lines
            .iter()
            .filter_map(|line| match &line.event {
                Event::Disregarded { lines, .. } => Some(lines),
                _ => None,
            })
            .flatten()
            .copied()
            .collect();
        let mut lines = lines.iter();
        let illegal = |line: u64, event| IllegalLine { line, no, event, phase: "missing" };
        let Some(first) = lines.next() else { return Err(illegal(0, "nothing")) };
        let (Event::Requested { command, args, place, roles, subject, .. }, Some(by)) =
            (&first.event, &first.by)
        else {
            return Err(illegal(first.line, first.event.word()));
        };
        let mut request = Request {
            no,
            command: command.clone(),
            args: args.clone(),
            subject: subject.clone(),
            by: by.clone(),
            roles: roles.clone(),
            place: place.clone(),
            asked: first.at,
            planned: None,
            confirmed: None,
            approvals: Vec::new(),
            denied: None,
            returned: None,
            caller: None,
            deferred: None,
            reminded: None,
            called: BTreeMap::new(),
            began: None,
            held: None,
            rolling_back: None,
            answering: None,
            review: None,
            voided: Vec::new(),
            reset: Vec::new(),
            unrecorded: Vec::new(),
            is_doubtful: disregarded.contains(&first.line),
            refusal: None,
            steps: Vec::new(),
            refused: BTreeSet::new(),
            done_at: None,
            doubted: BTreeSet::new(),
            waits: BTreeMap::new(),
            steps_of: BTreeMap::new(),
            at_work: BTreeSet::new(),
            facts: BTreeMap::new(),
            failures: BTreeMap::new(),
            readdressed: BTreeMap::new(),
            revealed: None,
            unsealed: BTreeMap::new(),
            shown: BTreeMap::new(),
            shown_before: Vec::new(),
            phase: Phase::Asked,
            last: first.line,
            latest: first.at,
            last_adverse_line: first.line,
        };
        lines.try_for_each(|line| match disregarded.contains(&line.line) {
            true => request.pass_over(line),
            false => request.apply(line),
        })?;
        Ok(request)
    }

    /// Takes a line that does not count.
    fn pass_over(&mut self, line: &Line) -> Result<(), IllegalLine> {
        self.last = line.line;
        self.latest = self.latest.max(line.at);
        // What comes with it, such as the end after a denial, was not said.
        if let (Some(by), Some((what, again))) = (line.by.clone(), line.event.to_repeat()) {
            self.unrecorded.push(Unrecorded { by, at: line.at, event: line.event.word(), what, again });
        }
        Ok(())
    }

    /// Takes one more line.
    pub fn apply(&mut self, line: &Line) -> Result<(), IllegalLine> {
        let illegal =
            IllegalLine { line: line.line, no: self.no, event: line.event.word(), phase: self.phase.word() };
        if line.request != Some(self.no) || line.line <= self.last {
            return Err(illegal);
        }
        let legal = self.take(line);
        self.last = line.line;
        self.latest = match line.event {
            Event::Planned { .. } => line.at,
            _ => self.latest.max(line.at),
        };
        let said_again =
            |word: &Unrecorded| line.by.as_ref() == Some(&word.by) && line.event.word() == word.event;
        self.unrecorded.retain(|word| !said_again(word));
        if line.event.turns() {
            self.last_adverse_line = line.line;
        }
        if legal { Ok(()) } else { Err(illegal) }
    }

    /// Applies the event; `false` when it cannot happen in this phase.
    fn take(&mut self, line: &Line) -> bool {
        let approval = |roles: &[Role], comment: &str| {
            let (roles, comment) = (roles.to_vec(), comment.to_owned());
            line.by.clone().map(|by| Approval { by, at: line.at, roles, comment })
        };
        match (&self.phase, &line.event) {
            (_, Event::Disregarded { .. } | Event::Quarantined { .. }) => true,
            // Refusals of other people's clicks are evidence and change nothing.
            (_, Event::Refused { command, problem, .. }) => {
                if *command == self.command {
                    self.refusal = Some(problem.clone());
                }
                true
            }
            (
                Phase::Asked | Phase::Waiting,
                Event::Planned { plan, digest, needs, live, expires, same_as },
            ) => {
                self.steps = vec![StepState::Todo; plan.steps.len()];
                self.steps_of.clear();
                self.waits.clear();
                for (step, of) in plan.steps.iter().enumerate() {
                    self.steps_of.entry(of.part).or_default().push(step);
                }
                self.at_work = self.steps_of.keys().copied().collect();
                self.confirmed = None;
                self.approvals.clear();
                self.planned = Some(Planned {
                    plan: (**plan).clone(),
                    digest: digest.clone(),
                    needs: needs.clone(),
                    live: live.clone(),
                    at: line.at,
                    turn_since: self.turn_at(needs, line.at),
                    expires: *expires,
                    same_as: *same_as,
                });
                self.held = None;
                self.reminded = None;
                self.called.clear();
                self.phase = Phase::Waiting;
                true
            }
            (Phase::Waiting | Phase::Running, Event::Held { problem, by_requester, needs, unmet }) => {
                if let Some(needs) = needs {
                    self.needs_from_now_on(needs, line.at);
                }
                self.held = Some(Hold {
                    by: line.by.clone(),
                    at: line.at,
                    problem: problem.clone(),
                    by_requester: *by_requester,
                    unmet: unmet.clone(),
                });
                true
            }
            (Phase::Waiting | Phase::Running, Event::Resumed) => {
                if line.by.is_some() {
                    self.answering = line.by.clone();
                }
                self.held.take().is_some()
            }
            (Phase::Running, Event::RollbackRequested)
                if self.rolling_back.is_none() || self.held.is_some() =>
            {
                self.held = None;
                self.rolling_back = line.by.clone();
                let parts = self.parts();
                self.at_work = parts
                    .into_iter()
                    .filter(|part| matches!(self.next_move(*part), PartMove::Step(..)))
                    .collect();
                self.rolling_back.is_some()
            }
            (Phase::Waiting, Event::ChangesRequested { digest, reason }) if self.is_current(digest) => {
                self.returned = line.by.clone().map(|by| (by, reason.clone()));
                self.confirmed = None;
                self.approvals.clear();
                // Those who approve are asked again, once it is their turn again.
                self.takes_turn(line.at);
                self.reminded = None;
                self.called.clear();
                self.returned.is_some()
            }
            (Phase::Waiting | Phase::Running, Event::CallerVerified { how, note })
                if self.takes_approvals() =>
            {
                let is_first = self.caller.is_none();
                self.caller = line.by.clone().map(|by| (by, *how, note.clone()));
                if is_first && self.planned.as_ref().is_some_and(|planned| planned.needs.caller) {
                    self.takes_turn(line.at);
                }
                self.caller.is_some()
            }
            (Phase::Waiting | Phase::Running, Event::CodeEmailed { .. }) => self.takes_approvals(),
            (Phase::Waiting, Event::Deferred { until, contact, expires }) => {
                // What an approver put off stays so when the requester puts it off further.
                let was_set = self.deferred.is_some_and(|before| before.sets_deadline);
                let sets_deadline = expires.is_some() || was_set;
                self.deferred = Some(Deferral { until: *until, contact: *contact, sets_deadline });
                if let (Some(expires), Some(planned)) = (expires, &mut self.planned) {
                    planned.expires = *expires;
                }
                true
            }
            (phase, Event::Reminded)
                if *phase == Phase::Waiting || self.needs_review() || self.is_stopped() =>
            {
                self.reminded = Some((self.reminded.map_or(1, |(times, _)| times + 1), line.at));
                true
            }
            (Phase::Waiting | Phase::Running, Event::Confirmed { digest })
                if self.is_current(digest) && self.takes_approvals() =>
            {
                self.confirmed = approval(&[], "");
                self.returned = None;
                self.takes_turn(line.at);
                self.confirmed.is_some()
            }
            (Phase::Waiting | Phase::Running, Event::Approved { digest, roles, comment })
                if self.is_current(digest) && self.takes_approvals() =>
            {
                self.approvals.extend(approval(roles, comment));
                line.by.is_some()
            }
            (Phase::Waiting, Event::Denied { reason, .. }) => {
                self.denied = line.by.clone().map(|by| (by, reason.clone()));
                self.denied.is_some()
            }
            (Phase::Waiting, Event::Voided { digest, why }) if self.is_current(digest) => {
                self.voided.push(why.clone());
                if self.confirmed.is_some() || !self.approvals.is_empty() {
                    self.reset = self.agreed_before(line.at);
                }
                self.confirmed = None;
                self.approvals.clear();
                true
            }
            (Phase::Asked | Phase::Waiting | Phase::ByHand { .. } | Phase::Stuck { .. }, Event::Canceled) => {
                true
            }
            (Phase::Waiting | Phase::Running, Event::Started { step, direction }) => {
                let by_hand = self.is_by_hand(*step as usize);
                let was_refused = self.refused.remove(&(*step as usize));
                if self.steps.get(*step as usize) == Some(&StepState::Started(*direction)) && !was_refused {
                    // The desk stopped while it was tried.
                    self.doubted.insert(*step as usize);
                }
                self.began.get_or_insert(line.at);
                let until = self.plan_steps().get(*step as usize).and_then(|step| step.effect.waits());
                if let Some(until) = until {
                    self.waits.entry(*step as usize).or_insert_with(|| until.from(line.at));
                }
                let set = self.set_step(*step as usize, StepState::Started(*direction));
                self.phase = if by_hand && *direction == Direction::Forward {
                    Phase::ByHand { step: *step as usize }
                } else {
                    Phase::Running
                };
                set
            }
            // A person knows of an email that it arrived, though the desk does not.
            (Phase::Stuck { step: stuck, .. }, Event::Done { step, .. })
                if *stuck != *step as usize || !self.is_email(*stuck) =>
            {
                false
            }
            (Phase::Running | Phase::ByHand { .. } | Phase::Stuck { .. }, Event::Done { step, facts }) => {
                self.report(self.step(*step).map(|step| &step.effect).and_then(ends_note), facts);
                if self.phase != Phase::Running {
                    self.answering = line.by.clone();
                }
                self.phase = Phase::Running;
                self.done_at = Some(line.at);
                self.set_step(*step as usize, StepState::Done)
            }
            (Phase::Running, Event::Undone { step, facts }) => {
                self.report(self.step(*step).and_then(|step| step.undo.as_ref()).and_then(ends_note), facts);
                self.set_step(*step as usize, StepState::Undone)
            }
            (Phase::Running, Event::Failed { step, unknown, problem, direction }) => {
                self.failures.insert(*step, problem.clone());
                if *unknown {
                    self.doubted.insert(*step as usize);
                } else if !self.doubted.contains(&(*step as usize)) {
                    self.refused.insert(*step as usize);
                }
                self.set_step(*step as usize, StepState::Failed { direction: *direction, unknown: *unknown })
            }
            (Phase::Running, Event::Stuck { step, direction, problem }) => {
                self.phase =
                    Phase::Stuck { step: *step as usize, direction: *direction, problem: problem.clone() };
                true
            }
            (Phase::Stuck { step: stuck, .. }, Event::Readdressed { step, to })
                if *stuck == *step as usize && self.takes_another_address(*stuck) =>
            {
                let readdressed = line.by.clone().map(|by| (by, to.clone()));
                self.readdressed.extend(readdressed.map(|readdressed| (*step as usize, readdressed)));
                line.by.is_some()
            }
            (Phase::Stuck { step: shown, .. }, Event::Retried) => {
                let shown = *shown;
                self.answering = line.by.clone();
                self.held = None;
                for part in self.parts() {
                    if let PartMove::Stuck(step, direction) = self.next_move(part)
                        && (step == shown || !self.may_have_left(step))
                    {
                        // Whatever came of it: it is looked at before it is tried again.
                        self.set_step(step, StepState::Started(direction));
                    }
                }
                self.phase = Phase::Running;
                true
            }
            (_, Event::Shown { platform, channel, message }) => {
                let channel = ChannelId::new(*platform, channel.clone());
                let before = self.shown.insert(channel.clone(), message.clone());
                self.shown_before.extend(before.map(|before| (channel, before)));
                true
            }
            (_, Event::Notified { platform, what }) => {
                self.called.insert(*platform, what.clone());
                true
            }
            (Phase::Finished { .. } | Phase::Stuck { .. }, Event::Unsealed) if self.revealed.is_none() => {
                let unsealed = line.by.clone().map(|by| Unsealed { by, at: line.at, under_way: true });
                self.unsealed.extend(unsealed.map(|unsealed| (line.line, unsealed)));
                line.by.is_some()
            }
            (_, Event::Revealed { unsealed }) => {
                let Some(unsealed) = self.unsealed.get_mut(unsealed) else { return false };
                unsealed.under_way = false;
                let to = unsealed.by.clone();
                self.revealed.get_or_insert((to, line.at));
                true
            }
            (_, Event::NotRevealed { unsealed, unknown: false }) => self.unsealed.remove(unsealed).is_some(),
            (_, Event::NotRevealed { unsealed, unknown: true }) => {
                let unsealed = self.unsealed.get_mut(unsealed);
                unsealed.map(|unsealed| unsealed.under_way = false).is_some()
            }
            (_, Event::ToReview) if !matches!(self.review, Some(Review::Given { .. })) => {
                self.review.get_or_insert(Review::Due(line.at));
                true
            }
            (_, Event::Reviewed { justified, reason, before_end })
                if self.needs_review() && *before_end != self.is_finished() =>
            {
                let (justified, reason, at) = (*justified, reason.clone(), line.at);
                self.review = line.by.clone().map(|by| Review::Given { by, at, justified, reason });
                self.review.is_some()
            }
            (_, Event::Finished { outcome }) if !self.is_finished() => {
                self.held = None;
                self.phase = Phase::Finished { outcome: *outcome, at: line.at, by: line.by.clone() };
                true
            }
            // Not while it is like this, or never in a request.
            (
                _,
                Event::Opened { .. }
                | Event::PolicyChanged(_)
                | Event::Answered { .. }
                | Event::Requested { .. }
                | Event::Digested { .. }
                | Event::Planned { .. }
                | Event::Confirmed { .. }
                | Event::Approved { .. }
                | Event::Denied { .. }
                | Event::Canceled
                | Event::ChangesRequested { .. }
                | Event::CallerVerified { .. }
                | Event::CodeEmailed { .. }
                | Event::Deferred { .. }
                | Event::Held { .. }
                | Event::Resumed
                | Event::RollbackRequested
                | Event::Reminded
                | Event::Voided { .. }
                | Event::Started { .. }
                | Event::Done { .. }
                | Event::Failed { .. }
                | Event::Undone { .. }
                | Event::Stuck { .. }
                | Event::Readdressed { .. }
                | Event::Retried
                | Event::Enrolled { .. }
                | Event::Unsealed
                | Event::Finished { .. }
                | Event::ToReview
                | Event::Reviewed { .. }
                | Event::ClockJumped { .. }
                | Event::Unreadable { .. },
            ) => false,
        }
    }

    /// What a step reported, and the name under which an earlier one reported what is over now.
    fn report(&mut self, over: Option<String>, facts: &BTreeMap<String, String>) {
        if let Some(over) = over {
            self.facts.remove(&over);
        }
        self.facts.extend(facts.clone());
    }

    /// What the requester still has to do under these needs before it is the turn of those who approve. What went back to them, or may
    /// not have been recorded, needs their confirmation whatever the rule says.
    pub fn comes_first(&self, needs: &Requirements) -> impl Iterator<Item = First> {
        let confirms = needs.confirm || self.is_doubtful || self.returned.is_some();
        let confirmation = (confirms && self.confirmed.is_none()).then_some(First::Confirmation);
        let caller = (needs.caller && self.caller.is_none()).then_some(First::Caller);
        confirmation.into_iter().chain(caller)
    }

    /// This moment, if it is the turn of those who approve under these needs.
    fn turn_at(&self, needs: &Requirements, at: Timestamp) -> Option<Timestamp> {
        self.comes_first(needs).next().is_none().then_some(at)
    }

    /// From this moment on it is the turn of those who approve, unless something comes first.
    fn takes_turn(&mut self, at: Timestamp) {
        let turn_since = self.planned.as_ref().and_then(|planned| self.turn_at(&planned.needs, at));
        if let Some(planned) = &mut self.planned {
            planned.turn_since = turn_since;
        }
    }

    /// Takes what it needs from then on, because the policy changed. What was said before counts, as far as it came with what is wanted of
    /// each now: a code, the login typed again, or how the caller was verified.
    pub fn needs_from_now_on(&mut self, needs: &Requirements, at: Timestamp) {
        let Some(planned) = &mut self.planned else { return };
        let before = std::mem::replace(&mut planned.needs, needs.clone());
        if needs.second_factor && !before.second_factor {
            self.confirmed = None;
        }
        if needs.wants_more_of_each(&before) {
            self.approvals.clear();
        }
        self.takes_turn(at);
    }

    /// Who confirmed or approved it some time before that moment, and doesn't look at its card any more.
    pub fn agreed_before(&self, at: Timestamp) -> Vec<By> {
        let agreed = self.confirmed.iter().chain(&self.approvals);
        agreed.filter(|one| at.duration_since(one.at) >= LOOKING).map(|one| one.by.clone()).collect()
    }

    /// The approval that this person gave, at whichever of their accounts.
    pub fn approval_of(&self, by: &Person) -> Option<&Approval> {
        let accounts = by.accounts();
        self.approvals.iter().find(|approval| accounts.contains(&approval.by.id))
    }

    /// Whether a person stopped it.
    fn is_stopped(&self) -> bool {
        self.held.as_ref().is_some_and(|hold| hold.by.is_some())
    }

    /// Whether it waits for approvals, or may: what is held because one is missing takes another.
    pub fn takes_approvals(&self) -> bool {
        match self.phase {
            Phase::Waiting => true,
            Phase::Running => self.held.as_ref().is_some_and(|hold| hold.by.is_none()),
            _ => false,
        }
    }

    fn is_current(&self, digest: &PlanDigest) -> bool {
        self.planned.as_ref().is_some_and(|planned| planned.digest == *digest)
    }

    fn step(&self, step: u32) -> Option<&Step> {
        self.planned.as_ref()?.plan.steps.get(step as usize)
    }

    fn set_step(&mut self, step: usize, state: StepState) -> bool {
        let Some(slot) = self.steps.get_mut(step) else { return false };
        *slot = state;
        if let Some(part) = self.plan_steps().get(step).map(|step| step.part) {
            match self.next_move(part) {
                PartMove::Step(..) => self.at_work.insert(part),
                PartMove::Stuck(..) | PartMove::Ended { .. } => self.at_work.remove(&part),
            };
        }
        true
    }

    /// The parts of the plan, in order.
    pub fn parts(&self) -> Vec<u32> {
        self.steps_of.keys().copied().collect()
    }

    /// The parts that have a next step, in order.
    pub fn parts_at_work(&self) -> impl Iterator<Item = u32> {
        self.at_work.iter().copied()
    }

    /// The steps of a part, by their places in the plan.
    pub fn steps_of(&self, part: u32) -> &[usize] {
        self.steps_of.get(&part).map(Vec::as_slice).unwrap_or_default()
    }

    /// The part that a step belongs to.
    pub fn part_of(&self, step: u32) -> Option<u32> {
        self.step(step).map(|step| step.part)
    }

    /// A notice that could not be delivered to its address. That is how it ended: no one can send it again, and the card says so.
    pub fn is_refused_notice(&self, step: usize) -> bool {
        self.is_notice(step) && self.is_refused_email(step)
    }

    /// An email that certainly did not leave, because its address or the mail server behind it takes none.
    pub fn is_refused_email(&self, step: usize) -> bool {
        let refused = u32::try_from(step).ok().and_then(|step| self.failures.get(&step));
        self.takes_another_try(step)
            && refused.is_some_and(|problem| email::REFUSED.contains(&problem.code.as_str()))
    }

    /// Whether this email can go to another address: it certainly did not leave. A notice is for the old address and no other.
    pub fn takes_another_address(&self, step: usize) -> bool {
        self.takes_another_try(step) && !self.is_notice(step)
    }

    fn takes_another_try(&self, step: usize) -> bool {
        self.is_email(step) && matches!(self.steps.get(step), Some(StepState::Failed { unknown: false, .. }))
    }

    /// Whether a step sends a notice of what the step before it has done, or has begun to.
    pub fn is_due_notice(&self, step: usize) -> bool {
        let before = step.checked_sub(1).and_then(|before| self.steps.get(before));
        let has_begun = self.steps.get(step) == Some(&StepState::Started(Direction::Forward));
        self.is_notice(step) && (has_begun || before == Some(&StepState::Done))
    }

    /// Whether a step sends a notice; see [`Email::is_notice`].
    pub fn is_notice(&self, step: usize) -> bool {
        let effect = self.plan_steps().get(step).map(|step| &step.effect);
        effect.and_then(Effect::email).is_some_and(Email::is_notice)
    }

    /// The notices that no one got although what they tell of was done, each with why, once that is certain: their mail server
    /// refused them, a person gave the request up, or the desk sends no email.
    pub fn untold(&self) -> Vec<(&Email, Option<&Problem>)> {
        let missed = |step: usize, state: &StepState| match state {
            StepState::Done => false,
            StepState::Failed { .. } => self.is_finished() || self.is_refused_notice(step),
            _ => self.is_finished() && self.is_due_notice(step),
        };
        let steps = self.plan_steps().iter().zip(&self.steps).enumerate();
        let missed = steps.filter_map(|(i, (step, state))| {
            let email = step.effect.email().filter(|email| email.is_notice() && missed(i, state))?;
            let why = u32::try_from(i).ok().and_then(|step| self.failures.get(&step));
            Some((email, why))
        });
        let handed_over = self.emails().into_iter().filter(|email| email.is_notice());
        missed.chain(handed_over.map(|email| (email, None))).collect()
    }

    /// What comes next in a part, as its steps stand. A notice holds nothing up: what else there is to do goes first, beside
    /// [`Request::next_notice`].
    pub fn next_move(&self, part: u32) -> PartMove {
        let next = self.next_change(part);
        if matches!(next, PartMove::Step(..)) {
            return next;
        }
        // Anyone who has to be told of what was done is told, also when it is undone afterwards.
        if let Some(step) = self.next_notice(part) {
            return PartMove::Step(step, Direction::Forward);
        }
        let not_sent = |step: &usize| {
            let failed = matches!(self.steps.get(*step), Some(StepState::Failed { .. }));
            failed && self.is_notice(*step) && !self.is_refused_notice(*step)
        };
        match self.steps_of(part).iter().copied().find(not_sent) {
            Some(step) if next == (PartMove::Ended { done: true }) => {
                PartMove::Stuck(step, Direction::Forward)
            }
            _ => next,
        }
    }

    /// What comes next in a part beside its notices.
    fn next_change(&self, part: u32) -> PartMove {
        let steps = self.plan_steps();
        let mine = || {
            let indices =
                self.steps_of.get(&part).into_iter().flatten().filter(|index| !self.is_notice(**index));
            indices.filter_map(|index| Some((*index, (steps.get(*index)?, self.steps.get(*index)?))))
        };
        if let Some((step, _)) = mine()
            .find(|(_, (_, state))| matches!(state, StepState::Failed { direction: Direction::Back, .. }))
        {
            return PartMove::Stuck(step, Direction::Back);
        }
        // An email that did not leave takes nothing back: what it tells of is so, and a person can tell it otherwise.
        let failed = mine().any(|(_, (step, state))| match state {
            StepState::Failed { .. } => step.effect.email().is_none(),
            StepState::Undone | StepState::Started(Direction::Back) => true,
            _ => false,
        });
        let last_adverse_line = failed || self.rolling_back.is_some();
        // Something has happened, or may have, that cannot be rolled back. What only reads has nothing to roll back either, and
        // what was read already is worth waiting for a person. What was set until a time has lasted that long once the wait is over:
        // all that is left is to restore it.
        let past_pivot = mine().any(|(_, (step, state))| {
            step.effect.only_reads() && matches!(state, StepState::Failed { .. })
                || step.effect.waits().is_some() && *state == StepState::Done
                || step.pivot
                    && matches!(
                        state,
                        StepState::Done
                            | StepState::Started(Direction::Forward)
                            | StepState::Failed { unknown: true, .. }
                    )
        });
        if last_adverse_line && !past_pivot {
            let mut to_undo = mine().filter(|(_, (step, state))| {
                step.undo.is_some()
                    && matches!(
                        state,
                        StepState::Done | StepState::Failed { unknown: true, .. } | StepState::Started(_)
                    )
            });
            return match to_undo.next_back() {
                Some((step, _)) => PartMove::Step(step, Direction::Back),
                None => PartMove::Ended { done: false },
            };
        }
        match mine().find(|(_, (_, state))| **state != StepState::Done) {
            Some((step, (_, StepState::Failed { .. }))) => PartMove::Stuck(step, Direction::Forward),
            Some((step, _)) => PartMove::Step(step, Direction::Forward),
            None => PartMove::Ended { done: true },
        }
    }

    /// Whether what a part set until a time was restored then, or left as someone else had set it meanwhile.
    pub fn is_restored(&self, part: u32) -> bool {
        let restores = |step: &usize| {
            let effect = self.plan_steps().get(*step).map(|step| &step.effect);
            effect.is_some_and(|effect| effect.restored().is_some())
        };
        let is_done = |step: &usize| self.steps.get(*step) == Some(&StepState::Done);
        self.steps_of(part).iter().any(|step| restores(step) && is_done(step))
    }

    /// When the wait of a step ends, once it has begun.
    pub fn wait_ends(&self, step: usize) -> Option<Timestamp> {
        self.waits.get(&step).copied()
    }

    /// The earliest moment at which something can be done again, where all that is left to do waits for the time.
    pub fn rests_until(&self) -> Option<Timestamp> {
        if self.phase != Phase::Running || self.waits.is_empty() {
            return None;
        }
        let mut first: Option<Timestamp> = None;
        for part in self.parts_at_work() {
            let PartMove::Step(step, Direction::Forward) = self.next_move(part) else { return None };
            if self.next_notice(part).is_some() {
                return None;
            }
            let ends = self.wait_ends(step)?;
            first = Some(first.map_or(ends, |first| first.min(ends)));
        }
        first
    }

    /// Whether rolling it back would carry further steps out, or does: those of a part in which something was done that can't be undone.
    pub fn rolls_forward(&self) -> bool {
        if self.rolling_back.is_none() {
            return Request { rolling_back: Some(self.by.clone()), ..self.clone() }.rolls_forward();
        }
        self.steps_of.keys().any(|part| {
            let next = self.next_move(*part);
            matches!(next, PartMove::Step(step, Direction::Forward) if !self.is_notice(step))
        })
    }

    /// The notice of a part that is due and was not sent yet. It goes beside the other steps of its part.
    pub fn next_notice(&self, part: u32) -> Option<usize> {
        let not_sent = |step: &usize| {
            let state = self.steps.get(*step);
            matches!(state, Some(StepState::Todo | StepState::Started(Direction::Forward)))
        };
        self.steps_of(part).iter().copied().find(|step| self.is_due_notice(*step) && not_sent(step))
    }

    /// The lines that end it this way: an emergency that no one has reviewed stays open for that.
    pub fn finishing(&self, outcome: Outcome) -> Vec<Event> {
        let unreviewed = self.is_emergency() && !matches!(self.review, Some(Review::Given { .. }));
        let review = unreviewed.then_some(Event::ToReview);
        std::iter::once(Event::Finished { outcome }).chain(review).collect()
    }

    /// Whether a review is due: of an emergency from its first step on.
    pub fn needs_review(&self) -> bool {
        matches!(self.review, Some(Review::Due(_)))
    }

    /// The line that ends it, or stops it, when nothing can be done any more.
    pub fn ending(&self) -> Event {
        let moves: Vec<PartMove> = self.parts().into_iter().map(|part| self.next_move(part)).collect();
        let stuck = moves.iter().find_map(|next| match next {
            PartMove::Stuck(step, direction) => Some((*step, *direction)),
            _ => None,
        });
        if let Some((step, direction)) = stuck {
            let step = u32::try_from(step).unwrap_or(u32::MAX);
            let problem = self.failures.get(&step).cloned().unwrap_or_else(|| {
                Problem::human("stuck", "A step failed.").hint("Check it in the contact center.")
            });
            return Event::Stuck { step, direction, problem };
        }
        let done = moves.iter().filter(|next| **next == PartMove::Ended { done: true }).count();
        let outcome = match done {
            n if n == moves.len() => Outcome::Completed,
            0 => Outcome::RolledBack,
            _ => Outcome::PartiallyCompleted,
        };
        Event::Finished { outcome }
    }

    /// What a step brings about, that way.
    pub fn effect(&self, step: usize, direction: Direction) -> Option<Effect> {
        let (index, step) = (step, self.plan_steps().get(step)?);
        let effect = match (self.readdressed.get(&index), step.effect.email()) {
            (Some((_, to)), Some(email)) => EmailSent(Email { to: to.clone(), ..email.clone() }).into(),
            _ => step.effect.clone(),
        };
        match direction {
            Direction::Forward => Some(effect),
            Direction::Back => step.undo.clone(),
        }
    }

    pub fn is_email(&self, step: usize) -> bool {
        self.plan_steps().get(step).is_some_and(|step| step.effect.email().is_some())
    }

    /// An email of which no one knows whether it left. Sending it again is for anyone who was shown that very email.
    pub fn may_have_left(&self, step: usize) -> bool {
        self.is_email(step) && self.is_unknown(step)
    }

    /// No one knows whether this step happened.
    pub fn is_unknown(&self, step: usize) -> bool {
        matches!(self.steps.get(step), Some(StepState::Failed { unknown: true, .. }))
    }

    /// Whether everything of a part was done but its emails.
    pub fn lacks_only_emails(&self, part: u32) -> bool {
        let (emails, others): (Vec<usize>, Vec<usize>) =
            self.steps_of(part).iter().copied().partition(|step| self.is_email(*step));
        let all_done =
            |steps: &[usize]| steps.iter().all(|step| self.steps.get(*step) == Some(&StepState::Done));
        !others.is_empty() && all_done(&others) && !all_done(&emails)
    }

    /// Whether a person gave up nothing but its emails.
    pub fn gave_up_only_emails(&self) -> bool {
        let done = |part: &u32| {
            self.lacks_only_emails(*part) || self.next_move(*part) == PartMove::Ended { done: true }
        };
        let parts = self.parts();
        matches!(self.phase, Phase::Finished { outcome: Outcome::Abandoned, .. })
            && parts.iter().all(done)
            && parts.iter().any(|part| self.lacks_only_emails(*part))
    }

    /// Whether a temporary password is in use, so that the requester may see it: also while a later step needs attention.
    pub fn makes_password_known(&self) -> bool {
        let over = match &self.phase {
            Phase::Finished { outcome, .. } => matches!(outcome, Outcome::Completed | Outcome::Abandoned),
            phase => matches!(phase, Phase::Stuck { .. }),
        };
        let seals = |step: &Step| step.effect.user_outcome().seals_password();
        let mut steps = self.plan_steps().iter().zip(&self.steps);
        over && steps.any(|(step, state)| seals(step) && *state == StepState::Done)
    }

    /// Whether the temporary password was seen, as far as the log tells.
    pub fn seen(&self, now: Timestamp) -> Seen {
        if let Some((by, at)) = self.revealed.clone() {
            return Seen::Gone { by, at, known: true };
        }
        let Some(first) = self.unsealed.values().next() else { return Seen::No };
        if self.unsealed.values().any(|one| one.under_way && now.duration_since(one.at) < UNDER_WAY) {
            return Seen::UnderWay;
        }
        let (by, at) = (first.by.clone(), first.at);
        let until = at.checked_add(SHOWN_AGAIN).unwrap_or(Timestamp::MAX);
        if now < until { Seen::Maybe { by, at, until } } else { Seen::Gone { by, at, known: false } }
    }

    /// The moments at which time alone changes whether it was seen.
    pub fn seen_changes(&self) -> impl Iterator<Item = Timestamp> {
        let later = |at: Timestamp, by| at.checked_add(by).unwrap_or(Timestamp::MAX);
        self.unsealed.values().flat_map(move |one| [later(one.at, UNDER_WAY), later(one.at, SHOWN_AGAIN)])
    }

    /// The emails that the requester gets to copy: those about users of whom everything is done.
    pub fn emails(&self) -> Vec<&Email> {
        let Some(plan) = self.plan().filter(|plan| !plan.emails.is_empty()) else { return Vec::new() };
        let unfinished: BTreeSet<u32> = self
            .parts()
            .into_iter()
            .filter(|part| self.next_move(*part) != PartMove::Ended { done: true })
            .collect();
        let row_failed = |login: &str| {
            let steps = plan.steps.iter().filter(|step| unfinished.contains(&step.part));
            steps.into_iter().any(|step| step.effect.login() == Some(login))
        };
        match &self.phase {
            Phase::Finished { outcome: Outcome::Completed, .. } => plan.emails.iter().collect(),
            Phase::Finished { outcome: Outcome::PartiallyCompleted, .. } => {
                plan.emails.iter().filter(|email| !row_failed(&email.login)).collect()
            }
            _ => Vec::new(),
        }
    }

    pub fn is_by_hand(&self, step: usize) -> bool {
        self.plan_steps().get(step).is_some_and(|step| step.effect.waits_for_a_person())
    }

    /// Whether a step may have taken effect that way before.
    pub fn attempt(&self, step: usize, direction: Direction) -> Attempt {
        match (self.steps.get(step), direction) {
            (Some(StepState::Todo), Direction::Forward) | (Some(StepState::Done), Direction::Back) => {
                Attempt::First
            }
            _ if self.refused.contains(&step) => Attempt::Retry,
            _ => Attempt::Again,
        }
    }

    /// Whether a step is done, or may be.
    pub fn may_have_happened(&self, step: usize) -> bool {
        match self.steps.get(step) {
            Some(StepState::Done | StepState::Started(_)) => true,
            Some(StepState::Failed { direction, unknown }) => *unknown || *direction == Direction::Back,
            Some(StepState::Todo | StepState::Undone) | None => false,
        }
    }

    fn plan_steps(&self) -> &[Step] {
        self.plan().map(|plan| plan.steps.as_slice()).unwrap_or_default()
    }

    pub fn plan(&self) -> Option<&Plan> {
        self.planned.as_ref().map(|planned| &planned.plan)
    }

    /// Whether it was asked as an emergency.
    pub fn is_emergency(&self) -> bool {
        self.args.flag("emergency")
    }

    /// The message that shows its card in a channel.
    pub fn card_in(&self, channel: &ChannelId) -> Option<&str> {
        self.shown.get(channel).map(String::as_str)
    }

    /// How many messages of a channel have shown its card.
    pub fn times_shown(&self, channel: &ChannelId) -> usize {
        let before = self.shown_before.iter().filter(|(other, _)| other == channel).count();
        before + usize::from(self.shown.contains_key(channel))
    }

    pub fn is_finished(&self) -> bool {
        matches!(self.phase, Phase::Finished { .. })
    }

    /// Whether something that it did could be rolled back by another request: a user who was changed, made or removed, but
    /// not one who was removed and made again.
    pub fn could_be_undone(&self) -> bool {
        let is_done = |step: usize| self.steps.get(step) == Some(&StepState::Done);
        self.plan().is_some_and(|plan| plan.could_be_undone(is_done))
    }

    /// Who ended it, where its last step is a person's: lifted a freeze, or did what is done manually.
    pub fn ended_by(&self) -> Option<&By> {
        let last = self.plan_steps().last()?;
        let is_done = matches!(self.phase, Phase::Finished { outcome: Outcome::Completed, .. });
        self.answering.as_ref().filter(|_| is_done && last.effect.waits_for_a_person())
    }

    /// What the people whom it is about were doing, and what that means: who waits for the end of a contact cuts no one off.
    pub fn presence(&self, planned: &Planned) -> Presence {
        let live = planned.live.clone();
        if self.deferred.is_some_and(|deferral| deferral.contact) { live.after_contacts() } else { live }
    }

    /// The logins the request is about: those of its plan, or the one it was asked for.
    pub fn about(&self) -> Vec<String> {
        match self.plan() {
            Some(plan) => plan.logins(),
            None => self.args.about(),
        }
    }

    /// The logins that a line is about: those of the plan that it adds, and for a step those of its part, where the plan has several
    /// users.
    pub fn about_of(&self, event: &Event) -> Vec<String> {
        if let Event::Planned { plan, .. } = event {
            return plan.logins();
        }
        let Some(step) = event.step() else { return self.about() };
        let Some(plan) = self.plan().filter(|plan| plan.about.len() > 1) else { return self.about() };
        let part = self.part_of(step).and_then(|part| self.steps_of.get(&part));
        let mut logins: Vec<&str> = part
            .into_iter()
            .flatten()
            .filter_map(|step| plan.steps.get(*step))
            .filter_map(|step| step.effect.login())
            .collect();
        logins.dedup();
        match logins.as_slice() {
            [] => self.about(),
            logins => logins.iter().map(|login| (*login).to_owned()).collect(),
        }
    }

    /// What a person would type to ask the same again.
    pub fn typed(&self) -> String {
        format!("/{} {}", self.command, self.args.typed()).trim().to_owned()
    }
}

/// Where an effect restores what was temporary: the name under which something was noted of that.
fn ends_note(effect: &Effect) -> Option<String> {
    effect.restored()?;
    effect.login().map(|login| format!("{NOTE}{login}"))
}
