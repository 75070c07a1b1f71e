//! Signing in to Salesforce: OAuth 2.0 with a signed assertion (RFC 7523) or with a client secret, and the session of it.
//!
//! Signing in changes nothing in Salesforce, so whatever goes wrong here, the call that needed a session did not happen.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, plain, span};
use desk_core::ports::Clock;
use jiff::Timestamp;
use reqwest::{Url, header};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use super::faults::{self, no_answer, word};
use super::http::Http;
use super::ids::RecordId;
use super::settings::{SALESFORCE_KEY, SALESFORCE_SECRET, Settings, SignIn};
use crate::secrets::{Needed, Variable};

/// How far ahead an assertion expires; Salesforce takes at most 5 minutes.
const ASSERTION_LASTS: Duration = Duration::from_secs(180);

/// A clock that is wrong by more is named when Salesforce refuses an assertion.
const CLOCK_TOLERANCE_S: i64 = 60;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// What the desk proves itself with.
pub(super) enum Proof {
    Key { key: RsaKeyPair, client_id: String, username: String, audience: String },
    Secret { secret: SecretString, client_id: String },
}

/// A session: the token, where it is good, and whose it is.
pub(super) struct Session {
    pub(super) token: SecretString,
    pub(super) instance: Url,
    /// The user as whom the desk is signed in.
    pub(super) user: RecordId,
}

/// The session of now, made when it is first needed.
pub(super) struct Sessions {
    endpoint: Url,
    proof: Proof,
    clock: Arc<dyn Clock>,
    current: Mutex<Option<Arc<Session>>>,
}

/// Why there is no session.
pub(super) enum NotIn {
    /// It may work later.
    NotYet(Problem),
    Refused(Problem),
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    instance_url: String,
    /// An address that ends in the ids of the org and of the user.
    id: String,
}

#[derive(Deserialize)]
struct Denied {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Sessions {
    pub(super) fn new(endpoint: Url, proof: Proof, clock: Arc<dyn Clock>) -> Sessions {
        Sessions { endpoint, proof, clock, current: Mutex::default() }
    }

    /// The session of now. Anyone who comes while one is made waits for it.
    pub(super) async fn get(&self, http: &Http) -> Result<Arc<Session>, NotIn> {
        let mut current = self.current.lock().await;
        if let Some(session) = &*current {
            return Ok(session.clone());
        }
        let session = Arc::new(self.sign_in(http).await?);
        *current = Some(session.clone());
        Ok(session)
    }

