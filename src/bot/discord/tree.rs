//! The slash commands, derived from the list of commands, and whether those registered at Discord are the same.
//!
//! Discord's shape is command and subcommand: `/connect reset` is a subcommand of `connect`. Of three words, the first two are the
//! command, with a hyphen: Discord takes 8,000 characters of a command with everything below it, and `/connect` has more.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use desk_core::basics::address::EMAIL_MAX;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::text::capital;
use desk_core::command::Entry;
use desk_core::policy::Policy;
use desk_core::words::{Arg, Kind, Need};
use serde_json::{Value, json};

/// Who sees the commands before the desk has checked anything: everyone who may write in a channel (Send Messages). It hides
/// them from no one who matters and opens nothing, because the desk checks for itself.
const SEEN_BY: &str = "2048";

/// A command that is typed. Options have numbers of their own.
const CHAT_INPUT: u8 = 1;

pub const SUBCOMMAND: u8 = 1;
pub const STRING: u8 = 3;
const INTEGER: u8 = 4;
const BOOLEAN: u8 = 5;
const ATTACHMENT: u8 = 11;

/// The longest list of logins, in characters.
const LIST_MAX: usize = 4_000;

/// What is rarely typed below `/desk`, and so a command of its own at Discord, which takes 25 subcommands.
const HYPHENED: [&str; 3] = ["desk digest", "desk recover", "desk status"];

/// What is a command of its own at Discord: that, and all words that have commands below them.
static TOPS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let groups = desk_commands::all().into_iter().filter_map(|entry| {
        let (group, _) = entry.path.rsplit_once(' ')?;
        group.contains(' ').then_some(group)
    });
    groups.chain(HYPHENED).collect()
});

/// The command's words for what Discord calls it.
pub fn words_of(registered: &str) -> String {
    match registered.split_once(' ') {
        Some((top, name)) => format!("{} {name}", top.replace('-', " ")),
        None => registered.replace('-', " "),
    }
}

/// The words of a command, or a line of them, as people type them at Discord.
pub fn typed(words: &str) -> String {
    let top = words.match_indices(' ').nth(1).and_then(|(end, _)| words.get(..end)).unwrap_or(words);
    if TOPS.contains(top) { words.replacen(' ', "-", 1) } else { words.to_owned() }
}

/// A text as Discord shows it: where it is a command, which begins with a slash, as people type it there.
pub fn as_typed(text: &str) -> String {
    text.strip_prefix('/').map_or_else(|| text.to_owned(), |words| format!("/{}", typed(words)))
}

/// How the description of a group begins that has none; a test fails.
pub const UNDESCRIBED: &str = "Commands of ";

/// What belongs to the words that several commands share.
fn about(word: &str) -> String {
    match word {
        "connect" => "Users of the contact center".to_owned(),
        "desk" => "Requests, decisions and the desk itself".to_owned(),
        "connect-group" => "The agent hierarchy: levels, groups and their agents".to_owned(),
        "connect-hours" => "Hours of operation: closing and opening".to_owned(),
        "log" => "The approval log".to_owned(),
        "connect-queue" => "Queues: settings, quick connects, on and off".to_owned(),
        "connect-quick" => "Quick connects".to_owned(),
        "connect-routing" => "Routing profiles: channels and queues".to_owned(),
        "connect-security" => "What security profiles allow".to_owned(),
        "connect-status" => "Agent statuses, and the statuses that agents are in".to_owned(),
        "salesforce" => "Agents in Salesforce: permission sets, call centers and freezing".to_owned(),
        other => format!("{UNDESCRIBED}{other}"),
    }
}

/// Every command as Discord registers it.
pub fn tree(commands: &[Entry]) -> Value {
    let mut tops: Vec<Value> = Vec::new();
    for entry in commands {
        let typed = typed(entry.path);
        let spec = entry.command.spec;
        let options: Vec<Value> = spec.args.iter().map(option).collect();
        let command = |kind: u8, name: &str| json!({ "type": kind, "name": name, "description": spec.about, "options": options });
        match typed.split_once(' ') {
            Some((top, name)) => below(&mut tops, top).push(command(SUBCOMMAND, name)),
            None => {
                let mut top = command(CHAT_INPUT, &typed);
                top["default_member_permissions"] = json!(SEEN_BY);
                tops.push(top);
            }
        }
    }
    tops.iter_mut().for_each(fit);
    json!(tops)
}

