//! `connect-desk doctor`: what is wrong between this host and everything that the desk needs. It changes nothing anywhere; what can't be
//! tried without effect is said as untried. A desk may be running.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use desk_core::basics::text::{code, list, span};
use desk_core::center::{ContactCenter as _, WholeReader as _};
use desk_core::policy::Policy;
use desk_core::ports::Clock;
use jiff::Timestamp;

use crate::clock::SystemClock;
use crate::config::Config;
use crate::folder::Writes;
use crate::report::{Level, Report};
use crate::section::Section;
use crate::systems::aws;
use crate::systems::connect::{self, Connect, NotReady, Patience, QUOTAS_NOT_ALLOWED, Tried};
use crate::{backup, iam, inspect};

/// How long anything may take to answer.
const WITHIN: Duration = Duration::from_secs(15);

/// How far the clock may be off: AWS refuses signatures beyond five minutes.
const CLOCK_WARNING: i64 = 30;
const CLOCK_FAILURE: i64 = 270;

/// Free space, in bytes.
const SPACE_WARNING: u64 = 1 << 30;
const SPACE_FAILURE: u64 = 64 << 20;

/// How long a line of the log may take to be on disk.
const SYNC_WARNING: Duration = Duration::from_millis(50);

/// How old a backup may be, in seconds.
const BACKUP_WARNING: i64 = 8 * 86_400;

/// Looks at everything.
pub async fn look(path: &Path, report: &mut Report) {
    let Some(config) = inspect::check(path, report) else { return };
    aws(path, &config, report).await;
    for section in config.sections() {
        outside(section, &config.policy, report).await;
    }
    disk(&config.state, report);
    last_backup(&config.state, report);
}

