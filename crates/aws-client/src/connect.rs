//! From the shared inputs to one configuration whose credentials are known to work.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actions_core::{ActionError, Context, ExitCode, Session};
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use loopback::Pace;

use crate::args::{AccountId, AwsInputs, RoleArn};
use crate::error::{ApiError, api_error, causes};
use crate::http;
use crate::oidc::{TokenService, WebIdentityRole};
use crate::policy::Place;
use crate::refusal::Refusal;

/// How often a call is tried in all, unless `AWS_MAX_ATTEMPTS` says otherwise.
const ATTEMPTS: u32 = 5;

/// The first pause is up to this long, and each further one up to twice as long, up to the longest: the SDK's own values.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(20));

/// A shorter secret is a word that somebody made up for an emulator; hiding it would destroy every text around it.
const SHORTEST_SECRET: usize = 16;

/// A configuration with credentials that were obtained, for the account that was allowed.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    region: String,
    account: Option<String>,
    place: Place,
    pace: Pace,
}

/// No usable configuration.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ConnectError {
    /// No region is known. Exit code 2.
    ///
    /// No input and no variable names the region, and the region of a call cannot be guessed.
    #[error("no AWS region is set")]
    #[diagnostic(code("aws/no-region"), help("set the input `aws-region`, or AWS_REGION in the environment"))]
    NoRegion,
    /// No credentials were found. Exit code 2.
    ///
    /// `role-to-assume` is not set, and neither the environment nor a profile nor the machine offers credentials. What
    /// each source answered is printed under `why`.
    #[error("no AWS credentials were found")]
    #[diagnostic(
        code("aws/no-credentials"),
        help(
            "in a workflow set the input `role-to-assume` and give the job `permissions: id-token: write`; at a shell log in \
             (`aws sso login`) or set AWS_PROFILE"
        )
    )]
    NoCredentials {
        /// What each source answered.
        why: String,
    },
    /// The job may not ask for an OIDC token. Exit code 2.
    ///
    /// The job's permissions do not include `id-token: write`. A `permissions:` block takes away everything it does not
    /// name; pull requests from forks never get a token.
    #[error("the job cannot get an OIDC token for `{role}`")]
    #[diagnostic(
        code("aws/no-id-token"),
        help(
            "write these lines into job `{job}` of the workflow (a job's `permissions:` replace those of the workflow), and into the job \
             that calls it where it is a reusable one:\npermissions:\n  contents: read\n  id-token: write"
        )
    )]
    NoIdToken {
        /// The role.
        role: String,
        /// The job.
        job: String,
    },
    /// The role could not be assumed. Exit code 1.
    ///
    /// The token service or STS gave no usable answer, or the ambient credentials may not assume the role. Their words are
    /// printed under `why`; a token that STS refuses has codes of its own.
    #[error("role `{role}` cannot be assumed")]
    #[diagnostic(
        code("aws/role-not-assumed"),
        help(
            "check that the role exists, and that its trust policy names this repository in `sub` (repo:OWNER/REPO:ref:refs/heads/BRANCH \
             or repo:OWNER/REPO:environment:NAME) and `sts.amazonaws.com` in `aud`"
        )
    )]
    RoleNotAssumed {
        /// The role.
        role: String,
        /// What STS or the token service answered.
        why: String,
    },
    /// The account is not one of `allowed-account-ids`. Exit code 2.
    ///
    /// The role or the profile belongs to another account than the ones that this workflow may touch. The check comes
    /// before the first change.
    #[error("the credentials belong to account {account}, which is not in `allowed-account-ids` ({allowed})")]
    #[diagnostic(
        code("aws/wrong-account"),
        help("use credentials of an allowed account, or add the account if it was meant; nothing was changed")
    )]
    WrongAccount {
        /// The account of the credentials.
        account: String,
        /// The accounts that were allowed.
        allowed: String,
    },
    /// STS does not exchange the job's token.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Refused(#[from] Refusal),
    /// The account could not be asked for.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Api(#[from] ApiError),
}

impl ActionError for ConnectError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoRegion | Self::NoCredentials { .. } | Self::NoIdToken { .. } | Self::WrongAccount { .. } => {
                ExitCode::BadInput
            }
            Self::RoleNotAssumed { .. } => ExitCode::Failed,
            Self::Refused(refusal) => refusal.exit_code(),
            Self::Api(error) => error.exit_code(),
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::NoCredentials { why } | Self::RoleNotAssumed { why, .. } => Some(why.clone()),
            Self::NoIdToken { .. } => {
                Some("the job's permissions do not include `id-token: write`, so GitHub offers it no token".to_owned())
            }
            Self::Refused(refusal) => refusal.why(),
            Self::Api(error) => error.why(),
            Self::NoRegion | Self::WrongAccount { .. } => None,
        }
    }
}

impl Aws {
    /// Builds the configuration, obtains credentials and checks the account. Reads only.
    pub async fn connect(inputs: &AwsInputs, session: &Session) -> Result<Self, ConnectError> {
        let ambient = loader(inputs, session).load().await;
        let region = ambient.region().ok_or(ConnectError::NoRegion)?.to_string();
        let config = match &inputs.role {
            Some(role) => with_role(role, inputs, session, &ambient).await?,
            None => ambient,
        };
        let first = obtain(&config, inputs.role.as_ref(), session).await?;
        let config = starting_with(first, config);
        let place = Place::new(&region, inputs.role.as_ref().map(|role| role.account().to_owned()));
        let mut aws = Self { config, region, account: None, place, pace: pace(session) };
        if !inputs.allowed_account_ids.is_empty() {
            aws.account = Some(aws.check_account(&inputs.allowed_account_ids).await?);
            aws.place.account.clone_from(&aws.account);
        }
        Ok(aws)
    }

