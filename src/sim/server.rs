//! Practice systems on a socket: HTTP/1.1 on loopback.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::answer::error_response;
use crate::clock::Clock;
use crate::error::SimError;
use crate::sim::{ConnectionDropped, Sim};

/// No request of the API comes near this; it keeps a mistake from filling the memory.
const LARGEST_BODY: usize = 1 << 20;
/// How long to wait when no connection can be accepted, as when the process has no file handles left.
const BREATH: Duration = Duration::from_millis(50);

/// Listens on a loopback address; port 0 takes any free port.
///
/// # Errors
///
/// Where the address can be reached from other machines, is in use, or is none of this machine's. To serve on an address
/// that others can reach, bind it elsewhere and set `Options::exposed`.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, SimError> {
    if !address.ip().is_loopback() {
        return Err(SimError::NotLoopback { address });
    }
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => SimError::PortInUse { address },
        _ => SimError::Listen { address, source },
    })
}

/// A practice system: it answers requests, each on its own.
pub(crate) trait Answers: Clone + Send + Sync + 'static {
    /// Answers, or wants the connection closed without an answer.
    fn answer(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Bytes>, ConnectionDropped>> + Send;

    /// What it answers to a request that is larger than any it takes.
    fn too_large(&self, message: &str) -> Response<Bytes>;

    fn clock(&self) -> &Arc<dyn Clock>;
}

impl Answers for Sim {
    async fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ConnectionDropped> {
        self.handle(request).await
    }

    fn too_large(&self, message: &str) -> Response<Bytes> {
        error_response(StatusCode::PAYLOAD_TOO_LARGE, "InvalidRequestException", message)
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        Sim::clock(self)
    }
}

impl Sim {
    /// Serves until the future is dropped; every connection ends with it.
    ///
    /// # Errors
    ///
    /// Where other machines can reach the listener and `Options::exposed` is not set.
    pub async fn serve(&self, listener: TcpListener) -> Result<Infallible, SimError> {
        serve(self.clone(), listener, self.is_exposed()).await
    }
}

/// Serves a practice system until the future is dropped.
pub(crate) async fn serve(
    system: impl Answers,
    listener: TcpListener,
    exposed: bool,
) -> Result<Infallible, SimError> {
    let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
    let address = listener.local_addr().map_err(|source| SimError::Listen { address: unknown, source })?;
    if !address.ip().is_loopback() && !exposed {
        return Err(SimError::NotLoopback { address });
    }
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(serve_connection(system.clone(), stream))),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    system.clock().sleep(BREATH).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_connection(system: impl Answers, stream: TcpStream) {
    // Answers are small and a client waits for each: none of them should wait for a full packet.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection stays slow");
    }
    let service = service_fn(|request| answer(&system, request));
    // Hyper closes the connection without an answer when the service fails, which is what a dropped connection is.
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(
    system: &impl Answers,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, ConnectionDropped> {
    let (head, body) = request.into_parts();
    let response = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => system.answer(Request::from_parts(head, body.to_bytes())).await?,
        Err(error) if error.is::<LengthLimitError>() => {
            system.too_large(&format!("A request has at most {LARGEST_BODY} bytes."))
        }
        // The client went away in the middle of its request.
        Err(_) => return Err(ConnectionDropped),
    };
    Ok(response.map(Full::new))
}
