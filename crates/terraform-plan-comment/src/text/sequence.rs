//! Which elements of two lists belong together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use crate::sealed::Sealed;

/// Lists with more pairs than this between their common beginning and end have nothing else in common: a search would take
/// too much memory.
const MOST_PAIRS: usize = 16_000_000;

/// The index of an element before and after; `None` where it is only on the other side.
pub(super) type Pair = (Option<usize>, Option<usize>);

/// Pairs the elements of two lists: by index where they have the same length and are not just reordered, else along their
/// longest common subsequence. Between two common elements those that `is_object` says so of are paired in order.
pub(super) fn align<T: Eq + Hash>(
    before: &[T],
    after: &[T],
    is_object: &(impl Fn(usize) -> bool, impl Fn(usize) -> bool),
) -> Vec<Pair> {
    if before.len() == after.len() && !is_reordered(before, after) {
        return (0..before.len()).map(|index| (Some(index), Some(index))).collect();
    }
    let common = longest_common(before, after);
    let mut pairs = Vec::new();
    let (mut old, mut new) = (0, 0);
    let mut rest = common.as_slice();
    loop {
        let next = rest.first().copied();
        let differs = |item: &T| next.is_none_or(|next| *item != before[next]);
        while old < before.len() && differs(&before[old]) {
            let is_pair = is_object.0(old) && after.get(new).is_some_and(|item| is_object.1(new) && differs(item));
            pairs.push((Some(old), is_pair.then_some(new)));
            old += 1;
            new += usize::from(is_pair);
        }
        while new < after.len() && differs(&after[new]) {
            pairs.push((None, Some(new)));
            new += 1;
        }
        if next.is_none() {
            return pairs;
        }
        pairs.push((Some(old), Some(new)));
        old += 1;
        new += 1;
        rest = &rest[1..];
    }
}

/// Whether everything that was there before is there after.
fn is_reordered<T: Eq + Hash>(before: &[T], after: &[T]) -> bool {
    let after: HashSet<&T> = after.iter().collect();
    before.iter().all(|item| after.contains(item))
}

/// The indices in `before` of a longest common subsequence. Of several it is the one that Terraform finds: from the end, an
/// equal pair is taken at once, and `after` is gone back in unless `before` alone gives more.
fn longest_common<T: Eq + Hash>(before: &[T], after: &[T]) -> Vec<usize> {
    let start = before.iter().zip(after).take_while(|(old, new)| old == new).count();
    let same_end = |(old, new): &(&T, &T)| old == new;
    let end = before[start..].iter().rev().zip(after[start..].iter().rev()).take_while(same_end).count();
    let (old, new) = (&before[start..before.len() - end], &after[start..after.len() - end]);
    let middle = if old.len().saturating_mul(new.len()) > MOST_PAIRS { Vec::new() } else { search(old, new) };
    let middle = middle.into_iter().map(|index| start + index);
    (0..start).chain(middle).chain(before.len() - end..before.len()).collect()
}

fn search<T: Eq + Hash>(before: &[T], after: &[T]) -> Vec<usize> {
    let mut numbers: HashMap<&T, usize> = HashMap::new();
    let mut number = |item| {
        let next = numbers.len();
        *numbers.entry(item).or_insert(next)
    };
    let old: Vec<usize> = before.iter().map(&mut number).collect();
    let new: Vec<usize> = after.iter().map(&mut number).collect();
    // The length of the longest common subsequence of the first `x` and `y` elements, with a row and a column of zeros.
    let width = old.len() + 1;
    let mut lengths = vec![0_u32; width * (new.len() + 1)];
    for y in 1..=new.len() {
        for x in 1..width {
            lengths[y * width + x] = if old[x - 1] == new[y - 1] {
                lengths[(y - 1) * width + x - 1] + 1
            } else {
                lengths[y * width + x - 1].max(lengths[(y - 1) * width + x])
            };
        }
    }
    let mut found = Vec::new();
    let (mut x, mut y) = (old.len(), new.len());
    while x > 0 && y > 0 {
        if old[x - 1] == new[y - 1] {
            found.push(x - 1);
            (x, y) = (x - 1, y - 1);
        } else if lengths[y * width + x - 1] > lengths[(y - 1) * width + x] {
            x -= 1;
        } else {
            y -= 1;
        }
    }
    found.reverse();
    found
}

/// Pairs the elements of two sets that are equal; the others stay alone, those from before first.
pub(super) fn pair_equal<T: Ord>(before: &[T], after: &[T], is_known: impl Fn(&T) -> bool) -> Vec<Pair> {
    let mut places: BTreeMap<&T, Vec<usize>> = BTreeMap::new();
    for (index, item) in after.iter().enumerate().rev().filter(|(_, item)| is_known(item)) {
        places.entry(item).or_default().push(index);
    }
    let partners: Vec<Option<usize>> = before.iter().map(|item| places.get_mut(item).and_then(Vec::pop)).collect();
    let taken: HashSet<usize> = partners.iter().flatten().copied().collect();
    let alone = (0..after.len()).filter(|index| !taken.contains(index)).map(|index| (None, Some(index)));
    partners.iter().enumerate().map(|(index, partner)| (Some(index), *partner)).chain(alone).collect()
}

/// What makes an element equal to another, whatever is marked as sensitive in it. What is not known yet is equal to nothing.
pub(super) fn identity(value: &Sealed, fallback: usize) -> String {
    let mut text = String::new();
    write_identity(value, fallback, &mut text);
    text
}

fn write_identity(value: &Sealed, fallback: usize, text: &mut String) {
    match value {
        Sealed::Null => text.push('n'),
        Sealed::Bool(value) => text.push(if *value { 't' } else { 'f' }),
        Sealed::Number(number) => text.push_str(&format!("#{number}")),
        Sealed::Text(content) => text.push_str(&format!("{content:?}")),
        Sealed::Secret(secret) => text.push_str(&format!("s{}", secret.identity)),
        Sealed::Unknown { .. } => text.push_str(&format!("u{fallback}")),
        Sealed::List(items) => {
            text.push('[');
            for item in items {
                write_identity(item, fallback, text);
            }
            text.push(']');
        }
        Sealed::Map(entries) => {
            text.push('{');
            for (key, item) in entries {
                text.push_str(&format!("{key:?}:"));
                write_identity(item, fallback, text);
            }
            text.push('}');
        }
    }
}
