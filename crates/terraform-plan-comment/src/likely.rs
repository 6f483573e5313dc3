//! Texts that look like secrets though nobody marks them: the second line behind Terraform's own marks.
//!
//! Three signs count: the known shape of a token, a name that says what the value is, and a text that only a generator writes. What is
//! found is sealed wherever it occurs, as a marked secret is. Digests, identifiers and ARNs look random too and hide nothing, so
//! names that say so are left alone.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use memchr::memchr2;
use regex_lite::Regex;

use crate::json::Json;
use crate::secrets::{Secrets, url_passwords};

mod shapes;

pub(crate) use shapes::SECRETS;
use shapes::{JOINED, NO_SECRETS, PREFIXES, Shape};

/// A value that a name calls a secret is one from this length on, in characters.
const SHORTEST_NAMED: usize = 8;

/// A text without a name that says so is taken for a secret between these lengths, in characters: a shorter one is a name,
/// a longer one a file.
const RANDOM_LENGTHS: std::ops::RangeInclusive<usize> = 32..=128;

/// What a generated text has at least of each kind of character.
const LEAST_DIGITS: usize = 3;

/// The least entropy of a generated text, in bits for each character; words and paths have less than 4.
const LEAST_ENTROPY: f64 = 4.3;

/// The least entropy of a value that its name calls a secret: `xxxxxxxx` is none.
const LEAST_NAMED_ENTROPY: f64 = 2.0;

/// So many names are remembered.
const MOST_NAMES: usize = 4096;

/// Documents in documents are read this deep.
const DEEPEST: usize = 4;

/// Looks for secrets that nobody marks.
#[derive(Debug, Default, Clone)]
pub(crate) struct Detector {
    /// What the user calls a secret; the first group of a pattern, or all that it matches.
    patterns: Vec<Regex>,
    /// Whether only the user's patterns count.
    only_patterns: bool,
}

impl PartialEq for Detector {
    fn eq(&self, other: &Self) -> bool {
        let texts = |patterns: &[Regex]| patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect::<Vec<_>>();
        self.only_patterns == other.only_patterns && texts(&self.patterns) == texts(&other.patterns)
    }
}

impl Eq for Detector {}

/// The starts of tokens that are known by them.
static STARTS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(PREFIXES.iter().map(|shape| shape.prefix)).ok());

impl Detector {
    /// A detector that looks for `patterns` too, or for nothing else.
    pub(crate) fn new(patterns: Vec<Regex>, only_patterns: bool) -> Self {
        Self { patterns, only_patterns }
    }

    /// What the user calls a secret.
    pub(crate) fn patterns(&self) -> &[Regex] {
        &self.patterns
    }

    /// Adds to `secrets` what looks like one in what is shown of `plan` besides its changes and its drift.
    pub(crate) fn find_in_rest(&self, plan: &Json, secrets: &mut Secrets) {
        const SHOWN: [&str; 6] = [
            "deferred_changes",
            "output_changes",
            "checks",
            "condition_results",
            "action_invocations",
            "deferred_action_invocations",
        ];
        for part in SHOWN.iter().filter_map(|name| plan.get(name)) {
            self.walk(part, "", 0, secrets);
        }
        self.configuration(plan, secrets);
    }

    /// What providers and provisioners are set up with: it counts in what is remembered of a review.
    fn configuration(&self, plan: &Json, secrets: &mut Secrets) {
        for (name, variable) in plan.get("variables").into_iter().flat_map(Json::entries) {
            variable.get("value").into_iter().for_each(|value| self.walk(value, name, 0, secrets));
        }
        for (_, provider) in plan.at(&["configuration", "provider_config"]).into_iter().flat_map(Json::entries) {
            provider.get("expressions").into_iter().for_each(|settings| self.expression(settings, "", secrets));
        }
        plan.at(&["configuration", "root_module"]).into_iter().for_each(|root| self.module(root, secrets));
    }

    fn module(&self, module: &Json, secrets: &mut Secrets) {
        for (name, variable) in module.get("variables").into_iter().flat_map(Json::entries) {
            variable.get("default").into_iter().for_each(|value| self.walk(value, name, 0, secrets));
        }
        for block in module.get("resources").into_iter().flat_map(Json::items) {
            for provisioner in block.get("provisioners").into_iter().flat_map(Json::items) {
                provisioner.get("expressions").into_iter().for_each(|settings| self.expression(settings, "", secrets));
            }
        }
        for (_, call) in module.get("module_calls").into_iter().flat_map(Json::entries) {
            call.get("expressions").into_iter().for_each(|settings| self.expression(settings, "", secrets));
            call.get("module").into_iter().for_each(|called| self.module(called, secrets));
        }
    }

