//! A desk for one test: real store, real client, real practice contact center, in a folder of its own and on its own clock.

#![allow(dead_code, reason = "each test target uses a part of it")]

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use connect_desk::clock::ScriptClock;
use connect_desk::console::draw::{Paper, aside, draw};
use connect_desk::console::{Session, Shown};
use connect_desk::practice::{Options, Practice};
use desk_core::basics::ids::RequestNo;
use desk_core::basics::span::{Span, spans};
use desk_core::card::{Block, Card, Tone};
use desk_core::command::Entry;
use desk_core::words::{self, Kind};
use serde_json::Value;
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr as _;

pub mod desks;
pub mod paper;
pub mod server;
pub mod twin;

pub use desks::*;
use twin::Mirror;

/// No test waits longer than this for anything.
pub const LIMIT: Duration = Duration::from_secs(120);

/// Ends a test that waits for what does not come.
pub async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, work).await.expect("it ends within the time limit of tests")
}

/// People at a desk, and what they say.
pub struct Story {
    pub session: Session,
    /// The same story on Discord and on paper, where it was wanted everywhere.
    mirrors: Vec<Mirror>,
    /// How the desk was opened.
    options: Options,
    /// What it has to use of a platform there.
    uses: &'static [&'static str],
    folder: TempDir,
    files: Option<TempDir>,
}

impl Drop for Story {
    fn drop(&mut self) {
        if let Some(on_discord) = self.mirrors.first().filter(|_| !std::thread::panicking()) {
            let seen = on_discord.seen();
            let missing: Vec<_> = self.uses.iter().filter(|what| !seen.contains(**what)).collect();
            assert!(missing.is_empty(), "the story does not use {missing:?} on Discord, only {seen:?}");
        }
    }
}

/// A world without what its users' passwords hash to, which is new with every reset, and without since when they are in a status.
pub fn without_passwords(mut world: Value) -> Value {
    for user in world["users"].as_object_mut().expect("a world has users").values_mut() {
        let user = user.as_object_mut().expect("a user has members");
        user.remove("password_sha256");
        if let Some(presence) = user.get_mut("presence").and_then(Value::as_object_mut) {
            presence.remove("since");
        }
    }
    world
}

/// A request to the practice Salesforce's control interface, answered as JSON.
pub async fn salesforce(
    org: &desk_sim::salesforce::Salesforce,
    method: &str,
    path: &str,
    body: &Value,
) -> Value {
    let request = http::Request::builder().method(method).uri(format!("/_salesforce/{path}"));
    let request = request.body(bytes::Bytes::from(body.to_string())).unwrap();
    let answer = org.handle(request).await.unwrap();
    assert!(answer.status().is_success(), "{method} {path}: {}", String::from_utf8_lossy(answer.body()));
    serde_json::from_slice(answer.body()).unwrap_or(Value::Null)
}

/// Everything in the practice Salesforce, but for when it was written.
pub async fn org_world(org: &desk_sim::salesforce::Salesforce) -> Value {
    let mut world = salesforce(org, "GET", "world", &Value::Null).await;
    for records in world.as_object_mut().unwrap().values_mut() {
        for record in records.as_object_mut().unwrap().values_mut() {
            let record = record.as_object_mut().unwrap();
            record.remove("SystemModstamp");
            record.remove("LastModifiedDate");
        }
    }
    // One that is made again has another id.
    let rows = world["PermissionSetAssignment"].take();
    let mut rows: Vec<Value> = rows.as_object().unwrap().values().cloned().collect();
    for row in &mut rows {
        let row = row.as_object_mut().unwrap();
        row.remove("Id");
        row.retain(|_, value| !value.is_null());
    }
    rows.sort_by_key(Value::to_string);
    world["PermissionSetAssignment"] = Value::Array(rows);
    world
}

