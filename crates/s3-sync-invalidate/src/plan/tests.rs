use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::bucket::DistributionId;
use crate::clean_urls::CleanUrls;
use crate::compress::{Coding, Compress, Plain};
use crate::content_type::Looks;
use crate::digest::Md5Sum;
use crate::etag::ETag;
use crate::globs::{HeaderRule, HeaderRules, PathGlob, PathGlobs};
use crate::inputs::{DeleteScope, Extraneous};
use crate::invalidation::{Configuration, Folders, Wanted, is_covered};
use crate::journal::Note;
use crate::manifest::{ManifestPlace, Publisher};
use crate::max_delete::{MANY, MaxDelete};
use crate::remote::HeaderCheck;
use crate::rules::Rules;
use crate::source::{Place, Refusal, Selection, SourceError};

pub(crate) fn inputs() -> Inputs {
    Inputs {
        source: "dist".into(),
        bucket: BucketName::parse("shop-site").unwrap(),
        prefix: Prefix::parse("site").unwrap(),
        distributions: vec![DistributionId::parse("E2QWRUHAPOMQZL").unwrap()],
        mode: crate::mode::Mode::InPlace,
        extraneous: Extraneous::Delete,
        delete_scope: DeleteScope::All,
        keep_releases: 1,
        max_delete: MaxDelete::parse("1000,50%").unwrap(),
        manifest: ManifestPlace::Default,
        trust_manifest: false,
        rules: Rules::default(),
        clean_urls: CleanUrls::Index,
        compress: Compress::None,
        selection: Selection::default(),
        header_check: HeaderCheck::WhereKnown,
        concurrency: 256,
        invalidation: Wanted::Changed,
        max_paths: 100,
        wait: None,
        publisher: Publisher { run_id: Some("7".into()), ..Publisher::default() },
        aws: aws_client::AwsInputs {
            region: None,
            role: None,
            audience: None,
            session_name: None,
            role_duration: Duration::from_hours(1),
            allowed_account_ids: Vec::new(),
        },
    }
}

fn local(content: &str) -> LocalFile {
    LocalFile {
        size: content.len() as u64,
        md5: Md5Sum::of(content.as_bytes()),
        looks: Looks::Plain,
        place: Place::Stored,
        packed: None,
    }
}

pub(crate) fn remote(content: &str) -> RemoteObject {
    RemoteObject {
        size: content.len() as u64,
        etag: ETag::Md5(Md5Sum::of(content.as_bytes())),
        last_modified: 1,
        head: None,
    }
}

/// The path of an object below the prefix; those outside of it are never seen.
fn below(key: &str) -> Option<&str> {
    key.strip_prefix("site/")
}

/// Files by their path, objects by their whole key.
pub(crate) fn snapshot(files: &[(&str, &str)], objects: &[(&str, &str)]) -> Snapshot {
    let files = files.iter().map(|(path, content)| ((*path).to_owned(), local(content))).collect();
    Snapshot {
        source: Source { files, ..Source::default() },
        objects: objects.iter().filter_map(|(key, content)| Some((below(key)?, remote(content)))).collect(),
        debts: Vec::new(),
        distributions: vec![Distribution {
            id: DistributionId::parse("E2QWRUHAPOMQZL").unwrap(),
            origin_paths: BTreeSet::from(["site".to_owned()]),
            root_object: Some("index.html".into()),
            folders: Folders::Index,
            behaviors: Vec::new(),
            neighbors: BTreeSet::new(),
            forgets_absence: true,
            error_pages: BTreeMap::new(),
            tag_header: None,
            configuration: Configuration::Known,
        }],
        ..Snapshot::default()
    }
}

fn uploaded(plan: &Plan) -> Vec<&str> {
    plan.uploads.iter().map(|upload| upload.key.as_str()).collect()
}

fn deleted(plan: &Plan) -> Vec<&str> {
    plan.deletes.iter().map(|deletion| deletion.key.as_str()).collect()
}

fn paths(plan: &Plan) -> Vec<&str> {
    plan.invalidations.iter().flat_map(|invalidation| invalidation.paths.iter().map(String::as_str)).collect()
}

const SITE: &[(&str, &str)] = &[
    ("index.html", "<html>"),
    ("app.45d844a759a9e983.js", "app"),
    ("favicon.svg", "<svg/>"),
    ("sw.js", "worker"),
    ("docs/index.html", "docs"),
];

