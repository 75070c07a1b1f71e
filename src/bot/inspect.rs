//! `connect-desk check`: what is wrong with a configuration and what belongs to it on this host, without a network.

use std::collections::BTreeSet;
use std::path::Path;

use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;

use crate::config::{self, Config};
use crate::report::{Level, Report};
use crate::section::Section;
use crate::{backup, private};

/// The AWS regions, those with Amazon Connect apart (AWS General Reference, "Amazon Connect endpoints", November 2026).
const WITH_CONNECT: [&str; 11] = [
    "us-east-1",
    "us-west-2",
    "us-gov-west-1",
    "af-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-2",
];
const WITHOUT: [&str; 25] = [
    "us-east-2",
    "us-west-1",
    "us-gov-east-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
];

/// What is in config.example.toml and can be no one's, beside what is for systems outside, with the key that it is of.
const PLACEHOLDERS: [(&str, &str, &str); 3] = [
    ("directory", "\"d-9067012345\"", "Use the id of your directory in AWS Directory Service, or remove it."),
    ("instance_id", "12345678-1234-1234-1234-123456789012", "Use the id at the end of your instance's ARN."),
    ("email_domains", "[\"example.org\"]", "Use the email domains of your users."),
];

/// Looks at the file and at what it names on this host. Gives the configuration where it can be used.
pub fn check(path: &Path, report: &mut Report) -> Option<Config> {
    let read = config::read(path, &desk_commands::all());
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let at = |line: &usize| format!("{}, line {line}", path.display());
    let config = match read {
        Ok(config) => config,
        Err(found) => {
            for (line, message) in &found.errors {
                let place = line.as_ref().map_or_else(|| path.display().to_string(), at);
                report.add(Level::Failure, "configuration", format!("{place}: {message}"), "");
            }
            for (line, message) in &found.warnings {
                report.add(Level::Warning, "configuration", format!("{}: {message}", at(line)), "");
            }
            return None;
        }
    };
    report.ok(
        "configuration",
        format!(
            "{} is valid: {} people, {} rules, policy {}.",
            path.display(),
            config.people.len(),
            config.policy.rules.len(),
            config.rule_set().digest()
        ),
    );
    for (line, message) in &config.warnings {
        report.add(Level::Warning, "configuration", format!("{}: {message}", at(line)), "");
    }
    placeholders(path, &text, &config, report);
    region(&config, report);
    modes(path, &config, report);
    written(&config, report);
    for (check, found) in config.sections().into_iter().flat_map(Section::examine_host) {
        match found {
            Ok(said) => report.ok(check, said),
            Err(problem) => report.problem(Level::Failure, check, &problem),
        }
    }
    if config.chats.all().is_empty() {
        report.add(
            Level::Warning,
            "chat platform",
            "No chat platform is configured, so no one can request anything.",
            "Add the section of one, such as [discord], as shown in config.example.toml.",
        );
    }
    Some(config)
}

fn placeholders(path: &Path, text: &str, config: &Config, report: &mut Report) {
    let before = report.findings.len();
    let sections = config.sections();
    let outside = sections.iter().flat_map(|section| section.placeholders());
    let known: Vec<_> = PLACEHOLDERS.iter().chain(outside).collect();
    for (i, line) in text.lines().enumerate() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.starts_with('#') {
            continue;
        }
        for (key, value, hint) in &known {
            let is_of = key.starts_with('[') && line.contains("= [") || line.starts_with(key);
            if is_of && line.contains(*value) {
                let message =
                    format!("{}, line {}: {} is still the example value.", path.display(), i + 1, code(key));
                report.add(Level::Failure, "placeholder", message, *hint);
                break;
            }
        }
    }
    if report.findings.len() == before {
        report.ok("placeholder", "No example values are left.");
    }
}

/// Whether the region is one of AWS's, or is that of another endpoint, which may have any.
pub(crate) fn is_region(config: &Config) -> bool {
    let region = config.contact_center.region.as_str();
    config.contact_center.endpoint.is_some() || WITH_CONNECT.contains(&region) || WITHOUT.contains(&region)
}

fn region(config: &Config, report: &mut Report) {
    let region = config.contact_center.region.as_str();
    if config.contact_center.endpoint.is_some() || WITH_CONNECT.contains(&region) {
        report.ok("region", format!("{} has Amazon Connect.", code(region)));
    } else if WITHOUT.contains(&region) {
        report.add(
            Level::Warning,
            "region",
            format!("As far as this version knows, Amazon Connect isn't available in {}.", code(region)),
            "Correct `region` under [contact_center] unless AWS has opened it there since.",
        );
    } else {
        report.add(
            Level::Failure,
            "region",
            format!("There is no AWS region {}.", code(region)),
            "Correct `region` under [contact_center]; it is in the instance's ARN.",
        );
    }
}

