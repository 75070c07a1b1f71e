//! A clock that is set far ahead or back is noticed, said and logged, and moves no deadline to a later time than the one that
//! people were shown.

use std::sync::Arc;
use std::time::Duration;

use connect_desk::clock::ScriptClock;
use connect_desk::practice::Practice;
use desk_core::basics::ids::RequestNo;
use desk_core::desk::Desk;
use desk_core::log::{Event, Outcome, Query};
use desk_core::request::Phase;

use crate::driver::{APPROVER, REQUESTER, desk_over, says};
use crate::support;

const MINUTE: Duration = Duration::from_secs(60);
const YEAR: i64 = 365 * 86_400;
const NO: RequestNo = RequestNo(1);

struct Scene {
    practice: Practice,
    clock: Arc<ScriptClock>,
    desk: Desk,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn open() -> Scene {
        let (folder, clock) = (tempfile::tempdir().unwrap(), support::clock());
        let mut options = support::options(folder.path(), clock.clone());
        options.config = Some(support::untiring_config());
        let practice = Practice::open(options).await.unwrap();
        let desk = over(&practice);
        let scene = Scene { practice, clock, desk, _folder: folder };
        scene.says(REQUESTER, "/desk whoami").await;
        scene
    }

    /// Another process, which knows what the log knows.
    fn restarts(&mut self) {
        self.desk = over(&self.practice);
    }

    async fn says(&self, who: &str, line: &str) -> String {
        let reply = says(&self.desk, &self.practice, who, line).await;
        if let Some(no) = reply.request {
            self.desk.advance(no).await.unwrap();
        }
        format!("{:?}", reply.card)
    }

    /// Someone asks for what one approval within an hour is needed for, and confirms it.
    async fn asks(&self) {
        self.says(REQUESTER, "/connect reset john.doe method:console").await;
        self.says(REQUESTER, "/desk confirm 1").await;
    }

    async fn expired(&self) -> bool {
        for no in self.desk.due().await.unwrap() {
            self.desk.advance(no).await.unwrap();
        }
        let request = self.desk.request(NO).await.unwrap();
        matches!(request.phase, Phase::Finished { outcome: Outcome::Expired, .. })
    }

    /// By how many seconds the log says that the clock was set, oldest first.
    async fn jumps(&self) -> Vec<i64> {
        let query = Query { limit: usize::MAX, ..Query::default() };
        let lines = self.desk.saga.log.history(&query).await.unwrap();
        let jumps = lines.iter().rev().filter_map(|line| match line.event {
            Event::ClockJumped { seconds } => Some(seconds),
            _ => None,
        });
        jumps.collect()
    }
}

fn over(practice: &Practice) -> Desk {
    desk_over(practice, practice.desk.saga.log.clone(), practice.desk.saga.executor.clone())
}

#[tokio::test]
async fn what_is_planned_while_the_clock_is_ahead_is_approvable_for_an_hour_and_no_longer() {
    for (minutes, late) in [(59, false), (60, true)] {
        let scene = Scene::open().await;
        scene.clock.set_ahead(YEAR);
        scene.asks().await;
        scene.clock.set_ahead(-YEAR);
        assert!(!scene.expired().await, "the hour is not over");
        scene.clock.advance(MINUTE * minutes);
        let told = scene.says(APPROVER, "/desk approve 1").await;
        assert_eq!(told.contains("expired"), late, "{minutes}: {told}");
        assert_eq!(scene.jumps().await, [YEAR, -YEAR]);
    }
}

#[tokio::test]
async fn what_was_planned_later_than_now_is_over_at_the_next_start() {
    let mut scene = Scene::open().await;
    scene.clock.set_ahead(YEAR);
    scene.asks().await;
    scene.clock.set_ahead(-YEAR);
    scene.restarts();
    assert!(scene.expired().await, "no one knows how long ago it was planned");
    assert_eq!(scene.jumps().await, [YEAR, -YEAR], "the last line of the log is of a year later");
}

#[tokio::test]
async fn a_clock_that_is_set_back_gives_nobody_more_time() {
    let mut scene = Scene::open().await;
    scene.asks().await;
    scene.clock.advance(MINUTE * 50);
    scene.says(APPROVER, "/desk request-changes 1 \"a reason, please\"").await;
    scene.says(REQUESTER, "/desk confirm 1").await;
    scene.clock.set_ahead(-45 * 60);
    assert!(!scene.expired().await);
    // Over a restart the last line of the request tells how late it is at least.
    scene.restarts();
    assert!(!scene.expired().await);
    scene.clock.advance(MINUTE * 9);
    assert!(!scene.expired().await);
    scene.clock.advance(MINUTE);
    assert!(scene.expired().await, "by the clock it has 45 minutes left");
}

#[tokio::test]
async fn a_jump_is_said_once_and_time_that_passes_is_none() {
    let mut scene = Scene::open().await;
    scene.asks().await;
    scene.clock.advance(MINUTE * 60 * 24 * 30);
    scene.clock.set_ahead(60);
    scene.expired().await;
    scene.restarts();
    scene.expired().await;
    assert_eq!(scene.jumps().await, [0; 0], "a month passed, and a minute is no jump");
    scene.clock.set_ahead(-7_200);
    scene.expired().await;
    scene.expired().await;
    let news = scene.desk.news();
    assert!(news.len() == 1 && news[0].starts_with("The clock was set back by 2 h."), "{news:?}");
    assert!(scene.desk.news().is_empty());
    scene.clock.set_ahead(7_200);
    scene.expired().await;
    let news = scene.desk.news();
    assert!(news.len() == 1 && news[0].starts_with("The clock jumped ahead by 2 h"), "{news:?}");
    assert_eq!(scene.jumps().await, [-7_200, 7_200]);
    let digest = scene.says(APPROVER, "/desk digest").await;
    assert!(digest.contains("This machine's clock was set") && digest.contains("2 h back"), "{digest}");
    let history = scene.says("auditor", "/desk history").await;
    assert!(history.contains("the clock of this machine was set back by 2 h"), "{history}");
}
