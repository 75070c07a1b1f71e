//! Everything that is in the fake Discord. Tests read it; the API and the people change it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::cdn::Stored;
use crate::clock::{Clock, iso};
use crate::commands::CommandBook;
use crate::faults::Faults;
use crate::gateway::{GatewayLog, Sessions};
use crate::interactions::{Interaction, State};
use crate::messages::Message;
use crate::options::Options;

/// A snowflake: when something was made, and which one it was.
pub type Id = u64;

/// Milliseconds since the Unix epoch at which Discord's ids begin.
const EPOCH_MS: i64 = 1_420_070_400_000;

/// The permissions that the fake looks at, as bits.
pub mod permission {
    pub const ADMINISTRATOR: u64 = 1 << 3;
    pub const VIEW_CHANNEL: u64 = 1 << 10;
    pub const SEND_MESSAGES: u64 = 1 << 11;
    pub const EMBED_LINKS: u64 = 1 << 14;
    pub const ATTACH_FILES: u64 = 1 << 15;
    pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
    pub const MENTION_EVERYONE: u64 = 1 << 17;
    pub const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
    pub const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;
    /// What the bot may do in a channel unless a test says otherwise.
    pub const ORDINARY: u64 = VIEW_CHANNEL
        | SEND_MESSAGES
        | EMBED_LINKS
        | ATTACH_FILES
        | READ_MESSAGE_HISTORY
        | SEND_MESSAGES_IN_THREADS;
}

/// Someone on Discord, whatever server they are on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: Id,
    /// The unique name in lower case.
    pub name: String,
    /// What clients show.
    pub display_name: String,
    pub bot: bool,
}

impl User {
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id.to_string(), "username": self.name, "global_name": self.display_name,
            "discriminator": "0", "avatar": null, "bot": self.bot, "public_flags": 0,
            "avatar_decoration_data": null, "primary_guild": null, "collectibles": null,
        })
    }
}

/// A role of a server. The role `@everyone` has the server's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub id: Id,
    pub name: String,
    pub permissions: u64,
    pub color: u32,
    /// Whether everybody may mention it.
    pub mentionable: bool,
}

impl Role {
    pub(crate) fn json(&self, position: usize) -> Value {
        json!({
            "id": self.id.to_string(), "name": self.name, "permissions": self.permissions.to_string(),
            "color": self.color, "hoist": false, "managed": false, "mentionable": self.mentionable,
            "colors": { "primary_color": self.color, "secondary_color": null, "tertiary_color": null },
            "position": position, "icon": null, "unicode_emoji": null, "flags": 0,
        })
    }
}

/// Someone on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub user: Id,
    /// Without `@everyone`, which everybody has.
    pub roles: Vec<Id>,
    /// What they are called on this server.
    pub nick: Option<String>,
    pub joined_ms: i64,
}

/// A server.
#[derive(Clone, Debug)]
pub struct Guild {
    pub id: Id,
    pub name: String,
    pub owner: Id,
    pub roles: BTreeMap<Id, Role>,
    pub channels: BTreeSet<Id>,
    pub members: BTreeMap<Id, Member>,
    /// Whether the bot is on it.
    pub has_bot: bool,
}

/// Where a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Guild(Id),
    /// Between the bot and this user.
    Dm(Id),
}

/// A text channel of a server, or a direct message channel.
#[derive(Clone, Debug)]
pub struct Channel {
    pub id: Id,
    pub name: String,
    pub place: Place,
    /// Discord's number for what it is on a server: 0 for text, 4 a category, 11 a thread, 15 a forum.
    pub kind: u8,
    /// Of a thread or a post, the channel that it is in.
    pub parent: Option<Id>,
    /// What the bot may do here.
    pub bot_permissions: u64,
    /// A thread that was archived: nothing in it can be edited until someone writes there, who may unless it is locked.
    pub archived: bool,
    pub locked: bool,
    pub(crate) messages: BTreeSet<Id>,
}

impl Channel {
    pub(crate) fn is_thread(&self) -> bool {
        matches!(self.kind, 10..=12)
    }
}

/// One request that the API has answered.
#[derive(Clone, Debug)]
pub struct RequestLog {
    pub method: Method,
    /// Without the API's root: `/channels/1/messages`. With the query.
    pub path: String,
    /// The HTTP status; 0 if the connection was dropped instead.
    pub status: u16,
    /// Discord's code of a refusal.
    pub code: Option<u64>,
    /// The fake's time, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Whether it came through the CONNECT proxy.
    pub tls: bool,
    /// Empty where `Options::keep` is set.
    pub body: Bytes,
    /// The whole refusal as it was sent.
    pub refusal: Option<Value>,
}

