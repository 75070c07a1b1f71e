//! What was said becomes a command with checked arguments. Where a line is wrong, the one that may have been meant is looked
//! for: among the names of users, in the log, and among the requests that wait for anyone who said it.

use std::collections::BTreeSet;

use super::ask::unknown_command;
use super::removals::RemovedUser;
use super::saga;
use super::state::{Desk, Incoming, Invocation};
use crate::basics::ids::{self, PersonId, Platform, RequestNo};
use crate::basics::problem::Problem;
use crate::basics::roles::Person;
use crate::basics::text::{self, code, count, list};
use crate::center::{Filter, Found, names};
use crate::log::{Event, Query};
use crate::request::Request;
use crate::request::Verb;
use crate::request::approval;
use crate::view;
use crate::words::{self, Arg, Args, Misread, Parsed, Reading, Spec, Thing};

/// Words of a line that are looked up, from its first user on.
const WORDS_MAX: usize = 12;

/// Words that one name is looked for among.
const NAME_WORDS_MAX: usize = 4;

/// Searches for one line: each costs a call.
const SEARCHES_MAX: usize = 6;

/// Users of one name that are offered.
const NAMESAKES_MAX: usize = 3;

/// The most lines that are offered for one that is wrong.
const OFFERED_LINES_MAX: usize = 3;

/// The most requests that are counted where one was meant.
const OFFERED: usize = 25;

/// The newest lines of the log that are looked through for someone who was removed.
const LINES_MAX: usize = 1_000;

