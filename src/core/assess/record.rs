//! What the log knows of a user: how they were when a request changed them last, what was taken from them, and which request
//! set their address. It reads the requests about a login, each once, and decides nothing.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use futures::lock::Mutex;
use jiff::Timestamp;

use crate::assess::user_change::user_changes;
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::text::same_name;
use crate::center::{IdentityType, Named, Profile};
use crate::log::LogReader;
use crate::request::{Phase, Request};

/// The newest requests about a login that are read.
const REQUESTS_MAX: usize = 200;

/// Reads what the log knows of several users. A request about a thousand of them is read once.
pub struct Records<'a> {
    log: &'a dyn LogReader,
    /// The request that asks, which is no part of what was.
    but: RequestNo,
    /// Of what can't be read, when its newest line was written.
    read: Mutex<BTreeMap<RequestNo, Result<Arc<Request>, Timestamp>>>,
}

/// What the log knows of one user, newest first.
pub struct Record {
    login: String,
    requests: Vec<Arc<Request>>,
    /// Requests that can't be read, each with when its newest line was written.
    unreadable: Vec<(RequestNo, Timestamp)>,
    /// A request about this user can't be read, or there are more than are read: there may be more to know.
    pub incomplete: bool,
}

impl<'a> Records<'a> {
    pub fn new(log: &'a dyn LogReader, but: RequestNo) -> Records<'a> {
        Records { log, but, read: Mutex::default() }
    }

    pub async fn of(&self, login: &str) -> Result<Record, Problem> {
        let mut numbers = self.log.requests_about(login).await?;
        numbers.retain(|no| *no != self.but);
        let mut record = Record {
            login: login.to_owned(),
            requests: Vec::new(),
            unreadable: Vec::new(),
            incomplete: numbers.len() > REQUESTS_MAX,
        };
        let mut read = self.read.lock().await;
        for no in numbers.into_iter().take(REQUESTS_MAX) {
            let request = match read.entry(no) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(new) => {
                    let lines = self.log.request(no).await?;
                    let newest = lines.iter().map(|line| line.at).max().unwrap_or(Timestamp::MAX);
                    let request = Request::fold(no, &lines).map(Arc::new).map_err(|_| newest);
                    new.insert(request).clone()
                }
            };
            match request {
                Ok(request) => record.requests.push(request),
                // A request that can't be read costs what it says of this user, and nothing else.
                Err(newest) => {
                    record.incomplete = true;
                    record.unreadable.push((no, newest));
                }
            }
        }
        Ok(record)
    }
}

/// How a request left a user.
pub struct Left {
    pub no: RequestNo,
    /// The requester for it.
    pub by: String,
    /// The user as they were after it, or before it when it removed them.
    pub profile: Profile,
    pub removed: bool,
}

impl Record {
    /// How the newest request that changed the user left them.
    pub fn last(&self) -> Option<Left> {
        self.requests.iter().find_map(|request| {
            let (before, after) = self.change(request)?;
            let removed = after.is_none();
            let profile = after.or(before)?;
            Some(Left { no: request.no, by: request.by.name.clone(), profile, removed })
        })
    }

    /// Security profiles that requests which ended since then took from the user, each with its request.
    pub fn taken_since(&self, since: Timestamp) -> Vec<(Named, RequestNo)> {
        let mut taken = Vec::new();
        for request in self.requests.iter().filter(|request| ended_since(request, since)) {
            let Some((Some(before), after)) = self.change(request) else { continue };
            let kept = after.map(|after| after.security_profiles).unwrap_or_default();
            let gone =
                before.security_profiles.into_iter().filter(|one| kept.iter().all(|kept| kept.id != one.id));
            taken.extend(gone.map(|named| (named, request.no)));
        }
        taken
    }

    /// The request that set this address, if one did, where passwords are kept there: what was before it was another one, or none.
    pub fn address_set(&self, email: &str, kept: IdentityType) -> Option<&Request> {
        let same = |other: Option<&str>| other.is_some_and(|other| same_name(other, email));
        let address = |profile: &Option<Profile>| {
            profile.as_ref().and_then(|one| one.identity.reached(kept).map(str::to_owned))
        };
        self.requests.iter().map(Arc::as_ref).find(|request| {
            self.change(request).is_some_and(|(before, after)| {
                // Someone who comes back had an address before they were removed.
                let before = before.or_else(|| self.as_planned(request));
                same(address(&after).as_deref()) && !same(address(&before).as_deref())
            })
        })
    }

    /// A request that can't be read, and that had a line since then: no one knows what it set.
    pub fn unreadable_since(&self, since: Timestamp) -> Option<RequestNo> {
        self.unreadable.iter().find(|(_, at)| *at >= since).map(|(no, _)| *no)
    }

    /// The user as the plan of a request knew them.
    fn as_planned(&self, request: &Request) -> Option<Profile> {
        let mut users = request.plan()?.before.iter().map(|snapshot| &snapshot.user);
        users.find(|user| same_name(&user.login, &self.login)).map(|user| user.profile.clone())
    }

    /// The user before and after a request, as far as its steps happened or may have; nothing if none of them did.
    fn change(&self, request: &Request) -> Option<(Option<Profile>, Option<Profile>)> {
        let mine = |login: &str| same_name(login, &self.login);
        let change = user_changes(request.plan()?, |step| request.may_have_happened(step), mine).pop()?;
        Some((change.before.cloned(), change.after))
    }
}

/// Whether a request ended at this moment or later, or hasn't ended.
pub fn ended_since(request: &Request, since: Timestamp) -> bool {
    match request.phase {
        Phase::Finished { at, .. } => at >= since,
        _ => true,
    }
}
