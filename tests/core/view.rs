//! What callers of `view` rely on.

mod details;
mod digest;
mod request;
