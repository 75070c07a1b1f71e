//! The directory: every login, name, profile and group of the contact center in memory, so that what someone types is
//! completed immediately and costs no call.
//!
//! It answers what may be meant, never what is: anyone who acts on a name resolves it in the contact center again.

pub mod fold;
mod held;
pub mod index;
mod names;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::center::{ContactCenter, FlowInfo, Named};
use desk_core::chat::{Choice, KnownNames};
use desk_core::ports::Clock;
use desk_core::words::Thing;

pub use names::Names;

use held::Holdings;
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

/// The types of flows that transfer a contact.
const TRANSFERS: [&str; 2] = ["AGENT_TRANSFER", "QUEUE_TRANSFER"];

/// Is told what the desk happens to see of single users, and tells the names.
pub struct Learner {
    names: Arc<Names>,
    clock: Arc<dyn Clock>,
}

impl Learner {
    /// There is a user with exactly this login and this full name, which may be empty; without a name there is none.
    pub fn learn(&self, login: &str, name: Option<&str>) {
        self.names.learn(self.clock.monotonic(), login, name);
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
    held: Holdings,
}

#[async_trait]
impl KnownNames for Directory {
    fn suggest(&self, thing: Thing, typed: &str, most: usize) -> Vec<Choice> {
        self.names.suggest(thing, typed, most)
    }

    async fn held(&self, thing: Thing, holder: &str, typed: &str, most: usize) -> Option<Vec<Choice>> {
        // Half a login, or one that no one has, is not worth a call.
        if thing.holder() == Some(Thing::User) && !self.names.knows_user(holder) {
            return None;
        }
        self.held.suggest(&self.center, self.clock.monotonic(), (thing, holder), typed, most).await
    }
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
        Directory { names, center, clock, pace, reading: Default::default(), held: Holdings::default() }
    }

    pub fn names(&self) -> Arc<Names> {
        self.names.clone()
    }

    /// Reads everything once: a SearchUsers call for 500 users, the lists, a search for a hundred hierarchy groups or
    /// predefined attributes, and what each
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
            ("flows", self.read_flows().await),
            ("proficiencies", self.read_proficiencies().await),
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
        let profiles = self.center.routing_profiles().await?;
        self.held.know(Thing::RoutingProfile, &profiles);
        self.keep(Thing::RoutingProfile, profiles).await
    }

    async fn read_security_profiles(&self) -> Result<(), Problem> {
        self.keep(Thing::SecurityProfile, self.center.security_profiles().await?).await
    }

    async fn read_groups(&self) -> Result<(), Problem> {
        self.keep(Thing::HierarchyGroup, self.center.hierarchy_paths().await?).await
    }

    async fn read_statuses(&self) -> Result<(), Problem> {
        let statuses = self.center.agent_statuses().await?;
        self.keep(Thing::AgentStatus, statuses.into_iter().map(|status| status.named())).await
    }

    async fn read_hours(&self) -> Result<(), Problem> {
        let hours = self.center.hours_of_operation().await?;
        self.held.know(Thing::Hours, &hours);
        self.keep(Thing::Hours, hours).await
    }

    async fn read_flows(&self) -> Result<(), Problem> {
        let mut flows = self.center.flows().await?;
        flows.retain(FlowInfo::is_usable);
        let named = |flow: &FlowInfo| Named { id: flow.id.clone(), name: flow.name.clone() };
        let transfers = flows.iter().filter(|flow| TRANSFERS.contains(&flow.of_type.as_str())).map(named);
        self.keep(Thing::TransferFlow, transfers.collect::<Vec<_>>()).await?;
        self.keep(Thing::Flow, flows.iter().map(named).collect::<Vec<_>>()).await
    }

    async fn read_proficiencies(&self) -> Result<(), Problem> {
        let all = self.center.predefined_attributes().await?;
        let names = all
            .iter()
            .flat_map(|(attribute, values)| values.iter().map(move |value| format!("{attribute}:{value}=")));
        let named = names.map(|name| Named { id: name.clone(), name });
        self.keep(Thing::Proficiency, named.collect::<Vec<_>>()).await
    }

    /// Where quick connects lead, and what each queue offers, which can be had from no search: it is read before anyone waits for it.
    async fn read_queues(&self) -> Result<(), Problem> {
        let quick = self.center.all_quick_connects().await?;
        let quick = quick.into_iter().map(|quick| Named { id: quick.id, name: quick.name });
        self.keep(Thing::QuickConnect, quick).await?;
        let queues = self.center.queues().await?;
        self.held.know(Thing::Queue, &queues);
        self.keep(Thing::Queue, queues.clone()).await?;
        for (no, queue) in queues.iter().enumerate() {
            if no > 0 {
                self.pause(self.pace.queues).await;
            }
            self.center.offered_by(&queue.id).await?;
        }
        Ok(())
    }

    async fn keep(&self, thing: Thing, names: impl IntoIterator<Item = Named>) -> Result<(), Problem> {
        let mut builder = Builder::default();
        names.into_iter().for_each(|named| builder.add(&named.name, ""));
        self.names.read_list(thing, built(builder).await?);
        Ok(())
    }

    async fn pause(&self, how_long: Duration) {
        if !how_long.is_zero() {
            self.clock.sleep(how_long).await;
        }
    }
}

/// Builds on a thread where it keeps no one from answering.
async fn built(builder: Builder) -> Result<Index, Problem> {
    tokio::task::spawn_blocking(|| builder.build())
        .await
        .map_err(|error| Problem::operator("directory", format!("The directory can't be sorted ({error}).")))
}
