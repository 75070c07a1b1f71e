//! One email to a mail server (RFC 5321), so that it is known at every moment whether it can have left.
//!
//! lettre's own timeouts do not fire on a server that falls silent, so each exchange has one here.

use std::error::Error as _;
use std::future::Future;
use std::sync::Arc;

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, plain};
use desk_core::ports::Clock;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Severity;
use secrecy::{ExposeSecret as _, SecretString};

use super::message::Sealed;
use super::settings::{Patience, SMTP_PASSWORD, SmtpSettings, Tls};
use super::token::{self, Tokens};
use crate::report::FoundOnHost;
use crate::secrets::Needed;
use crate::systems::apply::{Acted, Facts, Fault, Tried};
use crate::systems::aws;

/// A mail server and what is needed to speak with it.
pub(super) struct Smtp {
    host: String,
    port: u16,
    tls: Option<(Tls, TlsParameters)>,
    login: Option<(String, Proof)>,
    patience: Patience,
}

/// What the desk proves itself with.
enum Proof {
    Password(SecretString),
    Tokens(Tokens),
}

/// A server that waits for the message: it knows the sender and the recipients, and said that it would take it.
pub(super) struct Waiting<'a> {
    /// What it said of the copy, if it doesn't take that.
    pub(super) copy_refused: Option<String>,
    connection: AsyncSmtpConnection,
    smtp: &'a Smtp,
}

impl Smtp {
    pub(super) fn open(
        settings: &SmtpSettings,
        patience: Patience,
        clock: Arc<dyn Clock>,
    ) -> Result<Smtp, Problem> {
        let tls = match settings.tls {
            Tls::None => None,
            tls => Some((tls, trusted(settings)?)),
        };
        let login = match &settings.username {
            Some(name) => {
                let proof = match &settings.oauth2 {
                    Some(oauth2) => Proof::Tokens(Tokens::open(oauth2, patience.exchange, clock)?),
                    None => Proof::Password(needed(settings).line()?),
                };
                Some((name.clone(), proof))
            }
            None => None,
        };
        Ok(Smtp { host: settings.host.clone(), port: settings.port, tls, login, patience })
    }

