//! The line that may have been meant by one that is wrong. Every line that is offered is right: it was read and checked.

use std::collections::BTreeSet;
use std::mem::discriminant;
use std::ops::Range;

use super::args::{Args, checked, usage};
use super::kind;
use super::line::line;
use super::moment;
use super::naming::Thing;
use super::read::{Misread, Reading, Unread, command_of, command_word, quoted_words, reading};
use super::spec::{Arg, EMERGENCY, Kind, Risk, Spec};
use super::split::{Word, split};
use crate::basics::ids;
use crate::basics::problem::{Meant, Problem};
use crate::basics::text::{self, code};

/// The command that lists the others.
const HELP: &str = "desk help";

/// Values by the names of their arguments.
type Raw = Vec<(String, String)>;

/// A command that was found and its checked arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The words of the command, such as `connect reset`.
    pub path: String,
    pub args: Args,
}

/// Finds the command and checks its arguments. `commands` gives each command's words and spec.
///
/// # Errors
///
/// An error of the requester's, with the lines that may have been meant as far as that is plain without asking anyone.
pub fn parse<'a>(
    line: &str,
    commands: impl Iterator<Item = (&'a str, &'a Spec)> + Clone,
) -> Result<Parsed, Problem> {
    let reading = read(line, commands).map_err(|misread| misread.problem)?;
    let args = reading.check()?;
    Ok(Parsed { path: reading.path.to_owned(), args })
}

/// Finds the command and gives each word to its argument; nothing is checked yet.
pub fn read<'a>(
    line: &str,
    commands: impl Iterator<Item = (&'a str, &'a Spec)> + Clone,
) -> Result<Reading<'a>, Misread<'a>> {
    reading(line, commands.clone()).map_err(|unread| match unread {
        Unread::TooLong(problem) => problem.into(),
        Unread::Unclosed(problem) => unclosed(line, commands, problem).into(),
        Unread::NoCommand { line, words } => unknown_command(&line, &words, commands),
    })
}

/// Whether a line holds a code, or six digits where one could have been meant.
pub fn has_code<'a>(line: &str, commands: impl Iterator<Item = (&'a str, &'a Spec)> + Clone) -> bool {
    match read(line, commands) {
        Ok(reading) => {
            let takes_code =
                |name: &str| reading.spec.arg_called(name).is_some_and(|arg| arg.kind == Kind::Code);
            reading.given.iter().any(|(name, _)| takes_code(name))
                || reading.left.iter().any(|word| kind::digits_of_code(word).is_some())
        }
        // What is not understood may have one anywhere.
        Err(_) => line.split_whitespace().any(|word| kind::digits_of_code(word).is_some()),
    }
}

impl Args {
    /// Checks raw values (by argument name) against the spec of the command at `path`. A problem brings the line put right
    /// where it is plain what was meant.
    pub fn check(path: &str, spec: &Spec, raw: Vec<(String, String)>) -> Result<Args, Problem> {
        checked(path, spec, &raw).map_err(|problem| {
            let lines = in_other_order(path, spec, &raw);
            if !lines.is_empty() {
                let message = format!("{} takes these in another order.", code(&format!("/{path}")));
                return Problem::requester(OTHER_ORDER, message).offering(lines);
            }
            match right(path, spec, &raw, &problem, 0) {
                lines if lines.is_empty() => problem,
                lines => problem.offering(lines),
            }
        })
    }

    /// Whole lines with what may have been meant in place of what a problem says is wrong, for one that was found with these
    /// arguments.
    pub(crate) fn put_right(&self, path: &str, spec: &Spec, problem: Problem) -> Problem {
        // What a kept file was called is no way to attach it again.
        let is_file = |(name, value): &(String, String)| {
            value.contains('#') && spec.arg(name).is_some_and(|arg| arg.kind == Kind::File)
        };
        let raw: Vec<(String, String)> = in_order(spec, self.raw().collect());
        let lines = if raw.iter().any(is_file) { Vec::new() } else { right(path, spec, &raw, &problem, 0) };
        let problem = Problem { meant: None, ..problem };
        if lines.is_empty() { problem } else { problem.offering(lines) }
    }

    /// Each option that can say whom it is about, with the name that was given as that of the only user, and the lines in which that is
    /// of the option.
    pub(crate) fn with_whom(&self, path: &str, spec: &Spec) -> Vec<(&'static Arg, String, Vec<String>)> {
        let (users, others): (Vec<_>, Vec<_>) =
            self.raw().partition(|(name, _)| spec.arg(name).is_some_and(|arg| arg.kind.names_users()));
        let [(_, user)] = users.as_slice() else { return Vec::new() };
        let options =
            spec.args.iter().filter(|arg| arg.whom && others.iter().all(|(name, _)| name != arg.name));
        let instead = |arg: &'static Arg| {
            let given = others.iter().cloned().chain([(arg.name.to_owned(), user.clone())]);
            (arg, user.clone(), settled(path, spec, &in_order(spec, given.collect()), 0))
        };
        options.map(instead).collect()
    }
}

