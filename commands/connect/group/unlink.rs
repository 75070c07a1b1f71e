use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::UserHas;
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::{filter, grouping, hierarchy, subject, users};

pub(crate) const COMMAND: Command =
    command!(SPEC, answer, &[UserHas::GROUP]).titled(|asked| match asked.args.text("group") {
        Some(_) => format!("Remove {} from group {}", subject::agents(asked), subject::name(asked, "group")),
        None => format!("Remove {} from their hierarchy group", subject::agents(asked)),
    });

args! {
    struct UnlinkArgs {
        login: Option<String> = one_of(Kind::Login, "The agent to remove (case-sensitive)").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More agents to remove, by login").in_place(),
        matching: Option<String> = one_of(Kind::Text(1000), "All users that match these options of find, such as \"tag:site=east\""),
        group: Option<String> = one_of(Kind::HierarchyGroup, "Everyone in this group, but not in its subgroups"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Remove agents from their hierarchy group: one or more, all that match, or a whole group",
    help: "The agents are then in no group, which affects historical reports. Each agent is changed separately.",
    risk: Risk::Sensitive,
    also: &[],
    args: UnlinkArgs::ARGS,
    examples: &[
        "/connect group unlink john.doe",
        "/connect group unlink logins:john.doe,olga.novak reason:\"INC-1234 team was closed\"",
    ],
    operations: grouping::OPERATIONS,
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let UnlinkArgs { login, logins, matching, group } = UnlinkArgs::of(ask.args)?;
    let Some(group) = group else {
        let users = filter::meant(ask, login, logins, matching, filter::MATCHING_MAX).await?;
        return grouping::plan(ask, users, None).await.map(Answer::Plan);
    };
    if login.is_some() || !logins.is_empty() || matching.is_some() {
        return Err(Problem::requester("options_conflict", "You named agents in two different ways.")
            .hint("Use only one of: logins, `matching:…`, `group:…`."));
    }
    let tree = ask.center.hierarchy().await?;
    let group = hierarchy::find(&tree, &group)?;
    let (agents, total) = hierarchy::agents(ask, group, filter::MATCHING_MAX).await?;
    if agents.is_empty() {
        return Err(Problem::requester("users_none", format!("No agents are in {}.", code(&group.path)))
            .hint("`/connect group show` lists who is in a group and its subgroups."));
    }
    filter::not_too_many(total, filter::MATCHING_MAX)?;
    let users = users::all_of(ask, agents.into_iter().map(|one| one.login).collect()).await?;
    grouping::plan(ask, users, None).await.map(Answer::Plan)
}
