//! The desk's configuration: one TOML file. The desk's own sections are read here, and each system and chat platform reads its own.
//! Every mistake is named with its line before anything starts.

pub(crate) mod checks;
pub(crate) mod contact_center;
mod digest;
mod emergency;
mod errors;
mod operations;
mod people;
mod rules;
mod schedule;
pub(crate) mod sections;
mod state;
mod turns;
mod users;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use desk_core::basics::roles::Person;
use desk_core::command::Entry;
use desk_core::policy::rule_set::{Principal, RuleSet};
use desk_core::policy::schedule::ScheduleRecord;
use desk_core::policy::site::{NewUsers, Site};
use desk_core::policy::{Policy, Rule};
use desk_core::view::digest::Daily;
use toml::Spanned;

pub use self::contact_center::ContactCenter;
pub(crate) use self::emergency::A_MONDAY;
pub use self::errors::ConfigErrors;
pub use self::operations::{Format, Monitoring, ProgramLog, VERSION};

use self::checks::Checks;
use self::people::PersonFile;
use self::sections::{Sections, told};
use crate::platforms::{self, ChatSections};
use crate::rate_limits::PerMinute;
use crate::secrets::{self, Variable};
use crate::section::Section;
use crate::systems::connect::Limits;
use crate::systems::{self, SystemSections};

/// Every variable with a secret.
pub fn variables() -> Vec<Variable> {
    [platforms::VARIABLES, systems::VARIABLES, &[secrets::VARIABLES]].concat().concat()
}

/// What a site has decided, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub contact_center: ContactCenter,
    pub limits: Limits,
    /// How often people may ask.
    pub turns: PerMinute,
    /// Where the log and the sealed secrets are kept.
    pub state: PathBuf,
    /// The name of the log in its checkpoints.
    pub log_name: String,
    pub program_log: ProgramLog,
    pub monitoring: Monitoring,
    /// How long a temporary password waits to be fetched, in hours.
    pub secrets_expire_hours: u32,
    /// Whether someone enrolls their first authenticator without anybody's approval.
    pub first_use: bool,
    pub people: Vec<Person>,
    pub policy: Policy,
    /// What is not wrong but worth a thought, each with its line.
    pub warnings: Vec<(usize, String)>,
    pub site: Site,
    /// When the digest is posted every day, where it is.
    pub digest: Option<Daily>,
    pub systems: SystemSections,
    pub chats: ChatSections,
}

impl Config {
    /// How long sealed secrets and kept files last.
    pub fn secrets_last(&self) -> Duration {
        Duration::from_secs(u64::from(self.secrets_expire_hours) * 3600)
    }

    /// The sections for what is outside, but for the contact center's own.
    pub(crate) fn sections(&self) -> Vec<&dyn Section> {
        let chats = self.chats.all().into_iter().map(|section| -> &dyn Section { section });
        chats.chain(self.systems.all()).collect()
    }

    /// What of it decides who may do what.
    pub fn rule_set(&self) -> RuleSet {
        let people = self.people.iter().map(|person| (person.id.clone(), Principal::from(person)));
        // By their members, so that the compiler asks of a new one whether it decides.
        let Site { new_users, protected, emergencies, directory: _, schedules } = &self.site;
        let NewUsers {
            email_domains,
            login: _,
            desk_phone: _,
            auto_accept: _,
            acw: _,
            routing_profile: _,
            security_profile: _,
        } = new_users;
        RuleSet {
            rules: self.policy.clone(),
            protected: protected.clone(),
            emergency: emergencies.clone(),
            people: people.collect(),
            platform_roles: self.chats.roles(),
            first_authenticator_approved: !self.first_use,
            schedules: schedules.iter().map(|one| (one.name.clone(), ScheduleRecord::from(one))).collect(),
            email_domains: email_domains.clone(),
            sections: self
                .sections()
                .into_iter()
                .filter_map(|section| section.decides())
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            per_minute: self.turns.given(),
        }
    }
}

/// Sections that no other needs: one that can't be read hides nothing else.
const ALONE: [&str; 8] =
    ["authenticators", "contact_center", "digest", "limits", "log", "monitoring", "new_users", "secrets"];

/// Reads and checks a file. `commands` are those that rules may name.
pub fn read(path: &Path, commands: &[Entry]) -> Result<Config, ConfigErrors> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = match error.kind() {
            ErrorKind::InvalidData => "The file isn't UTF-8 text. Save it as UTF-8.".to_owned(),
            _ => format!("The file can't be read ({error}). Check its path and permissions."),
        };
        ConfigErrors::unread(path, vec![(None, message)])
    })?;
    checked(path, &text, commands, Some(path.parent().unwrap_or(Path::new(""))))
}

