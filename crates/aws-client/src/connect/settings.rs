//! How every call is made: region, retries, time-outs, user agent.

use std::time::Duration;

use actions_core::Session;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::app_name::AppName;
use loopback::Pace;

use crate::args::AwsInputs;
use crate::call::service;
use crate::http;

/// How often a call is tried in all, unless `AWS_MAX_ATTEMPTS` says otherwise.
const ATTEMPTS: u32 = 5;

/// The variables of a login that comes before every other
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>).
const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";

/// The first pause is up to this long, and each further one up to twice as long, up to the longest: the SDK's own values.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(20));

/// The configuration that the inputs and the environment make.
pub(super) fn loader(inputs: &AwsInputs, session: &Session) -> ConfigLoader {
    // An explicit setting would win over the SDK's own variable, so the variable is read here.
    let attempts = session.environment.get("AWS_MAX_ATTEMPTS").and_then(|text| text.parse().ok()).unwrap_or(ATTEMPTS);
    let pace = pace(session);
    let time_outs = TimeoutConfig::builder()
        .connect_timeout(pace.of(http::CONNECT_TIMEOUT))
        .read_timeout(pace.of(http::READ_TIMEOUT))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http::client(needs_tls(inputs, session)))
        .retry_config(retries(attempts, pace))
        .timeout_config(time_outs);
    // The first of the SDK's chain of sources, without the others: those read files and make clients of services before they know
    // whether anybody needs them.
    if [ACCESS_KEY, SECRET_KEY]
        .iter()
        .all(|name| session.environment.get(name).is_some_and(|text| !text.trim().is_empty()))
    {
        loader = loader.credentials_provider(EnvironmentVariableCredentialsProvider::new());
    }
    if let Ok(name) = AppName::new(concat!("slipway-", env!("CARGO_PKG_VERSION"))) {
        loader = loader.app_name(name);
    }
    match &inputs.region {
        Some(region) => loader.region(Region::new(region.clone())),
        None => loader,
    }
}

/// The pace of AWS's clients: theirs is this machine where `AWS_ENDPOINT_URL` and those of single services all are.
pub(super) fn pace(session: &Session) -> Pace {
    let Some(all) = session.environment.get("AWS_ENDPOINT_URL") else { return Pace::USUAL };
    single_endpoints(session).map(Pace::towards).fold(Pace::towards(all), Pace::slower)
}

/// Whether something may go over TLS: everything does but what an address of plain HTTP replaces, through a proxy of plain HTTP.
pub(super) fn needs_tls(inputs: &AwsInputs, session: &Session) -> bool {
    let is_plain = |url: &str| url.starts_with("http://");
    let token_service = session.environment.get("ACTIONS_ID_TOKEN_REQUEST_URL").filter(|_| inputs.role.is_some());
    let is_aws_plain = session.environment.get("AWS_ENDPOINT_URL").is_some_and(is_plain);
    let proxies = PROXIES.iter().filter_map(|name| session.environment.get(name));
    let is_sealed = |url: &str| url.starts_with("https://");
    !is_aws_plain || !single_endpoints(session).chain(token_service).all(is_plain) || proxies.into_iter().any(is_sealed)
}

/// The variables of the proxies that plain HTTP goes through.
const PROXIES: [&str; 4] = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

/// The ids of the services that are called otherwise than [`crate::call`] does.
const OTHERS: [&str; 2] = ["S3", "STS"];

/// The addresses that replace those of single services.
fn single_endpoints(session: &Session) -> impl Iterator<Item = &str> {
    let ids = service::ALL.iter().map(|service| service.id).chain(OTHERS);
    ids.filter_map(|id| session.environment.get(&format!("AWS_ENDPOINT_URL_{}", id.to_uppercase().replace(' ', "_"))))
}

/// Retries of up to `attempts` in all.
pub(super) fn retries(attempts: u32, pace: Pace) -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(attempts)
        .with_initial_backoff(pace.of(BACKOFF.0))
        .with_max_backoff(pace.of(BACKOFF.1))
}
