//! The requests that wait for someone.

use std::sync::Arc;

use super::removals::RemovedUser;
use super::state::Desk;
use crate::basics::problem::Problem;
use crate::basics::roles::Person;
use crate::log::{Lookup, NEWEST, OpenRequest, Query};
use crate::request::{Request, Verb};

/// The newest lines that are looked through for users that the desk removed.
const LINES_MAX: usize = 5_000;

impl Desk {
    /// The newest requests on which this person can use a verb now, as far as the log tells, newest first and so many at most; all
    /// that are open or ended lately for no verb. Only those that are called like this text, if there is any. What
    /// counts is judged when it is said.
    pub async fn offered(
        &self,
        verb: Option<Verb>,
        by: &Person,
        text: &str,
        most: usize,
    ) -> Result<Vec<Arc<OpenRequest>>, Problem> {
        let (mut offered, mut looked, mut before) = (Vec::new(), 0, None);
        while looked < NEWEST {
            let (said, text) = (verb.map(Verb::word), text.to_owned());
            let wanted = Lookup::For { verb: said, by: by.clone(), text, before, most };
            let found = self.saga.log.find(wanted).await?;
            let are_all = found.len() < most.max(1);
            looked += found.len();
            before = found.last().map(|last| last.no);
            for known in found {
                let fits = match verb {
                    Some(verb) => self.may_now(verb, &known, by).await,
                    None => true,
                };
                if fits {
                    offered.push(known);
                }
                if offered.len() == most {
                    return Ok(offered);
                }
            }
            if are_all {
                break;
            }
        }
        Ok(offered)
    }

    async fn may_now(&self, verb: Verb, known: &OpenRequest, by: &Person) -> bool {
        let monotonic = self.saga.clock.monotonic();
        if let Some(said) = self.watch.offered(verb, known, by, monotonic) {
            return said;
        }
        let may = self.judged_now(verb, known, by).await;
        self.watch.keep_offered(verb, known, by, monotonic, may);
        may
    }

    async fn judged_now(&self, verb: Verb, known: &OpenRequest, by: &Person) -> bool {
        let Ok(request) = self.seen(known).await else { return false };
        verb.may(&request, &request.by.as_person(), by, self.moment(&request)).is_ok()
    }

    /// A request as it was read last, for completion: it is read again only if something was written to it since.
    pub async fn seen(&self, known: &OpenRequest) -> Result<Arc<Request>, Problem> {
        match self.watch.read(known) {
            Some(request) => Ok(request),
            None => Ok(self.watch.keep(self.load(known.no).await?)),
        }
    }

    /// Users that the desk removed and did not create again, newest first.
    pub async fn removed(&self) -> Result<Vec<RemovedUser>, Problem> {
        let since = self.watch.seen().removals.since();
        let query = Query { since, limit: LINES_MAX, ..Query::default() };
        let lines = self.saga.log.history(&query).await?;
        let mut seen = self.watch.seen();
        seen.removals.take(lines);
        Ok(seen.removals.newest())
    }
}
