//! Generates `docs/reference/errors.md` from the sources: every code that a shipped program can print.
//!
//! A code's paragraphs are the doc comment of the variant or constant that makes it: what it means (with the exit code), why it happens,
//! and, where the `help` of the error is put together at run time, how to fix it.

mod entry;
mod page;
mod provoked;
mod script;
mod source;
mod tests_of;
mod tokens;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use entry::{Entry, Origin};

use crate::program::root;

/// The page, relative to the root.
pub(crate) const PAGE: &str = "docs/reference/errors.md";

/// Every code, and what is wrong with the sources.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    entries: Vec<Entry>,
    /// Codes without a paragraph, without a test, twice, or made where the catalogue cannot see them.
    pub(crate) problems: Vec<String>,
}

impl Catalogue {
    /// Reads the sources and the tests.
    pub(crate) fn read() -> Result<Self, String> {
        let mut catalogue = Self::default();
        let mut tests = tests_of::Tests::default();
        let mut templates = Vec::new();
        for file in sources()? {
            let text = read(&file)?;
            if is_shipped(&file) {
                let found = source::read(&file, &text)?;
                let (of_each, own): (Vec<Entry>, Vec<Entry>) =
                    found.entries.into_iter().partition(|entry| entry.code.starts_with("{action}/"));
                templates.extend(of_each);
                catalogue.entries.extend(own);
                catalogue.problems.extend(found.problems);
            }
            tests.read(&file, &text)?;
        }
        script::read(&mut catalogue.entries, &mut catalogue.problems)?;
        catalogue.give_to_each_action(&templates);
        catalogue.check(&tests);
        Ok(catalogue)
    }

    /// The page's text.
    pub(crate) fn page(&self) -> String {
        page::render(&self.entries)
    }

    /// A code such as `{action}/cancelled` is one of each action, unless the action has a code of that name of its own.
    fn give_to_each_action(&mut self, templates: &[Entry]) {
        for template in templates {
            for action in crate::program::action_names() {
                let code = template.code.replace("{action}", action);
                if !self.entries.iter().any(|entry| entry.code == code) {
                    self.entries.push(Entry { code, origin: Origin::EachAction, ..template.clone() });
                }
            }
        }
    }

    fn check(&mut self, tests: &tests_of::Tests) {
        let mut seen: BTreeMap<&str, &Entry> = BTreeMap::new();
        let mut problems = Vec::new();
        let asserted = tests.asserted();
        for entry in &self.entries {
            if let Some(other) = seen.insert(&entry.code, entry) {
                problems.push(format!("`{}` is declared twice: {} and {}", entry.code, other.file, entry.file));
            }
            problems.extend(entry.problems());
            if !page::has_place(&entry.code) {
                problems.push(format!("`{}` ({}) has no section in xtask/src/errors/page.rs", entry.code, entry.file));
            }
            if !asserted.provoke(entry) {
                problems.push(format!("`{}` ({}) is provoked by no test", entry.code, entry.file));
            }
        }
        self.problems.append(&mut problems);
    }
}

/// The Rust files that Git knows, or will know, of the crates and of xtask's tests.
fn sources() -> Result<Vec<String>, String> {
    let output = crate::program::Program::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "crates", "xtask"])
        .output()?;
    let is_there = |file: &str| root().join(file).is_file();
    let mut files: Vec<String> = output
        .stdout
        .lines()
        .filter(|file| Path::new(file).extension().is_some_and(|extension| extension == "rs"))
        .filter(|file| !file.starts_with("xtask/src/errors"))
        .filter(|file| is_there(file))
        .map(str::to_owned)
        .collect();
    files.sort();
    if files.is_empty() { Err("git lists no source".to_owned()) } else { Ok(files) }
}

/// Whether a file is part of a program that people run: no test, no stand-in, no sample of a library.
fn is_shipped(file: &str) -> bool {
    !["/testkit/", "/tests/", "/src/bin/"].iter().any(|part| file.contains(part)) && !file.ends_with("/tests.rs")
}

fn read(file: &str) -> Result<String, String> {
    std::fs::read_to_string(root().join(PathBuf::from(file))).map_err(|error| format!("{file}: {error}"))
}

#[cfg(test)]
mod tests;
