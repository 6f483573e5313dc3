//! github-client.
