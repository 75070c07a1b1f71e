use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;
use desk_core::center::{ContactState, HeldContact, names};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{ContactDismissed, EffectKind as _};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::{presence, subject, users};

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[ContactDismissed::NEEDS])
    .titled(|asked| format!("Dismiss the contact of {}", subject::users(asked)));

args! {
    struct DismissArgs {
        login: String = required(Kind::Login, "The agent to free (case-sensitive)"),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Free an agent who is stuck in a missed, rejected or failed contact, or in after contact work",
    help: "It clears contacts that have ended. A contact in progress is never ended. After contact work is cleared only if nothing else is stuck; the next contact can then ring immediately.",
    risk: Risk::Change,
    also: &["unstick", "free", "clear"],
    args: DismissArgs::ARGS,
    examples: &["/connect dismiss carmen.ortiz"],
    operations: &[
        "SearchUsers",
        "DescribeUser",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let DismissArgs { login } = DismissArgs::of(ask.args)?;
    let user = names::user(ask.center, &login).await?;
    let now = ask.center.presence(&user.id).await?;
    let over: Vec<&HeldContact> =
        now.held.iter().filter(|contact| contact.state.can_be_dismissed()).collect();
    let shown = code(&user.login);
    if over.is_empty() {
        let going_on: Vec<&HeldContact> = now.held.iter().collect();
        return Err(match going_on.as_slice() {
            [] => Problem::requester("nothing_to_dismiss", format!("{shown} has no contact to dismiss."))
                .hint("`/connect who` shows what everyone is doing."),
            _ => Problem::requester(
                "contact_goes_on",
                format!("{shown} has a contact in progress ({}).", presence::all_named(&going_on)),
            )
            .hint("Ask them to end it in the CCP. The desk doesn't end contacts in progress."),
        });
    }
    let (work, stuck): (Vec<&HeldContact>, Vec<&HeldContact>) =
        over.into_iter().partition(|contact| contact.state == ContactState::Ended);
    let is_work = stuck.is_empty();
    let (chosen, left) = if is_work { (work, Vec::new()) } else { (stuck, work) };
    let mut plan = Plan::new(format!("Dismiss the {} of {}.", presence::all_named(&chosen), user.shown()));
    plan.warnings.push(match is_work {
        true => format!(
            "{shown} is in after contact work. Once it is dismissed, the next contact can ring immediately."
        ),
        false => format!("{shown} is available for contacts again after that, if their status allows it."),
    });
    if !left.is_empty() {
        plan.others.push(format!(
            "The {} stays. Run `/connect dismiss {}` again to clear it",
            presence::all_named(&left),
            user.login
        ));
    }
    for contact in chosen {
        let named = presence::named(contact);
        let effect = ContactDismissed {
            login: user.login.clone(),
            user_id: user.id.clone(),
            contact_id: contact.id.clone(),
            contact: named.clone(),
        };
        let step = Step::new(format!("Dismiss the {named} of {shown}"), effect);
        // A contact that was cleared does not come back, so the first one is the way of no return.
        plan.steps.push(if plan.steps.is_empty() { step.pivot() } else { step });
    }
    plan.affects(users::bare(user));
    Ok(Answer::Plan(plan))
}
