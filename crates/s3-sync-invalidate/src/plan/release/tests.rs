//! Publications one after the other, of a bucket that is played.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::content_type::Looks;
use crate::digest::Md5Sum;
use crate::inputs::{DeleteScope, Extraneous};
use crate::manifest::Manifest;
use crate::phase::Phase;
use crate::plan::tests::{inputs, snapshot};
use crate::plan::{Plan, plan};
use crate::recalled::Recalled;
use crate::remote::{Reason, RemoteObject};
use crate::table::Table;

const HASHED: &str = "app.45d844a759a9e983.js";

/// What the bucket's `ETag`s are.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Etags {
    Md5,
    /// 32 hex digits that are no sum, as with KMS.
    Kms,
}

/// A bucket and its manifest.
struct World {
    objects: Table<RemoteObject>,
    found: Found,
    etags: Etags,
    clock: u64,
}

impl World {
    fn new(etags: Etags) -> Self {
        let folder = inputs().manifest.folder(&inputs().bucket, &inputs().prefix, "").unwrap();
        Self { objects: Table::default(), found: Found::Absent(folder), etags, clock: 1 }
    }

    fn put(&mut self, key: &str, content: &str) {
        let size = content.len() as u64;
        let etag = ETag::Md5(Md5Sum::of(content.as_bytes()));
        let last_modified = i64::try_from(self.clock).unwrap();
        self.objects.insert(key, RemoteObject { size, etag, last_modified, head: None });
    }

    fn plan(&self, inputs: &Inputs, files: &[(&str, &str)]) -> Plan {
        let mut seen = snapshot(files, &[]);
        let objects = self.objects.iter();
        seen.objects = objects.map(|(key, object)| (key.strip_prefix("site/").unwrap(), object.clone())).collect();
        seen.manifest = self.found.clone();
        seen.now = Duration::from_secs(1_760_000_000 + self.clock);
        let planned = plan(inputs, &seen).unwrap();
        // What the manifest tells of the files and the objects is what they tell themselves.
        let known = self.found.entries();
        let (mut recalled, mut source) = (Recalled::new(&known), Recalled::new(&known));
        seen.objects.iter().for_each(|(path, object)| drop(recalled.insert(path, object.into_owned())));
        seen.source.files.iter().for_each(|(path, file)| drop(source.insert(path, file.into_owned())));
        (seen.objects, seen.source.files) = (recalled, source);
        assert_eq!(plan(inputs, &seen).unwrap(), planned);
        planned
    }

    fn publish(&mut self, inputs: &Inputs, files: &[(&str, &str)]) -> Plan {
        self.clock += 1;
        let plan = self.plan(inputs, files);
        let time = i64::try_from(self.clock).unwrap();
        let mut answered = BTreeMap::new();
        for upload in &plan.uploads {
            let etag = match self.etags {
                Etags::Md5 => upload.md5.to_string(),
                Etags::Kms => fingerprint([upload.key.as_str(), &self.clock.to_string()]),
            };
            answered.insert(upload.key.clone(), etag.clone());
            let object = RemoteObject { size: upload.size, etag: etag.into(), last_modified: time, head: None };
            self.objects.insert(&upload.key, object);
        }
        if let Some(next) = &plan.manifest {
            let content = next.content(&plan.uploads, &plan.copies, &answered);
            let manifest = Manifest { content, etag: format!("\"{time}\""), last_modified: time };
            self.found = Found::Read(next.folder.clone(), Box::new(manifest));
        }
        for deletion in &plan.deletes {
            assert_eq!(self.objects.remove(&deletion.key).unwrap().etag.to_string(), deletion.etag);
        }
        plan
    }

    fn keys(&self) -> Vec<&str> {
        self.objects.keys().collect()
    }
}

fn owned() -> Inputs {
    Inputs { delete_scope: DeleteScope::Owned, extraneous: Extraneous::DeleteAll, ..inputs() }
}

