//! The `xsim` program.

fn main() {}
