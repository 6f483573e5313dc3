//! The codes of `scripts/run-action.sh`; their paragraphs stand in `script.md`, because the script travels to every runner.

use super::entry::{Entry, Origin};
use super::source::split;

const SCRIPT: &str = "scripts/run-action.sh";
const PARAGRAPHS: &str = include_str!("script.md");

/// Adds the script's codes.
pub(crate) fn read(entries: &mut Vec<Entry>, problems: &mut Vec<String>) -> Result<(), String> {
    let script = super::read(SCRIPT)?;
    let made = codes(&script);
    let written: Vec<(&str, Vec<String>)> = PARAGRAPHS
        .split("\n## ")
        .skip(1)
        .filter_map(|section| section.split_once('\n'))
        .map(|(code, text)| (code.trim(), split(text)))
        .collect();
    for (code, _) in written.iter().filter(|(code, _)| !made.iter().any(|made| made == code)) {
        problems.push(format!("`{code}` is in script.md and not in {SCRIPT}"));
    }
    for code in made {
        let paragraphs = written.iter().find(|(name, _)| *name == code).map(|(_, paragraphs)| paragraphs.clone());
        entries.push(Entry {
            code,
            file: SCRIPT.to_owned(),
            message: None,
            help: None,
            paragraphs: paragraphs.unwrap_or_default(),
            origin: Origin::Script,
        });
    }
    Ok(())
}

/// The titles that `fail` is called with, each once.
fn codes(script: &str) -> Vec<String> {
    let mut codes: Vec<String> = script
        .split("fail slipway/")
        .skip(1)
        .filter_map(|rest| rest.split_whitespace().next())
        .map(|name| format!("slipway/{name}"))
        .collect();
    codes.sort();
    codes.dedup();
    codes
}