impl Reading<'_> {
    /// Checks what was given.
    ///
    /// # Errors
    ///
    /// An error of the requester's: words that are left over, and whatever [`Args::check`] refuses.
    pub fn check(&self) -> Result<Args, Problem> {
        if self.misplaced_code {
            return Err(without_code(self));
        }
        let checked = match self.left.is_empty() {
            true => Args::check(self.path, self.spec, self.given.clone()),
            // Where no line can be offered, what is wrong with the rest says more.
            false => Err(match (left_over(self), Args::check(self.path, self.spec, self.given.clone())) {
                // The lines that it brings are without the words.
                (left, Err(problem))
                    if left.lines.is_empty() && left.code != DENIED && problem.code != "option_missing" =>
                {
                    Problem { lines: Box::default(), ..problem }
                }
                (left, _) => left,
            }),
        };
        checked.map_err(|problem| match problem.lines.is_empty() {
            true => otherwise(self, problem),
            false if problem.lines.iter().all(|line| keeps_denials(self, line)) => problem,
            false => {
                denied(self.path, self.spec, &self.given, &denials(self), &denials(self)).unwrap_or(problem)
            }
        })
    }

    /// The line with these users in place of the words that were read as users, and the words that follow them as what they
    /// are likely to be: a reason, or nothing.
    pub fn with_users(&self, logins: &[String], rest: &[String]) -> Vec<String> {
        with_users(self, logins, None, rest)
    }

    /// The lines where this option says whom it is about, and no login, with the words that follow.
    pub fn with_whom(&self, name: &str, value: &str, rest: &[String]) -> Vec<String> {
        with_users(self, &[], Some((name, value)), rest)
    }

    /// The options that say whom it is about in place of logins, as far as they are not given.
    pub fn whom(&self) -> impl Iterator<Item = &'static Arg> {
        self.spec.args.iter().filter(|arg| arg.whom && !self.has(arg))
    }

    /// Whether a name follows the users, such as that of a status, to which some of their words may belong.
    pub fn has_name_behind(&self) -> bool {
        let arg = self.told.and_then(|name| self.spec.arg(name));
        arg.is_some_and(|arg| matches!(arg.kind, Kind::Text(_)))
    }

    /// Whether one of the words among users may be the status that they are to be in, which the command knows.
    pub fn may_have_status(&self) -> bool {
        let is_status = |arg: &&Arg| arg.names.is_some_and(|names| names.thing == Thing::AgentStatus);
        let mut statuses = self.spec.args.iter().filter(is_status).peekable();
        self.has_name_behind() || statuses.peek().is_some() && statuses.all(|arg| !self.has(arg))
    }

    /// Whether a word is plainly one of an option's choices: `reset recreate john.doe`.
    pub fn is_choice(&self, word: &str) -> bool {
        self.spec.args.iter().any(|arg| matches!(arg.kind, Kind::Choice(_)) && kind::shows(arg, word))
    }

    /// Whether something is chosen that is true or false.
    pub fn has_flag(&self) -> bool {
        let is_flag = |name: &str| self.spec.arg_called(name).is_some_and(|arg| arg.kind == Kind::Flag);
        self.given.iter().any(|(name, _)| is_flag(name))
    }

    /// Why no line is offered with these words, which are no users, and those that are left over.
    pub fn unsaid(&self, rest: &[String]) -> Option<Problem> {
        let told = || told(self.path, self.spec, self.given.clone(), &beside_users(self, rest)).err();
        let who = without_codes(&self.who);
        let not_so = || denied(self.path, self.spec, &self.given, &who, &who);
        secret_in(&who).or_else(not_so).or_else(told)
    }

    /// The request whose number is followed by another one, and the line in which that is typed again, such as the number of users.
    pub fn typed_again(&self) -> Option<(u64, Vec<String>)> {
        let arg = self.spec.args.iter().find(|arg| arg.is_typed_again() && !self.has(arg))?;
        let request = self.spec.args.iter().find(|arg| arg.kind == Kind::Request)?;
        let (_, number) = self.given.iter().find(|(name, _)| name == request.name)?;
        let [again] = self.left.as_slice() else { return None };
        // Six digits may be a code, and `#2` is a request.
        if kind::digits_of_code(again).is_some() || again.starts_with('#') {
            return None;
        }
        let lines = settled(self.path, self.spec, &with(&self.given, arg, again), 0);
        Some((kind::number(number)?.parse().ok()?, lines))
    }

    /// The line with this request, which was not named; `plan` binds it to what is shown.
    pub fn with_request(&self, number: u64, plan: Option<&str>) -> Vec<String> {
        with_request(self, number, plan)
    }
}

/// Values in the order in which the spec lists their arguments.
fn in_order(spec: &Spec, mut raw: Vec<(String, String)>) -> Vec<(String, String)> {
    raw.sort_by_key(|(name, _)| spec.args.iter().position(|arg| arg.name == name));
    raw
}

/// The most mistakes of one line that are put right together.
const MISTAKES_MAX: usize = 4;

/// The most lines that are offered for one that is wrong.
const LINES_MAX: usize = 3;

/// Lines in which what the problem is about is as it may have been meant, each of which can be sent as it is.
fn right(
    path: &str,
    spec: &Spec,
    raw: &[(String, String)],
    problem: &Problem,
    mistakes: usize,
) -> Vec<String> {
    let Some(meant) = problem.meant.as_deref().filter(|_| mistakes < MISTAKES_MAX) else { return Vec::new() };
    let mut lines: Vec<String> = Vec::new();
    let sentence = spec.sentence().filter(|arg| raw.iter().any(|(name, _)| name == arg.name));
    // With other words behind it, a word of what a choice does is no choice.
    let says_else = |instead: &String| {
        kind::loses_denial(&meant.typed, instead)
            || sentence.is_some()
                && problem.code == kind::CHOICE_UNKNOWN
                && text::nearest(&meant.typed.to_lowercase(), [instead.as_str()]).is_empty()
    };
    for instead in meant.instead.iter().filter(|instead| !says_else(instead)) {
        let is_name =
            spec.arg_called(&meant.typed).is_none() && raw.iter().any(|(name, _)| *name == meant.typed);
        let put_right = |(name, value): &(String, String)| match is_name {
            true if *name == meant.typed => (instead.clone(), value.clone()),
            false if is_about(spec, name, meant) => {
                (name.clone(), kind::replaced(spec, name, value, &meant.typed, instead))
            }
            _ => (name.clone(), value.clone()),
        };
        let mut other: Vec<(String, String)> = raw.iter().map(put_right).collect();
        // Where nothing is replaced, the word is in no value of this line.
        if other != raw {
            // One that is written in another way than options take it may not be the only one.
            for (_, value) in other.iter_mut().filter(|(name, _)| spec.arg(name).is_some_and(is_moment)) {
                if let Some(plain) = moment::plain(value) {
                    *value = plain;
                }
            }
            lines.extend(settled(path, spec, &other, mistakes + 1));
        }
    }
    once_each(&mut lines);
    lines.truncate(LINES_MAX);
    lines
}

/// The line of these values, for a command that knows better than a spec what was meant; none where it isn't right.
pub fn lines(path: &str, spec: &Spec, raw: Vec<(String, String)>) -> Vec<String> {
    settled(path, spec, &in_order(spec, raw), 0)
}

/// Whether all is said with this problem of a line, so that nothing in the line is looked up: the right one is known, or a password
/// is in it.
pub fn is_settled(problem: &Problem) -> bool {
    [OTHER_ORDER, kind::PASSWORD_TYPED].contains(&problem.code.as_str())
}

/// The code of the problem of a line with a further number behind that of a request.
pub const SEVERAL_REQUESTS: &str = "requests_several";

/// The code of the problem of a line in which nothing but the order is wrong.
const OTHER_ORDER: &str = "values_order";

/// The line with the values in the order in which the command takes them, where nothing else is wrong: `add Roe, Jane`,
/// `send credentials john.doe`.
fn in_other_order(path: &str, spec: &Spec, raw: &[(String, String)]) -> Vec<String> {
    let orders = turned(spec, raw).into_iter().chain(swapped(spec, raw));
    let orders = orders.map(|raw| in_order(spec, raw));
    let mut lines: Vec<String> = orders.flat_map(|raw| settled(path, spec, &raw, MISTAKES_MAX)).collect();
    once_each(&mut lines);
    lines.truncate(LINES_MAX);
    lines
}

/// `Roe, Jane`: the last name comes first, as lists and Amazon Connect's website have it.
fn turned(spec: &Spec, raw: &[(String, String)]) -> Option<Raw> {
    let names: Vec<&Arg> = names_of(spec).collect();
    let [first, last] = names.as_slice() else { return None };
    let value = |arg: &Arg| raw.iter().find(|(name, _)| name == arg.name).map(|(_, value)| value.as_str());
    let all = [value(first), value(last)].map(Option::unwrap_or_default).join(" ");
    let (one, two) = all.trim().trim_end_matches(',').split_once(',')?;
    Some(with(&with(raw, first, two.trim()), last, one.trim()))
}

