//! What callers of `view` rely on.
