//! An effect is an outcome: every step and every undo twice is the same as once.

use desk_core::plan::effect::{DirectoryPassword, TaskSent};
use std::sync::Arc;

use desk_core::basics::ids::RequestNo;
use desk_core::plan::{Attempt, Direction, Effect, Executor, Plan, Step, StepKey};
use serde_json::Value;

use crate::driver::{examples, identity, prepare, requester};
use crate::support::{Story, in_time};

/// The plan of an example, and the executor to carry it out with.
async fn planned(story: &mut Story, example: &str) -> (RequestNo, Plan, Arc<dyn Executor>) {
    prepare(story.inside(), example).await;
    let card = story.card(requester(example), example).await;
    let no = card.request.unwrap();
    let desk = story.inside().desk.clone();
    let request = desk_core::desk::saga::load(desk.saga.log.as_ref(), no).await.unwrap();
    (no, request.plan().unwrap().clone(), desk.saga.executor.clone())
}

/// Brings an effect about, and once more as after a crash; the second time calls nothing and changes nothing.
async fn twice(story: &mut Story, executor: &dyn Executor, key: StepKey, what: &str, effect: &Effect) {
    in_time(executor.apply(key, Attempt::First, effect)).await.unwrap();
    let (once, passwords) = (story.world().await, passwords(story).await);
    let writes = story.writes().await;
    in_time(executor.apply(key, Attempt::Again, effect)).await.unwrap();
    assert_eq!(story.world().await, once, "`{what}` twice");
    assert_eq!(self::passwords(story).await, passwords, "`{what}` twice gives another password");
    // What a directory has cannot be looked at. Nor can a task be found, and the token of a second call makes it the same task.
    if !effect.is::<DirectoryPassword>() && !effect.is::<TaskSent>() {
        assert_eq!(story.writes().await, writes, "`{what}` was called again although it holds");
    }
}

/// What everybody's password hashes to.
async fn passwords(story: &mut Story) -> Vec<Value> {
    let world = story.sim("GET /_sim/world?ids=false").await;
    world["users"].as_object().unwrap().values().map(|user| user["password_sha256"].clone()).collect()
}

fn by_calls(plan: &Plan) -> Vec<(u32, Step)> {
    let steps = plan.steps.iter().enumerate().map(|(i, step)| (u32::try_from(i).unwrap(), step.clone()));
    steps.filter(|(_, step)| step.effect.is_called()).collect()
}

#[tokio::test]
async fn every_step_twice_is_the_same_as_once() {
    for example in examples(false) {
        let mut story = Story::with(|options| options.sim.identity = identity(example)).await;
        let (request, plan, executor) = planned(&mut story, example).await;
        for (step, what) in by_calls(&plan) {
            let key = StepKey { request, step, direction: Direction::Forward, done_before: None };
            twice(&mut story, executor.as_ref(), key, &what.title, &what.effect).await;
        }
    }
}

#[tokio::test]
async fn every_undo_twice_is_the_same_as_once_and_leads_back_to_the_beginning() {
    for example in examples(false) {
        let mut story = Story::with(|options| options.sim.identity = identity(example)).await;
        let (request, plan, executor) = planned(&mut story, example).await;
        let mut worlds = vec![story.world().await];
        let mut done = Vec::new();
        for (step, what) in by_calls(&plan).into_iter().take_while(|(_, step)| step.undo.is_some()) {
            let key = StepKey { request, step, direction: Direction::Forward, done_before: None };
            in_time(executor.apply(key, Attempt::First, &what.effect)).await.unwrap();
            worlds.push(story.world().await);
            done.push((step, what));
        }
        while let Some((step, what)) = done.pop() {
            worlds.pop();
            let key = StepKey { request, step, direction: Direction::Back, done_before: None };
            twice(&mut story, executor.as_ref(), key, &what.title, what.undo.as_ref().unwrap()).await;
            assert_eq!(Some(&story.world().await), worlds.last(), "`{}` rolled back", what.title);
        }
    }
}
