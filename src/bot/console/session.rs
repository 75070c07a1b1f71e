//! What happens with one typed line: someone speaks to the desk, or the console itself is told something.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use desk_core::assess::references;
use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{self, Person, Place};
use desk_core::basics::text::{self, code};
use desk_core::card::{Block, Card, Tone};
use desk_core::chat::{self, Choice, Typing};
use desk_core::command::Entry;
use desk_core::desk::{DeliveryOutcome, Desk, Incoming, Invocation};
use desk_core::log::Outcome;
use desk_core::request::Phase;
use desk_core::request::export;
use desk_core::words;

use super::complete::{Asked, TabCompletion};
use super::phone::Phone;
use super::{outside, saved};
use crate::clock::ScriptClock;
use crate::practice::{Options, Practice};
use crate::wiring;

/// Names that the contact center doesn't have, each of which is said at the start.
const NAMES_SAID: usize = 10;

/// The most that Tab offers.
const OFFERED: usize = 100;

/// Something to put on the screen.
#[derive(Clone, Debug)]
pub enum Shown {
    Card(Card),
    /// A line of the console itself.
    Aside(String),
}

/// People at one keyboard.
pub struct Session {
    practice: Option<Practice>,
    options: Options,
    /// Time is stopped and is moved by `wait`.
    script_clock: Option<Arc<ScriptClock>>,
    speaker: Person,
    place: Place,
    /// Authenticators for practice, by the account that has one.
    phones: BTreeMap<PersonId, Phone>,
    /// The line that may have been meant by the last one, and who said that.
    offer: Option<(String, String)>,
    /// A line was refused.
    refused: bool,
}

/// Stops what runs.
pub struct Stopper {
    desk: Option<Arc<Desk>>,
    by: Person,
}

impl Stopper {
    /// For this person; without a desk nothing runs.
    pub fn new(desk: Option<Arc<Desk>>, by: Person) -> Stopper {
        Stopper { desk, by }
    }

    /// Stops it in order, and gives what there is to say.
    pub async fn stop(&self) -> String {
        let stopped = match &self.desk {
            Some(desk) => desk.stop_all(&self.by).await,
            None => Ok(Vec::new()),
        };
        match stopped {
            Ok(stopped) if stopped.is_empty() => "Stopping. Nothing is running.".to_owned(),
            Ok(stopped) => {
                let all: Vec<String> = stopped.iter().map(ToString::to_string).collect();
                let these = text::list(&all, "and");
                format!("Stopping {these}: calls that are under way are finished, nothing further begins.")
            }
            Err(problem) => problem.to_string(),
        }
    }
}

/// What is typed most about a card, in full: `details 7` and `show 7`.
fn in_full(line: &str) -> Cow<'_, str> {
    let is_number = |no: &str| no.trim().trim_start_matches('#').parse::<u64>().is_ok();
    match line.trim().split_once(char::is_whitespace) {
        Some((word @ ("details" | "show"), no)) if is_number(no) => {
            Cow::Owned(format!("/desk {word} {}", no.trim()))
        }
        _ => Cow::Borrowed(line),
    }
}

/// Words that the console understands by itself, for help and completion.
pub(super) const CONSOLE_WORDS: [(&str, &str); 10] = [
    ("as <name>", "speak as someone else; `@name /desk …` does it for one line"),
    ("people", "who is there"),
    ("wait <time>", "let time pass, such as `wait 10m` (scripts only; elsewhere the clock runs by itself)"),
    (
        "world <login> <what>",
        "what happens outside the desk: signs_in, signs_out, takes_a_call, hangs_up, removed, routing_profile:\"…\"",
    ),
    ("sim <METHOD> <path> [json]", "a request to the practice contact center, such as its faults"),
    ("details <n>, show <n>", "everything a request does, and its card again"),
    ("phone", "get a practice authenticator; `code:phone` in a line is the code that it shows"),
    ("log verify", "check the log"),
    ("restart", "stop the desk and start it again"),
    ("quit", "leave; everything is kept"),
];

