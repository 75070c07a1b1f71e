//! What an answer of Salesforce's means: only errors that are known to say that nothing happened are refusals.

use desk_core::basics::problem::{Owner, Problem, System};
use desk_core::basics::text::plain;
use serde::Deserialize;

use crate::systems::apply::Fault;

/// The most of one of Salesforce's own sentences that is shown.
const SAID_MAX: usize = 200;

/// The most of its sentences that are shown.
const SENTENCES_MAX: usize = 5;

/// What a try came to that ended before it wrote anything.
pub(super) fn before_writing(fault: Fault) -> Fault {
    match fault {
        Fault::NotFound(problem) | Fault::Taken(problem) | Fault::Refused(problem) => Fault::Refused(problem),
        Fault::NotYet(problem) | Fault::NotVisible(problem) | Fault::Unknown(problem) => {
            Fault::NotYet(problem)
        }
    }
}

/// One of the things that are wrong; Salesforce always answers a list of them.
#[derive(Debug, Deserialize)]
struct Element {
    #[serde(rename = "errorCode")]
    code: String,
    message: String,
}

/// What is known of an error: it comes before anything is written, and who has to act.
struct Known {
    code: &'static str,
    who: Owner,
    next: &'static str,
}

const fn known(code: &'static str, who: Owner, next: &'static str) -> Known {
    Known { code, who, next }
}

const SALESFORCE: System = System::named("Salesforce");

/// A problem that Salesforce itself has.
pub(super) fn problem(code: &str, message: impl Into<String>) -> Problem {
    Problem::new(Owner::System(SALESFORCE), code, message)
}

const RIGHTS: &str = "Give the desk's user in Salesforce the permissions in docs/salesforce.md.";
const SEATS: &str = "Ask a Salesforce administrator for a license that allows it.";
const GONE: &str = "It was removed in the meantime. Make a new request.";
const ADMINISTRATOR: &str = "Ask a Salesforce administrator what prevents it.";
const LIMIT: &str = "The limit resets within 24 hours. Check API usage in Setup, under Company Information.";
const OURS: &str =
    "Check `api_version` under [salesforce]. If it is correct, report this as a bug in connect-desk.";

/// The errors that say that nothing happened, whichever call they answer.
static REFUSALS: [Known; 34] = [
    known(
        "API_CURRENTLY_DISABLED",
        Owner::Operator,
        "Give the desk's user in Salesforce the permission API Enabled.",
    ),
    known(
        "API_DISABLED_FOR_ORG",
        Owner::Operator,
        "Give the desk's user in Salesforce the permission API Enabled.",
    ),
    known("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", Owner::Requester, ADMINISTRATOR),
    known("DUPLICATE_VALUE", Owner::Requester, "Check what uses it in Salesforce."),
    known("ENTITY_IS_DELETED", Owner::Requester, GONE),
    known("ENTITY_IS_LOCKED", Owner::Requester, ADMINISTRATOR),
    known("FIELD_CUSTOM_VALIDATION_EXCEPTION", Owner::Requester, ADMINISTRATOR),
    known("FIELD_FILTER_VALIDATION_EXCEPTION", Owner::Requester, ADMINISTRATOR),
    known("FIELD_INTEGRITY_EXCEPTION", Owner::Requester, SEATS),
    known(
        "INACTIVE_OWNER_OR_USER",
        Owner::Requester,
        "Ask a Salesforce administrator to activate the user first.",
    ),
    known("INSUFFICIENT_ACCESS", Owner::Operator, RIGHTS),
    known("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", Owner::Operator, RIGHTS),
    known("INSUFFICIENT_ACCESS_OR_READONLY", Owner::Operator, RIGHTS),
    known("INVALID_CROSS_REFERENCE_KEY", Owner::Requester, GONE),
    known("INVALID_FIELD", Owner::Operator, RIGHTS),
    known("INVALID_FIELD_FOR_INSERT_UPDATE", Owner::Operator, RIGHTS),
    known("INVALID_ID_FIELD", Owner::Operator, OURS),
    known("INVALID_QUERY_FILTER_OPERATOR", Owner::Operator, OURS),
    known("INVALID_QUERY_LOCATOR", Owner::System(SALESFORCE), "Try again in a minute."),
    known("INVALID_TYPE", Owner::Operator, RIGHTS),
    known("JSON_PARSER_ERROR", Owner::Operator, OURS),
    known("LICENSE_LIMIT_EXCEEDED", Owner::Requester, SEATS),
    known("LIMIT_EXCEEDED", Owner::Requester, SEATS),
    known("MALFORMED_ID", Owner::Operator, OURS),
    known("MALFORMED_QUERY", Owner::Operator, OURS),
    known("METHOD_NOT_ALLOWED", Owner::Operator, OURS),
    known("MIXED_DML_OPERATION", Owner::Operator, OURS),
    known("NOT_FOUND", Owner::Requester, GONE),
    known("NUMBER_OUTSIDE_VALID_RANGE", Owner::Operator, OURS),
    known("REQUEST_LIMIT_EXCEEDED", Owner::Operator, LIMIT),
    known("REQUIRED_FIELD_MISSING", Owner::Operator, OURS),
    known("TOTAL_REQUESTS_LIMIT_EXCEEDED", Owner::Operator, LIMIT),
    known(
        "UNABLE_TO_LOCK_ROW",
        Owner::System(SALESFORCE),
        "Try again in a minute. Someone is changing the same record.",
    ),
    known("UNSUPPORTED_API_VERSION", Owner::Operator, "Correct `api_version` under [salesforce]."),
];

