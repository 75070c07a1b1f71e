//! What a CCP log shows over time: entries of several tabs, workers and rolled files stand in any order, and more than one agent
//! may have signed in at the same computer.

use jiff::Timestamp;

/// The most sightings that are kept; a log of 50 MB has some ten thousands. From there on every second one in a run of the
/// same goes.
const KEPT_MAX: usize = 200_000;

/// What is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// For calls: in a voice contact, or by the softphone's own sentence.
    Calls,
    /// For contacts of other channels.
    Others,
    /// In the agent's configuration.
    Configured,
}

/// Where it is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    AutoAccept,
    SoftphoneAutoAccept,
    Sentence,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub shown: Shown,
    pub source: Source,
    pub on: bool,
    pub line: u64,
    /// The value is text, and other things stand before it in its line.
    pub quoted: bool,
    pub cut: bool,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    at: Option<Timestamp>,
    /// For entries without a time of their own: that of the one before.
    sorted_by: Option<Timestamp>,
    entry: u64,
    /// Whose it is, where the entry says so.
    login: Option<u16>,
    seen: Option<Seen>,
}

/// All sightings of a log.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    events: Vec<Event>,
    last: Option<Timestamp>,
}

/// A setting of one agent, in the order of time.
pub(super) struct Point {
    pub at: Option<Timestamp>,
    pub login: Option<u16>,
    pub seen: Seen,
}

impl Timeline {
    /// Adds what one entry shows.
    pub fn add(&mut self, entry: u64, at: Option<Timestamp>, login: Option<u16>, seen: &[Seen]) {
        self.last = at.or(self.last);
        let event = |seen| Event { at, sorted_by: self.last, entry, login, seen };
        let events = seen.iter().map(|seen| event(Some(*seen)));
        if seen.is_empty() && login.is_some() {
            self.events.push(event(None));
        }
        self.events.extend(events);
        if self.events.len() > KEPT_MAX {
            self.thin_out();
        }
    }

    /// Keeps the first and the last of each run, and every second one of it.
    fn thin_out(&mut self) {
        let same = |a: &Event, b: &Event| {
            let of = |event: &Event| event.seen.map(|seen| (seen.shown, seen.on));
            a.login == b.login && of(a) == of(b)
        };
        let old = std::mem::take(&mut self.events);
        for (i, event) in old.iter().enumerate() {
            let alike =
                |at: Option<usize>| at.and_then(|at| old.get(at)).is_some_and(|other| same(event, other));
            if i % 2 == 0 || !alike(i.checked_sub(1)) || !alike(Some(i + 1)) {
                self.events.push(*event);
            }
        }
        // Nothing honest changes with every entry.
        if self.events.len() > KEPT_MAX / 4 * 3 {
            self.events.drain(..KEPT_MAX / 4);
        }
    }

    /// All of it in the order of time. What no login is said of is of the login that was seen last before it, or else first.
    pub fn points(mut self) -> Vec<Point> {
        self.events.sort_by_key(|event| (event.sorted_by, event.entry));
        let mut login = self.events.iter().find_map(|event| event.login);
        let mut points = Vec::new();
        for event in self.events {
            login = event.login.or(login);
            if let Some(seen) = event.seen {
                points.push(Point { at: event.at, login, seen });
            }
        }
        points
    }
}