/// What was said, as far as it was understood.
pub(super) enum Understood {
    Right(Parsed, Option<Reading<'static>>),
    Wrong(Problem, Option<Reading<'static>>),
}

impl Desk {
    pub(super) fn understand(&self, said: &Invocation) -> Understood {
        let reading = match said {
            Invocation::Typed(line) => words::read(line, self.specs()),
            Invocation::Chosen { path, options } => match self.entry(path) {
                Some(entry) => Ok(Reading::chosen(entry.path, entry.command.spec, options.clone())),
                None => Err(unknown_command(path).into()),
            },
        };
        match reading {
            Err(Misread { problem, reading }) => Understood::Wrong(problem, reading.map(|reading| *reading)),
            Ok(reading) => match reading.check() {
                Ok(args) => {
                    let typed = matches!(said, Invocation::Typed(_)).then_some(reading.clone());
                    Understood::Right(Parsed { path: reading.path.to_owned(), args }, typed)
                }
                Err(problem) => Understood::Wrong(problem, Some(reading)),
            },
        }
    }

    fn specs(&self) -> impl Iterator<Item = (&'static str, &'static Spec)> + Clone {
        self.commands.iter().map(|entry| (entry.path, entry.command.spec))
    }

    /// The arguments of a line that was wrong, where it is plain after all what was meant; or else what is wrong with it, and the
    /// lines that may have been meant. Nothing is looked up for who may not ask the command.
    pub(super) async fn put_right(
        &self,
        heard: &Incoming,
        reading: &Reading<'static>,
        problem: Problem,
    ) -> Result<Parsed, Problem> {
        let wants_request = reading.misses_request();
        let who = reading.who().map(<[String]>::to_vec);
        let is_again = problem.code == words::SEVERAL_REQUESTS && reading.typed_again().is_some();
        if !wants_request && !is_again && who.is_none() || words::is_settled(&problem) {
            return Err(problem);
        }
        let entry = self.entry(reading.path).ok_or_else(|| unknown_command(reading.path))?;
        // What may stand for a secret is in no line of the log: of a line that is wrong no argument is.
        let none = Args::default();
        Box::pin(self.take_turn(heard, entry.path, &none)).await?;
        self.may_ask(heard, entry, &none).await?;
        if wants_request {
            return self.the_one_request(heard, reading, problem).await;
        }
        if is_again {
            return Err(self.users_again(reading, problem).await);
        }
        match who.filter(|_| self.may_name(heard, reading.spec, reading.options())) {
            Some(who) => Err(self.put_users_right(heard.by.id.platform(), reading, &who, problem).await),
            None => Err(problem),
        }
    }

    /// A number behind that of a request is the number of its users where approvers type that again, and then no other request.
    async fn users_again(&self, reading: &Reading<'static>, problem: Problem) -> Problem {
        let Some((no, lines)) = reading.typed_again() else { return problem };
        let request = self.load(RequestNo(no)).await;
        let is_wanted =
            request.is_ok_and(|request| request.planned.is_some_and(|planned| planned.needs.retype));
        if is_wanted { problem.offering(lines) } else { problem }
    }

    /// The request that is meant where none is named: the only one that this person can use the verb on.
    async fn the_one_request(
        &self,
        heard: &Incoming,
        reading: &Reading<'static>,
        problem: Problem,
    ) -> Result<Parsed, Problem> {
        let Some(verb) = Verb::of_command(reading.path) else { return Err(problem) };
        let offered = self.offered(Some(verb), &heard.by, "", OFFERED).await?;
        let typed = code(&format!("/{}", reading.path));
        let [only] = offered.as_slice() else {
            let message = match offered.len() {
                0 => format!("No request is waiting for {typed} from you."),
                OFFERED => format!("You can use {typed} on {OFFERED} or more requests."),
                n => format!("You can use {typed} on {}.", count(n, "request")),
            };
            let mut lines = Vec::new();
            for known in offered.iter().take(NAMESAKES_MAX) {
                lines.extend(self.about(reading, &self.load(known.no).await?));
            }
            let problem = Problem::requester("request_which", message);
            return Err(match lines.is_empty() {
                true => problem.hint("`/desk requests` lists the open ones."),
                false => problem.hint("Name one.").offering(lines),
            });
        };
        let only = &self.load(only.no).await?;
        if self.is_own(only, &heard.by).await? {
            let reading = reading.clone().about_request(only.no.0);
            return Ok(Parsed { args: reading.check()?, path: reading.path.to_owned() });
        }
        // Someone else's request is decided on by who has seen which one it is.
        let message = format!("You can use {typed} on {}.", view::named(only));
        Err(Problem::requester("request_which", message).offering(self.about(reading, only)))
    }

    /// The line about this request, bound to its plan as it is now.
    fn about(&self, reading: &Reading<'static>, request: &Request) -> Vec<String> {
        let plan = request.planned.as_ref().map(|planned| planned.digest.short());
        reading.with_request(request.no.0, plan)
    }

    async fn is_own(&self, request: &Request, by: &Person) -> Result<bool, Problem> {
        if by.id == request.by.id {
            return Ok(true);
        }
        let requester = self.people.person(&request.by.id).await?;
        Ok(requester.is_some_and(|requester| approval::same_person(by, &requester)))
    }

    /// The lines in which the words of a user's name are that user's login. Without any the problem is as it was.
    async fn put_users_right(
        &self,
        on: Platform,
        reading: &Reading<'static>,
        who: &[String],
        problem: Problem,
    ) -> Problem {
        match self.users_meant(on, who, reading.wants_removed()).await {
            // What is in front of the users may be the status that they are to be in, or what is said of a flag: `auto_accept aus`.
            Ok(Some(meant))
                if !meant.front.is_empty() && (reading.may_have_status() || reading.has_flag()) =>
            {
                problem
            }
            Ok(Some(meant)) => {
                let mut lines = meant.lines(reading);
                let mut known = BTreeSet::new();
                lines.retain(|line| known.insert(line.clone()));
                lines.truncate(OFFERED_LINES_MAX);
                if lines.is_empty() {
                    return reading.unsaid(&meant.rest).unwrap_or(problem);
                }
                // The line is what to do.
                let problem = Problem { hint: String::new(), ..problem };
                meant.problem.unwrap_or(problem).offering(lines)
            }
            // What is wrong was said already.
            Ok(None) if who.iter().any(|word| mentioned(on, word).is_some()) => problem,
            Ok(None) => self.whom_meant(reading, who).await.unwrap_or_else(|| {
                let name: Vec<&str> = who.iter().take(NAME_WORDS_MAX).map(String::as_str).collect();
                Problem::requester("user_unknown", format!("No user {}.", code(&name.join(" "))))
                    .hint("Search with `/connect find`.")
            }),
            // Nothing depends on it, so what is wrong is told without what could not be looked up.
            Err(_) => problem,
        }
    }

    /// What to answer where words in the place of users are the group, the routing profile or the queue whose users are meant.
    async fn whom_meant(&self, reading: &Reading<'static>, who: &[String]) -> Option<Problem> {
        let longest = who.len().min(NAME_WORDS_MAX);
        for (name, rest) in (1..=longest).rev().filter_map(|length| who.split_at_checked(length)) {
            let name = name.join(" ");
            let mut lines = Vec::new();
            for arg in reading.whom() {
                if self.is_called(arg, &name).await {
                    lines.extend(reading.with_whom(arg.name, &name, rest));
                }
            }
            if !lines.is_empty() {
                let problem = Problem::requester("user_unknown", format!("No user {}.", code(&name)));
                return Some(problem.offering(lines));
            }
        }
        None
    }

    /// Whether something of the kind that an argument names is called so.
    async fn is_called(&self, arg: &Arg, name: &str) -> bool {
        let center = self.center.as_ref();
        let all = match arg.names.map(|naming| naming.thing) {
            Some(Thing::HierarchyGroup) => return names::hierarchy_group(center, name).await.is_ok(),
            Some(Thing::RoutingProfile) => center.routing_profiles().await,
            Some(Thing::Queue) => center.queues().await,
            _ => return false,
        };
        all.is_ok_and(|all| names::resolve("", name, &all).is_ok())
    }

    /// Whether words that were typed as logins beside others are logins; or what may have been meant.
    pub(super) async fn no_doubt(&self, on: Platform, reading: &Reading<'static>) -> Result<(), Problem> {
        let doubtful = reading.doubtful();
        if doubtful.is_empty() {
            return Ok(());
        }
        // Anyone who cannot be asked now is asked by the command itself; a freeze holds as it was typed.
        let Ok(users) = self.center.users(&doubtful).await else { return Ok(()) };
        let Some(unknown) = doubtful.iter().find(|login| users.iter().all(|user| user.login != **login))
        else {
            return Ok(());
        };
        let problem = Problem::requester("user_unknown", format!("No user {}.", code(unknown)))
            .hint("Search with `/connect find`.");
        let Some(who) = reading.who() else { return Err(problem) };
        match self.put_users_right(on, reading, who, problem).await {
            // All of the words may be the name behind users; the command knows those.
            problem if problem.lines.is_empty() && reading.may_have_status() => Ok(()),
            problem => Err(problem),
        }
    }

    /// Reads words as logins and names of users, from the first on, as far as they are any. With `removed`, of users whom the desk
    /// removed, if it removed one of that name.
    async fn users_meant(
        &self,
        on: Platform,
        who: &[String],
        removed: bool,
    ) -> Result<Option<Meant>, Problem> {
        let words: Vec<&str> = who.iter().take(WORDS_MAX).map(String::as_str).collect();
        if let [mention] = words.as_slice()
            && let Some(account) = mentioned(on, mention)
        {
            let person = self.people.person(&account).await?;
            return Ok(person.and_then(|person| person.login).map(|login| Meant::only(vec![login])));
        }
        let mut logins: Vec<String> =
            words.iter().filter_map(|word| ids::login(ids::owner(word).unwrap_or(word)).ok()).collect();
        // Of an email, the part before the `@` may be one.
        let locals: Vec<String> =
            logins.iter().filter_map(|login| local_part(login).map(str::to_owned)).collect();
        logins.extend(locals);
        let known = match logins.is_empty() {
            true => Vec::new(),
            false => self.center.users(&logins).await?,
        };
        let login_as = |word: &str| {
            let mut same =
                known.iter().map(|user| &user.login).filter(|login| login.eq_ignore_ascii_case(word));
            let first = same.next()?;
            known.iter().map(|user| &user.login).find(|login| *login == word).or(Some(first)).cloned()
        };
        let login_of = |word: &str| {
            let word = ids::owner(word).unwrap_or(word);
            login_as(word).or_else(|| login_as(local_part(word)?))
        };
        let mut meant = Meant::default();
        let mut searches = 0;
        let mut at = 0;
        while let Some(word) = words.get(at) {
            if let Some(login) = login_of(word.trim_start_matches('@')) {
                meant.users.push(login);
                // What someone has is no reason: `john.doe's password`.
                at += 1 + usize::from(ids::owner(word).is_some() && at + 1 < words.len());
                continue;
            }
            if matches!(*word, "and" | "und" | "&" | "+") {
                at += 1;
                continue;
            }
            let longest = NAME_WORDS_MAX.min(words.len() - at);
            let mut found = None;
            for length in (1..=longest).rev() {
                let name = words.get(at..at + length).unwrap_or_default().join(" ");
                let several = text::name_words(&name).len() > 1;
                // One word is a name only where there is nothing else.
                if searches == SEARCHES_MAX || (!several && words.len() > 1) {
                    continue;
                }
                searches += 1;
                let whole = length == words.len();
                let users = self.users_called(&name, whole, removed).await?;
                found = users.map(|users| (name, users, length));
                if found.is_some() {
                    break;
                }
            }
            // People put words in front: "the password of john.doe".
            let later = |word: &&&str| login_of(word).is_some();
            if found.is_none() && at == 0 && words.iter().any(|word| later(&word)) {
                at = words.iter().position(|word| later(&word)).unwrap_or_default();
                meant.front = who.get(..at).unwrap_or_default().to_vec();
                continue;
            }
            let Some((name, users, length)) = found else { break };
            at += length;
            match users.as_slice() {
                [one] => meant.users.push(one.clone()),
                several => {
                    let shown: Vec<String> = several.iter().map(|login| code(login)).collect();
                    let message = format!("{} match {}.", count(several.len(), "user"), code(&name));
                    meant.problem = Some(
                        Problem::requester("name_several", message)
                            .hint(format!("Choose {}.", list(&shown, "or"))),
                    );
                    meant.namesakes = several.to_vec();
                    break;
                }
            }
        }
        meant.rest = who.get(at..).unwrap_or_default().to_vec();
        Ok((!meant.users.is_empty() || !meant.namesakes.is_empty()).then_some(meant))
    }

    /// The logins of the users of this name: those with exactly its words, or else the only one who has all of them. Someone who
    /// was removed is still known to the log, and with `removed` is looked for there first.
    async fn users_called(
        &self,
        name: &str,
        whole: bool,
        removed: bool,
    ) -> Result<Option<Vec<String>>, Problem> {
        let wanted = text::name_words(name);
        if removed {
            let mut logins = self.removed_called(&wanted).await?;
            logins.truncate(NAMESAKES_MAX);
            if !logins.is_empty() {
                return Ok(Some(logins));
            }
        }
        let words: Vec<&str> = name
            .split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '\u{2018}' | '\u{2019}'))
            .filter(|word| !word.is_empty())
            .collect();
        let filter = Filter { text: Some(words.join(" ")), ..Filter::default() };
        let (found, _) = self.center.search(&filter, 100).await?;
        let is_called = |user: &&Found| {
            text::name_words(&format!("{} {}", user.first_name, user.last_name)) == wanted
                || text::name_words(&user.login) == wanted
        };
        let mut logins: Vec<String> = found.iter().filter(is_called).map(|user| user.login.clone()).collect();
        if logins.is_empty() && whole && found.len() <= NAMESAKES_MAX {
            logins.extend(found.iter().map(|user| user.login.clone()));
        }
        if logins.is_empty() {
            logins = self.removed_called(&wanted).await?;
            let query = Query { limit: LINES_MAX, ..Query::default() };
            let lines = self.saga.log.history(&query).await?;
            // What was only typed may be no one's login; a plan is about users who were there, or were to be.
            let planned = lines.iter().filter(|line| matches!(line.event, Event::Planned { .. }));
            let about = planned.flat_map(|line| &line.about).take(LINES_MAX);
            logins.extend(about.filter(|login| text::name_words(login) == wanted).cloned());
            logins.sort_unstable();
            logins.dedup();
        }
        logins.truncate(NAMESAKES_MAX);
        Ok((!logins.is_empty()).then_some(logins))
    }

