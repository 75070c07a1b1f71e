//! A plan is carried out step by step: a line on disk, the call, a line on disk. Running and recovering are this one path.
//!
//! Before the pivot a failed step sends the saga back, undoing what was done in reverse. From the pivot on it only goes
//! forward; what fails there for good is left `stuck`, with everything a person needs to decide.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::approval::Go;
use crate::ids::RequestNo;
use crate::log::{Direction, Draft, Event, Outcome};
use crate::plan::Effect;
use crate::ports::{Append, AppendError, Attempt, Clock, Failure, Hands, Journal, StepKey, Watcher};
use crate::problem::Problem;
use crate::request::{Phase, Request, StepState};

/// What the saga works with.
#[derive(Clone)]
pub struct Workbench {
    pub hands: Arc<dyn Hands>,
    pub journal: Arc<dyn Journal>,
    pub clock: Arc<dyn Clock>,
    pub watcher: Arc<dyn Watcher>,
}

/// The next thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Forward(usize),
    Back(usize),
    End(Outcome),
}

/// Carries out a request until it ends, is stuck, or waits for a person's hands.
///
/// The caller holds the request's lease. Fails only when the log cannot be written, and then has made no call whose
/// line is not on disk.
pub async fn carry_out(go: Go, bench: &Workbench) -> Result<(), Problem> {
    let no = go.request();
    let mut request = load(bench.journal.as_ref(), no).await?;
    if request.planned.as_ref().map(|planned| &planned.digest) != Some(go.digest()) {
        // The plan that was weighed is not the one that stands; whoever changed it calls `advance` again.
        return Ok(());
    }
    while matches!(request.phase, Phase::Waiting | Phase::Running) {
        match next_move(&request) {
            Move::Forward(step) => step_forward(bench, &mut request, step).await?,
            Move::Back(step) => step_back(bench, &mut request, step).await?,
            Move::End(outcome) => write(bench, &mut request, vec![Event::Finished { outcome }]).await?,
        }
    }
    Ok(())
}

/// Reads and folds a request.
pub async fn load(journal: &dyn Journal, no: RequestNo) -> Result<Request, Problem> {
    let lines = journal.request(no).await?;
    if lines.is_empty() {
        return Err(Problem::asker("request_unknown", format!("There is no request {no}."))
            .next("`/desk requests` lists the open ones."));
    }
    Request::fold(no, &lines).map_err(|illegal| {
        Problem::log("log_illegal_line", format!("The log makes no sense: {illegal}."))
            .next("Run `connect-desk log verify`, and look at the lines of this request.")
    })
}

fn next_move(request: &Request) -> Move {
    let failed = request.steps.iter().position(|state| matches!(state, StepState::Failed { .. }));
    let turned = request
        .steps
        .iter()
        .any(|state| matches!(state, StepState::Undone | StepState::Started(Direction::Back)));
    if (failed.is_some() || turned) && !past_pivot(request) {
        let plan_steps = request.plan().map(|plan| plan.steps.as_slice()).unwrap_or_default();
        let back = request.steps.iter().zip(plan_steps).enumerate().rev().find(|(_, (state, step))| {
            step.undo.is_some()
                && matches!(
                    state,
                    StepState::Done | StepState::Failed { unknown: true } | StepState::Started(_)
                )
        });
        return match back {
            Some((step, _)) => Move::Back(step),
            None => Move::End(Outcome::TakenBack),
        };
    }
    match request.steps.iter().position(|state| *state != StepState::Done) {
        Some(step) => Move::Forward(step),
        None => Move::End(Outcome::Done),
    }
}

/// Whether something has happened, or may have, that cannot be taken back.
fn past_pivot(request: &Request) -> bool {
    let steps = request.plan().map(|plan| plan.steps.as_slice()).unwrap_or_default();
    request.steps.iter().zip(steps).any(|(state, step)| {
        step.pivot
            && matches!(
                state,
                StepState::Done
                    | StepState::Started(Direction::Forward)
                    | StepState::Failed { unknown: true }
            )
    })
}

async fn step_forward(bench: &Workbench, request: &mut Request, step: usize) -> Result<(), Problem> {
    let Some(effect) = request.plan().and_then(|plan| plan.steps.get(step)).map(|s| s.effect.clone()) else {
        return Err(Problem::log("log_illegal_step", format!("{} has no step {step}.", request.no))
            .next("Run `connect-desk log verify`."));
    };
    let attempt = match request.steps.get(step) {
        Some(StepState::Todo) => Attempt::First,
        _ => Attempt::Again,
    };
    let direction = Direction::Forward;
    write(bench, request, vec![Event::Started { step: number(step), direction }]).await?;
    if matches!(effect, Effect::DoneByHand { .. }) {
        return Ok(());
    }
    let events = match call(bench, request, step, direction, attempt, &effect).await {
        Ok(facts) => vec![Event::Done { step: number(step), facts }],
        Err(failure) => {
            let (problem, unknown) = sort(failure);
            let failed = Event::Failed { step: number(step), direction, unknown, problem: problem.clone() };
            let pivot = request.plan().and_then(|plan| plan.steps.get(step)).is_some_and(|s| s.pivot);
            let earlier_pivot =
                request.plan().is_some_and(|plan| plan.steps.iter().take(step).any(|earlier| earlier.pivot));
            if earlier_pivot || (pivot && unknown) {
                vec![failed, Event::Stuck { step: number(step), direction, problem }]
            } else {
                vec![failed]
            }
        }
    };
    write(bench, request, events).await
}

async fn step_back(bench: &Workbench, request: &mut Request, step: usize) -> Result<(), Problem> {
    let Some(undo) = request.plan().and_then(|plan| plan.steps.get(step)).and_then(|s| s.undo.clone()) else {
        return Err(Problem::log("log_illegal_step", format!("{} cannot undo step {step}.", request.no))
            .next("Run `connect-desk log verify`."));
    };
    let attempt = match request.steps.get(step) {
        Some(StepState::Done) => Attempt::First,
        _ => Attempt::Again,
    };
    let direction = Direction::Back;
    write(bench, request, vec![Event::Started { step: number(step), direction }]).await?;
    let events = match call(bench, request, step, direction, attempt, &undo).await {
        Ok(_) => vec![Event::Undone { step: number(step) }],
        Err(failure) => {
            let (problem, unknown) = sort(failure);
            vec![
                Event::Failed { step: number(step), direction, unknown, problem: problem.clone() },
                Event::Stuck { step: number(step), direction, problem },
            ]
        }
    };
    write(bench, request, events).await
}

async fn call(
    bench: &Workbench,
    request: &Request,
    step: usize,
    direction: Direction,
    attempt: Attempt,
    effect: &Effect,
) -> Result<BTreeMap<String, String>, Failure> {
    let key = StepKey { request: request.no, step: number(step), direction };
    bench.hands.bring_about(key, attempt, effect).await
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

/// Writes lines of the desk's own doing and applies them. Somebody's click may come between; then it is read first.
async fn write(bench: &Workbench, request: &mut Request, events: Vec<Event>) -> Result<(), Problem> {
    loop {
        let drafts = events
            .iter()
            .map(|event| Draft {
                at: bench.clock.now(),
                by: None,
                about: request.about(),
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
                return Ok(());
            }
            Err(AppendError::Conflict) => *request = load(bench.journal.as_ref(), request.no).await?,
            Err(AppendError::Failed(problem)) => return Err(problem),
        }
    }
}
