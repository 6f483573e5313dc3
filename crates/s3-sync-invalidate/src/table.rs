//! A map of names that takes little more memory than their bytes: a site may have a million files, and a bucket a million objects.
//!
//! Neighbors lie together in pages, the names of a page one behind the other in one text.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many rows a page has at most.
const MOST: usize = 1024;

/// Values by their names, in the order of the names' bytes.
#[derive(Clone)]
pub(crate) struct Table<V> {
    /// None of them is empty.
    pages: Vec<Page<V>>,
    rows: usize,
    finger: Finger,
}

/// The number of what was found last. Names are looked for in their order, most of the time, and each several times.
#[derive(Debug, Default)]
pub(crate) struct Finger(AtomicUsize);

impl Clone for Finger {
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[derive(Clone)]
struct Page<V> {
    names: String,
    /// Where each name ends.
    ends: Vec<usize>,
    values: Vec<V>,
}

impl<V> Page<V> {
    fn new() -> Self {
        Self { names: String::new(), ends: Vec::new(), values: Vec::new() }
    }

    fn start(&self, row: usize) -> usize {
        row.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    fn name(&self, row: usize) -> &str {
        &self.names[self.start(row)..self.ends[row]]
    }

    fn rows(&self) -> impl Iterator<Item = (&str, &V)> {
        self.values.iter().enumerate().map(|(row, value)| (self.name(row), value))
    }

    /// The row of `name`, or the one it belongs before.
    fn find(&self, name: &str) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.name(middle).cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    fn insert(&mut self, row: usize, name: &str, value: V) {
        let start = self.start(row);
        self.names.insert_str(start, name);
        self.ends.insert(row, start);
        for end in &mut self.ends[row..] {
            *end += name.len();
        }
        self.values.insert(row, value);
    }

    fn remove(&mut self, row: usize) -> V {
        let (start, end) = (self.start(row), self.ends.remove(row));
        self.names.replace_range(start..end, "");
        for later in &mut self.ends[row..] {
            *later -= end - start;
        }
        self.values.remove(row)
    }

    /// Moves the rows from `row` on into a page of their own; what is left takes no more room than it needs.
    fn split_off(&mut self, row: usize) -> Self {
        let start = self.start(row);
        let mut ends = self.ends.split_off(row);
        for end in &mut ends {
            *end -= start;
        }
        let rest = Self { names: self.names.split_off(start), ends, values: self.values.split_off(row) };
        self.names.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.values.shrink_to_fit();
        rest
    }
}

impl<V> Table<V> {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The value of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&V> {
        self.find(name, &self.finger).map(|(_, value)| value)
    }

    /// The value of `name`, and its number. Numbers are in the order of the names, some are nobody's, and all are below
    /// [`Table::numbers`]; a change of the table changes them. It costs least near what the same `finger` found before.
    pub(crate) fn find(&self, name: &str, finger: &Finger) -> Option<(usize, &V)> {
        let last = finger.0.load(Ordering::Relaxed);
        let is_here = |(page, row): &(usize, usize)| {
            self.pages.get(*page).is_some_and(|page| *row < page.ends.len() && page.name(*row) == name)
        };
        let (page, row) = (last / MOST, last % MOST);
        let near = [(page, row), (page, row + 1), (page + 1, 0)].into_iter().find(is_here);
        let (page, row) = near.or_else(|| {
            let (page, row) = self.place(name);
            Some((page, row.ok()?))
        })?;
        finger.0.store(page * MOST + row, Ordering::Relaxed);
        Some((page * MOST + row, self.pages.get(page)?.values.get(row)?))
    }

    /// How many numbers there are, used or not.
    pub(crate) fn numbers(&self) -> usize {
        self.pages.len() * MOST
    }

    /// All of them with their numbers, in order.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (usize, &str, &V)> {
        let pages = self.pages.iter().enumerate();
        pages.flat_map(|(page, rows)| {
            rows.rows().enumerate().map(move |(row, (name, value))| (page * MOST + row, name, value))
        })
    }

    /// The value of `name`, to change it.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        let (page, row) = self.place(name);
        self.pages.get_mut(page)?.values.get_mut(row.ok()?)
    }

