//! A request from top to bottom. `hear` writes down what came in; `advance` takes a request as far as it can go now.
//!
//! Waiting for a person is a state of the log, never a future that a crash would lose.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::approval::{self, Case, Missing, Verdict, weigh};
use crate::card::{Block, Card, Hidden, Tone};
use crate::center::ContactCenter;
use futures::lock::Mutex;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::command::{Answer, Ask, Command, Decision, Entry, Verb};
use crate::emergency;
use crate::freeze::{Freeze, Scope};
use crate::ids::RequestNo;
use crate::letters::Letters;
use crate::live::{self, Live};
use crate::log::{By, Draft, Event, Outcome, Verification};
use crate::plan::Plan;
use crate::policy::{Matter, Needs, Policy, Reason, Rule, Touched};
use crate::ports::{
    Append, AppendError, CODES_MAILED, CallerCodes, Factors, Inbox, Incoming, People, Query, Turns, Vault,
};
use crate::problem::{Problem, Who};
use crate::request::{Deferral, Phase, Planned, Request, Review};
use crate::roles::{Person, Place, Role};
use crate::saga::{self, Workbench, carry_out};
use crate::sheet;
use crate::site::Site;
use crate::text::code;
use crate::view;
use crate::words::{self, Arg, Args, Kind, Need, Parsed, Risk, Spec};

mod caller;
mod daily;

/// The desk: the commands and rules it goes by, and the ports it works through.
pub struct Desk {
    pub commands: Vec<Entry>,
    pub policy: Arc<Policy>,
    pub center: Arc<dyn ContactCenter>,
    pub people: Arc<dyn People>,
    pub vault: Arc<dyn Vault>,
    pub factors: Arc<dyn Factors>,
    pub turns: Arc<dyn Turns>,
    pub caller_codes: Arc<dyn CallerCodes>,
    pub inbox: Arc<dyn Inbox>,
    pub letters: Arc<dyn Letters>,
    pub site: Arc<Site>,
    pub bench: Workbench,
}

/// Something said to the desk.
#[derive(Clone, Debug)]
pub struct Heard {
    pub by: Person,
    pub place: Place,
    pub said: Said,
}

/// How it was said.
#[derive(Clone, Debug)]
pub enum Said {
    /// A line as typed.
    Typed(String),
    /// A command chosen from a menu, or a button, with its options by name.
    Chosen { path: String, options: Vec<(String, String)> },
}

/// What the desk says back at once. When it names a request, the caller goes on with [`Desk::advance`].
#[derive(Clone, Debug)]
pub struct Reply {
    pub card: Card,
    pub request: Option<RequestNo>,
}

/// What a command planned, what that needs, and what the people it is about are doing.
struct Made {
    plan: Plan,
    needs: Needs,
    live: Live,
}

/// The arguments that a form could ask for, and whether nothing goes on without them.
#[derive(Clone, Debug)]
pub struct Words {
    pub args: Vec<&'static Arg>,
    pub required: bool,
}

impl Reply {
    fn only(card: Card) -> Reply {
        Reply { card, request: None }
    }
}

impl Desk {
    /// Understands what was said, checks who may, and writes it down. Looking commands are answered here and now.
    pub async fn hear(&self, heard: Heard) -> Reply {
        // On the heap: what may come of one line is more than a thread's stack should carry through every caller.
        match Box::pin(self.try_hear(&heard)).await {
            Ok(reply) => reply,
            Err(problem) => Reply::only(Card::problem(&problem)),
        }
    }

