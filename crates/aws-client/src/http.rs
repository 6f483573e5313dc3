//! The HTTP stack under every AWS call: rustls with ring, the system's roots, the proxy of the environment.

use std::time::Duration;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient};
use loopback::Pace;

/// How long a connection may take.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the first byte of an answer may take.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_mins(1);

const TLS: tls::Provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);

/// Whom TLS believes: the authorities of this machine, or nobody. That is said so where nobody is known, because the SDK takes no
/// authority for a bug, and where nothing goes over TLS, because to read them takes longer than a call to an emulator.
fn trust(needs_tls: bool) -> TlsContext {
    let store = if !needs_tls || tls_roots::lacking().is_some() {
        TrustStore::empty()
    } else {
        tls_roots::text().map_or_else(TrustStore::default, |pem| TrustStore::empty().with_pem_certificate(pem))
    };
    TlsContext::builder().with_trust_store(store).build().unwrap_or_default()
}

/// The client that all SDK clients share, so that they share its connections.
pub(crate) fn client(needs_tls: bool) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut builder = Connector::builder().proxy_config(ProxyConfig::from_env());
        if let Some(settings) = settings {
            builder = builder.connector_settings(settings.clone());
        }
        if let Some(components) = components {
            builder.set_sleep_impl(components.sleep_impl());
        }
        builder.tls_provider(TLS).tls_context(trust(needs_tls)).build()
    })
}

/// A connector for the one request that is no AWS call: the job's OIDC token. It follows no redirect, and what goes to this machine goes
/// through no proxy, which would see all of it.
pub(crate) fn connector(url: &str, pace: Pace) -> Connector {
    let proxy = if loopback::is_loopback_url(url) { ProxyConfig::disabled() } else { ProxyConfig::from_env() };
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(pace.of(CONNECT_TIMEOUT))
        .read_timeout(pace.of(READ_TIMEOUT))
        .build();
    let trust = trust(!loopback::is_loopback_url(url) || url.starts_with("https://"));
    Connector::builder().proxy_config(proxy).connector_settings(settings).tls_provider(TLS).tls_context(trust).build()
}

/// A connector without a limit of its own for answers: who calls it has one for each request.
pub(crate) fn patient_connector(pace: Pace, needs_tls: bool) -> Connector {
    let settings = HttpConnectorSettings::builder().connect_timeout(pace.of(CONNECT_TIMEOUT)).build();
    Connector::builder()
        .proxy_config(ProxyConfig::from_env())
        .connector_settings(settings)
        .tls_provider(TLS)
        .tls_context(trust(needs_tls))
        .build()
}
