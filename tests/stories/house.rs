//! The house is in order: nothing that belongs to a command was forgotten, and what is derived from them is current.

use std::collections::BTreeSet;
use std::path::Path;

use desk_core::command::Asked;
use desk_core::request::Verb;
use desk_core::request::entitled::{Check, DecisionArg};
use desk_core::words::{self, Args, Kind, Need, Risk};
use syn::visit::{self, Visit};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The commands whose files are below a folder, by their words; what they share is in `parts`.
fn files_below(folder: &Path) -> BTreeSet<String> {
    fn walk(folder: &Path, words: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let here = if words.is_empty() { name.clone() } else { format!("{words} {name}") };
            if path.is_dir() && name != "target" && name != "parts" {
                walk(&path, &here, found);
            } else if path.extension().is_some_and(|end| end == "rs") && !words.is_empty() {
                found.insert(here);
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(folder, "", &mut found);
    found
}

/// The modules that a source file declares within modules, by their words.
fn declared_in(source: &str) -> BTreeSet<String> {
    let mut groups: Vec<&str> = Vec::new();
    let mut found = BTreeSet::new();
    for line in source.lines().map(str::trim) {
        if let Some(group) = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(" {")) {
            groups.push(group);
        } else if let Some(name) = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
            if !groups.is_empty() {
                found.insert(format!("{} {name}", groups.join(" ")));
            }
        } else if line == "}" {
            groups.pop();
        }
    }
    found
}

fn listed() -> BTreeSet<String> {
    desk_commands::all().iter().map(|entry| entry.path.replace('-', "_")).collect()
}

#[test]
fn every_command_file_is_in_the_list_and_has_its_stories() {
    // A verb on a request has its row in a table of the core instead of a file.
    let verbs = Verb::ALL.map(|verb| verb.row().path.replace('-', "_"));
    let mut commands = files_below(&root().join("commands"));
    // What commands share.
    commands.retain(|words| !words.starts_with("parts "));
    for verb in verbs {
        assert!(commands.insert(verb.clone()), "{verb} is a row and a file");
    }
    assert_eq!(commands, listed(), "files below commands/ and rows of verbs, and their list");
    assert_eq!(
        files_below(&root().join("tests/stories")),
        listed(),
        "files below tests/stories/ and the commands"
    );
    assert_eq!(declared_in(include_str!("all.rs")), listed(), "stories declared in tests/stories/all.rs");
}

#[test]
fn every_spec_fits_every_platform() {
    for entry in desk_commands::all() {
        let spec = entry.command.spec;
        let path = entry.path;
        assert!(path.bytes().all(|b| b.is_ascii_lowercase() || b == b' ' || b == b'-'), "{path}");
        assert!(path.split(' ').count() <= 3, "{path}: at most group, subgroup and command");
        let about = spec.about.chars().count();
        assert!((1..=100).contains(&about) && !spec.about.ends_with('.'), "{path}: {about}");
        assert!(spec.args.len() <= 25, "{path}: Discord takes 25 options");
        assert!(!spec.examples.is_empty(), "{path} has no example");
        let mut optional = false;
        let mut names = BTreeSet::new();
        for arg in spec.args {
            assert!(names.insert(arg.name), "{path}: {} is listed twice", arg.name);
            assert!((1..=100).contains(&arg.about.chars().count()), "{path} {}", arg.name);
            assert!(arg.name.len() <= 32, "{path} {}", arg.name);
            assert!(arg.need != Need::Required || !optional, "{path}: required before optional");
            optional |= arg.need != Need::Required;
            if let Kind::Choice(words) = arg.kind {
                assert!(words.len() <= 25 && !words.is_empty(), "{path} {}", arg.name);
            }
        }
        assert!(
            spec.risk == Risk::Read || entry.command.effects().next().is_some(),
            "{path} changes something without an effect"
        );
        let subject = entry.command.subject(&Asked { args: &Args::default(), plan: None });
        assert_eq!(
            subject.is_empty(),
            entry.command.effects().next().is_none(),
            "{path} needs `titled`, or plans nothing"
        );
    }
}

#[test]
fn lists_of_users_have_names_by_which_lines_of_the_log_are_about_them() {
    for entry in desk_commands::all() {
        for arg in entry.command.spec.args.iter().filter(|arg| arg.kind == Kind::Logins) {
            assert!(words::LOGINS.contains(&arg.name), "/{} {}", entry.path, arg.name);
        }
    }
}

