//! What callers of `log` rely on.

mod checkpoint;
mod line;
mod merkle;
mod seal;
