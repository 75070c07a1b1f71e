//! Chat: what is the same on every platform, above a small port that each platform implements.
//!
//! A card of a request is one message a channel, which later steps edit. Which channels it belongs in, which message is current, whom
//! to notify and when, the digest of the day, and which form opens are decided here; a platform draws, posts and edits.

mod port;

mod asks;
mod complete;
mod compose;
mod notify;

mod cards;

mod digest;

pub use asks::{Form, Press, chosen, entry_of, form_for, may_look, one_line, pressed};
pub use cards::{Cards, Pointer};
pub use complete::{Choice, KnownNames, Typing, suggestions};
pub use compose::{ByPlatform, Inboxes};
pub use digest::Digests;
pub use notify::{Notification, due};
pub use port::{Channels, ChatPlatform, Drawing, Edited, Message, NotTaken, Posted};
