//! Somebody's word on a request: whether it counts, what it adds to the log, and what is said to whom it does not.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::caller;
use super::state::{Desk, Incoming, Reply};
use super::write::{CONFLICT, not_known};
use crate::basics::ids::RequestNo;
use crate::basics::problem::{Owner, Problem};
use crate::basics::roles::Person;
use crate::basics::text::code;
use crate::log::{Append, AppendError};
use crate::log::{Event, Outcome};
use crate::ports::CODES_MAILED;
use crate::request::approval::{self, Moment};
use crate::request::entitled::{self, No};
use crate::request::{Decision, Verb};
use crate::request::{Deferral, Phase, Planned, Request};
use crate::view;
use crate::words::{self, Args};

/// The code of the problem that a sentence is missing.
pub(super) const SENTENCE: &str = "sentence_missing";

/// The code of the problem that no code of an authenticator came along.
pub(super) const CODE: &str = "code_missing";

/// The argument that carries such a code; it is written nowhere.
pub(super) const CODE_ARG: &str = "code";

/// The code of the problem that it is not said for when something is put off.
pub(super) const MOMENT: &str = "moment_missing";

/// The code of the problem that the login was not typed once more.
pub(super) const RETYPE: &str = "retype_missing";

impl Desk {
    /// Somebody's word on a request: checked, written down, answered. Of two at once the second sees the first.
    pub(super) async fn decide(
        &self,
        heard: &Incoming,
        path: &str,
        args: &Args,
        decision: Decision,
    ) -> Result<Reply, Problem> {
        let no = decision.request;
        let mut request = self.load(no).await?;
        if let (Phase::Waiting, Some(planned)) = (&request.phase, &request.planned)
            && self.moment(&request).is_over(approval::expires(&request, planned))
        {
            Box::pin(self.advance(no)).await?;
            request = self.load(no).await?;
        }
        let mut used = false;
        let written = loop {
            let requester =
                self.people.person(&request.by.id).await?.unwrap_or_else(|| request.by.as_person());
            let judged = match self.judge(&request, heard, &decision, &requester).await {
                Ok(events) if used => Ok(events),
                // Used up before the line is written, so that no code counts twice, and once for all tries of this word.
                Ok(events) => self.use_up(&request, &heard.by, &decision).await.map(|()| {
                    used = true;
                    events
                }),
                Err(problem) => Err(problem),
            };
            let events = match judged {
                Ok(events) => events,
                Err(problem) if !is_evidence(&problem) => return Err(problem),
                Err(problem) => {
                    let to = Append::To { no, after: request.last };
                    // Evidence of a refused click; when somebody else wrote first, it is judged anew.
                    match self.write_refusal(to, heard, request.about(), path, args, &problem).await {
                        Err(conflict) if conflict.code == CONFLICT => {
                            request = self.load(no).await?;
                            continue;
                        }
                        _ => return Err(problem),
                    }
                }
            };
            let drafts =
                events.into_iter().map(|event| self.draft(Some(&heard.by), request.about(), event)).collect();
            match self.bench.log.append(Append::To { no, after: request.last }, drafts).await {
                Ok(written) => break written,
                Err(AppendError::Conflict) => request = self.load(no).await?,
                Err(AppendError::Failed(problem)) => return Err(problem),
                Err(AppendError::Unknown(_)) => {
                    return Err(not_known(Append::To { no, after: request.last }));
                }
            }
        };
        self.bench.watcher.changed(no);
        let request = self.load(no).await?;
        if decision.verb == Verb::Reveal {
            let unsealed = written.first().map_or(request.last, |line| line.line);
            return self.reveal(&request, unsealed).await;
        }
        if caller::wants_code(&decision) {
            let mailed = Box::pin(self.mail_code(&request)).await;
            while let Err(problem) = &mailed {
                let request = self.load(no).await?;
                let to = Append::To { no, after: request.last };
                match self.write_refusal(to, heard, request.about(), path, args, problem).await {
                    Err(conflict) if conflict.code == CONFLICT => {}
                    written => {
                        written?;
                        break;
                    }
                }
            }
            return mailed;
        }
        Ok(Reply::of(&request, self.bench.clock.now()))
    }