#[test]
fn a_first_publication_goes_from_the_assets_to_the_pages() {
    let plan = plan(&inputs(), &snapshot(SITE, &[])).unwrap();
    assert_eq!(
        uploaded(&plan),
        ["site/app.45d844a759a9e983.js", "site/favicon.svg", "site/docs/index.html", "site/index.html", "site/sw.js",]
    );
    assert_eq!(paths(&plan), ["/", "/docs/", "/docs/index.html", "/favicon.svg", "/index.html", "/sw.js"]);
    assert_eq!(plan.uploads[0].headers.cache_control, "public, max-age=31536000, immutable");
    assert_eq!(plan.uploads[3].headers.cache_control, "no-cache");
}

#[test]
fn a_large_file_whose_sum_was_of_another_kind_keeps_its_name_s_promise() {
    const LARGE: u64 = 16 << 20;
    let path = "video.45d844a759a9e983.mp4";
    let mut seen = snapshot(&[(path, "video")], &[("site/video.45d844a759a9e983.mp4", "video")]);
    let now = |sum| LocalFile { size: LARGE, md5: sum, ..local("video") };
    let sum = |of: &[u8]| Md5Sum::of_large(crate::digest::Crc64::of(of), LARGE);
    for (before, is_known) in [(Md5Sum::of(b"video"), false), (sum(b"other"), true)] {
        seen.source.files.insert(path, now(sum(b"video")));
        let etag = ETag::from("0123456789abcdef0123456789abcdef-2");
        let object = RemoteObject { size: LARGE, etag: etag.clone(), ..remote("video") };
        seen.objects.insert(path, object);
        let entry = Upload::of(&inputs(), &seen, path, &now(before), Reason::New).entry(etag);
        seen.manifest = known(&seen, path, entry);
        let plan = plan(&inputs(), &seen).unwrap();
        assert_eq!((plan.uploads[0].unsteady, plan.uploads[0].reason == Reason::Content), (is_known, is_known));
        assert_eq!(plan.uploads[0].headers.cache_control.contains("immutable"), !is_known);
        seen.manifest = Found::default();
    }
}

#[test]
fn what_is_stored_without_its_compression_has_not_changed() {
    const APP: &str = "app.45d844a759a9e983.js";
    let mut seen = snapshot(&[(APP, "app")], &[("site/app.45d844a759a9e983.js", "packed")]);
    for (content, is_told) in [("app", false), ("other", true)] {
        let packed = Some(Plain { md5: Md5Sum::of(content.as_bytes()), coding: Coding::Gzip });
        let rare = Rare { unsteady: false, packed, last_used: None };
        let RemoteObject { size, etag, .. } = remote("packed");
        let md5 = Md5Sum::of(b"packed");
        seen.manifest = known(&seen, APP, Entry { size, md5, etag, headers: None, page: false, rare: rare.boxed() });
        let plan = plan(&inputs(), &seen).unwrap();
        assert_eq!(plan.uploads.len(), 1);
        assert_eq!(plan.hints.iter().any(|hint| hint.text.contains("without a new name")), is_told, "{:?}", plan.hints);
    }
}

/// A manifest that knows one object.
fn known(seen: &Snapshot, path: &str, entry: Entry) -> Found {
    let folder = inputs().manifest.folder(&inputs().bucket, &inputs().prefix, "").unwrap();
    let (write, release) = release::stamped(&inputs(), seen, &folder);
    let entries = std::sync::Arc::new(std::iter::once((path, entry)).collect());
    let content = crate::manifest::Content {
        write,
        release,
        history: Vec::new(),
        distributions: BTreeSet::new(),
        entries,
        gone: BTreeMap::new(),
    };
    Found::Read(folder, Box::new(crate::manifest::Manifest { content, etag: "\"m\"".to_owned(), last_modified: 2 }))
}

#[test]
fn only_what_differs_goes_up_and_only_that_is_invalidated() {
    let objects: Vec<(String, &str)> = SITE.iter().map(|(path, content)| (format!("site/{path}"), *content)).collect();
    let mut objects: Vec<(&str, &str)> = objects.iter().map(|(key, content)| (key.as_str(), *content)).collect();
    assert!(plan(&inputs(), &snapshot(SITE, &objects)).unwrap().is_empty());
    objects[2].1 = "<old/>";
    let plan = plan(&inputs(), &snapshot(SITE, &objects)).unwrap();
    assert_eq!((uploaded(&plan), paths(&plan), plan.unchanged), (vec!["site/favicon.svg"], vec!["/favicon.svg"], 4));
}

