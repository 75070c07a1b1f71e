//! Interactions: what a person asked for, and how far the bot is with the answer.

use std::sync::Arc;
use std::time::Instant;

use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::messages::{Draft, EPHEMERAL, New, SUPPRESS_NOTIFICATIONS, Use};
use crate::payload::Payload;
use crate::refusal::{Done, Errors, Refusal};
use crate::rules::{Form, command, modal};
use crate::world::{Id, World};

/// Within this time an interaction has to be answered or deferred.
pub(crate) const ACKNOWLEDGE_MS: i64 = 3_000;
/// For this time an interaction's token is good.
pub(crate) const TOKEN_MS: i64 = 15 * 60 * 1000;

/// What a person did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A slash command, with its groups: `connect reset`.
    Command { name: String },
    /// Typing in one option of a command.
    Autocomplete { name: String, option: String, type_of_option: i64 },
    /// A button or a menu of a message.
    Component { message: Id, custom_id: String },
    /// A form, which perhaps a message's button had opened.
    ModalSubmit { custom_id: String, message: Option<Id> },
}

impl Kind {
    /// Discord's number for it.
    pub fn number(&self) -> u8 {
        match self {
            Self::Command { .. } => 2,
            Self::Component { .. } => 3,
            Self::Autocomplete { .. } => 4,
            Self::ModalSubmit { .. } => 5,
        }
    }

    /// The message whose component led here.
    pub fn message(&self) -> Option<Id> {
        match self {
            Self::Component { message, .. } => Some(*message),
            Self::ModalSubmit { message, .. } => *message,
            Self::Command { .. } | Self::Autocomplete { .. } => None,
        }
    }
}

/// How far an interaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The bot has said nothing; after three seconds it never will.
    Unanswered,
    /// Acknowledged; the person sees "thinking".
    Deferred {
        ephemeral: bool,
    },
    /// Acknowledged; the person sees the message as it was.
    DeferredUpdate,
    Answered,
}

/// What the first response was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// A message, deferred or not.
    Message(Id),
    /// A change of the message that was clicked, deferred or not.
    Update(Id),
    Choices(Vec<Choice>),
    Modal(Modal),
}

/// What an option can be completed to.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub name: String,
    /// A string or a number.
    pub value: Value,
}

impl Eq for Choice {}

/// A form on a person's screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modal {
    pub custom_id: String,
    pub title: String,
    pub inputs: Vec<TextInput>,
    /// The interaction that opened it.
    pub interaction: Id,
    pub channel: Id,
    /// The message whose component opened it.
    pub message: Option<Id>,
}

/// One input of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextInput {
    pub custom_id: String,
    pub label: String,
    pub paragraph: bool,
    pub required: bool,
    pub min_length: u64,
    pub max_length: u64,
    pub placeholder: Option<String>,
    /// What is in it at first.
    pub value: Option<String>,
}

/// When things happened on the machine's clock, for benches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Handed to the connection to the bot.
    pub sent: Option<Instant>,
    /// The first response was taken.
    pub acknowledged: Option<Instant>,
    /// The person saw the answer itself: the first response, or what filled a deferred one.
    pub answered: Option<Instant>,
}

/// What a person asked for, and how far the bot is with the answer.
#[derive(Clone, Debug)]
pub struct Interaction {
    pub id: Id,
    pub token: String,
    pub user: Id,
    pub channel: Id,
    pub guild: Option<Id>,
    pub kind: Kind,
    pub created_ms: i64,
    pub state: State,
    pub response: Option<Response>,
    /// The message that `@original` means.
    pub original: Option<Id>,
    pub follow_ups: Vec<Id>,
    /// How often it was sent to the bot.
    pub deliveries: u32,
    /// How many responses were refused, by code.
    pub refused: Vec<u64>,
    /// Why the person was told that it failed, where it was no lateness.
    pub failed: Option<String>,
    pub times: Times,
    pub(crate) payload: Arc<str>,
    pub(crate) signal: Arc<Notify>,
    pub(crate) files: Vec<Id>,
}

impl Interaction {
    /// Whether the three seconds are over without a response.
    pub fn is_late(&self, now_ms: i64) -> bool {
        self.state == State::Unanswered && now_ms > self.created_ms + ACKNOWLEDGE_MS
    }

    pub fn is_expired(&self, now_ms: i64) -> bool {
        now_ms > self.created_ms + TOKEN_MS
    }
}

impl Modal {
    fn read(data: &Value, asked: &Interaction) -> Self {
        let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
        let mut inputs = Vec::new();
        for part in data["components"].as_array().into_iter().flatten() {
            let Some(inner) = part.pointer("/components/0") else { continue };
            let number = |name: &str, otherwise| inner[name].as_u64().unwrap_or(otherwise);
            inputs.push(TextInput {
                custom_id: text(inner, "custom_id").unwrap_or_default(),
                label: text(inner, "label").unwrap_or_default(),
                paragraph: number("style", 1) == 2,
                required: inner["required"].as_bool().unwrap_or(true),
                min_length: number("min_length", 0),
                max_length: number("max_length", 4000),
                placeholder: text(inner, "placeholder"),
                value: text(inner, "value"),
            });
        }
        Self {
            custom_id: text(data, "custom_id").unwrap_or_default(),
            title: text(data, "title").unwrap_or_default(),
            inputs,
            interaction: asked.id,
            channel: asked.channel,
            message: asked.kind.message(),
        }
    }
}

