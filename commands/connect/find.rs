use async_trait::async_trait;
use desk_core::card::{Block, Card, Tone};
use desk_core::center::{Filter, Found};
use desk_core::command::{Answer, Ask, Command};
use desk_core::names;
use desk_core::problem::Problem;
use desk_core::text::code;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: &dyn Command = &Find;

struct Find;

/// How many users are listed when nobody says.
const LISTED: usize = 25;

const SPEC: Spec = Spec {
    about: "Look for users by login, name, profiles, hierarchy group or tag",
    help: "Everything you give must hold. A part of a login or a name is enough; with one letter it has to be the first.",
    risk: Risk::Look,
    args: &[
        Arg::optional("text", Kind::Text(100), "Parts of the login, the first or the last name"),
        Arg::optional("login", Kind::Text(25), "A part of the login"),
        Arg::optional("name", Kind::Text(100), "Parts of the first or the last name"),
        Arg::optional("routing_profile", Kind::RoutingProfile, "Users with this routing profile"),
        Arg::optional("security_profile", Kind::SecurityProfile, "Users with this security profile"),
        Arg::optional("hierarchy_group", Kind::HierarchyGroup, "Users in this group, by name or path"),
        Arg::optional("with_children", Kind::Flag, "Also users in the groups below it"),
        Arg::optional("tag", Kind::Text(390), "A tag as key=value"),
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
        let filter = filter(ask).await?;
        let (found, total) = ask.center.search(&filter, limit).await?;
        Ok(Answer::Card(card(&found, total).private()))
    }
}

async fn filter(ask: &Ask<'_>) -> Result<Filter, Problem> {
    let args = ask.args;
    let text = |name: &str| args.text(name).map(str::to_owned);
    let routing_profile = match args.text("routing_profile") {
        Some(typed) => Some(names::resolve("routing profile", typed, &ask.center.routing_profiles().await?)?),
        None => None,
    };
    let security_profile = match args.text("security_profile") {
        Some(typed) => Some(names::resolve("security profile", typed, &ask.center.security_profiles().await?)?),
        None => None,
    };
    let hierarchy_group = match args.text("hierarchy_group") {
        Some(typed) => Some(names::hierarchy_group(ask.center, typed).await?),
        None => None,
    };
    if args.flag("with_children") && hierarchy_group.is_none() {
        return Err(Problem::asker("group_missing", "`with_children` says nothing without a hierarchy group.")
            .next("Add `hierarchy_group:…`, or leave it out."));
    }
    let tag = match args.text("tag") {
        None => None,
        Some(typed) => match typed.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => Some((key.trim().to_owned(), value.trim().to_owned())),
            _ => {
                return Err(Problem::asker("tag", format!("{} is not a tag.", code(typed)))
                    .next("Type it as `tag:key=value`, such as `tag:team=red`."));
            }
        },
    };
    Ok(Filter {
        text: text("text"),
        login: text("login").map(|login| login.trim_start_matches('@').to_owned()),
        name: text("name"),
        routing_profile,
        security_profile,
        hierarchy_group,
        with_children: args.flag("with_children"),
        tag,
    })
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
