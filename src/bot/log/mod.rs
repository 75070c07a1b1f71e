//! The approval log: an append-only file of lines that anyone can read, and the small port behind which it is.
//!
//! `log.jsonl` has one line of canonical JSON for each line of the log. Lines that were written together are a batch, and each batch
//! ends in a seal ([`desk_core::log::Seal`]): the hashes of its lines, and a signed checkpoint of the log after it. A batch is one
//! write and one `fdatasync`; then `head` gets the seal's checkpoint, and only then anyone is told. So a batch that was cut
//! short, a changed line, a missing end and a batch that no one was told of can be told apart, see [`file`].
//!
//! What else is stored can be rebuilt from this file, or is a secret. Nothing here knows of an index.

mod batch;
pub(crate) mod copy;
pub(crate) mod file;
mod finding;
mod head;
mod keys;
pub(crate) mod older;
mod parts;
mod port;
mod reader;
mod salvage;
mod show;
mod verify;
mod walk;

pub(crate) use file::{FileLog, Opened, stopped};
pub use finding::Finding;
pub(crate) use keys::LogKey;
pub(crate) use port::{Log, NotAppended};
pub use salvage::salvage;
pub use show::{Lately, ShowFilter, desk_folder, lately, show};
pub(crate) use verify::{PIPE, opened};
pub use verify::{Report, verify_folder};
pub(crate) use walk::Start;