/// Everything that is in the fake Discord.
#[derive(Debug)]
pub struct World {
    pub(crate) options: Arc<Options>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) base_url: String,
    pub(crate) gateway_url: String,
    /// The gateway takes no connection and answers no heartbeat.
    pub(crate) gateway_is_out: bool,
    pub(crate) verify_key: String,
    last_id: Id,
    pub(crate) bot: User,
    pub(crate) tokens: HashSet<String>,
    pub(crate) users: HashMap<Id, User>,
    pub(crate) guilds: BTreeMap<Id, Guild>,
    pub(crate) channels: HashMap<Id, Channel>,
    pub(crate) dms: HashMap<Id, Id>,
    pub(crate) messages: HashMap<Id, Message>,
    message_order: VecDeque<Id>,
    pub(crate) interactions: HashMap<Id, Interaction>,
    interaction_order: VecDeque<Id>,
    pub(crate) files: HashMap<Id, Stored>,
    pub(crate) commands: CommandBook,
    pub(crate) nonces: HashMap<(Id, String), (Id, i64)>,
    pub(crate) requests: VecDeque<RequestLog>,
    pub(crate) unknown_routes: Vec<String>,
    pub(crate) hosts: BTreeMap<String, usize>,
    pub(crate) left_loopback: Vec<String>,
    pub(crate) faults: Faults,
    pub(crate) sessions: Sessions,
    pub(crate) gateway: GatewayLog,
    pub(crate) held: Option<Vec<Id>>,
    pub(crate) endpoint_answers: VecDeque<(Id, u16)>,
}

impl World {
    pub(crate) fn new(options: Arc<Options>, clock: Arc<Clock>) -> Self {
        let bot = User {
            id: options.application,
            name: options.bot_name.clone(),
            display_name: options.bot_name.clone(),
            bot: true,
        };
        Self {
            tokens: HashSet::from([options.token.clone()]),
            users: HashMap::from([(bot.id, bot.clone())]),
            bot,
            options,
            clock,
            base_url: String::new(),
            gateway_url: String::new(),
            gateway_is_out: false,
            verify_key: String::new(),
            last_id: 0,
            guilds: BTreeMap::new(),
            channels: HashMap::new(),
            dms: HashMap::new(),
            messages: HashMap::new(),
            message_order: VecDeque::new(),
            interactions: HashMap::new(),
            interaction_order: VecDeque::new(),
            files: HashMap::new(),
            commands: CommandBook::default(),
            nonces: HashMap::new(),
            requests: VecDeque::new(),
            unknown_routes: Vec::new(),
            hosts: BTreeMap::new(),
            left_loopback: Vec::new(),
            faults: Faults::default(),
            sessions: Sessions::default(),
            gateway: GatewayLog::default(),
            held: None,
            endpoint_answers: VecDeque::new(),
        }
    }

