//! The digest of the day: gathered, and noted in the log once it was posted, so that no day has two.

use jiff::SignedDuration;
use jiff::civil::Date;

use super::state::Desk;
use crate::basics::ids::Platform;
use crate::basics::problem::Problem;
use crate::log::Event;
use crate::log::{Append, Query};
use crate::view::digest::{self, Digest};

/// No day of any time zone began longer ago than this.
const LONGEST_DAY: SignedDuration = SignedDuration::from_hours(36);

impl Desk {
    /// What the desk has on its hands now.
    pub async fn digest(&self) -> Result<Digest, Problem> {
        let now = self.bench.clock.now();
        digest::gather(self.bench.log.as_ref(), self.vault.as_ref(), now).await
    }

    /// Whether the digest of this day, or of a later one, was posted on a platform. This looks through the lines of the day.
    pub async fn was_digested(&self, platform: Platform, day: Date) -> Result<bool, Problem> {
        let since = self.bench.clock.now().checked_sub(LONGEST_DAY).unwrap_or(jiff::Timestamp::MIN);
        let query = Query { since: Some(since), limit: usize::MAX, ..Query::default() };
        let lines = self.bench.log.history(&query).await?;
        let is_it = |event: &Event| matches!(event, Event::Digested { platform: on, day: posted } if *on == platform && *posted >= day);
        Ok(lines.iter().any(|line| is_it(&line.event)))
    }

    /// Writes down that the digest of this day is where people see it.
    pub async fn digested(&self, platform: Platform, day: Date) -> Result<(), Problem> {
        let draft = self.draft(None, Vec::new(), Event::Digested { platform, day });
        self.append(Append::Desk, vec![draft]).await?;
        Ok(())
    }
}
