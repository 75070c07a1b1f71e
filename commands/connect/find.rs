use async_trait::async_trait;
use desk_core::card::{Block, Card, Tone};
use desk_core::center::Found;
use desk_core::command::{Answer, Ask, Command};
use desk_core::problem::Problem;
use desk_core::words::{Arg, Kind, Risk, Spec};

use crate::filter;

pub(crate) const COMMAND: &dyn Command = &Find;

struct Find;

/// How many users are listed when nobody says.
const LISTED: usize = 25;

pub(crate) const SPEC: Spec = Spec {
    about: "Look for users by login, name, profiles, hierarchy group or tag",
    help: filter::HELP,
    risk: Risk::Look,
    also: &["list", "search", "lookup", "users", "who"],
    args: &[
        filter::TEXT,
        filter::LOGIN,
        filter::NAME,
        filter::ROUTING_PROFILE,
        filter::SECURITY_PROFILE,
        filter::HIERARCHY_GROUP,
        filter::WITH_CHILDREN,
        filter::TAG,
        Arg::optional("limit", Kind::Integer(1, 500), "How many to list at most; 25 if not said"),
    ],
    examples: &[
        "/connect find doe",
        "/connect find routing_profile:\"Basic Routing Profile\"",
        "/connect find hierarchy_group:East with_children",
        "/connect find security_profile:Admin limit:100",
    ],
    operations: &["SearchUsers", "ListRoutingProfiles", "ListSecurityProfiles", "ListUserHierarchyGroups", "DescribeUserHierarchyGroup"],
};

#[async_trait]
impl Command for Find {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let limit = ask.args.integer("limit").and_then(|n| usize::try_from(n).ok()).unwrap_or(LISTED);
        let filter = filter::read(ask).await?;
        let (found, total) = ask.center.search(&filter, limit).await?;
        Ok(Answer::Card(card(&found, total).private()))
    }
}

fn card(found: &[Found], total: usize) -> Card {
    let title = match total {
        0 => "Nobody fits".to_owned(),
        1 => "1 user fits".to_owned(),
        n => format!("{n} users fit"),
    };
    if found.is_empty() {
        return Card::new(Tone::Plain, title).text("Try fewer or shorter words; a part of the login is enough.");
    }
    let columns = ["Login", "Name", "Routing profile", "Security profiles", "Group"].map(str::to_owned).to_vec();
    let rows = found
        .iter()
        .map(|user| {
            vec![
                user.login.clone(),
                format!("{} {}", user.first_name, user.last_name).trim().to_owned(),
                user.routing_profile.clone(),
                user.security_profiles.join(", "),
                user.hierarchy_group.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let card = Card::new(Tone::Plain, title).block(Block::Table { columns, rows });
    if found.len() < total {
        return card.footer(format!("the first {} of {total}; say more to narrow it, or limit:500", found.len()));
    }
    card
}
