//! The binary `vaora`.

use std::process::ExitCode;

fn main() -> ExitCode {
    vaora::cli::main()
}
