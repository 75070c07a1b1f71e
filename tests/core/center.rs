//! What callers of `center` rely on.
