//! Finds the secrets of a plan in a text, however they are spelled there: as they are, escaped in JSON (also in JSON that is a text in
//! JSON), percent-encoded, or in base64.
//!
//! A text is looked through as it is and in each of its views (`views`), which know where in the text each of their bytes comes from. What
//! is shown later may decode a text as often as it likes: what it can come upon was found here.

use std::collections::HashMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError, Input, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use regex_lite::Regex;

use super::views::{View, base64_word, decoded, plain_words};

/// Of a longer secret so many bytes are searched for; the rest is compared where they are found. The automaton's size is bounded by it.
const HEAD: usize = 64;

/// Views of views are made this deep.
const DEEPEST: usize = 6;

/// Looks for secrets.
#[derive(Debug)]
pub(super) struct Search {
    heads: AhoCorasick,
    /// The secrets that begin with each head.
    by_head: Vec<Vec<usize>>,
    secrets: Vec<(String, u32)>,
    /// How the base64 of a text that holds a secret may look somewhere.
    base64: AhoCorasick,
    has_spaces: bool,
    /// What the user calls a secret wherever it stands.
    patterns: Vec<Regex>,
}

/// A place of a text that hides a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) range: Range<usize>,
    /// The secret it stands for, where it is one and nothing else.
    pub(super) identity: Option<u32>,
}

impl Search {
    /// A search for `secrets`, each with its identity, and for what `patterns` match.
    pub(super) fn new(secrets: Vec<(String, u32)>, patterns: Vec<Regex>) -> Result<Self, BuildError> {
        let mut heads: Vec<&[u8]> = Vec::new();
        let mut by_head: Vec<Vec<usize>> = Vec::new();
        let mut known: HashMap<&[u8], usize> = HashMap::new();
        let mut base64 = std::collections::BTreeSet::new();
        for (index, (secret, _)) in secrets.iter().enumerate() {
            let head = &secret.as_bytes()[..secret.len().min(HEAD)];
            let place = *known.entry(head).or_insert_with(|| {
                heads.push(head);
                by_head.push(Vec::new());
                heads.len() - 1
            });
            by_head[place].push(index);
            base64.extend(in_base64(secret));
        }
        let build =
            |patterns: Vec<&[u8]>| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns);
        Ok(Self {
            heads: build(heads)?,
            base64: build(base64.iter().map(String::as_bytes).collect())?,
            by_head,
            has_spaces: secrets.iter().any(|(secret, _)| secret.contains(' ')),
            secrets,
            patterns,
        })
    }

    /// The places of `text` that hide secrets, in their order; none touches another's characters.
    pub(super) fn find(&self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        if !self.secrets.is_empty() {
            self.look(&View::of(text), DEEPEST, &mut found);
        }
        for pattern in &self.patterns {
            let matches = pattern.captures_iter(text).filter_map(|groups| groups.get(1).or_else(|| groups.get(0)));
            found.extend(matches.map(|one| Found { range: one.range(), identity: None }));
        }
        merged(found, text)
    }

    /// Whether the user calls all of `text` a secret.
    pub(super) fn is_named(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_match(text))
    }

    fn look(&self, view: &View<'_>, depth: usize, found: &mut Vec<Found>) {
        self.spelled(view, found);
        self.encoded(view, depth, found);
        if depth == 0 {
            return;
        }
        for other in [view.unescaped(), view.percent_decoded(false)].into_iter().flatten() {
            self.look(&other, depth - 1, found);
        }
        if let Some(form) = self.has_spaces.then(|| view.percent_decoded(true)).flatten() {
            self.spelled(&form, found);
        }
    }

    /// The secrets as they are. One may begin inside of another, so the search goes on behind the first byte of each.
    fn spelled(&self, view: &View<'_>, found: &mut Vec<Found>) {
        let bytes = view.bytes();
        let mut from = 0;
        while let Some(head) = self.heads.find(Input::new(bytes).range(from..)) {
            let rest = &bytes[head.start()..];
            let common = |index: &usize| {
                let secret = self.secrets[*index].0.as_bytes();
                let length = secret.iter().zip(rest).take_while(|(one, other)| one == other).count();
                (length, length == secret.len(), *index)
            };
            let best = self.by_head[head.pattern().as_usize()].iter().map(common).max();
            if let Some((length, is_whole, index)) = best {
                let identity = is_whole.then(|| self.secrets[index].1);
                found.push(Found { range: view.place(head.start()..head.start() + length), identity });
            }
            from = head.start() + 1;
        }
    }

    /// The words of base64 that hold a secret: what looks like one, and what decodes to plain text, is decoded and looked through.
    fn encoded(&self, view: &View<'_>, depth: usize, found: &mut Vec<Found>) {
        if depth == 0 {
            return;
        }
        let bytes = view.bytes();
        let mut hints: Vec<Range<usize>> = self.base64.find_iter(bytes).map(|hint| hint.range()).collect();
        hints.extend(plain_words(bytes));
        hints.sort_by_key(|hint| hint.start);
        let mut end = 0;
        for hint in hints {
            // The word was looked through.
            if hint.start < end {
                continue;
            }
            let word = base64_word(bytes, hint);
            end = word.end;
            let holds = |bytes: Vec<u8>| {
                let mut inside = Vec::new();
                self.look(&View::of_bytes(bytes), depth - 1, &mut inside);
                !inside.is_empty()
            };
            if decoded(&bytes[word.clone()]).into_iter().any(holds) {
                found.push(Found { range: view.place(word), identity: None });
            }
        }
    }
}

/// The places in their order; those that overlap are one, which stands for no single secret.
fn merged(mut found: Vec<Found>, text: &str) -> Vec<Found> {
    found.retain(|one| !one.range.is_empty());
    found.sort_by_key(|one| (one.range.start, std::cmp::Reverse(one.range.end), one.identity.is_none()));
    let mut merged: Vec<Found> = Vec::new();
    for Found { range, identity } in found {
        let range = text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end);
        match merged.last_mut() {
            Some(last) if range.start < last.range.end => {
                if range.end > last.range.end {
                    (last.range.end, last.identity) = (range.end, None);
                }
            }
            _ => merged.push(Found { range, identity }),
        }
    }
    merged
}

/// How the first bytes of a secret look in the base64 of a longer text: three bytes become four characters, so there are three ways, and
/// the first and last characters mix with their neighbors. JSON escapes some of them before.
fn in_base64(secret: &str) -> impl Iterator<Item = String> {
    let head: String = secret.chars().take(HEAD).collect();
    let json = serde_json::to_string(&head).unwrap_or_default();
    let escaped = json.trim_matches('"').to_owned();
    // Terraform's `jsonencode` also escapes these three.
    let go_escaped = escaped.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let mut forms = vec![head, escaped, go_escaped];
    forms.dedup();
    forms.into_iter().flat_map(|form| {
        let way = |start: usize| {
            let whole = form.as_bytes().get(start..)?;
            let whole = &whole[..whole.len().min(6) / 3 * 3];
            (!whole.is_empty()).then(|| [STANDARD.encode(whole), URL_SAFE_NO_PAD.encode(whole)])
        };
        (0..3).filter_map(way).flatten().collect::<Vec<_>>()
    })
}