/// Checks the text of a file, which is called `path` in messages. Other files that it names are not opened.
pub fn parse(path: &Path, text: &str, commands: &[Entry]) -> Result<Config, ConfigErrors> {
    checked(path, text, commands, None)
}

/// Checks the text; with `folder`, in which relative paths begin, also the templates that it names.
fn checked(
    path: &Path,
    text: &str,
    commands: &[Entry],
    folder: Option<&Path>,
) -> Result<Config, ConfigErrors> {
    let sections =
        Sections::of(text).map_err(|error| ConfigErrors::unread(path, vec![told(text, &error)]))?;
    let mut checks = Checks { text, commands, folder, errors: Vec::new(), warnings: Vec::new() };
    let config = checks.config(sections);
    let Checks { mut errors, mut warnings, .. } = checks;
    errors.sort();
    warnings.sort();
    match config {
        Some(config) if errors.is_empty() => Ok(Config { warnings, ..config }),
        Some(Config { policy, .. }) => {
            Err(ConfigErrors { file: path.to_owned(), errors, warnings, rules: policy.rules.len() })
        }
        None => Err(ConfigErrors::unread(path, errors)),
    }
}

impl Checks<'_> {
    /// None when a section can't be read that others need: what they lack then may be in it.
    fn config(&mut self, mut sections: Sections<'_>) -> Option<Config> {
        let version = sections.key("version");
        let contact_center: Option<contact_center::ContactCenterFile> = sections.need("contact_center");
        let mut limits: contact_center::LimitsFile = sections.take("limits").unwrap_or_default();
        let state: Option<state::StateFile> = sections.need("state");
        let log: operations::LogFile = sections.take("log").unwrap_or_default();
        let monitoring = sections.take("monitoring").unwrap_or_default();
        let secrets: state::SecretsFile = sections.take("secrets").unwrap_or_default();
        let authenticators: state::AuthenticatorsFile = sections.take("authenticators").unwrap_or_default();
        let new_users = sections.take("new_users").unwrap_or_default();
        let protected = sections.take("protected").unwrap_or_default();
        let emergency = sections.take("emergency").unwrap_or_default();
        let digest = sections.take("digest").unwrap_or_default();
        let person: Vec<Spanned<PersonFile>> = sections.list("person");
        let oncall = sections.list("oncall");
        let rule: Vec<Spanned<Rule>> = sections.list("rule");
        let schedule = sections.list("schedule");
        let chats = ChatSections::read(&mut sections, self);
        let systems = SystemSections::read(&mut sections, self);
        self.version(version);
        let turns = self.turns(std::mem::take(&mut limits.people));
        let directory = contact_center.as_ref().and_then(|section| self.directory(section));
        let contact_center = contact_center.map(|section| self.contact_center(section));
        let limits = self.limits(limits);
        let log_name = self.log_name(log.name);
        let program_log = self.program_log(log.level, log.format, log.target);
        let monitoring = self.monitoring(monitoring);
        let secrets_expire_hours = self.hours(secrets.expire_hours);
        let new_users = self.new_users(new_users);
        let protected = self.protected(protected);
        let digest = self.digest(digest);
        let lacks = sections.lacks_others_than(&ALONE);
        self.errors.extend(sections.errors());
        if lacks {
            return None;
        }
        let (contact_center, state) = (contact_center?, state?);
        let people = self.people(person);
        let policy = self.policy(rule, &people, &chats.all());
        let folder = state.folder.get_ref().clone();
        let schedules = self.schedules(schedule, &people, &policy, &chats.all(), &folder, A_MONDAY);
        let emergencies = self.emergencies(emergency, oncall, &people);
        let site = Site { new_users, protected, emergencies, directory, schedules };
        for section in systems.all() {
            let advice = section.advice(&policy).map(|advice| (sections.line(section.name()), advice));
            self.warnings.extend(advice);
        }
        Some(Config {
            warnings: Vec::new(),
            contact_center,
            limits,
            turns,
            state: self.folder(state.folder),
            log_name,
            program_log,
            monitoring,
            secrets_expire_hours,
            first_use: authenticators.first_use,
            people,
            policy,
            site,
            digest,
            systems,
            chats,
        })
    }
}
