//! `setup.cfg`, as Python's `configparser` reads it (<https://docs.python.org/3/library/configparser.html>).
//!
//! `#` and `;` begin a comment only where a line begins; deeper lines continue a value; `%(name)s` stands for another option.

use std::collections::BTreeMap;

use super::super::{Flaw, Place, Written};

/// How often one option may lead to the next, as in Python.
const DEEPEST: usize = 10;

/// How long a value may grow.
const LONGEST: usize = 64 * 1024;

/// The options of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::manifest) struct SetupCfg {
    options: BTreeMap<(String, String), Written>,
    sections: Vec<String>,
}

/// Parses a file.
pub(in crate::manifest) fn parse(text: &str) -> Result<SetupCfg, Flaw> {
    let mut config = SetupCfg::default();
    let mut section: Option<String> = None;
    let mut option: Option<(String, String)> = None;
    let mut indent = 0;
    for (index, line) in text.lines().enumerate() {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let depth = line.chars().take_while(|c| c.is_whitespace()).count();
        let place = Place { line: index + 1, column: depth + 1 };
        if let Some(value) = option.as_ref().filter(|_| depth > indent).and_then(|key| config.options.get_mut(key)) {
            value.place = if value.text.is_empty() { place } else { value.place };
            value.text.push_str(if value.text.is_empty() { "" } else { "\n" });
            value.text.push_str(content);
            continue;
        }
        indent = depth;
        if let Some(name) = content.strip_prefix('[').and_then(|rest| Some(&rest[..rest.rfind(']')?])) {
            if config.sections.iter().any(|known| known == name) {
                return Err(Flaw::malformed(format!("the section `{name}` is there twice"), place));
            }
            config.sections.push(name.to_owned());
            (section, option) = (Some(name.to_owned()), None);
            continue;
        }
        let Some(section) = &section else { return Err(Flaw::malformed("a line before the first section", place)) };
        let Some(end) = content.find(['=', ':']).filter(|end| *end > 0) else {
            return Err(Flaw::malformed("neither a section nor an option with a value", place));
        };
        let value = content[end + 1..].trim_start();
        let column = depth + content[..content.len() - value.len()].chars().count() + 1;
        let key = (section.clone(), content[..end].trim_end().to_owned());
        let written = Written { text: value.to_owned(), place: Place { column, ..place } };
        if config.options.insert(key.clone(), written).is_some() {
            return Err(Flaw::malformed(format!("the option `{}` is there twice", key.1), place));
        }
        option = Some(key);
    }
    Ok(config)
}

impl SetupCfg {
    /// Whether the file has the section.
    pub(super) fn has(&self, section: &str) -> bool {
        self.sections.iter().any(|known| known == section)
    }

    /// The value of an option; `None` where it is missing or empty.
    pub(in crate::manifest) fn value(&self, section: &str, option: &str) -> Result<Option<Written>, Flaw> {
        let Some(written) = self.raw(section, option).filter(|written| !written.text.is_empty()) else {
            return Ok(None);
        };
        let text = self.interpolated(section, &written.text, 0).map_err(|why| Flaw::malformed(why, written.place))?;
        Ok(Some(Written { text, place: written.place }))
    }

    fn raw(&self, section: &str, option: &str) -> Option<&Written> {
        let key = |section: &str| (section.to_owned(), option.to_owned());
        self.options.get(&key(section)).or_else(|| self.options.get(&key("DEFAULT")))
    }

    fn interpolated(&self, section: &str, text: &str, depth: usize) -> Result<String, String> {
        if depth > DEEPEST {
            return Err("its options refer to each other without end".to_owned());
        }
        let (mut value, mut rest) = (String::new(), text);
        while let Some(percent) = rest.find('%') {
            value.push_str(&rest[..percent]);
            let behind = &rest[percent + 1..];
            if let Some(behind) = behind.strip_prefix('%') {
                value.push('%');
                rest = behind;
                continue;
            }
            let end = behind.find(")s").filter(|_| behind.starts_with('('));
            let end = end.ok_or("`%` must be followed by `%` or by `(name)s`")?;
            let name = &behind[1..end];
            let other = self.raw(section, name).ok_or_else(|| format!("nothing defines `%({name})s`"))?;
            value.push_str(&self.interpolated(section, &other.text, depth + 1)?);
            if value.len() > LONGEST {
                return Err("its value grows without end".to_owned());
            }
            rest = &behind[end + 2..];
        }
        value.push_str(rest);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> String {
        match parse(text).and_then(|config| config.value("metadata", "version")) {
            Ok(Some(written)) => format!("{}@{}:{}", written.text, written.place.line, written.place.column),
            Ok(None) => "-".to_owned(),
            Err(flaw) => format!("!{:?}@{}:{}", flaw.kind, flaw.place.line, flaw.place.column),
        }
    }

    #[test]
    fn values_are_what_configparser_reads() {
        for (text, expect) in [
            ("[metadata]\nversion=1.0.0b2\n", "1.0.0b2@2:9"),
            ("[metadata]\r\nversion : attr: a.v\r\n", "attr: a.v@2:11"),
            ("[metadata]\nx=4\nversion = %(x)s.5\n", "4.5@3:11"),
            ("[metadata]\nversion = 1.2 ; c\n", "1.2 ; c@2:11"),
            ("; a\n[metadata]\n# b\nversion =\n  1.2\nname=a", "1.2@5:3"),
            ("[metadata]\nversion = 1\n  2", "1\n2@2:11"),
            ("[metadata]\nversion = 100%%", "100%@2:11"),
            ("[DEFAULT]\nversion = 1\n[metadata]\n", "1@2:11"),
            ("[a]\nversion = 1\n", "-"),
            ("", "-"),
        ] {
            assert_eq!(version(text), expect, "{text}");
        }
    }

    #[test]
    fn what_configparser_refuses_is_malformed() {
        for (text, place) in [
            ("version = 1\n", "@1:1"),
            ("[metadata]\nversion\n", "@2:1"),
            ("[metadata]\nversion = 1\nversion = 2", "@3:1"),
            ("[metadata]\n[metadata]", "@2:1"),
            ("[metadata]\nversion = %(nope)s", "@2:11"),
            ("[metadata]\nversion = 5%", "@2:11"),
            ("[metadata]\nversion = %(version)s", "@2:11"),
        ] {
            let shown = version(text);
            assert!(shown.starts_with("!Malformed") && shown.ends_with(place), "{text}: {shown}");
        }
    }

    #[test]
    fn growth_ends() {
        let doubling: String = (0..30).map(|n| format!("a{} = %(a{n})s%(a{n})s\n", n + 1)).collect::<Vec<_>>().concat();
        assert!(version(&format!("[metadata]\na0 = 1\n{doubling}version = %(a30)s")).contains("without end"));
        let wide = format!("[metadata]\na={}\nversion = {}", "x".repeat(1000), "%(a)s".repeat(100_000));
        assert!(version(&wide).contains("without end"));
    }
}
