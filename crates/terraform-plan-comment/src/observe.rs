//! Reading the plan, and with it what the pull request says now.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actions_core::{Failure, Session};
use aws_client::Aws;
use github_client::GitHub;
use tokio::sync::OnceCell;

use crate::args::Format;
use crate::change_set;
use crate::diagnostic::Log;
use crate::document::{Document, SealError};
use crate::error::{BinaryPlanError, CompanionError, Error, PlanError, VerdictError};
use crate::inputs::{Inputs, PlanSource};
use crate::log;
use crate::parallel::both;
use crate::provenance::{Provenance, sha256};
use crate::pull::{self, Run, Seen};
use crate::review::Review;
use crate::rules::{self, BadRules, Rules};
use crate::schema::{self, BadSchemas, SchemaFile};
use crate::source::{self, Content, PlanJson, Refusal, Strays};
use crate::stream::{NotAStream, SealedLog, Stream};
use crate::target::{Overrides, is_sha};
use crate::terraform;

/// The client, where something is to be written.
#[derive(Debug)]
pub struct Clients {
    pub(crate) github: Option<GitHub>,
    /// Standard input, which can be read once, though the run may look at the plan twice.
    stdin: OnceCell<Vec<u8>>,
    /// Where a change set is asked for.
    aws: Option<Aws>,
}

/// What was seen.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The plan, or why it cannot be shown. Like the review it is left to the system, which takes it when the program ends: to take a
    /// large one apart, piece by piece, would only take time.
    pub(crate) document: Result<ManuallyDrop<Document>, NotPlanned>,
    /// What is said of it, in the log and everywhere else.
    pub(crate) review: Arc<Review>,
    pub(crate) seen: Seen,
    pub(crate) run: Run,
}

impl Snapshot {
    /// Reviews what was seen.
    pub(crate) fn new(document: Result<Document, NotPlanned>, seen: Seen, run: Run, overrides: &Overrides) -> Self {
        Self::told(document, seen, run, overrides, |_| ())
    }

    /// The same. `tell` gets the review of a plan, without its digest, which is made in the meantime.
    fn told(
        document: Result<Document, NotPlanned>,
        seen: Seen,
        run: Run,
        overrides: &Overrides,
        tell: impl FnOnce(&Review),
    ) -> Self {
        let overridden_by = seen.pull.as_ref().and_then(|pull| pull.lets_pass(overrides));
        let (document, review) = match document {
            Ok(document) => {
                let review = || {
                    let review = Review { overridden_by, ..Review::of(&document) };
                    tell(&review);
                    review
                };
                let (digest, mut review) = both(|| document.digest(), review);
                review.provenance.digest.clone_from(&digest);
                (Ok(ManuallyDrop::new(document.with_digest(digest))), review)
            }
            Err(unplanned) => {
                let review = Review { overridden_by, ..Review::failed(&unplanned) };
                (Err(unplanned), review)
            }
        };
        let review = Arc::new(review);
        std::mem::forget(Arc::clone(&review));
        Self { document, review, seen, run }
    }
}

/// Why there is no plan to show, and what its log says.
#[derive(Debug, Clone)]
pub(crate) struct NotPlanned {
    pub(crate) failure: Failure,
    pub(crate) log: Log,
}

/// A plan that cannot be shown.
#[derive(Debug)]
pub(crate) struct Unread {
    pub(crate) error: Error,
    pub(crate) log: Log,
}

impl Unread {
    /// What is left to show.
    pub(crate) fn not_planned(self) -> NotPlanned {
        NotPlanned { failure: Failure::from_error(&self.error), log: self.log }
    }
}

impl<E: Into<Error>> From<E> for Unread {
    fn from(error: E) -> Self {
        Self { error: error.into(), log: Log::default() }
    }
}

/// Makes the clients; where nothing is to be asked, there is nobody to talk to.
pub(crate) async fn connect(inputs: &Inputs, session: &Session) -> Result<Clients, Error> {
    let github = pull::connect(&inputs.destinations, session)?;
    Ok(Clients { github, stdin: OnceCell::new(), aws: connect_to_aws(inputs, session).await? })
}

async fn connect_to_aws(inputs: &Inputs, session: &Session) -> Result<Option<Aws>, Error> {
    Ok(match &inputs.plan {
        PlanSource::ChangeSet(request) => Some(Aws::connect(&request.aws, session).await?),
        PlanSource::Stdin | PlanSource::File(_) => None,
    })
}

