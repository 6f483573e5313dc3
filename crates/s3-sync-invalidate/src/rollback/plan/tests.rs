//! Publications and rollbacks one after the other, of a bucket that is played.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::digest::Md5Sum;
use crate::headers::Fingerprint;
use crate::inputs::{DeleteScope, Extraneous, Inputs};
use crate::invalidation::fingerprint;
use crate::manifest::{Content, Found, Manifest, ReleaseId};
use crate::plan::Snapshot;
use crate::plan::tests::{inputs, snapshot};
use crate::rollback::choice::{Caller, To, choose};
use crate::rollback::observe::files;
use crate::rollback::versions::Kept;
use crate::source::Source;

/// What is stored under a version: the content, and the headers it was published with.
type Stored = (String, Fingerprint);

/// A bucket that keeps versions, and its manifests.
struct World {
    kept: Kept,
    stored: BTreeMap<(String, String), Stored>,
    found: Found,
    releases: BTreeMap<ReleaseId, (Content, i64)>,
    is_kms: bool,
    clock: i64,
}

impl World {
    fn new(is_kms: bool) -> Self {
        let folder = inputs().manifest.folder(&inputs().bucket, &inputs().prefix, "").unwrap();
        let kept = Kept { versioning: Versioning::Enabled, ..Kept::default() };
        let found = Found::Absent(folder);
        Self { kept, stored: BTreeMap::new(), found, releases: BTreeMap::new(), is_kms, clock: 1 }
    }

    fn put(&mut self, key: &str, stored: Stored) -> String {
        let id = format!("v{}", self.stored.len());
        let md5 = Md5Sum::of(stored.0.as_bytes()).to_string();
        let etag = if self.is_kms { fingerprint([key, &id]) } else { md5 };
        self.remove(key);
        let version = Version {
            id: id.clone(),
            etag: etag.as_str().into(),
            size: stored.0.len() as u64,
            last_modified: self.clock,
            is_latest: true,
            storage_class: None,
        };
        self.kept.versions.entry(key.to_owned()).or_default().insert(0, version);
        self.stored.insert((key.to_owned(), id), stored);
        etag
    }

    fn remove(&mut self, key: &str) {
        let versions = self.kept.versions.get_mut(key).into_iter().flatten();
        versions.for_each(|version| version.is_latest = false);
    }

    fn seen(&self, source: Source) -> Snapshot {
        Snapshot {
            source,
            objects: self.kept.objects(&inputs()),
            manifest: self.found.clone(),
            now: Duration::from_secs(1_760_000_000 + u64::try_from(self.clock).unwrap()),
            ..snapshot(&[], &[])
        }
    }

    fn write_manifest(&mut self, plan: &Plan, answered: &BTreeMap<String, String>) {
        let Some(next) = &plan.manifest else { return };
        let content = next.content(&plan.uploads, &plan.copies, answered);
        if next.is_release {
            self.releases.insert(content.release.id.clone(), (content.clone(), self.clock));
        }
        let manifest = Manifest { content, etag: format!("\"{}\"", self.clock), last_modified: self.clock };
        self.found = Found::Read(next.folder.clone(), Box::new(manifest));
    }

    fn publish(&mut self, inputs: &Inputs, tree: &BTreeMap<String, String>) -> ReleaseId {
        self.clock += 1;
        let named: Vec<(&str, &str)> = tree.iter().map(|(path, content)| (path.as_str(), content.as_str())).collect();
        let plan = crate::plan::plan(inputs, &self.seen(snapshot(&named, &[]).source)).unwrap();
        let mut answered = BTreeMap::new();
        for upload in &plan.uploads {
            let stored = (tree[&upload.path].clone(), upload.headers.fingerprint());
            answered.insert(upload.key.clone(), self.put(&upload.key, stored));
        }
        self.write_manifest(&plan, &answered);
        plan.deletes.iter().for_each(|deletion| self.remove(&deletion.key));
        plan.release.unwrap()
    }

