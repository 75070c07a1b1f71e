//! One email to Amazon SES, as the same message that a mail server gets.

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::SdkError;
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, RawMessage};
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{self, plain};
use lettre::message::Mailbox;

use super::message::Sealed;
use super::settings::{Patience, SesSettings};
use crate::report::Level;
use crate::systems::apply::{Acted, Facts, Fault, Tried};
use crate::systems::aws::{self, Answer, Doubt, ReadableSuccess};

/// The errors with which SendEmail says that nothing was sent. LimitExceededException, which it declares as well, passes and
/// counts as throttling.
const REFUSALS: [&str; 6] = [
    "AccountSuspendedException",
    "BadRequestException",
    "MailFromDomainNotVerifiedException",
    "MessageRejected",
    "NotFoundException",
    "SendingPausedException",
];

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
        let connect = patience.exchange.min(aws::CONNECT);
        let config =
            aws::config(&settings.region, settings.endpoint.clone(), credentials, connect, patience.exchange)
                .await;
        let config = aws_sdk_sesv2::config::Builder::from(&config).interceptor(ReadableSuccess);
        Ses {
            client: Client::from_conf(config.build()),
            configuration_set: settings.configuration_set.clone(),
        }
    }

    /// Whether the account may send at all, to whom, and as this sender. Both questions need rights that sending does not.
    pub(super) async fn examine(&self, from: &Mailbox) -> Vec<(Level, Result<String, Problem>)> {
        let mut found = Vec::new();
        let untried = |what: &str, right: &str, answer: &Answer| match answer {
            Answer::Unauthenticated { code } => (Level::Failure, Err(aws::unauthenticated(code))),
            Answer::NotAllowed { .. } => (
                Level::Untried,
                Ok(format!("{what} can't be checked without {right}, which the desk itself doesn't need.")),
            ),
            Answer::Unreached | Answer::Unknown(Doubt::NoAnswer) => (
                Level::Failure,
                Err(Problem::operator("ses_unreachable", "Amazon SES can't be reached.")
                    .hint("Check `region` under [email.ses] and this host's network.")),
            ),
            Answer::NoCredentials => (Level::Failure, Err(aws::no_credentials())),
            other => (
                Level::Warning,
                Err(Problem::operator("ses_unclear", format!("{what} can't be checked: {}.", why(other)))
                    .hint("Check the account dashboard in Amazon SES.")),
            ),
        };
        match Box::pin(self.client.get_account().send()).await {
            Ok(account) if !account.sending_enabled() => found.push((
                Level::Failure,
                Err(Problem::operator("ses_paused", "Amazon SES has paused sending for this account.")
                    .hint("Check the account dashboard in Amazon SES.")),
            )),
            Ok(account) if !account.production_access_enabled() => found.push((
                Level::Warning,
                Err(Problem::operator(
                    "ses_sandbox",
                    "Amazon SES is in the sandbox: emails are sent only to verified addresses.",
                )
                .hint("Request production access in the Amazon SES account dashboard.")),
            )),
            Ok(_) => found.push((Level::Ok, Ok("Amazon SES can send to any address.".to_owned()))),
            Err(error) => {
                found.push(untried(
                    "Whether SES is in its sandbox",
                    "ses:GetAccount",
                    &aws::sort(&error, &[]),
                ));
            }
        }
        // The domain, one that it belongs to, or the address alone may be verified.
        let domain = from.email.domain().to_owned();
        let above = domain.match_indices('.').filter_map(|(dot, _)| domain.get(dot + 1..));
        let above = above.filter(|domain| domain.contains('.')).map(str::to_owned);
        let mut known = None;
        for name in std::iter::once(domain.clone()).chain(above).chain([from.email.to_string()]) {
            let asked = self.client.get_email_identity().email_identity(name.clone()).send();
            match Box::pin(asked).await {
                Ok(identity) if identity.verified_for_sending_status() => {
                    let what = if name.contains('@') { "address" } else { "domain" };
                    let message = format!("The sender's {what} `{name}` is verified in Amazon SES.");
                    found.push((Level::Ok, Ok(message)));
                    return found;
                }
                Ok(_) => drop(known.get_or_insert(name)),
                Err(error) => match aws::sort(&error, &["NotFoundException"]) {
                    Answer::Refused { .. } => {}
                    answer => {
                        found.push(untried(
                            "Whether SES can send as the sender",
                            "ses:GetEmailIdentity",
                            &answer,
                        ));
                        return found;
                    }
                },
            }
        }
        let (message, hint) = match known {
            Some(name) => (
                format!("The sender's domain `{name}` is not verified in Amazon SES.")
                    .replace("domain", if name.contains('@') { "address" } else { "domain" }),
                "Add the DNS records shown in Amazon SES, or open the link that it emailed.",
            ),
            None => (
                format!("Neither the domain `{domain}` nor the address `{}` is in Amazon SES.", from.email),
                "Verify one of them in the console of Amazon SES, in this Region.",
            ),
        };
        found.push((Level::Failure, Err(Problem::operator("ses_sender", message).hint(hint))));
        found
    }

    /// Sends the message. It may leave, whatever is heard of it.
    pub(super) async fn send(&self, sealed: &Sealed) -> Tried {
        let raw = match RawMessage::builder().data(Blob::new(sealed.bytes.clone())).build() {
            Ok(raw) => raw,
            Err(error) => return Err(Fault::Refused(not_sent(&error.to_string()))),
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
            Ok(sent) if sent.message_id().is_some_and(|id| !id.is_empty()) => {
                aws::counted("ses", "SendEmail", None);
                Ok(Acted::Done(Facts::new()))
            }
            Ok(_) => Err(perhaps("Amazon SES took the email, but its answer has no message id.")),
            Err(error) => Err(sort(&error)),
        }
    }
}

