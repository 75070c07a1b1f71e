//! Whatever words come into a line, no one is touched whom the person did not name as a user; and no line of the log holds a
//! code, wherever it was typed.

use std::collections::BTreeSet;

use connect_desk::practice::Practice;
use desk_core::desk::{Incoming, Invocation, Reply};
use desk_core::log::{Line, Query};
use desk_core::request::Verb;
use desk_core::words::{self, Kind, Need, Risk};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::support::desks::typed;
use crate::support::{Story, in_time, nowhere_below, says_what_is_understood, untiring_config};

/// Lines that are right, whose users are these.
const LINES: [(&str, &[&str]); 16] = [
    ("/connect remove emeka.eze", &["emeka.eze"]),
    ("/connect remove emeka.eze reason:has left", &["emeka.eze"]),
    ("/connect remove emeka.eze hana.sato reason:both have left", &["emeka.eze", "hana.sato"]),
    ("/connect remove emeka.eze, hana.sato", &["emeka.eze", "hana.sato"]),
    ("/connect remove logins:emeka.eze,hana.sato reason:left", &["emeka.eze", "hana.sato"]),
    ("/connect edit emeka.eze acw:60 reason:as agreed", &["emeka.eze"]),
    ("/connect edit acw:60 emeka.eze auto_accept:yes", &["emeka.eze"]),
    ("/connect edit emeka.eze hierarchy_group:Tracers West tag:team=red", &["emeka.eze"]),
    ("/connect edit emeka.eze mobile:+1 573 555 0142 reason:new number", &["emeka.eze"]),
    ("/connect edit login:emeka.eze email:emeka@example.org", &["emeka.eze"]),
    ("/connect reset emeka.eze method:console reason:locked out", &["emeka.eze"]),
    ("/connect reset emeka.eze", &["emeka.eze"]),
    ("/connect reset method:console emeka.eze", &["emeka.eze"]),
    ("/connect send emeka.eze credentials reason:asked twice", &["emeka.eze"]),
    ("/desk freeze emeka.eze under investigation", &["emeka.eze"]),
    ("/desk freeze emeka.eze reason:under investigation", &["emeka.eze"]),
];

/// Words that people put into lines, or leave in them.
const WORDS: [&str; 44] = [
    "john.doe",
    "mei.chen",
    "@john.doe",
    "john.doe,",
    "jane",
    "doe",
    "Jane",
    "Doe,",
    "all",
    "everything",
    "and",
    "&",
    "like",
    "same",
    "as",
    "not",
    "please",
    "reason",
    "reason:",
    "login",
    "login:",
    "logins:",
    "logins",
    "matching:",
    "matching",
    "tag:site=east",
    "acw",
    "acw:90",
    "60",
    "method:recreate",
    "recreate",
    "emergency",
    "force",
    "email:",
    "like:mei.chen",
    "-",
    ",",
    ";",
    "#7",
    "7",
    "note:",
    "phone",
    "123456",
    "scope:all",
];

/// Whether the person names this user in the line: outside of what they say in their own words, or behind a `login:`.
///
/// It shares no code with the desk: it reads the line word by word, as a person would.
fn is_named(line: &str, login: &str) -> bool {
    let mut speaks = false;
    let mut words = line.split_whitespace().skip(2).peekable();
    let mut placed = 0;
    while let Some(word) = words.next() {
        let (key, value) = word.split_once([':', '=']).unwrap_or(("", word));
        let sentence = |key: &str| matches!(key, "reason" | "comment");
        if !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            speaks = sentence(key);
        } else if !speaks && sentence(word) && words.peek().is_some_and(|next| !next.contains([':', '='])) {
            speaks = true;
            continue;
        }
        let is_it = value.split([',', ';']).any(|part| part.trim_matches(['@', '.', '!', '?']) == login);
        if is_it && !speaks {
            return true;
        }
        // What a freeze is for is behind what it freezes.
        placed += usize::from(word.contains(char::is_alphanumeric));
        if line.starts_with("/desk freeze") && placed == 1 && key.is_empty() {
            speaks = true;
        }
    }
    false
}