    fn look(&self, inputs: &RollbackInputs) -> RollbackSnapshot {
        let known = &self.found.manifest().unwrap().content;
        let target =
            choose(&inputs.to, known, Caller { publisher: &inputs.publish.publisher, is_owed: false }).unwrap();
        let (content, written) = self.releases[&target.id].clone();
        let live = content.entries.iter().filter(|(_, entry)| entry.last_used().is_none());
        let entries: BTreeMap<String, Entry> = live.map(|(path, entry)| (path.to_owned(), entry.clone())).collect();
        let source = Source { files: files(&entries), ..Source::default() };
        let heads = self.kept.versions.keys().map(|key| (key.clone(), RemoteHeaders::default())).collect();
        RollbackSnapshot { seen: self.seen(source), target, entries, written, kept: self.kept.clone(), heads }
    }

    fn roll_back(&mut self, inputs: &RollbackInputs) -> RollbackPlan {
        self.clock += 1;
        let plan = plan(inputs, &self.look(inputs)).unwrap();
        let mut answered = BTreeMap::new();
        for copy in &plan.changes.copies {
            assert!(self.kept.present(&copy.key).is_none_or(|present| present.id != copy.version));
            let stored = self.stored[&(copy.key.clone(), copy.version.clone())].clone();
            answered.insert(copy.key.clone(), self.put(&copy.key, stored));
        }
        self.write_manifest(&plan.changes, &answered);
        for deletion in &plan.changes.deletes {
            assert_eq!(self.kept.present(&deletion.key).unwrap().etag.to_string(), deletion.etag);
            self.remove(&deletion.key);
        }
        plan
    }

    /// What visitors get, by key.
    fn shown(&self) -> BTreeMap<String, Stored> {
        let present = |key: &String| {
            let version = self.kept.present(key)?;
            Some((key.clone(), self.stored[&(key.clone(), version.id.clone())].clone()))
        };
        self.kept.versions.keys().filter_map(present).collect()
    }

    fn versions(&self) -> BTreeSet<(String, String)> {
        let ids = |(key, versions): (&String, &Vec<Version>)| {
            versions.iter().map(|version| (key.clone(), version.id.clone())).collect::<Vec<_>>()
        };
        self.kept.versions.iter().flat_map(ids).collect()
    }
}

fn publishing(cache_control: &str) -> Inputs {
    let rule = crate::globs::HeaderRule::parse(&format!("**: {cache_control}")).unwrap();
    let mut publish = Inputs {
        delete_scope: DeleteScope::Owned,
        extraneous: Extraneous::DeleteAll,
        keep_releases: 0,
        max_delete: crate::max_delete::MaxDelete::default(),
        ..inputs()
    };
    publish.rules.cache_control = crate::globs::HeaderRules::new(vec![rule]);
    publish
}

fn back(to: To) -> RollbackInputs {
    let publish = Inputs { delete_scope: DeleteScope::Owned, keep_releases: 0, ..inputs() };
    RollbackInputs { publish, to }
}

fn tree(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(path, content)| ((*path).to_owned(), (*content).to_owned())).collect()
}

#[test]
fn only_what_differs_comes_back_and_only_its_paths_are_invalidated() {
    let mut world = World::new(false);
    world.publish(&publishing("no-cache"), &tree(&[("index.html", "1"), ("a.css", "x"), ("b.css", "x")]));
    world.publish(&publishing("no-cache"), &tree(&[("index.html", "2"), ("a.css", "x"), ("new.html", "x")]));
    let plan = world.roll_back(&back(To::Previous));
    let copied: Vec<_> = plan.changes.copies.iter().map(|copy| (copy.path.as_str(), copy.phase, copy.reason)).collect();
    assert_eq!(
        copied,
        [("b.css", Phase::OtherAssets, Reason::New), ("index.html", Phase::EntryPoints, Reason::Content)]
    );
    let gone: Vec<_> = plan.changes.deletes.iter().map(|deletion| deletion.key.as_str()).collect();
    assert_eq!(gone, ["site/new.html"]);
    assert_eq!(plan.changes.unchanged, 1);
    assert_eq!(plan.changes.invalidations[0].paths, ["/", "/b.css", "/index.html", "/new.html"]);
}

#[test]
fn headers_that_changed_alone_come_back_from_the_version_that_had_them() {
    let mut world = World::new(false);
    let files = tree(&[("index.html", "1")]);
    for cache_control in ["no-cache", "no-store", "private"] {
        world.publish(&publishing(cache_control), &files);
    }
    let shown = world.shown();
    let plan = world.roll_back(&back(To::Previous));
    assert_eq!((plan.changes.copies[0].version.as_str(), plan.changes.copies[0].reason), ("v1", Reason::Headers));
    assert_ne!(world.shown(), shown);
    let last = plan.from.id.clone();
    world.roll_back(&back(To::Release(last)));
    assert_eq!(world.shown(), shown);
}

