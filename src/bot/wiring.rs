//! A configuration becomes a desk: its log, its systems and its chat platforms, put together.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_connect::config::SharedCredentialsProvider;
use desk_core::assess::references;
use desk_core::basics::current::Current;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Person;
use desk_core::chat::ByPlatform;
use desk_core::desk::Desk;
use desk_core::desk::saga::SagaContext;
use desk_core::log::{Append, AppendError, Draft, Event, RequestLog as _};
use desk_core::policy::rule_set::{RuleChange, RuleSet};
use desk_core::ports::health::Health;
use desk_core::ports::{Clock, Inbox, SalesforceOrg, Watcher};
use secrecy::SecretBox;

use crate::chats::Joinable;
use crate::config::Config;
use crate::directory::{Directory, Names};
use crate::rate_limits::PersonRateLimiter;
use crate::section::Opening;
use crate::starter;
use crate::store::Store;
use crate::systems::connect::{Connect, Patience};
use crate::systems::mail::{Codes, Mailer};
use crate::systems::salesforce::Salesforce;
use crate::systems::{self, Systems};

/// What a configuration file does not say of the chat platforms.
#[derive(Default)]
pub struct ChatOptions {
    /// Another HTTP client than a platform's own.
    pub client: Option<reqwest::Client>,
    /// How long a call may take until it counts as lost, where that is not as usual.
    pub answers_within: Option<Duration>,
    /// Platforms beside those of the configuration, as tests have them.
    pub others: Vec<Box<dyn Joinable>>,
}

/// The chat platforms of the configuration, ready to join. Each reads its own token.
pub fn platforms(
    config: &Config,
    roster: &Current<Vec<Person>>,
    options: ChatOptions,
    clock: &Arc<dyn Clock>,
    key: &Arc<SecretBox<[u8; 32]>>,
) -> Result<Vec<Box<dyn Joinable>>, Problem> {
    let ChatOptions { client, answers_within, mut others } = options;
    let with =
        Opening { roster: roster.clone(), clock: clock.clone(), key: key.clone(), client, answers_within };
    for section in config.chats.all() {
        others.push(section.open(&with)?);
    }
    Ok(others)
}

/// What a desk is put together from, beside its configuration.
pub struct Parts<'a> {
    pub people: ByPlatform,
    pub store: &'a Store,
    pub inbox: Arc<dyn Inbox>,
    pub mailer: Mailer,
    /// Those that AWS's default chain finds, when there are none.
    pub credentials: Option<SharedCredentialsProvider>,
    pub patience: Patience,
    pub clock: Arc<dyn Clock>,
    pub watcher: Arc<dyn Watcher>,
}

/// A desk, and what of it the process looks after.
pub struct Wired {
    pub desk: Arc<Desk>,
    /// What the desk can be asked about; empty until it is refreshed.
    pub directory: Arc<Directory>,
    pub center: Arc<Connect>,
    /// Where the site has it.
    pub salesforce: Option<Salesforce>,
}

/// Opens the outside systems of a configuration and puts a desk together over them. Nothing is asked of them yet.
pub async fn desk(config: &Config, parts: Parts<'_>) -> Result<Wired, Problem> {
    let Parts { people, store, inbox, mailer, credentials, patience, clock, watcher } = parts;
    let factors = store.factors(clock.clone(), &config.log_name, config.first_use);
    let (names, learner) = Names::learning(clock.clone());
    let mailer = Arc::new(mailer);
    let log = Arc::new(store.clone());
    let systems = Systems::open(systems::Parts {
        sections: &config.systems,
        contact_center: &config.contact_center,
        limits: config.limits.clone(),
        directory: config.site.directory.clone(),
        secrets_last: config.secrets_last(),
        vault: store.vault(),
        factors: factors.clone(),
        log: log.clone(),
        mailer: mailer.clone(),
        tag: tag(store),
        credentials,
        patience,
        clock: clock.clone(),
        learner,
    })
    .await?;
    let systems = Arc::new(systems);
    let (center, salesforce) = (systems.center.clone(), systems.salesforce.org.clone());
    let directory = Arc::new(Directory::new(names, center.clone(), clock.clone(), center.pace()));
    let caller_codes = Codes::new(mailer.clone(), store.vault(), clock.clone(), tag(store));
    let (of_log, of_center) = (store.clone(), center.clone());
    let watched = Arc::new(move || of_log.unsound().into_iter().chain(of_center.trouble()).collect());
    let desk = Desk {
        commands: desk_commands::all(),
        policy: Current::new(config.policy.clone()),
        center: center.clone(),
        salesforce: salesforce.clone().map(|org| -> Arc<dyn SalesforceOrg> { Arc::new(org) }),
        roster: people.roster.clone(),
        people: Arc::new(people),
        vault: store.vault(),
        factors,
        turns: Arc::new(PersonRateLimiter::new(config.turns.clone(), clock.clone())),
        caller_codes: Arc::new(caller_codes),
        inbox,
        emails: mailer,
        site: Current::new(config.site.clone()),
        health: Arc::new(Health::new(store.said(), watched)),
        saga: SagaContext { executor: systems, log, clock, watcher },
        watch: Default::default(),
    };
    Ok(Wired { desk: Arc::new(desk), directory, center, salesforce })
}