fn sort(error: &SdkError<SendEmailError>) -> Fault {
    let answer = aws::sort(error, &REFUSALS);
    aws::counted("ses", "SendEmail", Some(&answer));
    match &answer {
        Answer::Refused { code, .. } | Answer::NotAllowed { code, .. } | Answer::Unauthenticated { code } => {
            tracing::warn!(code, "Amazon SES rejected an email");
        }
        _ => tracing::warn!(error = aws::cause(error), "Amazon SES rejected an email"),
    }
    let said = |name: &str, message: &str| format!("`{}`", plain(format!("{name} {message}").trim(), 200));
    match answer {
        Answer::Throttled => Fault::NotYet(
            Problem::operator("email_put_off", "Amazon SES didn't take the email yet: the sending quota is used up.")
                .hint("Try again later. If it continues, request a higher sending quota in Service Quotas."),
        ),
        Answer::Unreached => Fault::NotYet(
            Problem::operator("email_unreachable", "Amazon SES can't be reached.")
                .hint("Check this host's network and `region` under [email.ses], then try again."),
        ),
        Answer::NotBuilt => Fault::Refused(not_sent("it couldn't be prepared")),
        Answer::NoCredentials => Fault::Refused(aws::no_credentials()),
        Answer::Unauthenticated { code } => Fault::Refused(aws::unauthenticated(&code)),
        Answer::NotAllowed { code, message } => Fault::Refused(not_allowed(&said(&code, &message))),
        Answer::Refused { code, message } if is_sandbox(&code, &message) => Fault::Refused(
            Problem::human(
                "email_sandbox",
                format!(
                    "Amazon SES sends only between verified addresses: it is in the sandbox in this Region, or the sender isn't verified. {}.",
                    said(&code, &message)
                ),
            )
            .hint(
                "Ask the bot's operator to request production access (SES console, Account dashboard) or to verify the sender, then try again.",
            ),
        ),
        Answer::Refused { code, message } => Fault::Refused(
            Problem::human("email_refused", format!("Amazon SES rejected the email: {}.", said(&code, &message)))
                .hint("Correct the address on file, the sender or `cc`, then try again."),
        ),
        Answer::Unknown(Doubt::NoAnswer) => perhaps("Amazon SES got the email, but its answer was lost."),
        Answer::Unknown(Doubt::Unreadable) => {
            perhaps("Amazon SES got the email, but its answer can't be read.")
        }
        Answer::Unknown(Doubt::Failed { .. }) => perhaps("Amazon SES failed after it got the email."),
    }
}

/// What SES says while it is in its sandbox, word for word: "Email address is not verified. The following identities failed the
/// check in region …". It says the same of a sender that it doesn't know.
fn is_sandbox(code: &str, message: &str) -> bool {
    code == "MessageRejected" && message.to_ascii_lowercase().contains("not verified")
}

/// Why a question wasn't answered.
fn why(answer: &Answer) -> String {
    match answer {
        Answer::Throttled => "Amazon SES throttles the desk".to_owned(),
        Answer::Refused { code, .. } | Answer::Unknown(Doubt::Failed { code, .. }) if !code.is_empty() => {
            format!("Amazon SES says {}", text::code(&plain(code, 60)))
        }
        _ => "the answer of Amazon SES can't be read".to_owned(),
    }
}

fn perhaps(message: &str) -> Fault {
    Fault::Unknown(
        Problem::human("email_unknown", message)
            .hint("Before you send it again, ask whether it arrived, or check the sending statistics."),
    )
}

fn not_allowed(said: &str) -> Problem {
    Problem::operator("email_login", format!("AWS doesn't allow the desk to send email: {said}.")).hint(
        "Give the desk's AWS role `ses:SendEmail` and `ses:SendRawEmail`, and check that its credentials are current, then try again.",
    )
}

fn not_sent(why: &str) -> Problem {
    Problem::operator("not_sent", format!("The email couldn't be sent to Amazon SES: {}.", plain(why, 200)))
        .hint("Check the desk's AWS credentials and [email.ses]. Its log has the details.")
}
