//! A story on a chat platform beside the same story at the console: every line is said there as well, on Discord with the slash
//! commands, buttons and forms that people have, and what they see has to be what the console shows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use connect_desk::config::Config;
use connect_desk::console::phone::Phone;
use connect_desk::console::{Shown, outside};
use connect_desk::practice::Options;
use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::Role;
use desk_core::basics::secret::Secret;
use desk_core::card::{Block, Card};
use desk_core::words::{self, Args, Kind, Value as Word};
use fake_discord::{Asked, Input, Message, Outcome};
use serde_json::Value;

use super::paper::Paper;
use super::server::{CHANNEL, Server, Setup, on_discord, role_id};
use super::{LIMIT, without_passwords};

pub struct Mirror {
    server: Server,
    /// It is paper, and not Discord.
    paper: Option<Arc<Paper>>,
    /// What of a platform the story has used: kinds of blocks and of arguments, buttons and forms.
    seen: Mutex<BTreeSet<String>>,
    /// Where the console's files are, which people attach here.
    files: PathBuf,
    /// Authenticators of people, who have others at the console.
    phones: BTreeMap<String, Phone>,
}

impl Mirror {
    pub async fn on_discord(folder: &Path, options: &Options) -> Mirror {
        Mirror::open(&folder.join("on_discord"), options, None).await
    }

    pub async fn on_paper(folder: &Path, options: &Options) -> Mirror {
        let mut config = options.config.clone().unwrap_or_else(|| connect_desk::practice::config().unwrap());
        let paper = Paper::new(&config, false, &options.files);
        for shift in &mut config.site.emergencies.shifts {
            let person = config.people.iter().find(|person| person.id == shift.person);
            shift.person = person.and_then(|person| paper.account(&person.name)).unwrap();
        }
        let options = Options { config: Some(config), ..options.clone() };
        Mirror::open(&folder.join("on_paper"), &options, Some(paper)).await
    }

    async fn open(inside: &Path, options: &Options, paper: Option<Arc<Paper>>) -> Mirror {
        std::fs::create_dir_all(inside).unwrap();
        let change: fn(&mut Config) = match paper {
            Some(_) => |config| config.chats.discord = None,
            None => |_| {},
        };
        let (sim, people_and_rules) = (options.sim.clone(), options.config.clone());
        let setup = Setup { sim, people_and_rules, change, paper: paper.clone(), ..Setup::default() };
        Mirror {
            server: Server::open(inside, setup).await,
            paper,
            seen: Mutex::default(),
            files: options.files.clone(),
            phones: BTreeMap::new(),
        }
    }

    pub fn seen(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap().clone()
    }

    fn sees(&self, what: impl Into<String>) {
        self.seen.lock().unwrap().insert(what.into());
    }

    /// Says the line, if someone with a Discord client could, and compares what comes of it.
    pub async fn says(&mut self, who: &str, line: &str, shown: &[Shown]) {
        let line = line.trim();
        let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match first {
            "as" | "people" | "log" | "help" | "?" | "quit" | "exit" | "" => {}
            "wait" => {
                if let Some(time) = outside::time(rest.trim()) {
                    self.server.pass(time).await;
                    super::in_time(self.server.desk().chats.settled()).await;
                }
            }
            "world" => {
                let center = self.server.desk().desk.center.clone();
                let _ = outside::world(center.as_ref(), &self.server.sim, rest).await;
            }
            "sim" => {
                let _ = outside::sim(&self.server.sim, rest).await;
            }
            "phone" => self.new_phone(who).await,
            "restart" => {
                self.server.stop().await.unwrap();
                self.server.start().await.unwrap();
            }
            name if name.starts_with('@') => {
                Box::pin(self.asks(name.trim_start_matches('@'), rest.trim(), shown)).await;
            }
            _ => self.asks(who, line, shown).await,
        }
    }

    async fn new_phone(&mut self, who: &str) {
        let account = match (&self.paper, self.server.people.get(who)) {
            (Some(paper), _) => paper.account(who),
            (None, person) => person.map(|p| PersonId::new(Platform::Discord, p.id().to_string()).unwrap()),
        };
        let Some(account) = account else { return };
        let factors = self.server.desk().desk.factors.clone();
        factors.forget(&account).await.unwrap();
        let phone = Phone::scan(&factors.begin(&account).await.unwrap()).unwrap();
        let now = self.server.desk().desk.saga.clock.now();
        factors.finish(&account, &Secret::new(phone.code(now))).await.unwrap();
        self.phones.insert(who.to_owned(), phone);
    }

    pub async fn org(&self, method: &str, path: &str, body: &Value) {
        super::salesforce(self.server.salesforce.as_ref().unwrap(), method, path, body).await;
    }

