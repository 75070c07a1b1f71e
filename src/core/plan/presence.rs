//! What the people a plan is about are doing at this moment, and how many agents would be left in their queues.
//!
//! None of it is in the plan: someone who ends a call meanwhile makes no other plan. It is beside the plan in the log,
//! is shown with it, and is looked at again before anything runs.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::basics::text::{code, count, when};
use crate::center::Channel;

/// How many queues a card names.
const QUEUES_SHOWN: usize = 3;

/// The most agents left in a queue that a card still speaks of.
const WORTH_SAYING: usize = 5;

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// How many of them are signed in, as far as Amazon Connect tells.
    #[serde(default, skip_serializing_if = "is_none")]
    pub signed_in: usize,
    /// How many of them are on a contact.
    #[serde(default, skip_serializing_if = "is_none")]
    pub on_contact: usize,
    /// Those who are signed in, anyone who is on a contact first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<ActiveAgent>,
    /// Queues that someone would leave, with the agents who would stay signed in to them; the fewest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<QueueStaffing>,
    /// It could not be seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
}

fn is_none(n: &usize) -> bool {
    *n == 0
}

/// Someone who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveAgent {
    pub login: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The id of the status, which stays the same when it is renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The contact they are on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<OnContact>,
    /// The plan takes their user away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub will_be_disconnected: bool,
}

/// A contact in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnContact {
    pub channel: Channel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// How many agents would stay signed in to a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueStaffing {
    pub queue: String,
    pub agents: usize,
}

impl Presence {
    pub fn is_empty(&self) -> bool {
        *self == Presence::default()
    }

    /// The fewest agents that a queue would be left with; none where no one leaves one, and 0 where it could not be seen.
    pub fn agents_left(&self) -> Option<usize> {
        if self.unknown { Some(0) } else { self.queues.first().map(|left| left.agents) }
    }

    /// Those on a contact whom the plan throws out, and who were on none when it was shown.
    pub fn newly_cut_off(&self, shown: &Presence) -> Vec<&ActiveAgent> {
        let cut = |person: &&ActiveAgent| person.will_be_disconnected && person.contact.is_some();
        let were: BTreeSet<&str> =
            shown.people.iter().filter(cut).map(|person| person.login.as_str()).collect();
        self.people.iter().filter(cut).filter(|person| !were.contains(person.login.as_str())).collect()
    }

    /// The same where it is known that everyone's contact has ended before anything is done.
    pub fn after_contacts(mut self) -> Presence {
        self.people.iter_mut().for_each(|person| person.will_be_disconnected = false);
        self
    }

    /// What a card says of it, the most important first, and whether it is urgent: someone is on a contact. `time` writes a moment.
    pub fn sentences(&self, now: Timestamp, time: fn(Timestamp, Timestamp) -> String) -> Vec<(bool, String)> {
        let mut said = Vec::new();
        if self.unknown {
            said.push((false, "Can't see who is active.".to_owned()));
        }
        let shown = if self.signed_in > QUEUES_SHOWN { 0 } else { self.people.len() };
        let people = self.people.iter().take(shown);
        said.extend(people.map(|person| (person.contact.is_some(), person.sentence_with(now, time))));
        if shown == 0 && self.signed_in > 0 {
            let logins: Vec<String> = self
                .people
                .iter()
                .filter(|person| self.on_contact == 0 || person.contact.is_some())
                .take(QUEUES_SHOWN)
                .map(|person| code(&person.login))
                .collect();
            let logins = match self.on_contact.max(usize::from(self.on_contact == 0) * self.signed_in) {
                n if n > logins.len() => format!("{} and others", logins.join(", ")),
                _ => logins.join(", "),
            };
            let on = match self.on_contact {
                0 => format!(" ({logins})"),
                n => format!(", {n} on a contact ({logins})"),
            };
            // In front, because what is behind it may be cut.
            let thrown = if self.people.iter().any(|person| person.will_be_disconnected) {
                "Removed users are disconnected: "
            } else {
                ""
            };
            said.push((self.on_contact > 0, format!("{thrown}{} active{on}.", self.signed_in)));
        }
        said.extend(self.queues_sentence().map(|said| (false, said)));
        said
    }

    /// All of it, a sentence each, for anyone who wants to read more than a card has room for.
    pub fn in_full(&self, now: Timestamp, time: fn(Timestamp, Timestamp) -> String) -> Vec<String> {
        let unseen = self.unknown.then(|| "Can't see who is active.".to_owned());
        let people = self.people.iter().map(|person| person.sentence_with(now, time));
        let queues = self.queues.iter().map(|left| {
            format!("Queue {} would be left with {}.", code(&left.queue), count(left.agents, "agent"))
        });
        unseen.into_iter().chain(people).chain(queues).collect()
    }

    /// The queues that would be left with few agents: "3 agents would be left in queue `Billing`, 4 in `Sales`."
    pub fn queues_sentence(&self) -> Option<String> {
        let few: Vec<&QueueStaffing> =
            self.queues.iter().filter(|left| left.agents <= WORTH_SAYING).collect();
        let said = few.iter().take(QUEUES_SHOWN).enumerate().map(|(i, left)| {
            let agents = match (left.agents, i) {
                (0, 0) => "No agents would be left".to_owned(),
                (0, _) => "none".to_owned(),
                (n, 0) => format!("{} would be left", count(n, "agent")),
                (n, _) => n.to_string(),
            };
            format!("{agents} in {}{}", if i == 0 { "queue " } else { "" }, code(&left.queue))
        });
        let said: Vec<String> = said.collect();
        let more = match few.len().saturating_sub(QUEUES_SHOWN) {
            0 => String::new(),
            n => format!(", and few in {n} more"),
        };
        (!said.is_empty()).then(|| format!("{}{more}.", said.join(", ")))
    }
}

impl ActiveAgent {
    /// For a line of the log.
    pub fn sentence(&self, now: Timestamp) -> String {
        self.sentence_with(now, when)
    }

    fn sentence_with(&self, now: Timestamp, time: fn(Timestamp, Timestamp) -> String) -> String {
        let login = code(&self.login);
        let since =
            |at: Option<Timestamp>| at.map(|at| format!(" since {}", time(at, now))).unwrap_or_default();
        // Why to stop comes first, because what is behind it may be cut.
        let (is, has_been) = match self.will_be_disconnected {
            true => ("will be disconnected:", "will be disconnected:"),
            false => ("is", "has been"),
        };
        match &self.contact {
            Some(OnContact { channel, since: at }) => {
                let is = if at.is_some() { has_been } else { is };
                format!("{login} {is} on a {} contact{}.", channel.word(), since(*at))
            }
            None => {
                let since = since(self.since);
                let status = match &self.status {
                    Some(status) => format!(" ({}{since})", code(status)),
                    None => since,
                };
                format!("{login} {is} active{status}, not on a contact.")
            }
        }
    }
}
