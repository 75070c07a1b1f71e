//! `connect-desk policy`: tools for anyone who writes the rules. They read a configuration and, to test it, a log; nothing is
//! started and nothing is asked over the network.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use clap::{Args, Subcommand};
use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{self, Person, Place, Role};
use desk_core::basics::text::{code, count, list, moment, plain};
use desk_core::card::{Block, Card, Item, Tone};
use desk_core::policy_tools::coverage::{Roster, Span, coverage};
use desk_core::policy_tools::explain::{Question, anybody, explain};
use desk_core::policy_tools::replay::{Candidate, Difference, Replay, Verdict};
use desk_core::ports::Clock as _;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::clock::SystemClock;
use crate::config::{self, A_MONDAY, Config, ConfigErrors};
use crate::console::draw::{Paper, draw};
use crate::{practice, store};

/// The tools.
#[derive(Subcommand)]
pub enum Policy {
    /// Find errors and warnings in the rules, each with its line
    Check {
        #[command(flatten)]
        rules: Rules,
    },
    /// Show whether someone can use a command and what it needs, as `/desk why` does
    Explain {
        /// A [[person]] by id, login or name, or roles such as `l1,oncall`
        person: String,
        /// The words of a command, such as `connect reset`
        #[arg(required = true)]
        command: Vec<String>,
        /// When it is used, such as 2026-11-20T03:00Z; now by default
        #[arg(long)]
        at: Option<TimeSlot>,
        /// The id of the channel in which it is used
        #[arg(long, conflicts_with = "private")]
        channel: Option<String>,
        /// In a direct message
        #[arg(long)]
        private: bool,
        /// As an emergency
        #[arg(long)]
        emergency: bool,
        #[command(flatten)]
        rules: Rules,
    },
    /// Run past requests through these rules, and show which would have a different outcome
    Test {
        /// How far back, counted from the newest line of the log, such as 30d, 12h or 4w
        #[arg(long)]
        replay: Back,
        /// The state folder with the log; the one in the configuration by default
        #[arg(long)]
        state: Option<PathBuf>,
        #[command(flatten)]
        rules: Rules,
    },
    /// Show the hours of the week when no one can use or approve a command
    Coverage {
        #[command(flatten)]
        rules: Rules,
    },
}

/// Which rules.
#[derive(Args)]
pub struct Rules {
    /// The configuration file with the rules; the practice desk's by default
    #[arg(long)]
    config: Option<PathBuf>,
}

/// A moment as it is typed: a timestamp whose seconds may be left out.
#[derive(Clone, Copy, Debug)]
pub struct TimeSlot(Timestamp);

impl FromStr for TimeSlot {
    type Err = String;

    fn from_str(text: &str) -> Result<TimeSlot, String> {
        text.parse().map(TimeSlot).map_err(|_| "use a time such as 2026-11-20T03:00Z".to_owned())
    }
}

/// A span into the past.
#[derive(Clone, Copy, Debug)]
pub struct Back(pub SignedDuration);

impl FromStr for Back {
    type Err = String;

    fn from_str(text: &str) -> Result<Back, String> {
        let wrong = || "use a number with h, d or w, such as 30d".to_owned();
        let (number, hours) = [("h", 1), ("d", 24), ("w", 7 * 24)]
            .into_iter()
            .find_map(|(unit, hours)| Some((text.strip_suffix(unit)?, hours)))
            .ok_or_else(wrong)?;
        let number: i64 = number.parse().map_err(|_| wrong())?;
        if !(1..=100_000).contains(&number) {
            return Err(wrong());
        }
        Ok(Back(SignedDuration::from_hours(number * hours)))
    }
}

