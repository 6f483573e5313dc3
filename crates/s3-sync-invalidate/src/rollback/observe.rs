//! Looks at the releases, at what the bucket keeps, and at the distributions; changes nothing.

use std::collections::BTreeMap;

use actions_core::Session;
use actions_core::amount::count;
use aws_client::{ApiError, ApiErrorKind};

use crate::clients::Clients;
use crate::content_type::Looks;
use crate::error::Error;
use crate::headers::RemoteHeaders;
use crate::inputs::Inputs;
use crate::journal::{self, Debt};
use crate::manifest::{Content, Entry, Found, Manifest, Release};
use crate::observe::{bucket, distributions, manifest};
use crate::plan::{Snapshot, now};
use crate::prefixed::SwitchError;
use crate::recalled::Recalled;
use crate::s3;
use crate::source::{LocalFile, Place, Source};

use super::choice::{Caller, choose, is_since};
use super::error::{RollbackError, described};
use super::inputs::RollbackInputs;
use super::plan::{Fate, fate};
use super::versions::{self, Kept};

/// What was seen.
#[derive(Debug, Clone)]
pub struct RollbackSnapshot {
    /// What a publication would see, with what the release had as its source.
    pub(super) seen: Snapshot,
    /// The release to go back to.
    pub(super) target: Release,
    /// What it had, by the path below the prefix.
    pub(super) entries: BTreeMap<String, Entry>,
    /// When that was written down, in seconds since 1970.
    pub(super) written: i64,
    /// What the bucket keeps.
    pub(super) kept: Kept,
    /// The headers of the versions that come back, by key.
    pub(super) heads: BTreeMap<String, RemoteHeaders>,
}

/// Looks at everything the plan needs.
pub(super) async fn observe(
    inputs: &RollbackInputs,
    clients: &Clients,
    session: &Session,
) -> Result<RollbackSnapshot, RollbackError> {
    let publish = &inputs.publish;
    if publish.mode.has_folders() {
        return Box::pin(super::folders::observe(inputs, clients, session)).await;
    }
    let (found, kept) = tokio::try_join!(manifest::find(publish, clients), versions::read(publish, clients))?;
    let known = history(publish, clients, &found)?;
    let present = &known.content.release;
    let (mut debts, mut is_owed) = (Vec::new(), kept.notes.iter().any(|note| is_since(note.written, present)));
    if !publish.distributions.is_empty() {
        debts = bucket::read_debts(publish, clients, &kept.notes).await?;
        is_owed = owes(&debts, present);
    }
    let caller = Caller { publisher: &publish.publisher, is_owed };
    let target = choose(&inputs.to, &known.content, caller)?;
    session.log.line(format!("going back to release {}", described(&target)));
    let (content, written) = had(clients, &found, known, &target).await?;
    let objects = kept.objects(publish);
    session.log.line(format!(
        "bucket: {} with {} below `{}/{}`",
        count(objects.len(), "object"),
        count(kept.versions.values().map(Vec::len).sum(), "version"),
        publish.bucket,
        publish.prefix.as_str()
    ));
    let entries = live(publish, &content);
    let source = Source { files: files(&entries), ..Source::default() };
    let seen = Snapshot { source, objects, manifest: found, debts, now: now(), ..Snapshot::default() };
    let heads = BTreeMap::new();
    let mut snapshot = RollbackSnapshot { seen, target, entries, written, kept, heads };
    snapshot.heads = read_heads(publish, clients, &snapshot).await?;
    if !publish.distributions.is_empty() {
        snapshot.seen.distributions = distributions::read(publish, clients).await?;
    }
    Ok(snapshot)
}

/// Whether the run that published `release` left one of `debts`: what another run owes says nothing of it.
pub(super) fn owes(debts: &[Debt], release: &Release) -> bool {
    let author = release.by.run();
    let is_its = |debt: &Debt| (debt.run.is_none() || debt.run == author) && is_since(debt.written, release);
    debts.iter().any(is_its)
}

