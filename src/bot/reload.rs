//! A running desk takes a changed configuration: whole, or not at all and with the reason.
//!
//! What decides who may do what is taken on, with a line in the approval log before it counts: policy, people, protected users,
//! emergencies, what new users get; and the program's own log. Everything else is tied to what is open, such as a connection or a
//! folder, and needs a restart.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use desk_core::basics::problem::Problem;
use desk_core::basics::text::list;
use desk_core::desk::Desk;
use desk_core::policy::site::Site;
use desk_core::ports::Clock as _;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::clock::SystemClock;
use crate::config::{self, Config};
use crate::folder::{Folder, NotOpened, Writes};
use crate::store::Store;
use crate::{telemetry, wiring};

/// The process that runs, and what became of its last reload.
const PROCESS: &str = "process.json";

/// How long the desk may take to answer, and how often it is looked for.
const WITHIN: Duration = Duration::from_secs(15);
const EVERY: Duration = Duration::from_millis(50);

/// SIGHUPs, of which several at a time are one.
#[derive(Clone)]
pub struct Hangups(Arc<Notify>);

impl Hangups {
    /// From now on SIGHUP no longer ends the process.
    pub fn caught() -> Result<Hangups, Problem> {
        let notify = Arc::new(Notify::new());
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut hangups = signal(SignalKind::hangup()).map_err(|error| {
                Problem::operator("signals", format!("The program can't receive signals ({error})."))
                    .hint("Restart it in an environment that allows signals.")
            })?;
            let notify = notify.clone();
            tokio::spawn(async move {
                while hangups.recv().await.is_some() {
                    notify.notify_one();
                }
            });
        }
        Ok(Hangups(notify))
    }

    /// Returns after the next one, or immediately if there was one since.
    pub async fn next(&self) {
        self.0.notified().await;
    }
}

/// What is in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Process {
    pid: u32,
    /// The configuration that it reads.
    #[serde(default)]
    config: Option<PathBuf>,
    /// How often it has read its configuration again.
    reloads: u64,
    taken: bool,
    /// What it said the last time.
    said: String,
}

/// What a running desk goes by, and what of it can be replaced.
pub struct Reloading {
    config: Mutex<Config>,
    desk: Arc<Desk>,
    store: Store,
    reloads: Mutex<u64>,
}

impl Reloading {
    pub fn new(config: Config, desk: Arc<Desk>, store: Store) -> Reloading {
        Reloading { config: Mutex::new(config), desk, store, reloads: Mutex::default() }
    }

    /// Takes this configuration in place of the one it runs by. Gives what changed, as a sentence.
    pub async fn take(&self, new: Config) -> Result<String, Problem> {
        let old = self.config.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let fixed = needs_restart(&old, &new);
        if !fixed.is_empty() {
            return Err(Problem::operator(
                "reload_needs_restart",
                format!("{} changed, which needs a restart.", list(&fixed, "and")),
            )
            .hint("Restart the desk, or undo that change and reload. No change was applied."));
        }
        let rules = new.rule_set();
        // The log's target is the one thing that can fail, so it goes before what can't.
        telemetry::change(&new.program_log)?;
        let changed = match wiring::write_rules(&self.desk, &self.store, &rules).await {
            Ok(changed) => changed,
            Err(problem) => {
                let _ = telemetry::change(&old.program_log);
                return Err(problem);
            }
        };
        self.desk.roster.set(new.people.clone());
        self.desk.site.set(new.site.clone());
        self.desk.policy.set(new.policy.clone());
        let others = old.program_log != new.program_log || old.site != new.site;
        let digest = rules.digest();
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(match (changed, others) {
            (true, _) => {
                format!("The new policy ({digest}) applies from now on. Approvals are checked against it.")
            }
            (false, true) => "The policy is unchanged. The other changes apply from now on.".to_owned(),
            (false, false) => "The policy is unchanged.".to_owned(),
        })
    }

    /// Reads the file again and takes it.
    pub(crate) async fn again(&self, path: &Path) {
        let read = config::read(path, &desk_commands::all())
            .map_err(|errors| Problem::operator("config", errors.to_string()).hint("No change was applied."));
        let taken = match read {
            Ok(new) => self.take(new).await,
            Err(problem) => Err(problem),
        };
        match &taken {
            Ok(said) => tracing::info!("reloaded: {said}"),
            Err(problem) => tracing::error!(code = problem.code, "not reloaded: {problem}"),
        }
        *self.reloads.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.note(path, &taken);
    }

    /// Writes down which process runs, for those who want it to reload.
    pub(crate) fn note_process(&self, path: &Path) {
        self.note(path, &Ok(String::new()));
    }

