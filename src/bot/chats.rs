//! The chat platforms that the desk has joined, from none to several, and time: what it makes due is taken on here, whichever there are.

use std::any::Any;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use desk_core::basics::current::Current;
use desk_core::basics::ids::{Platform, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Person;
use desk_core::chat::{ByPlatform, Cards, ChatPlatform, Digests, Inboxes};
use desk_core::desk::Desk;
use desk_core::ports::{Inbox, People, Watcher};
use desk_core::request::Phase;
use desk_core::view::digest::Daily;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::directory::Directory;

/// How long what runs may continue after the desk was told to stop, and how long cards may still be drawn.
const FINISH: Duration = Duration::from_secs(5);
const LAST_CARDS: Duration = Duration::from_secs(3);

/// The code of the problem that what people on a platform say doesn't arrive at present.
pub(crate) fn not_connected(platform: Platform) -> String {
    format!("{}_not_connected", platform.word())
}

/// What a desk is built on from a platform.
pub struct Ports {
    pub people: Arc<dyn People>,
    pub inbox: Arc<dyn Inbox>,
    pub chat: Arc<dyn ChatPlatform>,
}

/// What a platform is joined to.
#[derive(Clone)]
pub struct Joined {
    pub desk: Arc<Desk>,
    pub cards: Arc<Cards>,
    pub directory: Arc<Directory>,
    /// The folder of the desk's state.
    pub state: PathBuf,
    /// What runs for people, so that a stop can wait for it.
    pub tasks: TaskTracker,
    /// The desk was told to stop.
    pub stop: CancellationToken,
}

/// A chat platform of the configuration, before there is a desk.
pub trait Joinable: Send {
    fn ports(&self) -> Ports;

    fn join(self: Box<Self>, to: Joined) -> Arc<dyn Adapter>;
}

/// A chat platform that the desk has joined.
#[async_trait]
pub trait Adapter: Any + Send + Sync {
    /// Makes sure that the desk can work there at all.
    async fn check(&self) -> Result<(), Problem>;

    /// Serves people until [`Joined::stop`], or until it cannot continue.
    async fn serve(&self) -> Result<(), Problem>;

    /// What it has to tidy now and then.
    async fn tick(&self) {}
}

/// The platforms of a configuration, and what changed for the cards of each.
pub struct Joining {
    platforms: Vec<Box<dyn Joinable>>,
    ports: Vec<Ports>,
    changed: Vec<mpsc::UnboundedReceiver<RequestNo>>,
}

/// What a desk is built on, of all platforms together.
pub struct Composed {
    pub people: ByPlatform,
    pub inbox: Arc<dyn Inbox>,
    pub watcher: Arc<dyn Watcher>,
}

/// Is told of every new line, and hands it to anyone who draws the cards of each platform.
struct ChangeNotifier(Vec<mpsc::UnboundedSender<RequestNo>>);

impl Watcher for ChangeNotifier {
    fn changed(&self, no: RequestNo) {
        for cards in &self.0 {
            // No one draws any more once the desk has closed, and then no one is told.
            let _ = cards.send(no);
        }
    }
}

impl Joining {
    /// What the desk is built on: its people, its inbox and its watcher, each composed of those of the platforms.
    pub fn of(platforms: Vec<Box<dyn Joinable>>, roster: Current<Vec<Person>>) -> (Joining, Composed) {
        let ports: Vec<Ports> = platforms.iter().map(|platform| platform.ports()).collect();
        let (notified, changed) = ports.iter().map(|_| mpsc::unbounded_channel()).unzip();
        let by = |ports: &Ports| ports.chat.platform();
        let people: BTreeMap<Platform, _> = ports.iter().map(|of| (by(of), of.people.clone())).collect();
        let inboxes: BTreeMap<Platform, _> = ports.iter().map(|of| (by(of), of.inbox.clone())).collect();
        let people = ByPlatform { platforms: people, roster };
        let (inbox, watcher) = (Arc::new(Inboxes(inboxes)), Arc::new(ChangeNotifier(notified)));
        (Joining { platforms, ports, changed }, Composed { people, inbox, watcher })
    }

    /// The whole, once there is a desk. `tag` tells its log from another one in a few characters.
    pub fn join(
        self,
        desk: Arc<Desk>,
        directory: Arc<Directory>,
        tag: &str,
        state: PathBuf,
        daily: Option<Daily>,
    ) -> Chats {
        let Joining { platforms, ports, changed } = self;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let cards: Vec<Arc<Cards>> = ports
            .into_iter()
            .map(|ports| Arc::new(Cards::new(desk.clone(), ports.chat, tag.to_owned())))
            .collect();
        let join = |(platform, cards): (Box<dyn Joinable>, &Arc<Cards>)| {
            platform.join(Joined {
                desk: desk.clone(),
                cards: cards.clone(),
                directory: directory.clone(),
                state: state.clone(),
                tasks: tasks.clone(),
                stop: stop.clone(),
            })
        };
        let adapters = platforms.into_iter().zip(&cards).map(join).collect();
        let digest = |cards: &Arc<Cards>| Some(Arc::new(Digests::new(daily.clone()?, cards.clone())));
        let digests = cards.iter().filter_map(digest).collect();
        Chats {
            adapters,
            digests,
            cards,
            desk,
            tasks,
            stop,
            changed: Mutex::new(changed),
            advancing: Arc::default(),
        }
    }
}

/// The platforms that the desk has joined.
pub struct Chats {
    pub adapters: Vec<Arc<dyn Adapter>>,
    cards: Vec<Arc<Cards>>,
    digests: Vec<Arc<Digests>>,
    desk: Arc<Desk>,
    tasks: TaskTracker,
    stop: CancellationToken,
    changed: Mutex<Vec<mpsc::UnboundedReceiver<RequestNo>>>,
    /// The requests that a tick has taken on. What runs for an hour is due all the time, and is not taken on once more.
    advancing: Arc<Mutex<HashSet<RequestNo>>>,
}

impl Chats {
    /// Makes sure that the desk can work on each platform.
    pub async fn check(&self) -> Result<(), Problem> {
        for adapter in &self.adapters {
            adapter.check().await?;
        }
        Ok(())
    }

    /// Serves people on every platform until told to stop, or until the last of them ended by itself; then whatever runs is finished or
    /// parked. A platform that ends while others continue is a fault that the desk's health names.
    pub async fn serve(&self) -> Result<(), Problem> {
        let last_change = CancellationToken::new();
        let mut drawing = JoinSet::new();
        let changed = std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner));
        for (cards, changed) in self.cards.iter().zip(changed) {
            drawing.spawn(draw_all(cards.clone(), changed, last_change.clone()));
        }
        for cards in &self.cards {
            drawing.spawn(draw_at_start(cards.clone(), self.stop.clone()));
        }
        let mut serving: FuturesUnordered<_> = self.adapters.iter().map(|adapter| adapter.serve()).collect();
        if serving.is_empty() {
            self.stop.cancelled().await;
        }
        let mut ended = Ok(());
        while let Some(one) = serving.next().await {
            match one {
                Err(problem) if !serving.is_empty() && !self.stop.is_cancelled() => {
                    tracing::error!(code = problem.code, "a chat platform ended, and the others continue");
                    self.desk.health.set("platform", Some(problem));
                }
                one => {
                    self.stop.cancel();
                    ended = ended.and(one);
                }
            }
        }
        self.park(drawing, last_change).await;
        ended
    }

    /// Says something of the desk itself where approvers read it, on every platform.
    pub async fn tell(&self, said: &str) {
        for cards in &self.cards {
            cards.tell(said).await;
        }
    }

    /// Tells [`Chats::serve`] to end.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits a little for what runs and for its cards, and says on the cards of what does not end that it continues later.
    async fn park(&self, mut drawing: JoinSet<()>, last_change: CancellationToken) {
        self.tasks.close();
        let finished = tokio::time::timeout(FINISH, self.tasks.wait()).await.is_ok();
        last_change.cancel();
        let last_cards = async {
            while drawing.join_next().await.is_some() {}
            if !finished {
                self.draw_parked().await;
            }
        };
        if tokio::time::timeout(LAST_CARDS, last_cards).await.is_err() {
            tracing::warn!("a chat platform is slow: some cards will be updated only at the next start");
        }
    }

    async fn draw_parked(&self) {
        let note = "The desk was stopped while this was running. It continues when the desk starts again.";
        for no in self.desk.saga.log.open().await.unwrap_or_default() {
            let request = self.desk.request(no).await;
            if request.is_ok_and(|request| request.phase == Phase::Running && request.held.is_none()) {
                for cards in &self.cards {
                    cards.draw(no, Some(note)).await;
                }
            }
        }
    }

    /// Returns when nothing runs for anybody, for tests.
    #[doc(hidden)]
    pub async fn settled(&self) {
        while !self.tasks.is_empty() {
            tokio::task::yield_now().await;
        }
    }

    /// Takes on what time or a start made due. To be called now and then.
    pub async fn tick(&self) {
        if self.desk.saga.log.unsound().is_some() || self.stop.is_cancelled() {
            return;
        }
        for cards in &self.cards {
            let cards = cards.clone();
            self.tasks.spawn(async move { cards.catch_up().await });
        }
        let tick = match self.desk.tick().await {
            Ok(tick) => tick,
            Err(problem) => {
                tracing::error!(code = problem.code, "open requests can't be read: {problem}");
                return;
            }
        };
        for cards in self.cards.iter().filter(|_| !tick.news.is_empty()) {
            let (cards, news) = (cards.clone(), tick.news.clone());
            self.tasks.spawn(async move {
                for said in news {
                    cards.tell(&said).await;
                }
            });
        }
        for no in tick.due {
            let Some(taken) = Advancing::take(&self.advancing, no) else { continue };
            let desk = self.desk.clone();
            self.tasks.spawn(async move {
                let advanced = desk.advance(no).await;
                drop(taken);
                if let Err(problem) = advanced {
                    tracing::warn!(
                        code = problem.code,
                        request = no.0,
                        "a request can't continue: {problem}"
                    );
                }
            });
        }
        for digest in &self.digests {
            let digest = digest.clone();
            self.tasks.spawn(async move { digest.tick().await });
        }
        for adapter in &self.adapters {
            adapter.tick().await;
        }
    }
}