/// A right line with one to three words in it that do not belong there.
fn disturbed(rng: &mut StdRng) -> (String, &'static [&'static str]) {
    let (line, users) = LINES.choose(rng).unwrap();
    let mut words: Vec<&str> = line.split(' ').collect();
    for _ in 0..rng.random_range(1..=3) {
        // Most often behind the line or behind its users, where a tired person continues.
        let at = match rng.random_range(0..4) {
            0 => words.len(),
            1 => 3,
            _ => rng.random_range(2..=words.len()),
        };
        words.insert(at, WORDS.choose(rng).unwrap());
    }
    (words.join(" "), users)
}

/// Someone says a line, and nothing more comes of it.
async fn hears(practice: &Practice, who: &str, line: &str) -> Reply {
    let reply = in_time(practice.desk.handle(typed(&practice.people, who, line))).await;
    says_what_is_understood(&reply.card, line);
    reply
}

/// Asks for it and has it planned; the logins that the plan touches, if there is a plan.
async fn impact(practice: &Practice, who: &str, line: &str) -> Option<Vec<String>> {
    let desk = &practice.desk;
    let no = hears(practice, who, line).await.request?;
    in_time(desk.advance(no)).await.unwrap();
    let request = desk.request(no).await.unwrap();
    // What stays open would be looked at with every further request.
    hears(practice, who, &format!("/desk cancel {}", no.0)).await;
    let plan = request.plan()?;
    let frozen = plan.steps.iter().filter_map(|step| step.effect.freezes());
    let frozen = frozen.map(|scope| scope.to_string().replace('`', ""));
    Some(plan.logins().into_iter().chain(frozen).collect())
}

#[tokio::test]
async fn nobody_is_touched_whom_the_line_does_not_name() {
    let story = Story::with(|options| options.config = Some(untiring_config())).await;
    let mut rng = StdRng::seed_from_u64(20_261_120);
    let (mut planned, mut more) = (0, 0);
    for (line, users) in LINES {
        let who = if line.starts_with("/desk freeze") { "second" } else { "helpdesk" };
        let came = impact(story.inside(), who, line).await.unwrap_or_else(|| panic!("{line} has no plan"));
        assert_eq!(came, users, "{line}");
    }
    for _ in 0..400 {
        let (line, users) = disturbed(&mut rng);
        let who = if line.starts_with("/desk freeze") { "second" } else { "helpdesk" };
        let Some(came) = impact(story.inside(), who, &line).await else { continue };
        planned += 1;
        let came: BTreeSet<&str> = came.iter().map(String::as_str).collect();
        let before: BTreeSet<&str> = users.iter().copied().collect();
        more += usize::from(!came.is_subset(&before));
        for login in came {
            let everything =
                login == "everything" && ["all", "everything"].iter().any(|all| line.contains(all));
            let matches = line.contains("matching");
            assert!(is_named(&line, login) || everything || matches, "{line}: {login} is not named");
        }
    }
    // The words do both: most lines are refused or stay as they were, and some name someone else on purpose.
    assert!(planned > 60 && more > 5, "{planned} planned, {more} with more users");
}

#[test]
fn no_word_in_a_line_becomes_a_user_that_a_person_would_not_read_in_it() {
    let commands = desk_commands::all();
    let mut rng = StdRng::seed_from_u64(20_261_121);
    let mut understood = 0;
    for _ in 0..20_000 {
        let (line, _) = disturbed(&mut rng);
        let list = commands.iter().map(|entry| (entry.path, entry.command.spec));
        let Ok(parsed) = words::parse(&line, list) else { continue };
        understood += 1;
        let users = ["login", "logins", "scope"].iter().filter_map(|name| parsed.args.text(name));
        for login in users.flat_map(|users| users.split(", ")).filter(|login| *login != "all") {
            assert!(is_named(&line, login), "{line}: {login} is not named");
        }
    }
    assert!(understood > 2_000, "{understood}");
}

