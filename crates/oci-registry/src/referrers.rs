//! What refers to an image: signatures, attestations, bills of materials
//! (<https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers>).

use image_ref::{Digest, ImageTag, Reference, RepositoryName};
use reqwest::header::{ACCEPT, HeaderValue, LINK};
use reqwest::{Method, Response, StatusCode};
use serde::Deserialize;
use url::Url;

use crate::answer::{LONGEST_MANIFEST, Subject, read};
use crate::call::Call;
use crate::error::Error;
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
    next: Option<Url>,
}

impl Registry {
    /// The manifests that refer to the manifest `subject`; those of its fallback tag where the registry keeps no list.
    pub async fn referrers(&self, repository: &RepositoryName, subject: &Digest) -> Result<Vec<Referrer>, Error> {
        let mut found = Vec::new();
        let mut url = self.endpoint.url(&format!("{repository}/referrers/{subject}"));
        for _ in 0..MOST_PAGES {
            let page = retrying(&self.counters.retries, self.pace, async || {
                self.referrers_page(repository, subject, &url).await
            })
            .await?;
            let Some(page) = page else { return self.fallback(repository, subject).await };
            found.extend(page.referrers);
            match page.next {
                Some(next) => url = next,
                None => return Ok(found),
            }
        }
        Err(self.bad_list("its list of referrers does not end"))
    }

    /// One page of the list; `None` where the registry does not know the question.
    async fn referrers_page(
        &self,
        repository: &RepositoryName,
        subject: &Digest,
        url: &Url,
    ) -> Result<Option<Page>, Error> {
        let call = Call::new(Method::GET, url.clone(), repository, Subject::Blob(subject)).with_header(ACCEPT, INDEX);
        let unsupported = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::BAD_REQUEST].map(|status| status.as_u16());
        let response = match self.send_for_existing(&call).await {
            Ok(Some(response)) => response,
            Ok(None) => return Ok(None),
            Err(Error::Service { status, .. }) if unsupported.contains(&status) => return Ok(None),
            Err(error) => return Err(error),
        };
        let next = self.next_page(url, &response)?;
        let body = read(&self.endpoint, response, LONGEST_MANIFEST).await?;
        let list: List = serde_json::from_slice(&body).map_err(|_| self.bad_list("its list of referrers is none"))?;
        Ok(Some(Page { referrers: list.manifests, next }))
    }

    /// The address of the next page, `<...>; rel="next"`, which has to be of this registry.
    fn next_page(&self, asked: &Url, response: &Response) -> Result<Option<Url>, Error> {
        let header = response.headers().get(LINK).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let Some((target, parameters)) = header.split_once('>') else { return Ok(None) };
        if !parameters.contains("next") {
            return Ok(None);
        }
        let next =
            asked.join(target.trim_start().trim_start_matches('<')).ok().filter(|next| self.endpoint.is_own(next));
        next.map(Some).ok_or_else(|| self.bad_list("the next page of its list of referrers is elsewhere"))
    }

    /// The list that clients themselves keep under a tag made of the digest.
    async fn fallback(&self, repository: &RepositoryName, subject: &Digest) -> Result<Vec<Referrer>, Error> {
        let tag = format!("{}-{}", subject.algorithm().name(), subject.hex());
        let Ok(tag) = ImageTag::parse(&tag) else { return Ok(Vec::new()) };
        match self.get_manifest(repository, &Reference::Tag(tag)).await {
            Ok(manifest) => {
                let list: Result<List, _> = serde_json::from_slice(&manifest.bytes);
                list.map(|list| list.manifests).map_err(|_| self.bad_list("its list of referrers is none"))
            }
            Err(Error::ManifestUnknown { .. } | Error::NameUnknown { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn bad_list(&self, problem: &str) -> Error {
        Error::BadAnswer { registry: self.endpoint.to_string(), problem: problem.to_owned() }
    }
}
