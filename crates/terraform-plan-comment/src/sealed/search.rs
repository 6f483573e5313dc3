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

/// So many bytes of secrets are compared for each byte of a text, on average and at most, before the rest of it is taken for one. Secrets
/// that do not overlap take as many as the logarithm of how many begin alike.
const PATIENCE: usize = 32;

/// So many are compared in any text, however short it is.
const LEAST_PATIENCE: usize = 1 << 14;

/// Views of views are made this deep.
const DEEPEST: usize = 6;

/// Looks for secrets.
#[derive(Debug)]
pub(super) struct Search {
    heads: AhoCorasick,
    /// The secrets that begin with each head, in the order of their bytes.
    by_head: Vec<Vec<usize>>,
    secrets: Vec<(String, u32)>,
    /// How the base64 of a text that holds a secret may look somewhere.
    base64: AhoCorasick,
    has_spaces: bool,
    /// What the user calls a secret wherever it stands.
    patterns: Vec<Regex>,
}

/// Whether what is found in a view stands for the secret itself. Two texts that spell one secret in two ways are two texts: where both
/// stood for it, nobody would see that the one becomes the other. In a document it does not matter how a character is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// The view is the text, or the document's text.
    Text,
    /// The view is a JSON document.
    Document,
    Nothing,
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
        for group in &mut by_head {
            group.sort_by(|one, other| secrets[*one].0.cmp(&secrets[*other].0));
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
            let is_document = is_document(text);
            self.look(&View::of(text), if is_document { Names::Document } else { Names::Text }, DEEPEST, &mut found);
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

    fn look(&self, view: &View<'_>, names: Names, depth: usize, found: &mut Vec<Found>) {
        self.spelled(view, names, found);
        self.encoded(view, depth, found);
        if depth == 0 {
            return;
        }
        if let Some(unescaped) = view.unescaped() {
            let names = if names == Names::Document { Names::Text } else { Names::Nothing };
            self.look(&unescaped, names, depth - 1, found);
        }
        if let Some(decoded) = view.percent_decoded(false) {
            self.look(&decoded, Names::Nothing, depth - 1, found);
        }
        if let Some(decoded) = self.has_spaces.then(|| view.percent_decoded(true)).flatten() {
            self.spelled(&decoded, Names::Nothing, found);
        }
    }

    /// The secrets as they are. One may begin inside of another, so the search goes on behind the first byte of each.
    ///
    /// A text made for it (a megabyte of one letter, and a secret that is another one) would be compared with the secret at each of its
    /// bytes: where a text takes more than [`PATIENCE`], all that is left of it is hidden.
    fn spelled(&self, view: &View<'_>, names: Names, found: &mut Vec<Found>) {
        let (bytes, first) = (view.bytes(), found.len());
        let mut left = bytes.len().saturating_mul(PATIENCE).saturating_add(LEAST_PATIENCE);
        let mut from = 0;
        while let Some(head) = self.heads.find(Input::new(bytes).range(from..)) {
            let (start, group) = (head.start(), &self.by_head[head.pattern().as_usize()]);
            let Some((length, identity)) = self.longest(group, &bytes[start..], &mut left) else {
                found.push(Found { range: view.place(start..bytes.len()), identity: None });
                return;
            };
            from = start + 1;
            let (range, identity) = (view.place(start..start + length), identity.filter(|_| names != Names::Nothing));
            match found.get_mut(first..).and_then(<[Found]>::last_mut) {
                // One place for all that overlap, however many they are.
                Some(last) if range.start < last.range.end => {
                    if range.end > last.range.end {
                        (last.range.end, last.identity) = (range.end, None);
                    }
                }
                _ => found.push(Found { range, identity }),
            }
        }
    }

    /// How many bytes the secret of `group` that has the most in common with the beginning of `text` shares with it, and its identity where
    /// that is all of it. The one with the most in common stands beside the place that the text would have among them. Each byte compared
    /// is taken from `left`; nothing where none is left.
    fn longest(&self, group: &[usize], text: &[u8], left: &mut usize) -> Option<(usize, Option<u32>)> {
        let mut common = |index: usize| {
            let secret = self.secrets[index].0.as_bytes();
            let length = secret.iter().zip(text).take_while(|(one, other)| one == other).count();
            *left = left.checked_sub(length)?;
            Some((length, secret.len()))
        };
        let (mut low, mut high) = (0, group.len());
        let mut best = (0, None);
        while low < high {
            let middle = low.midpoint(high);
            let index = group[middle];
            let (length, whole) = common(index)?;
            let identity = (length == whole).then(|| self.secrets[index].1);
            best = best.max((length, identity));
            // A secret that ends here, or whose next byte is smaller than the text's, stands before the text.
            let is_before = length == whole
                || text.get(length).is_some_and(|next| self.secrets[index].0.as_bytes()[length] < *next);
            if is_before { low = middle + 1 } else { high = middle }
        }
        Some(best)
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
                self.look(&View::of_bytes(bytes), Names::Nothing, depth - 1, &mut inside);
                !inside.is_empty()
            };
            if decoded(&bytes[word.clone()]).into_iter().any(holds) {
                found.push(Found { range: view.place(word), identity: None });
            }
        }
    }
}

fn is_document(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
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
