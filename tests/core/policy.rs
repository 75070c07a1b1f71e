//! What callers of `policy` rely on.

mod rule_set;
mod rules;
mod schedule;
