//! What callers of `request` rely on.
