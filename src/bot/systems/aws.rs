//! What the clients of AWS's services share: credentials, and what an answer means.
//!
//! A refusal counts as one only if the operation declares it, or if AWS gives it before it looks at the operation. Every other
//! answer leaves open whether the call happened: lost and cut ones, errors with unknown names, successes that can't be read.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_runtime::retries::classifiers::THROTTLING_ERRORS;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use desk_core::basics::problem::Problem;
use desk_core::basics::text;
use serde::de::IgnoredAny;

use crate::metrics;
use crate::secrets;

/// The AWS that this program is written against.
const VERSION: fn() -> BehaviorVersion = BehaviorVersion::v2026_01_12;

/// How long a connection may take, and a call with its answer.
pub(crate) const CONNECT: Duration = Duration::from_secs(3);
pub(crate) const ATTEMPT: Duration = Duration::from_secs(8);

/// What the clients of AWS's services have in common. They don't retry: the desk does, by its own clock and its own knowledge of what
/// may happen twice.
pub(crate) async fn config(
    region: &str,
    endpoint: Option<String>,
    credentials: Option<SharedCredentialsProvider>,
    connect: Duration,
    attempt: Duration,
) -> SdkConfig {
    let region = Region::new(region.to_owned());
    let credentials = self::credentials(credentials, &region).await;
    let timeouts = TimeoutConfig::builder().connect_timeout(connect).operation_attempt_timeout(attempt);
    let mut config = SdkConfig::builder()
        .behavior_version(VERSION())
        .region(region)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.build());
    // What is practised with is on this machine: no root certificates are read for it, and no proxy is asked. Everything else is reached
    // with the SDK's own client, which knows the proxies of the environment.
    if endpoint.as_ref().is_some_and(|url| url.starts_with("http://127.0.0.1:")) {
        config.set_http_client(Some(aws_smithy_http_client::Builder::new().build_http()));
    }
    config.set_credentials_provider(credentials).set_endpoint_url(endpoint);
    config.build()
}

/// These credentials, or those that AWS's default chain finds.
pub(crate) async fn credentials(
    given: Option<SharedCredentialsProvider>,
    region: &Region,
) -> Option<SharedCredentialsProvider> {
    match given.or_else(secrets::aws_keys) {
        Some(credentials) => Some(credentials),
        None => aws_config::defaults(VERSION()).region(region.clone()).load().await.credentials_provider(),
    }
}

/// What an unsuccessful call means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing happened: the quota is used up for the moment.
    Throttled,
    /// Nothing happened: no one listens at the service's address.
    Unreached,
    /// Nothing was sent: there are no credentials to sign it with.
    NoCredentials,
    /// Nothing was sent: the request can't be built.
    NotBuilt,
    /// Nothing happened: AWS doesn't accept the credentials.
    Unauthenticated { code: String },
    /// Nothing happened: the credentials don't allow it.
    NotAllowed { code: String, message: String },
    /// Nothing happened and nothing will: one of the operation's own errors says so.
    Refused { code: String, message: String },
    /// It may have happened.
    Unknown(Doubt),
}

/// Why no one knows whether a call happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The connection ended, or the time was up, before the whole answer came.
    NoAnswer,
    /// A success that can't be read, or lacks what the operation promises.
    Unreadable,
    /// An error that doesn't say whether it happened. `code` is empty where the answer has none.
    Failed { status: u16, code: String },
}

/// Errors that AWS gives before it looks at the operation, because it doesn't know the caller.
const UNAUTHENTICATED: [&str; 13] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
    "OptInRequired",
];

/// The same, because the caller may not do it.
const NOT_ALLOWED: [&str; 4] =
    ["AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation"];

/// What AWS says of a missing permission, whatever it was missing for.
const DENIED_WORDS: &str = "not authorized to perform";

/// The same, because what was sent is no request that it knows.
const NO_REQUEST: [&str; 6] = [
    "MalformedHttpRequestException",
    "RequestEntityTooLargeException",
    "SerializationException",
    "UnknownOperationException",
    "ValidationError",
    "ValidationException",
];

/// Sorts what came back. `refusals` are the errors with which the operation says that nothing happened.
pub(crate) fn sort<E>(error: &SdkError<E, HttpResponse>, refusals: &[&str]) -> Answer
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) => Answer::NotBuilt,
        SdkError::DispatchFailure(failure) if failure.is_user() || without_credentials(error) => {
            Answer::NoCredentials
        }
        SdkError::DispatchFailure(_) if nobody_listens(error) => Answer::Unreached,
        SdkError::ServiceError(service) => {
            let meta = service.err();
            let status = service.raw().status().as_u16();
            sort_error(status, meta.code().unwrap_or_default(), meta.message().unwrap_or_default(), refusals)
        }
        SdkError::ResponseError(response) if response.raw().status().is_success() && is_unreadable(error) => {
            Answer::Unknown(Doubt::Unreadable)
        }
        // A connection that closes before the answer looks the same whether the call was carried out or not.
        _ => Answer::Unknown(Doubt::NoAnswer),
    }
}

