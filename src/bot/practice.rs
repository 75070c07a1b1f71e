//! A desk to practise on: the real desk, its log and its secrets, with the practice contact center behind the real client.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws_sdk_connect::config::{Credentials, SharedCredentialsProvider};
use desk_core::basics::current::Current;
use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::{Person, Role};
use desk_core::chat::ByPlatform;
use desk_core::desk::Desk;
use desk_core::policy::rule_set::RuleSet;
use desk_core::ports::{Clock, Watcher};
use desk_sim::Sim;

use crate::config::{self, Config};
use crate::console::Paths;
use crate::directory::Directory;
use crate::platforms::ChatSections;
use crate::private;
use crate::store::{self, Store};
use crate::systems::connect::{Limits, Patience};
use crate::systems::mail::Mailer;
use crate::systems::salesforce::SignIn;
use crate::wiring::{self, Wired};

/// The practice desk's people and rules.
pub const PRACTICE: &str = include_str!("practice.toml");

/// The file of the practice contact center in a state folder.
pub const WORLD: &str = "world.json";

/// How long the directory is good for before it is read again.
const DIRECTORY_LASTS: Duration = Duration::from_secs(600);

/// How a practice desk is opened.
#[derive(Clone)]
pub struct Options {
    /// The folder of its world and its log.
    pub state: PathBuf,
    /// People and rules; those of the practice desk when no one gives others.
    pub config: Option<Config>,
    pub clock: Arc<dyn Clock>,
    /// The quotas of the configuration and of the practice contact center hold; without it everything goes as fast as it can.
    pub throttled: bool,
    /// How the practice contact center is opened, but for what this module decides.
    pub sim: desk_sim::Options,
    pub patience: Patience,
    pub watcher: Arc<dyn Watcher>,
    /// The folder in which the paths of files begin; those that the console saved begin in the state folder.
    pub files: PathBuf,
}

/// An open practice desk. Its contact center answers until this is dropped.
pub struct Practice {
    pub desk: Arc<Desk>,
    /// Empty until it is refreshed.
    pub directory: Arc<Directory>,
    pub store: Store,
    pub sim: Sim,
    /// The practice Salesforce, where the configuration has one.
    pub salesforce: Option<desk_sim::salesforce::Salesforce>,
    pub people: Vec<Person>,
    /// What decides here, as the log keeps it.
    pub rules: RuleSet,
    pub endpoint: String,
    serving: Serving,
    serving_salesforce: Option<Serving>,
    refreshing: Option<Serving>,
}

/// A task that works for the desk, ended when this is dropped.
struct Serving(tokio::task::JoinHandle<()>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Practice {
    /// Reads the directory in the background from now on, and every ten minutes again. Not for the clock of scripts, which
    /// that would move.
    pub fn keep_directory_fresh(&mut self) {
        let directory = self.directory.clone();
        self.refreshing.get_or_insert_with(|| {
            Serving(tokio::spawn(async move { directory.keep_fresh(DIRECTORY_LASTS).await }))
        });
    }

    /// Ends everything, so that the folder can be opened again immediately.
    pub async fn close(self) -> Result<(), Problem> {
        let Practice {
            desk, directory, store, sim, salesforce, serving, serving_salesforce, refreshing, ..
        } = self;
        for mut task in refreshing.into_iter().chain(serving_salesforce).chain([serving]) {
            task.0.abort();
            // The tasks hold the world and the log until they have ended; that they were told to is no error.
            let _ = (&mut task.0).await;
        }
        drop((desk, directory, sim, salesforce));
        store.close()
    }
}

/// No one watches.
pub struct Unwatched;

impl Watcher for Unwatched {
    fn changed(&self, _: desk_core::basics::ids::RequestNo) {}
}

/// The clock of the desk, as the practice contact center reads it: one time for both.
pub struct SameClock(pub Arc<dyn Clock>);

impl desk_sim::Clock for SameClock {
    fn now_ms(&self) -> i64 {
        self.0.now().as_millisecond()
    }

    fn sleep(&self, how_long: Duration) -> desk_sim::BoxFuture<'_, ()> {
        Box::pin(self.0.sleep(how_long))
    }
}

/// The practice desk's configuration.
pub fn config() -> Result<Config, Problem> {
    static PARSED: LazyLock<Result<Config, Problem>> = LazyLock::new(|| {
        config::parse(Path::new("practice.toml"), PRACTICE, &desk_commands::all())
            .map_err(|errors| Problem::operator("config", errors.to_string()))
    });
    PARSED.clone()
}

/// A production configuration for practice: its people, rules and texts, and none of its secrets.
///
/// Emails are handed over instead of sent, unless the mail server is one of this machine; Salesforce is the practice one, and no chat platform is joined. At the console people have
/// console accounts, so anyone who has none gets one; and for each role that only a chat platform gives, there is someone who has it.
pub fn practised(mut config: Config) -> Config {
    let mapped: BTreeSet<Role> = config.chats.roles().into_values().collect();
    let taken: BTreeSet<String> = config
        .people
        .iter()
        .flat_map(|person| person.accounts())
        .filter(|id| id.platform() == Platform::Console)
        .map(|id| id.to_string())
        .collect();
    let mut free =
        (1_u64..).filter_map(|number| PersonId::new(Platform::Console, (900_000 + number).to_string()).ok());
    let mut account = || free.find(|id| !taken.contains(&id.to_string()));
    for person in &mut config.people {
        if person.id.platform() == Platform::Console {
            continue;
        }
        let given = person.also.iter().find(|id| id.platform() == Platform::Console).cloned();
        let Some(id) = given.or_else(&mut account) else { continue };
        for shift in &mut config.site.emergencies.shifts {
            if shift.person == person.id {
                shift.person = id.clone();
            }
        }
        person.also.remove(&id);
        let real = std::mem::replace(&mut person.id, id);
        person.also.insert(real);
    }
    for role in mapped {
        let has = config.people.iter().any(|person| person.roles.len() == 1 && person.roles.contains(&role));
        if let Some(id) = account().filter(|_| !has) {
            let name = role.word().to_owned();
            config.people.push(Person { id, name, roles: [role].into(), login: None, also: BTreeSet::new() });
        }
    }
    config.systems = config.systems.practised();
    // What the practice contact center exports takes no real export's place.
    for schedule in &mut config.site.schedules {
        schedule.folder = None;
    }
    config.chats = ChatSections::default();
    config
}

