use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list, second};
use desk_core::card::{Block, Card, Tone};
use desk_core::center::names;
use desk_core::center::{Channel, User};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::formats::ccplog::{CcpLog, Setting};
use desk_core::words::{Arg, Kind, Risk, Spec};

use crate::parts::ccp_log;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

const SPEC: Spec = Spec {
    about: "Read a CCP log: auto-accept and since when, and why calls or audio fail",
    help: "The agent downloads it in the CCP under Settings, Download logs, ideally right after a test call. The log (up to 50 MiB) is compared with the user's settings and not kept. The answer also lists microphone, network and signaling failures, the clock, the last error, browser and versions.",
    risk: Risk::Read,
    also: &["ccplog"],
    args: &[
        Arg::required("file", Kind::File, "The downloaded CCP log"),
        Arg::optional("login", Kind::Login, "The agent's login, if the log doesn't name it").in_place(),
    ],
    examples: &["/log ccp agent-log.txt", "/log ccp agent-log.txt john.doe"],
    operations: &[
        "SearchUsers",
        "DescribeUser",
        "ListRoutingProfiles",
        "ListSecurityProfiles",
        "SearchUserHierarchyGroups",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let mut log = ccp_log::read(ask).await?;
    if let Some(login) = ask.args.text("login") {
        log = log.of(login).unwrap_or_else(|log| *log);
    }
    let user = match (ask.args.text("login"), log.login.as_deref()) {
        (Some(login), _) => Some(names::user(ask.center, login).await?),
        (None, Some(login)) => ask.center.user(login).await?,
        (None, None) => None,
    };
    Ok(Answer::Card(card(&log, user.as_ref()).private()))
}

fn card(log: &CcpLog, user: Option<&User>) -> Card {
    let (tone, title) = match log.auto_accept() {
        Some(true) => (Tone::Good, "Calls are accepted automatically"),
        Some(false) => (Tone::Plain, "Calls are not accepted automatically"),
        None => (Tone::Plain, "The log does not show auto-accept"),
    };
    let mut card = Card::new(tone, title).block(Block::Facts(facts(log)));
    if log.calls.is_none() {
        card = card.text(
            "The log has no call, and only a call shows the setting for certain. Have the agent take a test call, choose Settings, Download logs, and attach the new log.",
        );
    }
    if let (Some(calls), Some(configured)) = (&log.calls, &log.configured)
        && calls.latest.on != configured.latest.on
    {
        card = card.text(format!(
            "The agent's configuration in the log has it {}; that applies from the next call on.",
            on_off(configured.latest.on)
        ));
    }
    card = match user {
        Some(user) => compared(card, log, user),
        None => match &log.login {
            Some(login) => card.warning(format!(
                "No user {} in this contact center, so there is nothing to compare the log with.",
                code(login)
            )),
            None => card.text(
                "The log doesn't name the agent. Add `login:…` to compare it with the user's settings.",
            ),
        },
    };
    if let Some(others) = &log.others {
        card = card.text(format!(
            "Chats and other contacts, which have their own setting: {}, {}.",
            on_off(others.latest.on),
            since(others)
        ));
    }
    let people: Vec<String> = log.people.iter().filter_map(|one| one.login.as_deref()).map(code).collect();
    if !people.is_empty() {
        card = card.warning(format!(
            "{} also signed in on this computer. Add `login:…` to see what the log has about them.",
            list(&people, "and")
        ));
    }
    let signs = ccp_log::findings(&log.signs);
    if !signs.is_empty() {
        card = card.block(Block::Steps(signs));
    }
    card.footer(format!("{} read, none of it kept", lines(log.lines)))
}

fn facts(log: &CcpLog) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: String| facts.push((name.to_owned(), value));
    let who: Vec<String> = [&log.login, &log.name].into_iter().flatten().map(|word| code(word)).collect();
    if !who.is_empty() {
        add("Log of", who.join(", "));
    }
    for (name, setting) in [("In calls", &log.calls), ("Configured", &log.configured)] {
        let Some(setting) = setting else { continue };
        add(name, format!("{}, {}", on_off(setting.latest.on), since(setting)));
        add("", format!("line {}: {}", setting.since.line, code(&setting.since.text)));
    }
    facts
}

/// Since when, as far as the log goes back, and how often it was seen.
fn since(setting: &Setting) -> String {
    // Not every entry has a time that can be read.
    let at =
        |before: &str| setting.since.at.map(|at| format!("{before} at {}", second(at))).unwrap_or_default();
    let seen = match setting.seen {
        1 => "logged once".to_owned(),
        n => format!("logged {n} times"),
    };
    match setting.changed {
        0 => format!("for as long as the log goes back{}, {seen}", at("; first")),
        1 => format!("changed once{}; {seen}", at("")),
        n => format!("changed {n} times{}; {seen}", at(", last")),
    }
}

/// What is set beside what the log shows, and what to do where they differ.
fn compared(card: Card, log: &CcpLog, user: &User) -> Card {
    let login = code(&user.login);
    if let Some(other) = log.login.as_deref().filter(|other| *other != user.login) {
        return card.warning(format!(
            "This is the log of {}, not of {login}, so it isn't compared. Ask {login} for their log.",
            code(other)
        ));
    }
    let set = user.profile.settings.auto_accept.get(&Channel::Voice).is_some_and(|accept| accept.on);
    let Some(shown) = log.auto_accept() else {
        return card.text(format!("For {login} it is set to {}.", on_off(set)));
    };
    if set == shown {
        return card.text(format!("For {login} it is set to {} as well.", on_off(set)));
    }
    let latest = log.calls.as_ref().or(log.configured.as_ref()).and_then(|setting| setting.latest.at);
    let changed_later = matches!((user.modified, latest), (Some(changed), Some(latest)) if changed > latest);
    let why = if changed_later {
        "The user was changed after the log's last entry about it. Have them sign out of the CCP and in again, take a test \
         call, and download a new log."
    } else {
        "Have them sign out of the CCP and in again, then take a test call."
    };
    card.warning(format!(
        "For {login} it is set to {}, but the log still shows {}. {why}",
        on_off(set),
        on_off(shown)
    ))
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn lines(lines: u64) -> String {
    count(usize::try_from(lines).unwrap_or(usize::MAX), "line")
}
