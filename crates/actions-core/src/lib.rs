//! actions-core.
