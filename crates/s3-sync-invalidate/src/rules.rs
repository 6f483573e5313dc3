//! Which headers a file is published with: what the user says of it, else what its name and its first bytes say.

use std::collections::BTreeMap;

use actions_core::{InputErrors, lines};

use crate::args::Args;
use crate::choices;
use crate::compatible::Fallback;
use crate::content_type::{Looks, content_type};
use crate::encoding::{encoding, is_download};
use crate::globs::{HeaderRule, HeaderRules};
use crate::headers::{Encryption, Headers};
use crate::journal::FOLDER;
use crate::pairs::{PairRule, PairRules};
use crate::phase::Phase;
use crate::redirects::{Redirect, redirects};

/// The ACL that a bucket of another account may demand.
const GIVEN_AWAY: &str = "bucket-owner-full-control";

/// What the user says of the headers, each by glob.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// Cache-Control.
    pub(crate) cache_control: HeaderRules,
    /// The Cache-Control where no rule has one.
    pub(crate) fallback: Fallback,
    /// Content types.
    pub(crate) content_type: HeaderRules,
    /// Whether compressed files are looked for.
    pub(crate) encodings: Encodings,
    /// Content-Disposition.
    pub(crate) content_disposition: HeaderRules,
    /// Content-Language.
    pub(crate) content_language: HeaderRules,
    /// User metadata.
    pub(crate) metadata: PairRules,
    /// Tags.
    pub(crate) tags: PairRules,
    /// Where paths lead that are no files.
    pub(crate) redirects: BTreeMap<String, String>,
    /// Storage classes.
    pub(crate) storage_class: HeaderRules,
    /// The encryption of every object.
    pub(crate) encryption: Option<Encryption>,
    /// Canned ACLs.
    pub(crate) acl: HeaderRules,
}

/// Whether compressed files are looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Encodings {
    /// By their names and first bytes.
    #[default]
    Auto,
    /// No: what looks compressed is a file like any other.
    Off,
}

impl Encodings {
    /// Parses `auto` or `off`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "off" => Ok(Self::Off),
            _ => Err("not `auto` or `off`".to_owned()),
        }
    }
}

impl Rules {
    /// Parses `args` and notes every bad field.
    pub(crate) fn parse(args: &Args, bad: &mut InputErrors) -> Option<Self> {
        let texts = |bad: &mut InputErrors, name: &str, values: &[String]| {
            HeaderRules::new(bad.list(name, &lines(values), HeaderRule::parse))
        };
        let cache_control = texts(bad, "cache-control", &args.cache_control);
        let content_type = texts(bad, "content-type", &args.content_type);
        let content_disposition = texts(bad, "content-disposition", &args.content_disposition);
        let content_language = texts(bad, "content-language", &args.content_language);
        let choices = |bad: &mut InputErrors, name: &str, values: &[String], choose| {
            HeaderRules::new(bad.list(name, &lines(values), |text: &str| HeaderRule::choice(text, choose)))
        };
        let storage_class = choices(bad, "storage-class", &args.storage_class, choices::storage_class);
        let acl = choices(bad, "acl", &args.acl, choices::acl);
        let metadata = bad.list("metadata", &lines(&args.metadata), PairRule::metadata);
        let metadata = kept(bad, "metadata", PairRules::metadata(metadata));
        let tags = bad.list("tags", &lines(&args.tags), PairRule::tag);
        let tags = kept(bad, "tags", PairRules::tags(tags));
        let list = bad.list("redirects", &lines(&args.redirects), Redirect::parse);
        let redirects = kept(bad, "redirects", redirects(list));
        let encryption = choices::encryption(args.sse.as_deref(), args.kms_key_id.as_deref(), bad);
        let encodings = bad.required("content-encoding", Some(&args.content_encoding), Encodings::parse);
        let fallback = Fallback::parse(args, bad);
        Some(Self {
            cache_control,
            fallback,
            content_type,
            encodings: encodings?,
            content_disposition,
            content_language,
            metadata: metadata?,
            tags: tags?,
            redirects: redirects?,
            storage_class,
            encryption: encryption.ok()?,
            acl,
        })
    }

