use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::salesforce::{self, Change};
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &salesforce::NEEDS)
    .titled(|asked| format!("Unfreeze {} in Salesforce", subject::users(asked)));

args! {
    struct UnfreezeArgs {
        login: Option<String> = one_of(Kind::Login, "The user to unfreeze (case-sensitive)").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More users, by login").in_place(),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Unfreeze one or more users so that they can sign in to Salesforce again",
    help: "Undoes a freeze by `/salesforce freeze` or by a Salesforce administrator. It also works for users already removed from Amazon Connect.",
    risk: Risk::Sensitive,
    also: &["activate", "enable", "unlock"],
    args: UnfreezeArgs::ARGS,
    examples: &["/salesforce unfreeze laura.pace"],
    operations: &salesforce::OPERATIONS,
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let UnfreezeArgs { login, logins } = UnfreezeArgs::of(ask.args)?;
    let change = Change::Unfreeze;
    change.plan(ask, login, logins).await.map(Answer::Plan)
}
