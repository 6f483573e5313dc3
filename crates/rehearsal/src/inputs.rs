//! Inputs that a workflow gives to actions and reusable workflows which do not declare them.
//!
//! GitHub refuses a reusable workflow's, and says "Unexpected input(s)" of an action's in the middle of a run.

use yaml_serde::Value;

use crate::config::Config;
use crate::nearest::{listed, nearest};
use crate::problem::WorkflowProblem;
use crate::tree::Tree;
use crate::uses::{Document, Remote, Used, is_workflow};

/// The `author` of the actions whose unknown inputs are mistakes: Slipway's own.
const OURS: &str = "Slipway";

/// The inputs of `actions/checkout`, whose action.yml the runner does not need.
const OF_CHECKOUT: [&str; 20] = [
    "repository",
    "ref",
    "token",
    "ssh-key",
    "ssh-known-hosts",
    "ssh-strict",
    "ssh-user",
    "persist-credentials",
    "path",
    "clean",
    "filter",
    "sparse-checkout",
    "sparse-checkout-cone-mode",
    "fetch-depth",
    "fetch-tags",
    "show-progress",
    "lfs",
    "submodules",
    "set-safe-directory",
    "github-server-url",
];

/// What is used, as far as its inputs go.
#[derive(Debug)]
struct Declared {
    names: Vec<String>,
    /// Whether another input keeps the workflow from working as it is written.
    is_strict: bool,
}

/// The unknown inputs in a file of the repository.
pub(crate) fn problems(document: &Document, config: &Config, tree: &Tree) -> Vec<WorkflowProblem> {
    let text = tree.text(&document.file).unwrap_or_default();
    let of_use = |used: Used| {
        let declared = declared(&used.name, config, tree)?;
        let unknown =
            used.with.iter().filter(|name| !declared.names.iter().any(|known| known.eq_ignore_ascii_case(name)));
        Some(unknown.map(|name| problem(document, &text, &used, name, &declared)).collect::<Vec<_>>())
    };
    document.uses().into_iter().filter_map(of_use).flatten().collect()
}

fn problem(document: &Document, text: &str, used: &Used, input: &str, declared: &Declared) -> WorkflowProblem {
    let names = || declared.names.iter().map(String::as_str);
    let owner = used.name.split('@').next().unwrap_or_default().to_owned();
    let meant = nearest(input, names().filter(|name| !used.with.iter().any(|given| given == name))).map(str::to_owned);
    let (place, line) = placed(&document.file, text, input);
    let (input, known) = (input.to_owned(), listed(names()));
    if declared.is_strict {
        WorkflowProblem::UnknownInput { place, line, owner, input, meant, known }
    } else {
        WorkflowProblem::UnexpectedInput { place, line, owner, input, meant, known }
    }
}

/// Where the key `input` stands, with the line itself; only the file where it stands more than once.
fn placed(file: &str, text: &str, input: &str) -> (String, Option<String>) {
    let is_it =
        |line: &str| line.trim_start().strip_prefix(input).is_some_and(|rest| rest.trim_start().starts_with(':'));
    let mut lines = text.lines().enumerate().filter(|(_, line)| is_it(line));
    match (lines.next(), lines.next()) {
        (Some((index, line)), None) => {
            (format!("{file}:{}", index + 1), Some(format!("{} | {}", index + 1, line.trim_end())))
        }
        _ => (file.to_owned(), None),
    }
}

/// What is declared by that which `used` names; `None` where nobody here can know.
fn declared(used: &str, config: &Config, tree: &Tree) -> Option<Declared> {
    if let Some(own) = used.strip_prefix("./") {
        let own = own.trim_end_matches('/');
        if is_workflow(own) {
            return of_workflow(&tree.text(own).ok()?);
        }
        let text = ["action.yml", "action.yaml"].iter().find_map(|name| tree.text(&format!("{own}/{name}")).ok())?;
        return of_action(&text);
    }
    if used.starts_with("docker:") {
        return None;
    }
    let remote = Remote::parse(used)?;
    let Some(folder) = config.uses.get(&remote.action) else {
        let names = OF_CHECKOUT.map(str::to_owned).to_vec();
        return remote.is_built_in().then_some(Declared { names, is_strict: false });
    };
    let folder = tree.root().join(folder);
    let text = remote.files().iter().find_map(|file| std::fs::read_to_string(folder.join(file)).ok())?;
    if is_workflow(&remote.path) { of_workflow(&text) } else { of_action(&text) }
}

fn of_action(text: &str) -> Option<Declared> {
    let action: Value = yaml_serde::from_str(text).ok()?;
    let mut names = keys(action.get("inputs"));
    // The runner itself reads these for an action in a container.
    if action.get("runs").and_then(|runs| runs.get("using")).and_then(Value::as_str) == Some("docker") {
        names.extend(["args", "entrypoint"].map(str::to_owned));
    }
    Some(Declared { names, is_strict: action.get("author").and_then(Value::as_str) == Some(OURS) })
}

fn of_workflow(text: &str) -> Option<Declared> {
    let workflow: Value = yaml_serde::from_str(text).ok()?;
    let inputs = workflow.get("on")?.get("workflow_call").and_then(|call| call.get("inputs"));
    Some(Declared { names: keys(inputs), is_strict: true })
}

fn keys(table: Option<&Value>) -> Vec<String> {
    let table = table.and_then(Value::as_mapping);
    table.into_iter().flatten().filter_map(|(name, _)| Some(name.as_str()?.to_owned())).collect()
}
