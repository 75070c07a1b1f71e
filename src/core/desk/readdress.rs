//! A refused email is sent to another address: who may choose which.

use super::state::Desk;
use crate::basics::problem::Problem;
use crate::basics::text::code;
use crate::request::Phase;
use crate::request::entitled::{DecisionArg, DecisionArgs, DecisionContext, Refusal};

impl Desk {
    /// Whether the email that a request is stuck on may go to the address that comes along, if one does.
    ///
    /// The requester alone chooses the address on file, which another request set by its own rule, or one of the site's own domains
    /// where nothing of the request needed an approval. Any other address takes someone who may approve the request.
    pub(super) async fn may_readdress(
        &self,
        context: &DecisionContext<'_>,
        args: &DecisionArgs,
    ) -> Result<(), Refusal> {
        let request = context.request();
        let no = request.no;
        if args.email.is_none() && args.how.is_none() {
            return Ok(());
        }
        let email = match request.phase {
            Phase::Stuck { step, .. } if request.takes_another_address(step) => {
                request.plan().and_then(|plan| plan.steps.get(step)?.effect.email())
            }
            Phase::Stuck { step, .. } if request.may_have_left(step) => {
                let message = format!("The email of {no} may have left, so it can't go to another address.");
                let hint =
                    "Ask whether it arrived. If not, give it up and send a new one with `/connect send`.";
                return Err(Refusal::Impossible(
                    Problem::requester("email_may_have_left", message).hint(hint),
                ));
            }
            Phase::Stuck { step, .. } if request.is_notice(step) => {
                let message = "A notice goes to the old address and to no other.";
                let hint = "Tell them by other means, and have an approver end it.";
                return Err(Refusal::Impossible(Problem::requester("email_notice", message).hint(hint)));
            }
            _ => None,
        };
        let Some(email) = email else {
            let message = format!("{no} isn't stuck on an email.");
            let hint = format!("Type `/desk retry {}` without an address.", no.0);
            return Err(Refusal::Impossible(Problem::requester("email_none", message).hint(hint)));
        };
        let Some(address) = &args.email else {
            let problem = Problem::requester("email_missing", format!("Where should the email of {no} go?"));
            let hint = format!("Type `/desk retry {} email:…`.", no.0);
            return Err(Refusal::Needs(DecisionArg::Email, problem.hint(hint)));
        };
        if !context.is_requester() {
            return Ok(());
        }
        let at_home = self.site.get().new_users.is_at_home(address);
        if at_home && !context.situation.needs_approvals() {
            return Ok(());
        }
        let user = self.center.user(&email.login).await?;
        let identity = user.map(|user| user.profile.identity);
        let on_file = identity.and_then(|identity| identity.reached(email.sign_in).map(str::to_owned));
        if on_file.is_some_and(|on_file| on_file == *address) {
            return Ok(());
        }
        let message =
            format!("You can't send the email of {no} to {} alone: it isn't on file.", code(address));
        let hint = format!(
            "Ask an approver, a supervisor or an admin for `/desk retry {} email:{address}`, or correct the address on file first: \
             `/connect edit {} email:{address}`.",
            no.0, email.login
        );
        Err(Problem::requester("email_not_on_file", message).hint(hint).into())
    }
}