/// The arguments in whose places a first and a last name are typed.
fn names_of(spec: &Spec) -> impl Iterator<Item = &'static Arg> {
    spec.args.iter().filter(|arg| arg.placed && matches!(arg.kind, Kind::Name(_)))
}

/// Two of the values in the places of each other. Any word is a sentence or the name of a file, and a time is in no place but one for
/// times.
fn swapped(spec: &Spec, raw: &[(String, String)]) -> Vec<Raw> {
    let has_a_place = |arg: &&Arg| arg.placed && !matches!(arg.kind, Kind::Sentence(_) | Kind::File);
    let placed = |(name, value): &'_ (String, String)| {
        let arg = spec.arg(name).filter(has_a_place)?;
        Some((arg, value.clone()))
    };
    let fits = |arg: &Arg, value: &str| {
        matches!(arg.kind, Kind::Moment(_) | Kind::Word(_)) || !value.split([' ', ',']).any(moment::is_one)
    };
    // Any words are a text, but not a user.
    let is_user = |arg: &Arg, other: &Arg, value: &str| {
        !arg.kind.names_users()
            || !matches!(other.kind, Kind::Text(_) | Kind::Exact(_))
            || kind::listed(value).all(ids::looks_like_login)
    };
    let places: Vec<(&Arg, String)> = raw.iter().filter_map(placed).collect();
    let mut all = Vec::new();
    for (at, (one, first)) in places.iter().enumerate() {
        let is_other = |two: &Arg| discriminant(&two.kind) != discriminant(&one.kind);
        let others = places.iter().skip(at + 1).filter(|(two, _)| is_other(two));
        let others = others.filter(|(two, second)| fits(one, second) && fits(two, first));
        for (two, second) in
            others.filter(|(two, second)| is_user(one, two, second) && is_user(two, one, first))
        {
            all.push(with(&with(raw, one, second), two, first));
        }
    }
    all
}

/// Whether a problem may be about the value of this option: the same word in another one is right as it is.
fn is_about(spec: &Spec, name: &str, meant: &Meant) -> bool {
    let Some(arg) = spec.arg_called(name) else { return false };
    let is_named = |about: &str, arg: &Arg| {
        arg.name == about || arg.names.is_some_and(|names| names.thing.word() == about)
    };
    match meant.about.as_deref().filter(|about| spec.args.iter().any(|arg| is_named(about, arg))) {
        Some(about) => is_named(about, arg),
        // What people say in their own words is no name of anything.
        None => {
            let is_free =
                matches!(arg.kind, Kind::Sentence(_) | Kind::Text(_) | Kind::Exact(_) | Kind::Name(_));
            arg.names.is_some() || !is_free
        }
    }
}

/// Whether a value may be a password. The name of a file looks like one by chance.
fn may_tell_password(spec: &Spec, name: &str, value: &str) -> bool {
    let is_file = spec.arg(name).is_some_and(|arg| arg.kind == Kind::File);
    !is_file && kind::has_password(value)
}

/// Whether a value has a quote without another one. A sentence may have anything.
fn has_half_quote(spec: &Spec, name: &str, value: &str) -> bool {
    let is_sentence = spec.arg(name).is_some_and(|arg| matches!(arg.kind, Kind::Sentence(_)));
    let quotes = value.matches(DOUBLE_QUOTES).count();
    !is_sentence && quotes % 2 == 1
}

/// The line of these values if they are right, or else what it becomes when what is wrong is put right.
fn settled(path: &str, spec: &Spec, raw: &[(String, String)], mistakes: usize) -> Vec<String> {
    match checked(path, spec, raw) {
        // What may be a password is not repeated, whatever it was typed as: the line would be written down.
        Ok(_) if raw.iter().any(|(name, value)| may_tell_password(spec, name, value)) => Vec::new(),
        // So is a quote in the wrong place, which may have cut off what belongs inside.
        Ok(_) if raw.iter().any(|(name, value)| has_half_quote(spec, name, value)) => Vec::new(),
        // It is offered only if it would be read as just these values; a code has to be typed again.
        Ok(args) => {
            let meant = args.written();
            let same = |line: &String| {
                // Nothing is put right in a line that was put right.
                let reading = split(line).ok().and_then(|_| reading(line, [(path, spec)].into_iter()).ok());
                reading.is_some_and(|reading| {
                    reading.left.is_empty()
                        && checked(path, spec, &reading.given).is_ok_and(|args| args == meant)
                })
            };
            line(path, spec, raw).filter(same).into_iter().collect()
        }
        Err(problem) => right(path, spec, raw, &problem, mistakes),
    }
}

const DOUBLE_QUOTES: [char; 4] = ['"', '\u{201c}', '\u{201d}', '\u{201e}'];

/// A quote that is never closed: most often at the end of the line.
fn unclosed<'a>(
    line: &str,
    commands: impl Iterator<Item = (&'a str, &'a Spec)> + Clone,
    problem: Problem,
) -> Problem {
    // Before the first `name:` behind the quote, or at the end.
    let opened = line.rfind(DOUBLE_QUOTES).unwrap_or(line.len());
    let behind = line.get(opened..).unwrap_or_default();
    let name = |word: &&str| word.split_once(':').is_some_and(|(name, _)| !name.is_empty());
    // Options inside of it are those of another command, wherever they end; the same ones would change something here.
    if behind.split(' ').next().is_some_and(|first| first.contains([':', '='])) {
        return problem;
    }
    let named = behind.split(' ').skip(1).find(name).and_then(|word| behind.find(&format!(" {word}")));
    let mut lines = Vec::new();
    for at in named.map(|at| opened + at).into_iter().chain([line.len()]) {
        let (front, back) = line.split_at_checked(at).unwrap_or((line, ""));
        let closed = format!("{front}\"{back}");
        if split(&closed).is_ok()
            && let Ok(reading) = reading(&closed, commands.clone())
        {
            lines.extend(sendable(&reading));
        }
    }
    once_each(&mut lines);
    // The line is what to do.
    if lines.is_empty() { problem } else { Problem { hint: String::new(), ..problem }.offering(lines) }
}

/// What else a line may mean that is wrong as it was read: the sentence in it takes all that follows, or its last word is the
/// user who is missing.
fn otherwise(reading: &Reading<'_>, problem: Problem) -> Problem {
    let Reading { path, spec, given, .. } = reading;
    // No line has the words that are left over.
    if !reading.left.is_empty() {
        return problem;
    }
    let mut lines = Vec::new();
    let denies = |(_, said): &(String, String)| said.split(' ').any(|word| kind::denies(word, true));
    if let Some(whole) = reading.whole.as_ref().filter(|whole| !whole.last().is_some_and(denies)) {
        lines.extend(settled(path, spec, whole, 0));
    }
    let user = spec.args.iter().find(|arg| arg.placed && arg.kind.names_users());
    let sentence = spec.sentence().and_then(|arg| given.iter().find(|(name, _)| name == arg.name));
    if let (Some(user), Some((name, said)), "option_missing") = (user, sentence, problem.code.as_str())
        && let Some((before, last)) = said.rsplit_once(' ')
        && ids::looks_like_login(last)
        && !before.split(' ').any(|word| kind::denies(word, true))
    {
        let mut raw: Raw = given.iter().filter(|(other, _)| other != name).cloned().collect();
        raw.push((user.name.to_owned(), last.to_owned()));
        raw.push((name.clone(), before.to_owned()));
        lines.extend(settled(path, spec, &raw, 0));
    }
    if lines.is_empty() { problem } else { problem.offering(lines) }
}

