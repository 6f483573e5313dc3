//! `slipway-rehearse`: see the library.

fn main() -> std::process::ExitCode {
    rehearsal::main()
}
