//! Leases: one worker per request at a time within this process, and nothing left behind for requests no one works on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use desk_core::basics::ids::RequestNo;
use desk_core::log::Lease;
use tokio::sync::OwnedMutexGuard;

type Seats = Mutex<HashMap<RequestNo, Arc<tokio::sync::Mutex<()>>>>;

/// The requests that are worked on or waited for.
#[derive(Debug, Default)]
pub struct Leases(Arc<Seats>);

impl Leases {
    pub async fn take(&self, no: RequestNo) -> Held {
        let lock = lock(&self.0).entry(no).or_default().clone();
        let seat = Seat { no, lock: Some(lock.clone()), seats: self.0.clone() };
        // A caller that gives up here drops its seat, which tidies up as the holder does.
        let guard = lock.lock_owned().await;
        Held { _guard: guard, _seat: seat }
    }
}

fn lock(seats: &Seats) -> std::sync::MutexGuard<'_, HashMap<RequestNo, Arc<tokio::sync::Mutex<()>>>> {
    seats.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Someone's place at a request, held or waited for. The guard is dropped before the seat.
#[derive(Debug)]
pub struct Held {
    _guard: OwnedMutexGuard<()>,
    _seat: Seat,
}

impl Lease for Held {}

#[derive(Debug)]
struct Seat {
    no: RequestNo,
    lock: Option<Arc<tokio::sync::Mutex<()>>>,
    seats: Arc<Seats>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = lock(&self.seats);
        self.lock = None;
        // New seats are only given out under the lock held here, so one left is the table's own.
        if seats.get(&self.no).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            seats.remove(&self.no);
        }
    }
}
