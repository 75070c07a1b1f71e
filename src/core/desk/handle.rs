//! A request from top to bottom. `handle` writes down what came in; `advance` takes a request as far as it can go now.
//!
//! Waiting for a person is a state of the log, never a future that a crash would lose.

use std::sync::Arc;

use crate::basics::secret::Secret;
use crate::card::{Block, Card, NOT_KNOWN, Tone};
use crate::center::ContactCenter;
use futures::lock::Mutex;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::saga::SagaContext;
use super::{caller, saga};
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::roles::{Person, Place};
use crate::basics::text::code;
use crate::command::{Answer, Ask, Entry};
use crate::email::EmailTemplates;
use crate::formats::sheet;
use crate::log::{Append, AppendError, By, Draft, Event, Lookup, OpenRequest};
use crate::plan::Impact;
use crate::policy::site::Site;
use crate::policy::{Action, Policy, Reason, Rule};
use crate::ports::health::Health;
use crate::ports::{CallerCodes, Enrolled, Factors, Inbox, IncomingFile, People, RateLimits, Vault};
use crate::request::Request;
use crate::request::Verb;
use crate::request::entitled;
use crate::view;
use crate::words::{self, Arg, Args, Kind, Need, Parsed, Risk};

use super::decide::wants_factor;
use super::reveal::Receipt;
use super::understand::Understood;
use super::watch::Watch;

/// The desk: the commands and rules it goes by, and the ports it works through.
pub struct Desk {
    pub commands: Vec<Entry>,
    pub policy: Arc<Policy>,
    pub center: Arc<dyn ContactCenter>,
    pub people: Arc<dyn People>,
    pub vault: Arc<dyn Vault>,
    pub factors: Arc<dyn Factors>,
    pub turns: Arc<dyn RateLimits>,
    pub caller_codes: Arc<dyn CallerCodes>,
    pub inbox: Arc<dyn Inbox>,
    pub letters: Arc<dyn EmailTemplates>,
    pub site: Arc<Site>,
    pub health: Arc<Health>,
    pub bench: SagaContext,
    /// Begins empty.
    pub watch: Watch,
}

/// Something said to the desk.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub by: Person,
    pub place: Place,
    pub said: Invocation,
}

/// How it was said.
#[derive(Clone, Debug)]
pub enum Invocation {
    /// A line as typed.
    Typed(String),
    /// A command chosen from a menu, or a button, with its options by name.
    Chosen { path: String, options: Vec<(String, String)> },
}

/// What the desk says back at once. When it names a request, the caller goes on with [`Desk::advance`]; when it has a receipt,
/// with [`Desk::delivered`].
#[derive(Clone, Debug)]
pub struct Reply {
    pub card: Card,
    pub request: Option<RequestNo>,
    pub receipt: Option<Receipt>,
}

/// The arguments that a form could ask for, and whether nothing goes on without them.
#[derive(Clone, Debug)]
pub struct FormFields {
    pub args: Vec<&'static Arg>,
    pub required: bool,
}

impl Reply {
    pub(super) fn only(card: Card) -> Reply {
        Reply { card, request: None, receipt: None }
    }

    pub(super) fn of(request: &Request, now: jiff::Timestamp) -> Reply {
        Reply { card: view::request_card(request, now), request: Some(request.no), receipt: None }
    }
}

impl Desk {
    /// Understands what was said, checks who may, and writes it down. Looking commands are answered here and now.
    pub async fn handle(&self, heard: Incoming) -> Reply {
        self.notice_clock().await;
        // On the heap: what may come of one line is more than a thread's stack should carry through every caller.
        match Box::pin(self.try_handle(&heard)).await {
            Ok(reply) => reply,
            Err(problem) => Reply::only(Card::problem(&problem)),
        }
    }