/// A reading as lines that can be sent: itself if it is right, or what it becomes when it is put right.
fn sendable(reading: &Reading<'_>) -> Vec<String> {
    let mut lines = match reading.left.is_empty() {
        true => settled(reading.path, reading.spec, &reading.given, 0),
        false => left_over(reading).lines.into_vec(),
    };
    lines.retain(|line| keeps_denials(reading, line));
    lines
}

/// The words of a line that deny something, but in what someone says in their own words.
fn denials(reading: &Reading<'_>) -> Vec<String> {
    let is_word = |name: &str| {
        let arg = reading.spec.arg_called(name);
        !arg.is_some_and(|arg| matches!(arg.kind, Kind::Sentence(_) | Kind::Flag))
    };
    let values = reading.given.iter().filter(|(name, _)| is_word(name)).map(|(_, value)| value);
    let words = reading.left.iter().chain(values).flat_map(|value| value.split([' ', ',', ';']));
    words.filter(|word| kind::denies(word, true)).map(str::to_lowercase).collect()
}

/// Whether a line that may have been meant denies all that the typed one does.
fn keeps_denials(typed: &Reading<'_>, line: &str) -> bool {
    let typed_words = denials(typed);
    let again = || reading(line, [(typed.path, typed.spec)].into_iter()).ok();
    typed_words.is_empty()
        || again().is_some_and(|again| {
            let kept = denials(&again);
            typed_words.iter().all(|word| kept.contains(word))
        })
}

/// No command has these words: the ones that people may mean by them, with the rest of the line.
fn unknown_command<'a>(
    line: &str,
    words: &[Word],
    commands: impl Iterator<Item = (&'a str, &'a Spec)> + Clone,
) -> Misread<'a> {
    // What is only polite comes first: `please reset john.doe`.
    let polite = words.iter().take_while(|word| kind::is_courtesy(&word.text)).count();
    let words = words.get(polite..).filter(|words| !words.is_empty()).unwrap_or(words);
    let typed: Vec<String> = words.iter().map(command_word).collect();
    let Some(first) = typed.first() else {
        return Problem::requester("command_empty", "That line has no command.")
            .hint("Type `/desk help` for a list.")
            .into();
    };
    let group = group_in(&typed, commands.clone());
    let mut near = match (command_of(&typed, commands.clone()), &group) {
        (Some((path, _, used)), _) => vec![(path, used)],
        (None, Some(group)) => group.near.iter().map(|path| (*path, group.used)).collect(),
        (None, None) => near_commands(&typed, commands.clone()),
    };
    let is_command = |word: &str| {
        commands
            .clone()
            .any(|(path, spec)| spec.also.contains(&word) || path.split(' ').any(|name| name == word))
    };
    let is_denied = |word: &String| kind::denies(word, true) && !is_command(word);
    near.retain(|(_, used)| !typed.iter().take(*used).any(is_denied));
    let is_group = commands.clone().any(|(path, _)| path.split(' ').next() == Some(first.as_str()));
    let has_help = commands.clone().any(|(path, _)| path == HELP);
    let most = group.as_ref().map_or(2, |group| group.used);
    let said: Vec<&str> = typed
        .iter()
        .enumerate()
        .take_while(|(i, word)| *i == 0 || (*i < most && word.chars().all(char::is_alphabetic)))
        .map(|(_, word)| word.as_str())
        .collect();
    let said = if near.iter().any(|(_, used)| *used == 1) { first.as_str() } else { &said.join(" ") };
    let shown = code(&format!("/{said}"));
    let problem = Problem::requester(
        "command_unknown",
        match group.as_ref().is_some_and(|group| group.path == said) {
            true => format!("{shown} is only the beginning of a command."),
            false => format!("No command {shown}."),
        },
    );
    let mut readings: Vec<Reading<'a>> = Vec::new();
    for (path, used) in &near {
        // `list users` is no search for that word.
        let is_about_users =
            path.split(' ').count() == 2 && words.get(*used).is_some_and(|word| is_noun(&word.text));
        let behind = words.get(used + usize::from(is_about_users));
        let rest = behind.and_then(|word| line.get(word.at.start..)).unwrap_or_default();
        // Users may be named in front: `mei.chen reset`.
        let named = words.iter().take(used.saturating_sub(1)).map(|word| word.text.as_str());
        let named: Vec<&str> = named.filter(|word| ids::looks_like_login(word)).collect();
        let named = named.join(" ");
        readings.extend(reading(&format!("/{path} {named} {rest}"), commands.clone()).ok());
    }
    let mut lines: Vec<String> = readings.iter().flat_map(sendable).collect();
    // What is a code for one command is a word for another of the same name, and is said again by neither.
    lines.retain(|line| kind::take_code(line).is_none());
    once_each(&mut lines);
    lines.truncate(LINES_MAX);
    let slashed: Vec<String> = near.iter().map(|(path, _)| format!("/{path}")).collect();
    let slashed: Vec<&str> = slashed.iter().map(String::as_str).collect();
    let problem = match (lines.is_empty(), text::did_you_mean(&slashed)) {
        (true, Some(hint)) => problem.hint(hint),
        (true, None) if let Some(group) = group.filter(|_| has_help) => {
            let all: Vec<String> = group.verbs.iter().map(|verb| code(verb)).collect();
            let hint = format!("{} has {}.", code(&format!("/{}", group.path)), text::list(&all, "and"));
            problem.hint(hint).offering(vec![format!("/{HELP} {}", group.path)])
        }
        (true, None) if is_group && has_help => problem.offering(vec![format!("/{HELP} {first}")]),
        (true, None) => problem.hint("Type `/desk help` for a list."),
        (false, _) => problem.offering(lines),
    };
    let reading = match <[Reading<'a>; 1]>::try_from(readings) {
        Ok([only]) => Some(Box::new(only)),
        Err(_) => None,
    };
    Misread { problem, reading }
}

/// A group of commands of three words, such as `connect queue`, whose name a line begins with.
struct Group<'a> {
    path: String,
    verbs: Vec<&'a str>,
    /// The commands that are meant by the word behind its name, and how many words there are up to that.
    near: Vec<&'a str>,
    used: usize,
}