/// A request that is being taken on, until this is dropped.
struct Advancing {
    all: Arc<Mutex<HashSet<RequestNo>>>,
    no: RequestNo,
}

impl Advancing {
    /// `None` if it is being taken on already.
    fn take(all: &Arc<Mutex<HashSet<RequestNo>>>, no: RequestNo) -> Option<Advancing> {
        let is_new = all.lock().unwrap_or_else(PoisonError::into_inner).insert(no);
        is_new.then(|| Advancing { all: all.clone(), no })
    }
}

impl Drop for Advancing {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.no);
    }
}

/// After a start: every open request, and those whose end may not have been drawn before the last stop.
async fn draw_at_start(cards: Arc<Cards>, stop: CancellationToken) {
    match cards.wanted_at_start().await {
        Ok(wanted) => {
            for no in wanted {
                if stop.is_cancelled() {
                    return;
                }
                cards.draw_first(no).await;
            }
        }
        Err(problem) => {
            tracing::error!(code = problem.code, "cards couldn't be updated at the start: {problem}");
        }
    }
}

/// Draws the cards of the requests that changed. Once told to end it draws those that changed until then, and returns.
async fn draw_all(
    cards: Arc<Cards>,
    mut changed: mpsc::UnboundedReceiver<RequestNo>,
    end: CancellationToken,
) {
    let mut at_work: HashMap<tokio::task::Id, RequestNo> = HashMap::new();
    let mut again: HashSet<RequestNo> = HashSet::new();
    let mut drawers = JoinSet::new();
    let mut is_open = true;
    while is_open || !drawers.is_empty() {
        let next = tokio::select! {
            no = changed.recv(), if is_open => {
                is_open = no.is_some();
                no
            },
            // What has changed already is still received after this.
            () = end.cancelled(), if !changed.is_closed() => {
                changed.close();
                None
            }
            Some(ended) = drawers.join_next_with_id() => {
                let task = ended.map_or_else(|fault| fault.id(), |(task, ())| task);
                at_work.remove(&task).and_then(|no| again.take(&no))
            }
        };
        let Some(no) = next else { continue };
        if at_work.values().any(|other| *other == no) {
            // What changes while it is drawn is drawn once more, however often it changed.
            again.insert(no);
            continue;
        }
        if !cards.is_to_be_drawn(no) {
            continue;
        }
        let cards = cards.clone();
        let task = drawers.spawn(async move { cards.draw(no, None).await });
        at_work.insert(task.id(), no);
    }
}