/// Runs one of the tools. What it says goes to `out`; the code tells scripts whether all is well.
pub fn run(tool: Policy, out: &mut dyn Write) -> Result<ExitCode, Problem> {
    let said = match tool {
        Policy::Check { rules } => return Ok(check(&rules, out)),
        Policy::Explain { person, command, at, channel, private, emergency, rules } => {
            let at = at.map_or_else(|| SystemClock::default().now(), |at| at.0);
            let asked = Asked { person, command: command.join(" "), at, channel, private, emergency };
            explained(&asked, &rules.read()?)?
        }
        Policy::Test { replay, state, rules } => tested(replay.0, state, rules.read()?)?,
        Policy::Coverage { rules } => covered(&rules.read()?),
    };
    print(out, said.trim_end());
    Ok(ExitCode::SUCCESS)
}

/// A reader that went away, such as `head`, is no fault of ours.
fn print(out: &mut dyn Write, text: &str) {
    let _ = writeln!(out, "{text}");
}

impl Rules {
    fn file(&self) -> &Path {
        self.config.as_deref().unwrap_or(Path::new("practice.toml"))
    }

    fn findings(&self) -> Result<Config, ConfigErrors> {
        let commands = desk_commands::all();
        match &self.config {
            Some(path) => config::read(path, &commands),
            None => config::parse(self.file(), practice::PRACTICE, &commands),
        }
    }

    fn read(&self) -> Result<Config, Problem> {
        self.findings().map_err(|errors| Problem::operator("config", errors.to_string()))
    }
}

