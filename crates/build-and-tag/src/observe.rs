//! Looking: the Dockerfile, the context, the commit, base images, which builders there are, what was built before.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use actions_core::Session;
use git_repository::{Commit, Head, released};
use image_ref::{Digest, LatestPolicy};
use oci_image::Layout;
use semver::Version;

use crate::args::BuilderChoice;
use crate::clients::Clients;
use crate::context::ContextTree;
use crate::context::ignore::IgnoreRules;
use crate::context::pattern::Steps;
use crate::dockerfile::{Dockerfile, SyntaxError};
use crate::embedded::base::{self, BaseImage};
use crate::embedded::stages::{self, Stages};
use crate::error::{Error, SourceError};
use crate::features::Builder;
use crate::inputs::{BuiltBranch, Inputs, Tagging};
use crate::logins::Reader;
use crate::plan;
use crate::process::Invocation;
use crate::published::{self, Published};
use crate::registries;

pub(crate) mod buildx;

pub(crate) use buildx::Buildx;

/// The largest Dockerfile and `.dockerignore`.
pub(crate) const LARGEST_FILE: u64 = 1024 * 1024;

/// What was seen.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) dockerfile: Result<Dockerfile, SyntaxError>,
    /// The context; empty when the embedded builder is out of the question.
    pub(crate) tree: ContextTree,
    /// For each platform the base images, by the names that the stages' origins have.
    pub(crate) images: Vec<BTreeMap<String, BaseImage>>,
    /// The commit that is checked out; `None` where git cannot tell.
    pub(crate) commit: Option<Commit>,
    /// The files that are in the context and not as in that commit, by their paths in the context.
    pub(crate) uncommitted: Vec<String>,
    /// What is checked out; `None` where it does not matter.
    pub(crate) head: Option<Head>,
    /// The highest stable version that was released, by Git tags and by the registry's; `None` where it is not known.
    pub(crate) highest_stable: Option<Version>,
    pub(crate) docker: Availability,
    pub(crate) buildx: Option<Result<Buildx, String>>,
    /// The images of `build-contexts`, for buildx.
    pub(crate) layouts: BTreeMap<String, Digest>,
    pub(crate) buildah: Availability,
    /// What the registry has.
    pub(crate) published: Published,
    /// The digest of the image in the output folder.
    pub(crate) previous: Option<Digest>,
}

/// Whether a builder can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Availability {
    /// It answered.
    Ready,
    /// It did not; the reason.
    Missing(String),
    /// It was not asked, because it is not needed.
    NotAsked,
}

/// What stands for a parser's message about a file that is none of ours.
const UNSHOWN: &str = "the line is not shown, because the file is outside of the context and the workspace";

/// So many files or folders are named in an error.
const MOST_NAMED: usize = 5;

/// The Dockerfile cannot be read; where there is none, the help names files that may be meant.
fn unreadable(inputs: &Inputs, source: std::io::Error, session: &Session) -> Error {
    let is_missing = source.kind() == std::io::ErrorKind::NotFound;
    let meant = if is_missing { meant(inputs, session) } else { None };
    let help = meant.unwrap_or_else(|| {
        "check the inputs `context` and `file`; both are paths from the working directory".to_owned()
    });
    Error::Source(SourceError::DockerfileUnreadable { path: inputs.file.clone(), help, source })
}

/// The advice that names files which are there.
fn meant(inputs: &Inputs, session: &Session) -> Option<String> {
    let below = inputs.context.join(&inputs.file);
    if inputs.file.is_relative() && below.is_file() {
        let shown = below.display();
        return Some(format!("set `file: {shown}`: it is a path from the working directory, not from `context`"));
    }
    let wanted = inputs.file.file_name()?.to_string_lossy();
    let parent = inputs.file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_alike = |name: &str, path: &Path| strsim::jaro_winkler(name, &wanted) > 0.85 && path.is_file();
    let alike = names(parent, is_alike);
    if !alike.is_empty() {
        let shown: Vec<String> =
            alike.iter().map(|name| inputs.file.with_file_name(name).display().to_string()).collect();
        return Some(format!("set `file` to the one that is meant: `{}`", shown.join("`, `")));
    }
    let workspace = session.context.workspace.clone()?;
    let folders = names(&workspace, |_, path| path.join("Dockerfile").is_file());
    let verb = if folders.len() == 1 { "has" } else { "have" };
    (!folders.is_empty()).then(|| {
        format!("set the input `context` to the folder of the one that is meant: `{}` {verb} one", folders.join("`, `"))
    })
}

