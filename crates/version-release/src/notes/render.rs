//! Changes as Markdown.

use actions_core::markdown::escape;
use github_client::LONGEST_RELEASE_BODY;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::History;
use super::changes::Change;
use super::config::Config;
use crate::pending;

/// The most characters of a title that are shown. GitHub's own have at most 256.
const LONGEST_TITLE: usize = 300;

/// The most characters that are shown of what breaks.
const LONGEST_BREAK: usize = 600;

/// The most people that are named.
const MOST_PEOPLE: usize = 100;

/// What stays as it is in the path of an address.
const KEPT: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// The sections of changes that no category of the repository arranges: a title, and the types in it.
const SECTIONS: [(&str, &[&str]); 4] =
    [("Features", &["feat"]), ("Fixes", &["fix"]), ("Performance", &["perf"]), (OTHER, &[])];

const BREAKING: &str = "Breaking changes";
const OTHER: &str = "Other changes";

pub(super) fn render(history: &History, config: &Config, changes: Vec<Change>) -> String {
    let people = people(&changes);
    let end = end(history);
    let sections = sections(config, changes);
    let mut text = String::new();
    let mut left_out = 0;
    // Room for the sentence that says how many are left out, for the names of people, and for the note of what is to be started.
    let room = LONGEST_RELEASE_BODY.saturating_sub(end.len() + people.len() + 200 + pending::LONGEST);
    for (title, changes) in &sections {
        let mut is_begun = false;
        for change in changes {
            let line = line(history, change);
            let heading = if is_begun { String::new() } else { format!("## {}\n\n", escape(title)) };
            if text.len() + heading.len() + line.len() + 1 > room {
                left_out += 1;
                continue;
            }
            is_begun = true;
            text.push_str(&heading);
            text.push_str(&line);
        }
        if is_begun {
            text.push('\n');
        }
    }
    if sections.is_empty() {
        text.push_str(if history.previous.is_some() { "No changes are listed.\n\n" } else { "The first release.\n\n" });
    }
    let more = left_out + history.more;
    if more > 0 {
        let word = if left_out > 0 { "changes" } else { "commits" };
        text.push_str(&format!("_{more} more {word} are not listed here._\n\n"));
    }
    if history.is_cut {
        text.push_str("_Older commits are not listed here._\n\n");
    }
    text.push_str(&people);
    text.push_str(&end);
    text
}

/// Titles and their changes, none of them empty.
fn sections(config: &Config, changes: Vec<Change>) -> Vec<(String, Vec<Change>)> {
    let mut sections: Vec<(String, Vec<Change>)> = Vec::new();
    if config.categories.is_empty() {
        sections.push((BREAKING.to_owned(), Vec::new()));
        sections.extend(SECTIONS.iter().map(|(title, _)| ((*title).to_owned(), Vec::new())));
        for change in changes {
            let kind = SECTIONS.iter().position(|(_, kinds)| kinds.contains(&change.kind.as_str()));
            let at = if change.breaking { 0 } else { 1 + kind.unwrap_or(SECTIONS.len() - 1) };
            sections[at].1.push(change);
        }
    } else {
        sections.extend(config.categories.iter().map(|category| (category.title.clone(), Vec::new())));
        sections.push((OTHER.to_owned(), Vec::new()));
        let last = sections.len() - 1;
        for change in changes {
            let at = config.category(&change).unwrap_or(last);
            sections[at].1.push(change);
        }
        for (_, changes) in &mut sections {
            changes.sort_by_key(|change| !change.breaking);
        }
    }
    sections.retain(|(_, changes)| !changes.is_empty());
    sections
}

/// The line of a change, and below it what breaks.
fn line(history: &History, change: &Change) -> String {
    let scope = change.scope.as_deref().map_or_else(String::new, |scope| format!("**{}:** ", shown(scope, 80)));
    let mark = if change.breaking { "⚠️ " } else { "" };
    let target = match (change.pull, change.commits.last()) {
        (Some(number), _) => format!("[#{number}]({}/pull/{number})", history.repository),
        (None, Some(sha)) => format!("[{}]({}/commit/{sha})", sha.get(..7).unwrap_or(sha), history.repository),
        (None, None) => String::new(),
    };
    let by = change.logins.first().map_or_else(String::new, |login| format!(" by {}", person(login)));
    let mut line = format!("- {mark}{scope}{} ({target}){by}\n", shown(&change.text, LONGEST_TITLE));
    for text in &change.breaks {
        line.push_str(&format!("  - {}\n", shown(text, LONGEST_BREAK)));
    }
    line
}

/// Text from outside: cut, on one line, without markup. What stands in a list begins no block.
fn shown(text: &str, most: usize) -> String {
    let mut short: String = text.chars().take(most).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    escape(short.trim())
}

/// An account, mentioned as GitHub's own notes do; what cannot be one is text.
fn person(login: &str) -> String {
    if is_login(login) { format!("@{login}") } else { escape(login) }
}

/// Whether `text` is an account's name: at most 39 letters, digits and single hyphens inside, as GitHub has them.
fn is_login(text: &str) -> bool {
    let inside = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (1..=48).contains(&text.len()) && inside && !text.starts_with('-')
}

fn people(changes: &[Change]) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for login in changes.iter().flat_map(|change| &change.logins) {
        if is_login(login) && !seen.contains(&login.as_str()) {
            seen.push(login);
        }
    }
    if seen.is_empty() {
        return String::new();
    }
    let more = seen.len().saturating_sub(MOST_PEOPLE);
    let mut names: Vec<String> = seen.iter().take(MOST_PEOPLE).map(|login| format!("@{login}")).collect();
    if more > 0 {
        names.push(format!("{more} more"));
    }
    format!("## Contributors\n\n{}\n\n", names.join(", "))
}

fn end(history: &History) -> String {
    let encode = |text: &str| utf8_percent_encode(text, &KEPT).to_string();
    let (page, tag) = (&history.repository, encode(&history.tag));
    match &history.previous {
        Some(previous) => format!(
            "**Full changelog**: [{}]({page}/compare/{}...{tag})\n",
            escape(&format!("{previous}...{}", history.tag)),
            encode(previous)
        ),
        None => format!("**Full changelog**: [{}]({page}/commits/{tag})\n", escape(&history.tag)),
    }
}
