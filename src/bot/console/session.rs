//! What happens with one typed line: somebody speaks to the desk, or the console itself is told something.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use desk_core::card::{Card, Tone};
use desk_core::command::Entry;
use desk_core::flow::{Heard, Said};
use desk_core::ids::Platform;
use desk_core::names;
use desk_core::problem::Problem;
use desk_core::roles::{self, Person, Place};
use desk_core::text::{self, code};
use desk_core::words;
use serde_json::{Value, json};

use crate::clock::ScriptClock;
use crate::directory::Names;
use crate::practice::{Options, Practice};
use crate::wiring;

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
    /// Time stands still and is moved by `wait`.
    script_clock: Option<Arc<ScriptClock>>,
    speaker: Person,
    place: Place,
}

/// Words that the console understands by itself, for help and completion.
pub(super) const CONSOLE_WORDS: [(&str, &str); 8] = [
    ("as <name>", "speak as somebody else; `@name /desk …` does it for one line"),
    ("people", "who is there"),
    ("wait <time>", "let time pass, such as `wait 10m` (scripts only; elsewhere the clock runs by itself)"),
    (
        "world <login> <what>",
        "what happens outside the desk: signs_in, signs_out, takes_a_call, removed, routing_profile:\"…\"",
    ),
    ("sim <METHOD> <path> [json]", "a request to the practice contact center, such as its faults"),
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
        let practice = Practice::open(options.clone()).await?;
        let Some(speaker) = practice.people.first().cloned() else {
            return Err(Problem::operator("nobody", "There is nobody in the configuration.")
                .next("Add people under [[person]]."));
        };
        let place = Place { platform: Platform::Console, channel: "1".to_owned(), private: false };
        let mut session = Session { practice: Some(practice), options, script_clock, speaker, place };
        session.resume(show).await?;
        Ok(session)
    }

    fn practice(&self) -> Result<&Practice, Problem> {
        self.practice.as_ref().ok_or_else(|| {
            Problem::operator("closed", "The desk is closed, because it could not be started again.")
                .next("Leave with `quit` and start anew.")
        })
    }

    pub fn speaker(&self) -> &str {
        &self.speaker.name
    }

    pub fn people(&self) -> Vec<Person> {
        self.practice.as_ref().map(|practice| practice.people.clone()).unwrap_or_default()
    }

    pub fn commands(&self) -> Vec<Entry> {
        desk_commands::all()
    }

    /// The open practice desk, for tests that look behind the cards.
    pub fn inside(&self) -> Option<&Practice> {
        self.practice.as_ref()
    }

    /// What completion knows of the contact center. It is read in the background; not for scripts, whose clock that moves.
    pub(super) fn names(&mut self) -> Arc<Names> {
        match &mut self.practice {
            Some(practice) => {
                practice.keep_directory_fresh();
                practice.directory.names()
            }
            None => Arc::default(),
        }
    }

    async fn resume(&mut self, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        let practice = self.practice()?;
        if let Err(problem) = wiring::write_opened(&practice.desk, &practice.store).await {
            show(Shown::Card(Card::problem(&problem)));
            return Ok(());
        }
        for no in practice.desk.bench.journal.open().await? {
            let before = practice.desk.card(no).await;
            let after = practice.desk.advance(no).await;
            match (before, after) {
                (Ok(before), Ok(after)) if before != after => {
                    show(Shown::Aside(format!("Request {no} was open; the desk went on with it.")));
                    show(Shown::Card(after));
                }
                (_, Ok(_)) => {}
                (_, Err(problem)) => show(Shown::Card(Card::problem(&problem))),
            }
        }
        Ok(())
    }

    /// Does what a line says, and shows what comes of it. `false` when the line says to leave.
    pub async fn line(&mut self, line: &str, show: &mut (dyn FnMut(Shown) + Send)) -> bool {
        let line = line.trim();
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
            show(Shown::Card(Card::problem(&problem)));
        }
        true
    }

    fn person(&self, name: &str) -> Result<Person, Problem> {
        let people = &self.practice()?.people;
        let name = name.trim().trim_start_matches('@');
        people.iter().find(|person| person.name == name || person.id.id() == name).cloned().ok_or_else(|| {
            let near = text::nearest(name, people.iter().map(|person| person.name.as_str()));
            let hint = text::did_you_mean(&near).unwrap_or_else(|| "`people` lists who is there.".to_owned());
            Problem::asker("person_unknown", format!("There is nobody called {} here.", code(name)))
                .next(hint)
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

    /// Somebody speaks to the desk. The card shown is the one after the request went as far as it can.
    async fn say(&self, by: Person, line: &str, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        let desk = self.practice()?.desk.clone();
        self.expire(show).await?;
        let heard = Heard { by, place: self.place.clone(), said: Said::Typed(line.to_owned()) };
        let reply = desk.hear(heard).await;
        match reply.request {
            None => show(Shown::Card(reply.card)),
            Some(no) => show(Shown::Card(desk.advance(no).await?)),
        }
        Ok(())
    }

    /// What time has ended since the last line.
    async fn expire(&self, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        let desk = &self.practice()?.desk;
        if desk.bench.journal.unsound().is_some() {
            return Ok(());
        }
        for no in desk.bench.journal.open().await? {
            // What cannot be taken on now is tried again with the next line; it must not keep anybody from speaking.
            if let Ok(card) = desk.advance(no).await
                && card.tone == Tone::Bad
            {
                show(Shown::Card(card));
            }
        }
        Ok(())
    }

    async fn wait(&self, how_long: &str, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        let Some(clock) = &self.script_clock else {
            return Err(Problem::asker("wait", "Here the clock runs by itself.")
                .next("`wait` moves the clock of scripts, in `connect-desk play --script`."));
        };
        let span = time(how_long).ok_or_else(|| {
            Problem::asker("time", format!("{} is not a time.", code(how_long)))
                .next("Type one such as `30s`, `10m` or `2h`.")
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
        let mut parts = rest.splitn(3, char::is_whitespace);
        let (Some(method), Some(path)) = (parts.next(), parts.next()) else {
            return Err(
                Problem::asker("sim", "That is no request.").next("Type one such as `sim GET /_sim/calls`.")
            );
        };
        let answer = self.request(method, path, parts.next().unwrap_or_default()).await?;
        show(Shown::Aside(answer));
        Ok(())
    }

    async fn request(&self, method: &str, path: &str, body: &str) -> Result<String, Problem> {
        let wrong = |says: String| {
            Problem::asker("sim", says).next("docs/practice-contact-center.md says what it understands.")
        };
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .body(Bytes::from(body.to_owned()))
            .map_err(|error| wrong(format!("That is no request ({error}).")))?;
        let answer = self
            .practice()?
            .sim
            .handle(request)
            .await
            .map_err(|_| wrong("The practice contact center dropped the connection.".to_owned()))?;
        let status = answer.status();
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        if status.is_success() {
            return Ok(text);
        }
        Err(wrong(format!("The practice contact center answers {status}: {}.", code(&text))))
    }

    /// What somebody else does to the contact center while the desk is not looking.
    async fn world(&self, rest: &str, show: &mut (dyn FnMut(Shown) + Send)) -> Result<(), Problem> {
        let said = words::split(rest)?;
        let [login, what] = said.as_slice() else {
            return Err(Problem::asker("world", "That is not something the world can do.").next(
                "Type one such as `world john.doe signs_in` or `world john.doe routing_profile:\"…\"`.",
            ));
        };
        let practice = self.practice()?;
        let center = practice.desk.center.as_ref();
        let user = names::user(center, &login.text).await?;
        let base = format!("/users/{}/{}", practice.sim.instance_id(), user.id);
        let presence = format!("/_sim/users/{}/presence", user.login);
        let (what, value) = what.text.split_once(':').unwrap_or((what.text.as_str(), ""));
        let (method, path, body) = match what {
            "signs_in" => ("PUT", presence, json!({"signed_in": true})),
            "signs_out" => ("PUT", presence, json!({"signed_in": false})),
            "takes_a_call" => ("PUT", presence, json!({"signed_in": true, "on_contact": true})),
            "removed" => ("DELETE", base, Value::Null),
            "routing_profile" => {
                let all = center.routing_profiles().await?;
                let profile = names::resolve("routing profile", value, &all)?;
                ("POST", format!("{base}/routing-profile"), json!({"RoutingProfileId": profile.id}))
            }
            other => {
                let near = text::nearest(
                    other,
                    ["signs_in", "signs_out", "takes_a_call", "removed", "routing_profile"],
                );
                let hint =
                    text::did_you_mean(&near).unwrap_or_else(|| "`help` lists what it can do.".to_owned());
                return Err(
                    Problem::asker("world", format!("The world cannot do {}.", code(other))).next(hint)
                );
            }
        };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.request(method, &path, &body).await?;
        show(Shown::Aside(format!("Outside the desk: {} {what} {value}", user.login).trim_end().to_owned()));
        Ok(())
    }
}

/// `90s`, `10m`, `2h`, `1d`.
fn time(text: &str) -> Option<Duration> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let n: u64 = number.parse().ok()?;
    let seconds = match text.strip_prefix(number)? {
        "s" => n,
        "m" | "min" => n.checked_mul(60)?,
        "h" => n.checked_mul(3600)?,
        "d" => n.checked_mul(86_400)?,
        _ => return None,
    };
    (seconds <= 10 * 365 * 86_400).then(|| Duration::from_secs(seconds))
}
