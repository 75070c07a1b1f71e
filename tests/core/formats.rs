//! What callers of `formats` rely on.
