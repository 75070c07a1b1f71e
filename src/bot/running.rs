//! The desk at work: a configuration becomes an open log, a contact center, and the chat platforms it joins.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_connect::config::SharedCredentialsProvider;
use desk_core::basics::current::Current;
use desk_core::basics::problem::Problem;
use desk_core::desk::Desk;
use desk_core::log::RequestLog as _;
use desk_core::ports::Clock;
use tokio::net::TcpListener;

use crate::chats::{Chats, Composed, Joining};
use crate::config::Config;
use crate::directory::Directory;
use crate::health::{Health, Turn};
use crate::monitoring::{self, Monitoring};
use crate::reload::{Hangups, Reloading};
use crate::store::{self, Store};
use crate::systemd;
use crate::systems::connect::{NotReady, Patience};
use crate::systems::mail::Mailer;
use crate::wiring::{self, Wired};

/// How often the desk looks what time has made due: expired plans, and what could not continue before.
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
    pub watched: Watched,
    pub reloading: Arc<Reloading>,
}

/// How the desk is watched over.
pub struct Watched {
    monitoring: Arc<Monitoring>,
    /// The port for monitoring, bound.
    listener: Option<TcpListener>,
    announce: bool,
}

impl Running {
    /// Opens the log, asks the contact center whether it knows the desk, joins the chat platforms, and
    /// writes that the desk started.
    ///
    /// In safe mode it opens all the same: questions are answered, changes refused. It also opens while the contact center
    /// doesn't answer, because that passes; but not with an instance id or credentials that it refuses.
    pub async fn open(config: Config, options: Options) -> Result<Running, Problem> {
        for (line, _) in &config.warnings {
            tracing::warn!(line, "the configuration has warnings; run `connect-desk check --config FILE`");
        }
        let rules = config.rule_set();
        let listener = match config.monitoring.listen {
            Some(listen) => Some(monitoring::bind(listen).await?),
            None => None,
        };
        let secrets_last = config.secrets_last();
        let mailer =
            Mailer::open(config.systems.email.clone(), options.credentials.clone(), options.clock.clone())
                .await?;
        let store = Store::open(
            &config.state,
            store::Options { name: config.log_name.clone(), secrets_last, clock: options.clock.clone() },
        )?;
        let key = store.button_key().ok_or_else(|| {
            store.unsound().unwrap_or_else(|| Problem::log("log_unsound", "The log's folder can't be used."))
        })?;
        let roster = Current::new(config.people.clone());
        let platforms = wiring::platforms(&config, &roster, options.chat, &options.clock, &key)?;
        if platforms.is_empty() {
            tracing::warn!("no chat platform is configured: no one can request anything");
        }
        let (joining, Composed { people, inbox, watcher }) = Joining::of(platforms, roster);
        let parts = wiring::Parts {
            people,
            store: &store,
            inbox,
            mailer,
            credentials: options.credentials,
            patience: options.patience,
            clock: options.clock.clone(),
            watcher,
        };
        let Wired { desk, directory, center, salesforce } = wiring::desk(&config, parts).await?;
        let mut answers = false;
        match center.check().await {
            Ok(()) => answers = true,
            Err(NotReady::Wrong(problem)) => return Err(problem),
            Err(NotReady::Later(problem)) => {
                tracing::warn!(code = problem.code, "the desk starts without Amazon Connect: {problem}");
            }
        }
        let tag = wiring::tag(&store);
        let (state, daily) = (config.state.clone(), config.digest.clone());
        let health = Health::new(desk.health.clone(), center.clone());
        let chats = joining.join(desk.clone(), directory.clone(), &tag, state.clone(), daily);
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
        if answers {
            health.open();
        }
        let monitoring = Arc::new(Monitoring {
            desk: desk.clone(),
            center,
            store: store.clone(),
            state,
            started: options.clock.now(),
        });
        let watched = Watched { monitoring, listener, announce: config.monitoring.announce };
        let reloading = Arc::new(Reloading::new(config, desk.clone(), store.clone()));
        Ok(Running { desk, store, directory, chats: Arc::new(chats), health, watched, reloading })
    }

    /// Serves until the process is told to end; then finishes or parks what runs, and closes the log.
    ///
    /// With `hangups`, each SIGHUP has the desk read this file again.
    pub async fn serve(self, hangups: Option<(Hangups, PathBuf)>) -> Result<(), Problem> {
        let Watched { monitoring, listener, announce } = self.watched;
        let (health, chats) = (self.health.clone(), self.chats.clone());
        let healing = tokio::spawn(async move {
            let mut interval = tokio::time::interval(EVERY);
            loop {
                interval.tick().await;
                health.look_again().await;
                if let Some(turn) = health.turn() {
                    say_turn(&turn, announce.then_some(chats.as_ref())).await;
                }
            }
        });
        let answering = tokio::spawn(async move {
            if let Some(listener) = listener {
                monitoring.serve(listener).await;
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
        let reloading = self.reloading.clone();
        let rereading = tokio::spawn(async move {
            let Some((hangups, path)) = hangups else { return };
            loop {
                hangups.next().await;
                reloading.again(&path).await;
            }
        });
        // From the runtime that does the work, so that systemd learns when it hangs.
        let living = tokio::spawn(async move {
            let Some(every) = systemd::watchdog() else { return };
            let mut interval = tokio::time::interval(every);
            loop {
                interval.tick().await;
                systemd::alive();
            }
        });
        let directory = self.directory.clone();
        let refreshing = tokio::spawn(async move { directory.keep_fresh(DIRECTORY_LASTS).await });
        let (chats, health) = (self.chats.clone(), self.health.clone());
        let ending = tokio::spawn(async move {
            told_to_end().await;
            tracing::info!("stopping: running steps are finished or paused");
            health.stopping();
            systemd::stopping();
            chats.stop();
        });
        let ended = self.chats.serve().await;
        for task in [ticking, healing, refreshing, ending, living, answering, rereading] {
            task.abort();
        }
        let lines = self.store.size();
        let closed = self.store.close();
        match ended.as_ref().and(closed.as_ref()) {
            Ok(()) => tracing::info!(lines, "the desk stopped and the log is closed"),
            Err(problem) => tracing::error!(code = problem.code, "the desk stopped: {problem}"),
        }
        ended.and(closed)
    }
}

/// Says that the desk degraded or recovered: in the program's log, to systemd, and to people where there are any.
async fn say_turn(turn: &Turn, chats: Option<&Chats>) {
    let said = match turn {
        Turn::Recovered => {
            tracing::info!("the desk works again");
            "The desk works again.".to_owned()
        }
        Turn::Degraded(problems) => {
            for problem in problems {
                tracing::error!(code = problem.code, "the desk is degraded: {problem}");
            }
            let reasons: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
            format!(
                "The desk is degraded: {} Requests that change something may have to wait. Use `/desk status` for details.",
                reasons.join(" ")
            )
        }
    };
    systemd::status(&said);
    if let Some(chats) = chats {
        chats.tell(&said).await;
    }
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
