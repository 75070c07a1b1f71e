use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::UserHas;
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::{filter, grouping, hierarchy, subject};

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[UserHas::GROUP])
    .titled(|asked| format!("Add {} to group {}", subject::agents(asked), subject::name(asked, "group")));

args! {
    struct LinkArgs {
        group: String = required(Kind::HierarchyGroup, "The group, by path or name"),
        login: Option<String> = one_of(Kind::Login, "The user to add (case-sensitive)").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More agents to add, by login").in_place(),
        matching: Option<String> = one_of(Kind::Text(1000), "All users that match these options of find, such as \"tag:site=east\""),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Put one or more agents into a hierarchy group, or all that match",
    help: "An agent can be in only one group, so they leave their current one. Each agent is changed separately.",
    risk: Risk::Sensitive,
    also: &["join"],
    args: LinkArgs::ARGS,
    examples: &[
        "/connect group link \"Tracers East\" john.doe",
        "/connect group link \"Leads East\" logins:john.doe,olga.novak reason:\"INC-1234 new leads\"",
    ],
    operations: grouping::OPERATIONS,
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let LinkArgs { group, login, logins, matching } = LinkArgs::of(ask.args)?;
    let tree = ask.center.hierarchy().await?;
    let group = hierarchy::find(&tree, &group)?;
    let users = filter::meant(ask, login, logins, matching, filter::MATCHING_MAX).await?;
    grouping::plan(ask, users, Some(group)).await.map(Answer::Plan)
}
