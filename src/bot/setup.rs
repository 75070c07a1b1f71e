//! `connect-desk init`: from nothing to a folder with a configuration that passes `check`, and what to do next.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Role;
use desk_core::basics::text::code;

use crate::config::{self, Config};
use crate::folder::Writes;
use crate::inspect::SERVICE;
use crate::section::ChatSection as _;
use crate::{iam, inspect, private};

/// Every setting with a sentence; what is asked for here is put in, and what isn't is commented out.
const EXAMPLE: &str = include_str!("../../config.example.toml");

/// The unit of deploy/, so that a desk that was not installed from a package has it as well.
const UNIT: &str = include_str!("../../deploy/connect-desk.service");

/// The folders in which the unit has everything.
const DIR: &str = "/etc/connect-desk";
const STATE: &str = "/var/lib/connect-desk";

/// The files that are written.
const CONFIG: &str = "config.toml";
const IAM: &str = "iam-policy.json";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Chat {
    Discord,
    /// No chat platform yet: the desk runs, and no one can ask for anything
    None,
}

/// What is asked, each also as a flag.
#[derive(Args)]
pub struct Init {
    /// The folder to write to
    #[arg(long, default_value = DIR, value_parser = whole)]
    dir: PathBuf,
    /// The folder of the log, its keys and the sealed secrets
    #[arg(long, default_value = STATE, value_parser = whole)]
    state: PathBuf,
    /// Ask nothing: what is not given as a flag is an error
    #[arg(long)]
    non_interactive: bool,
    /// Where people ask
    #[arg(long, value_enum)]
    platform: Option<Chat>,
    /// The AWS region of the Amazon Connect instance
    #[arg(long)]
    region: Option<String>,
    /// The id at the end of the instance's ARN
    #[arg(long)]
    instance_id: Option<String>,
    /// The number of the AWS account, for the IAM policy; without it, the policy has the word ACCOUNT in its place
    #[arg(long, value_parser = iam::account)]
    account: Option<String>,
    /// An email domain of your people; may be given several times
    #[arg(long)]
    email_domain: Vec<String>,
    /// Discord: the id of the application
    #[arg(long)]
    application: Option<String>,
    /// Discord: the id of the server
    #[arg(long)]
    guild: Option<String>,
    /// Discord: the id of a channel in which the desk listens; may be given several times
    #[arg(long)]
    channel: Vec<String>,
    /// Discord: which role of the server is which at the desk, such as l1=1000000000000000011; l1, supervisor and admin are needed
    #[arg(long, value_name = "ROLE=ID")]
    role: Vec<String>,
    /// The address for health and metrics
    #[arg(long, default_value = "127.0.0.1:9464")]
    monitoring: String,
    /// Another address than AWS's own, such as that of `connect-desk sim`
    #[arg(long)]
    endpoint: Option<String>,
    /// Another address of Discord's API on this machine, for trials
    #[arg(long, hide = true)]
    discord_api: Option<String>,
    /// Another address of Discord's gateway on this machine, for trials
    #[arg(long, hide = true)]
    discord_gateway: Option<String>,
}

/// The path from the root on: a service starts in another folder than the one in which this is typed.
fn whole(path: &str) -> std::io::Result<PathBuf> {
    std::path::absolute(path)
}

/// Everything that was asked, answered.
struct Answers {
    platform: Chat,
    region: String,
    instance: String,
    domains: Vec<String>,
    application: String,
    guild: String,
    channels: Vec<String>,
    roles: BTreeMap<Role, String>,
}

/// Asks, writes and says what to do next.
pub fn init(wanted: &Init, asks: &mut dyn BufRead, out: &mut dyn Write) -> Result<(), Problem> {
    let path = wanted.dir.join(CONFIG);
    // Also a link that leads nowhere.
    let is_there = |path: &PathBuf| std::fs::symlink_metadata(path).is_ok();
    if let Some(there) = [CONFIG, IAM, SERVICE].map(|name| wanted.dir.join(name)).into_iter().find(is_there) {
        return Err(Problem::requester("init_exists", format!("{} already exists.", there.display()))
            .hint("Edit it, or choose another folder with `--dir`."));
    }
    let answers = answers(wanted, asks, out)?;
    let text = written(wanted, &answers);
    let config = config::parse(&path, &text, &desk_commands::all())
        .map_err(|errors| Problem::requester("init_invalid", errors.to_string()))?;
    if !inspect::is_region(&config) {
        let message = format!("There is no AWS region {}.", code(&config.contact_center.region));
        return Err(Problem::requester("init_region", message)
            .hint("Use the one in the instance's ARN, such as `us-east-1`."));
    }
    let failed = |error: std::io::Error| {
        Problem::operator("init_failed", format!("{} can't be written ({error}).", wanted.dir.display()))
            .hint("Run this as root, or choose another folder with `--dir`.")
    };
    private::create(&wanted.dir).map_err(failed)?;
    let unit = unit(wanted, answers.platform);
    let policy = format!("{}\n", iam::policy(&config, wanted.account.as_deref()));
    let files = [(CONFIG, Some(&text)), (IAM, Some(&policy)), (SERVICE, unit.as_ref())];
    for (name, text) in files {
        let Some(text) = text else { continue };
        Writes::default().replace(&wanted.dir, name, text.as_bytes()).map_err(failed)?;
    }
    share_with_service(&wanted.dir, &path).map_err(failed)?;
    let steps = next_steps(wanted, &config, unit.is_some(), inspect::kept_from_service(&path));
    let _ = out.write_all(steps.as_bytes());
    Ok(())
}

