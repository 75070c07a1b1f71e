//! What an operator should look at although the desk works: in short, for whoever watches over it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;

/// What is wrong and stops nothing.
#[derive(Debug, Default)]
pub struct Health {
    /// What a start found.
    found: Vec<Problem>,
    /// Open requests that make no sense, as they were last looked through.
    unreadable: Mutex<BTreeMap<RequestNo, Problem>>,
}

impl Health {
    pub fn new(found: Vec<Problem>) -> Health {
        Health { found, unreadable: Mutex::default() }
    }

    /// These are the open requests that make no sense now. Each is told once.
    pub(crate) fn set_unreadable(&self, unreadable: BTreeMap<RequestNo, Problem>) {
        let mut known = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        for (no, problem) in unreadable.iter().filter(|(no, _)| !known.contains_key(no)) {
            tracing::error!(code = problem.code, request = no.0, "an open request can't be read");
        }
        *known = unreadable;
    }

    /// The open requests that make no sense, and why.
    pub fn unreadable(&self) -> Vec<(RequestNo, Problem)> {
        let known = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().map(|(no, problem)| (*no, problem.clone())).collect()
    }

    /// Whether it works, given what keeps it from working, and a line for each thing that is wrong: codes and numbers, because anyone
    /// who reaches the desk may read it.
    pub fn report(&self, stops: &[Problem]) -> (bool, String) {
        let works = stops.is_empty();
        let first = if works { "ok" } else { "degraded" };
        let codes = stops.iter().chain(&self.found).map(|problem| problem.code.clone());
        let unreadable = self.unreadable().into_iter().map(|(no, _)| format!("request {no} unreadable"));
        let all: Vec<String> = std::iter::once(first.to_owned()).chain(codes).chain(unreadable).collect();
        (works, all.join("\n"))
    }
}
