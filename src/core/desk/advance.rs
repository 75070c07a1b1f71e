//! A request as far as it can go now: planned, weighed, carried out, reminded of, ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::ask::unknown_command;
use super::scheduled::is_tried_again;
use super::state::Desk;
use crate::assess::Assessor;
use crate::assess::presence;
use crate::basics::ids::{PersonId, RequestNo};
use crate::basics::problem::{Owner, Problem};
use crate::basics::roles::Person;
use crate::basics::text::code;
use crate::card::Card;
use crate::command::Answer;
use crate::desk::saga::{self, Weigh, carry_out};
use crate::log::{Event, Freeze, Lookup, OpenRequest, Outcome, for_others};
use crate::plan::Impact;
use crate::plan::Presence;
use crate::plan::{Plan, PlanDigest};
use crate::policy::{Action, Requirements};
use crate::ports::CLOCK_SLACK;
use crate::request::approval::{self, Evaluation, Moment, Outstanding, Verdict, weigh};
use crate::request::emergency;
use crate::request::freeze::{FREEZE, FROZEN};
use crate::request::{Phase, Request, by_freeze, is_due, is_to_be_told};
use crate::view;

/// What a command planned, what that needs, and what the people it is about are doing.
struct Made {
    plan: Plan,
    digest: PlanDigest,
    needs: Requirements,
    live: Presence,
    /// An earlier request with the same plan that is open.
    same_as: Option<RequestNo>,
}

impl Desk {
    /// Takes a request as far as it can go now and gives its card.
    ///
    /// A problem means that the caller could not be served at present; the request itself is as its card says.
    pub async fn advance(&self, no: RequestNo) -> Result<Card, Problem> {
        self.notice_clock().await;
        let lease = self.saga.log.lease(no).await?;
        let went = Box::pin(self.advance_leased(no)).await;
        drop(lease);
        went?;
        let request = self.load(no).await?;
        Ok(view::request_card(&request, self.saga.clock.now()))
    }

    async fn advance_leased(&self, no: RequestNo) -> Result<(), Problem> {
        loop {
            let request = self.load(no).await?;
            if let (Some(problem), false) = (self.saga.log.unsound(), request.is_finished()) {
                return Err(problem);
            }
            let go_on = match request.phase {
                Phase::Asked => Box::pin(self.plan_first(&request)).await?,
                Phase::Waiting | Phase::Running => Box::pin(self.weigh_and_go(&request)).await?,
                Phase::ByHand { .. } | Phase::Stuck { .. } | Phase::Finished { .. } => false,
            };
            if !go_on {
                return self.remind(no).await;
            }
        }
    }

    /// Writes that those who have to answer are called once more, where that is due.
    async fn remind(&self, no: RequestNo) -> Result<(), Problem> {
        let request = self.load(no).await?;
        if request.is_finished() && !request.needs_review() {
            self.watch.forget(no);
        }
        match self.is_to_be_reminded(&request) {
            true => self.write(&request, vec![Event::Reminded]).await,
            false => Ok(()),
        }
    }

    /// Open requests that time or a start can take further, oldest first; those that wait for a person are not among them.
    pub async fn due(&self) -> Result<Vec<RequestNo>, Problem> {
        self.notice_clock().await;
        self.note_unreadable().await?;
        let freezes = self.freezes().await?;
        let said: Vec<String> = freezes.iter().map(|freeze| freeze.problem().message).collect();
        let remind = SignedDuration::from_mins(i64::from(self.site.get().emergencies.remind_minutes));
        let wanted = Lookup::Due {
            until: self.latest_moment(),
            reviewed: self.saga.clock.now().checked_sub(remind).unwrap_or(Timestamp::MIN),
            ahead: self.saga.clock.now().checked_add(CLOCK_SLACK).unwrap_or(Timestamp::MAX),
            freezes: self.watch.same_freezes(&said),
        };
        let mut due = Vec::new();
        for known in self.saga.log.find(wanted).await? {
            // What was written since then may have ended it, or made it unreadable.
            let Ok(request) = self.load(known.no).await else { continue };
            if is_due(&request, self.moment(&request))
                || self.is_released(&request, &freezes)
                || self.is_to_be_reminded(&request)
            {
                due.push(request.no);
            }
        }
        self.watch.looked(said);
        Ok(due)
    }

