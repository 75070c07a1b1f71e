//! What callers of `words` rely on.
