//! A plan is carried out step by step: a line on disk, the call, a line on disk. Running and recovering are this one path.
//!
//! Before the pivot a failed step sends its part back, undoing what was done in reverse. From the pivot on it only goes
//! forward; what fails there permanently is left `stuck`, with everything a person needs to decide.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};

use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::log::{Append, AppendError, LogReader, RequestLog};
use crate::log::{Draft, Event, Line};
use crate::plan::{Attempt, Direction, Effect, Executor, Facts, Failure, StepKey};
use crate::ports::{Clock, Watcher};
use crate::request::approval::{Held, Moment, Permit, Verdict, is_wait_over};
use crate::request::{IllegalLine, PartMove, Phase, Request};

/// What the saga works with.
#[derive(Clone)]
pub struct SagaContext {
    pub executor: Arc<dyn Executor>,
    pub log: Arc<dyn RequestLog>,
    pub clock: Arc<dyn Clock>,
    pub watcher: Arc<dyn Watcher>,
}

/// Parts that are carried out side by side. More would only wait for the same quota.
const AT_ONCE: usize = 16;

/// Weighs a request while it runs: before each further step.
#[async_trait]
pub trait Weigh: Send + Sync {
    async fn weigh(&self, request: &Request) -> Result<Verdict, Problem>;

    /// This moment, as the waits of the request are judged.
    fn moment(&self, request: &Request) -> Moment;
}

/// Carries out a request until it ends, is held or stuck, or waits for a person's hands or for a time.
///
/// Parts continue side by side, the steps of a part one after the other; a part that fails is rolled back without the others.
/// Steps begin only with a [`Permit`] for the request as it is at that moment: the given one first, then whatever `weigh` gives.
/// What is held finishes the calls that are under way, and begins nothing but notices of what was done already.
///
/// The caller holds the request's lease, which keeps no one from a word on it. Gives `false` when someone said one since it was
/// weighed and before the first line of this: nothing has begun then, and it has to be weighed again. Fails when the log cannot
/// be written, or when it cannot be weighed at present, and then has made no call whose line is not on disk.
pub async fn carry_out(go: Permit, context: &SagaContext, weigh: &dyn Weigh) -> Result<bool, Problem> {
    let no = go.request();
    let mut request = load(context.log.as_ref(), no).await?;
    if !go.is_for(&request) {
        return Ok(false);
    }
    let mut permit = Some(go);
    let mut unweighed = None;
    let mut calls = FuturesUnordered::new();
    let mut at_work: BTreeSet<Lane> = BTreeSet::new();
    while matches!(request.phase, Phase::Waiting | Phase::Running) {
        let NextSteps { mut ready, over, rests } = next_steps(&request, &at_work, weigh.moment(&request))?;
        if !over.is_empty() {
            // The time has come, which nothing has to be asked for.
            let passed = |step: &usize| Event::Done { step: number(*step), facts: Facts::new() };
            let has_begun = request.began.is_some();
            if !write(context, &mut request, over.iter().map(passed).collect()).await? && !has_begun {
                return Ok(false);
            }
            continue;
        }
        let go = match permit.take().filter(|go| go.is_for(&request)) {
            Some(go) => Some(go),
            None if ready.iter().all(|next| request.is_due_notice(next.step)) || unweighed.is_some() => None,
            None => match weigh.weigh(&request).await {
                Ok(Verdict::Permit(go)) => Some(go),
                Ok(Verdict::Held(held)) => {
                    hold(context, &mut request, held).await?;
                    None
                }
                Ok(_) => None,
                Err(problem) => {
                    unweighed = Some(problem);
                    None
                }
            },
        };
        let waits = !ready.is_empty();
        if go.is_none() {
            ready.retain(|next| request.is_due_notice(next.step));
        }
        if !ready.is_empty() {
            let mut began: Vec<Event> = Vec::new();
            if request.is_emergency() && request.began.is_none() {
                began.push(Event::ToReview);
            }
            // What held it was over before the calls under way were back: the log says so before anything further begins.
            if go.is_some() && request.held.as_ref().is_some_and(|hold| hold.by.is_none()) {
                began.push(Event::Resumed);
            }
            began.extend(
                ready
                    .iter()
                    .map(|next| Event::Started { step: number(next.step), direction: next.direction }),
            );
            // Whatever was said since it was weighed is weighed first.
            let has_begun = request.began.is_some();
            if !write(context, &mut request, began).await? {
                if has_begun {
                    continue;
                }
                return Ok(false);
            }
            for Next { lane, step, direction, attempt, effect } in ready {
                if effect.is_called() {
                    let (step, done_before) = (number(step), request.done_at);
                    let key = StepKey { request: no, step, direction, done_before };
                    at_work.insert(lane);
                    let executor = context.executor.clone();
                    calls.push(async move { (key, executor.apply(key, attempt, &effect).await) });
                }
            }
            continue;
        }
        let Some(first) = calls.next().await else {
            if let Some(problem) = unweighed {
                return Err(problem);
            }
            if waits || rests {
                return Ok(true);
            }
            let last = match request.ending() {
                Event::Finished { outcome } => request.finishing(outcome),
                stuck => vec![stuck],
            };
            let has_begun = request.began.is_some();
            if !write(context, &mut request, last).await? && !has_begun {
                return Ok(false);
            }
            continue;
        };
        // What else has come back meanwhile shares the line's way to the disk.
        let mut ended = vec![first];
        while let Some(Some(more)) = calls.next().now_or_never() {
            ended.push(more);
        }
        let mut events = Vec::new();
        for (key, came) in ended {
            if let Some(part) = request.part_of(key.step) {
                at_work.remove(&(part, request.is_notice(key.step as usize)));
            }
            events.push(came_of(key, came));
        }
        // What came of a call is written whatever was said meanwhile.
        while !write(context, &mut request, events.clone()).await? {}
    }
    Ok(true)
}

