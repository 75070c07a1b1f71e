//! Limits on people.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use connect_desk::clock::ScriptClock;
use connect_desk::rate_limits::{PerMinute, PersonRateLimiter};
use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::Person;
use desk_core::ports::RateLimits as _;

fn turnstile(of: &[(&str, u32)]) -> (PersonRateLimiter, Arc<ScriptClock>) {
    let clock = Arc::new(ScriptClock::starting_at("2026-11-20T09:00:00Z".parse().unwrap()));
    let of = of.iter().map(|(name, n)| ((*name).to_owned(), NonZeroU32::new(*n).unwrap())).collect();
    (PersonRateLimiter::new(PerMinute { of, ..PerMinute::default() }, clock.clone()), clock)
}

fn person(platform: Platform, id: u64, also: &[PersonId]) -> Person {
    Person {
        id: PersonId::new(platform, id.to_string()).unwrap(),
        name: "someone".to_owned(),
        roles: Default::default(),
        login: None,
        also: also.iter().cloned().collect(),
    }
}

#[test]
fn each_command_has_its_limit_and_turns_come_back_one_by_one() {
    let (turns, clock) = turnstile(&[("connect reset", 6)]);
    let by = person(Platform::Console, 1, &[]);
    for _ in 0..6 {
        assert_eq!(turns.take(&by, "connect reset"), Ok(()));
    }
    let refused = turns.take(&by, "connect reset").unwrap_err();
    assert_eq!((refused.per_minute, refused.wait), (6, Duration::from_secs(10)));
    assert!(refused.is_first);
    assert!(!turns.take(&by, "connect reset").unwrap_err().is_first, "one line a minute");
    // Another command and another person have their own turns.
    assert_eq!(turns.take(&by, "connect show"), Ok(()));
    assert_eq!(turns.take(&person(Platform::Console, 2, &[]), "connect reset"), Ok(()));
    clock.advance(Duration::from_secs(10));
    assert_eq!(turns.take(&by, "connect reset"), Ok(()));
    assert!(!turns.take(&by, "connect reset").unwrap_err().is_first);
    clock.advance(Duration::from_secs(60));
    let taken = (0..10).filter(|_| turns.take(&by, "connect reset").is_ok()).count();
    assert_eq!(taken, 6);
    assert!(turns.take(&by, "connect reset").is_err());
}

#[test]
fn words_on_requests_have_more_room() {
    let (turns, _) = turnstile(&[]);
    let by = person(Platform::Console, 1, &[]);
    let taken = |command: &str| (0..1_000).filter(|_| turns.take(&by, command).is_ok()).count();
    assert_eq!((taken("desk approve"), taken("desk help"), taken("connect reset")), (60, 20, 20));
}

#[test]
fn people_who_went_silent_are_forgotten() {
    let (turns, clock) = turnstile(&[]);
    for id in 0..10_000 {
        assert_eq!(turns.take(&person(Platform::Discord, id, &[]), "desk help"), Ok(()));
    }
    assert_eq!(turns.kept(), 10_000);
    clock.advance(Duration::from_secs(61));
    assert_eq!(turns.take(&person(Platform::Discord, 1, &[]), "desk help"), Ok(()));
    assert_eq!(turns.kept(), 1);
}
