//! What a command is to the desk: a spec, and a function that looks and answers. It never acts.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;

use futures::lock::Mutex;

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
use crate::policy::Policy;
use crate::policy::site::Site;
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
    pub command: &'static dyn Command,
}

impl Entry {
    /// Whose approval its plans need whatever the rules say.
    pub fn least_approval(&self) -> LeastApproval {
        let least = self.command.effects().iter().map(|needs| needs.approval);
        least.max().unwrap_or(LeastApproval::Rule)
    }

    /// Every operation of AWS that it may call: to plan, to assess what it planned, and for its effects.
    pub fn operations(&self) -> BTreeSet<&'static str> {
        let effects = self.command.effects();
        let assessing = assess::OPERATIONS.iter().filter(|_| !effects.is_empty());
        let of_effects = effects.iter().flat_map(|needs| needs.operations);
        self.command.spec().operations.iter().chain(assessing).chain(of_effects).copied().collect()
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
    let also = |entry: &&Entry| entry.command.spec().also.contains(&path.as_str());
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

/// One thing people can ask for.
#[async_trait]
pub trait Command: Send + Sync {
    fn spec(&self) -> &'static Spec;

    /// What the effects that its plans may have need; none where it plans nothing.
    fn effects(&self) -> &'static [EffectNeeds] {
        &[]
    }

    /// Whether it has nothing to plan with these arguments, and answers with a card.
    fn only_looks(&self, _args: &Args) -> bool {
        self.spec().risk == Risk::Read
    }

    /// Whether more comes of it than an answer, so that it must not be handled twice.
    fn counts(&self) -> bool {
        self.spec().risk != Risk::Read
    }

    /// Looks, and answers with a card or a plan. Planning twice in the same world gives the same plan.
    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem>;
}

/// What a command is asked with: readers only.
pub struct Ask<'a> {
    pub args: &'a Args,
    pub by: &'a Person,
    pub place: &'a Place,
    pub now: Timestamp,
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
    static VERBS: &[Verb] = &Verb::ALL;
    VERBS.iter().map(|verb| Entry { path: verb.row().path, command: verb })
}

#[async_trait]
impl Command for Verb {
    fn spec(&self) -> &'static Spec {
        &self.row().spec
    }

    fn counts(&self) -> bool {
        true
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let request = ask.args.request("request").ok_or_else(|| {
            Problem::requester("request_number", "The number of the request is missing.")
                .hint("`/desk requests` lists the open ones.")
        })?;
        let mut args = DecisionArgs::default();
        for arg in self.spec().args {
            let text = || ask.args.text(arg.name).map(str::to_owned);
            match DecisionArg::of(arg) {
                Some(DecisionArg::Sentence) => args.reason = text(),
                Some(DecisionArg::Plan) => args.plan = text().map(|plan| plan.to_lowercase()),
                Some(DecisionArg::Login) => args.login = text(),
                Some(DecisionArg::Code) => args.code = ask.args.code().cloned(),
                Some(DecisionArg::Choice) => args.how = text(),
                Some(DecisionArg::Moment) => args.when = text(),
                Some(DecisionArg::Email) => args.email = text(),
                Some(DecisionArg::Request) | None => {}
            }
        }
        Ok(Answer::Decide(Decision { verb: *self, request, args }))
    }
}