#[test]
fn what_is_offered_keeps_what_was_right_and_has_no_password_and_no_time_as_a_reason() {
    const SECRETS: [&str; 2] = ["Abcdefghijkl1234567890", "Winter2026!"];
    const WHEN: [&str; 8] =
        ["2026-12-24", "24.12.2026", "12/24/2026", "tomorrow", "15:00", "8pm", "on Friday", "until 18:00"];
    let commands = desk_commands::all();
    let parse =
        |line: &str| words::parse(line, commands.iter().map(|entry| (entry.path, entry.command.spec)));
    let named = ["password:", "pw:", "temporary_password:", "new-password: ", "temp pw:"];
    let named = SECRETS.iter().flat_map(|secret| named.map(|name| format!("{name}{secret}")));
    let named: Vec<String> = named.collect();
    let told = SECRETS
        .iter()
        .flat_map(|secret| ["", "x:", "password ", "the pw is "].map(|name| format!("{name}{secret}")));
    let words: Vec<String> = named.iter().cloned().chain(told).chain(WHEN.map(str::to_owned)).collect();
    let (mut offered, mut wrong) = (0, Vec::new());
    for entry in &commands {
        let spec = entry.command.spec;
        for example in spec.examples {
            let right = parse(example).unwrap().args.options();
            for words in &words {
                let line = format!("{example} {words}");
                let Err(problem) = parse(&line) else {
                    assert!(!named.contains(words), "{line} is taken");
                    continue;
                };
                let lines: BTreeSet<&String> = problem.lines.iter().collect();
                assert_eq!(lines.len(), problem.lines.len(), "{line}: {problem}");
                for line in problem.lines.iter() {
                    offered += 1;
                    let args = parse(line).unwrap().args;
                    let sentences = spec.args.iter().filter(|arg| matches!(arg.kind, Kind::Sentence(_)));
                    let said: Vec<&str> = sentences.filter_map(|arg| args.text(arg.name)).collect();
                    let is_when =
                        spec.risk != Risk::Read && said.iter().any(|said| said.contains(words.as_str()));
                    let options = args.options();
                    let kept = |one: &&(String, String)| {
                        spec.arg(&one.0).is_some_and(|arg| arg.kind.names_users()) || options.contains(one)
                    };
                    let tells = SECRETS.iter().any(|secret| line.contains(secret));
                    // What someone says of a request may be longer, and speak of a time.
                    let is_said = Verb::of_command(entry.path).is_some();
                    if tells || !is_said && (is_when || !right.iter().all(|one| kept(&one))) {
                        wrong.push(format!("{example} {words}: {line}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(offered > 50, "only {offered} lines are offered");
}

#[test]
fn what_is_left_over_beside_other_words_is_no_change() {
    let commands = desk_commands::all();
    let parse =
        |line: &str| words::parse(line, commands.iter().map(|entry| (entry.path, entry.command.spec)));
    let (mut offered, mut wrong) = (0, Vec::new());
    for entry in commands.iter().filter(|entry| entry.command.spec.risk != Risk::Read) {
        let spec = entry.command.spec;
        let is_free = |name: &str| {
            spec.arg(name).is_some_and(|arg| {
                arg.kind.names_users() || matches!(arg.kind, Kind::Sentence(_) | Kind::Name(_) | Kind::File)
            })
        };
        for example in spec.examples {
            let right = parse(example).unwrap().args.options();
            for words in
                ["ticket 1042", "case 4711 please", "from 300 to 60", "ext 5", "limit 3", "number 7 now"]
            {
                let line = format!("{example} {words}");
                let Err(problem) = parse(&line) else { continue };
                for line in problem.lines.iter() {
                    offered += 1;
                    let options = parse(line).unwrap().args.options();
                    if !options.iter().all(|one| is_free(&one.0) || right.contains(one)) {
                        wrong.push(format!("{example} {words}: {line}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(offered > 50, "only {offered} lines are offered");
}

/// Words that deny something, which are not the desk's list of them.
const DENIALS: [&str; 12] = [
    "no",
    "not",
    "don't",
    "doesn\u{2019}t",
    "without",
    "except",
    "but",
    "never",
    "disable",
    "off",
    "not,",
    "instead",
];

#[test]
fn no_line_is_offered_that_denies_nothing_where_the_typed_one_does() {
    let commands = desk_commands::all();
    let parse =
        |line: &str| words::parse(line, commands.iter().map(|entry| (entry.path, entry.command.spec)));
    let (mut refused, mut wrong) = (0, Vec::new());
    for entry in &commands {
        let spec = entry.command.spec;
        let sentence = |name: &str| spec.arg(name).is_some_and(|arg| matches!(arg.kind, Kind::Sentence(_)));
        // Words around what only looks may be left out.
        let only_looks = spec.risk == Risk::Read && Verb::of_command(entry.path).is_none();
        let flags = spec.args.iter().filter(|arg| arg.kind == Kind::Flag).map(|arg| arg.name);
        let choices = spec.args.iter().filter_map(|arg| match arg.kind {
            Kind::Choice(words) if arg.placed && !only_looks => Some(words.iter().map(|(word, _)| *word)),
            _ => None,
        });
        let bare: Vec<&str> = flags.chain(choices.flatten()).chain([""]).collect();
        for example in spec.examples {
            let words: Vec<&str> = example.split(' ').collect();
            let first = entry.path.split(' ').count();
            for (denial, bare) in
                DENIALS.iter().flat_map(|denial| bare.iter().map(move |bare| (denial, bare)))
            {
                if only_looks && bare.is_empty() {
                    continue;
                }
                // At each place of the line; with a yes or a choice, behind it.
                let places = if bare.is_empty() { first..=words.len() } else { words.len()..=words.len() };
                for at in places {
                    let (front, back) = words.split_at(at);
                    let (front, back) = (front.join(" "), back.join(" "));
                    for line in
                        [format!("{front} {denial} {bare} {back}"), format!("{front} {bare} {denial} {back}")]
                    {
                        let Err(problem) = parse(line.trim()) else { continue };
                        refused += 1;
                        for offered in problem.lines.iter() {
                            let options = parse(offered).unwrap().args.options();
                            // In the name of something it is where it was.
                            let denial = denial.trim_end_matches(',');
                            if !options.iter().any(|(name, value)| !sentence(name) && value.contains(denial))
                            {
                                wrong.push(format!("{}: {offered}", line.trim()));
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(refused > 1_000, "only {refused} lines are refused");
}

#[test]
fn a_yes_or_no_is_read_however_its_name_and_value_are_joined() {
    let commands = desk_commands::all();
    let parse =
        |line: &str| words::parse(line, commands.iter().map(|entry| (entry.path, entry.command.spec)));
    let mut read = 0;
    for entry in &commands {
        let spec = entry.command.spec;
        let flags = || spec.args.iter().filter(|arg| arg.kind == Kind::Flag).map(|arg| arg.name);
        for (example, flag) in
            spec.examples.iter().flat_map(|example| flags().map(move |flag| (example, flag)))
        {
            let args = parse(example).unwrap().args;
            // Behind a sentence it is a part of that.
            let speaks = spec
                .args
                .iter()
                .any(|arg| matches!(arg.kind, Kind::Sentence(_)) && args.text(arg.name).is_some());
            if args.said(flag).is_some() || speaks {
                continue;
            }
            for value in ["yes", "off"] {
                let right = parse(&format!("{example} {flag}:{value}")).unwrap();
                for joined in ["=", ": ", " : ", " = ", " :", " =", " "] {
                    let line = format!("{example} {flag}{joined}{value}");
                    assert_eq!(parse(&line).as_ref(), Ok(&right), "{line}");
                    read += 1;
                }
            }
        }
    }
    assert!(read > 500, "only {read} lines are read");
}

#[tokio::test]
async fn who_is_excepted_is_not_offered() {
    let story = Story::with(|options| options.config = Some(untiring_config())).await;
    for (who, line) in [
        ("helpdesk", "/connect edit everyone except emeka.eze acw:60"),
        ("helpdesk", "/connect edit acw:60 not emeka.eze"),
        ("helpdesk", "/connect remove not emeka.eze but hana.sato"),
        ("helpdesk", "/connect remove emeka.eze without hana.sato"),
        ("helpdesk", "/connect send emeka.eze not credentials"),
        ("second", "/desk freeze not emeka.eze but hana.sato"),
        ("second", "/desk freeze everyone but hana.sato"),
    ] {
        let reply = hears(story.inside(), who, line).await;
        assert!(reply.request.is_none(), "{line} is planned");
        assert!(reply.card.offered().is_empty(), "{line}: {:?}", reply.card.offered());
    }
}

#[tokio::test]
async fn a_code_is_in_no_line_wherever_it_is_typed_and_whoever_types_it() {
    const CODES: [&str; 2] = ["481516", "234208"];
    let mut story = Story::with(|options| options.config = Some(untiring_config())).await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    let mut lines: Vec<String> = Vec::new();
    for verb in Verb::ALL.map(Verb::word).into_iter().chain(["enroll"]) {
        for code in CODES
            .iter()
            .map(|code| (*code).to_owned())
            .chain(CODES.map(|code| format!("{} {}", &code[..3], &code[3..])))
        {
            lines.extend([
                format!("/desk {verb} 1 {code}"),
                format!("/desk {verb} #1 code:{code}"),
                format!("/desk {verb} 1 code {code}"),
                format!("/desk {verb} 1 otp:{code}"),
                format!("/desk {verb} 1 code={code} plan:abc"),
                format!("/desk {verb} 1 plan:abc {code}"),
                format!("/desk {verb} {code}"),
                format!("/desk {verb} {code} 1"),
                format!("desk {verb} 1, {code}."),
                format!("{verb} 1 {code}"),
            ]);
        }
        for code in CODES {
            lines.extend([
                format!("/desk {verb} 1 plan:{code}"),
                format!("/desk {verb} 1 login:{code}"),
                format!("/desk {verb} 1 reason:my code {code}"),
                format!("/desk {verb} 1 comment:pin={code} looks good"),
            ]);
            if ["approve", "verify"].contains(&verb) {
                lines.push(format!("/desk {verb} 1 looks good {code}"));
                lines.push(format!("/desk {verb} 1 {code} looks good"));
            }
        }
    }
    for code in CODES {
        lines.extend([
            code.to_owned(),
            format!("code {code}"),
            format!("/connect reset mei.chen {code}"),
            format!("/connect reset mei.chen code:{code}"),
            format!("/connect reset mei.chen reason:locked out code:{code}"),
            format!("/connect remove mei.chen reason:has left, otp {code}"),
            format!("/connect edit mei.chen acw:60 {code}"),
            format!("/desk freeze mei.chen token={code}"),
        ]);
    }
    // Anyone who may end the request comes last.
    for who in ["john", "supervisor", "helpdesk"] {
        for line in &lines {
            let card = hears(story.inside(), who, line).await.card;
            let offered = card.offered().join(" ");
            assert!(!CODES.iter().any(|code| offered.contains(code)), "{line} is offered again: {offered}");
        }
    }
    // In a menu or a form it is in the field beside its own.
    for entry in desk_commands::all() {
        let spec = entry.command.spec;
        if spec.args.iter().all(|arg| arg.kind != Kind::Code) {
            continue;
        }
        for arg in spec.args.iter().filter(|arg| arg.name != "request") {
            for value in [
                CODES[0].to_owned(),
                format!("my code {}", CODES[1]),
                format!("as said, {} {}", &CODES[0][..3], &CODES[0][3..]),
            ] {
                for number in ["1", CODES[1]] {
                    for who in ["helpdesk", "supervisor", "john"] {
                        let request = spec.arg("request").map(|arg| (arg.name.to_owned(), number.to_owned()));
                        let options: Vec<_> =
                            request.into_iter().chain([(arg.name.to_owned(), value.clone())]).collect();
                        chooses(story.inside(), who, entry.path, &options).await;
                    }
                }
            }
        }
    }
    let log = &story.inside().desk.saga.log;
    let written = log.history(&Query { limit: usize::MAX, ..Query::default() }).await.unwrap();
    assert!(written.len() > 100, "what is refused by a rule is written: {} lines", written.len());
    for line in written {
        let line = String::from_utf8(line.encode()).unwrap();
        for code in CODES {
            let halves = format!("{} {}", &code[..3], &code[3..]);
            assert!(!line.contains(code) && !line.contains(&halves), "{line}");
        }
    }
    story.says("helpdesk", "restart").await;
    for code in CODES {
        nowhere_below(&story.folder().join("state").join("desk"), code);
    }
}

/// Every name that commands take, replaced by a password that someone pasted there.
#[tokio::test]
async fn a_password_in_place_of_a_name_is_in_no_line() {
    const PASSWORD: &str = "Winter2026x";
    let story = Story::with(|options| options.config = Some(untiring_config())).await;
    for entry in desk_commands::all() {
        let spec = entry.command.spec;
        for arg in spec.args.iter().filter(|arg| arg.names.is_some()) {
            let required =
                spec.args.iter().filter(|other| other.need != Need::Optional && other.name != arg.name);
            let others = required.map(|other| (other.name.to_owned(), "john.doe".to_owned()));
            let options: Vec<_> = others.chain([(arg.name.to_owned(), PASSWORD.to_owned())]).collect();
            chooses(story.inside(), "supervisor", entry.path, &options).await;
        }
    }
    for line in
        ["/connect reset Winter2026x", "/connect queue show Winter2026x", "/connect edit Winter2026x acw:60"]
    {
        hears(story.inside(), "helpdesk", line).await;
    }
    let log = &story.inside().desk.saga.log;
    let written = log.history(&Query { limit: usize::MAX, ..Query::default() }).await.unwrap();
    let lines: Vec<String> = written.iter().map(|line| String::from_utf8(line.encode()).unwrap()).collect();
    assert!(lines.iter().filter(|line| line.contains("(hidden)")).count() > 20);
    // What a request is about stays as it was accepted.
    let is_kept = |line: &&String| line.contains(PASSWORD) && !line.contains("\"request\":");
    let kept: Vec<&String> = lines.iter().filter(is_kept).collect();
    assert!(kept.is_empty(), "{kept:#?}");
}

#[tokio::test]
async fn nothing_that_is_chosen_or_filled_in_makes_a_line_that_cannot_be_read() {
    let long = "x".repeat(50_000);
    let values = [
        "9007199254740992",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551616",
        "1e400",
        "NaN",
        "",
        " ",
        "\u{0}",
        "\u{202e}\u{feff}",
        "\u{1f600}\u{301}",
        "line\nbreak",
        &long,
    ];
    let mut story = Story::with(|options| options.config = Some(untiring_config())).await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    for entry in desk_commands::all() {
        let spec = entry.command.spec;
        for arg in spec.args {
            for value in values {
                let others =
                    spec.args.iter().filter(|other| other.need != Need::Optional && other.name != arg.name);
                let mut options: Vec<(String, String)> =
                    others.map(|other| (other.name.to_owned(), filled(other.kind))).collect();
                options.push((arg.name.to_owned(), value.to_owned()));
                // Someone who may not ask it, whose refusal is written down with what was asked; and who may, for what only looks.
                chooses(story.inside(), "john", entry.path, &options).await;
                if spec.risk == Risk::Read {
                    chooses(story.inside(), "helpdesk", entry.path, &options).await;
                }
            }
        }
    }
    let log = &story.inside().desk.saga.log;
    let lines = log.history(&Query { limit: usize::MAX, ..Query::default() }).await.unwrap();
    assert!(lines.len() > 300, "{} lines", lines.len());
    for line in lines {
        let bytes = line.encode();
        assert!(bytes.len() < 10_000, "a line of {} bytes", bytes.len());
        assert_eq!(Line::decode(&bytes).unwrap(), line);
    }
    assert!(story.told("auditor", "log verify").await.contains("valid"));
    story.says("helpdesk", "restart").await;
    assert!(story.told("helpdesk", "/desk requests").await.contains("1 request is open"));
}

/// Something right of this kind.
fn filled(kind: Kind) -> String {
    match kind {
        Kind::Login | Kind::Logins | Kind::LoginOrAll | Kind::LoginOrRequest => "john.doe",
        Kind::Choice(words) => words[0].0,
        Kind::Command => "connect reset",
        Kind::File => "users.csv",
        _ => "1",
    }
    .to_owned()
}

async fn chooses(practice: &Practice, who: &str, path: &str, options: &[(String, String)]) {
    let said = Invocation::Chosen { path: path.to_owned(), options: options.to_vec() };
    in_time(practice.desk.handle(Incoming { said, ..typed(&practice.people, who, "") })).await;
}
