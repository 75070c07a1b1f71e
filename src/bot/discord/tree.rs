//! The slash commands, derived from the list of commands, and whether those registered at Discord are the same.
//!
//! Discord's shape is command and subcommand: `/connect reset` is a subcommand of `connect`. Of three words, the first two are the
//! command, with a hyphen: Discord takes 8,000 characters of a command with everything below it, and `/connect` has more.

use desk_core::basics::address::EMAIL_MAX;
use desk_core::basics::ids::RequestNo;
use desk_core::command::Entry;
use desk_core::policy::Policy;
use desk_core::words::{Arg, Kind, Need};
use serde_json::{Value, json};

/// Who sees the commands before the desk has checked anything: everyone who may write in a channel (Send Messages). It hides
/// them from no one who matters and opens nothing, because the desk checks for itself.
const SEEN_BY: &str = "2048";

/// A command that is typed. Options have numbers of their own.
const CHAT_INPUT: u8 = 1;

const SUBCOMMAND: u8 = 1;
const STRING: u8 = 3;
const INTEGER: u8 = 4;
const BOOLEAN: u8 = 5;
const ATTACHMENT: u8 = 11;

/// The longest list of logins, in characters.
const LIST_MAX: usize = 4_000;

/// What is a command of its own at Discord: every word that has commands below it, and what is rarely typed below `/desk`, because
/// Discord takes 25 subcommands.
const HYPHENED: [&str; 10] = [
    "connect group",
    "connect hours",
    "connect queue",
    "connect quick",
    "connect routing",
    "connect security",
    "connect status",
    "desk digest",
    "desk recover",
    "desk status",
];

/// The command's words for what Discord calls it.
pub(super) fn words_of(registered: &str) -> String {
    match registered.split_once(' ') {
        Some((top, name)) => format!("{} {name}", top.replace('-', " ")),
        None => registered.replace('-', " "),
    }
}

/// The words of a command, or a line of them, as people type them at Discord.
fn typed(words: &str) -> String {
    let below = |top: &&str| words.strip_prefix(top).filter(|rest| rest.is_empty() || rest.starts_with(' '));
    match HYPHENED.iter().find_map(|top| Some((top, below(top)?))) {
        Some((top, rest)) => format!("{}{rest}", top.replace(' ', "-")),
        None => words.to_owned(),
    }
}

/// A text as Discord shows it: where it is a command, which begins with a slash, as people type it there.
pub(super) fn as_typed(text: &str) -> String {
    text.strip_prefix('/').map_or_else(|| text.to_owned(), |words| format!("/{}", typed(words)))
}

