//! What a command may be called and hold.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::{Form, chars};
use crate::refusal::Errors;

/// Names, descriptions and string values of a command with its options and choices, together.
const MOST_TOGETHER: usize = 8000;
/// The largest whole number that a JSON number holds exactly.
const WHOLE: i64 = 1 << 53;

pub(crate) const SUBCOMMAND: i64 = 1;
pub(crate) const GROUP: i64 = 2;
pub(crate) const STRING: i64 = 3;
pub(crate) const INTEGER: i64 = 4;
pub(crate) const BOOLEAN: i64 = 5;
pub(crate) const NUMBER: i64 = 10;
pub(crate) const ATTACHMENT: i64 = 11;

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[-_'\p{L}\p{N}\p{sc=Devanagari}\p{sc=Thai}]{1,32}$")
        .expect("the pattern is a constant, and every test with a command compiles it")
});

pub(crate) fn check(command: &Value, place: &str, errors: &mut Errors) {
    let mut form = Form::new(command, place, errors);
    let kind = form.whole("type", 1, 4).unwrap_or(1);
    if kind == 1 {
        name(&mut form);
        form.required_text("description", 1, 100);
    } else {
        form.required_text("name", 1, 32);
        form.text("description", 0, 0);
    }
    if let Some(value) = form.get("default_member_permissions") {
        // The documentation says a string; a number in its place is refused as text would be.
        let bits = value.as_str().and_then(|text| text.parse::<u64>().ok()).or_else(|| value.as_u64());
        if bits.is_none() {
            form.wrong(
                "default_member_permissions",
                "NUMBER_TYPE_COERCE",
                format!("Value {value} is not a permission set."),
            );
        }
    }
    form.flag("nsfw");
    form.flag("dm_permission");
    options(&mut form, 0);
    let together = size(command);
    if together > MOST_TOGETHER {
        form.errors.add(place, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)");
    }
}

fn name(form: &mut Form<'_, '_>) {
    let Some(name) = form.required_text("name", 1, 32) else { return };
    if !(name.is_empty() || chars(name) > 32)
        && (!NAME.is_match(name) || name.chars().flat_map(char::to_lowercase).ne(name.chars()))
    {
        form.wrong("name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
    }
}

/// `depth` is how many groups and subcommands stand above.
fn options(form: &mut Form<'_, '_>, depth: u8) {
    let listed = form.list("options", 0, 25).unwrap_or_default();
    let mut names = HashSet::new();
    let mut optional = false;
    let nested = |option: &Value| matches!(option["type"].as_i64(), Some(SUBCOMMAND | GROUP));
    let mixed = listed.iter().any(nested) && !listed.iter().all(nested);
    for (index, option) in listed.iter().enumerate() {
        let place = form.at(&format!("options.{index}"));
        let mut part = Form::new(option, place, form.errors);
        let kind = part.required_whole("type", 1, 11);
        name(&mut part);
        part.required_text("description", 1, 100);
        let own = option["name"].as_str();
        if let Some(own) = own
            && !names.insert(own)
        {
            part.wrong(
                "name",
                "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
                format!("Option name \"{own}\" already exists"),
            );
        }
        let fits = match kind {
            Some(GROUP) => depth == 0,
            Some(SUBCOMMAND) => depth < 2,
            // A group holds subcommands and nothing else.
            Some(_) => form_is_no_group(depth, form.map.get("type").and_then(Value::as_i64)),
            None => true,
        };
        if !fits || mixed {
            part.wrong(
                "type",
                "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                "Sub-commands, groups and other options cannot be mixed or nested deeper",
            );
        }
        match kind {
            Some(GROUP | SUBCOMMAND) => {
                let below = if kind == Some(GROUP) { 1 } else { 2 };
                if kind == Some(GROUP) && part.get("options").is_none() {
                    part.missing("options");
                }
                options(&mut part, below);
            }
            Some(kind) => leaf(&mut part, kind),
            None => {}
        }
        let required = option["required"].as_bool().unwrap_or(false);
        if required && optional {
            part.errors.add(
                &part.place,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            );
        }
        optional |= !required && !matches!(kind, Some(GROUP | SUBCOMMAND));
    }
}

fn form_is_no_group(depth: u8, parent: Option<i64>) -> bool {
    depth == 0 || parent == Some(SUBCOMMAND)
}

fn leaf(part: &mut Form<'_, '_>, kind: i64) {
    part.flag("required");
    let completes = part.flag("autocomplete") == Some(true);
    let choices = part.list("choices", 0, 25).unwrap_or_default();
    let may_choose = matches!(kind, STRING | INTEGER | NUMBER);
    if !choices.is_empty() && !may_choose {
        part.wrong("choices", "APPLICATION_COMMAND_CHOICES_INVALID", "This type takes no choices");
    }
    if completes && (!may_choose || !choices.is_empty()) {
        part.wrong(
            "autocomplete",
            "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID",
            "Autocomplete takes no choices, and works for strings and numbers only",
        );
    }
    check_choices(choices, kind, &part.at("choices"), part.errors);
    if kind == STRING {
        let least = part.whole("min_length", 0, 6000);
        let most = part.whole("max_length", 1, 6000);
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            part.wrong(
                "max_length",
                "APPLICATION_COMMAND_OPTION_MAX_LENGTH_INVALID",
                "max_length is below min_length",
            );
        }
    } else {
        for name in ["min_length", "max_length"] {
            if part.get(name).is_some() {
                part.wrong(name, "APPLICATION_COMMAND_OPTION_LENGTH_INVALID", "Only strings have a length");
            }
        }
    }
    for name in ["min_value", "max_value"] {
        let Some(value) = part.get(name) else { continue };
        let right = match kind {
            INTEGER => value.as_i64().is_some_and(|value| value.abs() <= WHOLE),
            NUMBER => value.is_number(),
            _ => false,
        };
        if !right {
            part.wrong(name, "APPLICATION_COMMAND_OPTION_VALUE_INVALID", "Not a bound of this type");
        }
    }
}

/// The choices of an option, and those that an autocomplete answers with.
pub(crate) fn check_choices(choices: &[Value], kind: i64, place: &str, errors: &mut Errors) {
    let mut names = HashSet::new();
    for (index, choice) in choices.iter().enumerate() {
        let mut part = Form::new(choice, format!("{place}.{index}"), errors);
        let name = part.required_text("name", 1, 100);
        if let Some(name) = name
            && !names.insert(name)
        {
            part.wrong(
                "name",
                "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS",
                format!("Choice name \"{name}\" already exists"),
            );
        }
        if part.get("value").is_none() {
            part.missing("value");
            continue;
        }
        match kind {
            STRING => drop(part.text("value", 1, 100)),
            INTEGER => drop(part.whole("value", -WHOLE, WHOLE)),
            _ => {
                if !choice.get("value").is_some_and(Value::is_number) {
                    part.wrong("value", "NUMBER_TYPE_COERCE", "Value is not float.");
                }
            }
        }
    }
}

/// Of a text with translations the longest counts.
fn size(command: &Value) -> usize {
    let text = |name: &str| command[name].as_str().map_or(0, chars);
    let translated = |name: &str| {
        let texts = command[name].as_object();
        texts.into_iter().flatten().filter_map(|(_, text)| text.as_str()).map(chars).max().unwrap_or(0)
    };
    let list = |name: &str| command[name].as_array().map(Vec::as_slice).unwrap_or_default();
    text("name").max(translated("name_localizations"))
        + text("description").max(translated("description_localizations"))
        + text("value")
        + list("options").iter().map(size).sum::<usize>()
        + list("choices").iter().map(size).sum::<usize>()
}
