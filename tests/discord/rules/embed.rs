//! What an embed may hold, and what all embeds of a message may hold together.

use jiff::Timestamp;
use serde_json::Value;

use super::{Form, chars, field};
use crate::refusal::Errors;

/// Over all embeds of a message: titles, descriptions, fields, footers, authors.
pub(crate) const MOST_TOGETHER: usize = 6000;
const COLORS: i64 = 0xFF_FF_FF;

pub(crate) fn check(embeds: &[Value], place: &str, errors: &mut Errors) {
    for (index, embed) in embeds.iter().enumerate() {
        check_one(embed, format!("{place}.{index}"), errors);
    }
    let together: usize = embeds.iter().map(size).sum();
    if together > MOST_TOGETHER {
        errors.add(place, "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000");
    }
}

fn check_one(embed: &Value, place: String, errors: &mut Errors) {
    let mut form = Form::new(embed, place, errors);
    form.text("title", 0, 256);
    form.text("description", 0, 4096);
    form.address("url", false);
    form.whole("color", 0, COLORS);
    if let Some(timestamp) = form.get("timestamp") {
        let read = timestamp.as_str().map(str::parse::<Timestamp>);
        if !matches!(read, Some(Ok(_))) {
            form.wrong(
                "timestamp",
                "DATE_TIME_TYPE_PARSE",
                format!("Could not parse {timestamp}. Should be ISO8601."),
            );
        }
    }
    for (name, inner) in [("footer", "text"), ("author", "name")] {
        let Some(value) = form.get(name) else { continue };
        let mut part = Form::new(value, form.at(name), form.errors);
        part.required_text(inner, 1, if inner == "text" { 2048 } else { 256 });
        part.address("icon_url", true);
        part.address("url", false);
    }
    for name in ["image", "thumbnail"] {
        let Some(value) = form.get(name) else { continue };
        let mut part = Form::new(value, form.at(name), form.errors);
        if part.get("url").is_none() {
            part.missing("url");
        }
        part.address("url", true);
    }
    let fields = form.list("fields", 0, 25).unwrap_or_default();
    for (index, value) in fields.iter().enumerate() {
        let place = form.at(&format!("fields.{index}"));
        let mut part = Form::new(value, place, form.errors);
        part.required_text("name", 1, 256);
        part.required_text("value", 1, 1024);
        part.flag("inline");
    }
}

fn size(embed: &Value) -> usize {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map_or(0, chars);
    let inner = |name: &str, part: &str| text(embed.get(name).and_then(|value| value.get(part)));
    let fields = embed["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
    let fields: usize = fields.iter().map(|field| text(field.get("name")) + text(field.get("value"))).sum();
    text(embed.get("title"))
        + text(embed.get("description"))
        + inner("footer", "text")
        + inner("author", "name")
        + fields
}

/// Whether there is anything to see.
pub(crate) fn shows_something(embed: &Value) -> bool {
    let Some(map) = embed.as_object() else { return false };
    let text = |name| field(map, name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
    let list = field(map, "fields").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let part = |name| field(map, name).is_some();
    list || ["title", "description", "url"].into_iter().any(text)
        || ["footer", "author", "image", "thumbnail"].into_iter().any(part)
}
