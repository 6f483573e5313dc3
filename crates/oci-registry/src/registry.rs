//! The client: sends one request with the right credentials and follows the token flow.

use std::sync::Arc;
use std::time::Duration;

use loopback::Pace;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderValue, LOCATION, WWW_AUTHENTICATE};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use url::Url;

use crate::answer::{LONGEST_MANIFEST, read, refusal, unreachable};
use crate::auth::{Auth, Challenge, Learned, TokenAnswer};
use crate::call::{Call, Payload};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::remote::Reason;
use crate::statistics::{Counter, Counters, Statistics};

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a request may rest: no byte of its body taken, and no answer.
const STALL: Duration = Duration::from_mins(2);

/// How many redirects are followed; ECR sends a download on once.
const REDIRECTS: usize = 5;

/// A client of one registry. Clones share connections, tokens and counters.
#[derive(Clone)]
pub struct Registry {
    pub(crate) endpoint: Endpoint,
    pub(crate) counters: Counters,
    pub(crate) pace: Pace,
    client: Client,
    auth: Auth,
    shows: Shows,
    learned: Arc<Learned>,
}

/// Whom credentials are shown to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// The registry, with the first request.
    Registry,
    /// The registry's token server alone.
    TokenServer,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("endpoint", &self.endpoint).field("auth", &self.auth).finish_non_exhaustive()
    }
}