impl Session {
    /// Opens the desk and takes every open request on.
    pub async fn open(
        options: Options,
        script_clock: Option<Arc<ScriptClock>>,
        show: &mut (dyn FnMut(Shown) + Send),
    ) -> Result<Session, Problem> {
        let mut session = Session::new(options, script_clock).await?;
        session.start(show).await?;
        Ok(session)
    }

    /// Opens the desk; [`Session::start`] takes its open requests on.
    pub async fn new(options: Options, script_clock: Option<Arc<ScriptClock>>) -> Result<Session, Problem> {
        let practice = Practice::open(options.clone()).await?;
        let Some(speaker) = practice.people.first().cloned() else {
            return Err(Problem::operator("no_one", "No one is in the configuration.")
                .hint("Add people under [[person]]."));
        };
        let place =
            Place { platform: Platform::Console, channel: "1".to_owned(), private: false, parent: None };
        Ok(Session {
            practice: Some(practice),
            options,
            script_clock,
            speaker,
            place,
            phones: BTreeMap::new(),
            offer: None,
            refused: false,
        })
    }

    /// What stops whatever runs, in the name of the speaker; for the time in which the session itself is busy with a line.
    pub fn stopper(&self) -> Stopper {
        let desk = self.practice.as_ref().map(|practice| practice.desk.clone());
        Stopper::new(desk, self.speaker.clone())
    }

    /// Says which names of the configuration the contact center doesn't have.
    async fn say_missing_names(&self, show: &mut (dyn FnMut(Shown) + Send)) {
        let Ok(Practice { desk, .. }) = self.practice() else { return };
        let all = references::all(&desk.policy.get(), &desk.site.get());
        match references::missing(desk.center.as_ref(), all).await {
            Ok(missing) => {
                missing.iter().take(NAMES_SAID).for_each(|one| show(Shown::Aside(one.missing())));
                let more = missing.len().saturating_sub(NAMES_SAID);
                if more > 0 {
                    show(Shown::Aside(format!("{} more.", text::count(more, "name"))));
                }
            }
            Err(problem) => {
                show(Shown::Aside(format!("The names in the configuration can't be checked. {problem}")))
            }
        }
    }

    fn practice(&self) -> Result<&Practice, Problem> {
        self.practice.as_ref().ok_or_else(|| {
            Problem::operator("closed", "The desk is closed, because it could not be started again.")
                .hint("Leave with `quit` and start again.")
        })
    }

    /// Whether any line was refused since the session began.
    pub fn has_refused(&self) -> bool {
        self.refused
    }

    /// A line was refused before it came here.
    pub(super) fn refuse(&mut self) {
        self.refused = true;
    }

    pub fn speaker(&self) -> &str {
        &self.speaker.name
    }

    /// The line that may have been meant by the last one, as the speaker of now would type it: only where there is just one.
    pub fn offer(&self) -> Option<String> {
        let (by, line) = self.offer.as_ref()?;
        Some(if *by == self.speaker.name { line.clone() } else { format!("@{by} {line}") })
    }

    pub fn people(&self) -> Vec<Person> {
        self.practice.as_ref().map(|practice| practice.people.clone()).unwrap_or_default()
    }

    /// Whether a line has a code in it, which is kept nowhere.
    pub(super) fn has_code(&self, line: &str) -> bool {
        let line = line.trim();
        let spoken =
            line.strip_prefix('@').and_then(|rest| rest.split_once(' ')).map_or(line, |(_, rest)| rest);
        let commands = self.commands();
        words::has_code(spoken, commands.iter().map(|entry| (entry.path, entry.command.spec)))
    }

    pub fn commands(&self) -> Vec<Entry> {
        desk_commands::all()
    }

    /// The open practice desk, for tests that look behind the cards.
    pub fn inside(&self) -> Option<&Practice> {
        self.practice.as_ref()
    }

