//! Lists that a registry gives page by page: each page names the next one in its header `Link`
//! (<https://www.rfc-editor.org/rfc/rfc8288#section-3>).
//!
//! What cannot be read, leads elsewhere or has no end is an error: a list that is told as whole though a part of it is missing makes
//! old versions look like the newest.

use std::collections::BTreeSet;

use reqwest::Response;
use reqwest::header::LINK;
use url::Url;

use crate::endpoint::Endpoint;
use crate::error::Error;

/// How many bytes all pages of a list may have.
const LONGEST: usize = 16 * 1024 * 1024;

/// The pages of one list, as they are read.
pub(crate) struct Pages<'a> {
    endpoint: &'a Endpoint,
    /// What is listed, for errors.
    what: &'static str,
    most: usize,
    bytes: usize,
    asked: BTreeSet<Url>,
}

impl<'a> Pages<'a> {
    /// A list of `what` that has at most so many pages.
    pub(crate) fn new(endpoint: &'a Endpoint, what: &'static str, most: usize) -> Self {
        Self { endpoint, what, most, bytes: 0, asked: BTreeSet::new() }
    }

    /// Notes that the page at `url` was read, and how long it was. What the registry names next has to be a page that was not read yet.
    pub(crate) fn read(&mut self, url: Url, bytes: usize, next: Option<&Url>) -> Result<(), Error> {
        self.bytes += bytes;
        self.asked.insert(url);
        match next {
            Some(next) if self.asked.contains(next) => Err(self.wrong("goes round in circles")),
            Some(_) if self.asked.len() >= self.most => Err(self.wrong(&format!("has more than {} pages", self.most))),
            Some(_) if self.bytes > LONGEST => Err(self.wrong(&format!("has more than {LONGEST} bytes"))),
            _ => Ok(()),
        }
    }

    /// The address of the page behind the one that was `asked` for; `None` where that is the last one.
    pub(crate) fn next(&self, asked: &Url, response: &Response) -> Result<Option<Url>, Error> {
        let mut next = None;
        for header in response.headers().get_all(LINK) {
            let unreadable = || self.wrong("names its next page in words that cannot be read");
            let links = header.to_str().ok().and_then(links).ok_or_else(unreadable)?;
            for link in links.iter().filter(|link| link.is_next) {
                if next.replace(self.address(asked, link.target)?).is_some() {
                    return Err(self.wrong("names two next pages"));
                }
            }
        }
        Ok(next)
    }

    /// An address of this registry. The very list under another name of the registry is read under ours: behind a proxy, or by its
    /// FIPS name, a registry may not know which one was asked.
    fn address(&self, asked: &Url, target: &str) -> Result<Url, Error> {
        let link = asked.join(target).map_err(|_| self.wrong("names a next page that is no address"))?;
        if self.endpoint.is_own(&link) {
            return Ok(link);
        }
        if link.path() != asked.path() {
            return Err(self.wrong("goes on elsewhere"));
        }
        let mut own = asked.clone();
        own.set_query(link.query());
        Ok(own)
    }

    /// An error about the list.
    pub(crate) fn wrong(&self, problem: &str) -> Error {
        Error::BadAnswer {
            registry: self.endpoint.to_string(),
            problem: format!("its list of {} {problem}", self.what),
        }
    }
}

/// One link of a header.
#[derive(Debug, PartialEq, Eq)]
struct Link<'a> {
    target: &'a str,
    is_next: bool,
}

/// The links of a header; `None` when it is none of the standard's form.
fn links(header: &str) -> Option<Vec<Link<'_>>> {
    let mut links = Vec::new();
    let mut rest = header.trim();
    while !rest.is_empty() {
        let (target, behind) = rest.strip_prefix('<')?.split_once('>')?;
        let (parameters, behind) = behind.split_at(end_of_link(behind)?);
        links.push(Link { target, is_next: is_next(parameters)? });
        rest = behind.trim_start_matches([',', ' ', '\t']);
    }
    Some(links)
}

/// Where the parameters of a link end: at a comma that is in no quotes, or with the text; `None` where quotes stay open.
fn end_of_link(text: &str) -> Option<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => return Some(at),
            _ => {}
        }
    }
    (!is_quoted).then_some(text.len())
}

/// Whether the parameters have the relation `next`; the first `rel` counts. `None` where they are no parameters.
fn is_next(parameters: &str) -> Option<bool> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(false);
    }
    let mut parts = parameters.strip_prefix(';')?.split(';').map(str::trim);
    let relation = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("rel").then(|| value.trim().trim_matches('"'))
    });
    Some(relation.is_some_and(|relation| relation.split_whitespace().any(|name| name.eq_ignore_ascii_case("next"))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(header: &str, expected: Option<&[(&str, bool)]>) {
        let found = links(header).map(|links| links.iter().map(|link| (link.target, link.is_next)).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), expected, "{header}");
    }

    #[test]
    fn every_form_of_the_standard_is_read() {
        check("</v2/shop/tags/list?n=1&last=a>; rel=\"next\"", Some(&[("/v2/shop/tags/list?n=1&last=a", true)]));
        check("<?next_page=gAAA>;rel=next", Some(&[("?next_page=gAAA", true)]));
        check("</a>; title=\"x, y; rel=next\"; REL=\"prev Next\"", Some(&[("/a", true)]));
        check("</a>; rel=\"prev\", </b,c>; rel=\"next\"", Some(&[("/a", false), ("/b,c", true)]));
        check("</a>", Some(&[("/a", false)]));
        check("", Some(&[]));
    }

    #[test]
    fn anything_else_is_no_link() {
        for header in ["/v2/shop/tags/list?last=a", "</a; rel=next", "</a> rel=next", "</a>; rel=\"next", "next"] {
            check(header, None);
        }
    }

    fn address(asked: &str, target: &str) -> Result<String, String> {
        let endpoint = Endpoint::parse("https://registry.example").unwrap();
        let pages = Pages::new(&endpoint, "tags", 2);
        let next = pages.address(&Url::parse(asked).unwrap(), target);
        next.map(|url| url.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_page_is_of_this_registry_whatever_its_cursor() {
        let asked = "https://registry.example/v2/shop/tags/list?n=1000";
        for (target, expected) in [
            ("?next_page=x", "https://registry.example/v2/shop/tags/list?next_page=x"),
            ("/api/more/2", "https://registry.example/api/more/2"),
            ("http://registry.example/v2/shop/tags/list?last=b", "https://registry.example/v2/shop/tags/list?last=b"),
            ("https://other.example/v2/shop/tags/list?last=b", "https://registry.example/v2/shop/tags/list?last=b"),
        ] {
            assert_eq!(address(asked, target).unwrap(), expected);
        }
        for target in ["https://other.example/more", "//169.254.169.254/x", "http://[", "file:///etc/passwd"] {
            let told = address(asked, target).unwrap_err();
            assert!(told.contains("its list of tags"), "{told}");
        }
    }

    proptest! {
        #[test]
        fn no_header_is_read_without_an_end(header in "[ -~]{0,80}") {
            links(&header);
        }
    }
}
