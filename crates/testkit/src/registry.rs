//! An OCI distribution v1.1 registry in memory, with the manners of ECR on request.
//!
//! It verifies digests and references, never deletes on its own, and keeps no blob of an upload that was not completed.
//!
//! Each of its answers, and each request of our own clients, is held to a table of the specification's rules; what
//! breaks one fails the test when the registry is dropped. Where it has ECR's manners against the specification, it says so
//! with the reason (`FakeRegistryBuilder::quirks`).

mod auth;
mod blobs;
mod contract;
mod contrary;
mod ecr;
mod error;
mod manifests;
mod route;
mod store;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use auth::Auth;
use bytes::Bytes;
use contract::{Contract, Quirk};
use sha2::Digest as _;
pub use store::Manifest;
use store::Store;

use crate::fault::Faults;
use crate::http::{Exchange, Request};
use crate::server::{Server, StartError, blocking};

/// A running registry.
#[derive(Debug)]
pub struct FakeRegistry {
    server: Server,
    store: Arc<Mutex<Store>>,
    contract: Arc<Contract>,
}

/// Sets how a [`FakeRegistry`] behaves.
#[derive(Debug, Default)]
pub struct FakeRegistryBuilder {
    rules: Rules,
    repositories: Vec<String>,
}

/// The behavior of a registry.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    auth: Auth,
    immutability: Immutability,
    flavor: Flavor,
    repositories: Repositories,
    ranges: Ranges,
    contrary: bool,
}

/// Which tags may not be moved.
#[derive(Debug, Default)]
pub(crate) enum Immutability {
    #[default]
    Mutable,
    /// Every tag but those that match one of the patterns.
    Except(Vec<String>),
}

/// Whose habits the registry has.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    #[default]
    Standard,
    Ecr,
}

/// Which repositories exist.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repositories {
    #[default]
    OnFirstPush,
    Named,
}

/// Whether a part of a blob can be had.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ranges {
    #[default]
    Served,
    Ignored,
}

impl FakeRegistry {
    /// Starts an open registry: no authentication, tags may move, repositories exist on first push.
    pub fn start() -> Result<Self, StartError> {
        Self::builder().start()
    }

    /// Sets the behavior first.
    pub fn builder() -> FakeRegistryBuilder {
        FakeRegistryBuilder::default()
    }

    /// Returns the server's address with scheme.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns `127.0.0.1:PORT`, as image references name a registry.
    pub fn host(&self) -> String {
        self.server.address().to_string()
    }

    /// Returns the tags of a repository and the digest each points at.
    pub fn tags(&self, repository: &str) -> BTreeMap<String, String> {
        self.lock().find(repository).map(|found| found.tags.clone()).unwrap_or_default()
    }

    /// Returns a manifest by tag or digest.
    pub fn manifest(&self, repository: &str, reference: &str) -> Option<Manifest> {
        self.lock().find(repository)?.manifest(reference).cloned()
    }

    /// Returns a blob by digest.
    pub fn blob(&self, repository: &str, digest: &str) -> Option<Bytes> {
        self.lock().find(repository)?.blobs.get(digest).cloned()
    }

    /// Makes a repository exist.
    pub fn add_repository(&self, repository: &str) {
        self.lock().create(repository);
    }

    /// Stores a blob and returns its digest.
    pub fn put_blob(&self, repository: &str, content: impl Into<Bytes>) -> String {
        let content = content.into();
        let digest = digest(&content);
        self.lock().create(repository).blobs.insert(digest.clone(), content);
        digest
    }

    /// Stores a manifest under a tag without any check and returns its digest.
    pub fn put_manifest(&self, repository: &str, tag: &str, media_type: &str, body: impl Into<Bytes>) -> String {
        let manifest = Manifest::new(media_type, body.into());
        let digest = manifest.digest.clone();
        let mut store = self.lock();
        let repository = store.create(repository);
        repository.manifests.insert(digest.clone(), manifest);
        repository.tags.insert(tag.to_owned(), digest.clone());
        digest
    }

    /// Returns the recorded requests.
    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }

    /// Returns the recorded requests with their answers.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.server.exchanges()
    }

    /// Returns and forgets what broke the distribution specification.
    pub fn violations(&self) -> Vec<String> {
        self.contract.take()
    }

    /// Forgets the recorded requests.
    pub fn clear_requests(&self) {
        self.server.clear_requests();
    }

    /// Returns the faults of this server.
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FakeRegistry {
    fn drop(&mut self) {
        self.contract.assert_kept();
    }
}

