//! Credentials, and the token flow
//! (<https://distribution.github.io/distribution/spec/auth/token/>).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

/// Who we are for a registry.
#[derive(Clone, Default)]
pub enum Auth {
    /// Nobody in particular.
    #[default]
    Anonymous,
    /// A user with a password. Where the registry wants a token, they are exchanged for one.
    Basic {
        /// The user.
        username: String,
        /// The password.
        password: SecretString,
    },
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "Anonymous",
            Self::Basic { .. } => "Basic",
        })
    }
}

impl Auth {
    /// The value of the `Authorization` header that carries the credentials themselves.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        match self {
            Self::Anonymous => None,
            Self::Basic { username, password } => {
                let pair = STANDARD.encode(format!("{username}:{}", password.expose_secret()));
                sensitive(&format!("Basic {pair}"))
            }
        }
    }
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// What a registry demands with `WWW-Authenticate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// The credentials themselves.
    Basic,
    /// A token of the server at `realm`.
    Bearer { realm: String, service: Option<String> },
}

impl Challenge {
    /// Parses a `WWW-Authenticate` header with one challenge.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let mut parameters = parameters(rest);
        Some(Self::Bearer { realm: parameters.remove("realm")?, service: parameters.remove("service") })
    }
}

/// `key="value",key=value`; a comma inside quotes belongs to the value.
fn parameters(text: &str) -> BTreeMap<String, String> {
    let mut quoted = false;
    let parts = text.split(|character: char| {
        quoted ^= character == '"';
        character == ',' && !quoted
    });
    parts
        .filter_map(|part| part.split_once('='))
        .map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned()))
        .collect()
}

/// What a token server answers.
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    token: Option<String>,
    access_token: Option<String>,
}

impl TokenAnswer {
    pub(crate) fn into_token(self) -> Option<SecretString> {
        self.token.or(self.access_token).filter(|token| !token.is_empty()).map(SecretString::from)
    }
}

/// What was learned about a registry's authentication so far.
#[derive(Default)]
pub(crate) struct Learned(Mutex<State>);

#[derive(Default)]
struct State {
    bearer: Option<Challenge>,
    tokens: BTreeMap<String, SecretString>,
}

impl Learned {
    /// The challenge to answer with a token, once the registry has made one.
    pub(crate) fn bearer(&self) -> Option<Challenge> {
        self.lock().bearer.clone()
    }

    /// Notes that the registry wants a token, and forgets the one of `scope`, which it did not take.
    pub(crate) fn challenged(&self, challenge: Challenge, scope: &str) {
        let mut state = self.lock();
        state.bearer = Some(challenge);
        state.tokens.remove(scope);
    }

    /// The header that carries the token of `scope`.
    pub(crate) fn token_header(&self, scope: &str) -> Option<HeaderValue> {
        let state = self.lock();
        sensitive(&format!("Bearer {}", state.tokens.get(scope)?.expose_secret()))
    }

    /// Keeps the token of `scope`.
    pub(crate) fn keep(&self, scope: &str, token: SecretString) {
        self.lock().tokens.insert(scope.to_owned(), token);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