    async fn try_handle(&self, heard: &Incoming) -> Result<Reply, Problem> {
        let (parsed, took_turn, reading) = match self.understand(&heard.said) {
            Understood::Right(parsed, reading) => (parsed, false, reading),
            Understood::Wrong(problem, None) => return Err(problem),
            Understood::Wrong(problem, Some(reading)) => {
                (Box::pin(self.put_right(heard, &reading, problem)).await?, true, None)
            }
        };
        let Parsed { path, mut args } = parsed;
        let Some(entry) = self.entry(&path) else { return Err(unknown_command(&path)) };
        let spec = entry.command.spec();
        // Before anything is written: what is no request of this log may be a code that came to the wrong place.
        self.requests_exist(spec, &args).await?;
        if !took_turn {
            Box::pin(self.take_turn(heard, &path, &args)).await?;
        }
        let rule = self.may_ask(heard, entry, &args).await?;
        if spec.risk != Risk::Look {
            if let Some(reading) = &reading {
                Box::pin(self.no_doubt(reading)).await?;
            }
            return self.accept(heard, entry, args, rule).await;
        }
        let incoming = self.open_file(heard, entry, &mut args).await?;
        let answer = self.ask(entry, &args, &heard.by, &heard.place, incoming).await;
        match answer {
            Ok(Answer::Decide(decision)) => Box::pin(self.decide(heard, &path, &args, decision)).await,
            Ok(Answer::Card(card)) => {
                self.write_look(heard, path, args, rule).await;
                Ok(Reply::only(card))
            }
            Ok(Answer::Enroll { code }) => self.enroll(heard, code).await.map(Reply::only),
            Ok(Answer::Plan(_)) => {
                Err(Problem::operator("command_risk", format!("`/{path}` plans, but calls itself a look."))
                    .hint("Report this as a fault of connect-desk."))
            }
            Err(problem) => {
                self.write_look(heard, path, args, rule).await;
                Err(problem)
            }
        }
    }

    /// The rule that lets this person ask this here; a refusal is written down.
    pub(super) async fn may_ask(
        &self,
        heard: &Incoming,
        entry: &Entry,
        args: &Args,
    ) -> Result<&Rule, Problem> {
        let matter = self.asked(entry, entry.command.spec().risk, args, &heard.place);
        match self.policy.rule_for(&matter, &heard.by) {
            Ok(rule) => Ok(rule),
            Err(problem) => {
                let about = args.about();
                self.write_refusal(Append::Desk, heard, about, entry.path, args, &problem).await?;
                Err(problem)
            }
        }
    }

    /// Answers who asks too often, also for what they may not ask: a flood leaves one line a minute for each person and command.
    pub(super) async fn take_turn(&self, heard: &Incoming, path: &str, args: &Args) -> Result<(), Problem> {
        let Err(too_often) = self.turns.take(&heard.by, path) else { return Ok(()) };
        let times =
            crate::basics::text::count(usize::try_from(too_often.per_minute).unwrap_or(usize::MAX), "time");
        let wait =
            crate::basics::text::span(i64::try_from(too_often.wait.as_secs()).unwrap_or(i64::MAX).max(1));
        let asked = code(&format!("/{path}"));
        let problem = Problem::asker("too_often", format!("You have asked for {asked} {times} in a minute."))
            .hint(format!("It is answered again in {wait}."));
        if too_often.is_first {
            let about = args.about();
            self.write_refusal(Append::Desk, heard, about, path, args, &problem).await?;
        }
        Err(problem)
    }

    /// Gives somebody an authenticator: first what to scan, then the proof that it was.
    async fn enroll(&self, heard: &Incoming, code: Option<Secret>) -> Result<Card, Problem> {
        if let Some(problem) = self.bench.log.unsound() {
            return Err(problem);
        }
        let (by, account) = (&heard.by, &heard.by.id);
        if self.factors.is_enrolled(&by.accounts()).await? {
            return Err(Problem::asker("enrolled_already", "You have an authenticator here already.").hint(
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
        let first_use = self.factors.finish(account, &code).await? == Enrolled::FirstUse;
        let event = Event::Enrolled { first_use };
        self.append(Append::Desk, vec![self.draft(Some(by), Vec::new(), event)]).await?;
        let mut card = Card::new(Tone::Good, "Your authenticator works")
            .text("From now on the desk asks for its code where a rule wants one.");
        if first_use {
            card = card.text("No admin was asked whether this is you; the log says so.");
        }
        Ok(card.private())
    }

    /// What is asked, before there is a plan.
    pub(super) fn asked<'a>(
        &self,
        entry: &'a Entry,
        risk: Risk,
        args: &Args,
        place: &'a Place,
    ) -> Action<'a> {
        let emergency = args.flag(EMERGENCY);
        Action { command: entry.path, risk, impact: None, emergency, place, now: self.bench.clock.now() }
    }

    pub(super) fn entry(&self, path: &str) -> Option<&Entry> {
        self.commands.iter().find(|entry| entry.path == path)
    }

    pub(super) async fn ask(
        &self,
        entry: &Entry,
        args: &Args,
        by: &Person,
        place: &Place,
        incoming: Option<Box<dyn IncomingFile>>,
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
            log: self.bench.log.as_ref(),
            people: self.people.as_ref(),
            policy: &self.policy,
            commands: &self.commands,
            safe_mode: self.bench.log.unsound(),
        };
        let answer = entry.command.answer(&ask).await;
        answer.map_err(|problem| args.put_right(entry.path, entry.command.spec(), problem))
    }

