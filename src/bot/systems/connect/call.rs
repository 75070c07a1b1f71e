//! The one path of a call to Amazon Connect: wait for the quota, send, and sort what came back.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_connect::Client;
use aws_sdk_connect::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, plain};
use desk_core::ports::Clock;

use super::limits::{Buckets, Limits};
use super::patience::Patience;
use super::refusals::refusal;
use crate::pauses::{Jitter, Pauses};
use crate::systems::apply::{self, Fault};
use crate::systems::aws::{self, Answer, Doubt};

/// The first pause after a failed try; each further one is up to twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long a read is tried again while its answers are lost: someone waits for it.
const READ_TROUBLE: Duration = Duration::from_secs(15);

/// The code of a refusal that has no other: the request itself is at fault, such as a page token that died.
pub(super) const REFUSED: &str = "refused";

/// The code of an InvalidRequestException, which AWS also gives for what was made a moment ago and can't be seen yet.
pub(super) const INVALID_REQUEST: &str = "invalid_request";

/// The code of a ResourceNotFoundException.
pub(super) const NOT_FOUND: &str = "not_found";

/// Calls Amazon Connect within its quota.
pub(super) struct Caller {
    pub(super) client: Client,
    pub(super) instance_id: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) patience: apply::Patience,
    buckets: Buckets,
    /// Why no call can succeed, from the last one that met it until the next that is answered.
    trouble: Mutex<Option<Problem>>,
}

/// A call that changes something, by [`Caller::once`], with the id of the instance: `once!(connect, "DeleteUser",
/// delete_user.user_id(id)).await`. What is set is evaluated for each try. Where the answer promises something, a closure that
/// takes it comes last.
macro_rules! once {
    ($connect:expr, $operation:literal, $call:ident $(.$set:ident($value:expr))*) => {
        once!($connect, $operation, $call $(.$set($value))*, |_| Some(()))
    };
    ($connect:expr, $operation:literal, $call:ident $(.$set:ident($value:expr))*, $take:expr) => {
        $connect.caller.once(
            $operation,
            || $connect.caller.client.$call().instance_id(&$connect.caller.instance_id)$(.$set($value))*.send(),
            $take,
        )
    };
}

/// A call that changes nothing, by [`Caller::read`], as [`once!`] has it: `read!(connect, "DescribeQueue",
/// describe_queue.queue_id(id), |output| queue(output.queue?)).await`.
macro_rules! read {
    ($connect:expr, $operation:literal, $call:ident $(.$set:ident($value:expr))*, $take:expr) => {
        $connect.caller.read(
            $operation,
            || $connect.caller.client.$call().instance_id(&$connect.caller.instance_id)$(.$set($value))*.send(),
            $take,
        )
    };
}

pub(super) use {once, read};

