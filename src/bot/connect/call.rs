//! The one path of a call to Amazon Connect: wait for the quota, send, and sort what came back.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_connect::Client;
use aws_sdk_connect::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use desk_core::ports::Clock;
use desk_core::problem::Problem;
use desk_core::text::{code, plain};

use super::Patience;
use super::limits::{Buckets, Limits};
use crate::aws::without_credentials;
use crate::pauses::{Jitter, Pauses};

/// The first pause after a failed try; each further one is up to twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Calls Amazon Connect within its quota.
pub(super) struct Caller {
    pub(super) client: Client,
    pub(super) instance_id: String,
    pub(super) clock: Arc<dyn Clock>,
    buckets: Buckets,
    patience: Patience,
    jitter: Jitter,
}

/// What an unsuccessful call means for whoever made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is no such thing. Nothing happened.
    NotFound(Problem),
    /// Its name is taken. Nothing happened.
    Duplicate(Problem),
    /// Nothing happened, and nothing will without somebody's help.
    Refused(Problem),
    /// It may have happened.
    Doubtful(Problem),
}

impl Fault {
    pub(super) fn problem(self) -> Problem {
        match self {
            Fault::NotFound(problem)
            | Fault::Duplicate(problem)
            | Fault::Refused(problem)
            | Fault::Doubtful(problem) => problem,
        }
    }
}

/// What one try came to.
enum Tried {
    Throttled(Problem),
    Ended(Fault),
}

impl Caller {
    pub(super) fn new(
        client: Client,
        instance_id: String,
        limits: Limits,
        patience: Patience,
        clock: Arc<dyn Clock>,
    ) -> Caller {
        let buckets = Buckets::new(limits, clock.clone());
        let jitter = Jitter::new(patience.jitter_seed);
        Caller { client, instance_id, clock, buckets, patience, jitter }
    }

    /// The pause between calls that leaves half of the operation's quota to others; none where nothing limits it.
    pub(super) fn half_pace(&self, operation: &str) -> Duration {
        let pause = |limit: super::Limit| Duration::from_secs_f64(2.0 / limit.rate.max(0.001));
        self.buckets.of(operation).map(pause).unwrap_or_default()
    }

    /// Calls of the operation in a second; `None` where nothing limits it.
    pub(super) fn rate(&self, operation: &str) -> Option<f64> {
        self.buckets.of(operation).map(|limit| limit.rate)
    }

    /// Sends once, and again only while throttled, when it is certain that nothing happened.
    pub(super) async fn once<T, E, F, Sent>(&self, operation: &'static str, send: F) -> Result<T, Fault>
    where
        F: Fn() -> Sent,
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let mut pauses = self.pauses(self.patience.trouble);
        loop {
            self.buckets.pass(operation).await;
            // The SDK's futures are large; on the heap they do not add up in every caller.
            let error = match Box::pin(send()).await {
                Ok(output) => return Ok(output),
                Err(error) => error,
            };
            match sort(operation, &error) {
                Tried::Ended(fault) => return Err(fault),
                Tried::Throttled(problem) => {
                    tracing::warn!(operation, "throttled");
                    if !pauses.pause().await {
                        return Err(Fault::Refused(problem));
                    }
                }
            }
        }
    }

    /// Sends something that changes nothing, again and again while its answers are lost.
    pub(super) async fn read<T, E, F, Sent>(&self, operation: &'static str, send: F) -> Result<T, Fault>
    where
        F: Fn() -> Sent,
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let mut pauses = self.pauses(self.patience.trouble.min(Duration::from_secs(15)));
        loop {
            match self.once(operation, &send).await {
                Err(Fault::Doubtful(problem)) => {
                    if !pauses.pause().await {
                        return Err(Fault::Doubtful(problem));
                    }
                }
                ended => return ended,
            }
        }
    }

    /// Pauses that grow with jitter until the patience ends.
    pub(super) fn pauses(&self, patience: Duration) -> Pauses {
        let until = self.clock.monotonic() + patience;
        Pauses {
            clock: self.clock.clone(),
            until,
            next: FIRST_PAUSE,
            longest: LONGEST_PAUSE,
            jitter: self.jitter.clone(),
        }
    }
}

