//! What callers of `request` rely on.

mod fold;