fn check(rules: &Rules, out: &mut dyn Write) -> ExitCode {
    let (errors, warnings, read) = match rules.findings() {
        Ok(config) => (Vec::new(), config.warnings, config.policy.rules.len()),
        Err(found) => (found.errors, found.warnings, found.rules),
    };
    let file = rules.file().display();
    let mut findings: Vec<(Option<usize>, &str, &str)> =
        errors.iter().map(|(line, message)| (*line, "error", message.as_str())).collect();
    findings.extend(warnings.iter().map(|(line, message)| (Some(*line), "warning", message.as_str())));
    findings.sort();
    for (line, weight, message) in findings {
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        print(out, &format!("{file}{line}: {weight}: {message}"));
    }
    let some = |n: usize, one: &str| if n == 0 { format!("no {one}s") } else { count(n, one) };
    let summary =
        [count(read, "rule"), some(errors.len(), "error"), some(warnings.len(), "warning")].join(", ");
    print(out, &summary);
    if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Who asks what, as it is typed.
struct Asked {
    person: String,
    command: String,
    at: Timestamp,
    channel: Option<String>,
    private: bool,
    emergency: bool,
}

fn explained(asked: &Asked, config: &Config) -> Result<String, Problem> {
    let person = person(&asked.person, asked.at, config)?;
    let platform = person.id.platform();
    let usual = || config.chats.of(platform).and_then(|section| section.channels().into_iter().next());
    let channel = asked.channel.clone().or_else(usual).unwrap_or_else(|| "1".to_owned());
    let place = Place { platform, channel, private: asked.private, parent: None };
    let card = explain(Question {
        policy: &config.policy,
        site: &config.site,
        commands: &desk_commands::all(),
        command: &asked.command,
        person: &person,
        place: &place,
        now: asked.at,
        emergency: asked.emergency,
        earlier: &[],
        unknown: &BTreeSet::new(),
        about: None,
    })?;
    let words = roles::words(&person.roles).replace(" or ", " and ");
    let roles = match person.roles.len() {
        0 => "no role".to_owned(),
        1 => format!("the role {words}"),
        _ => format!("the roles {words}"),
    };
    let more = match platform != Platform::Console && config.people.contains(&person) {
        true => ", and those that the chat platform gives them",
        false => "",
    };
    let who = if config.people.contains(&person) {
        format!("{} ({})", plain(&person.name, 60), person.id)
    } else {
        "Someone".to_owned()
    };
    let place = match place.private {
        true => "in a direct message".to_owned(),
        false => format!("in channel {}", code(&place.channel)),
    };
    let at = moment(asked.at);
    Ok(format!("{who} with {roles}{more}, {place}, at {at}:\n{}", draw(&card, Paper::PLAIN)))
}

/// The person of the configuration who is meant, or someone with the roles that are named, who is on call at that time if anyone is.
fn person(typed: &str, at: Timestamp, config: &Config) -> Result<Person, Problem> {
    let id = typed.parse::<PersonId>().ok();
    let same = |known: &str| known.eq_ignore_ascii_case(typed);
    let is_meant = |person: &&Person| match &id {
        Some(id) => person.at(id).is_some(),
        None => same(&person.name) || person.login.as_deref().is_some_and(same),
    };
    let meant: Vec<&Person> = config.people.iter().filter(is_meant).collect();
    match meant.as_slice() {
        [one] => return Ok((*one).clone()),
        [] => {}
        several => {
            let ids: Vec<String> = several.iter().map(|person| code(&person.id.to_string())).collect();
            return Err(Problem::requester(
                "person_ambiguous",
                format!("Several people are {}.", code(typed)),
            )
            .hint(format!("Name one by the id: {}.", ids.join(", "))));
        }
    }
    let words = typed.split(',').map(str::trim);
    let roles: Result<BTreeSet<Role>, String> = words.map(str::parse).collect();
    let platform = config.chats.all().first().map_or(Platform::Console, |section| section.platform());
    let mut shifts = config.site.emergencies.shifts.iter();
    let on_call = shifts.find(|shift| shift.person.platform() == platform && shift.hours.contain(at));
    let id =
        on_call.map_or_else(|| PersonId::new(platform, platform.example()), |shift| Ok(shift.person.clone()));
    match (roles, id) {
        (Ok(roles), Ok(id)) => Ok(anybody(roles, id)),
        (Err(message), _) | (_, Err(message)) => Err(Problem::requester(
            "person_unknown",
            format!("There is no person {} in the configuration, and {message}", code(typed)),
        )
        .hint("Name a [[person]] by id, login or name, or roles such as `l1,oncall`.")),
    }
}

fn tested(span: SignedDuration, state: Option<PathBuf>, config: Config) -> Result<String, Problem> {
    let folder = store::desk_folder(state.unwrap_or_else(|| config.state.clone()));
    let (rules, commands) = (config.rule_set(), desk_commands::all());
    let candidate = Candidate { rules: &rules, people: &config.people, commands: &commands };
    let mut replay = Replay::default();
    let lately = store::lately(&folder, span, |request| replay.judge(&request, &candidate))?;
    lately.refusals.iter().for_each(|line| replay.judge_refusal(line, &candidate));
    let span = match (lately.from, lately.to) {
        (Some(from), Some(to)) => format!(", from {} to {}", moment(from), moment(to)),
        _ => String::new(),
    };
    let mut said = format!("{} compared{span}.\n", count(replay.compared, "request"));
    let mut left = Vec::new();
    if replay.without_plan > 0 {
        left.push(format!("{} without a plan", count(replay.without_plan, "request")));
    }
    if replay.untold > 0 {
        left.push(format!(
            "{} of people whose roles only their chat platform knows",
            count(replay.untold, "refusal")
        ));
    }
    if !left.is_empty() {
        said.push_str(&format!("Not compared: {}.\n", list(&left, "and")));
    }
    if !replay.differences.is_empty() {
        said.push_str(&format!("{}\n", list_of(&replay)));
    }
    if replay.changed() == 0 {
        said.push_str("0 differences.");
        return Ok(said);
    }
    let verdicts = [Verdict::Refused, Verdict::Alone, Verdict::Lacking, Verdict::Opened];
    let told = verdicts.map(|verdict| (replay.count(verdict), verdict.word()));
    let counted = [
        (replay.stricter, "would have the same outcome under stricter rules"),
        (replay.looser, "would have the same outcome under looser rules"),
        (replay.otherwise, "would have the same outcome under different rules"),
    ];
    let totals: Vec<String> = told
        .into_iter()
        .chain(counted)
        .filter(|(n, _)| *n > 0)
        .map(|(n, message)| format!("{n} {message}"))
        .collect();
    said.push_str(&format!("{}: {}.", count(replay.changed(), "difference"), totals.join("; ")));
    Ok(said)
}

/// Each request that would go another way, in two lines.
fn list_of(replay: &Replay) -> String {
    let item = |one: &Difference| {
        let no = one.no.map(|no| format!("{no} ")).unwrap_or_default();
        let (command, who) = (code(&format!("/{}", one.command)), plain(&one.who, 32));
        Item {
            title: format!("{no}{command} by {who}: {}", one.verdict.word()),
            line: format!("{} · then: {} · now: {}", moment(one.at), one.before, one.now),
            ..Item::default()
        }
    };
    let items = replay.differences.iter().map(item).collect();
    let card =
        Card::new(Tone::Plain, "What would change").block(Block::Items { heading: String::new(), items });
    draw(&card, Paper { width: 100, ..Paper::PLAIN })
}

fn covered(config: &Config) -> String {
    let rules = config.rule_set();
    let mapped = rules.platform_roles.values().copied().collect();
    let crew = Roster { people: &config.people, mapped: &mapped };
    let zone = zone(config);
    let mut said = String::new();
    for group in coverage(&rules, crew, &desk_commands::all(), A_MONDAY) {
        let commands: Vec<String> = group.commands.iter().map(|path| format!("/{path}")).collect();
        said.push_str(&format!("{}\n", textwrap::fill(&commands.join(", "), 100)));
        if group.gaps.is_empty() {
            said.push_str("  covered all week\n");
        }
        for (what, spans) in group.gaps {
            let words = format!("{what}: {}", hours(&spans, zone.as_ref()).join(", "));
            let lines = textwrap::Options::new(100).initial_indent("  ").subsequent_indent("    ");
            // A span is not torn at its hyphen.
            let lines = lines.word_splitter(textwrap::WordSplitter::NoHyphenation);
            said.push_str(&format!("{}\n", textwrap::fill(&words, lines)));
        }
        said.push('\n');
    }
    said
}

/// The zone of the rules' hours other than UTC, when there is one.
fn zone(config: &Config) -> Option<TimeZone> {
    let rules = config.policy.rules.iter().flat_map(|rule| &rule.hours);
    let shifts = config.site.emergencies.shifts.iter().map(|shift| &shift.hours);
    rules.chain(shifts).map(|hours| hours.zone()).find(|zone| **zone != TimeZone::UTC).cloned()
}

/// `Sat 00:00-Mon 07:00 UTC (Sat 01:00-Mon 08:00 Europe/Berlin)`; what is shorter than a day is once for all its days.
pub fn hours(spans: &[Span], zone: Option<&TimeZone>) -> Vec<String> {
    if spans == [Span::WEEK] {
        return vec!["all week".to_owned()];
    }
    let mut alike: Vec<Vec<Span>> = Vec::new();
    for span in spans {
        let same = |one: &Span| one.is_short() && span.is_short() && one.of_day() == span.of_day();
        match alike.iter_mut().find(|group| group.first().is_some_and(same)) {
            Some(group) => group.push(*span),
            None => alike.push(vec![*span]),
        }
    }
    let at = |minutes: u16, zone: &TimeZone, form: &str| {
        let at = A_MONDAY.checked_add(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(A_MONDAY);
        at.to_zoned(zone.clone()).strftime(form).to_string()
    };
    let words = |group: &[Span], zone: &TimeZone| match group {
        [one] if !one.is_short() => {
            format!("{}-{}", at(one.from, zone, "%a %H:%M"), at(one.to, zone, "%a %H:%M"))
        }
        group => {
            let days: Vec<String> = group.iter().map(|span| at(span.from, zone, "%a")).collect();
            let times =
                group.iter().take(1).map(|span| (at(span.from, zone, "%H:%M"), at(span.to, zone, "%H:%M")));
            times.map(|(from, to)| format!("{} {from}-{to}", days.join(","))).collect()
        }
    };
    let both = |group: &Vec<Span>| {
        let utc = format!("{} UTC", words(group, &TimeZone::UTC));
        match zone.and_then(|zone| Some((zone, zone.iana_name()?))) {
            Some((zone, name)) => format!("{utc} ({} {name})", words(group, zone)),
            None => utc,
        }
    };
    alike.iter().map(both).collect()
}
