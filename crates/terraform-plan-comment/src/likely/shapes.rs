//! What tokens look like and what names say of their values: data, no rules.

/// What a token starts with, and what follows.
pub(super) struct Shape {
    pub(super) prefix: &'static str,
    /// The fewest characters behind the prefix.
    pub(super) least: usize,
    /// The fewest dots in it; without any, a dot ends it.
    pub(super) dots: usize,
    /// What ends it, where it has an end of its own.
    pub(super) end: Option<&'static str>,
}

const fn token(prefix: &'static str, least: usize) -> Shape {
    Shape { prefix, least, dots: 0, end: None }
}

const fn dotted(prefix: &'static str, least: usize, dots: usize) -> Shape {
    Shape { prefix, least, dots, end: None }
}

const fn block(prefix: &'static str, end: &'static str) -> Shape {
    Shape { prefix, least: 0, dots: 0, end: Some(end) }
}

/// Tokens that are known by their start. Their issuers document them, as GitHub does
/// (<https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats>).
pub(super) const PREFIXES: &[Shape] = &[
    block("-----BEGIN EC PRIVATE KEY-----", "-----END EC PRIVATE KEY-----"),
    block("-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----END ENCRYPTED PRIVATE KEY-----"),
    block("-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"),
    block("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"),
    block("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"),
    token("AIza", 35),
    dotted("SG.", 40, 2),
    token("dop_v1_", 32),
    dotted("eyJ", 40, 2),
    token("ghp_", 36),
    token("gho_", 36),
    token("ghr_", 36),
    token("ghs_", 36),
    token("ghu_", 36),
    token("github_pat_", 22),
    token("glpat-", 20),
    token("glsa_", 32),
    dotted("hvs.", 20, 1),
    token("npm_", 36),
    token("pypi-", 50),
    token("rk_live_", 16),
    token("shpat_", 32),
    token("sk-ant-", 20),
    token("sk-proj-", 20),
    token("sk_live_", 16),
    token("whsec_", 24),
    token("xapp-", 20),
    token("xoxa-", 20),
    token("xoxb-", 20),
    token("xoxp-", 20),
    token("xoxr-", 20),
    token("xoxs-", 20),
];

/// What names of secrets are made of, in small letters with `_` between words.
pub(crate) const SECRETS: &[&str] = &[
    "access_key",
    "api_key",
    "auth_key",
    "connection_string",
    "credential",
    "encryption_key",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "pwd",
    "secret",
    "shared_key",
    "signing_key",
    "token",
];

/// The same where nothing tells the words apart.
pub(super) const JOINED: &[&str] = &["accesskey", "apikey"];

/// Whole names, or their first or last words, of what looks random and is no secret.
pub(super) const NO_SECRETS: &[&str] = &[
    "address",
    "alias",
    "arn",
    "body",
    "certificate",
    "checksum",
    "commit",
    "content",
    "digest",
    "domain",
    "endpoint",
    "etag",
    "file",
    "fingerprint",
    "hash",
    "id",
    "identifier",
    "ids",
    "image",
    "key_id",
    "length",
    "md5",
    "name",
    "names",
    "path",
    "policy",
    "prefix",
    "public",
    "public_key",
    "reference",
    "region",
    "sha",
    "sha1",
    "sha256",
    "sha512",
    "status",
    "thumbprint",
    "type",
    "uri",
    "url",
    "user_data",
    "version",
];