/// The group that is named, also without the word in front of it where one of its verbs follows. What is behind its name is no word
/// of another command: `queue delete` deletes nothing else.
fn group_in<'a>(
    typed: &[String],
    commands: impl Iterator<Item = (&'a str, &'a Spec)> + Clone,
) -> Option<Group<'a>> {
    let first = typed.first()?;
    let words =
        |path: &'a str| -> Option<[&'a str; 3]> { path.split(' ').collect::<Vec<_>>().try_into().ok() };
    let grouped = || commands.clone().filter_map(|(path, spec)| Some((path, words(path)?, spec)));
    let meant =
        text::nearest(first, commands.clone().map(|(path, _)| path.split(' ').next().unwrap_or(path)));
    let is_meant = |top: &str| first == top || meant.contains(&top);
    let named = |at: usize, name: &str| typed.get(at).is_some_and(|word| word == name);
    let behind = grouped().find(|(_, [top, name, _], _)| is_meant(top) && named(1, name));
    let found = behind.map(|found| (found, 2)).or_else(|| {
        let alone = grouped().find(|(_, [_, name, _], _)| named(0, name))?;
        Some((alone, 1))
    });
    let ((_, [top, name, _], _), before) = found?;
    let all = || grouped().filter(|(_, [other_top, other, _], _)| *other_top == top && *other == name);
    let verb = typed.get(before).map(String::as_str).unwrap_or_default();
    let called = |spec: &Spec| spec.also.contains(&verb);
    let mut near: Vec<&str> =
        all().filter(|(_, [.., last], spec)| *last == verb || called(spec)).map(|(path, ..)| path).collect();
    // A word that other commands with the same verb are also called: `delete` is `remove` in each group.
    if near.is_empty() {
        let verbs: Vec<&str> = commands
            .clone()
            .filter(|(path, spec)| path.starts_with(top) && called(spec))
            .filter_map(|(path, _)| path.split(' ').next_back())
            .collect();
        near.extend(all().filter(|(_, [.., last], _)| verbs.contains(last)).map(|(path, ..)| path));
    }
    if near.is_empty() {
        let nearest = text::nearest(verb, all().map(|(_, [.., last], _)| last));
        near.extend(all().filter(|(_, [.., last], _)| nearest.contains(last)).map(|(path, ..)| path));
    }
    near.truncate(LINES_MAX);
    let verbs = all().map(|(_, [.., last], _)| last).collect();
    (before > 1 || !near.is_empty()).then(|| Group {
        path: format!("{top} {name}"),
        verbs,
        near,
        used: before + 1,
    })
}

/// The commands that people may mean, best first, and how many words name them.
fn near_commands<'a>(
    typed: &[String],
    commands: impl Iterator<Item = (&'a str, &'a Spec)> + Clone,
) -> Vec<(&'a str, usize)> {
    let mut near: Vec<(&str, usize)> = Vec::new();
    let push = |near: &mut Vec<(&'a str, usize)>, path: &'a str, used: usize| {
        if near.iter().all(|(other, _)| *other != path) {
            near.push((path, used));
        }
    };
    let group = |path: &'a str| path.split(' ').next().unwrap_or(path);
    let groups: Vec<&str> = commands.clone().map(|(path, _)| group(path)).collect();
    // Without the first word, or after one that is wrong: `reset john.doe`, `/conect reset john.doe`, `/connect delete …`.
    for at in 0..typed.len().min(2) {
        let Some(word) = typed.get(at) else { break };
        // `conect` is `connect`.
        let meant = typed.first().and_then(|first| {
            let exact = groups.iter().find(|group| **group == first.as_str());
            exact.copied().or_else(|| text::nearest(first, groups.iter().copied()).first().copied())
        });
        let in_group = |path: &'a str| at == 0 || meant == Some(group(path));
        if at > 0 && meant.is_none() {
            break;
        }
        let named = |by: Named, (path, spec): (&'a str, &'a Spec)| {
            let is_plain = path.split(' ').count() < 3;
            let is_last = path.split(' ').next_back() == Some(word.as_str());
            let is_also = spec.also.contains(&word.as_str());
            let is_it = match by {
                Named::Last => is_plain && is_last,
                Named::Also => is_plain && is_also,
                Named::InGroup => !is_plain && (is_last || is_also),
            };
            is_it.then_some(path)
        };
        // Those of the group that was typed come first, and `edit` alone is that of users before those of groups.
        for (own, by) in [true, false]
            .into_iter()
            .flat_map(|own| [Named::Last, Named::Also, Named::InGroup].map(|by| (own, by)))
        {
            for path in commands
                .clone()
                .filter_map(|command| named(by, command))
                .filter(|path| !own || in_group(path))
            {
                push(&mut near, path, at + 1);
            }
            // Another word for a command, without its group, is one of the group that comes first.
            if at == 0
                && matches!(by, Named::Also)
                && let Some((first, _)) = near.first().copied()
            {
                near.retain(|(path, _)| group(path) == group(first));
            }
            if !near.is_empty() {
                near.truncate(LINES_MAX);
                return near;
            }
        }
    }
    if typed.first().is_some_and(|first| QUESTIONS.contains(&first.as_str())) {
        return near;
    }
    let last = |path: &'a str| path.split(' ').next_back().unwrap_or(path);
    let nearest_to_first = || -> Vec<&'a str> {
        let first = typed.first().filter(|first| !groups.contains(&first.as_str()));
        first
            .map(|first| text::nearest(first, commands.clone().map(|(path, _)| last(path))))
            .unwrap_or_default()
    };
    // Behind other words, none of which is a command's with a typo: `i need to unlock john.doe`. Short words are too often something else.
    let is_typo = !nearest_to_first().is_empty();
    for (at, word) in typed.iter().enumerate().take(WORDS_IN_FRONT_MAX + 1).skip(1) {
        let is_it = |path: &str, spec: &Spec| {
            path.split(' ').count() < 3
                && word.len() > 3
                && (path.split(' ').next_back() == Some(word.as_str()) || spec.also.contains(&word.as_str()))
        };
        let is_behind = near.is_empty()
            && !is_typo
            && !groups.iter().any(|group| typed.iter().take(at).any(|word| word.as_str() == *group));
        for (path, _) in commands.clone().filter(|(path, spec)| is_behind && is_it(path, spec)) {
            push(&mut near, path, at + 1);
        }
    }
    // As many words as most commands have come first; the word of a group alone is near to all of them.
    for length in [2, 3] {
        let Some(said) = typed.get(..length).filter(|_| near.is_empty()).map(|words| words.join(" ")) else {
            continue;
        };
        for path in text::nearest(&said, commands.clone().map(|(path, _)| path)) {
            push(&mut near, path, length);
        }
    }
    for word in nearest_to_first().into_iter().filter(|_| near.is_empty()).collect::<Vec<_>>() {
        for (path, _) in commands.clone().filter(|(path, _)| last(path) == word) {
            push(&mut near, path, 1);
        }
    }
    near.truncate(LINES_MAX);
    near
}

/// What a question begins with, which is no command.
const QUESTIONS: [&str; 3] = ["how", "what", "where"];

/// The most words in front of that of a command.
const WORDS_IN_FRONT_MAX: usize = 3;

/// By which of its words a command was meant.
#[derive(Clone, Copy)]
enum Named {
    /// The last of two.
    Last,
    /// Another one that people use for it.
    Also,
    /// The last of three, or another one for it.
    InGroup,
}

/// The same without a code, where the command takes none.
fn without_code(reading: &Reading<'_>) -> Problem {
    let Reading { path, spec, given, left, .. } = reading;
    let lines = with_rest(path, spec, given.clone(), left);
    let message = format!("{} takes no code.", code(&format!("/{path}")));
    offering(Problem::requester("code_misplaced", message), reading, lines)
}

