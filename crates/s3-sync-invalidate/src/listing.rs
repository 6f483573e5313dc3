//! A listing in parts that are read at the same time. Pure.
//!
//! A page of a listing names where the next one begins, so one page has to come before the next can be asked for. What is local is
//! mostly what is in the bucket too: at every so many local keys a part of its own begins, and all parts are asked for at once.

/// How many local keys a part has: less than the 1,000 of a page, so that what is new in the bucket fits too
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>).
const PART: usize = 900;

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

/// Parts that hold every key exactly once; `keys` are sorted by their bytes.
pub(crate) fn parts<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut after = None;
    for border in keys.skip(PART - 1).step_by(PART) {
        let last = Some(border.to_owned());
        parts.push(Part { after: after.clone(), last: last.clone() });
        after = last;
    }
    parts.push(Part { after, last: None });
    parts
}

impl Part {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_small_site_is_one_part() {
        let keys: Vec<String> = (0..PART - 1).map(|index| format!("{index:05}")).collect();
        assert_eq!(parts(keys.iter().map(String::as_str)), [Part::default()]);
        assert_eq!(parts(std::iter::empty()), [Part::default()]);
    }

    #[test]
    fn ten_thousand_keys_are_twelve_parts() {
        let keys: Vec<String> = (0..10_000).map(|index| format!("{index:05}")).collect();
        let parts = parts(keys.iter().map(String::as_str));
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

    proptest! {
        /// Whatever is in the bucket, beside and between the local keys: each key is in one part.
        #[test]
        fn every_key_is_in_exactly_one_part(
            local in prop::collection::btree_set("[ -~é日😀]{1,4}", 0..2000),
            others in prop::collection::btree_set("[ -~é日😀]{1,4}", 0..200),
        ) {
            let parts = parts(local.iter().map(String::as_str));
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
