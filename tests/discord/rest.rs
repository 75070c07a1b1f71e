//! The routes of the API, version 10.

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::messages::{Draft, Message, New, Use};
use crate::payload::Payload;
use crate::refusal::{Done, Errors, Refusal, Reply};
use crate::world::{Id, Place, World, permission};

/// For how long a nonce brings back the message that it made.
const NONCE_MS: i64 = 5 * 60 * 1000;

/// A request, read.
pub(crate) struct Asked<'r> {
    pub method: &'r Method,
    pub segments: &'r [&'r str],
    pub query: &'r str,
    pub authorization: Option<&'r str>,
    pub user_agent: Option<&'r str>,
    pub content_type: Option<&'r str>,
    pub body: &'r Bytes,
}

impl Asked<'_> {
    fn query(&self, name: &str) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    fn payload(&self) -> Done<Payload> {
        Payload::read(self.content_type, self.body)
    }
}

impl World {
    pub(crate) fn answer(&mut self, asked: &Asked<'_>) -> Reply {
        self.route(asked).unwrap_or_else(|refusal| refusal.reply())
    }

    fn route(&mut self, asked: &Asked<'_>) -> Done {
        let (method, segments) = (asked.method.as_str(), asked.segments);
        if !asked.user_agent.is_some_and(|agent| agent.starts_with("DiscordBot")) {
            return Err(Refusal::new(StatusCode::FORBIDDEN, 40333, "internal network error"));
        }
        // These are good by the token in their path, or need none.
        match (method, segments) {
            ("GET", ["gateway"]) => return Ok(Reply::ok(&json!({ "url": self.gateway_url }))),
            ("POST", ["interactions", id, token, "callback"]) => return self.callback(id, token, asked),
            (_, ["webhooks", application, token, rest @ ..]) => {
                return self.webhook(application, token, rest, asked);
            }
            _ => {}
        }
        let token = asked.authorization.and_then(|value| value.strip_prefix("Bot "));
        if !token.is_some_and(|token| self.tokens.contains(token)) {
            return Err(Refusal::unauthorized());
        }
        match (method, segments) {
            ("GET", ["gateway", "bot"]) => Ok(Reply::ok(&self.gateway_bot())),
            ("GET", ["users", "@me"]) => Ok(Reply::ok(&self.own_user())),
            (_, ["applications", application, "guilds", guild, "commands", rest @ ..]) => {
                self.own_application(application)?;
                let guild = id(guild)?;
                let body = self.json_unless_get(asked)?;
                self.commands_route(asked.method, Some(guild), rest, &body)
            }
            (_, ["applications", application, "commands", rest @ ..]) => {
                self.own_application(application)?;
                let body = self.json_unless_get(asked)?;
                self.commands_route(asked.method, None, rest, &body)
            }
            ("GET", ["guilds", guild, rest @ ..]) => self.guild_route(id(guild)?, rest),
            (_, ["channels", channel, rest @ ..]) => self.channel_route(id(channel)?, rest, asked),
            _ => Err(Refusal::no_route()),
        }
    }

    fn json_unless_get(&self, asked: &Asked<'_>) -> Done<Value> {
        match asked.method.as_str() {
            "GET" | "DELETE" => Ok(Value::Null),
            _ => asked.payload().map(|payload| payload.json),
        }
    }

    fn own_application(&self, application: &str) -> Done<()> {
        if id(application)? == self.options.application {
            return Ok(());
        }
        Err(Refusal::new(
            StatusCode::FORBIDDEN,
            20012,
            "You are not authorized to perform this action on this application",
        ))
    }

    fn gateway_bot(&self) -> Value {
        let since = self.now_ms() - 24 * 60 * 60 * 1000;
        let used = self.gateway.identifies.iter().filter(|stamp| stamp.at_ms > since).count();
        let total = self.options.identify_limit;
        json!({
            "url": self.gateway_url, "shards": 1,
            "session_start_limit": {
                "total": total, "remaining": total.saturating_sub(used),
                "reset_after": 14_400_000, "max_concurrency": 1,
            },
        })
    }