/// The manifest that remembers the releases.
pub(super) fn history<'a>(inputs: &Inputs, clients: &Clients, found: &'a Found) -> Result<&'a Manifest, RollbackError> {
    let why = match found {
        Found::Read(_, manifest) if manifest.content.release.place.is_some() != inputs.mode.has_folders() => {
            let mode = if inputs.mode.has_folders() { "in-place" } else { "release-prefix" };
            let site = format!("s3://{}/{}", inputs.bucket, inputs.prefix.as_str());
            return Err(Error::from(SwitchError::OtherMode { site, mode }).into());
        }
        Found::Read(_, manifest) => return Ok(manifest),
        Found::Absent(folder) => format!("nothing lies at `{folder}current.jsonl.gz`"),
        Found::Denied(folder) => return Err(manifest::denied(clients, folder).into()),
        Found::Broken(folder, _) => format!("what lies at `{folder}current.jsonl.gz` is no manifest"),
        Found::Off => "no manifest is kept".to_owned(),
    };
    Err(RollbackError::NoHistory { site: format!("s3://{}/{}", inputs.bucket, inputs.prefix.as_str()), why })
}

/// What `target` had, and when that was written down.
pub(super) async fn had(
    clients: &Clients,
    found: &Found,
    known: &Manifest,
    target: &Release,
) -> Result<(Content, i64), RollbackError> {
    if target.id == known.content.release.id {
        return Ok((known.content.clone(), known.last_modified));
    }
    let unreadable = |place: String| RollbackError::ReleaseUnreadable { id: target.id.as_str().to_owned(), place };
    let Some(folder) = found.folder().cloned() else { return Err(unreadable(String::new())) };
    let key = folder.release(&target.id);
    let place = format!("s3://{}/{key}", folder.bucket);
    match manifest::read_at(clients, folder, &key).await? {
        Found::Denied(folder) => Err(manifest::denied(clients, &folder).into()),
        Found::Read(_, manifest) if manifest.content.release.id == target.id => {
            Ok((manifest.content, manifest.last_modified))
        }
        _ => Err(unreadable(place)),
    }
}

/// The objects that the release used; its manifest lies in a bucket that others may write to.
pub(super) fn live(inputs: &Inputs, content: &Content) -> BTreeMap<String, Entry> {
    let is_live = |path: &str, entry: &Entry| {
        entry.last_used().is_none() && !path.is_empty() && !journal::is_own(&inputs.prefix, &inputs.prefix.key(path))
    };
    let live = content.entries.iter().filter(|(path, entry)| is_live(path, entry));
    live.map(|(path, entry)| (path.to_owned(), entry.clone())).collect()
}

/// What the release had, as the files of a publication.
pub(super) fn files(entries: &BTreeMap<String, Entry>) -> Recalled<LocalFile> {
    let file = |entry: &Entry| LocalFile {
        size: entry.size,
        md5: entry.md5,
        looks: Looks::Plain,
        place: Place::Stored,
        packed: entry.packed(),
    };
    entries.iter().map(|(path, entry)| (path, file(entry))).collect()
}

/// The headers of the versions that come back. One that is gone since the listing has none.
async fn read_heads(
    inputs: &Inputs,
    clients: &Clients,
    snapshot: &RollbackSnapshot,
) -> Result<BTreeMap<String, RemoteHeaders>, Error> {
    let wanted = snapshot.entries.iter().filter_map(|(path, entry)| {
        let key = inputs.prefix.key(path);
        match fate(snapshot, path, &key, entry) {
            Fate::Comes(version) => Some((key, version.id.clone())),
            Fate::Stays(_) | Fate::Gone(_) => None,
        }
    });
    let wanted: Vec<(String, String)> = wanted.collect();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let line = &clients.line(&inputs.bucket)?;
    let looks = wanted.into_iter().map(|(key, version)| async move {
        match s3::head(line, &key, Some(&version)).await {
            Ok(head) => Ok(Some((key, head))),
            Err(error) => match clients.s3_error("HeadObjectVersion", &inputs.bucket, Some(&key), &error) {
                Error::Aws(ApiError { kind: ApiErrorKind::NotFound, .. }) => Ok(None),
                other => Err(other),
            },
        }
    });
    Ok(line.gate.all(looks).await?.into_iter().flatten().collect())
}
