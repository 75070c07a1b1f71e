//! The card of a request: what, to whom, by whom, and what happens on Yes, in that order.

pub mod details;
pub mod digest;
mod request;

pub(crate) use request::named;
pub use request::{request_card, standing};
