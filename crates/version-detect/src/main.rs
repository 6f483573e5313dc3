//! The binary `version-detect`.

fn main() -> std::process::ExitCode {
    actions_core::main::<version_detect::VersionDetect>()
}