    /// Whether `name` is there.
    pub(crate) fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.pages.iter().flat_map(Page::rows)
    }

    /// The names, in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// Adds a value; what had its name before is returned. It costs least in the order of the names.
    pub(crate) fn insert(&mut self, name: &str, value: V) -> Option<V> {
        let (page, found) = self.place(name);
        let row = match found {
            Ok(row) => return Some(std::mem::replace(&mut self.pages[page].values[row], value)),
            Err(row) => row,
        };
        self.rows += 1;
        match self.pages.get_mut(page) {
            Some(full) if full.ends.len() >= MOST => {
                let rest = full.split_off(row);
                self.pages.insert(page + 1, rest);
                // Behind its end begins a page of its own.
                let (page, row) = if row == MOST { (page + 1, 0) } else { (page, row) };
                self.pages[page].insert(row, name, value);
            }
            Some(some) => some.insert(row, name, value),
            None => {
                let mut first = Page::new();
                first.insert(0, name, value);
                self.pages.push(first);
            }
        }
        None
    }

    /// Removes the value of `name`.
    pub(crate) fn remove(&mut self, name: &str) -> Option<V> {
        let (page, row) = self.place(name);
        let some = self.pages.get_mut(page)?;
        let value = some.remove(row.ok()?);
        if some.ends.is_empty() {
            self.pages.remove(page);
        }
        self.rows -= 1;
        Some(value)
    }

    /// The page and the row of `name`, or those it belongs to.
    fn place(&self, name: &str) -> (usize, Result<usize, usize>) {
        let last = self.pages.len().saturating_sub(1);
        if let Some(page) = self.pages.get(last)
            && page.name(page.ends.len() - 1) < name
        {
            return (last, Err(page.ends.len()));
        }
        let page = self.pages.partition_point(|page| page.name(0) <= name).saturating_sub(1);
        (page, self.pages.get(page).map_or(Err(0), |page| page.find(name)))
    }
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self { pages: Vec::new(), rows: 0, finger: Finger::default() }
    }
}

impl<V: PartialEq> PartialEq for Table<V> {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows && self.iter().eq(other.iter())
    }
}

impl<V: Eq> Eq for Table<V> {}

impl<V: fmt::Debug> fmt::Debug for Table<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<N: AsRef<str>, V> Extend<(N, V)> for Table<V> {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, pairs: I) {
        for (name, value) in pairs {
            self.insert(name.as_ref(), value);
        }
    }
}

impl<N: AsRef<str>, V> FromIterator<(N, V)> for Table<V> {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut table = Self::default();
        table.extend(pairs);
        table
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn pairs(table: &Table<usize>) -> Vec<(String, usize)> {
        table.iter().map(|(name, value)| (name.to_owned(), *value)).collect()
    }

    #[test]
    fn what_comes_in_order_fills_its_pages() {
        let names: Vec<String> = (0..=3 * MOST).map(|number| format!("{number:05}")).collect();
        let table: Table<usize> = names.iter().zip(0..).collect();
        assert_eq!(table.pages.iter().map(|page| page.ends.len()).collect::<Vec<_>>(), [MOST, MOST, MOST, 1]);
        assert_eq!(table.pages[0].names.capacity(), 5 * MOST);
        assert!(names.iter().zip(0..).all(|(name, value)| table.get(name) == Some(&value)));
        let backwards: Table<usize> = names.iter().zip(0..).collect::<Vec<_>>().into_iter().rev().collect();
        assert_eq!(table, backwards);
    }

    proptest! {
        #[test]
        fn it_is_a_map(steps in prop::collection::vec(("[a-cé]{0,6}", prop::option::weighted(0.8, any::<usize>())), 0..3000)) {
            let (mut table, mut map) = (Table::default(), BTreeMap::new());
            for (name, value) in &steps {
                let (ours, theirs) = match value {
                    Some(value) => (table.insert(name, *value), map.insert(name.clone(), *value)),
                    None => (table.remove(name), map.remove(name)),
                };
                prop_assert_eq!(ours, theirs);
                // What was found before the change may have another number by now.
                prop_assert_eq!(table.get(name), map.get(name));
                prop_assert_eq!((table.len(), table.is_empty()), (map.len(), map.is_empty()));
            }
            for (name, _) in &steps {
                prop_assert_eq!(table.get(name), map.get(name));
                prop_assert_eq!(table.get_mut(name).copied(), map.get(name).copied());
            }
            let numbered: Vec<usize> = table.numbered().map(|(number, ..)| number).collect();
            prop_assert!(numbered.is_sorted_by(|one, next| one < next));
            prop_assert!(numbered.last().is_none_or(|last| *last < table.numbers()));
            prop_assert!(table.numbered().all(|(number, name, value)| table.find(name, &Finger::default()) == Some((number, value))));
            let finger = Finger::default();
            prop_assert!(table.numbered().all(|(number, name, value)| table.find(name, &finger) == Some((number, value))));
            prop_assert_eq!(pairs(&table), map.into_iter().collect::<Vec<_>>());
        }
    }
}
