//! Messages as people see them, and the bodies that make and change them.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::cdn::Stored;
use crate::clock::iso;
use crate::mentions::{Allowed, Pings};
use crate::payload::{File, Payload};
use crate::refusal::{Done, Errors, Refusal};
use crate::rules::{Form, chars, component, embed, field, number};
use crate::world::{Id, User, World, permission};

pub(crate) const SUPPRESS_EMBEDS: u64 = 1 << 2;
pub(crate) const EPHEMERAL: u64 = 1 << 6;
pub(crate) const LOADING: u64 = 1 << 7;
pub(crate) const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;

/// A message as it is.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: Id,
    pub channel: Id,
    pub author: Id,
    pub content: String,
    /// As the API shows them.
    pub embeds: Vec<Value>,
    /// As the API shows them.
    pub components: Vec<Value>,
    pub attachments: Vec<Attachment>,
    pub flags: u64,
    pub sent_ms: i64,
    pub edited_ms: Option<i64>,
    /// How many times it was changed after it had appeared. Filling a deferred answer is no change.
    pub edits: u32,
    /// The interaction that it answers.
    pub interaction: Option<Id>,
    /// The one person who sees it, if it is private.
    pub ephemeral_for: Option<Id>,
    /// Whom it notified when it appeared.
    pub pings: Pings,
    pub(crate) kind: u8,
    pub(crate) nonce: Option<Value>,
    pub(crate) waiting: Vec<Id>,
}

/// A file of a message.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub id: Id,
    pub filename: String,
    pub content_type: String,
    pub description: Option<String>,
    pub bytes: Bytes,
}

/// A button as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    pub label: String,
    /// A link has none.
    pub custom_id: Option<String>,
    pub url: Option<String>,
    /// 1 primary, 2 secondary, 3 success, 4 danger, 5 link.
    pub style: i64,
    pub disabled: bool,
    pub emoji: Option<String>,
}

impl Message {
    pub fn is_ephemeral(&self) -> bool {
        self.flags & EPHEMERAL != 0
    }

    /// Whether it still shows "thinking".
    pub fn is_loading(&self) -> bool {
        self.flags & LOADING != 0
    }

    /// The buttons from top left to bottom right, and the options of menus, which are chosen like them.
    pub fn buttons(&self) -> Vec<Button> {
        let rows = self.components.iter().filter_map(|row| row["components"].as_array());
        rows.flatten().flat_map(Button::all).collect()
    }

    /// The menu that has an option of this value, by its custom id.
    pub(crate) fn menu_of(&self, value: &str) -> Option<String> {
        let mut parts = self.components.iter().filter_map(|row| row["components"].as_array()).flatten();
        let has = |menu: &&Value| {
            menu["options"]
                .as_array()
                .is_some_and(|options| options.iter().any(|option| option["value"] == value))
        };
        text_of(parts.find(has)?, "custom_id")
    }

    /// The button with this custom id or label.
    pub fn button(&self, id_or_label: &str) -> Option<Button> {
        let buttons = self.buttons();
        let by_id = buttons.iter().find(|button| button.custom_id.as_deref() == Some(id_or_label));
        by_id.or_else(|| buttons.iter().find(|button| button.label == id_or_label)).cloned()
    }

    /// Everything that can be read in it, line by line: content and embeds, no labels of buttons.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        let mut add = |text: Option<&Value>| {
            lines.extend(text.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned));
        };
        add(Some(&Value::from(self.content.clone())));
        for embed in &self.embeds {
            add(embed.pointer("/author/name"));
            add(embed.get("title"));
            add(embed.get("description"));
            for entry in embed["fields"].as_array().into_iter().flatten() {
                let read = |name: &str| entry[name].as_str().unwrap_or_default();
                add(Some(&Value::from(format!("{}: {}", read("name"), read("value")))));
            }
            add(embed.pointer("/footer/text"));
        }
        lines.join("\n")
    }
}

fn text_of(value: &Value, name: &str) -> Option<String> {
    value[name].as_str().map(str::to_owned)
}

fn flag_of(value: &Value, name: &str) -> bool {
    value[name].as_bool().unwrap_or(false)
}

