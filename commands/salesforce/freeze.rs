use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::salesforce::{self, Change};
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &salesforce::NEEDS)
    .titled(|asked| format!("Freeze {} in Salesforce", subject::users(asked)));

args! {
    struct FreezeArgs {
        login: Option<String> = one_of(Kind::Login, "The user to freeze (case-sensitive)").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More users, by login").in_place(),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Freeze one or more users so that they can't sign in to Salesforce",
    help: "Use it first when someone leaves. Nothing is lost, and `/salesforce unfreeze` undoes it. The license stays in use. It also works for users already removed from Amazon Connect.",
    risk: Risk::Sensitive,
    also: &["deactivate", "disable", "lock", "suspend", "offboard"],
    args: FreezeArgs::ARGS,
    examples: &["/salesforce freeze john.doe reason:\"INC-1234 is leaving\""],
    operations: &salesforce::OPERATIONS,
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let FreezeArgs { login, logins } = FreezeArgs::of(ask.args)?;
    let change = Change::Freeze;
    change.plan(ask, login, logins).await.map(Answer::Plan)
}