impl Registry {
    /// A client of the registry at `endpoint`, which believes whom this machine believes. Nothing is sent yet.
    pub fn new(endpoint: Endpoint, auth: Auth) -> Result<Self, Error> {
        let no_client = |source: Box<dyn std::error::Error + Send + Sync>| Error::NoClient { source };
        if endpoint.is_sealed()
            && let Some(why) = tls_roots::lacking()
        {
            return Err(no_client(why.into()));
        }
        let pace = endpoint.pace();
        let builder = Client::builder()
            .user_agent(concat!("slipway/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(pace.of(CONNECT))
            .redirect(redirects(endpoint.clone()))
            .tls_backend_preconfigured(tls_roots::client_config().map_err(|error| no_client(error.into()))?);
        // What is on this machine is not reached through a proxy.
        let builder = if endpoint.host().is_loopback() { builder.no_proxy() } else { builder };
        let client = builder.build().map_err(|error| no_client(error.into()))?;
        Ok(Self {
            endpoint,
            counters: Counters::default(),
            pace,
            client,
            auth,
            shows: Shows::Registry,
            learned: Arc::default(),
        })
    }

    /// The same client, which shows its credentials to the registry's token server alone and begins without any, as Docker does: for a
    /// registry that refuses a password for good instead of asking for a token, as `public.ecr.aws` does
    /// (<https://github.com/kreuzwerker/terraform-provider-docker/pull/666>).
    #[must_use]
    pub fn with_tokens_only(self) -> Self {
        Self { shows: Shows::TokenServer, ..self }
    }

    /// Where the registry answers.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What was sent so far.
    pub fn statistics(&self) -> Statistics {
        self.counters.read()
    }

    /// Sends `call` and returns the answer when it is a success.
    pub(crate) async fn send(&self, call: &Call<'_>) -> Result<Response, Error> {
        let response = self.exchange(call).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(refusal(&self.endpoint, call, response).await)
    }

    /// The same for a body that is streamed: such a request is sent on by us, since only we can make its body anew.
    pub(crate) async fn send_streamed(&self, mut call: Call<'_>) -> Result<Response, Error> {
        for _ in 0..=REDIRECTS {
            let response = self.exchange(&call).await?;
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            match (response.status(), location) {
                (StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT, Some(location)) => {
                    call.url = self.endpoint.location(&call.url, location)?;
                }
                (status, _) if status.is_success() => return Ok(response),
                _ => return Err(refusal(&self.endpoint, &call, response).await),
            }
        }
        let (registry, problem) = (self.endpoint.to_string(), "too many redirects".to_owned());
        Err(Error::BadAnswer { registry, problem })
    }

    /// Sends `call` and returns the answer, or `None` when it is "not found".
    pub(crate) async fn send_for_existing(&self, call: &Call<'_>) -> Result<Option<Response>, Error> {
        let response = self.exchange(call).await?;
        match response.status() {
            status if status.is_success() => Ok(Some(response)),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refusal(&self.endpoint, call, response).await),
        }
    }

    /// Sends `call`; once more with a fresh token when the registry asks for one.
    async fn exchange(&self, call: &Call<'_>) -> Result<Response, Error> {
        let first = self.attempt(call).await?;
        if first.status() != StatusCode::UNAUTHORIZED || !self.endpoint.is_own(&call.url) {
            return Ok(first);
        }
        let header = first.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        match header.and_then(Challenge::parse) {
            Some(bearer @ Challenge::Bearer { .. }) => {
                self.learned.challenged(bearer, &call.scope());
                drop(first);
                self.attempt(call).await
            }
            Some(Challenge::Basic) | None => Ok(first),
        }
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Response, Error> {
        let progress = Counter::default();
        let mut request = self.client.request(call.method.clone(), call.url.clone());
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if self.endpoint.is_own(&call.url)
            && let Some(value) = self.authorization(call).await?
        {
            request = request.header(AUTHORIZATION, value);
        }
        let reason = Reason::default();
        let request = self.with_payload(request, &call.payload, &progress, &reason).await?;
        self.counters.requests.add(1);
        let writes = !call.method.is_safe();
        let answer = self.watch(request, &progress, writes).await;
        reason.take().map_or(answer, Err)
    }

    async fn with_payload(
        &self,
        request: RequestBuilder,
        payload: &Payload<'_>,
        progress: &Counter,
        reason: &Reason,
    ) -> Result<RequestBuilder, Error> {
        let sent = || vec![self.counters.bytes_sent.clone(), progress.clone()];
        Ok(match payload {
            Payload::Empty => request,
            Payload::Bytes(bytes) => {
                self.counters.bytes_sent.add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                request.body(bytes.clone())
            }
            Payload::Blob(blob) => {
                request.header(CONTENT_LENGTH, blob.size()).body(blob.body(sent(), reason.clone()).await?)
            }
        })
    }

    /// Waits for the answer as long as the body moves.
    async fn watch(&self, request: RequestBuilder, progress: &Counter, writes: bool) -> Result<Response, Error> {
        let answer = request.send();
        tokio::pin!(answer);
        let mut seen = progress.get();
        loop {
            match tokio::time::timeout(self.pace.of(STALL), &mut answer).await {
                Ok(response) => return response.map_err(|source| unreachable(&self.endpoint, source)),
                Err(_) if progress.get() == seen => {
                    return Err(Error::Stalled { registry: self.endpoint.to_string(), after: STALL, writes });
                }
                Err(_) => seen = progress.get(),
            }
        }
    }

    /// The `Authorization` header for `call`: a token once the registry has asked for one, else the credentials.
    async fn authorization(&self, call: &Call<'_>) -> Result<Option<HeaderValue>, Error> {
        let Some(Challenge::Bearer { realm, service }) = self.learned.bearer() else {
            return Ok(self.auth.header().filter(|_| self.shows == Shows::Registry));
        };
        let scope = call.scope();
        if self.learned.token_header(&scope).is_none() {
            let token = self.token(&realm, service.as_deref(), call).await?;
            self.learned.keep(&scope, token);
        }
        Ok(self.learned.token_header(&scope))
    }

    /// Asks the token server for a token with the scope of `call`.
    async fn token(&self, realm: &str, service: Option<&str>, call: &Call<'_>) -> Result<secrecy::SecretString, Error> {
        let bad = |problem: &str| Error::BadAnswer { registry: self.endpoint.to_string(), problem: problem.to_owned() };
        let mut url = Url::parse(realm).map_err(|_| bad("the address of its token server cannot be used"))?;
        if !self.endpoint.may_reach(&url) {
            return Err(bad("its token server is not reached over TLS"));
        }
        let header = self.auth.header();
        if header.is_some() && !self.endpoint.trusts(&url) {
            let host = url.host_str().unwrap_or_default();
            return Err(bad(&format!("its token server is `{host}`, which gets no password of this registry")));
        }
        if let Some(service) = service {
            url.query_pairs_mut().append_pair("service", service);
        }
        for scope in call.scope().split(' ') {
            url.query_pairs_mut().append_pair("scope", scope);
        }
        let mut request = self.client.get(url);
        if let Some(value) = header {
            request = request.header(AUTHORIZATION, value);
        }
        self.counters.requests.add(1);
        let response = self.watch(request, &Counter::default(), false).await?;
        if !response.status().is_success() {
            return Err(refusal(&self.endpoint, call, response).await);
        }
        let body = read(&self.endpoint, response, LONGEST_MANIFEST).await?;
        let answer: Option<TokenAnswer> = serde_json::from_slice(&body).ok();
        answer.and_then(TokenAnswer::into_token).ok_or_else(|| bad("its token server gave no token"))
    }
}

/// Follows a few redirects, and none that leaves TLS. `Authorization` does not go to another host (reqwest drops it).
fn redirects(endpoint: Endpoint) -> Policy {
    Policy::custom(move |attempt: Attempt<'_>| {
        if attempt.previous().len() > REDIRECTS {
            attempt.error("too many redirects")
        } else if endpoint.may_reach(attempt.url()) {
            attempt.follow()
        } else {
            attempt.error("a redirect to an address without TLS or of this machine was refused")
        }
    })
}