/// Nothing where there is no such thing.
pub(super) fn absent<T>(read: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(Fault::NotFound(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A text that is there. The SDK fills in an empty one where the operation requires it and the answer lacks it.
pub(super) fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
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
        let patience = apply::Patience {
            clock: clock.clone(),
            jitter: Jitter::new(patience.jitter_seed),
            trouble: patience.trouble,
            visible: patience.visible,
            taken: patience.login_free,
            first_pause: FIRST_PAUSE,
            longest_pause: LONGEST_PAUSE,
        };
        Caller { client, instance_id, clock, patience, buckets, trouble: Mutex::default() }
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

    /// What the quota of each operation is at.
    pub(super) fn usage(&self) -> Vec<super::limits::Usage> {
        self.buckets.usage()
    }

    /// Why no call can succeed at present, as far as is known.
    pub(super) fn trouble(&self) -> Option<Problem> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Pauses that grow with jitter until this time has passed.
    pub(super) fn pauses(&self, how_long: Duration) -> Pauses {
        self.patience.pauses(how_long)
    }

    /// Sends once, and again only while it is certain that nothing happened. `take` gives what the operation promises, or
    /// nothing if the answer lacks it.
    pub(super) async fn once<T, O, E, F, Sent>(
        &self,
        operation: &'static str,
        send: F,
        take: impl Fn(O) -> Option<T>,
    ) -> Result<T, Fault>
    where
        F: Fn() -> Sent,
        Sent: Future<Output = Result<O, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let mut throttled = self.pauses(self.patience.trouble);
        loop {
            let (answer, problem) = match self.send(operation, &send, &take).await {
                Ok(output) => return Ok(output),
                Err(refused) => refused,
            };
            if let Answer::Refused { code, .. } = &answer {
                tracing::info!(operation, code, "a change was refused");
            }
            let again = matches!(answer, Answer::Throttled | Answer::Unreached);
            if !again || !throttled.pause().await {
                return Err(fault(&answer, problem));
            }
        }
    }

    /// Sends something that changes nothing, again and again while its answers are lost.
    pub(super) async fn read<T, O, E, F, Sent>(
        &self,
        operation: &'static str,
        send: F,
        take: impl Fn(O) -> Option<T>,
    ) -> Result<T, Fault>
    where
        F: Fn() -> Sent,
        Sent: Future<Output = Result<O, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let mut throttled = self.pauses(self.patience.trouble);
        let mut lost = self.pauses(self.patience.trouble.min(READ_TROUBLE));
        loop {
            let (answer, problem) = match self.send(operation, &send, &take).await {
                Ok(output) => return Ok(output),
                Err(refused) => refused,
            };
            match answer {
                Answer::Throttled if throttled.pause().await => {}
                Answer::Unreached | Answer::Unknown(_) if lost.pause().await => {}
                // It says nothing about what was asked for.
                Answer::Throttled | Answer::Unreached => return Err(Fault::Unknown(problem)),
                answer => return Err(fault(&answer, problem)),
            }
        }
    }

    /// Sends once, when the quota allows it.
    pub(super) async fn send<T, O, E, Sent>(
        &self,
        operation: &'static str,
        send: impl Fn() -> Sent,
        take: impl Fn(O) -> Option<T>,
    ) -> Result<T, (Answer, Problem)>
    where
        Sent: Future<Output = Result<O, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.buckets.pass(operation).await;
        // The SDK's futures are large: on the heap they do not add up in every caller, nor does the compiler look through them there.
        let sent: Pin<Box<dyn Future<Output = _> + Send + '_>> = Box::pin(send());
        let answer = match sent.await {
            Ok(output) => match take(output) {
                Some(taken) => {
                    self.note(None);
                    aws::counted("connect", operation, None);
                    return Ok(taken);
                }
                // What is absent doesn't mean that there is none.
                None => Answer::Unknown(Doubt::Unreadable),
            },
            Err(error) => {
                let answer = aws::sort(&error, refusal(&error));
                if matches!(
                    answer,
                    Answer::NoCredentials | Answer::NotBuilt | Answer::Unknown(Doubt::NoAnswer)
                ) {
                    tracing::warn!(operation, error = aws::cause(&error), "no answer");
                }
                answer
            }
        };
        tell(operation, &answer);
        aws::counted("connect", operation, Some(&answer));
        let problem = problem(operation, &answer);
        self.note(concerns_every_call(&answer).then(|| problem.clone()));
        Err((answer, problem))
    }

    fn note(&self, trouble: Option<Problem>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// Whether the next call of any operation will hardly come to anything else.
fn concerns_every_call(answer: &Answer) -> bool {
    match answer {
        Answer::Unreached | Answer::NoCredentials | Answer::Unauthenticated { .. } => true,
        Answer::Unknown(Doubt::NoAnswer | Doubt::Unreadable) => true,
        // Whatever AWS itself says has a name.
        Answer::Unknown(Doubt::Failed { status, code }) => *status >= 500 || code.is_empty(),
        Answer::Throttled | Answer::NotBuilt | Answer::NotAllowed { .. } | Answer::Refused { .. } => false,
    }
}

fn fault(answer: &Answer, problem: Problem) -> Fault {
    match answer {
        Answer::Refused { code, .. } if code == "ResourceNotFoundException" => Fault::NotFound(problem),
        Answer::Refused { code, .. } if code == "DuplicateResourceException" => Fault::Taken(problem),
        Answer::Unknown(_) => Fault::Unknown(problem),
        Answer::Throttled
        | Answer::Unreached
        | Answer::NoCredentials
        | Answer::NotBuilt
        | Answer::Unauthenticated { .. }
        | Answer::NotAllowed { .. }
        | Answer::Refused { .. } => Fault::Refused(problem),
    }
}

/// One line in the program's log.
fn tell(operation: &'static str, answer: &Answer) {
    match answer {
        Answer::Throttled => tracing::warn!(operation, "throttled"),
        // Refusals of reads, which the desk lives with, are no news, and the messages of all may hold names.
        Answer::Refused { code, .. } => tracing::debug!(operation, code, "refused"),
        Answer::Unauthenticated { code } | Answer::NotAllowed { code, .. } => {
            tracing::error!(operation, code, "not allowed");
        }
        Answer::Unknown(Doubt::Failed { status, code }) => {
            tracing::warn!(operation, status, code, "an error that doesn't say whether it happened");
        }
        Answer::Unknown(Doubt::Unreadable) => tracing::warn!(operation, "an answer that can't be read"),
        Answer::Unknown(Doubt::NoAnswer) => {}
        Answer::Unreached => tracing::warn!(operation, "no one listens there"),
        Answer::NoCredentials | Answer::NotBuilt => tracing::error!(operation, "not sent"),
    }
}

fn problem(operation: &'static str, answer: &Answer) -> Problem {
    const LATER: &str = "Try again in a minute. If it continues, check the AWS status page.";
    match answer {
        Answer::Throttled => {
            Problem::contact_center("throttled", format!("Amazon Connect throttles {operation}."))
                .hint("Other tools may be using the same quota. Try again in a few minutes.")
        }
        Answer::Unreached => {
            Problem::operator("unreached", "Amazon Connect can't be reached: the connection is refused.")
                .hint("Check the network and `endpoint` under [contact_center].")
        }
        Answer::NoCredentials => aws::no_credentials(),
        Answer::NotBuilt => Problem::operator("not_built", format!("{operation} couldn't be prepared."))
            .hint("Report this as a bug in connect-desk. The desk's log has the details."),
        Answer::Unauthenticated { code: name } => aws::unauthenticated(name),
        Answer::NotAllowed { code: name, .. } => Problem::operator(
            "not_allowed",
            format!("AWS doesn't allow the desk to call {operation} ({}).", code(name)),
        )
        .hint("Give the desk's AWS role this permission."),
        Answer::Refused { code: name, message } => refused(operation, name, message),
        Answer::Unknown(Doubt::NoAnswer) => {
            Problem::contact_center("no_answer", format!("Amazon Connect didn't answer {operation}."))
                .hint(LATER)
        }
        Answer::Unknown(Doubt::Unreadable) => unreadable(operation),
        Answer::Unknown(Doubt::Failed { status, code: name }) => {
            let name = if name.is_empty() { String::new() } else { format!(" {}", code(&plain(name, 60))) };
            Problem::contact_center(
                "service_fault",
                format!("Amazon Connect failed at {operation} ({status}{name})."),
            )
            .hint(LATER)
        }
    }
}

fn unreadable(operation: &'static str) -> Problem {
    Problem::contact_center("unreadable", format!("Amazon Connect's answer to {operation} can't be read."))
        .hint("Check whether a proxy is answering instead, and try again in a minute.")
}

fn refused(operation: &'static str, name: &str, message: &str) -> Problem {
    let said = if message.is_empty() { String::new() } else { format!(": {}", code(&plain(message, 200))) };
    match name {
        "ServiceQuotaExceededException" => {
            Problem::operator("quota_exceeded", format!("A quota of the instance is exhausted{said}."))
                .hint("Wait until open contacts have ended, or request an increase in Service Quotas.")
        }
        "ResourceInUseException" => {
            Problem::contact_center("in_use", format!("Something still uses what {operation} removes{said}."))
                .hint("Remove those references first, and try again.")
        }
        "LimitExceededException" => {
            Problem::operator("limit_exceeded", format!("A quota of the instance is exhausted{said}."))
                .hint("Request an increase in Service Quotas, or remove what you don't need.")
        }
        "ResourceNotFoundException" => {
            Problem::contact_center(NOT_FOUND, format!("Amazon Connect found nothing for {operation}{said}."))
                .hint("It may have been removed. Make a new request.")
        }
        "DuplicateResourceException" => {
            Problem::contact_center("duplicate", format!("The name is already in use{said}."))
                .hint("Check what uses it, and choose another name or wait.")
        }
        _ => {
            let code = if name == "InvalidRequestException" { INVALID_REQUEST } else { REFUSED };
            Problem::contact_center(code, format!("Amazon Connect rejected {operation}{said}."))
                .hint("Check the request. The desk's log has the details.")
        }
    }
}
