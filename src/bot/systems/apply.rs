//! Brings a change about in an outside system: one vocabulary for what came of it, and one loop for doubt, retry and look.
//!
//! A system says what one try came to ([`Acted`] or [`Fault`]) and what can be seen of the change ([`Seen`]). What follows from that is
//! the same everywhere: whatever may have happened is looked at before it is tried again and before anyone is told.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::problem::{Owner, Problem, System};
pub(crate) use desk_core::plan::Facts;
use desk_core::plan::{Attempt, Failure};
use desk_core::ports::Clock;

use crate::pauses::{Jitter, Pauses};

/// How a try ended well.
#[derive(Debug)]
pub(crate) enum Acted {
    /// It happened: the system's word is enough.
    Done(Facts),
    /// This system took it. It counts once it can be seen.
    Acknowledged(System),
}

/// What an unsuccessful call means, whichever system was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no such thing. Nothing happened.
    NotFound(Problem),
    /// Nothing happened now, because its name is taken: by what was removed a moment ago, by an earlier try of ours, or by
    /// someone else.
    Taken(Problem),
    /// Nothing happened, and it may work later.
    NotYet(Problem),
    /// Nothing happened, because what the plan itself made a moment ago may not be visible yet.
    NotVisible(Problem),
    /// Nothing happened, and nothing will without someone's help.
    Refused(Problem),
    /// It may have happened; of a read, nothing is known.
    Unknown(Problem),
}

impl Fault {
    pub fn problem(self) -> Problem {
        match self {
            Fault::NotFound(problem)
            | Fault::Taken(problem)
            | Fault::NotYet(problem)
            | Fault::NotVisible(problem)
            | Fault::Refused(problem)
            | Fault::Unknown(problem) => problem,
        }
    }

    /// The same for a try that changed something before it came to this.
    pub(crate) fn after_a_change(self) -> Fault {
        Fault::Unknown(self.problem())
    }
}

/// For those who only read, who need no more than what to say. Effects keep the kinds apart.
impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        fault.problem()
    }
}

/// What one try came to.
pub(crate) type Tried = Result<Acted, Fault>;

/// What can be seen of a change.
#[derive(Debug)]
pub(crate) enum Seen {
    /// It is there.
    Holds(Facts),
    /// It isn't there. If this lasts as long as changes take to show, it did not happen.
    Absent,
    /// It may be there, in part or in a way that doesn't show.
    Unclear,
    /// Something else is in its place, and going on would harm it.
    Blocked(Problem),
    /// What it is about is gone, and with it whatever an earlier try did to it.
    Gone(Problem),
}

/// Who would have made the change, if it can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provenance {
    /// We did: it was acknowledged.
    Ours,
    /// Perhaps an earlier try of ours.
    PerhapsOurs,
    /// Someone else: nothing of ours can have happened yet.
    NotOurs,
}

/// A change to bring about.
#[async_trait]
pub(crate) trait Change: Send + Sync {
    /// Tries once.
    async fn act(&self) -> Tried;

    /// Looks. An error means that it can't be looked at now.
    async fn look(&self, provenance: Provenance) -> Result<Seen, Problem>;

    /// Whether an earlier try may have done something. What only reads leaves nothing to look at.
    fn leaves_traces(&self) -> bool {
        true
    }

    /// Whether trying again is harmless while an earlier try may have happened and nothing can be seen of it.
    fn repeats(&self) -> bool {
        true
    }
}

/// How long to continue, and the pauses in between.
#[derive(Clone)]
pub(crate) struct Patience {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) jitter: Jitter,
    /// While it doesn't work or its answers are lost.
    pub(crate) trouble: Duration,
    /// Until an acknowledged change shows, also to the steps that need it.
    pub(crate) visible: Duration,
    /// While its name is taken.
    pub(crate) taken: Duration,
    /// The first pause after a failed try; each further one is up to twice as long.
    pub(crate) first_pause: Duration,
    pub(crate) longest_pause: Duration,
}

impl Patience {
    /// Pauses that end after this time.
    pub(crate) fn pauses(&self, how_long: Duration) -> Pauses {
        Pauses {
            clock: self.clock.clone(),
            until: self.clock.monotonic() + how_long,
            next: self.first_pause,
            longest: self.longest_pause,
            jitter: self.jitter.clone(),
        }
    }
}

