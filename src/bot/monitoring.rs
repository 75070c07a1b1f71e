//! What machines ask a running desk: whether it lives, whether it works, whether people may be sent to it, and its numbers. The same
//! on every chat platform and in every mode.
//!
//! `GET /livez`, `/healthz`, `/readyz`, `/metrics`, and the same with HEAD. Answers are codes and numbers, because anyone who reaches the
//! port may read them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use desk_core::basics::ids::Platform;
use desk_core::basics::problem::Problem;
use desk_core::desk::Desk;
use desk_core::log::{LogReader as _, Lookup};
use desk_core::ports::health::Status;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::chats::not_connected;
use crate::metrics::{self, Gauge};
use crate::store::Store;
use crate::systems::connect::Connect;
use crate::{backup, version};

/// Connections at one time: a scraper, a load balancer, and a person.
const AT_ONCE: usize = 16;

/// The most bytes of a request's head, and how long it and the whole connection may take.
const HEAD_MAX: usize = 8 << 10;
const HEAD_WITHIN: Duration = Duration::from_secs(3);
const CONNECTION_LASTS: Duration = Duration::from_secs(10);

/// The pause after a connection that the system did not hand over.
const PAUSE: Duration = Duration::from_millis(100);

/// Whether this path asks for the desk's health.
pub(crate) fn is_health(path: &str) -> bool {
    ["/livez", "/healthz", "/readyz"].contains(&path)
}

/// Whether all is well in the meaning of this path, and the text of the answer.
pub(crate) fn health(path: &str, status: &Status) -> (bool, String) {
    match path {
        "/livez" => (true, "alive".to_owned()),
        "/readyz" => (status.is_ready(), status.ready_lines()),
        _ => (status.works(), status.lines()),
    }
}

/// Binds the address.
pub(crate) async fn bind(listen: SocketAddr) -> Result<TcpListener, Problem> {
    TcpListener::bind(listen).await.map_err(|error| {
        Problem::operator(
            "monitoring_listen",
            format!("The desk can't listen on {listen} for monitoring ({error})."),
        )
        .hint("Stop the program that uses the port, or choose another `listen` under [monitoring].")
    })
}

/// Asks a desk that runs elsewhere. Gives whether it is well, and what it says.
pub(crate) fn ask(address: SocketAddr, path: &str) -> Result<(bool, String), Problem> {
    use std::io::{Read as _, Write as _};
    let asked = (|| {
        let mut stream = std::net::TcpStream::connect_timeout(&address, HEAD_WITHIN)?;
        stream.set_read_timeout(Some(HEAD_WITHIN))?;
        stream.set_write_timeout(Some(HEAD_WITHIN))?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.take(1 << 20).read_to_end(&mut answer)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer).into_owned())
    })();
    let answer = asked.map_err(|error| {
        Problem::operator("health_unreached", format!("The desk doesn't answer at {address} ({error})."))
            .hint("Check that it is running, and check `listen` under [monitoring].")
    })?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    Ok((head.starts_with("HTTP/1.1 200"), body.trim_end().to_owned()))
}

/// What the numbers are read from.
pub(crate) struct Monitoring {
    pub desk: Arc<Desk>,
    pub center: Arc<Connect>,
    pub store: Store,
    /// The state folder, which knows when it was last backed up.
    pub state: PathBuf,
    pub started: Timestamp,
}

