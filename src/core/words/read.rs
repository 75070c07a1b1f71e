//! A typed line becomes a command and a value for each argument, as tired people type it.
//!
//! Words without a name go to the arguments that have a position, and to nothing else. What people say in their own words
//! continues to the next `name:`, so that a login in a reason is part of the reason. What is left over belongs to no argument: the
//! line is refused, with the line that may have been meant.

use super::kind;
use super::moment;
use super::naming::Offers;
use super::spec::{Arg, Kind, Need, Spec};
use super::split::{Word, split};
use crate::basics::clean;
use crate::basics::ids::{self, PersonId};
use crate::basics::problem::Problem;
use crate::basics::text::code;

/// The longest line that is read, in characters.
const LINE_MAX: usize = 4_000;

/// A line whose command is known, each word given to the argument that it is for.
#[derive(Clone, Debug)]
pub struct Reading<'a> {
    pub path: &'a str,
    pub spec: &'a Spec,
    /// Values by the names of their arguments, in the order in which they were typed.
    pub(super) given: Vec<(String, String)>,
    /// Words that belong to no argument.
    pub(super) left: Vec<String>,
    /// How many of them, from the first on, are next to what has a position.
    pub(super) together: usize,
    /// The words in the place of users and those that follow without a name: some of them may be someone's name.
    pub(super) who: Vec<String>,
    /// The argument that took the last of them in its own words.
    pub(super) told: Option<&'static str>,
    /// The argument that was given by name and has the first of them; otherwise it is the one in the place of users.
    pub(super) who_is: Option<&'static str>,
    /// The values if the first sentence continues to the end of the line, whatever looks like a name in it.
    pub(super) whole: Option<Vec<(String, String)>>,
    /// A code was typed where the command takes none; it is not kept.
    pub(super) misplaced_code: bool,
}

/// A line that is wrong, and how far it was understood.
#[derive(Clone, Debug)]
pub struct Misread<'a> {
    pub problem: Problem,
    pub reading: Option<Box<Reading<'a>>>,
}

/// Why no command was found in a line.
pub(super) enum Unread {
    TooLong(Problem),
    Unclosed(Problem),
    /// The line, without quotes around all of it, and its words.
    NoCommand {
        line: String,
        words: Vec<Word>,
    },
}

impl From<Problem> for Misread<'_> {
    fn from(problem: Problem) -> Self {
        Misread { problem, reading: None }
    }
}

/// Finds the command and gives each word to its argument; nothing is checked yet.
pub(super) fn reading<'a>(
    line: &str,
    commands: impl Iterator<Item = (&'a str, &'a Spec)> + Clone,
) -> Result<Reading<'a>, Unread> {
    if line.len() > LINE_MAX * 4 || line.chars().count() > LINE_MAX {
        let message = format!("The line has more than {LINE_MAX} characters.");
        return Err(Unread::TooLong(Problem::requester("line_too_long", message).hint("Shorten it.")));
    }
    let words = match split(line) {
        Ok(words) => words,
        Err(problem) => return Err(Unread::Unclosed(problem)),
    };
    // Someone who copies a command takes its quotes along.
    if let [only] = words.as_slice()
        && only.quoted
        && only.text.contains(char::is_whitespace)
        && split(&only.text).is_ok()
    {
        let inside = only.text.clone();
        return reading(&inside, commands);
    }
    let names: Vec<String> = words.iter().map(|word| command_word(word).replace('_', "-")).collect();
    let blank = names.iter().take_while(|name| name.is_empty()).count();
    let Some((path, spec, used)) = command_of(names.get(blank..).unwrap_or_default(), commands.clone())
    else {
        // A blank that no one sees is one between words as well.
        if line.contains(ZERO_WIDTH_SPACE) {
            return reading(&line.replace(ZERO_WIDTH_SPACE, " "), commands);
        }
        let words = words.get(blank..).unwrap_or_default().to_vec();
        return Err(Unread::NoCommand { line: line.to_owned(), words });
    };
    let words = names_joined(spec, words.get(blank + used..).unwrap_or_default());
    let paths: Vec<&str> = commands.map(|(path, _)| path).collect();
    Ok(Reader {
        line,
        spec,
        words: &words,
        paths: &paths,
        at: 0,
        run: 0,
        first_run: None,
        reading: Reading::of(path, spec),
    }
    .read())
}

const ZERO_WIDTH_SPACE: char = '\u{200b}';

/// A word as one of a command, without its slash and what no one sees.
pub(super) fn command_word(word: &Word) -> String {
    clean::word(&word.text).trim_start_matches('/').to_lowercase()
}

/// The command whose words these begin with, and how many they are.
pub(super) fn command_of<'a>(
    words: &[String],
    commands: impl Iterator<Item = (&'a str, &'a Spec)>,
) -> Option<(&'a str, &'a Spec, usize)> {
    commands
        .filter_map(|(path, spec)| {
            let length = path.split(' ').count();
            let matches =
                words.len() >= length && path.split(' ').zip(words).all(|(word, typed)| word == typed);
            matches.then_some((path, spec, length))
        })
        .max_by_key(|(_, _, used)| *used)
}

