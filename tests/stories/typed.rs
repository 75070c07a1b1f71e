//! Lines as people type them, in `tests/typed/*.txt`: each with what comes of it, or with the line that is offered instead.
//!
//! A block begins a new desk with `## title`. `who> line` is typed; below it is what comes:
//!
//! - `= /connect …` a request with these arguments; `about a, b` the logins of its plan.
//! - `? /connect …` it is refused to the person alone, with exactly these lines put right, one for each `?`;
//!   `#?` when the refusal has a number.
//! - `& /desk …` the arguments as which the line is read, whatever comes of it.
//! - `: text` the answer has this text.
//! - `- text` the answer does not have this text.
//!
//! A line that begins with `@` is typed to prepare the desk, and nothing is compared.

use std::collections::BTreeSet;
use std::path::Path;

use desk_core::card::{Block, Card};
use desk_core::words::{self, Kind};

use crate::support::{FILES, Story, untiring_config};

struct Typed {
    at: usize,
    who: String,
    line: String,
    /// Prepares only.
    quiet: bool,
    expected: Vec<(String, String)>,
}

/// The blocks of a table: titles with lines.
fn blocks(text: &str) -> Vec<(String, Vec<Typed>)> {
    let mut blocks: Vec<(String, Vec<Typed>)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(title) = line.strip_prefix("## ") {
            blocks.push((title.to_owned(), Vec::new()));
            continue;
        }
        if line.trim().is_empty() || line.starts_with("# ") {
            continue;
        }
        let (_, lines) = blocks.last_mut().expect("a table begins with a title");
        if let Some(rest) = line.strip_prefix("    ") {
            let (sign, text) = rest.split_once(' ').unwrap_or((rest, ""));
            lines.last_mut().unwrap().expected.push((sign.to_owned(), text.to_owned()));
            continue;
        }
        let quiet = line.starts_with('@');
        let (who, typed) = line.trim_start_matches('@').split_once("> ").unwrap_or_else(|| panic!("{line}"));
        lines.push(Typed {
            at: number + 1,
            who: who.to_owned(),
            line: typed.replace("\\u{a0}", "\u{a0}").replace("\\u{200b}", "\u{200b}"),
            quiet,
            expected: Vec::new(),
        });
    }
    blocks
}

/// Everything that a card says, as running text.
fn text_of(card: &Card) -> String {
    let mut text = vec![card.title.clone()];
    for block in &card.blocks {
        match block {
            Block::Text(said) | Block::Warning(said) => text.push(said.clone()),
            Block::Facts(facts) => text.extend(facts.iter().map(|(name, value)| format!("{name} {value}"))),
            Block::Changes(changes) => {
                text.extend(changes.iter().map(|(what, old, new)| format!("{what}: {old} → {new}")));
            }
            Block::Points(heading, points) => {
                text.push(format!("{heading} {}", points.join(" ")));
            }
            Block::Checklist(needs) => text.extend(needs.iter().map(|(_, need)| need.clone())),
            Block::Table { rows, .. } => text.extend(rows.iter().map(|row| row.join(" "))),
            _ => {}
        }
    }
    text.join(" ")
}

/// Types every line of a table and gives what came otherwise than it says.
async fn differences(table: &Path) -> (usize, String) {
    let text = std::fs::read_to_string(table).unwrap();
    let (mut typed, mut differences) = (0, String::new());
    for (title, lines) in blocks(&text) {
        let files = tempfile::tempdir().unwrap();
        std::fs::write(files.path().join("my users.csv"), sheet()).unwrap();
        let mut story = Story::with(|options| {
            options.config = Some(untiring_config());
            files.path().clone_into(&mut options.files);
        })
        .await;
        for line in lines {
            typed += 1;
            let shown = story.shown(&line.who, &line.line).await;
            if line.quiet {
                continue;
            }
            let card = shown.into_iter().rev().find_map(|shown| match shown {
                connect_desk::console::Shown::Card(card) => Some(card),
                connect_desk::console::Shown::Aside(_) => None,
            });
            let came = match card {
                Some(card) => came(&story, &card, &line).await,
                None => vec![(":".to_owned(), format!("(speaks as {})", story.session.speaker()))],
            };
            if came != line.expected {
                differences.push_str(&format!(
                    "{}:{} ({title})\n{}> {}\n",
                    table.display(),
                    line.at,
                    line.who,
                    line.line
                ));
                for (sign, text) in &came {
                    differences.push_str(&format!("    {sign} {text}\n"));
                }
            }
        }
    }
    (typed, differences)
}