impl Monitoring {
    /// Serves until it is dropped.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        let open = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let Ok(slot) = open.clone().acquire_owned().await else { return };
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::debug!(%error, "a monitoring connection can't be accepted");
                    self.desk.saga.clock.sleep(PAUSE).await;
                    continue;
                }
            };
            let monitoring = self.clone();
            tokio::spawn(async move {
                let _slot = slot;
                let service = hyper::service::service_fn(move |request| {
                    let monitoring = monitoring.clone();
                    async move { Ok::<_, Infallible>(monitoring.answer(&request).await) }
                });
                let mut server = hyper::server::conn::http1::Builder::new();
                server.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
                server.keep_alive(false).max_buf_size(HEAD_MAX);
                // A client that hangs up in the middle is no one's trouble.
                let serving = server.serve_connection(TokioIo::new(stream), service);
                let _ = tokio::time::timeout(CONNECTION_LASTS, serving).await;
            });
        }
    }

    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        if !is_health(path) && path != "/metrics" {
            return text(StatusCode::NOT_FOUND, "not here".to_owned());
        }
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            return text(StatusCode::METHOD_NOT_ALLOWED, "no such method".to_owned());
        }
        if path == "/metrics" {
            return text(StatusCode::OK, metrics::page(&self.gauges().await));
        }
        let (well, said) = health(path, &self.desk.health.status());
        text(if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, format!("{said}\n"))
    }

    async fn gauges(&self) -> Vec<Gauge> {
        let status = self.desk.health.status();
        let now = self.desk.saga.clock.now();
        let yes = |is: bool| if is { 1.0 } else { 0.0 };
        let degraded =
            status.degraded.iter().map(|problem| (vec![("reason", problem.code.clone())], 1.0)).collect();
        let unconnected = Platform::ALL.map(not_connected);
        let connected = !status.degraded.iter().any(|problem| unconnected.contains(&problem.code));
        let mut gauges = vec![
            Gauge {
                name: "build_info",
                help: "The version and commit of the desk.",
                values: vec![(
                    vec![("version", version::NUMBER.to_owned()), ("commit", version::COMMIT.to_owned())],
                    1.0,
                )],
            },
            Gauge::one(
                "start_time_seconds",
                "When the desk started, in seconds since 1970.",
                seconds(self.started),
            ),
            Gauge::one("healthy", "1 while the desk can do its work, as /healthz says.", yes(status.works())),
            Gauge::one(
                "ready",
                "1 while people may be sent to the desk, as /readyz says.",
                yes(status.is_ready()),
            ),
            Gauge {
                name: "degraded",
                help: "1 for each reason why the desk can't do its work.",
                values: degraded,
            },
            Gauge::one(
                "gateway_connected",
                "1 while the connections to the chat platforms are up.",
                yes(connected),
            ),
            Gauge::one("log_lines", "Lines of the approval log.", as_number(self.store.size())),
            Gauge::one(
                "unreadable_requests",
                "Open requests whose lines can't be read.",
                as_number(status.unreadable.len() as u64),
            ),
        ];
        let usage = self.center.usage();
        gauges.push(Gauge {
            name: "quota_left",
            help: "Calls of an operation that the quota allows in a burst.",
            values: usage.iter().map(|of| (vec![("operation", of.operation.to_owned())], of.left)).collect(),
        });
        gauges.push(Gauge {
            name: "quota_waiting",
            help: "Calls of an operation that wait for the quota.",
            values: usage
                .iter()
                .map(|of| (vec![("operation", of.operation.to_owned())], f64::from(of.waiting)))
                .collect(),
        });
        if let Ok(open) = self.store.open().await {
            gauges.push(Gauge::one(
                "open_requests",
                "Requests that have not ended.",
                as_number(open.len() as u64),
            ));
        }
        if let Ok(known) = self.store.find(Lookup::Emergencies { since: Timestamp::MAX }).await {
            let unreviewed = known.iter().filter(|known| known.review.is_some()).count();
            gauges.push(Gauge::one(
                "unreviewed_emergencies",
                "Emergencies that no one has reviewed.",
                as_number(unreviewed as u64),
            ));
        }
        if let Some(at) = backup::last(&self.state) {
            let age = seconds(now) - seconds(at);
            gauges.push(Gauge::one("backup_age_seconds", "Time since the last backup.", age.max(0.0)));
        }
        if let Some(bytes) = memory() {
            gauges.push(Gauge::one("memory_bytes", "Resident memory of the process.", as_number(bytes)));
        }
        gauges
    }
}

/// Exact up to 2^53, which nothing here reaches.
#[allow(clippy::cast_precision_loss)]
fn as_number(count: u64) -> f64 {
    count as f64
}

fn seconds(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

/// Resident memory, where the system tells.
fn memory() -> Option<u64> {
    let said = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = said.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

fn text(status: StatusCode, message: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(message)));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
