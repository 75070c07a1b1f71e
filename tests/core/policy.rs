//! What callers of `policy` rely on.