/// Tells the operator which names of the configuration the contact center doesn't have: they protect no one and match nothing.
pub async fn say_missing_names(desk: &Desk) {
    match references::missing(desk.center.as_ref(), references::all(&desk.policy.get(), &desk.site.get()))
        .await
    {
        Ok(missing) => {
            for one in missing {
                // A user may come and go, and the program's log names no one.
                if one.kind == references::Kind::Login {
                    tracing::info!("{} names a login that no user has", one.place);
                } else {
                    tracing::error!("{}", one.missing());
                }
            }
        }
        Err(problem) => {
            tracing::warn!(code = problem.code, "the names in the configuration can't be checked: {problem}");
        }
    }
}

/// A few letters and digits that only this log has, for ids outside.
pub fn tag(store: &Store) -> String {
    store.verifier().chars().rev().filter(char::is_ascii_alphanumeric).take(6).collect()
}

/// Writes that the desk started, and by which rules when these are others than the log knows. In safe mode nothing is
/// written and the problem is given back.
pub async fn write_opened(desk: &Desk, store: &Store, rules: &RuleSet) -> Result<(), Problem> {
    // Before there is a newer line that hides what the clock said last.
    desk.notice_clock().await;
    let opened = Event::Opened {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        key: store.verifier(),
        policy: rules.digest(),
    };
    let changed = changed_rules(store, rules)?;
    let drafts = std::iter::once(opened).chain(changed).map(|event| Draft {
        at: desk.saga.clock.now(),
        by: None,
        about: Vec::new(),
        event,
    });
    append(desk, drafts.collect()).await
}

/// Writes that the desk uses a different policy from now on, if these are others. Gives whether they are.
pub async fn write_rules(desk: &Desk, store: &Store, rules: &RuleSet) -> Result<bool, Problem> {
    let Some(event) = changed_rules(store, rules)? else { return Ok(false) };
    let at = desk.saga.clock.now();
    append(desk, vec![Draft { at, by: None, about: Vec::new(), event }]).await.map(|()| true)
}

/// What the log doesn't say yet of the rules.
fn changed_rules(store: &Store, rules: &RuleSet) -> Result<Option<Event>, Problem> {
    let known = store.rules()?;
    let before = known.as_ref().and_then(|line| match &line.event {
        Event::PolicyChanged(change) => Some(change.as_ref()),
        _ => None,
    });
    let changed = RuleChange::between(before, rules, starter::of_process());
    if let Some(change) = &changed {
        tracing::info!(before = change.before, after = change.after, "the desk uses a different policy");
    }
    Ok(changed.map(|change| Event::PolicyChanged(Box::new(change))))
}

async fn append(desk: &Desk, drafts: Vec<Draft>) -> Result<(), Problem> {
    match desk.saga.log.append(Append::Desk, drafts).await {
        Ok(_) => Ok(()),
        Err(AppendError::Failed(problem) | AppendError::Unknown(problem)) => Err(problem),
        Err(AppendError::Conflict) => Ok(()),
    }
}
