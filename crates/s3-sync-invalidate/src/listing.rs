//! A listing in parts that are read at the same time. Pure.
//!
//! A page of a listing names where the next one begins, so one page has to come before the next can be asked for. What is local is
//! mostly what is in the bucket too: at every so many known keys a part of its own begins, and all parts are asked for at once. A part
//! that holds many keys nobody knew of is cut into smaller ones while it is read.

use std::cmp::Ordering;

/// How many known keys a part has: less than the 1,000 of a page, so that what is new in the bucket fits too
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>).
const PART: usize = 900;

/// After so many pages a part that goes on is cut.
const PAGES: usize = 2;

/// The most pieces that are cut off at once: each costs a request, if only to find that it is empty.
const CUTS: usize = 4;

/// What is behind every character that can be printed.
const END: u8 = 0x7f;

/// A part of a listing: the keys behind `after`, up to `last` and with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// `None` for the first one.
    pub(crate) after: Option<String>,
    /// `None` for the last one.
    pub(crate) last: Option<String>,
}

/// What of a page belongs to its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It does.
    Here,
    /// It and all that follow belong to later parts.
    Behind,
    /// The bucket is not listed in the order of the keys' bytes, or begins elsewhere than it was asked to: parts say nothing of it.
    Astray,
}

/// Parts that hold every key exactly once, of the keys that are known: `prefix` with each of `paths`, which are sorted by their bytes.
pub(crate) fn parts<'a>(prefix: &str, paths: impl Iterator<Item = &'a str>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut after = None;
    for border in paths.skip(PART - 1).step_by(PART) {
        let last = Some(format!("{prefix}{border}"));
        parts.push(Part { after: after.clone(), last: last.clone() });
        after = last;
    }
    parts.push(Part { after, last: None });
    parts
}

/// Everything of both, each once; both are sorted.
pub(crate) fn merged<'a>(
    one: impl Iterator<Item = &'a str>,
    other: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = &'a str> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(left), Some(right)) => match left.cmp(right) {
            Ordering::Less => one.next(),
            Ordering::Greater => other.next(),
            Ordering::Equal => {
                other.next();
                one.next()
            }
        },
        (Some(_), None) => one.next(),
        (None, _) => other.next(),
    })
}

impl Part {
    /// Cuts pieces off what is left of a part of which `pages` pages were read, the last one from the key `first` to the key `last`.
    /// There are none where they are not worth a request.
    pub(crate) fn cut(&mut self, pages: usize, (first, last): (&str, &str), prefix: &str) -> Vec<Self> {
        if pages < PAGES {
            return Vec::new();
        }
        let cuts = cuts((first, last), self.last.as_deref(), prefix);
        let pieces = cuts.into_iter().map(|cut| {
            let last = self.last.replace(cut.clone());
            Self { after: Some(cut), last }
        });
        pieces.collect()
    }

    /// Where a listed key stands, `before` being the one before it in the listing of this part.
    pub(crate) fn place(&self, before: Option<&str>, key: &str) -> Place {
        let floor = before.or(self.after.as_deref());
        if floor.is_some_and(|floor| key <= floor) {
            Place::Astray
        } else if self.last.as_deref().is_some_and(|last| key > last) {
            Place::Behind
        } else {
            Place::Here
        }
    }
}

/// Keys between `last` and `high`, the greatest first; without `high` every key with `prefix` is below it.
///
/// From `first` to `last` keys differ from some place on. Numbers, dates and hashes go on in that place and in those before it, the
/// sooner the nearer: so one key is half-way to the end of the digits or letters in each of them.
fn cuts((first, last): (&str, &str), high: Option<&str>, prefix: &str) -> Vec<String> {
    let shared = high.map_or(prefix.len(), |high| in_common(last, high));
    let differs = in_common(first, last);
    let places = shared..=differs.min(last.len());
    let nearest = places.end().saturating_sub(CUTS - 1).max(shared);
    let cut = |place: usize| {
        let floor = last.as_bytes().get(place).copied().unwrap_or(b' ');
        let ceiling = high
            .filter(|_| place == shared)
            .map_or_else(|| end_of_kind(floor), |high| high.as_bytes().get(place).copied().unwrap_or(b' ').min(END));
        let middle = floor + ceiling.checked_sub(floor)? / 2;
        let start = last.get(..place)?;
        (middle > floor).then(|| format!("{start}{}", char::from(middle)))
    };
    (nearest..=*places.end()).filter_map(cut).collect()
}

/// How many bytes both begin with.
fn in_common(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}

