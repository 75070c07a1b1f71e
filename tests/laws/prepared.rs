//! Desks to begin runs from: at which an example is about to be asked, or has its last yes still to come.

use std::sync::Arc;

use connect_desk::clock::ScriptClock;
use connect_desk::practice::{Options, Practice};
use desk_core::basics::ids::RequestNo;
use desk_core::request::Request;
use tempfile::TempDir;

use crate::driver::{
    Appended, CrashingLog, Next, desk_over, identity, next, prepare, press, requester, says,
};
use crate::support::{clock, copy_folder, in_time, options, untiring_config};

pub struct Case {
    pub practice: Practice,
    options: Options,
    folder: TempDir,
}

/// A desk that is closed. Every run begins with a copy, as after a restart.
pub struct Prepared {
    options: Options,
    folder: TempDir,
}

/// The same, with a request that is carried out as soon as one more person says yes.
pub struct Ready {
    pub prepared: Prepared,
    pub no: RequestNo,
    pub appended: Vec<Appended>,
}

pub async fn case(example: &str) -> Case {
    case_with(example, |_| {}).await
}

pub async fn case_with(example: &str, change: impl FnOnce(&mut Options)) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), clock());
    options.config = Some(untiring_config());
    options.sim.identity = identity(example);
    change(&mut options);
    Case::open(options, folder).await
}

impl Case {
    async fn open(options: Options, folder: TempDir) -> Case {
        let practice = Practice::open(options.clone()).await.unwrap();
        Case { practice, options, folder }
    }

    async fn close(self) -> Prepared {
        let Case { practice, options, folder } = self;
        practice.close().await.unwrap();
        Prepared { options, folder }
    }
}

impl Prepared {
    /// With everything done that an example speaks of.
    pub async fn for_example(example: &str, change: impl FnOnce(&mut Options)) -> Prepared {
        let case = case_with(example, change).await;
        prepare(&case.practice, example).await;
        case.close().await
    }

    pub async fn case(&self) -> Case {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(self.folder.path(), folder.path());
        let clock = Arc::new(ScriptClock::starting_at(self.options.clock.now()));
        let options = Options { state: folder.path().to_owned(), clock, ..self.options.clone() };
        Case::open(options, folder).await
    }

    /// After all decisions but the last on an example, which is known from a run of it; none if it takes no decision.
    pub async fn ready(&self, example: &str, ended: &Request) -> Option<Ready> {
        let decisions = usize::from(ended.confirmed.is_some()) + ended.approvals.len();
        let mut left = decisions.checked_sub(1)?;
        let case = self.case().await;
        let log = CrashingLog::over(case.practice.desk.saga.log.clone(), None, Vec::new());
        let desk = desk_over(&case.practice, log.clone(), case.practice.desk.saga.executor.clone());
        let no = in_time(says(&desk, &case.practice, requester(example), example)).await.request.unwrap();
        loop {
            match in_time(next(&desk, no)).await.unwrap() {
                Next::Decision { .. } if left == 0 => break,
                Next::Decision { who, verb } => {
                    left -= 1;
                    in_time(press(&desk, &case.practice, no, &who, verb)).await.unwrap();
                }
                _ => panic!("{example} takes less than {decisions} decisions"),
            }
        }
        drop(desk);
        let appended = log.appended();
        drop(log);
        Some(Ready { prepared: case.close().await, no, appended })
    }
}
