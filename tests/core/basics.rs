//! What callers of `basics` rely on.

mod address;
mod clean;
mod hours;
mod ids;
mod logins;
mod numbers;
mod span;
mod text;
