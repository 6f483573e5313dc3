//! The tags of a repository.

use image_ref::RepositoryName;
use reqwest::Method;
use serde::Deserialize;
use url::Url;

use crate::answer::{LONGEST_MANIFEST, Subject, read};
use crate::call::Call;
use crate::error::Error;
use crate::pages::Pages;
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

/// One page, and where the next one is.
#[derive(Default)]
struct Page {
    tags: Vec<String>,
    bytes: usize,
    next: Option<Url>,
}

impl Registry {
    /// All tags of a repository, in the registry's order; none where there is no such repository. A list of which a part cannot be had
    /// is an error.
    pub async fn tags(&self, repository: &RepositoryName) -> Result<Vec<String>, Error> {
        let mut pages = Pages::new(&self.endpoint, "tags", PAGES);
        let mut all = Vec::new();
        let mut url = self.endpoint.url(&format!("{repository}/tags/list"));
        url.query_pairs_mut().append_pair("n", PAGE);
        loop {
            let page = retrying(&self.counters.retries, self.pace, async || self.page(repository, &url, &pages).await);
            let page = page.await?;
            all.extend(page.tags);
            pages.read(url, page.bytes, page.next.as_ref())?;
            match page.next {
                Some(next) => url = next,
                None => return Ok(all),
            }
        }
    }

    async fn page(&self, repository: &RepositoryName, url: &Url, pages: &Pages<'_>) -> Result<Page, Error> {
        let call = Call::new(Method::GET, url.clone(), repository, Subject::Listing);
        let Some(response) = self.send_for_existing(&call).await? else { return Ok(Page::default()) };
        let next = pages.next(url, &response)?;
        let bytes = read(&self.endpoint, response, LONGEST_MANIFEST).await?;
        let listing: Listing = serde_json::from_slice(&bytes).map_err(|_| pages.wrong("cannot be read"))?;
        Ok(Page { tags: listing.tags.unwrap_or_default(), bytes: bytes.len(), next })
    }
}
