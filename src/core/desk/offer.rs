//! The requests that wait for someone.

use super::state::Desk;
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::roles::Person;
use crate::log::Query;
use crate::request::{Request, Verb};

impl Desk {
    /// Open requests, and those whose end is among the newest lines, on which this person could use the verb now, newest
    /// first; every open one for a word that is no verb. A guess for completion: what counts is judged when it is said.
    pub async fn offered(&self, verb: &str, by: &Person) -> Result<Vec<Request>, Problem> {
        const NEWEST: usize = 100;
        let mut numbers: std::collections::BTreeSet<RequestNo> =
            self.bench.log.open().await?.into_iter().collect();
        let query = Query { limit: NEWEST, ..Query::default() };
        numbers.extend(self.bench.log.history(&query).await?.iter().filter_map(|line| line.request));
        let mut offered = Vec::new();
        for no in numbers.into_iter().rev() {
            let Ok(request) = self.load(no).await else { continue };
            let fits = match Verb::ALL.into_iter().find(|known| known.word() == verb) {
                Some(verb) => {
                    let requester = request.by.as_person();
                    verb.may(&request, &requester, by, self.moment(&request)).is_ok()
                }
                None => true,
            };
            if fits {
                offered.push(request);
            }
        }
        Ok(offered)
    }
}
