//! The directory that keeps the passwords of an instance with an existing directory: AWS Directory Service, of which the
//! desk uses one call.
//!
//! What the directory has cannot be looked at. It need not be: the password is sealed in the vault before it is sent, and
//! anyone who tries again sends the same one, so that sending it twice is the same as once.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_directory::Client;
use aws_sdk_directory::error::SdkError;
use aws_sdk_directory::operation::reset_user_password::ResetUserPasswordError;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, plain};
use desk_core::plan::effect::{DirectoryEffect, DirectoryPassword};
use desk_core::plan::{Attempt, Failure, StepKey};
use desk_core::ports::{Clock, Vault};

use crate::pauses::Jitter;
use crate::systems::apply::{self, Acted, Change, Facts, Fault, Provenance, Seen, Tried};
use crate::systems::aws::{self, Answer, Doubt, ReadableSuccess};
use crate::systems::connect::Patience;

/// The first pause after a failed try; each further one is up to twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The errors with which ResetUserPassword says that nothing happened. ClientException, which it declares as well, says nothing.
const REFUSALS: [&str; 5] = [
    UNAVAILABLE,
    "UserDoesNotExistException",
    "InvalidPasswordException",
    "UnsupportedOperationException",
    "EntityDoesNotExistException",
];

/// The one of them that passes.
const UNAVAILABLE: &str = "DirectoryUnavailableException";

/// Which directory, and how long the desk is patient with it.
#[derive(Clone, Debug)]
pub struct Options {
    pub region: String,
    /// `d-` and ten hexadecimal digits; `None` where passwords are kept elsewhere.
    pub directory: Option<String>,
    /// Another endpoint than AWS's own: the practice contact center.
    pub endpoint: Option<String>,
    pub patience: Patience,
}

/// The adapter.
pub struct DirectoryService {
    directory: Option<Directory>,
    patience: apply::Patience,
    vault: Arc<dyn Vault>,
}

struct Directory {
    id: String,
    client: Client,
}

impl DirectoryService {
    /// With these credentials, or with those that AWS's default chain finds. Nothing is connected yet.
    pub async fn new(
        options: Options,
        credentials: Option<SharedCredentialsProvider>,
        clock: Arc<dyn Clock>,
        vault: Arc<dyn Vault>,
    ) -> DirectoryService {
        let Options { region, directory, endpoint, patience } = options;
        let directory = match directory {
            Some(id) => {
                let config = aws::config(&region, endpoint, credentials, aws::CONNECT, aws::ATTEMPT).await;
                let config = aws_sdk_directory::config::Builder::from(&config).interceptor(ReadableSuccess);
                Some(Directory { id, client: Client::from_conf(config.build()) })
            }
            None => None,
        };
        let patience = apply::Patience {
            clock,
            jitter: Jitter::new(patience.jitter_seed),
            trouble: patience.trouble,
            // Nothing shows, and no name is taken.
            visible: Duration::ZERO,
            taken: Duration::ZERO,
            first_pause: FIRST_PAUSE,
            longest_pause: LONGEST_PAUSE,
        };
        DirectoryService { directory, patience, vault }
    }
}

/// One password to set.
struct Reset<'a> {
    service: &'a DirectoryService,
    key: StepKey,
    login: &'a str,
}

#[async_trait]
impl Change for Reset<'_> {
    async fn act(&self) -> Tried {
        self.service.reset(self.key, self.login).await
    }

    async fn look(&self, _: Provenance) -> Result<Seen, Problem> {
        Ok(Seen::Unclear)
    }
}

impl DirectoryService {
    /// Brings an effect about.
    pub(crate) async fn apply(
        &self,
        key: StepKey,
        attempt: Attempt,
        effect: &DirectoryEffect,
    ) -> Result<Facts, Failure> {
        match effect {
            DirectoryEffect::DirectoryPassword(DirectoryPassword { login }) => {
                apply::apply(&Reset { service: self, key, login }, attempt, &self.patience).await
            }
        }
    }

    async fn reset(&self, key: StepKey, login: &str) -> Tried {
        let Some(directory) = &self.directory else {
            return Err(Fault::Refused(
                Problem::operator("directory_unknown", "The configuration no longer names a directory.").hint(
                    "Set `directory` under [contact_center] to its id, restart the desk, and make a new request.",
                ),
            ));
        };
        // Sealed on disk before it is sent, so a crash cannot leave a password that no one can learn.
        let password = self.vault.temporary_password(key.request).await.map_err(Fault::Refused)?;
        let sending = directory
            .client
            .reset_user_password()
            .directory_id(&directory.id)
            .user_name(login)
            .new_password(password.show())
            .send();
        match Box::pin(sending).await {
            Ok(_) => {
                aws::counted("ds", "ResetUserPassword", None);
                Ok(Acted::Done(Facts::new()))
            }
            Err(error) => Err(sort(&error, &directory.id, login)),
        }
    }
}

