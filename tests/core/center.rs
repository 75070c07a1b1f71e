//! What callers of `center` rely on.

mod hierarchy;
mod hours;
mod names;
mod orphans;
mod security;
