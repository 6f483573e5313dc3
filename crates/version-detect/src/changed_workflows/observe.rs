//! Looking at the workflow files and at what changed.

use std::path::Path;

use actions_core::Session;
use serde_json::Value;

use super::WorkflowsInputs;
use super::compared::compared;
use crate::comparison::{Changes, Commits};
use crate::error::Error;
use crate::files::{Tree, decode};
use crate::manifest::{Files as _, Flaw, FlawKind, Place};
use crate::observe::Clients;
use crate::workflow::{self, Occasion, Only, Target, Workflow};

/// Where workflows are.
pub(super) const FOLDER: &str = ".github/workflows";

/// The longest name of a file.
const LONGEST_NAME: usize = 255;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowsSnapshot {
    /// The workflows by their files' names; `None` for a file that is something else.
    pub(super) workflows: Vec<(String, Option<Workflow>)>,
    /// How many files have names that no line can hold.
    pub(super) unnameable: usize,
    pub(super) occasion: Occasion,
    pub(super) changes: Changes,
}

/// Looks at everything.
pub(super) async fn observe(
    inputs: &WorkflowsInputs,
    clients: &Clients,
    session: &Session,
) -> Result<WorkflowsSnapshot, Error> {
    let tree = Tree::around(Path::new("."), session)?;
    let folder = tree.folder().join(FOLDER);
    let (names, unnameable) = match &inputs.workflows {
        Some(names) => (names.clone(), 0),
        None => listed(tree.names(&folder)?),
    };
    let mut workflows = Vec::with_capacity(names.len());
    for name in names {
        let workflow = read(&tree, &folder.join(&name))?;
        if workflow.is_none() && inputs.workflows.is_some() {
            let (file, reason) = (tree.shown(&folder.join(&name)), "it has no `on`, so it is no workflow".to_owned());
            return Err(Error::Malformed { file, place: Place::START, reason });
        }
        workflows.push((name, workflow));
    }
    let event = session.context.event()?;
    let wanted = compared(&session.context, event.as_ref());
    let commits = Commits::new(tree.folder(), clients.github.as_ref());
    let changes = commits.changes(&wanted).await?;
    Ok(WorkflowsSnapshot { workflows, unnameable, occasion: occasion(session, event.as_ref()), changes })
}

/// The workflows among the files of a folder, and how many of them have a name that cannot be one line of an output.
fn listed(names: Vec<String>) -> (Vec<String>, usize) {
    let is_workflow = |name: &String| matches!(name.rsplit_once('.'), Some((_, "yml" | "yaml")));
    let (usable, unnameable): (Vec<_>, Vec<_>) = names.into_iter().filter(is_workflow).partition(|name| is_name(name));
    (usable, unnameable.len())
}

/// Whether a file's name can be a line of an output.
pub(super) fn is_name(name: &str) -> bool {
    let is_text = |c: char| !c.is_control() && !matches!(c, '/' | '\\' | '\u{2028}' | '\u{2029}');
    !name.is_empty() && name.len() <= LONGEST_NAME && name.trim() == name && name.chars().all(is_text)
}

fn read(tree: &Tree, path: &Path) -> Result<Option<Workflow>, Error> {
    let real = tree.locate(path)?.ok_or_else(|| Error::WorkflowMissing { file: tree.shown(path) })?;
    let malformed = |flaw: Flaw| match flaw.kind {
        FlawKind::Malformed(reason) => Error::Malformed { file: tree.shown(path), place: flaw.place, reason },
        FlawKind::NotText | FlawKind::Unresolved { .. } | FlawKind::NeedsGit { .. } => {
            Error::VersionNotText { file: tree.shown(path), place: flaw.place }
        }
    };
    let not_text = |line| Flaw::malformed("it is not UTF-8 text", Place { line, column: 1 });
    let text = decode(tree.bytes(&real)?).map_err(not_text).map_err(malformed)?;
    workflow::parse(&text).map_err(malformed)
}

fn occasion(session: &Session, event: Option<&Value>) -> Occasion {
    let context = &session.context;
    let text = |path: &str| event.and_then(|event| event.pointer(path)?.as_str());
    let name = context.event_name.clone().unwrap_or_default();
    let branch = match name.as_str() {
        "merge_group" => text("/merge_group/base_ref").and_then(|full| full.strip_prefix("refs/heads/")),
        // What is checked out is the default branch's; what the run was about is another.
        "workflow_run" => text("/workflow_run/head_branch"),
        _ => context.base_ref.as_deref(),
    };
    let target = match (branch, context.git_ref.as_deref().unwrap_or_default()) {
        (Some(branch), _) => Target::Branch(branch.to_owned()),
        (None, full) => match (full.strip_prefix("refs/heads/"), full.strip_prefix("refs/tags/")) {
            (Some(branch), _) => Target::Branch(branch.to_owned()),
            (None, Some(tag)) => Target::Tag(tag.to_owned()),
            (None, None) => Target::Other,
        },
    };
    // Where the payload lacks it, all are said to run that may.
    let only = match name.as_str() {
        "workflow_dispatch" => {
            text("/workflow").and_then(|path| path.rsplit('/').next()).map(|file| Only::File(file.to_owned()))
        }
        "schedule" => text("/schedule").map(|time| Only::Time(time.to_owned())),
        "workflow_run" => {
            text("/workflow/name").or(text("/workflow_run/name")).map(|name| Only::Behind(name.to_owned()))
        }
        _ => None,
    };
    Occasion { event: name, action: text("/action").map(str::to_owned), target, only }
}
