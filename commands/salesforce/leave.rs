use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::salesforce::{self, Change};
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &salesforce::NEEDS)
    .titled(|asked| format!("Remove {} from a Salesforce call center", subject::users(asked)));

args! {
    struct LeaveArgs {
        login: Option<String> = one_of(Kind::Login, "The agent to remove (case-sensitive)").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More users, by login").in_place(),
        center: Option<String> =
            optional(Kind::Word(80), "The call center by internal name; their current one by default"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Remove one or more agents from their Salesforce call center",
    help: "Without `center:…`, they are removed from their current call center. The agent sees the change after signing in to Salesforce again.",
    risk: Risk::Sensitive,
    also: &[],
    args: LeaveArgs::ARGS,
    examples: &["/salesforce leave aaron.fields"],
    operations: &salesforce::OPERATIONS,
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let LeaveArgs { login, logins, center } = LeaveArgs::of(ask.args)?;
    let org = salesforce::org(ask)?;
    let center = match &center {
        Some(name) => Some(org.call_center(Some(name)).await?),
        None => None,
    };
    let change = Change::Leave(center);
    change.plan(ask, login, logins).await.map(Answer::Plan)
}