/// What an error means that the service gave.
pub fn sort_error(status: u16, code: &str, message: &str, refusals: &[&str]) -> Answer {
    let named = |names: &[&str]| (400..500).contains(&status) && names.contains(&code);
    // These come under several names, also under those of refusals; the words tell.
    if (400..500).contains(&status)
        && let Some(code) = credentials_said(code, message)
    {
        return Answer::Unauthenticated { code: code.to_owned() };
    }
    let code = code.to_owned();
    // Some operations declare the same error for what they are asked about, so the words tell there.
    let is_denied =
        !refusals.contains(&code.as_str()) || message.is_empty() || message.contains(DENIED_WORDS);
    if named(&NOT_ALLOWED) && is_denied {
        return Answer::NotAllowed { code, message: message.to_owned() };
    }
    // A full instance is a LimitExceeded, which the SDK takes for throttling; so the operation's own errors come first.
    if named(refusals) || named(&NO_REQUEST) {
        return Answer::Refused { code, message: message.to_owned() };
    }
    if named(&UNAUTHENTICATED) {
        return Answer::Unauthenticated { code };
    }
    if status >= 400 && THROTTLING_ERRORS.contains(&code.as_str()) {
        return Answer::Throttled;
    }
    Answer::Unknown(Doubt::Failed { status, code })
}

/// The code of a signature that is too old or too new for AWS, whatever it is called there.
pub(crate) const CLOCK: &str = "RequestTimeTooSkewed";

/// The code of credentials that were good once.
pub(crate) const EXPIRED: &str = "ExpiredTokenException";

/// Whether AWS refuses for the host's clock or for credentials that have expired.
fn credentials_said(code: &str, message: &str) -> Option<&'static str> {
    const OF_CLOCK: [&str; 3] = ["Signature expired", "Signature not yet current", "signature is too old"];
    const OF_TOKEN: [&str; 3] =
        ["token included in the request is expired", "provided token has expired", "token has expired"];
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    if ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"].contains(&code) || says(&OF_CLOCK) {
        return Some(CLOCK);
    }
    (["ExpiredToken", EXPIRED].contains(&code) || says(&OF_TOKEN)).then_some(EXPIRED)
}

/// There are no credentials to sign a request with.
pub(crate) fn no_credentials() -> Problem {
    Problem::operator("no_credentials", "There are no AWS credentials.")
        .hint("Give the desk a role, a profile or keys. Its log has the details.")
}

/// What is wrong with the credentials, and what to do about it.
pub fn unauthenticated(name: &str) -> Problem {
    match name {
        CLOCK => Problem::operator(
            "clock_skewed",
            "AWS rejected the request because this host's clock is wrong.",
        )
        .hint("Set the clock, for example with `timedatectl set-ntp true`. AWS allows a difference of 5 minutes."),
        EXPIRED => Problem::operator("credentials_expired", "The desk's AWS credentials have expired.")
            .hint("Sign in again (`aws sso login`), replace the session token, or use a role, which renews itself."),
        name => Problem::operator(
            "unauthenticated",
            format!("AWS doesn't accept the desk's credentials ({}).", text::code(name)),
        )
        .hint("Check that they belong to the instance's account and are still active."),
    }
}

/// Counts a call and what came of it.
pub(crate) fn counted(service: &str, operation: &str, answer: Option<&Answer>) {
    let result = match answer {
        None => "ok",
        Some(Answer::Throttled) => "throttled",
        Some(Answer::Unreached) => "unreached",
        Some(Answer::NoCredentials | Answer::NotBuilt) => "not_sent",
        Some(Answer::Unauthenticated { .. }) => "unauthenticated",
        Some(Answer::NotAllowed { .. }) => "not_allowed",
        Some(Answer::Refused { .. }) => "refused",
        Some(Answer::Unknown(_)) => "unknown",
    };
    metrics::count(
        metrics::Family::AwsCalls,
        &[("service", service), ("operation", operation), ("result", result)],
    );
}

/// An error and what is behind it, in one line that holds neither what was sent nor what came back.
pub(crate) fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    for cause in causes(error) {
        let words = cause.to_string();
        if !words.is_empty() && !said.iter().any(|known| known.contains(&words)) {
            said.push(words);
        }
    }
    text::plain(&said.join(": "), 300)
}

/// Whether nothing was sent because there are no credentials to sign it.
fn without_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<CredentialsError>())
}

/// Whether the connection was never made, so that nothing can have been sent.
fn nobody_listens(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::ConnectionRefused)
}

fn is_unreadable(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<Unreadable>())
}

/// The error and what is behind it.
fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |cause| cause.source())
}

/// A success is one only if its body is what these services answer: a JSON object, or nothing at all. The SDK does not look
/// at the body of operations without output, so whatever is between could say that a user was removed.
#[derive(Debug)]
pub(crate) struct ReadableSuccess;

#[derive(Debug, thiserror::Error)]
#[error("the body of a success is not the service's")]
struct Unreadable;

#[dyn_dispatch_hint]
impl Intercept for ReadableSuccess {
    fn name(&self) -> &'static str {
        "ReadableSuccess"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let body = response.body().bytes().unwrap_or_default().trim_ascii();
        let is_whole =
            body.is_empty() || body.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(body).is_ok();
        let is_error = response.headers().get("x-amzn-errortype").is_some_and(|name| !name.is_empty());
        let is_read = is_whole && !is_error && context.output_or_error().is_ok();
        if response.status().is_success() && !is_read { Err(Unreadable.into()) } else { Ok(()) }
    }
}
