//! The practice contact center on a socket: HTTP/1.1 on loopback.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
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

impl Sim {
    /// Serves until the future is dropped; every connection ends with it.
    ///
    /// # Errors
    ///
    /// Where other machines can reach the listener and `Options::exposed` is not set.
    pub async fn serve(&self, listener: TcpListener) -> Result<Infallible, SimError> {
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        let address =
            listener.local_addr().map_err(|source| SimError::Listen { address: unknown, source })?;
        if !address.ip().is_loopback() && !self.is_exposed() {
            return Err(SimError::NotLoopback { address });
        }
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => drop(connections.spawn(serve_connection(self.clone(), stream))),
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        self.clock().sleep(BREATH).await;
                    }
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

async fn serve_connection(sim: Sim, stream: TcpStream) {
    // Answers are small and a client waits for each: none of them should wait for a full packet.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection stays slow");
    }
    let service = service_fn(|request| answer(&sim, request));
    // Hyper closes the connection without an answer when the service fails, which is what a dropped connection is.
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(sim: &Sim, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, ConnectionDropped> {
    let (head, body) = request.into_parts();
    let response = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => sim.handle(Request::from_parts(head, body.to_bytes())).await?,
        Err(error) if error.is::<LengthLimitError>() => {
            let message = format!("A request has at most {LARGEST_BODY} bytes.");
            error_response(StatusCode::PAYLOAD_TOO_LARGE, "InvalidRequestException", &message)
        }
        // The client went away in the middle of its request.
        Err(_) => return Err(ConnectionDropped),
    };
    Ok(response.map(Full::new))
}
