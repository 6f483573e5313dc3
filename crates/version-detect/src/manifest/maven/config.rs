//! `.mvn/maven.config`: options of every Maven run (<https://maven.apache.org/configure.html>). Properties given there beat
//! those of the pom.

use std::collections::BTreeMap;

/// The properties that the options define: `-Drevision=1.0.0`, `-D revision=1.0.0`, `--define revision=1.0.0`.
pub(crate) fn parse(text: &str) -> BTreeMap<String, String> {
    let mut properties = BTreeMap::new();
    let mut words = text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(str::split_whitespace);
    while let Some(word) = words.next() {
        let definition = match word {
            "-D" | "--define" => words.next(),
            _ => word.strip_prefix("-D").or_else(|| word.strip_prefix("--define=")),
        };
        if let Some((name, value)) = definition.and_then(|definition| definition.split_once('=')) {
            properties.insert(name.to_owned(), value.trim_matches('"').to_owned());
        }
    }
    properties
}
