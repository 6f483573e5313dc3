//! Signed requests with as little around them as possible, for who sends tens of thousands of them.
//!
//! The SDK's machinery around a request takes several times the processor time of sending it. What it does is done here too: the same
//! credentials, TLS, authorities, proxy and user agent, the same tries and pauses, the corrected clock, and errors that
//! [`crate::api_error`] maps. It knows no service's operations; bodies are bytes.

mod answer;
mod body;
mod clock;
mod keys;
mod retry;
mod signature;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_runtime::user_agent::{ApiMetadata, AwsUserAgent};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
pub use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::os_shim_internal::Env;
use bytes::Bytes;

pub use crate::call::Fault;
use crate::call::bucket_address;
use crate::connect::Aws;
use crate::http;
pub use answer::Opened;
use answer::{Begun, whole};
use body::Progress;
pub use body::STEP;
use clock::{Clock, Time};
use keys::Keys;
pub use retry::{Ended, Watch};
use retry::{Next, Retries};
use signature::Signer;

/// A body that does not move for so long is on a line that is dead.
const STALLED: Duration = Duration::from_secs(30);

/// Why a request failed: as an SDK's client says it.
pub type Refused = SdkError<Fault, HttpResponse>;

/// A request.
#[derive(Clone)]
pub struct Request {
    /// Its method.
    pub method: &'static str,
    /// What stands behind the endpoint: path and query, encoded. The path is signed as it stands here.
    pub path: String,
    /// Its headers, without those of the signature and of the length.
    pub headers: Vec<(String, String)>,
    /// What it carries.
    pub body: Bytes,
    /// How long its answer may take to begin after its body was taken to be sent, and then to go on: on a slow line many pages of a
    /// listing share it. A body larger than [`STEP`] takes as long as it moves; whether a smaller one moves nobody sees, so this is
    /// for both.
    pub patience: Duration,
}

/// The body may hold what is secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Where requests go, and who signs them. Copies share credentials and clock.
#[derive(Debug, Clone)]
pub struct Direct(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Without a slash at its end.
    endpoint: String,
    signer: Signer,
    keys: Keys,
    clock: Clock,
    agent: String,
    retries: Retries,
    aws: Aws,
}

impl Direct {
    /// Requests to `endpoint`, signed for `service`. The runtime this is called in is the one that renews credentials, so it must
    /// be kept running.
    pub fn new(aws: &Aws, service: &'static str, endpoint: &str) -> Self {
        let mut agent =
            AwsUserAgent::new_from_environment(Env::real(), ApiMetadata::new(service, env!("CARGO_PKG_VERSION")));
        if let Some(name) = aws.config().app_name() {
            agent.set_app_name(name.clone());
        }
        // On a line that nobody reads, the sum in `content-md5` protects the body as well as one in the signature.
        let is_private = endpoint.starts_with("https://") || loopback::is_loopback_url(endpoint);
        let retries = aws.config().retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        Self(Arc::new(Shared {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            signer: Signer { service, region: aws.region().to_owned(), signs_body: !is_private },
            keys: Keys::new(aws),
            clock: Clock::default(),
            agent: agent.aws_ua_header(),
            retries: Retries::new(&retries),
            aws: aws.clone(),
        }))
    }

    /// Requests to the objects of a bucket: what stands behind its address is a key. Says why a configuration leads to none.
    pub fn to_bucket(aws: &Aws, bucket: &str) -> Result<Self, String> {
        Ok(Self::new(aws, "s3", &bucket_address(aws.config(), bucket)?))
    }

    /// Connections of its own, which must be used in one runtime only.
    pub fn connections(&self) -> Connections {
        Connections {
            shared: Arc::clone(&self.0),
            connector: http::patient_connector(self.0.aws.pace(), self.0.aws.needs_tls()),
        }
    }
}

/// Connections that are kept and used again.
#[derive(Debug)]
pub struct Connections {
    shared: Arc<Shared>,
    connector: aws_smithy_http_client::Connector,
}

impl Connections {
    /// Sends a request until it is answered, or retries are used up; the answer's body is read. `watch` is told of each try.
    pub async fn send(&self, request: &Request, watch: &impl Watch) -> Result<HttpResponse, Refused> {
        let patience = self.shared.aws.pace().of(request.patience);
        self.until_answered(request, watch, async |begun: Begun| whole(begun, patience).await).await
    }

