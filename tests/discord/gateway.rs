//! The gateway: sessions, their events and what a test can do to their connections.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::fake::Inner;
use crate::world::World;

/// Frames that a client may send within a minute.
const FRAMES_A_MINUTE: usize = 120;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How long a closed connection is read on, so that the other side hears why it was closed.
const FAREWELL: Duration = Duration::from_secs(2);

/// When something happened on the gateway, and what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The fake's time, in milliseconds since the epoch.
    pub at_ms: i64,
    /// The sequence number of a resume; 0 for an identify.
    pub seq: u64,
    /// Whether it was accepted.
    pub accepted: bool,
}

/// What happened on the gateway since the fake was opened.
#[derive(Clone, Debug, Default)]
pub struct GatewayLog {
    pub connections: u64,
    /// Every identify, accepted or not.
    pub identifies: Vec<Stamp>,
    /// Every resume, accepted or not.
    pub resumes: Vec<Stamp>,
    pub heartbeats: u64,
    /// The close codes that the fake sent.
    pub closed: Vec<u16>,
    /// The close codes that the bot sent; 1005 for none.
    pub left: Vec<u16>,
    /// How many sessions have a connection now.
    pub live: usize,
}

/// What a test does to every connection that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Asks the bot to come back: op 7.
    Reconnect,
    /// Says that the session is void: op 9. It is forgotten unless it may be resumed.
    InvalidSession { resumable: bool },
    /// Closes with this code. 4004, 4007, 4009 and 4010 to 4014 end the session.
    Close(u16),
    /// The TCP connection breaks without a word.
    Abort,
}

#[derive(Debug)]
enum Out {
    Text(String),
    Close(u16, &'static str),
    Abort,
}

#[derive(Debug)]
struct Session {
    id: String,
    shard: Value,
    seq: u64,
    history: VecDeque<(u64, &'static str, Arc<str>)>,
    /// The number of the connection, and the way to it.
    live: Option<(u64, mpsc::UnboundedSender<Out>)>,
}

#[derive(Debug, Default)]
pub(crate) struct Sessions {
    all: Vec<Session>,
    /// Connections that have not said who they are, too.
    connections: Vec<(u64, mpsc::UnboundedSender<Out>)>,
    made: u64,
}

/// The token of an identify or a resume. serenity writes `Bot ` before it, and Discord takes that.
fn bare_token(data: &Value) -> &str {
    let token = data["token"].as_str().unwrap_or_default();
    token.strip_prefix("Bot ").unwrap_or(token)
}

fn frame(kind: &str, seq: u64, data: &str) -> String {
    format!("{{\"t\":\"{kind}\",\"s\":{seq},\"op\":0,\"d\":{data}}}")
}

impl Session {
    fn dispatch(&mut self, kind: &'static str, data: &Arc<str>, replay: usize) {
        self.seq += 1;
        self.history.push_back((self.seq, kind, data.clone()));
        if self.history.len() > replay {
            self.history.pop_front();
        }
        if let Some((_, out)) = &self.live {
            // A connection that is gone is found out by its own task; the event waits for a resume.
            let _ = out.send(Out::Text(frame(kind, self.seq, data)));
        }
    }
}

impl World {
    /// Sends an event to every session.
    pub(crate) fn dispatch(&mut self, kind: &'static str, data: &Arc<str>) {
        let replay = self.options.replay;
        self.sessions.all.iter_mut().for_each(|session| session.dispatch(kind, data, replay));
    }

    /// Sends a frame as it is to every session with a connection, and counts it as an event if it has a number.
    pub(crate) fn dispatch_frame(&mut self, frame: &str, numbered: bool) -> usize {
        let mut reached = 0;
        for session in &mut self.sessions.all {
            let Some((_, out)) = &session.live else { continue };
            session.seq += u64::from(numbered);
            let text = frame.replace("\"__seq__\"", &session.seq.to_string());
            reached += usize::from(out.send(Out::Text(text)).is_ok());
        }
        reached
    }