    /// The constants of an expression, or of a block of them. What it refers to is no value.
    fn expression(&self, expression: &Json, name: &str, secrets: &mut Secrets) {
        match expression {
            Json::List(items) => items.iter().for_each(|item| self.expression(item, name, secrets)),
            Json::Map(entries) => match entries.get("constant_value") {
                Some(value) => self.walk(value, name, 0, secrets),
                None if entries.contains_key("references") => {}
                None => entries.iter().for_each(|(key, item)| self.expression(item, key, secrets)),
            },
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => {}
        }
    }

    /// Adds what looks like one in an entry of the changes, or in a message of the plan's log.
    pub(crate) fn find_in(&self, entry: &Json, secrets: &mut Secrets) {
        self.walk(entry, "", 0, secrets);
    }

    /// Adds what looks like one in the value of the attribute `name`.
    pub(crate) fn find_in_value(&self, name: &str, value: &Json, secrets: &mut Secrets) {
        self.walk(value, name, 0, secrets);
    }

    fn walk(&self, value: &Json, name: &str, depth: usize, secrets: &mut Secrets) {
        match value {
            Json::Null | Json::Bool(_) => {}
            Json::Number(number) => self.patterns_in(number, secrets),
            Json::Text(text) => self.text(text, name, depth, secrets),
            Json::List(items) => items.iter().for_each(|item| self.walk(item, name, depth, secrets)),
            Json::Map(entries) => {
                // `{ name = "DB_PASSWORD", value = "…" }` says what its value is as an attribute of that name does.
                let called = ["name", "Name", "key", "Key"].iter().find_map(|key| entries.get(*key)?.text());
                for (key, item) in entries {
                    let is_value = key.eq_ignore_ascii_case("value");
                    let name = if is_value { called.unwrap_or(key) } else { key };
                    // The masks and the parts of an address are no values.
                    if !key.ends_with("_sensitive") && !key.ends_with("_unknown") {
                        self.walk(item, name, depth, secrets);
                    }
                    self.patterns_in(key, secrets);
                }
            }
        }
    }

    fn text(&self, text: &str, name: &str, depth: usize, secrets: &mut Secrets) {
        self.patterns_in(text, secrets);
        if self.only_patterns {
            return;
        }
        tokens(text).for_each(|token| secrets.likely(token));
        let is_document = depth < DEEPEST && text.trim_start().starts_with(['{', '[']);
        if let Some(json) = is_document.then(|| Json::parse(text).ok()).flatten() {
            return self.walk(&json, name, depth + 1, secrets);
        }
        if text.len() >= SHORTEST_NAMED && calls_secret(name) && is_named_secret(text) {
            secrets.likely(text);
        }
        assignments(text).for_each(|value| secrets.likely(value));
        if text.len() >= *RANDOM_LENGTHS.start() && !is_harmless_name(name) {
            text.split(|character: char| !is_of_random(character))
                .filter(|word| is_random(word))
                .for_each(|word| secrets.likely(word));
        }
    }

    fn patterns_in(&self, text: &str, secrets: &mut Secrets) {
        for pattern in &self.patterns {
            for found in pattern.captures_iter(text) {
                if let Some(secret) = found.get(1).or_else(|| found.get(0)) {
                    secrets.likely(secret.as_str());
                }
            }
        }
    }
}

/// The tokens in a text that are known by their shape.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let found = STARTS.iter().flat_map(move |starts| starts.find_iter(text));
    found
        .filter_map(move |found| token(&text[found.start()..], &PREFIXES[found.pattern().as_usize()]))
        .chain(passwords(text))
}

/// The token that `text` starts with, if the rest of it fits its shape too.
fn token<'a>(text: &'a str, shape: &Shape) -> Option<&'a str> {
    if let Some(end) = shape.end {
        // A key that is cut off is hidden to the end.
        return Some(text.find(end).map_or(text, |place| &text[..place + end.len()]));
    }
    let tail = &text[shape.prefix.len()..];
    let is_part = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '-') || (shape.dots > 0 && character == '.')
    };
    let length = tail.find(|character| !is_part(character)).unwrap_or(tail.len());
    let token = &text[..shape.prefix.len() + length];
    (length >= shape.least && token.matches('.').count() >= shape.dots).then_some(token)
}

