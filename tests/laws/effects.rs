//! An effect is an outcome: every step and every undo twice is the same as once.

use desk_core::log::Direction;
use desk_core::ports::{Attempt, StepKey};

use crate::driver::{REQUESTER, examples};
use crate::support::{Story, in_time};

#[tokio::test]
async fn every_step_and_every_undo_twice_is_the_same_as_once() {
    for example in examples(false) {
        let mut story = Story::begin().await;
        let card = story.card(REQUESTER, example).await;
        let no = card.request.unwrap();
        let desk = story.inside().desk.clone();
        let request = desk_core::saga::load(desk.bench.journal.as_ref(), no).await.unwrap();
        let plan = request.plan().unwrap().clone();
        let hands = desk.bench.hands.clone();
        for (i, step) in plan.steps.iter().enumerate() {
            if matches!(step.effect, desk_core::plan::Effect::DoneByHand { .. }) {
                continue;
            }
            let key =
                |direction| StepKey { request: no, step: u32::try_from(i).unwrap(), direction };
            let before = story.world().await;
            in_time(hands.bring_about(key(Direction::Forward), Attempt::First, &step.effect)).await.unwrap();
            let once = story.world().await;
            let writes = story.writes().await;
            in_time(hands.bring_about(key(Direction::Forward), Attempt::Again, &step.effect)).await.unwrap();
            assert_eq!(story.world().await, once, "`{}` twice", step.title);
            assert_eq!(story.writes().await, writes, "`{}` was called again although it holds", step.title);
            let Some(undo) = &step.undo else { continue };
            in_time(hands.bring_about(key(Direction::Back), Attempt::First, undo)).await.unwrap();
            assert_eq!(story.world().await, before, "`{}` taken back", step.title);
            in_time(hands.bring_about(key(Direction::Back), Attempt::Again, undo)).await.unwrap();
            assert_eq!(story.world().await, before, "`{}` taken back twice", step.title);
            in_time(hands.bring_about(key(Direction::Forward), Attempt::Again, &step.effect)).await.unwrap();
            assert_eq!(story.world().await, once, "`{}` after it was taken back", step.title);
        }
    }
}