#[test]
fn a_neighbor_of_the_prefix_is_never_deleted() {
    let objects = [("site/old.css", "x"), ("site2/old.css", "x"), ("site", "x"), ("old.css", "x"), ("site/", "")];
    let plan = plan(&inputs(), &snapshot(&[("index.html", "x")], &objects)).unwrap();
    assert_eq!(deleted(&plan), ["site/old.css"]);
    assert!(paths(&plan).contains(&"/old.css"));
}

#[test]
fn nothing_is_deleted_unasked_or_when_excluded() {
    let objects = [("site/old.css", "x"), ("site/uploads/a.png", "x")];
    let keep = Inputs { extraneous: Extraneous::Keep, ..inputs() };
    assert!(plan(&keep, &snapshot(&[("index.html", "x")], &objects)).unwrap().deletes.is_empty());
    let exclude = PathGlobs::new(vec![PathGlob::parse("uploads/").unwrap()]);
    let excluded = Inputs { selection: Selection { exclude, ..Selection::default() }, ..inputs() };
    assert_eq!(plan(&excluded, &snapshot(&[("index.html", "x")], &objects)).unwrap().deletes.len(), 1);
}

#[test]
fn an_empty_source_deletes_a_site_only_when_told_twice() {
    let snapshot = snapshot(&[], &[("site/index.html", "x")]);
    let error = plan(&inputs(), &snapshot).unwrap_err();
    assert!(matches!(error, Error::Source(SourceError::Empty { .. })), "{error}");
    let sure = Inputs { extraneous: Extraneous::DeleteAll, ..inputs() };
    assert_eq!(deleted(&plan(&sure, &snapshot).unwrap()), ["site/index.html"]);
}

#[test]
fn a_source_that_lacks_the_site_deletes_it_only_when_told_twice() {
    let no_start = snapshot(&[("app.css", "x")], &[("site/app.css", "x"), ("site/index.html", "x")]);
    let error = plan(&inputs(), &no_start).unwrap_err();
    assert!(matches!(error, Error::SiteWouldGo { .. }) && error.to_string().contains("`site/index.html`"), "{error}");
    let deeper = snapshot(&[("app.css", "x")], &[("site/app.css", "x"), ("site/docs/index.html", "x")]);
    assert_eq!(deleted(&plan(&inputs(), &deeper).unwrap()), ["site/docs/index.html"], "only the top one is the site's");
    let keys: Vec<String> = (0..MANY).map(|number| format!("site/{number}.css")).collect();
    let objects: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "x")).collect();
    let other = snapshot(&[("other.css", "x")], &objects);
    let error = plan(&inputs(), &other).unwrap_err();
    assert!(error.to_string().contains("all 20 objects below `s3://shop-site/site/`"), "{error}");
    let few = snapshot(&[("other.css", "x")], &objects[1..]);
    assert_eq!(plan(&inputs(), &few).unwrap().deletes.len(), MANY - 1, "a few assets may all get new names");
    let sure = Inputs { extraneous: Extraneous::DeleteAll, ..inputs() };
    assert_eq!(deleted(&plan(&sure, &no_start).unwrap()), ["site/index.html"]);
    assert_eq!(plan(&sure, &other).unwrap().deletes.len(), MANY);
}

#[test]
fn a_debt_of_an_earlier_run_is_paid_with_the_same_reference() {
    let changed = snapshot(&[("index.html", "new")], &[("site/index.html", "old")]);
    let first = plan(&inputs(), &changed).unwrap();
    let journal = first.journal.clone().unwrap();
    let mut after = snapshot(&[("index.html", "new")], &[("site/index.html", "new")]);
    after.debts = vec![Debt::parse(&note(&journal.id), journal.to_json().as_bytes(), &inputs().prefix)];
    let second = plan(&inputs(), &after).unwrap();
    assert!(!second.changes_objects() && second.journal.is_none());
    assert_eq!(second.invalidations, first.invalidations);
    assert_eq!(second.debts, [journal.id]);
}

fn note(id: &str) -> Note {
    Note { id: id.to_owned(), written: 0 }
}

