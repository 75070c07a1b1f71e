//! What people decide about a request: whether it counts, what it adds to the log, and what is said where it does not. Which verbs
//! there are, and what each needs, is the table in [`crate::request::verb`].

use super::state::{Desk, Incoming, Reply};
use super::write::{Unwritten, not_known};
use crate::basics::ids::RequestNo;
use crate::basics::problem::{Owner, Problem};
use crate::basics::roles::Person;
use crate::basics::text::code;
use crate::log::{Append, AppendError};
use crate::log::{Event, Verification};
use crate::request::approval;
use crate::request::entitled::{self, Check, DecisionArg, DecisionArgs, DecisionContext, Refusal, Row};
use crate::request::verb::stopped_by;
use crate::request::{Decision, Phase, Request, Retyped};
use crate::view;
use crate::words::{self, Args};

/// What may be used once: a code of an authenticator, one that a caller read back, or a turn to have one emailed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Once {
    Factor,
    CallerCode,
    Email,
}

impl Desk {
    /// A decision about a request: checked, written down, answered. Of two at a time the second sees the first.
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
        let mut used = Vec::new();
        let written = loop {
            let requester =
                self.people.person(&request.by.id).await?.unwrap_or_else(|| request.by.as_person());
            let judged = match self.judge(&request, heard, &decision, &requester).await {
                // Used up before the line is written, so that no code counts twice, and once for all tries of this word.
                Ok(events) => {
                    self.use_up(&request, &heard.by, &decision, &events, &mut used).await.map(|()| events)
                }
                Err(refusal) => Err(refusal),
            };
            let events = match judged {
                Ok(events) => events,
                // Evidence of a refused click; when someone else wrote first, it is judged again.
                Err(Refusal::Forbidden(problem)) => {
                    let to = Append::To { no, after: request.last };
                    match self.write_refusal(to, heard, request.about(), path, args, &problem).await {
                        Err(Unwritten::Conflict) => {
                            request = self.load(no).await?;
                            continue;
                        }
                        _ => return Err(problem),
                    }
                }
                Err(refusal) => return Err(self.told(refusal, &request, &heard.by)),
            };
            let drafts =
                events.into_iter().map(|event| self.draft(Some(&heard.by), request.about(), event)).collect();
            match self.saga.log.append(Append::To { no, after: request.last }, drafts).await {
                Ok(written) => break written,
                Err(AppendError::Conflict) => request = self.load(no).await?,
                Err(AppendError::Failed(problem)) => return Err(problem),
                Err(AppendError::Unknown(_)) => {
                    return Err(not_known(Append::To { no, after: request.last }));
                }
            }
        };
        self.saga.watcher.changed(no);
        let request = self.load(no).await?;
        let first = written.first();
        if let Some(Event::Unsealed) = first.map(|line| &line.event) {
            let unsealed = first.map_or(request.last, |line| line.line);
            return self.reveal(&request, unsealed).await;
        }
        if let Some(Event::CodeEmailed { .. }) = first.map(|line| &line.event) {
            let sent = Box::pin(self.mail_code(&request)).await;
            while let Err(problem) = &sent {
                let request = self.load(no).await?;
                let to = Append::To { no, after: request.last };
                match self.write_refusal(to, heard, request.about(), path, args, problem).await {
                    Err(Unwritten::Conflict) => {}
                    written => {
                        written?;
                        break;
                    }
                }
            }
            return sent;
        }
        Ok(Reply::of(&request, self.saga.clock.now()))
    }

    /// What anyone who decided is told of a refusal.
    pub(super) fn told(&self, refusal: Refusal, request: &Request, by: &Person) -> Problem {
        let (now, accounts) = (self.saga.clock.now(), by.accounts());
        match refusal {
            Refusal::NotNow => Problem::requester("wrong_moment", view::standing(request, now, &accounts))
                .hint(format!("See `/desk history {}` for everything that happened.", request.no.0)),
            Refusal::Repeated(problem) => problem.hint(view::standing_beside(request, now, &accounts)),
            Refusal::Needs(_, problem)
            | Refusal::Impossible(problem)
            | Refusal::Forbidden(problem)
            | Refusal::Unavailable(problem) => problem,
        }
    }

    /// Uses up what may be used once with a decision that counts, unless an earlier try of it has: what it takes can be more when the
    /// rule changed meanwhile.
    async fn use_up(
        &self,
        request: &Request,
        by: &Person,
        decision: &Decision,
        events: &[Event],
        used: &mut Vec<Once>,
    ) -> Result<(), Refusal> {
        let code = &decision.args.code;
        if let Some(code) = code.as_ref().filter(|_| uses_factor(request, decision.verb.row()))
            && !used.contains(&Once::Factor)
        {
            self.factors.use_code(&by.accounts(), code).await?;
            used.push(Once::Factor);
        }
        if let ([Event::CallerVerified { how: Verification::EmailCode, .. }], Some(code)) = (events, code)
            && !used.contains(&Once::CallerCode)
        {
            self.caller_codes.use_code(request.no, code).await?;
            used.push(Once::CallerCode);
        }
        if let [Event::CodeEmailed { .. }] = events
            && !used.contains(&Once::Email)
        {
            let may_mail = |login: &String| self.caller_codes.may_mail(login);
            request.about().iter().try_for_each(may_mail).map_err(|problem| match problem.owner {
                // Too many were emailed, no matter at whose request.
                Owner::Requester => Refusal::Impossible(problem),
                _ => Refusal::Unavailable(problem),
            })?;
            used.push(Once::Email);
        }
        Ok(())
    }

    /// What a decision adds to the log, or why it counts for nothing. `requester` is the requester, with their roles of now.
    pub(super) async fn judge(
        &self,
        request: &Request,
        heard: &Incoming,
        decision: &Decision,
        requester: &Person,
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(problem) = self.saga.log.unsound() {
            return Err(problem.into());
        }
        let args = &decision.args;
        let mut context = decision.verb.context(request, requester, &heard.by, self.moment(request));
        context.args = Some(args);
        context.may()?;
        for check in context.row.checks {
            match check {
                Check::SamePlan => same_plan(&context, args)?,
                Check::Retyped => retyped(&context, args)?,
                Check::Sentence => has_sentence(&context, args)?,
                Check::SecondFactor => self.has_factor(&context, args).await?,
                Check::StillAllowed => self.still_allowed(&context).await?,
                Check::CallerAddress => context.emailed_to = self.emailed_to(request, decision).await?,
                Check::OtherAddress => self.may_readdress(&context, args).await?,
            }
        }
        let events = (context.row.events)(&context, args)?;
        self.holds_then(&context, &events)?;
        Ok(events)
    }

    /// Whether the rule that a request was planned by holds at the moment that it is put off to.
    fn holds_then(&self, context: &DecisionContext<'_>, events: &[Event]) -> Result<(), Refusal> {
        let [Event::Deferred { until, contact: false, .. }] = events else { return Ok(()) };
        let (policy, site) = (self.policy.get(), self.site.get());
        let (request, requester) = (context.request(), context.requester);
        if *until <= context.now() {
            return Ok(());
        }
        match approval::other_rule_at(request, &policy, &site.protected, requester, *until) {
            None => Ok(()),
            Some(why) => {
                let problem =
                    Problem::requester("defer_other_rule", format!("Another rule applies then: {why}."))
                        .hint("Choose another time.");
                Err(Refusal::Impossible(problem))
            }
        }
    }

    /// Stops whatever runs, as the person at the keyboard, who could end the process as well. What is under way is finished, and
    /// nothing continues, also after the next start, until someone says so. Gives the requests that were stopped.
    pub async fn stop_all(&self, by: &Person) -> Result<Vec<RequestNo>, Problem> {
        let mut stopped = Vec::new();
        for no in self.saga.log.open().await? {
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
                    Err(Unwritten::Conflict) => {}
                    written => {
                        written?;
                        self.saga.watcher.changed(no);
                        stopped.push(no);
                        break;
                    }
                }
            }
        }
        Ok(stopped)
    }

    /// Nothing that shows something, or says that something was done, counts under a freeze, and nothing of the requester's when
    /// they may not ask for it any more.
    async fn still_allowed(&self, context: &DecisionContext<'_>) -> Result<(), Refusal> {
        let request = context.request();
        let freezes = self.freezes().await?;
        if let Some(freeze) = self.frozen(request, &freezes) {
            return Err(freeze.answer(self.saga.clock.now()).into());
        }
        if !context.is_requester() {
            return Ok(());
        }
        let requester = self.people.person(&request.by.id).await?;
        let (policy, site, now) = (self.policy.get(), self.site.get(), self.saga.clock.now());
        Ok(approval::is_still_entitled(request, &policy, &site.protected, requester.as_ref(), now)?)
    }

    /// Whether a code comes along where one is wanted. It is used up later, when the decision counts.
    async fn has_factor(&self, context: &DecisionContext<'_>, args: &DecisionArgs) -> Result<(), Refusal> {
        if !context.planned().is_some_and(|planned| planned.needs.second_factor) {
            return Ok(());
        }
        if !self.factors.is_enrolled(&context.by.accounts()).await? {
            let message = "This needs a code from your authenticator, and you haven't set one up.";
            let problem = Problem::requester("not_enrolled", message);
            return Err(Refusal::Impossible(
                problem.hint("Set one up with `/desk enroll`. It takes a minute."),
            ));
        }
        if args.code.is_none() {
            let no = context.request().no;
            let problem =
                Problem::requester("code_missing", format!("{no} needs a code from your authenticator."));
            let hint = format!("Type `/{} {} code:…` with the six digits it shows.", context.row.path, no.0);
            return Err(Refusal::Needs(DecisionArg::Code, problem.hint(hint)));
        }
        Ok(())
    }
}

