use async_trait::async_trait;
use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{EffectKind as _, EffectNeeds, FactorAbsent};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Arg, Kind, Risk, Spec};

use crate::parts::people;

pub(crate) const COMMAND: &dyn Command = &Recover;

struct Recover;

args! {
    struct RecoverArgs {
        account: String = required(Kind::Account, "Such as discord:80351110224678912"),
        _ = Arg::optional("reason", Kind::Sentence(300), "Why, and how you know that it is them"),
    }
}

const SPEC: Spec = Spec {
    about: "Forget somebody's authenticator that was lost; two admins have to approve",
    help: "They can enroll another one for a day then; also their first, where that needs approval. Whatever the rules say, \
           two admins who are neither of the two approve it.",
    risk: Risk::Sensitive,
    also: &[],
    args: RecoverArgs::ARGS,
    examples: &["/desk recover account:console:1001 reason:\"new phone; she sits beside me\""],
    operations: &[],
};

#[async_trait]
impl Command for Recover {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn effects(&self) -> &'static [EffectNeeds] {
        const { &[FactorAbsent::NEEDS] }
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let RecoverArgs { account } = RecoverArgs::of(ask.args)?;
        let account = people::account(ask, &account).await?;
        let Some(person) = ask.people.person(&account).await? else {
            return Err(Problem::asker(
                "account_unknown",
                format!("Nobody here has the account {}.", code(&account.to_string())),
            )
            .hint("`/desk whoami` shows somebody their own account."));
        };
        let what =
            format!("Forget the authenticator of {} ({}).", code(&person.name), code(&account.to_string()));
        let mut plan = Plan::new(what);
        plan.warnings.push(
            "Whoever holds this account can enroll another authenticator then. Make sure that it is them."
                .to_owned(),
        );
        for (i, account) in person.accounts().into_iter().enumerate() {
            let title = format!("Forget the authenticator of {}", code(&account.to_string()));
            let step = Step::new(title, FactorAbsent { account });
            // What is forgotten does not come back, so a failure after the first waits for a person.
            plan.steps.push(if i == 0 { step.pivot() } else { step });
        }
        Ok(Answer::Plan(plan))
    }
}