#[test]
fn what_another_run_may_do_yet_is_invalidated_for_now() {
    let changed = snapshot(&[("index.html", "new")], &[("site/index.html", "old")]);
    let first = plan(&inputs(), &changed).unwrap();
    let journal = first.journal.clone().unwrap();
    assert_eq!(journal.distributions, ["E2QWRUHAPOMQZL"]);
    let mut after = snapshot(&[("index.html", "new")], &[("site/index.html", "new")]);
    let debt = Debt::parse(&note(&journal.id), journal.to_json().as_bytes(), &inputs().prefix);
    after.now = Duration::from_hours(1);
    after.debts = vec![Debt { written: 60, ..debt }];
    let other = Inputs { publisher: Publisher { run_id: Some("8".into()), ..Publisher::default() }, ..inputs() };
    let beside = plan(&other, &after).unwrap();
    assert_eq!((paths(&beside), &beside.debts), (paths(&first), &Vec::new()));
    // With the same reference the first run would be answered the invalidation that came too early for it.
    assert_ne!(beside.invalidations[0].caller_reference, first.invalidations[0].caller_reference);
    assert_eq!(plan(&other, &after).unwrap().invalidations, beside.invalidations);
    let again = plan(&inputs(), &after).unwrap();
    assert_eq!((again.invalidations, again.debts), (first.invalidations, vec![journal.id.clone()]));
    after.debts[0].written = 0;
    assert_eq!(plan(&other, &after).unwrap().debts, [journal.id]);
    after.debts[0].distributions = vec!["E3QWRUHAPOMQZL".to_owned()];
    let elsewhere = plan(&other, &after).unwrap();
    assert!(elsewhere.invalidations.is_empty() && elsewhere.debts.is_empty());
}

#[test]
fn going_back_and_forth_is_a_new_change_each_time() {
    let reference = |written: i64| {
        let mut snapshot = snapshot(&[("index.html", "a")], &[("site/index.html", "b")]);
        snapshot.objects.insert("index.html", RemoteObject { last_modified: written, ..remote("b") });
        plan(&inputs(), &snapshot).unwrap().invalidations[0].caller_reference.clone()
    };
    assert_eq!(reference(1), reference(1));
    assert_ne!(reference(1), reference(2));
}

#[test]
fn a_debt_that_cannot_be_read_makes_everything_due() {
    let mut snapshot = snapshot(&[("index.html", "x")], &[("site/index.html", "x")]);
    snapshot.debts = vec![Debt::unreadable(&note("x"))];
    assert_eq!(paths(&plan(&inputs(), &snapshot).unwrap()), ["/*"]);
}

#[test]
fn without_a_distribution_there_is_no_note() {
    let mut snapshot = snapshot(&[("index.html", "x")], &[]);
    snapshot.distributions.clear();
    let plan = plan(&inputs(), &snapshot).unwrap();
    assert!(plan.journal.is_none() && plan.invalidations.is_empty() && plan.changes_objects());
}

#[test]
fn rules_come_before_defaults() {
    let rule = |text: &str| HeaderRules::new(vec![HeaderRule::parse(text).unwrap()]);
    let rules = Rules {
        cache_control: rule("*.js: private"),
        content_type: rule("feed: application/rss+xml"),
        ..Rules::default()
    };
    let inputs = Inputs { rules, ..inputs() };
    let plan = plan(&inputs, &snapshot(&[("app.45d844a759a9e983.js", "x"), ("feed", "x")], &[])).unwrap();
    assert_eq!(plan.uploads[0].headers.cache_control, "private");
    assert_eq!(plan.uploads[1].headers.content_type, "application/rss+xml");
}

#[test]
fn a_hashed_name_with_new_content_is_a_warning() {
    let snapshot = snapshot(&[("app.45d844a759a9e983.js", "new")], &[("site/app.45d844a759a9e983.js", "old")]);
    let plan = plan(&inputs(), &snapshot).unwrap();
    assert!(plan.hints.iter().any(|hint| hint.text.contains("app.45d844a759a9e983.js")), "{:?}", plan.hints);
    assert_eq!(paths(&plan), ["/app.45d844a759a9e983.js"]);
}