    pub(crate) fn trouble(&mut self, trouble: Connection) -> usize {
        let live: Vec<_> = self.sessions.connections.clone();
        for (number, out) in &live {
            let send = match trouble {
                Connection::Reconnect => Out::Text(json!({ "op": 7, "d": null }).to_string()),
                Connection::InvalidSession { resumable } => {
                    Out::Text(json!({ "op": 9, "d": resumable }).to_string())
                }
                Connection::Close(code) => {
                    self.gateway.closed.push(code);
                    Out::Close(code, "")
                }
                Connection::Abort => Out::Abort,
            };
            let _ = out.send(send);
            let ends = match trouble {
                Connection::InvalidSession { resumable } => !resumable,
                Connection::Close(code) => matches!(code, 4004 | 4007 | 4009..=4014),
                Connection::Reconnect | Connection::Abort => false,
            };
            if ends {
                self.sessions.all.retain(|session| session.live.as_ref().is_none_or(|(it, _)| it != number));
            } else if matches!(trouble, Connection::Abort | Connection::Close(_)) {
                // Whatever comes from now on waits for the resume.
                self.unplug(*number);
            }
        }
        self.count_live();
        live.len()
    }

    fn unplug(&mut self, number: u64) {
        for session in &mut self.sessions.all {
            if session.live.as_ref().is_some_and(|(it, _)| *it == number) {
                session.live = None;
            }
        }
        self.count_live();
    }

    fn count_live(&mut self) {
        self.gateway.live = self.sessions.all.iter().filter(|session| session.live.is_some()).count();
    }

    fn identify(&mut self, line: &Line, data: &Value) -> Result<(), (u16, &'static str)> {
        let now = self.now_ms();
        let token = bare_token(data);
        let today = self.gateway.identifies.iter().filter(|stamp| stamp.at_ms > now - DAY_MS).count();
        if today >= self.options.identify_limit {
            // All sessions end and the token is reset.
            self.tokens.clear();
            self.sessions.all.clear();
        }
        let shard = data.get("shard").cloned().unwrap_or_else(|| json!([0, 1]));
        let part = |index: usize| shard.get(index).and_then(Value::as_u64);
        let verdict = if !self.tokens.contains(token) {
            Err((4004, "Authentication failed."))
        } else if !data.get("properties").is_some_and(Value::is_object) {
            Err((4002, "Error while decoding payload."))
        } else if !matches!((part(0), part(1)), (Some(own), Some(all)) if own < all) {
            Err((4010, "Invalid shard."))
        } else if data.get("intents") != Some(&json!(0)) {
            // The desk needs none to hear of interactions.
            Err((4014, "Disallowed intent(s)."))
        } else {
            Ok(())
        };
        self.gateway.identifies.push(Stamp { at_ms: now, seq: 0, accepted: verdict.is_ok() });
        verdict?;
        // A new session of a shard is the end of those that no one is connected to.
        self.sessions.all.retain(|session| session.live.is_some() || session.shard != shard);
        self.sessions.made += 1;
        let mut session = Session {
            id: format!("{:032x}", self.sessions.made),
            shard: shard.clone(),
            seq: 0,
            history: VecDeque::new(),
            live: Some((line.number, line.out.clone())),
        };
        let guilds = self.guilds.values().filter(|guild| guild.has_bot);
        let guilds: Vec<_> =
            guilds.map(|it| json!({ "id": it.id.to_string(), "unavailable": true })).collect();
        let ready = json!({
            "v": 10, "user": self.own_user(), "guilds": guilds, "session_id": session.id,
            "resume_gateway_url": self.gateway_url, "session_type": "normal", "shard": shard,
            "application": { "id": self.options.application.to_string(), "flags": 0 },
            "private_channels": [], "user_settings": {}, "relationships": [], "presences": [],
            "guild_join_requests": [], "geo_ordered_rtc_regions": [], "_trace": ["fake"],
        });
        session.dispatch("READY", &Arc::from(ready.to_string()), self.options.replay);
        self.sessions.all.push(session);
        self.count_live();
        Ok(())
    }