/// Why a desk doesn't run with this state folder: where a relative path is depends on who starts it.
pub(crate) fn relative_state(config: &Config) -> Option<Problem> {
    config.state.is_relative().then(|| {
        let message =
            format!("The state folder {} isn't a whole path.", code(&config.state.display().to_string()));
        Problem::operator("state_relative", message)
            .hint("Set `folder` under [state] to the path from the root on, such as `/var/lib/connect-desk`.")
    })
}

/// The unit that `init` writes beside a configuration.
pub(crate) const SERVICE: &str = "connect-desk.service";

/// That the account of the service, as the unit beside a configuration says it, can't read that.
pub(crate) fn kept_from_service(path: &Path) -> Option<Problem> {
    let unit = std::fs::read_to_string(path.with_file_name(SERVICE)).ok()?;
    let account = unit.lines().find_map(|line| line.strip_prefix("User="))?;
    private::is_kept_from(path, account).then(|| {
        let (file, folder) = (path.display(), path.parent().unwrap_or(Path::new("")).display());
        let message = format!("The service runs as {}, which can't read {file}.", code(account));
        Problem::operator("config_unreadable", message).hint(format!(
            "Run `chgrp {account} {folder} {file}`, `chmod 750 {folder}` and `chmod 640 {file}`."
        ))
    })
}

/// The folders that the desk writes to beside its own.
fn written(config: &Config, report: &mut Report) {
    let exports = config.site.schedules.iter().filter_map(|schedule| schedule.folder.as_deref());
    let log = config.program_log.file.as_deref().and_then(Path::parent);
    let folders: BTreeSet<&Path> = exports.map(Path::new).chain(log).collect();
    for folder in folders {
        let (wrong, hint) = match folder.is_dir() {
            false => ("doesn't exist", "Create it for the desk's account"),
            true if private::is_closed_to_owner_of(&config.state, folder) => {
                ("can't be written by the account that has the state folder", "Make that account its owner")
            }
            true => continue,
        };
        let message = format!("The folder {} {wrong}.", folder.display());
        let unit = format!("{hint}. A service also needs `ReadWritePaths={}` in its unit.", folder.display());
        report.add(Level::Warning, "folder", message, unit);
    }
}

fn modes(path: &Path, config: &Config, report: &mut Report) {
    let before = report.findings.len();
    let sections = config.sections();
    let named = sections.iter().flat_map(|section| {
        let changes = format!("what [{}] says", section.name());
        section.files().into_iter().map(move |file| (file, changes.clone()))
    });
    let mut told = BTreeSet::new();
    for (file, changes) in std::iter::once((path, "who can do what".to_owned())).chain(named) {
        let Some(open) = private::changeable_by_others(file).filter(|open| told.insert(open.clone())) else {
            continue;
        };
        report.add(
            Level::Failure,
            "modes",
            format!("Other accounts can write {}, and so change {changes}.", open.display()),
            format!("Run `chmod go-w {}`.", open.display()),
        );
    }
    if let Some(problem) = kept_from_service(path) {
        report.add(Level::Warning, "modes", problem.message, problem.hint);
    }
    let state = &config.state;
    if let Some(problem) = relative_state(config) {
        report.problem(Level::Failure, "state folder", &problem);
        return;
    }
    match std::fs::metadata(state) {
        Ok(metadata) if !metadata.is_dir() => report.add(
            Level::Failure,
            "modes",
            format!("The state folder {} is not a folder.", state.display()),
            "Correct `folder` under [state].",
        ),
        Ok(_) if backup::is_mounted(state) => report.add(
            Level::Warning,
            "state folder",
            format!("The state folder {} is a mount point, which a restore can't replace.", state.display()),
            format!("Use a folder below it, such as {}.", state.join("desk").display()),
        ),
        // Who can read it was looked at with the configuration.
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => report.add(
            Level::Warning,
            "state folder",
            format!("The state folder {} doesn't exist yet.", state.display()),
            "The desk creates it at its first start. Its account needs permission to do so.",
        ),
        Err(error) => report.add(
            Level::Failure,
            "modes",
            format!("The state folder {} can't be read ({error}).", state.display()),
            "Run this as the desk's account, or as root.",
        ),
    }
    if report.findings.len() == before {
        report.ok(
            "modes",
            "Only the desk's account can write the configuration, what it names, and the state folder.",
        );
    }
}