    pub async fn has_the_same_world(&self, world: &Value) {
        let mine = outside::sim(&self.server.sim, "GET /_sim/world?ids=false").await.unwrap();
        let mut mine = without_passwords(serde_json::from_str(&mine).unwrap());
        if let Some(org) = &self.server.salesforce {
            mine["salesforce"] = super::org_world(org).await;
        }
        assert_eq!(mine, *world, "the world behind a chat is another than the one behind the console");
    }

    async fn asks(&self, who: &str, line: &str, shown: &[Shown]) {
        if !self.server.people.contains_key(who) {
            return;
        }
        let now = self.server.desk().desk.saga.clock.now();
        let typed = self.phones.get(who).map(|phone| phone.typed(line, now));
        let line = typed.as_deref().unwrap_or(line);
        let commands = desk_commands::all();
        let list = commands.iter().map(|entry| (entry.path, entry.command.spec));
        // What does not parse cannot be chosen from Discord's menus.
        let Ok(parsed) = words::parse(line, list) else { return };
        // Nor can a file that is not there be attached.
        let absent = |arg: &words::Arg| {
            arg.kind == Kind::File
                && parsed.args.text(arg.name).is_some_and(|path| !self.files.join(path).exists())
        };
        if commands
            .iter()
            .any(|entry| entry.path == parsed.path && entry.command.spec.args.iter().any(absent))
        {
            return;
        }
        let Some(expected) = answer(shown) else { panic!("`{line}` is answered with a card") };
        if let Some(paper) = &self.paper {
            let card = super::in_time(paper.says(who, line)).await;
            return is_the_card(line, &card, expected);
        }
        if expected.private {
            self.sees("a private card");
        }
        for block in &expected.blocks {
            self.sees(format!("Block::{}", variant(block)));
        }
        let person = self.server.person(who);
        let spec = commands.iter().find(|entry| entry.path == parsed.path).unwrap().command.spec;

        if let Some(asked) = self.presses(who, &parsed.path, &parsed.args).await {
            return self.saw_after_a_press(line, &asked, expected).await;
        }
        let options: Vec<(&str, Input)> = spec
            .args
            .iter()
            .filter_map(|arg| parsed.args.get(arg.name).map(|value| (arg, value)))
            .map(|(arg, value)| {
                self.sees(format!("Kind::{}", variant(&arg.kind)));
                let input = match value {
                    Word::Text(path) if arg.kind == Kind::File => attached(&self.files.join(path)),
                    Word::Flag(flag) => Input::Flag(*flag),
                    Word::Integer(number) => Input::Whole(*number),
                    Word::Text(text) => Input::Text(text.clone()),
                };
                (arg.name, input)
            })
            .chain(parsed.args.code().map(|code| {
                self.sees("Kind::Code");
                ("code", Input::Text(code.show().to_owned()))
            }))
            .collect();
        let mut asked = match person.slash(CHANNEL, &parsed.path, &options).await {
            Ok(asked) => asked,
            Err(_) => person.slash_raw(CHANNEL, &parsed.path, &options).await,
        };
        let mut outcome = asked.outcome(LIMIT).await.unwrap();
        if let Some(modal) = outcome.modal.clone() {
            // The form asks for what the line leaves out; sent empty it is refused as the line is.
            self.sees("the form of a command");
            asked = person.submit_raw(&modal, &Value::Array(Vec::new())).await;
            outcome = asked.outcome(LIMIT).await.unwrap();
        }
        self.saw(line, &outcome, expected).await;
    }

    /// Presses the button of a visible card that does the same as the line, with the form that may come of it.
    async fn presses(&self, who: &str, path: &str, args: &Args) -> Option<Asked> {
        let no = args.request("request")?;
        let extra = args.text("plan").is_some()
            || args.text("login").is_some()
            || args.code().is_some()
            || ["how", "method", "outcome", "when"].iter().any(|name| args.text(name).is_some());
        let request = self.server.desk().desk.request(no).await.ok()?;
        let message: u64 = request.card_in(&on_discord(CHANNEL))?.parse().ok()?;
        let person = self.server.person(who);
        let card = person.sees_message(message)?;
        let button = card.buttons().into_iter().find(|button| {
            button.custom_id.as_deref().is_some_and(|id| id.starts_with(&format!("1:{path}:{}:", no.0)))
        });
        let id = button.filter(|_| !extra)?.custom_id?;
        self.sees("a button");
        let asked = person.click(message, &id).await.unwrap();
        let outcome = asked.acknowledged(LIMIT).await.unwrap();
        let Some(modal) = outcome.modal else { return Some(asked) };
        self.sees("the form of a button");
        let reason = args.text("reason").unwrap_or_default();
        match person.submit(&modal, &[("reason", reason)]).await {
            Ok(asked) => Some(asked),
            // It asks for what the line leaves out; sent empty it is refused as the line is.
            Err(_) => Some(person.submit_raw(&modal, &Value::Array(Vec::new())).await),
        }
    }

