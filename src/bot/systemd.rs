//! Tells systemd that the desk is up, what it is at, and that it is alive (sd_notify(3)); nothing where it was not started by systemd.

use std::time::Duration;

/// The port is bound and the log is open.
pub(crate) fn ready(status: &str) {
    notify(&format!("READY=1\nSTATUS={}", one_line(status)));
}

pub(crate) fn status(status: &str) {
    notify(&format!("STATUS={}", one_line(status)));
}

pub(crate) fn stopping() {
    notify("STOPPING=1\nSTATUS=stopping");
}

pub(crate) fn alive() {
    notify("WATCHDOG=1");
}

/// How often systemd wants to hear that the desk is alive, halved so that one lost message does no harm; none where it doesn't.
pub(crate) fn watchdog() -> Option<Duration> {
    let mine = std::env::var("WATCHDOG_PID").ok().is_none_or(|pid| pid == std::process::id().to_string());
    let micros: u64 = std::env::var("WATCHDOG_USEC").ok()?.parse().ok()?;
    (mine && micros > 1).then(|| Duration::from_micros(micros / 2))
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// It can't be told is no reason to end: systemd does what its unit says then.
#[cfg(target_os = "linux")]
fn notify(message: &str) {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    let Ok(path) = std::env::var("NOTIFY_SOCKET") else { return };
    let address = match path.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&path),
    };
    let sent = address
        .and_then(|address| UnixDatagram::unbound()?.send_to_addr(message.as_bytes(), &address).map(drop));
    if let Err(error) = sent {
        tracing::warn!(%error, "systemd can't be told the desk's status");
    }
}

#[cfg(not(target_os = "linux"))]
fn notify(_: &str) {}
