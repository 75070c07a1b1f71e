//! What Amazon Connect can be brought to: each effect says how it is tried and how it is looked at, in one place.
//!
//! To add one, write `Apply` for it.

mod hierarchy;
mod hours;
mod queues;
mod quick_connects;
mod routing_profiles;
mod statuses;
mod tasks;
mod users;

use async_trait::async_trait;
use desk_core::basics::problem::{Problem, System};
use desk_core::basics::text::code;
use desk_core::center::User;
use desk_core::plan::effect::Visitor;
use desk_core::plan::{Attempt, Failure, StepKey};
use tokio::task::JoinSet;

use super::Connect;
use super::cached::{Now, Thing};
use super::call::{INVALID_REQUEST, NOT_FOUND};
use crate::systems::apply::{self, Acted, Change, Facts, Fault, Provenance, Seen, Tried};

/// Takes any effect of Amazon Connect as what brings it about: a kind without `Apply` doesn't compile.
pub(crate) struct AsApply;

impl<E: Apply + Clone + 'static> Visitor<E, Box<dyn Apply>> for AsApply {
    fn visit(self, effect: &E) -> Box<dyn Apply> {
        Box::new(effect.clone())
    }
}

/// How one effect is brought about.
#[async_trait]
pub(crate) trait Apply: Send + Sync {
    /// Makes the calls.
    async fn act(&self, connect: &Connect, key: StepKey) -> Tried;

    /// Whether it holds, and where something else is in its place, that it must not be touched.
    async fn look(&self, connect: &Connect, provenance: Provenance) -> Result<Seen, Fault>;

    /// Whether an earlier try may have done something.
    fn leaves_traces(&self) -> bool {
        true
    }

    /// What is there afterwards that wasn't there before.
    fn makes(&self) -> Option<Thing> {
        None
    }

    /// What its calls need that an earlier step of the same plan may have made.
    fn leans_on(&self) -> Vec<Thing> {
        Vec::new()
    }
}

/// One step in the contact center.
struct Step<'a> {
    connect: &'a Connect,
    key: StepKey,
    effect: &'a dyn Apply,
    /// What it needs that the plan itself made a moment ago.
    recent: Option<Thing>,
}

#[async_trait]
impl Change for Step<'_> {
    /// AWS says of what was just made that it isn't found, or that the request is invalid, for up to "several minutes".
    async fn act(&self) -> Tried {
        let tried = self.effect.act(self.connect, self.key).await;
        tried.map_err(|fault| match (fault, &self.recent) {
            (Fault::Refused(problem) | Fault::NotYet(problem), Some(recent))
                if [INVALID_REQUEST, NOT_FOUND, NOT_VISIBLE].contains(&problem.code.as_str()) =>
            {
                Fault::NotVisible(just_made(recent, problem))
            }
            (fault, _) => fault,
        })
    }

    async fn look(&self, provenance: Provenance) -> Result<Seen, Problem> {
        self.effect.look(self.connect, provenance).await.map_err(Fault::problem)
    }

    fn leaves_traces(&self) -> bool {
        self.effect.leaves_traces()
    }
}

impl Connect {
    /// Brings an effect about, on a task of its own, so that calls continue and the quota is spent while the saga writes its
    /// lines. A caller that goes away ends it, as it would without the task.
    pub(crate) async fn apply(
        &self,
        key: StepKey,
        attempt: Attempt,
        effect: Box<dyn Apply>,
    ) -> Result<Facts, Failure> {
        let connect = self.clone();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let (made, clock) = (&connect.directory.made, &connect.caller.clock);
            let visible = connect.caller.patience.visible;
            let now = || Now { time: clock.now(), monotonic: clock.monotonic() };
            let needs = effect.leans_on();
            let recent = made.recently(key.request, needs, key.done_before, now(), visible);
            let step = Step { connect: &connect, key, effect: effect.as_ref(), recent };
            let came = apply::apply(&step, attempt, &connect.caller.patience).await;
            if let (Ok(_), Some(thing)) = (&came, effect.makes()) {
                made.learn(key.request, thing, now(), visible);
            }
            came
        });
        match task.join_next().await {
            Some(Ok(came)) => came,
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            _ => Err(Failure::Unknown(
                Problem::operator("stopped", "The desk stopped during this step.").hint("Restart the desk."),
            )),
        }
    }

    /// The user under the login, or what its absence means for a step that needs it: it may not be visible yet.
    async fn user_now(&self, login: &str) -> Result<User, Fault> {
        let user = self.by_login(login).await.map_err(unread)?;
        user.ok_or_else(|| Fault::NotYet(missing(USER, login)))
    }
}