/// The folders that the unit hides from the service (`ProtectHome`).
const HOMES: [&str; 3] = ["/home", "/root", "/run/user"];

/// The unit for these folders and secrets; none where systemd would read a path differently.
fn unit(wanted: &Init, platform: Chat) -> Option<String> {
    let path = |path: &Path| {
        let path = path.to_str()?.to_owned();
        let is_plain = path.starts_with('/')
            && !path.contains(|c: char| c.is_whitespace() || c.is_control() || "\"'\\%$".contains(c));
        is_plain.then_some(path)
    };
    let (dir, state) = (path(&wanted.dir)?, path(&wanted.state)?);
    let is_hidden = |path: &str| HOMES.iter().any(|home| Path::new(path).starts_with(home));
    let mut unit = String::new();
    for line in UNIT.lines() {
        let _ = match line {
            // Only what the desk needs of the homes is there. A bind mount is writable, and it alone is.
            "ProtectHome=yes" if is_hidden(&dir) || is_hidden(&state) => {
                let _ = writeln!(unit, "ProtectHome=tmpfs");
                if is_hidden(&dir) && !Path::new(&dir).starts_with(&state) {
                    let _ = writeln!(unit, "BindReadOnlyPaths={dir}");
                }
                if is_hidden(&state) { writeln!(unit, "BindPaths={state}") } else { Ok(()) }
            }
            "StateDirectory=connect-desk" if is_hidden(&state) => Ok(()),
            line if platform == Chat::None && line.starts_with("LoadCredential=discord-token:") => Ok(()),
            // systemd makes the folder below /var/lib itself. Any other it has to be told of, or the desk can't write there.
            "StateDirectory=connect-desk" if state != STATE => writeln!(unit, "ReadWritePaths={state}"),
            "StateDirectoryMode=0700" if state != STATE => Ok(()),
            line => writeln!(unit, "{}", line.replace(DIR, &dir).replace(STATE, &state)),
        };
    }
    Some(unit)
}