/// The commands that some rule allows in direct messages with the bot.
pub(super) fn direct_paths(commands: &[Entry], policy: &Policy) -> Vec<&'static str> {
    let rules: Vec<_> = policy.rules.iter().filter(|rule| rule.private && !rule.deny).collect();
    let allowed = |entry: &&Entry| rules.iter().any(|rule| rule.is_about(entry.path));
    commands.iter().filter(allowed).map(|entry| entry.path).collect()
}

/// These commands as they are registered for direct messages: for the whole application, because commands of a server are not
/// shown there.
pub(super) fn direct(commands: &[Entry], paths: &[&str]) -> Value {
    let wanted = commands.iter().filter(|entry| paths.contains(&entry.path));
    let mut tops = tree(&wanted.copied().collect::<Vec<_>>());
    for top in tops.as_array_mut().into_iter().flatten() {
        top["contexts"] = json!([BOT_DM]);
    }
    tops
}

/// The context of commands that are shown in direct messages with the bot, and nowhere else.
const BOT_DM: u8 = 1;

/// The longest label of a choice.
const LABEL_MAX: usize = 100;

/// Choices that are read by their letters.
const ABBREVIATIONS: [&str; 3] = ["csv", "json", "saml"];

/// A choice as people read it: the word, and what it means.
pub fn label(word: &str, about: &str) -> String {
    let mut label =
        if ABBREVIATIONS.contains(&word) { word.to_uppercase() } else { capital(&word.replace('_', " ")) };
    if !about.is_empty() {
        label = format!("{label}{MEANS}{about}");
    }
    label.chars().take(LABEL_MAX).collect()
}

/// What comes between a choice and what it means.
const MEANS: &str = ": ";

/// The most characters of a command with everything below it: names, descriptions, and names and values of choices.
pub const TOGETHER_MAX: usize = 8_000;

/// The fewest characters that descriptions of options may have to be shortened to: fewer say nothing. A command that needs fewer has
/// too much below it, and a test fails.
const LEAST: usize = 24;

/// Makes a command fit: shortens the descriptions of options, all of them alike and no more than it takes. Names, choices and the
/// descriptions of commands stay whole, and `/desk help` has everything.
pub fn fit(top: &mut Value) {
    let fits = |longest: usize| {
        let mut short = top.clone();
        shorten(&mut short, longest);
        (weight(&short) <= TOGETHER_MAX).then_some(short)
    };
    if let Some(short) = (LEAST..=100).rev().find_map(fits) {
        *top = short;
    }
}

fn shorten(item: &mut Value, longest: usize) {
    for option in item["options"].as_array_mut().into_iter().flatten() {
        let is_option = option["type"].as_u64().is_some_and(|kind| kind > u64::from(SUBCOMMAND));
        match option["description"].as_str().filter(|_| is_option) {
            Some(text) => option["description"] = json!(shortened(text, longest)),
            None => shorten(option, longest),
        }
    }
}

/// The beginning of a description: up to where its first thought ends, or else as many whole words as there is room for.
fn shortened(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let room: String = text.chars().take(longest).collect();
    let thought = [';', ',', ':', '('].iter().filter_map(|sign| room.rfind(*sign)).max();
    let end = thought.filter(|end| *end * 2 > room.len()).or_else(|| room.rfind(' ')).unwrap_or(room.len());
    let short = room.get(..end).unwrap_or(&room).trim_end();
    if short.is_empty() { room } else { short.to_owned() }
}

/// The options of the command that starts with this word, which is made when it is not there.
fn below<'a>(tops: &'a mut Vec<Value>, name: &str) -> &'a mut Vec<Value> {
    let at = tops.iter().position(|top| top["name"] == name).unwrap_or_else(|| {
        tops.push(json!({
            "type": CHAT_INPUT, "name": name, "description": about(name), "options": [],
            "default_member_permissions": SEEN_BY,
        }));
        tops.len() - 1
    });
    tops[at]["options"].as_array_mut().expect("a command above subcommands was made with a list of them")
}

