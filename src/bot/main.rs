//! The `connect-desk` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    connect_desk::cli::main()
}