    /// The logins of users of this name whom the desk removed.
    async fn removed_called(&self, wanted: &[String]) -> Result<Vec<String>, Problem> {
        let is_called = |user: &RemovedUser| {
            text::name_words(&user.login) == wanted || text::name_words(&user.name) == wanted
        };
        let removed = self.removed().await?.into_iter().filter(is_called);
        Ok(removed.map(|user| user.login).collect())
    }

    /// A request that is named in the arguments exists.
    pub(super) async fn requests_exist(&self, spec: &Spec, args: &Args) -> Result<(), Problem> {
        for arg in spec.args.iter().filter(|arg| arg.kind == words::Kind::Request) {
            let Some(no) = args.request(arg.name) else { continue };
            if self.saga.log.request(no).await?.is_empty() {
                return Err(saga::no_request(no));
            }
        }
        Ok(())
    }
}

/// The users that words are read as, and the words behind them.
#[derive(Default)]
struct Meant {
    users: Vec<String>,
    /// Several users of one name, of whom one is meant after the others.
    namesakes: Vec<String>,
    rest: Vec<String>,
    /// Other words that are in front of them.
    front: Vec<String>,
    problem: Option<Problem>,
}

impl Meant {
    fn only(users: Vec<String>) -> Meant {
        Meant { users, ..Meant::default() }
    }