fn sort(error: &SdkError<ResetUserPasswordError>, directory: &str, login: &str) -> Fault {
    let answer = aws::sort(error, &REFUSALS);
    aws::counted("ds", "ResetUserPassword", Some(&answer));
    match &answer {
        Answer::Refused { code, .. } | Answer::NotAllowed { code, .. } | Answer::Unauthenticated { code } => {
            tracing::warn!(code, "the directory didn't reset the password");
        }
        _ => tracing::warn!(error = aws::cause(error), "the directory didn't reset the password"),
    }
    const AGAIN: &str =
        "Try again in a minute; the same password is sent. If it continues, check the AWS status page.";
    match answer {
        Answer::Throttled => Fault::NotYet(
            Problem::contact_center("throttled", "The directory is throttling resets.")
                .hint("Other tools may be using the same quota. Try again in a few minutes."),
        ),
        Answer::Unreached => Fault::NotYet(
            Problem::operator("unreached", "The directory can't be reached: the connection is refused.")
                .hint("Check the network and `directory_endpoint` under [contact_center]."),
        ),
        Answer::NotBuilt => Fault::Refused(
            Problem::operator("not_built", "The reset request couldn't be prepared.")
                .hint("Report this as a bug in connect-desk. The desk's log has the details."),
        ),
        Answer::NoCredentials => Fault::Refused(
            Problem::operator("not_sent", "The reset couldn't be sent to the directory.")
                .hint("Check the desk's AWS credentials and region. Its log has the details."),
        ),
        Answer::Unauthenticated { code } => Fault::Refused(aws::unauthenticated(&code)),
        Answer::NotAllowed { code, .. } => not_allowed(&code),
        Answer::Refused { code, message } => refused(&code, &message, directory, login),
        Answer::Unknown(Doubt::NoAnswer) => Fault::Unknown(
            Problem::contact_center("no_answer", "The directory didn't answer the reset.").hint(AGAIN),
        ),
        Answer::Unknown(Doubt::Unreadable) => Fault::Unknown(
            Problem::contact_center("unreadable", "The directory's answer to the reset can't be read.")
                .hint(AGAIN),
        ),
        Answer::Unknown(Doubt::Failed { status, code: name }) => {
            let name = if name.is_empty() { String::new() } else { format!(" {}", code(&plain(&name, 60))) };
            let message = format!("The directory failed at the reset ({status}{name}).");
            Fault::Unknown(Problem::contact_center("service_fault", message).hint(AGAIN))
        }
    }
}

fn refused(name: &str, message: &str, directory: &str, login: &str) -> Fault {
    match name {
        UNAVAILABLE => Fault::NotYet(
            Problem::contact_center("directory_unavailable", "The directory can't be reached right now.")
                .hint("Try again in a few minutes. If it continues, check its status in the AWS console."),
        ),
        "UserDoesNotExistException" => Fault::Refused(
            Problem::human("directory_user_unknown", format!("The directory has no user {}.", code(login)))
                .hint("Check whether they were renamed or removed in the directory."),
        ),
        "InvalidPasswordException" => Fault::Refused(
            Problem::human("directory_password", "The directory rejected the generated password.")
                .hint("Check its password policy, and reset the password with the directory's own tools."),
        ),
        "UnsupportedOperationException" => Fault::Refused(
            Problem::human(
                "directory_unsupported",
                format!(
                    "The directory doesn't allow AWS to reset the password of {}: it is an AD Connector, or they are an administrator of the directory.",
                    code(login)
                ),
            )
            .hint("Reset it with the directory's own tools."),
        ),
        "EntityDoesNotExistException" => Fault::Refused(
            Problem::operator(
                "directory_missing",
                format!("There is no directory {} in the desk's AWS account and Region.", code(directory)),
            )
            .hint("Correct `directory` under [contact_center], restart the desk, and make a new request."),
        ),
        _ => {
            let said =
                if message.is_empty() { String::new() } else { format!(": {}", code(&plain(message, 200))) };
            Fault::Refused(
                Problem::contact_center("refused", format!("The directory rejected the reset{said}.")).hint(
                    "Reset it with the directory's own tools. The desk's log has the details.",
                ),
            )
        }
    }
}

fn not_allowed(name: &str) -> Fault {
    Fault::Refused(
        Problem::operator(
            "not_allowed",
            format!("AWS doesn't allow the desk to reset passwords in the directory ({}).", code(name)),
        )
        .hint("Give the desk's AWS role `ds:ResetUserPassword`, and check that its credentials are current."),
    )
}
