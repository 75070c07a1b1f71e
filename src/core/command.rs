//! What a command is to the desk: a spec, and a function that looks and answers. It never acts.

use std::collections::BTreeSet;

use futures::future::BoxFuture;
use futures::lock::Mutex;
use jiff::Timestamp;

use crate::assess;
use crate::basics::problem::Problem;
use crate::basics::roles::{Person, Place};
use crate::basics::secret::Secret;
use crate::basics::text::{self, code};
use crate::card::Card;
use crate::center::ContactCenter;
use crate::email::EmailTemplates;
use crate::log::LogReader;
use crate::plan::effect::EffectNeeds;
use crate::plan::{LeastApproval, Plan};
use crate::policy::site::Site;
use crate::policy::{Action, Policy};
use crate::ports::health::Status;
use crate::ports::{Files, IncomingFile, People, SalesforceOrg};
use crate::request::entitled::DecisionArg;
use crate::request::{Decision, DecisionArgs, Verb};
use crate::words::{Args, Risk, Spec};

/// A command and the words that call it, which are the place of its file.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Such as `connect reset` for `commands/connect/reset.rs`.
    pub path: &'static str,
    pub command: Command,
}

impl Entry {
    /// Whose approval its plans need whatever the rules say.
    pub fn least_approval(&self) -> LeastApproval {
        self.command.effects().map(|needs| needs.approval).max().unwrap_or(LeastApproval::Rule)
    }

    /// The risks that what comes of it can have. Whom a plan is about can make it sensitive, whatever its command is.
    pub fn risks(&self) -> impl Iterator<Item = Risk> {
        let most = self.command.spec.risk;
        let plans = if most == Risk::Read { most } else { most.max(Risk::Sensitive) }.of_plans();
        plans.chain(self.command.only_looks.map(|_| Risk::Read))
    }

    /// Every operation of AWS that it may call: to plan, to assess what it planned, and for its effects.
    pub fn operations(&self) -> BTreeSet<&'static str> {
        let plans = self.command.effects().next().is_some();
        let assessing = assess::OPERATIONS.iter().filter(|_| plans);
        let of_effects = self.command.effects().flat_map(|needs| needs.operations);
        self.command.spec.operations.iter().chain(assessing).chain(of_effects).copied().collect()
    }
}

/// The command that these words call: its own words, the last of them, or another word that people use for it.
pub fn called<'c>(commands: &'c [Entry], typed: &str) -> Result<&'c Entry, Problem> {
    let words: Vec<String> =
        typed.trim().trim_start_matches('/').split_whitespace().map(str::to_lowercase).collect();
    let path = words.join(" ");
    // Some platforms have a hyphen where others have a blank.
    let plain = |path: &str| path.replace('-', " ");
    if let Some(entry) = commands.iter().find(|entry| plain(entry.path) == plain(&path)) {
        return Ok(entry);
    }
    let last = |entry: &&Entry| entry.path.split(' ').next_back() == Some(path.as_str());
    let is_plain = |entry: &&Entry| entry.path.split(' ').count() < 3;
    let also = |entry: &&Entry| entry.command.spec.also.contains(&path.as_str());
    // `edit` alone is that of users, however many groups have one of their own.
    let by_last: Vec<&Entry> = commands.iter().filter(is_plain).filter(last).collect();
    let by_also: Vec<&Entry> = commands.iter().filter(is_plain).filter(also).collect();
    let in_a_group: Vec<&Entry> =
        commands.iter().filter(|entry| !is_plain(entry) && (last(entry) || also(entry))).collect();
    for found in [by_last, by_also, in_a_group] {
        if let [only] = found.as_slice() {
            return Ok(only);
        }
    }
    let near = text::nearest(&path, commands.iter().map(|entry| entry.path));
    let hint = text::did_you_mean(&near).unwrap_or_else(|| "Type `/desk help` for a list.".to_owned());
    Err(Problem::requester("command_unknown", format!("No command {}.", code(&format!("/{path}"))))
        .hint(hint)
        .instead_of(typed, near.into_iter().map(str::to_owned).collect()))
}

/// One thing people can ask for: a spec, and a function that looks and answers. `command!` makes it.
#[derive(Clone, Copy)]
pub struct Command {
    pub spec: &'static Spec,
    does: Does,
    /// What the effects that its plans may have need, list by list; none where it plans nothing.
    effects: &'static [&'static [EffectNeeds]],
    /// Whether it has nothing to plan with these arguments, where that doesn't follow from its risk.
    only_looks: Option<fn(&Args) -> bool>,
    /// Whether it counts although it only reads.
    counts: bool,
}

/// The function of a command.
pub type Answers = for<'a> fn(&'a Ask<'_>) -> BoxFuture<'a, Result<Answer, Problem>>;

/// What comes of a command.
#[derive(Clone, Copy)]
enum Does {
    Answers(Answers),
    /// It is a verb on a request: the desk does it.
    Decides(Verb),
}

/// A command from its spec, the async function that answers, and lists of what the effects that it may plan need.
#[macro_export]
macro_rules! command {
    ($spec:expr, $answer:expr $(, $effects:expr)* $(,)?) => {
        $crate::command::Command::new(&$spec, |ask| Box::pin($answer(ask)), &[$($effects),*])
    };
}

