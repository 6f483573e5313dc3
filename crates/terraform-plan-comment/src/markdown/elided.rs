//! Long values where room is short: what changes is always there, and what is left out is counted.

use std::borrow::Cow;

use similar::{ChangeTag, TextDiff};

/// A value of no more characters is shown whole.
const LONG: usize = 400;

/// What is shown around a change, in characters on each side.
const AROUND: usize = 20;

/// What is shown of a long change at its start and at its end, in characters.
const START: usize = 100;
const END: usize = 40;

/// Longer middles are one change: to look for what they have in common would take too long. In characters.
const LONGEST_COMPARED: usize = 20_000;

/// A value before and after, shortened where one of them is long.
pub(super) fn pair<'a>(
    before: Option<&'a str>,
    after: Option<&'a str>,
) -> (Option<Cow<'a, str>>, Option<Cow<'a, str>>) {
    let is_long = |text: Option<&str>| text.is_some_and(|text| text.chars().nth(LONG).is_some());
    match (before, after) {
        _ if !is_long(before) && !is_long(after) => (before.map(Cow::Borrowed), after.map(Cow::Borrowed)),
        (Some(old), Some(new)) => {
            let (old, new) = around(old, new);
            (Some(old.into()), Some(new.into()))
        }
        (old, new) => (old.map(beginning), new.map(beginning)),
    }
}

/// A long value by its beginning.
fn beginning(text: &str) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= LONG {
        return text.into();
    }
    let start: String = text.chars().take(START).collect();
    format!("{start}… ({count} characters)").into()
}

/// Both values by the places where they differ.
fn around(old: &str, new: &str) -> (String, String) {
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let shorter = old.len().min(new.len());
    let start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let end = old.iter().rev().zip(new.iter().rev()).take(shorter - start).take_while(|(old, new)| old == new).count();
    let middle = |text: &[char]| text[start..text.len() - end].iter().collect::<String>();
    let (old_middle, new_middle) = (middle(&old), middle(&new));
    let mut sides = Sides::default();
    sides.same(&old[..start]);
    if old_middle.len().max(new_middle.len()) > LONGEST_COMPARED {
        sides.changed(ChangeTag::Delete, &old_middle);
        sides.changed(ChangeTag::Insert, &new_middle);
    } else {
        let diff = TextDiff::from_words(old_middle.as_str(), new_middle.as_str());
        let mut same = String::new();
        for change in diff.iter_all_changes() {
            if change.tag() == ChangeTag::Equal {
                same.push_str(change.value());
                continue;
            }
            sides.same(&std::mem::take(&mut same).chars().collect::<Vec<_>>());
            sides.changed(change.tag(), change.value());
        }
        sides.same(&same.chars().collect::<Vec<_>>());
    }
    sides.same(&old[old.len() - end..]);
    (sides.finish(ChangeTag::Delete), sides.finish(ChangeTag::Insert))
}

/// What both sides consist of, in its order.
#[derive(Default)]
struct Sides(Vec<(ChangeTag, String)>);

impl Sides {
    fn same(&mut self, text: &[char]) {
        self.add(ChangeTag::Equal, &text.iter().collect::<String>());
    }

    fn changed(&mut self, tag: ChangeTag, text: &str) {
        self.add(tag, text);
    }

    fn add(&mut self, tag: ChangeTag, text: &str) {
        match self.0.last_mut() {
            Some((last, joined)) if *last == tag => joined.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push((tag, text.to_owned())),
        }
    }

    /// One side, its runs shortened.
    fn finish(&self, side: ChangeTag) -> String {
        let last = self.0.len().saturating_sub(1);
        let run = |(index, (tag, text)): (usize, &(ChangeTag, String))| match *tag {
            ChangeTag::Equal => {
                let (before, after) = (if index == 0 { 0 } else { AROUND }, if index == last { 0 } else { AROUND });
                shortened(text, before, after)
            }
            tag if tag == side => shortened(text, START, END),
            ChangeTag::Delete | ChangeTag::Insert => String::new(),
        };
        self.0.iter().enumerate().map(run).collect()
    }
}

/// A run without its middle, where that is worth the words.
fn shortened(text: &str, start: usize, end: usize) -> String {
    let count = text.chars().count();
    let hidden = count.saturating_sub(start + end);
    if hidden <= 2 * AROUND {
        return text.to_owned();
    }
    let first: String = text.chars().take(start).collect();
    let last: String = text.chars().skip(count - end).collect();
    format!("{first}…({hidden} characters)…{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(old: &str, new: &str) -> (String, String) {
        let (old, new) = pair(Some(old), Some(new));
        (old.unwrap().into_owned(), new.unwrap().into_owned())
    }

    #[test]
    fn every_place_that_changes_is_there() {
        let text = |first: &str, second: &str| {
            format!("{}{first} {}{second} {}", "a ".repeat(200), "b ".repeat(100), "c ".repeat(90))
        };
        let (old, new) = of(&text("one", "two"), &text("ONE", "TWO"));
        assert!(
            old.starts_with("…(380 characters)…a a a") && new.starts_with("…(380 characters)…a a a"),
            "{old}\n{new}"
        );
        for (text, words) in [(&old, ["one", "two"]), (&new, ["ONE", "TWO"])] {
            assert!(words.iter().all(|word| text.contains(word)), "{text}");
            assert_eq!((text.matches("characters)").count(), text.len() < 300), (3, true), "{text}");
        }
    }

    #[test]
    fn a_long_change_shows_its_start_and_its_end_and_how_much_is_between() {
        let (old, new) = of(&"x".repeat(1_000), &format!("{}y", "z".repeat(50_000)));
        assert_eq!(old, format!("{}…(860 characters)…{}", "x".repeat(100), "x".repeat(40)));
        assert_eq!(new, format!("{}…(49861 characters)…{}y", "z".repeat(100), "z".repeat(39)));
    }

    #[test]
    fn what_is_short_stays_as_it_is_and_what_is_new_or_gone_shows_its_beginning() {
        assert_eq!(of("a", "b"), ("a".to_owned(), "b".to_owned()));
        let long = "é".repeat(401);
        assert_eq!(pair(Some(&long), None).0.unwrap(), format!("{}… (401 characters)", "é".repeat(100)));
        assert_eq!(pair(None, Some("x")), (None, Some("x".into())));
    }
}
