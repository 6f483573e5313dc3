//! Helm: `Chart.yaml` (<https://helm.sh/docs/topics/charts/#the-chartyaml-file>).
//!
//! The version is the chart's own, at the top level; `appVersion` and the versions of dependencies are not it. The file is
//! read as a stream of events: nothing is built, so neither aliases nor nesting can blow it up.

use std::collections::HashMap;
use std::path::Path;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::{Flaw, FlawKind, Place, Reader, Resolved, Written, names_of};
use crate::error::Error;

/// The manifests in a folder with these files.
pub(super) fn candidates(names: &[String]) -> Vec<&str> {
    names_of(names, &["Chart.yaml"])
}

/// The version of a chart.
pub(super) fn resolve(reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    let version = reader.parse(manifest, parse)?;
    Ok(version.map(|written| Resolved::written(manifest, written)))
}

/// A value of the top level: its text, or `None` for what is no text.
type Value = Option<String>;

/// The version of a chart; `None` where there is none.
fn parse(text: &str) -> Result<Option<Written>, Flaw> {
    let mut chart = Chart::default();
    let lines = text.lines().count().max(1);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Flaw::malformed(error.info(), place(*error.marker(), lines)))?;
        chart.event(event, place(span.start, lines))?;
    }
    match chart.version {
        Some((Some(version), _)) if version.is_empty() => Ok(None),
        Some((Some(text), place)) => Ok(Some(Written { text, place })),
        Some((None, place)) => Err(Flaw { kind: FlawKind::NotText, place }),
        None => Ok(None),
    }
}

#[derive(Default)]
struct Chart {
    documents: usize,
    depth: usize,
    /// The name of the member whose value comes next.
    key: Option<String>,
    version: Option<(Value, Place)>,
    /// The scalars that have an anchor.
    anchors: HashMap<usize, Value>,
}

impl Chart {
    fn event(&mut self, event: Event<'_>, place: Place) -> Result<(), Flaw> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Flaw::malformed("a second document begins", place));
                }
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                let is_map = matches!(event, Event::MappingStart(..));
                if self.depth == 0 && !is_map {
                    return Err(Flaw::malformed("its top level has no members", place));
                }
                if self.depth == 1 {
                    self.value(None, place)?;
                }
                self.depth += 1;
            }
            Event::MappingEnd | Event::SequenceEnd => self.depth = self.depth.saturating_sub(1),
            Event::Scalar(text, style, anchor, tag) => {
                let is_forced = tag.is_some_and(|tag| tag.suffix == "str");
                let is_text = style != ScalarStyle::Plain || is_forced || !is_number(&text);
                let is_null = style == ScalarStyle::Plain && ["", "~", "null", "Null", "NULL"].contains(&&*text);
                let value = is_text.then(|| if is_null { String::new() } else { text.into_owned() });
                if anchor > 0 {
                    self.anchors.insert(anchor, value.clone());
                }
                if self.depth == 0 && !is_null {
                    return Err(Flaw::malformed("its top level has no members", place));
                }
                self.value(value, place)?;
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned().flatten();
                self.value(value, place)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    /// A key of the top level, or the value of one.
    fn value(&mut self, value: Value, place: Place) -> Result<(), Flaw> {
        if self.depth != 1 {
            return Ok(());
        }
        let Some(key) = self.key.take() else {
            self.key = Some(value.unwrap_or_default());
            return Ok(());
        };
        if key == "version" && self.version.replace((value, place)).is_some() {
            return Err(Flaw::malformed("`version` is there twice", place));
        }
        Ok(())
    }
}

/// Whether YAML makes something other than text of a plain scalar.
fn is_number(text: &str) -> bool {
    let plain = text.trim_start_matches(['-', '+']).replace('_', "");
    let is_radix = ["0x", "0o", "0b"].iter().any(|radix| plain.starts_with(radix));
    let words = ["true", "false", "yes", "no", "on", "off", ".inf", ".nan"];
    (plain.starts_with(|c: char| c.is_ascii_digit() || c == '.') && (plain.parse::<f64>().is_ok() || is_radix))
        || words.contains(&plain.to_lowercase().as_str())
}

/// The place of a marker in a text of so many lines: the parser places what is left out, or broken, behind the end.
fn place(marker: Marker, lines: usize) -> Place {
    let line = marker.line().clamp(1, lines);
    Place { line, column: if marker.line() > lines { 1 } else { marker.col() + 1 } }
}

#[cfg(test)]
mod tests {
    use crate::manifest::memory::{discovered, resolved};

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(resolved(&[("Chart.yaml", text)], "Chart.yaml"), expect, "{text}");
    }

    #[test]
    fn the_version_is_the_charts_own() {
        check("apiVersion: v2\nversion: 1.2.3\nappVersion: v9\n", "1.2.3@Chart.yaml:2:10");
        check(
            "appVersion: \"9\"\ndependencies:\n  - name: a\n    version: 4.0.0\nversion: \"1.2.3\" # c\n",
            "1.2.3@Chart.yaml:5:10",
        );
        check("---\nversion: v1.2.3\n", "v1.2.3@Chart.yaml:2:10");
        check("version: 0.1.0-SNAPSHOT\r\n", "0.1.0-SNAPSHOT@Chart.yaml:1:10");
        check("{name: a, version: 1.2.3+4}", "1.2.3+4@Chart.yaml:1:20");
        check("a: &v 1.2.3\nversion: *v\n", "1.2.3@Chart.yaml:2:10");
        check("version: !!str 1.10\n", "1.10@Chart.yaml:1:10");
        check("appVersion: 1.0.0\n", "-");
        check("version:\n", "-");
        check("", "-");
        assert_eq!(discovered(&[("c/Chart.yaml", "version: 1.0.1")], "c"), "helm 1.0.1@c/Chart.yaml:1:10");
    }

    #[test]
    fn what_yaml_makes_a_number_of_is_no_text() {
        for number in ["1.10", "1", "72445e2", "0x10", "1_0", "true", "[1]", "{a: 1}"] {
            let shown = resolved(&[("Chart.yaml", &format!("version: {number}\n"))], "Chart.yaml");
            assert!(shown.starts_with("!not text@Chart.yaml:1:"), "{number}: {shown}");
        }
    }

    #[test]
    fn what_is_no_chart_is_malformed() {
        check("version: 1.0.0\n---\nversion: 2.0.0\n", "!a second document begins@Chart.yaml:2:1");
        check("version: 1.0.0\nversion: 2.0.0\n", "!`version` is there twice@Chart.yaml:2:10");
        check("- version: 1.0.0\n", "!its top level has no members@Chart.yaml:1:1");
        check("1.0.0", "!its top level has no members@Chart.yaml:1:1");
        for broken in ["version: \"1", "version: [1", "a: b: c"] {
            assert!(resolved(&[("Chart.yaml", broken)], "Chart.yaml").starts_with('!'), "{broken}");
        }
    }

    #[test]
    fn bombs_end() {
        let laughs: String =
            (0..30).map(|n| format!("a{}: &a{} [*a{n}, *a{n}]\n", n + 1, n + 1)).collect::<Vec<_>>().concat();
        check(&format!("a0: &a0 x\n{laughs}version: 1.0.0\n"), "1.0.0@Chart.yaml:32:10");
        for deep in ["[".repeat(200_000), "{a: ".repeat(100_000)] {
            let shown = resolved(&[("Chart.yaml", &format!("a: {deep}"))], "Chart.yaml");
            assert!(shown.starts_with('!'), "{}", shown.chars().take(80).collect::<String>());
        }
    }
}