/// How many calls that change something a practice Salesforce has had.
pub async fn org_writes(org: &desk_sim::salesforce::Salesforce) -> u64 {
    let calls = salesforce(org, "GET", "calls", &Value::Null).await;
    let writes = ["Create", "Update", "Delete"];
    let calls = calls.as_object().unwrap().iter();
    calls
        .filter(|(name, _)| writes.iter().any(|verb| name.starts_with(verb)))
        .map(|(_, n)| n.as_u64().unwrap())
        .sum()
}

/// A world with every user's proficiencies in alphabetical order, which is the one they are created in.
pub fn in_order(mut world: Value) -> Value {
    for user in world["users"].as_object_mut().expect("a world has users").values_mut() {
        let all = user["proficiencies"].as_array_mut().expect("a user has proficiencies");
        all.sort_by_key(Value::to_string);
    }
    world
}

impl Story {
    /// A practice desk with the people of `connect-desk play`.
    pub async fn begin() -> Story {
        Story::with(|_| {}).await
    }

    /// The same with other people or rules.
    pub async fn ruled(change: impl FnOnce(&mut connect_desk::config::Config)) -> Story {
        let mut config = connect_desk::practice::config().unwrap();
        change(&mut config);
        Story::with(|options| options.config = Some(config)).await
    }

