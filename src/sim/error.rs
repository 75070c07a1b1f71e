//! Why a practice contact center cannot be opened or served: whole sentences, the next step last.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a practice contact center could not be opened or served.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    #[error(
        "{address} can be reached from other machines, and no one has to sign in here. Use 127.0.0.1, or expose it explicitly."
    )]
    NotLoopback { address: SocketAddr },
    #[error("{address} is in use by another program. Choose another port, or port 0 for any free one.")]
    PortInUse { address: SocketAddr },
    #[error("Nothing can listen on {address}: {source}. Choose an address of this machine.")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("{} is in use by another practice contact center. Stop that one, or choose another file.", path.display())]
    StateInUse { path: PathBuf },
    #[error("{} cannot be used: {source}. Check the path and its permissions, or choose another file.", path.display())]
    State { path: PathBuf, source: io::Error },
    #[error("{} is not the state of a practice contact center. Choose another file; this one was left as it is.", path.display())]
    NotState { path: PathBuf },
    #[error(
        "{} has format {found} (seed version {found_seed}); this program reads format {known} (seed version {known_seed}). \
         Use the program that wrote it, or choose a new file.", path.display()
    )]
    OtherFormat { path: PathBuf, found: u64, found_seed: u64, known: u64, known_seed: u64 },
    #[error("{} is damaged in line {line}: {reason}. Restore it from a copy, or choose a new file.", path.display())]
    Damaged { path: PathBuf, line: usize, reason: String },
    #[error(
        "The certificate of the practice Salesforce's app can't be read. Use an X.509 certificate in PEM."
    )]
    Certificate,
    #[error("A rate of {rate} calls a second is not possible. Use a number above 0, or turn throttling off.")]
    Rate { rate: f64 },
}
