//! The card of a request: what, to whom, by whom and what is missing; its details in full; and the digest.

mod changes;
pub mod details;
pub mod digest;
mod outcomes;
mod request;
mod standing;
mod title;

pub use request::{request_card, reset, sentence};
pub use standing::{standing, standing_alone, standing_beside};
pub(crate) use title::named;
pub use title::{state, subject};