/// The names of the first few entries of a folder that fit.
fn names(folder: &Path, fits: impl Fn(&str, &Path) -> bool) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let fitting = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        fits(&name, &entry.path()).then_some(name)
    });
    let mut names: Vec<String> = fitting.collect();
    names.sort();
    names.truncate(MOST_NAMED);
    names
}

/// The text of a file of at most `most` bytes. Opening a pipe would wait for a writer, and a device has no end.
pub(crate) fn plain_text(path: &Path, most: u64) -> std::io::Result<String> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is no plain file"));
    }
    actions_core::read_text_limited(path, most)
}

/// Looks at everything the plan depends on.
pub(crate) async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
    if let Some(builder) = Builder::chosen(inputs.builder) {
        builder.check(inputs)?;
    }
    let text = plain_text(&inputs.file, LARGEST_FILE).map_err(|source| unreadable(inputs, source, session))?;
    let mut dockerfile = Dockerfile::parse(&text);
    if let Err(error) = &mut dockerfile
        && !is_ours(&inputs.file, inputs, session)
    {
        // What was meant to be a secret file of the machine must not be read out line by line.
        UNSHOWN.clone_into(&mut error.message);
    }
    let mut snapshot = Snapshot {
        dockerfile,
        tree: ContextTree::default(),
        images: Vec::new(),
        commit: git_repository::commit(&inputs.context).await,
        uncommitted: uncommitted(inputs, session).await,
        head: head(inputs).await,
        highest_stable: highest_stable(inputs).await,
        docker: Availability::NotAsked,
        buildx: None,
        layouts: BTreeMap::new(),
        buildah: Availability::NotAsked,
        published: Published::default(),
        previous: previous(&inputs.output),
    };
    if inputs.destination.is_some() {
        if matches!(inputs.tagging, Tagging::Rules { latest: LatestPolicy::Stable, .. }) {
            let pushed = published::highest_stable(inputs, clients, session).await?;
            snapshot.highest_stable = snapshot.highest_stable.max(pushed);
        }
        let tags = plan::tags(inputs, &snapshot)?;
        snapshot.published = published::observe(inputs, &tags, clients, session).await?;
        if plan::existing(inputs, &snapshot)?.is_some() {
            return Ok(snapshot);
        }
    }
    let Some(stages) = embeddable(inputs, &snapshot)? else {
        ask_builders(inputs, &mut snapshot).await?;
        // It is asked where no other can be taken.
        let reader = if snapshot.buildah == Availability::Ready { Reader::Containers } else { Reader::Docker };
        let hosts = registries::named(&text, snapshot.dockerfile.as_ref().ok(), inputs).hosts;
        clients.log_builder_in(&hosts, reader, session).await?;
        return Ok(snapshot);
    };
    // Told before what it leaves out of the context: a folder of the build's own files would seem to be missing there.
    Layout::may_replace(&inputs.output)?;
    snapshot.tree = context(inputs, session)?;
    for stages in &stages {
        let mut images = BTreeMap::new();
        for (key, needed) in &stages.externals {
            images.insert(key.clone(), base::observe(needed, inputs, clients, session).await?);
        }
        snapshot.images.push(images);
    }
    Ok(snapshot)
}

/// Whether a file, links followed, lies in the context or in the workspace (in a plain shell: below where it was started).
fn is_ours(file: &Path, inputs: &Inputs, session: &Session) -> bool {
    let Ok(real) = file.canonicalize() else { return false };
    let workspace = session.context.workspace.clone().unwrap_or_else(|| PathBuf::from("."));
    [&inputs.context, &workspace].into_iter().any(|root| root.canonicalize().is_ok_and(|root| real.starts_with(root)))
}

/// The stages for each platform, where the embedded builder may and can build them all.
fn embeddable(inputs: &Inputs, snapshot: &Snapshot) -> Result<Option<Vec<Stages>>, Error> {
    let may = matches!(inputs.builder, BuilderChoice::Auto | BuilderChoice::Embedded);
    let Ok(dockerfile) = &snapshot.dockerfile else { return Ok(None) };
    if !may || Builder::Embedded.check(inputs).is_err() {
        return Ok(None);
    }
    let stages = inputs.platforms.iter().map(|platform| stages::resolve(dockerfile, inputs, platform));
    let stages: Vec<Stages> = stages.collect::<Result<_, _>>()?;
    Ok(stages.iter().all(|own| own.obstacle.is_none()).then_some(stages))
}

fn previous(output: &Path) -> Option<Digest> {
    let content = Layout::open(output).ok()?.content(None).ok()?;
    Some(content.descriptor().digest.clone())
}