/// Brings the change about, and returns when that is certain, or certainly not to be had, or can't be known.
pub(crate) async fn apply(
    change: &dyn Change,
    attempt: Attempt,
    patience: &Patience,
) -> Result<Facts, Failure> {
    let mut look = attempt != Attempt::First && change.leaves_traces();
    // Whether an earlier try may have happened, and what became of it.
    let mut doubt = look && attempt == Attempt::Again;
    let mut lost = None;
    let mut trouble = patience.pauses(patience.trouble);
    let mut visible = patience.pauses(patience.visible);
    let mut taken = patience.pauses(patience.taken);
    loop {
        if look || doubt {
            match change.look(Provenance::PerhapsOurs).await {
                Ok(Seen::Holds(facts)) => return Ok(facts),
                Ok(Seen::Absent | Seen::Unclear) => look = false,
                Ok(Seen::Blocked(problem)) if !doubt => return Err(Failure::Refused(problem)),
                Ok(Seen::Blocked(problem)) => return Err(Failure::Unknown(problem)),
                Ok(Seen::Gone(problem)) => return Err(Failure::Refused(problem)),
                Err(_) if trouble.pause().await => continue,
                Err(problem) if !doubt => return Err(Failure::Refused(problem)),
                // What was lost says more than that it couldn't be looked for.
                Err(problem) => return Err(Failure::Unknown(lost.unwrap_or(problem))),
            }
        }
        let problem = match change.act().await {
            Ok(Acted::Done(facts)) => return Ok(facts),
            Ok(Acted::Acknowledged(by)) => return until_seen(change, by, patience).await,
            Err(Fault::NotYet(_)) if trouble.pause().await => continue,
            Err(Fault::NotVisible(_)) if visible.pause().await => continue,
            Err(Fault::Unknown(problem)) if !change.repeats() => return Err(Failure::Unknown(problem)),
            Err(Fault::Unknown(problem)) => {
                doubt = true;
                if trouble.pause().await {
                    lost = Some(problem);
                    continue;
                }
                return match change.look(Provenance::PerhapsOurs).await {
                    Ok(Seen::Holds(facts)) => Ok(facts),
                    _ => Err(Failure::Unknown(problem)),
                };
            }
            Err(Fault::Taken(problem)) => {
                let provenance = if doubt { Provenance::PerhapsOurs } else { Provenance::NotOurs };
                match change.look(provenance).await {
                    Ok(Seen::Holds(facts)) => return Ok(facts),
                    Ok(Seen::Blocked(problem)) if doubt => return Err(Failure::Unknown(problem)),
                    Ok(Seen::Blocked(problem) | Seen::Gone(problem)) => {
                        return Err(Failure::Refused(problem));
                    }
                    Ok(Seen::Absent | Seen::Unclear) | Err(_) => {}
                }
                if taken.pause().await {
                    continue;
                }
                problem
            }
            Err(
                Fault::NotYet(problem)
                | Fault::NotVisible(problem)
                | Fault::Refused(problem)
                | Fault::NotFound(problem),
            ) => problem,
        };
        // This try did nothing. An earlier one may have.
        return if doubt { settled(change, patience, problem).await } else { Err(Failure::Refused(problem)) };
    }
}

/// Waits until an acknowledged change can be seen.
async fn until_seen(change: &dyn Change, by: System, patience: &Patience) -> Result<Facts, Failure> {
    let mut pauses = patience.pauses(patience.visible);
    loop {
        let problem = match change.look(Provenance::Ours).await {
            Ok(Seen::Holds(facts)) => return Ok(facts),
            Ok(Seen::Blocked(problem) | Seen::Gone(problem)) => return Err(Failure::Unknown(problem)),
            Ok(Seen::Absent | Seen::Unclear) => Problem::new(
                Owner::System(by.clone()),
                "not_visible",
                format!("{by} accepted the change, but it doesn't show yet."),
            )
            .hint("Wait a few minutes and try again."),
            // Reading what was just made may be refused for a while (AWS: eventual consistency).
            Err(problem) => problem,
        };
        if !pauses.pause().await {
            return Err(Failure::Unknown(problem));
        }
    }
}

/// What became of earlier tries, when the last one was refused with this problem.
async fn settled(change: &dyn Change, patience: &Patience, refused: Problem) -> Result<Facts, Failure> {
    let mut pauses = patience.pauses(patience.visible);
    loop {
        let absent = match change.look(Provenance::PerhapsOurs).await {
            Ok(Seen::Holds(facts)) => return Ok(facts),
            Ok(Seen::Blocked(problem)) => return Err(Failure::Unknown(problem)),
            Ok(Seen::Gone(problem)) => return Err(Failure::Refused(problem)),
            Ok(Seen::Unclear) => return Err(Failure::Unknown(refused)),
            Ok(Seen::Absent) => true,
            Err(_) => false,
        };
        if !pauses.pause().await {
            return Err(if absent { Failure::Refused(refused) } else { Failure::Unknown(refused) });
        }
    }
}
