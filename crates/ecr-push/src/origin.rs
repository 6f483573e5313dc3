//! The registries that images are taken from, and what is read there. Nothing is ever written to them.

use std::collections::{BTreeMap, BTreeSet};

use actions_core::Session;
use aws_client::{Aws, AwsInputs, RoleArn};
use ecr::{Host, Logins};
use futures::{StreamExt as _, TryStreamExt as _};
use image_ref::{Digest, EcrRegistry, ImageReference, Reference, RegistryHost};
use oci_image::{DOCUMENT_LIMIT, Descriptor, ImageConfig, Index, IndexWalk, Manifest, ManifestBudget, media_type};
use oci_registry::{Auth, BlobSource, Endpoint, Registry, RemoteBlob};
use serde::Deserialize;

use crate::bundle::{Bundle, Document, Labels, Parsed, Referrers, labels};
use crate::destination::RegistryType;
use crate::error::{Error, SourceError};
use crate::inputs::Inputs;

/// The secret input with the password of a registry that is none of ECR's.
pub(crate) const PASSWORD: &str = "source-password";

/// How many manifests are read at once.
const AT_ONCE: usize = 8;

/// How many manifests may refer to an image.
const MOST_REFERRERS: usize = 100;

/// How far what refers to what refers to an image is followed.
const REFERRED: usize = 2;

/// Who may read the registries, and what is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The role that reads, where it is not the one that writes.
    pub role: Option<RoleArn>,
    /// The user of a registry that is none of ECR's.
    pub username: Option<String>,
    /// What happens to signatures and attestations.
    pub referrers: ReferrerRule,
    /// Where the registries answer instead, on this machine.
    pub endpoint_override: Option<Endpoint>,
}

/// What happens to what refers to an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ReferrerRule {
    /// It comes along where the registry takes it.
    #[default]
    Copy,
    /// There has to be some, and all of it has to come along.
    Require,
    /// It stays where it is.
    None,
}

/// The registries of one run, each connected once.
pub(crate) struct Origins<'a> {
    inputs: &'a Inputs,
    logins: &'a Logins,
    session: &'a Session,
    registries: BTreeMap<RegistryHost, Registry>,
}

impl<'a> Origins<'a> {
    pub(crate) fn new(inputs: &'a Inputs, logins: &'a Logins, session: &'a Session) -> Self {
        Self { inputs, logins, session, registries: BTreeMap::new() }
    }

    /// The image `reference`, which nobody has looked at yet.
    pub(crate) async fn image(&mut self, reference: &ImageReference) -> Result<RemoteImage, Error> {
        // `Source::parse` lets no other reference through.
        let (Some(host), Some(name)) = (&reference.registry, reference.reference()) else {
            return Err(SourceError::Missing { path: reference.to_string() }.into());
        };
        if !self.registries.contains_key(host) {
            let registry = self.connect(host).await?;
            self.registries.insert(host.clone(), registry);
        }
        let registry = self.registries[host].clone();
        Ok(RemoteImage { registry, reference: reference.clone(), name })
    }

    async fn connect(&self, host: &RegistryHost) -> Result<Registry, Error> {
        let overridden = self.inputs.origin.endpoint_override.clone();
        let overridden_as_ours = || overridden.clone().or_else(|| self.inputs.registry_override.clone());
        let of_ecr = Host::of(host.as_str());
        let (endpoint, auth) = match &of_ecr {
            Some(Host::Private(ecr)) => {
                let endpoint = overridden_as_ours().map_or_else(|| ecr::endpoint(ecr, self.logins.aws()), Ok);
                (endpoint, self.log_in(ecr.clone()).await?)
            }
            // Where it is written to, its password is there.
            Some(own @ Host::Public) if self.inputs.registry() == RegistryType::Public => {
                let endpoint = overridden_as_ours().map_or_else(|| Endpoint::of(host), Ok);
                (endpoint, self.logins.auth(own, self.session).await?)
            }
            // Else it is read without one, which needs no permission.
            Some(Host::Public) => (overridden.map_or_else(|| Endpoint::of(host), Ok), Auth::Anonymous),
            None => (overridden.map_or_else(|| Endpoint::of(host), Ok), self.other()),
        };
        endpoint.and_then(|endpoint| ecr::registry(of_ecr.as_ref(), endpoint, auth)).map_err(Error::Registry)
    }

    async fn log_in(&self, ecr: EcrRegistry) -> Result<Auth, Error> {
        let Some(role) = &self.inputs.origin.role else {
            return Ok(self.logins.auth(&Host::Private(ecr), self.session).await?);
        };
        // The accounts that may be changed are those of the target: nothing is changed here.
        let inputs = AwsInputs {
            region: Some(ecr.region().to_owned()),
            role: Some(role.clone()),
            allowed_account_ids: Vec::new(),
            ..self.inputs.aws.clone()
        };
        let aws = Aws::connect(&inputs, self.session).await?;
        Ok(Logins::new(aws).auth(&Host::Private(ecr), self.session).await?)
    }