#[test]
fn every_example_parses_into_its_own_command() {
    let commands = desk_commands::all();
    for entry in &commands {
        for example in entry.command.spec.examples {
            let list = commands.iter().map(|entry| (entry.path, entry.command.spec));
            let parsed = words::parse(example, list).unwrap_or_else(|problem| panic!("{example}: {problem}"));
            assert_eq!(parsed.path, entry.path, "{example}");
        }
    }
}

#[test]
fn the_reference_page_is_current() {
    let path = root().join("docs/commands.md");
    let page = connect_desk::reference::page();
    if std::env::var_os("ACCEPT").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/commands.md is old: run `connect-desk reference > docs/commands.md`");
}

#[test]
fn the_guides_are_covered_by_tests_that_exist() {
    let page = std::fs::read_to_string(root().join("docs/guide-coverage.md")).unwrap();
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| where") && !line.starts_with("| ---"));
    let mut named = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [place, .., desk, test] = cells.as_slice() else { panic!("{row}") };
        assert_eq!(cells.len(), 4, "{row}");
        if *test == "none" {
            let why = ["later", "nothing to", "not the desk's", "not from chat"];
            assert!(why.iter().any(|why| desk.starts_with(why)), "{place} has no test and no reason");
            continue;
        }
        let (file, function) = test.trim_matches('`').split_once("::").unwrap_or_else(|| panic!("{row}"));
        let text = std::fs::read_to_string(root().join("tests").join(file).with_extension("rs"));
        let text = text.unwrap_or_else(|_| panic!("{place}: there is no file tests/{file}.rs"));
        assert!(text.contains(&format!("fn {function}()")), "{place}: there is no test {function} in {file}");
        named += 1;
    }
    assert!(named > 80, "{named} rows name a test");
    let commands = listed();
    for word in page.split('`').skip(1).step_by(2).filter_map(|code| code.strip_prefix('/')) {
        let words: Vec<&str> = word.split(' ').take(3).collect();
        if words.len() >= 2 {
            let is_one = (2..=words.len()).any(|n| commands.contains(&words[..n].join(" ")));
            assert!(is_one, "the page names `/{word}`, which is no command");
        }
    }
}

/// Every file of Rust below a folder.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_key_that_a_sentence_names_is_in_the_example_of_a_configuration() {
    let example = std::fs::read_to_string(root().join("config.example.toml")).unwrap();
    let mut keys = BTreeSet::new();
    let mut table = String::new();
    for line in example.lines().map(|line| line.trim_start_matches("# ")) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            table = name.trim_start_matches('[').to_owned();
        } else if let Some((key, _)) = line.split_once(" = ") {
            keys.insert((table.clone(), key.to_owned()));
        }
    }
    let mut texts = Vec::new();
    for folder in ["src/bot", "src/core", "commands"] {
        sources(&root().join(folder), &mut texts);
    }
    let mut named = 0;
    for text in texts {
        // A sentence may go over the end of a line; comments are not sentences that people read.
        let code: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect();
        let text = code.join("\n").replace("\\\n", "").replace('\n', " ");
        for (at, _) in text.match_indices("` under [") {
            let key = text[..at].rsplit('`').next().unwrap().split(" = ").next().unwrap();
            if key.starts_with('{') {
                continue;
            }
            let table = text[at + "` under [".len()..].split(']').next().unwrap().trim_start_matches('[');
            assert!(keys.contains(&(table.to_owned(), key.to_owned())), "`{key}` under [{table}]");
            named += 1;
        }
        for vague in ["in `config.toml`", "in its configuration", "in the configuration file"] {
            assert!(!text.contains(vague), "{vague}: name the key as `key` under [table]");
        }
    }
    assert!(named > 20, "{named}");
}

/// Every `connect-desk` command line that a message offers can be typed as it is, with a value in place of each placeholder.
#[test]
fn every_command_line_that_a_sentence_offers_can_be_typed() {
    let mut texts = Vec::new();
    for folder in ["src/bot", "src/core"] {
        sources(&root().join(folder), &mut texts);
    }
    let mut offered = 0;
    for text in texts {
        let code: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect();
        let text = code.join("\n").replace("\\\n", "").replace('\n', " ");
        for span in text.split('`').skip(1) {
            let Some(at) = span.rfind("connect-desk ").filter(|at| *at == 0 || span[..*at].ends_with(" -- "))
            else {
                continue;
            };
            // What is between two spans looks like one.
            if span.contains(['"', ';', ',']) {
                continue;
            }
            let line: Vec<String> = span[at..].split_whitespace().map(str::to_owned).collect();
            offered += 1;
            if let Err(why) = connect_desk::cli::understood(&line) {
                panic!("`{span}` can't be typed: {why}");
            }
        }
    }
    assert!(offered > 15, "{offered}");
}

