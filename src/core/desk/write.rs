//! What the desk reads from the log and writes to it.

use serde_json::Value;

use super::saga;
use super::state::{Desk, Incoming};
use crate::basics::ids::{ChannelId, Platform, RequestNo};
use crate::basics::problem::{Owner, Problem};
use crate::basics::roles::Person;
use crate::basics::span::recorded;
use crate::card::{Card, NOT_KNOWN, ONLY_RECORDED};
use crate::log::{Append, AppendError};
use crate::log::{By, Draft, Event};
use crate::policy::Rule;
use crate::request::Request;
use crate::view;
use crate::words::{Args, has_password};

impl Desk {
    /// A request as its lines tell it.
    pub async fn request(&self, no: RequestNo) -> Result<Request, Problem> {
        self.load(no).await
    }

    /// Writes down which message shows the request's card in a channel, so that it is found again after a restart, and for what it has
    /// notified people, if it has.
    pub async fn shown(
        &self,
        no: RequestNo,
        channel: &ChannelId,
        message: &str,
        notified: Option<String>,
    ) -> Result<(), Problem> {
        let platform = channel.platform;
        let (channel_id, id) = (channel.id.clone(), message.to_owned());
        let shown = Event::Shown { platform, channel: channel_id, message: id };
        let notified = notified.map(|what| Event::Notified { platform, what });
        let events = std::iter::once(shown).chain(notified).collect();
        self.note(no, events, |request| request.card_in(channel) == Some(message)).await
    }

    /// Writes down that those who have to look were called on a platform, so that no one calls them there for the same once more.
    pub async fn called(&self, no: RequestNo, platform: Platform, what: &str) -> Result<(), Problem> {
        let event = Event::Notified { platform, what: what.to_owned() };
        let is_known = |request: &Request| request.called.get(&platform).is_some_and(|known| known == what);
        self.note(no, vec![event], is_known).await
    }

    /// Lines beside whatever else is written at the same time, unless they are known already.
    pub(super) async fn note(
        &self,
        no: RequestNo,
        events: Vec<Event>,
        is_known: impl Fn(&Request) -> bool,
    ) -> Result<(), Problem> {
        loop {
            let request = self.load(no).await?;
            if is_known(&request) {
                return Ok(());
            }
            let draft = |event: &Event| self.draft(None, request.about(), event.clone());
            let drafts = events.iter().map(draft).collect();
            match self.append(Append::To { no, after: request.last }, drafts).await {
                Err(Unwritten::Conflict) => {}
                written => return Ok(written.map(|_| ())?),
            }
        }
    }

    /// The card of a request that was read a moment ago. That no one could be notified of it is no line of the log, and said on it.
    pub fn card_of(&self, request: &Request) -> Card {
        let card = view::request_card(request, self.saga.clock.now());
        match self.health.untold(request.no) {
            Some(problem) => card.warning(problem.message),
            None => card,
        }
    }

    /// The card of a request as it is, for everyone; see [`Card::to_reader`].
    pub async fn card(&self, no: RequestNo) -> Result<Card, Problem> {
        Ok(self.card_of(&self.load(no).await?))
    }

    /// What is said when someone's word about a request was recorded, and it can't continue at present.
    pub async fn kept(&self, no: RequestNo, problem: &Problem) -> Card {
        match self.request(no).await {
            Ok(request) if request.is_finished() => Card::problem(problem),
            Ok(_) if problem.owner == Owner::Log => Card::problem(
                &Problem::log(
                    ONLY_RECORDED,
                    format!("{no} is recorded, but the desk can't write to its log now."),
                )
                .hint("Don't repeat it. It continues after the disk is checked and the bot restarts."),
            ),
            Ok(_) => Card::problem(problem)
                .text(format!("{no} is kept and continues automatically as soon as it can.")),
            Err(_) => Card::problem(problem),
        }
    }

    pub(super) async fn load(&self, no: RequestNo) -> Result<Request, Problem> {
        saga::load(self.saga.log.as_ref(), no).await
    }

    pub(super) fn draft(&self, by: Option<&Person>, about: Vec<String>, event: Event) -> Draft {
        Draft { at: self.saga.clock.now(), by: by.map(By::from), about, event: in_words(event) }
    }

    /// Lines of the desk's own doing. After someone else's line nothing is written, and the caller reads again.
    pub(super) async fn write(&self, request: &Request, events: Vec<Event>) -> Result<(), Problem> {
        let draft = |event: Event| self.draft(None, request.about_of(&event), event);
        let drafts = events.into_iter().map(draft).collect();
        let to = Append::To { no: request.no, after: request.last };
        match self.append(to, drafts).await {
            Ok(_) => self.saga.watcher.changed(request.no),
            Err(Unwritten::Conflict) => {}
            Err(Unwritten::Failed(problem)) => return Err(problem),
        }
        Ok(())
    }

