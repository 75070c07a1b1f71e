//! Whether the contact center answers at all, with these credentials and this instance id.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::code;

use super::client::Connect;
use super::limits::Usage;
use crate::systems::aws::Answer;

/// Why the contact center can't be worked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// The configuration or the credentials are wrong: waiting doesn't help.
    Wrong(Problem),
    /// It doesn't answer now, and may soon.
    Later(Problem),
}

impl Connect {
    /// Asks once.
    pub async fn check(&self) -> Result<(), NotReady> {
        let caller = self.caller.as_ref();
        let asked = caller.send(
            "DescribeInstance",
            || caller.client.describe_instance().instance_id(&caller.instance_id).send(),
            |output| output.instance.map(drop),
        );
        let Err((answer, problem)) = asked.await else { return Ok(()) };
        Err(match answer {
            Answer::Refused { .. } => NotReady::Wrong(
                Problem::operator(
                    "instance_unknown",
                    format!(
                        "There is no Amazon Connect instance {} in {} for these AWS credentials.",
                        code(&caller.instance_id),
                        code(&self.region)
                    ),
                )
                .hint("Correct `instance_id` and `region` under [contact_center], or use credentials of the instance's account."),
            ),
            Answer::NoCredentials
            | Answer::NotBuilt
            | Answer::Unauthenticated { .. }
            | Answer::NotAllowed { .. } => NotReady::Wrong(problem),
            Answer::Throttled | Answer::Unreached | Answer::Unknown(_) => NotReady::Later(problem),
        })
    }

    /// What the quota of each operation that was called is at.
    pub(crate) fn usage(&self) -> Vec<Usage> {
        self.caller.usage()
    }

    /// Why no call can succeed at present, as far as the last ones have shown.
    pub fn trouble(&self) -> Option<Problem> {
        self.caller.trouble()
    }
}
