//! The desk's configuration: one TOML file with a member for each section, among them those for what is outside, chat platforms and systems.
//! Every mistake is named with its line before anything starts.

mod checks;
mod contact_center;
mod digest;
mod discord;
mod email;
mod emergency;
mod errors;
mod operations;
mod people;
mod rules;
mod salesforce;
mod schedule;
mod state;
mod turns;
mod users;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use desk_core::basics::ids::Platform;
use desk_core::basics::roles::{Person, Role};
use desk_core::command::Entry;
use desk_core::policy::rule_set::{Principal, RuleSet};
use desk_core::policy::schedule::ScheduleRecord;
use desk_core::policy::site::{NewUsers, Site};
use desk_core::policy::{Policy, Rule};
use desk_core::view::digest::Daily;
use serde::Deserialize;
use toml::Spanned;

pub use self::contact_center::ContactCenter;
pub use self::discord::{Discord, Transport};
pub(crate) use self::emergency::A_MONDAY;
pub use self::errors::ConfigErrors;
pub use self::operations::{Format, Monitoring, ProgramLog, VERSION};
pub use self::salesforce::Salesforce;

use self::checks::{Checks, line_of};
use crate::rate_limits::PerMinute;
use crate::secrets::{self, Variable};
use crate::section::{ChatSection, Section};
use crate::systems::connect::Limits;
use crate::systems::mail;
use crate::systems::salesforce::SignIn;