impl<'a> Reading<'a> {
    fn of(path: &'a str, spec: &'a Spec) -> Reading<'a> {
        Reading {
            path,
            spec,
            given: Vec::new(),
            left: Vec::new(),
            together: 0,
            who: Vec::new(),
            told: None,
            who_is: None,
            whole: None,
            misplaced_code: false,
        }
    }

    /// A command chosen from a menu, with its options by name.
    ///
    /// As in a line, six digits in a sentence are the code, where the command takes one that was not given.
    pub fn chosen(path: &'a str, spec: &'a Spec, options: Vec<(String, String)>) -> Reading<'a> {
        let kind_of = |name: &str| spec.arg_called(name).map(|arg| arg.kind);
        let mut given = options;
        let code = spec.args.iter().find(|arg| arg.kind == Kind::Code);
        let code = code.filter(|_| given.iter().all(|(name, _)| kind_of(name) != Some(Kind::Code)));
        let sentence = given.iter().position(|(name, _)| matches!(kind_of(name), Some(Kind::Sentence(_))));
        if let (Some(code), Some(at)) = (code, sentence)
            && let Some((digits, rest)) = given.get(at).and_then(|(_, said)| kind::take_code(said))
        {
            let (name, _) = given.remove(at);
            if !rest.is_empty() {
                given.insert(at, (name, rest));
            }
            given.push((code.name.to_owned(), digits));
        }
        Reading { given, ..Reading::of(path, spec) }
    }

    /// The words among which may be someone's name: where more than a login was typed in the place of one, or what is no login.
    pub fn who(&self) -> Option<&[String]> {
        let one_login = match self.who.as_slice() {
            [] => true,
            // No user is meant by these.
            [first, ..] if kind::is_everything(first) || kind::number(first).is_some() => true,
            [one] => ids::login(one).is_ok() && !self.misses_users(),
            _ => false,
        };
        (!one_login).then_some(self.who.as_slice())
    }

    /// Values by the names of their options, as far as they are typed.
    pub fn options(&self) -> &[(String, String)] {
        &self.given
    }

    fn misses_users(&self) -> bool {
        !self
            .given
            .iter()
            .any(|(name, _)| self.spec.arg_called(name).is_some_and(|arg| arg.kind.names_users()))
    }

    /// Whether the users that are meant were removed by the desk.
    pub fn wants_removed(&self) -> bool {
        let mut names = self.spec.args.iter().filter_map(|arg| arg.names);
        names.any(|naming| naming.offers == Offers::Removed)
    }

    /// Logins that were typed without a name beside other words, and could as well be words of a sentence.
    pub fn doubtful(&self) -> Vec<String> {
        if self.who.len() < 2 {
            return Vec::new();
        }
        let users = self.given.iter().filter(|(name, _)| {
            self.spec.arg_called(name).is_some_and(|arg| arg.placed && arg.kind.names_users())
        });
        let logins = users.flat_map(|(_, value)| kind::listed(value));
        let doubtful = logins.filter(|login| {
            self.who.iter().any(|word| word == login) && !ids::looks_like_login(login) && *login != "all"
        });
        doubtful.map(str::to_owned).collect()
    }

    /// The same with this request as the one that was meant.
    pub fn about_request(mut self, number: u64) -> Reading<'a> {
        if let Some(arg) = self.spec.args.iter().find(|arg| arg.kind == Kind::Request) {
            self.given.retain(|(name, _)| name != arg.name);
            self.given.push((arg.name.to_owned(), number.to_string()));
        }
        self
    }

    /// Whether the request is missing that the command is about.
    pub fn misses_request(&self) -> bool {
        let is_request = |arg: &&Arg| arg.kind == Kind::Request && arg.need == Need::Required;
        self.left.is_empty()
            && self.spec.args.iter().find(is_request).is_some_and(|arg| {
                self.given
                    .iter()
                    .all(|(name, value)| name != arg.name || matches!(value.as_str(), "all" | "it"))
            })
    }

    pub(super) fn has(&self, arg: &Arg) -> bool {
        self.given.iter().any(|(name, _)| name == arg.name)
    }
}

/// A `name:value` in a line.
struct Keyed {
    arg: Option<&'static Arg>,
    /// The argument as which the value is read: where none has the name, the one that is nearest to it.
    like: Option<&'static Arg>,
    name: String,
    /// What is behind the sign in the same word.
    value: String,
    sign: char,
}

struct Reader<'w, 'a> {
    line: &'w str,
    spec: &'a Spec,
    words: &'w [Word],
    paths: &'w [&'a str],
    at: usize,
    /// How many arguments have been given by name so far: words that stand together have the same number.
    run: usize,
    /// That number at the first word without a name.
    first_run: Option<usize>,
    reading: Reading<'a>,
}