fn same_plan(context: &DecisionContext<'_>, args: &DecisionArgs) -> Result<(), Refusal> {
    let (Some(seen), Some(planned)) = (&args.plan, context.planned()) else { return Ok(()) };
    if planned.digest.0.starts_with(seen.as_str()) {
        return Ok(());
    }
    let (no, digest) = (context.request().no, code(planned.digest.short()));
    let message = format!("The plan of {no} is now {digest}, not {}.", code(seen));
    Err(Problem::requester("other_plan", message).hint("Check its card again before you decide.").into())
}

/// Some decisions say too little without a sentence.
fn has_sentence(context: &DecisionContext<'_>, args: &DecisionArgs) -> Result<(), Refusal> {
    if args.reason.is_some() {
        return Ok(());
    }
    let path = context.row.path;
    let problem = Problem::requester("sentence_missing", format!("`/{path}` needs a reason."));
    let how = args.how.iter().map(|how| format!(" {how}")).collect::<String>();
    let hint = format!("Type `/{path} {}{how} \"…\"`.", context.request().no.0);
    Err(Refusal::Needs(DecisionArg::Sentence, problem.hint(hint)))
}

/// Whether this decision uses a code of an authenticator up.
pub(super) fn uses_factor(request: &Request, row: &Row) -> bool {
    row.checks.contains(&Check::SecondFactor)
        && request.planned.as_ref().is_some_and(|planned| planned.needs.second_factor)
}

