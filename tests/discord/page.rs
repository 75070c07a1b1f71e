//! Messages as a page of HTML, as they look in Discord's dark theme on a phone, for pictures in the documentation.
//!
//! The page needs nothing from anywhere: no script, no font, no image. Every text in it is escaped.

mod markdown;

use std::fmt::Write;

use serde_json::Value;

use crate::interactions::{Kind, Modal};
use crate::messages::{Attachment, Button, Message, Select};
use crate::page::markdown::{Names, escape};
use crate::rules::component;
use crate::world::{Id, World};

const STYLE: &str = include_str!("page/style.css");
/// What an avatar may be coloured with.
const AVATARS: [&str; 5] = ["#5865f2", "#3ba55c", "#c27c0e", "#ed4245", "#9b59b6"];

pub(crate) fn page(world: &World, title: &str, wanted: &[Id], forms: &[Modal]) -> String {
    let messages = if wanted.is_empty() {
        world.all_messages()
    } else {
        wanted.iter().filter_map(|id| world.message(*id)).collect()
    };
    let mut body = String::new();
    let mut channel = None;
    for message in messages {
        if channel != Some(message.channel) {
            channel = Some(message.channel);
            let name = world.channel(message.channel).map(|it| it.name.as_str()).unwrap_or_default();
            let name = if name.is_empty() { "Direct message".to_owned() } else { format!("# {name}") };
            add(&mut body, format_args!("<div class=\"channel\">{}</div>", escape(&name)));
        }
        Page { world, out: &mut body, at_ms: world.now_ms() }.message(message);
    }
    for form in forms {
        body.push_str(&modal(form));
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=390\"><title>{}</title><style>{STYLE}</style></head>\
         <body><main>{body}</main></body></html>\n",
        escape(title)
    )
}

