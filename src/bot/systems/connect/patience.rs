//! How long the desk continues trying.

use std::time::Duration;

/// How long the desk continues trying before it says so.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// While calls are throttled or their answers are lost.
    pub trouble: Duration,
    /// Until a change can be seen; AWS speaks of "several minutes" in some cases.
    pub visible: Duration,
    /// Until the login of a removed user can be used again.
    pub login_free: Duration,
    /// Makes the pauses between tries the same in every run, for transcripts; they are drawn when there is none.
    pub jitter_seed: Option<u64>,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            trouble: Duration::from_secs(60),
            visible: Duration::from_secs(300),
            login_free: Duration::from_secs(300),
            jitter_seed: None,
        }
    }
}
