use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::salesforce::{self, AGENT_SET, Change};
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &salesforce::NEEDS).titled(|asked| {
    format!("Revoke {} from {} in Salesforce", salesforce::named_set(asked), subject::users(asked))
});

args! {
    struct RevokeArgs {
        login: Option<String> = one_of(Kind::Login, "The user (case-sensitive)").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More users, by login").in_place(),
        set: Option<String> = optional(Kind::Word(80), "The permission set; AC_Agent by default"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Remove a Salesforce permission set of the CTI Adapter from one or more agents",
    help: "Only permission sets of the Amazon Connect CTI Adapter can be removed, `AC_Agent` by default. The agent sees the change after signing in to Salesforce again.",
    risk: Risk::Sensitive,
    also: &["remove", "delete", "unassign"],
    args: RevokeArgs::ARGS,
    examples: &["/salesforce revoke aaron.fields"],
    operations: &salesforce::OPERATIONS,
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let RevokeArgs { login, logins, set } = RevokeArgs::of(ask.args)?;
    let set = salesforce::org(ask)?.permission_set(set.as_deref().unwrap_or(AGENT_SET)).await?;
    let change = Change::Revoke(set);
    change.plan(ask, login, logins).await.map(Answer::Plan)
}
