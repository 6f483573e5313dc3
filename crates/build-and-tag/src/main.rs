//! The `build-and-tag` binary.

fn main() -> std::process::ExitCode {
    build_and_tag::credential_helper().unwrap_or_else(actions_core::main::<build_and_tag::BuildAndTag>)
}