    /// After a press the card itself changes, or a private answer says why not.
    async fn saw_after_a_press(&self, line: &str, asked: &Asked, expected: &Card) {
        if expected.private {
            // A secret has an answer of its own; everything else is said beside the card.
            let answer = if line.contains("reveal") {
                let message = asked.outcome(LIMIT).await.unwrap().message;
                self.knows_what_was_seen().await;
                message
            } else {
                asked.followed_up(1, LIMIT).await.unwrap().follow_ups.pop()
            };
            let answer = &answer.expect("there is a private answer");
            assert!(answer.is_ephemeral(), "`{line}`: someone else reads it");
            compare(&self.server, line, answer, expected);
        } else {
            self.card_is(line, expected).await;
        }
    }

    /// Waits until the desk has written down what became of the passwords it showed.
    async fn knows_what_was_seen(&self) {
        let desk = &self.server.desk().desk;
        super::in_time(async {
            for (no, _) in desk.vault.passwords().await.unwrap() {
                while desk.request(no).await.unwrap().unsealed.values().any(|one| one.under_way) {
                    tokio::task::yield_now().await;
                }
            }
        })
        .await;
    }

    async fn saw(&self, line: &str, outcome: &Outcome, expected: &Card) {
        assert_eq!(outcome.failed, None, "`{line}`");
        let answer = outcome.message.as_ref().unwrap_or_else(|| panic!("`{line}` has no answer"));
        assert!(answer.is_ephemeral(), "`{line}`: someone else reads the answer:\n{}", answer.text());
        let Some(no) = expected.request.filter(|_| !expected.private) else {
            compare(&self.server, line, answer, expected);
            self.knows_what_was_seen().await;
            return self.has_files(line, answer.id, expected).await;
        };
        let request = self.server.desk().desk.request(no).await.unwrap();
        match request.card_in(&on_discord(CHANNEL)) {
            // The answer leads to the card, or is a copy of it.
            Some(message) => {
                assert!(!answer.embeds.is_empty() || answer.text().contains(message), "{}", answer.text());
                self.card_is(line, expected).await;
            }
            None => {
                compare(&self.server, line, answer, expected);
                self.has_files(line, answer.id, expected).await;
            }
        }
    }

    /// The card in the channel becomes what the console shows.
    async fn card_is(&self, line: &str, expected: &Card) {
        let no = expected.request.expect("it is the card of a request");
        // A card that was the same before says nothing of what has not happened yet.
        super::in_time(self.server.desk().chats.settled()).await;
        let request = self.server.desk().desk.request(no).await.unwrap();
        let message: u64 = request.shown[&on_discord(CHANNEL)].parse().unwrap();
        let wanted = connect_desk::discord::embed(expected);
        let became = self
            .server
            .fake
            .wait_for(LIMIT, |world| {
                let message = world.message(message)?;
                message
                    .embeds
                    .first()
                    .is_some_and(|embed| is_same(&self.server, embed, &wanted))
                    .then_some(())
            })
            .await;
        if became.is_err() {
            let existing = self.server.fake.look(|world| world.message(message).cloned()).unwrap();
            compare(&self.server, line, &existing, expected);
            panic!("`{line}`: the card differs only in what people do not see");
        }
        self.has_files(line, message, expected).await;
    }

    /// The files of the card come to its message, and no others.
    async fn has_files(&self, line: &str, message: u64, expected: &Card) {
        let mut wanted: Vec<(&str, &[u8])> = expected
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::File { name, text } => Some((name.as_str(), text.as_bytes())),
                _ => None,
            })
            .collect();
        wanted.sort_unstable();
        let came = self
            .server
            .fake
            .wait_for(LIMIT, |world| {
                let attachments = &world.message(message)?.attachments;
                // A table or a text that is too long for a card comes as a file of its own.
                let own = attachments.iter().filter(|file| !file.filename.starts_with("all."));
                let mut there: Vec<(&str, &[u8])> =
                    own.map(|file| (file.filename.as_str(), file.bytes.as_ref())).collect();
                there.sort_unstable();
                (there == wanted).then_some(())
            })
            .await;
        assert!(came.is_ok(), "`{line}`: other files than {:?}", wanted.iter().map(|(name, _)| name));
    }
}

