//! The outside of the desk: one module per outside system, and the wiring that knows them all.

pub mod connect;
pub mod store;
