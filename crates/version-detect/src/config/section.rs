//! A table of the file, and what may be asked of it.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigFlaw, checked_patterns};
use crate::manifest::{Lines, Place};
use crate::pattern::Pattern;

/// A table.
pub(super) struct Section<'a> {
    lines: &'a Lines<'a>,
    table: &'a DeTable<'a>,
    /// Where it begins.
    pub(super) at: Place,
}

type Value<'a> = Spanned<DeValue<'a>>;

impl<'a> Section<'a> {
    /// The whole file.
    pub(super) fn root(lines: &'a Lines<'a>, table: &'a DeTable<'a>) -> Self {
        Self { lines, table, at: Place::START }
    }

    fn of(&self, value: &Value<'_>) -> Place {
        self.lines.place(value.span().start)
    }

    fn wrong(&self, value: &Value<'_>, key: &str, wanted: &str) -> ConfigFlaw {
        ConfigFlaw::malformed(self.of(value), format!("`{key}` is {wanted}"))
    }

    /// Refuses keys that are not among `keys`.
    pub(super) fn knows(&self, keys: &[&str]) -> Result<(), ConfigFlaw> {
        let Some((key, _)) = self.table.iter().find(|(key, _)| !keys.contains(&&**key.get_ref())) else {
            return Ok(());
        };
        let place = self.lines.place(key.span().start);
        let key = key.get_ref().to_string();
        let near = keys.iter().map(|known| (strsim::damerau_levenshtein(known, &key), known)).min();
        let advice = match near {
            Some((distance, known)) if distance <= 3 && distance < known.len() => format!("did you mean `{known}`?"),
            _ => {
                let known: Vec<String> = keys.iter().map(|known| format!("`{known}`")).collect();
                format!("the keys here are {}", known.join(", "))
            }
        };
        Err(ConfigFlaw::UnknownKey { place, key, advice })
    }

    /// Where the value of a key is.
    pub(super) fn place(&self, key: &str) -> Option<Place> {
        self.table.get(key).map(|value| self.of(value))
    }

    pub(super) fn table(&self, key: &str) -> Result<Option<Section<'a>>, ConfigFlaw> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let table = value.get_ref().as_table().ok_or_else(|| self.wrong(value, key, "a table"))?;
        Ok(Some(Section { lines: self.lines, table, at: self.of(value) }))
    }

    pub(super) fn tables(&self, key: &str) -> Result<Vec<Section<'a>>, ConfigFlaw> {
        let Some(value) = self.table.get(key) else { return Ok(Vec::new()) };
        let wrong = || self.wrong(value, key, &format!("a list of tables: `[[{key}]]`"));
        let items = value.get_ref().as_array().ok_or_else(wrong)?;
        let section = |item: &'a Value<'a>| {
            let table = item.get_ref().as_table().ok_or_else(wrong)?;
            Ok(Section { lines: self.lines, table, at: self.of(item) })
        };
        items.iter().map(section).collect()
    }

    pub(super) fn boolean(&self, key: &str) -> Result<Option<bool>, ConfigFlaw> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        value.get_ref().as_bool().map(Some).ok_or_else(|| self.wrong(value, key, "`true` or `false`"))
    }

    /// A text that `check` makes something of.
    pub(super) fn checked<T>(
        &self,
        key: &str,
        check: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, ConfigFlaw> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let text = value.get_ref().as_str().ok_or_else(|| self.wrong(value, key, "a text"))?;
        let refused = |why| ConfigFlaw::malformed(self.of(value), format!("`{key}` cannot be `{text}`: {why}"));
        check(text).map(Some).map_err(refused)
    }

    /// The same of a text that must be there.
    pub(super) fn required<T>(
        &self,
        key: &str,
        check: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<T, ConfigFlaw> {
        self.checked(key, check)?.ok_or_else(|| ConfigFlaw::malformed(self.at, format!("`{key}` is missing here")))
    }

    /// One of the values that can be chosen.
    pub(super) fn choice<T: Copy>(&self, key: &str, values: &[(&str, T)]) -> Result<Option<T>, ConfigFlaw> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let chosen = value.get_ref().as_str().and_then(|text| values.iter().find(|(name, _)| *name == text));
        chosen.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let names: Vec<String> = values.iter().map(|(name, _)| format!("`{name}`")).collect();
            self.wrong(value, key, &format!("one of {}", names.join(", ")))
        })
    }

    /// A list of texts with their places; none where there is no list.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<(String, Place)>, ConfigFlaw> {
        let Some(value) = self.table.get(key) else { return Ok(Vec::new()) };
        let items = value.get_ref().as_array().ok_or_else(|| self.wrong(value, key, "a list of texts"))?;
        let text = |item: &Value<'_>| {
            let text = item.get_ref().as_str().ok_or_else(|| self.wrong(item, key, "a list of texts"))?;
            Ok((text.to_owned(), self.of(item)))
        };
        items.iter().map(text).collect()
    }

    pub(super) fn checked_list<T>(
        &self,
        key: &str,
        check: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<Vec<T>, ConfigFlaw> {
        let read = |(text, place): (String, Place)| {
            check(&text).map_err(|why| ConfigFlaw::malformed(place, format!("`{key}` cannot hold `{text}`: {why}")))
        };
        self.texts(key)?.into_iter().map(read).collect()
    }

    /// A list of patterns, of which one at least takes something in; `None` where there is no list.
    pub(super) fn patterns(&self, key: &str) -> Result<Option<Vec<Pattern>>, ConfigFlaw> {
        let Some(place) = self.place(key) else { return Ok(None) };
        let patterns = checked_patterns(self.texts(key)?)?;
        if patterns.iter().all(Pattern::is_negative) {
            return Err(ConfigFlaw::malformed(place, format!("`{key}` has no pattern without `!`")));
        }
        Ok(Some(patterns))
    }
}