    pub(crate) fn own_user(&self) -> Value {
        let mut user = self.bot.json();
        if let Some(user) = user.as_object_mut() {
            user.extend([
                ("mfa_enabled".to_owned(), Value::from(true)),
                ("verified".to_owned(), Value::from(true)),
                ("email".to_owned(), Value::Null),
                ("flags".to_owned(), Value::from(0)),
            ]);
        }
        user
    }

    fn callback(&mut self, id: &str, token: &str, asked: &Asked<'_>) -> Done {
        let id = id.parse().map_err(|_| Refusal::unknown_interaction())?;
        let payload = asked.payload()?;
        let message = self.respond(id, token, &payload)?;
        if asked.query("with_response") != Some("true") {
            return Ok(Reply::empty());
        }
        let kind = payload.json.get("type").cloned().unwrap_or_default();
        let mut body = json!({
            "interaction": { "id": id.to_string(), "type": self.interactions.get(&id).map(|it| it.kind.number()) },
            "resource": { "type": kind },
        });
        let message = message.and_then(|id| self.messages.get(&id));
        if let (Some(message), Some(body)) = (message, body.as_object_mut()) {
            if let Some(interaction) = body.get_mut("interaction").and_then(Value::as_object_mut) {
                interaction.insert("response_message_id".to_owned(), Value::from(message.id.to_string()));
                interaction.insert("response_message_loading".to_owned(), Value::from(message.is_loading()));
                interaction
                    .insert("response_message_ephemeral".to_owned(), Value::from(message.is_ephemeral()));
            }
            if let Some(resource) = body.get_mut("resource").and_then(Value::as_object_mut) {
                resource.insert("message".to_owned(), self.message_json(message));
            }
        }
        Ok(Reply::ok(&body))
    }

    fn webhook(&mut self, application: &str, token: &str, rest: &[&str], asked: &Asked<'_>) -> Done {
        if application.parse() != Ok(self.options.application) {
            return Err(Refusal::unknown_webhook());
        }
        match (asked.method.as_str(), rest) {
            ("POST", []) => {
                self.by_token(token)?;
                let payload = asked.payload()?;
                let id = self.follow_up(token, &payload)?;
                // The follow-up of an interaction always waits for its message, whatever `wait` says.
                self.message_reply(id)
            }
            ("GET", ["messages", name]) => {
                let id = self.answer_of(token, name)?;
                self.message_reply(id)
            }
            ("PATCH", ["messages", name]) => {
                let id = self.answer_of(token, name)?;
                self.is_open(id)?;
                let draft = Draft::of(&asked.payload()?, Use::Edit, self.options.attachment_size_limit)?;
                self.edit_message(id, draft)?;
                let asked = self.by_token(token)?;
                let settles = asked.original == Some(id);
                let interaction = asked.id;
                if settles {
                    self.settle(interaction);
                } else {
                    self.touch(interaction);
                }
                self.message_reply(id)
            }
            (_, [] | ["messages", _]) => Err(Refusal::wrong_method()),
            _ => Err(Refusal::no_route()),
        }
    }

    /// A message of an archived thread can't be edited, except one that only its reader has.
    fn is_open(&self, message: Id) -> Done<()> {
        let message = self.messages.get(&message).filter(|message| message.ephemeral_for.is_none());
        let channel = message.and_then(|message| self.channels.get(&message.channel));
        if channel.is_some_and(|channel| channel.archived) { Err(Refusal::archived()) } else { Ok(()) }
    }

    fn touch(&self, interaction: Id) {
        if let Some(asked) = self.interactions.get(&interaction) {
            asked.signal.notify_waiters();
        }
    }

    fn message_reply(&self, id: Id) -> Done {
        let message = self.messages.get(&id).ok_or_else(Refusal::unknown_message)?;
        Ok(Reply::ok(&self.message_json(message)))
    }

