//! The `build-and-tag` binary.

fn main() -> std::process::ExitCode {
    actions_core::main::<build_and_tag::BuildAndTag>()
}