fn reasons(plan: &Plan) -> Vec<(&str, Reason)> {
    plan.uploads.iter().map(|upload| (upload.path.as_str(), upload.reason)).collect()
}

#[test]
fn only_what_was_published_is_deleted_and_the_rest_is_counted() {
    let mut world = World::new(Etags::Md5);
    world.put("site/theirs.html", "x");
    let first = world.publish(&owned(), &[("index.html", "x"), ("about.html", "x")]);
    assert_eq!((first.deletes.len(), first.foreign), (0, 1));
    let second = world.publish(&owned(), &[("index.html", "x")]);
    assert_eq!((second.deletes[0].key.as_str(), second.foreign), ("site/about.html", 1));
    assert_eq!(world.keys(), ["site/index.html", "site/theirs.html"]);
    let all = world.publish(&Inputs { delete_scope: DeleteScope::All, ..owned() }, &[("index.html", "x")]);
    assert_eq!((all.deletes.len(), all.foreign), (1, 0));
}

#[test]
fn a_change_that_was_taken_back_and_made_again_is_another_one() {
    let (mut world, mut references) = (World::new(Etags::Md5), BTreeSet::new());
    for content in ["a", "b", "a", "b", "a"] {
        let plan = world.publish(&owned(), &[("index.html", content)]);
        references.extend(plan.invalidations.into_iter().map(|one| one.caller_reference));
        // All of it is within a second, which is what a listing tells.
        let object = world.objects.get("site/index.html").unwrap().clone();
        world.objects.insert("site/index.html", RemoteObject { last_modified: 7, ..object });
    }
    assert_eq!(references.len(), 5);
}

#[test]
fn nothing_at_all_is_no_release() {
    let mut world = World::new(Etags::Md5);
    let kept = Inputs { extraneous: Extraneous::Keep, ..owned() };
    world.publish(&kept, &[("index.html", "1")]);
    assert!(world.plan(&kept, &[("other.html", "1")]).manifest.is_some());
    assert!(world.plan(&kept, &[]).manifest.is_none());
}

fn gone(world: &World) -> Vec<&str> {
    let manifest = world.found.manifest().unwrap();
    manifest.content.gone.keys().map(String::as_str).collect()
}

#[test]
fn what_was_deleted_is_not_taken_for_new_when_it_comes_back() {
    let mut world = World::new(Etags::Md5);
    let page = |content| ("index.html", content);
    world.publish(&owned(), &[page("1"), ("a.pdf", "1"), (HASHED, "1")]);
    world.publish(&owned(), &[page("2")]);
    world.objects.remove("site/a.pdf");
    world.objects.remove(&format!("site/{HASHED}"));
    world.publish(&owned(), &[page("3")]);
    assert_eq!(gone(&world), ["a.pdf"]);
    world.publish(&owned(), &[page("4")]);
    let back = world.publish(&owned(), &[page("4"), ("a.pdf", "2"), ("b.pdf", "1")]);
    assert_eq!(back.journal.unwrap().fresh, ["site/b.pdf"]);
    assert_eq!(gone(&world), Vec::<&str>::new());
}

#[test]
fn what_others_put_where_something_was_deleted_is_theirs() {
    let mut world = World::new(Etags::Md5);
    let without = Inputs { keep_releases: 0, ..owned() };
    world.publish(&without, &[("index.html", "1"), ("a.pdf", "1")]);
    world.publish(&without, &[("index.html", "2")]);
    world.publish(&without, &[("index.html", "3")]);
    world.put("site/a.pdf", "theirs");
    let next = world.publish(&without, &[("index.html", "4")]);
    assert_eq!((next.deletes.len(), next.foreign), (0, 1));
}

