//! Looking at the workflow files and at what changed.

use std::path::Path;

use actions_core::Session;
use serde_json::Value;

use super::WorkflowsInputs;
use crate::base;
use crate::comparison::{Changes, Commits};
use crate::error::Error;
use crate::files::{Tree, decode};
use crate::manifest::{Files as _, Flaw, FlawKind, Place};
use crate::observe::Clients;
use crate::workflow::{self, Occasion, Target, Workflow};

/// Where workflows are.
pub(super) const FOLDER: &str = ".github/workflows";

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowsSnapshot {
    /// The workflows by their files' names.
    pub(super) workflows: Vec<(String, Workflow)>,
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
    let is_workflow = |name: &String| matches!(name.rsplit_once('.'), Some((_, "yml" | "yaml")));
    let names = if let Some(names) = &inputs.workflows {
        names.clone()
    } else {
        tree.names(&folder)?.into_iter().filter(is_workflow).collect()
    };
    let read = |name: String| Ok((read(&tree, &folder.join(&name))?, name));
    let workflows: Vec<(Workflow, String)> = names.into_iter().map(read).collect::<Result<_, Error>>()?;
    let event = session.context.event()?;
    let wanted = base::wanted(&session.context, event.as_ref());
    let commits = Commits::new(tree.folder(), clients.github.as_ref());
    let changes = commits.changes(&wanted).await?;
    let workflows = workflows.into_iter().map(|(workflow, name)| (name, workflow)).collect();
    Ok(WorkflowsSnapshot { workflows, occasion: occasion(session, event.as_ref()), changes })
}

fn read(tree: &Tree, path: &Path) -> Result<Workflow, Error> {
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
    Occasion { event: name, action: text("/action").map(str::to_owned), target }
}
