//! Parts of the program by themselves.

mod complete;
mod directory;
mod inbox;
mod metrics;
mod play;
mod policy;
mod private;
mod rate_limits;
mod saved;
mod starter;