    fn guild_route(&self, id_of_guild: Id, rest: &[&str]) -> Done {
        let known = self.guilds.get(&id_of_guild);
        let guild = known.filter(|guild| guild.has_bot).ok_or_else(|| {
            // Discord does not tell a server that it does not know from one that the bot is not on.
            Refusal::unknown(10004, "Guild")
        })?;
        match rest {
            [] => Ok(Reply::ok(&self.guild_json(guild))),
            ["members", user] => {
                let member =
                    guild.members.get(&id(user)?).ok_or_else(|| Refusal::unknown(10007, "Member"))?;
                let mut json = self.member_json(id_of_guild, member);
                if let Some(json) = json.as_object_mut() {
                    json.remove("permissions");
                }
                Ok(Reply::ok(&json))
            }
            _ => Err(Refusal::no_route()),
        }
    }

    fn channel_route(&mut self, channel: Id, rest: &[&str], asked: &Asked<'_>) -> Done {
        let here = self.channels.get(&channel).ok_or_else(Refusal::unknown_channel)?;
        let (bits, place) = (self.bot_permissions(here), here.place);
        let guild_is_left = match place {
            Place::Guild(guild) => !self.guilds.get(&guild).is_some_and(|guild| guild.has_bot),
            Place::Dm(_) => false,
        };
        if bits & permission::VIEW_CHANNEL == 0 || guild_is_left {
            return Err(Refusal::missing_access());
        }
        match (asked.method.as_str(), rest) {
            ("GET", []) => Ok(Reply::ok(&self.channel_json(here))),
            ("POST", ["messages"]) => self.post(channel, &asked.payload()?),
            (method, ["messages", message]) => {
                let id = id(message)?;
                let found = self.messages.get(&id);
                let found = found.filter(|it| it.channel == channel && it.ephemeral_for.is_none());
                let message = found.ok_or_else(Refusal::unknown_message)?.clone();
                self.one_message(method, &message, bits, asked)
            }
            _ => Err(Refusal::no_route()),
        }
    }

    fn post(&mut self, channel: Id, payload: &Payload) -> Done {
        let draft = Draft::of(payload, Use::Channel, self.options.attachment_size_limit)?;
        if draft.is_empty() {
            return Err(Refusal::empty_message());
        }
        self.may_send(channel, &draft)?;
        if let Some(channel) = self.channels.get_mut(&channel) {
            if channel.archived && channel.locked {
                return Err(Refusal::archived());
            }
            channel.archived = false;
        }
        let now = self.now_ms();
        let key =
            draft.nonce.as_ref().filter(|_| draft.enforce_nonce).map(|nonce| (channel, nonce.to_string()));
        if let Some(key) = &key
            && let Some((made, at)) = self.nonces.get(key)
            && now - at <= NONCE_MS
            && self.messages.contains_key(made)
        {
            return self.message_reply(*made);
        }
        let new = New {
            channel,
            author: self.bot.id,
            interaction: None,
            ephemeral_for: None,
            kind: 0,
            flags: draft.flags,
        };
        let id = self.create_message(draft, new);
        if let Some(key) = key {
            self.nonces.retain(|_, (_, at)| now - *at <= NONCE_MS);
            self.nonces.insert(key, (id, now));
        }
        self.message_reply(id)
    }

    fn one_message(&mut self, method: &str, message: &Message, bits: u64, asked: &Asked<'_>) -> Done {
        match method {
            "GET" if bits & permission::READ_MESSAGE_HISTORY == 0 => Err(Refusal::missing_access()),
            "GET" => Ok(Reply::ok(&self.message_json(message))),
            "PATCH" => {
                let payload = asked.payload()?;
                let draft = Draft::of(&payload, Use::Edit, self.options.attachment_size_limit)?;
                if draft.has_files() && bits & permission::ATTACH_FILES == 0 {
                    return Err(Refusal::missing_permissions());
                }
                self.is_open(message.id)?;
                self.edit_message(message.id, draft)?;
                self.message_reply(message.id)
            }
            _ => Err(Refusal::wrong_method()),
        }
    }
}

fn id(text: &str) -> Done<Id> {
    text.parse()
        .map_err(|_| Errors::one("id", "NUMBER_TYPE_COERCE", format!("Value \"{text}\" is not snowflake.")))
}
