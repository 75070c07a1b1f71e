//! Secrets: made once, sealed at rest, destroyed permanently, and gone in time.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connect_desk::store::EngineKind;
use desk_core::log::{Append, Event, LogReader as _, RequestLog as _};
use desk_core::ports::Vault;

use crate::helper::*;

fn is_in_some_file(dir: &Path, text: &str) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => is_in_some_file(&path, text),
            false => std::fs::read(path).unwrap().windows(text.len()).any(|window| window == text.as_bytes()),
        }
    })
}

#[tokio::test]
async fn a_password_that_is_to_be_forgotten_is_kept_nowhere() {
    for engine in lasting() {
        let dir = tempfile::tempdir().unwrap();
        let store = open_on(dir.path(), engine);
        let first = store.forgotten_password().await.unwrap();
        assert_ne!(store.forgotten_password().await.unwrap(), first, "each is another");
        assert!(first.show().chars().count() >= 20);
        assert_eq!(store.unseal(no(1)).await.unwrap(), None);
        drop(store);
        assert!(!is_in_some_file(dir.path(), first.show()));
    }
}

#[tokio::test]
async fn a_password_is_made_once_stays_until_it_is_destroyed_and_never_lies_open() {
    for engine in lasting() {
        let dir = tempfile::tempdir().unwrap();
        let store = open_on(dir.path(), engine);
        let vault: Arc<dyn Vault> = store.vault();
        let first = vault.temporary_password(no(1)).await.unwrap();
        assert_eq!(vault.temporary_password(no(1)).await.unwrap(), first);
        let other = vault.temporary_password(no(2)).await.unwrap();
        assert_ne!(first, other);
        assert_eq!(format!("{first:?}"), "Secret");
        drop(vault);
        store.close().unwrap();
        assert!(!is_in_some_file(dir.path(), first.show()));

        let store = open_on(dir.path(), engine);
        assert_eq!(store.temporary_password(no(1)).await.unwrap(), first);
        assert_eq!(store.unseal(no(1)).await.unwrap(), Some(first.clone()));
        assert_eq!(store.unseal(no(1)).await.unwrap(), Some(first.clone()));
        store.destroy(no(1)).await.unwrap();
        assert_eq!(store.unseal(no(1)).await.unwrap(), None);
        drop(store);
        let store = open_on(dir.path(), engine);
        assert_eq!(store.unseal(no(1)).await.unwrap(), None);
        assert_eq!(store.unseal(no(2)).await.unwrap(), Some(other));
        assert_eq!(store.unseal(no(3)).await.unwrap(), None);
        store.destroy(no(3)).await.unwrap();
    }
}

#[tokio::test]
async fn a_password_that_was_shown_is_not_given_again_by_an_older_database() {
    for engine in lasting() {
        let dir = tempfile::tempdir().unwrap();
        let store = open_on(dir.path(), engine);
        let (shown, password) = set_password(&store, "john.doe").await;
        let (waiting, other) = set_password(&store, "jane.doe").await;
        store.close().unwrap();
        let older = tempfile::tempdir().unwrap();
        copy_folder(&dir.path().join("db"), &older.path().join("db"));
        let store = open_on(dir.path(), engine);
        assert_eq!(store.unseal(shown).await.unwrap().unwrap().show(), password);
        let last = store.request(shown).await.unwrap().pop().unwrap();
        let unsealed = vec![draft("john.doe", Some(1001), Event::Unsealed)];
        let unsealed =
            store.append(Append::To { no: shown, after: last.line }, unsealed).await.unwrap().remove(0);
        add(&store, &unsealed, Event::Revealed { unsealed: unsealed.line }).await;
        store.destroy(shown).await.unwrap();
        store.close().unwrap();
        std::fs::remove_dir_all(dir.path().join("db")).unwrap();
        copy_folder(&older.path().join("db"), &dir.path().join("db"));
        let store = open_on(dir.path(), engine);
        assert_eq!(store.unseal(shown).await.unwrap(), None);
        assert_eq!(store.unseal(waiting).await.unwrap().unwrap().show(), other);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_ask_at_once_get_the_same() {
    for engine in lasting() {
        let dir = tempfile::tempdir().unwrap();
        let store = open_on(dir.path(), engine);
        for request in 1..20 {
            let (one, other) =
                tokio::join!(store.temporary_password(no(request)), store.temporary_password(no(request)));
            assert_eq!(one.unwrap(), other.unwrap());
        }
    }
}

#[tokio::test]
async fn a_password_is_gone_after_a_day() {
    for engine in lasting() {
        let dir = tempfile::tempdir().unwrap();
        let clock = clock();
        let store = open_at(dir.path(), engine, clock.clone());
        let first = store.temporary_password(no(1)).await.unwrap();
        store.temporary_password(no(2)).await.unwrap();
        store.temporary_password(no(3)).await.unwrap();
        clock.advance(Duration::from_secs(24 * 3600 - 1));
        assert_eq!(store.temporary_password(no(1)).await.unwrap(), first);
        clock.advance(Duration::from_secs(1));
        assert_ne!(store.temporary_password(no(1)).await.unwrap(), first, "the old one is over");
        assert_eq!(store.unseal(no(2)).await.unwrap(), None);
        drop(store);
        assert_eq!(sealed(dir.path(), engine, [2, 3]).await, [3]);
        let store = open_at(dir.path(), engine, clock);
        assert_eq!(store.unseal(no(3)).await.unwrap(), None);
        drop(store);
        let left = sealed(dir.path(), engine, [2, 3]).await;
        assert!(left.is_empty(), "what is over is gone when the store has been opened: {left:?}");
    }
}

/// The requests among these whose password is still in a closed folder, as a desk sees that has it on the first day.
async fn sealed(dir: &Path, engine: &'static EngineKind, requests: [u64; 2]) -> Vec<u64> {
    let first_day = quick();
    copy_folder(dir, first_day.path());
    let store = open_on(first_day.path(), engine);
    let mut sealed = Vec::new();
    for request in requests {
        sealed.extend(store.unseal(no(request)).await.unwrap().map(|_| request));
    }
    sealed
}

#[tokio::test]
async fn a_password_of_another_key_is_a_problem_for_a_person() {
    for engine in lasting() {
        let dir = tempfile::tempdir().unwrap();
        let store = open_on(dir.path(), engine);
        store.temporary_password(no(1)).await.unwrap();
        drop(store);
        std::fs::remove_file(dir.path().join("seal.key")).unwrap();
        let store = open_on(dir.path(), engine);
        for problem in
            [store.temporary_password(no(1)).await.unwrap_err(), store.unseal(no(1)).await.unwrap_err()]
        {
            assert_eq!(problem.code, "secret_unreadable");
            assert!(!problem.hint.is_empty());
        }
        assert_eq!(store.unsound(), None, "the log is none the worse");
        store.temporary_password(no(2)).await.unwrap();
    }
}