    async fn try_hear(&self, heard: &Heard) -> Result<Reply, Problem> {
        let Parsed { path, mut args } = self.understand(&heard.said)?;
        let Some(entry) = self.entry(&path) else { return Err(unknown_command(&path)) };
        let spec = entry.command.spec();
        Box::pin(self.take_turn(heard, &path, &args)).await?;
        let matter = self.asked(entry, spec.risk, &args, &heard.place);
        let rule = match self.policy.rule_for(&matter, &heard.by) {
            Ok(rule) => rule,
            Err(problem) => {
                let about = args.text("login").map(str::to_owned).into_iter().collect();
                self.write_refusal(Append::Desk, heard, about, &path, &args, &problem).await?;
                return Err(problem);
            }
        };
        if spec.risk != Risk::Look {
            return self.accept(heard, entry, args, rule).await;
        }
        let incoming = self.open_file(heard, spec, &mut args).await?;
        let answer = self.ask(entry.command, &args, &heard.by, &heard.place, incoming).await;
        match answer {
            Ok(Answer::Decide(decision)) => Box::pin(self.decide(heard, &path, &args, decision)).await,
            Ok(Answer::Card(card)) => {
                self.write_look(heard, path, args, rule).await;
                Ok(Reply::only(card))
            }
            Ok(Answer::Enroll { code }) => self.enroll(heard, code).await.map(Reply::only),
            Ok(Answer::Plan(_)) => {
                Err(Problem::operator("command_risk", format!("`/{path}` plans, but calls itself a look."))
                    .next("Report this as a fault of connect-desk."))
            }
            Err(problem) => {
                self.write_look(heard, path, args, rule).await;
                Err(problem)
            }
        }
    }

    /// Answers who asks too often, also for what they may not ask: a flood leaves one line a minute for each person and command.
    async fn take_turn(&self, heard: &Heard, path: &str, args: &Args) -> Result<(), Problem> {
        let Err(too_often) = self.turns.take(&heard.by, path) else { return Ok(()) };
        let times = crate::text::count(usize::try_from(too_often.per_minute).unwrap_or(usize::MAX), "time");
        let wait = crate::text::span(i64::try_from(too_often.wait.as_secs()).unwrap_or(i64::MAX).max(1));
        let asked = code(&format!("/{path}"));
        let problem = Problem::asker("too_often", format!("You have asked for {asked} {times} in a minute."))
            .next(format!("It is answered again in {wait}."));
        if too_often.is_first {
            let about = args.text("login").map(str::to_owned).into_iter().collect();
            self.write_refusal(Append::Desk, heard, about, path, args, &problem).await?;
        }
        Err(problem)
    }

    /// Gives somebody an authenticator: first what to scan, then the proof that it was.
    async fn enroll(&self, heard: &Heard, code: Option<Hidden>) -> Result<Card, Problem> {
        if let Some(problem) = self.bench.journal.unsound() {
            return Err(problem);
        }
        let (by, account) = (&heard.by, &heard.by.id);
        if self.factors.is_enrolled(&by.accounts()).await? {
            return Err(Problem::asker("enrolled_already", "You have an authenticator here already.").next(
                format!(
                    "If it is lost, ask for `/desk recover account:{account}`; two admins have to approve."
                ),
            ));
        }
        let Some(code) = code else {
            let value = self.factors.begin(account).await?;
            return Ok(Card::new(Tone::Asks, "Scan this with your authenticator")
                .block(Block::Scan { label: account.to_string(), value })
                .text("Then type `/desk enroll code:…` with the six digits that it shows. This picture is a secret: nobody else may see it.")
                .private());
        };
        self.factors.finish(account, &code).await?;
        self.append(Append::Desk, vec![self.draft(Some(by), Vec::new(), Event::Enrolled)]).await?;
        Ok(Card::new(Tone::Good, "Your authenticator works")
            .text("From now on the desk asks for its code where a rule wants one.")
            .private())
    }

    fn understand(&self, said: &Said) -> Result<Parsed, Problem> {
        match said {
            Said::Typed(line) => {
                words::parse(line, self.commands.iter().map(|entry| (entry.path, entry.command.spec())))
            }
            Said::Chosen { path, options } => {
                let entry = self.entry(path).ok_or_else(|| unknown_command(path))?;
                let args = Args::check(entry.path, entry.command.spec(), options.clone())?;
                Ok(Parsed { path: entry.path.to_owned(), args })
            }
        }
    }

    /// What is asked, before there is a plan.
    fn asked<'a>(&self, entry: &'a Entry, risk: Risk, args: &Args, place: &'a Place) -> Matter<'a> {
        let emergency = args.flag(EMERGENCY);
        Matter { command: entry.path, risk, touched: None, emergency, place, now: self.bench.clock.now() }
    }

    fn entry(&self, path: &str) -> Option<&Entry> {
        self.commands.iter().find(|entry| entry.path == path)
    }