    /// Uses up what may be used once with a word that counts: a code, or a turn to have one mailed.
    async fn use_up(&self, request: &Request, by: &Person, decision: &Decision) -> Result<(), Problem> {
        match &decision.code {
            Some(code) if wants_factor(request, decision) => {
                self.factors.use_code(&by.accounts(), code).await
            }
            Some(code) if caller::brings_code(decision) => self.caller_codes.use_code(request.no, code).await,
            None if caller::wants_code(decision) => {
                request.about().iter().try_for_each(|login| self.caller_codes.may_mail(login))
            }
            _ => Ok(()),
        }
    }

    /// What a decision adds to the log, or why it counts for nothing. `requester` is who asked, with their roles of now.
    pub(super) async fn judge(
        &self,
        request: &Request,
        heard: &Incoming,
        decision: &Decision,
        requester: &Person,
    ) -> Result<Vec<Event>, Problem> {
        if let Some(problem) = self.bench.log.unsound() {
            return Err(problem);
        }
        let (by, now) = (&heard.by, self.bench.clock.now());
        let is_requester = entitled::is_requester(request, requester, by);
        if decision.verb == Verb::Verify {
            caller::may_say(request, decision, is_requester, by)?;
        }
        entitled::may(decision.verb, request, requester, by, self.moment(request)).map_err(
            |no| match no {
                No::NotNow => Problem::asker("wrong_moment", view::standing(request, now))
                    .hint(format!("`/desk history {}` tells the whole story.", request.no.0)),
                No::Invocation(problem) => problem.hint(view::standing(request, now)),
                No::Refused(problem) => problem,
            },
        )?;
        let Some(planned) = &request.planned else {
            return Ok(vec![Event::Cancelled, Event::Finished { outcome: Outcome::Cancelled }]);
        };
        match decision.verb {
            Verb::Confirm => {
                self.same_plan(decision, request)?;
                self.has_factor(by, planned, decision).await?;
                Ok(vec![Event::Confirmed { digest: planned.digest.clone() }])
            }
            Verb::Approve => {
                self.same_plan(decision, request)?;
                retyped(decision, request, planned)?;
                self.has_factor(by, planned, decision).await?;
                let groups = planned.needs.groups(planned.at, now);
                let roles = groups.iter().flat_map(|group| by.roles.intersection(&group.approvers)).copied();
                let roles = roles.collect::<BTreeSet<_>>().into_iter().collect();
                let comment = decision.reason.clone().unwrap_or_default();
                Ok(vec![Event::Approved { digest: planned.digest.clone(), roles, comment }])
            }
            Verb::Deny => {
                let reason = decision.reason.clone().unwrap_or_default();
                Ok(vec![
                    Event::Denied { digest: planned.digest.clone(), reason },
                    Event::Finished { outcome: Outcome::Denied },
                ])
            }
            Verb::Revise => {
                self.same_plan(decision, request)?;
                Ok(vec![Event::Returned { digest: planned.digest.clone(), reason: in_words(decision)? }])
            }
            Verb::Cancel => cancelled(request, decision, by, is_requester, self.moment(request)),
            Verb::Verify => {
                if caller::wants_code(decision) {
                    let to = crate::basics::text::masked(&Box::pin(self.caller(request)).await?.email);
                    return Ok(vec![Event::CodeMailed { to }]);
                }
                let note = decision.reason.clone().unwrap_or_default();
                Ok(vec![Event::CallerVerified { how: caller::how(decision), note }])
            }
            Verb::Defer => Ok(vec![deferred(request, planned, decision, requester, by, now)?]),
            Verb::Justified | Verb::Unjustified => {
                let justified = decision.verb == Verb::Justified;
                let before_end = !request.is_finished();
                Ok(vec![Event::Reviewed { justified, reason: in_words(decision)?, before_end }])
            }
            Verb::Unfreeze => Ok(vec![done(request)?]),
            Verb::Done => {
                self.weigh_word(request, is_requester).await?;
                Ok(vec![done(request)?])
            }
            Verb::Retry => Ok(vec![match request.phase {
                Phase::Running => Event::Resumed,
                _ => Event::Retried,
            }]),
            Verb::Reveal => {
                self.weigh_word(request, true).await?;
                Ok(vec![Event::Unsealed])
            }
        }
    }

