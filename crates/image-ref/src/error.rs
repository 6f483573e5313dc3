//! What is wrong with a text that should be a reference, or a part of one.

/// A text that does not follow the grammar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ParseError {
    /// Not a tag.
    #[error("a tag is 1 to 128 letters, digits, `_`, `.` or `-`, and does not start with `.` or `-`")]
    #[diagnostic(code("image-ref/tag"), help("write for example `1.0.0` or `1.1.0-SNAPSHOT`"))]
    Tag,
    /// Not a digest.
    #[error("a digest is `sha256:` and 64 lower-case hexadecimal digits, or `sha512:` and 128")]
    #[diagnostic(code("image-ref/digest"), help("copy the digest from the output of the step that built the image"))]
    Digest,
    /// Not a repository name.
    #[error(
        "a repository name is at most 255 characters: lower-case letters and digits, joined by `.`, `_`, `__`, `-` or `/`"
    )]
    #[diagnostic(code("image-ref/repository"), help("write for example `slipway/backend`, without registry and tag"))]
    Repository,
    /// Not a registry's host.
    #[error("a registry is a host name or address with an optional port, without scheme and path")]
    #[diagnostic(code("image-ref/registry"), help("write for example `ghcr.io` or `127.0.0.1:5000`"))]
    Registry,
    /// Not the host of a private ECR registry.
    #[error("a private ECR registry is `<account>.dkr.ecr.<region>.amazonaws.com` or its dual-stack form")]
    #[diagnostic(code("image-ref/ecr"), help("write for example `123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop`"))]
    Ecr,
    /// Not one of the policies for `latest`.
    #[error("not one of `develop`, `stable` or `none`")]
    #[diagnostic(code("image-ref/latest"), help("`develop` is the default"))]
    Latest,
}