async fn aws(path: &Path, config: &Config, report: &mut Report) {
    let region = aws_config::Region::new(config.contact_center.region.clone());
    let skewed = clock(config, report).await;
    let provider = aws::credentials(None, &region).await;
    let Some(provider) = provider else {
        report.add(
            Level::Failure,
            "aws credentials",
            "There are no AWS credentials.",
            "Give the host a role, set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        );
        return;
    };
    match tokio::time::timeout(WITHIN, provider.provide_credentials()).await {
        Ok(Ok(found)) => {
            let id = found.access_key_id();
            let end: String = id.chars().skip(id.chars().count().saturating_sub(4)).collect();
            let session = if id.starts_with("ASIA") { "temporary key" } else { "long-lived key" };
            let left = found.expiry().and_then(|at| Timestamp::try_from(at).ok());
            let until = left.map(|at| format!(", until {at}")).unwrap_or_default();
            let who = identity(config, provider.clone()).await;
            let who = who.map(|who| format!(" of {}", code(&who))).unwrap_or_default();
            report.ok("aws credentials", format!("A {session}{who} that ends in {}{until}.", code(&end)));
        }
        Ok(Err(error)) => {
            report.add(
                Level::Failure,
                "aws credentials",
                format!("AWS credentials can't be obtained ({}).", aws::cause(&error)),
                "Give the host a role, set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
            );
            return;
        }
        Err(_) => {
            report.add(
                Level::Failure,
                "aws credentials",
                "The AWS credentials provider doesn't answer.",
                "Check the instance's metadata service, or AWS_PROFILE.",
            );
            return;
        }
    }
    let center = Connect::new(
        connect::Options {
            region: config.contact_center.region.clone(),
            instance_id: config.contact_center.instance_id.clone(),
            endpoint: config.contact_center.endpoint.clone(),
            limits: config.limits.clone(),
            patience: Patience::default(),
        },
        None,
        Arc::new(SystemClock::default()),
    )
    .await;
    match tokio::time::timeout(WITHIN, center.check()).await {
        Ok(Ok(())) => {}
        Ok(Err(NotReady::Wrong(problem) | NotReady::Later(problem))) => {
            report.problem(Level::Failure, "amazon connect", &problem);
            if skewed {
                report.add(
                    Level::Failure,
                    "amazon connect",
                    "The wrong clock may be the cause.",
                    "Set the clock first.",
                );
            }
            return;
        }
        Err(_) => {
            report.add(
                Level::Failure,
                "amazon connect",
                "Amazon Connect doesn't answer.",
                "Check this host's network.",
            );
            return;
        }
    }
    match center.instance().await {
        Ok(instance) => report.ok(
            "amazon connect",
            format!(
                "The instance {} answers. Users sign in with {}.",
                code(&config.contact_center.instance_id),
                instance.identity.sign_in()
            ),
        ),
        Err(problem) => report.problem(Level::Failure, "amazon connect", &problem),
    }
    rights(path, config, &center, report).await;
}

/// Who the credentials are of, by AWS's own word; none where it can't be asked. It needs no permission.
async fn identity(config: &Config, credentials: SharedCredentialsProvider) -> Option<String> {
    let center = &config.contact_center;
    let shared =
        aws::config(&center.region, center.endpoint.clone(), Some(credentials), aws::CONNECT, WITHIN).await;
    let client = aws_sdk_sts::Client::new(&shared);
    let answer = tokio::time::timeout(WITHIN, client.get_caller_identity().send()).await.ok()?.ok()?;
    answer.arn
}

/// Each permission that the commands need which the rules allow.
async fn rights(path: &Path, config: &Config, center: &Connect, report: &mut Report) {
    let needed: BTreeSet<&'static str> = iam::operations(config);
    let of_connect: BTreeSet<&'static str> =
        needed.iter().copied().filter(|operation| !operation.contains(':')).collect();
    let iam = format!("`connect-desk iam --config {}`", path.display());
    let mut allowed = 0;
    let mut untried = Vec::new();
    for (operation, tried) in center.probe(&of_connect).await {
        match tried {
            Tried::Allowed => allowed += 1,
            Tried::Untried => untried.push(format!("connect:{operation}")),
            Tried::NotAllowed => report.add(
                Level::Failure,
                "aws permission",
                format!("AWS doesn't allow connect:{operation}."),
                format!("Give the desk's role the policy that {iam} prints."),
            ),
            Tried::Unknown(problem) => report.problem(Level::Warning, "aws permission", &problem),
        }
    }
    const QUOTAS: &str = "servicequotas:ListServiceQuotas";
    if needed.contains(QUOTAS) {
        match center.quotas().await {
            Ok(_) => allowed += 1,
            Err(problem) if problem.code == QUOTAS_NOT_ALLOWED => {
                report.problem(Level::Failure, "aws permission", &problem);
            }
            Err(problem) => report.problem(Level::Warning, "aws permission", &problem),
        }
    }
    let of_others = needed.iter().filter(|operation| operation.contains(':') && **operation != QUOTAS);
    untried.extend(of_others.map(|operation| (*operation).to_owned()));
    report.ok("aws permission", format!("{allowed} read-only operations are allowed."));
    if !untried.is_empty() {
        report.add(
            Level::Untried,
            "aws permission",
            format!("Not tested because they would change something: {}.", list(&untried, "and")),
            format!("Compare the role with what {iam} prints."),
        );
    }
    let limit = config.limits.every;
    if let Some(limit) = limit {
        report.add(
            Level::Untried,
            "aws quota",
            format!(
                "The desk makes up to {} calls a second for each operation, with bursts of {}.",
                limit.rate, limit.burst
            ),
            "Compare this with your Service Quotas for Amazon Connect, which other tools share.",
        );
    }
}

/// Compares this host's clock with that of anyone who answers at AWS's address. Gives whether it is wrong.
async fn clock(config: &Config, report: &mut Report) -> bool {
    let address = config
        .contact_center
        .endpoint
        .clone()
        .unwrap_or_else(|| format!("https://connect.{}.amazonaws.com/", config.contact_center.region));
    let client = match reqwest::Client::builder().timeout(WITHIN).build() {
        Ok(client) => client,
        Err(error) => {
            report.add(Level::Warning, "clock", format!("The clock can't be compared ({error})."), "");
            return false;
        }
    };
    let answer = match client.get(&address).send().await {
        Ok(answer) => answer,
        Err(error) => {
            report.add(
                Level::Failure,
                "network",
                format!("{} can't be reached ({}).", code(&address), aws::cause(&error.without_url())),
                "Check the network, the proxy, and `region` and `endpoint` under [contact_center].",
            );
            return false;
        }
    };
    let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
    let theirs = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()).map(|date| date.timestamp());
    let Some(theirs) = theirs else {
        report.add(Level::Untried, "clock", "The answer has no date to compare the clock with.", "");
        return false;
    };
    let off = SystemClock::default().now().as_second() - theirs.as_second();
    let way = if off < 0 { "slow" } else { "fast" };
    let said = format!("This host's clock is {} {way}.", span(off.saturating_abs()));
    let hint =
        "Set it, for example with `timedatectl set-ntp true`. AWS rejects requests that are 5 minutes off.";
    match off.saturating_abs() {
        off if off >= CLOCK_FAILURE => report.add(Level::Failure, "clock", said, hint),
        off if off >= CLOCK_WARNING => report.add(Level::Warning, "clock", said, hint),
        _ => report.ok("clock", "This host's clock agrees with AWS's."),
    }
    off.saturating_abs() >= CLOCK_FAILURE
}

