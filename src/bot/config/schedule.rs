//! `[[schedule]]`: exports that run at a time, checked as far as the configuration alone can tell.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::{Person, Place};
use desk_core::basics::text::{code, count};
use desk_core::plan::Impact;
use desk_core::policy::schedule::{OPTION, Schedule, Times};
use desk_core::policy::{Action, Policy};
use desk_core::request::export;
use desk_core::words::{self, Risk};
use jiff::Timestamp;
use serde::Deserialize;
use toml::Spanned;

use super::checks::{Checks, line_of};
use crate::private;
use crate::section::ChatSection;

/// The longest name, in characters: it is part of the file's.
const NAME_MAX: usize = 40;

/// The channel of a schedule that runs as someone who is on no chat platform.
const NO_CHANNEL: &str = "schedule";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleFile {
    name: Spanned<String>,
    command: Spanned<String>,
    at: Spanned<String>,
    days: Option<String>,
    zone: Option<String>,
    #[serde(rename = "as")]
    by: Spanned<String>,
    #[serde(default, rename = "for")]
    to: Vec<Spanned<String>>,
    folder: Option<Spanned<PathBuf>>,
    channel: Option<String>,
}

impl Checks<'_> {
    pub(super) fn schedules(
        &mut self,
        sections: Vec<Spanned<ScheduleFile>>,
        people: &[Person],
        policy: &Policy,
        chats: &[&dyn ChatSection],
        state: &Path,
        now: Timestamp,
    ) -> Vec<Schedule> {
        let mut schedules: Vec<Schedule> = Vec::new();
        for section in sections {
            let span = section.span();
            let section = section.into_inner();
            let name = section.name.get_ref().clone();
            let is_name = !name.is_empty()
                && name.len() <= NAME_MAX
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !name.starts_with('-');
            if !is_name {
                let message = format!(
                    "{} isn't the name of a schedule. Write 1 to {NAME_MAX} small letters, digits and hyphens, such as \"weekly-users\".",
                    code(&name)
                );
                self.wrong(section.name.span(), message);
            }
            if schedules.iter().any(|other| other.name == name) {
                let message = format!("There are two schedules {}. Rename one.", code(&name));
                self.wrong(section.name.span(), message);
            }
            if section.to.is_empty() && section.folder.is_none() {
                let message = "No one gets the file. Write `for`, the accounts of people, or `folder`, where it is written.";
                self.wrong(span.clone(), message);
            }
            let line = self.export(&section.command, &name);
            let (days, zone) =
                (section.days.as_deref().unwrap_or("daily"), section.zone.as_deref().unwrap_or("UTC"));
            let times = match Times::new(section.at.get_ref(), days, zone) {
                Ok(times) => Some(times),
                Err(message) => {
                    self.wrong(section.at.span(), message);
                    None
                }
            };
            let to: BTreeSet<PersonId> =
                section.to.iter().filter_map(|id| self.account(id, people)).collect();
            let folder = section.folder.and_then(|folder| self.export_folder(folder, state));
            let Some(by) = self.account(&section.by, people) else { continue };
            let place = place(&by, section.channel, chats);
            self.allowed((&section.by, &by), people, policy, &place, now);
            if let Some(times) = times {
                schedules.push(Schedule { name, times, line, by, place, to, folder });
            }
        }
        schedules
    }

    /// The line that is said: an export with its options, and the schedule's name.
    fn export(&mut self, command: &Spanned<String>, name: &str) -> String {
        let line = command.get_ref().trim();
        let commands = self.commands;
        let parsed = words::parse(line, commands.iter().map(|entry| (entry.path, entry.command.spec)));
        match parsed {
            Ok(parsed) if parsed.path != export::COMMAND => {
                let message = format!(
                    "`/{}` can't be scheduled. Write `/{}` with its options.",
                    parsed.path,
                    export::COMMAND
                );
                self.wrong(command.span(), message);
            }
            Ok(parsed) if parsed.args.text(OPTION).is_some() => {
                self.wrong(
                    command.span(),
                    format!("Leave `{OPTION}:` out of the command; the desk adds it."),
                );
            }
            Ok(_) => {}
            Err(problem) => self.wrong(command.span(), problem.sentences()),
        }
        format!("{line} {OPTION}:{name}")
    }

    /// An account. Those of the console are in the configuration; a chat platform knows its own.
    fn account(&mut self, id: &Spanned<String>, people: &[Person]) -> Option<PersonId> {
        match id.get_ref().parse::<PersonId>() {
            Err(message) => self.wrong(id.span(), format!("{message}.")),
            Ok(account)
                if account.platform() == Platform::Console
                    && people.iter().all(|one| one.at(&account).is_none()) =>
            {
                let message =
                    format!("There is no [[person]] {}. Add one, or correct the id.", code(id.get_ref()));
                self.wrong(id.span(), message);
            }
            Ok(account) => return Some(account),
        }
        None
    }

    fn export_folder(&mut self, folder: Spanned<PathBuf>, state: &Path) -> Option<String> {
        let path = folder.get_ref();
        let Some(text) = path.to_str().filter(|_| path.is_absolute()) else {
            let message =
                format!("{} isn't a whole path. Write one such as \"/srv/exports\".", path.display());
            self.wrong(folder.span(), message);
            return None;
        };
        if path.starts_with(state) || state.starts_with(path) {
            let message = "Exports and the state folder have to be apart. Choose another folder.";
            self.wrong(folder.span(), message);
        }
        if self.folder.is_some() {
            if path.exists() && !path.is_dir() {
                self.wrong(folder.span(), format!("{} isn't a folder. Choose another one.", path.display()));
            } else if let Some(problem) = private::writable_by_others(path) {
                self.wrong(folder.span(), problem.sentences());
            }
        }
        Some(text.to_owned())
    }

    /// Whether the rules let this person ask for exports, and what else each run waits for.
    fn allowed(
        &mut self,
        (at, by): (&Spanned<String>, &PersonId),
        people: &[Person],
        policy: &Policy,
        place: &Place,
        now: Timestamp,
    ) {
        // What a chat platform gives them is known only there.
        let Some(person) =
            people.iter().find_map(|person| person.at(by)).filter(|person| !person.roles.is_empty())
        else {
            return;
        };
        // Whom a run exports is known only then.
        let untouched = Impact::default();
        let rule = |risk| {
            let impact = Some(&untouched);
            let action = Action { command: export::COMMAND, risk, impact, emergency: false, place, now };
            policy.rule_for(&action, &person)
        };
        let mut waits = Vec::new();
        let mut refusal = None;
        for risk in [Risk::Change, Risk::Sensitive] {
            match rule(risk) {
                Ok(rule) => {
                    let mut needs = Vec::new();
                    needs.extend(rule.confirm.then(|| "their confirmation".to_owned()));
                    needs
                        .extend((rule.approvals > 0).then(|| count(usize::from(rule.approvals), "approval")));
                    if !needs.is_empty() && !waits.iter().any(|(name, _)| *name == rule.name) {
                        waits.push((rule.name.clone(), needs.join(" and ")));
                    }
                }
                Err(problem) => refusal = Some(problem),
            }
        }
        if let Some(problem) =
            refusal.filter(|_| rule(Risk::Change).is_err() && rule(Risk::Sensitive).is_err())
        {
            let message = format!(
                "No rule lets {} export users: {} Give them a role that may, or add a rule for `{}`.",
                code(at.get_ref()),
                problem.message,
                export::COMMAND
            );
            self.wrong(at.span(), message);
            return;
        }
        for (name, needs) in waits {
            let message = format!(
                "Each run of this schedule waits for {needs}, by the rule {}. To have it run unattended, add a rule for `{}` before it \
                 with `confirm = false` and no approvals.",
                code(&name),
                export::COMMAND
            );
            self.warnings.push((line_of(self.text, &at.span()), message));
        }
    }
}

/// Where it is asked: the channel that is named, or else where the platform's cards for approvers go.
fn place(by: &PersonId, channel: Option<String>, chats: &[&dyn ChatSection]) -> Place {
    let platform = by.platform();
    let usual = |section: &dyn ChatSection| {
        section.approvals_channel().or_else(|| section.channels().into_iter().next())
    };
    let section = || chats.iter().copied().find(|section| section.platform() == platform);
    let channel = channel.or_else(|| section().and_then(usual)).unwrap_or_else(|| NO_CHANNEL.to_owned());
    Place { platform, channel, parent: None, private: false }
}
