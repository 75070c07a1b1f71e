//! What callers of `request` rely on.

mod fold;
mod told;