/// How the description of a group begins that has none; a test fails.
const UNDESCRIBED: &str = "Commands of ";

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
pub(super) fn tree(commands: &[Entry]) -> Value {
    let mut tops: Vec<Value> = Vec::new();
    for entry in commands {
        let typed = typed(entry.path);
        let spec = entry.command.spec();
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
fn label(word: &str, about: &str) -> String {
    let mut label = word.replace('_', " ");
    if ABBREVIATIONS.contains(&word) {
        label.make_ascii_uppercase();
    }
    if let Some(head) = label.get_mut(..1) {
        head.make_ascii_uppercase();
    }
    if !about.is_empty() {
        label = format!("{label}{MEANS}{about}");
    }
    label.chars().take(LABEL_MAX).collect()
}

/// What comes between a choice and what it means.
const MEANS: &str = ": ";

/// The most characters of a command with everything below it: names, descriptions, and names and values of choices.
const TOGETHER_MAX: usize = 8_000;

/// The fewest characters that descriptions of options may have to be shortened to: fewer say nothing. A command that needs fewer has
/// too much below it, and a test fails.
const LEAST: usize = 24;

/// Makes a command fit: shortens the descriptions of options, all of them alike and no more than it takes. Names, choices and the
/// descriptions of commands stay whole, and `/desk help` has everything.
fn fit(top: &mut Value) {
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
        Kind::Word(max) | Kind::Name(max) | Kind::Text(max) | Kind::Exact(max) | Kind::Sentence(max) => {
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
pub(super) fn is_same(wanted: &Value, registered: &Value) -> bool {
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
fn weight(item: &Value) -> usize {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_fits_discord() {
        let tree = tree(&desk_commands::all());
        for command in tree.as_array().unwrap() {
            assert!(weight(command) <= TOGETHER_MAX, "{} needs a word of its own", command["name"]);
            let about = command["description"].as_str().unwrap();
            assert!(!about.starts_with(UNDESCRIBED), "say in `about` what /{} is", command["name"]);
            for (words, options) in levels(command, command["name"].as_str().unwrap()) {
                // A 26th belongs into a group, or gets a line in `HYPHENED`: ARCHITECTURE.md says which, and how many are left.
                assert!((1..=25).contains(&options), "/{words}: {options}");
                assert!(words.matches(' ').count() < 2, "/{words}: its group belongs into `HYPHENED`");
            }
        }
        let reset = tree[0]["options"].as_array().unwrap().iter().find(|o| o["name"] == "reset").unwrap();
        assert_eq!(reset["options"][0]["name"], "login");
        assert_eq!(reset["options"][0]["required"], true);
        assert_eq!(reset["options"][0]["autocomplete"], true);
    }

    #[test]
    fn choices_say_what_they_mean() {
        assert_eq!(label("json", ""), "JSON");
        assert_eq!(label("email_code", "they read it back"), "Email code: they read it back");
    }

    /// Options that are words and texts of their own, and name nothing that there is. Every other one is completed: a new option has
    /// to say what it names, or be listed here.
    const FREE: [&str; 24] = [
        "text",
        "name",
        "description",
        "from",
        "until",
        "end",
        "new_name",
        "matching",
        "tag",
        "untag",
        "session",
        "schedule",
        "encoding",
        "center",
        "set",
        "send",
        "when",
        "channels",
        "max_contacts",
        "caller_id_name",
        "to",
        "login",
        "comment",
        "reason",
    ];

    #[test]
    fn every_option_that_names_something_is_completed() {
        let tree = tree(&desk_commands::all()).to_string();
        let tree: Value = serde_json::from_str(&tree).unwrap();
        let mut completed = 0;
        for entry in desk_commands::all() {
            let typed = typed(entry.path);
            let mut at = json!({ "options": tree });
            for word in typed.split(' ') {
                let below = at["options"].as_array().unwrap().iter();
                at = below.clone().find(|item| item["name"] == word).unwrap().clone();
            }
            for arg in entry.command.spec().args {
                let options = at["options"].as_array().unwrap();
                let option = options.iter().find(|option| option["name"] == arg.name).unwrap();
                let is_completed = option["autocomplete"] == true;
                let what = format!("/{} {}", entry.path, arg.name);
                let is_free = match arg.kind {
                    Kind::Word(_) | Kind::Text(_) | Kind::Exact(_) => FREE.contains(&arg.name),
                    Kind::Name(_) | Kind::Sentence(_) | Kind::Email(_) | Kind::Phone(_) => true,
                    Kind::Code | Kind::Choice(_) | Kind::Flag | Kind::Integer(..) | Kind::Seconds(..) => true,
                    Kind::Plan | Kind::File => true,
                    // What is typed again against habit.
                    Kind::Login => what == "/desk approve login",
                    _ => false,
                };
                assert!(is_completed || is_free, "{what} is not completed");
                completed += usize::from(is_completed);
            }
        }
        assert!(completed > 100, "{completed}");
    }

    /// The words of a command and of each group below it, with how many options each has.
    fn levels(item: &Value, words: &str) -> Vec<(String, usize)> {
        let Some(options) = item["options"].as_array().filter(|options| !options.is_empty()) else {
            return Vec::new();
        };
        let below = options.iter().flat_map(|option| levels(option, &format!("{words} {}", option["name"])));
        std::iter::once((words.to_owned(), options.len())).chain(below).collect()
    }

    #[test]
    fn a_command_that_is_too_long_loses_words_of_its_options_and_nothing_else() {
        let about =
            "The group, by its path from the top; several with commas between, and all of it for everyone";
        let option =
            |i: usize| json!({ "type": STRING, "name": format!("option_{i:02}"), "description": about });
        let leaf = |i: usize| {
            let options: Vec<Value> = (0..20).map(option).collect();
            json!({ "type": SUBCOMMAND, "name": format!("leaf_{i}"), "description": about, "options": options })
        };
        let whole = json!({ "type": 1, "name": "top", "description": about, "options": (0..5).map(leaf).collect::<Vec<_>>() });
        let mut short = whole.clone();
        fit(&mut short);
        assert!(weight(&whole) > TOGETHER_MAX && weight(&short) <= TOGETHER_MAX);
        // As much is left as there is room for.
        assert!(weight(&short) > TOGETHER_MAX * 8 / 10, "{}", weight(&short));
        let leaf = &short["options"][0];
        assert_eq!(leaf["description"], about);
        assert_eq!(leaf["options"][0]["name"], "option_00");
        let said = leaf["options"][0]["description"].as_str().unwrap();
        assert!(about.starts_with(said) && said.len() < about.len(), "{said}");
        let mut again = short.clone();
        fit(&mut again);
        assert_eq!(again, short);
    }

    #[test]
    fn what_discord_adds_is_no_difference_and_what_we_change_is_one() {
        let wanted = tree(&desk_commands::all());
        let mut registered = wanted.clone();
        for command in registered.as_array_mut().unwrap() {
            command["id"] = json!("1");
            command["version"] = json!("2");
            command["nsfw"] = json!(false);
            command["name_localizations"] = Value::Null;
            for option in command["options"].as_array_mut().unwrap() {
                option.as_object_mut().unwrap().entry("required").or_insert(json!(false));
            }
        }
        registered.as_array_mut().unwrap().reverse();
        assert!(is_same(&wanted, &registered));
        let mut commands = registered.as_array_mut().unwrap().iter_mut();
        let connect = commands.find(|command| command["name"] == "connect").unwrap();
        connect["options"][0]["description"] = json!("Something else");
        assert!(!is_same(&wanted, &registered));
        assert!(!is_same(&wanted, &json!([])));
    }

    #[test]
    fn every_command_is_typed_in_at_most_two_words_and_known_by_them() {
        for entry in desk_commands::all() {
            let typed = typed(entry.path);
            assert!(typed.split(' ').count() <= 2, "/{} needs a line in HYPHENED", entry.path);
            assert_eq!(words_of(&typed), entry.path);
        }
        let lines = [
            ("/connect queue list", "/connect-queue list"),
            ("/connect queue", "/connect-queue"),
            ("/connect queues", "/connect queues"),
            ("connect status add Lunch", "connect status add Lunch"),
            ("/desk status", "/desk-status"),
            ("/desk digest", "/desk-digest"),
            ("/desk show 4", "/desk show 4"),
            ("queue", "queue"),
        ];
        for (line, shown) in lines {
            assert_eq!(super::as_typed(line), shown);
        }
    }
}
