//! GitHub's own filter patterns, for paths, branches and tags
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet>).
//!
//! They look like globs and are none: `?` and `+` repeat the character before them. A pattern is compared in one pass over
//! the text, whatever it is: what a repository holds may not cost a run its time.

mod automaton;

use std::fmt;

use automaton::{Automaton, Class, Piece};

/// The longest pattern.
const LONGEST: usize = 1024;

/// The most patterns of one list.
pub(crate) const MOST: usize = 1000;

/// One pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: String,
    is_negative: bool,
    /// The characters it begins with, which stand for themselves.
    prefix: String,
    rest: Rest,
}

/// What follows the prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rest {
    /// Nothing.
    End,
    /// Anything.
    Anything,
    /// Anything, or the folder of the prefix itself or one around it: of a submodule or a symbolic link Git tells no file inside.
    Folder,
    /// What the automaton accepts.
    Automaton(Automaton),
}

impl Pattern {
    /// Parses a pattern. The error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > LONGEST {
            return Err("a pattern has 1,024 characters at most");
        }
        let (is_negative, positive) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if positive.is_empty() {
            return Err("a pattern cannot be empty");
        }
        let pieces = pieces(positive)?;
        let literals = pieces.iter().map_while(Piece::literal).count();
        let prefix = pieces[..literals].iter().filter_map(Piece::literal).collect();
        let rest = match &pieces[literals..] {
            [] => Rest::End,
            [Piece::Many(Class::Any)] => Rest::Anything,
            pieces => Rest::Automaton(Automaton::new(pieces)),
        };
        Ok(Self { text: text.to_owned(), is_negative, prefix, rest })
    }

    /// A pattern of everything in `folder`, which is relative to the root; the empty one is the root. Where the folder is, or is in, what Git
    /// has as one path, a submodule or a symbolic link, it is that one.
    pub(crate) fn folder(folder: &str) -> Self {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Self { text: format!("{prefix}**"), is_negative: false, prefix, rest: Rest::Folder }
    }

    /// A pattern of the one file `path`.
    pub(crate) fn file(path: &str) -> Self {
        Self { text: path.to_owned(), is_negative: false, prefix: path.to_owned(), rest: Rest::End }
    }

    /// Whether `text`, all of it, is of the form of the pattern, whatever that says of it then.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(self.prefix.as_str()) else {
            let is_around = || self.prefix.strip_prefix(text).is_some_and(|rest| rest.starts_with('/'));
            return self.rest == Rest::Folder && is_around();
        };
        match &self.rest {
            Rest::End => rest.is_empty(),
            Rest::Anything | Rest::Folder => true,
            Rest::Automaton(automaton) => automaton.accepts(rest),
        }
    }

    /// The folders that it names, with a slash behind: `services/` of `services/*`; empty where it names none.
    pub(crate) fn base(&self) -> &str {
        &self.prefix[..self.prefix.rfind('/').map_or(0, |slash| slash + 1)]
    }

    /// How much it costs to compare with `text`, in steps: no less than are taken.
    pub(crate) fn cost(&self, text: &str) -> u64 {
        match &self.rest {
            Rest::Automaton(automaton) if text.starts_with(self.prefix.as_str()) => {
                1 + automaton.cost(text.len() - self.prefix.len())
            }
            Rest::Automaton(_) | Rest::End | Rest::Anything | Rest::Folder => 1,
        }
    }

    /// Whether it leaves out rather than takes in.
    pub(crate) fn is_negative(&self) -> bool {
        self.is_negative
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The pattern that takes `text` in: the last one that matches decides, and `!` leaves out. `None` where it is left out, or
/// none matches.
pub(crate) fn selects<'p>(patterns: &'p [Pattern], text: &str) -> Option<&'p Pattern> {
    let last = patterns.iter().rev().find(|pattern| pattern.matches(text))?;
    (!last.is_negative).then_some(last)
}

/// The pieces of a pattern without its `!`.
fn pieces(text: &str) -> Result<Vec<Piece>, &'static str> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let piece = match character {
            '*' if characters.next_if_eq(&'*').is_some() => match characters.next_if_eq(&'/') {
                Some(_) => Piece::Folders,
                None => Piece::Many(Class::Any),
            },
            '*' => Piece::Many(Class::Name),
            '?' | '+' => match pieces.pop() {
                Some(before) if character == '?' => before.maybe(),
                Some(before) => before.repeated(),
                None => Piece::One(Class::Character(character)),
            },
            '[' => Piece::One(Class::Ranges(ranges(&mut characters)?)),
            '\\' => Piece::One(Class::Character(characters.next().ok_or("a `\\` at its end escapes nothing")?)),
            other => Piece::One(Class::Character(other)),
        };
        pieces.push(piece);
    }
    Ok(pieces)
}

/// What stands between `[` and `]`: letters, digits, and ranges of one of these kinds.
fn ranges(characters: &mut impl Iterator<Item = char>) -> Result<Vec<(char, char)>, &'static str> {
    const END: &str = "a `[` has no `]`";
    let mut ranges: Vec<(char, char)> = Vec::new();
    let mut may_continue = false;
    loop {
        match characters.next().ok_or(END)? {
            ']' if ranges.is_empty() => return Err("the brackets `[]` hold nothing"),
            ']' => return Ok(ranges),
            '-' if may_continue => {
                let end = characters.next().ok_or(END)?;
                let last = ranges.last_mut().ok_or(END)?;
                let is_of = |is: fn(&char) -> bool| is(&last.0) && is(&end);
                let is_range =
                    is_of(char::is_ascii_lowercase) || is_of(char::is_ascii_uppercase) || is_of(char::is_ascii_digit);
                if !is_range || last.0 > end {
                    return Err("a range in brackets goes upwards, and is of a-z, A-Z or 0-9");
                }
                last.1 = end;
                may_continue = false;
            }
            one if one.is_ascii_alphanumeric() => {
                ranges.push((one, one));
                may_continue = true;
            }
            _ => return Err("brackets hold letters, digits and ranges of them only"),
        }
    }
}

#[cfg(test)]
mod tests;