/// Writing into a text cannot fail.
fn add(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

struct Page<'w, 'o> {
    world: &'w World,
    out: &'o mut String,
    at_ms: i64,
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

impl Page<'_, '_> {
    fn message(&mut self, message: &Message) {
        let class = if message.is_ephemeral() { "message private" } else { "message" };
        add(self.out, format_args!("<article class=\"{class}\" id=\"m{}\">", message.id));
        self.asker(message);
        let author = self.world.user(message.author);
        let name = author.map(|user| user.display_name.as_str()).unwrap_or("Deleted User");
        let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
        let colour = usize::try_from(message.author).unwrap_or(0) % AVATARS.len();
        let colour = AVATARS.get(colour).copied().unwrap_or_default();
        add(
            self.out,
            format_args!("<div class=\"avatar\" style=\"background:{colour}\">{}</div>", escape(&initial)),
        );
        self.out.push_str("<div class=\"inside\"><header>");
        add(
            self.out,
            format_args!("<span class=\"name\"{}>{}</span>", self.role_colour(message), escape(name)),
        );
        if author.is_some_and(|user| user.bot) {
            self.out.push_str("<span class=\"tag\">APP</span>");
        }
        add(self.out, format_args!("<time>{}</time></header>", markdown::clock_time(message.sent_ms)));
        if message.is_loading() {
            add(self.out, format_args!("<div class=\"thinking\">{} is thinking…</div>", escape(name)));
        }
        if !message.content.is_empty() {
            let edited = if message.edits > 0 { "<span class=\"edited\"> (edited)</span>" } else { "" };
            let html = self.markdown(message, &message.content);
            add(self.out, format_args!("<div class=\"content\">{html}{edited}</div>"));
        }
        for attachment in &message.attachments {
            self.attachment(attachment);
        }
        for embed in &message.embeds {
            self.embed(message, embed);
        }
        for part in &message.components {
            self.component(message, part);
        }
        if message.is_ephemeral() {
            self.out.push_str(
                "<div class=\"only\"><svg viewBox=\"0 0 24 24\" width=\"14\" height=\"14\"><path fill=\"currentColor\" \
                 d=\"M12 5C6 5 2 12 2 12s4 7 10 7 10-7 10-7-4-7-10-7zm0 11a4 4 0 1 1 0-8 4 4 0 0 1 0 8z\"/></svg>\
                 Only you can see this • <span class=\"link\">Dismiss message</span></div>",
            );
        }
        self.out.push_str("</div></article>");
    }

    /// The line above an answer: who asked for what.
    fn asker(&mut self, message: &Message) {
        let asked = message.interaction.and_then(|id| self.world.interaction(id));
        let Some(asked) = asked else { return };
        let Kind::Command { name } = &asked.kind else { return };
        let who = self.world.user(asked.user).map(|user| user.display_name.as_str()).unwrap_or_default();
        add(
            self.out,
            format_args!(
                "<div class=\"asker\"><b>{}</b> used <span class=\"chip\">/{}</span></div>",
                escape(who),
                escape(name)
            ),
        );
    }

    fn role_colour(&self, message: &Message) -> String {
        let guild = self.world.guild_of(message.channel).and_then(|id| self.world.guild(id));
        let member = guild.and_then(|guild| guild.members.get(&message.author));
        let roles = member.map(|member| member.roles.as_slice()).unwrap_or_default();
        let coloured = roles.iter().filter_map(|role| guild?.roles.get(role)).find(|role| role.colour != 0);
        coloured.map(|role| format!(" style=\"color:#{:06x}\"", role.colour)).unwrap_or_default()
    }

    fn markdown(&self, message: &Message, text: &str) -> String {
        let world = self.world;
        let guild = world.guild_of(message.channel).and_then(|id| world.guild(id));
        let names = Names {
            user: &|id| world.user(id).map(|user| user.display_name.clone()),
            role: &|id| {
                let role = guild?.roles.get(&id)?;
                Some((role.name.clone(), role.colour))
            },
            channel: &|id| world.channel(id).map(|channel| channel.name.clone()),
            now_ms: self.at_ms,
        };
        markdown::render(text, &names)
    }

    fn attachment(&mut self, attachment: &Attachment) {
        let size = match attachment.bytes.len() {
            small @ 0..1024 => format!("{small} bytes"),
            large => format!("{:.1} KB", kilobytes(large)),
        };
        add(
            self.out,
            format_args!(
                "<div class=\"file\"><svg viewBox=\"0 0 24 24\" width=\"26\" height=\"26\"><path fill=\"#b5bac1\" \
                 d=\"M6 2h8l6 6v14H6zM13 3v6h6\"/></svg><div><span class=\"link\">{}</span><small>{size}</small>\
                 </div></div>",
                escape(&attachment.filename)
            ),
        );
    }

    fn embed(&mut self, message: &Message, embed: &Value) {
        let colour = embed.get("color").and_then(Value::as_u64).filter(|colour| *colour != 0);
        let colour = colour.map_or("#4e5058".to_owned(), |colour| format!("#{colour:06x}"));
        add(self.out, format_args!("<section class=\"embed\" style=\"border-color:{colour}\">"));
        if let Some(author) = text(embed, "/author/name") {
            add(self.out, format_args!("<div class=\"author\">{}</div>", escape(author)));
        }
        if let Some(title) = text(embed, "/title") {
            let class = if text(embed, "/url").is_some() { "title link" } else { "title" };
            let html = self.markdown(message, title);
            add(self.out, format_args!("<div class=\"{class}\">{html}</div>"));
        }
        if let Some(description) = text(embed, "/description") {
            let html = self.markdown(message, description);
            add(self.out, format_args!("<div class=\"description\">{html}</div>"));
        }
        let fields = embed.get("fields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if !fields.is_empty() {
            self.out.push_str("<div class=\"fields\">");
            for field in fields {
                let inline = field.get("inline") == Some(&Value::Bool(true));
                let (name, value) =
                    (text(field, "/name").unwrap_or_default(), text(field, "/value").unwrap_or_default());
                let (name, value) = (self.markdown(message, name), self.markdown(message, value));
                let class = if inline { "field inline" } else { "field" };
                add(self.out, format_args!("<div class=\"{class}\"><b>{name}</b><div>{value}</div></div>"));
            }
            self.out.push_str("</div>");
        }
        let footer = text(embed, "/footer/text").map(escape);
        let stamp = text(embed, "/timestamp").and_then(markdown::stamp);
        let line: Vec<String> = [footer, stamp].into_iter().flatten().collect();
        if !line.is_empty() {
            add(self.out, format_args!("<footer>{}</footer>", line.join(" • ")));
        }
        self.out.push_str("</section>");
    }

    fn component(&mut self, message: &Message, part: &Value) {
        let below = part.get("components").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        match component::kind(part) {
            component::ROW => {
                self.out.push_str("<div class=\"row\">");
                for part in below {
                    self.component(message, part);
                }
                self.out.push_str("</div>");
            }
            component::BUTTON => self.out.push_str(&button(&Button::read(part))),
            select if component::is_select(select) => self.out.push_str(&menu(&Select::read(part))),
            component::TEXT_DISPLAY => {
                let html = self.markdown(message, text(part, "/content").unwrap_or_default());
                add(self.out, format_args!("<div class=\"content\">{html}</div>"));
            }
            component::SEPARATOR => self.out.push_str("<hr>"),
            component::SECTION => {
                self.out.push_str("<div class=\"section\"><div>");
                for part in below {
                    self.component(message, part);
                }
                self.out.push_str("</div>");
                if let Some(accessory) = part.get("accessory") {
                    self.component(message, accessory);
                }
                self.out.push_str("</div>");
            }
            component::CONTAINER => {
                let colour = part.get("accent_color").and_then(Value::as_u64);
                let colour = colour.map_or("#4e5058".to_owned(), |colour| format!("#{colour:06x}"));
                add(self.out, format_args!("<section class=\"embed\" style=\"border-color:{colour}\">"));
                for part in below {
                    self.component(message, part);
                }
                self.out.push_str("</section>");
            }
            _ => {}
        }
    }
}

#[allow(clippy::cast_precision_loss)] // A size for people, with one digit after the point.
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1024.0
}

fn button(button: &Button) -> String {
    let class = match button.style {
        1 => "primary",
        3 => "success",
        4 => "danger",
        _ => "secondary",
    };
    let disabled = if button.disabled { " disabled" } else { "" };
    let emoji =
        button.emoji.as_deref().map(|emoji| format!("<span>{}</span>", escape(emoji))).unwrap_or_default();
    let arrow = if button.style == component::LINK { "<span class=\"out\">↗</span>" } else { "" };
    format!("<span class=\"button {class}{disabled}\">{emoji}{}{arrow}</span>", escape(&button.label))
}

fn menu(menu: &Select) -> String {
    let shown = menu.placeholder.as_deref().unwrap_or("Make a selection");
    let disabled = if menu.disabled { " disabled" } else { "" };
    format!("<div class=\"menu{disabled}\"><span>{}</span><span class=\"down\">⌄</span></div>", escape(shown))
}

fn modal(form: &Modal) -> String {
    let mut out = format!("<form class=\"modal\"><h2>{}</h2>", escape(&form.title));
    for input in &form.inputs {
        let star = if input.required { "<span class=\"star\"> *</span>" } else { "" };
        let (class, shown) = match (&input.value, &input.placeholder) {
            (Some(value), _) => ("input", value.as_str()),
            (None, Some(placeholder)) => ("input empty", placeholder.as_str()),
            (None, None) => ("input empty", ""),
        };
        let tall = if input.paragraph { " tall" } else { "" };
        add(
            &mut out,
            format_args!(
                "<label>{}{star}</label><div class=\"{class}{tall}\">{}</div>",
                escape(&input.label),
                escape(shown)
            ),
        );
    }
    out.push_str(
        "<div class=\"row\"><span class=\"button secondary\">Cancel</span>\
         <span class=\"button primary\">Submit</span></div></form>",
    );
    out
}
