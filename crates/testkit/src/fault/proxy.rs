//! A reverse proxy that puts faults in front of a server we cannot change.

use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt as _;

use super::Faults;
use crate::http::{Reply, Request};
use crate::server::{Server, StartError};

/// Headers that describe one connection and must not be passed on.
const HOP_BY_HOP: [&str; 5] = ["connection", "transfer-encoding", "content-length", "keep-alive", "upgrade"];

/// Passes every request on to an upstream address, unless a fault says otherwise. It keeps the `Host` header the client sent,
/// so signatures stay valid.
#[derive(Debug)]
pub struct FaultProxy {
    server: Server,
}

impl FaultProxy {
    /// Starts a proxy in front of `upstream`, such as `http://127.0.0.1:4566`.
    pub fn start(upstream: &str) -> Result<Self, StartError> {
        Self::start_checked(upstream, |_| None)
    }

    /// Starts a proxy that passes on only what `check` has no answer to.
    pub(crate) fn start_checked(
        upstream: &str,
        check: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static,
    ) -> Result<Self, StartError> {
        let client = client()?;
        let upstream: Arc<str> = upstream.trim_end_matches('/').into();
        let server = Server::start(Arc::new(move |request| match check(&request) {
            Some(refusal) => futures::future::ready(refusal).boxed(),
            None => forward(client.clone(), Arc::clone(&upstream), request).boxed(),
        }))?;
        Ok(Self { server })
    }

    /// Has the requests looked at that a fault answers.
    pub(crate) fn watch_faults(&self, watch: impl Fn(&Request) + Send + Sync + 'static) {
        self.server.watch_faults(watch);
    }

    /// Returns the proxy's own address.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns the faults of the proxy.
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Returns the requests that arrived, those answered by a fault included.
    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }
}

fn client() -> Result<reqwest::Client, StartError> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Losing the race to another thread leaves a default provider in place all the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|source| StartError::Client { source })
}

async fn forward(client: reqwest::Client, upstream: Arc<str>, request: Request) -> Reply {
    match pass_on(&client, &upstream, &request).await {
        Ok(reply) => reply,
        Err(error) => Reply::text(502, format!("upstream gave no answer: {error}")),
    }
}

async fn pass_on(client: &reqwest::Client, upstream: &str, request: &Request) -> Result<Reply, reqwest::Error> {
    let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let method = request.method.parse().unwrap_or(reqwest::Method::GET);
    let mut headers = request.headers.clone();
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    let answer = client
        .request(method, format!("{upstream}{}{query}", request.path))
        .headers(headers)
        .body(request.body.clone())
        .send()
        .await?;
    let mut reply = Reply::new(answer.status().as_u16());
    for (name, value) in answer.headers() {
        if !HOP_BY_HOP.contains(&name.as_str()) || (name == "content-length" && request.method == "HEAD") {
            reply = reply.with_header(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
        }
    }
    let body: Bytes = answer.bytes().await?;
    Ok(reply.with_body(body))
}
