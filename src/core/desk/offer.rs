//! The requests that wait for someone.

use std::sync::Arc;

use super::state::Desk;
use crate::basics::problem::Problem;
use crate::basics::roles::Person;
use crate::log::{Lookup, OpenRequest};
use crate::request::Verb;

impl Desk {
    /// The newest requests on which this person can use a verb now, as far as the log tells, newest first and so many at most; all
    /// that are open or ended lately for a word that is no verb. Only those that are called like this text, if there is any. What
    /// counts is judged when it is said.
    pub async fn offered(
        &self,
        verb: &str,
        by: &Person,
        text: &str,
        most: usize,
    ) -> Result<Vec<Arc<OpenRequest>>, Problem> {
        let verb = Verb::ALL.into_iter().find(|known| known.word() == verb);
        let wanted = Lookup::For { verb: verb.map(Verb::word), by: by.clone(), text: text.to_owned() };
        let mut offered = Vec::new();
        for known in self.bench.log.find(wanted).await? {
            if offered.len() == most {
                break;
            }
            let fits = match verb {
                Some(verb) => self.may_now(verb, &known, by).await,
                None => true,
            };
            if fits {
                offered.push(known);
            }
        }
        Ok(offered)
    }

    async fn may_now(&self, verb: Verb, known: &OpenRequest, by: &Person) -> bool {
        let monotonic = self.bench.clock.monotonic();
        if let Some(said) = self.watch.offered(verb, known, by, monotonic) {
            return said;
        }
        let may = self.judged_now(verb, known, by).await;
        self.watch.keep_offered(verb, known, by, monotonic, may);
        may
    }

    async fn judged_now(&self, verb: Verb, known: &OpenRequest, by: &Person) -> bool {
        let request = match self.watch.read(known) {
            Some(request) => request,
            None => match self.load(known.no).await {
                Ok(request) => self.watch.keep(request),
                Err(_) => return false,
            },
        };
        verb.may(&request, &request.by.as_person(), by, self.moment(&request)).is_ok()
    }
}
