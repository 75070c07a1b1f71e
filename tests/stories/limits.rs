//! Limits on people: anyone who asks too often is answered, and nothing is done.

use std::num::NonZeroU32;

use connect_desk::rate_limits::PerMinute;
use desk_core::basics::roles::Person;
use desk_core::card::Card;
use desk_core::log::{Event, Query};

use crate::support::Story;
use crate::support::desks::typed;

/// The lines of the log that are refusals, and all of them.
async fn lines(story: &Story) -> (usize, usize) {
    let log = &story.inside().desk.saga.log;
    let all = log.history(&Query { limit: usize::MAX, ..Query::default() }).await.unwrap();
    (all.iter().filter(|line| matches!(line.event, Event::Refused { .. })).count(), all.len())
}

/// One of the people says a line, and nothing more comes of it: for floods.
async fn hears(story: &Story, person: usize, line: &str) -> Card {
    says(story, &story.inside().people[person], line).await
}

async fn says(story: &Story, by: &Person, line: &str) -> Card {
    story.inside().desk.handle(typed(std::slice::from_ref(by), &by.name, line)).await.card
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_it_is_answered_again() {
    let mut story = Story::ruled(|config| {
        config.turns.of.insert("connect reset".to_owned(), NonZeroU32::new(6).unwrap());
    })
    .await;
    for _ in 1..=6 {
        story.tells("helpdesk", "/connect reset john.doe method:console", &["Reset john.doe · needs"]).await;
    }
    plays! { story:
        ("helpdesk", "/connect reset john.doe method:console", "You used `/connect reset` 6 times in a minute.", "Try again in 10 s."),
        // Everything else, and everybody else, continues.
        ("helpdesk", "/desk confirm 1"),
        ("oncall", "/connect reset mei.chen method:console", "Reset mei.chen · needs"),
        ("helpdesk", "wait 10s"),
        ("helpdesk", "/connect reset john.doe method:console", "Reset john.doe · needs"),
    }
}

#[tokio::test]
async fn a_flood_of_a_thousand_leaves_a_handful_of_lines() {
    let mut story = Story::begin().await;
    let (_, before) = lines(&story).await;
    for _ in 0..1_000 {
        hears(&story, 0, "/connect edit john.doe acw:60").await;
    }
    let (refused, after) = lines(&story).await;
    // Twenty requests, and one line that says that there was a flood.
    assert_eq!((refused, after - before), (1, 21));
    assert_eq!(story.writes().await, 0);
    // What one may not ask at all fills the log no more than what one may.
    for _ in 0..1_000 {
        hears(&story, 6, "/connect show jane.doe").await;
    }
    let (refused, all) = lines(&story).await;
    assert_eq!((refused, all - after), (1 + 21, 21));
}

#[tokio::test]
async fn a_person_with_two_accounts_has_the_turns_of_one() {
    let mut story = Story::ruled(|config| {
        config.turns = PerMinute { commands: NonZeroU32::new(3).unwrap(), ..PerMinute::default() };
        let second = config.people[2].id.clone();
        config.people[1].also.insert(second);
        config.people.remove(2);
    })
    .await;
    let person = story.inside().people[1].clone();
    let other = person.at(person.also.first().unwrap()).unwrap();
    let mut answered = 0;
    for by in [&person, &other, &person, &other] {
        answered += usize::from(says(&story, by, "/desk whoami").await.title.starts_with("You are"));
    }
    assert_eq!(answered, 3);
    story.tells("supervisor", "/desk whoami", &["You used `/desk whoami` 3 times in a minute."]).await;
}
