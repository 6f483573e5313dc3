//! Goes back to a release that lies in a folder of its own: what the distributions show is switched, and no object of it changes.

use std::collections::BTreeMap;

use actions_core::Session;
use actions_core::amount::count;

use crate::clients::Clients;
use crate::etag::ETag;
use crate::inputs::Inputs;
use crate::listing::parts;
use crate::manifest::{Entry, Release};
use crate::mode::place;
use crate::observe::prefixed::{distributions, look};
use crate::observe::{bucket, listing, manifest};
use crate::plan::{Snapshot, now};
use crate::prefixed::{all, go_back};
use crate::source::Source;
use crate::table::Table;

use super::choice::{Caller, choose};
use super::error::{RollbackError, described, listed};
use super::inputs::RollbackInputs;
use super::observe::{RollbackSnapshot, files, had, history, live, owes};
use super::plan::RollbackPlan;
use super::versions::Kept;

/// Looks at everything the plan needs.
pub(super) async fn observe(
    inputs: &RollbackInputs,
    clients: &Clients,
    session: &Session,
) -> Result<RollbackSnapshot, RollbackError> {
    let publish = &inputs.publish;
    let (found, notes, present, shown) = tokio::try_join!(
        manifest::find(publish, clients),
        listing::notes(publish, clients),
        listing::releases(publish, clients),
        distributions(publish, clients),
    )?;
    let known = history(publish, clients, &found)?;
    let debts = bucket::read_debts(publish, clients, &notes).await?;
    let is_owed = owes(&debts, &known.content.release);
    let caller = Caller { publisher: &publish.publisher, is_owed };
    let target = choose(&inputs.to, &known.content, caller)?;
    session.log.line(format!("going back to release {}", described(&target)));
    let gone = || {
        let left = all(&known.content).filter(|release| !release.gone && release.place.is_some());
        let known = listed(&left.collect::<Vec<&Release>>());
        RollbackError::ReleaseDeleted { id: target.id.as_str().to_owned(), known }
    };
    let folder = target.place.clone().filter(|folder| !target.gone && present.contains(folder)).ok_or_else(gone)?;
    let (content, written) = had(clients, &found, known, &target).await?;
    let at = Inputs { prefix: place(&publish.prefix, &folder), ..publish.clone() };
    let source = Source { files: files(&live(publish, &content)), ..Source::default() };
    let entries: BTreeMap<String, Entry> =
        content.entries.iter().map(|(path, entry)| (path.to_owned(), entry.clone())).collect();
    let parts = parts(at.prefix.as_str(), entries.keys().map(String::as_str));
    let objects = listing::list(&at, clients, parts, &content.entries).await?.objects;
    session.log.line(format!(
        "release: {} below `{}/{}`",
        count(objects.len(), "object"),
        publish.bucket,
        at.prefix.as_str()
    ));
    let (distributions, releases) = look(publish, clients, &found, present, shown).await?;
    let releases = Some(Box::new(releases));
    let seen = Snapshot { source, objects, debts, distributions, manifest: found, now: now(), releases };
    let heads = BTreeMap::new();
    Ok(RollbackSnapshot { seen, target, entries, written, kept: Kept::default(), heads })
}

/// Decides.
pub(super) fn plan(inputs: &RollbackInputs, seen: &RollbackSnapshot) -> Result<RollbackPlan, RollbackError> {
    let publish = &inputs.publish;
    let target = &seen.target;
    let is_there = |path: &String, etag: &ETag| seen.seen.objects.get(path).is_some_and(|object| object.etag == *etag);
    let used = seen.entries.iter().filter(|(_, entry)| entry.last_used().is_none());
    let names: Vec<String> =
        used.filter(|(path, entry)| !is_there(path, &entry.etag)).map(|(path, _)| path.clone()).collect();
    if !names.is_empty() {
        return Err(RollbackError::VersionGone { release: target.id.as_str().to_owned(), names });
    }
    let entries: Table<Entry> = seen.entries.iter().map(|(path, entry)| (path.as_str(), entry.clone())).collect();
    let changes = go_back(publish, &seen.seen, target, &entries)?;
    let manifest = seen.seen.manifest.manifest();
    let from = manifest.map_or_else(|| target.clone(), |known| known.content.release.clone());
    Ok(RollbackPlan { from, back_to: target.clone(), changes, stays: Vec::new() })
}