async fn head(inputs: &Inputs) -> Option<Head> {
    match &inputs.tagging {
        Tagging::Rules { branch: BuiltBranch::CheckedOut, .. } => Some(git_repository::head(&inputs.context).await),
        Tagging::Rules { .. } | Tagging::Given(_) => None,
    }
}

async fn highest_stable(inputs: &Inputs) -> Option<Version> {
    match &inputs.tagging {
        Tagging::Rules { latest: LatestPolicy::Stable, tag_prefix, .. } => {
            released(&git_repository::tags(&inputs.context).await.ok()?, tag_prefix).pop()
        }
        Tagging::Rules { .. } | Tagging::Given(_) => None,
    }
}

/// The files of the context that are not as in the commit. What `.dockerignore` leaves out is in no image.
async fn uncommitted(inputs: &Inputs, session: &Session) -> Vec<String> {
    let mut changed = git_repository::uncommitted(&inputs.context).await.unwrap_or_default();
    if !changed.is_empty() {
        // A bad rule is told where the context is read.
        let (rules, mut work) = (rules(inputs, session).unwrap_or_default(), Steps::default());
        changed.retain(|path| !rules.ignores(path, &mut work).unwrap_or(false));
    }
    changed
}

fn context(inputs: &Inputs, session: &Session) -> Result<ContextTree, Error> {
    let hidden: Vec<PathBuf> = inputs.hidden.iter().filter_map(|path| std::path::absolute(path).ok()).collect();
    let root = std::path::absolute(&inputs.context)
        .map_err(|source| Error::Source(SourceError::Context { path: inputs.context.clone(), source }))?;
    ContextTree::read(&root, &rules(inputs, session)?, &hidden)
}

/// The rules of `<Dockerfile>.dockerignore`, else of the context's `.dockerignore`.
fn rules(inputs: &Inputs, session: &Session) -> Result<IgnoreRules, Error> {
    let mut own = inputs.file.clone().into_os_string();
    own.push(".dockerignore");
    for path in [PathBuf::from(own), inputs.context.join(".dockerignore")] {
        let text = match plain_text(&path, LARGEST_FILE) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(source) => return Err(Error::Source(SourceError::Context { path, source })),
        };
        return IgnoreRules::parse(&text).map_err(|bad| {
            Error::Source(SourceError::Dockerignore {
                file: session.annotation_path(&path),
                line: bad.line,
                reason: if is_ours(&path, inputs, session) { bad.reason } else { UNSHOWN.to_owned() },
            })
        });
    }
    Ok(IgnoreRules::default())
}

/// Asks those builders that may be taken, until there is one for everything that is asked for.
async fn ask_builders(inputs: &Inputs, snapshot: &mut Snapshot) -> Result<(), Error> {
    let may = |choice| inputs.builder == BuilderChoice::Auto || inputs.builder == choice;
    if may(BuilderChoice::Buildx) {
        let found = buildx::ask(inputs.options.buildx_builder.as_deref()).await;
        let is_enough = found.as_ref().is_ok_and(|buildx| buildx.refusal(inputs).is_none());
        snapshot.buildx = Some(found);
        if is_enough {
            snapshot.layouts = layouts(inputs)?;
            return Ok(());
        }
    }
    if may(BuilderChoice::Docker) {
        snapshot.docker = ask(&["docker", "version", "--format", "{{.Server.Version}}"]).await;
        if snapshot.docker == Availability::Ready && Builder::Docker.check(inputs).is_ok() {
            return Ok(());
        }
    }
    if may(BuilderChoice::Buildah) {
        snapshot.buildah = ask(&["buildah", "--version"]).await;
    }
    Ok(())
}

/// The digests of the layouts that `build-contexts` names: BuildKit takes no layout without one.
fn layouts(inputs: &Inputs) -> Result<BTreeMap<String, Digest>, Error> {
    let digest = |(name, folder): (&String, &PathBuf)| {
        let content = Layout::open(folder).and_then(|layout| layout.content(None)).map_err(|source| {
            Error::BaseImage { file: inputs.file_shown.clone(), line: 1, image: name.clone(), source }
        })?;
        Ok((name.clone(), content.descriptor().digest.clone()))
    };
    inputs.build_contexts.iter().map(digest).collect()
}

async fn ask(command: &[&str]) -> Availability {
    let [program, args @ ..] = command else { return Availability::NotAsked };
    match Invocation::new(program, args.iter().copied()).ask(None).await {
        Ok(_) => Availability::Ready,
        Err(reason) => Availability::Missing(reason),
    }
}