/// Words that belong to no argument. The problem says what they may be, with the lines for it.
fn left_over(reading: &Reading<'_>) -> Problem {
    let Reading { path, spec, given, left, .. } = reading;
    let plain = without_codes(left);
    let words: Vec<&str> = plain
        .iter()
        .flat_map(|word| word.split([',', ';']))
        .filter(|word| !word.is_empty() && !kind::joins_logins(word))
        .collect();
    let command = code(&format!("/{path}"));
    if plain.is_empty() {
        return without_code(reading);
    }
    if let Some(problem) = denied(path, spec, given, &plain, &plain) {
        return secret_in(&plain).unwrap_or(problem);
    }
    // Words of a user's name are no reason; who it is has to be looked up.
    if reading.who_is.is_some() {
        return offering(words_left(path, &plain), reading, Vec::new());
    }
    let request = spec.args.iter().find(|arg| arg.kind == Kind::Request && reading.has(arg));
    if let Some(request) = request
        && words.first().is_some_and(|word| is_number(word))
    {
        let message = format!("{command} takes one request at a time.");
        let mut lines = Vec::new();
        if words.iter().all(|word| is_number(word)) {
            let own = given.iter().filter(|(name, _)| name == request.name).map(|(_, value)| value.as_str());
            for number in
                own.chain(words.iter().copied()).filter(|number| kind::digits_of_code(number).is_none())
            {
                lines.extend(settled(path, spec, &with(given, request, number), 0));
            }
        } else {
            lines.extend(with_rest(path, spec, given.clone(), left));
        }
        return offering(Problem::requester(SEVERAL_REQUESTS, message), reading, lines);
    }
    let user = spec.args.iter().find(|arg| arg.placed && arg.kind.names_users() && reading.has(arg));
    let email = spec.args.iter().find(|arg| matches!(arg.kind, Kind::Email(_)) && !reading.has(arg));
    let is_user = |word: &&str| {
        ids::looks_like_login(word)
            && !kind::looks_like_password(word)
            && !email.is_some_and(|arg| kind::shows(arg, word))
    };
    if let Some(user) = user
        && !words.is_empty()
        && words.iter().all(is_user)
    {
        let list = spec.args.iter().find(|arg| arg.kind == Kind::Logins);
        let mut lines = Vec::new();
        match list {
            Some(list) => {
                let listed =
                    given.iter().find(|(name, _)| name == list.name).map(|(_, value)| value.as_str());
                let all: Vec<&str> = listed.into_iter().chain(words.iter().copied()).collect();
                lines.extend(settled(path, spec, &with(given, list, &all.join(", ")), 0));
            }
            None => {
                let own = given.iter().filter(|(name, _)| name == user.name).map(|(_, value)| value.as_str());
                for login in own.chain(words.iter().copied()) {
                    lines.extend(settled(path, spec, &with(given, user, login), 0));
                }
            }
        }
        let message = match list {
            Some(_) => format!("{} isn't next to the other logins.", quoted_words(left)),
            None => format!("{command} takes one user at a time."),
        };
        if spec.sentence().is_some() && list.is_some() {
            lines.extend(with_rest(path, spec, given.clone(), left));
        }
        return offering(Problem::requester("users_several", message), reading, lines);
    }
    let file = given.iter().find(|(name, _)| spec.arg_called(name).is_some_and(|arg| arg.kind == Kind::File));
    if let Some((name, path_so_far)) = file
        && plain.last().is_some_and(|last| last.contains('.'))
        && !path_so_far.contains('.')
        && let Some(arg) = spec.arg(name)
    {
        let lines = settled(path, spec, &with(given, arg, &format!("{path_so_far} {}", plain.join(" "))), 0);
        return offering(
            Problem::requester("file_blanks", "A path with blanks needs quotes."),
            reading,
            lines,
        );
    }
    let names: Vec<&Arg> = names_of(spec).collect();
    if let [first, last] = names.as_slice()
        && let Some(lines) = names_of_more_words(reading, first, last)
    {
        let message = "A name of several words needs quotes.";
        return offering(Problem::requester("names_several", message), reading, lines);
    }
    match told(path, spec, given.clone(), left) {
        Ok(raw) => offering(words_left(path, &plain), reading, settled(path, spec, &raw, 0)),
        Err(problem) => problem,
    }
}

/// Each line where it was found first, and no second time.
fn once_each(lines: &mut Vec<String>) {
    let mut known = BTreeSet::new();
    lines.retain(|line| known.insert(line.clone()));
}

fn offering(problem: Problem, reading: &Reading<'_>, mut lines: Vec<String>) -> Problem {
    once_each(&mut lines);
    lines.truncate(LINES_MAX);
    match lines.is_empty() {
        true => problem.hint(usage(reading.path, reading.spec)),
        false => problem.offering(lines),
    }
}

fn is_number(word: &str) -> bool {
    kind::number(word.trim_end_matches(['.', ','])).is_some()
}

/// The same values with another one for this argument.
fn with(given: &[(String, String)], arg: &Arg, value: &str) -> Raw {
    let mut raw: Raw = given.iter().filter(|(name, _)| name != arg.name).cloned().collect();
    raw.push((arg.name.to_owned(), value.to_owned()));
    raw
}

/// `Mary Ann Smith`: more words than a first and a last name have. The last word is the last name, or all but the first are.
fn names_of_more_words(reading: &Reading<'_>, first: &Arg, last: &Arg) -> Option<Vec<String>> {
    let value = |arg: &Arg| {
        let given = reading.given.iter().find(|(name, _)| name == arg.name);
        given.map(|(_, value)| value.as_str())
    };
    let (one, two) = (value(first)?, value(last)?);
    let mut words = vec![one, two];
    let is_option = |word: &&str| reading.spec.arg_called(word).is_some();
    words.extend(
        reading
            .left
            .iter()
            .take(reading.together)
            .map(String::as_str)
            .take_while(|word| word.chars().all(|c| c.is_alphabetic() || "'-.,".contains(c)))
            .take_while(|word| !is_option(word)),
    );
    let rest = reading.left.get(words.len() - 2..).unwrap_or_default();
    let are_more = words.len() > 2;
    // Whom a command is about is said in front of the name: `add user Max Muster`.
    if are_more && words.first().is_some_and(|word| is_noun(word)) {
        words.remove(0);
    }
    let mut lines = Vec::new();
    // `Van der Berg, Jan`
    let comma =
        words.iter().position(|word| word.ends_with(',')).map(|at| at + 1).filter(|at| *at < words.len());
    // Of two people, or of one who has two last and two first names, no one knows which.
    if comma.is_some_and(|at| at > 1 && words.len() - at > 1) {
        return Some(Vec::new());
    }
    for at in comma.map_or([words.len() - 1, 1], |at| [at, at]) {
        let (front, back) = words.split_at(at);
        let (front, back) = if comma.is_some() { (back, front) } else { (front, back) };
        let raw = with(&with(&reading.given, first, &front.join(" ")), last, &back.join(" "));
        lines.extend(with_rest(reading.path, reading.spec, raw, rest));
    }
    are_more.then_some(lines)
}

