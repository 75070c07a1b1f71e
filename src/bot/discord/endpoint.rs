//! The way in over HTTP: Discord posts interactions to the desk, which checks every signature before it reads a word.
//!
//! A proxy in front does the TLS. `POST /interactions` (and `/`) takes interactions; `GET /healthz`, `/readyz` and `/livez` say whether all is well.
//! Anyone may reach the port, so everything before a good signature is bounded: connections, bytes, and time.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::unhex;
use desk_core::ports::Clock;
use ed25519_dalek::{Signature, VerifyingKey};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body as _, Incoming as Body};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use serenity::all::Interaction;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::connections::{Connections, Slot};
use super::front::InteractionHandler;
use super::gateway::{id_and_token, unreadable};
use super::incoming::Received;
use super::reply::Reply;
use super::rest::Rest;
use crate::monitoring;

/// How old, or how far in the future, a signed request may be, in seconds.
const WINDOW: u64 = 300;

/// The longest body that is read, in bytes: a form with five long texts and the message that it was opened from.
const BODY_MAX: usize = 256 << 10;

/// The most bytes and headers of a request's head.
const HEAD_MAX: usize = 16 << 10;
const HEADERS_MAX: usize = 64;

/// How long a client may take to send the head of its request, and its body. What takes longer comes too late for Discord.
const HEAD_WITHIN: Duration = Duration::from_secs(3);
const BODY_WITHIN: Duration = Duration::from_millis(2_500);

/// Discord waits three seconds for the first answer.
const FIRST_ANSWER: Duration = Duration::from_millis(2_800);

/// How long a connection lasts at most, with the time to send the answer.
const CONNECTION_LASTS: Duration = Duration::from_secs(10);

/// How long connections are given to end in good order.
const GOODBYE: Duration = Duration::from_secs(1);

/// The pauses after a connection that the system did not hand over, as when there is no file left to open.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How often such trouble is worth a line.
const SAID_EVERY: Duration = Duration::from_secs(60);

struct Endpoint {
    front: Arc<InteractionHandler>,
    rest: Rest,
    key: VerifyingKey,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
}

/// Binds the address, so that from then on nothing that Discord sends is turned away.
pub(super) async fn bind(listen: SocketAddr) -> Result<TcpListener, Problem> {
    TcpListener::bind(listen).await.map_err(|error| {
        Problem::operator("listen", format!("The desk can't listen on {listen} ({error})."))
            .hint("Stop what uses the port, or choose another `listen` under [discord].")
    })
}

