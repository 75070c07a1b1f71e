//! With which errors an operation says that nothing happened: the 4xx errors that its API declares, but throttling.

use std::error::Error;

use aws_sdk_connect::error::SdkError;
use aws_sdk_connect::types::error as declared;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

macro_rules! refusals {
    ($($name:ident)*) => {
        /// Those of all operations.
        pub const REFUSALS: &[&str] = &[$(stringify!($name)),*];

        /// The name of an error, if its operation declares it: only then does the SDK read it into a type of its own. All others leave open
        /// whether it happened.
        pub fn refusal<E: Error>(error: &SdkError<E, HttpResponse>) -> &'static [&'static str] {
            match error.as_service_error().and_then(Error::source) {
                $(Some(error) if error.is::<declared::$name>() => &[stringify!($name)],)*
                _ => &[],
            }
        }
    };
}

refusals! {
    AccessDeniedException
    ConditionalOperationFailedException
    DuplicateResourceException
    InvalidParameterException
    InvalidRequestException
    LimitExceededException
    ResourceInUseException
    ResourceNotFoundException
    ServiceQuotaExceededException
}