impl Button {
    /// The buttons of a part: itself, or the options of a menu.
    fn all(value: &Value) -> Vec<Self> {
        let Some(options) = value["options"].as_array() else { return vec![Self::read(value)] };
        let option = |option: &Value| Self {
            label: text_of(option, "label").unwrap_or_default(),
            custom_id: text_of(option, "value"),
            url: None,
            style: 2,
            disabled: flag_of(value, "disabled"),
            emoji: None,
        };
        options.iter().map(option).collect()
    }

    pub(crate) fn read(value: &Value) -> Self {
        Self {
            label: text_of(value, "label").unwrap_or_default(),
            custom_id: text_of(value, "custom_id"),
            url: text_of(value, "url"),
            style: value["style"].as_i64().unwrap_or(2),
            disabled: flag_of(value, "disabled"),
            emoji: value.pointer("/emoji/name").and_then(Value::as_str).map(str::to_owned),
        }
    }
}

/// Where a message's body came in, which decides what it may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// A new message of a channel.
    Channel,
    /// A new answer or follow-up.
    Answer,
    /// A change, by whichever way.
    Edit,
}

/// What is to be made of a message.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    content: Option<String>,
    embeds: Option<Vec<Value>>,
    components: Option<Vec<Value>>,
    allowed: Allowed,
    pub flags: u64,
    keep: Option<Vec<Map<String, Value>>>,
    files: Vec<File>,
    pub nonce: Option<Value>,
    pub enforce_nonce: bool,
}

impl Draft {
    pub fn has_embeds(&self) -> bool {
        self.embeds.as_ref().is_some_and(|embeds| !embeds.is_empty())
    }

    pub fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// Reads the body and checks every limit that needs no world. `place` is where the body is: `data` in a callback.
    pub fn read(value: &Value, files: &[File], place: &str, how: Use, limit: usize) -> Done<Self> {
        let mut errors = Errors::default();
        let mut form = Form::new(value, place, &mut errors);
        let flags = flags(&mut form, how);
        // Absent leaves a message as it is; null empties it.
        let content =
            form.map.get("content").map(|_| form.text("content", 0, 2000).unwrap_or_default().to_owned());
        let embeds = form.map.get("embeds").map(|_| form.list("embeds", 0, 10).unwrap_or_default());
        let components =
            form.map.get("components").map(|_| form.list("components", 0, 40).unwrap_or_default());
        let at = (form.at("embeds"), form.at("components"), form.at("allowed_mentions"));
        embed::check(embeds.unwrap_or_default(), &at.0, form.errors);
        component::check(components.unwrap_or_default(), &at.1, form.errors);
        let allowed = match form.get("allowed_mentions") {
            Some(value) => Allowed::read(value, &at.2, form.errors),
            None if how == Use::Channel => Allowed::in_channels(),
            // An edit pings only where it fills a deferred answer.
            None => Allowed::in_answers(),
        };
        form.flag("tts");
        let keep = attachments(&mut form, files, how);
        for file in files.iter().filter(|file| file.bytes.len() > limit) {
            let name = format!("attachments.{}", file.number);
            form.wrong(&name, "BASE_TYPE_MAX_SIZE", "File is larger than the limit of this server.");
        }
        let too_large = files.iter().any(|file| file.bytes.len() > limit);
        let nonce = form.get("nonce").cloned();
        if let Some(nonce) = &nonce {
            let right = nonce.is_i64() || nonce.as_str().is_some_and(|text| chars(text) <= 25);
            if !right {
                form.wrong("nonce", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.");
            }
        }
        let enforce_nonce = form.flag("enforce_nonce").unwrap_or(false);
        let draft = Self {
            content: content.map(|text| text.trim().to_owned()),
            embeds: embeds.map(<[Value]>::to_vec),
            components: components.map(<[Value]>::to_vec),
            allowed,
            flags,
            keep,
            files: files.to_vec(),
            nonce,
            enforce_nonce,
        };
        if too_large {
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, 40005, "Request entity too large"));
        }
        errors.check()?;
        Ok(draft)
    }

    pub fn of(payload: &Payload, how: Use, limit: usize) -> Done<Self> {
        Self::read(&payload.json, &payload.files, "", how, limit)
    }

    /// A new message needs something to show.
    pub fn is_empty(&self) -> bool {
        let text = self.content.as_ref().is_some_and(|text| !text.is_empty());
        let embeds = self.embeds.iter().flatten().any(embed::shows_something);
        let components = self.components.as_ref().is_some_and(|list| !list.is_empty());
        !(text || embeds || components || self.has_files())
    }
}

