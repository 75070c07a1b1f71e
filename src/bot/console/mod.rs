//! The desk in a terminal: several people at one keyboard, the practice contact center behind them.

mod complete;
pub mod draw;
mod inbox;
pub mod outside;
pub mod phone;
mod play;
mod saved;
mod script;
mod session;

pub use inbox::Paths;
pub use play::{PlayOptions, play};
pub use script::typed;
pub use session::{Session, Shown};
