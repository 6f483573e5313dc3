//! Looks at the releases of a site that has a folder for each: the present one is listed, of the others only whether they are there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use actions_core::Session;
use actions_core::amount::{bytes, count};

use crate::bucket::{DistributionId, Prefix};
use crate::clients::Clients;
use crate::cloudfront::refused;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::invalidation::Distribution;
use crate::listing::{Part, parts};
use crate::manifest::{Content, Entry, Found, ReleaseId};
use crate::plan::{Snapshot, now};
use crate::prefixed::{Front, Releases, Shown, all, base, is_of, may_prune, shows_release, unseen};
use crate::table::Table;

use super::distributions::{distribution, names_bucket};
use super::listing::{self, Listing};
use super::{bucket, compressed, manifest, source, total};

/// Looks at everything the plan needs.
pub(super) async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
    let (reading, manifest) = tokio::try_join!(source::begin(inputs), manifest::find(inputs, clients))?;
    let before = manifest.manifest().map(|manifest| base(&inputs.prefix, &manifest.content));
    let at = Inputs { prefix: before.clone().unwrap_or_else(|| inputs.prefix.clone()), ..inputs.clone() };
    let parts = parts(at.prefix.as_str(), reading.files().iter());
    let reading = async {
        let source = reading.end(inputs, manifest.entries()).await?;
        session.log.line(format!("source: {}, {}", count(source.files.len(), "file"), bytes(total(&source))));
        Ok(source)
    };
    // The files are read while the bucket is looked at.
    let (source, listing, notes, present, shown) = tokio::try_join!(
        reading,
        list(&at, clients, before.as_ref(), parts, manifest.entries()),
        listing::notes(inputs, clients),
        listing::releases(inputs, clients),
        distributions(inputs, clients),
    )?;
    // S3 says so, too, of what is not there to who may not list the whole bucket: where no release is shown there was none yet, and
    // the manifest is written only while there is none.
    if let Found::Denied(folder) = &manifest
        && shown.iter().any(|(front, _)| shows_release(&inputs.prefix, front))
    {
        return Err(manifest::denied(clients, folder));
    }
    session.log.line(format!(
        "present release: {} below `{}/{}`; {} in all",
        count(listing.objects.len(), "object"),
        inputs.bucket,
        at.prefix.as_str(),
        count(present.len(), "release")
    ));
    let source = compressed(&at, source, &listing, &manifest, session).await?;
    let mut snapshot = Snapshot { source, objects: listing.objects, manifest, now: now(), ..Snapshot::default() };
    bucket::read_headers(&at, clients, &mut snapshot).await?;
    snapshot.debts = bucket::read_debts(inputs, clients, &notes).await?;
    let gone = gone(inputs, clients, &snapshot, &present).await;
    let (distributions, releases) = look(inputs, clients, &snapshot.manifest, present, shown).await?;
    let releases = Releases { gone, ..releases };
    snapshot.distributions = distributions;
    snapshot.releases = Some(Box::new(releases));
    Ok(snapshot)
}

/// The distributions, and all that is known of the releases.
pub(crate) async fn look(
    inputs: &Inputs,
    clients: &Clients,
    found: &Found,
    present: BTreeSet<ReleaseId>,
    shown: Vec<(Front, Distribution)>,
) -> Result<(Vec<Distribution>, Releases), Error> {
    let (fronts, distributions): (Vec<Front>, Vec<Distribution>) = shown.into_iter().unzip();
    let contents = contents(inputs, clients, found, &fronts).await?;
    Ok((distributions, Releases { fronts, present, contents, gone: BTreeSet::new() }))
}

/// The distributions that the manifest remembers, that are not among the inputs, and that CloudFront has no more. They are asked for
/// only where they keep a folder from going. One that may not be asked for is taken for there; and where several accounts may share
/// the manifest one that is not in this account may be in another.
async fn gone(
    inputs: &Inputs,
    clients: &Clients,
    snapshot: &Snapshot,
    present: &BTreeSet<ReleaseId>,
) -> BTreeSet<DistributionId> {
    let known = snapshot.manifest.manifest().map(|manifest| &manifest.content);
    let is_due = |known: &&Content| inputs.manifest.needs_account() && may_prune(inputs, known, present, snapshot.now);
    let Some(known) = known.filter(is_due) else { return BTreeSet::new() };
    let looks = unseen(inputs, &known.distributions).map(|id| async move {
        let error = clients.distribution_config(id).await.err()?;
        (error.code.as_deref() == Some("NoSuchDistribution")).then(|| id.clone())
    });
    futures::future::join_all(looks).await.into_iter().flatten().collect()
}

/// The objects of the present release; none where nothing is known of one.
async fn list(
    at: &Inputs,
    clients: &Clients,
    before: Option<&Prefix>,
    parts: Vec<Part>,
    known: Arc<Table<Entry>>,
) -> Result<Listing, Error> {
    match before {
        Some(_) => listing::list(at, clients, parts, &known).await,
        None => Ok(Listing::default()),
    }
}

/// The distributions, each with its origins that are the bucket. One that shows a release has the paths of one that shows the
/// prefix itself.
pub(crate) async fn distributions(inputs: &Inputs, clients: &Clients) -> Result<Vec<(Front, Distribution)>, Error> {
    let read = inputs.distributions.iter().map(|id| async move {
        let config = clients.distribution_config(id).await.map_err(|error| refused(id, error))?;
        let is_own = |origin: &&crate::cloudfront::Origin| names_bucket(&origin.domain, &inputs.bucket);
        let origins = config.origins.iter().filter(is_own).cloned().collect();
        let site = inputs.prefix.as_str().trim_end_matches('/').to_owned();
        let seen = distribution(id, config, &inputs.bucket);
        let distribution = Distribution { origin_paths: BTreeSet::from([site]), ..seen };
        Ok((Front { id: id.clone(), origins }, distribution))
    });
    futures::future::join_all(read).await.into_iter().collect()
}

/// What the releases hold that are shown and are not the present one, as their own manifests say.
async fn contents(
    inputs: &Inputs,
    clients: &Clients,
    found: &Found,
    fronts: &[Front],
) -> Result<BTreeMap<ReleaseId, Arc<Table<Entry>>>, Error> {
    let Found::Read(folder, manifest) = found else { return Ok(BTreeMap::new()) };
    let paths = fronts.iter().flat_map(|front| &front.origins).map(|origin| origin.path.as_str());
    let shown: BTreeSet<Shown> = paths.filter_map(|path| is_of(&inputs.prefix, path)).collect();
    let mut contents = BTreeMap::new();
    for shown in shown {
        let Shown::Release(place) = shown else { continue };
        let release = all(&manifest.content).find(|release| release.place.as_ref() == Some(&place));
        let Some(release) = release.filter(|release| release.id != manifest.content.release.id) else { continue };
        let read = manifest::read_at(clients, folder.clone(), &folder.release(&release.id)).await?;
        if let Found::Read(_, manifest) = read {
            contents.insert(place, manifest.content.entries);
        }
    }
    Ok(contents)
}