impl<'w, 'a> Reader<'w, 'a> {
    fn read(mut self) -> Reading<'a> {
        while let Some(word) = self.word(self.at) {
            if let Some(keyed) = self.keyed(self.at) {
                self.named(keyed);
                self.run += 1;
            } else if let Some(arg) = self.flag(self.at) {
                let alone = self.alone_behind(self.at).filter(|_| !self.wants_placed());
                let said = self.said_of_flag(self.at).or(alone).map(str::to_owned);
                self.at += 1 + usize::from(said.is_some());
                self.give(arg, said.unwrap_or_else(|| "true".to_owned()));
                self.run += 1;
            } else if let Some((arg, value_at)) = self.bare_key(self.at, true) {
                self.at = value_at;
                let name = arg.name.to_owned();
                let keyed = Keyed { arg: Some(arg), like: Some(arg), name, value: String::new(), sign: ':' };
                self.value_of(&keyed, false, false);
                self.name_behind(arg);
                self.run += 1;
            } else if let Some(digits) = self.code_at(self.at) {
                self.give_code(digits);
            } else {
                let first = *self.first_run.get_or_insert(self.run);
                self.placed(word, first == self.run);
            }
        }
        self.reading
    }

    fn word(&self, at: usize) -> Option<&'w Word> {
        self.words.get(at)
    }

    fn give(&mut self, arg: &Arg, value: String) {
        // No number is no request, as if nothing was typed.
        if arg.kind == Kind::Request && value.trim().is_empty() {
            return;
        }
        self.reading.given.push((arg.name.to_owned(), value));
    }

    /// The argument for a code that has none yet.
    fn code_arg(&self) -> Option<&'static Arg> {
        self.spec.args.iter().find(|arg| arg.kind == Kind::Code && !self.reading.has(arg))
    }

    fn give_code(&mut self, (digits, words): (String, usize)) {
        if let Some(arg) = self.code_arg() {
            self.give(arg, digits);
        }
        self.at += words;
    }

    /// The six digits that stand here where a command takes a code, and of how many words they are.
    ///
    /// A code comes before everything else, because what is taken for something else may be logged. Only where the number of the
    /// request is still missing and another six digits follow are these the number.
    fn code_at(&self, at: usize) -> Option<(String, usize)> {
        self.code_arg()?;
        let (digits, words) = self.six_digits(at)?;
        let wants_number = self.next_placed(true).is_some_and(|arg| arg.kind == Kind::Request);
        let is_number =
            wants_number && (words > 1 || (at + 1..self.words.len()).any(|at| self.six_digits(at).is_some()));
        (!is_number).then_some((digits, words))
    }

    fn six_digits(&self, at: usize) -> Option<(String, usize)> {
        let plain = |at: usize| self.word(at).filter(|word| !word.quoted && word.separator.is_none());
        let word = plain(at)?;
        if let Some(digits) = kind::digits_of_code(&word.text) {
            return Some((digits, 1));
        }
        let half = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        let next = plain(at + 1)?.text.trim_end_matches(['.', ',', ';', '!', ')']);
        (half(&word.text) && half(next)).then(|| (format!("{}{next}", word.text), 2))
    }

    /// A word that is `name:value`, with a name that the command has or that looks like one.
    fn keyed(&self, at: usize) -> Option<Keyed> {
        let word = self.word(at)?;
        let (name, value, sign) = word.key()?;
        let value = value.trim_start_matches(sign).to_owned();
        // A path such as `C:\users.csv` and an address such as `https://…` have no names in front. One with blanks was joined.
        let is_name = name.len() > 1
            && name.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b' '))
            && !value.starts_with("//");
        let arg = self.spec.arg_called(name).or_else(|| match self.spec.args_also_called(name).as_slice() {
            [only] if sign == ':' => Some(*only),
            _ => None,
        });
        // An account such as `console:1001` is a value of its own where one is taken.
        let takes_account = self.spec.args.iter().any(|arg| arg.kind == Kind::Account);
        let is_account = || takes_account && word.text.parse::<PersonId>().is_ok();
        let known = arg.is_some() || (sign == ':' && is_name && !is_account());
        known.then(|| Keyed { arg, like: arg, name: name.to_lowercase(), value, sign })
    }

    /// How many words are a code here, also one that has a name of its own: `pin=123456`, `code 123 456`.
    fn misplaced_code(&self, at: usize) -> Option<usize> {
        if let Some((_, words)) = self.six_digits(at) {
            return Some(words);
        }
        let named = self
            .word(at)
            .is_some_and(|word| kind::CODE_NAMES.iter().any(|name| word.text.eq_ignore_ascii_case(name)));
        if let Some((_, words)) = self.six_digits(at + 1).filter(|_| named) {
            return Some(words + 1);
        }
        let (_, value, _) = self.word(at).filter(|word| !word.quoted)?.key()?;
        if kind::digits_of_code(value).is_some() {
            return Some(1);
        }
        let next = self.word(at + 1)?;
        kind::digits_of_code(&format!("{value}{}", next.text)).map(|_| 2)
    }

    /// What an option is also called ends no sentence: people say such words.
    fn is_known_key(&self, at: usize, sign: char) -> bool {
        self.keyed(at).is_some_and(|keyed| {
            self.spec.arg_called(&keyed.name).is_some() && (keyed.sign == ':' || keyed.sign == sign)
        })
    }

    /// The bare name of something that is true or false.
    fn flag(&self, at: usize) -> Option<&'static Arg> {
        let word = self.word(at).filter(|word| !word.quoted && word.separator.is_none())?;
        let flag = self.spec.arg_called(&word.text).filter(|arg| arg.kind == Kind::Flag);
        flag.filter(|_| self.behind_sign(at).is_none())
    }

    /// What is said of a flag in the word behind it, where nothing continues behind that: `auto_accept off`.
    fn said_of_flag(&self, at: usize) -> Option<&'w str> {
        let word = self.word(at + 1).filter(|word| !word.quoted && word.separator.is_none())?;
        (kind::yes_or_no(&word.text).is_some() && self.ends_at(at + 2)).then_some(word.text.as_str())
    }

    /// Whether a word here is in the place of something that is needed, and not of users who are said otherwise.
    fn wants_placed(&self) -> bool {
        let is_whom = |(name, _): &(String, String)| {
            self.spec.arg(name).is_some_and(|arg| arg.whom || arg.need == Need::OneOf)
        };
        self.next_placed(self.first_run.is_none()).is_some_and(|arg| match arg.kind.names_users() {
            true => !self.reading.given.iter().any(is_whom),
            false => arg.need != Need::Optional,
        })
    }

    /// The only word behind a flag that may be said of it: `auto_accept aus`. Several are a reason.
    fn alone_behind(&self, at: usize) -> Option<&'w str> {
        let word = self.word(at + 1).filter(|_| !self.ends_at(at + 1))?;
        let behind =
            (at + 2..).find(|at| !self.word(*at).is_some_and(|word| kind::is_courtesy(&word.text)))?;
        (kind::may_say_of_flag(&word.text) && self.ends_at(behind)).then_some(word.text.as_str())
    }

    /// Where the value of a flag is behind a sign of its own: `auto_accept = off`, `auto_accept :off`.
    fn behind_sign(&self, at: usize) -> Option<usize> {
        let next = self.word(at + 1)?;
        let (_, value, _) = next.key().filter(|(name, ..)| name.is_empty())?;
        let alone = value.is_empty() && !next.value_quoted;
        let said = if alone { self.word(at + 2)?.text.as_str() } else { value };
        kind::may_say_of_flag(said).then_some(at + 1 + usize::from(alone))
    }

    /// Whether nothing without a name is here.
    fn ends_at(&self, at: usize) -> bool {
        self.word(at).is_none()
            || self.keyed(at).is_some()
            || self.flag(at).is_some()
            || self.bare_key(at, false).is_some()
    }

    /// A name without its sign, such as `acw 60` and `acw : 60`, and where its value is. Inside a value it is one only where
    /// what follows is just what it takes.
    fn bare_key(&self, at: usize, anything: bool) -> Option<(&'static Arg, usize)> {
        let word = self.word(at).filter(|word| !word.quoted && word.separator.is_none())?;
        let arg = self.spec.arg_called(&word.text)?;
        if arg.kind == Kind::Flag {
            return self.behind_sign(at).map(|value_at| (arg, value_at));
        }
        let next = self.word(at + 1)?;
        let is_sign = |word: &Word| word.separator.as_ref().is_some_and(|(sign, _)| sign.start == 0);
        if is_sign(next) {
            let alone = next.key().is_some_and(|(_, value, _)| value.is_empty()) && !next.value_quoted;
            // `acw :60`: the value is what is behind the sign, and is read from there.
            return Some((arg, if alone { at + 2 } else { at + 1 }));
        }
        if self.reading.has(arg) || self.keyed(at + 1).is_some() {
            return None;
        }
        let takes = match arg.kind {
            Kind::Sentence(_) => true,
            // What follows may be someone's name: `like Ben Carter`.
            Kind::Login => {
                ids::looks_like_login(&next.text)
                    || anything && !arg.placed && next.text.starts_with(char::is_uppercase)
            }
            Kind::Moment(_) => moment::is_one(&next.text),
            Kind::Text(_)
            | Kind::Exact(_)
            | Kind::Name(_)
            | Kind::Word(_)
            | Kind::Logins
            | Kind::LoginOrAll
            | Kind::LoginOrRequest
            | Kind::Account
            | Kind::Command
            | Kind::File
            | Kind::RoutingProfile
            | Kind::SecurityProfile
            | Kind::HierarchyGroup => anything && !arg.placed,
            // Behind the name of what has digits, digits are its value, even if they are wrong.
            Kind::Choice(_) | Kind::Integer(..) | Kind::Seconds(..) | Kind::Phone(_)
                if anything && begins_with_digit(next) =>
            {
                true
            }
            _ => kind::check(arg, &next.text).is_ok() || kind::seconds(&next.text).is_some(),
        };
        takes.then_some((arg, at + 1))
    }

    /// The value of a `name:value`, which may continue in the words behind it.
    fn named(&mut self, mut keyed: Keyed) {
        let quoted = self.word(self.at).is_some_and(|word| word.value_quoted);
        if keyed.arg.is_none()
            && let Some(digits) = kind::digits_of_code(&keyed.value)
            && self.code_arg().is_some()
        {
            // However someone calls it, it is a code.
            return self.give_code((digits, 1));
        }
        if keyed.like.is_none() && !kind::names_password(&keyed.name) {
            let near = self.spec.args_near(&keyed.name).into_iter().next();
            keyed.like = near.filter(|arg| arg.kind != Kind::Code);
        }
        let is_empty = keyed.value.is_empty() && !quoted;
        let is_flag = keyed.like.is_some_and(|arg| arg.kind == Kind::Flag);
        let takes_users = keyed.like.is_some_and(|arg| arg.kind.names_users());
        // A flag may be bare, so that it takes nothing else.
        let is_taken = |word: &Word| {
            !is_flag || kind::yes_or_no(&word.text).is_some() || self.alone_behind(self.at).is_some()
        };
        let next_is_value = self.word(self.at + 1).is_some_and(is_taken)
            && !self.is_known_key(self.at + 1, keyed.sign)
            && !(takes_users && self.keyed(self.at + 1).is_some());
        let inside = !(is_empty && keyed.like.is_some() && next_is_value);
        self.at += usize::from(!inside);
        self.value_of(&keyed, inside, inside && quoted);
        if let Some(arg) = keyed.arg {
            self.name_behind(arg);
        }
    }

    /// Reads a value that begins at this word, or in it.
    fn value_of(&mut self, keyed: &Keyed, inside: bool, quoted: bool) {
        let before = self.reading.given.len();
        self.value_as(keyed, inside, quoted);
        let Some(arg) = keyed.like.filter(|_| keyed.arg.is_none()) else { return };
        for (name, _) in self.reading.given.iter_mut().skip(before).filter(|(name, _)| name == arg.name) {
            name.clone_from(&keyed.name);
        }
    }

    /// What follows a word that is no login may be the rest of a name: `like:John Doe`.
    fn name_behind(&mut self, arg: &'static Arg) {
        let Some((_, value)) = self.reading.given.last().filter(|(name, _)| name == arg.name) else { return };
        let is_login =
            ids::looks_like_login(value) || kind::is_everything(value) || kind::number(value).is_some();
        if arg.kind != Kind::Login || is_login || value.contains(' ') || !self.reading.who.is_empty() {
            return;
        }
        let mut name = vec![value.clone()];
        while self.goes_on_listing()
            && let Some(word) =
                self.word(self.at).filter(|word| !word.quoted && !ids::looks_like_login(&word.text))
        {
            name.push(word.text.clone());
            self.reading.left.push(word.text.clone());
            self.at += 1;
        }
        if name.len() > 1 {
            self.reading.who = name;
            self.reading.who_is = Some(arg.name);
        }
    }

    fn value_as(&mut self, keyed: &Keyed, inside: bool, quoted: bool) {
        let Some(word) = self.word(self.at) else { return };
        let begins = self.at;
        let behind_sign = word.separator.as_ref().filter(|(sign, _)| inside || sign.start == 0);
        let (first, start) = match behind_sign {
            Some((sign, _)) if inside => (keyed.value.clone(), word.at.start + sign.end),
            Some((sign, _)) => {
                (word.text.get(sign.end..).unwrap_or_default().to_owned(), word.at.start + sign.end)
            }
            None => (word.text.clone(), word.at.start),
        };
        let complete = quoted || (!inside && (word.quoted || word.value_quoted));
        self.at += 1;
        let Some(arg) = keyed.like else {
            self.reading.given.push((keyed.name.clone(), first));
            return;
        };
        if complete {
            return self.give(arg, first);
        }
        let value = match arg.kind {
            Kind::Sentence(_) => return self.sentence(arg, begins, start, keyed.sign),
            // `team=red` is as short as a name.
            Kind::Name(_) | Kind::Text(_) if matches!(arg.kind, Kind::Name(_)) || first.contains('=') => {
                self.words_while(first, |reader, at| !reader.ends_text(at) && !reader.ends_name(at))
            }
            Kind::Text(_)
            | Kind::Exact(_)
            | Kind::Name(_)
            | Kind::RoutingProfile
            | Kind::SecurityProfile
            | Kind::HierarchyGroup => self.words_while(first, |reader, at| !reader.ends_text(at)),
            Kind::Moment(_) => self.words_while(first, |reader, at| {
                reader.word(at).is_some_and(|word| !word.quoted && moment::is_one(&word.text))
            }),
            Kind::Choice(_) => {
                // `phone:soft phone`
                let only = self.at;
                let both =
                    self.word(only).filter(|word| !word.quoted).map(|next| format!("{first} {}", next.text));
                let is_one = both.is_some_and(|both| kind::check(arg, &both).is_ok());
                self.words_while(first, |_, at| is_one && at == only)
            }
            Kind::Logins => self.words_while(first, |reader, at| {
                reader.keyed(at).is_none() && reader.flag(at).is_none() && reader.bare_key(at, true).is_none()
            }),
            Kind::Phone(_) => self.words_while(first, |reader, at| {
                let phone = |c: char| c.is_ascii_digit() || "+()-./".contains(c);
                reader.word(at).is_some_and(|word| !word.quoted && word.text.chars().all(phone))
            }),
            Kind::Seconds(..) if first.bytes().all(|byte| byte.is_ascii_digit()) => {
                let is_unit = |reader: &Self| {
                    let word = reader.word(reader.at).filter(|word| !word.quoted);
                    word.is_some_and(|word| kind::unit(&word.text.to_lowercase()).is_some())
                };
                let unit = is_unit(self);
                let only = self.at;
                self.words_while(first, |_, at| unit && at == only)
            }
            Kind::Code => {
                let only = self.at;
                let half = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
                let halves = half(&first) && self.word(only).is_some_and(|next| half(&next.text));
                self.words_while(first, |_, at| halves && at == only)
            }
            Kind::File => self.path(first),
            Kind::Command => self.command(begins, first),
            Kind::Word(_) => self.moment(first),
            _ => first,
        };
        self.give(arg, value);
    }

    /// The words from here on that belong to a value which began with `first`.
    fn words_while(&mut self, first: String, goes_on: impl Fn(&Self, usize) -> bool) -> String {
        let mut value = first;
        while let Some(word) = self.word(self.at).filter(|_| goes_on(self, self.at)) {
            value.push(' ');
            value.push_str(&word.text);
            self.at += 1;
        }
        value.trim_start().to_owned()
    }

    /// Whether a text without quotes ends before this word.
    fn ends_text(&self, at: usize) -> bool {
        let Some(word) = self.word(at) else { return true };
        let flag_at_end =
            self.flag(at).is_some() && (self.ends_at(at + 1) || self.said_of_flag(at).is_some());
        word.quoted || self.keyed(at).is_some() || flag_at_end || self.bare_key(at, false).is_some()
    }

    /// Whether someone says more from here on than a name: `please` at its end, `and` in front of another option, why it is so.
    fn ends_name(&self, at: usize) -> bool {
        let Some(word) = self.word(at).map(|word| word.text.as_str()) else { return true };
        let is_at_end = self.ends_at(at + 1);
        is_at_end && (kind::is_courtesy(word) || kind::joins_logins(word)) || kind::gives_why(word)
    }

    /// Whether a date or a time begins here that the command has an option for.
    fn is_moment(&self, at: usize) -> bool {
        let is_one = |at: usize| self.word(at).is_some_and(|word| !word.quoted && moment::is_one(&word.text));
        let in_front = self.word(at).is_some_and(|word| moment::is_in_front(&word.text));
        self.spec.takes_moment() && (is_one(at) || in_front && is_one(at + 1))
    }

    /// What someone says in their own words, as they typed it: from `start` in the line up to the next `name:`. Six digits in
    /// it are the code, where the command takes one.
    fn sentence(&mut self, arg: &'static Arg, begins: usize, start: usize, sign: char) {
        let mut end = begins + 1;
        while end < self.words.len() && !self.is_known_key(end, sign) {
            end += 1;
        }
        if self.reading.whole.is_none() && end < self.words.len() {
            let all = self.line.get(start..).unwrap_or_default();
            let all: Vec<&str> =
                all.split_whitespace().filter(|word| kind::digits_of_code(word).is_none()).collect();
            let mut whole = self.reading.given.clone();
            whole.push((arg.name.to_owned(), all.join(" ")));
            self.reading.whole = Some(whole);
        }
        let mut said = String::new();
        let mut from = start;
        let mut had_code = false;
        for at in begins..end {
            let Some(word) = self.word(at) else { break };
            let is_code = word.at.start >= from && self.code_arg().is_some();
            // In two halves only at the end: `555 123` may be a part of a phone number.
            let found = self.six_digits(at).filter(|(_, words)| is_code && (*words == 1 || at + 2 == end));
            if let Some((digits, words)) = found
                && let Some(code) = self.code_arg()
            {
                said.push_str(self.line.get(from..word.at.start).unwrap_or_default());
                self.give(code, digits);
                had_code = true;
                from = self.word(at + words - 1).map_or(word.at.end, |last| last.at.end);
            }
        }
        let last = self.word(end - 1).map_or(from, |word| word.at.end);
        said.push_str(self.line.get(from..last.max(from)).unwrap_or_default());
        self.at = end;
        let said: Vec<&str> = said.split_whitespace().collect();
        // Nothing but a code was said.
        if !(said.is_empty() && had_code) {
            self.give(arg, said.join(" "));
        }
    }

    /// A word, which continues where a moment does: the time behind its date (`2026-11-20 18:00`), and the unit behind a number (`4 h`).
    fn moment(&mut self, first: String) -> String {
        let next = self.word(self.at).filter(|word| !word.quoted).map(|word| word.text.as_str());
        let continues = next.is_some_and(|next| kind::continues(&first, next));
        let only = self.at;
        self.words_while(first, |_, at| continues && at == only)
    }

    /// A path, whose blanks a shell marks with a backslash.
    fn path(&mut self, first: String) -> String {
        let mut path = first;
        while path.ends_with('\\')
            && let Some(word) = self.word(self.at).filter(|word| !word.quoted)
        {
            path.pop();
            path.push(' ');
            path.push_str(&word.text);
            self.at += 1;
        }
        path
    }

    /// The words of a command: as many as one has, or all that stand together.
    fn command(&mut self, begins: usize, first: String) -> String {
        let first = first.trim_start_matches('/').to_lowercase();
        let rest = self.words.iter().skip(begins + 1).map(|word| word.text.to_lowercase());
        let typed: Vec<String> = std::iter::once(first.clone()).chain(rest).collect();
        let fits = |path: &&str| {
            let length = path.split(' ').count();
            typed.len() >= length && path.split(' ').zip(&typed).all(|(word, typed)| word == typed)
        };
        match self.paths.iter().copied().filter(fits).max_by_key(|path| path.len()) {
            Some(path) => {
                self.at = begins + path.split(' ').count();
                path.to_owned()
            }
            // Its last word alone, if only one command has it.
            None => match self.ending_in(&first) {
                Some(only) => only,
                None => self.words_while(first, |reader, at| !reader.ends_text(at)),
            },
        }
    }

    /// The only command whose last word this is; one in a group only where no other has it.
    fn ending_in(&self, last: &str) -> Option<String> {
        let all = || self.paths.iter().copied().filter(|path| path.split(' ').next_back() == Some(last));
        let mut found: Vec<&str> = all().filter(|path| path.split(' ').count() < 3).collect();
        if found.is_empty() {
            found = all().collect();
        }
        match found.as_slice() {
            [only] => Some((*only).to_owned()),
            _ => None,
        }
    }

    /// The next argument with a position that has no value yet.
    fn next_placed(&self, first_run: bool) -> Option<&'static Arg> {
        let free = self.spec.args.iter().find(|arg| arg.placed && !self.reading.has(arg));
        free.filter(|arg| first_run || arg.need == Need::Required)
    }

    /// A word without a name: it goes to the next position. Those in one place only fill optional ones, and lists.
    fn placed(&mut self, word: &'w Word, first_run: bool) {
        let Some(arg) = self.next_placed(first_run) else { return self.leave(word) };
        let at = self.at;
        // Six digits behind the number of a request are a code, also where the command takes none: nothing else is made of them.
        let is_request = |arg: &Arg| arg.kind == Kind::Request;
        if !is_request(arg)
            && self.spec.args.iter().any(|arg| arg.placed && is_request(arg))
            && let Some(words) = self.misplaced_code(at)
        {
            self.reading.misplaced_code = true;
            self.at += words;
            return;
        }
        match arg.kind {
            Kind::Login | Kind::LoginOrAll | Kind::LoginOrRequest => {
                let mut users = users_in(word).into_iter();
                if let Some(user) = users.next() {
                    self.reading.who.push(user.clone());
                    self.give(arg, user);
                }
                let more: Vec<String> = users.collect();
                self.at += 1;
                let list = self.next_placed(first_run).filter(|arg| arg.kind == Kind::Logins);
                self.reading.who.extend(more.iter().cloned());
                match list {
                    Some(list) if !more.is_empty() || self.goes_on_listing() => self.list(list, more),
                    _ => {
                        // Commas without blanks make a list of it also where something else comes next.
                        let is_list = |arg: &&Arg| arg.kind == Kind::Logins && !self.reading.has(arg);
                        match self.spec.args.iter().find(is_list) {
                            Some(list) if !more.is_empty() => self.give(list, more.join(", ")),
                            _ => self.reading.left.extend(more),
                        }
                    }
                }
            }
            Kind::Logins => self.list(arg, Vec::new()),
            Kind::Sentence(_) => self.told(arg, word),
            Kind::Text(_) | Kind::Exact(_) => {
                self.at += 1;
                let value = match word.quoted {
                    true => word.text.clone(),
                    false => self.words_while(word.text.clone(), |reader, at| {
                        !reader.ends_text(at) && !reader.is_moment(at)
                    }),
                };
                // The first of them may be a part of a user's name: `Aaron Fields Break`.
                if !self.reading.who.is_empty() && !word.quoted {
                    self.reading.told = Some(arg.name);
                    self.reading.who.extend(value.split(' ').map(str::to_owned));
                }
                self.give(arg, value);
            }
            Kind::Command => {
                self.at += 1;
                let value = self.command(at, word.text.clone());
                self.give(arg, value);
            }
            Kind::File => {
                self.at += 1;
                let value = if word.quoted { word.text.clone() } else { self.path(word.text.clone()) };
                self.give(arg, value);
            }
            Kind::Word(_) => {
                self.at += 1;
                let value = if word.quoted { word.text.clone() } else { self.moment(word.text.clone()) };
                self.give(arg, value);
            }
            Kind::Request => {
                self.at += 1;
                let mut numbers = word.text.split([',', ';']).filter(|number| !number.is_empty());
                self.give(arg, numbers.next().unwrap_or(word.text.as_str()).to_owned());
                self.reading.left.extend(numbers.map(str::to_owned));
            }
            // Something else is before the choice.
            Kind::Choice(words) if !is_nearly(words, &word.text) && self.has_choice_after(words, at) => {
                self.leave(word)
            }
            // A choice that need not be made is made only by a word that is one, or nearly one.
            Kind::Choice(words) if arg.need == Need::Optional && !is_nearly(words, &word.text) => {
                match self.spec.sentence().filter(|told| told.placed && !self.reading.has(told)) {
                    Some(told) => self.told(told, word),
                    None => self.leave(word),
                }
            }
            _ => {
                self.at += 1;
                self.give(arg, word.text.clone());
            }
        }
    }

    fn has_choice_after(&self, words: &[(&str, &str)], at: usize) -> bool {
        let mut later = self.words.iter().skip(at + 1);
        later.any(|later| words.iter().any(|(word, _)| later.text.eq_ignore_ascii_case(word)))
    }

    fn leave(&mut self, word: &Word) {
        self.at += 1;
        if !self.reading.who.is_empty() {
            self.reading.who.push(word.text.clone());
        }
        if self.first_run == Some(self.run) && self.reading.together == self.reading.left.len() {
            self.reading.together += 1;
        }
        self.reading.left.push(word.text.clone());
    }

    /// Whether the next word still is in the list that the last one was in.
    fn goes_on_listing(&self) -> bool {
        self.word(self.at).is_some()
            && self.keyed(self.at).is_none()
            && self.flag(self.at).is_none()
            && self.bare_key(self.at, true).is_none()
    }

    /// A list of logins continues as long as no name comes.
    fn list(&mut self, arg: &'static Arg, first: Vec<String>) {
        let mut users = first;
        while self.goes_on_listing()
            && let Some(word) = self.word(self.at)
        {
            let some = users_in(word);
            self.reading.who.extend(some.iter().cloned());
            users.extend(some);
            self.at += 1;
        }
        let logins: Vec<&str> =
            users.iter().map(String::as_str).filter(|user| !kind::joins_logins(user)).collect();
        if !logins.is_empty() {
            self.give(arg, logins.join(", "));
        }
    }

    /// A sentence in a position: unless it begins with what could be one more of what is before it.
    fn told(&mut self, arg: &'static Arg, word: &'w Word) {
        let begins = self.at;
        let before =
            self.reading.given.last().and_then(|(name, _)| self.spec.arg_called(name)).map(|arg| arg.kind);
        let begin =
            self.words.iter().skip(begins).find(|word| !kind::joins_logins(&word.text)).unwrap_or(word);
        let one_more = match before {
            _ if word.quoted => false,
            Some(Kind::Request) => kind::number(begin.text.trim_end_matches([',', '.', ';'])).is_some(),
            Some(kind) if kind.names_users() => {
                ids::looks_like_login(begin.text.trim_end_matches([',', ';']))
            }
            _ => false,
        };
        let end =
            (begins..self.words.len()).find(|at| self.is_known_key(*at, ':')).unwrap_or(self.words.len());
        // Six digits in the place of a code, where the command takes none, are not written down as a reason.
        if one_more || self.six_digits(begins).is_some() {
            while self.at < end
                && let Some(word) = self.word(self.at)
            {
                self.leave(word);
            }
            return;
        }
        if !self.reading.who.is_empty() {
            self.reading.told = Some(arg.name);
            self.reading.who.extend(self.words.iter().take(end).skip(begins).map(|word| word.text.clone()));
        }
        if word.quoted {
            self.at += 1;
            return self.give(arg, word.text.clone());
        }
        self.sentence(arg, begins, word.at.start, ':');
    }
}

