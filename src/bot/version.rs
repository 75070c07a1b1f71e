//! Which desk this is.

/// The version of the package.
pub const NUMBER: &str = env!("CARGO_PKG_VERSION");

/// The commit it was built from, `dev` for a build of someone at work, `unknown` without a repository.
pub const COMMIT: &str = env!("DESK_COMMIT");

/// Both, as `--version` says them.
pub const LONG: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("DESK_COMMIT"), ")");
