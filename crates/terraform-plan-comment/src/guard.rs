//! What no plan may do unseen: the patterns of `fail-on-destroy` and `allow`, the causes of `fail-on`, and the rules of one's own.
//!
//! A pattern errs on the side of matching: it names a resource type, an address, or what stands at the start of one, as
//! `-target` does (`module.data` names everything in the module, `aws_db_instance.orders` all of its instances).

mod fail_on;

use std::fmt;

use crate::rules::Rules;

pub(crate) use fail_on::{Cause, FailOn};

/// What a plan may not do; by default it may do anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    /// What names the objects that it may not destroy.
    protected: Vec<Pattern>,
    /// Why else a change is refused.
    fail_on: FailOn,
    /// What names the objects whose changes are not refused all the same.
    allowed: Vec<Pattern>,
    /// What every resource should be like.
    rules: Rules,
}

/// A resource type or an address, with `*` for any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(String);

/// Why a text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvalidPattern {
    Empty,
    /// A character that no type and no address holds outside of a key.
    Character(char),
    /// A `[` without its `]`, or a key that is neither a number nor quoted.
    Key,
    /// A dot with nothing before or after it.
    Dot,
    /// An instance key right behind a type.
    KeyOfType,
}

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::Character(found) => write!(
                f,
                "holds {found:?}; write a resource type or an address, with `*` for any text (`aws_rds_cluster*`)"
            ),
            Self::Key => f.write_str("has an instance key that is not `[0]`, `[\"key\"]` or `[*]`"),
            Self::Dot => f.write_str("has a dot with nothing before or after it"),
            Self::KeyOfType => f.write_str("has an instance key and no name; write `type.name[0]`, or the type alone"),
        }
    }
}

impl Guard {
    /// The guard of objects that these patterns name.
    pub(crate) fn new(protected: Vec<Pattern>) -> Self {
        Self { protected, ..Self::default() }
    }

    /// The same, which also refuses changes for `fail_on`, but not those of objects that `allowed` names.
    pub(crate) fn refusing(self, fail_on: FailOn, allowed: Vec<Pattern>) -> Self {
        Self { fail_on, allowed, ..self }
    }

    /// The same with rules of one's own.
    pub(crate) fn obeying(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// The rules of one's own.
    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Why changes are refused.
    pub(crate) fn fail_on(&self) -> &FailOn {
        &self.fail_on
    }

    /// Whether a pattern protects the resource. Both texts are those of the plan, before anything in them is hidden.
    pub(crate) fn names(&self, kind: Option<&str>, address: &str) -> bool {
        is_named(&self.protected, kind, address, Pattern::matches)
    }

    /// Whether a pattern lets the resource change as it likes; both texts as above. An exception errs on the other side: its stars
    /// stand for nothing of an instance key.
    pub(crate) fn allows(&self, kind: Option<&str>, address: &str) -> bool {
        is_named(&self.allowed, kind, address, Pattern::matches_outside_of_keys)
    }
}

fn is_named(patterns: &[Pattern], kind: Option<&str>, address: &str, matches: impl Fn(&Pattern, &str) -> bool) -> bool {
    if patterns.is_empty() {
        return false;
    }
    let steps = Steps::of(address);
    let kind = kind.or_else(|| steps.kind(address));
    patterns.iter().any(|pattern| {
        kind.is_some_and(|kind| matches(pattern, kind))
            || matches(pattern, address)
            || steps.ends.iter().any(|end| matches(pattern, &address[..*end]))
    })
}

impl Pattern {
    /// Parses one pattern.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidPattern> {
        if text.is_empty() {
            return Err(InvalidPattern::Empty);
        }
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            rest = if character == '[' { behind_key(rest)? } else { behind_name(rest, character)? };
        }
        let outside = without_keys(text);
        if outside.starts_with('.') || outside.ends_with('.') || outside.contains("..") {
            return Err(InvalidPattern::Dot);
        }
        if text.contains('[') && !outside.contains(['.', '*']) {
            return Err(InvalidPattern::KeyOfType);
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether the whole of `text` fits: the parts between the stars stand in it in their order.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else { return self.0 == text };
        let Some(mut text) = text.strip_prefix(first) else { return false };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        for part in middle.split('*') {
            match text.find(part) {
                Some(place) => text = &text[place + part.len()..],
                None => return false,
            }
        }
        text.ends_with(last)
    }

