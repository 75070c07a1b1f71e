//! Rows, buttons and menus of a message; the newer components as far as they are sent raw.

use std::collections::HashSet;

use serde_json::Value;

use super::{Form, chars};
use crate::refusal::Errors;

pub(crate) const ROW: i64 = 1;
pub(crate) const BUTTON: i64 = 2;
pub(crate) const STRING_SELECT: i64 = 3;
pub(crate) const TEXT_INPUT: i64 = 4;
pub(crate) const LAST_SELECT: i64 = 8;
pub(crate) const SECTION: i64 = 9;
pub(crate) const TEXT_DISPLAY: i64 = 10;
pub(crate) const THUMBNAIL: i64 = 11;
pub(crate) const GALLERY: i64 = 12;
pub(crate) const FILE: i64 = 13;
pub(crate) const SEPARATOR: i64 = 14;
pub(crate) const CONTAINER: i64 = 17;
pub(crate) const LABEL: i64 = 18;
pub(crate) const LINK: i64 = 5;

pub(crate) fn kind(component: &Value) -> i64 {
    component.get("type").and_then(Value::as_i64).unwrap_or(0)
}

pub(crate) fn is_select(kind: i64) -> bool {
    kind == STRING_SELECT || (5..=LAST_SELECT).contains(&kind)
}

/// Checks a message's components: at most five rows, or with version 2 any layout of at most 40 parts.
pub(crate) fn check(components: &[Value], place: &str, version_2: bool, errors: &mut Errors) {
    let mut walk = Walk { seen: HashSet::new(), parts: 0, text: 0, version_2, errors };
    if !version_2 && components.len() > 5 {
        walk.errors.add(place, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
    }
    for (index, component) in components.iter().enumerate() {
        let place = format!("{place}.{index}");
        match kind(component) {
            ROW => walk.row(component, place),
            SECTION | TEXT_DISPLAY | GALLERY | FILE | SEPARATOR | CONTAINER if version_2 => {
                walk.layout(component, place);
            }
            other => walk.choices(&place, other, if version_2 { "1, 9, 10, 12, 13, 14, 17" } else { "1" }),
        }
    }
    let (parts, text) = (walk.parts, walk.text);
    if parts > 40 {
        errors.add(
            place,
            "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
            "The maximum number of components is 40",
        );
    }
    if text > 4000 {
        errors.add(place, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "The maximum text size is 4000");
    }
}

struct Walk<'e> {
    seen: HashSet<String>,
    parts: usize,
    text: usize,
    version_2: bool,
    errors: &'e mut Errors,
}

