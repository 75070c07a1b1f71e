//! A plan is carried out step by step: a line on disk, the call, a line on disk. Running and recovering are this one path.
//!
//! Before the pivot a failed step sends its part back, undoing what was done in reverse. From the pivot on it only goes
//! forward; what fails there for good is left `stuck`, with everything a person needs to decide.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};

use crate::approval::Go;
use crate::ids::RequestNo;
use crate::log::{Direction, Draft, Event, Line};
use crate::ports::{Append, AppendError, Book, Clock, Failure, Hands, Journal, StepKey, Watcher};
use crate::problem::Problem;
use crate::request::{IllegalLine, PartMove, Phase, Request};

/// What the saga works with.
#[derive(Clone)]
pub struct Workbench {
    pub hands: Arc<dyn Hands>,
    pub journal: Arc<dyn Journal>,
    pub clock: Arc<dyn Clock>,
    pub watcher: Arc<dyn Watcher>,
}

/// Parts that are carried out side by side. More would only wait for the same quota.
const AT_ONCE: usize = 16;

/// Carries out a request until it ends, is stuck, or waits for a person's hands.
///
/// Parts go on side by side, the steps of a part one after the other; a part that fails is taken back without the others.
/// The caller holds the request's lease, which keeps nobody from a word on it. Gives `false` when somebody said one since it was
/// weighed and before the first line of this: nothing has begun then, and it has to be weighed again. Fails only when the log
/// cannot be written, and then has made no call whose line is not on disk.
pub async fn carry_out(go: Go, bench: &Workbench) -> Result<bool, Problem> {
    let no = go.request();
    let mut request = load(bench.journal.as_ref(), no).await?;
    let is_as_weighed = request.planned.as_ref().map(|planned| &planned.digest) == Some(go.digest())
        && (request.phase != Phase::Waiting || request.turned == go.turned());
    if !is_as_weighed {
        return Ok(false);
    }
    let mut calls = FuturesUnordered::new();
    let mut at_work: BTreeSet<u32> = BTreeSet::new();
    while matches!(request.phase, Phase::Waiting | Phase::Running) {
        let mut begun = Vec::new();
        for part in request.parts_at_work() {
            if at_work.len() == AT_ONCE {
                break;
            }
            if !at_work.contains(&part)
                && let PartMove::Step(step, direction) = request.next_move(part)
            {
                let by_hand = request.is_by_hand(step);
                // A person's step is theirs alone: nothing else goes on while the card asks for it.
                if by_hand && !at_work.is_empty() {
                    continue;
                }
                let Some(effect) = request.effect(step, direction) else {
                    return Err(Problem::log("log_illegal_step", format!("{no} cannot do step {step}."))
                        .next("Run `connect-desk log verify`."));
                };
                let attempt = request.attempt(step, direction);
                at_work.insert(part);
                begun.push((StepKey { request: no, step: number(step), direction }, attempt, effect));
                if by_hand {
                    break;
                }
            }
        }
        if !begun.is_empty() {
            let started = begun
                .iter()
                .map(|(key, ..)| Event::Started { step: key.step, direction: key.direction })
                .collect();
            if !write(bench, &mut request, started).await? {
                return Ok(false);
            }
            for (key, attempt, effect) in begun {
                if !effect.waits_for_a_person() {
                    let hands = bench.hands.clone();
                    calls.push(async move { (key, hands.bring_about(key, attempt, &effect).await) });
                }
            }
            continue;
        }
        let Some(first) = calls.next().await else {
            let mut last = vec![request.ending()];
            if request.is_emergency() && matches!(last.as_slice(), [Event::Finished { .. }]) {
                last.push(Event::ToReview);
            }
            if !write(bench, &mut request, last).await? {
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
                at_work.remove(&part);
            }
            events.push(came_of(key, came));
        }
        write(bench, &mut request, events).await?;
    }
    Ok(true)
}

fn came_of(key: StepKey, came: Result<BTreeMap<String, String>, Failure>) -> Event {
    let StepKey { step, direction, .. } = key;
    match (came, direction) {
        (Ok(facts), Direction::Forward) => Event::Done { step, facts },
        (Ok(_), Direction::Back) => Event::Undone { step },
        (Err(failure), direction) => {
            let (problem, unknown) = sort(failure);
            Event::Failed { step, direction, unknown, problem }
        }
    }
}

/// The refusal of a number that no request has.
pub fn no_request(no: RequestNo) -> Problem {
    Problem::asker("request_unknown", format!("No request {no}."))
        .next("`/desk requests` lists the open ones.")
}

/// Reads and folds a request.
pub async fn load(book: &dyn Book, no: RequestNo) -> Result<Request, Problem> {
    let lines = book.request(no).await?;
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
        return Problem::asker("request_quarantined", format!("Request {no} was quarantined by {by}."))
            .next(format!("`/desk history {}` shows its lines.", no.0));
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
    .next(format!(
        "`/desk history {}` shows its lines; an admin can close it with `/desk quarantine {}`.",
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

/// Writes lines of the desk's own doing and applies them. Somebody's click may come between; then it is read first. `false`
/// when it was a word on a request that has not begun: a no, or anything else that has not been weighed. Nothing is written then.
async fn write(bench: &Workbench, request: &mut Request, events: Vec<Event>) -> Result<bool, Problem> {
    loop {
        let drafts = events
            .iter()
            .map(|event| Draft {
                at: bench.clock.now(),
                by: None,
                about: request.about_of(event),
                event: event.clone(),
            })
            .collect();
        let to = Append::To { no: request.no, after: request.last };
        match bench.journal.append(to, drafts).await {
            Ok(lines) => {
                for line in &lines {
                    request.apply(line).map_err(|illegal| {
                        Problem::log("log_illegal_line", format!("The log makes no sense: {illegal}."))
                            .next("Run `connect-desk log verify`.")
                    })?;
                }
                bench.watcher.changed(request.no);
                return Ok(true);
            }
            Err(AppendError::Conflict) => {
                let (has_begun, turned) = (request.phase != Phase::Waiting, request.turned);
                *request = load(bench.journal.as_ref(), request.no).await?;
                if !has_begun && request.turned != turned {
                    return Ok(false);
                }
            }
            // What is unknown of a line is settled by looking, as after a crash.
            Err(AppendError::Failed(problem) | AppendError::Unknown(problem)) => return Err(problem),
        }
    }
}
