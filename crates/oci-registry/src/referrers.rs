//! What refers to an image: signatures, attestations, bills of materials
//! (<https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers>).

use image_ref::{Digest, ImageTag, Reference, RepositoryName};
use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use url::Url;

use crate::answer::{LONGEST_MANIFEST, Subject, read};
use crate::call::Call;
use crate::error::Error;
use crate::pages::Pages;
use crate::registry::Registry;
use crate::retry::retrying;

/// How many pages of a list are read.
const MOST_PAGES: usize = 20;

/// A list of manifests.
const INDEX: HeaderValue = HeaderValue::from_static("application/vnd.oci.image.index.v1+json");

/// A manifest that refers to another one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Referrer {
    /// Its digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// What it is, such as `application/vnd.dev.cosign.artifact.sig.v1+json`; empty when it does not say.
    #[serde(default)]
    pub artifact_type: String,
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    manifests: Vec<Referrer>,
}

/// One page, and where the next one is.
struct Page {
    referrers: Vec<Referrer>,
    bytes: usize,
    next: Option<Url>,
}

impl Registry {
    /// The manifests that refer to the manifest `subject`; those of its fallback tag where the registry keeps no list.
    pub async fn referrers(&self, repository: &RepositoryName, subject: &Digest) -> Result<Vec<Referrer>, Error> {
        let mut pages = Pages::new(&self.endpoint, "referrers", MOST_PAGES);
        let mut found = Vec::new();
        let mut url = self.endpoint.url(&format!("{repository}/referrers/{subject}"));
        loop {
            let page = retrying(&self.counters.retries, self.pace, async || {
                self.referrers_page(repository, subject, &url, &pages).await
            })
            .await?;
            let Some(page) = page else { return self.fallback(repository, subject, &pages).await };
            found.extend(page.referrers);
            pages.read(url, page.bytes, page.next.as_ref())?;
            match page.next {
                Some(next) => url = next,
                None => return Ok(found),
            }
        }
    }

    /// One page of the list; `None` where the registry does not know the question.
    async fn referrers_page(
        &self,
        repository: &RepositoryName,
        subject: &Digest,
        url: &Url,
        pages: &Pages<'_>,
    ) -> Result<Option<Page>, Error> {
        let call = Call::new(Method::GET, url.clone(), repository, Subject::Blob(subject)).with_header(ACCEPT, INDEX);
        let unsupported = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::BAD_REQUEST].map(|status| status.as_u16());
        let response = match self.send_for_existing(&call).await {
            Ok(Some(response)) => response,
            Ok(None) => return Ok(None),
            Err(Error::Service { status, .. }) if unsupported.contains(&status) => return Ok(None),
            Err(error) => return Err(error),
        };
        let next = pages.next(url, &response)?;
        let body = read(&self.endpoint, response, LONGEST_MANIFEST).await?;
        let list: List = serde_json::from_slice(&body).map_err(|_| pages.wrong("cannot be read"))?;
        Ok(Some(Page { referrers: list.manifests, bytes: body.len(), next }))
    }

    /// The list that clients themselves keep under a tag made of the digest.
    async fn fallback(
        &self,
        repository: &RepositoryName,
        subject: &Digest,
        pages: &Pages<'_>,
    ) -> Result<Vec<Referrer>, Error> {
        let tag = format!("{}-{}", subject.algorithm().name(), subject.hex());
        let Ok(tag) = ImageTag::parse(&tag) else { return Ok(Vec::new()) };
        match self.get_manifest(repository, &Reference::Tag(tag)).await {
            Ok(manifest) => {
                let list: Result<List, _> = serde_json::from_slice(&manifest.bytes);
                list.map(|list| list.manifests).map_err(|_| pages.wrong("cannot be read"))
            }
            Err(Error::ManifestUnknown { .. } | Error::NameUnknown { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}