/// Serves until told to stop.
pub(super) async fn serve(
    front: Arc<InteractionHandler>,
    rest: Rest,
    listener: TcpListener,
    public_key: [u8; 32],
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) -> Result<(), Problem> {
    let key = VerifyingKey::from_bytes(&public_key).map_err(|_| {
        Problem::operator("discord_public_key", "The application's public key is invalid.")
            .hint("Copy it from the developer portal, General Information.")
    })?;
    if let Ok(listen) = listener.local_addr() {
        tracing::info!(%listen, "the desk is listening for Discord");
    }
    let endpoint = Arc::new(Endpoint { front, rest, key, clock, stop: stop.clone() });
    let open = Connections::new();
    let mut connections = JoinSet::new();
    let mut trouble = Trouble { clock: endpoint.clock.clone(), pause: FIRST_PAUSE, said: None, unsaid: 0 };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                trouble.pause = FIRST_PAUSE;
                match open.admit() {
                    Some(slot) => {
                        connections.spawn(endpoint.clone().connection(stream, slot, stop.clone()));
                    }
                    None => trouble.say("all connections are in use, and one was rejected"),
                }
            }
            Err(error) if is_of_its_client(&error) => {}
            Err(error) => {
                trouble
                    .say(&format!("connections can't be accepted ({error}); check the limit of open files"));
                open.close_oldest();
                tokio::select! {
                    () = endpoint.clock.sleep(trouble.pause) => {}
                    () = stop.cancelled() => break,
                }
                trouble.pause = (trouble.pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
    // What was read is answered still; nothing new is taken.
    drop(listener);
    let _ = tokio::time::timeout(GOODBYE, async { while connections.join_next().await.is_some() {} }).await;
    Ok(())
}

/// A connection that its client gave up before it was handed over.
fn is_of_its_client(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

/// Problems with connections; a flood of them must not fill the program's log.
struct Trouble {
    clock: Arc<dyn Clock>,
    pause: Duration,
    said: Option<Duration>,
    unsaid: u64,
}

impl Trouble {
    fn say(&mut self, what: &str) {
        let now = self.clock.monotonic();
        if self.said.is_some_and(|said| now.saturating_sub(said) < SAID_EVERY) {
            self.unsaid += 1;
            return;
        }
        tracing::warn!(since_the_last_time = self.unsaid, "{what}");
        (self.said, self.unsaid) = (Some(now), 0);
    }
}

impl Endpoint {
    /// One connection, which has one request: a proxy on the same host opens another for next to nothing.
    async fn connection(self: Arc<Self>, stream: TcpStream, slot: Slot, stop: CancellationToken) {
        let slot = Arc::new(slot);
        let make_room = slot.make_room.clone();
        let service = hyper::service::service_fn(move |request| {
            let (endpoint, slot) = (self.clone(), slot.clone());
            async move { Ok::<_, Infallible>(endpoint.answer(request, &slot).await) }
        });
        let mut server = hyper::server::conn::http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
        server.keep_alive(false).max_buf_size(HEAD_MAX).max_headers(HEADERS_MAX);
        let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
        let served = async {
            // A client that hangs up early is not a problem.
            tokio::select! {
                _ = connection.as_mut() => {}
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = connection.await;
                }
                () = make_room.cancelled() => {}
            }
        };
        let _ = tokio::time::timeout(CONNECTION_LASTS, served).await;
    }

    async fn answer(&self, request: Request<Body>, slot: &Slot) -> Response<Full<Bytes>> {
        match (request.method(), request.uri().path()) {
            (&Method::GET, path) if monitoring::is_health(path) => {
                let (works, message) = monitoring::health(path, &self.front.desk.health.status());
                text(if works { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, message)
            }
            (&Method::POST, "/" | "/interactions") => self.interaction(request, slot).await,
            (_, "/" | "/interactions" | "/healthz" | "/readyz" | "/livez") => {
                text(StatusCode::METHOD_NOT_ALLOWED, "no such method")
            }
            _ => text(StatusCode::NOT_FOUND, "not here"),
        }
    }

    async fn interaction(&self, request: Request<Body>, slot: &Slot) -> Response<Full<Bytes>> {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let signature =
            header("x-signature-ed25519").and_then(unhex).map(|bytes| Signature::from_bytes(&bytes));
        let timestamp = header("x-signature-timestamp").filter(|at| self.is_recent(at)).map(str::to_owned);
        // What cannot be from Discord is refused without reading on.
        let (Some(signature), Some(timestamp)) = (signature, timestamp) else { return unsigned() };
        if request.body().size_hint().lower() > BODY_MAX as u64 {
            return text(StatusCode::PAYLOAD_TOO_LARGE, "too much");
        }
        let body = Limited::new(request.into_body(), BODY_MAX).collect();
        let body = match tokio::time::timeout(BODY_WITHIN, body).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(_)) => return text(StatusCode::PAYLOAD_TOO_LARGE, "too much"),
            Err(_) => return text(StatusCode::REQUEST_TIMEOUT, "too slow"),
        };
        // Strictly, as RFC 8032 says: no small-order keys, no second form of a signature.
        let message = [timestamp.as_bytes(), &body].concat();
        if self.key.verify_strict(&message, &signature).is_err() {
            return unsigned();
        }
        drop(message);
        slot.has_signature();
        let Ok(raw) = serde_json::from_slice::<Value>(&body) else {
            return text(StatusCode::BAD_REQUEST, "no JSON");
        };
        if raw["type"] == 1 {
            return answer(&json!({ "type": 1 }));
        }
        let Some((id, token)) = id_and_token(&raw) else {
            return text(StatusCode::BAD_REQUEST, "no id or no token");
        };
        if self.stop.is_cancelled() {
            return text(StatusCode::SERVICE_UNAVAILABLE, "stopping");
        }
        if !self.front.seen.is_new(id) {
            return text(StatusCode::CONFLICT, "seen before");
        }
        let (first, comes) = oneshot::channel();
        let reply = Reply::inline(self.rest.clone(), id, token.to_owned(), first);
        match serde_json::from_value::<Interaction>(raw.clone()).ok().and_then(Received::of) {
            None => {
                tracing::error!(
                    interaction = id,
                    kind = raw["type"].as_u64(),
                    "an interaction can't be read"
                );
                reply.first(unreadable(&raw)).await;
            }
            Some(incoming) => {
                self.front.tasks.spawn(self.front.clone().answer(incoming, reply));
            }
        }
        match tokio::time::timeout(FIRST_ANSWER, comes).await {
            Ok(Ok(response)) => answer(&response),
            _ => text(StatusCode::INTERNAL_SERVER_ERROR, "no answer in time"),
        }
    }

    fn is_recent(&self, timestamp: &str) -> bool {
        let now = self.clock.now().as_second();
        timestamp.parse::<i64>().is_ok_and(|at| now.abs_diff(at) <= WINDOW)
    }
}

fn unsigned() -> Response<Full<Bytes>> {
    text(StatusCode::UNAUTHORIZED, "invalid request signature")
}

fn answer(json: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(json.to_string())));
    let kind = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, kind);
    response
}

fn text(status: StatusCode, message: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(message.into()));
    *response.status_mut() = status;
    response
}