fn sort<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Tried
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let lost = |says: String| {
        tracing::warn!(operation, error = %DisplayErrorContext(error), "no answer");
        Tried::Ended(Fault::Doubtful(
            Problem::contact_center("no_answer", says)
                .next("Try again in a minute; look at the AWS status page if it lasts."),
        ))
    };
    match error {
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let meta = service.err();
            let message = meta.message().unwrap_or_default();
            sort_answer(operation, status, meta.code().unwrap_or_default(), message)
        }
        SdkError::DispatchFailure(failure) if failure.is_user() || without_credentials(error) => {
            tracing::error!(operation, error = %DisplayErrorContext(error), "not sent");
            Tried::Ended(Fault::Refused(
                Problem::operator("not_sent", format!("{operation} could not be sent to Amazon Connect."))
                    .next("Check the desk's AWS credentials and region; its own log has the details."),
            ))
        }
        SdkError::ConstructionFailure(_) => {
            tracing::error!(operation, error = %DisplayErrorContext(error), "not sent");
            Tried::Ended(Fault::Refused(
                Problem::operator("not_built", format!("{operation} could not be put together."))
                    .next("The desk's own log has the details; report them as a fault of connect-desk."),
            ))
        }
        // It may have reached the service: a connection that closes before the answer looks the same whether the request
        // was carried out or not.
        _ => lost(format!("Amazon Connect did not answer {operation}.")),
    }
}

fn sort_answer(operation: &'static str, status: u16, name: &str, message: &str) -> Tried {
    let said = if message.is_empty() { String::new() } else { format!(": {}", code(&plain(message, 200))) };
    let refused = |problem: Problem| Tried::Ended(Fault::Refused(problem));
    match name {
        "ThrottlingException" | "TooManyRequestsException" | "RequestLimitExceeded" => Tried::Throttled(
            Problem::contact_center("throttled", format!("Amazon Connect throttles {operation}."))
                .next("Other tools use the same quota; try again in a few minutes."),
        ),
        // The SDK would retry this like throttling; the instance is full and stays so.
        "LimitExceededException" => refused(
            Problem::operator("limit_exceeded", format!("A quota of the instance is used up{said}."))
                .next("Raise it in Service Quotas, or remove what is not needed."),
        ),
        "ResourceNotFoundException" => Tried::Ended(Fault::NotFound(
            Problem::contact_center(
                "not_found",
                format!("Amazon Connect finds nothing for {operation}{said}."),
            )
            .next("Somebody may have removed it; ask again to plan anew."),
        )),
        "DuplicateResourceException" | "ResourceConflictException" => Tried::Ended(Fault::Duplicate(
            Problem::contact_center("duplicate", format!("The name is taken{said}."))
                .next("Look at what has it now, and choose another or wait."),
        )),
        _ if status == 429 => Tried::Throttled(
            Problem::contact_center("throttled", format!("Amazon Connect throttles {operation}."))
                .next("Other tools use the same quota; try again in a few minutes."),
        ),
        _ if status >= 500 => {
            tracing::warn!(operation, status, name, "fault of the service");
            Tried::Ended(Fault::Doubtful(
                Problem::contact_center(
                    "service_fault",
                    format!("Amazon Connect failed at {operation} ({status})."),
                )
                .next("Try again in a minute; look at the AWS status page if it lasts."),
            ))
        }
        _ if status == 403 || status == 401 => {
            tracing::error!(operation, status, name, "not allowed");
            refused(
                Problem::operator(
                    "not_allowed",
                    format!("AWS does not let the desk call {operation} ({}).", code(name)),
                )
                .next("Give the desk's AWS role this permission; check that its credentials are current."),
            )
        }
        _ => {
            tracing::error!(operation, status, name, "refused");
            refused(
                Problem::contact_center("refused", format!("Amazon Connect refuses {operation}{said}."))
                    .next("Look at what was asked for; the desk's operator finds the details in its log."),
            )
        }
    }
}