    /// Salesforce doesn't know this session any more. A newer one stays.
    pub(super) async fn forget(&self, session: &Arc<Session>) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|known| Arc::ptr_eq(known, session)) {
            *current = None;
        }
    }

    async fn sign_in(&self, http: &Http) -> Result<Session, NotIn> {
        let mut address = self.endpoint.clone();
        address.set_path("/services/oauth2/token");
        let sent_at = self.clock.now();
        let form = self.form(sent_at)?;
        let asked = http.client.post(address).form(&form);
        let answer = http.send("the sign-in", asked).await.map_err(|fault| NotIn::NotYet(fault.problem()))?;
        let unreadable = || {
            NotIn::NotYet(
                faults::problem("salesforce_sign_in", "Salesforce's answer to the sign-in can't be read.")
                    .hint("Check `login_url` under [salesforce], and whether a proxy answers in its place."),
            )
        };
        if answer.status == 200 {
            let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
            tracing::info!("signed in to Salesforce");
            return self.session(granted).ok_or_else(unreadable);
        }
        // Whatever fails there passes.
        if answer.status >= 500 {
            return Err(NotIn::NotYet(no_answer("the sign-in").problem()));
        }
        let denied: Denied = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
        tracing::error!(
            status = answer.status,
            error = word(&denied.error),
            "Salesforce rejected the desk's sign-in"
        );
        let theirs = answer.headers.get(header::DATE).and_then(|date| date.to_str().ok());
        Err(self.why(&denied, theirs.and_then(read_date), sent_at))
    }

    fn form(&self, now: Timestamp) -> Result<Vec<(&'static str, String)>, NotIn> {
        match &self.proof {
            Proof::Secret { secret, client_id } => Ok(vec![
                ("grant_type", "client_credentials".to_owned()),
                ("client_id", client_id.clone()),
                ("client_secret", secret.expose_secret().to_owned()),
            ]),
            Proof::Key { key, client_id, username, audience } => {
                let lasts = i64::try_from(ASSERTION_LASTS.as_secs()).unwrap_or(0);
                let claims = json!({ "iss": client_id, "sub": username, "aud": audience, "exp": now.as_second() + lasts });
                let assertion = signed(key, &claims).ok_or_else(|| {
                    NotIn::Refused(
                        Problem::operator("salesforce_key", "The key for Salesforce can't sign.")
                            .hint("Check the file that `key_file` under [salesforce] names."),
                    )
                })?;
                Ok(vec![("grant_type", JWT_BEARER.to_owned()), ("assertion", assertion)])
            }
        }
    }

    fn session(&self, granted: Granted) -> Option<Session> {
        let Granted { access_token, instance_url, id } = granted;
        let token = SecretString::from(access_token);
        let instance = Url::parse(&instance_url).ok()?;
        // The token goes there: encrypted, or to the same machine as everything else.
        let is_safe = instance.scheme() == "https"
            || [instance.scheme(), self.endpoint.scheme()] == ["http", "http"]
                && instance.host() == self.endpoint.host();
        let user = RecordId::parse(id.rsplit('/').next()?)?;
        let is_whole = is_safe && instance.has_host() && !token.expose_secret().is_empty();
        is_whole.then_some(Session { token, instance, user })
    }

    fn why(&self, denied: &Denied, theirs: Option<Timestamp>, ours: Timestamp) -> NotIn {
        let said = denied.error_description.to_lowercase();
        if let Proof::Key { .. } = self.proof
            && let Some(theirs) = theirs
            && ["expired", "invalid assertion"].iter().any(|word| said.contains(word))
        {
            let ahead = ours.as_second() - theirs.as_second();
            if ahead.abs() >= CLOCK_TOLERANCE_S {
                let way = if ahead > 0 { "ahead of" } else { "behind" };
                let message = format!(
                    "The clock of the desk's host is {} {way} Salesforce's, so the sign-in was rejected.",
                    span(ahead.abs())
                );
                return NotIn::Refused(
                    Problem::operator("salesforce_clock", message).hint("Set the clock with NTP."),
                );
            }
        }
        let known = DENIALS
            .iter()
            .find(|known| said.contains(known.message) || denied.error.eq_ignore_ascii_case(known.message));
        let description = plain(&denied.error_description, 200);
        let problem = |next: &str| {
            let message = format!(
                "Salesforce rejected the desk's sign-in: {} {}.",
                code(&denied.error),
                description.trim_end_matches('.')
            );
            Problem::operator("salesforce_denied", message).hint(next)
        };
        match known {
            Some(Denial { passes: true, next, .. }) => NotIn::NotYet(problem(next)),
            Some(Denial { next, .. }) => NotIn::Refused(problem(next)),
            None => {
                NotIn::Refused(problem("Check the app in Salesforce as described in docs/salesforce.md."))
            }
        }
    }
}

/// What Salesforce says when it lets no one in, in lower case, and what helps.
struct Denial {
    message: &'static str,
    passes: bool,
    next: &'static str,
}

const fn denial(message: &'static str, next: &'static str) -> Denial {
    Denial { message, passes: false, next }
}

const DENIALS: [Denial; 18] = [
    denial(
        "not installed in this org",
        "The app is missing in this org, as in every new or refreshed sandbox. Install or create it there, and use that org's My Domain as `login_url`.",
    ),
    denial("oauth_ec_app_not_found", "Install the app in this org, and use its My Domain as `login_url`."),
    denial(
        "audience is invalid",
        "Set `audience = \"https://login.salesforce.com\"` for production or \"https://test.salesforce.com\" for a sandbox under \
         [salesforce].",
    ),
    denial(
        "invalid assertion",
        "Check that the app in Salesforce has the certificate of the desk's key. It may have been replaced or removed.",
    ),
    denial("expired authorization code", "Check the clock of the desk's host."),
    denial(
        "hasn't approved this consumer",
        "Pre-authorize the desk's user for the app with a permission set, and check `username` under [salesforce].",
    ),
    denial("not admin approved", "Pre-authorize the desk's user for the app with a permission set."),
    denial(
        "client identifier invalid",
        "Copy the app's consumer key into `client_id`. A new app needs up to 10 minutes.",
    ),
    denial("invalid client credentials", "Copy the app's consumer secret again."),
    denial(
        "no client credentials user",
        "Choose a Run As user in the app's policies, and turn on the client credentials flow in its OAuth settings.",
    ),
    denial("not supported on this domain", "Set `login_url` under [salesforce] to your My Domain."),
    denial("inactive user", "Activate the desk's user in Salesforce."),
    denial("user is locked", "Unlock the desk's user in Salesforce."),
    denial(
        "ip restricted",
        "Allow the IP address of the desk's host in the app's policies or the user's profile.",
    ),
    denial("grant type not supported", "Turn on this flow in the app's OAuth settings."),
    denial("authentication failure", "Check in Salesforce whether the desk's user is active and not frozen."),
    Denial { message: "login rate exceeded", passes: true, next: "Try again in a few minutes." },
    Denial { message: "temporarily_unavailable", passes: true, next: "Try again in a few minutes." },
];