/// What is behind all of its kind: digits, capitals, small letters, or whatever can be printed.
fn end_of_kind(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => b'9' + 1,
        b'A'..=b'Z' => b'Z' + 1,
        b'a'..=b'z' => b'z' + 1,
        _ => END,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::ops::Bound;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_small_site_is_one_part() {
        let keys: Vec<String> = (0..PART - 1).map(|index| format!("{index:05}")).collect();
        assert_eq!(parts("", keys.iter().map(String::as_str)), [Part::default()]);
        assert_eq!(parts("", std::iter::empty()), [Part::default()]);
    }

    #[test]
    fn ten_thousand_keys_are_twelve_parts() {
        let keys: Vec<String> = (0..10_000).map(|index| format!("{index:05}")).collect();
        let parts = parts("", keys.iter().map(String::as_str));
        assert_eq!(parts.len(), 12);
        assert_eq!(parts[1], Part { after: Some("00899".to_owned()), last: Some("01799".to_owned()) });
    }

    #[test]
    fn what_is_not_in_order_is_astray() {
        let part = Part { after: Some("b".to_owned()), last: Some("d".to_owned()) };
        assert_eq!(part.place(None, "b"), Place::Astray);
        assert_eq!(part.place(None, "c"), Place::Here);
        assert_eq!(part.place(Some("c"), "c"), Place::Astray);
        assert_eq!(part.place(Some("c"), "d"), Place::Here);
        assert_eq!(part.place(Some("d"), "da"), Place::Behind);
    }

    #[test]
    fn a_part_is_cut_where_its_keys_go_on() {
        let read = ("a/00002000", "a/00002999");
        assert_eq!(cuts(read, None, "a/"), ["a/005", "a/0005", "a/00006"]);
        assert_eq!(cuts(read, Some("a/0004"), "a/"), ["a/0002", "a/00006"]);
        assert_eq!(cuts(("b", "b"), Some("c"), ""), ["bO"]);
        assert_eq!(cuts(("a/b", "a/c"), Some("a/é"), "a/"), ["a/q"]);
        assert_eq!(cuts(("a/b", "a/é"), None, "a/"), [""; 0]);
    }

    #[test]
    fn what_nobody_knew_of_is_read_in_a_few_rounds() {
        for keys in [
            (0..200_000).map(|index| format!("site/object-{index:08}")).collect::<BTreeSet<_>>(),
            (0..100_000_u64).map(|index| format!("site/{:016x}", index.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect(),
            (0..500).flat_map(|folder| (0..200).map(move |file| format!("site/{folder}/file {file}.html"))).collect(),
        ] {
            let (rounds, requests) = read(&keys, "site/", parts("", std::iter::empty()));
            let pages = keys.len().div_ceil(1000);
            assert!(rounds <= 30, "{rounds} rounds for {pages} pages");
            assert!(requests <= pages * 3 / 2 + 20, "{requests} requests for {pages} pages");
        }
    }

    /// Reads all parts of a bucket in rounds, as many requests at once as there are parts; returns the rounds and the requests.
    fn read(bucket: &BTreeSet<String>, prefix: &str, parts: Vec<Part>) -> (usize, usize) {
        let mut reading: Vec<(Part, usize, Option<String>)> = parts.into_iter().map(|part| (part, 0, None)).collect();
        let (mut found, mut rounds, mut requests) = (Vec::new(), 0, 0);
        while !reading.is_empty() {
            rounds += 1;
            requests += reading.len();
            for (mut part, pages, before) in std::mem::take(&mut reading) {
                let after = before.clone().or_else(|| part.after.clone());
                let after = after.map_or(Bound::Unbounded, Bound::Excluded);
                let page: Vec<&String> = bucket.range((after, Bound::Unbounded)).take(1001).collect();
                let (first, mut last) = (page.first().map(|first| (*first).clone()), before);
                let mut is_behind = page.len() <= 1000;
                for key in page.into_iter().take(1000) {
                    match part.place(last.as_deref(), key) {
                        Place::Here => found.push(key.clone()),
                        Place::Behind => is_behind = true,
                        Place::Astray => panic!("{key} is astray"),
                    }
                    last = Some(key.clone());
                }
                if let (Some(first), Some(read), false) = (first, last, is_behind) {
                    let pieces = part.cut(pages + 1, (&first, &read), prefix);
                    reading.extend(pieces.into_iter().map(|part| (part, 0, None)));
                    reading.push((part, pages + 1, Some(read)));
                }
            }
        }
        found.sort();
        assert!(found.iter().eq(bucket), "{} of {} keys", found.len(), bucket.len());
        (rounds, requests)
    }

    proptest! {
        #[test]
        fn what_is_merged_is_sorted_and_named_once(one: BTreeSet<u8>, other: BTreeSet<u8>) {
            let names: Vec<String> = (0..=u8::MAX).map(|number| format!("{number:03}")).collect();
            let named = |numbers: &BTreeSet<u8>| numbers.iter().map(|number| usize::from(*number)).collect::<Vec<_>>();
            let (left, right) = (named(&one), named(&other));
            let merged = merged(left.iter().map(|at| names[*at].as_str()), right.iter().map(|at| names[*at].as_str()));
            prop_assert!(merged.eq(one.union(&other).map(|at| names[usize::from(*at)].as_str())));
        }

        /// What a part is cut at is in it, behind what was read.
        #[test]
        fn pieces_are_of_their_part(keys in prop::collection::btree_set("a/[ -~é日]{0,6}", 3), is_last: bool) {
            let keys: Vec<String> = keys.into_iter().collect();
            let high = (!is_last).then_some(keys[2].as_str());
            let mut before = high.map(str::to_owned);
            for cut in cuts((&keys[0], &keys[1]), high, "a/") {
                prop_assert!(cut > keys[1] && cut.starts_with("a/"), "{cut}");
                prop_assert!(before.is_none_or(|before| cut < before), "{cut}");
                before = Some(cut);
            }
        }

        /// Whatever is in the bucket, beside and between the local keys: each key is in one part.
        #[test]
        fn every_key_is_in_exactly_one_part(
            local in prop::collection::btree_set("[ -~é日😀]{1,4}", 0..2000),
            others in prop::collection::btree_set("[ -~é日😀]{1,4}", 0..200),
        ) {
            let parts = parts("", local.iter().map(String::as_str));
            let all: BTreeSet<&String> = local.iter().chain(&others).collect();
            for key in all {
                let of = |part: &&Part| {
                    part.after.as_ref().is_none_or(|after| key > after) && part.last.as_ref().is_none_or(|last| key <= last)
                };
                prop_assert_eq!(parts.iter().filter(of).count(), 1);
            }
        }
    }
}