impl World {
    /// The first response, by the callback route or inline. Gives the message that it shows.
    pub(crate) fn respond(&mut self, id: Id, token: &str, payload: &Payload) -> Done<Option<Id>> {
        let now = self.now_ms();
        let known = self.interactions.get(&id).filter(|asked| asked.token == token);
        let Some(asked) = known else { return Err(Refusal::unknown_interaction()) };
        if asked.state != State::Unanswered {
            let refusal =
                Refusal::new(StatusCode::BAD_REQUEST, 40060, "Interaction has already been acknowledged.");
            return self.refused(id, refusal);
        }
        if asked.is_late(now) || asked.failed.is_some() {
            return self.refused(id, Refusal::unknown_interaction());
        }
        let asked = asked.clone();
        match self.first_response(&asked, payload) {
            Ok((state, response)) => {
                let message = match &response {
                    Response::Message(id) | Response::Update(id) => Some(*id),
                    Response::Choices(_) | Response::Modal(_) => None,
                };
                let bounded = self.options.keep.is_some();
                if let Some(asked) = self.interactions.get_mut(&id) {
                    let moment = Instant::now();
                    if bounded {
                        asked.payload = Arc::from("");
                    }
                    asked.state = state;
                    asked.original = message;
                    asked.response = Some(response);
                    asked.times.acknowledged = Some(moment);
                    asked.times.answered = (state == State::Answered).then_some(moment);
                    asked.signal.notify_waiters();
                }
                if state == State::DeferredUpdate
                    && let Some(message) = message.and_then(|id| self.messages.get_mut(&id))
                {
                    message.waiting.push(id);
                }
                Ok(message)
            }
            Err(refusal) => self.refused(id, refusal),
        }
    }

    fn refused<T>(&mut self, id: Id, refusal: Refusal) -> Done<T> {
        if let Some(asked) = self.interactions.get_mut(&id) {
            asked.refused.push(refusal.code);
        }
        Err(refusal)
    }

    fn first_response(&mut self, asked: &Interaction, payload: &Payload) -> Done<(State, Response)> {
        let mut errors = Errors::default();
        let mut form = Form::new(&payload.json, "", &mut errors);
        let wanted = form.required_whole("type", 1, 12).unwrap_or(0);
        let data = form.get("data");
        let allowed: &[i64] = match &asked.kind {
            Kind::Command { .. } => &[4, 5, 9, 12],
            Kind::Component { .. } => &[4, 5, 6, 7, 9, 12],
            Kind::Autocomplete { .. } => &[8],
            Kind::ModalSubmit { message: Some(_), .. } => &[4, 5, 6, 7, 12],
            Kind::ModalSubmit { message: None, .. } => &[4, 5, 12],
        };
        if form.get("type").is_some() && !allowed.contains(&wanted) {
            form.wrong("type", "BASE_TYPE_CHOICES", format!("Value must be one of {allowed:?}."));
        }
        errors.check()?;
        let nothing = json!({});
        let data_or_nothing = data.unwrap_or(&nothing);
        let limit = self.options.attachment_size_limit;
        match wanted {
            4 => {
                if data.is_none() {
                    return Err(Errors::one("data", "BASE_TYPE_REQUIRED", "This field is required"));
                }
                let draft = Draft::read(data_or_nothing, &payload.files, "data", Use::Answer, limit)?;
                if draft.is_empty() {
                    return Err(Refusal::empty_message());
                }
                let new = new_answer(asked, draft.flags, self.bot.id);
                Ok((State::Answered, Response::Message(self.create_message(draft, new))))
            }
            5 => {
                let flags = only_ephemeral(data_or_nothing)?;
                let new = new_answer(asked, flags, self.bot.id);
                let state = State::Deferred { ephemeral: flags & EPHEMERAL != 0 };
                Ok((state, Response::Message(self.create_loading(new))))
            }
            6 | 7 => {
                let Some(message) = asked.kind.message() else { return Err(Refusal::unknown_message()) };
                self.messages.get(&message).ok_or_else(Refusal::unknown_message)?;
                if wanted == 6 {
                    return Ok((State::DeferredUpdate, Response::Update(message)));
                }
                let draft = Draft::read(data_or_nothing, &payload.files, "data", Use::Edit, limit)?;
                self.edit_message(message, draft)?;
                Ok((State::Answered, Response::Update(message)))
            }
            8 => choices(data_or_nothing, asked).map(|choices| (State::Answered, Response::Choices(choices))),
            9 => {
                let mut errors = Errors::default();
                modal::check(data_or_nothing, "data", &mut errors);
                errors.check()?;
                Ok((State::Answered, Response::Modal(Modal::read(data_or_nothing, asked))))
            }
            _ => Err(Refusal::new(StatusCode::BAD_REQUEST, 50024, "Cannot perform this action here")),
        }
    }