/// Whether a word only says what most commands are about.
fn is_noun(word: &str) -> bool {
    ["user", "users", "agent", "agents"].iter().any(|noun| word.eq_ignore_ascii_case(noun))
}

/// The lines of these values with the words that were left over; none where nothing is made of those.
fn with_rest(path: &str, spec: &Spec, raw: Raw, left: &[String]) -> Vec<String> {
    told(path, spec, raw, left).map(|raw| settled(path, spec, &raw, 0)).unwrap_or_default()
}

/// The values with words that were left over as what they can only be, such as an email, and the others as what someone says
/// in their own words; where a command has no place for that, without them.
///
/// # Errors
///
/// Why nothing is made of the words: a reason stays in the log, so it is no place for a password; and what says when something
/// is to happen means more than a reason.
fn told(path: &str, spec: &Spec, mut raw: Raw, left: &[String]) -> Result<Raw, Problem> {
    let mut words = without_codes(left);
    let given = raw.len();
    if let Some((arg, at)) = phone_in(spec, &raw, &words) {
        let is_word =
            |before: &usize| words.get(*before).is_some_and(|word| word.eq_ignore_ascii_case("number"));
        // `number 573-555-0142`
        let from = at.start.checked_sub(1).filter(is_word).unwrap_or(at.start);
        let number: Vec<String> = words.drain(from..at.end).skip(at.start - from).collect();
        raw.push((arg.name.to_owned(), number.join(" ")));
    }
    let mut rest: Vec<String> = Vec::new();
    let mut has_moment =
        spec.args.iter().any(|arg| is_moment(arg) && raw.iter().any(|(name, _)| name == arg.name));
    for word in words {
        let free = |arg: &&Arg| raw.iter().all(|(name, _)| name != arg.name);
        let takes = |arg: &&Arg| !arg.kind.names_users() && kind::shows(arg, &word);
        match spec.args.iter().filter(free).find(takes) {
            Some(arg) if is_moment(arg) => {
                has_moment = true;
                rest.pop_if(|before| moment::is_in_front(before));
                raw.push((arg.name.to_owned(), moment::plain(&word).unwrap_or(word)));
            }
            Some(arg) => raw.push((arg.name.to_owned(), word)),
            None => rest.push(word),
        }
    }
    if let Some((arg, number)) = only_number(spec, &raw, &rest) {
        raw.push((arg.name.to_owned(), number));
        rest.clear();
    }
    if let Some(problem) = secret_in(&rest).or_else(|| denied(path, spec, &raw, left, &rest)) {
        return Err(problem);
    }
    // A word of courtesy alone is no reason, and neither is one between two options.
    let says_nothing = |word: &String| kind::is_courtesy(word) || kind::joins_logins(word);
    // Where a command has no place for them, a line without them would say something else, unless one of them is what is meant:
    // `the email never came`, `forgot password`.
    let is_of_choice = |word: &String| {
        let choices = spec.args.iter().filter_map(|arg| match arg.kind {
            Kind::Choice(words) => Some(words),
            _ => None,
        });
        choices.flatten().any(|(choice, _)| choice.split('_').any(|part| part.eq_ignore_ascii_case(word)))
    };
    let is_lost = |word: &String| !says_nothing(word) && !is_of_choice(word);
    if spec.sentence().is_none() && raw.len() == given && rest.iter().any(is_lost) {
        return Err(words_left(path, &rest).hint(usage(path, spec)));
    }
    if let Some(sentence) = spec.sentence().filter(|_| !rest.iter().all(says_nothing)) {
        let said = rest.join(" ");
        // The words behind a date that isn't understood may be a part of it: `18 Uhr`.
        let is_odd = |(name, value): &(String, String)| {
            spec.arg(name).is_some_and(is_moment) && !value.split(' ').all(moment::is_one)
        };
        if spec.risk != Risk::Read
            && (spec.takes_moment() && !has_moment
                || rest.iter().any(|word| moment::is_one(word))
                || raw.iter().any(is_odd))
        {
            return Err(says_when(path, spec, sentence, &rest));
        }
        // A reason alone changes nothing, and the words are likely to be the change.
        if sentence.of_a_change && !says_more(spec, &raw) {
            return Err(words_left(path, &rest).hint(usage(path, spec)));
        }
        match raw.iter_mut().find(|(name, _)| name == sentence.name) {
            Some((_, before)) => *before = format!("{before} {said}"),
            None => raw.push((sentence.name.to_owned(), said)),
        }
    }
    Ok(raw)
}

/// Words that belong to no option of a command.
fn words_left(path: &str, words: &[String]) -> Problem {
    let message =
        format!("{} is not part of any option of {}.", quoted_words(words), code(&format!("/{path}")));
    Problem::requester("words_left", message)
}

/// A phone number among these words, however many it is in, and the option that it is for: beside the kind of a phone, its number.
fn phone_in(spec: &Spec, raw: &[(String, String)], words: &[String]) -> Option<(&'static Arg, Range<usize>)> {
    let has = |wanted: &str| raw.iter().any(|(name, _)| name == wanted);
    let phones = || spec.args.iter().filter(|arg| matches!(arg.kind, Kind::Phone(_)) && !has(arg.name));
    let of_kind = phones().find(|arg| arg.name.strip_suffix("_number").is_some_and(has));
    let arg = of_kind.or_else(|| phones().next())?;
    let is_part = |word: &String| word.chars().all(|c| c.is_ascii_digit() || "+()-./".contains(c));
    let start = words.iter().position(is_part)?;
    let length = words.iter().skip(start).take_while(|word| is_part(word)).count();
    let number = words.get(start..start + length)?.join(" ");
    // Only beside a phone is it one without its country.
    let is_one = match of_kind {
        Some(_) => {
            number.bytes().filter(u8::is_ascii_digit).count() >= PHONE_DIGITS_MIN
                && !number.split(' ').any(moment::is_one)
        }
        None => kind::shows(arg, &number),
    };
    is_one.then_some((arg, start..start + length))
}

/// No phone number that someone types has fewer digits.
const PHONE_DIGITS_MIN: usize = 7;

/// The number that these words are, and the only option that takes one. Beside other words, or where something else is to be done,
/// it may be that of a ticket.
fn only_number(spec: &Spec, raw: &[(String, String)], words: &[String]) -> Option<(&'static Arg, String)> {
    let is_number = |arg: &&Arg| matches!(arg.kind, Kind::Integer(..) | Kind::Seconds(..));
    let numbers: Vec<&Arg> = spec.args.iter().filter(is_number).collect();
    let [arg] = numbers.as_slice() else { return None };
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !kind::is_courtesy(word)).collect();
    let number = words.join(" ");
    let is_it = !words.is_empty()
        && !says_more(spec, raw)
        && !words.iter().any(|word| moment::is_one(word))
        && kind::check(arg, &number).is_ok();
    is_it.then_some((*arg, number))
}

