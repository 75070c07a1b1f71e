//! A request as far as it can go now: planned, weighed, carried out, reminded of, ended.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Desk, EMERGENCY, FREEZE, reason_will_do, unknown_command};
use crate::approval::{self, Case, Missing, Verdict, weigh};
use crate::card::Card;
use crate::command::Answer;
use crate::emergency;
use crate::freeze::Freeze;
use crate::ids::RequestNo;
use crate::impact::Assessor;
use crate::live::{self, Live};
use crate::log::{Event, Outcome};
use crate::plan::Plan;
use crate::policy::{Matter, Needs, Touched};
use crate::ports::Query;
use crate::problem::{Problem, Who};
use crate::request::{Phase, Request};
use crate::roles::Person;
use crate::saga::carry_out;
use crate::text::code;
use crate::view;

/// What a command planned, what that needs, and what the people it is about are doing.
struct Made {
    plan: Plan,
    needs: Needs,
    live: Live,
}

impl Desk {
    /// Takes a request as far as it can go now and gives its card.
    ///
    /// A problem means that the caller could not be served at present; the request itself stands as its card says.
    pub async fn advance(&self, no: RequestNo) -> Result<Card, Problem> {
        let lease = self.bench.journal.lease(no).await?;
        let went = Box::pin(self.advance_leased(no)).await;
        drop(lease);
        went?;
        let request = self.load(no).await?;
        Ok(view::request_card(&request, self.bench.clock.now()))
    }

    async fn advance_leased(&self, no: RequestNo) -> Result<(), Problem> {
        loop {
            let request = self.load(no).await?;
            if let (Some(problem), false) = (self.bench.journal.unsound(), request.is_finished()) {
                return Err(problem);
            }
            let go_on = match request.phase {
                Phase::Asked => Box::pin(self.plan_first(&request)).await?,
                Phase::Waiting | Phase::Running => Box::pin(self.weigh_and_go(&request)).await?,
                Phase::Finished { .. } if self.is_to_be_reminded(&request) => {
                    self.write(&request, vec![Event::Reminded]).await?;
                    false
                }
                Phase::ByHand { .. } | Phase::Stuck { .. } | Phase::Finished { .. } => false,
            };
            if !go_on {
                return Ok(());
            }
        }
    }

    /// Takes every open request as far as it can go: after a start, and whenever time has passed.
    pub async fn advance_all(&self) -> Result<Vec<(RequestNo, Result<Card, Problem>)>, Problem> {
        let mut out = Vec::new();
        for no in self.bench.journal.open().await? {
            out.push((no, self.advance(no).await));
        }
        Ok(out)
    }

    /// Open requests that time or a start can take further, oldest first; those that wait for a person are not among them.
    pub async fn due(&self) -> Result<Vec<RequestNo>, Problem> {
        let now = self.bench.clock.now();
        let mut due = Vec::new();
        for no in self.bench.journal.open().await? {
            let request = self.load(no).await?;
            let goes_on = match (&request.phase, &request.planned) {
                (Phase::Asked | Phase::Running, _) => true,
                (Phase::Waiting, Some(planned)) => {
                    now >= approval::expires(&request, planned)
                        || self.is_to_be_reminded(&request)
                        || view::missing(&request, planned, now)
                            .iter()
                            .all(|missing| matches!(missing, Missing::ContactEnds(_)))
                }
                (Phase::Finished { .. }, _) => self.is_to_be_reminded(&request),
                _ => false,
            };
            if goes_on {
                due.push(no);
            }
        }
        Ok(due)
    }

    fn is_to_be_reminded(&self, request: &Request) -> bool {
        approval::reminder_is_due(request, &self.site.emergencies, self.bench.clock.now())
    }

    async fn plan_first(&self, request: &Request) -> Result<bool, Problem> {
        let events = match self.plan(request).await {
            Ok(made) => vec![self.planned(made)],
            Err(problem) if problem.who == Who::Log => return Err(problem),
            Err(problem) => refused(request, problem),
        };
        self.write(request, events).await?;
        Ok(true)
    }

