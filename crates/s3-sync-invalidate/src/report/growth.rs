//! What makes a site heavier: the files that grew the most.

use std::collections::BTreeMap;

use actions_core::amount::bytes;
use actions_core::markdown::{Cell, details, table};

use crate::hashed_name::without_content_hash;
use crate::plan::{Plan, Upload};

/// How many files are named.
const NAMED: usize = 5;

/// A file that grew.
struct Grown<'a> {
    path: &'a str,
    before: u64,
    after: u64,
}

impl Grown<'_> {
    fn by(&self) -> u64 {
        self.after.saturating_sub(self.before)
    }
}

/// The files that grew the most, the largest growth first; empty when none grew.
pub(super) fn growth(plan: &Plan) -> String {
    let old = old_versions(plan);
    let mut grown: Vec<Grown<'_>> = plan.uploads.iter().filter_map(|upload| grown(upload, &old)).collect();
    grown.sort_by(|a, b| b.by().cmp(&a.by()).then_with(|| a.path.cmp(b.path)));
    let row = |file: &Grown<'_>| {
        vec![
            Cell::code(file.path),
            Cell::text(bytes(file.before)),
            Cell::text(bytes(file.after)),
            Cell::text(format!("+{}{}", bytes(file.by()), percent(file))),
        ]
    };
    let rows: Vec<Vec<Cell>> = grown.iter().take(NAMED).map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let title = match grown.len() {
        total if total > NAMED => format!("Largest growth ({NAMED} of {total} files that grew)"),
        _ => "Largest growth".to_owned(),
    };
    format!("\n{}", details(&title, &table(&["File", "Before", "After", "Growth"], &rows)))
}

/// The sizes of the objects that go, by their names without a content hash, where there is only one of a name.
fn old_versions(plan: &Plan) -> BTreeMap<String, Option<u64>> {
    let mut sizes = BTreeMap::new();
    for gone in &plan.deletes {
        if let Some(name) = plan.prefix.relative(&gone.key).and_then(without_content_hash) {
            sizes.entry(name).and_modify(|size| *size = None).or_insert(Some(gone.size));
        }
    }
    sizes
}

/// A file that replaces a smaller one: an object of its key, or one whose name has another content hash.
fn grown<'a>(upload: &'a Upload, old: &BTreeMap<String, Option<u64>>) -> Option<Grown<'a>> {
    let other = || without_content_hash(&upload.path).and_then(|name| old.get(&name).copied().flatten());
    let before = upload.before.or_else(other)?;
    (upload.size > before).then_some(Grown { path: &upload.path, before, after: upload.size })
}

fn percent(file: &Grown<'_>) -> String {
    // A multiple says nothing that the sizes do not.
    match file.by().saturating_mul(100).checked_div(file.before) {
        Some(percent) if percent < 1000 => format!(" (+{percent} %)"),
        _ => String::new(),
    }
}
