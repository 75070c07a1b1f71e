//! What is set for a user: the members of a profile, and the table of its fields.

mod fields;
mod lookup;
mod named;
mod options;
mod table;

pub use fields::{
    AfterContactWork, AutoAccept, CHAT_WORK_MAX, Field, Fields, Identity, Phone, Profile, ROWS, Row,
    Settings, Shown, VoiceEnhancement, WORK_MAX, Warning, blank, is_amazons, longest_work,
};
pub use named::{Channel, Named};
pub use options::{AddOptions, EditOptions, InsteadOptions};
pub use table::{Choice, Generation, Means, NONE, Side, Value, ValueKind, names};
