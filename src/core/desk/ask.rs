//! A command is asked: by whom, under which rule, and how often.

use std::collections::BTreeSet;

use futures::lock::Mutex;
use jiff::Timestamp;

use super::state::{Desk, Incoming};
use crate::basics::problem::Problem;
use crate::basics::roles::{Person, Place, Role};
use crate::basics::text::code;
use crate::card::{Button, SEND};
use crate::command::{self, Answer, Ask, Entry};
use crate::log::Append;
use crate::policy::{Action, Rule};
use crate::ports::IncomingFile;
use crate::request::approval;
use crate::request::entitled::Part;
use crate::request::{Request, Verb};
use crate::words::{self, Arg, Args, Kind, Risk, Spec};

impl Desk {
    /// The rule that lets this person ask this here; a refusal is written down.
    pub(super) async fn may_ask(
        &self,
        heard: &Incoming,
        entry: &Entry,
        args: &Args,
    ) -> Result<Rule, Problem> {
        let action = self.asked(entry, entry.command.spec.risk, args, &heard.place);
        match self.policy.get().rule_for(&action, &heard.by) {
            Ok(rule) => Ok(rule.clone()),
            Err(problem) => {
                let problem = self.naming_approvers(entry, args, &action, &heard.by, problem).await;
                let about = args.about();
                self.write_refusal(Append::Desk, heard, about, entry.path, args, &problem).await?;
                Err(problem)
            }
        }
    }

    /// The same refusal, which names those whose approval this request lacks, as far as they may use the verb: rules name everyone who
    /// may use it on some request.
    async fn naming_approvers(
        &self,
        entry: &Entry,
        args: &Args,
        action: &Action<'_>,
        by: &Person,
        problem: Problem,
    ) -> Problem {
        let (Some(verb), Some(no)) = (Verb::of_command(entry.path), args.request("request")) else {
            return problem;
        };
        let Ok(request) = self.load(no).await else { return problem };
        let requester = request.by.as_person();
        let context = verb.context(&request, &requester, by, self.moment(&request));
        let parts = (context.row.takes)(&context.situation);
        if parts == [Part::Requester] {
            let only = context.not_the_requester(context.row.word());
            return problem.hint(only.message);
        }
        let groups = approval::unmet_of(&request, action.now);
        let approvers: BTreeSet<Role> = groups.into_iter().flat_map(|group| group.approvers).collect();
        match parts.contains(&Part::Approver) && !approvers.is_empty() {
            true => problem.hint(format!("Ask {}.", self.policy.get().who_could(action, by, &approvers))),
            false => problem,
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
        let problem = Problem::requester("too_often", format!("You used {asked} {times} in a minute."))
            .hint(format!("Try again in {wait}."));
        if too_often.is_first {
            let about = args.about();
            self.write_refusal(Append::Desk, heard, about, path, args, &problem).await?;
        }
        Err(problem)
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
        Action { command: entry.path, risk, impact: None, emergency, place, now: self.saga.clock.now() }
    }

    /// Whether names may be looked up and suggested for this line of a command that someone may use. Where it is about another
    /// command, that one has to be about users, and theirs to use.
    pub fn may_name(&self, heard: &Incoming, spec: &Spec, options: &[(String, String)]) -> bool {
        let is_command = |arg: &Arg| arg.kind == Kind::Command;
        if !spec.args.iter().any(is_command) {
            return true;
        }
        let typed = options.iter().find(|(name, _)| spec.arg_called(name).is_some_and(is_command));
        let asked = typed.and_then(|(_, typed)| command::called(&self.commands, typed).ok());
        asked.is_some_and(|asked| {
            let spec = asked.command.spec;
            let action = self.asked(asked, spec.risk, &Args::default(), &heard.place);
            spec.names_users() && self.policy.get().rule_for(&action, &heard.by).is_ok()
        })
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
        asked: Option<Timestamp>,
    ) -> Result<Answer, Problem> {
        let now = self.saga.clock.now();
        let (policy, site) = (self.policy.get(), self.site.get());
        let ask = Ask {
            files: self.vault.as_ref(),
            emails: self.emails.as_ref(),
            site: &site,
            incoming: incoming.map(Mutex::new),
            args,
            by,
            place,
            now,
            asked: asked.unwrap_or(now),
            center: self.center.as_ref(),
            salesforce: self.salesforce.as_deref(),
            log: self.saga.log.as_ref(),
            people: self.people.as_ref(),
            policy: &policy,
            commands: &self.commands,
            health: self.health.status(),
        };
        match entry.command.answer(&ask).await {
            Ok(Answer::Card(mut card)) => {
                let request = match card.request {
                    Some(no) if card.private => self.load(no).await.ok(),
                    _ => None,
                };
                card.actions.retain(|button| self.may_take(&ask, request.as_ref(), button));
                Ok(Answer::Card(card))
            }
            Ok(answer) => Ok(answer),
            Err(problem) => {
                let problem = args.put_right(entry.path, entry.command.spec, problem);
                Err(self.or_whom_meant(entry, args, problem).await)
            }
        }
    }

    /// Whether this person may take a step that an answer to them has. A request's card in a channel is for everyone there.
    fn may_take(&self, ask: &Ask<'_>, request: Option<&Request>, button: &Button) -> bool {
        let verb = Verb::of_command(&button.path).zip(request);
        let is_theirs = verb.is_none_or(|(verb, request)| {
            verb.may(request, &request.by.as_person(), ask.by, self.moment(request)).is_ok()
        });
        let line = button.line.as_deref().unwrap_or(&button.path);
        is_theirs && (button.path == SEND || ask.may_type(line))
    }
}

/// The argument that asks for something immediately, to be reviewed afterwards.
pub const EMERGENCY: &str = words::EMERGENCY.name;

pub(super) fn unknown_command(path: &str) -> Problem {
    Problem::requester("command_unknown", format!("No command {}.", code(&format!("/{path}"))))
        .hint("Type `/desk help` for a list.")
}
