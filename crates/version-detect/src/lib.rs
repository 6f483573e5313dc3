//! version-detect.
