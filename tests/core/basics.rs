//! What callers of `basics` rely on.
