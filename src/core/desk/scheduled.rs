//! Exports whose time has come. Each is asked as the person whom the configuration names, by the rules that are true for them, and is a
//! request like any other from then on.
//!
//! Whether one was asked is known from the log alone: its request, or the refusal of it, has the schedule's name among its options. So
//! it is asked once, also over restarts, and once when the desk was down at the time. Since when there is a schedule with these times
//! is in the log too, among the rules, so that none runs for a time before, and its very first time is made up for as well.

use jiff::{SignedDuration, Timestamp};

use super::state::{Desk, Incoming, Invocation, Reply};
use crate::basics::ids::RequestNo;
use crate::basics::problem::{Owner, Problem};
use crate::basics::text::{code, count, when};
use crate::log::{Append, By, Event, Line, Query};
use crate::policy::schedule::{OPTION, Schedule};
use crate::ports::is_ahead;
use crate::request::Request;
use crate::request::export::{self, schedule_of};
use crate::words::Args;

/// How late one is before people are told.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// For how long after its time one is tried again where something is in the way that passes by itself.
const PASSING: SignedDuration = SignedDuration::from_hours(1);

/// How far back the log is looked through for a run: further than two times of a schedule are apart.
const BACK: SignedDuration = SignedDuration::from_hours(32 * 24);

impl Desk {
    /// Asks for what is due. Gives the requests to take on.
    pub(super) async fn run_schedules(&self) -> Vec<RequestNo> {
        let mut begun = Vec::new();
        let site = self.site.get();
        let named = |name: &String| site.schedules.iter().any(|schedule| schedule.name == *name);
        self.watch.seen().schedules.retain(|name, _| named(name));
        for schedule in &site.schedules {
            match Box::pin(self.run(schedule)).await {
                Ok(no) => begun.extend(no),
                // It is tried again at the next look.
                Err(problem) => {
                    tracing::error!(
                        code = problem.code,
                        schedule.name,
                        "a scheduled export can't run: {problem}"
                    );
                }
            }
        }
        begun
    }

    async fn run(&self, schedule: &Schedule) -> Result<Option<RequestNo>, Problem> {
        let now = self.saga.clock.now();
        let Some(due) = schedule.times.last(now) else { return Ok(None) };
        let known = self.watch.seen().schedules.get(&schedule.name).cloned();
        let last = match known {
            Some((times, last)) if times == schedule.times && !is_ahead(last, now) => last,
            _ => match self.known_since(schedule).await?.map(|since| since.min(now)) {
                Some(since) => self.last_run(schedule, now).await?.map_or(since, |last| last.max(since)),
                None => return Ok(None),
            },
        };
        let settle = |at| {
            self.watch.seen().schedules.insert(schedule.name.clone(), (schedule.times.clone(), at));
        };
        if last >= due {
            settle(last);
            return Ok(None);
        }
        let by = self.people.person(&schedule.by).await?;
        let Some(by) = by else {
            let message =
                format!("There is no {} at the desk, as whom it is to run.", code(&schedule.by.to_string()));
            let problem = Problem::operator("schedule_nobody", message)
                .hint("Correct `as` under [[schedule]] in the configuration.");
            let person = By { id: schedule.by.clone(), name: schedule.by.to_string() }.as_person();
            let said = Invocation::Typed(schedule.line.clone());
            self.not_asked(schedule, &Incoming { by: person, place: schedule.place.clone(), said }, &problem)
                .await?;
            settle(now);
            return Ok(None);
        };
        let heard =
            Incoming { by, place: schedule.place.clone(), said: Invocation::Typed(schedule.line.clone()) };
        let late = now.duration_since(due);
        let no = match self.handle_scheduled(&heard).await {
            Ok(Reply { request: Some(no), .. }) => no,
            // It is tried again at the next look.
            Err(problem) if is_passing(&problem) && late < PASSING => return Err(problem),
            reply => {
                if let Some(problem) = self.saga.log.unsound() {
                    return Err(problem);
                }
                let refused = reply.map_or_else(
                    |problem| problem,
                    |reply| Problem::requester("schedule_answered", format!("{}.", reply.card.title)),
                );
                let problem = match refused.owner {
                    Owner::Requester => Problem {
                        rule: refused.rule,
                        ..Problem::operator("schedule_refused", refused.message)
                            .hint("Correct [[schedule]] or the rules in the configuration.")
                    },
                    _ => refused,
                };
                self.not_asked(schedule, &heard, &problem).await?;
                settle(now);
                return Ok(None);
            }
        };
        settle(now);
        if late >= LATE {
            let missed = (1..).scan(due, |time, _| {
                *time = schedule.times.last(*time - SignedDuration::from_secs(1))?;
                (*time > last).then_some(())
            });
            let more = match missed.take(1_000).count() {
                0 => String::new(),
                n => format!(" {} before that passed without a run.", count(n, "time")),
            };
            self.watch.seen().untold.push(format!(
                "The scheduled export {} was due at {} and did not run then. It runs now as {no}.{more}",
                code(&schedule.name),
                when(due, now)
            ));
        }
        Ok(Some(no))
    }

    /// Since when the desk has had it with these times and this account without a break; none before the log says so.
    async fn known_since(&self, schedule: &Schedule) -> Result<Option<Timestamp>, Problem> {
        let query = Query { rules: true, limit: usize::MAX, ..Query::default() };
        let lines = self.saga.log.history(&query).await?;
        let has = |line: &&Line| matches!(&line.event, Event::PolicyChanged(change) if change.has_schedule(schedule));
        Ok(lines.iter().take_while(has).map(|line| line.at).last())
    }

    /// When it was asked last, or refused, as far as the log goes back. What a clock that was ahead asked is for none of its times.
    async fn last_run(&self, schedule: &Schedule, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
        let since = now.checked_sub(BACK).unwrap_or(Timestamp::MIN);
        let query = Query {
            person: Some(schedule.by.clone()),
            since: Some(since),
            limit: usize::MAX,
            ..Query::default()
        };
        let lines = self.saga.log.history(&query).await?;
        let of_it =
            |line: &&Line| schedule_of(line) == Some(schedule.name.as_str()) && !is_ahead(line.at, now);
        let runs = lines.iter().filter(of_it);
        Ok(runs.map(|line| line.at).max())
    }

    /// Writes down, and has people told, that it could not be asked.
    async fn not_asked(
        &self,
        schedule: &Schedule,
        heard: &Incoming,
        problem: &Problem,
    ) -> Result<(), Problem> {
        let mut args = Args::default();
        args.replace(OPTION, schedule.name.clone());
        self.write_refusal(Append::Desk, heard, Vec::new(), export::COMMAND, &args, problem).await?;
        self.watch.seen().untold.push(format!(
            "The scheduled export {} did not run. {}",
            code(&schedule.name),
            problem.sentences()
        ));
        Ok(())
    }
}

/// Whether what is in the way passes by itself: no one has to change anything for the next try.
fn is_passing(problem: &Problem) -> bool {
    matches!(problem.owner, Owner::System(_) | Owner::Log)
}

/// Whether a request that can't be planned now is tried again instead of ended: one that no person waits for, for a while.
pub(super) fn is_tried_again(request: &Request, problem: &Problem, now: Timestamp) -> bool {
    let is_scheduled = request.command == export::COMMAND && request.args.text(OPTION).is_some();
    is_scheduled && is_passing(problem) && now.duration_since(request.asked) < PASSING
}
