//! The `xsim` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    xsim::cli::main()
}