/// Lets the group of the folder read the configuration, if it may enter the folder and others may not. The package creates such a
/// folder for the account of the service.
#[cfg(unix)]
fn share_with_service(folder: &Path, config: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let metadata = std::fs::metadata(folder)?;
    if metadata.mode() & 0o057 == 0o050 {
        std::os::unix::fs::chown(config, None, Some(metadata.gid()))?;
        std::fs::set_permissions(config, std::fs::Permissions::from_mode(0o640))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn share_with_service(_: &Path, _: &Path) -> std::io::Result<()> {
    Ok(())
}

fn answers(wanted: &Init, asks: &mut dyn BufRead, out: &mut dyn Write) -> Result<Answers, Problem> {
    let mut missing = Vec::new();
    let mut ask = |given: Option<String>, flag: &str, question: &str| -> String {
        if let Some(given) = given.filter(|given| !given.trim().is_empty()) {
            return given.trim().to_owned();
        }
        if wanted.non_interactive {
            missing.push(format!("--{flag}"));
            return String::new();
        }
        let _ = write!(out, "{question}: ");
        let _ = out.flush();
        let mut line = String::new();
        let read = asks.read_line(&mut line).unwrap_or_default();
        if read == 0 || line.trim().is_empty() {
            missing.push(format!("--{flag}"));
        }
        line.trim().to_owned()
    };
    let platform = match wanted.platform {
        Some(platform) => platform,
        None => match ask(None, "platform", "Chat platform (discord or none)").as_str() {
            "discord" => Chat::Discord,
            "none" | "" => Chat::None,
            other => {
                return Err(Problem::requester(
                    "init_platform",
                    format!("There is no chat platform {other}."),
                )
                .hint("Choose discord or none."));
            }
        },
    };
    let region = ask(wanted.region.clone(), "region", "AWS region of the instance, such as us-east-1");
    let instance = ask(wanted.instance_id.clone(), "instance-id", "Id at the end of the instance's ARN");
    let given = |list: &[String]| (!list.is_empty()).then(|| list.join(","));
    let domains =
        ask(given(&wanted.email_domain), "email-domain", "Email domains of your users, comma-separated");
    let split = |text: &str| -> Vec<String> {
        text.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let mut answers = Answers {
        platform,
        region,
        instance,
        domains: split(&domains),
        application: String::new(),
        guild: String::new(),
        channels: Vec::new(),
        roles: BTreeMap::new(),
    };
    if platform == Chat::Discord {
        answers.application = ask(wanted.application.clone(), "application", "Id of the Discord application");
        answers.guild = ask(wanted.guild.clone(), "guild", "Id of the Discord server");
        answers.channels =
            split(&ask(given(&wanted.channel), "channel", "Ids of the desk's channels, comma-separated"));
        let roles = ask(
            given(&wanted.role),
            "role",
            "Discord roles, such as l1=ID,supervisor=ID,oncall=ID,admin=ID,auditor=ID,agent=ID",
        );
        for pair in split(&roles) {
            let (role, id) = pair.split_once('=').unwrap_or((&pair, ""));
            let role: Role =
                role.parse().map_err(|message: String| Problem::requester("init_role", message))?;
            answers.roles.insert(role, id.to_owned());
        }
        for role in [Role::L1, Role::Supervisor, Role::Admin] {
            if !answers.roles.contains_key(&role) {
                missing.push(format!("--role {role}=ID"));
            }
        }
    }
    missing.dedup();
    if missing.is_empty() {
        return Ok(answers);
    }
    Err(Problem::requester("init_missing", format!("Missing: {}.", missing.join(", ")))
        .hint("Add it as a flag, or answer the question."))
}

/// A string as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn listed(all: &[String]) -> String {
    format!("[{}]", all.iter().map(|one| quoted(one)).collect::<Vec<_>>().join(", "))
}

/// The sections that every configuration gets, after what is in front of them.
const ALWAYS: [&str; 14] = [
    "",
    "[contact_center]",
    "[limits]",
    "[limits.people]",
    "[state]",
    "[log]",
    "[monitoring]",
    "[secrets]",
    "[authenticators]",
    "[new_users]",
    "[protected]",
    "[emergency]",
    "[digest]",
    "[[rule]]",
];

/// The configuration: the example with these answers, and what was not asked for commented out.
fn written(wanted: &Init, answers: &Answers) -> String {
    let mut text = String::from(
        "# Written by `connect-desk init`. `connect-desk check --config FILE` names every mistake with its line; reload a running\n\
         # desk with `systemctl reload connect-desk`. What is commented out is optional, and shows its default where it has one.\n",
    );
    let discord = answers.platform == Chat::Discord;
    for (head, block) in blocks() {
        let keep = match head.as_str() {
            "[discord]" | "[discord.roles]" => discord,
            "[[person]]" => !discord,
            always => ALWAYS.contains(&always),
        };
        // It names permission sets, and there is no Salesforce to have them.
        if head == "[[rule]]" && block.contains("permission_sets = [\"AC_Administrator\"") {
            continue;
        }
        let block = if head == "[[rule]]" && discord { only_roles(&block, answers) } else { Some(block) };
        let Some(block) = block else { continue };
        for line in block.lines() {
            let line = answered(&head, line, wanted, answers);
            if keep || line.is_empty() || line.starts_with('#') {
                let _ = writeln!(text, "{line}");
            } else {
                let _ = writeln!(text, "# {line}");
            }
        }
    }
    text
}

/// The sections of the example, each with its header and the comments in front of it.
fn blocks() -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = vec![(String::new(), String::new())];
    let mut comments = String::new();
    for line in EXAMPLE.lines().skip(2) {
        if line.starts_with('[') {
            blocks.push((
                line.split(']').next().unwrap_or(line).to_owned() + "]",
                std::mem::take(&mut comments),
            ));
            if let Some((head, _)) = blocks.last_mut()
                && head.starts_with("[[")
            {
                head.push(']');
            }
        }
        // What follows a blank line may belong to the next section.
        if line.is_empty() || line.starts_with('#') && (comments.starts_with('\n')) {
            comments.push_str(line);
            comments.push('\n');
            continue;
        }
        if let Some((_, block)) = blocks.last_mut() {
            block.push_str(&std::mem::take(&mut comments));
            block.push_str(line);
            block.push('\n');
        }
    }
    if let Some((_, block)) = blocks.last_mut() {
        block.push_str(&comments);
    }
    blocks
}

/// A line with the answer to it.
fn answered(head: &str, line: &str, wanted: &Init, answers: &Answers) -> String {
    let key = line.trim_start_matches("# ").split(" = ").next().unwrap_or_default();
    let set = |value: String| format!("{key} = {value}");
    let some = |value: &Option<String>| value.as_deref().map(|value| set(quoted(value)));
    let path = |path: &Path| quoted(&path.display().to_string());
    let put = match (head, key) {
        ("[contact_center]", "region") => Some(set(quoted(&answers.region))),
        ("[contact_center]", "instance_id") => Some(set(quoted(&answers.instance))),
        ("[contact_center]", "endpoint") => some(&wanted.endpoint),
        ("[state]", "folder") => Some(set(path(&wanted.state))),
        ("[new_users]", "email_domains") => Some(set(listed(&answers.domains))),
        ("[monitoring]", "listen") => Some(set(quoted(&wanted.monitoring))),
        ("[discord]", _) if answers.platform == Chat::None => None,
        ("[discord]", "application") => Some(set(quoted(&answers.application))),
        ("[discord]", "guild") => Some(set(quoted(&answers.guild))),
        ("[discord]", "channels") => Some(set(listed(&answers.channels))),
        ("[discord]", "token_file") => Some(set(path(&wanted.dir.join("discord-token")))),
        ("[discord]", "api") => some(&wanted.discord_api),
        ("[discord]", "gateway") => some(&wanted.discord_gateway),
        ("[discord.roles]", _) if !line.starts_with('#') && line.contains(" = ") => {
            let id = key.parse::<Role>().ok().and_then(|role| answers.roles.get(&role));
            Some(id.map_or_else(|| format!("# {line}"), |id| set(listed(std::slice::from_ref(id)))))
        }
        _ => None,
    };
    put.unwrap_or_else(|| line.to_owned())
}

/// A rule without the roles that no one can have; nothing when no role is left.
fn only_roles(block: &str, answers: &Answers) -> Option<String> {
    let mut kept = String::new();
    for line in block.lines() {
        let key = line.split(" = ").next().unwrap_or_default();
        if !["roles", "approvers"].contains(&key) {
            let _ = writeln!(kept, "{line}");
            continue;
        }
        let named = |role: &Role| line.contains(&format!("\"{role}\""));
        let roles: Vec<String> =
            answers.roles.keys().filter(|role| named(role)).map(|role| role.word().to_owned()).collect();
        if roles.is_empty() {
            return None;
        }
        let _ = writeln!(kept, "{key} = {}", listed(&roles));
    }
    Some(kept)
}

fn next_steps(wanted: &Init, config: &Config, has_unit: bool, unreadable: Option<Problem>) -> String {
    let dir = wanted.dir.display();
    let mut steps = vec![format!(
        "Give the desk's AWS role the policy in {dir}/iam-policy.json{}.",
        if wanted.account.is_none() { ", with your account's number in place of ACCOUNT" } else { "" }
    )];
    if let Some(discord) = &config.chats.discord {
        steps.push(format!(
            "Write the bot's token into {dir}/discord-token and run `chmod 600 {dir}/discord-token`."
        ));
        steps.push(format!("Add the bot to your server: {}", discord.invite()));
    }
    steps.extend(unreadable.map(|problem| problem.sentences()));
    steps.push(format!("Run `connect-desk check --config {dir}/config.toml`, then `connect-desk doctor --config {dir}/config.toml`."));
    if has_unit && wanted.state != Path::new(STATE) {
        let state = wanted.state.display();
        steps.push(format!(
            "For a service, create the state folder: `install -d -m 700 -o connect-desk -g connect-desk {state}`."
        ));
    }
    let run = format!("`connect-desk run --config {dir}/{CONFIG}`");
    let files = match has_unit {
        true => {
            steps.push(format!(
                "Start it as a service: `install -m 644 {dir}/{SERVICE} /etc/systemd/system/`, `systemctl daemon-reload`, \
                 `systemctl enable --now connect-desk`. For a trial: {run}, as the account that owns the state folder."
            ));
            format!("{dir}/{CONFIG}, {dir}/{IAM} and {dir}/{SERVICE}")
        }
        false => {
            steps.push(format!("Start it: {run}."));
            format!("{dir}/{CONFIG} and {dir}/{IAM}")
        }
    };
    let mut said = format!("Wrote {files}.\n\n");
    for (i, step) in steps.iter().enumerate() {
        let _ = writeln!(said, "{}. {step}", i + 1);
    }
    said
}