    /// Who we are for a registry that is none of ECR's.
    fn other(&self) -> Auth {
        match (&self.inputs.origin.username, self.session.secret(PASSWORD)) {
            (Some(username), Some(password)) => Auth::Basic { username: username.clone(), password: password.clone() },
            _ => Auth::Anonymous,
        }
    }
}

/// An image of another registry.
#[derive(Debug, Clone)]
pub(crate) struct RemoteImage {
    registry: Registry,
    reference: ImageReference,
    name: Reference,
}

/// The media type that a document names itself.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "mediaType", default)]
    media_type: String,
}

impl RemoteImage {
    /// The image that has a digest in a repository.
    pub(crate) fn at(registry: Registry, repository: &ImageReference, digest: &Digest) -> Self {
        let reference = ImageReference { tag: None, digest: Some(digest.clone()), ..repository.clone() };
        Self { registry, reference, name: Reference::Digest(digest.clone()) }
    }

    /// What it was named.
    pub(crate) fn reference(&self) -> &ImageReference {
        &self.reference
    }

    /// Reads the image's manifests, and its labels where they are asked for.
    pub(crate) async fn read(&self, with_labels: bool) -> Result<Bundle, Error> {
        let budget = ManifestBudget::default();
        let root = self.document(&self.name, &budget).await?;
        let (mut indexes, mut images) = (Vec::new(), Vec::new());
        let (mut needs, mut scannable) = (Needs::default(), Vec::new());
        let mut need = |digest: &Digest, manifest: Manifest| {
            let is_image = !manifest.is_attestation();
            needs.add(manifest.config, manifest.layers, is_image);
            if is_image {
                scannable.push(digest.clone());
            }
        };
        // What tags point at is written on its own.
        match Parsed::of(&root).map_err(Error::Image)? {
            Parsed::Image(manifest) => need(&root.digest, manifest),
            Parsed::Index(index) => {
                let (below, listed) = self.below(&root.digest, index, &budget).await?;
                indexes = below;
                for document in listed {
                    need(&document.digest, self.image_of(&document)?);
                    images.push(document);
                }
            }
        }
        let labels = if with_labels { self.labels(&needs.configs).await? } else { Vec::new() };
        let blobs = needs.blobs.iter().map(|blob| self.blob(blob)).collect();
        Ok(Bundle { root, images, indexes, blobs, scannable, labels })
    }

    /// Reads what lies below an index: the indexes, the lowest first, and the images.
    async fn below(
        &self,
        root: &Digest,
        index: Index,
        budget: &ManifestBudget,
    ) -> Result<(Vec<Document>, Vec<Document>), Error> {
        let mut walk = IndexWalk::new(root, index).map_err(|error| self.unusable(&error))?;
        let mut indexes = Vec::new();
        while let Some(level) = walk.next_level() {
            for document in self.documents(&digests(&level), budget).await? {
                let Parsed::Index(index) = Parsed::of(&document).map_err(Error::Image)? else {
                    return Err(self.not_as_listed(&document));
                };
                walk.add(index).map_err(|error| self.unusable(&error))?;
                indexes.push(document);
            }
        }
        indexes.reverse();
        Ok((indexes, self.documents(&digests(walk.images()), budget).await?))
    }

    /// The manifest of what an index lists as an image.
    fn image_of(&self, document: &Document) -> Result<Manifest, Error> {
        match Parsed::of(document).map_err(Error::Image)? {
            Parsed::Image(manifest) => Ok(manifest),
            Parsed::Index(_) => Err(self.not_as_listed(document)),
        }
    }

    /// Reads what refers to the image, and to its images.
    pub(crate) async fn referrers(&self, bundle: &Bundle) -> Result<Referrers, Error> {
        let mut subjects: Vec<Digest> = bundle.subjects().cloned().collect();
        let mut seen: BTreeSet<Digest> = subjects.iter().cloned().collect();
        let (mut documents, mut needs) = (Vec::new(), Needs::default());
        let budget = ManifestBudget::default();
        for _ in 0..REFERRED {
            let lists = futures::stream::iter(subjects)
                .map(async |subject| self.registry.referrers(&self.reference.repository, &subject).await)
                .buffered(AT_ONCE);
            let lists: Vec<_> = lists.try_collect().await.map_err(|error| self.refused(error))?;
            let mut found: Vec<Digest> = lists.into_iter().flatten().map(|referrer| referrer.digest).collect();
            found.retain(|digest| seen.insert(digest.clone()));
            if documents.len() + found.len() > MOST_REFERRERS {
                let problem = format!("more than {MOST_REFERRERS} manifests refer to it");
                return Err(SourceError::Unusable { image: self.reference.to_string(), problem }.into());
            }
            for document in self.documents(&found, &budget).await? {
                if let Parsed::Image(manifest) = Parsed::of(&document).map_err(Error::Image)? {
                    needs.add(manifest.config, manifest.layers, false);
                }
                documents.push(document);
            }
            subjects = found;
        }
        Ok(Referrers { documents, blobs: needs.blobs.iter().map(|blob| self.blob(blob)).collect() })
    }

