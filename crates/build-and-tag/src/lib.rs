//! build-and-tag.