    /// What Tab completes, as everyone sees the desk now. Anyone who has it keeps the desk open.
    pub(super) fn completion(&self) -> TabCompletion {
        let practice = self.practice.as_ref();
        let known = practice.map(|practice| (practice.desk.clone(), practice.directory.clone()));
        let (people, place, speaker) = (self.people(), self.place.clone(), self.speaker.clone());
        let names = people.iter().map(|person| person.name.clone()).collect();
        let runtime = tokio::runtime::Handle::current();
        let suggest = move |asked: Asked<'_>| {
            let Some((desk, directory)) = &known else { return Vec::new() };
            let said = asked.speaker.map(text::folded);
            let by = people.iter().find(|person| said.as_ref() == Some(&text::folded(&person.name)));
            let heard = Incoming {
                by: by.unwrap_or(&speaker).clone(),
                place: place.clone(),
                said: Invocation::Chosen { path: asked.path.to_owned(), options: asked.given },
            };
            let typing = Typing {
                option: asked.option,
                typed: asked.typed,
                most: OFFERED,
                longest: usize::MAX,
                continues: true,
            };
            runtime.block_on(chat::suggestions(desk, &heard, typing, directory.as_ref()))
        };
        TabCompletion {
            commands: self.commands(),
            people: names,
            suggest: Box::new(suggest),
            offer: self.offer(),
        }
    }

    /// What Tab offers behind this beginning of a line.
    pub async fn tab(&self, line: &str) -> Result<Vec<Choice>, Problem> {
        let (completion, line) = (self.completion(), line.to_owned());
        // A terminal is read on a thread of its own, too.
        tokio::task::spawn_blocking(move || completion.candidates(&line).1)
            .await
            .map_err(|error| Problem::operator("completion", format!("Completion ended ({error}).")))
    }

    /// Reads the names of the contact center in the background. Not for scripts, whose clock that moves.
    pub(super) fn keep_names_fresh(&mut self) {
        if let Some(practice) = &mut self.practice {
            practice.keep_directory_fresh();
        }
    }

    /// Takes every open request on, and says which names of the configuration are missing.
    pub async fn start(&mut self, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        self.resume(show).await?;
        self.say_missing_names(show).await;
        Ok(())
    }

    /// Writes that the desk started, and takes every open request on.
    async fn resume(&mut self, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        let practice = self.practice()?;
        for problem in practice.store.said() {
            self.put(Card::found(&problem), show);
        }
        if let Err(problem) = wiring::write_opened(&practice.desk, &practice.store, &practice.rules).await {
            self.put(Card::problem(&problem), show);
            return Ok(());
        }
        for said in practice.desk.news() {
            show(Shown::Aside(said));
        }
        for no in practice.desk.saga.log.open().await? {
            let before = practice.desk.card(no).await;
            let after = practice.desk.advance(no).await;
            match (before, after) {
                (Ok(before), Ok(after)) if before != after => {
                    show(Shown::Aside(format!("Request {no} was open; the desk resumed it.")));
                    self.put(after, show);
                }
                (_, Ok(_)) => {}
                (_, Err(problem)) => self.put(Card::problem(&problem), show),
            }
        }
        Ok(())
    }

    /// Does what a line says, and shows what comes of it. `false` when the line says to leave.
    pub async fn line(&mut self, line: &str, show: &mut (dyn FnMut(Shown) + Send)) -> bool {
        let line = line.trim();
        self.offer = None;
        let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let done = match first {
            "" => Ok(()),
            "quit" | "exit" => return false,
            "as" => self.speak_as(rest),
            "people" => {
                self.list_people(show);
                Ok(())
            }
            "wait" => self.wait(rest, show).await,
            "world" => self.world(rest, show).await,
            "sim" => self.sim(rest, show).await,
            "phone" if rest.is_empty() => Box::pin(self.new_phone(show)).await,
            "log" if rest == "verify" => self.verify(show),
            "restart" => self.restart(show).await,
            "help" | "?" => {
                for (word, about) in CONSOLE_WORDS {
                    show(Shown::Aside(format!("{word:28} {about}")));
                }
                self.say(self.speaker.clone(), "/desk help", show).await
            }
            name if name.starts_with('@') && !rest.is_empty() => match self.person(name) {
                Ok(person) => self.say(person, rest, show).await,
                Err(problem) => Err(problem),
            },
            _ => self.say(self.speaker.clone(), line, show).await,
        };
        if let Err(problem) = done {
            self.refuse();
            self.put(Card::problem(&problem), show);
        }
        true
    }

    fn person(&self, name: &str) -> Result<Person, Problem> {
        let people = &self.practice()?.people;
        let name = name.trim().trim_start_matches('@');
        let exact = people.iter().find(|person| person.name == name || person.id.id() == name);
        let folded = text::folded(name);
        let found = exact.or_else(|| people.iter().find(|person| text::folded(&person.name) == folded));
        found.cloned().ok_or_else(|| {
            let near = text::nearest(name, people.iter().map(|person| person.name.as_str()));
            let hint = text::did_you_mean(&near).unwrap_or_else(|| "`people` lists who is there.".to_owned());
            Problem::requester("person_unknown", format!("No one here is called {}.", code(name))).hint(hint)
        })
    }

    fn speak_as(&mut self, name: &str) -> Result<(), Problem> {
        self.speaker = self.person(name)?;
        Ok(())
    }

    fn list_people(&self, show: &mut (dyn FnMut(Shown) + Send)) {
        for person in self.people() {
            let roles = roles::words(&person.roles).replace(" or ", " and ");
            show(Shown::Aside(format!("{:12} {:14} {roles}", person.name, person.id.to_string())));
        }
    }

    /// Shows a card. Its files are saved, and where is said before it.
    fn put(&self, card: Card, show: &mut (dyn FnMut(Shown) + Send)) {
        let now = self.practice.as_ref().map(|practice| practice.desk.saga.clock.now());
        for said in saved::save(&card, &self.options.state, now.unwrap_or_default()) {
            show(Shown::Aside(said));
        }
        show(Shown::Card(card));
    }

    /// Someone speaks to the desk. The card shown is the one after the request went as far as it can.
    async fn say(
        &mut self,
        by: Person,
        line: &str,
        show: &mut (dyn FnMut(Shown) + Send),
    ) -> Result<(), Problem> {
        let desk = self.practice()?.desk.clone();
        let line = in_full(line);
        let typed = match self.phones.get(&by.id) {
            Some(phone) => phone.typed(&line, desk.saga.clock.now()),
            None => line.into_owned(),
        };
        self.expire(show).await?;
        let heard = |said: String| Incoming {
            by: by.clone(),
            place: self.place.clone(),
            said: Invocation::Typed(said),
        };
        let reply = desk.handle(heard(typed)).await;
        let offers = |card: &Card| match card.offered().as_slice() {
            [only] => Some((by.name.clone(), (*only).to_owned())),
            _ => None,
        };
        let Some(no) = reply.request else {
            self.offer = offers(&reply.card);
            self.refused |= matches!(reply.card.tone, Tone::Bad | Tone::Alarm);
            self.put(reply.card, show);
            if let Some(receipt) = reply.receipt {
                desk.delivered(receipt, DeliveryOutcome::Delivered).await?;
            }
            return Ok(());
        };
        let card = match desk.advance(no).await {
            Ok(card) => card.to_reader(&by.accounts()),
            Err(problem) => {
                self.refused = true;
                self.put(desk.kept(no, &problem).await, show);
                return Ok(());
            }
        };
        self.offer = offers(&card);
        let phase = desk.request(no).await?.phase;
        self.refused |= matches!(phase, Phase::Finished { outcome: Outcome::Refused, .. });
        let has_file = card.actions.iter().any(|action| action.path == export::FILE);
        self.put(card, show);
        if has_file && desk.request(no).await?.by.id == by.id {
            // The requester is still here, so the file need not be asked for.
            self.put(desk.handle(heard(format!("/{} {}", export::FILE, no.0))).await.card, show);
        }
        Ok(())
    }

    /// The speaker enrolls a new authenticator, which the console keeps for them.
    async fn new_phone(&mut self, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        let desk = self.practice()?.desk.clone();
        let (by, place) = (self.speaker.clone(), self.place.clone());
        desk.factors.forget(&by.id).await?;
        let handle = |line: String| {
            desk.handle(Incoming { by: by.clone(), place: place.clone(), said: Invocation::Typed(line) })
        };
        let card = handle("/desk enroll".to_owned()).await.card;
        let phone = card.blocks.iter().find_map(|block| match block {
            Block::Scan { value, .. } => Phone::scan(value),
            _ => None,
        });
        let Some(phone) = phone else {
            self.put(card, show);
            return Ok(());
        };
        let answer = handle(format!("/desk enroll code:{}", phone.code(desk.saga.clock.now()))).await.card;
        self.put(answer, show);
        self.phones.insert(by.id.clone(), phone);
        Ok(())
    }

    /// What time has ended, or begun, since the last line.
    async fn expire(&self, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        let desk = &self.practice()?.desk;
        let tick = desk.tick().await?;
        for said in tick.news {
            show(Shown::Aside(said));
        }
        for no in tick.due {
            // On a platform those who have to look are notified by a message of its own; here a line says it.
            let due = async || {
                let (request, now) = (desk.request(no).await.ok()?, desk.saga.clock.now());
                chat::due(&request, &desk.site.get().emergencies, Platform::Console, now)
            };
            let before = due().await;
            // What cannot be taken on now is tried again with the next line; it must not keep anybody from speaking.
            let finished = async || desk.request(no).await.is_ok_and(|request| request.is_finished());
            let was_finished = finished().await;
            let Ok(card) = desk.advance(no).await else { continue };
            if let Some(due) = due().await.filter(|due| before.as_ref() != Some(due)) {
                show(Shown::Aside(format!("{}: {}", card.title, due.said()).replace('`', "")));
            }
            if !was_finished && finished().await {
                self.put(card, show);
            }
        }
        Ok(())
    }

    async fn wait(&self, how_long: &str, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        let Some(clock) = &self.script_clock else {
            return Err(Problem::requester("wait", "Here the clock runs by itself.")
                .hint("`wait` moves the clock of scripts, in `connect-desk play --script FILE`."));
        };
        let span = outside::time(how_long).ok_or_else(|| {
            Problem::requester("time", format!("{} is not a time.", code(how_long)))
                .hint("Type one such as `30s`, `10m` or `2h`.")
        })?;
        clock.advance(span);
        self.expire(show).await
    }

    /// Ends the desk, and leaves nothing that a next start would have to do.
    pub async fn close(&mut self) -> Result<(), Problem> {
        match self.practice.take() {
            Some(practice) => practice.close().await,
            None => Ok(()),
        }
    }

    async fn restart(&mut self, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        self.close().await?;
        self.practice = Some(Practice::open(self.options.clone()).await?);
        self.resume(show).await
    }

    fn verify(&self, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        let report = self.practice()?.store.verify()?;
        for line in report.to_string().lines() {
            show(Shown::Aside(line.to_owned()));
        }
        Ok(())
    }

    /// A request to the practice contact center itself.
    async fn sim(&self, rest: &str, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        show(Shown::Aside(outside::sim(&self.practice()?.sim, rest).await?));
        Ok(())
    }

    /// What someone else does to the contact center while the desk is not looking.
    async fn world(&self, rest: &str, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        let practice = self.practice()?;
        show(Shown::Aside(outside::world(practice.desk.center.as_ref(), &practice.sim, rest).await?));
        Ok(())
    }
}