fn holds(holds: bool) -> Seen {
    if holds { Seen::Holds(Facts::new()) } else { Seen::Absent }
}

/// The same for what takes several calls, and may be there in part.
fn holds_whole(holds: bool) -> Seen {
    if holds { Seen::Holds(Facts::new()) } else { Seen::Unclear }
}

/// What it means for a call that the thing it names does not exist.
#[derive(Clone, Copy)]
enum OnNotFound {
    /// It was to go.
    Fine,
    /// It was made by an earlier step and may not be visible yet.
    NotYet,
    /// A reference of the plan is gone; another call will not bring it back.
    Refused,
}

fn acted<T>(sent: Result<T, Fault>, gone: OnNotFound) -> Tried {
    match (sent, gone) {
        (Ok(_), _) | (Err(Fault::NotFound(_)), OnNotFound::Fine) => {
            Ok(Acted::Acknowledged(System::AMAZON_CONNECT))
        }
        (Err(Fault::NotFound(problem)), OnNotFound::NotYet) => Err(Fault::NotYet(problem)),
        (Err(Fault::NotFound(problem)), OnNotFound::Refused) => Err(Fault::Refused(problem)),
        (Err(fault), _) => Err(fault),
    }
}

/// One more call of an effect that takes several: whatever this one came to, the calls before it changed something.
fn further(changed_before: bool, tried: Tried) -> Tried {
    tried.map_err(|fault| if changed_before { fault.after_a_change() } else { fault })
}

/// A step could not read what it needs: nothing was called, and the next try may succeed.
fn unread(fault: Fault) -> Fault {
    match fault {
        Fault::Refused(problem) => Fault::Refused(problem),
        fault => Fault::NotYet(fault.problem()),
    }
}

/// What the desk makes, in words.
const USER: &str = "user";
const QUEUE: &str = "queue";
const QUICK_CONNECT: &str = "quick connect";
const ROUTING_PROFILE: &str = "routing profile";
const HIERARCHY_GROUP: &str = "hierarchy group";

const NOT_VISIBLE: &str = "not_visible";

fn missing(kind: &str, name: &str) -> Problem {
    Problem::contact_center(NOT_VISIBLE, format!("The {kind} {} isn't visible yet.", code(name)))
        .hint("Wait a few minutes and try again.")
}

/// The same problem for a step that needs what the plan itself made a moment ago.
fn just_made((kind, name): &Thing, problem: Problem) -> Problem {
    let hint = format!(
        "The {kind} {} was just created and may not be visible yet. Try again in a few minutes.",
        code(name)
    );
    Problem::contact_center(NOT_VISIBLE, problem.message).hint(hint)
}

/// Another has the name, and waiting doesn't free it.
fn name_taken(tried: Tried) -> Tried {
    tried.map_err(|fault| match fault {
        Fault::Taken(problem) => Fault::Refused(problem),
        fault => fault,
    })
}

/// What a plan made is no longer as it made it, or was never its own.
fn not_as_made(kind: &str, name: &str) -> Problem {
    Problem::human(
        "not_as_made",
        format!("The {kind} {} is not as planned. Someone else changed or created it.", code(name)),
    )
    .hint("Check it in the admin website, and remove it there if it isn't needed.")
}

/// A thing that is gone, so nothing of it can be set.
fn thing_gone(kind: &str, name: &str) -> Problem {
    Problem::human("thing_gone", format!("The {kind} {} no longer exists.", code(name)))
        .hint("Check the list, and make a new request with one that exists.")
}

fn not_built(error: aws_smithy_types::error::operation::BuildError) -> Fault {
    tracing::error!(%error, "a request couldn't be prepared");
    Fault::Refused(
        Problem::operator("not_built", "A request to Amazon Connect couldn't be prepared.")
            .hint("Report this as a bug in connect-desk. The desk's log has the details."),
    )
}
