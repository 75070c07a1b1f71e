//! What an email is made of.

mod message;
mod templates;
