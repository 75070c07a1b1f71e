//! The directory: every login, name, profile and group of the contact center in memory, so that what someone types is
//! completed immediately and costs no call.
//!
//! It answers what may be meant, never what is: anyone who acts on a name resolves it in the contact center again.

mod fold;
mod index;
mod names;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use desk_core::basics::problem::Problem;
use desk_core::center::{ContactCenter, Named};
use desk_core::ports::Clock;
use desk_core::words::Kind;

pub use names::{List, Names, Suggestion};

use index::{Builder, Index};

use crate::pages::Pages;

/// The pauses between the calls of a refresh, which leave room for people's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two pages of users.
    pub users: Duration,
    /// Between two queues.
    pub queues: Duration,
}

/// Is told what the desk happens to see of single users.
pub trait NameSink: Send + Sync {
    /// There is a user with exactly this login and this full name, which may be empty.
    fn user_is(&self, login: &str, name: &str);

    /// There is no user with this login.
    fn no_user(&self, login: &str);
}

/// What is told to the names, and when.
pub struct Learner {
    names: Arc<Names>,
    clock: Arc<dyn Clock>,
}

impl NameSink for Learner {
    fn user_is(&self, login: &str, name: &str) {
        self.names.learn(self.clock.monotonic(), login, Some(name));
    }

    fn no_user(&self, login: &str) {
        self.names.learn(self.clock.monotonic(), login, None);
    }
}

/// The names, and the contact center that they are read from.
pub struct Directory {
    names: Arc<Names>,
    center: Arc<dyn ContactCenter>,
    clock: Arc<dyn Clock>,
    pace: Pace,
    /// Held while the directory is read, so that it is read once at a time.
    reading: tokio::sync::Mutex<()>,
}

impl Names {
    /// Empty names, and who learns for them.
    pub fn learning(clock: Arc<dyn Clock>) -> (Arc<Names>, Arc<Learner>) {
        let names = Arc::new(Names::default());
        (names.clone(), Arc::new(Learner { names, clock }))
    }
}

impl Directory {
    /// Fills these names from there. Nothing is read yet.
    pub fn new(
        names: Arc<Names>,
        center: Arc<dyn ContactCenter>,
        clock: Arc<dyn Clock>,
        pace: Pace,
    ) -> Directory {
        Directory { names, center, clock, pace, reading: Default::default() }
    }

    /// See [`Names::suggest`].
    pub fn suggest(&self, kind: Kind, typed: &str, limit: usize) -> Vec<Suggestion> {
        self.names.suggest(kind, typed, limit)
    }

    pub fn names(&self) -> Arc<Names> {
        self.names.clone()
    }

    /// Reads everything once: a SearchUsers call for 500 users, the lists, a search for a hundred hierarchy groups, and what each
    /// queue offers, which the contact center's adapter remembers. Takes a second for each call of a kind under Amazon Connect's own
    /// quota.
    ///
    /// A list that cannot be read keeps what it held, and the others are read nevertheless; the first problem is given
    /// back when all is done.
    pub async fn refresh(&self) -> Result<(), Problem> {
        let _reading = self.reading.lock().await;
        let done = [
            ("users", self.read_users().await),
            ("routing profiles", self.read_routing_profiles().await),
            ("security profiles", self.read_security_profiles().await),
            ("hierarchy groups", self.read_groups().await),
            ("agent statuses", self.read_statuses().await),
            ("hours of operation", self.read_hours().await),
            ("queues", self.read_queues().await),
        ];
        let mut first = Ok(());
        for (list, done) in done {
            if let Err(problem) = done {
                tracing::warn!(list, code = problem.code, "the directory keeps its old list");
                first = first.and(Err(problem));
            }
        }
        first
    }

    /// Refreshes now and each time so much later, and never ends. Not for a clock that only moves when waited for.
    pub async fn keep_fresh(&self, every: Duration) {
        loop {
            // What went wrong is in the program's log; the old names are better than none.
            let _ = self.refresh().await;
            self.clock.sleep(every).await;
        }
    }

    async fn read_users(&self) -> Result<(), Problem> {
        let began = self.clock.monotonic();
        let mut builder = Builder::default();
        let mut after = None;
        let mut pages = Pages::of("SearchUsers");
        // The first reading of a large instance takes minutes; what is there is offered whenever it has doubled.
        let mut offered = if self.names.users() == 0 { 0 } else { usize::MAX };
        loop {
            let page = self.center.users_page(after.as_deref()).await?;
            after = pages.next(page.users.len(), page.next)?;
            for user in page.users {
                builder.add(&user.login, &format!("{} {}", user.first_name, user.last_name));
            }
            if after.is_none() {
                self.names.read_users(began, built(builder).await?);
                return Ok(());
            }
            if builder.len() / 2 >= offered {
                offered = builder.len();
                self.names.read_users(began, built(builder.clone()).await?);
            }
            self.pause(self.pace.users).await;
        }
    }

    async fn read_routing_profiles(&self) -> Result<(), Problem> {
        self.names.read_routing_profiles(built(of(&self.center.routing_profiles().await?)).await?);
        Ok(())
    }

    async fn read_security_profiles(&self) -> Result<(), Problem> {
        self.names.read_security_profiles(built(of(&self.center.security_profiles().await?)).await?);
        Ok(())
    }

    async fn read_groups(&self) -> Result<(), Problem> {
        self.names.read_hierarchy_groups(built(of(&self.center.hierarchy_paths().await?)).await?);
        Ok(())
    }

    async fn read_statuses(&self) -> Result<(), Problem> {
        let statuses = self.center.agent_statuses().await?.into_iter().map(|status| status.name);
        self.names.read_list(List::Statuses, &statuses.collect::<Vec<_>>());
        Ok(())
    }

    async fn read_hours(&self) -> Result<(), Problem> {
        self.names.read_list(List::Hours, &names_of(&self.center.hours_of_operation().await?));
        Ok(())
    }

    /// Where quick connects lead, and what each queue offers, which can be had from no search: it is read before anyone waits for it.
    async fn read_queues(&self) -> Result<(), Problem> {
        let quick = self.center.every_quick_connect().await?;
        self.names
            .read_list(List::QuickConnects, &quick.into_iter().map(|quick| quick.name).collect::<Vec<_>>());
        let queues = self.center.queues().await?;
        self.names.read_list(List::Queues, &names_of(&queues));
        for (no, queue) in queues.iter().enumerate() {
            if no > 0 {
                self.pause(self.pace.queues).await;
            }
            self.center.offered_by(&queue.id).await?;
        }
        Ok(())
    }

    async fn pause(&self, how_long: Duration) {
        if !how_long.is_zero() {
            self.clock.sleep(how_long).await;
        }
    }
}

fn names_of(named: &[Named]) -> Vec<String> {
    named.iter().map(|named| named.name.clone()).collect()
}

fn of(names: &[Named]) -> Builder {
    let mut builder = Builder::default();
    names.iter().for_each(|named| builder.add(&named.name, ""));
    builder
}

/// Builds on a thread where it keeps no one from answering.
async fn built(builder: Builder) -> Result<Index, Problem> {
    tokio::task::spawn_blocking(|| builder.build())
        .await
        .map_err(|error| Problem::operator("directory", format!("The directory can't be sorted ({error}).")))
}