/// The flags that may be set are few, and depend on the message.
fn flags(form: &mut Form<'_, '_>, how: Use) -> u64 {
    let allowed = match how {
        Use::Channel => SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS,
        Use::Answer => SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | EPHEMERAL,
        // A library that edits with the flags it made the message with is let be: the flag changes nothing.
        Use::Edit => SUPPRESS_EMBEDS | EPHEMERAL,
    };
    let flags = form.whole("flags", 0, i64::MAX).and_then(|bits| u64::try_from(bits).ok()).unwrap_or(0);
    if flags & !allowed != 0 {
        form.wrong("flags", "MESSAGE_FLAGS_INVALID", "These flags cannot be set on this message.");
    }
    flags
}

/// The list of attachments that is wanted: new ones by the number of their file, kept ones by their id.
fn attachments(form: &mut Form<'_, '_>, files: &[File], how: Use) -> Option<Vec<Map<String, Value>>> {
    let listed = form.map.get("attachments")?;
    let listed = if listed.is_null() { &[] } else { form.list("attachments", 0, 10)? };
    let mut wanted = Vec::new();
    for (index, entry) in listed.iter().enumerate() {
        let place = form.at(&format!("attachments.{index}"));
        let mut part = Form::new(entry, place, form.errors);
        part.text("description", 0, 1024);
        let id = part.get("id").and_then(number);
        let sent = id.is_some_and(|id| files.iter().any(|file| file.number == id));
        match id {
            None => part.missing("id"),
            Some(_) if !sent && how != Use::Edit => {
                part.wrong("id", "ATTACHMENT_NOT_FOUND", "The attachment has no file");
            }
            Some(_) => wanted.push(part.map.clone()),
        }
    }
    Some(wanted)
}

/// What a new message is besides its draft.
pub(crate) struct New {
    pub channel: Id,
    pub author: Id,
    pub interaction: Option<Id>,
    pub ephemeral_for: Option<Id>,
    pub kind: u8,
    pub flags: u64,
}

impl World {
    pub(crate) fn create_message(&mut self, draft: Draft, new: New) -> Id {
        let id = self.next_id();
        let mut message = Message {
            id,
            channel: new.channel,
            author: new.author,
            content: String::new(),
            embeds: Vec::new(),
            components: Vec::new(),
            attachments: Vec::new(),
            flags: new.flags,
            sent_ms: self.now_ms(),
            edited_ms: None,
            edits: 0,
            interaction: new.interaction,
            ephemeral_for: new.ephemeral_for,
            pings: Pings::default(),
            kind: new.kind,
            nonce: draft.nonce.clone(),
            waiting: Vec::new(),
        };
        self.fill(&mut message, draft, true);
        self.put_message(message);
        id
    }

    /// A message that only says that the bot is thinking.
    pub(crate) fn create_loading(&mut self, new: New) -> Id {
        let nothing = Draft {
            content: None,
            embeds: None,
            components: None,
            allowed: Allowed::in_answers(),
            flags: 0,
            keep: None,
            files: Vec::new(),
            nonce: None,
            enforce_nonce: false,
        };
        self.create_message(nothing, New { flags: new.flags | LOADING, ..new })
    }

