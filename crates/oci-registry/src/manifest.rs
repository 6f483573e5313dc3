//! Manifests: look, pull, push.

use bytes::Bytes;
use image_ref::{Algorithm, Digest, Hasher, Reference, RepositoryName};
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Response, StatusCode};

use crate::answer::{LONGEST_MANIFEST, Subject, read};
use crate::call::{Call, Payload};
use crate::error::Error;
use crate::registry::Registry;
use crate::retry::retrying;

/// Every kind of manifest we know, as a registry converts what is not in the list; and any other, so that a tag that holds
/// something else (an artifact, an old image) does not read as a tag that is free.
const MANIFESTS: HeaderValue = HeaderValue::from_static(
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json, */*",
);

/// The header that names a manifest's digest.
const DIGEST: &str = "docker-content-digest";

/// A manifest as a registry describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestHead {
    /// Its digest.
    pub digest: Digest,
    /// Its media type; empty when the registry did not say.
    pub media_type: String,
    /// Its length.
    pub size: u64,
}

/// A manifest, byte for byte; the bytes fit the digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its digest.
    pub digest: Digest,
    /// Its media type; empty when the registry did not say.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Registry {
    /// What the registry knows about a manifest; `None` when there is none, or no such repository.
    pub async fn head_manifest(
        &self,
        repository: &RepositoryName,
        reference: &Reference,
    ) -> Result<Option<ManifestHead>, Error> {
        retrying(&self.counters.retries, self.pace, async || {
            let call = self.manifest_call(Method::HEAD, repository, reference).with_header(ACCEPT, MANIFESTS);
            let Some(response) = self.send_for_existing(&call).await? else { return Ok(None) };
            if let Some(digest) = digest_header(&response).filter(|digest| digest.algorithm() == algorithm(reference)) {
                let (media_type, size) = (media_type(&response), content_length(&response));
                return Ok(Some(ManifestHead { digest, media_type, size }));
            }
            // The header is optional in the specification, and may be of another algorithm than ours: then the manifest itself tells.
            let Manifest { digest, media_type, bytes } = match self.get_once(repository, reference).await {
                Err(Error::ManifestUnknown { .. }) => return Ok(None),
                found => found?,
            };
            let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            Ok(Some(ManifestHead { digest, media_type, size }))
        })
        .await
    }

    /// Pulls a manifest and checks its digest.
    pub async fn get_manifest(&self, repository: &RepositoryName, reference: &Reference) -> Result<Manifest, Error> {
        retrying(&self.counters.retries, self.pace, async || self.get_once(repository, reference).await).await
    }

    async fn get_once(&self, repository: &RepositoryName, reference: &Reference) -> Result<Manifest, Error> {
        let call = self.manifest_call(Method::GET, repository, reference).with_header(ACCEPT, MANIFESTS);
        let response = self.send(&call).await?;
        let media_type = media_type(&response);
        let promised = match reference {
            Reference::Digest(digest) => Some(digest.clone()),
            Reference::Tag(_) => digest_header(&response),
        };
        let bytes = read(&self.endpoint, response, LONGEST_MANIFEST).await?;
        match promised.map(|expected| (digest_by(expected.algorithm(), &bytes), expected)) {
            Some((digest, expected)) if expected != digest => Err(self.mismatch(expected, digest.to_string())),
            _ => Ok(Manifest { digest: digest_by(algorithm(reference), &bytes), media_type, bytes }),
        }
    }

    /// Pushes a manifest under a tag or by its digest. Its blobs and children must be there.
    pub async fn put_manifest(
        &self,
        repository: &RepositoryName,
        reference: &Reference,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<Digest, Error> {
        let expected = match reference {
            Reference::Digest(digest) => digest.clone(),
            Reference::Tag(_) => Digest::of(&bytes),
        };
        let media_type = HeaderValue::from_str(media_type).map_err(|_| Error::BadAnswer {
            registry: self.endpoint.to_string(),
            problem: "the manifest's media type cannot be sent".to_owned(),
        })?;
        retrying(&self.counters.retries, self.pace, async || {
            let call = self.manifest_call(Method::PUT, repository, reference).pushing();
            let call = call.with_header(CONTENT_TYPE, media_type.clone()).with_payload(Payload::Bytes(bytes.clone()));
            let response = self.send(&call).await?;
            match digest_header(&response) {
                Some(stored) if stored.algorithm() == expected.algorithm() && stored != expected => {
                    Err(self.mismatch(expected.clone(), stored.to_string()))
                }
                _ if response.status() == StatusCode::CREATED => Ok(expected.clone()),
                // Anything else is no promise: the answer of a page that a redirect led to looks like a success too.
                _ => self.kept(repository, reference, expected.clone(), response.status()).await,
            }
        })
        .await
    }

    /// Whether the registry has the manifest after an answer that does not say so.
    async fn kept(
        &self,
        repository: &RepositoryName,
        reference: &Reference,
        expected: Digest,
        status: StatusCode,
    ) -> Result<Digest, Error> {
        match self.get_once(repository, reference).await {
            Ok(found) if found.digest == expected => Ok(expected),
            Ok(_) | Err(Error::ManifestUnknown { .. } | Error::NameUnknown { .. }) => Err(Error::BadAnswer {
                registry: self.endpoint.to_string(),
                problem: format!("{status} to a manifest, which is not there"),
            }),
            Err(error) => Err(error),
        }
    }

    fn manifest_call<'a>(&self, method: Method, repository: &'a RepositoryName, reference: &'a Reference) -> Call<'a> {
        let url = self.endpoint.url(&format!("{repository}/manifests/{reference}"));
        Call::new(method, url, repository, Subject::Manifest(reference))
    }

    pub(crate) fn mismatch(&self, expected: Digest, found: String) -> Error {
        Error::DigestMismatch { registry: self.endpoint.to_string(), expected, found }
    }
}

/// The algorithm that a manifest of this name is known by: that of its digest, else the usual one.
fn algorithm(reference: &Reference) -> Algorithm {
    match reference {
        Reference::Digest(digest) => digest.algorithm(),
        Reference::Tag(_) => Algorithm::Sha256,
    }
}

fn digest_by(algorithm: Algorithm, bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new(algorithm);
    hasher.update(bytes);
    hasher.finish()
}

pub(crate) fn digest_header(response: &Response) -> Option<Digest> {
    Digest::parse(response.headers().get(DIGEST)?.to_str().ok()?).ok()
}

fn media_type(response: &Response) -> String {
    let header = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_owned()
}

/// The announced length. Of a HEAD request's answer reqwest itself knows only that its body is empty.
pub(crate) fn content_length(response: &Response) -> u64 {
    let header = response.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    header.and_then(|text| text.parse().ok()).unwrap_or_default()
}
