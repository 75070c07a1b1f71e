use std::collections::BTreeMap;

use desk_core::basics::ids::{PersonId, Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::email::{Email, EmailKind};
use desk_core::log::{By, Draft, Event, Line, Outcome};
use desk_core::plan::effect::{EmailSent, ProficienciesAre};
use desk_core::plan::{AffectedUser, Attempt, Direction, Effect, Plan, Step};
use desk_core::request::{PartMove, Request};
use desk_core::words::{Args, Risk};
use jiff::Timestamp;

use crate::events::{needs_nothing, planned, requested};

fn effect(name: &str) -> Effect {
    ProficienciesAre { login: name.to_owned(), proficiencies: Vec::new() }.into()
}

fn step(part: u32, pivot: bool) -> Step {
    let undo = (!pivot).then(|| effect("back"));
    Step { title: format!("part {part}"), effect: effect("there"), undo, part, pivot }
}

/// A running request over these steps; each has a line of its own after that.
fn running(steps: Vec<Step>) -> Request {
    let plan = Plan { risk: Risk::Change, steps, ..Plan::new("Something.") };
    let by = By { id: PersonId::new(Platform::Console, "1").unwrap(), name: "someone".to_owned() };
    let line = |number, event| line(number, &by, event);
    let asked = requested("connect edit", Args::default(), &[], "a rule");
    let planned = planned(&plan, needs_nothing(), Timestamp::UNIX_EPOCH);
    Request::fold(RequestNo(1), &[line(1, asked), line(2, planned)]).unwrap()
}

fn line(number: u64, by: &By, event: Event) -> Line {
    let draft = Draft { at: Timestamp::UNIX_EPOCH, by: Some(by.clone()), about: Vec::new(), event };
    draft.at_line(number, Some(RequestNo(1)))
}

fn line_of(request: &Request, event: Event) -> Line {
    line(request.last + 1, &request.by, event)
}

fn then(request: &mut Request, event: Event) {
    let line = line_of(request, event);
    request.apply(&line).unwrap();
    let looked_at: Vec<u32> = request
        .parts()
        .into_iter()
        .filter(|part| matches!(request.next_move(*part), PartMove::Step(..)))
        .collect();
    assert_eq!(request.parts_at_work().collect::<Vec<_>>(), looked_at);
}

fn started(step: u32, direction: Direction) -> Event {
    Event::Started { step, direction }
}

fn failed(step: u32, direction: Direction, unknown: bool) -> Event {
    Event::Failed { step, direction, unknown, problem: Problem::requester("x", "It failed.") }
}

fn done(step: u32) -> Event {
    Event::Done { step, facts: BTreeMap::new() }
}

const FORWARD: Direction = Direction::Forward;
const BACK: Direction = Direction::Back;

#[test]
fn a_part_that_fails_is_taken_back_without_the_others() {
    let mut request = running(vec![step(0, false), step(0, false), step(1, false), step(1, false)]);
    assert_eq!(request.parts(), [0, 1]);
    then(&mut request, started(0, FORWARD));
    then(&mut request, started(2, FORWARD));
    then(&mut request, done(2));
    then(&mut request, done(0));
    assert_eq!(request.next_move(0), PartMove::Step(1, FORWARD));
    assert_eq!(request.next_move(1), PartMove::Step(3, FORWARD));
    then(&mut request, started(1, FORWARD));
    then(&mut request, started(3, FORWARD));
    then(&mut request, failed(3, FORWARD, false));
    then(&mut request, done(1));
    assert_eq!(request.next_move(0), PartMove::Ended { done: true });
    assert_eq!(request.next_move(1), PartMove::Step(2, BACK));
    then(&mut request, started(2, BACK));
    then(&mut request, Event::Undone { step: 2, facts: Default::default() });
    assert_eq!(request.next_move(1), PartMove::Ended { done: false });
    assert_eq!(request.ending(), Event::Finished { outcome: Outcome::PartiallyCompleted });
}

#[test]
fn a_line_about_one_of_several_users_names_nobody_else() {
    let mut request = running(vec![step(0, false), step(1, false)]);
    assert_eq!(request.about_of(&done(0)), [] as [&str; 0]);
    let subject =
        |login: &str| AffectedUser { login: login.to_owned(), user_id: String::new(), name: String::new() };
    let plan = &mut request.planned.as_mut().unwrap().plan;
    plan.about = vec![subject("a"), subject("b")];
    for (step, login) in plan.steps.iter_mut().zip(["a", "b"]) {
        step.effect = effect(login);
    }
    assert_eq!(request.about_of(&started(1, FORWARD)), ["b"]);
    assert_eq!(request.about_of(&Event::Finished { outcome: Outcome::Completed }), ["a", "b"]);
}

#[test]
fn what_is_stuck_waits_for_a_person_and_what_was_taken_back_stays_so() {
    let mut request = running(vec![step(0, true), step(0, false), step(1, false), step(1, false)]);
    then(&mut request, started(0, FORWARD));
    then(&mut request, done(0));
    then(&mut request, started(1, FORWARD));
    then(&mut request, failed(1, FORWARD, false));
    // Steps past the pivot can't be undone, and it is not tried blindly again.
    assert_eq!(request.next_move(0), PartMove::Stuck(1, FORWARD));
    then(&mut request, started(2, FORWARD));
    then(&mut request, failed(2, FORWARD, false));
    assert_eq!(request.next_move(1), PartMove::Ended { done: false });
    let Event::Stuck { step, direction, problem } = request.ending() else { panic!("it is stuck") };
    assert_eq!((step, direction, problem.message.as_str()), (1, FORWARD, "It failed."));
    then(&mut request, Event::Stuck { step, direction, problem });
    then(&mut request, Event::Retried);
    assert_eq!(request.next_move(0), PartMove::Step(1, FORWARD));
    assert_eq!(request.attempt(1, FORWARD), Attempt::Retry, "what a person did counts");
    assert_eq!(request.next_move(1), PartMove::Ended { done: false }, "it is not tried once more");
    then(&mut request, started(1, FORWARD));
    then(&mut request, done(1));
    assert_eq!(request.ending(), Event::Finished { outcome: Outcome::PartiallyCompleted });
}

#[test]
fn only_what_was_refused_and_never_in_doubt_is_surely_not_done() {
    for (starts, meant) in [
        (1, [Attempt::Retry, Attempt::Again, Attempt::Again]),
        // The desk stopped while it was tried.
        (2, [Attempt::Again; 3]),
    ] {
        let mut request = running(vec![step(0, true), step(0, false)]);
        then(&mut request, started(0, FORWARD));
        then(&mut request, done(0));
        (0..starts).for_each(|_| then(&mut request, started(1, FORWARD)));
        let mut seen = Vec::new();
        for unknown in [false, true, false] {
            then(&mut request, failed(1, FORWARD, unknown));
            let stuck = request.ending();
            then(&mut request, stuck);
            then(&mut request, Event::Retried);
            seen.push(request.attempt(1, FORWARD));
            then(&mut request, started(1, FORWARD));
            assert_eq!(request.attempt(1, FORWARD), Attempt::Again, "{seen:?}");
        }
        assert_eq!(seen, meant);
    }
}

#[test]
fn a_way_back_that_fails_is_stuck_and_goes_on_back_when_a_person_says_so() {
    let mut request = running(vec![step(0, false), step(0, false)]);
    then(&mut request, started(0, FORWARD));
    then(&mut request, done(0));
    then(&mut request, started(1, FORWARD));
    then(&mut request, failed(1, FORWARD, true));
    // No one can tell whether it happened, so it is rolled back as well.
    assert_eq!(request.next_move(0), PartMove::Step(1, BACK));
    then(&mut request, started(1, BACK));
    then(&mut request, failed(1, BACK, false));
    assert_eq!(request.next_move(0), PartMove::Stuck(1, BACK));
    let stuck = request.ending();
    then(&mut request, stuck);
    then(&mut request, Event::Retried);
    assert_eq!(request.next_move(0), PartMove::Step(1, BACK));
    then(&mut request, started(1, BACK));
    then(&mut request, Event::Undone { step: 1, facts: Default::default() });
    assert_eq!(request.next_move(0), PartMove::Step(0, BACK));
}

fn email(part: u32) -> Step {
    let email = Email {
        kind: EmailKind::Credentials,
        to: "john.doe@example.com".to_owned(),
        login: "john.doe".to_owned(),
        name: String::new(),
        website: None,
        sign_in: Default::default(),
        template: String::new(),
    };
    Step::new("an email", EmailSent(email)).of_part(part)
}

fn stuck_on_an_email(unknown: bool) -> Request {
    let mut request = running(vec![step(0, false), email(0), email(1)]);
    then(&mut request, started(0, FORWARD));
    then(&mut request, done(0));
    for step in [1, 2] {
        then(&mut request, started(step, FORWARD));
        then(&mut request, failed(step, FORWARD, unknown));
    }
    assert_eq!(request.next_move(0), PartMove::Stuck(1, FORWARD), "nothing is rolled back");
    let stuck = request.ending();
    then(&mut request, stuck);
    request
}

#[test]
fn an_email_that_failed_takes_nothing_back_and_a_person_may_say_that_it_arrived() {
    let mut request = stuck_on_an_email(true);
    let other = line_of(&request, done(2));
    assert!(request.clone().apply(&other).is_err(), "only the email on the card");
    then(&mut request, done(1));
    assert_eq!(request.next_move(0), PartMove::Ended { done: true });
    assert_eq!(request.next_move(1), PartMove::Stuck(2, FORWARD), "the other email still waits");
    let stuck = request.ending();
    then(&mut request, stuck);
    then(&mut request, done(2));
    assert_eq!(request.ending(), Event::Finished { outcome: Outcome::Completed });
}

#[test]
fn only_the_email_on_the_card_is_tried_again_when_nobody_knows_of_the_others() {
    for (unknown, other) in [(true, PartMove::Stuck(2, FORWARD)), (false, PartMove::Step(2, FORWARD))] {
        let mut request = stuck_on_an_email(unknown);
        then(&mut request, Event::Retried);
        assert_eq!(request.next_move(0), PartMove::Step(1, FORWARD));
        assert_eq!(request.next_move(1), other);
    }
}

#[test]
fn only_an_email_arrives_while_a_request_is_stuck() {
    let mut request = running(vec![step(0, true), step(0, false)]);
    then(&mut request, started(0, FORWARD));
    then(&mut request, done(0));
    then(&mut request, started(1, FORWARD));
    then(&mut request, failed(1, FORWARD, true));
    let stuck = request.ending();
    then(&mut request, stuck);
    let line = line_of(&request, done(1));
    assert!(request.apply(&line).is_err());
}
