//! Authenticators: each code counts once, whatever the clock does; guessing is slow; nothing of them lies open.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connect_desk::clock::ScriptClock;
use connect_desk::console::phone::Phone;
use connect_desk::store::Store;
use desk_core::basics::ids::PersonId;
use desk_core::basics::secret::Secret;
use desk_core::ports::{Clock, Enrolled, Factors};
use jiff::Timestamp;

use crate::desks::nowhere_below;
use crate::helper::{clock, options_with};

/// RFC 6238's own step, in seconds.
const STEP: i64 = 30;

struct Bench {
    dir: tempfile::TempDir,
    wall: Arc<ScriptClock>,
    store: Store,
    factors: Arc<dyn Factors>,
    phone: Phone,
    address: Secret,
}

fn account() -> PersonId {
    "console:1002".parse().unwrap()
}

fn open(dir: &Path, wall: &Arc<ScriptClock>) -> (Store, Arc<dyn Factors>) {
    open_for(dir, wall, true)
}

fn open_for(dir: &Path, wall: &Arc<ScriptClock>, first_use: bool) -> (Store, Arc<dyn Factors>) {
    let store = Store::open(dir, options_with(wall.clone())).unwrap();
    let factors = store.factors(wall.clone(), "test-desk", first_use);
    (store, factors)
}

impl Bench {
    /// Someone with an authenticator whose first code is used, five minutes ago.
    async fn enrolled() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let wall = clock();
        let (store, factors) = open(dir.path(), &wall);
        let address = factors.begin(&account()).await.unwrap();
        let phone = Phone::scan(&address).unwrap();
        let first = Secret::new(phone.code(wall.now()));
        assert!(!factors.is_enrolled(&[account()]).await.unwrap(), "not before it has shown a code");
        factors.finish(&account(), &first).await.unwrap();
        assert_eq!(factors.use_code(&[account()], &first).await.unwrap_err().code, "code_used");
        wall.advance(Duration::from_secs(300));
        Bench { dir, wall, store, factors, phone, address }
    }

    fn passes(&self, seconds: u64) {
        self.wall.advance(Duration::from_secs(seconds));
    }

    /// The code that the phone shows so many steps from now.
    fn code(&self, steps: i64) -> String {
        self.phone.code(Timestamp::from_second(self.wall.now().as_second() + steps * STEP).unwrap())
    }

    /// What comes of it.
    async fn uses(&self, steps: i64) -> String {
        self.types(&self.code(steps)).await
    }

    async fn types(&self, code: &str) -> String {
        match self.factors.use_code(&[account()], &Secret::new(code.to_owned())).await {
            Ok(()) => "counts".to_owned(),
            Err(problem) => problem.code,
        }
    }

    /// The desk starts again, so many seconds later by the clock on the wall.
    fn restarts(self, seconds: i64) -> Bench {
        let Bench { dir, wall, store, factors, phone, address } = self;
        drop(factors);
        store.close().unwrap();
        wall.set_ahead(seconds);
        let (store, factors) = open(dir.path(), &wall);
        Bench { dir, wall, store, factors, phone, address }
    }

    fn wrong(&self) -> String {
        let near: Vec<String> = (-2..=2).map(|steps| self.code(steps)).collect();
        (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
    }
}

#[tokio::test]
async fn a_code_counts_once_and_so_does_every_code_before_it() {
    let bench = Bench::enrolled().await;
    assert_eq!(bench.uses(0).await, "counts");
    assert_eq!(bench.uses(0).await, "code_used");
    assert_eq!(bench.uses(-1).await, "code_used", "an older code after a newer one");
    bench.passes(30);
    assert_eq!(bench.uses(-1).await, "code_used", "the next window takes the last code, but not twice");
    assert_eq!(bench.uses(0).await, "counts");
}

#[tokio::test]
async fn a_clock_may_be_off_by_one_window_either_way_and_the_next_windows_code_is_used_up() {
    let bench = Bench::enrolled().await;
    assert_eq!(bench.uses(-2).await, "code_wrong");
    assert_eq!(bench.uses(2).await, "code_wrong");
    assert_eq!(bench.uses(-1).await, "counts", "typed as it went away");
    bench.passes(300);
    assert_eq!(bench.uses(1).await, "counts", "of a phone that is half a minute ahead");
    assert_eq!(bench.uses(0).await, "code_used", "what is older than a code that was used");
    bench.passes(30);
    assert_eq!(bench.uses(0).await, "code_used", "its window has come, and it was used before");
    bench.passes(30);
    assert_eq!(bench.uses(0).await, "counts");
}

