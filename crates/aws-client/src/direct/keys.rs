//! The credentials, which several threads use and one renews.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::identity::Identity;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::connect::Aws;

/// Credentials that end sooner are renewed before they are used.
const MARGIN: Duration = Duration::from_mins(1);

/// Credentials as a signature wants them.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) identity: Identity,
    until: Option<SystemTime>,
    key: String,
}

/// The credentials of a run.
#[derive(Debug)]
pub(super) struct Keys {
    held: RwLock<Option<Arc<Held>>>,
    /// The key that was refused as expired; a source that keeps what it gave is asked once more.
    refused: Mutex<Option<String>>,
    /// Whether others were asked for without its being said that these expired.
    doubted: AtomicBool,
    source: Option<SharedCredentialsProvider>,
    /// Whose connections the source uses.
    runtime: Handle,
}

impl Keys {
    pub(super) fn new(aws: &Aws) -> Self {
        let first = Arc::new(Held::of(aws.first_credentials().clone()));
        Self {
            held: RwLock::new(Some(first)),
            refused: Mutex::default(),
            doubted: AtomicBool::new(false),
            source: aws.config().credentials_provider(),
            runtime: Handle::current(),
        }
    }

    /// Credentials that are valid for a while.
    pub(super) async fn get(&self) -> Result<Arc<Held>, CredentialsError> {
        if let Some(held) = self.valid() {
            return Ok(held);
        }
        let mut refused = self.refused.lock().await;
        // Another thread was first.
        if let Some(held) = self.valid() {
            return Ok(held);
        }
        let mut found = self.ask().await?;
        if refused.take().is_some_and(|key| key == found.key) {
            found = self.ask().await?;
        }
        let found = Arc::new(found);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&found));
        Ok(found)
    }

    /// Asks for other credentials next time: `expired` were refused. What others have renewed since stays.
    pub(super) async fn forget(&self, expired: &Arc<Held>) {
        let mut refused = self.refused.lock().await;
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.take_if(|held| Arc::ptr_eq(held, expired)).is_some() {
            *refused = Some(expired.key.clone());
        }
    }

    /// Asks for other credentials next time, once: `held` may be what was refused. Returns whether there are others then, or already.
    pub(super) async fn doubt(&self, held: &Arc<Held>) -> bool {
        let is_first = !self.doubted.swap(true, Ordering::Relaxed);
        if is_first {
            self.forget(held).await;
        }
        is_first || self.valid().is_none_or(|now| !Arc::ptr_eq(&now, held))
    }

    fn valid(&self) -> Option<Arc<Held>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        let is_valid = held.until.is_none_or(|until| until > SystemTime::now() + MARGIN);
        is_valid.then_some(held)
    }

    async fn ask(&self) -> Result<Held, CredentialsError> {
        let Some(source) = self.source.clone() else {
            return Err(CredentialsError::not_loaded("no source of credentials is configured"));
        };
        let asking = self.runtime.spawn(async move { source.provide_credentials().await });
        asking.await.map_err(CredentialsError::unhandled)?.map(Held::of)
    }
}

impl Held {
    fn of(credentials: Credentials) -> Self {
        let (until, key) = (credentials.expiry(), credentials.access_key_id().to_owned());
        Self { identity: credentials.into(), until, key }
    }
}
