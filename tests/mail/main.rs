//! Emails on their way: a strict mail server with TLS and authentication, Amazon SES as far as the desk uses it, every
//! fault at every phase. No email arrives twice unless a person, who knows that it may have arrived, wants it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test ends where something is not as it says"
)]

#[macro_use]
#[path = "../support/table.rs"]
mod table;

#[macro_use]
#[path = "../support/plays.rs"]
mod plays;

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/smtp.rs"]
mod smtp;

mod codes;
mod desk;
mod elsewhere;
mod emails;
mod endpoint;
mod faults;
mod killed;
mod notices;
mod online;
mod parts;
mod saml;
mod ses;
mod token;
