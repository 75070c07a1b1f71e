use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list};
use desk_core::card::{Block, Card, Style, Tone};
use desk_core::center::Filter;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, Risk, Spec, quoted};

use crate::parts::hierarchy;
use crate::parts::opens::opens;

pub(crate) const COMMAND: Command = command!(SPEC, answer);

/// Agents that are listed.
const LISTED: usize = 25;

args! {
    struct ShowArgs {
        group: String = required(Kind::HierarchyGroup, "The group, by path or name"),
    }
}

const SPEC: Spec = Spec {
    about: "One hierarchy group: its agents, the groups below it, and what depends on it",
    help: "The answer is private because it names agents.",
    risk: Risk::Read,
    also: &[],
    args: ShowArgs::ARGS,
    examples: &["/connect group show \"Tracers East\""],
    operations: &[
        "DescribeSecurityProfile",
        "DescribeUserHierarchyStructure",
        "ListRoutingProfiles",
        "ListSecurityProfiles",
        "ListUserHierarchyGroups",
        "SearchUserHierarchyGroups",
        "SearchUsers",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let ShowArgs { group } = ShowArgs::of(ask.args)?;
    let tree = ask.center.hierarchy().await?;
    let group = hierarchy::find(&tree, &group)?;
    let below = tree.below(&group.id);
    let (agents, own) = hierarchy::agents(ask, group, LISTED).await?;
    let all = match below.is_empty() {
        true => own,
        false => {
            let filter =
                Filter { hierarchy_group: Some(group.named()), include_subgroups: true, ..Filter::default() };
            ask.center.search(&filter, 1).await?.1
        }
    };
    let depends = hierarchy::dependants(ask, &tree, &[group], "renamed or removed").await?;
    let level = tree.levels.get(group.level - 1).map(|name| format!(" ({})", code(name)));
    let mut facts = vec![
        ("Path".to_owned(), code(&group.path)),
        ("Level".to_owned(), format!("{}{}", group.level, level.unwrap_or_default())),
        (
            "Agents".to_owned(),
            match below.is_empty() {
                true => own.to_string(),
                false => format!("{own}, {all} with the groups below"),
            },
        ),
    ];
    if !group.tags.is_empty() {
        let tags: Vec<String> =
            group.tags.iter().map(|(key, value)| code(&format!("{key}={value}"))).collect();
        facts.push(("Tags".to_owned(), list(&tags, "and")));
    }
    let mut card = Card::new(Tone::Plain, format!("Group {}", code(&group.name))).block(Block::Facts(facts));
    if !below.is_empty() {
        let points = below.iter().map(|one| code(&one.path)).collect();
        card = card.block(Block::Points(format!("{} below it", count(below.len(), "group")), points));
    }
    if !agents.is_empty() {
        let rows = agents.iter().map(|one| {
            let name = format!("{} {}", one.first_name, one.last_name);
            vec![one.login.clone(), name.trim().to_owned(), one.routing_profile.clone()]
        });
        card = card.block(Block::table(["Login", "Name", "Routing profile"], rows));
        card.opens = opens("user", "/connect show <login>", agents.iter().map(|one| one.login.as_str()));
    }
    for warning in depends {
        card = card.warning(warning);
    }
    if own > agents.len() {
        let find = format!("/connect find hierarchy_group:{} limit:500", quoted(&group.path));
        card =
            card.text(format!("… and {} more.", own - agents.len())).says(find, "All of them", Style::Quiet);
    }
    Ok(Answer::Card(card.footer(format!("id {}", group.id)).private()))
}
