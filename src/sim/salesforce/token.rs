//! The token endpoint: who may come in, and what Salesforce says to everyone else (RFC 6749, RFC 7523).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Value, json};

use super::answer::json_response;
use super::org::{App, Org};
use super::schema::Object;
use crate::contract::read_query;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// How far ahead an assertion may expire, in milliseconds.
const LONGEST_MS: i64 = 5 * 60 * 1000;

/// The My Domain of the practice org.
const MY_DOMAIN: &str = "https://practice.my.salesforce.com";

/// Why no one comes in: `error` and `error_description`.
pub(super) type Denied = (&'static str, String);

fn denied<T>(error: &'static str, description: &str) -> Result<T, Denied> {
    Err((error, description.to_owned()))
}

pub(super) fn refused(denied: &Denied) -> Response<Bytes> {
    json_response(StatusCode::BAD_REQUEST, &json!({ "error": denied.0, "error_description": denied.1 }))
}

/// The user name as which a request may come in. `now_ms` is since the Unix epoch.
pub(super) fn user_of(org: &Org, headers: &HeaderMap, body: &Bytes, now_ms: i64) -> Result<String, Denied> {
    let form = form(body);
    let given = |name: &str| form.get(name).map(String::as_str);
    match given("grant_type") {
        Some(JWT_BEARER) => by_assertion(org, headers, given("assertion").unwrap_or_default(), now_ms),
        Some("client_credentials") => {
            let (id, secret) = match basic(headers) {
                Some(pair) => pair,
                None => (
                    given("client_id").unwrap_or_default().to_owned(),
                    given("client_secret").unwrap_or_default().to_owned(),
                ),
            };
            by_secret(org, headers, &id, &secret)
        }
        _ => denied("unsupported_grant_type", "grant type not supported"),
    }
}

fn by_assertion(org: &Org, headers: &HeaderMap, assertion: &str, now_ms: i64) -> Result<String, Denied> {
    let invalid = || ("invalid_grant", "invalid assertion".to_owned());
    let (message, signature) = assertion.rsplit_once('.').ok_or_else(invalid)?;
    let (head, claims) = message.split_once('.').ok_or_else(invalid)?;
    let part =
        |part: &str| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok() };
    let (head, claims) = (part(head).ok_or_else(invalid)?, part(claims).ok_or_else(invalid)?);
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    known(&org.app, text("iss"))?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| invalid())?;
    if head.get("alg") != Some(&json!("RS256")) || !is_signed(&org.app, message.as_bytes(), &signature) {
        return Err(invalid());
    }
    let entrance =
        if org.app.sandbox { "https://test.salesforce.com" } else { "https://login.salesforce.com" };
    let here = host(headers).map(|host| format!("http://{host}"));
    if ![entrance, MY_DOMAIN].contains(&text("aud")) && here.as_deref() != Some(text("aud")) {
        return denied("invalid_grant", "audience is invalid");
    }
    // Clients send the number as text as well.
    let expires = claims.get("exp").and_then(|exp| exp.as_i64().or_else(|| exp.as_str()?.parse().ok()));
    let expires_ms = expires.and_then(|seconds| seconds.checked_mul(1000)).ok_or_else(invalid)?;
    if expires_ms <= now_ms {
        return denied("invalid_grant", "expired authorization code");
    }
    if expires_ms > now_ms + LONGEST_MS {
        return Err(invalid());
    }
    may_come_in(org, text("sub"))
}

fn by_secret(org: &Org, headers: &HeaderMap, id: &str, secret: &str) -> Result<String, Denied> {
    if host(headers).is_some_and(|host| ["login.salesforce.com", "test.salesforce.com"].contains(&host)) {
        return denied("invalid_grant", "request not supported on this domain");
    }
    known(&org.app, id)?;
    if secret != org.app.client_secret {
        return denied("invalid_client", "invalid client credentials");
    }
    match &org.app.run_as {
        Some(user) => active(org, user),
        None => denied("invalid_grant", "no client credentials user enabled"),
    }
}

fn known(app: &App, client_id: &str) -> Result<(), Denied> {
    if client_id != app.client_id {
        return denied("invalid_client_id", "client identifier invalid");
    }
    if !app.installed {
        return denied("invalid_client", "External client app is not installed in this org");
    }
    Ok(())
}

fn may_come_in(org: &Org, username: &str) -> Result<String, Denied> {
    if !org.app.approved.iter().any(|approved| approved.eq_ignore_ascii_case(username)) {
        return denied("invalid_grant", "user hasn't approved this consumer");
    }
    active(org, username)
}

fn active(org: &Org, username: &str) -> Result<String, Denied> {
    let of = |record: &super::org::Record, field: &str| record.get(field).cloned().unwrap_or(Value::Null);
    let user = Object::named("User").and_then(|users| {
        org.all(users).find(|user| {
            of(user, "Username").as_str().is_some_and(|name| name.eq_ignore_ascii_case(username))
        })
    });
    let Some(user) = user else { return denied("invalid_grant", "user hasn't approved this consumer") };
    if of(user, "IsActive") != json!(true) {
        return denied("invalid_grant", "inactive user");
    }
    let frozen = Object::named("UserLogin").is_some_and(|logins| {
        org.all(logins)
            .any(|login| of(login, "UserId") == of(user, "Id") && of(login, "IsFrozen") == json!(true))
    });
    if frozen {
        return denied("invalid_grant", "authentication failure");
    }
    Ok(of(user, "Username").as_str().unwrap_or_default().to_owned())
}

/// An EC certificate can be registered, but signs nothing: Salesforce says no more than that the assertion is invalid.
fn is_signed(app: &App, message: &[u8], signature: &[u8]) -> bool {
    let pem = app.certificate.as_deref().unwrap_or_default();
    let Ok(certificate) = CertificateDer::from_pem_slice(pem.as_bytes()) else { return false };
    let Ok(certificate) = webpki::EndEntityCert::try_from(&certificate) else { return false };
    certificate.verify_signature(webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
}

/// Whether this is a certificate in PEM.
pub(super) fn is_certificate(pem: &str) -> bool {
    CertificateDer::from_pem_slice(pem.as_bytes())
        .is_ok_and(|certificate| webpki::EndEntityCert::try_from(&certificate).is_ok())
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST).and_then(|host| host.to_str().ok())
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(given).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// The fields of a form (`application/x-www-form-urlencoded`).
fn form(body: &Bytes) -> HashMap<String, String> {
    std::str::from_utf8(body).map(read_query).unwrap_or_default().into_iter().collect()
}