/// The passwords in a text's URLs that are no references.
fn passwords(text: &str) -> impl Iterator<Item = &str> {
    url_passwords(text).filter(|password| password.len() >= 4 && !password.starts_with(['$', '{', '<']))
}

/// The secrets that the lines of a script, a file of variables or YAML assign: `NAME=value`, `name: value`, with or without quotes. What such a
/// line calls a secret is often only the name of one, so a value of fewer than three kinds of characters is none.
fn assignments(text: &str) -> impl Iterator<Item = &str> {
    let lines = if memchr2(b'=', b':', text.as_bytes()).is_some() { text } else { "" };
    lines.lines().filter_map(|line| {
        let (name, value) = line.split_once('=').or_else(|| line.split_once(": "))?;
        let name = name.trim().rsplit([' ', '\t', '"', '\'']).find(|word| !word.is_empty())?;
        let value = value.trim().trim_end_matches([',', ';']);
        let value = value.strip_prefix(['"', '\'']).and_then(|rest| rest.strip_suffix(['"', '\''])).unwrap_or(value);
        (is_secret_name(name) && is_named_secret(value) && kinds(value) > 2).then_some(value)
    })
}

/// [`is_secret_name`], remembered: a plan has few names, and each of them often.
fn calls_secret(name: &str) -> bool {
    thread_local! {
        static KNOWN: RefCell<HashMap<String, bool>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(is_secret) = known.get(name) {
            return *is_secret;
        }
        if known.len() >= MOST_NAMES {
            known.clear();
        }
        let is_secret = is_secret_name(name);
        known.insert(name.to_owned(), is_secret);
        is_secret
    })
}

/// Whether a name says that its value is a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase().replace('-', "_");
    SECRETS.iter().chain(JOINED).any(|word| name.contains(word)) && !is_harmless(&name)
}

/// Whether a name says that its value is none: a digest, an identifier, a place.
fn is_harmless_name(name: &str) -> bool {
    is_harmless(&name.to_lowercase().replace('-', "_"))
}

fn is_harmless(name: &str) -> bool {
    NO_SECRETS.iter().any(|word| {
        let last = || name.strip_suffix(word).is_some_and(|rest| rest.ends_with('_'));
        let first = || name.strip_prefix(word).is_some_and(|rest| rest.starts_with('_'));
        name == *word || last() || first()
    })
}

/// Whether the value of a name that calls it a secret is one: no reference to where the secret is, and no word.
fn is_named_secret(text: &str) -> bool {
    let is_reference = text.starts_with(['/', '$', '{', '<']) || text.contains("://") || text.starts_with("arn:");
    let is_place = text.contains('/') && !text.contains(|character: char| character.is_ascii_uppercase());
    text.chars().count() >= SHORTEST_NAMED
        && !text.contains(char::is_whitespace)
        && !is_reference
        && !is_place
        && kinds(text) > 1
        && entropy(text) >= LEAST_NAMED_ENTROPY
}

/// How many kinds of characters a text has: small and capital letters, digits, others.
fn kinds(text: &str) -> usize {
    let kinds = [
        text.contains(|c: char| c.is_ascii_lowercase()),
        text.contains(|c: char| c.is_ascii_uppercase()),
        text.contains(|c: char| c.is_ascii_digit()),
        text.contains(|c: char| !c.is_ascii_alphanumeric()),
    ];
    kinds.into_iter().filter(|is_there| *is_there).count()
}

/// Characters of generated texts: base64 and its kin.
fn is_of_random(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=' | '_' | '-' | '~')
}

/// Whether only a generator writes this. Hexadecimal digits alone are digests and identifiers.
fn is_random(word: &str) -> bool {
    let count = |is: fn(&char) -> bool| word.chars().filter(is).count();
    let digits = count(char::is_ascii_digit);
    RANDOM_LENGTHS.contains(&word.len())
        && digits >= LEAST_DIGITS
        && count(char::is_ascii_uppercase) >= LEAST_DIGITS
        && count(char::is_ascii_lowercase) >= LEAST_DIGITS
        // Paths and names are words with marks between them.
        && count(|c| matches!(c, '/' | '-' | '_')) * 10 <= word.len()
        && entropy(word) >= LEAST_ENTROPY
}

/// Shannon's entropy of the text's characters, in bits for each.
fn entropy(text: &str) -> f64 {
    let mut counts = HashMap::new();
    text.chars().for_each(|character| *counts.entry(character).or_insert(0_u32) += 1);
    let all = f64::from(counts.values().sum::<u32>());
    counts.values().map(|count| f64::from(*count) / all).map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests;