    /// Goes as far as one can without sending anything. Whatever fails here, the email did not leave.
    pub(super) async fn approach(&self, sealed: &Sealed) -> Result<Waiting<'_>, Fault> {
        let mut connection = self.connect().await?;
        let copy_refused = self.introduce(&mut connection, sealed).await?;
        Ok(Waiting { copy_refused, connection, smtp: self })
    }

    /// Connects, signs in, and leaves without an email.
    pub(super) async fn examine(&self) -> Result<String, Problem> {
        let mut connection = self.connect().await.map_err(Fault::problem)?;
        let _ = tokio::time::timeout(self.patience.exchange, connection.quit()).await;
        let login = match &self.login {
            Some((_, Proof::Password(_))) => " and accepts the desk's password",
            Some((_, Proof::Tokens(_))) => " and accepts the desk's access token",
            None => "",
        };
        Ok(format!("{} answers on port {}{login}.", self.name(), self.port))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Fault> {
        match &self.login {
            None => self.line().await,
            Some((name, Proof::Password(password))) => {
                let mut connection = self.line().await?;
                self.sign_in(&mut connection, name, password, &PASSWORDS).await.map_err(|fault| match fault {
                    Fault::Refused(problem) => Fault::Refused(Problem::operator("email_login", problem.message).hint(
                        "Correct the user name or password under [email.smtp], restart the desk, then try again.",
                    )),
                    fault => fault,
                })?;
                Ok(connection)
            }
            Some((mailbox, Proof::Tokens(tokens))) => {
                let token = tokens.get().await?;
                let mut connection = self.line().await?;
                match self.sign_in(&mut connection, mailbox, &token, &TOKENS).await {
                    Err(Fault::Refused(_)) => {}
                    signed_in => return signed_in.map(|()| connection),
                }
                // It may have been revoked before its time: one new one is tried, on a new line.
                tokens.forget(&token).await;
                let token = tokens.get().await?;
                let mut connection = self.line().await?;
                self.sign_in(&mut connection, mailbox, &token, &TOKENS).await.map_err(|fault| match fault {
                    Fault::Refused(problem) => Fault::Refused(Problem::operator("email_login", problem.message).hint(
                        "In Exchange Online, give the app `SMTP.SendAsApp` with admin consent, register its service principal with \
                         the object id of the enterprise application, give that full access to the mailbox, and turn on \
                         authenticated SMTP for the mailbox; then try again.",
                    )),
                    fault => fault,
                })?;
                Ok(connection)
            }
        }
    }

    async fn sign_in(
        &self,
        connection: &mut AsyncSmtpConnection,
        name: &str,
        secret: &SecretString,
        mechanisms: &[Mechanism],
    ) -> Result<(), Fault> {
        if connection.server_info().get_auth_mechanism(mechanisms).is_none() {
            let takes = match mechanisms {
                [Mechanism::Xoauth2] => "access tokens (XOAUTH2)",
                _ => "a user name and password",
            };
            // Another token doesn't change that, so it is none of the refusals that ask for one.
            return Err(Fault::NotFound(
                Problem::operator(
                    "email_login",
                    format!("{} doesn't accept {takes} on this port.", self.name()),
                )
                .hint("Check [email.smtp], or use the port that accepts them."),
            ));
        }
        let credentials = Credentials::new(name.to_owned(), secret.expose_secret().to_owned());
        let signing = connection.auth(mechanisms, &credentials);
        match tokio::time::timeout(self.patience.exchange, signing).await {
            Ok(Ok(_)) => Ok(()),
            // A server that refuses a token by a question (334 with JSON) gets no answer from lettre, which says only that it
            // expected none.
            Ok(Err(error)) if mechanisms == TOKENS && error.is_client() && error.status().is_none() => {
                tracing::warn!("the mail server rejected an access token");
                let message = format!("{} rejected the desk's access token.", self.name());
                Err(Fault::Refused(Problem::operator("email_login", message)))
            }
            Ok(Err(error)) => Err(self
                .answered("accept the desk's login", &error)
                .unwrap_or_else(|| self.unreached("accept the desk's login", &error))),
            Err(_) => Err(Fault::NotYet(self.silent())),
        }
    }

    /// A line to the server, encrypted where it is to be.
    async fn line(&self) -> Result<AsyncSmtpConnection, Fault> {
        let hello = ClientId::default();
        let implicit = self
            .tls
            .as_ref()
            .filter(|(tls, _)| *tls == Tls::Implicit)
            .map(|(_, parameters)| parameters.clone());
        let server = (self.host.as_str(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(server, None, &hello, implicit, None);
        let mut connection = self.exchange("accept the connection", connecting).await?;
        if let Some((Tls::Starttls, parameters)) = &self.tls {
            if !connection.can_starttls() {
                return Err(Fault::Refused(
                    Problem::operator("email_not_encrypted", format!("{} offers no encryption (STARTTLS).", self.name()))
                        .hint("Nothing is sent unencrypted. Check `host` and `port` under [email.smtp], or set `tls = \"implicit\"`."),
                ));
            }
            self.exchange("start an encrypted connection", connection.starttls(parameters.clone(), &hello))
                .await?;
        }
        Ok(connection)
    }

    /// Names the sender and the recipients. Gives what is said of the copy, if it is refused.
    async fn introduce(
        &self,
        connection: &mut AsyncSmtpConnection,
        sealed: &Sealed,
    ) -> Result<Option<String>, Fault> {
        let Sealed { envelope, bytes, copy } = sealed;
        let mut parameters = Vec::new();
        let mut addresses = envelope.from().into_iter().chain(envelope.to());
        if let Some(other) = addresses.find(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let message =
                    format!("{} accepts only ASCII addresses, so not {}.", self.name(), code(other.as_ref()));
                return Err(Fault::Refused(
                    Problem::human("email_address", message)
                        .hint("Set another address with `/connect edit … email:…`."),
                ));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !bytes.is_ascii() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let from = Mail::new(envelope.from().cloned(), parameters);
        self.exchange("accept the sender", connection.command(from)).await?;
        let (mut copy_refused, mut put_off) = (None, None);
        for to in envelope.to() {
            let what = format!("accept the recipient {}", code(to.as_ref()));
            let named = connection.command(Rcpt::new(to.clone(), Vec::new()));
            match self.exchange(&what, named).await.map_err(of_recipient) {
                Err(Fault::Refused(problem) | Fault::NotYet(problem))
                    if copy.as_ref() == Some(to)
                        && [RECIPIENT_REFUSED, RECIPIENT_PUT_OFF].contains(&problem.code.as_str()) =>
                {
                    copy_refused = Some(problem.message);
                }
                // A server that puts off whom it doesn't know yet gets to know the copy too.
                Err(Fault::NotYet(problem)) if problem.code == RECIPIENT_PUT_OFF => put_off = Some(problem),
                named => drop(named?),
            }
        }
        if let Some(problem) = put_off {
            return Err(Fault::NotYet(problem));
        }
        self.exchange("accept the email", connection.command(Data)).await.map_err(of_recipient)?;
        Ok(copy_refused)
    }

    /// One exchange with the server before the message is sent.
    async fn exchange<T>(
        &self,
        what: &str,
        exchange: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Fault> {
        match tokio::time::timeout(self.patience.exchange, exchange).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => {
                Err(self.answered(what, &error).unwrap_or_else(|| self.unreached(what, &error)))
            }
            Err(_) => Err(Fault::NotYet(self.silent())),
        }
    }

    /// What a refusal of the server's means; `None` when the server said nothing.
    fn answered(&self, what: &str, error: &Error) -> Option<Fault> {
        let status = error.status()?;
        let words = error.source().map(ToString::to_string).unwrap_or_default();
        let said = format!("`{}`", plain(&format!("{status} {words}"), 200));
        Some(if error.is_transient() {
            tracing::warn!(%status, "the SMTP server deferred an email");
            Fault::NotYet(
                Problem::new(
                    desk_core::basics::problem::Owner::Human,
                    PUT_OFF,
                    format!("{} did not {what} yet: {said}.", self.name()),
                )
                .hint("Try again later. If it continues, ask the administrator of the mail server."),
            )
        } else {
            tracing::warn!(%status, "the mail server rejected an email");
            Fault::Refused(
                Problem::operator(REFUSED, format!("{} did not {what}: {said}.", self.name()))
                    .hint("Check [email.smtp], and `from` under [email]; then try again."),
            )
        })
    }

    fn unreached(&self, what: &str, error: &Error) -> Fault {
        tracing::warn!(error = aws::cause(error), "the SMTP server can't be reached");
        let problem = Problem::operator(
            "email_unreachable",
            format!("{} did not {what}: {}.", self.name(), code(&plain(&aws::cause(error), 200))),
        );
        // A certificate does not become right by waiting.
        if certificate(error) {
            return Fault::Refused(problem.hint(
                "Check `host` under [email.smtp], set `ca_file` if it uses a private CA, then try again.",
            ));
        }
        Fault::NotYet(
            problem.hint(
                "Check that the mail server is running and that [email.smtp] is correct, then try again.",
            ),
        )
    }

    fn silent(&self) -> Problem {
        tracing::warn!("the SMTP server doesn't answer");
        Problem::operator("email_silent", format!("{} doesn't answer.", self.name()))
            .hint("Check that the mail server is running and that [email.smtp] is correct, then try again.")
    }

    fn name(&self) -> String {
        format!("The mail server {}", code(&self.host))
    }
}

impl Waiting<'_> {
    /// Sends the message. From here on it may leave, whatever is heard of it.
    pub(super) async fn send(mut self, bytes: &[u8]) -> Tried {
        let smtp = self.smtp;
        let perhaps = || {
            Fault::Unknown(
                Problem::human(
                    "email_unknown",
                    format!("{} got the email, but didn't confirm it.", smtp.name()),
                )
                .hint("Before you send it again, ask whether it arrived, or check the mail server's log."),
            )
        };
        match tokio::time::timeout(smtp.patience.exchange, self.connection.message(bytes)).await {
            Ok(Ok(response)) if response.code().severity == Severity::PositiveCompletion => {
                // The email is gone; that the server hears a goodbye is mere politeness.
                let _ = tokio::time::timeout(smtp.patience.exchange, self.connection.quit()).await;
                Ok(Acted::Done(Facts::new()))
            }
            // It asks for more where there is no more, or says nothing.
            Ok(Ok(_)) | Err(_) => Err(perhaps()),
            Ok(Err(error)) => {
                Err(smtp.answered("accept the email", &error).map_or_else(perhaps, of_recipient))
            }
        }
    }
}

/// The codes of a refusal of the desk itself, and of one that may pass.
const REFUSED: &str = "email_server";
const PUT_OFF: &str = "email_put_off";

/// The codes of the same of a recipient, or of the email for them.
const RECIPIENT_REFUSED: &str = "email_refused";
const RECIPIENT_PUT_OFF: &str = "email_not_taken";

/// The same fault where the sender was taken, so that it is about the recipients.
fn of_recipient(fault: Fault) -> Fault {
    match fault {
        Fault::Refused(problem) if problem.code == REFUSED => Fault::Refused(
            Problem::human(RECIPIENT_REFUSED, problem.message)
                .hint("Correct the address on file and try again, or tell the user another way."),
        ),
        Fault::NotYet(problem) if problem.code == PUT_OFF => {
            Fault::NotYet(Problem { code: RECIPIENT_PUT_OFF.to_owned(), ..problem })
        }
        fault => fault,
    }
}

const PASSWORDS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];
const TOKENS: [Mechanism; 1] = [Mechanism::Xoauth2];

fn trusted(settings: &SmtpSettings) -> Result<TlsParameters, Problem> {
    let wrong = |message: String| {
        Problem::operator("email_certificates", message)
            .hint("Set `ca_file` under [email.smtp] to a file of PEM certificates.")
    };
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(file) = &settings.ca_file {
        let pem = std::fs::read(file).map_err(|error| {
            wrong(format!("The certificates can't be read from {} ({error}).", file.display()))
        })?;
        if !pem.windows(27).any(|piece| piece == b"-----BEGIN CERTIFICATE-----") {
            return Err(wrong(format!("There is no certificate in {}.", file.display())));
        }
        let certificates = Certificate::from_pem(&pem)
            .map_err(|_| wrong(format!("{} contains no valid certificates.", file.display())))?;
        builder = builder.add_root_certificate(certificates);
    }
    builder
        .build_rustls()
        .map_err(|error| wrong(format!("The connection can't be encrypted ({}).", aws::cause(&error))))
}

/// What the desk reads on this host for the mail server.
pub(super) fn examine_host(settings: &SmtpSettings) -> Vec<FoundOnHost> {
    let mut found = Vec::new();
    if settings.tls != Tls::None {
        match (trusted(settings), &settings.ca_file) {
            (Err(problem), _) => found.push(("certificates", Err(problem))),
            (Ok(_), Some(file)) => {
                found
                    .push(("certificates", Ok(format!("The certificates in {} are valid.", file.display()))));
            }
            (Ok(_), None) => {}
        }
    }
    if settings.username.is_some() {
        let needed = match &settings.oauth2 {
            Some(oauth2) => token::needed(oauth2),
            None => needed(settings),
        };
        found.push(needed.found(needed.line()));
    }
    found
}

/// The password.
fn needed(settings: &SmtpSettings) -> Needed<'_> {
    Needed {
        variable: SMTP_PASSWORD,
        file: settings.password_file.as_deref(),
        what: "SMTP password",
        code: "email_password",
        hint: format!(
            "Put it into the environment variable {SMTP_PASSWORD} or into a file that `password_file` under \
             [email.smtp] names."
        ),
    }
}

/// Whether the server showed a certificate that does not hold.
fn certificate(error: &Error) -> bool {
    aws::cause(error).contains("certificate")
}
