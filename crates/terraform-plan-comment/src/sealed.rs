//! Values that hold no secret: each secret text is replaced by a token that keeps only its identity.
//!
//! Because equal secrets have equal tokens, everything behind this module (comparing, line diffs, JSON inside strings) works
//! on sealed values and still knows what changed, while nothing behind it can leak. A token is one private-use character;
//! [`reveal`] turns it into the words a reader sees.

use std::collections::{BTreeMap, HashMap};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::json::Json;
use crate::secrets::{Cover, SHORTEST_FRAGMENT, Secrets};

/// What stands where a secret was.
pub(crate) const SENSITIVE: &str = "(sensitive value)";

/// The first tokens are the private-use characters of plane 15, the next those of plane 16.
const PLANE_15: u32 = 0xF_0000;
const PLANE_16: u32 = 0x10_0000;
const PLANE_SIZE: u32 = 0xFFFD;

/// A value without secrets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Sealed {
    Null,
    Bool(bool),
    Number(String),
    /// May hold tokens.
    Text(String),
    List(Vec<Self>),
    /// The keys may hold tokens.
    Map(BTreeMap<String, Self>),
    /// A secret of any type. Equal identities mean equal values.
    Secret(Secret),
    /// Known after apply.
    Unknown {
        /// Whether it will be sensitive.
        sensitive: bool,
    },
}

/// A sealed secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Secret {
    pub(crate) identity: u32,
    /// Whether Terraform marks it as sensitive here; false where it was found by its value.
    pub(crate) marked: bool,
}

/// Seals the values of one plan.
#[derive(Debug)]
pub(crate) struct Sealer {
    fragments: AhoCorasick,
    /// The identity of each fragment, by pattern.
    fragment_identities: Vec<u32>,
    /// Identities by the value they stand for.
    identities: HashMap<Json, u32>,
    /// Secret texts too short to be fragments, and all others.
    whole: HashMap<String, u32>,
    /// Secrets found where Terraform does not mark them.
    pub(crate) unmarked: usize,
}

impl Sealer {
    /// A sealer that knows `secrets`.
    pub(crate) fn new(secrets: &Secrets) -> Result<Self, aho_corasick::BuildError> {
        let mut identities = HashMap::new();
        let mut whole = HashMap::new();
        let mut patterns = Vec::new();
        let mut fragment_identities = Vec::new();
        for text in secrets.texts() {
            let identity = next(whole.len());
            identities.insert(Json::Text(text.to_owned()), identity);
            // Never used for a text that is no number.
            identities.insert(Json::Number(text.to_owned()), identity);
            whole.insert(text.to_owned(), identity);
            if text.chars().count() >= SHORTEST_FRAGMENT {
                for form in forms(text) {
                    patterns.push(form);
                    fragment_identities.push(identity);
                }
            }
        }
        let fragments = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&patterns)?;
        Ok(Self { fragments, fragment_identities, identities, whole, unmarked: 0 })
    }

    /// Seals a text that no mask covers.
    pub(crate) fn text(&mut self, text: &str) -> String {
        if let Some(identity) = self.whole.get(text) {
            self.unmarked += 1;
            return token(*identity).to_string();
        }
        self.fragments_of(text)
    }

    /// Seals a map's key or an attribute's name: short secrets are left alone there, because names are short.
    pub(crate) fn key(&mut self, text: &str) -> String {
        self.fragments_of(text)
    }

    /// A word of the plan's vocabulary as it is; any other word sealed.
    pub(crate) fn word(&mut self, word: &str, vocabulary: &[&str]) -> String {
        if vocabulary.contains(&word) { word.to_owned() } else { self.text(word) }
    }

    fn fragments_of(&mut self, text: &str) -> String {
        let mut sealed = String::with_capacity(text.len());
        let mut end = 0;
        for found in self.fragments.find_iter(text) {
            sealed.extend(text[end..found.start()].chars().map(without_tokens));
            sealed.push(token(self.fragment_identities[found.pattern().as_usize()]));
            self.unmarked += 1;
            end = found.end();
        }
        sealed.extend(text[end..].chars().map(without_tokens));
        sealed
    }

    /// Seals a value below its masks: `unknown` says what is known after apply, `mask` what is sensitive. `None` where
    /// there is nothing at all.
    pub(crate) fn value(
        &mut self,
        value: Option<&Json>,
        unknown: Option<&Json>,
        mask: Option<&Json>,
    ) -> Option<Sealed> {
        let cover = Cover::of(mask, value);
        if unknown == Some(&Json::Bool(true)) {
            return Some(Sealed::Unknown { sensitive: cover == Cover::Closed });
        }
        if cover == Cover::Closed {
            return Some(self.closed(value, unknown));
        }
        match (value, unknown) {
            (None | Some(Json::Null), Some(Json::Map(_))) if any(unknown) => {
                Some(self.map(&BTreeMap::new(), unknown, cover))
            }
            (None | Some(Json::Null), Some(Json::List(_))) if any(unknown) => Some(self.list(&[], unknown, cover)),
            (None, _) => None,
            (Some(Json::Null), _) => Some(Sealed::Null),
            (Some(Json::Bool(value)), _) => Some(Sealed::Bool(*value)),
            (Some(Json::Number(number)), _) => Some(self.number(number)),
            (Some(Json::Text(text)), _) => Some(self.scalar_text(text)),
            (Some(Json::List(items)), _) => Some(self.list(items, unknown, cover)),
            (Some(Json::Map(entries)), _) => Some(self.map(entries, unknown, cover)),
        }
    }

    fn number(&mut self, number: &str) -> Sealed {
        match self.whole.get(number) {
            Some(identity) if number.len() >= SHORTEST_FRAGMENT => {
                self.unmarked += 1;
                Sealed::Secret(Secret { identity: *identity, marked: false })
            }
            _ => Sealed::Number(number.to_owned()),
        }
    }

    fn scalar_text(&mut self, text: &str) -> Sealed {
        if let Some(identity) = self.whole.get(text) {
            self.unmarked += 1;
            return Sealed::Secret(Secret { identity: *identity, marked: false });
        }
        Sealed::Text(self.fragments_of(text))
    }

    fn list(&mut self, items: &[Json], unknown: Option<&Json>, cover: Cover<'_>) -> Sealed {
        let flags = unknown.map(Json::items).unwrap_or_default();
        let elements = (0..items.len().max(flags.len()))
            .map(|index| self.value(items.get(index), flags.get(index), cover.index(index)).unwrap_or(Sealed::Null));
        Sealed::List(elements.collect())
    }

    fn map(&mut self, entries: &BTreeMap<String, Json>, unknown: Option<&Json>, cover: Cover<'_>) -> Sealed {
        let mut sealed = BTreeMap::new();
        let unknown_keys = unknown.into_iter().flat_map(Json::entries).map(|(key, _)| key);
        for key in entries.keys().map(String::as_str).chain(unknown_keys) {
            if let Some(value) = self.value(entries.get(key), unknown.and_then(|flags| flags.get(key)), cover.key(key))
            {
                sealed.insert(self.key(key), value);
            }
        }
        Sealed::Map(sealed)
    }

    /// A value that is sensitive as a whole. One that is partly unknown is equal to nothing else.
    fn closed(&mut self, value: Option<&Json>, unknown: Option<&Json>) -> Sealed {
        let Some(value) = value.filter(|value| **value != Json::Null) else { return Sealed::Null };
        // Twice as many entries as identities handed out, so this one is new.
        let next = next(self.identities.len());
        let stands_for =
            if any(unknown) { Json::List(vec![value.clone(), Json::Number(next.to_string())]) } else { value.clone() };
        let identity = *self.identities.entry(stands_for).or_insert(next);
        Sealed::Secret(Secret { identity, marked: true })
    }
}

