//! People with a Discord client: they can do what the client lets them do, and see what it shows them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use crate::cdn::{Stored, content_type};
use crate::error::{ClientRefuses, FakeError};
use crate::fake::FakeDiscord;
use crate::interactions::{Choice, Interaction, Kind, Modal, Response, State, Times, token_for};
use crate::messages::Message;
use crate::rules::{chars, command};
use crate::world::{Channel, Id, Place, User, World, permission};

/// For how long an autocomplete is waited for, on the machine's clock.
const TYPING: Duration = Duration::from_secs(10);
/// A value for an option of a slash command.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    Text(String),
    Whole(i64),
    Number(f64),
    Flag(bool),
    File {
        filename: String,
        bytes: Bytes,
        /// Whether its address works.
        there: bool,
    },
    /// A value with a type of its own, for what no client would send.
    Raw {
        kind: i64,
        value: Value,
    },
}

impl Input {
    pub fn file(filename: &str, bytes: impl Into<Bytes>) -> Self {
        Self::File { filename: filename.to_owned(), bytes: bytes.into(), there: true }
    }

    fn kind(&self) -> i64 {
        match self {
            Self::Text(_) => command::STRING,
            Self::Whole(_) => command::INTEGER,
            Self::Number(_) => command::NUMBER,
            Self::Flag(_) => command::BOOLEAN,
            Self::File { .. } => command::ATTACHMENT,
            Self::Raw { kind, .. } => *kind,
        }
    }
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Input {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Input {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

impl From<f64> for Input {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Input {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// Someone with a Discord client.
#[derive(Clone)]
pub struct Person {
    pub(crate) fake: FakeDiscord,
    pub(crate) user: Id,
}

/// What someone asked of the bot.
#[derive(Clone)]
pub struct Asked {
    fake: FakeDiscord,
    id: Id,
}

/// What came of it, as the one who did it sees it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The answer, or the changed message that was clicked. A deleted answer is none.
    pub message: Option<Message>,
    pub follow_ups: Vec<Message>,
    pub modal: Option<Modal>,
    pub choices: Option<Vec<Choice>>,
    /// Acknowledged without an answer so far.
    pub deferred: bool,
    /// What the client shows instead of an answer.
    pub failed: Option<String>,
    pub times: Times,
}

impl Outcome {
    /// Everything that can be read in the answer; empty without one.
    pub fn text(&self) -> String {
        self.message.as_ref().map(Message::text).unwrap_or_default()
    }
}

impl Asked {
    pub fn id(&self) -> Id {
        self.id
    }

    /// The interaction as it is, unless it was forgotten.
    pub fn interaction(&self) -> Option<Interaction> {
        self.fake.look(|world| world.interaction(self.id).cloned())
    }

    /// Waits for the answer itself: past a deferral, to what fills it. A person is told after three seconds of the fake's
    /// clock that there was none.
    pub async fn outcome(&self, limit: Duration) -> Result<Outcome, FakeError> {
        self.wait(limit, "an answer", |asked| asked.state == State::Answered).await
    }

    /// Waits for the first response, deferred or not.
    pub async fn acknowledged(&self, limit: Duration) -> Result<Outcome, FakeError> {
        self.wait(limit, "a response", |asked| asked.state != State::Unanswered).await
    }

    /// Waits until this many follow-ups are there.
    pub async fn followed_up(&self, count: usize, limit: Duration) -> Result<Outcome, FakeError> {
        self.wait(limit, "follow-ups", |asked| asked.follow_ups.len() >= count).await
    }

    /// What the person sees now.
    pub fn now(&self) -> Option<Outcome> {
        self.fake.look(|world| world.interaction(self.id).map(|asked| outcome(world, asked)))
    }

    async fn wait(
        &self,
        limit: Duration,
        what: &str,
        enough: impl Fn(&Interaction) -> bool,
    ) -> Result<Outcome, FakeError> {
        let waited = || FakeError::Waited { what: format!("{what} to interaction {}", self.id), limit };
        // Each interaction has its own signal, so that a burst of them does not wake everybody for each.
        let signal = self.fake.look(|world| world.interaction(self.id).map(|asked| asked.signal.clone()));
        let signal: Arc<Notify> = signal.ok_or_else(waited)?;
        let looking = async {
            loop {
                let change = signal.notified();
                tokio::pin!(change);
                change.as_mut().enable();
                let found = self.fake.look(|world| {
                    let asked = world.interaction(self.id)?;
                    let over = enough(asked) || asked.is_late(world.now_ms()) || asked.failed.is_some();
                    over.then(|| outcome(world, asked))
                });
                if let Some(found) = found {
                    return found;
                }
                change.await;
            }
        };
        tokio::time::timeout(limit, looking).await.map_err(|_| waited())
    }
}

fn outcome(world: &World, asked: &Interaction) -> Outcome {
    let seen = |id: Id| world.message(id).filter(|message| world.sees(asked.user, message)).cloned();
    let late = asked.is_late(world.now_ms()).then(|| "The application did not respond".to_owned());
    let failed = asked.failed.clone().or(late);
    let mut outcome = Outcome {
        message: None,
        follow_ups: asked.follow_ups.iter().copied().filter_map(seen).collect(),
        modal: None,
        choices: None,
        deferred: matches!(asked.state, State::Deferred { .. } | State::DeferredUpdate),
        failed,
        times: asked.times,
    };
    match &asked.response {
        Some(Response::Message(id) | Response::Update(id)) => outcome.message = seen(*id),
        Some(Response::Choices(choices)) => outcome.choices = Some(choices.clone()),
        Some(Response::Modal(modal)) => outcome.modal = Some(modal.clone()),
        None => {}
    }
    outcome
}

impl Person {
    pub fn id(&self) -> Id {
        self.user
    }

    /// Sends a slash command, as far as the client lets them: `slash(channel, "connect reset", &[("login", "ann".into())])`.
    pub async fn slash(
        &self,
        channel: Id,
        name: &str,
        options: &[(&str, Input)],
    ) -> Result<Asked, ClientRefuses> {
        let made = self.fake.change(|world| {
            let data = strict_command(world, self.user, channel, name, options)?;
            let kind = Kind::Command { name: name.to_owned() };
            Ok(make(world, self.user, channel, kind, data, |_| {}))
        })?;
        Ok(self.sent(made))
    }

    /// Sends a slash command without any of the client's checks; the command need not exist.
    pub async fn slash_raw(&self, channel: Id, name: &str, options: &[(&str, Input)]) -> Asked {
        self.slash_with(channel, name, options, |_| {}).await
    }

    /// The same, with the interaction changed before it is sent: fields that are missing, fields that no one knows.
    pub async fn slash_with(
        &self,
        channel: Id,
        name: &str,
        options: &[(&str, Input)],
        change: impl FnOnce(&mut Value),
    ) -> Asked {
        let made = self.fake.change(|world| {
            let data = raw_command(world, channel, name, options);
            make(world, self.user, channel, Kind::Command { name: name.to_owned() }, data, change)
        });
        self.sent(made)
    }

    /// Types in the option `focused` and waits for what it can be completed to. `options` are as typed so far.
    pub async fn autocomplete(
        &self,
        channel: Id,
        name: &str,
        options: &[(&str, &str)],
        focused: &str,
    ) -> Result<Vec<Choice>, FakeError> {
        let asked = self.autocompletes(channel, name, options, focused).await?;
        let outcome = asked.outcome(TYPING).await?;
        outcome.choices.ok_or(FakeError::Waited { what: "choices".to_owned(), limit: TYPING })
    }

    /// The same without waiting.
    pub async fn autocompletes(
        &self,
        channel: Id,
        name: &str,
        options: &[(&str, &str)],
        focused: &str,
    ) -> Result<Asked, ClientRefuses> {
        let made = self.fake.change(|world| {
            let found = find(world, self.user, channel, name)?;
            let mut given = Vec::new();
            let mut type_of_option = command::STRING;
            for (option, text) in options {
                let known =
                    found.option(option).ok_or_else(|| ClientRefuses::NoSuchOption((*option).to_owned()))?;
                let kind = known["type"].as_i64().unwrap_or(command::STRING);
                // What is being typed is a text, whatever it will be.
                let value = if *option == focused {
                    type_of_option = kind;
                    Value::from(*text)
                } else {
                    typed(kind, text).ok_or_else(|| wrong_type(option, kind))?
                };
                let mut entry = json!({ "name": option, "type": kind, "value": value });
                if *option == focused {
                    if known.get("autocomplete") != Some(&Value::from(true)) {
                        return Err(ClientRefuses::NoAutocomplete((*option).to_owned()));
                    }
                    entry["focused"] = Value::from(true);
                }
                given.push(entry);
            }
            if !options.iter().any(|(option, _)| *option == focused) {
                return Err(ClientRefuses::NoSuchOption(focused.to_owned()));
            }
            let data = found.data(given);
            let kind =
                Kind::Autocomplete { name: name.to_owned(), option: focused.to_owned(), type_of_option };
            Ok(make(world, self.user, channel, kind, data, |_| {}))
        })?;
        Ok(self.sent(made))
    }

    /// Clicks a button, or chooses an option of a menu, by its custom id or its label.
    pub async fn click(&self, message: Id, id_or_label: &str) -> Result<Asked, ClientRefuses> {
        let custom_id = self.fake.look(|world| {
            let seen = self.seen(world, message)?;
            let missing = || ClientRefuses::NoSuchComponent(id_or_label.to_owned());
            let button = seen.button(id_or_label).ok_or_else(missing)?;
            if button.disabled {
                return Err(ClientRefuses::Disabled(id_or_label.to_owned()));
            }
            button.custom_id.ok_or_else(|| ClientRefuses::Link(id_or_label.to_owned()))
        })?;
        Ok(self.click_raw(message, &custom_id).await)
    }

    /// Clicks whatever has this custom id, there or not: as someone whose screen is behind, or who writes requests.
    pub async fn click_raw(&self, message: Id, custom_id: &str) -> Asked {
        let menu =
            self.fake.look(|world| world.message(message).and_then(|message| message.menu_of(custom_id)));
        let data = match &menu {
            Some(menu) => json!({ "custom_id": menu, "component_type": 3, "id": 1, "values": [custom_id] }),
            None => json!({ "custom_id": custom_id, "component_type": 2, "id": 1 }),
        };
        self.component(message, menu.as_deref().unwrap_or(custom_id), data)
    }

    fn component(&self, message: Id, custom_id: &str, data: Value) -> Asked {
        let made = self.fake.change(|world| {
            let channel = world.message(message).map_or(0, |message| message.channel);
            let kind = Kind::Component { message, custom_id: custom_id.to_owned() };
            make(world, self.user, channel, kind, data, |_| {})
        });
        self.sent(made)
    }

    /// Sends a form, with inputs named by custom id or label. What is not named keeps what was in it.
    pub async fn submit(&self, modal: &Modal, texts: &[(&str, &str)]) -> Result<Asked, ClientRefuses> {
        for (name, _) in texts {
            if !modal.inputs.iter().any(|input| input.custom_id == *name || input.label == *name) {
                return Err(ClientRefuses::NoSuchInput((*name).to_owned()));
            }
        }
        let mut parts = Vec::new();
        for input in &modal.inputs {
            let given = texts.iter().find(|(name, _)| input.custom_id == *name || input.label == *name);
            let text = given.map(|(_, text)| *text).or(input.value.as_deref()).unwrap_or_default();
            let length = u64::try_from(chars(text)).unwrap_or(u64::MAX);
            if length == 0 && input.required {
                return Err(ClientRefuses::MissingInput(input.label.clone()));
            }
            if length > 0 && !(input.min_length..=input.max_length).contains(&length) {
                let (least, most) = (input.min_length, input.max_length);
                return Err(ClientRefuses::Length { option: input.label.clone(), least, most, length });
            }
            let value = json!({ "type": 4, "custom_id": input.custom_id, "value": text, "id": 2 });
            parts.push(json!({ "type": 1, "id": 1, "components": [value] }));
        }
        Ok(self.submit_raw(modal, &Value::from(parts)).await)
    }

    /// Sends a form with these components, without any of the client's checks.
    pub async fn submit_raw(&self, modal: &Modal, components: &Value) -> Asked {
        let data = json!({ "custom_id": modal.custom_id, "components": components });
        let made = self.fake.change(|world| {
            let kind = Kind::ModalSubmit { custom_id: modal.custom_id.clone(), message: modal.message };
            make(world, self.user, modal.channel, kind, data, |_| {})
        });
        self.sent(made)
    }

    /// What this person sees in a channel, oldest first: everybody's messages, and private answers to them.
    pub fn sees(&self, channel: Id) -> Vec<Message> {
        self.fake.look(|world| {
            let all = world.messages(channel).into_iter();
            all.filter(|message| world.sees(self.user, message)).cloned().collect()
        })
    }

    /// One message as it is, if this person sees it.
    pub fn sees_message(&self, message: Id) -> Option<Message> {
        self.fake.look(|world| self.seen(world, message).ok().cloned())
    }

    /// The channel between this person and the bot.
    pub fn dm(&self) -> Id {
        self.fake.change(|world| world.open_dm(self.user))
    }

    fn seen<'w>(&self, world: &'w World, message: Id) -> Result<&'w Message, ClientRefuses> {
        let found = world.message(message).filter(|message| world.sees(self.user, message));
        found.ok_or(ClientRefuses::NoSuchMessage(message))
    }

    fn sent(&self, id: Id) -> Asked {
        self.fake.send(id);
        Asked { fake: self.fake.clone(), id }
    }
}

/// A command, or the subcommand of it that was named.
struct Found<'w> {
    command: &'w Value,
    /// Kind and name of the group and the subcommand.
    path: Vec<(i64, &'w str)>,
    options: &'w [Value],
}

impl<'w> Found<'w> {
    fn option(&self, name: &str) -> Option<&'w Value> {
        self.options.iter().find(|option| option["name"].as_str() == Some(name))
    }

    fn data(&self, given: Vec<Value>) -> Value {
        let options = nest(&self.path, given);
        let get = |name: &str| self.command.get(name).cloned().unwrap_or_default();
        let mut data =
            json!({ "id": get("id"), "name": get("name"), "type": get("type"), "options": options });
        if let Some(guild) = self.command.get("guild_id") {
            data["guild_id"] = guild.clone();
        }
        data
    }
}

fn nest(path: &[(i64, &str)], given: Vec<Value>) -> Vec<Value> {
    path.iter()
        .rev()
        .fold(given, |options, (kind, name)| vec![json!({ "type": kind, "name": name, "options": options })])
}

fn options_of(value: &Value) -> &[Value] {
    value["options"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn is_nested(option: &Value) -> bool {
    matches!(option["type"].as_i64(), Some(command::GROUP | command::SUBCOMMAND))
}

fn find<'w>(world: &'w World, user: Id, channel: Id, name: &str) -> Result<Found<'w>, ClientRefuses> {
    let here = world.channel(channel).ok_or(ClientRefuses::NoSuchChannel)?;
    if !world.reaches(user, channel) {
        return Err(match here.place {
            Place::Guild(_) => ClientRefuses::NotAMember,
            Place::Dm(_) => ClientRefuses::NoSuchChannel,
        });
    }
    let name = picked(world, channel, name);
    let mut words = name.split_whitespace();
    let first = words.next().unwrap_or_default();
    let missing = || ClientRefuses::NoSuchCommand(name.to_owned());
    // Commands of a server are nowhere in direct messages, and those of the application only where they say so.
    let guild = world.guild_of(channel);
    let command = match guild {
        Some(guild) => world.commands.slash(Some(guild), first),
        None => world.commands.slash(None, first).filter(|command| {
            let contexts = command["contexts"].as_array();
            contexts.is_none_or(|contexts| contexts.contains(&Value::from(1)))
        }),
    };
    let command = command.ok_or_else(missing)?;
    let needed = command["default_member_permissions"].as_str().and_then(|bits| bits.parse().ok());
    let needed = needed.filter(|_| guild.is_some());
    let has = guild.map_or(0, |guild| world.permissions_of(guild, user));
    // "0" is no one but those who administer.
    let hidden = |bits: u64| has & permission::ADMINISTRATOR == 0 && (bits == 0 || has & bits != bits);
    if needed.is_some_and(hidden) {
        return Err(ClientRefuses::Secret(first.to_owned()));
    }
    let mut found = Found { command, path: Vec::new(), options: options_of(command) };
    for word in words {
        let next = found.option(word).filter(|option| is_nested(option)).ok_or_else(missing)?;
        let kind = next["type"].as_i64().unwrap_or(command::SUBCOMMAND);
        let word = next["name"].as_str().unwrap_or_default();
        found.path.push((kind, word));
        found.options = options_of(next);
    }
    if found.options.iter().any(is_nested) {
        return Err(ClientRefuses::Incomplete(name.to_owned()));
    }
    Ok(found)
}

fn strict_command(
    world: &mut World,
    user: Id,
    channel: Id,
    name: &str,
    options: &[(&str, Input)],
) -> Result<Value, ClientRefuses> {
    let limit = world.options.attachment_size_limit;
    let found = find(world, user, channel, name)?;
    let mut seen = HashSet::new();
    for (option, input) in options {
        if !seen.insert(*option) {
            return Err(ClientRefuses::GivenTwice((*option).to_owned()));
        }
        let known = found.option(option).ok_or_else(|| ClientRefuses::NoSuchOption((*option).to_owned()))?;
        check_option(known, option, input, limit)?;
    }
    for option in found.options {
        let required = option.get("required") == Some(&Value::from(true));
        let name = option["name"].as_str().unwrap_or_default();
        if required && !seen.contains(name) {
            return Err(ClientRefuses::MissingOption(name.to_owned()));
        }
    }
    let kinds: Vec<_> = options
        .iter()
        .map(|(name, input)| {
            let known = found.option(name).and_then(|option| option.get("type")).and_then(Value::as_i64);
            known.unwrap_or_else(|| input.kind())
        })
        .collect();
    let shape = found.data(Vec::new());
    let path: Vec<_> = found.path.iter().map(|(kind, name)| (*kind, (*name).to_owned())).collect();
    Ok(filled(world, channel, shape, &path, options, &kinds))
}

/// What a person picks who types these words: a command whose name joins the first two with a hyphen is listed for them as well.
fn picked(world: &World, channel: Id, name: &str) -> String {
    let hyphened = name.replacen(' ', "-", 1);
    let first = hyphened.split_whitespace().next().unwrap_or_default();
    let guild = world.guild_of(channel);
    if world.commands.slash(guild, first).is_some() { hyphened } else { name.to_owned() }
}

fn raw_command(world: &mut World, channel: Id, name: &str, options: &[(&str, Input)]) -> Value {
    let name = picked(world, channel, name);
    let words: Vec<_> = name.split_whitespace().collect();
    let first = words.first().copied().unwrap_or_default();
    let guild = world.guild_of(channel);
    let known = world.commands.slash(guild, first).or_else(|| world.commands.slash(None, first));
    let id = known.and_then(|it| it.get("id")).cloned();
    let id = id.unwrap_or_else(|| Value::from(world.next_id().to_string()));
    let mut shape = json!({ "id": id, "name": first, "type": 1 });
    if let (Some(shape), Some(guild)) = (shape.as_object_mut(), guild) {
        shape.insert("guild_id".to_owned(), Value::from(guild.to_string()));
    }
    let below = words.get(1..).unwrap_or_default();
    let last = below.len().saturating_sub(1);
    let path: Vec<_> = below
        .iter()
        .enumerate()
        .map(|(at, word)| (if at == last { command::SUBCOMMAND } else { command::GROUP }, (*word).to_owned()))
        .collect();
    let kinds: Vec<_> = options.iter().map(|(_, input)| input.kind()).collect();
    filled(world, channel, shape, &path, options, &kinds)
}

/// Puts the options into a command's data, and what they name beside them.
fn filled(
    world: &mut World,
    channel: Id,
    mut shape: Value,
    path: &[(i64, String)],
    options: &[(&str, Input)],
    kinds: &[i64],
) -> Value {
    let mut attachments = Map::new();
    let mut given = Vec::new();
    for ((name, input), kind) in options.iter().zip(kinds) {
        let value = match input {
            Input::Text(text) => Value::from(text.clone()),
            Input::Whole(number) => Value::from(*number),
            Input::Number(number) => Value::from(*number),
            Input::Flag(flag) => Value::from(*flag),
            Input::File { filename, bytes, there } => {
                let id = world.next_id();
                let stored = Stored {
                    content_type: content_type(filename).to_owned(),
                    bytes: bytes.clone(),
                    there: *there,
                };
                let url = world.file_url(channel, id, filename);
                let file = json!({
                    "id": id.to_string(), "filename": filename, "size": bytes.len(), "url": url,
                    "proxy_url": url, "content_type": stored.content_type, "ephemeral": true,
                });
                world.files.insert(id, stored);
                attachments.insert(id.to_string(), file);
                Value::from(id.to_string())
            }
            Input::Raw { value, .. } => value.clone(),
        };
        given.push(json!({ "name": name, "type": kind, "value": value }));
    }
    let path: Vec<_> = path.iter().map(|(kind, name)| (*kind, name.as_str())).collect();
    if let Some(shape) = shape.as_object_mut() {
        shape.insert("options".to_owned(), Value::from(nest(&path, given)));
        if !attachments.is_empty() {
            shape.insert("resolved".to_owned(), json!({ "attachments": attachments }));
        }
    }
    shape
}

fn typed(kind: i64, text: &str) -> Option<Value> {
    Some(match kind {
        command::INTEGER => Value::from(text.parse::<i64>().ok()?),
        command::NUMBER => Value::from(text.parse::<f64>().ok()?),
        command::BOOLEAN => Value::from(text.parse::<bool>().ok()?),
        _ => Value::from(text),
    })
}

fn wrong_type(option: &str, kind: i64) -> ClientRefuses {
    let wants = match kind {
        command::STRING => "a text",
        command::INTEGER => "a whole number",
        command::BOOLEAN => "true or false",
        command::NUMBER => "a number",
        command::ATTACHMENT => "a file",
        _ => "something else",
    };
    ClientRefuses::WrongType { option: option.to_owned(), wants }
}

fn check_option(known: &Value, option: &str, input: &Input, limit: usize) -> Result<(), ClientRefuses> {
    let kind = known["type"].as_i64().unwrap_or(0);
    let (value, length) = match (kind, input) {
        (command::STRING, Input::Text(text)) => (Some(Value::from(text.clone())), Some(chars(text))),
        (command::INTEGER | command::NUMBER, Input::Whole(number)) => (Some(Value::from(*number)), None),
        (command::NUMBER, Input::Number(number)) => (Some(Value::from(*number)), None),
        (command::BOOLEAN, Input::Flag(_)) => (None, None),
        (command::ATTACHMENT, Input::File { bytes, .. }) => {
            if bytes.len() > limit {
                return Err(ClientRefuses::TooLarge);
            }
            (None, None)
        }
        _ => return Err(wrong_type(option, kind)),
    };
    let choices = known["choices"].as_array().map(Vec::as_slice).unwrap_or_default();
    if let Some(value) = &value
        && !choices.is_empty()
        && !choices.iter().any(|choice| choice.get("value") == Some(value))
    {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return Err(ClientRefuses::NotAChoice { option: option.to_owned(), value });
    }
    if let Some(length) = length {
        let bound = |name: &str, otherwise| known[name].as_u64().unwrap_or(otherwise);
        // A client sends no empty text: the option is then not given.
        let (least, most) = (bound("min_length", 0).max(1), bound("max_length", 6000));
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        if !(least..=most).contains(&length) {
            return Err(ClientRefuses::Length { option: option.to_owned(), least, most, length });
        }
    }
    if let Some(number) = value.as_ref().and_then(Value::as_f64) {
        let bound = |name: &str| known[name].as_f64();
        let below = bound("min_value").is_some_and(|least| number < least);
        if below || bound("max_value").is_some_and(|most| number > most) {
            return Err(ClientRefuses::Bounds { option: option.to_owned(), value: number.to_string() });
        }
    }
    Ok(())
}

fn channel_part(channel: &Channel, permissions: u64) -> Value {
    let mut json = json!({
        "id": channel.id.to_string(), "type": if matches!(channel.place, Place::Dm(_)) { 1 } else { channel.kind },
        "permissions": permissions.to_string(), "flags": 0, "last_message_id": null,
    });
    if let (Place::Guild(guild), Some(json)) = (channel.place, json.as_object_mut()) {
        json.extend([
            ("guild_id".to_owned(), Value::from(guild.to_string())),
            ("name".to_owned(), Value::from(channel.name.clone())),
            ("parent_id".to_owned(), channel.parent.map_or(Value::Null, |id| Value::from(id.to_string()))),
            ("position".to_owned(), Value::from(0)),
            ("nsfw".to_owned(), Value::from(false)),
            ("topic".to_owned(), Value::Null),
            ("rate_limit_per_user".to_owned(), Value::from(0)),
        ]);
    }
    json
}

/// Makes an interaction with everything that Discord sends along. It is not sent yet.
fn make(
    world: &mut World,
    user: Id,
    channel: Id,
    kind: Kind,
    data: Value,
    change: impl FnOnce(&mut Value),
) -> Id {
    let id = world.next_id();
    let token = token_for(id);
    let files = data.pointer("/resolved/attachments").and_then(Value::as_object);
    let files = files.into_iter().flatten().filter_map(|(id, _)| id.parse().ok()).collect();
    let here = world.channels.get(&channel);
    let guild = world.guild_of(channel);
    let app_permissions = here.map_or(0, |channel| world.bot_permissions(channel));
    let permissions = guild.map_or(permission::ORDINARY, |guild| world.permissions_of(guild, user));
    let mut json = json!({
        "id": id.to_string(), "application_id": world.options.application.to_string(), "type": kind.number(),
        "data": data, "channel_id": channel.to_string(),
        "channel": here.map(|channel| channel_part(channel, permissions)),
        "token": token, "version": 1, "locale": "en-US", "app_permissions": app_permissions.to_string(),
        "entitlements": [], "entitlement_sku_ids": [],
        "authorizing_integration_owners": { "0": guild.unwrap_or(0).to_string() },
        "context": i32::from(guild.is_none()), "attachment_size_limit": world.options.attachment_size_limit,
    });
    let who = world.users.get(&user).map_or(Value::Null, User::json);
    if let Some(json) = json.as_object_mut() {
        match guild {
            Some(guild) => {
                let member = world.member(guild, user).cloned();
                // Anyone who has just left is still a member in what was on its way.
                let member = member.unwrap_or(crate::world::Member {
                    user,
                    roles: Vec::new(),
                    nick: None,
                    joined_ms: world.now_ms(),
                });
                json.insert("member".to_owned(), world.member_json(guild, &member));
                json.insert("guild_id".to_owned(), Value::from(guild.to_string()));
                json.insert("guild_locale".to_owned(), Value::from("en-US"));
                let part = json!({ "id": guild.to_string(), "locale": "en-US", "features": [] });
                json.insert("guild".to_owned(), part);
            }
            None => drop(json.insert("user".to_owned(), who)),
        }
        if let Some(message) = kind.message().and_then(|id| world.messages.get(&id)) {
            json.insert("message".to_owned(), world.message_json(message));
        }
    }
    change(&mut json);
    let interaction = Interaction {
        id,
        token,
        user,
        channel,
        guild,
        kind,
        created_ms: world.now_ms(),
        state: State::Unanswered,
        response: None,
        original: None,
        follow_ups: Vec::new(),
        deliveries: 0,
        refused: Vec::new(),
        failed: None,
        times: Times::default(),
        payload: Arc::from(json.to_string()),
        signal: Arc::new(Notify::new()),
        files,
    };
    world.put_interaction(interaction);
    id
}