impl Practice {
    /// Opens the world, then the log, then the desk over both. Open requests are not advanced yet.
    pub async fn open(options: Options) -> Result<Practice, Problem> {
        let mut config = match options.config {
            Some(config) => config,
            None => config()?,
        };
        let rules = config.rule_set();
        private::create(&options.state).map_err(|error| {
            Problem::operator(
                "state_folder",
                format!("The state folder {} can't be created ({error}).", options.state.display()),
            )
            .hint("Choose another with `--state`, or get permission to write there.")
        })?;
        // A folder with anything else in it, such as someone's home, is left as it is but for the desk's own.
        let is_ours = options.state.join(WORLD).exists() && options.state.join("desk").exists();
        private::tighten(&if is_ours { options.state.clone() } else { options.state.join("desk") })?;
        let secrets_last = config.secrets_last();
        let credentials =
            SharedCredentialsProvider::new(Credentials::new("practice", "practice", None, None, "practice"));
        // A practice desk that mails through the real SES needs real credentials; a stand-in for it takes any.
        let stands_in = config.systems.email.is_practised().then(|| credentials.clone());
        let mailer = Mailer::open(config.systems.email.clone(), stands_in, options.clock.clone()).await?;
        let store = Store::open(
            &options.state.join("desk"),
            store::Options { name: config.log_name.clone(), secrets_last, clock: options.clock.clone() },
        )?;
        let sim = Sim::open(desk_sim::Options {
            state: Some(options.state.join(WORLD)),
            deterministic_ids: true,
            clock: Arc::new(SameClock(options.clock.clone())),
            limits: if options.throttled { options.sim.limits } else { desk_sim::Limits::Unthrottled },
            ..options.sim
        })
        .map_err(sim_problem)?;
        let (listener, endpoint) = listen().await?;
        let served = sim.clone();
        let serving = tokio::spawn(async move {
            let Err(error) = served.serve(listener).await;
            tracing::error!(%error, "the practice contact center stopped");
        });
        config.contact_center.instance_id = sim.instance_id();
        config.contact_center.endpoint = Some(endpoint.clone());
        // The directory is the practice contact center's own, as its instance is.
        config.contact_center.directory_endpoint = Some(endpoint.clone());
        config.site.directory = config.site.directory.and(sim.directory_id()).map(str::to_owned);
        if !options.throttled {
            config.limits = Limits { every: None, operations: Default::default() };
        }
        let (mut practised, mut serving_salesforce) = (None, None);
        if let Some(site) = &mut config.systems.salesforce {
            let practice = desk_sim::salesforce::Salesforce::open(desk_sim::salesforce::Options {
                state: Some(options.state.join(format!("{WORLD}.salesforce"))),
                certificate: None,
                clock: Arc::new(SameClock(options.clock.clone())),
            })
            .map_err(sim_problem)?;
            let (listener, login_url) = listen().await?;
            let served = practice.clone();
            serving_salesforce = Some(Serving(tokio::spawn(async move {
                let Err(error) = served.serve(listener).await;
                tracing::error!(%error, "the practice Salesforce stopped");
            })));
            // Everything but where it is and how to come in is as the site has it.
            site.settings.login_url = login_url;
            site.settings.client_id = desk_sim::salesforce::CLIENT_ID.to_owned();
            site.settings.sign_in = SignIn::Practice;
            if !options.throttled {
                site.limit = None;
            }
            practised = Some(practice);
        }
        let parts = wiring::Parts {
            people: ByPlatform { platforms: BTreeMap::new(), roster: Current::new(config.people.clone()) },
            store: &store,
            inbox: Arc::new(Paths { folders: vec![options.files, options.state.clone()] }),
            mailer,
            credentials: Some(credentials),
            patience: options.patience,
            clock: options.clock,
            watcher: options.watcher,
        };
        let Wired { desk, directory, .. } = wiring::desk(&config, parts).await?;
        Ok(Practice {
            desk,
            directory,
            store,
            sim,
            salesforce: practised,
            people: config.people,
            rules,
            endpoint,
            serving: Serving(serving),
            serving_salesforce,
            refreshing: None,
        })
    }
}

/// A place on loopback that only this machine reaches, and its address.
async fn listen() -> Result<(tokio::net::TcpListener, String), Problem> {
    let listener = desk_sim::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.map_err(sim_problem)?;
    let address = listener.local_addr().map_err(|error| {
        Problem::operator("practice", format!("The practice contact center has no address ({error})."))
            .hint("Start again.")
    })?;
    Ok((listener, format!("http://{address}")))
}

fn sim_problem(error: desk_sim::SimError) -> Problem {
    Problem::operator("practice", error.to_string())
}
