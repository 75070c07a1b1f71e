//! The store: what is acknowledged survives, what is altered is named.

mod altered;
mod crash;

mod helper;
mod index;
mod journal;

mod vault;
