//! The API on a socket: HTTP/1.1, plain on loopback or inside the CONNECT proxy's TLS.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::fake::Inner;
use crate::faults::{FaultKind, failed, too_many};
use crate::refusal::{Refusal, Reply};
use crate::rest::Asked;
use crate::world::RequestLog;

/// More than ten attachments of the default size.
const LARGEST_BODY: usize = 128 << 20;
const ROOT: &str = "/api/v10/";

/// The connection was dropped as a test had ordered, or the client went away.
#[derive(Debug, thiserror::Error)]
#[error("the connection was dropped")]
pub(crate) struct Dropped;

/// Serves each connection that comes on a task of its own; they end with this one.
pub(crate) async fn accept<F>(
    inner: Arc<Inner>,
    listener: TcpListener,
    serve: impl Fn(Arc<Inner>, TcpStream) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted.and_then(|(stream, _)| stream.set_nodelay(true).map(|()| stream)) {
                Ok(stream) => drop(connections.spawn(serve(inner.clone(), stream))),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::task::yield_now().await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

pub(crate) async fn plain(inner: Arc<Inner>, stream: TcpStream) {
    serve_on(&inner, stream, false).await;
}

pub(crate) async fn serve_on<S>(inner: &Arc<Inner>, stream: S, tls: bool)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request| answer(inner, request, tls));
    // Hyper closes the connection without an answer when the service fails, which is what a dropped connection is.
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(
    inner: &Arc<Inner>,
    request: Request<Incoming>,
    tls: bool,
) -> Result<Response<Sent>, Dropped> {
    let (head, body) = request.into_parts();
    let (reply, cut) = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => handle(inner, &head, body.to_bytes(), tls).await?,
        Err(error) if error.is::<LengthLimitError>() => {
            let text = "Request entity too large";
            (Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, 40005, text).reply(), false)
        }
        Err(_) => return Err(Dropped),
    };
    let mut response = Response::builder().status(reply.status);
    if !reply.content_type.is_empty() {
        response = response.header(header::CONTENT_TYPE, &reply.content_type);
    }
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response.body(Sent { bytes: reply.body, cut, begun: false }).map_err(|_| Dropped)
}

/// The body of an answer, of which only a part comes if it is to be cut.
struct Sent {
    bytes: Bytes,
    cut: bool,
    begun: bool,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        let first = !std::mem::replace(&mut self.begun, true);
        Poll::Ready(match (first, self.cut) {
            (true, false) if self.bytes.is_empty() => None,
            (true, false) => Some(Ok(Frame::data(self.bytes.clone()))),
            (true, true) => Some(Ok(Frame::data(self.bytes.slice(..self.bytes.len() / 2)))),
            (false, true) => Some(Err(Dropped)),
            (false, false) => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        !self.cut && (self.begun || self.bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}

/// How a request is met besides being answered.
struct Met {
    before: Option<FaultKind>,
    after: Option<FaultKind>,
}

async fn handle(
    inner: &Arc<Inner>,
    head: &http::request::Parts,
    body: Bytes,
    tls: bool,
) -> Result<(Reply, bool), Dropped> {
    let path = head.uri.path();
    let below = path.strip_prefix(ROOT);
    let segments: Vec<&str> = below.unwrap_or(path).trim_matches('/').split('/').collect();
    let met = {
        let kind = inner.world().faults.meet(&head.method, &segments);
        match kind {
            Some(
                kind @ (FaultKind::FailAfter(_)
                | FaultKind::DropAfter
                | FaultKind::CutBody
                | FaultKind::WaitAfter(_)),
            ) => Met { before: None, after: Some(kind) },
            before => Met { before, after: None },
        }
    };
    let mut dropped = false;
    let cut = matches!(met.after, Some(FaultKind::CutBody));
    let early = match met.before {
        Some(FaultKind::WaitBefore(gate)) => {
            gate.pass().await;
            None
        }
        Some(FaultKind::TooManyRequests { retry_after, scope }) => Some(too_many(retry_after, scope)),
        Some(FaultKind::FailBefore(status)) => Some(failed(status)),
        Some(FaultKind::Answer { status, body }) => {
            let mut reply = failed(status);
            reply.body = Bytes::from(body);
            Some(reply)
        }
        Some(FaultKind::DropBefore) => {
            dropped = true;
            Some(failed(500))
        }
        _ => None,
    };
    let text = |name: header::HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok());
    let asked = Asked {
        method: &head.method,
        segments: &segments,
        query: head.uri.query().unwrap_or_default(),
        authorization: text(header::AUTHORIZATION),
        user_agent: text(header::USER_AGENT),
        content_type: text(header::CONTENT_TYPE),
        body: &body,
    };
    let (reply, gate) = {
        let mut world = inner.world();
        let ordered = early.is_some();
        let mut reply = match (early, below) {
            (Some(reply), _) => reply,
            (None, Some(_)) => world.answer(&asked),
            (None, None) if segments.first() == Some(&"attachments") => world.download(&segments),
            (None, None) => Refusal::no_route().reply(),
        };
        if !ordered && reply.status == StatusCode::NOT_FOUND && reply.code() == Some(0) {
            world.unknown_routes.push(format!("{} {path}", head.method));
        }
        let gate = match met.after {
            Some(FaultKind::FailAfter(status)) => {
                reply = failed(status);
                None
            }
            Some(FaultKind::DropAfter) => {
                dropped = true;
                None
            }
            Some(FaultKind::WaitAfter(gate)) => Some(gate),
            _ => None,
        };
        let refusal =
            (!reply.status.is_success()).then(|| serde_json::from_slice(&reply.body).ok()).flatten();
        let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let at_ms = world.now_ms();
        let bounded = world.options.keep.is_some();
        world.log(RequestLog {
            method: head.method.clone(),
            path: format!("/{}{query}", segments.join("/")),
            status: if dropped { 0 } else { reply.status.as_u16() },
            code: if reply.status.is_success() { None } else { reply.code() },
            at_ms,
            tls,
            // A copy of its own: a slice would hold the connection's whole buffer.
            body: if bounded { Bytes::new() } else { Bytes::copy_from_slice(&body) },
            refusal,
        });
        (reply, gate)
    };
    inner.changed();
    if let Some(gate) = gate {
        gate.pass().await;
    }
    if dropped {
        return Err(Dropped);
    }
    Ok((reply, cut))
}

/// How long a client may take to say where it wants to go.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
