use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::salesforce::{self, AGENT_SET, Change};
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &salesforce::NEEDS).titled(|asked| {
    format!("Grant {} to {} in Salesforce", salesforce::named_set(asked), subject::users(asked))
});

args! {
    struct GrantArgs {
        login: Option<String> = one_of(Kind::Login, "The user (case-sensitive)").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More users, by login").in_place(),
        set: Option<String> = optional(Kind::Word(80), "The permission set; AC_Agent by default"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Grant one or more agents a Salesforce permission set of the CTI Adapter",
    help: "Agents need `AC_Agent` to see the soft phone in Salesforce. Only permission sets of the Amazon Connect CTI Adapter can be granted. The agent has to sign in to Salesforce again afterwards.",
    risk: Risk::Sensitive,
    also: &["assign", "add"],
    args: GrantArgs::ARGS,
    examples: &[
        "/salesforce grant john.doe",
        "/salesforce grant logins:john.doe,mei.chen set:AC_Agent reason:\"INC-1234 new agents\"",
    ],
    operations: &salesforce::OPERATIONS,
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let GrantArgs { login, logins, set } = GrantArgs::of(ask.args)?;
    let set = salesforce::org(ask)?.permission_set(set.as_deref().unwrap_or(AGENT_SET)).await?;
    let change = Change::Grant(set);
    change.plan(ask, login, logins).await.map(Answer::Plan)
}