#[test]
fn what_was_deleted_is_forgotten_with_the_releases_that_had_it() {
    let mut world = World::new(Etags::Md5);
    world.publish(&owned(), &[("index.html", "1"), ("a.html", "1")]);
    for number in 0..HISTORY {
        let content = number.to_string();
        world.publish(&owned(), &[("index.html", content.as_str())]);
        assert_eq!(gone(&world).len(), usize::from(number > 0), "{number}");
    }
    world.publish(&owned(), &[("index.html", "other")]);
    assert_eq!(gone(&world), Vec::<&str>::new());
}

#[test]
fn no_more_is_remembered_of_what_was_deleted_than_of_what_is_there() {
    let mut world = World::new(Etags::Md5);
    let names: Vec<String> = (0..MOST_GONE + 10).map(|number| format!("{number}.html")).collect();
    let some: Vec<(&str, &str)> = names[..10].iter().map(|name| (name.as_str(), "x")).collect();
    let rest: Vec<(&str, &str)> = names[10..].iter().map(|name| (name.as_str(), "x")).collect();
    let all = Inputs { max_delete: crate::max_delete::MaxDelete::default(), ..owned() };
    for files in [&some, &rest, &rest[..1].to_vec(), &vec![("index.html", "x")], &vec![("index.html", "y")]] {
        world.publish(&all, files);
    }
    // The first ones went before the rest did.
    assert_eq!(gone(&world).len(), MOST_GONE + 1);
    assert_eq!(gone(&world).iter().filter(|name| some.iter().any(|(old, _)| old == *name)).count(), 1);
}

#[test]
fn assets_of_the_last_release_stay_for_one_and_pages_do_not() {
    let mut world = World::new(Etags::Kms);
    world.publish(&owned(), &[("index.html", "1"), ("one.css", "1"), ("about.html", "x"), (HASHED, "x")]);
    world.publish(&owned(), &[("index.html", "2")]);
    assert_eq!(world.keys(), ["site/app.45d844a759a9e983.js", "site/index.html", "site/one.css"]);
    // The same once more is no release, so nothing is older than before.
    let again = world.publish(&owned(), &[("index.html", "2")]);
    assert!(again.is_empty() && again.manifest.is_none());
    world.publish(&owned(), &[("index.html", "3")]);
    assert_eq!(world.keys(), ["site/index.html"]);
}

#[test]
fn an_asset_that_comes_back_is_the_present_releases_again() {
    let mut world = World::new(Etags::Md5);
    for pages in ["1", "2"] {
        world.publish(&owned(), &[("index.html", pages), ("one.css", "1")]);
    }
    world.publish(&owned(), &[("index.html", "3")]);
    let back = world.publish(&owned(), &[("index.html", "4"), ("one.css", "1")]);
    // Its object may be deleted at any moment, so it goes up again.
    assert_eq!(reasons(&back), [("one.css", Reason::New), ("index.html", Reason::Content)]);
    world.publish(&owned(), &[("index.html", "5")]);
    assert_eq!(world.keys(), ["site/index.html", "site/one.css"]);
}

#[test]
fn a_change_of_headers_alone_is_noticed_and_those_nobody_compared_are_not_ours() {
    let mut world = World::new(Etags::Md5);
    world.put("site/index.html", "x");
    world.publish(&owned(), &[("index.html", "x"), ("a.css", "x")]);
    let mut other = owned();
    let rule = crate::globs::HeaderRule::parse("**: private").unwrap();
    other.rules.cache_control = crate::globs::HeaderRules::new(vec![rule]);
    let plan = world.publish(&other, &[("index.html", "x"), ("a.css", "x")]);
    assert_eq!(reasons(&plan), [("a.css", Reason::Headers)], "nobody knows the headers of what was there before");
    assert_eq!(plan.headers_not_compared, 1);
    assert!(world.plan(&other, &[("index.html", "x"), ("a.css", "x")]).is_empty());
}