#[tokio::test]
async fn fifty_wrong_codes_cost_five_tries_and_then_one_a_minute() {
    let bench = Bench::enrolled().await;
    let wrong = bench.wrong();
    let mut tried = 0;
    for _ in 0..50 {
        let came = bench.types(&wrong).await;
        assert!(came == "code_wrong" || came == "code_tries", "{came}");
        tried += usize::from(came == "code_wrong");
    }
    assert_eq!(tried, 5);
    let right = bench.code(0);
    assert_eq!(bench.types(&right).await, "code_tries", "not even the right one counts now");
    let problem =
        bench.factors.use_code(&[account()], &Secret::new(right.clone())).await.unwrap_err().to_string();
    assert!(problem.contains("Wait"), "{problem}");
    // Someone else's tries are their own.
    let other: PersonId = "console:1003".parse().unwrap();
    let theirs = Phone::scan(&bench.factors.begin(&other).await.unwrap()).unwrap();
    let code = Secret::new(theirs.code(bench.wall.now()));
    bench.factors.finish(&other, &code).await.unwrap();
    // A clock that is set forward gives no further tries.
    bench.wall.set_ahead(3_600);
    assert_eq!(bench.uses(0).await, "code_tries");
    bench.wall.set_ahead(-3_600);
    bench.passes(59);
    assert_eq!(bench.uses(0).await, "code_tries");
    bench.passes(1);
    assert_eq!(bench.uses(0).await, "counts", "a minute later");
}

#[tokio::test]
async fn a_restart_gives_no_try_back_and_nor_does_enrolling_again() {
    let mut bench = Bench::enrolled().await;
    let wrong = bench.wrong();
    for _ in 0..5 {
        assert_eq!(bench.types(&wrong).await, "code_wrong");
        bench = bench.restarts(0);
    }
    assert_eq!(bench.types(&wrong).await, "code_tries");
    // A clock that was set back meanwhile keeps no one out for longer.
    bench = bench.restarts(-3_600);
    assert_eq!(bench.types(&wrong).await, "code_tries");
    bench.passes(60);
    assert_eq!(bench.types(&wrong).await, "code_wrong");
    assert_eq!(bench.types(&wrong).await, "code_tries");
    // What time has passed while it was down counts.
    bench = bench.restarts(3_600 + 120);
    assert_eq!(bench.types(&wrong).await, "code_wrong");

    // The tries of a first code are those of the account, however often it begins again.
    let other: PersonId = "console:1003".parse().unwrap();
    let mut tried = 0;
    for _ in 0..20 {
        bench.factors.begin(&other).await.unwrap();
        let came = bench.factors.finish(&other, &Secret::new("000000".to_owned())).await.unwrap_err();
        tried += usize::from(came.code == "code_wrong");
    }
    assert_eq!(tried, 5);
}

#[tokio::test]
async fn where_a_first_one_needs_approval_only_who_was_admitted_enrolls() {
    let (dir, wall) = (tempfile::tempdir().unwrap(), clock());
    let (_store, factors) = open_for(dir.path(), &wall, false);
    let refused = factors.begin(&account()).await.unwrap_err();
    assert_eq!(refused.code, "not_admitted");
    assert!(refused.to_string().contains("/desk recover account:console:1002"), "{refused}");
    factors.forget(&account()).await.unwrap();
    let nothing = factors.finish(&account(), &Secret::new("000000".to_owned())).await.unwrap_err();
    assert_eq!(nothing.code, "not_begun");
    wall.advance(Duration::from_secs(24 * 3_600));
    assert_eq!(factors.begin(&account()).await.unwrap_err().code, "not_admitted", "a day later");
    factors.forget(&account()).await.unwrap();
    let enroll = async || {
        let phone = Phone::scan(&factors.begin(&account()).await?).unwrap();
        factors.finish(&account(), &Secret::new(phone.code(wall.now()))).await
    };
    assert_eq!(enroll().await.unwrap(), Enrolled::Admitted);
    assert!(factors.is_enrolled(&[account()]).await.unwrap());
    // It was said once, for one authenticator.
    assert_eq!(factors.begin(&account()).await.unwrap_err().code, "not_admitted");
}