/// The users that a word names: several with commas between them, also in quotes. `"Doe, John"` is the name of one.
fn users_in(word: &Word) -> Vec<String> {
    let parts = kind::listed(&word.text).map(|part| part.trim_start_matches('@').to_owned());
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    let all_logins = parts.iter().all(|part| ids::looks_like_login(part));
    match word.quoted && !all_logins {
        true => vec![word.text.clone()],
        false => parts,
    }
}

fn begins_with_digit(word: &Word) -> bool {
    word.text.trim_start_matches(['+', '(']).starts_with(|c: char| c.is_ascii_digit())
}

/// The words with each name of an option in one piece: people type `routing profile:…` for `routing_profile:…`.
fn names_joined(spec: &Spec, words: &[Word]) -> Vec<Word> {
    let mut joined: Vec<Word> = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let name = (2..=NAME_WORDS_MAX)
            .rev()
            .find_map(|length| Some((name_of(spec, words.get(at..at + length)?)?, length)));
        match name {
            Some((name, length)) => {
                joined.push(name);
                at += length;
            }
            None => {
                joined.push(word.clone());
                at += 1;
            }
        }
    }
    joined
}

/// The most words that the name of an option has.
const NAME_WORDS_MAX: usize = 3;

/// These words as one, if they are the name of an option, the last with or without its sign and value.
fn name_of(spec: &Spec, words: &[Word]) -> Option<Word> {
    let (last, first) = words.split_last()?;
    if first.iter().any(|word| word.quoted || word.separator.is_some()) || (last.quoted && !last.value_quoted)
    {
        return None;
    }
    let front: String = first.iter().map(|word| format!("{} ", word.text)).collect();
    let end = last.separator.as_ref().map_or(last.text.len(), |(sign, _)| sign.start);
    let name = format!("{front}{}", last.text.get(..end)?);
    // Just as it is called: `log in` is no `login`.
    let option = name.replace(' ', "_");
    let is_option = spec.args.iter().any(|arg| arg.name.eq_ignore_ascii_case(&option));
    // What it is also called is one only in front of its sign.
    if !is_option && (last.separator.is_none() || spec.args_also_called(&name).is_empty()) {
        return None;
    }
    Some(Word {
        text: format!("{front}{}", last.text),
        // So that what is behind the sign is where it is in the line, however many blanks are in the name.
        at: last.at.start.saturating_sub(front.len())..last.at.end,
        separator: last
            .separator
            .as_ref()
            .map(|(sign, c)| (sign.start + front.len()..sign.end + front.len(), *c)),
        ..last.clone()
    })
}

fn is_nearly(words: &[(&str, &str)], typed: &str) -> bool {
    let typed = typed.to_lowercase().replace('-', "_");
    let typed = typed.trim_end_matches([',', '.', ';', ':']);
    if kind::denies(typed, true) {
        return words.iter().any(|(word, _)| *word == typed);
    }
    !crate::basics::text::nearest(typed, words.iter().map(|(word, _)| *word)).is_empty()
        || words.iter().any(|(word, _)| *word == typed)
}

/// The words that are left over, as they are repeated in a sentence.
pub(super) fn quoted_words(words: &[String]) -> String {
    code(&words.join(" "))
}
