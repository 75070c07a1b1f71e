//! The outside of the desk: one module per outside system, and the wiring that knows them all.

mod apply;
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
pub mod health;
pub mod mail;
mod pages;
mod pauses;
pub mod policy;
pub mod practice;
pub mod private;
mod qr;
pub mod reference;
pub mod running;
pub mod salesforce;
mod secrets;
mod starter;
pub mod store;
pub mod turns;
pub mod wiring;