#[test]
fn what_cannot_be_published_is_refused_by_name() {
    for (refusal, code) in [
        (Refusal::Sensitive, "sensitive-files"),
        (Refusal::SourceMap, "source-maps"),
        (Refusal::Link, "link-refused"),
        (Refusal::OutsideLink, "outside-link"),
        (Refusal::BadName, "unusable-name"),
        (Refusal::NoFile, "unusable-name"),
    ] {
        let mut snapshot = snapshot(&[("index.html", "x")], &[]);
        snapshot.source.refused.insert("the one".into(), refusal);
        let error = plan(&inputs(), &snapshot).unwrap_err();
        let shown = miette::Diagnostic::code(&error).unwrap().to_string();
        assert_eq!(shown, format!("s3-sync-invalidate/{code}"));
        assert!(error.to_string().contains("the one"), "{error}");
    }
    let long = "x".repeat(1020);
    let error = plan(&inputs(), &snapshot(&[(&long, "x")], &[])).unwrap_err();
    assert!(matches!(error, Error::Source(SourceError::UnusableNames { .. })), "{error}");
    let mut large = snapshot(&[("big.bin", "x")], &[]);
    large.source.files.insert("big.bin", LocalFile { size: crate::s3::parts::LARGEST + 1, ..local("x") });
    assert!(matches!(plan(&inputs(), &large).unwrap_err(), Error::Source(SourceError::TooLarge { .. })));
    let own = plan(&inputs(), &snapshot(&[(".slipway/x", "x")], &[])).unwrap_err();
    assert!(matches!(own, Error::Source(SourceError::UnusableNames { .. })), "{own}");
}

/// The bucket after `plan` was carried out.
fn applied(snapshot: &Snapshot, plan: &Plan) -> Snapshot {
    let mut after = snapshot.clone();
    for upload in &plan.uploads {
        let object = RemoteObject { size: upload.size, etag: ETag::Md5(upload.md5), last_modified: 2, head: None };
        after.objects.insert(&upload.path, object);
    }
    let stays = |path: &str| !plan.deletes.iter().any(|deletion| below(&deletion.key) == Some(path));
    let objects = after.objects.iter().filter(|(path, _)| stays(path));
    after.objects = objects.map(|(path, object)| (path, object.into_owned())).collect();
    after
}

fn path() -> impl Strategy<Value = String> {
    "([a-b]/){0,2}(index\\.html|[a-c]{1,2}\\.(css|html)|[ab]\\.45d844a759a9e983\\.js|sw\\.js)"
}

fn tree() -> impl Strategy<Value = BTreeMap<String, String>> {
    proptest::collection::btree_map(path(), "[xy]{1,2}", 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_plan_that_was_applied_leaves_nothing_to_do(files in tree(), objects in tree(), others in tree()) {
        let pairs = |tree: &BTreeMap<String, String>, prefix: &str| -> Vec<(String, String)> {
            tree.iter().map(|(path, content)| (format!("{prefix}{path}"), content.clone())).collect()
        };
        let files = pairs(&files, "");
        let mut objects = pairs(&objects, "site/");
        objects.extend(pairs(&others, "site2/"));
        let files: Vec<(&str, &str)> = files.iter().map(|(path, content)| (path.as_str(), content.as_str())).collect();
        let objects: Vec<(&str, &str)> = objects.iter().map(|(key, content)| (key.as_str(), content.as_str())).collect();
        let before = snapshot(&files, &objects);
        let inputs = Inputs { extraneous: Extraneous::DeleteAll, ..inputs() };
        let first = plan(&inputs, &before).unwrap();
        prop_assert!(plan(&inputs, &applied(&before, &first)).unwrap().is_empty());
        prop_assert!(first.uploads.is_sorted_by_key(|upload| upload.phase));
        prop_assert!(first.deletes.iter().all(|deletion| deletion.key.starts_with("site/")));
        prop_assert!(first.uploads.iter().all(|upload| upload.key.starts_with("site/")));
        for upload in first.uploads.iter().filter(|upload| upload.makes_old()) {
            prop_assert!(covered(&first, &before, &upload.key), "{}", upload.key);
        }
        for Deletion { key, .. } in &first.deletes {
            prop_assert!(covered(&first, &before, key), "{key}");
        }
    }
}

fn covered(plan: &Plan, snapshot: &Snapshot, key: &str) -> bool {
    let told = &plan.invalidations[0].paths;
    snapshot.distributions[0].paths(key).iter().all(|path| is_covered(path, told))
}
