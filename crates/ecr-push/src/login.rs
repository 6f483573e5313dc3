//! The password of ECR's registries.

use actions_core::{ExposeSecret as _, SecretString, Session};
use aws_client::{Aws, api_error};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_registry::Auth;
use tokio::sync::OnceCell;

use crate::error::Error;

/// Asks ECR for the password once. It lives for twelve hours and opens every registry of the region that the caller may use.
#[derive(Debug)]
pub(crate) struct Login {
    ecr: aws_sdk_ecr::Client,
    auth: OnceCell<Auth>,
}

impl Login {
    pub(crate) fn new(aws: &Aws) -> Self {
        Self { ecr: aws_sdk_ecr::Client::new(aws.config()), auth: OnceCell::new() }
    }

    /// The password; asks for it on first use.
    pub(crate) async fn auth(&self, session: &Session) -> Result<&Auth, Error> {
        self.auth.get_or_try_init(async || self.ask(session).await).await
    }

    async fn ask(&self, session: &Session) -> Result<Auth, Error> {
        const OPERATION: &str = "GetAuthorizationToken";
        let incomplete = || Error::IncompleteAnswer { operation: OPERATION, missing: "a token" };
        let answer = self
            .ecr
            .get_authorization_token()
            .send()
            .await
            .map_err(|error| api_error("ecr", OPERATION, "*".to_owned(), &error))?;
        let token = answer.authorization_data().first().and_then(|data| data.authorization_token());
        let token = SecretString::from(token.ok_or_else(incomplete)?);
        session.mask(&token);
        let pair = STANDARD.decode(token.expose_secret()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = SecretString::from(pair.ok_or_else(incomplete)?);
        let (username, password) = pair.expose_secret().split_once(':').ok_or_else(incomplete)?;
        let password = SecretString::from(password);
        session.mask(&password);
        Ok(Auth::Basic { username: username.to_owned(), password })
    }
}