    /// Keeps in mind, for anyone who asks after the desk's health, which open requests can't be read. They cost no other request.
    async fn note_unreadable(&self) -> Result<(), Problem> {
        let mut unreadable = BTreeMap::new();
        for known in self.saga.log.find(Lookup::Unreadable).await? {
            if let Err(problem) = self.load(known.no).await {
                unreadable.insert(known.no, problem);
            }
        }
        self.health.set_unreadable(unreadable);
        Ok(())
    }

    /// Whether a freeze held a request that holds it no longer.
    fn is_released(&self, request: &Request, freezes: &[Freeze]) -> bool {
        by_freeze(request).is_some_and(|hold| {
            self.frozen(request, freezes).is_none_or(|freeze| freeze.problem() != hold.problem)
        })
    }

    /// The first of these freezes that covers a request.
    pub(super) fn frozen<'a>(&self, request: &Request, freezes: &'a [Freeze]) -> Option<&'a Freeze> {
        if request.command == FREEZE || request.is_emergency() && self.site.get().emergencies.pass_freeze {
            return None;
        }
        let impact = request.plan()?.impact(&Presence::default());
        freezes.iter().find(|freeze| freeze.scope.covers(&impact))
    }

    fn is_to_be_reminded(&self, request: &Request) -> bool {
        is_to_be_told(request, self.moment(request))
            || approval::reminder_is_due(request, &self.site.get().emergencies, self.saga.clock.now())
    }

    async fn plan_first(&self, request: &Request) -> Result<bool, Problem> {
        let events = match self.plan(request).await {
            Ok(made) => vec![self.planned(made)],
            Err(problem) if problem.owner == Owner::Log => return Err(problem),
            Err(problem) if is_tried_again(request, &problem, self.saga.clock.now()) => return Err(problem),
            Err(problem) => refused(request, problem),
        };
        self.write(request, events).await?;
        Ok(true)
    }

    /// Plans the request for its requester as they are now.
    async fn plan(&self, request: &Request) -> Result<Made, Problem> {
        let entry = self.entry(&request.command).ok_or_else(|| unknown_command(&request.command))?;
        let person = self.people.person(&request.by.id).await?.ok_or_else(|| {
            Problem::requester("requester_gone", format!("{} is no longer a member.", code(&request.by.name)))
                .hint("Someone else has to make the request.")
        })?;
        let looked = self.watch.take_look(request.no, self.saga.clock.monotonic());
        let answer = match looked {
            Some(plan) => Answer::Plan(plan),
            None => {
                let asked = Some(request.asked);
                Box::pin(self.ask(entry, &request.args, &person, &request.place, None, asked)).await?
            }
        };
        let Answer::Plan(plan) = answer else {
            return Err(Problem::operator("command_answer", format!("`/{}` returned no plan.", entry.path))
                .hint("Report this as a bug in connect-desk."));
        };
        let (policy, site, roster) = (self.policy.get(), self.site.get(), self.roster.get());
        let assessor = Assessor {
            center: self.center.as_ref(),
            log: self.saga.log.as_ref(),
            people: self.people.as_ref(),
            roster: &roster,
            policy: &policy,
            site: &site,
            by: &person,
            no: request.no,
            now: self.saga.clock.now(),
        };
        let plan = Box::pin(assessor.assess(plan)).await?;
        let live = Box::pin(presence::look(self.center.as_ref(), &plan)).await;
        let impact = plan.impact(&live);
        if let Some(problem) = self.blocked_by(request, &person, &impact).await? {
            return Err(problem);
        }
        let action = Action {
            risk: plan.risk,
            impact: Some(&impact),
            ..self.asked(entry, plan.risk, &request.args, &request.place)
        };
        let needs = policy.needs_of(&plan, &action, &person, &site.protected)?;
        needs.reason.check(entry.path, &request.args, &needs.rule)?;
        let digest = plan.digest();
        let same = self.saga.log.find(Lookup::SamePlan(digest.clone())).await?;
        let same_as = same.iter().map(|known| known.no).find(|no| *no < request.no);
        Ok(Made { plan, digest, needs, live, same_as })
    }

    /// What is in the way of a plan before there is one: a freeze, or an emergency that may not be one.
    async fn blocked_by(
        &self,
        request: &Request,
        requester: &Person,
        impact: &Impact,
    ) -> Result<Option<Problem>, Problem> {
        if request.command == FREEZE {
            return Ok(None);
        }
        if request.is_emergency() {
            if let Some(problem) = self.no_emergency(request, requester).await? {
                return Ok(Some(problem));
            }
            if self.site.get().emergencies.pass_freeze {
                return Ok(None);
            }
        }
        let freezes = self.freezes().await?;
        Ok(freezes.iter().find(|freeze| freeze.scope.covers(impact)).map(Freeze::problem))
    }

    /// Why a request may not be an emergency, if it is to be one.
    async fn no_emergency(&self, request: &Request, requester: &Person) -> Result<Option<Problem>, Problem> {
        if !request.is_emergency() {
            return Ok(None);
        }
        let earlier = self.emergencies_before(request.no).await?;
        let (site, now) = (self.site.get(), self.saga.clock.now());
        Ok(emergency::allowed(&site.emergencies, requester, &requester.accounts(), &earlier, now).err())
    }

    /// The freezes that hold, oldest first.
    pub async fn freezes(&self) -> Result<Vec<Freeze>, Problem> {
        let freezes = self.saga.log.find(Lookup::Freezes).await?;
        Ok(freezes.into_iter().filter_map(|known| known.freeze.clone()).collect())
    }

    /// Emergencies that still count, or wait for their review, and that count before this one: those that have begun, and those
    /// that were asked earlier.
    async fn emergencies_before(&self, this: RequestNo) -> Result<Vec<Arc<OpenRequest>>, Problem> {
        let since = self.saga.clock.now().checked_sub(emergency::WINDOW).unwrap_or(Timestamp::MIN);
        let mut found = self.saga.log.find(Lookup::Emergencies { since }).await?;
        found.retain(|known| known.no != this && (known.has_begun || known.no < this));
        Ok(found)
    }

    fn planned(&self, Made { plan, digest, needs, live, same_as }: Made) -> Event {
        let expires = after(needs.expires_minutes, self.saga.clock.now());
        let expires = approval::ends_at(&plan).map_or(expires, |end| expires.min(end));
        Event::Planned { plan: Box::new(plan), digest, needs, live, expires, same_as }
    }

    /// The same for a request that was planned before: a deadline that was set when it was put off is one for this plan, too.
    fn planned_again(&self, request: &Request, made: Made) -> Event {
        let mut event = self.planned(made);
        let is_set = request.deferred.is_some_and(|deferral| deferral.sets_deadline);
        let before = request.planned.as_ref().filter(|_| is_set);
        if let (Some(before), Event::Planned { expires, .. }) = (before, &mut event) {
            *expires = (*expires).max(before.expires);
        }
        event
    }

    /// Weighs a request as it is, with the people as they are now.
    async fn weigh_now(&self, request: &Request) -> Result<Verdict, Problem> {
        let Some(plan) = request.plan() else { return Ok(Verdict::Waits(Vec::new())) };
        // Before it begins people are asked for again; while it runs, which is again and again, it is enough to have asked lately.
        let starts = request.phase == Phase::Waiting;
        let ask = async |id: &PersonId| match starts {
            true => self.people.person(id).await,
            false => self.people.person_lately(id).await,
        };
        let requester = ask(&request.by.id).await?;
        let mut voters = Vec::new();
        for approval in &request.approvals {
            voters.extend(ask(&approval.by.id).await?);
        }
        let answering = match &request.answering {
            Some(by) => ask(&by.id).await?,
            None => None,
        };
        let blocked_by = match &requester {
            Some(requester) if starts => self.no_emergency(request, requester).await?,
            _ => None,
        };
        let freezes = self.freezes().await?;
        let (policy, site) = (self.policy.get(), self.site.get());
        let evaluation = Evaluation {
            request,
            policy: &policy,
            protected: &site.protected,
            requester: requester.as_ref(),
            voters: &voters,
            answering: answering.as_ref(),
            frozen: self.frozen(request, &freezes),
            blocked_by: blocked_by.as_ref(),
            live: None,
            at: self.moment(request),
        };
        match weigh(evaluation) {
            Verdict::Look => {
                let live = Box::pin(presence::look(self.center.as_ref(), plan)).await;
                Ok(weigh(Evaluation { live: Some(&live), at: self.moment(request), ..evaluation }))
            }
            verdict => Ok(verdict),
        }
    }

    async fn weigh_and_go(&self, request: &Request) -> Result<bool, Problem> {
        let verdict = self.weigh_now(request).await?;
        let released =
            matches!(verdict, Verdict::Permit(_) | Verdict::Look | Verdict::Waits(_) | Verdict::Void(_));
        if released && request.held.as_ref().is_some_and(|hold| hold.by.is_none()) {
            self.write(request, vec![Event::Resumed]).await?;
            return Ok(true);
        }
        match verdict {
            Verdict::Look => Ok(false),
            Verdict::Held(held) => {
                saga::hold(&self.saga, &mut request.clone(), held).await?;
                Ok(false)
            }
            Verdict::Waits(missing) => {
                if self.lacks_what_was_settled(request, &missing) {
                    // An approval is no longer valid; the card has to ask for another one.
                    let why = "an approver can no longer approve it".to_owned();
                    self.plan_again(request, vec![why]).await?;
                    return Ok(true);
                }
                Ok(false)
            }
            Verdict::Expired => {
                self.write(request, vec![Event::Finished { outcome: Outcome::Expired }]).await?;
                Ok(true)
            }
            Verdict::Refused(problem) => {
                self.write(request, refused(request, for_others(problem, &request.by))).await?;
                Ok(true)
            }
            Verdict::Void(why) => {
                self.plan_again(request, why).await?;
                Ok(true)
            }
            Verdict::Permit(go) if request.phase == Phase::Running => {
                Ok(!carry_out(go, &self.saga, self).await?)
            }
            Verdict::Permit(go) => match self.plan(request).await {
                // What was said meanwhile is weighed first.
                Ok(Made { digest, .. }) if digest == *go.digest() => {
                    Ok(!carry_out(go, &self.saga, self).await?)
                }
                Ok(made) => {
                    let why = request.plan().map(|old| old.differences(&made.plan)).unwrap_or_default();
                    self.void(request, why, vec![self.planned_again(request, made)]).await?;
                    Ok(true)
                }
                // Frozen in that moment: it is weighed again, and held.
                Err(problem) if problem.code == FROZEN => Ok(true),
                Err(problem) => match problem.owner {
                    // No one can look at present: the approvals stay valid, and the next call of `advance` tries again.
                    Owner::System(_) | Owner::Log | Owner::Operator => Err(problem),
                    Owner::Requester | Owner::Human => {
                        let problem = for_others(problem, &request.by);
                        let why = vec![problem.message.clone()];
                        self.void(request, why, refused(request, problem)).await?;
                        Ok(true)
                    }
                },
            },
        }
    }

    /// Whether an approval that the lines have is none any more.
    fn lacks_what_was_settled(&self, request: &Request, missing: &[Outstanding]) -> bool {
        let is_settled = request
            .planned
            .as_ref()
            .is_some_and(|planned| approval::is_settled(request, planned, self.saga.clock.now()));
        request.phase == Phase::Waiting && is_settled && !missing.iter().all(Outstanding::is_a_wait)
    }

    /// The same as the people are now. Where no one can be asked, nothing is known.
    pub(super) async fn has_lost_an_approval(&self, request: &Request) -> bool {
        match self.weigh_now(request).await {
            Ok(Verdict::Waits(missing)) => self.lacks_what_was_settled(request, &missing),
            _ => false,
        }
    }

    /// The rules changed: a new plan with its new needs, or none.
    async fn plan_again(&self, request: &Request, why: Vec<String>) -> Result<(), Problem> {
        let then = match self.plan(request).await {
            Ok(made) => vec![self.planned_again(request, made)],
            Err(problem) if problem.code == FROZEN => return Ok(()),
            Err(problem) if matches!(problem.owner, Owner::Requester | Owner::Human) => {
                refused(request, for_others(problem, &request.by))
            }
            Err(problem) => return Err(problem),
        };
        self.void(request, why, then).await
    }

    async fn void(&self, request: &Request, why: Vec<String>, then: Vec<Event>) -> Result<(), Problem> {
        let Some(planned) = &request.planned else { return Ok(()) };
        let mut events = vec![Event::Voided { digest: planned.digest.clone(), why }];
        events.extend(then);
        self.write(request, events).await
    }
}

#[async_trait]
impl Weigh for Desk {
    async fn weigh(&self, request: &Request) -> Result<Verdict, Problem> {
        self.weigh_now(request).await
    }

    fn moment(&self, request: &Request) -> Moment {
        Desk::moment(self, request)
    }
}

fn after(minutes: u32, at: Timestamp) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MAX)
}

fn refused(request: &Request, problem: Problem) -> Vec<Event> {
    let refused =
        Event::Refused { command: request.command.clone(), args: request.args.clone(), place: None, problem };
    vec![refused, Event::Finished { outcome: Outcome::Refused }]
}