/// A line without the digest of the plan that it is bound to.
fn without_plan(line: &str) -> String {
    line.split(' ')
        .map(|word| if word.starts_with("plan:") { "plan:…" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

/// A sheet of users that can be imported.
fn sheet() -> Vec<u8> {
    std::fs::read(Path::new(FILES).join("users.csv")).unwrap()
}

/// What came of a line, in the words of the table: as much of it as the table looks at.
async fn came(story: &Story, card: &Card, line: &Typed) -> Vec<(String, String)> {
    let mut came: Vec<(String, String)> = Vec::new();
    let text = text_of(card);
    let mut push = |sign: &str, text: &str| came.push((sign.to_owned(), text.to_owned()));
    let offered = card.offered();
    for offer in &offered {
        let commands = desk_commands::all();
        let list = commands.iter().map(|entry| (entry.path, entry.command.spec));
        if let Err(problem) = words::parse(offer, list) {
            push("!", &format!("the offered line is wrong: {offer}: {problem}"));
        }
        push(if card.request.is_some() { "#?" } else { "?" }, &without_plan(offer));
    }
    let looks_at = |sign: &str| line.expected.iter().any(|(expected, _)| expected == sign);
    if looks_at("&") {
        let commands = desk_commands::all();
        let list = commands.iter().map(|entry| (entry.path, entry.command.spec));
        match words::parse(&line.line, list) {
            Ok(parsed) => push("&", &format!("/{} {}", parsed.path, parsed.args.typed())),
            Err(problem) => push("&", &format!("{problem}")),
        }
    }
    if offered.is_empty() && (looks_at("=") || !looks_at(":")) {
        match card.request {
            Some(no) => {
                let request = story.inside().desk.request(no).await.unwrap();
                push("=", &request.typed());
                if looks_at("about") {
                    push("about", &request.plan().map(|plan| plan.logins().join(", ")).unwrap_or_default());
                }
            }
            None => push("=", "(no request)"),
        }
    }
    for (sign, wanted) in &line.expected {
        match sign.as_str() {
            ":" if text.contains(wanted) => push(":", wanted),
            ":" => push(":", &text),
            "-" if !text.contains(wanted) => push("-", wanted),
            "-" => push("-", &format!("has {wanted}: {text}")),
            _ => {}
        }
    }
    // In the order of the table.
    let order =
        |sign: &str| line.expected.iter().position(|(expected, _)| expected == sign).unwrap_or(usize::MAX);
    came.sort_by_key(|(sign, _)| order(sign));
    came
}

async fn holds(name: &str, at_least: usize) {
    let table = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/typed")).join(name);
    let (typed, differences) = differences(&table).await;
    assert!(differences.is_empty(), "\n{differences}");
    assert!(typed >= at_least, "{typed} lines");
}

#[tokio::test]
async fn forty_lines_that_real_hands_typed_lead_where_they_should() {
    holds("forty.txt", 40).await;
}

#[tokio::test]
async fn lines_of_the_same_kinds_lead_where_they_should() {
    holds("more.txt", 100).await;
}

/// `none` is nothing wherever a description is given, or Amazon Connect can't do without one.
#[tokio::test]
async fn a_description_of_none_is_never_the_word() {
    let mut story = Story::begin().await;
    for line in [
        "/connect queue add Vaccines hours:\"Basic Hours\" description:none caller_id_name:None",
        "/connect routing add \"Vaccine Profile\" default_queue:Callback description:none",
        "/connect status add Coaching description:None",
        "/connect quick add \"Poison control\" number:+15550100222 description:NONE",
    ] {
        story.carries_out("second", line).await;
    }
    for line in ["queue edit Callback", "routing edit \"Basic Routing Profile\""] {
        story
            .tells("second", &format!("/connect {line} description:none"), &["Amazon Connect can't clear a"])
            .await;
    }
    let world = story.world().await.to_string();
    assert!(world.contains("Poison control") && !world.to_lowercase().contains("\"none\""), "{world}");
}

#[tokio::test]
async fn a_line_that_changes_nothing_takes_no_number() {
    let mut story = Story::begin().await;
    for line in [
        "/connect edit john.doe acw:300",
        "/connect status edit Meeting name:Meeting",
        "/connect queue edit \"Help Desk\" max_contacts:none",
        "/connect queue enable Callback",
        "/connect quick edit \"Food bank\" number:+15550100201",
        "/connect quick add user:john.doe queues:Callback",
        "/connect routing edit \"Case Investigator Profile\" voice:1",
        "/salesforce grant aaron.fields",
    ] {
        let card = story.card("second", line).await;
        assert!(card.request.is_none() && card.private, "{line}: {card:?}");
        assert!(card.words().contains("already"), "{line}: {}", card.words());
    }
}

/// The lines that are offered for a wrong one, or nothing for one that is right.
fn offered(line: &str) -> Vec<String> {
    let commands = desk_commands::all();
    let list = commands.iter().map(|entry| (entry.path, entry.command.spec));
    words::parse(line, list).err().map(|problem| problem.lines.into_vec()).unwrap_or_default()
}

/// Behind a flag, in whatever language someone says no: a line that turns it on is offered only beside the one that turns it off.
#[test]
fn no_line_alone_sets_a_flag_that_a_word_behind_it_may_deny() {
    let commands = desk_commands::all();
    let mut typed = 0;
    for entry in &commands {
        let spec = entry.command.spec;
        let list = || commands.iter().map(|entry| (entry.path, entry.command.spec));
        let flags = spec.args.iter().filter(|arg| arg.kind == Kind::Flag);
        for (flag, example) in flags.flat_map(|flag| spec.examples.iter().map(move |example| (flag, example)))
        {
            // Where the example has it already, it is given twice.
            if words::parse(example, list()).is_ok_and(|parsed| parsed.args.said(flag.name).is_some()) {
                continue;
            }
            for word in ["aus", "weg", "inactive", "deactivated", "nope", "0", "n", "\"aus\"", "aus bitte"] {
                for sign in [" ", ": ", " = ", " :"] {
                    let line = format!("{example} {}{sign}{word}", flag.name);
                    let said = |line: &String| {
                        words::parse(line, list()).ok().and_then(|parsed| parsed.args.said(flag.name))
                    };
                    assert_ne!(said(&line), Some(true), "{line}");
                    let lines = offered(&line);
                    let sets = |to| lines.iter().any(|line| said(line) == Some(to));
                    assert!(!sets(true) || sets(false), "{line}: {lines:?}");
                    typed += 1;
                }
            }
        }
    }
    assert!(typed > 100, "{typed}");
}

/// What is behind the name of a group is its verb, whatever other commands are called.
#[test]
fn the_words_of_a_group_lead_to_its_verbs_alone() {
    let commands = desk_commands::all();
    let groups: BTreeSet<String> = commands
        .iter()
        .filter_map(|entry| match entry.path.split(' ').collect::<Vec<_>>().as_slice() {
            [top, group, _] => Some(format!("{top} {group}")),
            _ => None,
        })
        .collect();
    let verbs: BTreeSet<&str> = commands
        .iter()
        .flat_map(|entry| entry.command.spec.also.iter().copied().chain(entry.path.split(' ')))
        .chain(["", "\"Some thing\""])
        .collect();
    for (group, verb) in groups.iter().flat_map(|group| verbs.iter().map(move |verb| (group, verb))) {
        if commands.iter().any(|entry| entry.path == format!("{group} {verb}")) {
            continue;
        }
        for line in offered(&format!("/{group} {verb} \"Some name\"")) {
            let is_its = line.starts_with(&format!("/{group} ")) || line == format!("/desk help {group}");
            assert!(is_its, "/{group} {verb}: {line}");
        }
    }
}

/// A hint that is sent as it is names nothing.
#[test]
fn what_messages_have_in_place_of_a_value_is_none() {
    for entry in desk_commands::all() {
        let spec = entry.command.spec;
        for arg in spec.args.iter().filter(|arg| arg.kind != Kind::Code) {
            let given = vec![(arg.name.to_owned(), "\u{2026}".to_owned())];
            let problem = words::Args::check(entry.path, spec, given).unwrap_err();
            assert_eq!(problem.code, "option_placeholder", "{} {}", entry.path, arg.name);
        }
    }
}
