//! What a form may hold: one to five rows of one input each.

use std::collections::HashSet;

use serde_json::Value;

use super::component::{TEXT_INPUT, kind, once, row, wrong_kind};
use super::{Form, chars};
use crate::refusal::Errors;

pub(crate) fn check(data: &Value, place: &str, errors: &mut Errors) {
    let mut form = Form::new(data, place, errors);
    form.required_text("title", 1, 45);
    form.required_text("custom_id", 1, 100);
    let mut seen = HashSet::new();
    for (index, part) in form.required_list("components", 1, 5).iter().enumerate() {
        let place = form.at(&format!("components.{index}"));
        for (place, value) in row(part, &place, 1, form.errors) {
            match kind(value) {
                TEXT_INPUT => input(value, &place, &mut seen, form.errors),
                _ => wrong_kind(&place, TEXT_INPUT, form.errors),
            }
        }
    }
}

fn input(value: &Value, place: &str, seen: &mut HashSet<String>, errors: &mut Errors) {
    let mut form = Form::new(value, place, errors);
    let id = form.required_text("custom_id", 1, 100);
    form.required_whole("style", 1, 2);
    form.required_text("label", 1, 45);
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
            let message = format!("Must be between {least} and {most} in length.");
            form.wrong("value", "BASE_TYPE_BAD_LENGTH", message);
        }
    }
    once(id, place, seen, form.errors);
}
