//! The handle to a fake Discord: opening it, setting up its world, and everything that a test does to it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use http::Uri;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::endpoint::{self, Answered, Pool, Sent};
use crate::error::FakeError;
use crate::faults::Fault;
use crate::gateway::{self, Connection};
use crate::options::Options;
use crate::people::{Asked, Person};
use crate::server::accept;
use crate::world::{Channel, Guild, Id, Member, Place, Role, User, World, permission};
use crate::{server, tls};

/// What all tasks of one fake share.
pub(crate) struct Inner {
    world: Mutex<World>,
    changed: Notify,
    pub clock: Arc<Clock>,
    pub key: SigningKey,
    pub pool: Pool,
    endpoint: Mutex<Option<Uri>>,
    deliveries: mpsc::UnboundedSender<(Id, Uri)>,
}

impl Inner {
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes those who wait for something to become true.
    pub fn changed(&self) {
        self.changed.notify_waiters();
    }
}

/// A fake Discord on loopback. It ends, with its connections, when the last handle is dropped.
#[derive(Clone)]
pub struct FakeDiscord {
    pub(crate) inner: Arc<Inner>,
    running: Arc<Running>,
}

struct Running {
    // Dropping the set ends every task, and with it every connection.
    _tasks: JoinSet<()>,
    api: SocketAddr,
    gateway: SocketAddr,
    proxy: Option<(SocketAddr, String)>,
}

impl FakeDiscord {
    /// Opens a fake with no server in it.
    pub async fn open(options: Options) -> Result<Self, FakeError> {
        let api = listen().await?;
        let gateway = listen().await?;
        let proxy = if options.tls { Some((listen().await?, tls::certificate()?)) } else { None };
        let endpoint = options.endpoint.as_deref().map(endpoint::checked).transpose()?;
        let clock = Arc::new(Clock::new(options.clock));
        let key = endpoint::key();
        let (api_at, gateway_at) = (address(&api)?, address(&gateway)?);
        let mut world = World::new(Arc::new(options), clock.clone());
        world.base_url = format!("http://{api_at}");
        world.gateway_url = format!("ws://{gateway_at}");
        world.verify_key = endpoint::hex(key.verifying_key().as_bytes());
        let (deliveries, queue) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner {
            world: Mutex::new(world),
            changed: Notify::new(),
            clock,
            key,
            pool: Pool::default(),
            endpoint: Mutex::new(endpoint),
            deliveries,
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(inner.clone(), api, server::plain));
        tasks.spawn(accept(inner.clone(), gateway, gateway::connection));
        tasks.spawn(endpoint::serve(inner.clone(), queue));
        let proxy = match proxy {
            Some((listener, certificate)) => {
                let at = address(&listener)?;
                let acceptor = certificate.acceptor;
                tasks.spawn(accept(inner.clone(), listener, move |inner, stream| {
                    tls::connect(inner, stream, acceptor.clone())
                }));
                Some((at, certificate.pem))
            }
            None => None,
        };
        let running = Arc::new(Running { _tasks: tasks, api: api_at, gateway: gateway_at, proxy });
        Ok(Self { inner, running })
    }

