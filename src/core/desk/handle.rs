//! What comes in is understood, checked against the rules and written down, or answered here and now.

use super::ask::unknown_command;
use super::state::{Desk, Incoming, Reply};
use super::understand::Understood;
use crate::basics::problem::{Owner, Problem};
use crate::card::Card;
use crate::command::{Answer, Asked, Entry};
use crate::log::{Append, Event};
use crate::plan::Plan;
use crate::policy::Rule;
use crate::words::{Args, Kind, Parsed};

impl Desk {
    /// Understands what was said, checks who may, and writes it down. Looking commands are answered here and now.
    pub async fn handle(&self, heard: Incoming) -> Reply {
        self.notice_clock().await;
        // On the heap: what may come of one line is more than a thread's stack should carry through every caller.
        let reply = match Box::pin(self.try_handle(&heard, false)).await {
            Ok(reply) => reply,
            Err(problem) => Reply::only(Card::problem(&problem)),
        };
        Reply { card: reply.card.to_reader(&heard.by.accounts()), ..reply }
    }

    /// The same for what the configuration asks for at its time, which takes no turn of the person as whom it asks.
    pub(super) async fn handle_scheduled(&self, heard: &Incoming) -> Result<Reply, Problem> {
        Box::pin(self.try_handle(heard, true)).await
    }

    async fn try_handle(&self, heard: &Incoming, takes_no_turn: bool) -> Result<Reply, Problem> {
        let (parsed, took_turn, reading) = match self.understand(&heard.said) {
            Understood::Right(parsed, reading) => (parsed, takes_no_turn, reading),
            Understood::Wrong(problem, None) => return Err(problem),
            Understood::Wrong(problem, Some(reading)) => {
                (Box::pin(self.put_right(heard, &reading, problem)).await?, true, None)
            }
        };
        let Parsed { path, mut args } = parsed;
        let Some(entry) = self.entry(&path) else { return Err(unknown_command(&path)) };
        let spec = entry.command.spec;
        // Before anything is written: what is no request of this log may be a code that came to the wrong place.
        self.requests_exist(spec, &args).await?;
        if !took_turn {
            Box::pin(self.take_turn(heard, &path, &args)).await?;
        }
        let rule = self.may_ask(heard, entry, &args).await?;
        if !entry.command.only_looks(&args) {
            if let Some(reading) = &reading {
                Box::pin(self.no_doubt(heard.by.id.platform(), reading)).await?;
            }
            return self.accept(heard, entry, args, &rule).await;
        }
        let incoming = self.open_file(heard, entry, &mut args).await?;
        let answer = self.ask(entry, &args, &heard.by, &heard.place, incoming, None).await;
        match answer {
            Ok(Answer::Decide(decision)) => Box::pin(self.decide(heard, &path, &args, decision)).await,
            Ok(Answer::Card(mut card)) => {
                card.line.get_or_insert_with(|| format!("/{path} {}", args.typed()).trim_end().to_owned());
                self.write_look(heard, path, args, &rule).await;
                Ok(Reply::only(card))
            }
            Ok(Answer::Enroll { code }) => self.enroll(heard, code).await.map(Reply::only),
            Ok(Answer::Plan(_)) => Err(Problem::operator(
                "command_risk",
                format!("`/{path}` makes a plan, but its risk is read."),
            )
            .hint("Report this as a bug in connect-desk.")),
            Err(problem) => {
                self.write_look(heard, path, args, &rule).await;
                Err(problem)
            }
        }
    }

    /// Writes `asked`. From here on the request cannot be lost.
    async fn accept(
        &self,
        heard: &Incoming,
        entry: &Entry,
        mut args: Args,
        rule: &Rule,
    ) -> Result<Reply, Problem> {
        let action = self.asked(entry, entry.command.spec.risk, &args, &heard.place);
        if let Some(rule) = self.policy.get().wants_reason(&action, &heard.by) {
            rule.reason.check(entry.path, &args, &rule.name)?;
        }
        let looked = self.look_first(heard, entry, &args).await?;
        self.keep_file(heard, entry, &mut args).await?;
        let event = Event::Requested {
            command: entry.path.to_owned(),
            args: args.written(),
            place: heard.place.clone(),
            roles: heard.by.roles.iter().copied().collect(),
            rule: rule.name.clone(),
            subject: entry.command.subject(&Asked { args: &args, plan: None }),
        };
        let about = args.about();
        let lines = self.append(Append::New, vec![self.draft(Some(&heard.by), about, event)]).await?;
        let no = lines.first().and_then(|line| line.request).ok_or_else(|| {
            Problem::log("log_number", "The log gave the request no number.")
                .hint("Run `connect-desk log verify --state FOLDER` with the state folder of the desk.")
        })?;
        if let Some(plan) = looked {
            self.watch.keep_look(no, plan, self.saga.clock.monotonic());
        }
        Ok(Reply::of(&self.load(no).await?, self.saga.clock.now()))
    }

    /// Looks before anything has a number: what names nothing, such as a login with a typo, or is so already is put right with the
    /// person alone and becomes no request. Whatever else keeps the desk from planning it now is found again once it is written down.
    ///
    /// A file is looked through afterwards, because that may take longer than people should wait for the number.
    async fn look_first(
        &self,
        heard: &Incoming,
        entry: &Entry,
        args: &Args,
    ) -> Result<Option<Plan>, Problem> {
        if entry.command.spec.args.iter().any(|arg| arg.kind == Kind::File && args.text(arg.name).is_some()) {
            return Ok(None);
        }
        match Box::pin(self.ask(entry, &args.written(), &heard.by, &heard.place, None, None)).await {
            Ok(Answer::Plan(plan)) if plan.changes_nothing() => {
                self.refuse(heard, entry, args, nothing_to_change(&plan)).await
            }
            Ok(Answer::Plan(plan)) => Ok(Some(plan)),
            Err(problem) if problem.owner == Owner::Requester => {
                self.refuse(heard, entry, args, problem).await
            }
            _ => Ok(None),
        }
    }

    async fn refuse<T>(
        &self,
        heard: &Incoming,
        entry: &Entry,
        args: &Args,
        problem: Problem,
    ) -> Result<T, Problem> {
        self.write_refusal(Append::Desk, heard, args.about(), entry.path, args, &problem).await?;
        Err(problem)
    }
}

/// Everything is as it was asked for already.
fn nothing_to_change(plan: &Plan) -> Problem {
    let why = match plan.warnings.is_empty() {
        true => "There is nothing to change.".to_owned(),
        false => plan.warnings.join(" "),
    };
    Problem::requester("nothing_to_change", plan.what.clone()).hint(why)
}
