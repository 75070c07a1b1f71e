//! Exports whose time has come. Each is asked as the person whom the configuration names, by the rules that are true for them, and is a
//! request like any other from then on.
//!
//! Whether one was asked is known from the log alone: its request, or the refusal of it, has the schedule's name among its options. So
//! it is asked once, also over restarts, and once when the desk was down at the time.

use jiff::{SignedDuration, Timestamp};

use super::state::{Desk, Incoming, Invocation};
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::text::{code, count, when};
use crate::log::{Append, By, Query};
use crate::policy::schedule::{OPTION, Schedule};
use crate::request::export::{self, schedule_of};
use crate::words::Args;

/// How late one is before people are told.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// How far back the log is looked through for a run: further than two times of a schedule are apart.
const BACK: SignedDuration = SignedDuration::from_hours(32 * 24);

impl Desk {
    /// Asks for what is due. Gives the requests to take on.
    pub(super) async fn run_schedules(&self) -> Vec<RequestNo> {
        let mut begun = Vec::new();
        let now = self.bench.clock.now();
        // One that has never run begins with its first time after the desk was started, or after the configuration was read again.
        let started = now.checked_sub(self.bench.clock.monotonic()).unwrap_or(now);
        let since = if self.watch.seen().schedules.is_none() { started } else { now };
        for schedule in &self.site.get().schedules {
            match Box::pin(self.run(schedule, since)).await {
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
        self.watch.seen().schedules.get_or_insert_default();
        begun
    }

    /// `since`: when it began, if it has never run.
    async fn run(&self, schedule: &Schedule, since: Timestamp) -> Result<Option<RequestNo>, Problem> {
        let now = self.bench.clock.now();
        let Some(due) = schedule.times.last(now) else { return Ok(None) };
        let known = self.watch.seen().schedules.as_ref().and_then(|known| known.get(&schedule.name).copied());
        let last = match known {
            Some(last) => last,
            None => self.last_run(schedule, now).await?.unwrap_or(since),
        };
        let settle = |at| {
            self.watch.seen().schedules.get_or_insert_default().insert(schedule.name.clone(), at);
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
        let reply = self.handle(heard.clone()).await;
        let Some(no) = reply.request else {
            if let Some(problem) = self.bench.log.unsound() {
                return Err(problem);
            }
            let problem = Problem::operator("schedule_refused", reply.card.words())
                .hint("Correct [[schedule]] or the rules in the configuration.");
            self.not_asked(schedule, &heard, &problem).await?;
            settle(now);
            return Ok(None);
        };
        settle(now);
        let late = now.duration_since(due);
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
                "The scheduled export {} was due at {}, when the desk was down. It runs now as {no}.{more}",
                code(&schedule.name),
                when(due, now)
            ));
        }
        Ok(Some(no))
    }

    /// When it was asked last, or refused, as far as the log goes back.
    async fn last_run(&self, schedule: &Schedule, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
        let since = now.checked_sub(BACK).unwrap_or(Timestamp::MIN);
        let query = Query {
            person: Some(schedule.by.clone()),
            since: Some(since),
            limit: usize::MAX,
            ..Query::default()
        };
        let lines = self.bench.log.history(&query).await?;
        let runs = lines.iter().filter(|line| schedule_of(line) == Some(schedule.name.as_str()));
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