/// A part, and whether it is its notice: that goes beside the other steps of its part, so that none of them waits for an old address.
type Lane = (u32, bool);

/// A step that comes next in its part.
struct Next {
    lane: Lane,
    step: usize,
    direction: Direction,
    attempt: Attempt,
    effect: Effect,
}

/// What comes next in the parts that nothing is on its way for.
struct NextSteps {
    /// The steps that may begin.
    ready: Vec<Next>,
    /// Waits that have begun and are over.
    over: Vec<usize>,
    /// Others are not.
    rests: bool,
}

/// The steps that may begin beside those at work.
fn next_steps(request: &Request, at_work: &BTreeSet<Lane>, at: Moment) -> Result<NextSteps, Problem> {
    let mut ready: Vec<Next> = Vec::new();
    let (mut over, mut rests) = (Vec::new(), false);
    for part in request.parts_at_work() {
        let notice = request.next_notice(part).map(|step| (step, Direction::Forward));
        let next = match request.next_move(part) {
            PartMove::Step(step, direction) if !request.is_notice(step) => Some((step, direction)),
            _ => None,
        };
        // The notice first: what it tells of was done already.
        for (step, direction) in notice.into_iter().chain(next) {
            let busy = at_work.len() + ready.len();
            if busy == AT_ONCE {
                return Ok(NextSteps { ready, over, rests });
            }
            let lane = (part, request.is_notice(step));
            if at_work.contains(&lane) {
                continue;
            }
            if direction == Direction::Forward
                && let Some(ends) = request.wait_ends(step)
            {
                match is_wait_over(request, ends, at) {
                    true => over.push(step),
                    false => rests = true,
                }
                continue;
            }
            let by_hand = request.is_by_hand(step);
            // A person's step is theirs alone: nothing else continues while the card asks for it.
            if by_hand && busy > 0 {
                continue;
            }
            let Some(effect) = request.effect(step, direction) else {
                let message = format!("{} can't run step {step}.", request.no);
                return Err(Problem::log("log_illegal_step", message).hint(
                    "Run `connect-desk log verify --state FOLDER` with the state folder of the desk.",
                ));
            };
            let attempt = request.attempt(step, direction);
            ready.push(Next { lane, step, direction, attempt, effect });
            if by_hand {
                return Ok(NextSteps { ready, over, rests });
            }
        }
    }
    Ok(NextSteps { ready, over, rests })
}

