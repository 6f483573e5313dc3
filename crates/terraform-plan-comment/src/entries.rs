//! The entries of a map.

use compact_str::CompactString;
use litemap::LiteMap;

/// The key of an entry; a short one, as most are, takes no memory of its own.
pub(crate) type Key = CompactString;

/// The entries of a map in the order of their keys, in no more room than they need: a plan has many maps, and most of them are small.
pub(crate) type Entries<V> = LiteMap<Key, V>;

/// The map of `all`; of those with the same key the last one counts.
pub(crate) fn entries<V>(mut all: Vec<(Key, V)>) -> Entries<V> {
    if !all.is_sorted_by(|one, next| one.0 < next.0) {
        // Stable, so that the last one stays the last one.
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                std::mem::swap(next, kept);
            }
            is_same
        });
    }
    all.shrink_to_fit();
    LiteMap::from_sorted_store_unchecked(all)
}

/// The keys of all of `maps` in their order, each once.
pub(crate) fn keys<'a, V: 'a>(maps: impl IntoIterator<Item = &'a Entries<V>>) -> Vec<&'a str> {
    let mut keys: Vec<&str> = maps.into_iter().flat_map(Entries::keys).map(Key::as_str).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{Key, entries, keys};

    proptest! {
        #[test]
        fn a_map_is_what_it_always_is(all in prop::collection::vec(("[a-c]{0,2}", 0_u8..9), 0..12)) {
            let known: BTreeMap<String, u8> = all.iter().cloned().collect();
            let map = entries(all.into_iter().map(|(key, value)| (Key::from(key), value)).collect());
            let listed: Vec<(&str, &u8)> = map.iter().map(|(key, value)| (key.as_str(), value)).collect();
            prop_assert_eq!(listed, known.iter().map(|(key, value)| (key.as_str(), value)).collect::<Vec<_>>());
            prop_assert!(known.iter().all(|(key, value)| map.get(key.as_str()) == Some(value)));
        }

        #[test]
        fn the_keys_of_two_maps_are_those_of_each(one in prop::collection::btree_map("[a-c]{0,2}", any::<u8>(), 0..9), two in prop::collection::btree_map("[a-c]{0,2}", any::<u8>(), 0..9)) {
            let all: std::collections::BTreeSet<&String> = one.keys().chain(two.keys()).collect();
            let maps = [&one, &two].map(|map| entries(map.iter().map(|(key, value)| (Key::from(key), *value)).collect()));
            prop_assert_eq!(keys(&maps), all.into_iter().collect::<Vec<_>>());
        }
    }
}
