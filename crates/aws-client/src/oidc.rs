//! Credentials of a role, by the job's OIDC token
//! (<https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws>).

use std::time::{Duration, SystemTime};

use actions_core::{Environment, ExposeSecret as _, Log, SecretString};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_types::SdkConfig;
use loopback::Pace;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::args::{AccountId, RoleArn};
use crate::claims::{Claims, shown};
use crate::error::{HTML, api_error, causes, is_html};
use crate::http;
use crate::refusal::{Explanation, Refusal};

/// The audience that everybody registers with AWS.
pub(crate) const AUDIENCE: &str = "sts.amazonaws.com";

/// The most an answer of the token service may hold.
const ANSWER_LIMIT: usize = 64 * 1024;

/// How often the token is asked for before giving up.
const ATTEMPTS: u32 = 3;

/// Where the job gets its OIDC token.
#[derive(Debug, Clone)]
pub(crate) struct TokenService {
    url: String,
    token: SecretString,
    pace: Pace,
}

impl TokenService {
    /// The service of this job; `None` when the job has no `id-token: write` permission or this is no job. The error is the address
    /// of one that the request's token must not be sent to: it is neither reached over TLS nor on this machine.
    pub(crate) fn from_environment(environment: &Environment) -> Result<Option<Self>, String> {
        let variable = |name| environment.get(name).map(str::to_owned);
        let (Some(url), Some(token)) =
            (variable("ACTIONS_ID_TOKEN_REQUEST_URL"), variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN"))
        else {
            return Ok(None);
        };
        if !url.starts_with("https://") && !loopback::is_loopback_url(&url) {
            return Err(without_path(&url));
        }
        let pace = Pace::towards(&url);
        Ok(Some(Self { url, token: SecretString::from(token), pace }))
    }

    /// Asks for a fresh token for `audience`; a failure is tried again twice.
    async fn fetch(&self, audience: &str) -> Result<SecretString, String> {
        let mut failure = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tokio::time::sleep(self.pace.of(Duration::from_millis(500 << attempt))).await;
            }
            // The connector's own time-out ends with the head of the answer.
            match tokio::time::timeout(self.pace.of(http::READ_TIMEOUT), self.fetch_once(audience)).await {
                Ok(Ok(token)) => return Ok(token),
                Ok(Err(error)) => failure = error,
                Err(_) => "the token service did not answer in time".clone_into(&mut failure),
            }
        }
        Err(failure)
    }

    async fn fetch_once(&self, audience: &str) -> Result<SecretString, String> {
        let separator = if self.url.contains('?') { '&' } else { '?' };
        let audience = utf8_percent_encode(audience, NON_ALPHANUMERIC);
        let mut request = HttpRequest::get(format!("{}{separator}audience={audience}", self.url))
            .map_err(|error| format!("ACTIONS_ID_TOKEN_REQUEST_URL is not a URL: {error}"))?;
        request.headers_mut().insert("authorization", format!("bearer {}", self.token.expose_secret()));
        request.headers_mut().insert("accept", "application/json");
        let response = http::connector(&self.url, self.pace)
            .call(request)
            .await
            .map_err(|error| format!("the token service cannot be reached: {}", causes(&error)))?;
        let status = response.status().as_u16();
        let is_html = is_html(response.headers().get("content-type"));
        let body = read_body(response.into_body()).await?;
        match status {
            200 => {}
            300..=399 => {
                return Err(format!(
                    "the token service answered {status}: it leads elsewhere, and the request's token goes nowhere else"
                ));
            }
            _ => return Err(format!("the token service answered {status}{}", if is_html { HTML } else { "" })),
        }
        let answer: serde_json::Value = serde_json::from_slice(&body)
            .map_err(|_| format!("the token service did not answer JSON{}", if is_html { HTML } else { "" }))?;
        let token = answer["value"].as_str().ok_or("the token service's answer holds no `value`")?;
        Ok(SecretString::from(token.to_owned()))
    }
}

/// Scheme and host of an address, for a message.
pub(crate) fn without_path(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    shown(&if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") })
}

/// Reads a body whole, up to [`ANSWER_LIMIT`].
async fn read_body(body: aws_smithy_types::body::SdkBody) -> Result<Vec<u8>, String> {
    let mut stream = aws_smithy_types::byte_stream::ByteStream::new(body);
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| format!("the token service's answer broke off: {error}"))?);
        if bytes.len() > ANSWER_LIMIT {
            return Err("the token service's answer is too long".to_owned());
        }
    }
    Ok(bytes)
}

/// Exchanges the job's token for a role's credentials, again each time they expire.
#[derive(Debug)]
pub(crate) struct WebIdentityRole {
    pub(crate) service: TokenService,
    pub(crate) audience: String,
    pub(crate) role: RoleArn,
    /// The accounts that the role may be in; empty: any.
    pub(crate) allowed: Vec<AccountId>,
    pub(crate) session_name: String,
    pub(crate) duration: Duration,
    /// A configuration without credentials: the call is not signed.
    pub(crate) config: SdkConfig,
    /// Whether STS is an emulator, which may say more than AWS.
    pub(crate) is_emulated: bool,
    pub(crate) log: Log,
}

impl WebIdentityRole {
    /// A role of an account that is not allowed is not even asked for.
    fn wrong_account(&self, claims: &Claims) -> Option<Refusal> {
        let is_allowed =
            self.allowed.is_empty() || self.allowed.iter().any(|account| account.as_str() == self.role.account());
        (!is_allowed).then(|| Refusal::WrongAccount {
            role: self.role.as_str().to_owned(),
            allowed: self.allowed.iter().map(AccountId::as_str).collect::<Vec<_>>().join(", "),
            claims: Box::new(claims.clone()),
        })
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let token = self.service.fetch(&self.audience).await.map_err(CredentialsError::provider_error)?;
        self.log.mask(token.expose_secret());
        let claims = Claims::of(token.expose_secret());
        if let Some(refusal) = claims.as_ref().and_then(|claims| self.wrong_account(claims)) {
            return Err(CredentialsError::provider_error(refusal));
        }
        let answer = aws_sdk_sts::Client::new(&self.config)
            .assume_role_with_web_identity()
            .role_arn(self.role.as_str())
            .role_session_name(&self.session_name)
            .web_identity_token(token.expose_secret())
            .duration_seconds(i32::try_from(self.duration.as_secs()).unwrap_or(3600))
            .send()
            .await
            .map_err(|error| {
                let explanation = error.raw_response().filter(|_| self.is_emulated).and_then(Explanation::of);
                let error = api_error("sts", "AssumeRoleWithWebIdentity", self.role.as_str().to_owned(), &error);
                match claims.and_then(|claims| Refusal::of(&error, self.role.as_str(), &claims, explanation)) {
                    Some(refusal) => CredentialsError::provider_error(refusal),
                    None => CredentialsError::provider_error(error),
                }
            })?;
        let credentials =
            answer.credentials().ok_or_else(|| CredentialsError::provider_error("STS answered without credentials"))?;
        self.log.mask(credentials.secret_access_key());
        self.log.mask(credentials.session_token());
        Ok(Credentials::new(
            credentials.access_key_id(),
            credentials.secret_access_key(),
            Some(credentials.session_token().to_owned()),
            SystemTime::try_from(*credentials.expiration()).ok(),
            "AssumeRoleWithWebIdentity",
        ))
    }
}

impl ProvideCredentials for WebIdentityRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
