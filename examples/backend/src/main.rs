//! Entry point: hands the arguments and the environment to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    slipway_backend::run(std::env::args().skip(1), |name| std::env::var(name).ok())
}
