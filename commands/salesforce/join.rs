use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::salesforce::{self, Change};
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &salesforce::NEEDS)
    .titled(|asked| format!("Add {} to a Salesforce call center", subject::users(asked)));

args! {
    struct JoinArgs {
        login: Option<String> = one_of(Kind::Login, "The user to add (case-sensitive)").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More users, by login").in_place(),
        center: Option<String> =
            optional(Kind::Word(80), "The call center by internal name; the configured one by default"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Add one or more agents to a Salesforce call center",
    help: "Use the internal name of the call center, such as `ACLightningAdapter`, because labels aren't unique. Agents in another call center leave it. The agent has to sign in to Salesforce again afterwards.",
    risk: Risk::Sensitive,
    also: &[],
    args: JoinArgs::ARGS,
    examples: &["/salesforce join john.doe", "/salesforce join ahmed.farouk center:ACLightningAdapter"],
    operations: &salesforce::OPERATIONS,
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let JoinArgs { login, logins, center } = JoinArgs::of(ask.args)?;
    let center = salesforce::org(ask)?.call_center(center.as_deref()).await?;
    let change = Change::Join(center);
    change.plan(ask, login, logins).await.map(Answer::Plan)
}