fn option(arg: &Arg) -> Value {
    let mut option = json!({ "name": arg.name, "description": arg.about, "type": STRING });
    if arg.need == Need::Required {
        option["required"] = json!(true);
    }
    match arg.kind {
        Kind::Word(max)
        | Kind::Name(max)
        | Kind::Text(max)
        | Kind::Exact(max)
        | Kind::Moment(max)
        | Kind::Sentence(max) => {
            option["max_length"] = json!(max);
        }
        Kind::Logins => option["max_length"] = json!(LIST_MAX),
        Kind::Account => option["max_length"] = json!(100),
        Kind::Email(_) => option["max_length"] = json!(EMAIL_MAX),
        Kind::Phone(_) => option["max_length"] = json!(60),
        Kind::Code => option["max_length"] = json!(12),
        Kind::Plan => option["max_length"] = json!(64),
        Kind::Choice(words) => {
            option["choices"] = words
                .iter()
                .map(|(word, about)| json!({ "name": label(word, about), "value": word }))
                .collect();
        }
        Kind::Flag => option["type"] = json!(BOOLEAN),
        Kind::Integer(min, max) | Kind::Seconds(min, max) => {
            option["type"] = json!(INTEGER);
            option["min_value"] = json!(min);
            option["max_value"] = json!(max);
        }
        Kind::Request => {
            option["type"] = json!(INTEGER);
            option["min_value"] = json!(1);
            option["max_value"] = json!(RequestNo::MAX);
        }
        Kind::Login | Kind::LoginOrAll | Kind::LoginOrRequest => {
            // One more than the longest login, for the `@` that people put in front.
            option["max_length"] = json!(desk_core::basics::ids::LOGIN_MAX + 1);
        }
        Kind::File => option["type"] = json!(ATTACHMENT),
        Kind::Command | Kind::RoutingProfile | Kind::SecurityProfile | Kind::HierarchyGroup => {}
    }
    if arg.completes() {
        option["autocomplete"] = json!(true);
    }
    option
}

/// Whether Discord has exactly these commands. Members that Discord adds, such as ids, do not count, nor does an order of
/// the commands; a member that is left out is the same as its default.
pub fn is_same(wanted: &Value, registered: &Value) -> bool {
    let sorted = |list: &Value| {
        let mut all: Vec<Value> = list.as_array().into_iter().flatten().map(shape).collect();
        all.sort_by_key(|command| command["name"].as_str().unwrap_or_default().to_owned());
        all
    };
    sorted(wanted) == sorted(registered)
}

/// A command or option with its defaults filled in and everything else left out.
fn shape(item: &Value) -> Value {
    let or = |name: &str, default: Value| match item.get(name) {
        None | Some(Value::Null) => default,
        Some(Value::Number(number)) => json!(number.as_f64()),
        Some(value) => value.clone(),
    };
    let list = |name: &str, each: &dyn Fn(&Value) -> Value| -> Vec<Value> {
        item.get(name).and_then(Value::as_array).into_iter().flatten().map(each).collect()
    };
    let choice = |choice: &Value| json!([choice["name"], choice["value"]]);
    json!({
        "type": or("type", json!(1.0)),
        "name": or("name", Value::Null),
        "description": or("description", json!("")),
        "required": or("required", json!(false)),
        "autocomplete": or("autocomplete", json!(false)),
        "min_value": or("min_value", Value::Null),
        "max_value": or("max_value", Value::Null),
        "min_length": or("min_length", Value::Null),
        "max_length": or("max_length", Value::Null),
        "permissions": or("default_member_permissions", Value::Null),
        "contexts": or("contexts", Value::Null),
        "choices": list("choices", &choice),
        "options": list("options", &shape),
    })
}

/// The characters that Discord counts of one command: names, descriptions and choices.
pub fn weight(item: &Value) -> usize {
    let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let below: usize = item["options"].as_array().into_iter().flatten().map(weight).sum();
    let choices: usize = item["choices"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|choice| length(&choice["name"]) + length(&choice["value"]))
        .sum();
    length(&item["name"]) + length(&item["description"]) + below + choices
}
