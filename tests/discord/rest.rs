//! The routes of the API, version 10.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::faults::{Scope, too_many};
use crate::messages::{Draft, Message, New, Use};
use crate::payload::Payload;
use crate::refusal::{Done, Errors, Refusal, Reply};
use crate::rules::number;
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
        if let Some(limited) = self.rate(asked) {
            return limited;
        }
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
            ("GET", ["applications", "@me"] | ["oauth2", "applications", "@me"]) => {
                Ok(Reply::ok(&self.application()))
            }
            (_, ["applications", application, "commands", rest @ ..]) => {
                self.own_application(application)?;
                let body = self.json_unless_get(asked)?;
                self.commands_route(asked.method, None, rest, &body)
            }
            (_, ["applications", application, "guilds", guild, "commands", rest @ ..]) => {
                self.own_application(application)?;
                let guild = id(guild)?;
                let body = self.json_unless_get(asked)?;
                self.commands_route(asked.method, Some(guild), rest, &body)
            }
            ("POST", ["users", "@me", "channels"]) => self.open_dm_route(&asked.payload()?.json),
            ("GET", ["users", "@me", "guilds"]) => {
                let guilds = self.guilds.values().filter(|guild| guild.has_bot);
                let guilds: Vec<_> = guilds
                    .map(|it| {
                        json!({ "id": it.id.to_string(), "name": it.name, "icon": null, "owner": false,
                        "permissions": "0", "features": [] })
                    })
                    .collect();
                Ok(Reply::ok(&Value::from(guilds)))
            }
            ("GET", ["users", "@me", "guilds", guild, "member"]) => self.own_member(id(guild)?),
            ("GET", ["users", user]) => {
                let found = self.users.get(&id(user)?).ok_or_else(|| Refusal::unknown(10013, "User"))?;
                Ok(Reply::ok(&found.json()))
            }
            ("GET", ["guilds", guild, rest @ ..]) => self.guild_route(id(guild)?, rest),
            (_, ["channels", channel, rest @ ..]) => self.channel_route(id(channel)?, rest, asked),
            _ => Err(Refusal::no_route()),
        }
    }

    /// Discord's own limits, where they are switched on: 50 a second in all, 5 messages in 5 seconds for a channel.
    fn rate(&mut self, asked: &Asked<'_>) -> Option<Reply> {
        if !self.options.rate_limits || matches!(asked.segments, ["interactions" | "webhooks", ..]) {
            return None;
        }
        if let Some(after) = self.window("global".to_owned(), 50, 1000) {
            return Some(too_many(after, Scope::Global));
        }
        let ("POST", ["channels", channel, "messages"]) = (asked.method.as_str(), asked.segments) else {
            return None;
        };
        let after = self.window(format!("messages {channel}"), 5, 5000)?;
        Some(too_many(after, Scope::User))
    }

    /// How long to wait, if `most` requests were already made within the window.
    fn window(&mut self, name: String, most: usize, window_ms: i64) -> Option<Duration> {
        let now = self.now_ms();
        let times: &mut VecDeque<i64> = self.rates.entry(name).or_default();
        while times.front().is_some_and(|at| *at <= now - window_ms) {
            times.pop_front();
        }
        if times.len() < most {
            times.push_back(now);
            return None;
        }
        let first = times.front().copied().unwrap_or(now);
        Some(Duration::from_millis(u64::try_from(first + window_ms - now).unwrap_or(0)))
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

    fn application(&self) -> Value {
        json!({
            "id": self.options.application.to_string(), "name": self.bot.name, "icon": null, "description": "",
            "bot_public": false, "bot_require_code_grant": false, "verify_key": self.verify_key, "team": null,
            "flags": 0, "redirect_uris": [], "interactions_endpoint_url": self.options.endpoint,
            "approximate_guild_count": self.guilds.len(), "integration_types_config": {}, "hook": true,
            "bot": self.own_user(), "owner": self.bot.json(),
        })
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
                let stands = self.messages.get(&id).map_or(0, |message| message.flags);
                let draft =
                    Draft::of(&asked.payload()?, Use::Edit, stands, self.options.attachment_size_limit)?;
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
            ("DELETE", ["messages", name]) => {
                let id = self.answer_of(token, name)?;
                self.drop_message(id);
                let interaction = self.by_token(token)?.id;
                self.settle(interaction);
                Ok(Reply::empty())
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

    fn open_dm_route(&mut self, body: &Value) -> Done {
        let Some(user) = body.get("recipient_id").and_then(number) else {
            return Err(Errors::one("recipient_id", "BASE_TYPE_REQUIRED", "This field is required"));
        };
        let known = self
            .users
            .get(&user)
            .ok_or_else(|| Errors::one("recipient_id", "USER_INVALID", "Invalid Recipient(s)"))?;
        if known.bot {
            return Err(cannot_send());
        }
        let id = self.open_dm(user);
        let channel = self.channels.get(&id).ok_or_else(Refusal::unknown_channel)?;
        Ok(Reply::ok(&self.channel_json(channel)))
    }

    fn guild_route(&self, id_of_guild: Id, rest: &[&str]) -> Done {
        let known = self.guilds.get(&id_of_guild);
        let guild = known.filter(|guild| guild.has_bot).ok_or_else(|| {
            // Discord does not tell a server that it does not know from one that the bot is not on.
            Refusal::unknown(10004, "Guild")
        })?;
        match rest {
            [] => Ok(Reply::ok(&self.guild_json(guild))),
            ["roles"] => Ok(Reply::ok(&Value::from(Self::roles_json(guild)))),
            ["roles", role] => {
                let roles = Self::roles_json(guild);
                let found = roles.iter().find(|it| it.get("id").and_then(Value::as_str) == Some(role));
                found.map(Reply::ok).ok_or_else(|| Refusal::unknown(10011, "Role"))
            }
            ["channels"] => {
                let channels = guild.channels.iter().filter_map(|id| self.channels.get(id));
                Ok(Reply::ok(&channels.map(|channel| self.channel_json(channel)).collect()))
            }
            ["members", "@me"] => self.own_member(id_of_guild),
            ["members", user] if id(user)? == self.bot.id => self.own_member(id_of_guild),
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

    fn own_member(&self, guild: Id) -> Done {
        if !self.guilds.get(&guild).is_some_and(|guild| guild.has_bot) {
            return Err(Refusal::unknown(10004, "Guild"));
        }
        Ok(Reply::ok(&json!({
            "user": self.own_user(), "roles": [], "nick": null, "avatar": null, "premium_since": null,
            "joined_at": crate::clock::iso(1_420_070_400_000), "deaf": false, "mute": false, "flags": 0,
            "pending": false, "communication_disabled_until": null,
        })))
    }

    fn channel_route(&mut self, channel: Id, rest: &[&str], asked: &Asked<'_>) -> Done {
        let here = self.channels.get(&channel).ok_or_else(Refusal::unknown_channel)?;
        let (bits, place) = (here.bot_permissions, here.place);
        let guild_is_left = match place {
            Place::Guild(guild) => !self.guilds.get(&guild).is_some_and(|guild| guild.has_bot),
            Place::Dm(_) => false,
        };
        if bits & permission::VIEW_CHANNEL == 0 || guild_is_left {
            return Err(Refusal::missing_access());
        }
        let reads = bits & permission::READ_MESSAGE_HISTORY != 0;
        match (asked.method.as_str(), rest) {
            ("GET", []) => Ok(Reply::ok(&self.channel_json(here))),
            ("POST", ["typing"]) => Ok(Reply::empty()),
            ("POST", ["messages"]) => self.post(channel, place, &asked.payload()?),
            ("GET", ["messages"]) => {
                let limit = asked.query("limit").map_or(Some(50), |text| text.parse::<usize>().ok());
                let limit = limit.filter(|limit| (1..=100).contains(limit)).ok_or_else(|| {
                    Errors::one("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
                })?;
                let (before, after) = (bound(asked.query("before"))?, bound(asked.query("after"))?);
                let listed = here.messages.range(after.map_or(0, |id| id + 1)..before.unwrap_or(Id::MAX));
                let seen =
                    listed.filter_map(|id| self.messages.get(id)).filter(|it| it.ephemeral_for.is_none());
                let mut seen: Vec<_> = match after {
                    Some(_) => seen.take(limit).collect(),
                    None => seen.rev().take(limit).collect(),
                };
                seen.sort_by_key(|message| std::cmp::Reverse(message.id));
                let shown = if reads { seen.as_slice() } else { &[] };
                Ok(Reply::ok(&shown.iter().map(|message| self.message_json(message)).collect()))
            }
            (method, ["messages", message]) => {
                let id = id(message)?;
                let found = self.messages.get(&id);
                let found = found.filter(|it| it.channel == channel && it.ephemeral_for.is_none());
                let message = found.ok_or_else(Refusal::unknown_message)?.clone();
                self.one_message(method, &message, bits, place, asked)
            }
            _ => Err(Refusal::no_route()),
        }
    }

    fn post(&mut self, channel: Id, place: Place, payload: &Payload) -> Done {
        if let Place::Dm(user) = place
            && !self.users.get(&user).is_some_and(|user| user.takes_dms)
        {
            return Err(cannot_send());
        }
        let draft = Draft::of(payload, Use::Channel, 0, self.options.attachment_size_limit)?;
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
        if let Some((wanted, strict)) = draft.reference
            && strict
            && !self
                .messages
                .get(&wanted)
                .is_some_and(|it| it.channel == channel && it.ephemeral_for.is_none())
        {
            return Err(Errors::one("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message"));
        }
        let new = New {
            channel,
            author: self.bot.id,
            interaction: None,
            ephemeral_for: None,
            kind: if draft.reference.is_some() { 19 } else { 0 },
            flags: draft.flags,
        };
        let id = self.create_message(draft, new);
        if let Some(key) = key {
            self.nonces.retain(|_, (_, at)| now - *at <= NONCE_MS);
            self.nonces.insert(key, (id, now));
        }
        self.message_reply(id)
    }

    fn one_message(
        &mut self,
        method: &str,
        message: &Message,
        bits: u64,
        place: Place,
        asked: &Asked<'_>,
    ) -> Done {
        let own = message.author == self.bot.id;
        match method {
            "GET" if bits & permission::READ_MESSAGE_HISTORY == 0 => Err(Refusal::missing_access()),
            "GET" => Ok(Reply::ok(&self.message_json(message))),
            "PATCH" => {
                let payload = asked.payload()?;
                let draft =
                    Draft::of(&payload, Use::Edit, message.flags, self.options.attachment_size_limit)?;
                if !own {
                    let text = "Cannot edit a message authored by another user";
                    return Err(Refusal::new(StatusCode::FORBIDDEN, 50005, text));
                }
                if draft.has_files() && bits & permission::ATTACH_FILES == 0 {
                    return Err(Refusal::missing_permissions());
                }
                self.is_open(message.id)?;
                self.edit_message(message.id, draft)?;
                self.message_reply(message.id)
            }
            "DELETE" => {
                if !own && matches!(place, Place::Dm(_)) {
                    let text = "Cannot execute action on a DM channel";
                    return Err(Refusal::new(StatusCode::FORBIDDEN, 50003, text));
                }
                if !own && bits & permission::MANAGE_MESSAGES == 0 {
                    return Err(Refusal::missing_permissions());
                }
                self.drop_message(message.id);
                Ok(Reply::empty())
            }
            _ => Err(Refusal::wrong_method()),
        }
    }
}

fn cannot_send() -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, 50007, "Cannot send messages to this user")
}

fn id(text: &str) -> Done<Id> {
    text.parse()
        .map_err(|_| Errors::one("id", "NUMBER_TYPE_COERCE", format!("Value \"{text}\" is not snowflake.")))
}

fn bound(text: Option<&str>) -> Done<Option<Id>> {
    text.map(id).transpose()
}