    fn lines(&self, reading: &Reading<'_>) -> Vec<String> {
        let chosen = self.front.iter().filter(|word| reading.is_choice(word));
        let rest: Vec<String> = chosen.chain(&self.rest).cloned().collect();
        if self.namesakes.is_empty() {
            let mut lines = reading.with_users(&self.users, &rest);
            // Where a command takes one user, the others may be a part of what is said.
            if let [first, more @ ..] = self.users.as_slice()
                && lines.len() > 1
                && !more.is_empty()
                && !self.rest.is_empty()
            {
                let said: Vec<String> = more.iter().chain(&self.rest).cloned().collect();
                lines.splice(0..0, reading.with_users(std::slice::from_ref(first), &said));
            }
            return lines;
        }
        let with = |namesake: &String| {
            let users: Vec<String> = self.users.iter().chain([namesake]).cloned().collect();
            reading.with_users(&users, &rest)
        };
        self.namesakes.iter().flat_map(with).collect()
    }
}

/// The part of an email before the `@`.
fn local_part(word: &str) -> Option<&str> {
    word.split_once('@').map(|(local, _)| local).filter(|local| !local.is_empty())
}

/// The account that a mention on a platform is of, such as `<@80351110224678912>` on Discord, from where it is also pasted into a terminal.
fn mentioned(on: Platform, word: &str) -> Option<PersonId> {
    let id = word.strip_prefix("<@")?.trim_start_matches('!').strip_suffix('>')?;
    let on = if on == Platform::Console { Platform::Discord } else { on };
    PersonId::new(on, id).ok()
}