    /// The interaction that a webhook's token belongs to, if the token is still good and the bot has responded.
    pub(crate) fn by_token(&self, token: &str) -> Done<&Interaction> {
        let found = id_in(token).and_then(|id| self.interactions.get(&id)).filter(|it| it.token == token);
        let Some(asked) = found else { return Err(Refusal::unknown_webhook()) };
        if asked.is_expired(self.now_ms()) {
            return Err(match self.options.expired_token {
                crate::options::ExpiredToken::InvalidWebhookToken => {
                    Refusal::new(StatusCode::UNAUTHORIZED, 50027, "Invalid Webhook Token")
                }
                crate::options::ExpiredToken::UnknownWebhook => Refusal::unknown_webhook(),
            });
        }
        if asked.state == State::Unanswered {
            return Err(Refusal::unknown_webhook());
        }
        Ok(asked)
    }

    /// What was deferred is there now.
    pub(crate) fn settle(&mut self, id: Id) {
        let Some(asked) = self.interactions.get_mut(&id) else { return };
        if matches!(asked.state, State::Deferred { .. } | State::DeferredUpdate) {
            asked.state = State::Answered;
            asked.times.answered = Some(Instant::now());
        }
        asked.signal.notify_waiters();
    }

    /// A follow-up; straight after a deferred answer it is that answer, as the documentation keeps it for old bots.
    pub(crate) fn follow_up(&mut self, token: &str, payload: &Payload) -> Done<Id> {
        let asked = self.by_token(token)?.clone();
        let limit = self.options.attachment_size_limit;
        let draft = Draft::of(payload, Use::Answer, limit)?;
        if draft.is_empty() {
            return Err(Refusal::empty_message());
        }
        let loading = asked.original.filter(|_| matches!(asked.state, State::Deferred { .. }));
        if let Some(original) = loading {
            self.edit_message(original, draft)?;
            self.settle(asked.id);
            return Ok(original);
        }
        let new = new_answer(&asked, draft.flags, self.bot.id);
        let id = self.create_message(draft, New { kind: 0, ..new });
        if let Some(asked) = self.interactions.get_mut(&asked.id) {
            asked.follow_ups.push(id);
        }
        self.settle(asked.id);
        Ok(id)
    }

    /// The message that a webhook's route names: `@original`, or an answer of this interaction by its id.
    pub(crate) fn answer_of(&self, token: &str, name: &str) -> Done<Id> {
        let asked = self.by_token(token)?;
        let id = if name == "@original" {
            asked.original.ok_or_else(Refusal::unknown_message)?
        } else {
            let id = name.parse().map_err(|_| Refusal::unknown_message())?;
            let own = asked.follow_ups.contains(&id) || asked.original == Some(id);
            if own { id } else { return Err(Refusal::unknown_message()) }
        };
        if self.messages.contains_key(&id) { Ok(id) } else { Err(Refusal::unknown_message()) }
    }
}

fn new_answer(asked: &Interaction, flags: u64, bot: Id) -> New {
    let ephemeral = flags & EPHEMERAL != 0;
    New {
        channel: asked.channel,
        author: bot,
        interaction: Some(asked.id),
        ephemeral_for: ephemeral.then_some(asked.user),
        kind: if matches!(asked.kind, Kind::Command { .. }) { 20 } else { 0 },
        flags: flags & !SUPPRESS_NOTIFICATIONS,
    }
}

/// A deferred answer takes this one flag.
fn only_ephemeral(data: &Value) -> Done<u64> {
    let mut errors = Errors::default();
    let mut form = Form::new(data, "data", &mut errors);
    let flags = form.whole("flags", 0, i64::MAX).and_then(|bits| u64::try_from(bits).ok()).unwrap_or(0);
    if flags & !EPHEMERAL != 0 {
        form.wrong("flags", "MESSAGE_FLAGS_INVALID", "A deferred answer takes the flag EPHEMERAL only.");
    }
    errors.check()?;
    Ok(flags)
}

fn choices(data: &Value, asked: &Interaction) -> Done<Vec<Choice>> {
    let Kind::Autocomplete { type_of_option, .. } = &asked.kind else {
        return Err(Refusal::unknown_interaction());
    };
    let mut errors = Errors::default();
    let mut form = Form::new(data, "data", &mut errors);
    let listed = form.required_list("choices", 0, 25);
    command::check_choices(listed, *type_of_option, "data.choices", &mut errors);
    errors.check()?;
    let read = |choice: &Value| Choice {
        name: choice["name"].as_str().unwrap_or_default().to_owned(),
        value: choice.get("value").cloned().unwrap_or_default(),
    };
    Ok(listed.iter().map(read).collect())
}

/// A token carries its interaction's id, so that it is found without a second map.
pub(crate) fn token_for(id: Id) -> String {
    // Real tokens are about this long, too.
    format!("aW50ZXJhY3Rpb246{id:020}{:0>80x}", id.rotate_left(23) ^ 0x5bd1_e995_9e37_79b9)
}

fn id_in(token: &str) -> Option<Id> {
    token.strip_prefix("aW50ZXJhY3Rpb246")?.get(..20)?.parse().ok()
}
