//! Replaces the secrets of a plan by tokens.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::hidden::{Beside, Hidden};
use super::search::{Found, Search};
use super::{Kind, Sealed, Secret, Side, may_have_tokens, token, without_tokens};
use crate::change_set;
use crate::entries::{entries, keys};
use crate::json::Json;
use crate::parallel;
use crate::risk::is_known_name;
use crate::secrets::{Cover, SHORTEST, Secrets};

/// Seals the values of one plan.
#[derive(Debug)]
pub(crate) struct Sealer {
    search: Arc<Search>,
    /// Identities by the value they stand for; those of the secret texts are below.
    identities: HashMap<Json, u32>,
    /// The secret texts.
    whole: Arc<HashMap<String, u32>>,
    /// Secrets found where Terraform does not mark them.
    pub(crate) unmarked: usize,
    /// Marked values that are too short, or no texts, to be looked for anywhere else.
    masked_only: HashSet<Json>,
}

impl Sealer {
    /// A sealer that knows `secrets`.
    pub(crate) fn new(secrets: &Secrets) -> Result<Self, aho_corasick::BuildError> {
        let mut whole = HashMap::new();
        for text in secrets.texts() {
            whole.insert(text.to_owned(), next(whole.len()));
        }
        let known = whole.iter().map(|(text, identity)| (text.clone(), *identity)).collect();
        let search = Search::new(known, secrets.patterns().to_vec())?;
        Ok(Self::knowing(Arc::new(search), Arc::new(whole)))
    }

    fn knowing(search: Arc<Search>, whole: Arc<HashMap<String, u32>>) -> Self {
        Self { search, identities: HashMap::new(), whole, unmarked: 0, masked_only: HashSet::new() }
    }

    /// What `seal` makes of each item, on all processors where that is the same: identities are given in the order in which they are asked
    /// for, so an item that asks for one besides those of the secret texts is sealed again in its turn.
    pub(crate) fn each<'a, T: Sync, R: Send>(
        &mut self,
        items: &'a [T],
        seal: impl Fn(&'a T, &mut Self) -> R + Sync,
    ) -> Vec<R> {
        let (search, whole) = (&self.search, &self.whole);
        let parts = parallel::parts(items, |part| {
            let mut own = Self::knowing(Arc::clone(search), Arc::clone(whole));
            let alone = part.iter().map(|item| {
                let unmarked = own.unmarked;
                let sealed = seal(item, &mut own);
                if own.identities.is_empty() && own.masked_only.is_empty() {
                    return Some(sealed);
                }
                own.unmarked = unmarked;
                own.identities.clear();
                own.masked_only.clear();
                None
            });
            let alone: Vec<Option<R>> = alone.collect();
            (alone, own.unmarked)
        });
        self.unmarked += parts.iter().map(|(_, unmarked)| unmarked).sum::<usize>();
        let alone = parts.into_iter().flat_map(|(alone, _)| alone);
        items.iter().zip(alone).map(|(item, alone)| alone.unwrap_or_else(|| seal(item, self))).collect()
    }

    /// How many marked values are hidden where they are marked and nowhere else.
    pub(crate) fn masked_only(&self) -> usize {
        self.masked_only.len()
    }

    /// Seals a text that no mask covers.
    pub(crate) fn text(&mut self, text: &str) -> String {
        if let Some(identity) = self.whole.get(text) {
            self.unmarked += 1;
            return token(*identity).to_string();
        }
        self.fragments_of(text)
    }