    /// Changes a message that is. One that would show nothing afterwards is refused.
    pub(crate) fn edit_message(&mut self, id: Id, draft: Draft) -> Done<()> {
        let mut message = self.messages.remove(&id).ok_or_else(Refusal::unknown_message)?;
        let before = message.clone();
        let fills = message.is_loading();
        if let Some(unknown) = draft.unknown_attachment(&message) {
            self.messages.insert(id, before);
            let place = format!("attachments.{unknown}.id");
            return Err(Errors::one(&place, "ATTACHMENT_NOT_FOUND", "The attachment is not on this message"));
        }
        message.flags = message.flags & !LOADING | draft.flags & SUPPRESS_EMBEDS;
        self.fill(&mut message, draft, fills);
        let shows = !message.content.is_empty()
            || message.embeds.iter().any(embed::shows_something)
            || !message.components.is_empty()
            || !message.attachments.is_empty();
        if !shows {
            self.messages.insert(id, before);
            return Err(Refusal::empty_message());
        }
        let kept: Vec<_> = message.attachments.iter().map(|attachment| attachment.id).collect();
        for gone in before.attachments.iter().filter(|attachment| !kept.contains(&attachment.id)) {
            self.files.remove(&gone.id);
        }
        if !fills {
            message.edits += 1;
            message.edited_ms = Some(self.now_ms());
        }
        let waiting = std::mem::take(&mut message.waiting);
        self.messages.insert(id, message);
        for interaction in waiting {
            self.settle(interaction);
        }
        Ok(())
    }

    fn fill(&mut self, message: &mut Message, draft: Draft, appears: bool) {
        if let Some(content) = draft.content {
            message.content = content;
        }
        if let Some(components) = draft.components {
            message.components = components;
        }
        let new = self.attach(&draft.files, draft.keep.as_deref());
        if let Some(keep) = &draft.keep {
            let wanted = |id: Id| keep.iter().any(|entry| entry.get("id").and_then(number) == Some(id));
            message.attachments.retain(|attachment| wanted(attachment.id));
        }
        message.attachments.extend(new);
        if let Some(mut embeds) = draft.embeds {
            for embed in embeds.iter_mut().filter_map(Value::as_object_mut) {
                embed.insert("type".to_owned(), Value::from("rich"));
            }
            message.embeds = embeds.into_iter().filter(embed::shows_something).collect();
        }
        // An edit notifies no one; a deferred answer appears when it is filled.
        if appears {
            message.pings = self.pings(message.channel, &message.content, &draft.allowed);
        }
    }

    fn attach(&mut self, files: &[File], named: Option<&[Map<String, Value>]>) -> Vec<Attachment> {
        let mut new = Vec::new();
        for file in files {
            let entry = named.and_then(|list| {
                list.iter().find(|entry| entry.get("id").and_then(number) == Some(file.number))
            });
            // With a list of attachments, a file that is not on it is left out.
            if named.is_some() && entry.is_none() {
                continue;
            }
            let read =
                |name| entry.and_then(|entry| field(entry, name)).and_then(Value::as_str).map(str::to_owned);
            let attachment = Attachment {
                id: self.next_id(),
                filename: read("filename").unwrap_or_else(|| file.filename.clone()),
                content_type: file.content_type.clone(),
                description: read("description"),
                bytes: file.bytes.clone(),
            };
            self.files.insert(attachment.id, attachment.stored());
            new.push(attachment);
        }
        new
    }

    /// A message as the API sends it.
    pub(crate) fn message_json(&self, message: &Message) -> Value {
        let author = self.users.get(&message.author).map_or(Value::Null, User::json);
        let mentions: Vec<_> =
            message.pings.users.iter().filter_map(|id| self.users.get(id)).map(User::json).collect();
        let attachments: Vec<_> =
            message.attachments.iter().map(|it| self.attachment_json(message.channel, it)).collect();
        let mut json = json!({
            "id": message.id.to_string(), "channel_id": message.channel.to_string(), "type": message.kind,
            "author": author, "content": message.content, "timestamp": iso(message.sent_ms),
            "edited_timestamp": message.edited_ms.map(iso), "tts": false, "pinned": false,
            "mention_everyone": message.pings.everyone, "mentions": mentions,
            "mention_roles": message.pings.roles.iter().map(Id::to_string).collect::<Vec<_>>(),
            "attachments": attachments, "embeds": message.embeds, "components": message.components,
            "flags": message.flags,
        });
        let Some(map) = json.as_object_mut() else { return json };
        if message.author == self.bot.id {
            map.insert("application_id".to_owned(), Value::from(self.options.application.to_string()));
        }
        if message.interaction.is_some() {
            map.insert("webhook_id".to_owned(), Value::from(self.options.application.to_string()));
        }
        if let Some(nonce) = &message.nonce {
            map.insert("nonce".to_owned(), nonce.clone());
        }
        if let Some(asked) = message.interaction.and_then(|id| self.interactions.get(&id)) {
            let user = self.users.get(&asked.user).map_or(Value::Null, User::json);
            let owner = asked.guild.unwrap_or(0).to_string();
            let mut metadata = json!({
                "id": asked.id.to_string(), "type": asked.kind.number(), "user": user,
                "authorizing_integration_owners": { "0": owner },
            });
            if let Some(metadata) = metadata.as_object_mut() {
                if let Some(on) = asked.kind.message() {
                    metadata.insert("interacted_message_id".to_owned(), Value::from(on.to_string()));
                }
                if asked.kind.number() == 5 {
                    let by = json!({
                        "id": asked.id.to_string(), "type": 2, "user": self.users.get(&asked.user).map(User::json),
                        "authorizing_integration_owners": { "0": asked.guild.unwrap_or(0).to_string() },
                    });
                    metadata.insert("triggering_interaction_metadata".to_owned(), by);
                }
            }
            map.insert("interaction_metadata".to_owned(), metadata);
        }
        json
    }