#[tokio::test]
async fn nothing_that_is_no_code_is_taken_for_one() {
    let bench = Bench::enrolled().await;
    let right = bench.code(0);
    for odd in ["", "12345", "-", "abcdef", &format!("{right}0"), &format!("0{right}")] {
        assert_eq!(bench.types(odd).await, "code_wrong", "{odd}");
        bench.passes(60);
    }
    let right = bench.code(0);
    let (head, tail) = right.split_at(3);
    assert_eq!(bench.types(&format!(" {head} {tail} ")).await, "counts", "as authenticators show it");
}

#[tokio::test]
async fn a_clock_that_jumps_back_brings_no_code_back() {
    let bench = Bench::enrolled().await;
    let used = bench.code(0);
    assert_eq!(bench.types(&used).await, "counts");
    bench.wall.set_ahead(-120);
    assert_eq!(bench.uses(0).await, "code_used", "a code from before the one that was used");
    bench.wall.set_ahead(120);
    assert_eq!(bench.types(&used).await, "code_used");
    bench.passes(30);
    assert_eq!(bench.uses(0).await, "counts", "and it continues when the clock is where it was");
}

#[tokio::test]
async fn what_was_used_stays_so_after_a_restart_and_nothing_of_it_lies_open() {
    let bench = Bench::enrolled().await;
    let code = bench.code(0);
    assert_eq!(bench.types(&code).await, "counts");
    let secret = bench.address.show().split("secret=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    assert!(secret.len() >= 32, "160 bits");
    assert_eq!(format!("{:?}", bench.address), "Secret");
    let bench = bench.restarts(0);
    assert_eq!(bench.types(&code).await, "code_used");
    bench.passes(30);
    assert_eq!(bench.uses(0).await, "counts");
    // Anyone who lost it gets another one, and the old one shows nothing that counts.
    bench.factors.forget(&account()).await.unwrap();
    assert!(!bench.factors.is_enrolled(&[account()]).await.unwrap());
    assert_eq!(bench.uses(0).await, "not_enrolled");
    let new = Phone::scan(&bench.factors.begin(&account()).await.unwrap()).unwrap();
    let first = Secret::new(new.code(bench.wall.now()));
    bench.factors.finish(&account(), &first).await.unwrap();
    bench.passes(60);
    assert_eq!(bench.uses(0).await, "code_wrong");
    for text in [secret.as_str(), &secret.to_ascii_lowercase(), &hex_of(&secret)] {
        nowhere_below(bench.dir.path(), text);
    }
    nowhere_below(bench.dir.path(), &bytes_of(&secret));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_type_one_code_at_once_one_gets_through() {
    let bench = Bench::enrolled().await;
    for _ in 0..20 {
        let code = Secret::new(bench.code(0));
        let mut typing = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (factors, code) = (bench.factors.clone(), code.clone());
            typing.spawn(async move { factors.use_code(&[account()], &code).await.is_ok() });
        }
        let through = typing.join_all().await.into_iter().filter(|through| *through).count();
        assert_eq!(through, 1);
        bench.passes(600);
    }
}

/// The bytes that Base32 (RFC 4648) stands for.
fn bytes_of(secret: &str) -> Vec<u8> {
    let (mut bits, mut count, mut bytes) = (0u32, 0, Vec::new());
    for c in secret.bytes() {
        let value = if c.is_ascii_digit() { c - b'2' + 26 } else { c.to_ascii_uppercase() - b'A' };
        bits = bits << 5 | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    bytes
}

fn hex_of(secret: &str) -> String {
    desk_core::basics::text::hex(&bytes_of(secret))
}

#[tokio::test]
async fn right_codes_cost_no_tries() {
    let mut bench = Bench::enrolled().await;
    for _ in 0..12 {
        bench.passes(30);
        assert_eq!(bench.uses(0).await, "counts");
    }
    bench = bench.restarts(0);
    bench.passes(30);
    assert_eq!(bench.uses(0).await, "counts");
    let wrong = bench.wrong();
    for _ in 0..5 {
        assert_eq!(bench.types(&wrong).await, "code_wrong", "all tries are there still");
    }
    assert_eq!(bench.types(&wrong).await, "code_tries");
}
