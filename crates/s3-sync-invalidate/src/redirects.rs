//! Addresses that lead elsewhere: empty objects that the bucket's website answers with a redirect
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html>).
//!
//! Only the website endpoint of a bucket redirects; its REST endpoint shows the empty object.

use std::collections::BTreeMap;

/// What a redirect from a folder is stored as.
const INDEX: &str = "index.html";

/// The longest address that S3 redirects to, in bytes.
const LONGEST: usize = 2048;

/// One redirect: the path below the site, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redirect {
    from: String,
    to: String,
}

impl Redirect {
    /// Parses `from: to`; `from` is a path of the site, `to` one too or a whole address.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (from, to) =
            text.split_once(": ").ok_or("not a redirect; write `from: to`, for example `/old.html: /new.html`")?;
        let (from, to) = (from.trim().trim_start_matches('/'), to.trim());
        if from.contains(['?', '#']) {
            return Err(
                "a redirect starts at a path; S3 does not look at queries, and a browser keeps fragments".to_owned()
            );
        }
        let folder = from.strip_suffix('/').unwrap_or(from);
        let is_bad = |part: &str| matches!(part, "" | "." | "..") || part.chars().any(char::is_control);
        if !from.is_empty() && folder.split('/').any(is_bad) {
            return Err("empty, `.` and `..` parts and control characters are not allowed".to_owned());
        }
        let is_address = to.starts_with('/') || to.starts_with("http://") || to.starts_with("https://");
        if !is_address || to.len() > LONGEST || !to.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "leads to no address: one starts with `/`, `http://` or `https://`, is at most {LONGEST} bytes long and is \
                 encoded as in a link"
            ));
        }
        let is_folder = from.is_empty() || from.ends_with('/');
        Ok(Self { from: if is_folder { format!("{from}{INDEX}") } else { from.to_owned() }, to: to.to_owned() })
    }
}

/// Where each path leads; fails for a path that leads to two places.
pub(crate) fn redirects(list: Vec<Redirect>) -> Result<BTreeMap<String, String>, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for Redirect { from, to } in list {
        if all.get(&from).is_some_and(|other| *other != to) {
            return Err(format!("`{from}` leads to two places"));
        }
        all.insert(from, to);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, from: &str, to: &str) {
        assert_eq!(Redirect::parse(text), Ok(Redirect { from: from.to_owned(), to: to.to_owned() }), "{text}");
    }

    #[test]
    fn a_redirect_goes_from_a_path_to_an_address() {
        check("/old.html: /new.html", "old.html", "/new.html");
        check("old/page: https://example.com/a?b=c:d", "old/page", "https://example.com/a?b=c:d");
        check("docs/: /guide/", "docs/index.html", "/guide/");
        check("/: /en/", "index.html", "/en/");
        check("/a b: /c", "a b", "/c");
    }

    #[test]
    fn what_s3_cannot_redirect_is_refused() {
        for text in [
            "/old",
            "/old:/new",
            "/old: new",
            "/old: ftp://x",
            "/a//b: /c",
            "/../a: /c",
            "/a?b: /c",
            "/a#b: /c",
            "/a: /b c",
            "/a: /käse",
            "/a: ",
        ] {
            assert!(Redirect::parse(text).is_err(), "{text}");
        }
        assert!(Redirect::parse(&format!("/a: /{}", "x".repeat(LONGEST))).is_err());
    }

    #[test]
    fn a_path_leads_to_one_place() {
        let parse = |texts: &[&str]| redirects(texts.iter().map(|text| Redirect::parse(text).unwrap()).collect());
        assert!(parse(&["/a: /b", "/a: /c"]).is_err());
        assert_eq!(parse(&["/a: /b", "a: /b"]).unwrap().len(), 1);
    }
}
