//! The passwords of ECR's registries.

use std::collections::BTreeMap;

use actions_core::{ExposeSecret as _, SecretString, Session};
use aws_client::call::{ECR, ECR_PUBLIC, JsonService};
use aws_client::{ApiError, Aws};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_registry::Auth;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{Error, Host};

const OPERATION: &str = "GetAuthorizationToken";

/// What IAM checks for the password of the public registry: it is a bearer token of STS
/// (<https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html>).
pub const PUBLIC_LOGIN: [&str; 2] = ["ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"];

/// Asks ECR for the passwords, each once. One lives for twelve hours.
///
/// A private one opens every registry of its region that the caller's permissions open, of whichever account: `registryIds`, which names
/// up to ten accounts, is deprecated and changes nothing about what the token opens
/// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html>). So there is one call for a region, and
/// one for the public registry.
#[derive(Debug)]
pub struct Logins {
    aws: Aws,
    passwords: Mutex<BTreeMap<Place, Auth>>,
}

/// What a password is good for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Region(String),
    Public,
}

impl Logins {
    /// Nothing is asked yet.
    pub fn new(aws: Aws) -> Self {
        Self { aws, passwords: Mutex::default() }
    }

    /// The configuration that asks.
    pub fn aws(&self) -> &Aws {
        &self.aws
    }

    /// The password of a registry; asks for it on first use.
    pub async fn auth(&self, host: &Host, session: &Session) -> Result<Auth, Error> {
        match host {
            Host::Private(registry) => self.of_region(registry.region(), session).await,
            Host::Public => self.at(Place::Public, session).await,
        }
    }

    /// The password of the private registries of a region; asks for it on first use.
    pub async fn of_region(&self, region: &str, session: &Session) -> Result<Auth, Error> {
        self.at(Place::Region(region.to_owned()), session).await
    }

    async fn at(&self, place: Place, session: &Session) -> Result<Auth, Error> {
        // Held while one is asked for: whoever wants the same waits for it.
        let mut passwords = self.passwords.lock().await;
        if let Some(known) = passwords.get(&place) {
            return Ok(known.clone());
        }
        let (service, answer) = match &place {
            Place::Region(region) => {
                let answer = ask(&ECR, &self.in_region(region)).await?;
                (&ECR, answer["authorizationData"][0].clone())
            }
            Place::Public => {
                let answer = ask(&ECR_PUBLIC, &self.in_region(Host::Public.region())).await?;
                (&ECR_PUBLIC, answer["authorizationData"].clone())
            }
        };
        let incomplete =
            || Error::Incomplete { service: service.service.name, operation: OPERATION, missing: "a token" };
        let token = answer["authorizationToken"].as_str().ok_or_else(incomplete)?;
        let auth = password(token, session).ok_or_else(incomplete)?;
        passwords.insert(place, auth.clone());
        Ok(auth)
    }

    fn in_region(&self, region: &str) -> Aws {
        if region == self.aws.region() { self.aws.clone() } else { self.aws.in_region(region) }
    }
}

async fn ask(service: &JsonService, aws: &Aws) -> Result<Value, ApiError> {
    // IAM knows no resource for it.
    let named = |error| ApiError { resource: Some("*".to_owned()), ..error };
    Box::pin(service.call(aws, OPERATION, &json!({}))).await.map_err(named)
}

/// The user and the password in a token; both are masked.
fn password(token: &str, session: &Session) -> Option<Auth> {
    session.mask(&SecretString::from(token));
    let pair = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
    let pair = SecretString::from(pair);
    let (username, password) = pair.expose_secret().split_once(':')?;
    if username.is_empty() || password.is_empty() {
        return None;
    }
    let password = SecretString::from(password);
    session.mask(&password);
    Some(Auth::Basic { username: username.to_owned(), password })
}

#[cfg(test)]
mod tests;
