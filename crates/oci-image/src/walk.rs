//! An index and the indexes below it, gone through without any I/O: whoever has them, on disk or in a registry, reads what is asked for.

use std::cell::Cell;
use std::collections::BTreeSet;

use image_ref::Digest;

use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::image::one_for;
use crate::manifest::Index;
use crate::media_type;
use crate::platform::Platform;

/// How deep indexes may lie in indexes.
const DEEPEST: usize = 3;

/// How many manifests an index may have in all, itself among them.
const MOST_MANIFESTS: usize = 1000;

/// How many bytes the manifests and indexes that are held at a time may have; parsed they take some times as many.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Goes through an index: [`Self::next_level`] says what to read, [`Self::add`] takes it, until there is nothing more to read.
///
/// Each manifest counts once, however often it is listed, and the bounds hold whatever the indexes say.
#[derive(Debug)]
pub struct IndexWalk {
    seen: BTreeSet<Digest>,
    images: Vec<Descriptor>,
    level: Vec<Descriptor>,
    depth: usize,
}

/// How many more bytes of manifests may be held.
#[derive(Debug)]
pub struct ManifestBudget(Cell<u64>);

impl IndexWalk {
    /// Begins at `index`, whose digest is `digest`.
    pub fn new(digest: &Digest, index: Index) -> Result<Self, Error> {
        let seen = BTreeSet::from([digest.clone()]);
        let mut walk = Self { seen, images: Vec::new(), level: Vec::new(), depth: 0 };
        walk.add(index)?;
        Ok(walk)
    }

    /// The indexes to read next, those of one depth; `None` when all have been read.
    pub fn next_level(&mut self) -> Option<Vec<Descriptor>> {
        self.depth += 1;
        Some(std::mem::take(&mut self.level)).filter(|level| !level.is_empty())
    }

    /// Takes an index that was asked for.
    pub fn add(&mut self, index: Index) -> Result<(), Error> {
        let too = |reason: String| Err(Error::BadDocument { what: "image index", reason });
        for child in index.manifests {
            if !self.seen.insert(child.digest.clone()) {
                continue;
            }
            if self.depth == DEEPEST {
                return too(format!("indexes lie deeper than {DEEPEST} in each other"));
            }
            if self.seen.len() > MOST_MANIFESTS {
                return too(format!("it has more than {MOST_MANIFESTS} manifests"));
            }
            let list = if media_type::is_index(&child.media_type) { &mut self.level } else { &mut self.images };
            list.push(child);
        }
        Ok(())
    }

    /// What is no index, attestations included: what lies higher first, in the order of the indexes.
    pub fn images(&self) -> &[Descriptor] {
        &self.images
    }

    /// The image for `platform`, the first where there are several, as far as the indexes tell.
    pub fn image_for(&self, platform: &Platform) -> Result<&Descriptor, Error> {
        one_for(self.images.iter().map(|image| (image.platform.clone(), image)), Some(platform))
    }
}

impl Default for ManifestBudget {
    fn default() -> Self {
        Self(Cell::new(MOST_BYTES))
    }
}

impl ManifestBudget {
    /// Takes `size` bytes of it.
    pub fn spend(&self, size: u64) -> Result<(), Error> {
        let left = self.0.get().checked_sub(size).ok_or_else(|| {
            let reason = format!("it and the manifests below it have more than {} MiB", MOST_BYTES / 1024 / 1024);
            Error::BadDocument { what: "image index", reason }
        })?;
        self.0.set(left);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn digest(number: usize) -> Digest {
        Digest::of(number.to_string().as_bytes())
    }

    fn index(children: &[(usize, bool)]) -> Index {
        let kind = |is_index| if is_index { media_type::OCI_INDEX } else { media_type::OCI_MANIFEST };
        let child = |(number, is_index): &(usize, bool)| Descriptor::new(kind(*is_index), digest(*number), 1);
        Index {
            manifests: children.iter().map(child).collect(),
            ..Index::parse(br#"{"schemaVersion":2,"manifests":[]}"#).unwrap()
        }
    }

    /// Walks from 0; `children` says what each index lists. Gives what was read, and the images.
    fn walk(children: impl Fn(usize) -> Vec<(usize, bool)>, most: usize) -> Result<(Vec<Digest>, Vec<Digest>), Error> {
        let numbers: Vec<Digest> = (0..most).map(digest).collect();
        let mut walk = IndexWalk::new(&numbers[0], index(&children(0)))?;
        let mut read = Vec::new();
        while let Some(level) = walk.next_level() {
            for wanted in level {
                let number = numbers.iter().position(|own| *own == wanted.digest).unwrap();
                walk.add(index(&children(number)))?;
                read.push(wanted.digest);
            }
        }
        Ok((read, walk.images().iter().map(|image| image.digest.clone()).collect()))
    }

    #[test]
    fn indexes_lie_three_deep_and_no_deeper() {
        let chain = |deepest: usize| move |number: usize| vec![(number + 1, number + 1 < deepest)];
        assert_eq!(walk(chain(3), 9).unwrap(), (vec![digest(1), digest(2)], vec![digest(3)]));
        assert!(walk(chain(4), 9).unwrap_err().to_string().contains("deeper than 3"));
    }

    #[test]
    fn an_index_has_a_thousand_manifests_and_no_more() {
        let images = |many: usize| move |_: usize| (1..=many).map(|number| (number, false)).collect::<Vec<_>>();
        assert_eq!(walk(images(999), 1).unwrap().1.len(), 999);
        assert!(walk(images(1000), 1).unwrap_err().to_string().contains("more than 1000"));
    }

    #[test]
    fn the_bytes_of_all_manifests_are_one_budget() {
        let budget = ManifestBudget::default();
        assert!(budget.spend(MOST_BYTES - 1).is_ok() && budget.spend(2).is_err() && budget.spend(1).is_ok());
    }

    #[test]
    fn the_image_of_a_platform_may_lie_in_an_index_below() {
        let platform = |text: &str| Platform::parse(text).unwrap();
        let mut lower = index(&[(2, false), (3, false)]);
        for (child, text) in lower.manifests.iter_mut().zip(["linux/arm64", "unknown/unknown"]) {
            child.platform = Some(platform(text));
        }
        let mut walk = IndexWalk::new(&digest(0), index(&[(1, true)])).unwrap();
        assert!(walk.image_for(&platform("linux/arm64")).is_err());
        walk.next_level().unwrap();
        walk.add(lower).unwrap();
        assert_eq!(walk.image_for(&platform("linux/arm64")).unwrap().digest, digest(2));
        assert!(walk.image_for(&platform("linux/amd64")).is_err());
    }

    proptest! {
        #[test]
        fn fuzz_every_manifest_is_seen_once_whatever_lists_it(lists in vec(vec(0_usize..24, 0..6), 8)) {
            // The first eight are indexes, which may list themselves and each other in circles.
            let children = |number: usize| lists[number].iter().map(|child| (*child, *child < lists.len())).collect();
            let Ok((read, images)) = walk(children, 24) else { return Ok(()) };
            let mut all: Vec<&Digest> = read.iter().chain(&images).collect();
            prop_assert!(!read.contains(&digest(0)));
            let (count, reached) = (all.len(), {
                let (mut reached, mut open) = (BTreeSet::from([0]), vec![0]);
                while let Some(next) = open.pop() {
                    let below = lists.get(next).into_iter().flatten().copied();
                    open.extend(below.filter(|child| reached.insert(*child)));
                }
                reached.len()
            });
            all.sort();
            all.dedup();
            prop_assert_eq!((all.len(), count + 1), (count, reached));
        }
    }
}
