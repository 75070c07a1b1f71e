//! The desk's configuration: one TOML file, every mistake named with its line before anything starts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroU32;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use desk_core::basics::hours::Hours;
use desk_core::basics::ids::{self, PersonId, Platform};
use desk_core::basics::roles::{Person, Role};
use desk_core::basics::text::{self, code};
use desk_core::command::Entry;
use desk_core::policy::rule_set::{Principal, RuleSet};
use desk_core::policy::schedule::ScheduleRecord;
use desk_core::policy::site::{NewUsers, Protected, Site};
use desk_core::policy::{Emergencies, Shift, gaps_and_overlaps};
use desk_core::policy::{Policy, Rule};
use desk_core::policy_tools::lint::{Weight, lint};
use desk_core::view::digest::Daily;
use jiff::Timestamp;
use serde::Deserialize;
use toml::Spanned;

use super::checks::{Checks, is_safe_endpoint, line_of};
use super::operations::{LogFile, Monitoring, MonitoringFile, ProgramLog};
use super::outside::{ChatSections, Systems};
use super::{digest, discord, email, people, salesforce, schedule};
use crate::connect::{Limit, Limits};
use crate::private;
use crate::section::Section;
use crate::turns::PerMinute;

/// The longest after contact work, in seconds (CreateUser, AfterContactWorkTimeLimit).
const WORK_MAX: u32 = 2_000_000;

/// 5 January 2026, 00:00 UTC: the week in which a schedule is looked through.
pub(crate) const A_MONDAY: Timestamp = Timestamp::constant(1_767_571_200, 0);

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
    pub systems: Systems,
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
        let schedules = self.site.schedules.iter();
        RuleSet {
            rules: self.policy.clone(),
            protected: self.site.protected.clone(),
            emergency: self.site.emergencies.clone(),
            people: people.collect(),
            platform_roles: self.chats.roles(),
            first_authenticator_approved: !self.first_use,
            schedules: schedules.map(|one| (one.name.clone(), ScheduleRecord::from(one))).collect(),
        }
    }
}

/// Which Amazon Connect instance.
#[derive(Clone, Debug)]
pub struct ContactCenter {
    pub region: String,
    pub instance_id: String,
    pub endpoint: Option<String>,
    /// Another endpoint than AWS's own for the directory that keeps the passwords.
    pub directory_endpoint: Option<String>,
}

/// Mistakes in a configuration file, each with its line.
#[derive(Debug)]
pub struct ConfigErrors {
    file: PathBuf,
    pub errors: Vec<(Option<usize>, String)>,
    /// What is not wrong but worth a thought, each with its line.
    pub warnings: Vec<(usize, String)>,
    /// How many rules were read.
    pub rules: usize,
}