/// Reads everything that is needed to decide. A plan that cannot be read is an error, unless there is a place to say so: what an earlier
/// run wrote there must not stand for this one. The log has the whole plan then.
pub(crate) async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
    let is_said = clients.github.is_some() || inputs.part_file.is_some();
    let base = base(session)?;
    let mut read = read_plan(inputs, clients, session).await;
    if let Ok(document) = &read
        && let Err(error) = check_binary(document, inputs, session).await
    {
        read = Err(Unread { error, log: document.log.clone() });
    }
    let document = match read {
        Ok(mut document) => {
            document.provenance.base = base;
            Ok(document)
        }
        // Errors of the log are shown wherever the run shows anything.
        Err(unread) if is_said || unread.log.has_errors() => Err(unread.not_planned()),
        Err(unread) => return Err(unread.error),
    };
    let run = Run::of(&inputs.destinations, session)?;
    let seen = pull::look(&inputs.destinations, &run, clients.github.as_ref(), session).await?;
    let tell = |review: &Review| log::review(review, session);
    Ok(Snapshot::told(document, seen, run, &inputs.destinations.overrides, tell))
}

/// Reads the plan alone, for one who writes nothing: neither the pull request nor the run matters.
pub(crate) async fn plan_alone(inputs: &Inputs, session: &Session) -> Result<Document, Unread> {
    let clients = Clients { github: None, stdin: OnceCell::new(), aws: connect_to_aws(inputs, session).await? };
    read_plan(inputs, &clients, session).await
}

/// The commit at the tip of the branch that the pull request goes to.
fn base(session: &Session) -> Result<Option<String>, Error> {
    let event = session.context.event()?;
    let base = event.as_ref().and_then(|event| event.pointer("/pull_request/base/sha")?.as_str().map(str::to_owned));
    Ok(base.filter(|sha| is_sha(sha)))
}

