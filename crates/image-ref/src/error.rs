//! What is wrong with a text that should be a reference, or a part of one.

/// A text that does not follow the grammar. It reaches people within the message of the input that holds the text, so it has no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not a tag.
    #[error("a tag is 1 to 128 letters, digits, `_`, `.` or `-`, and does not start with `.` or `-`")]
    Tag,
    /// Not a digest.
    #[error("a digest is `sha256:` and 64 lower-case hexadecimal digits, or `sha512:` and 128")]
    Digest,
    /// Not a repository name.
    #[error(
        "a repository name is at most 255 characters: lower-case letters and digits, joined by `.`, `_`, `__`, `-` or `/`"
    )]
    Repository,
    /// Not a registry's host.
    #[error("a registry is a host name or address with an optional port, without scheme and path")]
    Registry,
    /// Not the host of a private ECR registry.
    #[error("a private ECR registry is `<account>.dkr.ecr.<region>.amazonaws.com` or its dual-stack form")]
    Ecr,
    /// Not one of the policies for `latest`.
    #[error("not one of `develop`, `stable` or `none`")]
    Latest,
}