    fn resume(&mut self, line: &Line, data: &Value) -> Result<(), (u16, &'static str)> {
        let at_ms = self.now_ms();
        let seq = data["seq"].as_u64().unwrap_or(0);
        let wanted = data["session_id"].as_str().unwrap_or_default();
        let token = bare_token(data);
        let mut stamp = Stamp { at_ms, seq, accepted: false };
        if !self.tokens.contains(token) {
            self.gateway.resumes.push(stamp);
            return Err((4004, "Authentication failed."));
        }
        let found = self.sessions.all.iter_mut().find(|session| session.id == wanted);
        if found.as_ref().is_some_and(|session| seq > session.seq) {
            self.gateway.resumes.push(stamp);
            return Err((4007, "Invalid seq."));
        }
        let whole = |session: &&mut Session| {
            session.history.front().map_or(session.seq, |(first, ..)| first - 1) <= seq
        };
        let Some(session) = found.filter(whole) else {
            self.sessions.all.retain(|session| session.id != wanted);
            self.gateway.resumes.push(stamp);
            self.count_live();
            let _ = line.out.send(Out::Text(json!({ "op": 9, "d": false }).to_string()));
            return Ok(());
        };
        stamp.accepted = true;
        for (number, kind, data) in session.history.iter().filter(|(number, ..)| *number > seq) {
            let _ = line.out.send(Out::Text(frame(kind, *number, data)));
        }
        session.live = Some((line.number, line.out.clone()));
        session.dispatch("RESUMED", &Arc::from("{\"_trace\":[\"fake\"]}"), self.options.replay);
        self.gateway.resumes.push(stamp);
        self.count_live();
        Ok(())
    }

