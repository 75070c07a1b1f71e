//! The other way in: interactions as signed HTTP requests to the bot's own endpoint.

use std::sync::Arc;

use bytes::Bytes;
use ed25519_dalek::{Signer, SigningKey};
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::error::FakeError;
use crate::fake::Inner;
use crate::payload::Payload;
use crate::world::{Id, World};

const NO_RESPONSE: &str = "The application did not respond";

/// A request to the endpoint as it is sent: the signature is over the timestamp and the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub timestamp: String,
    /// 64 bytes in hexadecimal digits.
    pub signature: String,
    pub body: String,
}

/// What the endpoint answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    /// The body, if it is JSON.
    pub json: Option<Value>,
}

pub(crate) fn key() -> SigningKey {
    SigningKey::from_bytes(b"a fake Discord signs with this: ")
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn sign(key: &SigningKey, body: &str, at_s: i64) -> Sent {
    let timestamp = at_s.to_string();
    let mut message = timestamp.clone().into_bytes();
    message.extend_from_slice(body.as_bytes());
    let signature = hex(&key.sign(&message).to_bytes());
    Sent { timestamp, signature, body: body.to_owned() }
}

/// An address that interactions may be sent to.
pub(crate) fn checked(address: &str) -> Result<Uri, FakeError> {
    let not_loopback = || FakeError::NotLoopback(address.to_owned());
    let uri: Uri = address.parse().map_err(|_| not_loopback())?;
    let local = matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if local && uri.scheme_str() == Some("http") && uri.port_u16().is_some() {
        Ok(uri)
    } else {
        Err(not_loopback())
    }
}

/// Connections that stand idle, each with the address that it goes to.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<(String, SendRequest<Full<Bytes>>)>>);

impl Pool {
    /// Sends one request, on a connection that is if there is one.
    pub async fn send(
        &self,
        uri: &Uri,
        sent: &Sent,
    ) -> Result<(StatusCode, Option<String>, Bytes), FakeError> {
        let wrong = |error: &dyn std::error::Error| FakeError::Endpoint(error.to_string());
        let host = uri.authority().map(ToString::to_string).unwrap_or_default();
        let idle = {
            let mut idle = self.0.lock().await;
            idle.retain(|(_, connection)| !connection.is_closed());
            let at = idle.iter().rposition(|(to, _)| *to == host);
            at.map(|at| idle.swap_remove(at).1)
        };
        let mut connection = match idle {
            Some(connection) => connection,
            None => {
                let address = (uri.host().unwrap_or("127.0.0.1"), uri.port_u16().unwrap_or(80));
                let stream = TcpStream::connect(address).await.map_err(|error| wrong(&error))?;
                stream.set_nodelay(true).map_err(|error| wrong(&error))?;
                let (connection, driver) =
                    handshake(TokioIo::new(stream)).await.map_err(|error| wrong(&error))?;
                tokio::spawn(async move {
                    if let Err(error) = driver.await {
                        tracing::debug!(%error, "a connection to the endpoint ended early");
                    }
                });
                connection
            }
        };
        let request = Request::post(uri.path_and_query().map_or("/", |path| path.as_str()))
            .header(header::HOST, &host)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "Discord-Interactions/1.0 (+https://discord.com)")
            .header("x-signature-ed25519", &sent.signature)
            .header("x-signature-timestamp", &sent.timestamp)
            .body(Full::new(Bytes::from(sent.body.clone())))
            .map_err(|error| wrong(&error))?;
        connection.ready().await.map_err(|error| wrong(&error))?;
        let response = connection.send_request(request).await.map_err(|error| wrong(&error))?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| wrong(&error))?.to_bytes();
        self.0.lock().await.push((host, connection));
        let kind = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Ok((head.status, kind.map(str::to_owned), body))
    }
}

/// Sends what people do to the endpoint, and takes the answers that come with it.
pub(crate) async fn serve(inner: Arc<Inner>, mut queue: mpsc::UnboundedReceiver<(Id, Uri)>) {
    let mut deliveries = JoinSet::new();
    loop {
        tokio::select! {
            next = queue.recv() => match next {
                Some((interaction, uri)) => drop(deliveries.spawn(deliver(inner.clone(), interaction, uri))),
                None => return,
            },
            Some(_) = deliveries.join_next() => {}
        }
    }
}

async fn deliver(inner: Arc<Inner>, id: Id, uri: Uri) {
    let found = inner.world().interactions.get(&id).map(|it| it.payload.clone());
    let Some(payload) = found else { return };
    let sent = sign(&inner.key, &payload, inner.clock.now_ms() / 1000);
    let answered = inner.pool.send(&uri, &sent).await;
    {
        let mut world = inner.world();
        match answered {
            Ok((status, kind, body)) => world.take_inline(id, status, kind.as_deref(), &body),
            Err(error) => {
                tracing::debug!(%error, "the endpoint was not reached");
                world.fail(id, 0);
            }
        }
    }
    inner.changed();
}

impl World {
    pub(crate) fn take_inline(&mut self, id: Id, status: StatusCode, kind: Option<&str>, body: &Bytes) {
        self.endpoint_answers.push_back((id, status.as_u16()));
        if self.endpoint_answers.len() > self.options.keep.unwrap_or(usize::MAX) {
            self.endpoint_answers.pop_front();
        }
        if status == StatusCode::ACCEPTED && body.is_empty() {
            return;
        }
        let taken = match status {
            StatusCode::OK => {
                let read = Payload::read(kind, body);
                let token = self.interactions.get(&id).map(|it| it.token.clone()).unwrap_or_default();
                read.is_ok_and(|payload| self.respond(id, &token, &payload).is_ok())
            }
            _ => false,
        };
        if !taken {
            self.fail(id, status.as_u16());
        }
    }

    /// The person is told that it failed, unless there is an answer already.
    fn fail(&mut self, id: Id, status: u16) {
        let Some(asked) = self.interactions.get_mut(&id) else { return };
        tracing::debug!(status, "the endpoint's answer was no good");
        if asked.state == crate::interactions::State::Unanswered {
            asked.failed = Some(NO_RESPONSE.to_owned());
        }
        asked.signal.notify_waiters();
    }
}