impl Command {
    pub const fn new(
        spec: &'static Spec,
        answers: Answers,
        effects: &'static [&'static [EffectNeeds]],
    ) -> Command {
        Command { spec, does: Does::Answers(answers), effects, only_looks: None, counts: false }
    }

    /// The same command, which has nothing to plan with the arguments of which this is true.
    pub const fn that_only_looks(self, when: fn(&Args) -> bool) -> Command {
        Command { only_looks: Some(when), ..self }
    }

    /// The same command, of which more comes than an answer although it only reads.
    pub const fn that_counts(self) -> Command {
        Command { counts: true, ..self }
    }

    /// What the effects that its plans may have need.
    pub fn effects(&self) -> impl Iterator<Item = &'static EffectNeeds> {
        self.effects.iter().copied().flatten()
    }

    /// Whether it has nothing to plan with these arguments, and answers with a card.
    pub fn only_looks(&self, args: &Args) -> bool {
        self.only_looks.map_or(self.spec.risk == Risk::Read, |only_looks| only_looks(args))
    }

    /// Whether more comes of it than an answer, so that it must not be handled twice.
    pub fn counts(&self) -> bool {
        self.counts || self.spec.risk != Risk::Read
    }

    /// Looks, and answers with a card or a plan. Planning twice in the same world gives the same plan.
    pub async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        match self.does {
            Does::Answers(answers) => answers(ask).await,
            Does::Decides(verb) => decision(verb, ask.args).map(Answer::Decide),
        }
    }
}

/// What a command is asked with: readers only.
pub struct Ask<'a> {
    pub args: &'a Args,
    pub by: &'a Person,
    pub place: &'a Place,
    pub now: Timestamp,
    /// When it was asked. A time of day, and a day such as today, is the one that was meant then, however late it is planned again.
    pub asked: Timestamp,
    pub center: &'a dyn ContactCenter,
    /// The org in which agents have a softphone, where the site has one.
    pub salesforce: Option<&'a dyn SalesforceOrg>,
    pub log: &'a dyn LogReader,
    pub people: &'a dyn People,
    pub files: &'a dyn Files,
    pub emails: &'a dyn EmailTemplates,
    pub site: &'a Site,
    /// The file that came with a command that only looks; it is read once. Others find theirs among `files`.
    pub incoming: Option<Mutex<Box<dyn IncomingFile>>>,
    pub policy: &'a Policy,
    pub commands: &'a [Entry],
    /// Whether the desk works at all.
    pub health: Status,
}

impl Ask<'_> {
    /// Whether this person may use the command of a line here, whatever it is about.
    pub fn may_type(&self, line: &str) -> bool {
        let typed = line.trim_start_matches('/');
        let begins = |entry: &&Entry| {
            let behind = typed.strip_prefix(entry.path);
            behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(' '))
        };
        let entry = self.commands.iter().filter(begins).max_by_key(|entry| entry.path.len());
        entry.is_none_or(|entry| {
            let asked = Action {
                command: entry.path,
                risk: entry.command.spec.risk,
                impact: None,
                emergency: false,
                place: self.place,
                now: self.now,
            };
            self.policy.rule_for(&asked, self.by).is_ok()
        })
    }
}

/// What a command answers.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one for each request, and it is moved a few times")]
pub enum Answer {
    /// Something to read; nothing would change.
    Card(Card),
    /// Something to decide on and carry out.
    Plan(Plan),
    /// Someone gets an authenticator: a first answer without a code, a second with one.
    Enroll { code: Option<Secret> },
    /// Something to do with a request that is in the log, which the desk does itself.
    Decide(Decision),
}

/// The commands that are verbs on a request: their rows have the specs, and the desk does the rest.
pub fn verbs() -> impl Iterator<Item = Entry> {
    Verb::ALL.into_iter().map(|verb| {
        let row = verb.row();
        let (spec, does) = (&row.spec, Does::Decides(verb));
        Entry {
            path: row.path,
            command: Command { spec, does, effects: &[], only_looks: None, counts: true },
        }
    })
}

/// What someone decides about a request with these arguments.
fn decision(verb: Verb, args: &Args) -> Result<Decision, Problem> {
    let request = args.request("request").ok_or_else(|| {
        Problem::requester("request_number", "The number of the request is missing.")
            .hint("`/desk requests` lists the open ones.")
    })?;
    let mut given = DecisionArgs::default();
    for arg in verb.row().spec.args {
        let text = || args.text(arg.name).map(str::to_owned);
        match DecisionArg::of(arg) {
            Some(DecisionArg::Sentence) => given.reason = text(),
            Some(DecisionArg::Plan) => given.plan = text().map(|plan| plan.to_lowercase()),
            Some(DecisionArg::Login) => given.login = text(),
            Some(DecisionArg::Code) => given.code = args.code().cloned(),
            Some(DecisionArg::Choice) => given.how = text(),
            Some(DecisionArg::Moment) => given.when = text(),
            Some(DecisionArg::Email) => given.email = text(),
            Some(DecisionArg::Request) | None => {}
        }
    }
    Ok(Decision { verb, request, args: given })
}
