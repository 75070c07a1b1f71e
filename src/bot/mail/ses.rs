//! One letter to Amazon SES, as the same message that a mail server gets.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Region;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::error::{DisplayErrorContext, ProvideErrorMetadata as _, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, RawMessage};
use desk_core::problem::{Problem, Who};
use desk_core::text::plain;

use super::message::Sealed;
use super::{Patience, SesSettings, Tried};
use crate::aws::{self, causes, without_credentials};

/// Amazon SES in one Region.
pub(super) struct Ses {
    client: Client,
    configuration_set: Option<String>,
}

impl Ses {
    pub(super) async fn open(
        settings: &SesSettings,
        credentials: Option<SharedCredentialsProvider>,
        patience: Patience,
    ) -> Ses {
        let region = Region::new(settings.region.clone());
        let credentials = aws::credentials(credentials, &region).await;
        let mut config = aws_sdk_sesv2::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(region)
            // SendEmail has no token that makes two calls one, so a call whose answer was lost is never repeated.
            .retry_config(RetryConfig::disabled())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(patience.exchange.min(Duration::from_secs(3)))
                    .operation_attempt_timeout(patience.exchange)
                    .build(),
            );
        config.set_credentials_provider(credentials).set_endpoint_url(settings.endpoint.clone());
        Ses {
            client: Client::from_conf(config.build()),
            configuration_set: settings.configuration_set.clone(),
        }
    }

    /// Sends the message. It may leave, whatever is heard of it.
    pub(super) async fn send(&self, sealed: &Sealed) -> Tried {
        let raw = match RawMessage::builder().data(Blob::new(sealed.bytes.clone())).build() {
            Ok(raw) => raw,
            Err(error) => return Tried::Refused(not_sent(&error.to_string())),
        };
        let to = sealed.envelope.to().iter().map(ToString::to_string).collect();
        let sending = self
            .client
            .send_email()
            .destination(Destination::builder().set_to_addresses(Some(to)).build())
            .content(EmailContent::builder().raw(raw).build())
            .set_configuration_set_name(self.configuration_set.clone())
            .send();
        match Box::pin(sending).await {
            Ok(_) => Tried::Taken,
            Err(error) => sort(&error),
        }
    }
}

fn sort(error: &SdkError<SendEmailError>) -> Tried {
    match error {
        SdkError::ServiceError(service) => {
            let meta = service.err();
            sort_answer(
                service.raw().status().as_u16(),
                meta.code().unwrap_or_default(),
                meta.message().unwrap_or_default(),
            )
        }
        SdkError::ConstructionFailure(_) => Tried::Refused(not_sent("it could not be put together")),
        SdkError::DispatchFailure(failure) if failure.is_user() || without_credentials(error) => {
            tracing::error!(error = %DisplayErrorContext(error), "a letter was not sent");
            Tried::Refused(not_sent("there is nothing to sign it with"))
        }
        SdkError::DispatchFailure(_) if nobody_listens(error) => {
            tracing::warn!(error = %DisplayErrorContext(error), "Amazon SES cannot be reached");
            Tried::NotYet(
                Problem::operator("mail_unreachable", "Amazon SES cannot be reached.")
                    .next("Check that this host reaches it and `region` under [mail.ses]; then try again."),
            )
        }
        _ => {
            tracing::warn!(error = %DisplayErrorContext(error), "no answer of Amazon SES");
            perhaps("Amazon SES was given the letter, but its answer was lost.")
        }
    }
}

fn sort_answer(status: u16, name: &str, message: &str) -> Tried {
    let said = format!("`{}`", plain(&format!("{name} {message}"), 200));
    tracing::warn!(status, name, "Amazon SES does not take a letter");
    match name {
        "TooManyRequestsException" | "ThrottlingException" | "Throttling" | "LimitExceededException" => Tried::NotYet(
            Problem::new(Who::Operator, "mail_put_off", format!("Amazon SES puts it off: {said}."))
                .next("Try again later; raise the sending quota in Service Quotas if it lasts."),
        ),
        _ if status == 429 => Tried::NotYet(
            Problem::new(Who::Operator, "mail_put_off", format!("Amazon SES puts it off: {said}."))
                .next("Try again later."),
        ),
        _ if status >= 500 => perhaps("Amazon SES failed while it had the letter."),
        _ if status == 401 || status == 403 => Tried::Refused(
            Problem::operator("mail_login", format!("AWS does not let the desk send mail: {said}."))
                .next("Give the desk's AWS role `ses:SendEmail`, and check that its credentials are current; then try again."),
        ),
        _ => Tried::Refused(
            Problem::human("mail_refused", format!("Amazon SES refuses the letter: {said}."))
                .next("Correct what it names: the address on file, or the sender, which SES has to know; then try again."),
        ),
    }
}

fn perhaps(says: &str) -> Tried {
    Tried::Perhaps(
        Problem::human("letter_unknown", says).next(
            "Ask whether it arrived, or look into the sending statistics, before it is sent once more.",
        ),
    )
}

fn not_sent(why: &str) -> Problem {
    Problem::operator(
        "not_sent",
        format!("The letter could not be given to Amazon SES: {}.", plain(why, 200)),
    )
    .next("Check the desk's AWS credentials and [mail.ses]; its own log has the details.")
}

/// Whether the connection was never made, so that nothing can have been sent.
fn nobody_listens(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::ConnectionRefused)
}