    /// What a client's frame leads to: an end of the connection, or nothing.
    fn handle(&mut self, line: &mut Line, text: &str) -> Result<(), (u16, &'static str)> {
        let now = self.now_ms();
        while line.heard.front().is_some_and(|at| *at <= now - 60_000) {
            line.heard.pop_front();
        }
        line.heard.push_back(now);
        if line.heard.len() > FRAMES_A_MINUTE {
            return Err((4008, "You are being rate limited."));
        }
        let bad = (4002, "Error while decoding payload.");
        let frame: Value = serde_json::from_str(text).map_err(|_| bad)?;
        let data = frame.get("d").unwrap_or(&Value::Null);
        let identified = self
            .sessions
            .all
            .iter()
            .any(|it| it.live.as_ref().is_some_and(|(number, _)| *number == line.number));
        match frame["op"].as_u64().ok_or(bad)? {
            1 => {
                self.gateway.heartbeats += 1;
                if self.gateway_is_out {
                    return Ok(());
                }
                let seen = data.as_u64().unwrap_or(0);
                for session in &mut self.sessions.all {
                    if session.live.as_ref().is_some_and(|(number, _)| *number == line.number) {
                        while session.history.front().is_some_and(|(seq, ..)| *seq <= seen) {
                            session.history.pop_front();
                        }
                    }
                }
                let _ = line.out.send(Out::Text(json!({ "op": 11, "d": null }).to_string()));
                Ok(())
            }
            2 | 6 if identified => Err((4005, "Already authenticated.")),
            2 => self.identify(line, data),
            6 => self.resume(line, data),
            3 | 4 | 8 | 31 if identified => Ok(()),
            3 | 4 | 8 | 31 => Err((4003, "Not authenticated.")),
            _ => Err((4001, "Unknown opcode.")),
        }
    }
}

/// One connection as the world knows it.
struct Line {
    number: u64,
    out: mpsc::UnboundedSender<Out>,
    heard: VecDeque<i64>,
}

pub(crate) async fn connection(inner: Arc<Inner>, stream: TcpStream) {
    if inner.world().gateway_is_out {
        return;
    }
    let mut query = String::new();
    #[allow(clippy::result_large_err)] // The library names the type.
    let note = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        request.uri().query().unwrap_or_default().clone_into(&mut query);
        Ok(response)
    };
    let Ok(mut socket) = tokio_tungstenite::accept_hdr_async(stream, note).await else { return };
    let (out, mut queue) = mpsc::unbounded_channel();
    let (number, interval) = {
        let mut world = inner.world();
        world.gateway.connections += 1;
        let number = world.gateway.connections;
        world.sessions.connections.push((number, out.clone()));
        (number, world.options.heartbeat.as_millis())
    };
    let interval = u64::try_from(interval).unwrap_or(u64::MAX);
    if query.split('&').any(|pair| pair == "v=10") {
        let hello = json!({ "op": 10, "d": { "heartbeat_interval": interval, "_trace": ["fake"] } });
        let _ = out.send(Out::Text(hello.to_string()));
    } else {
        let _ = out.send(Out::Close(4012, "Invalid API version."));
    }
    let mut line = Line { number, out, heard: VecDeque::new() };
    talk(&inner, &mut line, &mut queue, &mut socket).await;
    {
        let mut world = inner.world();
        world.sessions.connections.retain(|(it, _)| *it != number);
        world.unplug(number);
    }
    inner.changed();
}

async fn talk(
    inner: &Inner,
    line: &mut Line,
    queue: &mut mpsc::UnboundedReceiver<Out>,
    socket: &mut WebSocketStream<TcpStream>,
) {
    loop {
        tokio::select! {
            biased;
            next = queue.recv() => {
                let mut next = next;
                // What has piled up goes out in one write.
                while let Some(out) = next {
                    match out {
                        Out::Text(text) => {
                            if socket.feed(Frame::Text(text)).await.is_err() {
                                return;
                            }
                        }
                        Out::Close(code, reason) => return farewell(socket, code, reason).await,
                        Out::Abort => {
                            // The other side sees a reset instead of an orderly end.
                            let _ = socket.get_ref().set_zero_linger();
                            return;
                        }
                    }
                    next = queue.try_recv().ok();
                }
                if socket.flush().await.is_err() {
                    return;
                }
            }
            heard = socket.next() => {
                let verdict = match heard {
                    Some(Ok(Frame::Text(text))) => inner.world().handle(line, &text),
                    Some(Ok(Frame::Binary(bytes))) => {
                        let text = String::from_utf8_lossy(&bytes);
                        inner.world().handle(line, &text)
                    }
                    Some(Ok(Frame::Close(frame))) => {
                        let code = frame.map_or(1005, |frame| u16::from(frame.code));
                        leave(inner, line.number, code);
                        // One more turn sends the library's own answer to the close.
                        let _ = socket.flush().await;
                        return;
                    }
                    Some(Ok(_)) => Ok(()),
                    Some(Err(_)) | None => return,
                };
                if let Err((code, reason)) = verdict {
                    inner.world().gateway.closed.push(code);
                    inner.changed();
                    return farewell(socket, code, reason).await;
                }
                inner.changed();
            }
        }
    }
}

/// The bot closes the connection: with 1000 or 1001 that is the end of its session.
fn leave(inner: &Inner, number: u64, code: u16) {
    let mut world = inner.world();
    world.gateway.left.push(code);
    if matches!(code, 1000 | 1001) {
        world.sessions.all.retain(|session| session.live.as_ref().is_none_or(|(it, _)| *it != number));
    }
    world.unplug(number);
}

/// Closes with a code, and reads until the other side has closed too: bytes that no one reads would turn the end into a
/// reset, and the code would be lost.
async fn farewell(socket: &mut WebSocketStream<TcpStream>, code: u16, reason: &'static str) {
    let frame = CloseFrame { code: CloseCode::from(code), reason: reason.into() };
    if socket.close(Some(frame)).await.is_err() {
        return;
    }
    let _ = tokio::time::timeout(FAREWELL, async { while let Some(Ok(_)) = socket.next().await {} }).await;
}