    pub(crate) fn attachment_json(&self, channel: Id, attachment: &Attachment) -> Value {
        let url = self.file_url(channel, attachment.id, &attachment.filename);
        let mut json = json!({
            "id": attachment.id.to_string(), "filename": attachment.filename, "size": attachment.bytes.len(),
            "url": url, "proxy_url": url, "content_type": attachment.content_type,
        });
        if let (Some(description), Some(map)) = (&attachment.description, json.as_object_mut()) {
            map.insert("description".to_owned(), Value::from(description.clone()));
        }
        json
    }

    /// Whether a person sees a message: a member sees the server's channels, private answers see their requester only.
    pub(crate) fn sees(&self, user: Id, message: &Message) -> bool {
        message.ephemeral_for.is_none_or(|only| only == user) && self.reaches(user, message.channel)
    }

    pub(crate) fn reaches(&self, user: Id, channel: Id) -> bool {
        match self.channels.get(&channel).map(|channel| channel.place) {
            Some(crate::world::Place::Guild(guild)) => self.member(guild, user).is_some(),
            Some(crate::world::Place::Dm(with)) => with == user,
            None => false,
        }
    }

    /// What the bot needs for a message of its own in a channel.
    pub(crate) fn may_send(&self, channel: Id, draft: &Draft) -> Done<()> {
        let here = self.channels.get(&channel);
        let bits = here.map_or(0, |channel| self.bot_permissions(channel));
        if bits & permission::VIEW_CHANNEL == 0 {
            return Err(Refusal::missing_access());
        }
        // A category and a forum hold no messages.
        if here.is_some_and(|channel| matches!(channel.kind, 4 | 15 | 16)) {
            return Err(Refusal::new(
                http::StatusCode::BAD_REQUEST,
                50_008,
                "Cannot send messages in a non-text channel",
            ));
        }
        let send = match here.is_some_and(crate::world::Channel::is_thread) {
            true => permission::SEND_MESSAGES_IN_THREADS,
            false => permission::SEND_MESSAGES,
        };
        let wanted = send
            | if draft.has_embeds() { permission::EMBED_LINKS } else { 0 }
            | if draft.has_files() { permission::ATTACH_FILES } else { 0 };
        if bits & wanted != wanted { Err(Refusal::missing_permissions()) } else { Ok(()) }
    }
}

impl Attachment {
    pub(crate) fn stored(&self) -> Stored {
        Stored { content_type: self.content_type.clone(), bytes: self.bytes.clone(), there: true }
    }
}

impl Draft {
    /// The place in the list of a kept attachment that the message does not have.
    fn unknown_attachment(&self, message: &Message) -> Option<usize> {
        let known = |id: Id| {
            self.files.iter().any(|file| file.number == id)
                || message.attachments.iter().any(|it| it.id == id)
        };
        let keep = self.keep.as_deref().unwrap_or_default();
        keep.iter().position(|entry| !entry.get("id").and_then(number).is_some_and(known))
    }
}
