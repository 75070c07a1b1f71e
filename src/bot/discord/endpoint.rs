//! The way in over HTTP: Discord posts interactions to the desk, which checks every signature before it reads a word.
//!
//! A proxy in front does the TLS. `POST /interactions` (and `/`) takes interactions, `GET /healthz` says whether all is well.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use desk_core::ports::Clock;
use desk_core::problem::Problem;
use ed25519_dalek::{Signature, VerifyingKey};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming as Body;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use serenity::all::Interaction;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::front::Front;
use super::gateway::unreadable;
use super::incoming::Incoming;
use super::reply::Reply;
use super::rest::Rest;
use crate::health::Health;

/// How old, or how far in the future, a signed request may be, in seconds.
const WINDOW: u64 = 300;

/// The longest body that is read, in bytes; an interaction has a few thousand.
const BODY_MAX: usize = 1 << 20;

/// How long a client may take to send its request.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long connections are given to end in good order.
const GOODBYE: Duration = Duration::from_secs(1);

/// Discord waits three seconds for the first answer.
const FIRST_ANSWER: Duration = Duration::from_millis(2_800);

struct Endpoint {
    front: Arc<Front>,
    rest: Rest,
    key: VerifyingKey,
    clock: Arc<dyn Clock>,
    health: Health,
    /// Nothing signed before the desk started is taken: it may have been acted on before a restart.
    opened: i64,
    stop: CancellationToken,
}

/// Binds the address, so that from then on nothing that Discord sends is turned away.
pub(super) async fn bind(listen: SocketAddr) -> Result<TcpListener, Problem> {
    TcpListener::bind(listen).await.map_err(|error| {
        Problem::operator("listen", format!("The desk cannot listen on {listen} ({error})."))
            .next("End what uses the port, or choose another `listen` under [discord].")
    })
}

/// Serves until told to stop.
pub(super) async fn serve(
    front: Arc<Front>,
    rest: Rest,
    listener: TcpListener,
    public_key: [u8; 32],
    health: Health,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) -> Result<(), Problem> {
    let key = VerifyingKey::from_bytes(&public_key).map_err(|_| {
        Problem::operator("discord_public_key", "The application's public key is no key.")
            .next("Copy it from the developer portal, General Information.")
    })?;
    if let Ok(listen) = listener.local_addr() {
        tracing::info!(%listen, "the desk listens for Discord");
    }
    let opened = clock.now().as_second();
    let endpoint = Arc::new(Endpoint { front, rest, key, clock, health, opened, stop: stop.clone() });
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    continue;
                }
            },
            Some(_) = connections.join_next() => continue,
            () = stop.cancelled() => break,
        };
        connections.spawn(endpoint.clone().connection(stream, stop.clone()));
    }
    // What was read is answered still; nothing new is taken.
    drop(listener);
    let _ = tokio::time::timeout(GOODBYE, async { while connections.join_next().await.is_some() {} }).await;
    Ok(())
}

impl Endpoint {
    async fn connection(self: Arc<Self>, stream: TcpStream, stop: CancellationToken) {
        let service = hyper::service::service_fn(move |request| {
            let endpoint = self.clone();
            async move { Ok::<_, Infallible>(endpoint.answer(request).await) }
        });
        let mut server = hyper::server::conn::http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
        let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
        // A client that hangs up in the middle is nobody's trouble.
        tokio::select! {
            _ = connection.as_mut() => {}
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }

    async fn answer(self: Arc<Self>, request: Request<Body>) -> Response<Full<Bytes>> {
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/healthz") => {
                let (works, says) = self.front.desk.health.says(&self.health.reasons());
                text(if works { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, says)
            }
            (&Method::POST, "/" | "/interactions") => self.interaction(request).await,
            (_, "/" | "/interactions" | "/healthz") => text(StatusCode::METHOD_NOT_ALLOWED, "no such method"),
            _ => text(StatusCode::NOT_FOUND, "not here"),
        }
    }

    async fn interaction(&self, request: Request<Body>) -> Response<Full<Bytes>> {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let signature = header("x-signature-ed25519").map(str::to_owned);
        let timestamp = header("x-signature-timestamp").map(str::to_owned);
        let body = Limited::new(request.into_body(), BODY_MAX).collect();
        let body = match tokio::time::timeout(PATIENCE, body).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(_)) => return text(StatusCode::PAYLOAD_TOO_LARGE, "too much"),
            Err(_) => return text(StatusCode::REQUEST_TIMEOUT, "too slow"),
        };
        let (Some(signature), Some(timestamp)) = (signature, timestamp) else { return unsigned() };
        if !self.is_signed(&signature, &timestamp, &body) || !self.is_recent(&timestamp) {
            return unsigned();
        }
        let Ok(raw) = serde_json::from_slice::<Value>(&body) else {
            return text(StatusCode::BAD_REQUEST, "no JSON");
        };
        if raw["type"] == 1 {
            return answer(&json!({ "type": 1 }));
        }
        let Some(id) = raw["id"].as_str().and_then(|id| id.parse::<u64>().ok()) else {
            return text(StatusCode::BAD_REQUEST, "no id");
        };
        if self.stop.is_cancelled() {
            return text(StatusCode::SERVICE_UNAVAILABLE, "stopping");
        }
        if !self.front.seen.is_new(id) {
            return text(StatusCode::CONFLICT, "seen before");
        }
        let token = raw["token"].as_str().unwrap_or_default().to_owned();
        let (first, comes) = oneshot::channel();
        let reply = Reply::inline(self.rest.clone(), id, token, first);
        match serde_json::from_value::<Interaction>(raw.clone()).ok().and_then(Incoming::of) {
            None => {
                tracing::error!(
                    interaction = id,
                    kind = raw["type"].as_u64(),
                    "an interaction cannot be read"
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

    /// Strictly, as RFC 8032 says: no small-order keys, no second form of a signature.
    fn is_signed(&self, signature: &str, timestamp: &str, body: &[u8]) -> bool {
        let mut bytes = [0; 64];
        if signature.len() != 128 || !signature.bytes().all(|b| b.is_ascii_hexdigit()) {
            return false;
        }
        for (byte, pair) in bytes.iter_mut().zip(signature.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
            match digits {
                Some(value) => *byte = value,
                None => return false,
            }
        }
        let message = [timestamp.as_bytes(), body].concat();
        self.key.verify_strict(&message, &Signature::from_bytes(&bytes)).is_ok()
    }

    fn is_recent(&self, timestamp: &str) -> bool {
        let now = self.clock.now().as_second();
        timestamp
            .parse::<i64>()
            .is_ok_and(|at| now.abs_diff(at) <= WINDOW && at >= self.opened.saturating_sub(1))
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

fn text(status: StatusCode, says: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(says.into()));
    *response.status_mut() = status;
    response
}