impl Walk<'_> {
    fn choices(&mut self, place: &str, kind: i64, allowed: &str) {
        let place = format!("{place}.type");
        let message = format!("Value must be one of ({allowed}); {kind} is none of them.");
        self.errors.add(&place, "BASE_TYPE_CHOICES", message);
    }

    fn custom_id(&mut self, form_place: &str, id: Option<&str>) {
        if let Some(id) = id
            && !self.seen.insert(id.to_owned())
        {
            let place = format!("{form_place}.custom_id");
            self.errors.add(
                &place,
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            );
        }
    }

    fn row(&mut self, row: &Value, place: String) {
        self.parts += 1;
        let mut form = Form::new(row, place.clone(), self.errors);
        if form.get("components").is_none() {
            form.missing("components");
        }
        let parts = form.list("components", 1, 5).unwrap_or_default();
        if parts.iter().any(|part| is_select(kind(part))) && parts.len() > 1 {
            form.wrong(
                "components",
                "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
                "The specified component exceeds the maximum width",
            );
        }
        for (index, part) in parts.iter().enumerate() {
            self.inner(part, format!("{place}.components.{index}"));
        }
    }

    fn inner(&mut self, part: &Value, place: String) {
        self.parts += 1;
        match kind(part) {
            BUTTON => self.button(part, place),
            select if is_select(select) => self.select(part, place),
            other => self.choices(&place, other, "2, 3, 5, 6, 7, 8"),
        }
    }

    fn button(&mut self, button: &Value, place: String) {
        let mut form = Form::new(button, place.clone(), self.errors);
        if form.get("style").is_none() {
            form.missing("style");
        }
        let style = form.whole("style", 1, 6);
        let label = form.text("label", 0, 80).unwrap_or_default();
        form.flag("disabled");
        if label.trim().is_empty() && form.get("emoji").is_none() && style != Some(6) {
            form.add_here("BUTTON_COMPONENT_LABEL_OR_EMOJI", "A button needs a label or an emoji");
        }
        let (link, id) = (form.get("url").is_some(), form.get("custom_id").is_some());
        if style == Some(LINK) {
            if id {
                form.add_here(
                    "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                    "A custom id and url cannot both be specified",
                );
            }
            if !link {
                form.missing("url");
            }
            form.text("url", 1, 512);
            form.address("url", false);
            return;
        }
        if link {
            form.add_here(
                "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                "Only a link button has a url",
            );
        }
        if style == Some(6) {
            return;
        }
        let id = form.required_text("custom_id", 1, 100);
        self.custom_id(&place, id);
    }

    fn select(&mut self, select: &Value, place: String) {
        let mut form = Form::new(select, place.clone(), self.errors);
        let id = form.required_text("custom_id", 1, 100);
        check_select(&mut form);
        self.custom_id(&place, id);
    }

    fn layout(&mut self, part: &Value, place: String) {
        self.parts += 1;
        match kind(part) {
            TEXT_DISPLAY => {
                let mut form = Form::new(part, place, self.errors);
                self.text += form.required_text("content", 1, 4000).map_or(0, chars);
            }
            SECTION => {
                let mut form = Form::new(part, place.clone(), self.errors);
                let texts = form.list("components", 1, 3).unwrap_or_default();
                let accessory = form.get("accessory");
                if accessory.is_none() {
                    form.missing("accessory");
                }
                for (index, text) in texts.iter().enumerate() {
                    self.layout(text, format!("{place}.components.{index}"));
                }
                match accessory.map(|accessory| (kind(accessory), accessory)) {
                    Some((BUTTON, button)) => self.inner(button, format!("{place}.accessory")),
                    Some((THUMBNAIL, _)) | None => self.parts += 1,
                    Some((other, _)) => self.choices(&format!("{place}.accessory"), other, "2, 11"),
                }
            }
            CONTAINER => {
                let mut form = Form::new(part, place.clone(), self.errors);
                form.whole("accent_color", 0, 0xFF_FF_FF);
                let parts = form.list("components", 1, 40).unwrap_or_default();
                for (index, part) in parts.iter().enumerate() {
                    let place = format!("{place}.components.{index}");
                    match kind(part) {
                        ROW => self.row(part, place),
                        _ => self.layout(part, place),
                    }
                }
            }
            GALLERY | FILE | SEPARATOR if self.version_2 => {}
            other => self.choices(&place, other, "1, 9, 10, 12, 13, 14"),
        }
    }
}

impl Form<'_, '_> {
    fn add_here(&mut self, code: &'static str, message: &str) {
        self.errors.add(&self.place, code, message);
    }
}

/// A menu's own rules, wherever it stands.
pub(crate) fn check_select(form: &mut Form<'_, '_>) {
    form.text("placeholder", 0, 150);
    form.flag("disabled");
    let least = form.whole("min_values", 0, 25).unwrap_or(1);
    let most = form.whole("max_values", 1, 25).unwrap_or(1);
    if least > most {
        form.wrong("min_values", "SELECT_COMPONENT_MIN_VALUES", "min_values is more than max_values");
    }
    if form.map.get("type").and_then(Value::as_i64) != Some(STRING_SELECT) {
        return;
    }
    if form.get("options").is_none() {
        form.missing("options");
    }
    let options = form.list("options", 1, 25).unwrap_or_default();
    if usize::try_from(most).is_ok_and(|most| most > options.len()) && !options.is_empty() {
        form.wrong("max_values", "SELECT_COMPONENT_MAX_VALUES", "There are fewer options than max_values");
    }
    let mut values = HashSet::new();
    let mut chosen = 0;
    for (index, option) in options.iter().enumerate() {
        let place = form.at(&format!("options.{index}"));
        let mut part = Form::new(option, place, form.errors);
        part.required_text("label", 1, 100);
        part.text("description", 0, 100);
        let value = part.required_text("value", 1, 100);
        if let Some(value) = value
            && !values.insert(value)
        {
            part.wrong(
                "value",
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            );
        }
        chosen += i64::from(part.flag("default") == Some(true));
    }
    if chosen > most {
        form.wrong("options", "SELECT_COMPONENT_TOO_MANY_DEFAULTS", "More defaults than max_values");
    }
}
