//! The directory that keeps the passwords of an instance with an existing directory: AWS Directory Service, of which the
//! desk uses one call.
//!
//! What the directory has cannot be looked at. It need not be: the password is sealed in the vault before it is sent, and
//! whoever tries again sends the same one, so that sending it twice is the same as once.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_directory::Client;
use aws_sdk_directory::config::retry::RetryConfig;
use aws_sdk_directory::config::timeout::TimeoutConfig;
use aws_sdk_directory::error::SdkError;
use aws_sdk_directory::operation::reset_user_password::ResetUserPasswordError;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, plain};
use desk_core::plan::effect::{DirectoryEffect, DirectoryPassword};
use desk_core::plan::{Attempt, Failure, StepKey};
use desk_core::ports::{Clock, Vault};

use crate::apply::{self, Acted, Change, Facts, Fault, Provenance, Seen, Tried};
use crate::aws::{self, Answer, Doubt, ReadableSuccess};
use crate::connect::Patience;
use crate::pauses::Jitter;

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
            Some(id) => Some(Directory { id, client: client(region, endpoint, credentials).await }),
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

async fn client(
    region: String,
    endpoint: Option<String>,
    credentials: Option<SharedCredentialsProvider>,
) -> Client {
    let region = Region::new(region);
    let credentials = aws::credentials(credentials, &region).await;
    let mut config = aws_sdk_directory::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(region)
        .interceptor(ReadableSuccess)
        // The desk retries by itself, by its own clock.
        .retry_config(RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(3))
                .operation_attempt_timeout(Duration::from_secs(8))
                .build(),
        );
    config.set_credentials_provider(credentials).set_endpoint_url(endpoint);
    Client::from_conf(config.build())
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
                Problem::operator("directory_unknown", "The configuration names no directory any more.").hint(
                    "Write its id as `directory` under [contact_center], start the desk again, and ask anew.",
                ),
            ));
        };
        // Sealed on disk before it is sent, so a crash cannot leave a password that nobody can learn.
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
            tracing::warn!(code, "the directory resets no password");
        }
        _ => tracing::warn!(error = aws::cause(error), "the directory resets no password"),
    }
    const AGAIN: &str =
        "Try again in a minute, which sends the same password; check the AWS status page if it lasts.";
    match answer {
        Answer::Throttled => Fault::NotYet(
            Problem::contact_center("throttled", "The directory throttles resets.")
                .hint("Other tools use the same quota; try again in a few minutes."),
        ),
        Answer::Unreached => Fault::NotYet(
            Problem::operator("unreached", "The directory can't be reached: the connection is refused.")
                .hint("Check the network and `directory_endpoint` under [contact_center]."),
        ),
        Answer::NotBuilt => Fault::Refused(
            Problem::operator("not_built", "The reset could not be put together for the directory.")
                .hint("The desk's own log has the details; report them as a fault of connect-desk."),
        ),
        Answer::NoCredentials => Fault::Refused(
            Problem::operator("not_sent", "The reset could not be sent to the directory.")
                .hint("Check the desk's AWS credentials and region; its own log has the details."),
        ),
        Answer::Unauthenticated { code } => Fault::Refused(aws::unauthenticated(&code)),
        Answer::NotAllowed { code, .. } => not_allowed(&code),
        Answer::Refused { code, message } => refused(&code, &message, directory, login),
        Answer::Unknown(Doubt::NoAnswer) => Fault::Unknown(
            Problem::contact_center("no_answer", "The directory did not answer the reset.").hint(AGAIN),
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
            Problem::contact_center("directory_unavailable", "The directory cannot be reached at present.")
                .hint("Try again in some minutes; look at its status in the AWS console if it lasts."),
        ),
        "UserDoesNotExistException" => Fault::Refused(
            Problem::human("directory_user_unknown", format!("The directory has no user {}.", code(login)))
                .hint("Look in the directory whether they were renamed or removed there."),
        ),
        "InvalidPasswordException" => Fault::Refused(
            Problem::human("directory_password", "The directory does not take the password that the desk made.")
                .hint("Look at its password policy, and reset the password with the directory's own tools."),
        ),
        "UnsupportedOperationException" => Fault::Refused(
            Problem::human(
                "directory_unsupported",
                format!(
                    "The directory does not let AWS reset the password of {}: it is an AD Connector, or they are among its \
                     administrators.",
                    code(login)
                ),
            )
            .hint("Reset it with the directory's own tools."),
        ),
        "EntityDoesNotExistException" => Fault::Refused(
            Problem::operator(
                "directory_missing",
                format!("AWS knows no directory {} in the desk's account and Region.", code(directory)),
            )
            .hint("Correct `directory` under [contact_center], start the desk again, and ask anew."),
        ),
        _ => {
            let said =
                if message.is_empty() { String::new() } else { format!(": {}", code(&plain(message, 200))) };
            Fault::Refused(
                Problem::contact_center("refused", format!("The directory refuses the reset{said}.")).hint(
                    "Reset it with the directory's own tools; the desk's operator finds the details in its log.",
                ),
            )
        }
    }
}

fn not_allowed(name: &str) -> Fault {
    Fault::Refused(
        Problem::operator(
            "not_allowed",
            format!("AWS does not let the desk reset passwords in the directory ({}).", code(name)),
        )
        .hint("Give the desk's AWS role `ds:ResetUserPassword`; check that its credentials are current."),
    )
}
