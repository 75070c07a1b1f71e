//! Leases: one worker per request at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use connect_desk::store::lease::Leases;
use desk_core::basics::ids::RequestNo;

/// Nothing is held or waited for, and nothing is remembered of what was.
fn is_empty(leases: &Leases) -> bool {
    format!("{leases:?}") == format!("{:?}", Leases::default())
}

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
    assert!(is_empty(&leases), "{leases:?}");
}

#[tokio::test]
async fn one_who_gives_up_waiting_leaves_nothing() {
    let leases = Arc::new(Leases::default());
    let held = leases.take(RequestNo(1)).await;
    assert!(!is_empty(&leases));
    let waiter = tokio::spawn({
        let leases = leases.clone();
        async move { drop(leases.take(RequestNo(1)).await) }
    });
    tokio::task::yield_now().await;
    drop(held);
    waiter.abort();
    let _ = waiter.await;
    assert!(is_empty(&leases), "{leases:?}");
}
