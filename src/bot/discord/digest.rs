//! The digest, posted every day at its hour: once a day, also over restarts and after an hour at which the desk was down.

use std::collections::BTreeSet;
use std::sync::Arc;

use desk_core::basics::ids::Platform;
use desk_core::basics::problem::Problem;
use desk_core::basics::roles::Role;
use desk_core::view::digest::Daily;
use jiff::civil::Date;
use tokio::sync::Mutex;

use super::cards::Cards;
use super::draw::{self, RenderOptions};
use super::people::callable;
use super::rest::Refused;

/// Where the digest of a day stands, as far as this process knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// The log says nothing of it.
    Due,
    /// It was posted, or nothing that the desk does again would post it.
    Over,
}

pub(super) struct Post {
    daily: Daily,
    cards: Arc<Cards>,
    /// One post at a time.
    of: Mutex<Option<(Date, Stands)>>,
}

impl Post {
    pub(super) fn new(daily: Daily, cards: Arc<Cards>) -> Post {
        Post { daily, cards, of: Mutex::default() }
    }

    /// Posts the digest of today, if its hour has come and it was not posted.
    pub(super) async fn tick(&self) {
        let mut of = self.of.lock().await;
        let Some(today) = self.daily.day(self.cards.desk.bench.clock.now()) else { return };
        if let Some((day, Stands::Over)) = *of
            && today <= day
        {
            return;
        }
        match self.post(today, *of == Some((today, Stands::Due))).await {
            Ok(stands) => *of = Some((today, stands)),
            Err(problem) => {
                tracing::error!(code = problem.code, "the digest cannot be gathered: {problem}");
            }
        }
    }

    /// `looked`: the log was looked through for it already.
    async fn post(&self, day: Date, looked: bool) -> Result<Stands, Problem> {
        let desk = &self.cards.desk;
        if !looked && desk.was_digested(Platform::Discord, day).await? {
            return Ok(Stands::Over);
        }
        let settings = &self.cards.settings;
        let channels = settings.approvals_channel.iter().chain(&settings.channels);
        let Some(channel) = channels.map(|id| id.get()).next() else { return Ok(Stands::Over) };
        let digest = desk.digest().await?;
        // Nobody is called by it, unless an emergency has waited for a day.
        let calls = match digest.a_day_old().next() {
            Some(_) => callable(settings, &BTreeSet::from([Role::Supervisor, Role::Admin])),
            None => Vec::new(),
        };
        let sheet = draw::message(
            &digest.card(),
            RenderOptions { marks: None, plan: None, calls: &calls, private: false },
        );
        // The same for every try of the day, so that a crash before the line does not make two.
        let nonce = self.cards.nonce(&format!("digest {day} {channel}"));
        match self.cards.rest.post(channel, &sheet, &nonce).await {
            Ok(_) => desk.digested(Platform::Discord, day).await.map(|()| Stands::Over),
            Err(refusal) => {
                tracing::error!(channel, "the digest could not be posted: {refusal}");
                Ok(if refusal.kind == Refused::Later { Stands::Due } else { Stands::Over })
            }
        }
    }
}