/// Whether an error passes by itself.
fn passes(Element { code, message }: &Element) -> bool {
    match code.as_str() {
        "UNABLE_TO_LOCK_ROW" => true,
        // Of the day's requests, or of those at the same time.
        "REQUEST_LIMIT_EXCEEDED" => message.contains("Concurrent"),
        _ => false,
    }
}

/// Whether Salesforce says that it does not know the session, and nothing else. Nothing happened then.
pub fn is_signed_out(status: u16, body: &[u8]) -> bool {
    let elements: Vec<Element> = serde_json::from_slice(body).unwrap_or_default();
    status == 401
        && !elements.is_empty()
        && elements.iter().all(|element| element.code == "INVALID_SESSION_ID")
}

/// Sorts an answer that is no success. `what` was asked for, such as "the query".
pub fn sort(what: &str, status: u16, body: &[u8]) -> Fault {
    let elements: Vec<Element> = serde_json::from_slice(body).unwrap_or_default();
    let codes: Vec<String> = elements.iter().map(|element| element.code.clone()).collect();
    let logged: Vec<&str> = codes.iter().map(|code| word(code)).collect();
    tracing::warn!(what, status, codes = logged.join(" "), "Salesforce refuses");
    let known = |element: &Element| REFUSALS.iter().find(|known| known.code == element.code);
    // One element that says nothing certain makes all of it uncertain.
    let sorted: Option<Vec<&Known>> = elements.iter().map(known).collect();
    let Some(sorted) = sorted.filter(|sorted| !sorted.is_empty() && (400..500).contains(&status)) else {
        return Fault::Unknown(unclear(what, status, &codes));
    };
    let lasting: Vec<&Known> = elements
        .iter()
        .zip(&sorted)
        .filter(|(element, _)| !passes(element))
        .map(|(_, known)| *known)
        .collect();
    // Anyone who runs the desk comes first: no one else gets any further before.
    let first = lasting
        .iter()
        .find(|known| known.who == Owner::Operator)
        .or(lasting.first())
        .or(sorted.first())
        .copied();
    let Some(Known { who, next, code }) = first else { return Fault::Unknown(unclear(what, status, &codes)) };
    let said: Vec<String> = elements
        .iter()
        .take(SENTENCES_MAX)
        .map(|Element { code, message }| {
            format!("{} ({})", plain(message, SAID_MAX).trim_end_matches('.'), plain(code, SAID_MAX))
        })
        .collect();
    let problem = Problem::new(
        who.clone(),
        &format!("salesforce_{}", code.to_ascii_lowercase()),
        format!("Salesforce rejected {what}: {}.", said.join("; ")),
    )
    .hint(*next);
    let only = |expected: &[&str]| codes.iter().all(|code| expected.contains(&code.as_str()));
    if lasting.is_empty() {
        Fault::NotYet(problem)
    } else if only(&["DUPLICATE_VALUE"]) {
        Fault::Taken(problem)
    } else if only(&["ENTITY_IS_DELETED", "NOT_FOUND"]) {
        Fault::NotFound(problem)
    } else {
        Fault::Refused(problem)
    }
}

/// A code for the program's log, into which nothing else of an answer goes.
pub(super) fn word(code: &str) -> &str {
    let fits = code.len() <= 60 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if fits { code } else { "?" }
}

fn unclear(what: &str, status: u16, codes: &[String]) -> Problem {
    let mut said = vec![status.to_string()];
    said.extend(codes.iter().take(SENTENCES_MAX).map(|code| plain(code, SAID_MAX)));
    let message = format!("Salesforce failed at {what} ({}).", said.join(" "));
    problem("salesforce_failed", message)
        .hint("Try again in a minute. If it continues, check status.salesforce.com.")
}

/// A success that can't be read, or lacks what it promises.
pub(super) fn unreadable(what: &str) -> Fault {
    tracing::warn!(what, "Salesforce sent an answer that can't be read");
    let message = format!("Salesforce's answer to {what} can't be read.");
    Fault::Unknown(
        problem("salesforce_unreadable", message)
            .hint("Check whether a proxy is answering instead, and try again in a minute."),
    )
}

pub(super) fn no_answer(what: &str) -> Fault {
    Fault::Unknown(
        problem("salesforce_no_answer", format!("Salesforce didn't answer {what}."))
            .hint("Try again in a minute. If it continues, check status.salesforce.com."),
    )
}
