//! From the shared inputs to one configuration whose credentials are known to work.

mod credentials;
mod error;
mod settings;

use actions_core::Session;
use aws_credential_types::Credentials;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use loopback::Pace;

use crate::args::{AccountId, AwsInputs};
use crate::call::replaced;
use crate::error::{ApiError, api_error};
use crate::policy::Place;
use credentials::{obtain, starting_with, with_role};
pub use error::ConnectError;
use settings::{loader, needs_tls, pace, retries};

/// A configuration with credentials that were obtained, for the account that was allowed.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    /// What was obtained at the start.
    first: Credentials,
    region: String,
    account: Option<String>,
    place: Place,
    pace: Pace,
    needs_tls: bool,
}

impl Aws {
    /// Builds the configuration, obtains credentials and checks the account. Reads only.
    pub async fn connect(inputs: &AwsInputs, session: &Session) -> Result<Self, ConnectError> {
        let needs_tls = needs_tls(inputs, session);
        if needs_tls && let Some(why) = tls_roots::lacking() {
            return Err(ConnectError::NoCertificates { why: why.to_owned() });
        }
        let ambient = loader(inputs, session).load().await;
        let region = ambient.region().ok_or(ConnectError::NoRegion)?.to_string();
        let config = match &inputs.role {
            Some(role) => with_role(role, inputs, session, &ambient).await?,
            None => ambient,
        };
        let first = obtain(&config, inputs.role.as_ref(), session).await?;
        let config = starting_with(first.clone(), config);
        let place = Place::new(&region, inputs.role.as_ref().map(|role| role.account().to_owned()));
        let mut aws = Self { config, first, region, account: None, place, pace: pace(session), needs_tls };
        if !inputs.allowed_account_ids.is_empty() {
            aws.account = Some(aws.check_account(&inputs.allowed_account_ids).await?);
            aws.place.account.clone_from(&aws.account);
        }
        Ok(aws)
    }

    /// What a test made itself.
    #[cfg(test)]
    pub(crate) fn of(config: SdkConfig, first: Credentials, pace: Pace) -> Self {
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        Self { config, first, account: None, place: Place::new(&region, None), region, pace, needs_tls: false }
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

    /// The same credentials and settings in another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        let place = Place::new(region, self.place.account.clone());
        Self {
            config,
            first: self.first.clone(),
            region: region.to_owned(),
            place,
            account: self.account.clone(),
            pace: self.pace,
            needs_tls: self.needs_tls,
        }
    }

    /// The endpoint that replaces AWS's own (`AWS_ENDPOINT_URL`), in a rehearsal.
    pub fn endpoint(&self) -> Option<&str> {
        self.config.endpoint_url()
    }

    /// The endpoint that replaces AWS's own for one service, by its id: that of the service's own setting, or [`Self::endpoint`].
    pub fn endpoint_of(&self, service: &str) -> Option<String> {
        replaced(&self.config, service)
    }

    /// The credentials that were obtained at the start.
    pub(crate) fn first_credentials(&self) -> &Credentials {
        &self.first
    }

    /// The pace of waits and time-outs, which tests quicken.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Whether something may go over TLS.
    pub(crate) fn needs_tls(&self) -> bool {
        self.needs_tls
    }

    /// Retries as usual, but up to `attempts` in all.
    pub fn retries(&self, attempts: u32) -> RetryConfig {
        retries(attempts, self.pace)
    }

    /// The partition of the region.
    pub fn partition(&self) -> &'static str {
        self.place.partition
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