    /// The fake's time, in milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    pub(crate) fn next_id(&mut self) -> Id {
        let since = u64::try_from(self.now_ms() - EPOCH_MS).unwrap_or(0);
        self.last_id = (since << 22).max(self.last_id + 1);
        self.last_id
    }

    pub fn guild(&self, id: Id) -> Option<&Guild> {
        self.guilds.get(&id)
    }

    pub fn channel(&self, id: Id) -> Option<&Channel> {
        self.channels.get(&id)
    }

    pub fn user(&self, id: Id) -> Option<&User> {
        self.users.get(&id)
    }

    pub fn message(&self, id: Id) -> Option<&Message> {
        self.messages.get(&id)
    }

    /// A channel's messages, oldest first, with everybody's private ones among them.
    pub fn messages(&self, channel: Id) -> Vec<&Message> {
        let Some(channel) = self.channels.get(&channel) else { return Vec::new() };
        channel.messages.iter().filter_map(|id| self.messages.get(id)).collect()
    }

    /// Every message that is kept, oldest first.
    pub fn all_messages(&self) -> Vec<&Message> {
        let mut all: Vec<_> = self.messages.values().collect();
        all.sort_by_key(|message| message.id);
        all
    }

    pub fn interaction(&self, id: Id) -> Option<&Interaction> {
        self.interactions.get(&id)
    }

    /// Every interaction that is kept, oldest first.
    pub fn interactions(&self) -> Vec<&Interaction> {
        let mut all: Vec<_> = self.interactions.values().collect();
        all.sort_by_key(|interaction| interaction.id);
        all
    }

    /// The commands of a server, or the global ones, as the API shows them.
    pub fn commands(&self, guild: Option<Id>) -> &[Value] {
        self.commands.of(guild)
    }

    /// The requests that are kept, oldest first.
    pub fn requests(&self) -> impl Iterator<Item = &RequestLog> {
        self.requests.iter()
    }

    /// The kept requests that were refused.
    pub fn refusals(&self) -> Vec<&RequestLog> {
        self.requests.iter().filter(|request| request.status >= 400).collect()
    }

    /// Requests for which the fake has no route: a test that ends well has none.
    pub fn unknown_routes(&self) -> &[String] {
        &self.unknown_routes
    }

    /// Every host that the CONNECT proxy was asked for, and how often.
    pub fn hosts(&self) -> &BTreeMap<String, usize> {
        &self.hosts
    }

    /// Hosts that were asked for and are none of the fake's.
    pub fn left_loopback(&self) -> &[String] {
        &self.left_loopback
    }

    /// What happened on the gateway.
    pub fn gateway(&self) -> &GatewayLog {
        &self.gateway
    }

    /// The interactions that were answered by the endpoint, and with which HTTP status, latest last.
    pub fn endpoint_answers(&self) -> impl Iterator<Item = &(Id, u16)> {
        self.endpoint_answers.iter()
    }

    pub(crate) fn put_message(&mut self, message: Message) {
        if let Some(channel) = self.channels.get_mut(&message.channel) {
            channel.messages.insert(message.id);
        }
        self.message_order.push_back(message.id);
        self.messages.insert(message.id, message);
        let Some(keep) = self.options.keep else { return };
        // Twice for each new one, so that what is still waited for does not make the rest pile up.
        for _ in 0..2 {
            if self.message_order.len() <= keep {
                return;
            }
            let Some(oldest) = self.message_order.pop_front() else { return };
            let open = |message: &Message| message.is_loading() || !message.waiting.is_empty();
            if self.messages.get(&oldest).is_some_and(open) {
                self.message_order.push_back(oldest);
            } else {
                self.drop_message(oldest);
            }
        }
    }

    pub(crate) fn drop_message(&mut self, id: Id) -> Option<Message> {
        let message = self.messages.remove(&id)?;
        if let Some(channel) = self.channels.get_mut(&message.channel) {
            channel.messages.remove(&id);
        }
        for attachment in &message.attachments {
            self.files.remove(&attachment.id);
        }
        for interaction in &message.waiting {
            self.settle(*interaction);
        }
        Some(message)
    }

    pub(crate) fn put_interaction(&mut self, interaction: Interaction) {
        self.interaction_order.push_back(interaction.id);
        self.interactions.insert(interaction.id, interaction);
        let Some(keep) = self.options.keep else { return };
        for _ in 0..2 {
            if self.interaction_order.len() <= keep {
                return;
            }
            let Some(oldest) = self.interaction_order.pop_front() else { return };
            if self.interactions.get(&oldest).is_some_and(|asked| asked.state != State::Answered) {
                self.interaction_order.push_back(oldest);
                continue;
            }
            let forgotten = self.interactions.remove(&oldest);
            for file in forgotten.into_iter().flat_map(|interaction| interaction.files) {
                self.files.remove(&file);
            }
        }
    }

    pub(crate) fn log(&mut self, entry: RequestLog) {
        self.requests.push_back(entry);
        if let Some(keep) = self.options.keep {
            while self.requests.len() > keep {
                self.requests.pop_front();
            }
        }
    }

    pub(crate) fn member(&self, guild: Id, user: Id) -> Option<&Member> {
        self.guilds.get(&guild)?.members.get(&user)
    }

    /// What a member may do on the server as a whole.
    pub(crate) fn permissions_of(&self, guild: Id, user: Id) -> u64 {
        let Some(guild) = self.guilds.get(&guild) else { return 0 };
        let roles = guild.members.get(&user).map(|member| member.roles.as_slice()).unwrap_or_default();
        let held = roles.iter().chain([&guild.id]).filter_map(|role| guild.roles.get(role));
        let bits = held.fold(0, |bits, role| bits | role.permissions);
        if guild.owner == user || bits & permission::ADMINISTRATOR != 0 { u64::MAX >> 11 } else { bits }
    }

    pub(crate) fn member_json(&self, guild: Id, member: &Member) -> Value {
        let user = self.users.get(&member.user).map_or(Value::Null, User::json);
        let roles: Vec<_> = member.roles.iter().map(Id::to_string).collect();
        json!({
            "user": user, "roles": roles, "nick": member.nick, "avatar": null, "banner": null,
            "joined_at": iso(member.joined_ms), "premium_since": null, "deaf": false, "mute": false,
            "flags": 0, "pending": false, "communication_disabled_until": null,
            "permissions": self.permissions_of(guild, member.user).to_string(),
            "unusual_dm_activity_until": null, "collectibles": null,
        })
    }

    pub(crate) fn roles_json(guild: &Guild) -> Vec<Value> {
        guild.roles.values().enumerate().map(|(position, role)| role.json(position)).collect()
    }

    /// What the bot may do in a channel; in a thread, what it may in the channel that it is in.
    pub(crate) fn bot_permissions(&self, channel: &Channel) -> u64 {
        let parent = channel.parent.filter(|_| channel.is_thread()).and_then(|id| self.channels.get(&id));
        parent.unwrap_or(channel).bot_permissions
    }

    pub(crate) fn channel_json(&self, channel: &Channel) -> Value {
        let last = channel.messages.last().map(Id::to_string);
        // A thread has none of its own.
        let (allowed, denied) = match channel.is_thread() {
            true => (0, 0),
            false => (
                channel.bot_permissions & !permission::ORDINARY,
                permission::ORDINARY & !channel.bot_permissions,
            ),
        };
        let (id, allow, deny) = (self.bot.id.to_string(), allowed.to_string(), denied.to_string());
        let overwrites = match (allowed, denied) {
            (0, 0) => json!([]),
            _ => json!([{ "id": id, "type": 1, "allow": allow, "deny": deny }]),
        };
        match channel.place {
            Place::Guild(guild) => json!({
                "id": channel.id.to_string(), "type": channel.kind, "guild_id": guild.to_string(),
                "name": channel.name, "position": 0, "permission_overwrites": overwrites, "nsfw": false,
                "parent_id": channel.parent.map(|id| id.to_string()),
                "topic": null, "rate_limit_per_user": 0, "last_message_id": last, "flags": 0,
            }),
            Place::Dm(user) => json!({
                "id": channel.id.to_string(), "type": 1, "last_message_id": last, "flags": 0,
                "recipients": [self.users.get(&user).map_or(Value::Null, User::json)],
            }),
        }
    }

    pub(crate) fn guild_json(&self, guild: &Guild) -> Value {
        json!({
            "id": guild.id.to_string(), "name": guild.name, "owner_id": guild.owner.to_string(),
            "icon": null, "splash": null, "discovery_splash": null, "banner": null, "description": null,
            "afk_channel_id": null, "afk_timeout": 300, "widget_enabled": false, "widget_channel_id": null,
            "verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0,
            "roles": Self::roles_json(guild), "emojis": [], "features": [], "mfa_level": 0,
            "application_id": null, "system_channel_id": null, "system_channel_flags": 0,
            "rules_channel_id": null, "max_members": 250_000, "max_presences": null, "vanity_url_code": null,
            "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": "en-US",
            "public_updates_channel_id": null, "nsfw_level": 0, "stickers": [],
            "premium_progress_bar_enabled": false, "safety_alerts_channel_id": null, "incidents_data": null,
        })
    }

    pub(crate) fn guild_of(&self, channel: Id) -> Option<Id> {
        match self.channels.get(&channel)?.place {
            Place::Guild(guild) => Some(guild),
            Place::Dm(_) => None,
        }
    }

    pub(crate) fn open_dm(&mut self, user: Id) -> Id {
        if let Some(channel) = self.dms.get(&user) {
            return *channel;
        }
        let id = self.next_id();
        let channel = Channel {
            id,
            name: String::new(),
            place: Place::Dm(user),
            kind: 1,
            parent: None,
            bot_permissions: permission::ORDINARY,
            archived: false,
            locked: false,
            messages: BTreeSet::new(),
        };
        self.channels.insert(id, channel);
        self.dms.insert(user, id);
        id
    }
}
