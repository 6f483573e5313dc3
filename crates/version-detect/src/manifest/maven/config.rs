//! `.mvn/maven.config`: options of every Maven run (<https://maven.apache.org/configure.html>).

use std::collections::BTreeMap;

/// What the options say about versions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Options {
    /// The user's properties: `-Drevision=1.0.0`, `-D revision=1.0.0`, `--define revision=1.0.0`.
    pub(crate) properties: BTreeMap<String, String>,
    /// The profiles switched on: `-Pa`, `-P+a`, `-P ?a`, `--activate-profiles=a`.
    pub(crate) active: Vec<String>,
    /// The profiles switched off: `-P!a`, `-P-a`.
    pub(crate) inactive: Vec<String>,
}

/// Parses the options.
pub(crate) fn parse(text: &str) -> Options {
    let mut options = Options::default();
    let mut words = text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(str::split_whitespace);
    while let Some(word) = words.next() {
        if let Some(definition) = value(word, "-D", "--define", &mut words) {
            // A property without a value is true.
            let (name, value) = definition.split_once('=').unwrap_or((definition, "true"));
            options.properties.insert(name.to_owned(), value.trim_matches('"').to_owned());
        } else if let Some(profiles) = value(word, "-P", "--activate-profiles", &mut words) {
            profiles.split(',').for_each(|profile| options.switch(profile.trim()));
        }
    }
    options
}

/// The value of the option, which is part of the word or the next one.
fn value<'a>(word: &'a str, short: &str, long: &str, rest: &mut impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if word == short || word == long {
        return rest.next();
    }
    match word.strip_prefix(long) {
        Some(value) => value.strip_prefix('='),
        None => word.strip_prefix(short),
    }
}

impl Options {
    fn switch(&mut self, profile: &str) {
        match profile.strip_prefix(['!', '-']) {
            // `?` says that the profile may be missing.
            Some(off) => self.inactive.push(off.trim_start_matches('?').to_owned()),
            None => self.active.push(profile.trim_start_matches('+').trim_start_matches('?').to_owned()),
        }
    }
}
