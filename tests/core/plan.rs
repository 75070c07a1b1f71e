//! What callers of `plan` rely on.
