//! Messages as a page of HTML, as they look in Discord's dark theme on a phone, for pictures in the documentation.
//!
//! The page needs nothing from anywhere: no script, no font, no image. Every text in it is escaped.

mod markdown;

use serde_json::Value;

use crate::interactions::{Kind, Modal};
use crate::messages::{Button, Message};
use crate::page::markdown::{escape, render};
use crate::world::{Id, World};

const STYLE: &str = include_str!("page/style.css");

pub(crate) fn page(world: &World, title: &str, wanted: &[Id], forms: &[Modal]) -> String {
    let shown = wanted.iter().filter_map(|id| world.message(*id)).map(|it| message(world, it));
    let body: String = shown.chain(forms.iter().map(form)).collect();
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=390\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><main><div class=\"channel\"># {title}</div>{body}</main></body></html>\n"
    )
}

fn message(world: &World, message: &Message) -> String {
    let asked = message.interaction.and_then(|id| world.interaction(id));
    let asker = match asked.map(|asked| (&asked.kind, world.user(asked.user))) {
        Some((Kind::Command { name }, Some(user))) => {
            let (who, name) = (escape(&user.display_name), escape(name));
            format!("<div class=\"asker\"><b>{who}</b> used <span class=\"chip\">/{name}</span></div>")
        }
        _ => String::new(),
    };
    let name = world.user(message.author).map(|user| user.display_name.as_str()).unwrap_or_default();
    let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
    let (name, initial, sent) = (escape(name), escape(&initial), markdown::clock_time(message.sent_ms));
    let content = render(&message.content, world);
    let files = message.attachments.iter().map(|file| {
        let (name, size) = (escape(&file.filename), file.bytes.len());
        format!("<div class=\"file\"><div><span class=\"link\">{name}</span><small>{size} bytes</small></div></div>")
    });
    let files: String = files.collect();
    let embeds: String = message.embeds.iter().map(|it| embed(it, world)).collect();
    let parts = |row: &Value| row["components"].as_array().cloned().unwrap_or_default();
    let rows: String = message
        .components
        .iter()
        .map(|row| {
            let part = |part: &Value| match part["placeholder"].as_str() {
                Some(text) => format!("<span class=\"menu\">{} ▾</span>", escape(text)),
                None => button(&Button::read(part)),
            };
            let buttons: String = parts(row).iter().map(part).collect();
            format!("<div class=\"row\">{buttons}</div>")
        })
        .collect();
    let (class, only) = match message.is_ephemeral() {
        true => (
            "message private",
            "<div class=\"only\">Only you can see this • <span class=\"link\">Dismiss message</span></div>",
        ),
        false => ("message", ""),
    };
    format!(
        "<article class=\"{class}\">{asker}<div class=\"avatar\">{initial}</div><div class=\"inside\"><header>\
         <span class=\"name\">{name}</span><span class=\"tag\">APP</span><time>{sent}</time></header>\
         <div class=\"content\">{content}</div>{files}{embeds}{rows}{only}</div></article>"
    )
}

fn embed(embed: &Value, world: &World) -> String {
    let part = |class: &str, pointer: &str| {
        let text = embed.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.map(|text| format!("<div class=\"{class}\">{}</div>", render(text, world))).unwrap_or_default()
    };
    let fields = embed["fields"].as_array().cloned().unwrap_or_default();
    let field = |field: &Value| {
        let text = |name: &str| render(field[name].as_str().unwrap_or_default(), world);
        let class = if field.get("inline") == Some(&Value::Bool(true)) { "field inline" } else { "field" };
        format!("<div class=\"{class}\"><b>{}</b><div>{}</div></div>", text("name"), text("value"))
    };
    format!(
        "<section class=\"embed\" style=\"border-color:#{:06x}\">{}{}{}<div class=\"fields\">{}</div>{}</section>",
        embed["color"].as_u64().unwrap_or(0x4e_50_58),
        part("author", "/author/name"),
        part("title", "/title"),
        part("description", "/description"),
        fields.iter().map(field).collect::<String>(),
        part("footer", "/footer/text"),
    )
}

fn button(button: &Button) -> String {
    let class = match button.style {
        1 => "primary",
        3 => "success",
        4 => "danger",
        _ => "secondary",
    };
    let disabled = if button.disabled { " disabled" } else { "" };
    format!("<span class=\"button {class}{disabled}\">{}</span>", escape(&button.label))
}

fn form(form: &Modal) -> String {
    let input = |input: &crate::TextInput| {
        let star = if input.required { "<span class=\"star\"> *</span>" } else { "" };
        let empty = if input.value.is_none() { " empty" } else { "" };
        let tall = if input.paragraph { " tall" } else { "" };
        let shown = input.value.as_ref().or(input.placeholder.as_ref()).map(|text| escape(text));
        let (label, shown) = (escape(&input.label), shown.unwrap_or_default());
        format!("<label>{label}{star}</label><div class=\"input{empty}{tall}\">{shown}</div>")
    };
    format!(
        "<form class=\"modal\"><h2>{}</h2>{}<div class=\"row\"><span class=\"button secondary\">Cancel</span>\
         <span class=\"button primary\">Submit</span></div></form>",
        escape(&form.title),
        form.inputs.iter().map(input).collect::<String>(),
    )
}