/// Libraries are built once, without tests inside, which would not run: tests use a library as its callers do.
#[test]
fn no_library_has_tests_inside() {
    let mut texts = Vec::new();
    for folder in ["src", "commands", "tests/discord"] {
        sources(&root().join(folder), &mut texts);
    }
    let inside = texts.iter().find(|text| text.contains("#[cfg(test)]"));
    assert!(inside.is_none(), "move these tests below `tests/`:\n{}", inside.unwrap());
}

/// Tests that draw what they try draw the same in every run.
#[test]
fn what_is_drawn_is_drawn_from_a_fixed_seed() {
    let mut texts = Vec::new();
    sources(&root().join("tests"), &mut texts);
    texts.retain(|text| text.contains("\nuse proptest::"));
    assert!(texts.len() > 5, "{}", texts.len());
    for text in texts {
        let count = |words: &[&str]| words.iter().map(|word| text.matches(word).count()).sum::<usize>();
        let fixed = count(&["rng_seed: RngSeed::Fixed(", "TestRng::from_seed("]);
        let configured = count(&["..ProptestConfig::default()", "..Config::default()"]);
        assert_eq!(fixed, configured, "a configuration without a seed:\n{text}");
        assert_eq!(
            count(&["proptest! {"]),
            count(&["#![proptest_config("]),
            "one without configuration:\n{text}"
        );
        assert_eq!(count(&["TestRunner::default("]), 0, "`TestRunner::deterministic` instead:\n{text}");
    }
}

/// Only `variables!` makes one, and no list of a system or platform is forgotten: it would stay in the environment of a running desk.
#[test]
fn every_variable_with_a_secret_is_in_the_list() {
    let mut texts = Vec::new();
    sources(&root().join("src/bot"), &mut texts);
    let made: usize = texts.iter().map(|text| text.matches("Variable::listed(").count()).sum();
    assert_eq!(made, 1);
    let lists = texts.iter().filter_map(|text| text.split_once("\nvariables! {")?.1.split_once("\n}"));
    let named: BTreeSet<&str> = lists.flat_map(|(list, _)| list.split('"').skip(1).step_by(2)).collect();
    let taken: Vec<String> =
        connect_desk::config::variables().iter().map(|variable| variable.to_string()).collect();
    assert_eq!(taken.iter().map(String::as_str).collect::<BTreeSet<_>>(), named);
}

/// Below these the arms of a `match` name every effect, so that the compiler names each place that a new one lacks.
#[test]
fn nothing_passes_over_an_effect_in_silence() {
    let mut texts = Vec::new();
    for folder in ["src/bot", "src/core", "commands"] {
        sources(&root().join(folder), &mut texts);
    }
    let names_one = |line: &str| {
        line.match_indices("Effect::").any(|(at, word)| {
            let next = line[at + word.len()..].chars().next();
            next.is_some_and(|letter| letter.is_ascii_uppercase() || letter == '$')
        })
    };
    let mut arms = 0;
    for text in &texts {
        let mut of_effects: Vec<(usize, bool)> = Vec::new();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let (indent, code) = (line.len() - line.trim_start().len(), line.trim());
            of_effects.retain(|(at, _)| indent > *at || code.is_empty());
            if code.contains("match ") && code.ends_with('{') {
                of_effects.push((indent, false));
            }
            if names_one(code) {
                assert!(!code.contains("matches!("), "ask the effect instead: {code}");
                if code.contains("=>") {
                    arms += 1;
                    of_effects.iter_mut().for_each(|(_, named)| *named = true);
                }
            }
            let innermost = of_effects.last().is_some_and(|(at, named)| *named && indent == at + 4);
            assert!(!(innermost && code.starts_with("_ ")), "name the effects: {code}");
        }
    }
    assert!(arms > 15, "{arms}");
}

/// The arms of `match`es that name events. Where more than one does, each has to: so the compiler names every place that a new event
/// lacks. What looks for one event in particular has an `if let` or `matches!`.
#[derive(Default)]
struct EventArms {
    all: usize,
    passed_over: Vec<String>,
}