    /// Whether a star in it stands for anything.
    pub(crate) fn has_star(&self) -> bool {
        self.0.contains('*')
    }

    /// The same, but no star stands for the start of an instance key.
    fn matches_outside_of_keys(&self, text: &str) -> bool {
        let keys = |text: &str| text.matches('[').count();
        keys(&self.0) == keys(text) && self.matches(text)
    }
}

/// The patterns of the input: one per line or separated by commas; a comma within a quoted key separates nothing.
pub(crate) fn split(values: &[String]) -> Vec<String> {
    let lines = values.iter().flat_map(|value| value.lines()).map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(|line| items(line.strip_suffix(',').unwrap_or(line))).collect()
}

fn items(line: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for character in line.chars() {
        quoted ^= character == '"' && !escaped;
        escaped = quoted && character == '\\' && !escaped;
        match items.last_mut() {
            Some(last) if quoted || character != ',' => last.push(character),
            _ => items.push(String::new()),
        }
    }
    items.iter().map(|item| item.trim().to_owned()).collect()
}

/// What follows a character of a type, a name or a dot.
fn behind_name(text: &str, character: char) -> Result<&str, InvalidPattern> {
    if character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '*' | ':' | '/') {
        return Ok(&text[character.len_utf8()..]);
    }
    Err(InvalidPattern::Character(character))
}

/// What follows the key that `text` starts with.
fn behind_key(text: &str) -> Result<&str, InvalidPattern> {
    let end = key_length(text).ok_or(InvalidPattern::Key)?;
    let key = &text[1..end - 1];
    let quoted = key.len() >= 2 && key.starts_with('"') && key.ends_with('"');
    let number = !key.is_empty() && key.chars().all(|c| c.is_ascii_digit() || c == '*');
    if quoted || number { Ok(&text[end..]) } else { Err(InvalidPattern::Key) }
}

/// The length of the `[...]` that `text` starts with; a `]` within quotes does not end it.
fn key_length(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (place, character) in text.char_indices() {
        match character {
            ']' if !quoted => return Some(place + 1),
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && character == '\\' && !escaped;
    }
    None
}

/// An address without the keys of instances.
pub(crate) fn without_keys(text: &str) -> String {
    let mut outside = String::new();
    let mut rest = text;
    while let Some(place) = rest.find('[') {
        outside.push_str(&rest[..place]);
        let length = key_length(&rest[place..]).unwrap_or(rest.len() - place);
        rest = &rest[place + length..];
    }
    outside + rest
}

/// The places in an address where something shorter ends that is an address too.
struct Steps {
    ends: Vec<usize>,
    /// Where the last type starts and ends.
    kind: Option<(usize, usize)>,
}

impl Steps {
    /// Each step of an address is two words, `module.name` or `type.name`, and maybe a key.
    fn of(address: &str) -> Self {
        let mut steps = Self { ends: Vec::new(), kind: None };
        let (mut word, mut word_start, mut place) = (0_usize, 0, 0);
        while let Some(character) = address[place..].chars().next() {
            match character {
                '.' => {
                    if word % 2 == 1 {
                        steps.ends.push(place);
                    } else {
                        steps.kind = Some((word_start, place));
                    }
                    word += 1;
                    word_start = place + 1;
                    place += 1;
                }
                '[' => {
                    if word % 2 == 1 {
                        steps.ends.push(place);
                    }
                    place += key_length(&address[place..]).unwrap_or(address.len() - place);
                }
                other => place += other.len_utf8(),
            }
        }
        steps
    }

    fn kind<'a>(&self, address: &'a str) -> Option<&'a str> {
        self.kind.map(|(start, end)| &address[start..end])
    }
}

#[cfg(test)]
mod tests;
