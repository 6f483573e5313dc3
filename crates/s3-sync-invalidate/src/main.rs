//! The binary `s3-sync-invalidate`.

/// musl's own allocator takes one lock for all threads, and is slow without them too.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    actions_core::main::<s3_sync_invalidate::S3SyncInvalidate>()
}
