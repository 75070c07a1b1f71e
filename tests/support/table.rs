//! Tables whose rows stay on one line: rustfmt leaves what is in a macro as it is.

/// The rows of a table, each on a line of its own, however long it is.
macro_rules! table {
    ($($rows:tt)*) => { [$($rows)*] };
}