/// The plan with what its log says. Where there is no plan, and the log says why, that is the error.
async fn read_plan(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Document, Unread> {
    let guard = inputs.guard.clone().obeying(read_rules(inputs).await?);
    if let (PlanSource::ChangeSet(request), Some(aws)) = (&inputs.plan, &clients.aws) {
        return Ok(change_set::read(request, aws, &guard, inputs, session).await?);
    }
    if !inputs.working_directory.is_dir() {
        let path = inputs.working_directory.display().to_string();
        return Err(PlanError::NoWorkingDirectory { path }.into());
    }
    let (read, stream) = (read_plans(inputs, clients, session).await, read_log(inputs).await);
    let Read { origin, plans, strays, plan_sha256 } = match (read, &stream) {
        (Ok(read), _) => read,
        (Err(error), Ok(Some(stream))) => return Err(unread(error, stream, inputs, session)),
        (Err(error), _) => return Err(error.into()),
    };
    // Left to the system as the document is.
    let plans = ManuallyDrop::new(plans);
    let schemas = read_schemas(inputs, session).await?;
    let sealed = match &plans[..] {
        [plan] => Document::with_schemas(plan, &guard, &schemas),
        plans => Document::of_several(plans, &guard, &schemas, &inputs.detector),
    };
    let unsealed = |error| match error {
        SealError::Missing(member) => PlanError::Incomplete { path: origin.shown.clone(), member: member.0 },
        SealError::Secrets(reason) => {
            PlanError::TooManySecrets { path: origin.shown.clone(), reason: reason.to_string() }
        }
    };
    let mut document = sealed.map_err(unsealed)?;
    if let Some(stream) = stream? {
        let sealed = stream.sealed(&plans, &inputs.detector).map_err(|error| unsealed(error.into()))?;
        let log = sealed.log.placed(&inputs.working_directory, session);
        document = document.with_log(SealedLog { log, ..sealed }, stream.is_of_opentofu);
    }
    let provenance = Provenance { plan_sha256, ..document.provenance };
    Ok(Document { strays, provenance, ..document })
}

/// The plan in `binary-plan`, where `plan` is another file.
pub(crate) async fn binary_alone(inputs: &Inputs, session: &Session) -> Option<Result<Document, Unread>> {
    let source = PlanSource::File(inputs.binary_plan.clone()?);
    if inputs.plan == source {
        return None;
    }
    let alone = Inputs { plan: source, binary_plan: None, plan_log: None, ..inputs.clone() };
    Some(plan_alone(&alone, session).await)
}

/// Whether the binary plan, which is applied, does what its JSON shows. Where terraform cannot tell, that is said.
pub(crate) async fn check_binary(document: &Document, inputs: &Inputs, session: &Session) -> Result<(), Error> {
    let Some(path) = inputs.binary_plan.as_ref().filter(|_| document.provenance.plan_sha256.is_some()) else {
        return Ok(());
    };
    let Some(read) = binary_alone(inputs, session).await else { return Ok(()) };
    let path = beside(path, &inputs.working_directory).display().to_string();
    match read {
        // Nor may it be another file by now than the one whose sum is shown.
        Ok(applied)
            if applied.digest() == document.digest()
                && applied.provenance.plan_sha256 == document.provenance.plan_sha256 =>
        {
            Ok(())
        }
        Ok(_) => Err(BinaryPlanError::AnotherPlan { path }.into()),
        Err(unread) => {
            session.log.warning(format!(
                "whether `{path}` does what `plan` shows was not compared: {}; give the binary plan as `plan`, and no JSON",
                unread.error
            ));
            Ok(())
        }
    }
}

/// What is said where there is a log and no plan: only the second line tells what is a secret then.
fn unread(error: Error, stream: &Stream, inputs: &Inputs, session: &Session) -> Unread {
    let Ok(SealedLog { log, .. }) = stream.sealed(&[], &inputs.detector) else { return error.into() };
    let log = log.placed(&inputs.working_directory, session);
    let shown = log.shown();
    let error = match shown.errors().next() {
        None => error,
        Some(first) => VerdictError::PlanningFailed {
            errors: shown.error_count(),
            first: first.summary.clone(),
            why: error.to_string(),
        }
        .into(),
    };
    Unread { error, log }
}

/// The plans of a file.
struct Read {
    origin: Origin,
    plans: Vec<PlanJson>,
    strays: Strays,
    plan_sha256: Option<String>,
}

async fn read_plans(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Read, Error> {
    let origin = Origin::of(&inputs.plan, &inputs.working_directory, session);
    let bytes = match &origin.path {
        None => clients.stdin.get_or_try_init(read_stdin).await.cloned(),
        Some(path) => read_file(path.clone()).await,
    };
    let bytes = bytes.map_err(|source| PlanError::Unreadable { path: origin.shown.clone(), source })?;
    let mut binary = None;
    let sum = source::is_binary(&bytes).then(|| sha256(&bytes));
    let (plans, strays) = match source::read(bytes, &inputs.detector).map_err(|refusal| origin.refuse(refusal))? {
        Content::Plans(plans, strays) if plans.len() == 1 || inputs.binary_plan.is_none() => (plans, strays),
        Content::Plans(..) => return Err(origin.refuse(Refusal::SeveralBesideOne).into()),
        Content::Binary => {
            let path = origin.path.as_ref().ok_or(BinaryPlanError::OnStdin)?;
            binary = sum;
            let json = terraform::show(path, inputs, session).await?;
            let still = read_file(path.clone()).await.ok().map(|bytes| sha256(&bytes));
            if still != binary {
                // The sum would be that of another file than the one that is shown.
                let source = std::io::Error::other("it changed while terraform read it");
                return Err(PlanError::Unreadable { path: origin.shown.clone(), source }.into());
            }
            // Positions in what terraform printed are of no use to anyone.
            let printed = Origin { file: None, shown: origin.shown.clone(), path: None };
            match source::read(json, &inputs.detector).map_err(|refusal| printed.refuse(refusal))? {
                Content::Plans(plans, _) if plans.len() == 1 => (plans, Strays::default()),
                Content::Plans(..) | Content::Binary => return Err(printed.refuse(Refusal::NotText).into()),
            }
        }
    };
    let plan_sha256 = read_binary_plan(inputs, binary).await?;
    Ok(Read { origin, plans, strays, plan_sha256 })
}

/// The plan's log, where it is given.
async fn read_log(inputs: &Inputs) -> Result<Option<Stream>, CompanionError> {
    let Some(given) = &inputs.plan_log else { return Ok(None) };
    let path = beside(given, &inputs.working_directory);
    let shown = path.display().to_string();
    let bytes =
        read_file(path).await.map_err(|source| CompanionError::PlanLogUnreadable { path: shown.clone(), source })?;
    let stream =
        Stream::parse(&bytes).map_err(|NotAStream(reason)| CompanionError::NotAPlanLog { path: shown, reason })?;
    Ok(Some(stream))
}

/// The rules, where they are given.
async fn read_rules(inputs: &Inputs) -> Result<Rules, CompanionError> {
    let Some(path) = inputs.rules.clone() else { return Ok(Rules::default()) };
    let shown = path.display().to_string();
    let read = tokio::task::spawn_blocking(move || actions_core::read_limited(&path, rules::LARGEST)).await;
    let bytes = read.map_err(std::io::Error::from).and_then(|bytes| bytes);
    let bytes = bytes.map_err(|source| CompanionError::RulesUnreadable { path: shown.clone(), source })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| CompanionError::NotRules { path: shown.clone(), reason: "it is no UTF-8".to_owned() })?;
    Rules::parse(&text).map_err(|BadRules(reason)| CompanionError::NotRules { path: shown, reason })
}

/// The sum of the binary plan: of the plan that was read, or of the file that is named beside its JSON.
async fn read_binary_plan(inputs: &Inputs, read: Option<String>) -> Result<Option<String>, BinaryPlanError> {
    let Some(given) = &inputs.binary_plan else { return Ok(read) };
    let path = beside(given, &inputs.working_directory);
    let shown = path.display().to_string();
    let bytes = read_file(path).await.map_err(|source| BinaryPlanError::Unreadable { path: shown.clone(), source })?;
    if !source::is_binary(&bytes) {
        return Err(BinaryPlanError::NotBinary { path: shown });
    }
    let sum = sha256(&bytes);
    if read.is_some_and(|read| read != sum) { Err(BinaryPlanError::TwoPlans { path: shown }) } else { Ok(Some(sum)) }
}

/// The providers' schemas, where they were given and matter: only `--format text` shows what they say.
async fn read_schemas(inputs: &Inputs, session: &Session) -> Result<SchemaFile, CompanionError> {
    let Some(given) = &inputs.provider_schemas else { return Ok(SchemaFile::default()) };
    if inputs.format != Some(Format::Text) {
        session.log.warning("`provider-schemas` is not read: it makes a difference to `--format text` alone");
        return Ok(SchemaFile::default());
    }
    let path = beside(given, &inputs.working_directory);
    let shown = path.display().to_string();
    let read = tokio::task::spawn_blocking(move || actions_core::read_limited(&path, schema::LARGEST)).await;
    let bytes = read.map_err(std::io::Error::from).and_then(|bytes| bytes);
    let bytes = bytes.map_err(|source| CompanionError::SchemasUnreadable { path: shown.clone(), source })?;
    SchemaFile::new(&bytes).map_err(|BadSchemas(reason)| CompanionError::NotSchemas { path: shown, reason })
}

async fn read_stdin() -> std::io::Result<Vec<u8>> {
    tokio::task::spawn_blocking(|| actions_core::limited(std::io::stdin(), source::LARGEST)).await?
}

async fn read_file(path: PathBuf) -> std::io::Result<Vec<u8>> {
    tokio::task::spawn_blocking(move || actions_core::read_limited(&path, source::LARGEST)).await?
}

/// A relative path is looked up in the working folder, then in the current one.
pub(crate) fn beside(path: &Path, folder: &Path) -> PathBuf {
    let below = if folder == Path::new(".") { path.to_owned() } else { folder.join(path) };
    if below.exists() || !path.exists() { below } else { path.to_owned() }
}

/// Where the plan comes from, and how it is named in errors.
struct Origin {
    path: Option<PathBuf>,
    shown: String,
    file: Option<String>,
}

impl Origin {
    fn of(plan: &PlanSource, folder: &Path, session: &Session) -> Self {
        match plan {
            PlanSource::Stdin | PlanSource::ChangeSet(_) => {
                Self { path: None, shown: "standard input".to_owned(), file: None }
            }
            PlanSource::File(path) => {
                let path = beside(path, folder);
                let file = session.annotation_path(&path);
                Self { shown: path.display().to_string(), path: Some(path), file: Some(file) }
            }
        }
    }

    fn refuse(&self, refusal: Refusal) -> PlanError {
        let path = self.shown.clone();
        match refusal {
            Refusal::Json(error) => PlanError::NotJson {
                path,
                reason: error.reason,
                line: error.place.line,
                column: error.place.column,
                file: self.file.clone(),
            },
            Refusal::NotText => PlanError::NotAPlan {
                path,
                what: "neither text nor a binary plan",
                help: "give the file that `terraform plan -out=tfplan` wrote, or the JSON of `terraform show -json tfplan`",
            },
            Refusal::SeveralBesideOne => PlanError::NotAPlan {
                path,
                what: "several plans in one file, of which `binary-plan` can be only one",
                help: "leave `binary-plan` out, or give each plan its own step and its own `name`",
            },
            Refusal::UnknownVersion(version) => PlanError::UnknownFormat { path, version },
            Refusal::NotAPlan(lookalike) => {
                let (what, help) = lookalike.words();
                PlanError::NotAPlan { path, what, help }
            }
        }
    }
}
