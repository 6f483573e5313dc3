//! Uploading the blobs of all images.
//!
//! A blob that several repositories need goes up once; the others take it from where it is then.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use actions_core::Session;
use actions_core::amount::bytes;
use futures::StreamExt as _;
use image_ref::{Digest, RepositoryName};
use oci_registry::{BlobPush, BlobSource, Presence, Upload};

use super::Push;
use crate::clients::Clients;
use crate::error::Error;
use crate::layers;
use crate::outcome::Transfer;
use crate::plan::Plan;

/// What was refused where the refusal names nothing: only a look at a blob is answered without a body.
const UNNAMED: &str = "BatchCheckLayerAvailability";

/// How often the display of an upload is brought up to date.
const TICK: Duration = Duration::from_secs(1);

/// How many repositories are asked for what they have at once.
const PARALLEL_LOOKS: usize = 8;

/// What is to be uploaded for one image.
struct Load<'a, 'b> {
    push: &'a Push<'b>,
    uploads: Vec<Upload>,
}

/// Uploads the blobs that are missing; what was moved for each image.
pub(super) async fn upload(
    plan: &Plan,
    clients: &Clients,
    pushes: &[Push<'_>],
    session: &Session,
) -> Result<Vec<Transfer>, Error> {
    let loads = async {
        let mut loads = Vec::new();
        for (push, open) in pushes.iter().zip(&clients.images) {
            let mut blobs = if push.image.is_there { Vec::new() } else { push.bundle.blobs.clone() };
            if !push.referrers.is_empty() {
                blobs.extend(open.referrers().await?.blobs.iter().cloned());
            }
            loads.push((push, blobs));
        }
        Ok::<_, Error>(loads)
    };
    let loads = loads.await?;
    let total = loads.iter().flat_map(|(_, blobs)| blobs).map(BlobSource::size).sum();
    if loads.iter().all(|(_, blobs)| blobs.is_empty()) {
        return Ok(vec![Transfer::default(); pushes.len()]);
    }
    let count = loads.iter().map(|(_, blobs)| blobs.len()).sum();
    let log = &session.log;
    log.line(format!("uploading what is missing of {}", crate::report::blobs(count, total)));
    let progress = log.progress("bytes", total);
    let sent = RefCell::new(BTreeSet::new());
    let transfers: Vec<Cell<Transfer>> = pushes.iter().map(|_| Cell::default()).collect();
    let done = |place: usize, blob: &BlobSource, push: BlobPush| {
        let cell: &Cell<Transfer> = &transfers[place];
        cell.set(cell.get().with(blob.size(), push));
        progress.advance(blob.size());
        if push == BlobPush::Uploaded {
            sent.borrow_mut().insert((place, blob.digest().clone()));
        }
        let word = match push {
            BlobPush::Existed => "there already",
            BlobPush::Mounted => "taken from another repository",
            BlobPush::Uploaded => "uploaded",
        };
        progress.change(format!("  {} {}, {word}", blob.digest().short(), bytes(blob.size())));
    };
    let push = async {
        let looks = loads.into_iter().map(async |(push, blobs)| {
            let (uploads, silent) = layers::uploads(plan, push.image, clients, blobs).await;
            (Load { push, uploads }, silent)
        });
        let looks: Vec<_> = futures::stream::iter(looks).buffered(PARALLEL_LOOKS).collect().await;
        let mut loads = Vec::new();
        let mut told = BTreeSet::new();
        for (load, silent) in looks {
            for repository in silent.into_iter().filter(|name| told.insert((*name).clone())) {
                log.line(format!("`{repository}` does not tell which layers it has ({UNNAMED})"));
            }
            loads.push(load);
        }
        send(&loads, &done).await
    };
    tokio::pin!(push);
    let mut tick = tokio::time::interval(TICK);
    let sent_bytes = || pushes.first().map_or(0, |push| push.registry.statistics().bytes_sent);
    let waves = loop {
        tokio::select! {
            waves = &mut push => break waves?,
            () = session.cancel.cancelled() => {
                return Err(Error::Cancelled { at: "while uploading, before any tag was written".to_owned() });
            }
            _ = tick.tick() => progress.waiting(&format!("{} sent", bytes(sent_bytes()))),
        }
    };
    tell_of_refused(&waves, &sent.borrow(), session);
    Ok(transfers.iter().map(Cell::get).collect())
}

/// Sends what no other repository of this run sends too, then takes the rest from there.
///
/// Says what was to be taken from other repositories.
async fn send(
    loads: &[Load<'_, '_>],
    done: &impl Fn(usize, &BlobSource, BlobPush),
) -> Result<Vec<(usize, Upload)>, Error> {
    let Some(first) = loads.first() else { return Ok(Vec::new()) };
    let mut owners: BTreeMap<&Digest, &RepositoryName> = BTreeMap::new();
    let (mut now, mut later) = (Vec::new(), Vec::new());
    for (place, load) in loads.iter().enumerate() {
        for upload in &load.uploads {
            let name = load.push.name();
            let is_needed = upload.presence != Presence::There && !upload.is_in_source;
            match owners.get(upload.blob.digest()) {
                Some(owner) if is_needed && *owner != name => {
                    let mount_from = Some((*owner).clone());
                    later.push((place, name, Upload { mount_from, is_in_source: true, ..upload.clone() }));
                }
                // By then it is there: a look tells.
                Some(owner) if *owner == name => {
                    later.push((place, name, Upload { presence: Presence::Unknown, ..upload.clone() }));
                }
                _ => {
                    owners.insert(upload.blob.digest(), name);
                    now.push((place, name, upload.clone()));
                }
            }
        }
    }
    let all = now.iter().chain(&later).map(|(place, _, upload)| (*place, upload.clone())).collect();
    for wave in [now, later] {
        let push = first.push.registry.push_all(wave, |place, blob, push| done(*place, blob, push));
        push.await.map_err(|error| told(loads, error))?;
    }
    Ok(all)
}

/// The error with what ECR checks: of the registry that an image is taken from, or of the one that is written to.
fn told(loads: &[Load<'_, '_>], error: oci_registry::Error) -> Error {
    let Some(first) = loads.first().map(|load| load.push) else { return Error::Registry(error) };
    let oci_registry::Error::Denied { registry, repository, .. } = &error else { return Error::Registry(error) };
    let is_own = *registry == first.registry.endpoint().to_string();
    if let Some(target) = loads.iter().find(|load| is_own && load.push.name().as_str() == repository) {
        return target.push.error(error, UNNAMED);
    }
    let origins = loads.iter().filter_map(|load| load.push.image.origin.as_ref());
    match origins.filter_map(crate::origin::arn_of).find(|arn| arn.ends_with(&format!(":repository/{repository}"))) {
        Some(arn) => Error::registry(error, "GetDownloadUrlForLayer", &arn),
        None => Error::Registry(error),
    }
}

/// Says which repositories have layers and did not let them be taken from there.
fn tell_of_refused(mounted: &[(usize, Upload)], sent: &BTreeSet<(usize, Digest)>, session: &Session) {
    let mut refused: BTreeMap<&RepositoryName, usize> = BTreeMap::new();
    for (place, upload) in mounted.iter().filter(|(_, upload)| upload.is_in_source) {
        if let Some(from) = &upload.mount_from
            && sent.contains(&(*place, upload.blob.digest().clone()))
        {
            *refused.entry(from).or_default() += 1;
        }
    }
    for (from, count) in refused {
        session.log.line(format!(
            "{} of `{from}` had to be uploaded: it needs ecr:GetDownloadUrlForLayer there, the same encryption, and blob mounting \
             switched on in the registry",
            actions_core::amount::count(count, "blob"),
        ));
    }
}
