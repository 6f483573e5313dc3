//! Creating repositories, uploading blobs, writing manifests and tags, in this order.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

use actions_core::Session;
use ecr::Repository;
use futures::StreamExt as _;
use image_ref::RepositoryName;
use oci_registry::Registry;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::bundle::{Bundle, Document};
use crate::clients::Clients;
use crate::create::{create, put_lifecycle_policy};
use crate::error::Error;
use crate::gate::Judgment;
use crate::outcome::{ImageOutcome, Outcome, TagOutcome, TagResult, Transfer};
use crate::plan::{ImagePlan, Plan, PlannedTag, TagAction};

mod blobs;
mod gate;
mod manifests;
mod settle;
mod tags;

/// How many images have their manifests and tags written at once.
const PARALLEL_IMAGES: usize = 8;

pub(crate) async fn apply(plan: &Plan, clients: &Clients, session: &Session) -> Result<Outcome, Error> {
    let start = Instant::now();
    let created = create_missing(plan, clients, session).await?;
    let turns = Semaphore::new(manifests::AT_ONCE);
    let mut pushes: Vec<Push<'_>> = Vec::new();
    for (image, open) in plan.images.iter().zip(&clients.images) {
        // One of the two is there: what exists, else what was created.
        let Some(repository) = image.existing.as_ref().or(created.get(&image.repository)) else {
            return Err(Error::IncompleteAnswer {
                service: "ecr",
                operation: "CreateRepository",
                missing: "the repository",
            });
        };
        let is_new = !pushes.iter().any(|push| push.repository.uri == repository.uri);
        if let Some(policy) = image.lifecycle_policy.as_ref().filter(|_| is_new) {
            put_lifecycle_policy(plan, repository, policy, clients, session).await?;
        }
        let registry = clients.registry(&repository.uri, session).await?;
        let referrers = match &image.referrers {
            Some(facts) if !facts.missing.is_empty() => open.referrers().await?.documents.iter().collect(),
            _ => Vec::new(),
        };
        pushes.push(Push {
            image,
            repository,
            registry,
            bundle: open.bundle(false).await?,
            referrers,
            turns: &turns,
            session,
        });
    }
    let images = if plan.is_done() {
        session.log.line("there is no tag to write: already done");
        let judgments = judge(plan, clients, &pushes).await?;
        let done = |push: &Push<'_>| push.outcome(push.image.tags.iter().map(withheld).collect());
        let images = pushes.iter().zip(judgments);
        images.map(|(push, judgment)| ImageOutcome { judgment, ..done(push) }).collect()
    } else {
        push(plan, clients, &pushes, session).await?
    };
    let statistics = pushes.first().map(|push| push.registry.statistics()).unwrap_or_default();
    Ok(Outcome {
        registry: pushes.first().map(|push| push.repository.registry().to_owned()).unwrap_or_default(),
        transfer: images.iter().fold(Transfer::default(), |sum, image| sum.and(image.transfer)),
        images,
        requests: statistics.requests,
        retries: statistics.retries,
        milliseconds: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

async fn create_missing(
    plan: &Plan,
    clients: &Clients,
    session: &Session,
) -> Result<BTreeMap<RepositoryName, Repository>, Error> {
    let mut created = BTreeMap::new();
    // Without it the plan has no repository that is missing.
    let Some(new) = &plan.new_repository else { return Ok(created) };
    for image in plan.images.iter().filter(|image| image.existing.is_none()) {
        if !created.contains_key(&image.repository) {
            created.insert(image.repository.clone(), create(plan, new, &image.repository, clients, session).await?);
        }
    }
    Ok(created)
}

/// Pushes what is to be pushed: everything that tags need, then the tags that stay, then those that move.
async fn push(
    plan: &Plan,
    clients: &Clients,
    pushes: &[Push<'_>],
    session: &Session,
) -> Result<Vec<ImageOutcome>, Error> {
    let transfers = blobs::upload(plan, clients, pushes, session).await?;
    together(pushes, async |push: &Push<'_>| push.manifests(plan.gate.is_some()).await).await?;
    let judgments = judge(plan, clients, pushes).await?;
    if !judgments.iter().flatten().all(Judgment::passes) {
        let images = pushes.iter().zip(transfers).zip(judgments);
        let withheld = |push: &Push<'_>| push.outcome(push.image.tags.iter().map(withheld).collect());
        let kept = |((push, transfer), judgment)| ImageOutcome { transfer, judgment, ..withheld(push) };
        return Ok(images.map(kept).collect());
    }
    let written = RefCell::new(Vec::new());
    let tags = async {
        let write = async |moving| {
            let done = together(pushes, async |push: &Push<'_>| push.tags(moving, &written).await).await?;
            all(pushes.iter().zip(done).map(async |(push, done)| push.confirm(done).await)).await
        };
        // No tag moves to an image that lost its version to another run's.
        let (stable, moving) = (write(false).await?, write(true).await?);
        Ok::<_, Error>(
            stable.into_iter().zip(moving).map(|(stable, moving)| [stable, moving].concat()).collect::<Vec<_>>(),
        )
    };
    let tags = tags.await.inspect_err(|_| {
        let written = written.borrow();
        if !written.is_empty() {
            session.log.warning(format!("written before the failure: {}", written.join(", ")));
        }
    })?;
    let images = pushes.iter().zip(tags).zip(transfers.into_iter().zip(judgments));
    let done = |((push, tags), (transfer, judgment)): ((&Push<'_>, _), _)| ImageOutcome {
        transfer,
        judgment,
        ..push.outcome(tags)
    };
    Ok(images.map(done).collect())
}

/// What the gate says of each image; nothing where there is none.
async fn judge(plan: &Plan, clients: &Clients, pushes: &[Push<'_>]) -> Result<Vec<Option<Judgment>>, Error> {
    let Some(gate) = &plan.gate else { return Ok(vec![None; pushes.len()]) };
    // One deadline for all, so all are waited for at once; each look waits for its turn.
    let start = tokio::time::Instant::now();
    let works = pushes.iter().map(async |push| gate::judge(plan, gate, push, clients, start).await);
    let judgments: Vec<Result<Judgment, Error>> = futures::future::join_all(works).await;
    judgments.into_iter().map(|judgment| judgment.map(Some)).collect()
}

/// What becomes of a tag where none is written.
fn withheld(planned: &PlannedTag) -> TagOutcome {
    let result = match &planned.action {
        TagAction::AlreadyDone => TagResult::AlreadyDone,
        TagAction::Leave { higher } => TagResult::Left { higher: higher.clone() },
        TagAction::Push | TagAction::Move { .. } => TagResult::Withheld,
    };
    TagOutcome { tag: planned.tag.clone(), result }
}

/// Does the same for every image, several at once, and lets what was begun come to its end before an error is told.
async fn together<T>(pushes: &[Push<'_>], work: impl AsyncFn(&Push<'_>) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    all(pushes.iter().map(async |push| work(push).await)).await
}

async fn all<T>(works: impl Iterator<Item = impl Future<Output = Result<T, Error>>>) -> Result<Vec<T>, Error> {
    let results: Vec<Result<T, Error>> = futures::stream::iter(works).buffered(PARALLEL_IMAGES).collect().await;
    results.into_iter().collect()
}

/// One image that is being pushed.
struct Push<'a> {
    image: &'a ImagePlan,
    repository: &'a Repository,
    registry: &'a Registry,
    bundle: &'a Bundle,
    /// What refers to the image and has to be written.
    referrers: Vec<&'a Document>,
    /// Manifests that may be looked for or written at once, of all images.
    turns: &'a Semaphore,
    session: &'a Session,
}

impl Push<'_> {
    fn name(&self) -> &RepositoryName {
        &self.repository.uri.repository
    }

    /// Waits until one more manifest may be looked for or written. Nobody closes the semaphore.
    async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }

    fn outcome(&self, tags: Vec<TagOutcome>) -> ImageOutcome {
        ImageOutcome {
            repository: self.image.repository.clone(),
            created_repository: self.image.existing.is_none(),
            tags,
            transfer: Transfer::default(),
            judgment: None,
        }
    }

    fn stop_if_cancelled(&self, written: &[String]) -> Result<(), Error> {
        if !self.session.cancel.is_cancelled() {
            return Ok(());
        }
        let at = match written {
            [] => "before any tag was written".to_owned(),
            written => format!("after the tags {}", written.join(", ")),
        };
        Err(Error::Cancelled { at })
    }

    fn error(&self, error: oci_registry::Error, operation: &str) -> Error {
        Error::registry(error, operation, &self.repository.arn)
    }
}
