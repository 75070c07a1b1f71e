//! What callers of `log` rely on.

mod by;
mod checkpoint;
mod line;
mod merkle;
mod seal;
