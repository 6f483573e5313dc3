//! image-ref.