/// The moment that an answer names in its header `date`.
pub fn read_date(date: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()
}

/// A JSON Web Token with these claims (RFC 7519), signed with RS256.
fn signed(key: &RsaKeyPair, claims: &serde_json::Value) -> Option<String> {
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&json!({ "alg": "RS256", "typ": "JWT" })), part(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).ok()?;
    Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Reads what the settings say that the desk proves itself with.
pub(super) fn proof(settings: &Settings) -> Result<Proof, Problem> {
    match &settings.sign_in {
        SignIn::Jwt { username, key_file, audience } => {
            let pem = needed_key(key_file.as_deref()).whole()?;
            Ok(Proof::Key {
                key: read_key(pem.expose_secret())?,
                client_id: settings.client_id.clone(),
                username: username.clone(),
                audience: audience.clone(),
            })
        }
        SignIn::ClientCredentials { secret_file } => {
            let secret = needed_secret(secret_file.as_deref()).line()?;
            Ok(Proof::Secret {
                secret: SecretString::from(secret.expose_secret().trim().to_owned()),
                client_id: settings.client_id.clone(),
            })
        }
        SignIn::Practice => Ok(Proof::Secret {
            secret: SecretString::from(desk_sim::salesforce::CLIENT_SECRET.to_owned()),
            client_id: settings.client_id.clone(),
        }),
    }
}

pub(super) fn needed_key(file: Option<&Path>) -> Needed<'_> {
    needed(SALESFORCE_KEY, file, "private key for Salesforce", "key_file")
}

pub(super) fn needed_secret(file: Option<&Path>) -> Needed<'_> {
    needed(SALESFORCE_SECRET, file, "consumer secret for Salesforce", "secret_file")
}

fn needed<'a>(variable: Variable, file: Option<&'a Path>, what: &'static str, key: &str) -> Needed<'a> {
    let hint = format!(
        "Put it into the environment variable {variable}, or into a file that `{key}` under [salesforce] names."
    );
    Needed { variable, file, what, code: "salesforce_secret", hint }
}

/// `ecPublicKey` (RFC 5480) as it is in a PKCS #8 key.
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// Ed25519 and Ed448 (RFC 8410), but for the last byte.
const EDWARDS: &[u8] = &[0x06, 0x03, 0x2b, 0x65];

/// The key with which the desk signs in, if Salesforce takes it.
pub fn read_key(pem: &str) -> Result<RsaKeyPair, Problem> {
    let wrong = |message: &str, next: &str| Problem::operator("salesforce_key", message).hint(next);
    let of_wrong_kind = || {
        wrong(
            "The key for Salesforce must be an RSA key.",
            "Create one with `openssl req -x509 -newkey rsa:3072` (see docs/salesforce.md), and upload its certificate to the app.",
        )
    };
    if pem.contains("ENCRYPTED") {
        return Err(wrong(
            "The key for Salesforce has a passphrase.",
            "Remove the passphrase (`openssl pkey -in … -out …`), and save it in a file that only the desk can read.",
        ));
    }
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| {
        wrong(
            "The key file for Salesforce has no private key.",
            "Use the private key in PEM format. The certificate goes to Salesforce.",
        )
    })?;
    let read = match &key {
        PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => {
            let der = key.secret_pkcs8_der();
            if [EC, EDWARDS].iter().any(|oid| der.windows(oid.len()).take(32).any(|window| window == *oid)) {
                return Err(of_wrong_kind());
            }
            RsaKeyPair::from_pkcs8(der)
        }
        _ => return Err(of_wrong_kind()),
    };
    read.map_err(|_| {
        wrong(
            "The key for Salesforce is damaged, or shorter than 2048 bits.",
            "Create a new one with `openssl req -x509 -newkey rsa:3072`, and upload its certificate to the app.",
        )
    })
}
