//! What a form could ask for before something is said.

use super::ask::unknown_command;
use super::caller;
use super::decide::uses_factor;
use super::state::{Desk, FormFields, Incoming};
use super::understand::Understood;
use crate::basics::problem::Problem;
use crate::command::Answer;
use crate::request::Verb;
use crate::request::entitled::{DecisionArg, Refusal};
use crate::words::{Arg, Kind, Parsed, REASON, Risk};

impl Desk {
    /// The arguments that could still be asked for before this is said, such as a reason. A problem says why this person may not
    /// say it at all, as far as the log and the rules can tell.
    ///
    /// Nothing is written, and no other system is asked: a chat platform waits for its first answer meanwhile.
    pub async fn asks_for(&self, heard: &Incoming) -> Result<FormFields, Problem> {
        let Parsed { path, args } = match self.understand(&heard.said) {
            Understood::Right(parsed, _) => parsed,
            Understood::Wrong(problem, _) => return Err(problem),
        };
        let Some(entry) = self.entry(&path) else { return Err(unknown_command(&path)) };
        let spec = entry.command.spec;
        let action = self.asked(entry, spec.risk, &args, &heard.place);
        self.policy.get().rule_for(&action, &heard.by)?;
        let absent = |arg: &&'static Arg| match arg.kind {
            Kind::Code => args.code().is_none(),
            _ => args.text(arg.name).is_none(),
        };
        let reason = || spec.arg(REASON.name).filter(absent);
        if spec.risk != Risk::Read {
            let wanted = self.policy.get().wants_reason(&action, &heard.by).is_some();
            let args = reason().filter(|_| wanted).into_iter().collect();
            return Ok(FormFields { args, required: true });
        }
        let none = FormFields { args: Vec::new(), required: false };
        let Some(verb) = Verb::of_command(&path) else { return Ok(none) };
        let asked = self.ask(entry, &args, &heard.by, &heard.place, None, None).await?;
        let Answer::Decide(decision) = asked else {
            return Ok(none);
        };
        // Whether an email may go there is looked up once it is acknowledged.
        if caller::wants_code(&decision) || decision.args.email.is_some() {
            return Ok(none);
        }
        // Judging may look someone up; what no form can ask for waits until it is acknowledged.
        let asked_for: Vec<&'static Arg> = verb.row().asked_for().filter(absent).collect();
        if asked_for.is_empty() {
            return Ok(none);
        }
        let request = self.load(decision.request).await?;
        match self.judge(&request, heard, &decision, &request.by.as_person()).await {
            Err(Refusal::Needs(missing, _)) => {
                // A code that is needed as well is asked for in one.
                let has_code = missing == DecisionArg::Login && uses_factor(&request, verb.row());
                let is_missing = |arg: &&'static Arg| {
                    let of = DecisionArg::of(arg);
                    of == Some(missing) || has_code && of == Some(DecisionArg::Code)
                };
                let args = asked_for.into_iter().filter(is_missing).collect();
                Ok(FormFields { args, required: true })
            }
            Err(refusal) => Err(self.told(refusal, &request, &heard.by)),
            Ok(_) => Ok(FormFields { args: reason().into_iter().collect(), required: false }),
        }
    }
}