    pub(super) async fn append(
        &self,
        to: Append,
        drafts: Vec<Draft>,
    ) -> Result<Vec<crate::log::Line>, Unwritten> {
        self.saga.log.append(to, drafts).await.map_err(|error| match error {
            AppendError::Failed(problem) => Unwritten::Failed(problem),
            AppendError::Unknown(_) => Unwritten::Failed(not_known(to)),
            AppendError::Conflict => Unwritten::Conflict,
        })
    }

    /// A looking command leaves a line, so that the auditor sees who looked at whom; in safe mode it is answered without.
    pub(super) async fn write_look(&self, heard: &Incoming, command: String, args: Args, rule: &Rule) {
        if self.saga.log.unsound().is_some() {
            return;
        }
        let about = args.about();
        let event = Event::Answered {
            command,
            args: args.written(),
            place: heard.place.clone(),
            rule: rule.name.clone(),
        };
        let draft = self.without_passwords(self.draft(Some(&heard.by), about, event), &args).await;
        if let Err(problem) = self.append(Append::Desk, vec![draft]).await.map_err(Problem::from) {
            tracing::error!(code = problem.code, "a read command couldn't be written to the log");
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
    ) -> Result<(), Unwritten> {
        if self.saga.log.unsound().is_some() {
            return Ok(());
        }
        let event = Event::Refused {
            command: command.to_owned(),
            args: args.written(),
            place: Some(heard.place.clone()),
            problem: problem.clone(),
        };
        let draft = self.without_passwords(self.draft(Some(&heard.by), about, event), args).await;
        self.append(to, vec![draft]).await.map(|_| ())
    }

    /// The same line without words that look like a password, unless they are logins: people paste one in place of a name.
    async fn without_passwords(&self, draft: Draft, args: &Args) -> Draft {
        let typed = args.typed();
        if !has_password(&typed) {
            return draft;
        }
        let words = typed.split(|c: char| c.is_whitespace() || ",:\"".contains(c));
        let words: Vec<String> = words.filter(|word| has_password(word)).map(str::to_owned).collect();
        let users = self.center.users(&words).await.unwrap_or_default();
        let hidden = |word: &str| {
            word.split(',').any(|part| has_password(part) && users.iter().all(|user| user.login != part))
        };
        let Draft { at, by, mut about, event } = draft;
        about.retain(|login| !hidden(login));
        let without = serde_json::to_value(&event).and_then(|mut value| {
            hide(&mut value, &hidden);
            serde_json::from_value(value)
        });
        Draft { at, by, about, event: without.unwrap_or(event) }
    }
}

/// What is written in place of what may be a password.
const HIDDEN: &str = "(hidden)";

fn hide(value: &mut Value, hidden: &dyn Fn(&str) -> bool) {
    match value {
        Value::String(text) if has_password(text) => {
            let word = |word: &str| {
                if hidden(word.trim_matches(|c: char| !c.is_alphanumeric())) {
                    HIDDEN.to_owned()
                } else {
                    word.to_owned()
                }
            };
            *text = text.split(' ').map(word).collect::<Vec<_>>().join(" ");
        }
        Value::Array(values) => values.iter_mut().for_each(|value| hide(value, hidden)),
        Value::Object(members) => members.values_mut().for_each(|value| hide(value, hidden)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The log has words where platforms draw moments and people in their own ways.
fn in_words(mut event: Event) -> Event {
    if let Event::Refused { problem, .. }
    | Event::Held { problem, .. }
    | Event::Failed { problem, .. }
    | Event::Stuck { problem, .. } = &mut event
    {
        problem.message = recorded(&problem.message);
        problem.hint = recorded(&problem.hint);
    }
    event
}

/// Why lines were not written.
#[derive(Debug)]
pub(super) enum Unwritten {
    /// Someone else's line came first.
    Conflict,
    Failed(Problem),
}

impl From<Unwritten> for Problem {
    fn from(unwritten: Unwritten) -> Problem {
        match unwritten {
            Unwritten::Conflict => {
                Problem::requester("conflict", "Someone else acted first.").hint("Check the card again.")
            }
            Unwritten::Failed(problem) => problem,
        }
    }
}

/// What someone is told when no one knows whether their words were recorded.
pub(super) fn not_known(to: Append) -> Problem {
    let next = match to {
        Append::New => {
            "After the bot restarts, check `/desk requests`. If it is there, it needs your confirmation."
        }
        Append::Desk | Append::To { .. } => "Repeat it after the bot restarts. Until then it doesn't count.",
    };
    Problem::log(NOT_KNOWN, "The disk didn't confirm that this was recorded.").hint(next)
}
