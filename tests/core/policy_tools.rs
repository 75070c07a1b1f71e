//! What callers of `policy_tools` rely on.

mod coverage;
mod lint;
mod replay;