    /// The same on Discord and on paper as well, from the first line on. It has to use all of this there, named as
    /// `everything_of_a_platform_is_in_a_story` in tests/stories/house.rs counts it.
    pub async fn everywhere(mut self, uses: &'static [&'static str]) -> Story {
        let begun = self.inside().desk.saga.log.request(RequestNo(1)).await.unwrap();
        assert!(begun.is_empty(), "a story is told everywhere from its first line on");
        let folder = self.folder.path();
        self.mirrors = vec![
            Box::pin(Mirror::on_discord(folder, &self.options)).await,
            Box::pin(Mirror::on_paper(folder, &self.options)).await,
        ];
        self.uses = uses;
        self
    }

    /// The same, with these files for people to attach.
    pub async fn with_files(files: &[(&str, &[u8])]) -> Story {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let mut story = Story::with(|options| options.files = folder.path().to_owned()).await;
        story.files = Some(folder);
        story
    }

    /// Puts one more file where people attach from; only for a story with files.
    pub fn attach(&self, name: &str, bytes: &[u8]) {
        let files = self.files.as_ref().expect("the story has files");
        std::fs::write(files.path().join(name), bytes).unwrap();
    }

    /// The same, opened otherwise.
    pub async fn with(change: impl FnOnce(&mut Options)) -> Story {
        let folder = tempfile::tempdir().unwrap();
        let clock = clock();
        let mut options = options(&folder.path().join("state"), clock.clone());
        change(&mut options);
        let session =
            in_time(Box::pin(Session::open(options.clone(), Some(clock), &mut |_| {}))).await.unwrap();
        let mirrors = Vec::new();
        Story { session, mirrors, options, uses: &[], folder, files: None }
    }

    /// The desk ends, and starts on the same folder otherwise: in a new process, whose clocks begin again at this time. Gives what
    /// the start says.
    pub async fn reopened(&mut self, at: &str, change: impl FnOnce(&mut Options)) -> String {
        in_time(self.session.close()).await.unwrap();
        let clock = Arc::new(ScriptClock::starting_at(at.parse().unwrap()));
        self.options.clock = clock.clone();
        change(&mut self.options);
        let mut said = Vec::new();
        let mut show = |shown| said.push(shown);
        self.session =
            in_time(Box::pin(Session::open(self.options.clone(), Some(clock), &mut show))).await.unwrap();
        said.iter().map(words_of).collect::<Vec<_>>().join("\n")
    }

    /// Someone types a line; what they see, drawn for a plain terminal.
    pub async fn says(&mut self, who: &str, line: &str) -> String {
        let shown = self.shown(who, line).await;
        shown.iter().map(words_of).collect::<Vec<_>>().join("\n")
    }

    /// The same as running text, for looking for words in it wherever the lines break.
    pub async fn told(&mut self, who: &str, line: &str) -> String {
        running(&self.shown(who, line).await)
    }

    /// What a person is told has all these words in it, wherever the lines break.
    #[track_caller]
    pub fn tells<'a>(
        &'a mut self,
        who: &'a str,
        line: &'a str,
        words: &'a [&'a str],
    ) -> impl Future<Output = ()> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let told = self.told(who, line).await;
            for word in words {
                assert!(told.contains(word), "{at}: `{word}` is not in: {told}");
            }
        }
    }

    /// What people type, each line with words that its answer has, wherever its lines break. Words that begin with `≠` are not in the
    /// answer, and words that begin with `╭` begin its last card. A line that begins with `☑` is also confirmed, and one with `✓` is
    /// confirmed and approved, as by `carried_out`; then words before `⇒` are in the first answer, and all others in the last.
    #[track_caller]
    pub fn plays<'a>(
        &'a mut self,
        lines: &'a [(&'a str, &'a str, &'a [&'a str])],
    ) -> impl Future<Output = ()> + 'a {
        let at = std::panic::Location::caller();
        async move {
            for (who, line, words) in lines {
                let (first, last) = match line.split_once(' ') {
                    Some(("✓", line)) => self.decided(who, line, &["confirm", "approve"]).await,
                    Some(("☑", line)) => self.decided(who, line, &["confirm"]).await,
                    _ => (Vec::new(), self.shown(who, line).await),
                };
                let (planned, ended) = match words.iter().position(|word| *word == "⇒") {
                    Some(arrow) => (&words[..arrow], &words[arrow + 1..]),
                    None => (&words[..0], *words),
                };
                for (shown, words) in [(first, planned), (last, ended)] {
                    let told = running(&shown);
                    for word in words {
                        assert!(has(&told, word), "{at}: {who}> {line}: `{word}`: {told}");
                    }
                }
            }
        }
    }

    /// Several ends of a line, each with words of its answer.
    #[track_caller]
    pub fn answers<'a>(
        &'a mut self,
        who: &'a str,
        start: &'a str,
        ends: &'a [(&'a str, &'a [&'a str])],
    ) -> impl Future<Output = ()> + 'a {
        let at = std::panic::Location::caller();
        async move {
            for (end, words) in ends {
                let told = self.told(who, &format!("{start} {end}")).await;
                for word in *words {
                    assert!(told.contains(word), "{at}: `{start} {end}`: `{word}` is not in: {told}");
                }
            }
        }
    }

    /// The same as cards; the last one is the answer.
    pub async fn shown(&mut self, who: &str, line: &str) -> Vec<Shown> {
        let mut shown = Vec::new();
        in_time(Box::pin(self.session.line(&format!("as {who}"), &mut |s| shown.push(s)))).await;
        in_time(Box::pin(self.session.line(line, &mut |s| shown.push(s)))).await;
        for card in shown.iter().filter_map(as_card) {
            is_read_at_a_glance(card);
            says_what_is_understood(card, line);
            has_spans(card);
            if let (Some(no), Some(practice)) = (card.request, self.session.inside()) {
                let request = practice.desk.request(no).await.unwrap();
                request
                    .plan()
                    .into_iter()
                    .flat_map(|plan| &plan.lost)
                    .for_each(|lost| is_a_noun_phrase(lost));
            }
        }
        for mirror in &mut self.mirrors {
            // On the heap: a test with many lines would carry each of them on its thread's stack.
            Box::pin(mirror.says(who, line, &shown)).await;
        }
        shown
    }

    /// The card that answers the line.
    pub async fn card(&mut self, who: &str, line: &str) -> Card {
        match self.shown(who, line).await.pop() {
            Some(Shown::Card(card)) => card,
            other => panic!("`{line}` was answered with {other:?}"),
        }
    }

    /// A request with its confirmation and, where it takes one, the approval of a supervisor, of another one where a supervisor asks,
    /// or of the second person in `admin+deputy`; its last card.
    pub async fn carried_out(&mut self, who: &str, line: &str) -> Card {
        let (_, shown) = self.decided(who, line, &["confirm", "approve"]).await;
        shown.last().and_then(as_card).expect("a decision is answered with a card").clone()
    }

    /// A request and what people decide about it while it waits for someone; what they see first and in the end.
    async fn decided(&mut self, who: &str, line: &str, verbs: &[&str]) -> (Vec<Shown>, Vec<Shown>) {
        let other = if who == "supervisor" { "second" } else { "supervisor" };
        let (who, approver) = who.split_once('+').unwrap_or((who, other));
        let first = self.shown(who, line).await;
        let asked = first.last().and_then(as_card).and_then(|card| card.request);
        let no = asked.unwrap_or_else(|| panic!("`{line}` makes no request: {first:?}")).0;
        let mut last = first.clone();
        for verb in verbs {
            if last.last().and_then(as_card).is_some_and(|card| card.tone == Tone::Asks) {
                let by = if *verb == "approve" { approver } else { who };
                last = self.shown(by, &format!("/desk {verb} {no}")).await;
            }
        }
        (first, last)
    }

    /// The same; what its card says in the end.
    pub async fn carries_out(&mut self, who: &str, line: &str) -> String {
        self.carried_out(who, line).await.words()
    }

    pub fn inside(&self) -> &Practice {
        self.session.inside().expect("the desk of a story is open")
    }

    /// A request to the practice contact center, answered as JSON.
    pub async fn sim(&mut self, request: &str) -> Value {
        let shown = self.shown("helpdesk", &format!("sim {request}")).await;
        match shown.last() {
            Some(Shown::Aside(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
            other => panic!("the practice contact center answers {other:?}"),
        }
    }

    /// A request to the control interface of the practice Salesforce; behind each chat there is one just like it.
    pub async fn org(&mut self, method: &str, path: &str, body: Value) -> Value {
        for mirror in &self.mirrors {
            mirror.org(method, path, &body).await;
        }
        salesforce(self.inside().salesforce.as_ref().unwrap(), method, path, &body).await
    }

    /// How many assignments of a permission set of the package someone has in Salesforce.
    pub async fn held(&mut self, username: &str, set: &str) -> usize {
        let world = self.org("GET", "world", Value::Null).await;
        let find = |object: &str, fits: &dyn Fn(&Value) -> bool| {
            world[object].as_object().unwrap().values().find(|one| fits(one)).unwrap()["Id"].clone()
        };
        let user = find("User", &|one| one["Username"] == username);
        let set =
            find("PermissionSet", &|one| one["Name"] == set && one["NamespacePrefix"] == "amazonconnect");
        let rows = world["PermissionSetAssignment"].as_object().unwrap().values();
        rows.filter(|row| row["AssigneeId"] == user && row["PermissionSetId"] == set).count()
    }

    /// The world as it is, without what is new with every reset: ids, times and what a password hashes to.
    pub async fn world(&mut self) -> Value {
        let mut world = without_passwords(self.sim("GET /_sim/world?ids=false").await);
        if let Some(org) = &self.inside().salesforce {
            world["salesforce"] = org_world(org).await;
        }
        for mirror in &self.mirrors {
            mirror.has_the_same_world(&world).await;
        }
        world
    }

    /// A file that the console saved, by its path in the state folder.
    pub fn saved(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("state").join(path)).unwrap()
    }

    /// The folder that holds the state of the desk and its world.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// How many calls that change something the contact center has had.
    pub async fn writes(&mut self) -> u64 {
        let there = match &self.inside().salesforce {
            Some(org) => org_writes(org).await,
            None => 0,
        };
        self.sim("GET /_sim/calls").await["writes"].as_u64().unwrap() + there
    }
}

