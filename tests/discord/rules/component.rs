//! Rows of buttons and menus of texts: all that the desk sends of Discord's components. Any other part is refused here, although Discord
//! knows more of them, so that a bot that begins to send one finds out that the fake has to learn it first.

use std::collections::HashSet;

use serde_json::Value;

use super::Form;
use crate::refusal::Errors;

pub(crate) const ROW: i64 = 1;
pub(crate) const BUTTON: i64 = 2;
pub(crate) const MENU: i64 = 3;
pub(crate) const TEXT_INPUT: i64 = 4;
pub(crate) const LINK: i64 = 5;

pub(crate) fn kind(component: &Value) -> i64 {
    component["type"].as_i64().unwrap_or(0)
}

/// Says that a part is of a kind that its place does not take.
pub(crate) fn wrong_kind(place: &str, allowed: i64, errors: &mut Errors) {
    errors.add(&format!("{place}.type"), "BASE_TYPE_CHOICES", format!("Value must be one of ({allowed})."));
}

/// Notes a custom id that another part has already.
pub(crate) fn once(id: Option<&str>, place: &str, seen: &mut HashSet<String>, errors: &mut Errors) {
    if id.is_some_and(|id| !seen.insert(id.to_owned())) {
        let message = "Component custom id cannot be duplicated";
        errors.add(&format!("{place}.custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message);
    }
}

/// What a row holds, each part with its place; nothing where it is no row.
pub(crate) fn row<'v>(
    row: &'v Value,
    place: &str,
    most: usize,
    errors: &mut Errors,
) -> Vec<(String, &'v Value)> {
    if kind(row) != ROW {
        wrong_kind(place, ROW, errors);
        return Vec::new();
    }
    let mut form = Form::new(row, place, errors);
    let parts = form.required_list("components", 1, most);
    parts.iter().enumerate().map(|(index, part)| (format!("{place}.components.{index}"), part)).collect()
}

/// Checks a message's components: at most five rows.
pub(crate) fn check(components: &[Value], place: &str, errors: &mut Errors) {
    let mut seen = HashSet::new();
    if components.len() > 5 {
        errors.add(place, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
    }
    for (index, component) in components.iter().enumerate() {
        let parts = row(component, &format!("{place}.{index}"), 5, errors);
        let is_alone = parts.len() == 1;
        for (place, part) in parts {
            match kind(part) {
                BUTTON => button(part, &place, &mut seen, errors),
                // A menu takes all of its row.
                MENU if is_alone => menu(part, &place, &mut seen, errors),
                _ => wrong_kind(&place, BUTTON, errors),
            }
        }
    }
}

fn menu(menu: &Value, place: &str, seen: &mut HashSet<String>, errors: &mut Errors) {
    let mut form = Form::new(menu, place, errors);
    let id = form.required_text("custom_id", 1, 100);
    form.text("placeholder", 0, 150);
    let options = form.required_list("options", 1, 25);
    once(id, place, seen, form.errors);
    let mut values = HashSet::new();
    for (index, option) in options.iter().enumerate() {
        let place = format!("{place}.options.{index}");
        let mut form = Form::new(option, place.clone(), errors);
        form.required_text("label", 1, 100);
        let value = form.required_text("value", 1, 100);
        if value.is_some_and(|value| !values.insert(value.to_owned())) {
            let message = "The specified option value is already used";
            errors.add(&format!("{place}.value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message);
        }
    }
}

fn button(button: &Value, place: &str, seen: &mut HashSet<String>, errors: &mut Errors) {
    let mut form = Form::new(button, place, errors);
    let style = form.required_whole("style", 1, LINK);
    let label = form.text("label", 0, 80).unwrap_or_default();
    form.flag("disabled");
    if label.trim().is_empty() && form.get("emoji").is_none() {
        form.wrong_here("BUTTON_COMPONENT_LABEL_OR_EMOJI", "A button needs a label or an emoji");
    }
    let other = if style == Some(LINK) { "custom_id" } else { "url" };
    if form.get(other).is_some() {
        let message = "A custom id and url cannot both be specified";
        form.wrong_here("BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message);
    }
    if style == Some(LINK) {
        form.required_text("url", 1, 512);
        form.address("url", false);
    } else {
        let id = form.required_text("custom_id", 1, 100);
        once(id, place, seen, form.errors);
    }
}
