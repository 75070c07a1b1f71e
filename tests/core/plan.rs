//! What callers of `plan` rely on.

mod presence;
mod until;
