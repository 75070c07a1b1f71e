//! What someone is doing, in words that fit a phone.

use desk_core::basics::span::clock;
use desk_core::basics::text::{code, list, span};
use desk_core::center::{Channel, ContactState, HeldContact, UserPresence};
use jiff::Timestamp;

/// What they are doing now, with times of day: "on a voice contact since 09:00 UTC, `Available`".
pub(crate) fn said(presence: &UserPresence, now: Timestamp) -> String {
    if !presence.active {
        return "not active".to_owned();
    }
    let since = |at: Option<Timestamp>| at.map(|at| format!(" since {}", clock(at, now))).unwrap_or_default();
    let mut parts: Vec<String> = presence
        .contacts
        .iter()
        .map(|(channel, at)| format!("on a {} contact{}", channel.word(), since(*at)))
        .collect();
    parts.extend(
        presence
            .held
            .iter()
            .filter(|contact| contact.state.can_be_dismissed())
            .map(|contact| format!("{}{}", named(contact), since(contact.since))),
    );
    let is_busy = !parts.is_empty();
    parts.push(match &presence.status {
        Some(status) if is_busy => code(status),
        Some(status) => format!("{}{}", code(status), since(presence.status_since)),
        None => "active".to_owned(),
    });
    if let Some(next) = &presence.next_status {
        parts.push(format!("then {}", code(next)));
    }
    parts.join(", ")
}

/// The same in a few words, with lengths of time: "Available 42 min · voice 6 min (on hold) · free: 2 chat".
pub(crate) fn in_short(presence: &UserPresence, now: Timestamp) -> String {
    let lasted = |at: Option<Timestamp>| {
        at.map(|at| format!(" {}", span(now.duration_since(at).as_secs().max(0)))).unwrap_or_default()
    };
    let mut parts = Vec::new();
    let status = presence.status.as_deref().unwrap_or("active");
    parts.push(format!("{status}{}", lasted(presence.status_since)));
    for contact in &presence.held {
        let channel = contact.channel.map_or("contact", Channel::word);
        let (state, lasted) = (contact.state.words(), lasted(contact.since));
        parts.push(match contact.state {
            // A contact on hold keeps the time since which it is connected (GetCurrentUserData).
            ContactState::OnHold => format!("{channel}{lasted} ({state})"),
            _ => format!("{channel} {state}{lasted}"),
        });
    }
    if let Some(next) = &presence.next_status {
        parts.push(format!("then {next}"));
    }
    if let Some(free) = free(presence) {
        parts.push(format!("free: {free}"));
    }
    parts.join(" · ")
}

/// How many contacts of which channels they could still take: "1 voice, 2 chat"; nothing where none.
pub(crate) fn free(presence: &UserPresence) -> Option<String> {
    let all: Vec<String> = presence
        .free
        .iter()
        .filter(|(_, slots)| **slots > 0)
        .map(|(channel, slots)| format!("{slots} {}", channel.word()))
        .collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// A contact by its state and channel: "missed voice contact".
pub(crate) fn named(contact: &HeldContact) -> String {
    let channel = contact.channel.map(|channel| format!("{} contact", channel.word()));
    let channel = channel.unwrap_or_else(|| "contact".to_owned());
    match contact.state {
        ContactState::Ended => format!("{channel} in after contact work"),
        ContactState::OnHold => format!("{channel} on hold"),
        ContactState::Error => format!("failed {channel}"),
        _ => format!("{} {channel}", contact.state.words()),
    }
}

/// Several contacts: "missed voice contact and chat contact in after contact work".
pub(crate) fn all_named(contacts: &[&HeldContact]) -> String {
    list(&contacts.iter().map(|contact| named(contact)).collect::<Vec<_>>(), "and")
}