    /// Sends a request until its answer begins, or retries are used up, for answers that are long, or that anybody wrote. What comes
    /// of its body is the caller's: one that breaks off is not asked for again.
    pub async fn open(&self, request: &Request, watch: &impl Watch) -> Result<Opened, Refused> {
        let stalled = self.shared.aws.pace().of(STALLED);
        self.until_answered(request, watch, async |begun: Begun| {
            if begun.status().is_success() {
                Ok(Opened::new(begun, stalled))
            } else {
                whole(begun, stalled).await.map(|whole| Opened::new(whole, stalled))
            }
        })
        .await
    }

    async fn until_answered<T>(
        &self,
        request: &Request,
        watch: &impl Watch,
        read: impl AsyncFn(Begun) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let mut tries = self.shared.retries.start();
        loop {
            let keys = self.shared.keys.get().await.map_err(SdkError::construction_failure)?;
            let signed = self.shared.clock.now();
            let begun = watch.begin();
            let answer = self.once(request, &keys, signed, &read).await;
            watch.end(begun, Ended::of(&answer));
            let error = match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match tries.next(&error, &self.shared.clock, signed) {
                Next::Fail => return Err(error),
                Next::Renew => self.shared.keys.forget(&keys).await,
                Next::Doubt if !self.shared.keys.doubt(&keys).await => return Err(error),
                Next::Doubt | Next::Again => {}
                Next::After(pause) => tokio::time::sleep(pause).await,
            }
        }
    }

    async fn once<T>(
        &self,
        request: &Request,
        keys: &keys::Held,
        time: Time,
        read: &impl AsyncFn(Begun) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let (body, progress) = body::of(&request.body);
        let signed = self.signed(request, body, keys, time).map_err(SdkError::construction_failure)?;
        let patience = self.shared.aws.pace().of(request.patience);
        let begun = self.in_time(self.begin(signed), progress, patience).await?;
        read(begun).await
    }

    fn signed(
        &self,
        request: &Request,
        body: SdkBody,
        keys: &keys::Held,
        time: Time,
    ) -> Result<HttpRequest, Box<dyn std::error::Error + Send + Sync>> {
        let mut http = HttpRequest::new(body);
        http.set_method(request.method)?;
        http.set_uri(format!("{}{}", self.shared.endpoint, request.path))?;
        let headers = http.headers_mut();
        for (name, value) in &request.headers {
            headers.try_insert(name.clone(), value.clone())?;
        }
        headers.try_insert("content-length", request.body.len().to_string())?;
        headers.try_insert("user-agent", self.shared.agent.clone())?;
        self.shared.signer.sign(&mut http, &request.body, keys, time.now)?;
        Ok(http)
    }

    /// One request, and its answer without the body.
    async fn begin(&self, request: HttpRequest) -> Result<Begun, Refused> {
        let sent = std::time::SystemTime::now();
        let answer = self.connector.call(request).await.map_err(SdkError::dispatch_failure)?;
        self.shared.clock.look(sent, answer.headers());
        Ok(answer)
    }

    /// Ends an exchange whose body does not move any more, or whose answer does not begin.
    async fn in_time(
        &self,
        exchange: impl Future<Output = Result<Begun, Refused>>,
        progress: Option<Progress>,
        patience: Duration,
    ) -> Result<Begun, Refused> {
        let stalled = self.shared.aws.pace().of(STALLED);
        tokio::pin!(exchange);
        let mut before = None;
        loop {
            let moving = progress.as_ref().filter(|progress| !progress.is_complete());
            tokio::select! {
                biased;
                answer = &mut exchange => return answer,
                () = tokio::time::sleep(if moving.is_some() { stalled } else { patience }) => {}
            }
            let Some(moving) = moving else { return Err(late(format!("there was no answer within {patience:?}"))) };
            let now = moving.sent();
            if before == Some(now) && !moving.is_complete() {
                return Err(late(format!("nothing of the body could be sent for {stalled:?}")));
            }
            before = Some(now);
        }
    }
}

fn late(what: String) -> Refused {
    SdkError::dispatch_failure(ConnectorError::timeout(what.into()))
}

#[cfg(test)]
mod tests;
