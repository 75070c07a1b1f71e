//! The desk in a terminal: several people at one keyboard, the practice contact center behind them.

pub mod complete;
pub mod draw;
mod inbox;
pub mod outside;
pub mod phone;
pub mod play;
pub mod saved;
mod script;
mod session;

pub use inbox::Paths;
pub use play::{PlayOptions, play};
pub use script::typed;
pub use session::{Session, Shown, Stopper};