    /// Stops whatever runs, as the person at the keyboard, who could end the process as well. What is under way is finished, and
    /// nothing continues, also after the next start, until someone says so. Gives the requests that were stopped.
    pub async fn stop_all(&self, by: &Person) -> Result<Vec<RequestNo>, Problem> {
        let mut stopped = Vec::new();
        for no in self.bench.log.open().await? {
            // What can't be read doesn't run.
            while let Ok(request) = self.load(no).await {
                let held = request.held.as_ref().is_some_and(|hold| hold.by.is_some());
                if request.phase != Phase::Running || held {
                    break;
                }
                let requester = request.by.as_person();
                let event = stopped_by(&request, by, entitled::is_requester(&request, &requester, by));
                let draft = self.draft(Some(by), request.about(), event);
                match self.append(Append::To { no, after: request.last }, vec![draft]).await {
                    Err(conflict) if conflict.code == CONFLICT => {}
                    written => {
                        written?;
                        self.bench.watcher.changed(no);
                        stopped.push(no);
                        break;
                    }
                }
            }
        }
        Ok(stopped)
    }

    /// Weighs a word that shows something, or says that something was done: nothing of it counts under a freeze, and none of the
    /// requester's when they may not ask for it any more.
    async fn weigh_word(&self, request: &Request, of_requester: bool) -> Result<(), Problem> {
        let freezes = self.freezes().await?;
        if let Some(freeze) = self.frozen(request, &freezes) {
            return Err(freeze.problem());
        }
        if !of_requester {
            return Ok(());
        }
        let requester = self.people.person(&request.by.id).await?;
        let (protected, now) = (&self.site.protected, self.bench.clock.now());
        approval::is_still_entitled(request, &self.policy, protected, requester.as_ref(), now)
    }

    /// Whether a yes comes with a code where one is wanted. The code is used up later, when the yes counts.
    async fn has_factor(&self, by: &Person, planned: &Planned, decision: &Decision) -> Result<(), Problem> {
        let accounts = by.accounts();
        if !planned.needs.second_factor {
            return Ok(());
        }
        if !self.factors.is_enrolled(&accounts).await? {
            return Err(Problem::asker(
                "not_enrolled",
                "This wants a code of your authenticator, and you have none here.",
            )
            .hint("Type `/desk enroll` first; it takes a minute."));
        }
        if decision.code.is_none() {
            return Err(Problem::asker(
                CODE,
                format!("{} wants a code of your authenticator.", decision.request),
            )
            .hint(format!(
                "Type `/desk {} {} code:…` with its six digits.",
                decision.verb.word(),
                decision.request.0
            )));
        }
        Ok(())
    }

    fn same_plan(&self, decision: &Decision, request: &Request) -> Result<(), Problem> {
        let (Some(seen), Some(planned)) = (&decision.plan, &request.planned) else { return Ok(()) };
        if planned.digest.0.starts_with(seen.as_str()) {
            return Ok(());
        }
        Err(Problem::asker(
            "other_plan",
            format!(
                "The plan of {} is now {}, not {}.",
                request.no,
                code(planned.digest.short()),
                code(seen)
            ),
        )
        .hint("Look at its card again before you decide."))
    }
}

/// The sentence without which a word on a request says too little.
fn in_words(decision: &Decision) -> Result<String, Problem> {
    decision.reason.clone().ok_or_else(|| {
        let verb = decision.verb.word();
        Problem::asker(SENTENCE, format!("`/desk {verb}` wants a sentence."))
            .hint(format!("Type `/desk {verb} {} \"…\"`.", decision.request.0))
    })
}

/// Whether this word uses a code up.
pub(super) fn wants_factor(request: &Request, decision: &Decision) -> bool {
    matches!(decision.verb, Verb::Confirm | Verb::Approve)
        && request.planned.as_ref().is_some_and(|planned| planned.needs.second_factor)
}

/// What one adds to cancelling a request that runs, to undo what was done.
const ROLLBACK: &str = "rollback";

/// The code of the problem that what is held can be resumed or rolled back.
const HOW_TO_END: &str = "how_to_end";

/// How long the end of a contact is waited for unless somebody says otherwise.
const CONTACT_LASTS: jiff::SignedDuration = jiff::SignedDuration::from_hours(4);

