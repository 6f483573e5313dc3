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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Secret {
    pub(crate) identity: u32,
    /// Whether Terraform marks it as sensitive here; false where it was found by its value.
    pub(crate) marked: bool,
    /// Whether it is the empty text, which providers on the legacy SDK do not tell from null.
    pub(crate) is_empty: bool,
    /// The identities of a list's elements: Terraform shows how many blocks a hidden list of blocks has.
    pub(crate) elements: Vec<u32>,
}

/// One side of a change: its value, and what is sensitive of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Side<'a> {
    pub(crate) value: Option<&'a Json>,
    pub(crate) mask: Option<&'a Json>,
}

impl Side<'_> {
    fn key(self, key: &str) -> Self {
        Self { value: self.value.and_then(|value| value.get(key)), mask: self.mask.and_then(|mask| mask.get(key)) }
    }

    /// Whether this side hides just this value.
    fn hides(self, value: Option<&Json>) -> bool {
        self.mask == Some(&Json::Bool(true)) && self.value.is_some() && self.value == value
    }
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

    /// Seals what repeats other parts of the plan: what is found there is not counted again.
    pub(crate) fn repeated<T>(&mut self, seal: impl FnOnce(&mut Self) -> T) -> T {
        let unmarked = self.unmarked;
        let sealed = seal(self);
        self.unmarked = unmarked;
        sealed
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
        self.beside(Side { value, mask }, unknown, Side::default())
    }

    /// Seals one side of a change. What the other side hides is hidden here too where it is the same value, though only
    /// one of them is sensitive: otherwise the open side would tell the hidden one.
    pub(crate) fn beside(&mut self, side: Side<'_>, unknown: Option<&Json>, other: Side<'_>) -> Option<Sealed> {
        let Side { value, mask } = side;
        let cover = Cover::of(mask, value);
        if unknown == Some(&Json::Bool(true)) {
            return Some(Sealed::Unknown { sensitive: cover == Cover::Closed });
        }
        if cover == Cover::Closed {
            return Some(self.closed(value, unknown, true));
        }
        if other.hides(value) && !any(unknown) {
            self.unmarked += 1;
            return Some(self.closed(value, None, false));
        }
        if let (Some(Json::List(items)), true) = (value, other.mask == Some(&Json::Bool(true))) {
            return Some(self.partly_hidden(items, other.value.map(Json::items).unwrap_or_default(), unknown));
        }
        match (value, unknown) {
            (None | Some(Json::Null), Some(Json::Map(_))) if any(unknown) => {
                Some(self.map(&BTreeMap::new(), unknown, cover, other))
            }
            (None | Some(Json::Null), Some(Json::List(_))) if any(unknown) => Some(self.list(&[], unknown, cover)),
            (None, _) => None,
            (Some(Json::Null), _) => Some(Sealed::Null),
            (Some(Json::Bool(value)), _) => Some(Sealed::Bool(*value)),
            (Some(Json::Number(number)), _) => Some(self.number(number)),
            (Some(Json::Text(text)), _) => Some(self.scalar_text(text)),
            (Some(Json::List(items)), _) => Some(self.list(items, unknown, cover)),
            (Some(Json::Map(entries)), _) => Some(self.map(entries, unknown, cover, other)),
        }
    }

    fn number(&mut self, number: &str) -> Sealed {
        match self.whole.get(number) {
            Some(identity) if number.len() >= SHORTEST_FRAGMENT => {
                self.unmarked += 1;
                Sealed::Secret(Secret::found(*identity))
            }
            _ => Sealed::Number(number.to_owned()),
        }
    }

    fn scalar_text(&mut self, text: &str) -> Sealed {
        if let Some(identity) = self.whole.get(text) {
            self.unmarked += 1;
            return Sealed::Secret(Secret::found(*identity));
        }
        Sealed::Text(self.fragments_of(text))
    }

    fn list(&mut self, items: &[Json], unknown: Option<&Json>, cover: Cover<'_>) -> Sealed {
        let flags = unknown.map(Json::items).unwrap_or_default();
        let elements = (0..items.len().max(flags.len()))
            .map(|index| self.value(items.get(index), flags.get(index), cover.index(index)).unwrap_or(Sealed::Null));
        Sealed::List(elements.collect())
    }

    /// A list beside one that is hidden as a whole: what is in both is hidden in both.
    fn partly_hidden(&mut self, items: &[Json], hidden: &[Json], unknown: Option<&Json>) -> Sealed {
        let flags = unknown.map(Json::items).unwrap_or_default();
        let elements = items.iter().enumerate().map(|(index, item)| {
            let flags = flags.get(index);
            if hidden.contains(item) && !any(flags) {
                self.unmarked += 1;
                self.closed(Some(item), None, false)
            } else {
                self.value(Some(item), flags, None).unwrap_or(Sealed::Null)
            }
        });
        Sealed::List(elements.collect())
    }

    fn map(
        &mut self,
        entries: &BTreeMap<String, Json>,
        unknown: Option<&Json>,
        cover: Cover<'_>,
        other: Side<'_>,
    ) -> Sealed {
        let mut sealed = BTreeMap::new();
        let unknown_keys = unknown.into_iter().flat_map(Json::entries).map(|(key, _)| key);
        for key in entries.keys().map(String::as_str).chain(unknown_keys) {
            let side = Side { value: entries.get(key), mask: cover.key(key) };
            if let Some(value) = self.beside(side, unknown.and_then(|flags| flags.get(key)), other.key(key)) {
                sealed.insert(self.key(key), value);
            }
        }
        Sealed::Map(sealed)
    }

    /// A value that is hidden as a whole. One that is partly unknown is equal to nothing else.
    fn closed(&mut self, value: Option<&Json>, unknown: Option<&Json>, marked: bool) -> Sealed {
        let Some(value) = value.filter(|value| **value != Json::Null) else { return Sealed::Null };
        let identity = self.identity(value, unknown);
        let flags = unknown.map(Json::items).unwrap_or_default();
        let elements = value.items().iter().enumerate().map(|(index, item)| self.identity(item, flags.get(index)));
        let elements = elements.collect();
        Sealed::Secret(Secret { identity, marked, is_empty: value.text() == Some(""), elements })
    }

    fn identity(&mut self, value: &Json, unknown: Option<&Json>) -> u32 {
        // Twice as many entries as identities handed out, so this one is new.
        let next = next(self.identities.len());
        let stands_for =
            if any(unknown) { Json::List(vec![value.clone(), Json::Number(next.to_string())]) } else { value.clone() };
        *self.identities.entry(stands_for).or_insert(next)
    }
}

impl Secret {
    /// A secret that was found where no mask covers it.
    fn found(identity: u32) -> Self {
        Self { identity, marked: false, is_empty: false, elements: Vec::new() }
    }
}

impl Sealed {
    /// Reads a JSON object or array out of a sealed text, as Terraform does to show `jsonencode(...)`.
    pub(crate) fn from_json_text(text: &str) -> Option<Self> {
        if text.trim_start().starts_with(['{', '[']) { Self::from_json(text) } else { None }
    }

    /// Reads any JSON value out of a sealed text.
    pub(crate) fn from_json(text: &str) -> Option<Self> {
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