#[test]
fn a_name_that_broke_its_promise_is_not_believed_again() {
    let mut world = World::new(Etags::Md5);
    let first = world.publish(&owned(), &[(HASHED, "1")]);
    assert_eq!(first.uploads[0].phase, Phase::HashedAssets);
    let changed = world.publish(&owned(), &[(HASHED, "2")]);
    assert_eq!((changed.uploads[0].phase, changed.uploads[0].reason), (Phase::OtherAssets, Reason::Content));
    assert!(!changed.uploads[0].headers.cache_control.contains("immutable"));
    assert!(world.publish(&owned(), &[(HASHED, "2")]).is_empty(), "the next run must not take it back");
    let third = world.publish(&owned(), &[(HASHED, "3")]);
    assert!(!third.uploads[0].headers.cache_control.contains("immutable"));
}

#[test]
fn what_is_there_is_taken_over_without_a_write_of_its_own() {
    let mut world = World::new(Etags::Md5);
    world.put("site/index.html", "x");
    let first = world.publish(&owned(), &[("index.html", "x")]);
    assert!(first.is_empty());
    assert!(first.manifest.is_some_and(|next| next.condition == Condition::Absent && next.is_release));
    let second = world.publish(&owned(), &[("index.html", "x")]);
    assert!(second.manifest.is_none());
    assert!(second.release.is_some());
}

#[test]
fn twenty_releases_are_remembered() {
    let mut world = World::new(Etags::Md5);
    let mut ids = Vec::new();
    for number in 0..=HISTORY + 1 {
        let plan = world.publish(&owned(), &[("index.html", number.to_string().as_str())]);
        let next = plan.manifest.unwrap();
        assert_eq!(next.before_uploads.history.len(), number.min(HISTORY));
        assert_eq!(next.forgotten.is_some(), number > HISTORY);
        assert!(next.forgotten.is_none_or(|forgotten| forgotten == ids[0]));
        ids.push(plan.release.unwrap());
    }
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), HISTORY + 2);
}

fn tree() -> impl Strategy<Value = BTreeMap<String, String>> {
    let path = "(d/)?(index\\.html|[a-c]\\.(css|html)|[ab]\\.45d844a759a9e983\\.js|sw\\.js)";
    proptest::collection::btree_map(path, "[xy]{1,2}", 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever is published one after the other: the bucket holds it, a second run has nothing to do, what others put there
    /// stays, and so do the assets of the last releases and nothing else.
    #[test]
    fn every_publication_arrives_and_is_the_last_word(
        trees in proptest::collection::vec(tree(), 1..6),
        keep in 0_usize..3,
        kms in any::<bool>(),
    ) {
        let inputs = Inputs { keep_releases: keep, ..owned() };
        let mut world = World::new(if kms { Etags::Kms } else { Etags::Md5 });
        world.put("site/theirs.bin", "x");
        let mut releases: Vec<BTreeSet<String>> = Vec::new();
        for tree in &trees {
            let files: Vec<(&str, &str)> = tree.iter().map(|(path, content)| (path.as_str(), content.as_str())).collect();
            let is_release = world.plan(&inputs, &files).manifest.is_some_and(|next| next.is_release);
            world.publish(&inputs, &files);
            let again = world.plan(&inputs, &files);
            prop_assert!(again.is_empty() && again.manifest.is_none(), "{:?}", reasons(&again));
            let keys: BTreeSet<String> = tree.keys().map(|path| format!("site/{path}")).collect();
            if is_release {
                releases.insert(0, keys.clone());
            }
            let is_asset = |key: &&String| Phase::of(key, &crate::content_type::content_type(key, Looks::Plain)) != Phase::EntryPoints;
            let mut expected = keys;
            expected.insert("site/theirs.bin".to_owned());
            expected.extend(releases.iter().skip(1).take(keep).flatten().filter(is_asset).cloned());
            prop_assert_eq!(world.objects.keys().map(str::to_owned).collect::<BTreeSet<_>>(), expected);
        }
    }
}
