use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::compress::{Coding, Plain};
use crate::content_type::Looks;
use crate::digest::Md5Sum;
use crate::etag::ETag;
use crate::manifest::Rare;
use crate::remote::{Head, Objects, RemoteObject};
use crate::source::{LocalFile, Place};

/// Few values, so that many are those of the manifest.
fn sum() -> impl Strategy<Value = Md5Sum> {
    (0..2_u8).prop_map(|byte| Md5Sum::of(&[byte]))
}

fn packed() -> impl Strategy<Value = Option<Plain>> {
    prop::option::of((sum(), 0..2_usize).prop_map(|(md5, which)| Plain { md5, coding: Coding::ALL[which] }))
}

fn etag() -> impl Strategy<Value = ETag> {
    prop_oneof![sum().prop_map(ETag::Md5), Just(ETag::from("abc-2"))]
}

fn entry() -> impl Strategy<Value = Entry> {
    (0..2_u64, sum(), etag(), packed()).prop_map(|(size, md5, etag, packed)| {
        let rare = Rare { packed, ..Rare::default() }.boxed();
        Entry { size, md5, etag, headers: None, page: false, rare }
    })
}

fn object() -> impl Strategy<Value = RemoteObject> {
    let written = prop_oneof![Just(0), Just(-1), Just(i64::from(u32::MAX) + 1), 1..i64::from(u32::MAX)];
    let head = prop::option::weighted(0.2, Just(Head::Unreadable));
    (0..2_u64, etag(), written, head).prop_map(|(size, etag, last_modified, head)| RemoteObject {
        size,
        etag,
        last_modified,
        head,
    })
}

fn file() -> impl Strategy<Value = LocalFile> {
    let looks = prop_oneof![Just(Looks::Plain), Just(Looks::Html)];
    let place = prop_oneof![4 => Just(Place::Stored), 1 => Just(Place::Original("a".into()))];
    (0..2_u64, sum(), looks, place, packed()).prop_map(|(size, md5, looks, place, packed)| LocalFile {
        size,
        md5,
        looks,
        place,
        packed,
    })
}

fn known() -> impl Strategy<Value = Arc<Table<Entry>>> {
    prop::collection::btree_map("[a-cé]{0,3}", entry(), 0..40).prop_map(|known| Arc::new(known.into_iter().collect()))
}

/// Adds what `steps` say, one name perhaps twice, or takes it out, and compares with a map.
fn check<V: Recall + PartialEq + fmt::Debug>(
    known: &Arc<Table<Entry>>,
    steps: Vec<(String, Option<V>)>,
) -> Result<(), TestCaseError> {
    let (mut ours, mut map) = (Recalled::new(known), BTreeMap::new());
    for (name, value) in steps {
        if let Some(value) = value {
            prop_assert_eq!(ours.insert(&name, value.clone()), map.insert(name, value));
        } else {
            prop_assert_eq!(ours.remove(&name), map.remove(&name));
        }
        prop_assert_eq!((ours.len(), ours.is_empty()), (map.len(), map.is_empty()));
    }
    for name in known.keys().chain(map.keys().map(String::as_str)) {
        let value = ours.get(name);
        prop_assert_eq!(value.as_deref(), map.get(name));
        prop_assert_eq!(ours.contains_key(name), map.contains_key(name));
    }
    let plain: Recalled<V> = map.iter().map(|(name, value)| (name, value.clone())).collect();
    prop_assert_eq!(&ours, &plain);
    prop_assert!(ours.keys().eq(map.keys()));
    prop_assert!(ours.iter().map(|(_, value)| value.into_owned()).eq(map.into_values()));
    Ok(())
}

proptest! {
    #[test]
    fn objects_are_a_map_whatever_the_manifest_knows(
        known in known(),
        steps in prop::collection::vec(("[a-cé]{0,3}", prop::option::weighted(0.8, object())), 0..60),
    ) {
        check(&known, steps)?;
    }

    #[test]
    fn files_are_a_map_whatever_the_manifest_knows(
        known in known(),
        steps in prop::collection::vec(("[a-cé]{0,3}", prop::option::weighted(0.8, file())), 0..60),
    ) {
        check(&known, steps)?;
    }
}

#[test]
fn what_the_manifest_tells_is_not_kept_twice() {
    let md5 = Md5Sum::of(b"x");
    let object = RemoteObject { size: 1, etag: ETag::Md5(md5), last_modified: 1_795_277_868, head: None };
    let names: Vec<String> = (0..3000).map(|number| format!("{number:04}")).collect();
    let entry = Entry { size: 1, md5, etag: ETag::Md5(md5), headers: None, page: false, rare: None };
    let known = Arc::new(names.iter().map(|name| (name, entry.clone())).collect());
    let mut objects = Objects::new(&known);
    for name in &names {
        objects.insert(name, object.clone());
    }
    assert_eq!((objects.len(), objects.others.len()), (3000, 0));
    let other = RemoteObject { size: 2, ..object.clone() };
    assert_eq!(objects.insert("0007", other.clone()), Some(object.clone()));
    assert_eq!((objects.len(), objects.others.len()), (3000, 1));
    assert_eq!(objects.insert("0007", object), Some(other));
    assert_eq!((objects.len(), objects.others.len()), (3000, 0));
}