    async fn ask(
        &self,
        command: &dyn Command,
        args: &Args,
        by: &Person,
        place: &Place,
        incoming: Option<Box<dyn Incoming>>,
    ) -> Result<Answer, Problem> {
        let ask = Ask {
            files: self.vault.as_ref(),
            letters: self.letters.as_ref(),
            site: &self.site,
            incoming: incoming.map(Mutex::new),
            args,
            by,
            place,
            now: self.bench.clock.now(),
            center: self.center.as_ref(),
            book: self.bench.journal.as_ref(),
            people: self.people.as_ref(),
            policy: &self.policy,
            commands: &self.commands,
            safe_mode: self.bench.journal.unsound(),
        };
        command.answer(&ask).await
    }

    /// The rule that wants a reason with this. Which rule applies is known only with the plan's risk, and then it is too
    /// late to ask for one, so a reason is wanted when one of those that may apply wants it.
    fn wants_reason(&self, heard: &Heard, entry: &Entry, args: &Args) -> Option<&Rule> {
        let worst = entry.command.spec().risk;
        // Whom it will touch is not known; a rule that wants a reason for that says so when there is a plan.
        let nobody = Touched::default();
        Risk::ALL.into_iter().filter(|risk| *risk != Risk::Look && *risk <= worst).find_map(|risk| {
            let matter = Matter { touched: Some(&nobody), ..self.asked(entry, risk, args, &heard.place) };
            self.policy.rule_for(&matter, &heard.by).ok().filter(|rule| !rule.reason.is_none())
        })
    }

    /// Opens the file that came with a command, if one did, and calls it in the arguments what people call it.
    async fn open_file(
        &self,
        heard: &Heard,
        spec: &Spec,
        args: &mut Args,
    ) -> Result<Option<Box<dyn Incoming>>, Problem> {
        let Some(arg) = spec.args.iter().find(|arg| arg.kind == Kind::File) else { return Ok(None) };
        let Some(reference) = args.text(arg.name).map(str::to_owned) else { return Ok(None) };
        let incoming = self.inbox.open(heard.place.platform, &reference).await?;
        args.replace(arg.name, file_name(incoming.as_ref()));
        Ok(Some(incoming))
    }

    /// Keeps the file that came with a command, so that it can be planned from again, also after a restart.
    async fn keep_file(&self, heard: &Heard, spec: &Spec, args: &mut Args) -> Result<(), Problem> {
        let Some(mut incoming) = self.open_file(heard, spec, args).await? else { return Ok(()) };
        let mut bytes = Zeroizing::new(Vec::new());
        while let Some(more) = incoming.next().await? {
            let more = Zeroizing::new(more);
            if bytes.len() + more.len() > sheet::BYTES_MAX {
                let most = sheet::BYTES_MAX / (1024 * 1024);
                return Err(Problem::asker("file_too_large", format!("The file has more than {most} MiB."))
                    .next("Split it into smaller ones."));
            }
            bytes.extend_from_slice(&more);
        }
        let kept = crate::plan::hex(&Sha256::digest(&*bytes));
        self.vault.keep_file(&kept, bytes).await?;
        if let Some(arg) = spec.args.iter().find(|arg| arg.kind == Kind::File) {
            args.replace(arg.name, format!("{}#{kept}", file_name(incoming.as_ref())));
        }
        Ok(())
    }

    /// Writes `asked`. From here on the request cannot be lost.
    async fn accept(
        &self,
        heard: &Heard,
        entry: &Entry,
        mut args: Args,
        rule: &Rule,
    ) -> Result<Reply, Problem> {
        if let Some(rule) = self.wants_reason(heard, entry, &args) {
            reason_will_do(entry.path, &args, &rule.reason, &rule.name)?;
        }
        self.keep_file(heard, entry.command.spec(), &mut args).await?;
        let event = Event::Asked {
            command: entry.path.to_owned(),
            args: args.clone(),
            place: heard.place.clone(),
            roles: heard.by.roles.iter().copied().collect(),
            rule: rule.name.clone(),
        };
        let about = args.text("login").map(str::to_owned).into_iter().collect();
        let lines = self.append(Append::New, vec![self.draft(Some(&heard.by), about, event)]).await?;
        let no = lines.first().and_then(|line| line.request).ok_or_else(|| {
            Problem::log("log_number", "The log gave the request no number.")
                .next("Run `connect-desk log verify`.")
        })?;
        let request = self.load(no).await?;
        Ok(Reply { card: view::request_card(&request, self.bench.clock.now()), request: Some(no) })
    }

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