    /// The rule that wants a reason with this. Which rule applies is known only with the plan's risk, and then it is too
    /// late to ask for one, so a reason is wanted when one of those that may apply wants it.
    fn wants_reason(&self, heard: &Incoming, entry: &Entry, args: &Args) -> Option<&Rule> {
        let worst = entry.command.spec().risk;
        // Whom it will touch is not known; a rule that wants a reason for that says so when there is a plan.
        let nobody = Impact::default();
        Risk::ALL.into_iter().filter(|risk| *risk != Risk::Look && *risk <= worst).find_map(|risk| {
            let matter = Action { impact: Some(&nobody), ..self.asked(entry, risk, args, &heard.place) };
            self.policy.rule_for(&matter, &heard.by).ok().filter(|rule| !rule.reason.is_none())
        })
    }

    /// Opens the file that came with a command, if one did, and calls it in the arguments what people call it.
    async fn open_file(
        &self,
        heard: &Incoming,
        entry: &Entry,
        args: &mut Args,
    ) -> Result<Option<Box<dyn IncomingFile>>, Problem> {
        let spec = entry.command.spec();
        let Some(arg) = spec.args.iter().find(|arg| arg.kind == Kind::File) else { return Ok(None) };
        let Some(reference) = args.text(arg.name).map(str::to_owned) else { return Ok(None) };
        let opened = self.inbox.open(heard.place.platform, &reference).await;
        let incoming = opened.map_err(|problem| args.put_right(entry.path, spec, problem))?;
        args.replace(arg.name, file_name(incoming.as_ref()));
        Ok(Some(incoming))
    }

    /// Keeps the file that came with a command, so that it can be planned from again, also after a restart.
    async fn keep_file(&self, heard: &Incoming, entry: &Entry, args: &mut Args) -> Result<(), Problem> {
        let Some(mut incoming) = self.open_file(heard, entry, args).await? else { return Ok(()) };
        let spec = entry.command.spec();
        let mut bytes = Zeroizing::new(Vec::new());
        while let Some(more) = incoming.next().await? {
            let more = Zeroizing::new(more);
            if bytes.len() + more.len() > sheet::BYTES_MAX {
                let most = sheet::BYTES_MAX / (1024 * 1024);
                return Err(Problem::asker("file_too_large", format!("The file has more than {most} MiB."))
                    .hint("Split it into smaller ones."));
            }
            bytes.extend_from_slice(&more);
        }
        let kept = crate::basics::text::hex(&Sha256::digest(&*bytes));
        self.vault.keep_file(&kept, bytes).await?;
        if let Some(arg) = spec.args.iter().find(|arg| arg.kind == Kind::File) {
            args.replace(arg.name, format!("{}#{kept}", file_name(incoming.as_ref())));
        }
        Ok(())
    }

    /// Writes `asked`. From here on the request cannot be lost.
    async fn accept(
        &self,
        heard: &Incoming,
        entry: &Entry,
        mut args: Args,
        rule: &Rule,
    ) -> Result<Reply, Problem> {
        if let Some(rule) = self.wants_reason(heard, entry, &args) {
            reason_will_do(entry.path, &args, &rule.reason, &rule.name)?;
        }
        self.keep_file(heard, entry, &mut args).await?;
        let event = Event::Asked {
            command: entry.path.to_owned(),
            args: args.written(),
            place: heard.place.clone(),
            roles: heard.by.roles.iter().copied().collect(),
            rule: rule.name.clone(),
        };
        let about = args.about();
        let lines = self.append(Append::New, vec![self.draft(Some(&heard.by), about, event)]).await?;
        let no = lines.first().and_then(|line| line.request).ok_or_else(|| {
            Problem::log("log_number", "The log gave the request no number.")
                .hint("Run `connect-desk log verify`.")
        })?;
        Ok(Reply::of(&self.load(no).await?, self.bench.clock.now()))
    }