/// Whether an answer has a word of `Story::plays`.
fn has(told: &str, word: &str) -> bool {
    match (word.strip_prefix('≠'), word.strip_prefix('╭')) {
        (Some(word), _) => !told.contains(word),
        (None, Some(word)) => told.rsplit('╭').next().is_some_and(|card| card.starts_with(word)),
        (None, None) => told.contains(word),
    }
}

/// What people see as running text.
fn running(shown: &[Shown]) -> String {
    let drawn = shown.iter().map(words_of).collect::<Vec<_>>().join("\n");
    let edges = |c: char| c.is_whitespace() || matches!(c, '│' | '─');
    drawn.split(edges).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn as_card(shown: &Shown) -> Option<&Card> {
    match shown {
        Shown::Card(card) => Some(card),
        Shown::Aside(_) => None,
    }
}

fn words_of(shown: &Shown) -> String {
    match shown {
        Shown::Card(card) => draw(card, Paper::PLAIN),
        Shown::Aside(text) => aside(text, Paper::PLAIN),
    }
}

/// Lines of a terminal, and characters before the buttons, that no card of a request needs more of.
const SCREEN: usize = 24;
const CHARACTERS: usize = 1_400;

/// Every card of a request that any test sees is read at a glance, in a terminal and on a phone; the rest is in its details.
pub fn is_read_at_a_glance(card: &Card) {
    if card.request.is_none() {
        return;
    }
    let drawn = draw(card, Paper::PLAIN);
    assert!(drawn.lines().count() <= SCREEN, "more than a screen:\n{drawn}");
    let embed = connect_desk::discord::embed(card);
    let characters: usize = ["title", "description"]
        .iter()
        .filter_map(|part| embed[part].as_str())
        .map(|text| text.chars().count())
        .sum();
    assert!(characters <= CHARACTERS, "{characters} characters:\n{drawn}");
    let narrow = draw(card, Paper { width: 32, ..Paper::PLAIN });
    assert!(narrow.lines().all(|line| line.width() <= 34 || line.contains("https://")), "{narrow}");
}

/// Every line that a card tells people to type is understood: one that is ready to be sent as it is, and one in a sentence once its gaps
/// are filled. `typed` is what the card answers, which it may repeat however wrong it is.
pub fn says_what_is_understood(card: &Card, typed: &str) {
    let commands = desk_commands::all();
    let parses = |line: &str| {
        words::parse(line, commands.iter().map(|entry| (entry.path, entry.command.spec))).map(|_| ())
    };
    let rows = card.opens.iter().flat_map(|opens| &opens.rows).map(|(_, line)| line);
    for line in card.actions.iter().filter_map(|action| action.line.as_ref()).chain(rows) {
        if let Err(problem) = parses(line) {
            panic!("`{line}` is ready to be sent, and refused: {problem}");
        }
    }
    let (words, typed) = (card.words(), typed.to_lowercase());
    // What was typed once, right or wrong.
    if typed.contains("desk history") {
        return;
    }
    let spans = words.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let is_path = |span: &str| span.split(' ').next().is_some_and(|word| word.matches('/').count() > 1);
    let spans = spans.filter(|span| span.starts_with('/') && !is_path(span));
    for span in spans.filter(|span| !typed.contains(&span.trim_start_matches('/').to_lowercase())) {
        // Which options a command has, and what someone typed, cut to the width of a list.
        let is_form = span.contains(['[', '|']) || span.ends_with(" …");
        if is_form || span.ends_with('…') && !span.ends_with(":…") {
            continue;
        }
        let said = span.trim_start_matches('/');
        let begins = |entry: &&Entry| said == entry.path || said.starts_with(&format!("{} ", entry.path));
        let is_group = commands.iter().any(|entry| entry.path.starts_with(&format!("{said} ")));
        let entry = commands.iter().filter(begins).max_by_key(|entry| entry.path.len());
        // The name of a command, or of several, is no line.
        if is_group || entry.is_some_and(|entry| said == entry.path) {
            continue;
        }
        let filled =
            entry.is_some_and(|entry| GAPS.iter().any(|gap| parses(&filled(span, entry, gap)).is_ok()));
        assert!(filled, "`{span}` is to be typed, and not understood, in the answer to `{typed}`: {words}");
    }
}

/// What may be in a gap that has no name.
const GAPS: [&str; 8] =
    ["john.doe", "1", "Available", "credentials", "justified", "connect reset", "\"Some name\"", ""];

/// A line of a sentence with something in the place of each `<login>`, `…` and `name:…`.
fn filled(line: &str, entry: &Entry, gap: &str) -> String {
    let words = line.split(' ').map(|word| match word.split_once(':') {
        Some((name, "…" | "\"…\"")) => {
            let value = match entry.command.spec.arg(name).map(|arg| arg.kind) {
                Some(Kind::Login | Kind::Logins | Kind::LoginOrAll) => "john.doe",
                Some(Kind::Code) => "123456",
                Some(Kind::Email(_)) => "john.doe@example.com",
                Some(Kind::Phone(_)) => "+12025550123",
                Some(Kind::Choice(words)) => words[0].0,
                Some(Kind::Moment(_)) => "2026-12-24",
                _ => "1",
            };
            format!("{name}:{value}")
        }
        _ if word == "…" || word == "\"…\"" || word.starts_with('<') && word.ends_with('>') => {
            gap.to_owned()
        }
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// People and moments in the words of every answer that any test sees are spans, which each platform draws in its own way. What is drawn
/// from the log or a plan has them in words: cards of requests, tables, titles and what is under a heading.
pub fn has_spans(card: &Card) {
    if card.request.is_some() {
        return;
    }
    let texts = card.blocks.iter().flat_map(|block| match block {
        Block::Text(text) | Block::Warning(text) => vec![text.as_str()],
        Block::Facts(facts) => facts.iter().map(|(_, value)| value.as_str()).collect(),
        // Behind when and who comes what, which may be a plan's sentence.
        Block::Items { items, .. } => items.iter().filter_map(|item| item.line.split(" · ").next()).collect(),
        _ => Vec::new(),
    });
    // Names that were typed are as they were typed, and what a plan says of a temporary setting has the date.
    let is_as_it_was = |text: &str| {
        ["Did you mean", "accounts have the name", " restores the "].iter().any(|words| text.contains(words))
    };
    for text in texts.into_iter().filter(|text| !is_as_it_was(text)) {
        for span in spans(text) {
            match span {
                Span::Text(words) => {
                    assert!(!has_moment(words), "a moment in words: {text:?} in {card:?}")
                }
                Span::Code(code) => {
                    assert!(!PEOPLE.contains(&code), "a person in words: {text:?} in {card:?}")
                }
                _ => {}
            }
        }
    }
}

/// Whether a time of day is among these words, and not from when to when something holds.
fn has_moment(words: &str) -> bool {
    let mut before = "";
    words.split_whitespace().any(|word| {
        let is_time = before.len() == 5 && before.chars().filter(char::is_ascii_digit).count() == 4;
        before = word;
        is_time && word.starts_with("UTC")
    })
}

/// The people of the practice desk, apart from those who are called like a user.
const PEOPLE: [&str; 6] = ["helpdesk", "supervisor", "second", "oncall", "auditor", "admin"];

/// What can't be restored is a noun phrase in every plan that any test sees, because cards print "Lost: a, b."; an explanation comes
/// behind a semicolon or a colon.
pub fn is_a_noun_phrase(lost: &str) {
    let first = lost.chars().next().unwrap();
    assert!(first == '`' || first.is_lowercase(), "it begins like a sentence: {lost}");
    assert!(!lost.ends_with('.') && !lost.contains(". "), "it ends like a sentence: {lost}");
    let shown = lost.split([';', ':']).next().unwrap();
    for verb in [" is ", " are ", " was ", " were ", " has ", " had ", " can ", " can't ", " will ", " gets "]
    {
        assert!(!shown.contains(verb), "it is a sentence: {lost}");
    }
}

/// Writes a file that holds a secret, as the desk wants it: for its own account alone.
pub fn write_secret(path: &std::path::Path, secret: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, secret).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}