    fn note(&self, path: &Path, taken: &Result<String, Problem>) {
        let process = Process {
            pid: std::process::id(),
            config: std::path::absolute(path).ok(),
            reloads: *self.reloads.lock().unwrap_or_else(PoisonError::into_inner),
            taken: taken.is_ok(),
            said: taken.as_ref().map_or_else(Problem::to_string, Clone::clone),
        };
        let state = self.config.lock().unwrap_or_else(PoisonError::into_inner).state.clone();
        let text = serde_json::to_vec(&process).unwrap_or_default();
        if let Err(error) = Writes::default().replace(&state, PROCESS, &text) {
            tracing::warn!(%error, "`connect-desk reload --config FILE` won't find this process");
        }
    }
}

/// The sections that differ and can't be taken.
fn needs_restart(old: &Config, new: &Config) -> Vec<String> {
    let (old, new) = (fixed(old), fixed(new));
    let gone = old.iter().filter(|(name, _)| new.iter().all(|(other, _)| other != name));
    let other = new.iter().filter(|section| !old.contains(section));
    other.chain(gone).map(|(name, _)| name.clone()).collect()
}

/// The sections that can't be taken, each with what it says.
fn fixed(config: &Config) -> Vec<(String, String)> {
    // All members are named, so that a new section is either here or taken.
    let Config {
        contact_center,
        limits,
        turns,
        state,
        log_name,
        program_log: _,
        monitoring,
        secrets_expire_hours,
        first_use,
        people: _,
        policy: _,
        warnings: _,
        site: Site { new_users: _, protected: _, emergencies: _, directory, schedules: _ },
        digest,
        // What is below these is asked by section.
        systems: _,
        chats: _,
    } = config;
    let own = [
        ("[contact_center]", format!("{contact_center:?} {directory:?}")),
        ("[limits]", format!("{limits:?} {turns:?}")),
        ("[state]", format!("{state:?}")),
        ("`name` under [log]", log_name.clone()),
        ("[secrets]", secrets_expire_hours.to_string()),
        ("[authenticators]", first_use.to_string()),
        ("[monitoring]", format!("{monitoring:?}")),
        ("[digest]", format!("{digest:?}")),
    ];
    let outside = config
        .sections()
        .into_iter()
        .map(|section| (format!("[{}]", section.name()), format!("{section:?}")));
    own.map(|(name, said)| (name.to_owned(), said)).into_iter().chain(outside).collect()
}

/// Has the desk that runs in this folder read its configuration again, which has to be this one, and gives what it said.
pub(crate) async fn ask(state: &Path, config: &Path) -> Result<String, Problem> {
    let none = || {
        Problem::operator("reload_no_desk", format!("No desk runs in {}.", state.display()))
            .hint("Start it. It reads the configuration when it starts.")
    };
    // A file of a process that ended may name another one by now; only a desk that runs holds the lock.
    match Folder::hold(state) {
        Err(NotOpened::Held(_)) => {}
        Err(NotOpened::Unusable(problem)) => return Err(problem),
        Ok(_) => return Err(none()),
    }
    let before = read(state).ok_or_else(none)?;
    if let Some(other) = before.config.as_deref().filter(|other| !is_same(other, config)) {
        let (other, config) = (other.display(), config.display());
        return Err(Problem::operator(
            "reload_other",
            format!("The desk runs with {other} and doesn't read {config}."),
        )
        .hint(format!("Run `connect-desk reload --config {other}`.")));
    }
    hang_up(before.pid)?;
    let clock = SystemClock::default();
    while clock.monotonic() < WITHIN {
        clock.sleep(EVERY).await;
        match read(state) {
            Some(now) if now.reloads > before.reloads && now.taken => return Ok(now.said),
            Some(now) if now.reloads > before.reloads => {
                return Err(Problem::operator(
                    "reload_refused",
                    format!("The desk continues with the old configuration. {}", now.said),
                ));
            }
            _ => {}
        }
    }
    Err(Problem::operator("reload_silent", "The desk didn't confirm the reload.").hint("Check its log."))
}

/// Whether two paths lead to the same file, also if one of them is a link.
fn is_same(one: &Path, other: &Path) -> bool {
    let is_it = |paths: [std::io::Result<PathBuf>; 2]| matches!(paths, [Ok(one), Ok(other)] if one == other);
    is_it([one, other].map(std::path::absolute)) || is_it([one, other].map(Path::canonicalize))
}

fn read(state: &Path) -> Option<Process> {
    serde_json::from_slice(&std::fs::read(state.join(PROCESS)).ok()?).ok()
}

#[cfg(unix)]
fn hang_up(pid: u32) -> Result<(), Problem> {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.map_or(Ok(()), |pid| kill_process(pid, Signal::HUP)).map_err(|error| {
        Problem::operator("reload_no_right", format!("The desk can't be told to reload ({error})."))
            .hint("Run this as the desk's account or as root, or run `systemctl reload connect-desk`.")
    })
}

#[cfg(not(unix))]
fn hang_up(_: u32) -> Result<(), Problem> {
    Err(Problem::operator("reload_no_signals", "This system has no SIGHUP.").hint("Restart the desk."))
}