/// Whether something is to be done beside what the command is about, and why.
fn says_more(spec: &Spec, raw: &[(String, String)]) -> bool {
    let is_more =
        |arg: &Arg| arg.is_beside() && !matches!(arg.kind, Kind::Sentence(_)) && arg.name != EMERGENCY.name;
    raw.iter().any(|(name, _)| spec.arg_called(name).is_none_or(is_more))
}

/// Why nothing is made of these words, if one of them may be a password.
fn secret_in(words: &[String]) -> Option<Problem> {
    if kind::tells_secret(&words.join(" ")) {
        return Some(kind::no_password());
    }
    words.iter().any(|word| kind::looks_like_password(word)).then(|| {
        Problem::requester(kind::PASSWORD_TYPED, "One of these words looks like a password.")
            .hint("Leave it out. If it is a part of the reason, type `reason:…`.")
    })
}

/// The code of the problem of a line with words left over that deny something.
const DENIED: &str = "words_denied";

/// Why no line is made with these words, if one of them denies something: `not force` and `everyone except john.doe` are neither
/// `force` and `john.doe` nor a reason for them. `left` has what was made of other words as well: `can't sign in` denies no choice that
/// isn't behind it.
fn denied(
    path: &str,
    spec: &Spec,
    raw: &[(String, String)],
    left: &[String],
    words: &[String],
) -> Option<Problem> {
    let is_given = |arg: &&Arg| raw.iter().any(|(name, _)| name == arg.name);
    let is_choice = |arg: &&Arg| matches!(arg.kind, Kind::Flag | Kind::Choice(_));
    let has_dash = |arg: &&Arg| {
        let mut named = words.iter().filter_map(|word| spec.arg_called(word.strip_prefix('-')?));
        named.any(|other| other.name == arg.name)
    };
    let is_chosen = |arg: &&Arg| is_choice(arg) && (is_given(arg) || has_dash(arg));
    let chosen: Vec<&Arg> = spec.args.iter().filter(is_chosen).collect();
    // What only looks does nothing to anyone; a decision on a request has a risk of its own.
    let only_looks = spec.risk == Risk::Read
        && spec.sentence().is_none()
        && spec.args.iter().all(|arg| arg.kind != Kind::Request);
    let is_before_choice = |word: &String| {
        let behind = left.iter().position(|other| other == word).and_then(|at| left.get(at + 1));
        behind.is_none_or(|next| spec.args.iter().any(|arg| is_choice(&arg) && kind::shows(arg, next)))
    };
    let denies = |word: &String| kind::denies(word, !chosen.is_empty() && is_before_choice(word));
    if only_looks && chosen.iter().all(|arg| arg.kind != Kind::Flag) || !words.iter().any(denies) {
        return None;
    }
    let mut hints: Vec<String> = chosen.iter().map(|arg| arg.other_choice()).take(1).collect();
    if spec.names_users() && words.iter().any(|word| ids::looks_like_login(word)) {
        hints.push("Type only the logins that are meant.".to_owned());
    }
    hints.extend(spec.sentence().map(|arg| format!("If it is the reason, type `{}:…`.", arg.name)));
    if hints.is_empty() {
        hints.push(usage(path, spec));
    }
    let message =
        format!("{} is not part of any option of {}.", quoted_words(words), code(&format!("/{path}")));
    Some(Problem::requester(DENIED, message).hint(hints.join(" ")))
}

fn is_moment(arg: &Arg) -> bool {
    matches!(arg.kind, Kind::Moment(_))
}

/// Words that may say when, which no reason does.
fn says_when(path: &str, spec: &Spec, sentence: &Arg, words: &[String]) -> Problem {
    let command = code(&format!("/{path}"));
    let why = code(&format!("{}:…", sentence.name));
    let when: Vec<String> =
        spec.args.iter().filter(|arg| is_moment(arg)).map(|arg| code(&format!("{}:…", arg.name))).collect();
    let message = format!("{} is not part of any option of {command}.", quoted_words(words));
    let hint = match when.is_empty() {
        true => format!(
            "If it is the reason, type {why}. To run it later, leave it out and use `/desk defer` on the request."
        ),
        false => format!("Type when as {}, and the reason as {why}.", text::list(&when, "or")),
    };
    Problem::requester("words_when", message).hint(hint)
}

/// Six digits may be a code, which no line repeats.
fn without_codes(words: &[String]) -> Vec<String> {
    words.iter().filter(|word| kind::digits_of_code(word).is_none()).cloned().collect()
}

/// See [`Reading::with_users`] and [`Reading::with_whom`].
fn with_users(
    reading: &Reading<'_>,
    logins: &[String],
    whom: Option<(&str, &str)>,
    rest: &[String],
) -> Vec<String> {
    let Reading { path, spec, given, .. } = reading;
    let is_user = |arg: &&Arg| match reading.who_is.and_then(|name| spec.arg(name)).filter(|arg| !arg.placed)
    {
        Some(named) => arg.name == named.name,
        None => arg.placed && arg.kind.names_users(),
    };
    let is_other =
        |name: &str| !spec.arg_called(name).as_ref().is_some_and(is_user) && reading.told != Some(name);
    let mut others: Raw = given.iter().filter(|(name, _)| is_other(name)).cloned().collect();
    others.extend(whom.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut words = beside_users(reading, rest);
    if let Some(name) = reading.told.filter(|_| reading.has_name_behind() && !words.is_empty()) {
        others.push((name.to_owned(), words.join(" ")));
        words.clear();
    }
    let Some(user) = spec.args.iter().find(is_user) else { return Vec::new() };
    // Also among the words that were taken for users: `everyone except john.doe`.
    if denied(path, spec, given, &reading.who, &reading.who).is_some() {
        return Vec::new();
    }
    let list = spec.args.iter().find(|arg| is_user(arg) && arg.kind == Kind::Logins);
    let line = |users: &[String]| {
        let mut raw: Raw = Vec::new();
        if let Some((first, more)) = users.split_first() {
            raw.push((user.name.to_owned(), first.clone()));
            if let Some(list) = list.filter(|_| !more.is_empty()) {
                raw.push((list.name.to_owned(), more.join(", ")));
            }
        }
        raw.extend(others.clone());
        with_rest(path, spec, raw, &words)
    };
    let mut lines = match list {
        Some(_) => line(logins),
        None => logins.chunks(1).flat_map(line).collect(),
    };
    lines.truncate(LINES_MAX);
    lines
}

/// The words beside users: those that follow them, and those that are left over.
fn beside_users(reading: &Reading<'_>, rest: &[String]) -> Vec<String> {
    let left = reading.left.iter().filter(|word| !reading.who.contains(word));
    rest.iter().chain(left).cloned().collect()
}

/// See [`Reading::with_request`].
fn with_request(reading: &Reading<'_>, number: u64, plan: Option<&str>) -> Vec<String> {
    let mut raw = reading.clone().about_request(number).given;
    raw.rotate_right(1);
    if let Some(plan) = plan.filter(|_| reading.spec.arg("plan").is_some()) {
        raw.retain(|(name, _)| name != "plan");
        raw.push(("plan".to_owned(), plan.to_owned()));
    }
    settled(reading.path, reading.spec, &raw, 0)
}
