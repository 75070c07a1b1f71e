//! The slash commands as Discord takes them.

use connect_desk::discord::tree::{
    STRING, SUBCOMMAND, TOGETHER_MAX, UNDESCRIBED, as_typed, fit, is_same, label, tree, typed, weight,
    words_of,
};
use desk_core::words::Kind;
use serde_json::{Value, json};

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
        for arg in entry.command.spec.args {
            let options = at["options"].as_array().unwrap();
            let option = options.iter().find(|option| option["name"] == arg.name).unwrap();
            let is_completed = option["autocomplete"] == true;
            let what = format!("/{} {}", entry.path, arg.name);
            let is_free = match arg.kind {
                Kind::Word(_) | Kind::Text(_) | Kind::Exact(_) | Kind::Moment(_) => FREE.contains(&arg.name),
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
    let option = |i: usize| json!({ "type": STRING, "name": format!("option_{i:02}"), "description": about });
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
        assert!(typed.split(' ').count() <= 2, "/{} is too deep for Discord", entry.path);
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
        assert_eq!(as_typed(line), shown);
    }
}