    /// Open requests, and those whose end is among the newest lines, on which this person could use the verb now, newest
    /// first; every open one for a word that is no verb. A guess for completion: what counts is judged when it is said.
    pub async fn offered(&self, verb: &str, by: &Person) -> Result<Vec<Request>, Problem> {
        const NEWEST: usize = 100;
        let mut numbers: std::collections::BTreeSet<RequestNo> =
            self.bench.journal.open().await?.into_iter().collect();
        let query = Query { limit: NEWEST, ..Query::default() };
        numbers.extend(self.bench.journal.history(&query).await?.iter().filter_map(|line| line.request));
        let mut offered = Vec::new();
        for no in numbers.into_iter().rev() {
            let request = self.load(no).await?;
            let fits = match Verb::ALL.into_iter().find(|known| known.word() == verb) {
                Some(verb) => approval::is_offered(verb, &request, by, self.bench.clock.now()),
                None => true,
            };
            if fits {
                offered.push(request);
            }
        }
        Ok(offered)
    }

    /// A request as its lines tell it.
    pub async fn request(&self, no: RequestNo) -> Result<Request, Problem> {
        self.load(no).await
    }

    /// Writes down which message shows the request's card in a channel, so that it is found again after a restart.
    pub async fn shown(&self, no: RequestNo, channel: &str, message: &str) -> Result<(), Problem> {
        let event = Event::Shown { channel: channel.to_owned(), message: message.to_owned() };
        self.note(no, event, |request| request.shown.get(channel).is_some_and(|known| known == message)).await
    }

    /// Writes down that those who have to look were called, so that nobody calls them for the same once more.
    pub async fn called(&self, no: RequestNo, what: &str) -> Result<(), Problem> {
        let event = Event::Called { what: what.to_owned() };
        self.note(no, event, |request| request.called.as_deref() == Some(what)).await
    }

    /// A line beside whatever else is written at the same time, unless it is known already.
    async fn note(
        &self,
        no: RequestNo,
        event: Event,
        is_known: impl Fn(&Request) -> bool,
    ) -> Result<(), Problem> {
        loop {
            let request = self.load(no).await?;
            if is_known(&request) {
                return Ok(());
            }
            let draft = self.draft(None, request.about(), event.clone());
            match self.append(Append::To { no, after: request.last }, vec![draft]).await {
                Err(conflict) if conflict.code == CONFLICT => {}
                written => return written.map(|_| ()),
            }
        }
    }

    /// The words that could still be asked for before this is said, such as a reason.
    ///
    /// Nothing is written. A problem says why this person may not say it at all.
    pub async fn asks_for(&self, heard: &Heard) -> Result<Words, Problem> {
        let Parsed { path, args } = self.understand(&heard.said)?;
        let Some(entry) = self.entry(&path) else { return Err(unknown_command(&path)) };
        let spec = entry.command.spec();
        let matter = self.asked(entry, spec.risk, &args, &heard.place);
        self.policy.rule_for(&matter, &heard.by)?;
        let absent = |name: &str| spec.arg(name).filter(|_| args.text(name).is_none());
        if spec.risk != Risk::Look {
            let wanted = self.wants_reason(heard, entry, &args).is_some();
            let args = absent("reason").filter(|_| wanted).into_iter().collect();
            return Ok(Words { args, required: true });
        }
        let none = Words { args: Vec::new(), required: false };
        if !spec.operations.is_empty() || spec.arg("request").is_none_or(|arg| arg.need == Need::Optional) {
            return Ok(none);
        }
        let asked = self.ask(entry.command, &args, &heard.by, &heard.place, None).await?;
        let Answer::Decide(decision) = asked else {
            return Ok(none);
        };
        let request = self.load(decision.request).await?;
        let required = |names: &[&str]| Words {
            args: names.iter().filter_map(|name| absent(name)).collect(),
            required: true,
        };
        match self.judge(&request, heard, &decision).await {
            Err(problem) if problem.code == RETYPE && wants_factor(&request, &decision) => {
                Ok(required(&["login", CODE_ARG]))
            }
            Err(problem) if problem.code == RETYPE => Ok(required(&["login"])),
            Err(problem) if problem.code == SENTENCE => Ok(required(&["reason"])),
            Err(problem) if problem.code == CODE => Ok(required(&[CODE_ARG])),
            Err(problem) if problem.code == MOMENT => Ok(required(&["how"])),
            Err(problem) => Err(problem),
            Ok(_) => Ok(Words { args: absent("reason").into_iter().collect(), required: false }),
        }
    }

