//! The desk at work: a configuration becomes an open log, a contact center, and the chat platforms it joins.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_connect::config::SharedCredentialsProvider;
use desk_core::basics::problem::Problem;
use desk_core::desk::Desk;
use desk_core::log::RequestLog as _;
use desk_core::ports::Clock;

use crate::chats::{Chats, Composed, Joining};
use crate::config::Config;
use crate::connect::{self, Connect, NotReady, Patience};
use crate::directory::Directory;
use crate::directory_service::{self, DirectoryService};
use crate::health::Health;
use crate::mail::Mailer;
use crate::salesforce::{self, Salesforce};
use crate::store::{self, Store};
use crate::wiring;

/// How often the desk looks what time has made due: expired plans, and what could not go on before.
const EVERY: Duration = Duration::from_secs(10);

/// How long the directory is good for before it is read again.
const DIRECTORY_LASTS: Duration = Duration::from_secs(600);

/// What a configuration file does not say.
pub struct Options {
    pub clock: Arc<dyn Clock>,
    pub patience: Patience,
    /// Those that AWS's default chain finds, when there are none.
    pub credentials: Option<SharedCredentialsProvider>,
    /// How chat platforms are joined.
    pub chat: wiring::ChatOptions,
}

/// A desk that is open and has joined its chat platforms, from none to several.
pub struct Running {
    pub desk: Arc<Desk>,
    pub store: Store,
    pub directory: Arc<Directory>,
    pub chats: Arc<Chats>,
    pub health: Health,
}

impl Running {
    /// Opens the log, asks the contact center whether it knows the desk, joins the chat platforms, and
    /// writes that the desk started.
    ///
    /// In safe mode it opens all the same: questions are answered, changes refused. It also opens while the contact center
    /// doesn't answer, because that passes; but not with an instance id or credentials that it refuses.
    pub async fn open(config: Config, options: Options) -> Result<Running, Problem> {
        for (line, _) in &config.warnings {
            tracing::warn!(line, "the configuration is worth a second look; `connect-desk check` says why");
        }
        let rules = config.rule_set();
        let secrets_last = Duration::from_secs(u64::from(config.secrets_expire_hours) * 3600);
        let office = Mailer::open(config.mail.clone(), options.credentials.clone()).await?;
        let store = Store::open(
            &config.state,
            store::Options { name: config.log_name.clone(), secrets_last, clock: options.clock.clone() },
        )?;
        let key = store.button_key().ok_or_else(|| {
            store.unsound().unwrap_or_else(|| Problem::log("log_unsound", "The log's folder cannot be used."))
        })?;
        let platforms = wiring::platforms(&config, options.chat, &options.clock, &key)?;
        if platforms.is_empty() {
            tracing::warn!("the configuration names no chat platform: no one can ask for anything");
        }
        let center = Connect::new(
            connect::Options {
                region: config.contact_center.region.clone(),
                instance_id: config.contact_center.instance_id.clone(),
                endpoint: config.contact_center.endpoint.clone(),
                limits: config.limits.clone(),
                patience: options.patience,
            },
            options.credentials.clone(),
            options.clock.clone(),
            store.vault(),
        )
        .await;
        match center.check().await {
            Ok(()) => {}
            Err(NotReady::Wrong(problem)) => return Err(problem),
            Err(NotReady::Later(problem)) => {
                tracing::warn!(code = problem.code, "the desk starts without Amazon Connect: {problem}");
            }
        }
        let health = Health::new(Arc::new(store.clone()), center.clone());
        let directory_service = DirectoryService::new(
            directory_service::Options {
                region: config.contact_center.region,
                directory: config.site.directory.clone(),
                endpoint: config.contact_center.directory_endpoint,
                patience: options.patience,
            },
            options.credentials,
            options.clock.clone(),
            store.vault(),
        )
        .await;
        let salesforce = match &config.salesforce {
            None => None,
            Some(site) => Some(Salesforce::open(
                &site.settings,
                Some(site.limit),
                salesforce::Patience::default(),
                options.clock.clone(),
            )?),
        };
        let (joining, Composed { people, inbox, watcher }) = Joining::of(platforms, config.people);
        let (desk, directory) = wiring::desk(wiring::Parts {
            policy: config.policy,
            people,
            center,
            directory_service,
            salesforce: salesforce.clone(),
            store: &store,
            inbox,
            office,
            secrets_last,
            site: config.site,
            factors: store.factors(options.clock.clone(), &config.log_name, config.first_use),
            turns: config.turns,
            clock: options.clock.clone(),
            watcher,
        });
        let desk = Arc::new(desk);
        let tag = wiring::tag(&store);
        let (state, daily) = (config.state, config.digest);
        let chats = joining.join(desk.clone(), directory.clone(), health.clone(), &tag, state, daily);
        chats.check().await?;
        if let Err(problem) = wiring::write_opened(&desk, &store, &rules).await {
            tracing::error!(code = problem.code, "the desk starts in safe mode: {problem}");
        }
        // It waits for nothing: the contact center may take its time, and every plan checks the names again.
        let checked = desk.clone();
        tokio::spawn(async move { wiring::say_missing_names(&checked).await });
        if let Some(salesforce) = salesforce {
            // The desk works without it, and every command for it signs in by itself.
            tokio::spawn(async move {
                if let Err(problem) = salesforce.check().await {
                    tracing::error!(code = problem.code, "the desk can't sign in to Salesforce: {problem}");
                }
            });
        }
        Ok(Running { desk, store, directory, chats: Arc::new(chats), health })
    }

    /// Serves until the process is told to end; then finishes or parks what runs, and closes the log.
    pub async fn serve(self) -> Result<(), Problem> {
        let health = self.health.clone();
        let healing = tokio::spawn(async move {
            let mut interval = tokio::time::interval(EVERY);
            loop {
                interval.tick().await;
                health.look_again().await;
            }
        });
        let chats = self.chats.clone();
        let ticking = tokio::spawn(async move {
            let mut interval = tokio::time::interval(EVERY);
            loop {
                interval.tick().await;
                chats.tick().await;
            }
        });
        let directory = self.directory.clone();
        let refreshing = tokio::spawn(async move { directory.keep_fresh(DIRECTORY_LASTS).await });
        let chats = self.chats.clone();
        let ending = tokio::spawn(async move {
            told_to_end().await;
            chats.stop();
        });
        let ended = self.chats.serve().await;
        for task in [ticking, healing, refreshing, ending] {
            task.abort();
        }
        let closed = self.store.close();
        ended.and(closed)
    }
}

/// From now on SIGHUP, which ends a process that says nothing else, ends the desk no more. It has nothing to reload yet.
pub fn outlive_hangups() -> Result<(), Problem> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangups = signal(SignalKind::hangup()).map_err(|error| {
            Problem::operator("signals", format!("The program can't wait for signals ({error})."))
                .hint("Start it again, outside of whatever keeps signals from it.")
        })?;
        tokio::spawn(async move {
            while hangups.recv().await.is_some() {
                tracing::warn!(
                    "SIGHUP changes nothing; restart the desk to have it read its configuration again"
                );
            }
        });
    }
    Ok(())
}

/// Returns on SIGTERM or Ctrl-C.
async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            },
            Err(_) => {
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}
