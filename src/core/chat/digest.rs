//! The digest, posted every day at its hour: once a day on each platform, also over restarts and after an hour at which the desk was
//! down.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::lock::Mutex;
use jiff::Timestamp;
use jiff::civil::Date;

use super::cards::Cards;
use super::port::Message;
use crate::basics::problem::Problem;
use crate::basics::roles::Role;
use crate::ports::is_ahead;
use crate::view::digest::Daily;

/// Whether the digest of a day is due, as far as this process knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The log says nothing of it; when the last one was posted.
    Due(Option<Timestamp>),
    /// It was posted, or nothing that the desk does again would post it.
    Over,
}

/// The digests of one platform.
pub struct Digests {
    daily: Daily,
    cards: Arc<Cards>,
    /// One post at a time. The day, and when that was known.
    of: Mutex<Option<(Date, State, Timestamp)>>,
}

impl Digests {
    pub fn new(daily: Daily, cards: Arc<Cards>) -> Digests {
        Digests { daily, cards, of: Mutex::default() }
    }

    /// Posts the digest of today, if its hour has come and it was not posted.
    pub async fn tick(&self) {
        // Where the platform is slow the try before is at it still.
        let Some(mut of) = self.of.try_lock() else { return };
        let now = self.cards.desk.saga.clock.now();
        let Some(today) = self.daily.day(now) else { return };
        // What a clock that was ahead made of a day that is still to come is for no day.
        of.take_if(|(_, _, at)| is_ahead(*at, now));
        if let Some((day, State::Over, _)) = *of
            && today <= day
        {
            return;
        }
        let last = match *of {
            Some((day, State::Due(last), _)) if day == today => Some(last),
            _ => None,
        };
        match self.post(today, last).await {
            Ok(state) => *of = Some((today, state, now)),
            Err(problem) => {
                tracing::error!(code = problem.code, "the digest cannot be gathered: {problem}");
            }
        }
    }

    /// `last`: when the one before was posted, if the log was looked through for it already.
    async fn post(&self, day: Date, last: Option<Option<Timestamp>>) -> Result<State, Problem> {
        let (desk, chat) = (&self.cards.desk, &self.cards.chat);
        let platform = chat.platform();
        let last = match last {
            Some(last) => last,
            None => match desk.last_digest(platform).await? {
                Some((posted, _)) if posted >= day => return Ok(State::Over),
                last => last.map(|(_, at)| at),
            },
        };
        let Some(channel) = chat.channels().main() else { return Ok(State::Over) };
        let digest = desk.digest(last).await?;
        // No one is notified by it, unless an emergency has waited for a day.
        let notify = match digest.a_day_old().next() {
            Some(_) => BTreeSet::from([Role::Supervisor, Role::Admin]),
            None => BTreeSet::new(),
        };
        let card = Box::new(self.cards.linked(digest.card(), channel).await);
        let message = Message::Digest { card, notify };
        // The same for every try of the day, so that a crash before the line does not make two.
        let nonce = self.cards.nonce(&format!("digest {day} {channel}"));
        match chat.post(channel, &message, &nonce).await {
            Ok(_) => desk.digested(platform, day).await.map(|()| State::Over),
            Err(refusal) => {
                tracing::error!(channel, "the digest could not be posted: {}", refusal.message);
                Ok(if refusal.later { State::Due(last) } else { State::Over })
            }
        }
    }
}
