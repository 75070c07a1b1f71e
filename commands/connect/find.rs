use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::card::{Block, Card, Tone};
use desk_core::center::{Filter, Found};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec};

use crate::parts::filter::{self, FilterArgs};
use crate::parts::opens::opens;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

/// How many users are listed when no one says.
const LISTED: usize = 25;

/// The most that are listed.
const LISTED_MAX: usize = 500;

args! {
    struct FindArgs {
        ..filter: FilterArgs,
        limit: Option<usize> = optional(Kind::Integer(1, 500), "The most users to list; 25 by default"),
    }
}

const SPEC: Spec = Spec {
    about: "Find users by login, name, profile, hierarchy group or tag",
    help: filter::HELP,
    risk: Risk::Read,
    also: &["list", "search", "lookup", "users"],
    args: FindArgs::ARGS,
    examples: &[
        "/connect find doe",
        "/connect find routing_profile:\"Basic Routing Profile\"",
        "/connect find hierarchy_group:\"Eastern Region\" include_subgroups",
        "/connect find security_profile:Admin limit:100",
    ],
    operations: &[
        "SearchUsers",
        "ListRoutingProfiles",
        "ListSecurityProfiles",
        "ListUserHierarchyGroups",
        "SearchUserHierarchyGroups",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let FindArgs { filter, limit } = FindArgs::of(ask.args)?;
    let limit = limit.unwrap_or(LISTED);
    let filter = filter::read(ask, filter).await?;
    let (found, total) = ask.center.search(&filter, limit).await?;
    let email = filter.text.as_deref().filter(|text| found.is_empty() && text.contains('@'));
    if let Some(local) = email.and_then(|email| email.split('@').next()).filter(|local| !local.is_empty()) {
        let by_login = Filter { text: Some(local.to_owned()), ..filter.clone() };
        let (found, total) = ask.center.search(&by_login, limit).await?;
        return Ok(Answer::Card(by_email(local, &found, total).private()));
    }
    Ok(Answer::Card(card(&found, total).private()))
}

/// What is found by the part of an email before the `@`, because Amazon Connect searches no emails.
fn by_email(local: &str, found: &[Found], total: usize) -> Card {
    let mut card = card(found, total);
    let message = format!("Amazon Connect can't search for emails. This is the search for {}.", code(local));
    card.blocks.insert(0, Block::Text(message));
    match found {
        [only] => Card { opens: None, ..card }.offers(&[format!("/connect show {}", only.login)]),
        _ => card,
    }
}

fn card(found: &[Found], total: usize) -> Card {
    let title = match total {
        0 => "No users match".to_owned(),
        1 => "1 user matches".to_owned(),
        n => format!("{n} users match"),
    };
    if found.is_empty() {
        return Card::new(Tone::Plain, title)
            .text("Use fewer or shorter words. Part of the login is enough.");
    }
    let rows = found.iter().map(|user| {
        vec![
            user.login.clone(),
            format!("{} {}", user.first_name, user.last_name).trim().to_owned(),
            user.routing_profile.clone(),
            user.security_profiles.join(", "),
            user.hierarchy_group.clone().unwrap_or_default(),
        ]
    });
    let mut card = Card::new(Tone::Plain, title)
        .block(Block::table(["Login", "Name", "Routing profile", "Security profiles", "Group"], rows));
    card.opens = opens("user", "/connect show <login>", found.iter().map(|user| user.login.as_str()));
    if found.len() < total {
        let more =
            if found.len() < LISTED_MAX { format!(", or add limit:{LISTED_MAX}") } else { String::new() };
        return card.footer(format!("first {} of {total}; refine the search{more}", found.len()));
    }
    card
}
