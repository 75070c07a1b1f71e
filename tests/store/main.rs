//! The store: what is acknowledged survives, what is altered is named.

// All of this is tests, the helpers as well.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../support/desks.rs"]
mod desks;
#[path = "../support/memory.rs"]
mod memory;

mod altered;
mod child;
mod damage;
mod doubt;
mod factors;
mod faults;
mod folder;
mod helper;
mod index;
mod journal;
mod killed;
mod parts;
mod power;
mod tamper;
mod tape;
mod unreadable;
mod vault;
