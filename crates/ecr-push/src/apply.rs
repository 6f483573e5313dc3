//! Uploading blobs, writing manifests and tags, in this order; before that the repository where it is to be created.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use actions_core::Session;
use futures::{StreamExt as _, TryStreamExt as _};
use image_ref::{Digest, ImageTag, Reference, RepositoryName};
use oci_image::Content;
use oci_registry::{BlobPush, Registry, Upload};

use crate::clients::Clients;
use crate::create::create;
use crate::error::Error;
use crate::layers;
use crate::outcome::{Outcome, TagOutcome, TagResult, Transfer};
use crate::plan::{Plan, PlannedTag, TagAction};
use crate::repository::Repository;
use actions_core::amount::bytes;

/// What was refused where the refusal names nothing: only a look at a blob is answered without a body.
const UNNAMED: &str = "BatchCheckLayerAvailability";

/// How many images of an index are put at once.
const PARALLEL_CHILDREN: usize = 8;

/// How often the display of an upload is brought up to date.
const TICK: Duration = Duration::from_secs(1);

pub(crate) async fn apply(plan: &Plan, clients: &Clients, session: &Session) -> Result<Outcome, Error> {
    let start = Instant::now();
    let created = match &plan.existing {
        Some(_) => None,
        None => Some(create(plan, clients, session).await?),
    };
    // One of the two is there: what exists, else what was created.
    let Some(repository) = plan.existing.as_ref().or(created.as_ref()) else {
        return Err(Error::IncompleteAnswer { operation: "CreateRepository", missing: "the repository" });
    };
    let registry = clients.registry(&repository.uri, session).await?;
    let push = Push { plan, repository, registry, content: clients.image.content(), session };
    let (transfer, tags) = if plan.is_done() {
        session.log.line("every tag points at this image: already done");
        (Transfer::default(), plan.tags.iter().map(already_done).collect())
    } else {
        let transfer = push.blobs(clients).await?;
        push.children().await?;
        (transfer, push.tags().await?)
    };
    let statistics = registry.statistics();
    Ok(Outcome {
        registry: repository.registry().to_owned(),
        created_repository: created.is_some(),
        tags,
        transfer,
        requests: statistics.requests,
        retries: statistics.retries,
        milliseconds: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

fn already_done(planned: &PlannedTag) -> TagOutcome {
    TagOutcome { tag: planned.tag.clone(), result: TagResult::AlreadyDone }
}

/// One push that is under way.
struct Push<'a> {
    plan: &'a Plan,
    repository: &'a Repository,
    registry: &'a Registry,
    content: &'a Content,
    session: &'a Session,
}

impl Push<'_> {
    fn name(&self) -> &RepositoryName {
        &self.repository.uri.repository
    }

    /// Uploads the blobs that are missing.
    async fn blobs(&self, clients: &Clients) -> Result<Transfer, Error> {
        let blobs = clients.image.blobs();
        let count = blobs.len();
        let log = &self.session.log;
        log.line(format!("uploading what is missing of {}", crate::report::blobs(count, self.plan.image.bytes)));
        let progress = log.progress("bytes", self.plan.image.bytes);
        let (transfer, sent) = (Cell::new(Transfer::default()), RefCell::new(Vec::new()));
        let done = |blob: &oci_registry::BlobFile, push: BlobPush| {
            transfer.set(transfer.get().with(blob.size, push));
            progress.advance(blob.size);
            if push == BlobPush::Uploaded {
                sent.borrow_mut().push(blob.digest.clone());
            }
            let word = match push {
                BlobPush::Existed => "there already",
                BlobPush::Mounted => "taken from another repository",
                BlobPush::Uploaded => "uploaded",
            };
            progress.change(format!("  {} {}, {word}", blob.digest.short(), bytes(blob.size)));
        };
        let push = async {
            let (uploads, silent) = layers::uploads(self.plan, clients, blobs).await;
            for repository in silent {
                log.line(format!("`{repository}` does not tell which layers it has ({UNNAMED})"));
            }
            let result = self.registry.push_blobs(self.name(), uploads.clone(), done).await;
            (uploads, result)
        };
        tokio::pin!(push);
        let mut tick = tokio::time::interval(TICK);
        let uploads = loop {
            tokio::select! {
                (uploads, result) = &mut push => break result.map(|()| uploads).map_err(|error| self.error(error, UNNAMED))?,
                () = self.session.cancel.cancelled() => {
                    return Err(Error::Cancelled { at: "while uploading, before any tag was written".to_owned() });
                }
                _ = tick.tick() => progress.waiting(&format!("{} sent", bytes(self.registry.statistics().bytes_sent))),
            }
        };
        self.tell_of_refused(&uploads, &sent.borrow());
        Ok(transfer.get())
    }

    /// Says which repositories have layers and did not let them be taken from there.
    fn tell_of_refused(&self, uploads: &[Upload], sent: &[Digest]) {
        let refused = |from: &RepositoryName| {
            let is_refused = |upload: &&Upload| {
                upload.mount_from.as_ref() == Some(from) && upload.is_in_source && sent.contains(&upload.blob.digest)
            };
            uploads.iter().filter(is_refused).count()
        };
        for (from, count) in
            self.plan.mount_from.iter().map(|from| (from, refused(from))).filter(|(_, count)| *count > 0)
        {
            self.session.log.line(format!(
                "{} of `{from}` had to be uploaded: it needs ecr:GetDownloadUrlForLayer there, the same encryption, and blob mounting \
                 switched on in the registry",
                actions_core::amount::count(count, "blob"),
            ));
        }
    }

    /// Puts the images of an index, by their digests: a child never takes a tag.
    async fn children(&self) -> Result<(), Error> {
        let Content::Index(index) = self.content else { return Ok(()) };
        futures::stream::iter(index.images())
            .map(Ok)
            .try_for_each_concurrent(PARALLEL_CHILDREN, async |image| {
                self.stop_if_cancelled(&[])?;
                let reference = Reference::Digest(image.digest().clone());
                let bytes = image.manifest_bytes().clone();
                let put = self.registry.put_manifest(self.name(), &reference, image.media_type(), bytes).await;
                put.map(drop).map_err(|error| self.error(error, "PutImage"))
            })
            .await
    }

    /// Writes the tags in the plan's order.
    async fn tags(&self) -> Result<Vec<TagOutcome>, Error> {
        let mut done: Vec<TagOutcome> = Vec::new();
        for planned in &self.plan.tags {
            self.stop_if_cancelled(&done)?;
            match self.tag(planned).await {
                Ok(result) => done.push(TagOutcome { tag: planned.tag.clone(), result }),
                Err(error) => {
                    if done.iter().any(|tag| tag.result != TagResult::AlreadyDone) {
                        self.session.log.warning(format!("written before the failure: {}", names(&done)));
                    }
                    return Err(error);
                }
            }
        }
        self.stop_if_cancelled(&done)?;
        let done = self.confirm(done).await?;
        self.stop_if_cancelled(&done)?;
        Ok(done)
    }

    /// Looks again at what was written where the registry would have let another run write too.
    async fn confirm(&self, done: Vec<TagOutcome>) -> Result<Vec<TagOutcome>, Error> {
        let confirmed = done.into_iter().map(async |outcome| {
            let is_ours_to_keep = outcome.result == TagResult::AlreadyDone || self.is_protected(&outcome.tag);
            let theirs = if is_ours_to_keep { None } else { self.other_image(&outcome.tag).await? };
            Ok::<_, Error>((outcome, theirs))
        });
        let confirmed: Vec<(TagOutcome, Option<Digest>)> = futures::future::try_join_all(confirmed).await?;
        let may_move = |tag: &ImageTag| self.plan.tags.iter().any(|planned| planned.tag == *tag && planned.may_move);
        let settled = confirmed.into_iter().map(|(outcome, theirs)| match theirs {
            None => Ok(outcome),
            Some(by) if may_move(&outcome.tag) => Ok(TagOutcome { result: TagResult::Overtaken { by }, ..outcome }),
            Some(theirs) => Err(Error::TagRaced {
                repository: self.plan.repository.to_string(),
                tag: outcome.tag.to_string(),
                ours: self.plan.image.digest.clone(),
                theirs,
            }),
        });
        settled.collect()
    }

    /// Whether the repository itself lets nobody move the tag.
    fn is_protected(&self, tag: &ImageTag) -> bool {
        !self.repository.mutability.allows_move(tag)
    }

    async fn tag(&self, planned: &PlannedTag) -> Result<TagResult, Error> {
        let result = match &planned.action {
            TagAction::AlreadyDone => return Ok(TagResult::AlreadyDone),
            TagAction::Move { from } => TagResult::Moved { from: from.clone() },
            TagAction::Push => TagResult::Pushed,
        };
        // A mutable repository would let us overwrite what another run has just written.
        if !planned.may_move && !self.is_protected(&planned.tag) && self.is_there(&planned.tag).await? {
            return Ok(TagResult::AlreadyDone);
        }
        let reference = Reference::Tag(planned.tag.clone());
        let (kind, bytes) = (self.content.media_type(), self.content.bytes().clone());
        match self.registry.put_manifest(self.name(), &reference, kind, bytes).await {
            Ok(_) => {
                self.session.log.line(format!("tag `{}` -> {}", planned.tag, self.plan.image.digest));
                Ok(result)
            }
            // ECR refuses an immutable tag for the same digest as well.
            Err(oci_registry::Error::TagImmutable { .. } | oci_registry::Error::TagInvalid { .. })
                if self.is_there(&planned.tag).await? =>
            {
                Ok(TagResult::AlreadyDone)
            }
            Err(error) => Err(self.error(error, "PutImage")),
        }
    }

    async fn head(&self, tag: &ImageTag) -> Result<Option<Digest>, Error> {
        let head = self.registry.head_manifest(self.name(), &Reference::Tag(tag.clone())).await;
        Ok(head.map_err(|error| self.error(error, "BatchGetImage"))?.map(|head| head.digest))
    }

    /// The image that the tag points at, when it is another one.
    async fn other_image(&self, tag: &ImageTag) -> Result<Option<Digest>, Error> {
        Ok(self.head(tag).await?.filter(|digest| *digest != self.plan.image.digest))
    }

    /// Whether the tag points at this image by now; an error when it points at another one.
    async fn is_there(&self, tag: &ImageTag) -> Result<bool, Error> {
        match self.head(tag).await? {
            None => Ok(false),
            Some(digest) if digest == self.plan.image.digest => Ok(true),
            Some(_) => Err(Error::ChangedMeanwhile { what: format!("tag `{tag}` of `{}`", self.plan.repository) }),
        }
    }

    fn stop_if_cancelled(&self, done: &[TagOutcome]) -> Result<(), Error> {
        if !self.session.cancel.is_cancelled() {
            return Ok(());
        }
        let at = match done {
            [] => "before any tag was written".to_owned(),
            done => format!("after the tags {}", names(done)),
        };
        Err(Error::Cancelled { at })
    }

    fn error(&self, error: oci_registry::Error, operation: &str) -> Error {
        Error::registry(error, operation, &self.repository.arn)
    }
}

fn names(tags: &[TagOutcome]) -> String {
    tags.iter().map(|tag| format!("`{}`", tag.tag)).collect::<Vec<_>>().join(", ")
}
