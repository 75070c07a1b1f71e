//! The digest of the day: gathered, and noted in the log once it was posted, so that no day has two.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::state::Desk;
use crate::basics::ids::Platform;
use crate::basics::problem::Problem;
use crate::log::{Append, Event, Line, Query};
use crate::ports::is_ahead;
use crate::view::digest::{self, Digest};

/// No day of any time zone began longer ago than this.
const LONGEST_DAY: SignedDuration = SignedDuration::from_hours(36);

/// How far back the last digest is looked for: a desk that was down for longer begins again.
const BACK: SignedDuration = SignedDuration::from_hours(32 * 24);

impl Desk {
    /// What the desk has on its hands now, and what happened since the last digest, if there was one.
    pub async fn digest(&self, last: Option<Timestamp>) -> Result<Digest, Problem> {
        let now = self.saga.clock.now();
        digest::gather(self.saga.log.as_ref(), self.vault.as_ref(), last, now).await
    }

    /// The day of the last digest that was posted on a platform, and when it was. This looks through the lines since then, and passes
    /// over what a clock that was ahead posted.
    pub async fn last_digest(&self, platform: Platform) -> Result<Option<(Date, Timestamp)>, Problem> {
        let now = self.saga.clock.now();
        // No time zone is further than tomorrow. A clock that is put right while the digest is posted leaves a line of the right time.
        let latest = now.to_zoned(TimeZone::UTC).date().tomorrow().unwrap_or(Date::MAX);
        let posted = |line: &Line| match line.event {
            Event::Digested { platform: on, day }
                if on == platform && day <= latest && !is_ahead(line.at, now) =>
            {
                Some((day, line.at))
            }
            _ => None,
        };
        // All lines of a month are read only where there was no digest lately.
        for back in [LONGEST_DAY, BACK] {
            let since = now.checked_sub(back).unwrap_or(Timestamp::MIN);
            let query = Query { since: Some(since), limit: usize::MAX, ..Query::default() };
            let lines = self.saga.log.history(&query).await?;
            if let Some(last) = lines.iter().find_map(posted) {
                return Ok(Some(last));
            }
        }
        Ok(None)
    }

    /// Writes down that the digest of this day is where people see it.
    pub async fn digested(&self, platform: Platform, day: Date) -> Result<(), Problem> {
        let draft = self.draft(None, Vec::new(), Event::Digested { platform, day });
        self.append(Append::Desk, vec![draft]).await?;
        Ok(())
    }
}