    /// Plans the request for its requester as they are now.
    async fn plan(&self, request: &Request) -> Result<Made, Problem> {
        let entry = self.entry(&request.command).ok_or_else(|| unknown_command(&request.command))?;
        let person = self.people.person(&request.by.id).await?.ok_or_else(|| {
            Problem::asker("requester_gone", format!("{} is no longer here.", code(&request.by.name)))
                .next("Somebody else has to ask again.")
        })?;
        let answer = Box::pin(self.ask(entry.command, &request.args, &person, &request.place, None)).await?;
        let Answer::Plan(plan) = answer else {
            return Err(Problem::operator("command_answer", format!("`/{}` gave no plan.", entry.path))
                .next("Report this as a fault of connect-desk."));
        };
        let assessor = Assessor {
            center: self.center.as_ref(),
            book: self.bench.journal.as_ref(),
            people: self.people.as_ref(),
            policy: &self.policy,
            site: &self.site,
            by: &person,
            no: request.no,
            now: self.bench.clock.now(),
        };
        let plan = Box::pin(assessor.assess(plan)).await?;
        let live = Box::pin(live::look(self.center.as_ref(), &plan)).await;
        let touched = plan.touched(&live);
        if let Some(problem) = self.barred(request, &person, &touched).await? {
            return Err(problem);
        }
        let matter = Matter {
            risk: plan.risk,
            touched: Some(&touched),
            ..self.asked(entry, plan.risk, &request.args, &request.place)
        };
        let needs = self.policy.needs_of(&plan, &matter, &person, &self.site.protected)?;
        reason_will_do(entry.path, &request.args, &needs.reason, &needs.rule)?;
        Ok(Made { plan, needs, live })
    }

    /// What stands in the way of a plan whoever says yes to it: a freeze, or an emergency that may not be one.
    async fn barred(
        &self,
        request: &Request,
        requester: &Person,
        touched: &Touched,
    ) -> Result<Option<Problem>, Problem> {
        if request.command == FREEZE {
            return Ok(None);
        }
        let rules = &self.site.emergencies;
        if request.is_emergency() {
            let earlier = self.emergencies(request.no).await?;
            let now = self.bench.clock.now();
            if let Err(problem) = emergency::allowed(rules, requester, &requester.accounts(), &earlier, now) {
                return Ok(Some(problem));
            }
            if rules.pass_freeze {
                return Ok(None);
            }
        }
        let freezes = self.freezes().await?;
        Ok(freezes.iter().find(|freeze| freeze.scope.covers(touched)).map(Freeze::problem))
    }

    /// The freezes that hold, oldest first.
    pub async fn freezes(&self) -> Result<Vec<Freeze>, Problem> {
        let mut freezes = Vec::new();
        for no in self.bench.journal.open().await? {
            freezes.extend(Freeze::of(&self.load(no).await?));
        }
        Ok(freezes)
    }

    /// Emergencies other than this request that still count, or still wait for their review.
    async fn emergencies(&self, but: RequestNo) -> Result<Vec<Request>, Problem> {
        let mut numbers: BTreeSet<RequestNo> = self.bench.journal.open().await?.into_iter().collect();
        let since = self.bench.clock.now().checked_sub(emergency::WINDOW).unwrap_or(Timestamp::MIN);
        let query = Query { since: Some(since), limit: usize::MAX, ..Query::default() };
        let asked = self.bench.journal.history(&query).await?;
        numbers.extend(
            asked
                .iter()
                .filter(|line| matches!(&line.event, Event::Asked { args, .. } if args.flag(EMERGENCY)))
                .filter_map(|line| line.request),
        );
        let mut found = Vec::new();
        for no in numbers.into_iter().filter(|no| *no != but) {
            let request = self.load(no).await?;
            if request.is_emergency() {
                found.push(request);
            }
        }
        Ok(found)
    }