/// The card that answers a line. The console shows the file of an export after it; on Discord that is behind a button.
fn answer(shown: &[Shown]) -> Option<&Card> {
    let mut cards = shown.iter().rev().filter_map(|shown| match shown {
        Shown::Card(card) => Some(card),
        Shown::Aside(_) => None,
    });
    let last = cards.next()?;
    let is_file = |block: &Block| matches!(block, Block::File { name, .. } if name.starts_with("users-"));
    match cards.next() {
        Some(before) if last.private && last.blocks.iter().any(is_file) => Some(before),
        _ => Some(last),
    }
}

/// The file that the console names by its path; one that is not there has an address that does not work.
fn attached(path: &Path) -> Input {
    let filename = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match std::fs::read(path) {
        Ok(bytes) => Input::file(&filename, bytes),
        Err(_) => Input::File { filename, bytes: Default::default(), there: false },
    }
}

/// Whether an embed as it is is the one that was wanted; Discord adds members of its own.
fn is_same(server: &Server, existing: &Value, wanted: &Value) -> bool {
    let text = |value: &Value| normal(server, value.as_str().unwrap_or_default());
    ["title", "description"].iter().all(|part| text(&existing[part]) == text(&wanted[part]))
        && existing["color"] == wanted["color"]
        && existing["footer"]["text"] == wanted["footer"]["text"]
}

/// The numbers of requests lead to cards on Discord, which the console has not.
fn without_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("**[#") {
        let Some((no, after)) = after.split_once("](https://discord.com/channels/") else { break };
        let Some((_, after)) = after.split_once(')') else { break };
        out.push_str(&format!("{before}**#{no}"));
        rest = after;
    }
    out + rest
}

/// The name of a variant.
fn variant(of: &impl std::fmt::Debug) -> String {
    format!("{of:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// Passwords are new every time, the log has lines about messages that the console's has not, and ids are the platform's.
fn has_its_own(line: &str, card: &Card) -> bool {
    let secret = card.blocks.iter().any(|block| matches!(block, Block::Secret { .. }));
    secret || line.contains("history") || line.contains("whoami")
}

/// A text of Discord as the console has it: people by their names, roles by their words, and moments to the minute. A shared card names
/// the person to whom the console says "you".
fn normal(server: &Server, text: &str) -> String {
    let mut text = text.to_owned();
    for (name, person) in &server.people {
        text = text.replace(&format!("<@{}>", person.id()), name);
        text = text.replace(&format!("Confirmation by {name}"), "Your confirmation");
        text = text.replace(&format!(" for {name}"), " for you");
    }
    for role in Role::ALL {
        text = text.replace(&format!("<@&{}>", role_id(role)), role.word());
    }
    let text = untimed(&text);
    let mut parts = text.split("<t:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (seconds, rest) = part.split_once(':').unwrap_or((part, ""));
        out.push_str(&format!("<t:{} min:{rest}", seconds.parse::<i64>().unwrap_or_default() / 60));
    }
    out
}

/// A text that does not say how long the steps took: each desk has its own clock and its own quota to spend.
fn untimed(text: &str) -> String {
    let mut parts = text.split(" steps, ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        out.push_str(&format!(" steps, …{rest}"));
    }
    out.replace(" steps, … s.", " steps.")
}

/// A card in words, without anybody's account and without the line that platforms say in their own way.
fn in_words(card: &Card) -> Value {
    fn spoken(value: &mut Value) {
        match value {
            Value::String(text) => *text = untimed(&desk_core::basics::span::spoken(text)),
            Value::Array(all) => all.iter_mut().for_each(spoken),
            Value::Object(all) => all.values_mut().for_each(spoken),
            _ => {}
        }
    }
    let mut words = serde_json::to_value(card).unwrap();
    spoken(&mut words);
    words
}

/// What someone sees on paper is the card of the console.
fn is_the_card(line: &str, card: &Card, expected: &Card) {
    assert_eq!(card.title, expected.title, "`{line}`: {card:?}");
    if !has_its_own(line, expected) {
        assert_eq!(in_words(card), in_words(expected), "`{line}`");
    }
}

/// What someone sees is the card of the console.
fn compare(server: &Server, line: &str, message: &Message, expected: &Card) {
    let embed = message.embeds.first().unwrap_or_else(|| panic!("`{line}`: no card in {:?}", message.text()));
    let wanted = connect_desk::discord::embed(expected);
    let part = |value: &Value, name: &str| normal(server, value[name].as_str().unwrap_or_default());
    assert_eq!(part(embed, "title"), part(&wanted, "title"), "`{line}`");
    if !has_its_own(line, expected) {
        assert_eq!(without_links(&part(embed, "description")), part(&wanted, "description"), "`{line}`");
        assert_eq!(embed["footer"]["text"], wanted["footer"]["text"], "`{line}`");
    }
}