#[test]
fn what_an_interrupted_rollback_put_there_within_a_second_is_not_taken_for_the_release() {
    let mut world = World::new(false);
    world.publish(&publishing("no-cache"), &tree(&[("index.html", "1")]));
    let stored = world.shown()["site/index.html"].clone();
    let second = world.clock;
    world.publish(&publishing("private"), &tree(&[("index.html", "2")]));
    world.clock = second;
    world.put("site/index.html", stored);
    let plan = plan(&back(To::Previous), &world.look(&back(To::Previous))).unwrap();
    let copied: Vec<_> = plan.changes.copies.iter().map(|copy| copy.version.as_str()).collect();
    assert_eq!(copied, ["v0"], "its headers are known of the old version only");
}

#[test]
fn an_archived_version_cannot_come_back() {
    let mut world = World::new(false);
    world.publish(&publishing("no-cache"), &tree(&[("index.html", "1")]));
    world.publish(&publishing("no-cache"), &tree(&[("index.html", "2")]));
    let versions = world.kept.versions.get_mut("site/index.html").unwrap();
    versions[1].storage_class = Some("GLACIER".into());
    let refused = plan(&back(To::Previous), &world.look(&back(To::Previous))).unwrap_err();
    assert!(refused.to_string().ends_with("cannot come back: `index.html (archived as GLACIER)`"), "{refused}");
}

#[test]
fn a_colder_class_of_an_old_version_is_not_that_of_the_site() {
    let mut world = World::new(false);
    world.publish(&publishing("no-cache"), &tree(&[("index.html", "1"), ("a.css", "x")]));
    world.publish(&publishing("no-cache"), &tree(&[("index.html", "2")]));
    for versions in world.kept.versions.values_mut() {
        let class = if versions[0].is_latest { "INTELLIGENT_TIERING" } else { "STANDARD_IA" };
        versions[0].storage_class = Some(class.into());
    }
    let plan = plan(&back(To::Previous), &world.look(&back(To::Previous))).unwrap();
    let classes: Vec<_> = plan.changes.copies.iter().map(|copy| copy.storage_class.as_deref()).collect();
    assert_eq!(classes, [Some("STANDARD_IA"), Some("INTELLIGENT_TIERING")]);
}

fn any_tree() -> impl Strategy<Value = BTreeMap<String, String>> {
    let path = "(d/)?(index\\.html|[a-c]\\.(css|html)|[ab]\\.45d844a759a9e983\\.js|sw\\.js)";
    proptest::collection::btree_map(path, "[xy]{1,2}", 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever was published: going back to any release brings exactly its contents and headers, each time, whichever way was
    /// gone before; no version is ever lost, and a second run has nothing to do.
    #[test]
    fn every_release_comes_back_as_it_was(
        trees in proptest::collection::vec((any_tree(), any::<bool>()), 1..5),
        ways in proptest::collection::vec(any::<proptest::sample::Index>(), 1..5),
        kms in any::<bool>(),
    ) {
        let mut world = World::new(kms);
        world.put("site/theirs.bin", ("x".into(), Fingerprint(0)));
        let mut releases = Vec::new();
        for (tree, is_private) in &trees {
            let id = world.publish(&publishing(if *is_private { "private" } else { "no-cache" }), tree);
            releases.push((id, world.shown()));
        }
        for way in ways {
            let (id, shown) = way.get(&releases).clone();
            let before = world.versions();
            let inputs = back(To::Release(id.clone()));
            let plan = world.roll_back(&inputs);
            prop_assert_eq!(&world.shown(), &shown);
            prop_assert!(world.versions().is_superset(&before));
            let again = super::plan(&inputs, &world.look(&inputs)).unwrap();
            prop_assert!(again.changes.is_empty() && again.changes.manifest.is_none(), "{:?}", again.changes);
            prop_assert_eq!(again.back_to.id, id);
            releases.push((plan.changes.release.unwrap(), shown));
        }
    }
}