    async fn documents(&self, digests: &[Digest], budget: &ManifestBudget) -> Result<Vec<Document>, Error> {
        let documents =
            digests.iter().map(async |digest| self.document(&Reference::Digest(digest.clone()), budget).await);
        futures::stream::iter(documents).buffered(AT_ONCE).try_collect().await
    }

    /// Reads a manifest, as long as `budget` has bytes for it.
    async fn document(&self, name: &Reference, budget: &ManifestBudget) -> Result<Document, Error> {
        let found = self.registry.get_manifest(&self.reference.repository, name).await;
        let found = found.map_err(|error| self.refused(error))?;
        let size = u64::try_from(found.bytes.len()).unwrap_or(u64::MAX);
        budget.spend(size).map_err(|error| self.unusable(&error))?;
        let own = serde_json::from_slice(&found.bytes).map(|kind: Kind| kind.media_type).unwrap_or_default();
        let media_type = if own.is_empty() { found.media_type } else { own };
        Ok(Document { digest: found.digest, media_type, bytes: found.bytes })
    }

    async fn labels(&self, configs: &[Descriptor]) -> Result<Vec<Labels>, Error> {
        let read = configs.iter().map(async |config| {
            if config.size > DOCUMENT_LIMIT {
                let (digest, size) = (config.digest.clone(), config.size);
                return Err(Error::Image(oci_image::Error::DocumentTooLarge { digest, size }));
            }
            let mut bytes = Vec::new();
            let pull = self.registry.pull_blob(&self.reference.repository, &config.digest, config.size, &mut bytes);
            pull.await.map_err(|error| self.refused_as(error, "GetDownloadUrlForLayer"))?;
            ImageConfig::parse(&bytes).map(labels).map_err(Error::Image)
        });
        futures::stream::iter(read).buffered(AT_ONCE).try_collect().await
    }

    fn blob(&self, descriptor: &Descriptor) -> BlobSource {
        BlobSource::Remote(RemoteBlob {
            registry: self.registry.clone(),
            repository: self.reference.repository.clone(),
            digest: descriptor.digest.clone(),
            size: descriptor.size,
        })
    }

    /// The registry's error; what ECR denies names the action and the repository.
    fn refused(&self, error: oci_registry::Error) -> Error {
        self.refused_as(error, "BatchGetImage")
    }

    fn refused_as(&self, error: oci_registry::Error, operation: &str) -> Error {
        match arn_of(&self.reference) {
            Some(arn) => Error::registry(error, operation, &arn),
            None => Error::Registry(error),
        }
    }

    fn unusable(&self, error: &oci_image::Error) -> Error {
        SourceError::Unusable { image: self.reference.to_string(), problem: error.to_string() }.into()
    }

    fn not_as_listed(&self, document: &Document) -> Error {
        let problem = format!("its index lists `{}` as another kind of manifest than it is", document.digest);
        SourceError::Unusable { image: self.reference.to_string(), problem }.into()
    }
}

fn digests(descriptors: &[Descriptor]) -> Vec<Digest> {
    descriptors.iter().map(|descriptor| descriptor.digest.clone()).collect()
}

/// The ARN of the repository of an image; `None` where it is in no registry of ECR.
pub(crate) fn arn_of(image: &ImageReference) -> Option<String> {
    let registry = EcrRegistry::parse(image.registry.as_ref()?.as_str()).ok()?;
    Some(ecr::arn(&registry, &image.repository))
}

/// What manifests need, each digest once.
#[derive(Default)]
struct Needs {
    seen: BTreeSet<Digest>,
    blobs: Vec<Descriptor>,
    configs: Vec<Descriptor>,
}

impl Needs {
    fn add(&mut self, config: Descriptor, layers: Vec<Descriptor>, is_image: bool) {
        if is_image {
            self.configs.push(config.clone());
        }
        let stored = layers.into_iter().filter(|layer| !media_type::is_foreign_layer(&layer.media_type));
        for blob in std::iter::once(config).chain(stored) {
            if self.seen.insert(blob.digest.clone()) {
                self.blobs.push(blob);
            }
        }
    }
}