    /// The card of a request that was read a moment ago.
    pub fn card_of(&self, request: &Request) -> Card {
        view::request_card(request, self.bench.clock.now())
    }

    /// The card of a request as it stands.
    pub async fn card(&self, no: RequestNo) -> Result<Card, Problem> {
        Ok(view::request_card(&self.load(no).await?, self.bench.clock.now()))
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
        if plan.risk == Risk::Look && !plan.only_reads() {
            return Err(Problem::operator(
                "command_risk",
                format!("`/{}` calls a change a look.", entry.path),
            )
            .next("Report this as a fault of connect-desk."));
        }
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

    /// Somebody's word on a request: checked, written down, answered. Of two at once the second sees the first.
    async fn decide(
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
    async fn judge(
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
                Ok(vec![Event::Approved { digest: planned.digest.clone(), roles }])
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
                let leads = by.roles.contains(&Role::Supervisor) || by.roles.contains(&Role::Admin);
                if how == Verification::Manager && (is_requester || !leads) {
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
                let leads = by.roles.contains(&Role::Supervisor) || by.roles.contains(&Role::Admin);
                if !is_requester && !leads {
                    return Err(own_only("lift").next("Ask them, a supervisor or an admin."));
                }
                if by.login.clone().map(Scope::Login) == Freeze::of(request).map(|freeze| freeze.scope) {
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

    async fn load(&self, no: RequestNo) -> Result<Request, Problem> {
        saga::load(self.bench.journal.as_ref(), no).await
    }

    fn draft(&self, by: Option<&Person>, about: Vec<String>, event: Event) -> Draft {
        Draft { at: self.bench.clock.now(), by: by.map(By::from), about, event }
    }

    /// Lines of the desk's own doing. After somebody else's line nothing is written, and the caller reads again.
    async fn write(&self, request: &Request, events: Vec<Event>) -> Result<(), Problem> {
        let drafts = events.into_iter().map(|event| self.draft(None, request.about(), event)).collect();
        let to = Append::To { no: request.no, after: request.last };
        match self.append(to, drafts).await {
            Ok(_) => self.bench.watcher.changed(request.no),
            Err(conflict) if conflict.code == CONFLICT => {}
            Err(problem) => return Err(problem),
        }
        Ok(())
    }

    async fn append(&self, to: Append, drafts: Vec<Draft>) -> Result<Vec<crate::log::Line>, Problem> {
        self.bench.journal.append(to, drafts).await.map_err(|error| match error {
            AppendError::Failed(problem) => problem,
            AppendError::Conflict => {
                Problem::asker(CONFLICT, "Somebody else was quicker.").next("Look at the card again.")
            }
        })
    }

    /// A looking command leaves a line, so that the auditor sees who looked at whom; in safe mode it is answered without.
    async fn write_look(&self, heard: &Heard, command: String, args: Args, rule: &Rule) {
        if self.bench.journal.unsound().is_some() {
            return;
        }
        let about = args.text("login").map(str::to_owned).into_iter().collect();
        let args = args.without(CODE_ARG);
        let event = Event::Looked { command, args, place: heard.place.clone(), rule: rule.name.clone() };
        let draft = self.draft(Some(&heard.by), about, event);
        if let Err(problem) = self.append(Append::Desk, vec![draft]).await {
            tracing::error!(code = problem.code, "a look could not be written to the log");
        }
    }

    async fn write_refusal(
        &self,
        to: Append,
        heard: &Heard,
        about: Vec<String>,
        command: &str,
        args: &Args,
        problem: &Problem,
    ) -> Result<(), Problem> {
        if self.bench.journal.unsound().is_some() {
            return Ok(());
        }
        let event = Event::Refused {
            command: command.to_owned(),
            args: args.without(CODE_ARG),
            place: Some(heard.place.clone()),
            problem: problem.clone(),
        };
        self.append(to, vec![self.draft(Some(&heard.by), about, event)]).await.map(|_| ())
    }
}

/// What a file is called where it stands in arguments: on one line, and without the sign that its kept name follows.
fn file_name(incoming: &dyn Incoming) -> String {
    crate::text::plain(incoming.name(), 100).replace('#', "_")
}

const CONFLICT: &str = "conflict";

/// The command whose requests are freezes.
pub const FREEZE: &str = "desk freeze";

/// The argument that asks for something at once, to be reviewed afterwards.
pub const EMERGENCY: &str = words::EMERGENCY.name;

/// Refuses a reason that is missing or not of the kind that a rule wants.
fn reason_will_do(path: &str, args: &Args, wanted: &Reason, rule: &str) -> Result<(), Problem> {
    let reason = args.text("reason");
    if wanted.takes(reason) {
        return Ok(());
    }
    let how = format!("Add `reason:\"…\"` to `/{path}`.");
    let problem = match (wanted, reason) {
        (Reason::Like(pattern), Some(reason)) => Problem::asker(
            "reason_unlike",
            format!("The reason {} has nothing like {} in it.", code(reason), code(pattern)),
        )
        .next("Say it with what the rule wants, such as the number of a ticket."),
        (Reason::Like(pattern), None) => Problem::asker(
            "reason_missing",
            format!("This needs a reason with something like {}.", code(pattern)),
        )
        .next(how),
        _ => Problem::asker("reason_missing", "This needs a reason.").next(how),
    };
    Err(problem.rule(rule))
}

/// The sentence without which a word on a request says too little.
fn in_words(decision: &Decision) -> Result<String, Problem> {
    decision.reason.clone().ok_or_else(|| {
        let verb = decision.verb.word();
        Problem::asker(SENTENCE, format!("`/desk {verb}` wants a sentence."))
            .next(format!("Type `/desk {verb} {} \"…\"`.", decision.request.0))
    })
}

/// The code of the problem that a sentence is missing.
const SENTENCE: &str = "sentence_missing";

/// Whether this word uses a code up.
fn wants_factor(request: &Request, decision: &Decision) -> bool {
    matches!(decision.verb, Verb::Confirm | Verb::Approve)
        && request.planned.as_ref().is_some_and(|planned| planned.needs.second_factor)
}

/// The code of the problem that no code of an authenticator came along.
const CODE: &str = "code_missing";

/// The argument that carries such a code; it is written nowhere.
const CODE_ARG: &str = "code";

/// The code of the problem that it is not said for when something is put off.
const MOMENT: &str = "moment_missing";

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
    if !by.roles.contains(&Role::Supervisor) && !by.roles.contains(&Role::Admin) {
        return Err(Problem::asker("not_a_reviewer", "Emergencies are reviewed by supervisors.").next(ask));
    }
    Ok(())
}

/// The code of the problem that the login was not typed once more.
const RETYPE: &str = "retype_missing";

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
            Err(Problem::asker("retype_wrong", format!("{} is not about {}.", request.no, code(typed)))
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

fn refused(request: &Request, problem: Problem) -> Vec<Event> {
    let refused =
        Event::Refused { command: request.command.clone(), args: request.args.clone(), place: None, problem };
    vec![refused, Event::Finished { outcome: Outcome::Refused }]
}

fn unknown_command(path: &str) -> Problem {
    Problem::asker("command_unknown", format!("There is no command {}.", code(&format!("/{path}"))))
        .next("Type `/desk help` for a list.")
}

fn gone(by: &By) -> Person {
    Person {
        id: by.id.clone(),
        name: by.name.clone(),
        roles: Default::default(),
        login: None,
        also: Default::default(),
    }
}
