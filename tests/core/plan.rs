//! What callers of `plan` rely on.

mod difference;
mod presence;
mod until;
