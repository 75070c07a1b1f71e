//! What holds for every command, tested over the examples of their specs: a new command is tested before its author
//! writes a story.

#[path = "../support/mod.rs"]
mod support;

mod crashes;
mod driver;
mod effects;
mod planning;
mod secrets;