/// Names each variable and lists all of them, so that none is forgotten where they are taken out of the environment.
macro_rules! variables {
    ($($(#[$doc:meta])* $variable:ident = $name:literal;)*) => {
        $($(#[$doc])* pub(crate) const $variable: Variable = Variable::listed($name);)*

        /// Every variable with a secret.
        pub const VARIABLES: &[Variable] = &[$($variable,)* secrets::AWS_SECRET, secrets::AWS_TOKEN];
    };
}

variables! {
    /// The bot's token on Discord.
    DISCORD_TOKEN = "DISCORD_TOKEN";
    /// The password for the mail server.
    SMTP_PASSWORD = "CONNECT_DESK_SMTP_PASSWORD";
    /// The client secret with which the desk gets access tokens for the mail server.
    SMTP_CLIENT_SECRET = "CONNECT_DESK_SMTP_CLIENT_SECRET";
    /// The private key (PEM) with which the desk signs in to Salesforce.
    SALESFORCE_KEY = "CONNECT_DESK_SALESFORCE_KEY";
    /// The consumer secret of the desk's app in Salesforce.
    SALESFORCE_SECRET = "CONNECT_DESK_SALESFORCE_SECRET";
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: Option<Spanned<u32>>,
    contact_center: contact_center::ContactCenterFile,
    #[serde(default)]
    limits: contact_center::LimitsFile,
    state: state::StateFile,
    #[serde(default)]
    log: operations::LogFile,
    #[serde(default)]
    monitoring: operations::MonitoringFile,
    #[serde(default)]
    secrets: state::SecretsFile,
    #[serde(default)]
    authenticators: state::AuthenticatorsFile,
    #[serde(default)]
    new_users: users::NewUsersFile,
    #[serde(default)]
    protected: users::ProtectedFile,
    #[serde(default)]
    emergency: emergency::EmergencyFile,
    #[serde(default)]
    digest: digest::DigestFile,
    discord: Option<Spanned<discord::DiscordFile>>,
    email: Option<Spanned<email::EmailFile>>,
    salesforce: Option<Spanned<salesforce::SalesforceFile>>,
    #[serde(default)]
    person: Vec<Spanned<people::PersonFile>>,
    #[serde(default)]
    oncall: Vec<Spanned<emergency::ShiftFile>>,
    #[serde(default)]
    rule: Vec<Spanned<Rule>>,
    #[serde(default)]
    schedule: Vec<Spanned<schedule::ScheduleFile>>,
}

/// The sections of the systems that effects reach, but for the contact center's own.
#[derive(Clone, Debug)]
pub struct SystemSections {
    /// How emails are written and leave.
    pub email: mail::Settings,
    /// The Salesforce org in which agents work, where there is one.
    pub salesforce: Option<Salesforce>,
}

impl SystemSections {
    pub(crate) fn all(&self) -> Vec<&dyn Section> {
        // By its members, so that the compiler names a new one.
        let SystemSections { email, salesforce } = self;
        let salesforce = salesforce.as_ref().map(|section| -> &dyn Section { section });
        [Some(email as &dyn Section), salesforce].into_iter().flatten().collect()
    }

    /// The same for a desk to practise on, which reaches nothing real.
    pub(crate) fn practised(self) -> SystemSections {
        // By its members, so that the compiler asks of a new one what is in its place.
        let SystemSections { mut email, mut salesforce } = self;
        if !email.stays_here() {
            email.outgoing = None;
        }
        if let Some(site) = &mut salesforce {
            site.settings.sign_in = SignIn::Practice;
        }
        SystemSections { email, salesforce }
    }
}

/// The sections of the chat platforms.
#[derive(Clone, Debug, Default)]
pub struct ChatSections {
    /// The Discord server that the desk joins, when it joins one.
    pub discord: Option<Discord>,
}

impl ChatSections {
    pub(crate) fn all(&self) -> Vec<&dyn ChatSection> {
        // By its members, so that the compiler names a new one.
        let ChatSections { discord } = self;
        let discord = discord.as_ref().map(|section| -> &dyn ChatSection { section });
        [discord].into_iter().flatten().collect()
    }

    pub(crate) fn of(&self, platform: Platform) -> Option<&dyn ChatSection> {
        self.all().into_iter().find(|section| section.platform() == platform)
    }

    /// What the roles of all platforms are at the desk, by the platform and their ids there.
    pub fn roles(&self) -> BTreeMap<String, Role> {
        let sections = self.all().into_iter();
        let named = |section: &dyn ChatSection| {
            let (roles, word) = (section.roles().into_iter(), section.platform().word());
            roles.map(move |(id, role)| (format!("{word}:{id}"), role))
        };
        sections.flat_map(named).collect()
    }
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
        let SystemSections { email: _, salesforce } = &self.systems;
        RuleSet {
            rules: self.policy.clone(),
            protected: protected.clone(),
            emergency: emergencies.clone(),
            people: people.collect(),
            platform_roles: self.chats.roles(),
            first_authenticator_approved: !self.first_use,
            schedules: schedules.iter().map(|one| (one.name.clone(), ScheduleRecord::from(one))).collect(),
            email_domains: email_domains.clone(),
            salesforce_user: salesforce.as_ref().map(|salesforce| salesforce.settings.user.words()),
            per_minute: self.turns.given(),
        }
    }
}

/// Reads and checks a file. `commands` are those that rules may name.
pub fn read(path: &Path, commands: &[Entry]) -> Result<Config, ConfigErrors> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = match error.kind() {
            ErrorKind::InvalidData => "The file isn't UTF-8 text. Save it as UTF-8.".to_owned(),
            _ => format!("The file can't be read ({error}). Check its path and permissions."),
        };
        ConfigErrors::unread(path, None, message)
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
    let file: File = toml::from_str(text).map_err(|error| {
        ConfigErrors::unread(
            path,
            error.span().map(|span| line_of(text, &span)),
            errors::said(error.message()),
        )
    })?;
    let mut checks = Checks { text, commands, folder, errors: Vec::new(), warnings: Vec::new() };
    let mut config = checks.config(file);
    config.warnings = std::mem::take(&mut checks.warnings);
    config.warnings.sort();
    let mut errors = checks.errors;
    if errors.is_empty() {
        return Ok(config);
    }
    errors.sort();
    let (warnings, rules) = (config.warnings, config.policy.rules.len());
    Err(ConfigErrors { file: path.to_owned(), errors, warnings, rules })
}

impl Checks<'_> {
    fn config(&mut self, mut file: File) -> Config {
        self.version(file.version.take());
        let turns = self.turns(std::mem::take(&mut file.limits.people));
        let people = self.people(file.person);
        let chats = ChatSections { discord: file.discord.map(|section| self.discord(section)) };
        let policy = self.policy(file.rule, &people, &chats.all());
        let state = file.state.folder.get_ref().clone();
        let schedules = self.schedules(file.schedule, &people, &policy, &chats.all(), &state, A_MONDAY);
        let site = Site {
            new_users: self.new_users(file.new_users),
            protected: self.protected(file.protected),
            emergencies: self.emergencies(file.emergency, file.oncall, &people),
            directory: self.directory(&file.contact_center),
            schedules,
        };
        let salesforce = file.salesforce.map(|section| {
            self.tells_administrators_apart(section.span(), &policy);
            self.salesforce(section)
        });
        Config {
            warnings: Vec::new(),
            contact_center: self.contact_center(file.contact_center),
            limits: self.limits(file.limits),
            turns,
            state: self.folder(file.state.folder),
            log_name: self.log_name(file.log.name),
            program_log: self.program_log(file.log.level, file.log.format, file.log.target),
            monitoring: self.monitoring(file.monitoring),
            secrets_expire_hours: self.hours(file.secrets.expire_hours),
            first_use: file.authenticators.first_use,
            people,
            policy,
            site,
            systems: SystemSections { email: self.email(file.email), salesforce },
            digest: self.digest(file.digest),
            chats,
        }
    }
}