    /// The newest requests on which this person can use a verb now, as far as the log tells, newest first and so many at most; all
    /// that are open or ended lately for a word that is no verb. Only those that are called like this text, if there is any. What
    /// counts is judged when it is said.
    pub async fn offered(
        &self,
        verb: &str,
        by: &Person,
        text: &str,
        most: usize,
    ) -> Result<Vec<OpenRequest>, Problem> {
        let verb = Verb::ALL.into_iter().find(|known| known.word() == verb);
        let wanted = Lookup::For { verb: verb.map(Verb::word), by: by.clone(), text: text.to_owned() };
        let mut offered = Vec::new();
        for known in self.bench.log.find(wanted).await? {
            if offered.len() == most {
                break;
            }
            let fits = match verb {
                Some(verb) => self.may_now(verb, &known, by).await,
                None => true,
            };
            if fits {
                offered.push(known);
            }
        }
        Ok(offered)
    }

    async fn may_now(&self, verb: Verb, known: &OpenRequest, by: &Person) -> bool {
        let request = match self.watch.read(known) {
            Some(request) => request,
            None => match self.load(known.no).await {
                Ok(request) => self.watch.keep(request),
                Err(_) => return false,
            },
        };
        entitled::may(verb, &request, &request.by.as_person(), by, self.moment(&request)).is_ok()
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
    pub(super) async fn note(
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

    /// The words that could still be asked for before this is said, such as a reason. A problem says why this person may not
    /// say it at all, as far as the log and the rules can tell.
    ///
    /// Nothing is written, and no other system is asked: a chat platform waits for its first answer meanwhile.
    pub async fn asks_for(&self, heard: &Incoming) -> Result<FormFields, Problem> {
        let Parsed { path, args } = match self.understand(&heard.said) {
            Understood::Right(parsed, _) => parsed,
            Understood::Wrong(problem, _) => return Err(problem),
        };
        let Some(entry) = self.entry(&path) else { return Err(unknown_command(&path)) };
        let spec = entry.command.spec();
        let matter = self.asked(entry, spec.risk, &args, &heard.place);
        self.policy.rule_for(&matter, &heard.by)?;
        let absent = |name: &str| {
            let is_absent = args.text(name).is_none() && !(name == CODE_ARG && args.code().is_some());
            spec.arg(name).filter(|_| is_absent)
        };
        if spec.risk != Risk::Look {
            let wanted = self.wants_reason(heard, entry, &args).is_some();
            let args = absent("reason").filter(|_| wanted).into_iter().collect();
            return Ok(FormFields { args, required: true });
        }
        let none = FormFields { args: Vec::new(), required: false };
        if !spec.operations.is_empty() || spec.arg("request").is_none_or(|arg| arg.need == Need::Optional) {
            return Ok(none);
        }
        let asked = self.ask(entry, &args, &heard.by, &heard.place, None).await?;
        let Answer::Decide(decision) = asked else {
            return Ok(none);
        };
        if caller::wants_code(&decision) {
            return Ok(none);
        }
        // Judging may look somebody up; what no form can ask for waits until it is acknowledged.
        if ["login", CODE_ARG, "reason", "how"].into_iter().all(|name| absent(name).is_none()) {
            return Ok(none);
        }
        let request = self.load(decision.request).await?;
        let required = |names: &[&str]| FormFields {
            args: names.iter().filter_map(|name| absent(name)).collect(),
            required: true,
        };
        match self.judge(&request, heard, &decision, &request.by.as_person()).await {
            Err(problem) if problem.code == RETYPE && wants_factor(&request, &decision) => {
                Ok(required(&["login", CODE_ARG]))
            }
            Err(problem) if problem.code == RETYPE => Ok(required(&["login"])),
            Err(problem) if problem.code == SENTENCE => Ok(required(&["reason"])),
            Err(problem) if problem.code == CODE => Ok(required(&[CODE_ARG])),
            Err(problem) if problem.code == MOMENT => Ok(required(&["how"])),
            Err(problem) => Err(problem),
            Ok(_) => Ok(FormFields { args: absent("reason").into_iter().collect(), required: false }),
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

    pub(super) async fn load(&self, no: RequestNo) -> Result<Request, Problem> {
        saga::load(self.bench.log.as_ref(), no).await
    }

    pub(super) fn draft(&self, by: Option<&Person>, about: Vec<String>, event: Event) -> Draft {
        Draft { at: self.bench.clock.now(), by: by.map(By::from), about, event }
    }

    /// Lines of the desk's own doing. After somebody else's line nothing is written, and the caller reads again.
    pub(super) async fn write(&self, request: &Request, events: Vec<Event>) -> Result<(), Problem> {
        let drafts = events.into_iter().map(|event| self.draft(None, request.about(), event)).collect();
        let to = Append::To { no: request.no, after: request.last };
        match self.append(to, drafts).await {
            Ok(_) => self.bench.watcher.changed(request.no),
            Err(conflict) if conflict.code == CONFLICT => {}
            Err(problem) => return Err(problem),
        }
        Ok(())
    }

    pub(super) async fn append(
        &self,
        to: Append,
        drafts: Vec<Draft>,
    ) -> Result<Vec<crate::log::Line>, Problem> {
        self.bench.log.append(to, drafts).await.map_err(|error| match error {
            AppendError::Failed(problem) => problem,
            AppendError::Unknown(_) => not_known(to),
            AppendError::Conflict => {
                Problem::asker(CONFLICT, "Somebody else was quicker.").hint("Look at the card again.")
            }
        })
    }

    /// A looking command leaves a line, so that the auditor sees who looked at whom; in safe mode it is answered without.
    async fn write_look(&self, heard: &Incoming, command: String, args: Args, rule: &Rule) {
        if self.bench.log.unsound().is_some() {
            return;
        }
        let about = args.about();
        let event = Event::Looked {
            command,
            args: args.written(),
            place: heard.place.clone(),
            rule: rule.name.clone(),
        };
        let draft = self.draft(Some(&heard.by), about, event);
        if let Err(problem) = self.append(Append::Desk, vec![draft]).await {
            tracing::error!(code = problem.code, "a look could not be written to the log");
        }
    }

    pub(super) async fn write_refusal(
        &self,
        to: Append,
        heard: &Incoming,
        about: Vec<String>,
        command: &str,
        args: &Args,
        problem: &Problem,
    ) -> Result<(), Problem> {
        if self.bench.log.unsound().is_some() {
            return Ok(());
        }
        let event = Event::Refused {
            command: command.to_owned(),
            args: args.written(),
            place: Some(heard.place.clone()),
            problem: problem.clone(),
        };
        self.append(to, vec![self.draft(Some(&heard.by), about, event)]).await.map(|_| ())
    }
}

/// What a file is called where it stands in arguments: on one line, and without the sign that its kept name follows.
fn file_name(incoming: &dyn IncomingFile) -> String {
    crate::basics::text::plain(incoming.name(), 100).replace('#', "_")
}

pub(super) const CONFLICT: &str = "conflict";

/// What someone is told when no one knows whether their words were recorded.
pub(super) fn not_known(to: Append) -> Problem {
    let next = match to {
        Append::New => {
            "After the bot was restarted, `/desk requests` shows whether it was; then it waits for your confirmation."
        }
        Append::Desk | Append::To { .. } => {
            "It does not count until you say it again, after the bot was restarted."
        }
    };
    Problem::log(NOT_KNOWN, "The disk did not confirm that this was recorded.").hint(next)
}

/// The argument that asks for something at once, to be reviewed afterwards.
pub const EMERGENCY: &str = words::EMERGENCY.name;

/// Refuses a reason that is missing or not of the kind that a rule wants.
pub(super) fn reason_will_do(path: &str, args: &Args, wanted: &Reason, rule: &str) -> Result<(), Problem> {
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
        .hint("Say it with what the rule wants, such as the number of a ticket."),
        (Reason::Like(pattern), None) => Problem::asker(
            "reason_missing",
            format!("This needs a reason with something like {}.", code(pattern)),
        )
        .hint(how),
        _ => Problem::asker("reason_missing", "This needs a reason.").hint(how),
    };
    Err(problem.rule(rule))
}

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

pub(super) fn unknown_command(path: &str) -> Problem {
    Problem::asker("command_unknown", format!("No command {}.", code(&format!("/{path}"))))
        .hint("Type `/desk help` for a list.")
}