/// Where the rule wants it, an approver types the login, or how many users there are when there are several.
fn retyped(context: &DecisionContext<'_>, args: &DecisionArgs) -> Result<(), Refusal> {
    let Some(planned) = context.planned() else { return Ok(()) };
    let (request, path) = (context.request(), context.row.path);
    let (what, expected) = match planned.to_retype() {
        None => return Ok(()),
        Some(Retyped::Login(login)) => ("the login", login),
        Some(Retyped::Users(users)) => ("the number of users", users.to_string()),
    };
    let refused = |id: &str, message: String| {
        let hint = format!("Type {what}: `/{path} {} login:…`.", request.no.0);
        Problem::requester(id, message).hint(hint).rule(&planned.needs.rule)
    };
    // Behind the number of the request it is the beginning of the comment.
    let said = args.reason.as_deref().and_then(|said| said.split_whitespace().next());
    match args.login.as_deref().or(said.filter(|said| *said == expected)) {
        Some(typed) if typed == expected => Ok(()),
        Some(typed) => {
            let other = if words::is_like_a_code(typed) { "that login".to_owned() } else { code(typed) };
            Err(refused("retype_wrong", format!("{} doesn't affect {other}.", request.no)).into())
        }
        None => {
            let problem =
                refused("retype_missing", format!("{} needs {what} to be typed again.", request.no));
            Err(Refusal::Needs(DecisionArg::Login, problem))
        }
    }
}
