//! Uploading blobs, writing manifests and tags, in this order; before that the repository where it is to be created.

use std::cell::Cell;
use std::time::{Duration, Instant};

use actions_core::Session;
use image_ref::{ImageTag, Reference, RepositoryName};
use oci_image::Content;
use oci_registry::{BlobPush, Registry};

use crate::clients::Clients;
use crate::create::create;
use crate::error::Error;
use crate::outcome::{Outcome, TagOutcome, TagResult, Transfer};
use crate::plan::{Plan, PlannedTag, TagAction};
use crate::repository::Repository;
use actions_core::amount::bytes;

/// What was refused where the refusal names nothing: only a look at a blob is answered without a body.
const UNNAMED: &str = "BatchCheckLayerAvailability";

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
        let log = &self.session.log;
        log.line(format!("uploading what is missing of {}", crate::report::blobs(blobs.len(), self.plan.image.bytes)));
        let progress = log.progress("bytes", self.plan.image.bytes);
        let transfer = Cell::new(Transfer::default());
        let done = |blob: &oci_registry::BlobFile, push: BlobPush| {
            transfer.set(transfer.get().with(blob.size, push));
            progress.advance(blob.size);
            let word = if push == BlobPush::Existed { "there already" } else { "uploaded" };
            progress.change(format!("  {} {}, {word}", blob.digest.short(), bytes(blob.size)));
        };
        let push = self.registry.push_blobs(self.name(), blobs, done);
        tokio::pin!(push);
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                result = &mut push => break result.map_err(|error| self.error(error, UNNAMED))?,
                () = self.session.cancel.cancelled() => {
                    return Err(Error::Cancelled { at: "while uploading, before any tag was written".to_owned() });
                }
                _ = tick.tick() => progress.waiting(&format!("{} sent", bytes(self.registry.statistics().bytes_sent))),
            }
        }
        Ok(transfer.get())
    }

    /// Puts the images of an index, by their digests: a child never takes a tag.
    async fn children(&self) -> Result<(), Error> {
        let Content::Index(index) = self.content else { return Ok(()) };
        for image in index.images() {
            self.stop_if_cancelled(&[])?;
            let reference = Reference::Digest(image.digest().clone());
            let bytes = image.manifest_bytes().clone();
            self.registry
                .put_manifest(self.name(), &reference, image.media_type(), bytes)
                .await
                .map_err(|error| self.error(error, "PutImage"))?;
        }
        Ok(())
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
        Ok(done)
    }

    async fn tag(&self, planned: &PlannedTag) -> Result<TagResult, Error> {
        let result = match &planned.action {
            TagAction::AlreadyDone => return Ok(TagResult::AlreadyDone),
            TagAction::Move { from } => TagResult::Moved { from: from.clone() },
            TagAction::Push => TagResult::Pushed,
        };
        // A mutable repository would let us overwrite what another run has just written.
        if !planned.may_move && self.is_there(&planned.tag).await? {
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

    /// Whether the tag points at this image by now; an error when it points at another one.
    async fn is_there(&self, tag: &ImageTag) -> Result<bool, Error> {
        let head = self.registry.head_manifest(self.name(), &Reference::Tag(tag.clone())).await;
        match head.map_err(|error| self.error(error, "BatchGetImage"))? {
            None => Ok(false),
            Some(head) if head.digest == self.plan.image.digest => Ok(true),
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