/// Writes that it is held, unless it is for the same reason already.
pub async fn hold(context: &SagaContext, request: &mut Request, held: Held) -> Result<(), Problem> {
    if held.is_told_of(request) {
        return Ok(());
    }
    let Held { problem, by_requester, needs, unmet } = held;
    write(context, request, vec![Event::Held { problem, by_requester, needs, unmet }]).await.map(|_| ())
}

fn came_of(key: StepKey, came: Result<Facts, Failure>) -> Event {
    let StepKey { step, direction, .. } = key;
    match (came, direction) {
        (Ok(facts), Direction::Forward) => Event::Done { step, facts },
        (Ok(facts), Direction::Back) => Event::Undone { step, facts },
        (Err(failure), direction) => {
            let (problem, unknown) = sort(failure);
            Event::Failed { step, direction, unknown, problem }
        }
    }
}

/// The refusal of a number that no request has.
pub fn no_request(no: RequestNo) -> Problem {
    Problem::requester("request_unknown", format!("No request {no}."))
        .hint("`/desk requests` lists the open ones.")
}

/// Reads and folds a request.
pub async fn load(log: &dyn LogReader, no: RequestNo) -> Result<Request, Problem> {
    let lines = log.request(no).await?;
    if lines.is_empty() {
        return Err(no_request(no));
    }
    Request::fold(no, &lines).map_err(|illegal| unreadable(no, &lines, &illegal))
}

/// A request whose lines make no sense: it costs no other.
pub fn unreadable(no: RequestNo, lines: &[Line], illegal: &IllegalLine) -> Problem {
    let quarantined = lines.iter().find_map(|line| match line.event {
        Event::Quarantined { by } => Some(by),
        _ => None,
    });
    if let Some(by) = quarantined {
        return Problem::requester("request_quarantined", format!("Request {no} was quarantined by {by}."))
            .hint(format!("`/desk history {}` shows its lines.", no.0));
    }
    let damaged = lines.iter().find_map(|line| match &line.event {
        Event::Unreadable { why, .. } => Some(format!("line {} can't be read: {why}", line.line)),
        _ => None,
    });
    let why = damaged.unwrap_or_else(|| illegal.to_string());
    Problem::operator(
        "request_unreadable",
        format!("Request {no} can't be read: {}.", why.trim_end_matches('.')),
    )
    .hint(format!(
        "`/desk history {}` shows its lines; an admin can close it with `/log quarantine {}`.",
        no.0, no.0
    ))
}

fn sort(failure: Failure) -> (Problem, bool) {
    match failure {
        Failure::Refused(problem) => (problem, false),
        Failure::Unknown(problem) => (problem, true),
    }
}

fn number(step: usize) -> u32 {
    u32::try_from(step).unwrap_or(u32::MAX)
}

/// Writes lines of the desk's own doing and applies them. `false` when someone said something that may turn what is to be done:
/// nothing is written then, and the request is as it is now. A click that turns nothing may come between.
async fn write(context: &SagaContext, request: &mut Request, events: Vec<Event>) -> Result<bool, Problem> {
    loop {
        let drafts = events
            .iter()
            .map(|event| Draft {
                at: context.clock.now(),
                by: None,
                about: request.about_of(event),
                event: event.clone(),
            })
            .collect();
        let to = Append::To { no: request.no, after: request.last };
        match context.log.append(to, drafts).await {
            Ok(lines) => {
                for line in &lines {
                    request.apply(line).map_err(|illegal| {
                        Problem::log("log_illegal_line", format!("The log is inconsistent: {illegal}.")).hint(
                            "Run `connect-desk log verify --state FOLDER` with the state folder of the desk.",
                        )
                    })?;
                }
                context.watcher.changed(request.no);
                return Ok(true);
            }
            Err(AppendError::Conflict) => {
                let last_adverse_line = request.last_adverse_line;
                *request = load(context.log.as_ref(), request.no).await?;
                if request.last_adverse_line != last_adverse_line {
                    return Ok(false);
                }
            }
            // What is unknown of a line is settled by looking, as after a crash.
            Err(AppendError::Failed(problem) | AppendError::Unknown(problem)) => return Err(problem),
        }
    }
}