    /// Seals a map's key or an attribute's name.
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
        let all = self.search.find(text);
        if all.is_empty() && !may_have_tokens(text) {
            return text.to_owned();
        }
        let mut sealed = String::with_capacity(text.len());
        let mut end = 0;
        for Found { range, identity } in all {
            let hidden = &text[range.clone()];
            let identity = identity.unwrap_or_else(|| self.identity(&Json::Text(hidden.to_owned()), None));
            sealed.extend(text[end..range.start].chars().map(without_tokens));
            sealed.push(token(identity));
            self.unmarked += 1;
            end = range.end;
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

    /// Seals one side of a change. What the other side hides is hidden here too: otherwise the open side would tell the
    /// hidden one.
    pub(crate) fn beside(&mut self, side: Side<'_>, unknown: Option<&Json>, other: Side<'_>) -> Option<Sealed> {
        let hidden = Hidden::of(other);
        self.place(Place { value: side.value, mask: side.mask, unknown, beside: Beside::Path(&hidden) })
    }

    fn place(&mut self, place: Place<'_>) -> Option<Sealed> {
        let Place { value, unknown, .. } = place;
        let cover = place.cover();
        if unknown == Some(&Json::Bool(true)) {
            return Some(Sealed::Unknown { sensitive: cover == Cover::Closed });
        }
        if cover == Cover::Closed {
            return Some(self.closed(place, true));
        }
        if value.is_some_and(|value| *value != Json::Null && place.beside.hides(value)) {
            self.unmarked += 1;
            return Some(self.closed(place, false));
        }
        match (value, unknown) {
            (None | Some(Json::Null), Some(Json::Map(_))) if any(unknown) => Some(self.map(place)),
            (None | Some(Json::Null), Some(Json::List(_))) if any(unknown) => Some(self.list(place)),
            (None, _) => None,
            (Some(Json::Null), _) => Some(Sealed::Null),
            (Some(Json::Bool(value)), _) => Some(Sealed::Bool(*value)),
            (Some(Json::Number(number)), _) => Some(self.number(number)),
            (Some(Json::Text(text)), _) => Some(self.scalar_text(text)),
            (Some(Json::List(_)), _) => Some(self.list(place)),
            (Some(Json::Map(_)), _) => Some(self.map(place)),
        }
    }

    fn number(&mut self, number: &str) -> Sealed {
        let identity = match self.whole.get(number) {
            Some(identity) => *identity,
            None if self.search.is_named(number) => self.identity(&Json::Number(number.to_owned()), None),
            None => return Sealed::Number(number.to_owned()),
        };
        self.unmarked += 1;
        Sealed::Secret(Secret::found(identity, Kind::Number))
    }

    fn scalar_text(&mut self, text: &str) -> Sealed {
        if let Some(identity) = self.whole.get(text) {
            self.unmarked += 1;
            return Sealed::Secret(Secret::found(*identity, Kind::Text));
        }
        Sealed::Text(self.fragments_of(text))
    }

    fn list(&mut self, place: Place<'_>) -> Sealed {
        let count = |list: Option<&Json>| list.map_or(0, |list| list.items().len());
        let elements = (0..count(place.value).max(count(place.unknown)))
            .map(|index| self.place(place.index(index)).unwrap_or(Sealed::Null));
        Sealed::List(elements.collect())
    }

    fn map(&mut self, place: Place<'_>) -> Sealed {
        let mut sealed = Vec::new();
        let maps = [place.value, place.unknown].into_iter().flatten().filter_map(Json::map);
        for key in keys(maps) {
            if let Some(value) = self.place(place.key(key)) {
                // What rules are about must not be hidden from them by a secret that is spelled alike.
                let shown = self.key(key);
                let is_known = shown != key && (is_known_name(key) || change_set::is_known_name(key));
                sealed.push((if is_known { key.into() } else { shown.into() }, value));
            }
        }
        Sealed::Map(entries(sealed))
    }

    /// A value that is hidden as a whole. One that is partly unknown is equal to nothing else.
    fn closed(&mut self, place: Place<'_>, marked: bool) -> Sealed {
        let Place { value, unknown, .. } = place;
        let Some((value, kind)) = value.and_then(|value| Some((value, Kind::of(value)?))) else {
            return if any(unknown) { Sealed::Unknown { sensitive: marked } } else { Sealed::Null };
        };
        if marked {
            self.count_masked(value);
        }
        let identity = self.identity(value, unknown);
        let flags = unknown.map(Json::items).unwrap_or_default();
        let elements = value.items().iter().enumerate().map(|(index, item)| self.identity(item, flags.get(index)));
        let elements = elements.collect();
        Sealed::Secret(Secret { identity, kind, marked, is_empty: value.text() == Some(""), elements })
    }

    /// Counts the leaves of a marked value that are hidden nowhere else.
    fn count_masked(&mut self, value: &Json) {
        match value {
            Json::Null => {}
            Json::Text(text) if text.is_empty() || text.chars().count() >= SHORTEST => {}
            Json::Bool(_) | Json::Number(_) | Json::Text(_) => {
                self.masked_only.insert(value.clone());
            }
            Json::List(items) => items.iter().for_each(|item| self.count_masked(item)),
            Json::Map(entries) => entries.values().for_each(|item| self.count_masked(item)),
        }
    }

    fn identity(&mut self, value: &Json, unknown: Option<&Json>) -> u32 {
        if let (Json::Text(text) | Json::Number(text), false) = (value, any(unknown))
            && let Some(identity) = self.whole.get(text)
        {
            return *identity;
        }
        let next = next(self.whole.len() + self.identities.len());
        let stands_for =
            if any(unknown) { Json::List(vec![value.clone(), Json::Number(next.to_string())]) } else { value.clone() };
        *self.identities.entry(stands_for).or_insert(next)
    }
}

/// A value with all that is said of it.
#[derive(Debug, Clone, Copy)]
struct Place<'a> {
    value: Option<&'a Json>,
    mask: Option<&'a Json>,
    unknown: Option<&'a Json>,
    beside: Beside<'a>,
}

impl<'a> Place<'a> {
    fn cover(&self) -> Cover<'a> {
        Cover::of(self.mask, self.value)
    }

    fn key(&self, key: &str) -> Self {
        let value = match self.value {
            Some(Json::Map(entries)) => entries.get(key),
            _ => None,
        };
        let unknown = self.unknown.and_then(|flags| flags.get(key));
        Self { value, mask: self.cover().key(key), unknown, beside: self.beside.key(key) }
    }

    fn index(&self, index: usize) -> Self {
        let item = |list: Option<&'a Json>| list.and_then(|list| list.items().get(index));
        let mask = self.cover().index(index);
        Self { value: item(self.value), mask, unknown: item(self.unknown), beside: self.beside.elements() }
    }
}

fn next(known: usize) -> u32 {
    u32::try_from(known).unwrap_or(u32::MAX)
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
