//! The innermost service below `octocrab`: `reqwest`, which honors `HTTPS_PROXY` and `NO_PROXY` (runners in company networks
//! have them) and drops the token when a redirect leaves the host. `octocrab`'s own transport does neither, and it sends
//! a second user agent.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use loopback::Pace;
use octocrab::OctoBody;
use secrecy::{ExposeSecret as _, SecretString};
use tower_service::Service;
use url::Url;

use crate::error::GitHubError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an answer may pause. GitHub itself gives up on a request after ten seconds.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// How long an answer may take as a whole: one that drips must not hold a job up for hours.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(2);

/// The version of the API that the requests are written for; without it GitHub takes the one that is the default then.
const API_VERSION: &str = "2022-11-28";

const USER_AGENT: &str = concat!("slipway/", env!("CARGO_PKG_VERSION"));

/// Sends `octocrab`'s requests through one `reqwest` client.
#[derive(Clone)]
pub(crate) struct Transport(reqwest::Client);

impl Transport {
    /// A transport to the API at `api` that signs each request with `token`.
    pub(crate) fn new(api: &Url, token: &SecretString, pace: Pace) -> Result<Self, GitHubError> {
        let no_transport = |source| GitHubError::NoTransport { source };
        if api.scheme() == "https"
            && let Some(why) = tls_roots::lacking()
        {
            return Err(no_transport(why.into()));
        }
        let tls = tls_roots::client_config().map_err(|error| no_transport(error.into()))?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
            .map_err(|_| GitHubError::InvalidToken)?;
        bearer.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, bearer),
            (ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
            (HeaderName::from_static("x-github-api-version"), HeaderValue::from_static(API_VERSION)),
        ]);
        reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(headers)
            .connect_timeout(pace.of(CONNECT_TIMEOUT))
            .read_timeout(pace.of(READ_TIMEOUT))
            .timeout(pace.of(ANSWER_TIMEOUT))
            .tls_backend_preconfigured(tls)
            .build()
            .map(Self)
            .map_err(|source| no_transport(source.into()))
    }
}

impl Service<http::Request<OctoBody>> for Transport {
    type Response = http::Response<reqwest::Body>;
    type Error = reqwest::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<OctoBody>) -> Self::Future {
        let client = self.0.clone();
        Box::pin(async move {
            let request = reqwest::Request::try_from(request.map(reqwest::Body::wrap))?;
            Ok(client.execute(request).await?.into())
        })
    }
}
