//! `[[schedule]]`: exports that run at a time, checked as far as the configuration alone can tell.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::{Person, Place};
use desk_core::basics::text::{code, list};
use desk_core::plan::Impact;
use desk_core::policy::schedule::{OPTION, Schedule, Times};
use desk_core::policy::{Action, Policy};
use desk_core::policy_tools::explain;
use desk_core::request::export;
use desk_core::words::{self, Args, Risk};
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
            let (line, args) = self.export(&section.command, &name);
            let (days, zone) =
                (section.days.as_deref().unwrap_or("daily"), section.zone.as_deref().unwrap_or("UTC"));
            let times = match Times::new(section.at.get_ref(), days, zone) {
                Ok(times) => Some(times),
                Err(message) => {
                    self.wrong(section.at.span(), message);
                    None
                }
            };
            let mut to = BTreeSet::new();
            for id in &section.to {
                let Some(account) = self.account(id, people) else { continue };
                self.gets_file((id, &account), people, policy);
                to.insert(account);
            }
            let folder = section.folder.and_then(|folder| self.export_folder(folder, state));
            let Some(by) = self.account(&section.by, people) else { continue };
            let place = place(&by, section.channel, chats);
            if let Some(times) = times {
                let run = Run { by: known(people, &by), times: &times, args, place: &place };
                self.runs((&section.by, &section.command), &run, policy, now);
                schedules.push(Schedule { name, times, line, by, place, to, folder });
            }
        }
        schedules
    }

    /// The line that is said: an export with its options, and the schedule's name. With its arguments, if it is right.
    fn export(&mut self, command: &Spanned<String>, name: &str) -> (String, Option<Args>) {
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
            Ok(parsed) => return (format!("{line} {OPTION}:{name}"), Some(parsed.args)),
            Err(problem) => self.wrong(command.span(), problem.sentences()),
        }
        (String::new(), None)
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

    /// Whether someone who is to get the file may ask for it.
    fn gets_file(
        &mut self,
        (at, account): (&Spanned<String>, &PersonId),
        people: &[Person],
        policy: &Policy,
    ) {
        let Some(person) = known(people, account) else { return };
        if !policy.could_allow(export::FILE, Risk::Read, false, &person.roles) {
            let message = format!(
                "No rule lets {} use `/{}`, so they never get the file. Add a rule for them, or remove them here.",
                code(at.get_ref()),
                export::FILE
            );
            self.warnings.push((line_of(self.text, &at.span()), message));
        }
    }

    /// Whether the rules accept the runs of a week, and what else each of them waits for.
    fn runs(
        &mut self,
        (by, command): (&Spanned<String>, &Spanned<String>),
        run: &Run<'_>,
        policy: &Policy,
        now: Timestamp,
    ) {
        let Some(person) = &run.by else { return };
        let Some(entry) = self.commands.iter().find(|entry| entry.path == export::COMMAND) else { return };
        // Whom a run exports is known only then.
        let untouched = Impact::default();
        let (mut waits, mut reasons, mut refusals) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        let mut accepted = false;
        for now in run.times.of_week(now) {
            let (path, risk, place) = (entry.path, entry.command.spec.risk, run.place);
            let asked = Action { command: path, risk, impact: None, emergency: false, place, now };
            let needs = |risk| {
                let needs =
                    |impact| policy.needs(&Action { risk, impact, ..asked }, person, entry.least_approval());
                // A rule that names whom it touches may be for those of a run.
                needs(Some(&untouched)).or_else(|problem| match problem.rule {
                    Some(_) => Err(problem),
                    None => needs(None),
                })
            };
            let (plans, refused): (Vec<_>, Vec<_>) = match policy.rule_for(&asked, person) {
                Ok(_) => entry.risks().map(needs).partition(Result::is_ok),
                Err(problem) => (Vec::new(), vec![Err(problem)]),
            };
            if plans.is_empty() {
                refusals.extend(refused.into_iter().filter_map(Result::err).map(|problem| problem.message));
                continue;
            }
            accepted = true;
            for needs in plans.into_iter().flatten() {
                let mut words = Vec::new();
                words.extend(needs.confirm.then(|| "their confirmation".to_owned()));
                words.extend(needs.caller.then(|| "caller verification".to_owned()));
                words.extend(explain::approvals(&needs));
                waits.insert(needs.rule, list(&words, "and"));
            }
            if let (Some(args), Some(rule)) = (&run.args, policy.wants_reason(&asked, person))
                && let Err(problem) = rule.reason.check(path, args, &rule.name)
            {
                reasons.insert(format!(
                    "{} The rule {} requires it of each run.",
                    problem.sentences(),
                    code(&rule.name)
                ));
            }
        }
        reasons.into_iter().for_each(|message| self.wrong(command.span(), message));
        let line = line_of(self.text, &by.span());
        if let Some(refusal) = refusals.first() {
            let which = if accepted { " at every time of this schedule" } else { "" };
            let message = format!(
                "No rule lets {} export users{which}: {refusal} Give them a role that may, or add a rule for `{}`.",
                code(by.get_ref()),
                export::COMMAND
            );
            match accepted {
                true => self.warnings.push((line, message)),
                false => self.wrong(by.span(), message),
            }
        }
        for (name, needs) in waits.into_iter().filter(|(_, needs)| !needs.is_empty()) {
            let message = format!(
                "Each run of this schedule waits for {needs}, by the rule {}. To have it run unattended, add a rule for `{}` before it \
                 with `confirm = false` and no approvals.",
                code(&name),
                export::COMMAND
            );
            self.warnings.push((line, message));
        }
    }
}

/// What the rules judge of a schedule.
struct Run<'a> {
    /// As whom it runs, if the configuration knows their roles.
    by: Option<Person>,
    times: &'a Times,
    args: Option<Args>,
    place: &'a Place,
}

/// Someone of whom the configuration says the roles. What a chat platform gives them is known only there.
fn known(people: &[Person], account: &PersonId) -> Option<Person> {
    people.iter().find_map(|person| person.at(account)).filter(|person| !person.roles.is_empty())
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