impl ConfigErrors {
    /// The file could not be understood at all.
    fn unread(file: &Path, line: Option<usize>, message: String) -> ConfigErrors {
        ConfigErrors { file: file.to_owned(), errors: vec![(line, message)], warnings: Vec::new(), rules: 0 }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (line, message)) in self.errors.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            match line {
                Some(line) => write!(f, "{}, line {line}: {message}", self.file.display())?,
                None => write!(f, "{}: {message}", self.file.display())?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: Option<Spanned<u32>>,
    contact_center: ContactCenterFile,
    #[serde(default)]
    limits: LimitsFile,
    state: StateFile,
    #[serde(default)]
    log: LogFile,
    #[serde(default)]
    monitoring: MonitoringFile,
    #[serde(default)]
    secrets: SecretsFile,
    #[serde(default)]
    authenticators: AuthenticatorsFile,
    #[serde(default)]
    new_users: NewUsersFile,
    #[serde(default)]
    protected: ProtectedFile,
    #[serde(default)]
    emergency: EmergencyFile,
    #[serde(default)]
    digest: digest::DigestFile,
    discord: Option<Spanned<discord::DiscordFile>>,
    email: Option<Spanned<email::EmailFile>>,
    salesforce: Option<Spanned<salesforce::SalesforceFile>>,
    #[serde(default)]
    person: Vec<Spanned<PersonFile>>,
    #[serde(default)]
    oncall: Vec<Spanned<ShiftFile>>,
    #[serde(default)]
    rule: Vec<Spanned<Rule>>,
    #[serde(default)]
    schedule: Vec<Spanned<schedule::ScheduleFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContactCenterFile {
    region: Spanned<String>,
    instance_id: Spanned<String>,
    endpoint: Option<Spanned<String>>,
    directory: Option<Spanned<String>>,
    directory_endpoint: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct NewUsersFile {
    login: Option<Spanned<String>>,
    phone: PhoneFile,
    auto_accept: bool,
    acw: Option<Spanned<u32>>,
    routing_profile: Option<String>,
    security_profile: Option<String>,
    email_domains: Vec<Spanned<String>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PhoneFile {
    #[default]
    Soft,
    Desk,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ProtectedFile {
    logins: Vec<Spanned<String>>,
    security_profiles: BTreeSet<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct EmergencyFile {
    per_person: Option<u32>,
    in_all: Option<u32>,
    pass_freeze: bool,
    remind_minutes: Option<NonZeroU32>,
    escalate_hours: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShiftFile {
    person: Spanned<String>,
    hours: Hours,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitFile {
    rate: f64,
    burst: NonZeroU32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitsFile {
    rate: Spanned<f64>,
    burst: NonZeroU32,
    operations: BTreeMap<Spanned<String>, Spanned<LimitFile>>,
    people: people::PeopleFile,
}

impl Default for LimitsFile {
    fn default() -> LimitsFile {
        const FIVE: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
        let (operations, people) = (BTreeMap::new(), people::PeopleFile::default());
        LimitsFile { rate: Spanned::new(0..0, 2.0), burst: FIVE, operations, people }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StateFile {
    folder: Spanned<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AuthenticatorsFile {
    first_use: bool,
}

impl Default for AuthenticatorsFile {
    fn default() -> AuthenticatorsFile {
        AuthenticatorsFile { first_use: true }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SecretsFile {
    expire_hours: Spanned<u32>,
}

impl Default for SecretsFile {
    fn default() -> SecretsFile {
        SecretsFile { expire_hours: Spanned::new(0..0, 24) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonFile {
    id: Spanned<String>,
    name: String,
    #[serde(default)]
    roles: Vec<Spanned<String>>,
    login: Option<Spanned<String>>,
    #[serde(default)]
    also: Vec<Spanned<String>>,
}

/// Reads and checks a file. `commands` are those that rules may name.
pub fn read(path: &Path, commands: &[Entry]) -> Result<Config, ConfigErrors> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigErrors::unread(
            path,
            None,
            format!("The file can't be read ({error}). Check its path and permissions."),
        )
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
        ConfigErrors::unread(path, error.span().map(|span| line_of(text, &span)), said(error.message()))
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

/// The parser's words as a sentence with a next step.
fn said(message: &str) -> String {
    let message = message.trim();
    if let Some(field) = message.strip_prefix("missing field ") {
        let field = field.trim_matches('`');
        let sections = ["contact_center", "state"];
        return if sections.contains(&field) {
            format!("The section [{field}] is missing. Add it as shown in config.example.toml.")
        } else {
            format!("The key `{field}` is missing. Add it as shown in config.example.toml.")
        };
    }
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        return format!("There is an {message}. Correct or remove it.");
    }
    format!("Invalid configuration: {}. Compare it with config.example.toml.", message.trim_end_matches('.'))
}

impl Checks<'_> {
    fn config(&mut self, mut file: File) -> Config {
        self.version(file.version.take());
        let turns = self.turns(std::mem::take(&mut file.limits.people));
        let people = self.people(file.person);
        let chats = ChatSections { discord: file.discord.map(|section| self.discord(section)) };
        let mapped = chats.roles().into_values().collect();
        let policy = self.policy(file.rule, &people, &mapped);
        let state = file.state.folder.get_ref().clone();
        let schedules = self.schedules(file.schedule, &people, &policy, &chats, &state, A_MONDAY);
        let site = Site {
            new_users: self.new_users(file.new_users),
            protected: self.protected(file.protected),
            emergencies: self.emergencies(file.emergency, file.oncall, &people),
            directory: file.contact_center.directory.as_ref().map(|id| self.directory(id)),
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
            systems: Systems { email: self.email(file.email), salesforce },
            digest: self.digest(file.digest),
            chats,
        }
    }

    fn contact_center(&mut self, section: ContactCenterFile) -> ContactCenter {
        let region = section.region.get_ref();
        let fits = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !fits(region) {
            let message = format!("{} is not an AWS region. Use one such as `us-east-1`.", code(region));
            self.wrong(section.region.span(), message);
        }
        let id = section.instance_id.get_ref();
        let is_uuid = id.len() == 36
            && id.char_indices().all(|(i, c)| match i {
                8 | 13 | 18 | 23 => c == '-',
                _ => c.is_ascii_hexdigit(),
            });
        if !is_uuid {
            let message = format!(
                "{} looks like a name, not an instance id. Use the id at the end of the instance's ARN, such as `12345678-1234-1234-1234-123456789012`.",
                code(id)
            );
            self.wrong(section.instance_id.span(), message);
        }
        for endpoint in section.endpoint.iter().chain(&section.directory_endpoint) {
            if is_safe_endpoint(endpoint.get_ref()) {
                continue;
            }
            let message = format!(
                "{} would send credentials unencrypted. Use an https address, or http to this machine.",
                code(endpoint.get_ref())
            );
            self.wrong(endpoint.span(), message);
        }
        ContactCenter {
            region: region.clone(),
            instance_id: id.clone(),
            endpoint: section.endpoint.map(Spanned::into_inner),
            directory_endpoint: section.directory_endpoint.map(Spanned::into_inner),
        }
    }

    fn directory(&mut self, id: &Spanned<String>) -> String {
        let digits = id.get_ref().strip_prefix("d-").unwrap_or_default();
        let fits =
            digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !fits {
            let message = format!(
                "{} is not a directory id. Use `d-` and ten hexadecimal digits, as shown in AWS Directory Service, such as `d-9067012345`.",
                code(id.get_ref())
            );
            self.wrong(id.span(), message);
        }
        id.get_ref().clone()
    }

    fn new_users(&mut self, section: NewUsersFile) -> NewUsers {
        let usual = NewUsers::default();
        let login = match section.login {
            None => usual.login,
            Some(pattern) => {
                let text = pattern.get_ref();
                let made = text.replace("{first}", "John").replace("{last}", "Doe");
                let of_names = text.contains("{first}") || text.contains("{last}");
                if !of_names || ids::login(&made).is_err() {
                    let message = format!(
                        "{} doesn't contain the user's name. Use {{first}} and {{last}}, such as \"{{first}}.{{last}}\".",
                        code(text)
                    );
                    self.wrong(pattern.span(), message);
                }
                pattern.into_inner()
            }
        };
        let acw = match section.acw {
            None => usual.acw,
            Some(seconds) => {
                if *seconds.get_ref() > WORK_MAX {
                    let message =
                        format!("After contact work can be at most {WORK_MAX} seconds. Use 300 if in doubt.");
                    self.wrong(seconds.span(), message);
                }
                seconds.into_inner()
            }
        };
        NewUsers {
            login,
            desk_phone: section.phone == PhoneFile::Desk,
            auto_accept: section.auto_accept,
            acw,
            routing_profile: section.routing_profile,
            security_profile: section.security_profile,
            email_domains: self.domains(section.email_domains),
        }
    }

    /// Domains as addresses have them behind their `@`.
    fn domains(&mut self, domains: Vec<Spanned<String>>) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for domain in domains {
            let text = domain.get_ref().trim();
            if desk_core::basics::address::email(&format!("name@{text}")).is_err() {
                let message =
                    format!("{} is not an email domain. Use one such as \"example.org\".", code(text));
                self.wrong(domain.span(), message);
            }
            all.insert(text::name_key(text).into_owned());
        }
        all
    }

    fn protected(&mut self, section: ProtectedFile) -> Protected {
        let mut logins = BTreeSet::new();
        for login in section.logins {
            match ids::login(login.get_ref()) {
                Ok(checked) => drop(logins.insert(checked)),
                Err(problem) => self
                    .wrong(login.span(), format!("{} Use a login in the contact center.", problem.message)),
            }
        }
        Protected { logins, security_profiles: section.security_profiles }
    }

    fn limits(&mut self, section: LimitsFile) -> Limits {
        let mut known: Vec<&str> = self.commands.iter().flat_map(Entry::operations).collect();
        known.sort_unstable();
        known.dedup();
        self.rate(section.rate.span(), *section.rate.get_ref());
        let mut operations = BTreeMap::new();
        for (name, limit) in section.operations {
            if !known.contains(&name.get_ref().as_str()) {
                let near = text::nearest(name.get_ref(), known.iter().copied());
                let hint = text::did_you_mean(&near)
                    .unwrap_or_else(|| "Use the name of an operation, such as `DescribeUser`.".to_owned());
                self.wrong(
                    name.span(),
                    format!("The desk doesn't use an operation {}. {hint}", code(name.get_ref())),
                );
            }
            let span = limit.span();
            let limit = limit.into_inner();
            self.rate(span, limit.rate);
            operations.insert(name.into_inner(), Limit { rate: limit.rate, burst: limit.burst });
        }
        Limits { every: Some(Limit { rate: *section.rate.get_ref(), burst: section.burst }), operations }
    }

    fn folder(&mut self, folder: Spanned<PathBuf>) -> PathBuf {
        if folder.get_ref().as_os_str().is_empty() {
            self.wrong(
                folder.span(),
                "The state folder is empty. Set a path, such as `/var/lib/connect-desk`.",
            );
        } else if self.folder.is_some() {
            match private::open_to_others(folder.get_ref()) {
                Err(problem) => self.wrong(folder.span(), problem.to_string()),
                Ok(open) => self.warnings.extend(open.first().map(|(path, mode)| {
                    let message = format!(
                        "Other accounts can read {} (mode {mode:04o}). The desk makes it private when it starts. Check who could read it.",
                        path.display()
                    );
                    (line_of(self.text, &folder.span()), message)
                })),
            }
        }
        folder.into_inner()
    }

    fn log_name(&mut self, name: Spanned<String>) -> String {
        let fits =
            !name.get_ref().is_empty() && !name.get_ref().contains(|c: char| c.is_whitespace() || c == '+');
        if !fits {
            let message = format!(
                "{} is not a valid log name. Use a name without spaces and plus signs, such as `desk.example.com`.",
                code(name.get_ref())
            );
            self.wrong(name.span(), message);
        }
        name.into_inner()
    }

    fn hours(&mut self, hours: Spanned<u32>) -> u32 {
        if !(1..=720).contains(hours.get_ref()) {
            self.wrong(
                hours.span(),
                "A temporary password can be kept from 1 to 720 hours. Use 24 if in doubt.",
            );
        }
        hours.into_inner()
    }

    fn people(&mut self, section: Vec<Spanned<PersonFile>>) -> Vec<Person> {
        let mut people: Vec<Person> = Vec::new();
        let mut logins = BTreeSet::new();
        for person in section {
            let span = person.span();
            let person = person.into_inner();
            let id = match person.id.get_ref().parse::<PersonId>() {
                Ok(id) => id,
                Err(message) => {
                    self.wrong(person.id.span(), format!("{message}."));
                    continue;
                }
            };
            self.one_account_each(&person.name, &id, &person.also);
            let mut also = BTreeSet::new();
            for account in &person.also {
                match account.get_ref().parse::<PersonId>() {
                    Ok(other) if other == id || people.iter().any(|known| known.at(&other).is_some()) => {
                        let message = format!(
                            "{} is listed twice. List each account only once.",
                            code(account.get_ref())
                        );
                        self.wrong(account.span(), message);
                    }
                    Ok(other) => drop(also.insert(other)),
                    Err(message) => self.wrong(account.span(), format!("{message}.")),
                }
            }
            if people.iter().any(|other| other.at(&id).is_some()) {
                let message = format!(
                    "{} is listed twice. Put all of the person's roles in one place.",
                    code(&id.to_string())
                );
                self.wrong(person.id.span(), message);
            }
            let mut roles = BTreeSet::new();
            for role in person.roles {
                match role.get_ref().parse::<Role>() {
                    Ok(known) => {
                        roles.insert(known);
                    }
                    Err(message) => self.wrong(role.span(), message),
                }
            }
            if let Some(login) = &person.login
                && !logins.insert(text::name_key(login.get_ref()).into_owned())
            {
                let message = format!(
                    "Two people have the login {}. Give it to only one of them.",
                    code(login.get_ref())
                );
                self.wrong(login.span(), message);
            }
            if person.name.trim().is_empty() {
                self.wrong(span, "A person has no name. Set the name to show.");
            }
            people.push(Person {
                id,
                name: person.name,
                roles,
                login: person.login.map(Spanned::into_inner),
                also,
            });
        }
        people
    }

    fn emergencies(
        &mut self,
        section: EmergencyFile,
        oncall: Vec<Spanned<ShiftFile>>,
        people: &[Person],
    ) -> Emergencies {
        let usual = Emergencies::default();
        let (mut shifts, mut line) = (Vec::new(), None);
        for shift in oncall {
            line = line.or(Some(line_of(self.text, &shift.span())));
            let ShiftFile { person, hours } = shift.into_inner();
            match person.get_ref().parse::<PersonId>() {
                Ok(id) => {
                    self.may_be_on_call(&person, &id, people);
                    shifts.push(Shift { person: id, hours });
                }
                Err(message) => self.wrong(person.span(), format!("{message}.")),
            }
        }
        if let Some(line) = line {
            self.warnings.extend(schedule(&shifts).into_iter().map(|message| (line, message)));
        }
        Emergencies {
            shifts,
            per_person: section.per_person.unwrap_or(usual.per_person),
            in_all: section.in_all.unwrap_or(usual.in_all),
            pass_freeze: section.pass_freeze,
            remind_minutes: section.remind_minutes.map_or(usual.remind_minutes, NonZeroU32::get),
            escalate_hours: section.escalate_hours.unwrap_or(usual.escalate_hours),
        }
    }

    /// At the console roles come from this file alone; elsewhere the platform may give the role.
    fn may_be_on_call(&mut self, person: &Spanned<String>, id: &PersonId, people: &[Person]) {
        let known = people.iter().find(|known| known.at(id).is_some());
        let is_oncall = known.is_some_and(|known| known.roles.contains(&Role::Oncall));
        if id.platform() == Platform::Console && !is_oncall {
            let message = format!(
                "{} is in the on-call schedule but doesn't have the role `oncall`. Add the role under [[person]].",
                code(person.get_ref())
            );
            self.wrong(person.span(), message);
        }
    }

    fn policy(&mut self, section: Vec<Spanned<Rule>>, people: &[Person], mapped: &BTreeSet<Role>) -> Policy {
        let held: BTreeSet<Role> =
            people.iter().flat_map(|person| &person.roles).chain(mapped).copied().collect();
        let mut names = BTreeSet::new();
        let (mut rules, mut spans) = (Vec::new(), Vec::new());
        for rule in section {
            let span = rule.span();
            let rule = rule.into_inner();
            let name = code(&rule.name);
            if !names.insert(rule.name.clone()) {
                self.wrong(
                    span.clone(),
                    format!("Two rules have the name {name}. Give each rule a different name."),
                );
            }
            if rule.roles.is_empty() {
                let message =
                    format!("The rule {name} has no `roles`, so it allows no one. Add its `roles`.");
                self.wrong(span.clone(), message);
            }
            if rule.approvals > 0 && rule.approvers.is_empty() {
                let message =
                    format!("The rule {name} needs approvals but has no approvers. Add its `approvers`.");
                self.wrong(span.clone(), message);
            }
            let named: BTreeSet<Role> = rule.roles.iter().copied().chain(rule.all_approvers()).collect();
            for role in named.iter().filter(|role| !held.contains(role)) {
                let message = format!(
                    "The rule {name} names the role `{role}`, which no one has. Give it to a person under [[person]], map a Discord role to it, or remove it from the rule."
                );
                self.wrong(span.clone(), message);
            }
            for pattern in &rule.commands {
                self.pattern(span.clone(), &name, pattern);
            }
            rules.push(rule);
            spans.push(span);
        }
        if rules.is_empty() {
            self.errors.push((
                None,
                "There is no [[rule]], so no one can do anything. Copy the rules from config.example.toml."
                    .to_owned(),
            ));
        }
        let policy = Policy { rules };
        for finding in lint(&policy, people, mapped) {
            let span = spans.get(finding.rule).cloned().unwrap_or_default();
            match finding.weight {
                Weight::Error => self.wrong(span, finding.message),
                Weight::Warning => self.warnings.push((line_of(self.text, &span), finding.message)),
            }
        }
        policy
    }

    fn pattern(&mut self, span: Range<usize>, rule: &str, pattern: &str) {
        let known = match pattern.strip_suffix(" *") {
            Some(start) => self
                .commands
                .iter()
                .any(|entry| entry.path.strip_prefix(start).is_some_and(|rest| rest.starts_with(' '))),
            None => self.commands.iter().any(|entry| entry.path == pattern),
        };
        if !known {
            let near = text::nearest(pattern, self.commands.iter().map(|entry| entry.path));
            let hint = text::did_you_mean(&near).unwrap_or_else(|| {
                "Use a command's name, or `connect *` for all commands of a group.".to_owned()
            });
            let message =
                format!("The rule {rule} names the command {}, which doesn't exist. {hint}", code(pattern));
            self.wrong(span, message);
        }
    }
}

/// What is worth a thought about a schedule: looked at over one week without a change of the clocks.
fn schedule(shifts: &[Shift]) -> Vec<String> {
    let moments = |moments: &[Timestamp]| {
        let named: Vec<String> =
            moments.iter().take(3).map(|at| format!("{} UTC", at.strftime("%a %H:%M"))).collect();
        let more = moments.len() - named.len();
        let more = if more > 0 { format!(" and {more} more times") } else { String::new() };
        format!("{}{more}", named.join(", "))
    };
    let (gaps, overlaps) = gaps_and_overlaps(shifts, A_MONDAY);
    let mut message = Vec::new();
    if !gaps.is_empty() {
        message.push(format!(
            "No one is on call from {}, so no emergency requests are possible then. Add an [[oncall]] entry.",
            moments(&gaps)
        ));
    }
    if !overlaps.is_empty() {
        message.push(format!(
            "Several people are on call from {}. Ignore this if it is intended.",
            moments(&overlaps)
        ));
    }
    message
}
