//! The binary `version-detect`.

/// musl's own allocator takes memory from the system and gives it back for every file that is read.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    actions_core::main::<version_detect::VersionDetect>()
}
