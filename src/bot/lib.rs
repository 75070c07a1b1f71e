//! The outside of the desk: one module per outside system, and the wiring that knows them all.

mod aws;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connect;
pub mod console;
pub mod directory;
pub mod directory_service;
pub mod discord;
mod engine;
mod folder;
mod log;
pub mod mail;
mod pauses;
pub mod policy;
pub mod practice;
mod qr;
pub mod reference;
pub mod running;
mod starter;
pub mod store;
pub mod turns;
pub mod wiring;
