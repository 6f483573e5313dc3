//! Basic and token authentication.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::error;
use crate::http::{Reply, Request};

/// The bearer token the registry gives out.
const TOKEN: &str = "testkit-registry-token";

#[derive(Default)]
pub(crate) enum Auth {
    #[default]
    Open,
    Basic(String),
    Token(String),
    /// As `Token`, and a password is refused for good: `public.ecr.aws`.
    PublicEcr(String),
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Basic(_) => "Basic",
            Self::Token(_) => "Token",
            Self::PublicEcr(_) => "PublicEcr",
        })
    }
}

impl Auth {
    pub(super) fn basic(user: &str, password: &str) -> Self {
        Self::Basic(encode(user, password))
    }

    pub(super) fn token(user: &str, password: &str) -> Self {
        Self::Token(encode(user, password))
    }

    pub(super) fn public_ecr(user: &str, password: &str) -> Self {
        Self::PublicEcr(encode(user, password))
    }

    /// Passes the request, or returns what ends it: the challenge, or the token that was asked for.
    pub(super) fn check(&self, request: &Request, address: SocketAddr) -> Result<(), Reply> {
        let given = request.header("authorization").and_then(|value| value.split_once(' ')).unwrap_or_default();
        let is = |scheme: &str, secret: &str| given.0.eq_ignore_ascii_case(scheme) && given.1 == secret;
        match self {
            Self::Open => Ok(()),
            Self::Basic(secret) if is("basic", secret) => Ok(()),
            Self::Basic(_) => Err(challenge(&format!("Basic realm=\"http://{address}/\",service=\"{address}\""))),
            Self::Token(secret) | Self::PublicEcr(secret) if request.path == "/token" => Err(if is("basic", secret) {
                Reply::json(200, &json!({"token": TOKEN, "access_token": TOKEN, "expires_in": 300}))
            } else {
                error::unauthorized()
            }),
            Self::Token(_) | Self::PublicEcr(_) if is("bearer", TOKEN) => Ok(()),
            Self::PublicEcr(_) if !given.0.is_empty() => Err(error::denied("Your Authorization Token is invalid.")),
            Self::Token(_) | Self::PublicEcr(_) => {
                Err(challenge(&format!("Bearer realm=\"http://{address}/token\",service=\"{address}\"")))
            }
        }
    }
}

fn encode(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

fn challenge(value: &str) -> Reply {
    error::unauthorized().with_header("www-authenticate", value)
}
