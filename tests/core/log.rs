//! What callers of `log` rely on.