/// What `how` puts off for: an hour of the day in UTC, a span from now, the end of a contact, or nothing any more.
fn later(how: Option<&str>, no: RequestNo, now: Timestamp) -> Result<Deferral, Problem> {
    let Some(how) = how.map(str::trim) else {
        return Err(Problem::asker(MOMENT, format!("Until when is {no} to be put off?")).hint(format!(
            "Type `/desk defer {} 22:00`, `45m`, `contact` for the end of their contact, or `now`.",
            no.0
        )));
    };
    let put_off = |until, contact| Deferral { until, contact, sets_deadline: false };
    if how.eq_ignore_ascii_case("now") {
        return Ok(put_off(now, false));
    }
    let lower = how.to_lowercase();
    match lower.strip_prefix("contact").map(str::trim) {
        Some("") => Ok(put_off(now.checked_add(CONTACT_LASTS).unwrap_or(Timestamp::MAX), true)),
        Some(most) => Ok(put_off(moment(most, now)?, true)),
        None => Ok(put_off(moment(how, now)?, false)),
    }
}

/// An hour of the day in UTC, or a span from now.
fn moment(how: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let wrong = || {
        Problem::asker("moment", format!("{} is no moment to wait for.", code(how))).hint(
            "Type a time of the day in UTC such as `22:00`, a span such as `45m` or `2h` within a week, `contact` for the end of their contact, or `now`.",
        )
    };
    let span = |text: &str, seconds: i64| text.parse::<i64>().ok().map(|n| n.saturating_mul(seconds));
    let seconds = match how
        .strip_suffix('m')
        .and_then(|m| span(m, 60))
        .or(how.strip_suffix('h').and_then(|h| span(h, 3600)))
    {
        Some(seconds) => seconds,
        None => {
            let (hour, minute) = how.split_once(':').ok_or_else(wrong)?;
            let (hour, minute) =
                (hour.parse::<i64>().map_err(|_| wrong())?, minute.parse::<i64>().map_err(|_| wrong())?);
            if !(0..24).contains(&hour) || !(0..60).contains(&minute) {
                return Err(wrong());
            }
            (hour * 3600 + minute * 60 - now.as_second().rem_euclid(86_400)).rem_euclid(86_400)
        }
    };
    if !(60..=7 * 86_400).contains(&seconds) {
        return Err(wrong());
    }
    now.checked_add(jiff::SignedDuration::from_secs(seconds)).map_err(|_| wrong())
}

/// What cancelling comes to: what waits ends, what runs is held and then rolled back, and what hangs is left as it is.
fn cancelled(
    request: &Request,
    decision: &Decision,
    by: &Person,
    is_requester: bool,
    at: Moment,
) -> Result<Vec<Event>, Problem> {
    let no = request.no;
    let rolls_back = decision.how.as_deref() == Some(ROLLBACK);
    let is_late = request.planned.as_ref().is_some_and(|planned| entitled::is_late(request, planned, at));
    match &request.phase {
        // What can't be undone is finished, which is no longer the requester's to set going.
        Phase::Running if rolls_back && is_requester && is_late && request.rolls_forward() => {
            let message = format!("The approvals of {no} have expired, and some of it can only be finished.");
            Err(Problem::asker(approval::APPROVALS_EXPIRED, message)
                .hint(format!("Ask an approver or a supervisor for `/desk cancel {} {ROLLBACK}`.", no.0)))
        }
        Phase::Running if rolls_back => Ok(vec![Event::RollbackRequested]),
        Phase::Running if request.held.as_ref().is_some_and(|hold| hold.by.is_some()) => {
            Err(Problem::asker(HOW_TO_END, format!("{no} is held already.")).hint(format!(
                "Resume it with `/desk retry {0}`, or undo what was done with `/desk cancel {0} {ROLLBACK}`.",
                no.0
            )))
        }
        Phase::Running => Ok(vec![stopped_by(request, by, is_requester)]),
        _ if rolls_back => {
            Err(Problem::asker("no_rollback", format!("{no} is not running, so it can't be rolled back."))
                .hint(format!("Type `/desk cancel {}` to end it as it is.", no.0)))
        }
        Phase::ByHand { .. } | Phase::Stuck { .. } => {
            let end = request.finishing(Outcome::GivenUp);
            Ok(std::iter::once(Event::Cancelled).chain(end).collect())
        }
        _ => Ok(vec![Event::Cancelled, Event::Finished { outcome: Outcome::Cancelled }]),
    }
}

