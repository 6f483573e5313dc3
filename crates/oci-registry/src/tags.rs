//! The tags of a repository.

use image_ref::RepositoryName;
use reqwest::header::LINK;
use reqwest::{Method, Response};
use serde::Deserialize;
use url::Url;

use crate::answer::{LONGEST_MANIFEST, Subject, read};
use crate::call::Call;
use crate::error::Error;
use crate::registry::Registry;
use crate::retry::retrying;

/// How many tags are asked for at once; ECR gives no more.
const PAGE: &str = "1000";

/// The most pages that are asked for.
const PAGES: usize = 100;

#[derive(Deserialize)]
struct Listing {
    /// `null` where a repository has none.
    tags: Option<Vec<String>>,
}

impl Registry {
    /// All tags of a repository, in the registry's order; none where there is no such repository.
    pub async fn tags(&self, repository: &RepositoryName) -> Result<Vec<String>, Error> {
        let mut all = Vec::new();
        let mut last = None;
        for _ in 0..PAGES {
            let (tags, next) =
                retrying(&self.counters.retries, self.pace, async || self.page(repository, last.as_deref()).await)
                    .await?;
            all.extend(tags);
            match next {
                // A page that begins where it began would never end.
                Some(next) if last.as_ref() != Some(&next) => last = Some(next),
                _ => return Ok(all),
            }
        }
        let problem = format!("more than {PAGES} pages of tags");
        Err(Error::BadAnswer { registry: self.endpoint.to_string(), problem })
    }

    /// The tags behind `last`, and the `last` of the next page.
    async fn page(
        &self,
        repository: &RepositoryName,
        last: Option<&str>,
    ) -> Result<(Vec<String>, Option<String>), Error> {
        let mut url = self.endpoint.url(&format!("{repository}/tags/list"));
        url.query_pairs_mut().append_pair("n", PAGE).extend_pairs(last.map(|last| ("last", last)));
        let call = Call::new(Method::GET, url, repository, Subject::Listing);
        let Some(response) = self.send_for_existing(&call).await? else { return Ok((Vec::new(), None)) };
        let next = next(&call.url, &response);
        let bytes = read(&self.endpoint, response, LONGEST_MANIFEST).await?;
        let listing: Listing = serde_json::from_slice(&bytes).map_err(|_| Error::BadAnswer {
            registry: self.endpoint.to_string(),
            problem: "its list of tags cannot be read".to_owned(),
        })?;
        Ok((listing.tags.unwrap_or_default(), next))
    }
}

/// Where the next page begins, by the `Link` header (RFC 5988). Only its query is believed: the address stays ours.
fn next(asked: &Url, response: &Response) -> Option<String> {
    let link = response.headers().get(LINK)?.to_str().ok()?;
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    if !parameters.contains("rel=\"next\"") && !parameters.contains("rel=next") {
        return None;
    }
    let url = asked.join(target).ok()?;
    url.query_pairs().find(|(name, _)| name == "last").map(|(_, value)| value.into_owned())
}
