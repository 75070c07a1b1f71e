//! What a form could ask for before something is said.

use super::ask::unknown_command;
use super::caller;
use super::state::{Desk, FormFields, Incoming};
use super::understand::Understood;
use crate::basics::problem::Problem;
use crate::command::Answer;
use crate::request::entitled::Refusal;
use crate::words::{Need, Parsed, Risk};

/// The argument that carries a code; it is written nowhere.
const CODE_ARG: &str = "code";

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
        let spec = entry.command.spec();
        let action = self.asked(entry, spec.risk, &args, &heard.place);
        self.policy.get().rule_for(&action, &heard.by)?;
        let absent = |name: &str| {
            let is_absent = args.text(name).is_none() && !(name == CODE_ARG && args.code().is_some());
            spec.arg(name).filter(|_| is_absent)
        };
        if spec.risk != Risk::Read {
            let wanted = self.wants_reason(heard, entry, &args).is_some();
            let args = absent("reason").filter(|_| wanted).into_iter().collect();
            return Ok(FormFields { args, required: true });
        }
        let none = FormFields { args: Vec::new(), required: false };
        if !spec.operations.is_empty() || spec.arg("request").is_none_or(|arg| arg.need == Need::Optional) {
            return Ok(none);
        }
        let asked = self.ask(entry, &args, &heard.by, &heard.place, None).await?;
        let Answer::Decide(decision) = asked else {
            return Ok(none);
        };
        // Whether an email may go there is looked up once it is acknowledged.
        if caller::wants_code(&decision) || decision.args.email.is_some() {
            return Ok(none);
        }
        // Judging may look someone up; what no form can ask for waits until it is acknowledged.
        if ["login", CODE_ARG, "reason", "when", "email"].into_iter().all(|name| absent(name).is_none()) {
            return Ok(none);
        }
        let request = self.load(decision.request).await?;
        let required = |names: &[&str]| FormFields {
            args: names.iter().filter_map(|name| absent(name)).collect(),
            required: true,
        };
        match self.judge(&request, heard, &decision, &request.by.as_person()).await {
            Err(Refusal::Needs(missing, _)) => Ok(required(missing.args())),
            Err(refusal) => Err(self.told(refusal, &request, &heard.by)),
            Ok(_) => Ok(FormFields { args: absent("reason").into_iter().collect(), required: false }),
        }
    }
}