    /// The configuration to make the SDK's clients from.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The region, for example `eu-west-1`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account, when `allowed-account-ids` made us ask for it.
    pub fn account_id(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Where this configuration's resources are, for ARNs. The account is known when a role was assumed or when
    /// `allowed-account-ids` made us ask for it.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The endpoint that replaces AWS's own (`AWS_ENDPOINT_URL`), in a rehearsal.
    pub fn endpoint(&self) -> Option<&str> {
        self.config.endpoint_url()
    }

    /// The pace of waits and time-outs, which tests quicken.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Retries as usual, but up to `attempts` in all.
    pub fn retries(&self, attempts: u32) -> RetryConfig {
        retries(attempts, self.pace)
    }

    /// The partition of the region (<https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>).
    pub fn partition(&self) -> &'static str {
        partition_of(&self.region)
    }

    /// The account of the credentials (`sts:GetCallerIdentity`, which needs no permission).
    pub async fn account(&self) -> Result<String, ApiError> {
        if let Some(account) = &self.account {
            return Ok(account.clone());
        }
        let identity = aws_sdk_sts::Client::new(&self.config)
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| api_error("sts", "GetCallerIdentity", None, &error))?;
        Ok(identity.account().unwrap_or_default().to_owned())
    }

    async fn check_account(&self, allowed: &[AccountId]) -> Result<String, ConnectError> {
        let account = self.account().await?;
        if allowed.iter().any(|id| id.as_str() == account) {
            return Ok(account);
        }
        let allowed = allowed.iter().map(AccountId::as_str).collect::<Vec<_>>().join(", ");
        Err(ConnectError::WrongAccount { account, allowed })
    }
}

/// The partition of a region, by how the region's name begins.
pub(crate) fn partition_of(region: &str) -> &'static str {
    [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ]
    .iter()
    .find(|(prefix, _)| region.starts_with(prefix))
    .map_or("aws", |(_, partition)| partition)
}

fn loader(inputs: &AwsInputs, session: &Session) -> ConfigLoader {
    // An explicit setting would win over the SDK's own variable, so the variable is read here.
    let attempts = session.environment.get("AWS_MAX_ATTEMPTS").and_then(|text| text.parse().ok()).unwrap_or(ATTEMPTS);
    let pace = pace(session);
    let time_outs = TimeoutConfig::builder()
        .connect_timeout(pace.of(http::CONNECT_TIMEOUT))
        .read_timeout(pace.of(http::READ_TIMEOUT))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http::client())
        .retry_config(retries(attempts, pace))
        .timeout_config(time_outs);
    if let Ok(name) = AppName::new(concat!("slipway-", env!("CARGO_PKG_VERSION"))) {
        loader = loader.app_name(name);
    }
    match &inputs.region {
        Some(region) => loader.region(Region::new(region.clone())),
        None => loader,
    }
}

/// The pace of AWS's clients: theirs is this machine where `AWS_ENDPOINT_URL` and those of single services all are.
fn pace(session: &Session) -> Pace {
    let Some(all) = session.environment.get("AWS_ENDPOINT_URL") else { return Pace::USUAL };
    let single = ["STS", "S3", "ECS", "ECR", "CLOUDFRONT"].map(|service| format!("AWS_ENDPOINT_URL_{service}"));
    let single = single.iter().filter_map(|name| session.environment.get(name)).map(Pace::towards);
    single.fold(Pace::towards(all), Pace::slower)
}

fn retries(attempts: u32, pace: Pace) -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(attempts)
        .with_initial_backoff(pace.of(BACKOFF.0))
        .with_max_backoff(pace.of(BACKOFF.1))
}

/// `ambient` with the role's credentials: by the job's OIDC token, or outside of a job by the ambient credentials.
async fn with_role(
    role: &RoleArn,
    inputs: &AwsInputs,
    session: &Session,
    ambient: &SdkConfig,
) -> Result<SdkConfig, ConnectError> {
    let session_name = inputs.session_name.clone().unwrap_or_else(|| default_session_name(&session.context));
    let provider = match TokenService::from_environment(&session.environment) {
        Some(service) => SharedCredentialsProvider::new(WebIdentityRole {
            service,
            role: role.clone(),
            allowed: inputs.allowed_account_ids.clone(),
            session_name,
            duration: inputs.role_duration,
            config: unsigned(ambient),
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
async fn obtain(config: &SdkConfig, role: Option<&RoleArn>, session: &Session) -> Result<Credentials, ConnectError> {
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
        None => ConnectError::NoCredentials { why },
    })
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
fn starting_with(first: Credentials, config: SdkConfig) -> SdkConfig {
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

#[cfg(test)]
mod tests {
    use super::partition_of;

    #[test]
    fn a_region_lies_in_one_partition() {
        let regions = ["eu-west-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "cn-north-1"];
        let expected = ["aws", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-cn"];
        assert_eq!(regions.map(partition_of), expected);
    }
}
