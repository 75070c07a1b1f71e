//! Somebody's word on a request: whether it counts, what it adds to the log, and what is said to whom it does not.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{CODE, CONFLICT, Desk, Heard, MOMENT, RETYPE, Reply, SENTENCE, caller, gone, not_known};
use crate::approval::{self};
use crate::card::{Block, Card, Tone};
use crate::command::{Decision, Verb};
use crate::freeze::{Freeze, Scope};
use crate::ids::RequestNo;
use crate::log::{Event, Outcome, Verification};
use crate::plan::Plan;
use crate::ports::{Append, AppendError, CODES_MAILED};
use crate::problem::{Problem, Who};
use crate::request::{Deferral, Phase, Planned, Request, Review};
use crate::roles::Person;
use crate::text::code;
use crate::view;
use crate::words::{self, Args};

impl Desk {
    /// Somebody's word on a request: checked, written down, answered. Of two at once the second sees the first.
    pub(super) async fn decide(
        &self,
        heard: &Heard,
        path: &str,
        args: &Args,
        decision: Decision,
    ) -> Result<Reply, Problem> {
        let no = decision.request;
        let mut request = self.load(no).await?;
        if let (Phase::Waiting, Some(planned)) = (&request.phase, &request.planned)
            && self.bench.clock.now() >= approval::expires(&request, planned)
        {
            Box::pin(self.advance(no)).await?;
            request = self.load(no).await?;
        }
        let mut used = false;
        loop {
            let judged = match self.judge(&request, heard, &decision).await {
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
            match self.bench.journal.append(Append::To { no, after: request.last }, drafts).await {
                Ok(_) => break,
                Err(AppendError::Conflict) => request = self.load(no).await?,
                Err(AppendError::Failed(problem)) => return Err(problem),
                Err(AppendError::Unknown(_)) => {
                    return Err(not_known(Append::To { no, after: request.last }));
                }
            }
        }
        self.bench.watcher.changed(no);
        let request = self.load(no).await?;
        if decision.verb == Verb::Reveal {
            return self.reveal(&request).await;
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
        Ok(Reply { card: view::request_card(&request, self.bench.clock.now()), request: Some(no) })
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

    /// What a decision adds to the log, or why it counts for nothing.
    pub(super) async fn judge(
        &self,
        request: &Request,
        heard: &Heard,
        decision: &Decision,
    ) -> Result<Vec<Event>, Problem> {
        if let Some(problem) = self.bench.journal.unsound() {
            return Err(problem);
        }
        let (by, now) = (&heard.by, self.bench.clock.now());
        let requester = self.people.person(&request.by.id).await?.unwrap_or_else(|| gone(&request.by));
        let is_requester = by.id == request.by.id || approval::same_person(by, &requester);
        let approver = |planned| approval::may_approve(planned, &request.by, &requester, by, now);
        let wrong_moment = || {
            Problem::asker("wrong_moment", view::standing(request, now))
                .next(format!("`/desk history {}` tells the whole story.", request.no.0))
        };
        let own_only = |what: &str| {
            Problem::asker(
                "not_the_requester",
                format!("Only {}, who asked, may {what} {}.", code(&request.by.name), request.no),
            )
        };
        match (decision.verb, &request.phase, &request.planned) {
            (Verb::Confirm, Phase::Waiting, Some(planned)) => {
                if !is_requester {
                    return Err(own_only("confirm").next("To approve it, use `/desk approve`."));
                }
                self.same_plan(decision, request)?;
                if let Some(yes) = &request.confirmed {
                    return Err(Problem::asker(
                        "confirmed_already",
                        format!("You confirmed {} at {}.", request.no, crate::text::clock_time(yes.at)),
                    )
                    .next(view::standing(request, now)));
                }
                self.has_factor(by, planned, decision).await?;
                Ok(vec![Event::Confirmed { digest: planned.digest.clone() }])
            }
            (Verb::Approve, Phase::Waiting, Some(planned)) => {
                approver(planned)?;
                self.same_plan(decision, request)?;
                if let Some(yes) = request.yes_of(by) {
                    return Err(Problem::asker(
                        "approved_already",
                        format!("You approved {} at {}.", request.no, crate::text::clock_time(yes.at)),
                    )
                    .next(view::standing(request, now)));
                }
                retyped(decision, request, planned)?;
                if planned.needs.caller && request.caller.is_none() {
                    return Err(Problem::asker(
                        "caller_unverified",
                        format!("How the caller of {} was verified is not written down yet.", request.no),
                    )
                    .next(format!("Ask {} for `/desk verify {}`.", code(&request.by.name), request.no.0))
                    .rule(&planned.needs.rule));
                }
                self.has_factor(by, planned, decision).await?;
                let groups = planned.needs.groups(planned.at, now);
                let roles = groups.iter().flat_map(|group| by.roles.intersection(&group.approvers)).copied();
                let roles = roles.collect::<BTreeSet<_>>().into_iter().collect();
                let comment = decision.reason.clone().unwrap_or_default();
                Ok(vec![Event::Approved { digest: planned.digest.clone(), roles, comment }])
            }
            (Verb::Deny, Phase::Waiting, Some(planned)) => {
                if is_requester {
                    return Err(Problem::asker("own_request", "Nobody decides on their own request.")
                        .next(format!("To take it back, type `/desk cancel {}`.", request.no.0)));
                }
                approver(planned)?;
                let reason = decision.reason.clone().unwrap_or_default();
                Ok(vec![
                    Event::Denied { digest: planned.digest.clone(), reason },
                    Event::Finished { outcome: Outcome::Denied },
                ])
            }
            (Verb::Cancel, Phase::Asked | Phase::Waiting, planned) => {
                if !is_requester && planned.as_ref().is_none_or(|planned| approver(planned).is_err()) {
                    return Err(own_only("cancel").next("An approver may deny it."));
                }
                Ok(vec![Event::Cancelled, Event::Finished { outcome: Outcome::Cancelled }])
            }
            (Verb::Cancel, Phase::Stuck { step, .. }, Some(planned)) => {
                // Giving up what only reads leaves nothing half done, and without its letter everything is as approved.
                if !(is_requester && (planned.plan.only_reads() || request.is_letter(*step))) {
                    approver(planned)?;
                }
                let mut end = vec![Event::Cancelled, Event::Finished { outcome: Outcome::GivenUp }];
                if request.is_emergency() {
                    end.push(Event::ToReview);
                }
                Ok(end)
            }
            (Verb::Revise, Phase::Waiting, Some(planned)) => {
                approver(planned)?;
                self.same_plan(decision, request)?;
                Ok(vec![Event::Returned { digest: planned.digest.clone(), reason: in_words(decision)? }])
            }
            (Verb::Verify, Phase::Waiting, Some(_)) => {
                let how = caller::how(decision);
                if how == Verification::Manager && (is_requester || !by.leads()) {
                    return Err(Problem::asker("manager_self", "A manager's word is given by the manager.")
                        .next(format!(
                            "Ask a supervisor or an admin to type `/desk verify {} manager`.",
                            request.no.0
                        )));
                }
                if how != Verification::Manager && !is_requester {
                    return Err(own_only("say how they verified the caller of"));
                }
                if let Some(plan) = request.plan()
                    && plan.about.iter().any(|subject| by.is_user(&subject.login))
                {
                    return Err(Problem::asker("about_oneself", "Nobody vouches for themselves.")
                        .next("Ask somebody else."));
                }
                if caller::wants_code(decision) {
                    let to = crate::text::masked(&Box::pin(self.caller(request)).await?.email);
                    return Ok(vec![Event::CodeMailed { to }]);
                }
                Ok(vec![Event::CallerVerified { how, note: decision.reason.clone().unwrap_or_default() }])
            }
            (Verb::Defer, Phase::Waiting, Some(planned)) => {
                if !is_requester {
                    approver(planned)?;
                }
                let Deferral { until, contact } = later(decision.how.as_deref(), request.no, now)?;
                Ok(vec![Event::Deferred { until, contact }])
            }
            (Verb::Justified | Verb::Unjustified, Phase::Finished { .. }, Some(planned))
                if request.review.is_some() =>
            {
                if let Some(Review::Said { by, at, .. }) = &request.review {
                    return Err(Problem::asker(
                        "reviewed_already",
                        format!(
                            "{} reviewed {} at {}.",
                            code(&by.name),
                            request.no,
                            crate::text::clock_time(*at)
                        ),
                    ));
                }
                may_review(request, planned, &requester, by)?;
                let justified = decision.verb == Verb::Justified;
                Ok(vec![Event::Reviewed { justified, reason: in_words(decision)? }])
            }
            (Verb::Unfreeze, Phase::ByHand { step }, Some(_)) if Freeze::of(request).is_some() => {
                if !is_requester && !by.leads() {
                    return Err(own_only("lift").next("Ask them, a supervisor or an admin."));
                }
                let of_themselves = Freeze::scope_of(request)
                    .is_some_and(|scope| matches!(scope, Scope::Login(login) if by.is_user(login)));
                if of_themselves {
                    return Err(Problem::asker("about_oneself", "Nobody lifts a freeze of themselves.")
                        .next("Ask another supervisor or an admin."));
                }
                let step = u32::try_from(*step).unwrap_or(u32::MAX);
                Ok(vec![Event::Done { step, facts: Default::default() }])
            }
            (Verb::Done, Phase::Stuck { step, .. }, Some(planned)) if request.is_letter(*step) => {
                if !is_requester {
                    approver(planned)?;
                }
                let step = u32::try_from(*step).unwrap_or(u32::MAX);
                Ok(vec![Event::Done { step, facts: Default::default() }])
            }
            (Verb::Done, Phase::ByHand { step }, Some(planned)) if Freeze::of(request).is_none() => {
                if !is_requester {
                    approver(planned)?;
                }
                let step = u32::try_from(*step).unwrap_or(u32::MAX);
                Ok(vec![Event::Done { step, facts: Default::default() }])
            }
            (Verb::Retry, Phase::Stuck { .. }, Some(planned)) => {
                if !is_requester {
                    approver(planned)?;
                }
                Ok(vec![Event::Retried])
            }
            (Verb::Reveal, _, Some(_)) if request.makes_password_known() => {
                if !is_requester {
                    return Err(own_only("see the password of"));
                }
                if let Some((who, at)) = &request.revealed {
                    return Err(Problem::asker(
                        "revealed_already",
                        format!(
                            "The temporary password was shown to {} at {} and is gone.",
                            code(&who.name),
                            crate::text::moment(*at)
                        ),
                    )
                    .next("If it was not passed on, ask for another reset."));
                }
                Ok(vec![Event::Revealed])
            }
            _ => Err(wrong_moment()),
        }
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
            .next("Type `/desk enroll` first; it takes a minute."));
        }
        if decision.code.is_none() {
            return Err(Problem::asker(
                CODE,
                format!("{} wants a code of your authenticator.", decision.request),
            )
            .next(format!(
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
        .next("Look at its card again before you decide."))
    }

    /// The line that says it was shown is on disk before the secret leaves the vault, so it is shown at most once.
    async fn reveal(&self, request: &Request) -> Result<Reply, Problem> {
        let login = request.plan().map(Plan::logins).unwrap_or_default().join(", ");
        let Some(secret) = self.vault.take(request.no).await? else {
            return Err(Problem::asker(
                "secret_gone",
                "The temporary password has expired and was destroyed.",
            )
            .next("Ask for another reset."));
        };
        let card = Card::new(Tone::Good, format!("Temporary password for {}", code(&login)))
            .block(Block::Secret { label: login, value: secret })
            .text("It is shown this once. Pass it on by voice or in person; it has to be changed at the first login.")
            .private();
        Ok(Reply::only(Card { request: Some(request.no), ..card }))
    }
}

/// The sentence without which a word on a request says too little.
fn in_words(decision: &Decision) -> Result<String, Problem> {
    decision.reason.clone().ok_or_else(|| {
        let verb = decision.verb.word();
        Problem::asker(SENTENCE, format!("`/desk {verb}` wants a sentence."))
            .next(format!("Type `/desk {verb} {} \"…\"`.", decision.request.0))
    })
}

/// Whether this word uses a code up.
pub(super) fn wants_factor(request: &Request, decision: &Decision) -> bool {
    matches!(decision.verb, Verb::Confirm | Verb::Approve)
        && request.planned.as_ref().is_some_and(|planned| planned.needs.second_factor)
}

/// How long the end of a contact is waited for unless somebody says otherwise.
const CONTACT_LASTS: jiff::SignedDuration = jiff::SignedDuration::from_hours(4);

/// What `how` puts off for: an hour of the day in UTC, a span from now, the end of a contact, or nothing any more.
fn later(how: Option<&str>, no: RequestNo, now: Timestamp) -> Result<Deferral, Problem> {
    let Some(how) = how.map(str::trim) else {
        return Err(Problem::asker(MOMENT, format!("Until when is {no} to be put off?")).next(format!(
            "Type `/desk defer {} 22:00`, `45m`, `contact` for the end of their contact, or `now`.",
            no.0
        )));
    };
    if how.eq_ignore_ascii_case("now") {
        return Ok(Deferral { until: now, contact: false });
    }
    let lower = how.to_lowercase();
    match lower.strip_prefix("contact").map(str::trim) {
        Some("") => {
            Ok(Deferral { until: now.checked_add(CONTACT_LASTS).unwrap_or(Timestamp::MAX), contact: true })
        }
        Some(most) => Ok(Deferral { until: moment(most, now)?, contact: true }),
        None => Ok(Deferral { until: moment(how, now)?, contact: false }),
    }
}

/// An hour of the day in UTC, or a span from now.
fn moment(how: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let wrong = || {
        Problem::asker("moment", format!("{} is no moment to wait for.", code(how))).next(
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

/// Whether this person may close an emergency: not who asked it, nobody it was about, a supervisor or an admin.
fn may_review(request: &Request, planned: &Planned, requester: &Person, by: &Person) -> Result<(), Problem> {
    let ask = "Ask a supervisor or an admin.";
    if by.id == request.by.id || approval::same_person(by, requester) {
        return Err(Problem::asker("own_request", "Nobody reviews their own emergency.").next(ask));
    }
    if planned.plan.about.iter().any(|subject| by.is_user(&subject.login)) {
        return Err(
            Problem::asker("about_oneself", "Nobody reviews an emergency about themselves.").next(ask)
        );
    }
    if !by.leads() {
        return Err(Problem::asker("not_a_reviewer", "Emergencies are reviewed by supervisors.").next(ask));
    }
    Ok(())
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
                .next(how)
                .rule(&planned.needs.rule))
        }
        None => Err(Problem::asker(RETYPE, format!("{} wants {what} typed once more.", request.no))
            .next(how)
            .rule(&planned.needs.rule)),
    }
}

/// Whether a refused click belongs into the log: somebody tried what they may not. Being late or twice is no such thing.
fn is_evidence(problem: &Problem) -> bool {
    problem.who == Who::Asker
        && !matches!(
            problem.code.as_str(),
            "wrong_moment"
                | "confirmed_already"
                | "approved_already"
                | "revealed_already"
                | "reviewed_already"
                | "not_enrolled"
                | CODES_MAILED
                | RETYPE
                | SENTENCE
                | CODE
                | MOMENT
                | "moment"
        )
}
