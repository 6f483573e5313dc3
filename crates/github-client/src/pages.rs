//! Finding the next page of a list in the `Link` header (RFC 8288).

use http::Uri;

use crate::answer::Answer;

/// Path and query of the next page. The host is left out on purpose: the token goes to the configured server only.
pub(crate) fn next_page(answer: &Answer) -> Option<String> {
    let links = answer.header("link")?;
    let next = links.split(',').find(|link| {
        link.split(';').skip(1).any(|parameter| matches!(parameter.trim(), "rel=\"next\"" | "rel=next"))
    })?;
    let target = next.split_once('<')?.1.split_once('>')?.0;
    let uri: Uri = target.parse().ok()?;
    Some(uri.path_and_query()?.as_str().to_owned())
}

#[cfg(test)]
mod tests;
