//! What callers of `policy_tools` rely on.