async fn outside(section: &dyn Section, policy: &Policy, report: &mut Report) {
    let found = tokio::time::timeout(WITHIN * 2, section.examine(policy)).await;
    for (level, found) in found.unwrap_or_else(|_| vec![(Level::Failure, Err(section.silent()))]) {
        match found {
            Ok(said) => report.add(level, section.name(), said, ""),
            Err(problem) => report.problem(level, section.name(), &problem),
        }
    }
}

fn disk(state: &Path, report: &mut Report) {
    // Before the first start, the disk is that of the folder above.
    let there = state.ancestors().find(|path| path.is_dir()).unwrap_or(state);
    #[cfg(unix)]
    match rustix::fs::statvfs(there) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let said = format!("{} MB are free at {}.", free >> 20, there.display());
            let hint = "Free some space: without it, the desk can't make changes.";
            match free {
                free if free < SPACE_FAILURE => report.add(Level::Failure, "disk", said, hint),
                free if free < SPACE_WARNING => report.add(Level::Warning, "disk", said, hint),
                _ => report.ok("disk", said),
            }
        }
        Err(error) => {
            report.add(Level::Warning, "disk", format!("Free space can't be measured ({error})."), "");
        }
    }
    if there != state {
        return;
    }
    match synced(state) {
        Ok(took) if took > SYNC_WARNING => report.add(
            Level::Warning,
            "disk",
            format!("Writing a log line takes {} ms.", took.as_millis()),
            "Use a local disk. Each step of a request waits for two lines.",
        ),
        Ok(took) => {
            report.ok("disk", format!("Writing a log line takes {:.1} ms.", took.as_secs_f64() * 1e3))
        }
        Err(error) => report.add(
            Level::Failure,
            "disk",
            format!("The state folder {} can't be written ({error}).", state.display()),
            "Run this as the desk's account, and make it the owner of the folder.",
        ),
    }
}

/// The median of a few writes that are synced, as the log's are. The file loses its name before it is written, so that none is left.
fn synced(state: &Path) -> std::io::Result<Duration> {
    use std::io::Write as _;
    let path = state.join(format!("doctor-{}.tmp", std::process::id()));
    let mut file = Writes::default().create_new("doctor", &path)?;
    std::fs::remove_file(&path)?;
    let mut took = Vec::new();
    for _ in 0..5 {
        let began = Instant::now();
        file.write_all(&[b' '; 512])?;
        file.sync_data()?;
        took.push(began.elapsed());
    }
    took.sort_unstable();
    Ok(took.get(2).copied().unwrap_or_default())
}

fn last_backup(state: &Path, report: &mut Report) {
    let command = format!("`connect-desk backup FILE --state {}`", state.display());
    let hint = format!("Run {command} every day, and copy the file to another machine.");
    match backup::last(state) {
        None => report.add(Level::Warning, "backup", "The state folder has never been backed up.", hint),
        Some(at) => {
            let age = (SystemClock::default().now().as_second() - at.as_second()).max(0);
            let said = format!("The last backup is {} old.", span(age));
            if age > BACKUP_WARNING {
                report.add(Level::Warning, "backup", said, hint);
            } else {
                report.ok("backup", said);
            }
        }
    }
}
