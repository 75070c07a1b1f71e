//! What the clients of AWS's services share.

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;

/// These credentials, or those that AWS's default chain finds.
pub(crate) async fn credentials(
    given: Option<SharedCredentialsProvider>,
    region: &Region,
) -> Option<SharedCredentialsProvider> {
    match given {
        Some(credentials) => Some(credentials),
        None => aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(region.clone())
            .load()
            .await
            .credentials_provider(),
    }
}

/// Whether nothing was sent because there is nothing to sign it with.
pub(crate) fn without_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<CredentialsError>())
}

/// The error and what is behind it.
pub(crate) fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |cause| cause.source())
}
