//! The binary `s3-sync-invalidate`.

fn main() -> std::process::ExitCode {
    actions_core::main::<s3_sync_invalidate::S3SyncInvalidate>()
}
