//! What the log knows and the folder lacks: passwords that went with an engine, and authenticators that someone removed.

use desk_core::plan::effect::FactorAbsent;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use desk_core::basics::ids::{PersonId, RequestNo};
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, list};
use desk_core::log::Event;
use desk_core::ports;
use desk_core::request::{Request, StepState};
use jiff::{SignedDuration, Timestamp};

use super::kept::Kept;
use super::lookup::Records;
use super::vault::Secrets;

/// Removes the secrets that are over: those that have expired, and those of which the log says that they were shown, which an engine
/// may have that went back in time. Says which ones are missing.
pub(super) fn tidy_secrets(
    records: &Records,
    secrets: &Secrets,
    life: SignedDuration,
    now: Timestamp,
) -> Result<Option<Problem>, Problem> {
    let sealed = secrets.sealed()?;
    let mut over = Vec::new();
    for (no, expires) in &sealed {
        let shown = || -> Result<bool, Problem> {
            let request = Request::fold(*no, &records.request(*no)?);
            Ok(request.is_ok_and(|request| request.revealed.is_some()))
        };
        if ports::is_over(*expires, life, now) || shown()? {
            over.push(*no);
        }
    }
    secrets.remove_all(&over)?;
    if secrets.reachable().is_err() {
        return Ok(None);
    }
    let there: BTreeSet<RequestNo> = sealed.into_iter().map(|(no, _)| no).collect();
    let since = now.checked_sub(life).unwrap_or(Timestamp::MIN);
    let planned: BTreeSet<RequestNo> =
        records.password_plans(since)?.into_iter().filter_map(|line| line.request).collect();
    let mut gone = Vec::new();
    for no in planned.difference(&there) {
        let Ok(request) = Request::fold(*no, &records.request(*no)?) else { continue };
        let steps = request.plan().map(|plan| plan.steps.as_slice()).unwrap_or_default();
        // A step that is done has used it, so it had been sealed before.
        let used = steps
            .iter()
            .zip(&request.steps)
            .any(|(step, state)| step.effect.user_outcome().seals_password() && *state == StepState::Done);
        if used && request.revealed.is_none() {
            gone.push(no.to_string());
        }
    }
    Ok((!gone.is_empty()).then(|| {
        let (word, verb) = if gone.len() == 1 { ("request", "is") } else { ("requests", "are") };
        Problem::operator(
            "secrets_lost",
            format!("The temporary password of {word} {} {verb} lost with the database.", list(&gone, "and")),
        )
        .hint("Reset the password again with a new request.")
    }))
}

/// The accounts that the log says have an authenticator, and that have none in the folder.
pub(super) fn factors(records: &Records, kept: &Kept) -> Result<HashSet<PersonId>, Problem> {
    let mut enrolled: BTreeMap<PersonId, u64> = BTreeMap::new();
    let mut forgotten: BTreeMap<PersonId, u64> = BTreeMap::new();
    for line in records.factors()? {
        if let (Event::Enrolled { .. }, Some(by)) = (&line.event, line.by) {
            enrolled.insert(by.id, line.line);
        } else if let (Event::Requested { .. }, Some(no)) = (&line.event, line.request) {
            let lines = records.request(no)?;
            let Ok(request) = Request::fold(no, &lines) else { continue };
            let steps = request.plan().map(|plan| plan.steps.as_slice()).unwrap_or_default();
            for done in &lines {
                // Once it was begun it may be gone, whether or not the line that says so was written.
                if let Event::Started { step, .. } = done.event
                    && let Some(FactorAbsent { account }) =
                        steps.get(step as usize).and_then(|step| step.effect.get())
                {
                    forgotten.insert(account.clone(), done.line);
                }
            }
        }
    }
    Ok(enrolled
        .into_iter()
        .filter(|(account, line)| forgotten.get(account).is_none_or(|forgotten| forgotten < line))
        .map(|(account, _)| account)
        .filter(|account| !kept.has(&account.to_string()))
        .collect())
}

/// The alarm that authenticators are missing.
pub(super) fn factors_said(gone: &HashSet<PersonId>) -> Option<Problem> {
    let mut accounts: Vec<String> = gone.iter().map(|account| code(&account.to_string())).collect();
    accounts.sort();
    (!accounts.is_empty()).then(|| {
        let (what, verb) = if accounts.len() == 1 { ("authenticator", "is") } else { ("authenticators", "are") };
        Problem::operator(
            "factors_missing",
            format!("The {what} of {} {verb} missing from the folder `factors`.", list(&accounts, "and")),
        )
        .hint("Find out who can write there; restore the files from a backup, or use `/desk recover` for each account.")
    })
}
