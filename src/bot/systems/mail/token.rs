//! Access tokens for a mail server that takes no passwords, such as Exchange Online: OAuth 2.0 client credentials (RFC 6749, 4.4).
//!
//! Asking for a token sends nothing, so whatever goes wrong here, no email has left.

use std::sync::Arc;
use std::time::Duration;

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, plain};
use desk_core::ports::Clock;
use reqwest::{Client, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::settings::{OAuth2Settings, SMTP_CLIENT_SECRET};
use crate::secrets::Needed;
use crate::systems::apply::Fault;

/// The largest answer that is read. A token has some 2 KiB.
const BODY_MAX: usize = 64 * 1024;

/// A token is asked for again once this much of its time is over, and at the latest after a day.
const USED_PERCENT: u64 = 80;
const LONGEST: u64 = 86_400;

/// Gets tokens and keeps the one of now. One asks at a time; anyone who comes meanwhile waits for it.
pub(super) struct Tokens {
    settings: OAuth2Settings,
    secret: SecretString,
    client: Client,
    clock: Arc<dyn Clock>,
    current: Mutex<Option<Current>>,
}

struct Current {
    token: SecretString,
    /// By the clock that no one sets.
    until: Duration,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    token_type: Option<String>,
    /// A number, though some servers write it as text.
    #[serde(default)]
    expires_in: serde_json::Value,
}

#[derive(Default, Deserialize)]
struct Denied {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

/// What Microsoft Entra says, by the code in its words, and what to do about it.
const DENIALS: [(&str, &str); 7] = [
    (
        "AADSTS7000222",
        "The client secret has expired. Create a new one for the app in Entra and put it into the file.",
    ),
    ("AADSTS7000215", "The client secret is wrong. Use the secret's value, not its id."),
    ("AADSTS700016", "Check `client_id`: this tenant has no such app."),
    ("AADSTS90002", "Check `tenant`: there is no such tenant."),
    ("AADSTS900023", "Check `tenant`: write its id or one of its domains."),
    ("AADSTS1002012", "Check `scope`: client credentials take one that ends in `/.default`."),
    ("AADSTS53003", "A Conditional Access policy blocks the app. Exclude it, or allow this host's address."),
];

impl Tokens {
    /// Reads the secret. Nothing is connected yet.
    pub(super) fn open(
        settings: &OAuth2Settings,
        exchange: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Tokens, Problem> {
        let mut client = Client::builder()
            // What it redirects to is not where the secret belongs.
            .redirect(redirect::Policy::none())
            .connect_timeout(exchange)
            .timeout(exchange)
            .user_agent(concat!("connect-desk/", env!("CARGO_PKG_VERSION")));
        // Unencrypted is this machine, which no proxy leads to.
        if settings.token_url.starts_with("http://") {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| {
            Problem::operator("http_client", format!("The client for access tokens can't be made ({error})."))
                .hint("Check the proxy settings in the environment, and restart.")
        })?;
        let secret = needed(settings).line()?;
        Ok(Tokens { settings: settings.clone(), secret, client, clock, current: Mutex::default() })
    }

    /// A token that is still good for a while. One that expires immediately is good for this once.
    pub(super) async fn get(&self) -> Result<SecretString, Fault> {
        let mut current = self.current.lock().await;
        if let Some(current) = current.as_ref().filter(|current| self.clock.monotonic() < current.until) {
            return Ok(current.token.clone());
        }
        *current = None;
        let asked = self.clock.monotonic();
        let (token, lasts) = self.ask().await?;
        let used = Duration::from_secs(lasts.min(LONGEST) * USED_PERCENT / 100);
        *current = Some(Current { token: token.clone(), until: asked + used });
        Ok(token)
    }

    /// The mail server doesn't take this token. A newer one stays.
    pub(super) async fn forget(&self, token: &SecretString) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|known| known.token.expose_secret() == token.expose_secret()) {
            *current = None;
        }
    }

    async fn ask(&self) -> Result<(SecretString, u64), Fault> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.settings.client_id),
            ("client_secret", self.secret.expose_secret()),
            ("scope", &self.settings.scope),
        ];
        let asking = self.client.post(&self.settings.token_url).form(&form).send();
        let mut response = asking.await.map_err(|error| unreached(error.without_url()))?;
        let status = response.status().as_u16();
        let mut body = Zeroizing::new(Vec::new());
        while let Some(piece) = response.chunk().await.map_err(|error| unreached(error.without_url()))? {
            if body.len() + piece.len() > BODY_MAX {
                return Err(self.unreadable());
            }
            body.extend_from_slice(&piece);
        }
        match status {
            200 => self.granted(&body).ok_or_else(|| self.unreadable()),
            // It has too much to do, or is being repaired.
            408 | 429 | 500.. => Err(Fault::NotYet(silent(format!("answers {status}")))),
            _ => Err(self.denied(status, &body)),
        }
    }

    fn granted(&self, body: &[u8]) -> Option<(SecretString, u64)> {
        let Granted { access_token, token_type, expires_in } = serde_json::from_slice(body).ok()?;
        let token = SecretString::from(access_token);
        // RFC 6750: visible ASCII. Anything else would end the line in which it is sent to the mail server.
        let text = token.expose_secret();
        let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_bearer = token_type.is_none_or(|of| of.eq_ignore_ascii_case("bearer"));
        // Where no one says how long it is good for, it is good for once.
        let lasts = expires_in.as_u64().or_else(|| expires_in.as_str()?.trim().parse().ok()).unwrap_or(0);
        if !fits || !is_bearer {
            return None;
        }
        tracing::info!(seconds = lasts, "got an access token for the mail server");
        Some((token, lasts))
    }

    fn denied(&self, status: u16, body: &[u8]) -> Fault {
        let Denied { error, error_description } = serde_json::from_slice(body).unwrap_or_default();
        tracing::error!(status, error = plain(&error, 60), "no access token for the mail server");
        let said = plain(format!("{error} {error_description}").trim(), 200);
        // No one writes a secret into an answer; if someone does, it goes no further.
        let said = match said.contains(self.secret.expose_secret()) || said.is_empty() {
            true => format!("status {status}"),
            false => said,
        };
        let message = format!("{} gives the desk no access token: {}.", self.name(), code(&said));
        let known = DENIALS.iter().find(|(word, _)| error_description.contains(word)).map(|(_, hint)| *hint);
        let hint = known.unwrap_or(
            "Check `client_id`, the client secret and `tenant` or `token_url` under [email.smtp.oauth2].",
        );
        Fault::Refused(
            Problem::operator("email_token", message).hint(format!("{hint} Then start the desk again.")),
        )
    }

    fn unreadable(&self) -> Fault {
        tracing::warn!("the answer with an access token can't be read");
        Fault::NotYet(
            Problem::operator("email_token", format!("{} answers with no access token.", self.name()))
                .hint("Check `tenant` or `token_url` under [email.smtp.oauth2], and whether a proxy answers in its place."),
        )
    }

    fn name(&self) -> String {
        let rest = self.settings.token_url.split_once("://").map_or("", |(_, rest)| rest);
        code(rest.split('/').next().unwrap_or_default())
    }
}

fn unreached(error: reqwest::Error) -> Fault {
    tracing::warn!(error = ?error, "no answer to a request for an access token");
    let why = if error.is_timeout() { "doesn't answer in time" } else { "can't be reached" };
    Fault::NotYet(silent(why.to_owned()))
}

fn silent(why: String) -> Problem {
    Problem::operator("email_token_unreached", format!("What gives access tokens for the mail server {why}."))
        .hint("Check `tenant` or `token_url` under [email.smtp.oauth2] and the network of this host; then try again.")
}

/// The client secret.
pub(super) fn needed(settings: &OAuth2Settings) -> Needed<'_> {
    Needed {
        variable: SMTP_CLIENT_SECRET,
        file: settings.client_secret_file.as_deref(),
        what: "client secret for the mail server",
        code: "email_client_secret",
        hint: format!(
            "Put it into the environment variable {SMTP_CLIENT_SECRET} or into a file that `client_secret_file` \
             under [email.smtp.oauth2] names."
        ),
    }
}
