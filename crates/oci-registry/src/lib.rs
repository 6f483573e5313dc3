//! oci-registry.
