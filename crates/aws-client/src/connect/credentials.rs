//! Where credentials come from: the job's token, a role, the environment; and that they are obtained once and masked.

use std::sync::{Mutex, PoisonError};

use actions_core::{Context, Session};
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_types::SdkConfig;

use super::error::ConnectError;
use crate::args::{AwsInputs, RoleArn};
use crate::call::replaced;
use crate::error::causes;
use crate::oidc::{AUDIENCE, TokenService, WebIdentityRole, without_path};
use crate::refusal::{Refusal, is_emulated};

/// A shorter secret is a word that somebody made up for an emulator; hiding it would destroy every text around it.
const SHORTEST_SECRET: usize = 16;

/// `ambient` with the role's credentials: by the job's OIDC token, or outside of a job by the ambient credentials.
pub(super) async fn with_role(
    role: &RoleArn,
    inputs: &AwsInputs,
    session: &Session,
    ambient: &SdkConfig,
) -> Result<SdkConfig, ConnectError> {
    let session_name = inputs.session_name.clone().unwrap_or_else(|| default_session_name(&session.context));
    let service = TokenService::from_environment(&session.environment)
        .map_err(|service| ConnectError::InsecureTokenService { service })?;
    let insecure =
        replaced(ambient, "STS").filter(|url| !url.starts_with("https://") && !loopback::is_loopback_url(url));
    if let Some(url) = insecure.filter(|_| service.is_some()) {
        return Err(ConnectError::InsecureEndpoint { endpoint: without_path(&url) });
    }
    let provider = match service {
        Some(service) => SharedCredentialsProvider::new(WebIdentityRole {
            service,
            audience: inputs.audience.clone().unwrap_or_else(|| AUDIENCE.to_owned()),
            role: role.clone(),
            allowed: inputs.allowed_account_ids.clone(),
            session_name,
            duration: inputs.role_duration,
            config: unsigned(ambient),
            is_emulated: is_emulated(&session.environment),
            log: session.log.clone(),
        }),
        None if session.context.on_actions && obtain(ambient, None, session).await.is_err() => {
            let job = session.context.job.clone().unwrap_or_else(|| "unknown".to_owned());
            return Err(ConnectError::NoIdToken { role: role.as_str().to_owned(), job });
        }
        None => SharedCredentialsProvider::new(
            AssumeRoleProvider::builder(role.as_str())
                .session_name(session_name)
                .session_length(inputs.role_duration)
                .configure(ambient)
                .build()
                .await,
        ),
    };
    Ok(ambient.to_builder().credentials_provider(provider).build())
}

/// The same configuration without credentials: `AssumeRoleWithWebIdentity` is not signed.
fn unsigned(config: &SdkConfig) -> SdkConfig {
    let mut builder = config.to_builder();
    builder.set_credentials_provider(None);
    builder.build()
}

/// Obtains credentials once, so that a missing login is reported as such and not as a failed call, and so that they are
/// masked wherever they come from.
pub(super) async fn obtain(
    config: &SdkConfig,
    role: Option<&RoleArn>,
    session: &Session,
) -> Result<Credentials, ConnectError> {
    let answer = match config.credentials_provider() {
        Some(provider) => provider.provide_credentials().await,
        None => Err(CredentialsError::not_loaded("no source of credentials is configured")),
    };
    let error = match answer {
        Ok(credentials) => {
            let secrets = [Some(credentials.secret_access_key()), credentials.session_token()];
            let secrets = secrets.into_iter().flatten().filter(|secret| secret.len() >= SHORTEST_SECRET);
            secrets.for_each(|secret| session.log.mask(secret));
            return Ok(credentials);
        }
        Err(error) => error,
    };
    if let Some(refusal) = refusal(&error) {
        return Err(refusal.into());
    }
    let why = causes(&error);
    Err(match role {
        Some(role) => ConnectError::RoleNotAssumed { role: role.as_str().to_owned(), why },
        None => ConnectError::NoCredentials { why: format!("{}{why}", empty_role(session)) },
    })
}

/// What is mostly the reason in a workflow: an expression that gave nothing.
fn empty_role(session: &Session) -> &'static str {
    if session.context.on_actions {
        "`role-to-assume` is empty: where a variable fills it, is that set in this job's `environment:`, and spelled so?\n"
    } else {
        ""
    }
}

/// The refusal of a token that `error` is about.
fn refusal(error: &CredentialsError) -> Option<Refusal> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = next {
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return Some(refusal.clone());
        }
        next = cause.source();
    }
    None
}

/// `config` whose credentials are `first` until somebody asks again, because they expire: so they are not obtained twice.
pub(super) fn starting_with(first: Credentials, config: SdkConfig) -> SdkConfig {
    let Some(source) = config.credentials_provider() else { return config };
    let provider = Obtained { first: Mutex::new(Some(first)), source };
    config.to_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}

/// Credentials that were obtained, and where to get the next ones.
#[derive(Debug)]
struct Obtained {
    first: Mutex<Option<Credentials>>,
    source: SharedCredentialsProvider,
}

impl ProvideCredentials for Obtained {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        match self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(first) => future::ProvideCredentials::ready(Ok(first)),
            None => self.source.provide_credentials(),
        }
    }
}

/// `slipway-OWNER-REPO-RUN`, in the characters and the length STS allows.
fn default_session_name(context: &Context) -> String {
    let parts = [context.repository.as_deref(), context.run_id.as_deref()];
    let name: String = std::iter::once("slipway")
        .chain(parts.into_iter().flatten())
        .collect::<Vec<_>>()
        .join("-")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' })
        .take(64)
        .collect();
    name
}
