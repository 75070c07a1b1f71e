//! What a form may hold: one to five inputs.

use std::collections::HashSet;

use serde_json::Value;

use super::component::{LABEL, ROW, TEXT_DISPLAY, TEXT_INPUT, check_select, is_select, kind};
use super::{Form, chars};
use crate::refusal::Errors;

pub(crate) fn check(data: &Value, place: &str, errors: &mut Errors) {
    let mut form = Form::new(data, place, errors);
    form.required_text("title", 1, 45);
    form.required_text("custom_id", 1, 100);
    if form.get("components").is_none() {
        form.missing("components");
    }
    let parts = form.list("components", 1, 5).unwrap_or_default();
    let mut seen = HashSet::new();
    for (index, part) in parts.iter().enumerate() {
        let place = form.at(&format!("components.{index}"));
        top(part, &place, &mut seen, form.errors);
    }
}

fn top(part: &Value, place: &str, seen: &mut HashSet<String>, errors: &mut Errors) {
    let mut form = Form::new(part, place, errors);
    match kind(part) {
        ROW => {
            if form.get("components").is_none() {
                form.missing("components");
            }
            let inputs = form.list("components", 1, 1).unwrap_or_default();
            for (index, value) in inputs.iter().enumerate() {
                let place = form.at(&format!("components.{index}"));
                if kind(value) == TEXT_INPUT {
                    input(value, &place, true, seen, form.errors);
                } else {
                    wrong_kind(&place, "4", form.errors);
                }
            }
        }
        LABEL => {
            form.required_text("label", 1, 45);
            form.text("description", 0, 100);
            let Some(value) = form.get("component") else { return form.missing("component") };
            let place = form.at("component");
            match kind(value) {
                TEXT_INPUT => input(value, &place, false, seen, form.errors),
                // File upload, radio group, checkbox group, checkbox.
                select if is_select(select) || matches!(select, 19 | 21 | 22 | 23) => {
                    let mut part = Form::new(value, place.clone(), form.errors);
                    let id = part.required_text("custom_id", 1, 100);
                    if is_select(select) {
                        check_select(&mut part);
                    }
                    once(id, &place, seen, form.errors);
                }
                _ => wrong_kind(&place, "3, 4, 5, 6, 7, 8, 19, 21, 22, 23", form.errors),
            }
        }
        TEXT_DISPLAY => drop(form.required_text("content", 1, 4000)),
        _ => wrong_kind(place, "1, 10, 18", form.errors),
    }
}

fn wrong_kind(place: &str, allowed: &str, errors: &mut Errors) {
    errors.add(&format!("{place}.type"), "BASE_TYPE_CHOICES", format!("Value must be one of ({allowed})."));
}

fn once(id: Option<&str>, place: &str, seen: &mut HashSet<String>, errors: &mut Errors) {
    if let Some(id) = id
        && !seen.insert(id.to_owned())
    {
        errors.add(
            &format!("{place}.custom_id"),
            "COMPONENT_CUSTOM_ID_DUPLICATED",
            "Component custom id cannot be duplicated",
        );
    }
}

fn input(value: &Value, place: &str, labelled: bool, seen: &mut HashSet<String>, errors: &mut Errors) {
    let mut form = Form::new(value, place, errors);
    let id = form.required_text("custom_id", 1, 100);
    if form.get("style").is_none() {
        form.missing("style");
    }
    form.whole("style", 1, 2);
    if labelled {
        form.required_text("label", 1, 45);
    }
    let least = form.whole("min_length", 0, 4000).unwrap_or(0);
    let most = form.whole("max_length", 1, 4000).unwrap_or(4000);
    if least > most {
        form.wrong("min_length", "TEXT_INPUT_MIN_LENGTH", "min_length is more than max_length");
    }
    form.flag("required");
    form.text("placeholder", 0, 100);
    if let Some(text) = form.text("value", 0, 4000) {
        let length = i64::try_from(chars(text)).unwrap_or(i64::MAX);
        if length > most || (length < least && length > 0) {
            form.wrong(
                "value",
                "BASE_TYPE_BAD_LENGTH",
                format!("Must be between {least} and {most} in length."),
            );
        }
    }
    once(id, place, seen, errors);
}