impl<'ast> Visit<'ast> for EventArms {
    fn visit_expr_match(&mut self, found: &'ast syn::ExprMatch) {
        let named: Vec<Vec<String>> = found.arms.iter().map(|arm| events_in(&arm.pat)).collect();
        let (naming, others): (Vec<_>, Vec<_>) = named.into_iter().partition(|events| !events.is_empty());
        self.all += naming.len();
        if naming.len() > 1 && !others.is_empty() {
            self.passed_over.push(naming.concat().join(", "));
        }
        visit::visit_expr_match(self, found);
    }
}

fn events_in(pattern: &syn::Pat) -> Vec<String> {
    struct Named(Vec<String>);
    impl<'ast> Visit<'ast> for Named {
        fn visit_path(&mut self, path: &'ast syn::Path) {
            let words: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
            if let [.., of, event] = words.as_slice()
                && of == "Event"
            {
                self.0.push(event.clone());
            }
        }
    }
    let mut named = Named(Vec::new());
    named.visit_pat(pattern);
    named.0
}

#[test]
fn nothing_passes_over_an_event_in_silence() {
    let mut texts = Vec::new();
    for folder in ["src/bot", "src/core", "commands"] {
        sources(&root().join(folder), &mut texts);
    }
    let mut arms = EventArms::default();
    for text in texts.iter().filter(|text| text.contains("Event::")) {
        arms.visit_file(&syn::parse_file(text).unwrap());
    }
    assert!(arms.passed_over.is_empty(), "name the others beside these: {:#?}", arms.passed_over);
    assert!(arms.all > 100, "{}", arms.all);
}

/// Everything that comes with a verb reaches its decision, and nothing is asked for that has no place in it.
#[test]
fn every_argument_of_a_verb_is_one_of_its_decision() {
    for verb in Verb::ALL {
        let row = verb.row();
        let mut found = Vec::new();
        for arg in row.spec.args {
            let what = format!("/{} {}", row.path, arg.name);
            let of = DecisionArg::of(arg).unwrap_or_else(|| panic!("{what}: no decision takes this kind"));
            assert!(!found.contains(&of), "{what}: another one is a {of:?} already");
            found.push(of);
        }
        let wanted = row.checks.iter().filter_map(|check| match check {
            Check::SamePlan => Some(DecisionArg::Plan),
            Check::Retyped => Some(DecisionArg::Login),
            Check::SecondFactor | Check::CallerAddress => Some(DecisionArg::Code),
            Check::Sentence => Some(DecisionArg::Sentence),
            Check::OtherAddress => Some(DecisionArg::Email),
            Check::StillAllowed => None,
        });
        for wanted in wanted.chain([DecisionArg::Request]) {
            assert!(found.contains(&wanted), "/{} has no {wanted:?}", row.path);
        }
    }
}

/// What no story can show on Discord as at the console, and the tests of the target `discord` that show it.
const ON_DISCORD_ALONE: [(&str, &str, &str); 1] =
    [("Block::Scan", "chat/answers.rs", "every_private_answer_that_got_lost_can_be_asked_for_again")];

#[test]
fn everything_of_a_platform_is_in_a_story() {
    let mut wanted: BTreeSet<String> =
        ["a button", "a private card", "the form of a button", "the form of a command"]
            .map(str::to_owned)
            .into();
    for (file, of) in [("src/core/card.rs", "Block"), ("src/core/words/spec.rs", "Kind")] {
        let file = syn::parse_file(&std::fs::read_to_string(root().join(file)).unwrap()).unwrap();
        let mut items = file.items.iter();
        let found = items.find_map(|item| match item {
            syn::Item::Enum(found) if found.ident == of => Some(found),
            _ => None,
        });
        wanted.extend(found.unwrap().variants.iter().map(|variant| format!("{of}::{}", variant.ident)));
    }
    let mut told: BTreeSet<String> = BTreeSet::new();
    for words in listed() {
        let path = root().join("tests/stories").join(words.replace(' ', "/")).with_extension("rs");
        let text = std::fs::read_to_string(path).unwrap();
        let uses = text.split(".everywhere(&[").skip(1).map(|rest| rest.split(']').next().unwrap());
        told.extend(uses.flat_map(|uses| uses.split('"').skip(1).step_by(2)).map(str::to_owned));
    }
    for (what, file, test) in ON_DISCORD_ALONE {
        let text = std::fs::read_to_string(root().join("tests").join(file)).unwrap();
        assert!(text.contains(&format!("fn {test}()")), "there is no test {test} in {file}");
        told.insert(what.to_owned());
    }
    assert_eq!(told, wanted, "what stories tell everywhere, and what there is: add a story's `everywhere`");
}