    fn planned(&self, Made { plan, needs, live }: Made) -> Event {
        let digest = plan.digest();
        let lasts = jiff::SignedDuration::from_mins(i64::from(needs.expires_minutes));
        let now = self.bench.clock.now();
        let expires = now.checked_add(lasts).unwrap_or(now);
        Event::Planned { plan: Box::new(plan), digest, needs, live, expires }
    }

    async fn weigh_and_go(&self, request: &Request) -> Result<bool, Problem> {
        let requester = self.people.person(&request.by.id).await?;
        let mut voters = Vec::new();
        for yes in &request.approvals {
            voters.extend(self.people.person(&yes.by.id).await?);
        }
        let barred = match (&requester, request.plan()) {
            (Some(requester), Some(plan)) if request.phase == Phase::Waiting => {
                self.barred(request, requester, &plan.touched(&Live::default())).await?
            }
            _ => None,
        };
        let case = Case {
            request,
            policy: &self.policy,
            protected: &self.site.protected,
            requester: requester.as_ref(),
            voters: &voters,
            barred: barred.as_ref(),
            live: None,
            now: self.bench.clock.now(),
        };
        let mut verdict = weigh(case);
        if let (Verdict::Look, Some(plan)) = (&verdict, request.plan()) {
            let live = Box::pin(live::look(self.center.as_ref(), plan)).await;
            verdict = weigh(Case { live: Some(&live), now: self.bench.clock.now(), ..case });
        }
        match verdict {
            Verdict::Look => Ok(false),
            Verdict::Waits(_) => {
                let nothing_missing = request.planned.as_ref().is_some_and(|planned| {
                    view::missing(request, planned, self.bench.clock.now()).is_empty()
                });
                if request.phase == Phase::Waiting && nothing_missing {
                    // A yes was given that counts no more; its card has to ask for another one.
                    let why = "whoever approved it may no longer decide on it".to_owned();
                    self.plan_again(request, vec![why]).await?;
                    return Ok(true);
                }
                if self.is_to_be_reminded(request) {
                    self.write(request, vec![Event::Reminded]).await?;
                }
                Ok(false)
            }
            Verdict::Expired => {
                self.write(request, vec![Event::Finished { outcome: Outcome::Expired }]).await?;
                Ok(true)
            }
            Verdict::Refused(problem) => {
                self.write(request, refused(request, problem)).await?;
                Ok(true)
            }
            Verdict::Void(why) => {
                self.plan_again(request, why).await?;
                Ok(true)
            }
            Verdict::Go(go) if request.phase == Phase::Running => {
                carry_out(go, &self.bench).await?;
                Ok(false)
            }
            Verdict::Go(go) => match self.plan(request).await {
                // What was said meanwhile is weighed first.
                Ok(Made { plan, .. }) if plan.digest() == *go.digest() => {
                    Ok(!carry_out(go, &self.bench).await?)
                }
                Ok(made) => {
                    let why = request.plan().map(|old| old.differences(&made.plan)).unwrap_or_default();
                    self.void(request, why, vec![self.planned(made)]).await?;
                    Ok(true)
                }
                // Nobody can look at present: the yeses stand, and the next call of `advance` tries again.
                Err(problem) if matches!(problem.who, Who::ContactCenter | Who::Log | Who::Operator) => {
                    Err(problem)
                }
                Err(problem) => {
                    let why = vec![problem.says.clone()];
                    self.void(request, why, refused(request, problem)).await?;
                    Ok(true)
                }
            },
        }
    }

    /// The rules changed: a new plan with its new needs, or none.
    async fn plan_again(&self, request: &Request, why: Vec<String>) -> Result<(), Problem> {
        let then = match self.plan(request).await {
            Ok(made) => vec![self.planned(made)],
            Err(problem) if matches!(problem.who, Who::Asker | Who::Human) => refused(request, problem),
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

fn refused(request: &Request, problem: Problem) -> Vec<Event> {
    let refused =
        Event::Refused { command: request.command.clone(), args: request.args.clone(), place: None, problem };
    vec![refused, Event::Finished { outcome: Outcome::Refused }]
}
