//! The connections that anyone may open to the endpoint: so many at a time, and who has not shown a signature makes room.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// The most connections at a time. Discord's own last for three seconds at most.
const MOST: usize = 128;

/// Every open connection by its number, the oldest first.
pub struct Connections {
    most: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    /// Those without a signature so far can be closed by their tokens.
    all: BTreeMap<u64, Option<CancellationToken>>,
}

/// The place of one connection, which is free again when this is dropped.
pub struct Slot {
    connections: Arc<Connections>,
    number: u64,
    /// Canceled when the connection has to make room.
    pub make_room: CancellationToken,
}

impl Connections {
    /// A quarter of what the process may open at most, so that the rest of the desk continues whatever comes in here.
    pub(super) fn new() -> Arc<Connections> {
        let files = open_files().map_or(MOST, |files| usize::try_from(files / 4).unwrap_or(MOST));
        Connections::at_most(files.clamp(1, MOST))
    }

    /// Room for so many.
    pub fn at_most(most: usize) -> Arc<Connections> {
        Arc::new(Connections { most, open: Mutex::default() })
    }

    /// A place for one more. When there is none, the oldest connection that has not shown a signature loses its own; when
    /// all have, there is none.
    pub fn admit(self: &Arc<Self>) -> Option<Slot> {
        let mut open = self.open();
        if open.all.len() >= self.most {
            open.close_oldest().then_some(())?;
        }
        let number = open.next;
        open.next += 1;
        let make_room = CancellationToken::new();
        open.all.insert(number, Some(make_room.clone()));
        Some(Slot { connections: self.clone(), number, make_room })
    }

    /// Closes the oldest connection that has not shown a signature, if there is one.
    pub(super) fn close_oldest(&self) -> bool {
        self.open().close_oldest()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn close_oldest(&mut self) -> bool {
        let oldest = self.all.iter().find_map(|(number, token)| Some((*number, token.clone()?)));
        let Some((number, make_room)) = oldest else { return false };
        make_room.cancel();
        self.all.remove(&number);
        true
    }
}

impl Slot {
    /// From now on this connection makes room for no other.
    pub fn has_signature(&self) {
        if let Some(token) = self.connections.open().all.get_mut(&self.number) {
            *token = None;
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.connections.open().all.remove(&self.number);
    }
}

/// How many files this process may have open, where the system says.
fn open_files() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        rustix::process::getrlimit(rustix::process::Resource::Nofile).current
    }
    #[cfg(not(target_os = "linux"))]
    {
        None
    }
}