impl Sealed {
    /// Reads a JSON object or array out of a sealed text, as Terraform does to show `jsonencode(...)`.
    pub(crate) fn from_json_text(text: &str) -> Option<Self> {
        let trimmed = text.trim_start();
        if !trimmed.starts_with(['{', '[']) {
            return None;
        }
        Json::parse(text).ok().as_ref().map(Self::from_sealed_json)
    }

    fn from_sealed_json(value: &Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Number(number.clone()),
            Json::Text(text) => Self::Text(text.clone()),
            Json::List(items) => Self::List(items.iter().map(Self::from_sealed_json).collect()),
            Json::Map(entries) => {
                Self::Map(entries.iter().map(|(key, value)| (key.clone(), Self::from_sealed_json(value))).collect())
            }
        }
    }
}

/// `sealed` as a reader sees it: each token as [`SENSITIVE`].
pub(crate) fn reveal(sealed: &str) -> String {
    let mut shown = String::with_capacity(sealed.len());
    for character in sealed.chars() {
        if is_token(character) { shown.push_str(SENSITIVE) } else { shown.push(character) }
    }
    shown
}

/// Whether `character` is a token.
pub(crate) fn is_token(character: char) -> bool {
    u32::from(character) >= PLANE_15
}

/// Tokens in the text itself would be forged ones.
fn without_tokens(character: char) -> char {
    if is_token(character) { char::REPLACEMENT_CHARACTER } else { character }
}

/// The token of an identity. Past some 130,000 secrets the last token stands for all the others.
fn token(identity: u32) -> char {
    let code = if identity < PLANE_SIZE {
        PLANE_15 + identity
    } else {
        PLANE_16 + (identity - PLANE_SIZE).min(PLANE_SIZE - 1)
    };
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn next(known: usize) -> u32 {
    u32::try_from(known).unwrap_or(u32::MAX)
}

/// The forms a secret is found in: itself, escaped in JSON, in base64.
fn forms(text: &str) -> Vec<String> {
    let json = serde_json::to_string(text).unwrap_or_default();
    let escaped = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned();
    // Terraform's `jsonencode` also escapes these three.
    let go_escaped = escaped.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let mut forms = vec![text.to_owned(), escaped, go_escaped, STANDARD.encode(text), URL_SAFE_NO_PAD.encode(text)];
    forms.retain(|form| !form.is_empty());
    forms.sort();
    forms.dedup();
    forms
}

/// Whether any flag below is set.
fn any(flags: Option<&Json>) -> bool {
    match flags {
        Some(Json::Bool(flag)) => *flag,
        Some(Json::List(items)) => items.iter().any(|item| any(Some(item))),
        Some(Json::Map(entries)) => entries.values().any(|item| any(Some(item))),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