    /// The root of the API without its path: what serenity's `proxy` takes, `http://127.0.0.1:PORT`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.running.api)
    }

    /// The gateway, `ws://127.0.0.1:PORT`. `GET /gateway` names it, too.
    pub fn gateway_url(&self) -> String {
        format!("ws://{}", self.running.gateway)
    }

    /// The CONNECT proxy, `http://127.0.0.1:PORT`, where `Options::tls` asked for one.
    pub fn proxy_url(&self) -> Option<String> {
        self.running.proxy.as_ref().map(|(at, _)| format!("http://{at}"))
    }

    /// The certificate that the proxy shows for `discord.com`.
    pub fn certificate_pem(&self) -> Option<&str> {
        self.running.proxy.as_ref().map(|(_, pem)| pem.as_str())
    }

    /// The application's public key in hexadecimal digits: what an endpoint checks signatures with.
    pub fn public_key(&self) -> String {
        self.look(|world| world.verify_key.clone())
    }

    /// Reads the world.
    pub fn look<T>(&self, read: impl FnOnce(&World) -> T) -> T {
        read(&self.inner.world())
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let changed = change(&mut self.inner.world());
        self.inner.changed();
        changed
    }

    /// Waits until `find` finds what it looks for; it is asked again after every change.
    pub async fn wait_for<T>(
        &self,
        limit: Duration,
        mut find: impl FnMut(&World) -> Option<T>,
    ) -> Result<T, FakeError> {
        let looking = async {
            loop {
                let change = self.inner.changed.notified();
                tokio::pin!(change);
                // Heard from now on, so that no change is lost between looking and waiting.
                change.as_mut().enable();
                if let Some(found) = self.look(&mut find) {
                    return found;
                }
                change.await;
            }
        };
        let waited = tokio::time::timeout(limit, looking).await;
        waited.map_err(|_| FakeError::Waited { what: "what the test waits for".to_owned(), limit })
    }

    /// Moves the fake's clock on: answers become late, tokens expire, rate windows end.
    pub fn advance(&self, time: Duration) {
        self.change(|world| {
            world.clock.advance(time);
            for asked in world.interactions.values() {
                asked.signal.notify_waiters();
            }
        });
    }

    /// The fake's time, in milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.inner.clock.now_ms()
    }

    // The world and its changes.

    /// A server with the bot on it, and with its role `@everyone`.
    pub fn add_guild(&self, id: Id, name: &str, owner: Id) {
        self.change(|world| {
            let everyone = Role {
                id,
                name: "@everyone".to_owned(),
                permissions: permission::ORDINARY | permission::USE_APPLICATION_COMMANDS,
                color: 0,
                mentionable: false,
            };
            let guild = Guild {
                id,
                name: name.to_owned(),
                owner,
                roles: BTreeMap::from([(id, everyone)]),
                channels: BTreeSet::new(),
                members: BTreeMap::new(),
                has_bot: true,
            };
            world.guilds.insert(id, guild);
        });
    }

    /// A role without permissions of its own. Not everybody may mention it.
    pub fn add_role(&self, guild: Id, id: Id, name: &str) {
        self.put_role(
            guild,
            Role { id, name: name.to_owned(), permissions: 0, color: 0, mentionable: false },
        );
    }

    /// A role, or another state of it.
    pub fn put_role(&self, guild: Id, role: Role) {
        self.change(|world| world.guilds.get_mut(&guild).map(|guild| guild.roles.insert(role.id, role)));
    }

    /// The role goes, and no one has it any more.
    pub fn delete_role(&self, guild: Id, role: Id) {
        self.change(|world| {
            let Some(found) = world.guilds.get_mut(&guild) else { return };
            found.roles.remove(&role);
            for member in found.members.values_mut() {
                member.roles.retain(|held| *held != role);
            }
        });
    }

    /// A text channel in which the bot may do what is ordinary.
    pub fn add_channel(&self, guild: Id, id: Id, name: &str) {
        self.put_channel(guild, id, name, 0, None);
    }

    /// A channel of another kind, by Discord's number.
    pub fn add_channel_of_kind(&self, guild: Id, id: Id, name: &str, kind: u8) {
        self.put_channel(guild, id, name, kind, None);
    }

    /// A thread of a channel, or a post in a forum.
    pub fn add_thread(&self, guild: Id, parent: Id, id: Id, name: &str) {
        self.put_channel(guild, id, name, 11, Some(parent));
    }

    fn put_channel(&self, guild: Id, id: Id, name: &str, kind: u8, parent: Option<Id>) {
        self.change(|world| {
            let channel = Channel {
                id,
                name: name.to_owned(),
                place: Place::Guild(guild),
                kind,
                parent,
                bot_permissions: permission::ORDINARY,
                archived: false,
                locked: false,
                messages: BTreeSet::new(),
            };
            world.channels.insert(id, channel);
            if let Some(guild) = world.guilds.get_mut(&guild) {
                guild.channels.insert(id);
            }
        });
    }

    /// The channel goes with all its messages.
    pub fn delete_channel(&self, id: Id) {
        self.change(|world| {
            let Some(channel) = world.channels.remove(&id) else { return };
            for message in &channel.messages {
                world.drop_message(*message);
            }
            let Place::Guild(guild) = channel.place else { return };
            if let Some(guild) = world.guilds.get_mut(&guild) {
                guild.channels.remove(&id);
            }
        });
    }

    /// What the bot may do in a channel from now on, as bits of `permission`.
    pub fn set_bot_permissions(&self, channel: Id, bits: u64) {
        self.change(|world| world.channels.get_mut(&channel).map(|channel| channel.bot_permissions = bits));
    }

    /// A channel is a thread, which is archived and locked, or not, from now on.
    pub fn set_thread(&self, channel: Id, archived: bool, locked: bool) {
        self.change(|world| {
            world
                .channels
                .get_mut(&channel)
                .map(|channel| (channel.archived, channel.locked) = (archived, locked))
        });
    }

    /// The bot loses these permissions in a channel.
    pub fn take_permission(&self, channel: Id, bits: u64) {
        let had =
            self.look(|world| world.channels.get(&channel).map_or(0, |channel| channel.bot_permissions));
        self.set_bot_permissions(channel, had & !bits);
    }

    /// Someone on Discord; their name is also what people see.
    pub fn add_user(&self, id: Id, name: &str) -> Person {
        self.change(|world| {
            let user = User { id, name: name.to_lowercase(), display_name: name.to_owned(), bot: false };
            world.users.entry(id).or_insert(user);
        });
        self.person(id)
    }

    /// Someone on a server, with these roles beside `@everyone`.
    pub fn add_member(&self, guild: Id, user: Id, name: &str, roles: &[Id]) -> Person {
        let person = self.add_user(user, name);
        self.change(|world| {
            let joined_ms = world.now_ms();
            if let Some(guild) = world.guilds.get_mut(&guild) {
                guild.members.insert(user, Member { user, roles: roles.to_vec(), nick: None, joined_ms });
            }
        });
        person
    }

    /// What a member is called on the server from now on.
    pub fn set_nick(&self, guild: Id, user: Id, nick: &str) {
        self.change(|world| {
            let member = world.guilds.get_mut(&guild).and_then(|guild| guild.members.get_mut(&user));
            if let Some(member) = member {
                member.nick = Some(nick.to_owned());
            }
        });
    }

    /// The user leaves the server, or is made to.
    pub fn remove_member(&self, guild: Id, user: Id) {
        self.change(|world| world.guilds.get_mut(&guild).map(|guild| guild.members.remove(&user)));
    }

    /// The member's roles from now on.
    pub fn set_roles(&self, guild: Id, user: Id, roles: &[Id]) {
        self.change(|world| {
            let member = world.guilds.get_mut(&guild).and_then(|guild| guild.members.get_mut(&user));
            if let Some(member) = member {
                member.roles = roles.to_vec();
            }
        });
    }

    /// Whether the bot is on the server.
    pub fn set_bot_in_guild(&self, guild: Id, there: bool) {
        self.change(|world| world.guilds.get_mut(&guild).map(|guild| guild.has_bot = there));
    }

    /// Someone with the rights to it deletes a message.
    pub fn delete_message(&self, id: Id) {
        self.change(|world| drop(world.drop_message(id)));
    }

    /// The bot's token is reset: every connection ends with 4004, every request with 401.
    pub fn revoke_token(&self) {
        self.change(|world| {
            world.tokens.clear();
            world.trouble(Connection::Close(4004));
        });
    }

    /// One more token that is good.
    pub fn accept_token(&self, token: &str) {
        self.change(|world| world.tokens.insert(token.to_owned()));
    }

    /// Commands as if they had been registered before; they are checked as the API checks them.
    pub fn register(&self, guild: Option<Id>, commands: &Value) -> Result<(), Value> {
        let registered = self.change(|world| world.commands_route(&http::Method::PUT, guild, &[], commands));
        registered
            .map(drop)
            .map_err(|refusal| serde_json::from_slice(&refusal.reply().body).unwrap_or_default())
    }

    // The people.

    /// Someone who can do things.
    pub fn person(&self, user: Id) -> Person {
        Person { fake: self.clone(), user }
    }

    // The trouble.

    /// Orders trouble for the API.
    pub fn fault(&self, fault: Fault) {
        self.change(|world| world.faults.order(fault));
    }

    /// Removes all faults that have not happened yet.
    pub fn clear_faults(&self) {
        self.change(|world| world.faults.clear());
    }

    /// How many ordered faults have not met all their requests.
    pub fn faults_outstanding(&self) -> usize {
        self.look(|world| world.faults.outstanding())
    }

    /// Does something to every gateway connection. Says how many there were.
    pub fn gateway(&self, trouble: Connection) -> usize {
        self.change(|world| world.trouble(trouble))
    }

    /// From now on the gateway takes no connection and answers no heartbeat, or works again.
    pub fn gateway_is_out(&self, out: bool) {
        self.change(|world| world.gateway_is_out = out);
    }

    /// From now on interactions are made but not sent to the bot.
    pub fn hold(&self) {
        self.change(|world| world.held.get_or_insert_default().len());
    }

    /// Sends what was held, in order, as it was made: late, if the clock was moved.
    pub fn release(&self) {
        for id in self.change(|world| world.held.take()).unwrap_or_default() {
            self.send(id);
        }
    }

    /// Sends the same interaction once more, as Discord does around a lost connection.
    pub fn duplicate(&self, asked: &Asked) {
        self.send(asked.id());
    }

    /// Sends an event as it is to every session: unknown kinds, unknown fields, missing fields. `kind` is its name.
    pub fn dispatch_raw(&self, kind: &str, data: &Value) -> usize {
        let frame = json!({ "op": 0, "t": kind, "s": "__seq__", "d": data }).to_string();
        self.change(|world| world.dispatch_frame(&frame, true))
    }

    /// Sends any text at all on every session's connection.
    pub fn send_frame(&self, text: &str) -> usize {
        self.change(|world| world.dispatch_frame(text, false))
    }

    /// Sends an interaction to the bot by the way that is chosen.
    pub(crate) fn send(&self, id: Id) {
        let endpoint = self.inner.endpoint.lock().unwrap_or_else(PoisonError::into_inner).clone();
        {
            let mut world = self.inner.world();
            if let Some(held) = &mut world.held {
                held.push(id);
                return;
            }
            let known = world.interactions.get_mut(&id).filter(|asked| !asked.payload.is_empty());
            let Some(asked) = known else { return };
            asked.deliveries += 1;
            asked.times.sent.get_or_insert_with(Instant::now);
            let payload = asked.payload.clone();
            if endpoint.is_none() {
                world.dispatch("INTERACTION_CREATE", &payload);
            }
        }
        if let Some(uri) = endpoint {
            // The task that takes it lives as long as this handle.
            let _ = self.inner.deliveries.send((id, uri));
        }
        self.inner.changed();
    }

    // The endpoint.

    /// From now on interactions go to this address, or to the gateway again.
    pub fn deliver_to(&self, address: Option<&str>) -> Result<(), FakeError> {
        let uri = address.map(endpoint::checked).transpose()?;
        *self.inner.endpoint.lock().unwrap_or_else(PoisonError::into_inner) = uri;
        Ok(())
    }

    /// A body with a signature that is right for it and for this time, in seconds since the epoch.
    pub fn sign(&self, body: &str, at_s: i64) -> Sent {
        endpoint::sign(&self.inner.key, body, at_s)
    }

    /// Sends a request to the endpoint as it is, and takes nothing from its answer into the world.
    pub async fn send_signed(&self, sent: &Sent) -> Result<Answered, FakeError> {
        let endpoint = self.inner.endpoint.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let uri = endpoint.ok_or_else(|| FakeError::Endpoint("none is set".to_owned()))?;
        let (status, _, body): (_, _, Bytes) = self.inner.pool.send(&uri, sent).await?;
        Ok(Answered { status: status.as_u16(), json: serde_json::from_slice(&body).ok() })
    }

    /// Sends an interaction with another body, and takes what is answered as the answer to it.
    pub async fn send_changed(&self, asked: &Asked, body: &str) -> Result<Answered, FakeError> {
        let endpoint = self.inner.endpoint.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let uri = endpoint.ok_or_else(|| FakeError::Endpoint("none is set".to_owned()))?;
        let sent = self.sign(body, self.now_ms() / 1000);
        let (status, kind, body) = self.inner.pool.send(&uri, &sent).await?;
        self.change(|world| world.take_inline(asked.id(), status, kind.as_deref(), &body));
        Ok(Answered { status: status.as_u16(), json: serde_json::from_slice(&body).ok() })
    }

    /// The probe that Discord sends when an endpoint is entered: a right endpoint answers 200 and `{"type":1}`.
    pub async fn ping_endpoint(&self) -> Result<Answered, FakeError> {
        self.send_signed(&self.sign(&self.ping(), self.now_ms() / 1000)).await
    }

    /// The other probe: a wrong signature, which a right endpoint answers with 401.
    pub async fn probe_endpoint(&self) -> Result<Answered, FakeError> {
        let signed = self.sign("another body", self.now_ms() / 1000);
        self.send_signed(&Sent { body: self.ping(), ..signed }).await
    }

    fn ping(&self) -> String {
        self.change(|world| {
            let (id, application) = (world.next_id(), world.options.application);
            json!({
                "id": id.to_string(), "application_id": application.to_string(), "type": 1, "version": 1,
                "token": crate::interactions::token_for(id), "user": world.bot.json(), "entitlements": [],
                "authorizing_integration_owners": {}, "app_permissions": "0",
            })
            .to_string()
        })
    }

    /// The request that carried this interaction, with the signature for the time given: a replay, or an old one.
    pub fn signed_again(&self, asked: &Asked, at_s: i64) -> Option<Sent> {
        let payload = self.look(|world| world.interactions.get(&asked.id()).map(|it| it.payload.clone()))?;
        Some(self.sign(&payload, at_s))
    }

    /// Messages as a page of HTML, as they look on a phone.
    pub fn page(&self, title: &str, messages: &[Id]) -> String {
        self.look(|world| crate::page::page(world, title, messages, &[]))
    }

    /// The same with forms below the messages.
    pub fn page_with_forms(&self, title: &str, messages: &[Id], forms: &[crate::Modal]) -> String {
        self.look(|world| crate::page::page(world, title, messages, forms))
    }
}

async fn listen() -> Result<TcpListener, FakeError> {
    TcpListener::bind(("127.0.0.1", 0)).await.map_err(FakeError::Listen)
}

fn address(listener: &TcpListener) -> Result<SocketAddr, FakeError> {
    listener.local_addr().map_err(FakeError::Listen)
}
