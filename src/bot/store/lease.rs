//! Leases: one worker per request at a time within this process, and nothing left behind for requests no one works on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use desk_core::basics::ids::RequestNo;
use desk_core::log::Lease;
use tokio::sync::OwnedMutexGuard;

type Seats = Mutex<HashMap<RequestNo, Arc<tokio::sync::Mutex<()>>>>;

/// The requests that are worked on or waited for.
#[derive(Debug, Default)]
pub(super) struct Leases(Arc<Seats>);

impl Leases {
    pub async fn take(&self, no: RequestNo) -> Held {
        let lock = lock(&self.0).entry(no).or_default().clone();
        let seat = Seat { no, lock: Some(lock.clone()), seats: self.0.clone() };
        // A caller that gives up here drops its seat, which tidies up as the holder does.
        let guard = lock.lock_owned().await;
        Held { _guard: guard, _seat: seat }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        lock(&self.0).len()
    }
}

fn lock(seats: &Seats) -> std::sync::MutexGuard<'_, HashMap<RequestNo, Arc<tokio::sync::Mutex<()>>>> {
    seats.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Someone's place at a request, held or waited for. The guard is dropped before the seat.
#[derive(Debug)]
pub(super) struct Held {
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_nothing_is_left() {
        let leases = Arc::new(Leases::default());
        let inside = Arc::new(AtomicUsize::new(0));
        let workers = (0..50u64).map(|i| {
            let (leases, inside) = (leases.clone(), inside.clone());
            tokio::spawn(async move {
                let _held = leases.take(RequestNo(i % 2)).await;
                if i % 2 == 0 {
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    tokio::task::yield_now().await;
                    inside.fetch_sub(1, Ordering::SeqCst);
                }
            })
        });
        for worker in workers.collect::<Vec<_>>() {
            worker.await.unwrap();
        }
        assert_eq!(leases.len(), 0);
    }

    #[tokio::test]
    async fn one_who_gives_up_waiting_leaves_nothing() {
        let leases = Arc::new(Leases::default());
        let held = leases.take(RequestNo(1)).await;
        let waiter = tokio::spawn({
            let leases = leases.clone();
            async move { drop(leases.take(RequestNo(1)).await) }
        });
        tokio::task::yield_now().await;
        drop(held);
        waiter.abort();
        let _ = waiter.await;
        assert_eq!(leases.len(), 0);
    }
}