fn stopped_by(request: &Request, by: &Person, is_requester: bool) -> Event {
    let message = format!("{} stopped {}.", code(&by.name), request.no);
    let problem = Problem::asker(approval::STOPPED, message);
    Event::Held { problem, by_requester: is_requester, needs: None }
}

/// The line that a person's step, or what they know of one, is done.
fn done(request: &Request) -> Result<Event, Problem> {
    let (Phase::ByHand { step } | Phase::Stuck { step, .. }) = request.phase else {
        return Err(Problem::asker("wrong_moment", format!("{} has no step to mark as done.", request.no)));
    };
    Ok(Event::Done { step: u32::try_from(step).unwrap_or(u32::MAX), facts: Default::default() })
}

/// Puts a request off. Only someone who may approve it moves the deadline of its approvals; where it needs none, the requester.
fn deferred(
    request: &Request,
    planned: &Planned,
    decision: &Decision,
    requester: &Person,
    by: &Person,
    now: Timestamp,
) -> Result<Event, Problem> {
    let Deferral { until, contact, .. } = later(decision.how.as_deref(), request.no, now)?;
    let approver = approval::may_approve(planned, &request.by, requester, by, now).is_ok();
    if approver || planned.needs.yeses() == 0 {
        let lasts = jiff::SignedDuration::from_mins(i64::from(planned.needs.expires_minutes));
        let expires = if contact { until } else { until.checked_add(lasts).unwrap_or(until) };
        return Ok(Event::Deferred { until, contact, expires: Some(expires) });
    }
    let deadline = approval::expires(request, planned);
    if contact {
        return Ok(Event::Deferred { until: until.min(deadline), contact, expires: None });
    }
    if until >= deadline {
        let deadline = crate::basics::text::when(deadline, now);
        let message = format!("{} and its approvals expire at {deadline}, before that.", request.no);
        let how = decision.how.as_deref().unwrap_or_default();
        let next = format!(
            "Ask an approver for `/desk defer {} {}`.",
            request.no.0,
            crate::basics::text::plain(how, 20)
        );
        return Err(Problem::asker("defer_too_late", message).hint(next));
    }
    Ok(Event::Deferred { until, contact, expires: None })
}

/// Where the rule wants it, an approver types the login, or how many users there are when there are several.
fn retyped(decision: &Decision, request: &Request, planned: &Planned) -> Result<(), Problem> {
    if !planned.needs.retype {
        return Ok(());
    }
    let logins = planned.plan.logins();
    let (what, expected) = match logins.as_slice() {
        [one] => ("the login", one.clone()),
        several => ("the number of users", several.len().to_string()),
    };
    let how = format!("Type {what} it is about: `/desk approve {} login:…`.", request.no.0);
    match &decision.login {
        Some(typed) if *typed == expected => Ok(()),
        Some(typed) => {
            let other = if words::is_like_a_code(typed) { "that login".to_owned() } else { code(typed) };
            Err(Problem::asker("retype_wrong", format!("{} is not about {other}.", request.no))
                .hint(how)
                .rule(&planned.needs.rule))
        }
        None => Err(Problem::asker(RETYPE, format!("{} wants {what} typed once more.", request.no))
            .hint(how)
            .rule(&planned.needs.rule)),
    }
}

/// Whether a refused click belongs into the log: somebody tried what they may not. Being late or twice is no such thing.
fn is_evidence(problem: &Problem) -> bool {
    problem.owner == Owner::Asker
        && !matches!(
            problem.code.as_str(),
            "wrong_moment"
                | "confirmed_already"
                | "approved_already"
                | "revealed_already"
                | "reveal_under_way"
                | "reviewed_already"
                | "not_enrolled"
                | CODES_MAILED
                | RETYPE
                | SENTENCE
                | CODE
                | HOW_TO_END
                | "no_rollback"
                | "defer_too_late"
                | MOMENT
                | "moment"
        )
}