    /// The headers of the file `path`, and when it goes.
    ///
    /// A compressed copy (`app.js.gz`) follows the rules for its own name and those for the name of what it is a copy of.
    pub(crate) fn headers(&self, path: &str, looks: Looks) -> (Phase, Headers) {
        let (encoding, name) = match self.encodings {
            Encodings::Auto => encoding(path, looks),
            Encodings::Off => (None, path),
        };
        let names = [path, name];
        let of = |rules: &HeaderRules| rules.value(&names).map(str::to_owned);
        let content_type = of(&self.content_type).unwrap_or_else(|| content_type(name, looks));
        let phase = Phase::of(name, &content_type);
        let headers = Headers {
            cache_control: of(&self.cache_control).unwrap_or_else(|| self.fallback.cache_control(phase).to_owned()),
            content_encoding: encoding.filter(|_| !is_download(&content_type)).map(|found| found.as_str().to_owned()),
            content_type,
            content_disposition: of(&self.content_disposition),
            content_language: of(&self.content_language),
            metadata: self.metadata.of(&names),
            tags: self.tags.of(&names),
            redirect: None,
            storage_class: of(&self.storage_class),
            encryption: self.encryption.clone(),
            acl: of(&self.acl),
        };
        (phase, headers)
    }

    /// The headers of the empty object at `path` that leads to another address, and when it goes: what it leads to must be
    /// there before.
    pub(crate) fn of_redirect(&self, path: &str, to: &str) -> (Phase, Headers) {
        // Where nobody redirects, a name without an extension shows an empty page instead of being saved.
        let (_, headers) = self.headers(path, Looks::Html);
        (Phase::EntryPoints, Headers { redirect: Some(to.to_owned()), content_encoding: None, ..headers })
    }

    /// What our own objects (notes, the manifest) are written with, because a bucket may refuse what is not encrypted so, or is
    /// not given to its owner. No visitor needs them, so no other ACL is theirs.
    pub(crate) fn own_lines(&self) -> Vec<(String, String)> {
        let acl = self.gives_own().then(|| ("x-amz-acl".to_owned(), GIVEN_AWAY.to_owned()));
        self.encryption.iter().flat_map(Encryption::lines).chain(acl).collect()
    }

    /// Whether our own objects are given to the bucket's owner.
    pub(crate) fn gives_own(&self) -> bool {
        self.acl.value(&[FOLDER.trim_end_matches('/')]) == Some(GIVEN_AWAY)
    }

    /// The key of KMS that is named.
    pub(crate) fn kms_key(&self) -> Option<&str> {
        self.encryption.as_ref()?.key.as_deref()
    }
}

/// What is good; a problem is noted.
fn kept<T>(bad: &mut InputErrors, name: &str, parsed: Result<T, String>) -> Option<T> {
    parsed.map_err(|problem| bad.add(name, problem, None)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::globs::HeaderRule;

    fn rules(lines: &[&str]) -> HeaderRules {
        HeaderRules::new(lines.iter().map(|line| HeaderRule::parse(line).unwrap()).collect())
    }

    #[test]
    fn a_compressed_copy_goes_when_and_as_what_it_is_a_copy_of_does() {
        for (copy, looks, original) in [
            ("app.45d844a759a9e983.js.gz", Looks::Gzip, "app.45d844a759a9e983.js"),
            ("app.45d844a759a9e983.js.br", Looks::Plain, "app.45d844a759a9e983.js"),
            ("index.html.gz", Looks::Gzip, "index.html"),
            ("sw.js.br", Looks::Plain, "sw.js"),
        ] {
            let (phase, headers) = Rules::default().headers(copy, looks);
            let (expected, plain) = Rules::default().headers(original, Looks::Plain);
            assert_eq!(phase, expected, "{copy}");
            assert_eq!(Headers { content_encoding: None, ..headers.clone() }, plain, "{copy}");
            assert!(headers.content_encoding.is_some(), "{copy}");
        }
    }

    #[test]
    fn a_rule_for_the_original_is_one_for_its_copies() {
        let rules = Rules { cache_control: rules(&["*.html: no-store", "**: private"]), ..Rules::default() };
        let (_, headers) = rules.headers("index.html.gz", Looks::Gzip);
        assert_eq!(headers.cache_control, "no-store");
        assert_eq!(rules.headers("app.js.gz", Looks::Gzip).1.cache_control, "private");
    }

    #[test]
    fn who_calls_it_a_download_gets_one() {
        let rules = Rules { content_type: rules(&["*.gz: application/gzip"]), ..Rules::default() };
        let (_, headers) = rules.headers("app.js.gz", Looks::Gzip);
        assert_eq!((headers.content_type.as_str(), headers.content_encoding), ("application/gzip", None));
    }

    #[test]
    fn nothing_is_decoded_when_told_so() {
        let rules = Rules { encodings: Encodings::Off, ..Rules::default() };
        let (_, headers) = rules.headers("app.js.gz", Looks::Gzip);
        assert_eq!((headers.content_type.as_str(), headers.content_encoding), ("application/gzip", None));
        assert_eq!(rules.headers("app.js", Looks::Gzip).1.content_encoding, None);
    }
}
