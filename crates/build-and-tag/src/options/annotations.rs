//! Annotations, in buildx's grammar: `[level[,level]:]name=value`.

use std::collections::BTreeMap;

use actions_core::InputErrors;
use serde::Serialize;

/// What an annotation is put on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    /// The manifest of each image.
    Manifest,
    /// The index of several images.
    Index,
    /// What points at each manifest in the index.
    ManifestDescriptor,
    /// What points at the index in the layout.
    IndexDescriptor,
}

impl Level {
    const ALL: [Self; 4] = [Self::Manifest, Self::Index, Self::ManifestDescriptor, Self::IndexDescriptor];

    /// The level's name in buildx.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Index => "index",
            Self::ManifestDescriptor => "manifest-descriptor",
            Self::IndexDescriptor => "index-descriptor",
        }
    }

    /// Whether it exists only where several images are one.
    pub(crate) fn needs_index(self) -> bool {
        matches!(self, Self::Index | Self::IndexDescriptor)
    }
}

/// Annotations by level.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Annotations {
    by_level: BTreeMap<Level, BTreeMap<String, String>>,
    /// Whether what the labels say by default is also said as annotations of the manifest.
    #[serde(skip)]
    pub(crate) with_defaults: bool,
}

impl Annotations {
    /// The annotations of `level`.
    pub(crate) fn at(&self, level: Level) -> BTreeMap<String, String> {
        self.by_level.get(&level).cloned().unwrap_or_default()
    }

    /// Whether there are any.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_level.is_empty() && !self.with_defaults
    }

    /// Whether any is put where only an index has a place.
    pub(crate) fn need_index(&self) -> bool {
        self.by_level.keys().any(|level| level.needs_index())
    }

    /// These, and `defaults` on the manifest where they were asked for.
    pub(crate) fn over(&self, defaults: &BTreeMap<String, String>) -> Self {
        let mut made = self.clone();
        if self.with_defaults {
            let own = made.by_level.entry(Level::Manifest).or_default();
            for (name, value) in defaults {
                own.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        made
    }

    /// `level:name=value`, as `--annotation` takes it.
    pub(crate) fn written(&self) -> Vec<String> {
        let each = |(level, entries): (&Level, &BTreeMap<String, String>)| {
            let level = level.name();
            entries.iter().map(|(name, value)| format!("{level}:{name}={value}")).collect::<Vec<_>>()
        };
        self.by_level.iter().flat_map(each).collect()
    }
}

/// Parses the lines of the input.
pub(crate) fn parse(values: &[String], bad: &mut InputErrors) -> Annotations {
    let mut all = Annotations::default();
    for (levels, name, value) in bad.list("annotations", &super::kept(values), annotation) {
        all.with_defaults |= name.is_empty();
        for level in levels {
            all.by_level.entry(level).or_default().insert(name.clone(), value.clone());
        }
    }
    all
}

fn annotation(line: &str) -> Result<(Vec<Level>, String, String), &'static str> {
    if line.trim() == "default" {
        return Ok((Vec::new(), String::new(), String::new()));
    }
    let (key, value) = line.split_once('=').ok_or("is not `name=value`")?;
    let (levels, name) = match key.split_once(':') {
        Some((front, name)) => levels(front).map_or((vec![Level::Manifest], key), |levels| (levels, name)),
        None => (vec![Level::Manifest], key),
    };
    let name = name.trim();
    if name.is_empty() { Err("is not `name=value`") } else { Ok((levels, name.to_owned(), value.to_owned())) }
}

/// The levels that stand in front of a name; `None` where it is a part of the name.
fn levels(text: &str) -> Option<Vec<Level>> {
    text.split(',').map(|word| Level::ALL.into_iter().find(|level| level.name() == word.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(lines: &[&str]) -> Vec<String> {
        let mut bad = InputErrors::new();
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let all = parse(&lines, &mut bad);
        assert!(bad.is_empty());
        all.written()
    }

    #[test]
    fn a_level_stands_in_front_and_is_the_manifest_when_left_out() {
        assert_eq!(written(&["a.b=c"]), ["manifest:a.b=c"]);
        assert_eq!(written(&["index,manifest:a=b=c, d"]), ["manifest:a=b=c, d", "index:a=b=c, d"]);
        assert_eq!(written(&["urn:x=1"]), ["manifest:urn:x=1"], "a colon may be a part of the name");
        assert_eq!(
            written(&["index-descriptor:a=1", "manifest-descriptor:b="]),
            ["manifest-descriptor:b=", "index-descriptor:a=1"]
        );
    }

    #[test]
    fn defaults_never_win() {
        let mut bad = InputErrors::new();
        let all = parse(&["default\na=mine".to_owned()], &mut bad);
        let defaults = BTreeMap::from([("a".to_owned(), "theirs".to_owned()), ("b".to_owned(), "2".to_owned())]);
        assert_eq!(all.over(&defaults).written(), ["manifest:a=mine", "manifest:b=2"]);
        assert_eq!(Annotations::default().over(&defaults), Annotations::default());
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        for line in ["a", "=b", "index:=b"] {
            assert!(annotation(line).is_err(), "{line}");
        }
    }
}
