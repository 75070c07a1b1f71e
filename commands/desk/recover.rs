use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, FactorAbsent};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Arg, Kind, Risk, Spec};

use crate::parts::people;
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[FactorAbsent::NEEDS])
    .titled(|asked| format!("Reset the authenticator of {}", subject::name(asked, "account")));

args! {
    struct RecoverArgs {
        account: String = required(Kind::Account, "Such as discord:80351110224678912"),
        _ = Arg::optional("reason", Kind::Sentence(300), "Why, and how you know that it is them"),
    }
}

const SPEC: Spec = Spec {
    about: "Reset a person's lost authenticator; needs approval from two admins",
    help: "They then have one day to set up a new one. Use it also for a first authenticator, if that needs approval. Regardless of the policy, two admins must approve, other than the requester and that person.",
    risk: Risk::Sensitive,
    also: &[],
    args: RecoverArgs::ARGS,
    examples: &["/desk recover account:console:1001 reason:\"new phone; verified in person\""],
    operations: &[],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let RecoverArgs { account } = RecoverArgs::of(ask.args)?;
    let account = people::account(ask, &account).await?;
    let Some(person) = ask.people.person(&account).await? else {
        return Err(Problem::requester(
            "account_unknown",
            format!("No account {}.", code(&account.to_string())),
        )
        .hint("They can see their own account with `/desk whoami`."));
    };
    let what = format!("Reset the authenticator of {} ({}).", code(&person.name), code(&account.to_string()));
    let mut plan = Plan::new(what);
    plan.warnings.push(
        "Anyone with access to this account can then set up a new authenticator. Make sure that it is the right person."
            .to_owned(),
    );
    for (i, account) in person.accounts().into_iter().enumerate() {
        let title = format!("Reset the authenticator of {}", code(&account.to_string()));
        let step = Step::new(title, FactorAbsent { account });
        // What is forgotten does not come back, so a failure after the first waits for a person.
        plan.steps.push(if i == 0 { step.pivot() } else { step });
    }
    Ok(Answer::Plan(plan))
}