impl FakeRegistryBuilder {
    /// Makes a repository exist; from then on only named repositories do, others answer `NAME_UNKNOWN`.
    #[must_use]
    pub fn repository(mut self, name: &str) -> Self {
        self.rules.repositories = Repositories::Named;
        self.repositories.push(name.to_owned());
        self
    }

    /// Demands this user and password on every request, as ECR does.
    #[must_use]
    pub fn basic_auth(mut self, user: &str, password: &str) -> Self {
        self.rules.auth = Auth::basic(user, password);
        self
    }

    /// Demands a bearer token, given out at `/token` for this user and password.
    #[must_use]
    pub fn token_auth(mut self, user: &str, password: &str) -> Self {
        self.rules.auth = Auth::token(user, password);
        self
    }

    /// As [`FakeRegistryBuilder::token_auth`], and refuses a request that shows the password itself, as `public.ecr.aws` does
    /// (<https://github.com/kreuzwerker/terraform-provider-docker/pull/666>).
    #[must_use]
    pub fn public_ecr_auth(mut self, user: &str, password: &str) -> Self {
        self.rules.auth = Auth::public_ecr(user, password);
        self
    }

    /// Refuses to move or repeat any tag, as ECR's `IMMUTABLE`.
    #[must_use]
    pub fn immutable_tags(self) -> Self {
        self.immutable_tags_except::<String>([])
    }

    /// Refuses to move or repeat a tag, except those that match a pattern, as ECR's `IMMUTABLE_WITH_EXCLUSION`.
    #[must_use]
    pub fn immutable_tags_except<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        self.rules.immutability = Immutability::Except(patterns.into_iter().map(Into::into).collect());
        self
    }

    /// Takes over ECR's habits: a chunk is answered 201 with the `Range` of the first chunk.
    #[must_use]
    pub fn ecr_quirks(mut self) -> Self {
        self.rules.flavor = Flavor::Ecr;
        self
    }

    /// Takes over every habit at once by which registries and proxies have made clients fail. It keeps to no contract then, and what
    /// it is asked is held to none.
    #[must_use]
    pub fn contrary(mut self) -> Self {
        self.rules.contrary = true;
        self.ecr_quirks()
    }

    /// Sends a blob whole whatever part was asked for, as a registry may.
    #[must_use]
    pub fn without_ranges(mut self) -> Self {
        self.rules.ranges = Ranges::Ignored;
        self
    }

    /// The rules of the specification that the registry breaks on purpose.
    fn quirks(&self) -> Vec<Quirk> {
        let mut quirks = Vec::new();
        if self.rules.flavor == Flavor::Ecr {
            let issue = "ECR answers a chunk 201 with the `Range` of the first one \
                (https://github.com/aws/containers-roadmap/issues/2831)";
            quirks.extend(["status", "chunk-status", "chunk-end", "upload-progress"].map(|rule| Quirk {
                rule,
                methods: if rule == "upload-progress" { &["GET"] } else { &["PATCH"] },
                reason: issue,
            }));
        }
        if matches!(self.rules.immutability, Immutability::Except(_)) {
            let reason = "the specification knows no immutable tags; ECR has `TAG_INVALID` for them, a code of its own";
            quirks.push(Quirk { rule: "error-code", methods: &["PUT"], reason });
        }
        quirks
    }

    /// Starts the server.
    pub fn start(self) -> Result<FakeRegistry, StartError> {
        let mut store = Store::default();
        for repository in &self.repositories {
            store.create(repository);
        }
        let store = Arc::new(Mutex::new(store));
        let shared = Arc::clone(&store);
        let contract = Arc::new(Contract::new(self.quirks()));
        let (checked, unanswered) = (Arc::clone(&contract), Arc::clone(&contract));
        let is_contrary = self.rules.contrary;
        let rules = Arc::new(self.rules);
        let server = Server::start_with(|address| {
            blocking(move |request| {
                let reply = match rules.auth.check(request, address) {
                    Err(reply) => reply,
                    Ok(()) => {
                        route::answer(&rules, &mut shared.lock().unwrap_or_else(PoisonError::into_inner), request)
                    }
                };
                if !rules.contrary {
                    checked.exchange(request, &reply);
                }
                reply
            })
        })?;
        if !is_contrary {
            server.watch_faults(move |request| unanswered.request(request));
        }
        Ok(FakeRegistry { server, store, contract })
    }
}

/// Computes the digest of a blob or manifest.
pub fn digest(content: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = "sha256:".to_owned();
    for byte in sha2::Sha256::digest(content) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests;
