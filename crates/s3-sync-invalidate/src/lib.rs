//! s3-sync-invalidate.
