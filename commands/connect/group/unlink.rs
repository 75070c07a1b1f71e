use async_trait::async_trait;
use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectNeeds, UserHas};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::{filter, grouping, hierarchy, users};

pub(crate) const COMMAND: &dyn Command = &Unlink;

struct Unlink;

args! {
    struct UnlinkArgs {
        login: Option<String> = one_of(Kind::Login, "Whom to take out; case matters").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More agents to take out: their logins").in_place(),
        matching: Option<String> = one_of(Kind::Text(1000), "All who fit the options of find, such as \"tag:site=east\""),
        group: Option<String> = one_of(Kind::HierarchyGroup, "Everyone who is in this group, but not below it"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Take agents out of their hierarchy group: one, several, all that match, or all of a group",
    help: "They are in no group then. Taking agents out affects historical reports. Each agent is changed on their own.",
    risk: Risk::Sensitive,
    also: &[],
    args: UnlinkArgs::ARGS,
    examples: &[
        "/connect group unlink john.doe",
        "/connect group unlink logins:john.doe,olga.novak reason:\"INC-1234 team was closed\"",
    ],
    operations: grouping::OPERATIONS,
};

#[async_trait]
impl Command for Unlink {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn effects(&self) -> &'static [EffectNeeds] {
        const { &[UserHas::GROUP] }
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let UnlinkArgs { login, logins, matching, group } = UnlinkArgs::of(ask.args)?;
        let Some(group) = group else {
            let users = filter::meant(ask, login, logins, matching).await?;
            return grouping::plan(ask, users, None).await.map(Answer::Plan);
        };
        if login.is_some() || !logins.is_empty() || matching.is_some() {
            return Err(Problem::asker("options_conflict", "Agents are given in two ways.")
                .hint("Give logins, `matching:…` or `group:…`."));
        }
        let tree = ask.center.hierarchy().await?;
        let group = hierarchy::find(&tree, &group)?;
        let (agents, total) = hierarchy::agents(ask, group, filter::MATCHING_MAX).await?;
        if agents.is_empty() {
            return Err(Problem::asker("users_none", format!("No agents are in {}.", code(&group.path)))
                .hint("`/connect group show` tells who is in a group and below it."));
        }
        filter::not_too_many(total)?;
        let users = users::all_of(ask, agents.into_iter().map(|one| one.login).collect()).await?;
        grouping::plan(ask, users, None).await.map(Answer::Plan)
    }
}
