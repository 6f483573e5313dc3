//! A bucket with a manifest and a distribution, on which plans are done.

use super::*;

/// A bucket with a manifest, and a distribution.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) objects: BTreeMap<String, String>,
    pub(super) manifest: Option<Content>,
    pub(super) copies: BTreeMap<ReleaseId, Content>,
    pub(super) path: String,
    pub(super) notes: BTreeMap<String, Debt>,
    pub(super) clock: u64,
    pub(super) told: Vec<String>,
}

/// How far a publication gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Until {
    Uploads,
    Manifest,
    Switch,
    Invalidation,
    End,
}

impl World {
    pub(super) fn new() -> Self {
        Self { path: "/site".to_owned(), ..Self::default() }
    }

    pub(super) fn see(&mut self, inputs: &Inputs, files: &[(&str, &str)]) -> Snapshot {
        self.clock += 1;
        let mut seen = snapshot(files, &[]);
        let folder = ManifestPlace::Default.folder(&inputs.bucket, &inputs.prefix, "").unwrap();
        if let Some(content) = &self.manifest {
            let base = base(&inputs.prefix, content);
            seen.objects =
                self.objects.iter().filter_map(|(key, content)| Some((base.relative(key)?, remote(content)))).collect();
            let manifest = Manifest { content: content.clone(), etag: "\"m\"".into(), last_modified: 9 };
            seen.manifest = Found::Read(folder, Box::new(manifest));
        } else {
            seen.manifest = Found::Absent(folder);
        }
        seen.now = std::time::Duration::from_secs(1_800_000_000 + self.clock);
        seen.debts.extend(self.notes.values().cloned());
        let origin =
            Origin { id: "s3".into(), domain: "shop-site.s3.eu-west-1.amazonaws.com".into(), path: self.path.clone() };
        let front = Front { id: inputs.distributions[0].clone(), origins: vec![origin] };
        let paths = self.objects.keys().filter_map(|key| inputs.prefix.relative(key));
        let present = paths.filter_map(crate::mode::release_of).collect();
        let placed = |content: &Content| Some((content.release.place.clone()?, content.entries.clone()));
        let contents = self.copies.values().filter_map(placed).collect();
        seen.releases = Some(Box::new(Releases { fronts: vec![front], present, contents, ..Releases::default() }));
        seen
    }

    pub(super) fn publish(&mut self, inputs: &Inputs, files: &[(&str, &str)], until: Until) -> Plan {
        let plan = plan(inputs, &self.see(inputs, files)).unwrap();
        self.apply(inputs, &plan, files, until);
        plan
    }

    pub(super) fn apply(&mut self, inputs: &Inputs, plan: &Plan, files: &[(&str, &str)], until: Until) {
        let switch = plan.switch.as_ref().unwrap();
        if let Some(note) = &plan.journal {
            let left = Note { id: note.id.clone(), written: 1_800_000_000 };
            self.notes.insert(note.id.clone(), Debt::parse(&left, note.to_json().as_bytes(), &inputs.prefix));
        }
        let content = |path: &str| files.iter().find(|(file, _)| *file == path).unwrap().1.to_owned();
        let mut etags = BTreeMap::new();
        for upload in &plan.uploads {
            self.objects.insert(upload.key.clone(), content(&upload.path));
            etags.insert(upload.key.clone(), upload.md5.to_string());
        }
        for moved in &plan.moves {
            let content = self.objects[&moved.from].clone();
            assert_eq!(remote(&content).etag.to_string(), moved.etag);
            etags.insert(moved.to.key.clone(), moved.etag.clone());
            self.objects.insert(moved.to.key.clone(), content);
        }
        if until == Until::Uploads {
            return;
        }
        if let Some(next) = &plan.manifest {
            let mut content = next.content(&plan.uploads, &plan.copies, &etags);
            settle(&mut content, &plan.moves, &etags);
            if next.is_release {
                self.copies.insert(content.release.id.clone(), content.clone());
            }
            self.manifest = Some(content);
        }
        if until == Until::Manifest {
            return;
        }
        for moved in &switch.ahead {
            let content = self.objects[&moved.from].clone();
            assert!(
                start_of(&moved.to.key) != start_of(&moved.from)
                    && crate::hashed_name::has_content_hash(&moved.to.path)
            );
            self.objects.insert(moved.to.key.clone(), content);
        }
        if !switch.changes.is_empty() {
            self.path.clone_from(&switch.origin_path);
        }
        if until == Until::Switch {
            return;
        }
        self.told.extend(plan.invalidations.iter().flat_map(|invalidation| invalidation.paths.iter().cloned()));
        if until == Until::Invalidation {
            return;
        }
        let own = plan.journal.iter().map(|note| &note.id);
        own.chain(&plan.debts).for_each(|id| drop(self.notes.remove(id)));
        for id in &switch.prune {
            let start = place(&inputs.prefix, id);
            assert_ne!(origin_path(&start), self.path);
            self.objects.retain(|key, _| start.relative(key).is_none());
        }
    }

    /// What a visitor gets, by path.
    pub(super) fn site(&self) -> BTreeMap<String, String> {
        let start = format!("{}/", self.path.trim_start_matches('/'));
        let own = self.objects.iter().filter_map(|(key, content)| Some((key.strip_prefix(&start)?, content)));
        own.map(|(path, content)| (path.to_owned(), content.clone())).collect()
    }

    pub(super) fn folders(&self) -> BTreeSet<ReleaseId> {
        let paths = self.objects.keys().filter_map(|key| key.strip_prefix("site/"));
        paths.filter_map(crate::mode::release_of).collect()
    }

    /// Goes back so many releases.
    pub(super) fn back(&mut self, inputs: &Inputs, releases: usize) -> Plan {
        let seen = self.see(inputs, &[]);
        let known = self.manifest.clone().unwrap();
        let target = all(&known).nth(releases).unwrap();
        let entries = self.copies[&target.id].entries.clone();
        let plan = go_back(inputs, &seen, target, &entries).unwrap();
        self.apply(inputs, &plan, &[], Until::End);
        plan
    }

    /// Somebody set the origin path back after each switch.
    pub(super) fn apply_prune_of(&mut self, inputs: &Inputs, page: &str) {
        let before = self.path.clone();
        self.publish(inputs, &[("index.html", page)], Until::Invalidation);
        self.path = before;
    }
}

/// The folder of a key.
pub(super) fn start_of(key: &str) -> &str {
    key.split('/').nth(2).unwrap()
}
