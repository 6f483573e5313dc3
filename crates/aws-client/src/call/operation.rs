//! The SDK's own machinery around one request.

use std::fmt;

use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::recursion_detection::RecursionDetectionInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{ServiceClockSkewClassifier, ServiceClockSkewInterceptor};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime::client::stalled_stream_protection::StalledStreamProtectionInterceptor;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::{Region, SigningRegion};
use aws_types::{SdkConfig, SigningName};

use super::answer::{self, Answer, Fault};
use super::limit::Bounded;
use super::{Service, endpoint};
use crate::error::{ApiError, ApiErrorKind, api_error};

/// Statuses that say "later", whatever the body says.
const PASSING: &[u16] = &[429, 500, 502, 503, 504];

/// A request before it has a host and a signature.
pub(super) struct Unsent {
    pub(super) method: String,
    /// With its query, encoded.
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

/// The body may hold what is secret.
impl fmt::Debug for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Sends a request until it is answered, or retries are used up.
pub(super) async fn send<T: Answer>(
    config: &SdkConfig,
    service: &Service,
    operation: &str,
    request: Unsent,
) -> Result<T, ApiError> {
    let Some(endpoint) = endpoint::of(config, service) else {
        return Err(nowhere(service, operation, config.region().map(AsRef::as_ref).unwrap_or_default()));
    };
    let built = build(config, service, operation, &endpoint);
    built.invoke(request).await.map_err(|error| api_error(service.name, operation, None, &error))
}

fn nowhere(service: &Service, operation: &str, region: &str) -> ApiError {
    ApiError {
        service: service.name.to_owned(),
        operation: operation.to_owned(),
        code: None,
        message: format!("`{region}` is no region"),
        resource: None,
        kind: ApiErrorKind::Invalid,
        request_id: None,
    }
}

fn build<T: Answer>(
    config: &SdkConfig,
    service: &Service,
    operation: &str,
    endpoint: &str,
) -> Operation<Unsent, T, Fault> {
    let mut builder = Operation::builder()
        .service_name(service.id)
        .operation_name(operation.to_owned())
        .endpoint_url(endpoint)
        .standard_retry(&config.retry_config().cloned().unwrap_or_else(RetryConfig::standard))
        .timeout_config(config.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled))
        .with_connection_poisoning()
        // The SDK's clients have these; a bare operation retries neither throttling nor a cut connection.
        .retry_classifier(TransientErrorClassifier::<Fault>::new())
        .retry_classifier(AwsErrorCodeClassifier::<Fault>::new())
        .retry_classifier(HttpStatusCodeClassifier::new_from_codes(PASSING))
        .retry_classifier(ServiceClockSkewClassifier::<Fault>::new())
        .interceptor(StalledStreamProtectionInterceptor::default())
        .interceptor(ServiceClockSkewInterceptor::new())
        .interceptor(RequestInfoInterceptor::new())
        .interceptor(UserAgentInterceptor::new())
        .interceptor(InvocationIdInterceptor::new())
        .interceptor(RecursionDetectionInterceptor::new())
        .interceptor(Bounded(T::LARGEST))
        .runtime_plugin(signing(config, service));
    if let Some(client) = config.http_client() {
        builder = builder.http_client(client);
    }
    if let Some(sleep) = config.sleep_impl() {
        builder = builder.sleep_impl(sleep);
    }
    if let Some(time) = config.time_source() {
        builder = builder.time_source(time);
    }
    if let Some(protection) = config.stalled_stream_protection() {
        builder = builder.stalled_stream_protection(protection);
    }
    builder.serializer(serialize).deserializer(answer::read::<T>).build()
}

fn signing_region(service: &Service, region: &Region) -> SigningRegion {
    SigningRegion::from(Region::new(endpoint::signing_region(service, region.as_ref()).to_owned()))
}

/// Who signs, and for what; and the name of the caller.
fn signing(config: &SdkConfig, service: &Service) -> StaticRuntimePlugin {
    let mut layer = Layer::new("call");
    layer.store_put(SigV4OperationSigningConfig {
        region: config.region().map(|region| signing_region(service, region)),
        name: Some(SigningName::from_static(service.name)),
        region_set: None,
        signing_options: SigningOptions::default(),
    });
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(ApiMetadata::new(service.name, env!("CARGO_PKG_VERSION")));
    if let Some(name) = config.app_name() {
        layer.store_put(name.clone());
    }
    let mut components = RuntimeComponentsBuilder::new("call");
    components.set_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID])));
    components.push_auth_scheme(SigV4AuthScheme::new());
    components.set_identity_cache(config.identity_cache());
    if let Some(credentials) = config.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
    }
    StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components)
}

fn serialize(unsent: Unsent) -> Result<HttpRequest, BoxError> {
    let length = unsent.body.len();
    let mut request = HttpRequest::new(SdkBody::from(unsent.body));
    request.set_method(&unsent.method)?;
    request.set_uri(unsent.path)?;
    let headers = request.headers_mut();
    for (name, value) in unsent.headers {
        headers.try_insert(name, value)?;
    }
    if length > 0 {
        headers.insert("content-length", length.to_string());
    }
    Ok(request)
}
